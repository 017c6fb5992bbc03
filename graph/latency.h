/* How late the sound is at each node: what compensation (graph/compensation.h) and the sound card are told by. */
#pragma once

#include "graph/model.h"

/* Works out, over all planned edges but feedback: node.arrival_frames, then node.behind and node.ahead as they are with the
 * delays that follow from the arrivals. True when a device port has another latency than before. Takes two passes over nodes
 * and edges. */
DAWD_CTL bool latency_find(struct model *model);

/* By how much a planned edge is to be delayed; valid after latency_find. */
DAWD_CTL uint32_t latency_delay(const struct edge *edge);

/* Of the ports of a device node: to be told to the sound card. */
DAWD_CTL struct latency latency_of_ports(const struct node *node);
