/* Changes that have a time, on a graph_rig: when they are heard, and what is answered. */
#pragma once

#include "tests/graph_rig.h"

#define TIMED_RIG_RATE_HZ 48000

/* A rig at rest with this script in it; period as in struct graph_rig. */
struct graph_rig *timed_rig_new(unsigned period, const char *script);

/* Engine time, for scripts. */
unsigned long timed_rig_now(const struct graph_rig *rig);
/* Changes that took effect too late. */
uint64_t timed_rig_late(const struct graph_rig *rig);

/* Runs n frames, which are the first in the take of the probe `p`. */
const struct probe *timed_rig_hear(struct graph_rig *rig, size_t n);
/* From frame `from` to `to` it must be this. */
void timed_rig_check(const struct probe *probe, unsigned row, size_t from, size_t to, double theory);
/* It was answered, once, at this frame. */
void timed_rig_check_answer(const struct answer *answer, uint64_t frame);
