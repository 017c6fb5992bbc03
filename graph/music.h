/* Where the music is, for nodes that go by it: the place of every frame is a function of that frame, however time is cut into
 * blocks.
 *
 *     struct music_line line = music_line(io->music, ticks, from, n);
 *     ... line.n frames from `from` on: line.phase, line.phase + line.step, line.phase + 2 * line.step, ...
 *
 * A frame stands for the half frames around it. So a cycle begins at the frame nearest to its place, where the transport and
 * marks of the tempo have that place too (graph/tempo_shared.h), be it a 16th of 5512.5 frames.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "graph/thread.h"

struct tempo_map;

/* The transport during one block. */
struct music {
    bool is_rolling;
    int64_t position;            /* at frame 0, in frames from the beginning of the piece */
    const struct tempo_map *map; /* never null; borrowed for the block */
};

/* Some frames in a row, along which the music goes on at one speed. */
struct music_line {
    uint64_t phase; /* at the first of them, in 2^-64 cycles */
    uint64_t step;  /* per frame */
    unsigned n;     /* frames, 1 or more */
};

/* The phase of cycles of so many ticks (960 to the quarter), one of which begins where the piece begins: at frame `from` of a
 * block in which it rolls, and for at most n frames. Exact to 2^-52 of a cycle after years. */
DAWD_RT struct music_line music_line(const struct music *music, uint32_t ticks, unsigned from, unsigned n);
