/* Drives one node class directly, as the engine would, for the tests of physics and the contract.
 *
 *     struct rig rig = rig_new("filter", 48000, 1);           type, rate, channels (0: the default)
 *     rig_set(&rig, "cutoff", 1000);
 *     rig_start(&rig);                                         init, with the values set so far
 *     float *out = rig_run(&rig, in, n_frames);                one channel in, first channel out; free()
 *     rig_free(&rig);
 *
 * Failures end the program with a sentence: a rig is for tests only.
 */
#pragma once

#include "graph/node.h"

#define RIG_CHANNELS_MAX 64
#define RIG_PARAMS_MAX   256

struct rig {
    const struct node_class *class;
    struct arena arena;
    void *state;
    double rate_hz;
    unsigned channels;                  /* as for struct node_init */
    unsigned n_in, n_out;               /* channels over all ports; of numbered ones final with rig_start */
    unsigned block;                     /* frames per call of process; 0: random lengths 1..BLOCK_MAX */
    uint64_t frame;                     /* engine time */
    uint32_t seed;                      /* of the random block lengths */
    float value[RIG_PARAMS_MAX];        /* base values by row */
    uint32_t ticks[RIG_PARAMS_MAX];     /* of the note values that they are, by row; 0: they are none */
    const float *curve[RIG_PARAMS_MAX]; /* per row: one value per frame from the start of the next rig_process, or null */
    const struct media *media[RIG_PARAMS_MAX];
    char *texts[RIG_PARAMS_MAX];             /* paths, borrowed */
    const struct disk_service *disk;         /* null: none */
    const struct loudness_service *loudness; /* null: none */
    const struct stream_service *streams;    /* null: none */
    _Atomic float readings[RIG_PARAMS_MAX];
    const struct tempo_map *map; /* null: 120 bpm in 4/4; borrowed */
    bool is_rolling;             /* the piece; it moves on with the frames then */
    int64_t position;            /* in it */
    bool in_place;               /* out[c] = in[c] wherever both exist */
    uint32_t unwired;            /* bit p: nobody is connected to input port p */
    unsigned voice;              /* of a container, in which it is said to be */
    uint32_t latency_frames;     /* as the class told it */
    const struct event *events;  /* that come in, with offsets from the start of the next rig_process; borrowed */
    size_t n_events;
    bool storms; /* where no events are given, a class that takes them gets those of tests/note_storm.h */
    struct event *
        played; /* what has gone out, with offsets from the first frame of all, block by block and in each list by list; the rig's
                             own */
    size_t n_played;
    size_t n_told; /* what control has been told of; the last of it */
    struct event told;
    struct midi_port *midi; /* for MIDI device nodes, with frames from the start of the next rig_process; null: no port */
    float **device;         /* per channel, for device nodes: n_frames of rig_process each; entries may be null */
};

struct rig rig_new(const char *type, double rate_hz, unsigned channels);
/* The same for a class that need not be in the registry. */
struct rig rig_new_class(const struct node_class *class, double rate_hz, unsigned channels);
void rig_free(struct rig *rig);

/* Row of a parameter; ends the program when there is none. */
unsigned rig_row(const struct rig *rig, const char *param);
/* Sets a base value in the parameter's unit: before rig_start the initial one, later a jump at the next block. */
void rig_set(struct rig *rig, const char *param, float value);
/* Drives a parameter with one value per frame of the next rig_process (borrowed until then; null: back to the base value). */
void rig_curve(struct rig *rig, const char *param, const float *values);
void rig_media(struct rig *rig, const char *param, const struct media *media);
void rig_start(struct rig *rig);
/* The same where init may refuse: its code, and why. Other values may be tried after that. */
int rig_try(struct rig *rig, struct error *error);

/* n_frames of sound: in[c] and out[c] for all channels; in may be null (silence). */
void rig_process(struct rig *rig, const float *const *in, float *const *out, size_t n_frames);
/* The same for one channel: feeds every input channel with `in` (null: silence) and returns the first output, malloc'd. */
float *rig_run(struct rig *rig, const float *in, size_t n_frames);
/* Starts it and returns n frames of what it answers to a unit at frame 0 of every input channel; free(). */
float *rig_impulse_response(struct rig *rig, size_t n);
float rig_reading(struct rig *rig, const char *name);
