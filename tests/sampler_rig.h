/* The sampler in the rig of nodes, with instruments that need no file. */
#pragma once

#include "graph/instrument.h"
#include "tests/node_rig.h"

#define SAMPLER_RIG_RATE 48000
#define SAMPLER_RIG_MOST 16

/* An instrument of at most SAMPLER_RIG_MOST zones, each with a sound of its own. */
struct sampler_rig {
    struct instrument instrument;
    struct instrument_zone zone[SAMPLER_RIG_MOST];
    struct instrument_sound sound[SAMPLER_RIG_MOST];
    struct media media[SAMPLER_RIG_MOST], file;
};

/* Adds a zone over all keys and velocities, root 60, played once with a release of 10 ms; the frames are borrowed. To be
 * changed before sampler_rig_start. */
struct instrument_zone *sampler_rig_add(struct sampler_rig *made, float *samples, uint64_t n, unsigned channels,
                                        double rate_hz);
/* What a sampler reads it as; borrowed, and it must not move. */
struct media *sampler_rig_file(struct sampler_rig *made);
/* A sampler with it, ready for rig_set and rig_start; the instrument is borrowed and must not move. */
struct rig sampler_rig_node(struct sampler_rig *made);
/* The same with another build of the class. */
struct rig sampler_rig_node_of(struct sampler_rig *made, const struct node_class *class);

/* A note on or off. */
struct event sampler_rig_on(uint32_t at, float note, float velocity);
struct event sampler_rig_off(uint32_t at, float note);
/* What is played of an instrument is the same to the bit in blocks of any length. `moves`: a parameter, and its values at
 * each of n frames; null: none moves. */
struct sampler_cuts {
    const char *moves;
    const float *values;
    const struct event *events;
    size_t n_events, n;
    unsigned n_voices; /* 0: as many as there are unless one says so */
};
void sampler_rig_cut(struct sampler_rig *made, const struct sampler_cuts *cuts);

/* Plays the events and n frames more; the left channel, to be freed. `right` may be null, or takes n frames. */
float *sampler_rig_play(struct rig *rig, const struct event *events, size_t n_events, size_t n, float *right);
