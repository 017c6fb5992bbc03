/* The line of what bends sound all the time, as a chorus does: one channel of past sound, heard at a distance that moves from
 * frame to frame, between the samples by eight points (interpolation.h).
 *
 *     frames: | 0 1 2 ...  newest | oldest  ...  size-1 | 0 1 ... 6 |
 *                                 ^ at                    ^ the first samples again: eight neighbours are always in a row
 *
 *     moving_taps_set(&taps, &line, at, frames_ago, n);             where n frames are heard, MOVING_FRAMES at most
 *     for (unsigned i = 0, run; i < n; i += run) {
 *         run = moving_run(&taps, &line, at, n - i);                 as far as none needs what is not written yet
 *         moving_line_read(&line, &taps, i, wet, run);
 *         ...
 *         moving_line_write(&line, at, x, run);
 *         at = (at + run) % line.size;
 *     }
 *
 * What is not sound is stored as silence, and so is what is below SLEEP_LEVEL, so that the line is empty some time after its
 * last sound.
 */
#pragma once

#include "graph/dsp/finite.h"
#include "graph/dsp/interpolation.h"
#include "graph/dsp/vector.h"
#include "graph/node.h"

#define MOVING_FRAMES 64 /* heard at once */
#define MOVING_LEAST  4  /* frames: a sound nearer than this would need samples not yet written */
#define MOVING_GUARD  7  /* samples repeated behind the end */

/* All-zero but for the memory, it has heard silence. */
struct moving_line {
    float *frames; /* size + MOVING_GUARD */
    unsigned size; /* frames of the ring */
};

/* Where some frames are heard. */
struct moving_taps {
    unsigned first[MOVING_FRAMES]; /* index of the oldest of eight samples */
    float place[MOVING_FRAMES];    /* 0..1 between the two middle ones */
    unsigned nearest;              /* whole frames ago, the least of them */
};

/* Takes silence from the arena, for distances up to most_frames. False when memory ran out; there is nothing to undo. */
DAWD_CTL static inline bool moving_line_init(struct moving_line *line, struct arena *arena, unsigned most_frames)
{
    line->size = most_frames + MOVING_LEAST + 2;
    line->frames = arena_take_array(arena, line->size + MOVING_GUARD, sizeof(float));
    return line->frames;
}

/* The taps of n frames, 1..MOVING_FRAMES, of which the first is written at `at`. Distances are held at what the line has. */
DAWD_RT static inline void moving_taps_set(struct moving_taps *taps, const struct moving_line *line, unsigned at,
                                           const double *frames_ago, unsigned n)
{
    int size = (int)line->size, nearest = size;
    double most = size - MOVING_LEAST - 2;
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < n; i++) {
        double ago = frames_ago[i] < most ? frames_ago[i] : most;
        ago = ago > MOVING_LEAST ? ago : MOVING_LEAST;
        int whole = (int)ago, first = (int)(at + i) - whole - MOVING_LEAST;
        first = first < 0 ? first + size : first;
        taps->first[i] = (unsigned)(first < size ? first : first - size);
        taps->place[i] = (float)(1 - (ago - whole));
        nearest = whole < nearest ? whole : nearest;
    }
    taps->nearest = (unsigned)nearest;
}

/* How many of n frames can be heard before they are written at `at`, none of them behind the end of the ring: 1 or more. */
DAWD_RT static inline unsigned moving_run(const struct moving_taps *taps, const struct moving_line *line, unsigned at,
                                          unsigned n)
{
    unsigned run = taps->nearest - (MOVING_LEAST - 1);
    run = run < n ? run : n;
    return run < line->size - at ? run : line->size - at;
}

/* What is heard in n frames from that of tap `from` on. */
DAWD_RT static inline void moving_line_read(const struct moving_line *line, const struct moving_taps *taps, unsigned from,
                                            float *out, unsigned n)
{
    unsigned i = 0;
    for (; i + 4 <= n; i += 4) {
        const unsigned *first = taps->first + from + i;
        const float *const x[4] = {line->frames + first[0], line->frames + first[1], line->frames + first[2],
                                   line->frames + first[3]};
        eight_point_four(taps->place + from + i, x, out + i);
    }
    for (; i < n; i++)
        out[i] = eight_point(taps->place[from + i], line->frames + taps->first[from + i]);
}

/* Writes a run; the owner moves `at` on. */
DAWD_RT static inline void moving_line_write(struct moving_line *line, unsigned at, const float *x, unsigned n)
{
    float *to = line->frames + at;
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < n; i++)
        to[i] = lasting_or_zero(x[i]);
    for (unsigned i = 0; at < MOVING_GUARD && i < MOVING_GUARD; i++)
        line->frames[line->size + i] = line->frames[i];
}

DAWD_RT static inline bool moving_line_is_empty(const struct moving_line *line)
{
    return all_zero(line->frames, line->size);
}

DAWD_RT static inline void moving_line_clear(struct moving_line *line)
{
    memset(line->frames, 0, (line->size + MOVING_GUARD) * sizeof *line->frames);
}
