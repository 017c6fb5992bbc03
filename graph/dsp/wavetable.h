/* Waves of any form, read from tables of their cycles, without aliases at any pitch.
 *
 *     cycles -> partials -> tables of fewer and fewer partials      once
 *     phase, speed, position -> [two tables of two cycles] -> wave  every frame
 *
 * Each cycle is kept once for every quarter of an octave of pitch, with no more partials than have room below half the rate
 * there ("mip maps": L. Williams, "Pyramidal parametrics", SIGGRAPH 1983). Between two such levels one fades into the other: the
 * highest partials go out between 0.43 and 0.475 of the rate, and a glide has no seams. Between two cycles it is the same.
 *
 * What is kept are not samples but what a kernel (wavetable_kernel.h) makes the wave of: each partial is larger by what the
 * kernel takes from it. At four coefficients or more to the highest partial's cycle, images lie 104 dB below their partial.
 * docs/sound/wavetable.md compares this with other ways.
 */
#pragma once

#include "graph/node.h"
#include "graph/stock.h"

#define WAVETABLE_PARTIALS   512 /* kept of a cycle */
#define WAVETABLE_CYCLES_MAX 256
#define WAVETABLE_LEVELS_MAX 40
#define WAVETABLE_POINTS     8192 /* the longest cycle that partials are taken of */
#define WAVETABLE_PAD        5    /* coefficients that are there twice, so that no reading has to turn round */

struct wavetable_level {
    unsigned partials; /* at most */
    unsigned bits;     /* 2^bits coefficients to a cycle */
    unsigned at;       /* where its first cycle begins in `samples`; they lie 2^bits + WAVETABLE_PAD apart */
};

struct wavetable {
    float *samples;
    unsigned n_cycles, n_levels;
    struct wavetable_level level[WAVETABLE_LEVELS_MAX];
};

/* The partials of a cycle, from 1 on; 0 is unused, for no wave has a mean. */
struct wavetable_partials {
    double cosine[WAVETABLE_PARTIALS + 1], sine[WAVETABLE_PARTIALS + 1];
};

/* Takes room for so many cycles from the arena, about 66 kB each. 0 or ERROR_INTERNAL. */
DAWD_CTL int wavetable_init(struct wavetable *table, struct arena *arena, unsigned n_cycles);

/* The room that the work below takes. New returns null when memory ran out; free accepts null. */
struct wavetable_maker;
DAWD_CTL struct wavetable_maker *wavetable_maker_new(void);
DAWD_CTL void wavetable_maker_free(struct wavetable_maker *maker);
/* The partials of a cycle of n samples, 2..WAVETABLE_POINTS, that lie `stride` apart. */
DAWD_CTL void wavetable_analyse(struct wavetable_maker *maker, struct wavetable_partials *partials, const float *x,
                                unsigned n, unsigned stride);
/* Makes the highest sample of their sum 1. */
DAWD_CTL void wavetable_normalise(struct wavetable_maker *maker, struct wavetable_partials *partials);
/* Writes a cycle: a quarter of a millisecond. */
DAWD_CTL void wavetable_put(struct wavetable_maker *maker, struct wavetable *table, unsigned cycle,
                            const struct wavetable_partials *partials);

/* A table (struct wavetable) of those that need no file, by its place in wavetable_names, made unless it is in stock. Null when
 * memory ran out. */
DAWD_CTL struct stocked *wavetable_built_in(struct stock *stock, unsigned which);
extern const char *const wavetable_names[]; /* null at the end */

/* Likewise one of a sound: its first channel in cycles of `cycle` samples, the first WAVETABLE_CYCLES_MAX of them, or, where it is
 * shorter, one cycle. Null with *error: bad_file when it has no two samples, or internal. */
DAWD_CTL struct stocked *wavetable_of_media(struct stock *stock, const struct media *media, unsigned cycle,
                                            const char *name, struct error *error);

/* Write n frames, 1..BLOCK_MAX, of the wave at a phase (2^-32 cycles), for a speed (cycles per frame at the rate at which it is
 * heard, 0 or more) and a position between the first cycle (0) and the last (1). */
DAWD_RT void wavetable_read_rt(const struct wavetable *table, float *out, const uint32_t *phase, const float *speed,
                               const float *position, unsigned n);
