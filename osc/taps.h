/* A tempo that is tapped: from the times of the last taps, whoever sends them.
 *
 *     times of taps ──▶ slope between every two of them ──▶ the median (Theil-Sen): one tap that is early or late by much does
 *                                                           not count, all that is even among the others does
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "graph/thread.h"

#define TAPS_MOST 8

/* Of all clients together: a pedal that calls oscsend is another client at every tap. */
struct taps {
    uint64_t at_ns[TAPS_MOST]; /* oldest first */
    unsigned n;
};

/* One more; *bpm is what they come to, from the second on: false for the first. A tap that comes after a pause (more than two and
 * a half beats, and anything over six seconds, the slowest tempo there is) begins anew, and so do two that are alike and far off
 * from those before: another tempo. One that comes within 1/999 of a minute is a bounce of a button, and is left out. */
DAWD_CTL bool taps_add(struct taps *taps, uint64_t now_ns, double *bpm);
