/* The graph as JSON, for programs that draw or store it:
 *
 *     {"nodes": [{"name": "lp", "type": "filter", "channels": 2, "fixture": false,
 *                 "values": {"mode": "lowpass", "cutoff": 800.0, …}}, …],
 *      "edges": [{"from": {"node": "lp", "port": "out", "channels": [1, 2]},
 *                 "to": {"node": "out", "port": "in", "channels": [1, 2]}, "gain": -6.0, "depth": null,
 *                 "feedback": false}, …],
 *      "tempo": [{"at": "17:1:0", "bpm": 90.000000, "signature": null}, …]}
 *
 * All values are there, also those that were never moved: a choice by its name, a switch as true or false, a path as a string
 * or null. `depth` is a number where the edge leads to a parameter. Nodes and edges are in the order of creation.
 */
#pragma once

#include "graph/model.h"
#include "osc/bytes.h"

DAWD_CTL void graph_json(const struct model *model, struct bytes *text);
