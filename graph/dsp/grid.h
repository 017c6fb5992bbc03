/* When steps begin: of a sequencer, of an arpeggiator.
 *
 *     rate: a note value, the piece rolls ──▶ locked: step k begins k note values behind where the signature begins
 *     any other                           ──▶ free: a clock of its own, in 2^-64 steps
 *
 * A step begins at the frame nearest to its place, as a beat does; a tempo that changes meanwhile moves what is to come. Where the
 * signature changes, and every so many bars if that is wanted, steps count from 0 again.
 *
 *     for (unsigned i = 0; i < io->n;) {
 *         if (grid_turn_rt(&grid, io, io->param[RATE].ticks, bars, i))
 *             ... another grid from this frame on: what sounds ends, grid_next_rt tells the step to go on with
 *         while (grid_is_due_rt(&grid, io, RATE, &place, i))
 *             ... it begins here: what comes next?
 *         i += grid_run_rt(&grid, io, RATE, &place, i, n - i);
 *     }
 */
#pragma once

#include "graph/node.h"

/* So many steps, and part of one in 2^-64. Locked, the first step of a grid is 0; a clock that was locked before goes on counting. */
struct grid_place {
    int64_t step;
    uint64_t part;
};

/* All-zero but for frame_s at first: a free clock at step 0. Steps do not follow each other faster than frames do, or some come in
 * the same frame: whoever plays them takes one after the other. */
struct grid {
    double frame_s;
    bool is_locked;
    /* Locked: */
    uint32_t ticks;       /* of a step */
    int64_t base, end;    /* ticks: step 0, and where another begins; INT64_MAX: nowhere */
    int64_t expected_q20; /* where the piece will be if nothing happens, in 2^-20 ticks */
    uint64_t seen;        /* the first frame of engine time that it has not been looked at in */
    /* Free: */
    struct grid_place now;
};

DAWD_ANY static inline struct grid grid_at(double rate_hz)
{
    return (struct grid){.frame_s = 1 / rate_hz};
}

/* What comes so many steps later, 0 to 2^31 of them. */
DAWD_RT static inline struct grid_place grid_later(struct grid_place place, double steps)
{
    double whole = floor(steps);
    uint64_t part = (uint64_t)((steps - whole) * 0x1p64);
    bool carry = place.part + part < part;
    return (struct grid_place){place.step + (int64_t)whole + carry, place.part + part};
}

DAWD_RT static inline bool grid_is_before(const struct grid_place *a, const struct grid_place *b)
{
    return a->step < b->step || (a->step == b->step && a->part < b->part);
}

/* Where a step begins: every second one is late by so much of a step, 0 to below 1. */
DAWD_RT static inline struct grid_place grid_place_of(int64_t step, double swing)
{
    struct grid_place place = {step, 0};
    return step & 1 ? grid_later(place, swing) : place;
}

/* Where it is and whether it is locked, at frame i; for every frame at which grid_run_rt has stopped. True: it is not what it
 * was, nor goes on from there (the piece starts, stops or is put elsewhere, the note value is another, the signature's beginning).
 * `ticks`: of a step, as far as it goes by the piece; 0: it does not. `bars`: it begins anew after so many; 0: never. A clock that becomes free goes on from where the piece has stopped. */
DAWD_RT bool grid_turn_rt(struct grid *grid, const struct node_io *io, uint32_t ticks, unsigned bars, unsigned i);
/* The first step that does not begin before frame i. */
DAWD_RT int64_t grid_next_rt(const struct grid *grid, const struct node_io *io, double swing, unsigned i);
/* Whether a place is at frame i, or has been before. */
DAWD_RT bool grid_is_due_rt(const struct grid *grid, const struct node_io *io, unsigned rate_row,
                            const struct grid_place *place, unsigned i);
/* Goes on from frame i to the one that a place is at, or to where grid_turn_rt has to be asked, n frames at most; how many. */
DAWD_RT unsigned grid_run_rt(struct grid *grid, const struct node_io *io, unsigned rate_row, const struct grid_place *place,
                             unsigned i, unsigned n);
/* A free clock is at the beginning of step 0. */
DAWD_RT static inline void grid_restart(struct grid *grid)
{
    grid->now = (struct grid_place){0, 0};
}
