/* The memory of everything that echoes: one channel of past sound, read at any distance.
 *
 *     frames: | 0 1 2 ...  newest | oldest  ...  size-1 | 0 1 2 |
 *                                 ^ at                    ^ the first samples again: four neighbours are always in a row
 *
 * The owner keeps the position `at` of the next frame to write (several lines share it), reads a stretch, then writes that
 * stretch. No stretch crosses the end of the ring (delay_line_stretch says how far it may go), so that the loops are plain
 * and vectorise. What is not sound is stored as silence, and so is what is below SLEEP_LEVEL, so that the line is empty some
 * time after its last sound.
 */
#pragma once

#include <string.h>

#include "graph/dsp/finite.h"
#include "graph/dsp/interpolation.h"
#include "graph/dsp/vector.h"
#include "graph/node.h"

#define DELAY_LINE_GUARD  3   /* samples repeated behind the end */
#define DELAY_STRETCH_MAX 128 /* frames of several lines that are read at once */
#define DELAY_LINE_LEAST  4   /* frames: a delay shorter than this would need samples not yet written */

/* One channel. Lines that are read or written together have one size and one `at`, which is below it. */
struct delay_line {
    float *frames; /* size + DELAY_LINE_GUARD */
    unsigned size; /* frames of the ring */
};

/* A delay in frames, taken apart. It is read from four samples:
 *
 *     frames ago:   whole + 2     whole + 1       whole     whole - 1
 *                      x0            x1    |        x2          x3
 *                                          |<------>|
 *                                           fraction
 */
struct delay_tap {
    unsigned whole; /* frames, DELAY_LINE_LEAST or more */
    float fraction; /* 0 to 1 */
};

/* Takes silence from the arena, for delays up to most_frames: the ring is longer by what interpolation looks at beyond.
 * False when memory ran out; there is nothing to undo, the arena goes with the node. */
DAWD_CTL static inline bool delay_line_init(struct delay_line *line, struct arena *arena, unsigned most_frames)
{
    line->size = most_frames + DELAY_LINE_LEAST;
    line->frames = arena_take_array(arena, line->size + DELAY_LINE_GUARD, sizeof(float));
    return line->frames;
}

/* The tap of a time given as a float: such a time names a whole frame no better than to its own precision, so that within
 * it whole frames are meant, and sound exact. Held at DELAY_LINE_LEAST frames; up to most_frames of the line it is the
 * caller's to hold. */
DAWD_RT static inline struct delay_tap delay_tap_at(float time_s, double rate_hz)
{
    double least_s = DELAY_LINE_LEAST / rate_hz;
    double frames = (time_s > least_s ? time_s : least_s) * rate_hz;
    /* 2^-23 of it is the distance from one float to the next. */
    double precision = frames * 0x1p-23;
    int whole = (int)(frames + precision);
    double fraction = frames - whole;
    return (struct delay_tap){(unsigned)whole, (float)(fraction > precision ? fraction : 0)};
}

/* Index of the oldest of the four samples around a tap, the other three follow in memory, by the guard also across the
 * end. */
DAWD_RT static inline unsigned delay_line_index(const struct delay_line *line, unsigned at, unsigned whole)
{
    int index = (int)at - (int)whole - 2, size = (int)line->size;
    return (unsigned)(index < 0 ? index + size : index);
}

/* The least whole frames of a time, in seconds, that may move during n frames: what delay_line_stretch wants to know. */
DAWD_RT static inline unsigned delay_nearest_frames(const struct param *time, unsigned n, double rate_hz)
{
    float last = param_at(time, n - 1);
    int least, now;
    last = last < time->value ? last : time->value;
    memcpy(&least, &last, sizeof least);
    /* Times are positive, and positive floats are in the order of their bits: integers are compared in vectors. */
    for (unsigned i = 0; time->frames && i < n; i++) {
        memcpy(&now, &time->frames[i], sizeof now);
        least = now < least ? now : least;
    }
    memcpy(&last, &least, sizeof last);
    return delay_tap_at(last, rate_hz).whole;
}

