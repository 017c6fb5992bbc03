/* One node class put to the test on all its channels, for tests that ask the same of every class. One that takes notes is given
 * those of tests/note_storm.h, unless rig.storms is set to false.
 *
 *     struct trial trial = trial_new(class, 0, 48000);       default channels
 *     trial.rig.value[row] = ...;
 *     trial_start(&trial);                                   with a small file of noise wherever a file is wanted
 *     struct take out = trial_run(&trial, &in);
 *     take_free(&out);
 *     trial_free(&trial);
 */
#pragma once

#include "tests/node_rig.h"

/* ---- sound on many channels ---------------------------------------------------------------------------------------- */

struct take {
    unsigned channels;
    size_t n_frames;
    float *channel[RIG_CHANNELS_MAX]; /* owned */
};

/* White noise, different in every channel; silence for amplitude 0. */
struct take take_new(unsigned channels, size_t n_frames, double amplitude, uint32_t seed);
void take_free(struct take *take);
/* n frames from `from` on, borrowed: not to be freed. */
struct take take_part(const struct take *take, size_t from, size_t n);
/* Bit for bit. */
bool take_equal(const struct take *a, const struct take *b);
/* All frames from `from` on. */
bool take_finite(const struct take *take, size_t from);
/* How well sound agrees with the reference in the worst channel; where the reference is silent, against full scale. */
double take_snr_db(const struct take *reference, const struct take *take);

/* ---- a class at work ----------------------------------------------------------------------------------------------- */

struct trial {
    struct rig rig;
    struct media media; /* for every parameter that reads a sound: noise, stereo unless the node is mono */
};

struct trial trial_new(const struct node_class *class, unsigned channels, double rate_hz);
/* To be called where the trial stays: its address is kept. Where the class refuses values that its table allows (an odd
 * order), those that are chosen at creation become the initial ones. */
void trial_start(struct trial *trial);
void trial_free(struct trial *trial);
/* Runs as long as `in` is; device nodes get a card that plays noise. */
struct take trial_run(struct trial *trial, const struct take *in);
/* The same with every parameter moving over its whole range, at random from frame to frame or smoothly (choices then
 * change every now and then). */
struct take trial_run_driven(struct trial *trial, const struct take *in, bool smooth);

/* The same with the present values given frame by frame, as if they might move. */
struct take trial_run_level(struct trial *trial, const struct take *in);

/* The value of a parameter at part 0..1 of its range, along its curve. */
float param_value_at(const struct param_info *param, double part);
/* Sets every parameter at random. */
void trial_randomise(struct trial *trial, uint32_t seed);
/* Channels of the k-th way to make a class: 0 its default, 1 one channel, 2 its most. */
unsigned class_width(const struct node_class *class, int k);
