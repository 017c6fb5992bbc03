/* Voices: nodes inside of a container are there several times, once for each note that sounds.
 *
 *     /graph/add voices pad voices 8                  clients see one node pad/o1, and the engine runs as many as notes sound
 *     /graph/add osc pad/o1
 *
 *     notes ──▶ pad ──▶ voice 1: pad/in ──▶ pad/o1 ──▶ … ──▶ pad/out ──┐
 *                 ├───▶ voice 2: pad/in ──▶ pad/o1 ──▶ … ──▶ pad/out ──┴──▶ whatever pad/out is connected to: their sum
 *                 └───▶ …          (does not run while it has no note)
 *
 * An edge within the container is there once per voice; one that comes in feeds all of them; one that goes out adds them up. A
 * value that is set is set for all. A voice that has let go of its note goes on until nothing of it is heard any more.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "graph/thread.h"

#define POLYPHONY_MOST  256 /* that are heard */
#define POLYPHONY_SPARE 2   /* more than that, in which what was taken from a note fades out */

#define VOICE_PLAYS UINT64_MAX /* stops_at of a voice whose end is not known yet */

#define VOICE_CELL_FRAMES 256 /* voices end at multiples of these, so that who plays what does not depend on the period */

/* One of the voices of a container, in its arena. The container writes it before its nodes run in a block. They run at all frames from
 * where a note begins to where it stops, and at no others, whatever the blocks are:
 *
 *     blocks       |           |           |     …     |           |
 *     nodes run    ·····=====================··············=========    what they give elsewhere is silence
 *                       starts_at            stopped_at    starts_at … stops_at
 */
struct voice_slot {
    bool is_plain;      /* it runs during all of the block, and its note is held */
    bool turns;         /* what rests in it has to run: it is not plain any more, or its level is asked for */
    bool is_measured;   /* its level is asked for */
    bool starts;        /* a note begins in this block */
    bool is_let_go;     /* nobody has held its note since this cell began: once it is silent, it is over */
    bool fades;         /* what it was taken for begins elsewhere: it is faded out from a frame on */
    uint64_t fade_from; /* engine time */
    uint32_t fade_frames;
    uint64_t starts_at;  /* engine time at which its last note began, not before stopped_at */
    uint64_t stops_at;   /* at which its nodes stop: VOICE_PLAYS until it is known; at first 0 */
    uint64_t stopped_at; /* stops_at of the note before */
    /* Written by the nodes of the voice. */
    bool is_over;              /* nothing has been heard of it for a cell */
    float level, level_before; /* the most of it in the cell of number level_cell, and in the one before */
    uint64_t level_cell;
};
