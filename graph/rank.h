/* A list whose members know which of two comes first: each has a number, and numbers grow along the list.
 *
 *     end <-> a:100 <-> b:200 <-> c:300 <-> end          x before c: 250, nobody else is touched
 *
 * Where two neighbours leave no number between them, those around are numbered anew: the smallest stretch of numbers that
 * is thinly enough settled (M. Bender, R. Cole, E. Demaine, M. Farach-Colton, J. Zito, "Two simplified algorithms for
 * maintaining order in a list", ESA 2002): O(log n) per insertion on average, wherever they go.
 */
#pragma once

#include <stdint.h>

#include "graph/thread.h"

/* A member, or the end of a list, which is a ring through it. An all-zero struct is the end of an empty list. */
struct rank {
    uint64_t number; /* 0: the end */
    struct rank *next, *prev;
};

DAWD_CTL void rank_append(struct rank *end, struct rank *rank);
/* Takes it out; the others keep their numbers. */
DAWD_CTL void rank_remove(struct rank *rank);
/* Moves a member to right before another one, or before the end. */
DAWD_CTL void rank_move(struct rank *rank, struct rank *before);
