/* Random transactions on a graph that plays, against a slow and obvious account of what they mean (graph_copy.h): after each
 * of them the model is compared with the copy, and every frame of sound with what the copy computes for it. */
#pragma once

#include <stdint.h>

struct random_edits {
    unsigned n_committed, n_back; /* transactions: n_back rolled back, for a mistake in them or for none */
    unsigned n_refused;           /* statements */
    unsigned n_scheduled;         /* committed for a frame ahead */
    unsigned n_in_fades;          /* transactions that met something fading, or set it going */
    uint64_t n_frames;
    double power; /* of the sound, mean square per channel */
};

/* Ends the test at the first difference. */
struct random_edits random_edits_run(unsigned rounds, uint32_t seed);
