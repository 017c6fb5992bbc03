/* An engine without a sound card on which a node of any class of the registry can be put, with what its class needs: a file
 * of noise wherever one is read, a disk that forgets wherever one is written, a storm of notes wherever they are taken. Of what
 * only gives notes, one hears how many are on.
 *
 *     struct stage *stage = stage_new(48000);            the nodes "in" and "out", two channels each
 *     stage_add(stage, class, "x", NULL);                 initial values
 *     stage_wire(stage, "in", "x");                       every input of x
 *     stage_wire(stage, "x", "out");                      every output
 *     stage_run(stage, 4800, 256);                        stage->in and stage->out: what was played in, what came out
 *     stage_free(stage);
 *
 * Failures end the program with a sentence.
 */
#pragma once

#include "graph/offline.h"
#include "graph/tx.h"

#define STAGE_CHANNELS 2
#define STAGE_PERIOD   8192 /* frames of one run's cycles at most */

struct stage {
    struct ctl *ctl;
    struct offline offline;
    struct media media;
    /* What `in` plays: by channel and engine frame; null: silence. */
    float (*sound)(void *user, unsigned channel, uint64_t frame);
    void *user;
    /* A class that takes notes gets those of tests/note_storm.h: so many frames of each period; all the time while both are 0. */
    unsigned storm_on, storm_period;
    bool is_calm; /* it gets none */
    /* Where what leaves `out` is written, or null: n_frames of the run per channel. */
    float *heard[STAGE_CHANNELS];
};

struct stage *stage_new(double rate_hz);
void stage_free(struct stage *stage);

/* Adds a node in a transaction of its own; `values` per parameter row, null for initial ones. */
void stage_add(struct stage *stage, const struct node_class *class, const char *name, const float *values);
/* Connects all outputs of the one to all inputs of the other (where both have several: in order, those left over to the
 * last); does nothing where either has none. */
void stage_wire(struct stage *stage, const char *from, const char *to);
/* Adds `depth` times the node's output to a parameter; in the unit, or in octaves. */
void stage_modulate(struct stage *stage, const char *from, const char *to, unsigned row, double depth);

/* The ceiling of `out`, in dB. */
void stage_ceiling(struct stage *stage, double db);

/* Runs n frames in cycles of `period`, control being polled before each. */
void stage_run(struct stage *stage, size_t n_frames, unsigned period);
