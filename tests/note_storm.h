/* Notes and controllers as no musician plays them, the same on every run and however time is divided: a function of the frame
 * alone. Some 170 notes a second at 48 kHz on two channels, five of them on at once, with bends, pressure, pedal and timbre
 * between them; what it puts on it puts off again, as the engine promises (graph/event.h).
 */
#pragma once

#include "graph/node.h"

#define STORM_SLOT  96 /* frames; the longest note has STORM_SLOTS of them */
#define STORM_SLOTS 32
#define STORM_GRID  8 /* frames, of the node: filters take so many at once, and what an event parts has other bits */

/* Of n frames from `from` on, with offsets from there; returns how many, `most` at most. */
unsigned storm_fill(uint64_t from, size_t n, struct event *events, unsigned most);

/* The same as a node, "storm", with an output of events, "notes". Where `period` is not 0, notes begin in the first `on` frames of
 * each period only, and the last thing to come of it is the end of the pedal. */
extern const struct node_class rig_storm;