/* How many of n frames can be read at a tap that stands still, or one never nearer than `whole`, and written at `at`: 1
 * or more. Two bounds: the newest sample that a stretch reads (whole - 1 frames before it, so as many frames can be read
 * before any is written), and the end of the ring. */
DAWD_RT static inline unsigned delay_line_reach(const struct delay_line *line, unsigned at, unsigned whole, unsigned n)
{
    n = n < whole - 1 ? n : whole - 1;
    return n < line->size - at ? n : line->size - at;
}

/* The same for callers that keep a stretch in scratch of DELAY_STRETCH_MAX frames. */
DAWD_RT static inline unsigned delay_line_stretch(const struct delay_line *line, unsigned at, unsigned whole, unsigned n)
{
    return delay_line_reach(line, at, whole, n < DELAY_STRETCH_MAX ? n : DELAY_STRETCH_MAX);
}

/* The weights of four samples in the order of memory, oldest first. */
DAWD_RT static inline void delay_tap_weights(float fraction, float w[4])
{
    lagrange_weights(1 - fraction, w);
}

/* The oldest samples that n frames read at a tap that stands still, and how many frames they lie in a row for, 1 to n: up
 * to the end of the ring, which the guard makes whole for the last of them. At most two runs: n is less than the ring. */
DAWD_RT static inline const float *delay_line_run(const struct delay_line *line, unsigned at, struct delay_tap tap,
                                                  unsigned n, unsigned *n_run)
{
    unsigned first = delay_line_index(line, at, tap.whole);
    *n_run = n < line->size - first ? n : line->size - first;
    return line->frames + first;
}

/* Reads a stretch of one line at a tap that stands still. Two rounds of the outer loop at most: before and behind the end
 * of the ring, since n is less than its size. */
DAWD_RT static inline void delay_line_read(const struct delay_line *line, unsigned at, struct delay_tap tap, float *out,
                                           unsigned n)
{
    float w[4];
    delay_tap_weights(tap.fraction, w);
    for (unsigned done = 0; done < n;) {
        unsigned first = delay_line_index(line, at + done, tap.whole);
        /* Up to the end of the ring, the guard making it whole for the last sample, then on from its beginning. */
        unsigned m = n - done < line->size - first ? n - done : line->size - first;
        const float *x0 = line->frames + first, *x1 = x0 + 1, *x2 = x0 + 2, *x3 = x0 + 3;
        float *y = out + done;
        for (unsigned i = 0; i < m; i++)
            y[i] = w[0] * x0[i] + w[1] * x1[i] + w[2] * x2[i] + w[3] * x3[i];
        done += m;
    }
}

/* Where a stretch is read at a time that moves: worked out in vectors, once for all lines of one size. */
struct delay_taps {
    unsigned first[DELAY_STRETCH_MAX]; /* index of the oldest of the four samples */
    float w[4][DELAY_STRETCH_MAX];     /* their weights */
};

/* The taps of n frames to be written from `at` on. The times are for the caller to hold where the line ends. */
DAWD_RT static inline void delay_taps_set(struct delay_taps *taps, const struct delay_line *line, unsigned at,
                                          const float *time_s, double rate_hz, unsigned n)
{
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < n; i++) {
        struct delay_tap tap = delay_tap_at(time_s[i], rate_hz);
        float w[4];
        taps->first[i] = delay_line_index(line, at + i, tap.whole);
        delay_tap_weights(tap.fraction, w);
        for (int k = 0; k < 4; k++)
            taps->w[k][i] = w[k];
    }
}

/* Four frames from i on, each from a place of its own: four samples are loaded at once, and turned so that the first ones of
 * all four frames stand side by side, then the second ones, and so on. */
