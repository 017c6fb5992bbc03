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

#define VOICE_CELL_FRAMES 256 /* voices end at multiples of these, so that who plays what does not depend on the period */

/* One of the voices of a container, in its arena. The container writes it before its nodes run in a block. */
struct voice_slot {
    bool runs;          /* it has a note, or what is left of one */
    bool starts;        /* its nodes begin with this block, without anything of a note before */
    bool is_let_go;     /* nobody holds its note any more: once it is silent, it is over */
    bool fades;         /* what it was taken for begins elsewhere: it is faded out from a frame on */
    uint64_t fade_from; /* engine time */
    uint32_t fade_frames;
    /* Written by the nodes of the voice. */
    uint64_t
        over_at; /* engine time from which on nothing is to be heard of it any more: a multiple of VOICE_CELL_FRAMES, at
                         least one block ahead of when it was found out; 0: it is not over */
    float level; /* the most of it in the last block */
};
