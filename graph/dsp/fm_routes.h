/* The 32 ways in which six operators are wired: those of the Yamaha DX7 (1983), with its numbers. They are drawn in
 * docs/sound/fm.md.
 *
 *     6 > 5 > 4 > 3 > out        algorithm 1: who hears whom is a mask per operator,
 *     ^___|   2 > 1 > out        and what nobody hears goes out
 */
#pragma once

#include <stdint.h>

#include "graph/thread.h"

#define FM_OPERATORS  6
#define FM_ALGORITHMS 32

/* Operators count from 0 here, from 1 for musicians. Who modulates has the higher number: from the last to the first, each
 * finds what it hears ready. */
struct fm_route {
    uint8_t heard[FM_OPERATORS]; /* bit m: operator m modulates this one */
    uint8_t out;                 /* bit m: operator m is heard */
    uint8_t loop_from, loop_to;  /* the operator that feeds back, and the one that hears it: mostly the same */
};

extern const struct fm_route fm_routes_rt[FM_ALGORITHMS];
