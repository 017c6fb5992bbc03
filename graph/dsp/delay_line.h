/* The memory of everything that echoes: one channel of past sound, read at any distance.
 *
 *     frames: | 0 1 2 ...  newest | oldest  ...  size-1 | 0 1 2 |
 *                                 ^ at                    ^ the first samples again: four neighbours are always in a row
 *
 * The owner keeps the position `at` of the next frame to write (several lines share it), reads a stretch, then writes that
 * stretch. No stretch crosses the end of the ring (delay_line_stretch says how far it may go), so that the loops are plain
 * and vectorise. What is not sound is stored as silence.
 */
#pragma once

#include "graph/dsp/finite.h"
#include "graph/dsp/interpolation.h"
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
    double frames = time_s * rate_hz;
    frames = frames > DELAY_LINE_LEAST ? frames : DELAY_LINE_LEAST;
    /* 2^-23 of it is the distance from one float to the next. */
    int nearest = (int)(frames + 0.5);
    bool is_whole = fabs(frames - nearest) <= frames * 0x1p-23;
    int whole = is_whole ? nearest : (int)frames;
    return (struct delay_tap){(unsigned)whole, is_whole ? 0 : (float)(frames - whole)};
}

/* Index of the oldest of the four samples around a tap, the other three follow in memory, by the guard also across the
 * end. */
DAWD_RT static inline unsigned delay_line_index(const struct delay_line *line, unsigned at, unsigned whole)
{
    return at >= whole + 2 ? at - whole - 2 : at + line->size - whole - 2;
}

/* The least whole frames of a time, in seconds, that may move during n frames: what delay_line_stretch wants to know. */
DAWD_RT static inline unsigned delay_nearest_frames(const struct param *time, unsigned n, double rate_hz)
{
    float least = time->value;
    for (unsigned i = 0; i < n && !param_is_constant(time); i++) {
        float now = param_at(time, i);
        least = now < least ? now : least;
    }
    return delay_tap_at(least, rate_hz).whole;
}

/* How many of n frames can be read at a tap that stands still, or one never nearer than `whole`, and written at `at`: 1
 * or more. Three bounds: the scratch of the callers, the newest sample that a stretch reads (whole - 1 frames before it,
 * so as many frames can be read before any is written), and the end of the ring. */
DAWD_RT static inline unsigned delay_line_stretch(const struct delay_line *line, unsigned at, unsigned whole, unsigned n)
{
    n = n < DELAY_STRETCH_MAX ? n : DELAY_STRETCH_MAX;
    n = n < whole - 1 ? n : whole - 1;
    return n < line->size - at ? n : line->size - at;
}

/* The weights of four samples in the order of memory, oldest first. */
DAWD_RT static inline void delay_tap_weights(float fraction, float w[4])
{
    lagrange_weights(1 - fraction, w);
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

/* Reads a stretch of several lines at a time that moves: the place between the samples is found once for all of them.
 * Each frame reads from a place of its own, which makes it dearer than a tap that stands still. */
DAWD_RT static inline void delay_lines_read_moving(const struct delay_line *lines, unsigned n_lines, unsigned at,
                                                   const float *time_s, double rate_hz, float (*out)[DELAY_STRETCH_MAX],
                                                   unsigned n)
{
    float w[4];
    for (unsigned i = 0; i < n; i++) {
        struct delay_tap tap = delay_tap_at(time_s[i], rate_hz);
        unsigned first = delay_line_index(&lines[0], at + i, tap.whole);
        delay_tap_weights(tap.fraction, w);
        for (unsigned c = 0; c < n_lines; c++) {
            const float *x = lines[c].frames + first;
            out[c][i] = w[0] * x[0] + w[1] * x[1] + w[2] * x[2] + w[3] * x[3];
        }
    }
}

/* Writes a stretch, as long as delay_line_stretch allowed, and brings the guard up to date: three copies cost less than
 * asking whether the beginning was touched. The owner moves `at` on, once for all lines. */
DAWD_RT static inline void delay_line_write(struct delay_line *line, unsigned at, const float *x, unsigned n)
{
    float *to = line->frames + at;
    for (unsigned i = 0; i < n; i++)
        to[i] = sound_or_zero(x[i]);
    for (unsigned i = 0; i < DELAY_LINE_GUARD; i++)
        line->frames[line->size + i] = line->frames[i];
}