DAWD_RT static inline void delay_line_read_four(const struct delay_line *line, const struct delay_taps *taps, unsigned i,
                                                float *out)
{
    FLOAT4 x[4], w[4];
    for (int k = 0; k < 4; k++) {
        memcpy(&x[k], line->frames + taps->first[i + (unsigned)k], sizeof x[k]);
        memcpy(&w[k], &taps->w[k][i], sizeof w[k]);
    }
    FLOAT4 early01 = __builtin_shufflevector(x[0], x[1], 0, 4, 1, 5);
    FLOAT4 early23 = __builtin_shufflevector(x[2], x[3], 0, 4, 1, 5);
    FLOAT4 late01 = __builtin_shufflevector(x[0], x[1], 2, 6, 3, 7);
    FLOAT4 late23 = __builtin_shufflevector(x[2], x[3], 2, 6, 3, 7);
    FLOAT4 y = w[0] * __builtin_shufflevector(early01, early23, 0, 1, 4, 5) +
               w[1] * __builtin_shufflevector(early01, early23, 2, 3, 6, 7) +
               w[2] * __builtin_shufflevector(late01, late23, 0, 1, 4, 5) +
               w[3] * __builtin_shufflevector(late01, late23, 2, 3, 6, 7);
    memcpy(out + i, &y, sizeof y);
}

/* Reads n frames of one line. */
DAWD_RT static inline void delay_line_read_taps(const struct delay_line *line, const struct delay_taps *taps, float *out,
                                                unsigned n)
{
    unsigned i = 0;
    for (; i + 4 <= n; i += 4)
        delay_line_read_four(line, taps, i, out);
    for (; i < n; i++) {
        const float *x = line->frames + taps->first[i];
        out[i] = taps->w[0][i] * x[0] + taps->w[1][i] * x[1] + taps->w[2][i] * x[2] + taps->w[3][i] * x[3];
    }
}

/* Asks for what the next n frames will read at `whole`, all at once: a line is too long for the
 * caches, and many lines in turn too many for the processor to see where each goes on. What lies beyond the end of the ring
 * is asked for in vain. */
DAWD_RT static inline void delay_line_prefetch_read(const struct delay_line *line, unsigned at, unsigned whole, unsigned n)
{
    const float *from = line->frames + delay_line_index(line, at, whole);
    for (unsigned i = 0; i < n; i += ARENA_ALIGN_BYTES / sizeof(float))
        __builtin_prefetch(from + i, 0);
}

/* Likewise for what they will write. Apart, since all at once is more than a processor keeps in mind. */
DAWD_RT static inline void delay_line_prefetch_write(const struct delay_line *line, unsigned at, unsigned n)
{
    for (unsigned i = 0; i < n; i += ARENA_ALIGN_BYTES / sizeof(float))
        __builtin_prefetch(line->frames + at + i, 1);
}

/* Silences what frame i of a stretch and the n - 1 behind it read at `whole`, as far as that is among the oldest `stale` frames
 * of the line: so its owner forgets what it holds at once, and pays for it as it is read. */
DAWD_RT static inline void delay_line_hush(struct delay_line *line, unsigned at, unsigned stale, unsigned whole, unsigned i,
                                           unsigned n)
{
    unsigned oldest = line->size - whole - 2 + i, end = oldest + n + 3 < stale ? oldest + n + 3 : stale;
    for (unsigned k = oldest; k < end; k++) {
        unsigned index = at + k < line->size ? at + k : at + k - line->size;
        line->frames[index] = 0;
        if (index < DELAY_LINE_GUARD)
            line->frames[line->size + index] = 0;
    }
}

/* Brings the guard up to date, after the line was written: three copies cost less than asking whether the beginning was
 * touched. */
DAWD_RT static inline void delay_line_close(struct delay_line *line)
{
    for (unsigned i = 0; i < DELAY_LINE_GUARD; i++)
        line->frames[line->size + i] = line->frames[i];
}

/* Writes a stretch, as long as delay_line_stretch allowed. The owner moves `at` on, once for all lines. */
DAWD_RT static inline void delay_line_write(struct delay_line *line, unsigned at, const float *x, unsigned n)
{
    float *to = line->frames + at;
    for (unsigned i = 0; i < n; i++)
        to[i] = lasting_or_zero(x[i]);
    delay_line_close(line);
}
