/* What the notes of a sampler are made of: each plays some zones of its instrument at once, as layers.
 *
 *     note ──▶ zones of its key, velocity, turn and draw ──▶ layers: reader ──▶ envelope ──▶ gains ──▶ out
 *                    └── group: ends layers of other notes       └── starved: a short fade, and it is counted
 */
#pragma once

#include "graph/dsp/amp_envelope.h"
#include "graph/dsp/sample_reader.h"
#include "graph/dsp/voicing.h"
#include "graph/dsp/white.h"
#include "graph/node.h"
#include "graph/stream.h"
#include "synth/sampler_filter.h"

#define SAMPLER_LAYERS 8     /* of one note; what would be more is not heard */
#define SAMPLER_CUT_S  0.004 /* fade of what is ended at once: heard as sudden, without a click */

/* How zones are played, whatever they say. */
enum sampler_mode { SAMPLER_AS_MADE, SAMPLER_ONE_SHOT, SAMPLER_ONCE };

/* The node's values at the frame where a note begins or ends; they add to what the zones say. */
struct sampler_values {
    enum sampler_mode mode;
    float velocity; /* 0..1: how much of it counts */
    float attack_s, decay_s, sustain, release_s;
    float bright; /* octaves */
};

/* One zone that a note plays. All zeros: none. */
struct sampler_layer {
    bool sounds;
    const struct instrument_zone *zone;
    struct sample_reader reader;
    struct sampler_filters filters;
    struct amp_envelope envelope;
    double unit;       /* frames of the file for one of the engine, at the pitch of the recording */
    float left, right; /* gains */
    uint32_t cut;      /* frames of a fade that ends it are left; 0: none runs */
    bool is_one_shot;
};

/* One per slot: layers stay where they are while others come and go. */
struct sampler_note {
    struct sampler_layer layer[SAMPLER_LAYERS];
    bool waits; /* for its release, at which other zones begin */
};

/* All that sounds of one node. */
struct sampler_layers {
    const struct instrument *instrument;
    struct stream_set *streams;            /* null: none */
    struct sampler_note *note;             /* in the order of the slots */
    struct transpose transpose;            /* for all that sounds, one after the other */
    unsigned n_notes, n_streams, n_layers; /* n_streams, n_layers: in use */
    uint8_t *turns;                        /* per zone: notes that it has met, modulo its turns */
    struct white draws;                    /* one per note */
    uint8_t switched[INSTRUMENT_SWITCHES]; /* per range of key switches: the key that was pressed last */
    uint32_t n_begun, n_starved;
    double rate_hz;
    uint32_t cut_frames;
};

/* 0, or ERROR_INTERNAL: no memory, and nothing is to be undone. */
DAWD_CTL int sampler_layers_init(struct sampler_layers *layers, const struct node_init *init,
                                 const struct instrument *instrument, unsigned n_notes);
DAWD_CTL void sampler_layers_deinit(struct sampler_layers *layers);

/* A key is pressed, before the notes of its frame begin: it may be a key switch. */
DAWD_RT void sampler_key_press(struct sampler_layers *layers, float note);

/* The note of slot `index` begins, or is let go. At most SAMPLER_LAYERS of the zones that it meets get a layer; where a sound
 * needs a stream and none is free, its head is heard and then counts as starved. At its release, sounds that are no one-shots
 * fade, loops that sustain are left, and zones of the release begin. */
DAWD_RT void sampler_note_begin(struct sampler_layers *layers, unsigned index, const struct slot *slot,
                                const struct sampler_values *values);
DAWD_RT void sampler_note_release(struct sampler_layers *layers, unsigned index, const struct slot *slot,
                                  const struct sampler_values *values);
/* At once, and without a fade: nobody hears it any more. */
DAWD_RT void sampler_note_stop(struct sampler_layers *layers, unsigned index);
/* Whether anything of it is to be heard, now or at its release. */
DAWD_RT bool sampler_note_sounds(const struct sampler_layers *layers, unsigned index);

/* What a layer goes by, per frame of a run. */
struct sampler_frames {
    const double *speed; /* frames of the file */
    const float *level;  /* gain of the note */
    struct sampler_tone tone;
};

/* Adds n frames of one layer, 1..BLOCK_MAX, and stops it where it ends: its envelope, its sound, a fade. */
DAWD_RT void sampler_layer_run(struct sampler_layers *layers, struct sampler_layer *layer,
                               const struct sampler_frames *frames, float *left, float *right, unsigned n);
