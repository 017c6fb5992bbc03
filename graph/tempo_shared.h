/* Musical time: which frame a bar begins at, and where in its bar a frame lies.
 *
 *     quarters      bpm counts quarter notes, whatever the signature: changing that does not change the speed
 *     ticks         960 to the quarter, from 0 at the beginning; whole ones name a place, fractions lie between two
 *     bars          bar:beat:tick, the first is 1:1:0; a beat is the lower number of the signature, 480 ticks in 6/8
 *
 * Nothing here is added up while time passes: both directions are computed from the entries, in whole numbers, so a
 * position after a week is as exact as one after a bar. The start of an entry is known to 2^-40 of a frame.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "graph/thread.h"

#define TEMPO_TICKS_PER_QUARTER 960
#define TEMPO_TICKS_PER_WHOLE   (4 * TEMPO_TICKS_PER_QUARTER)
#define TEMPO_TICK_Q20          ((int64_t)1 << 20) /* a tick between ticks */
/* Far beyond any piece (three years), and near enough that nothing overflows: bars of 32/1 at 10 bpm, seconds at 999. */
#define TEMPO_BARS_MAX          10000000
#define TEMPO_SECONDS_MAX       100000000

/* A place as musicians count: 17:1:0. */
struct bars {
    int64_t bar;  /* from 1 */
    int64_t beat; /* from 1 */
    int64_t tick; /* from 0; 960 to the quarter */
};

/* A place between ticks too: where rolling sound is when something changes under it. */
struct tempo_place {
    int64_t bar;       /* from 1 */
    int64_t ticks_q20; /* from the start of the bar, in 2^-20 ticks */
};

/* A signature and the stretch that it holds for. */
struct tempo_meter {
    int64_t bar;                     /* its first */
    int64_t tick;                    /* where that begins */
    unsigned numerator, denominator; /* 1 to 32, and a power of two of that range */
};

/* A tempo and the stretch that it holds for. */
struct tempo_stretch {
    int64_t tick;                /* its first */
    unsigned __int128 frame_q40; /* where that lies, in 2^-40 frames */
    uint32_t micro_bpm;          /* quarter notes per minute, times a million */
};

/* All of musical time at one sample rate, never changed once it is made: control makes it (graph/tempo.h), the audio
 * thread and control read it. Both tables are sorted, begin at the beginning and are not empty. */
struct tempo_map {
    uint32_t rate_hz;
    uint32_t edition; /* of the list that it was made from: what has the same is the same, but for the rate */
    unsigned n_meters, n_stretches;
    struct tempo_meter *meters;
    struct tempo_stretch *stretches;
};

/* Ticks in a bar, and in a beat. */
DAWD_ANY static inline int64_t tempo_bar_ticks(unsigned numerator, unsigned denominator)
{
    return (int64_t)numerator * TEMPO_TICKS_PER_WHOLE / denominator;
}

DAWD_ANY static inline int64_t tempo_beat_ticks(unsigned denominator)
{
    return TEMPO_TICKS_PER_WHOLE / denominator;
}

/* The signature and the tempo that hold at a tick. Looked up by halves: bounded by the logarithm of the entries. */
DAWD_ANY const struct tempo_meter *tempo_meter_at(const struct tempo_map *map, int64_t tick);
DAWD_ANY const struct tempo_stretch *tempo_stretch_at(const struct tempo_map *map, int64_t tick);

/* The tempo that holds at a frame; and the first frame at which another does, INT64_MAX where none follows. A tempo begins at
 * the frame nearest to its place. */
DAWD_ANY const struct tempo_stretch *tempo_stretch_of_frame(const struct tempo_map *map, int64_t frame);
DAWD_ANY int64_t tempo_stretch_end(const struct tempo_map *map, const struct tempo_stretch *stretch);

/* The last moment that counts as this frame: a hair less than half a frame later. */
DAWD_ANY static inline unsigned __int128 tempo_last_of_frame_q40(int64_t frame)
{
    return ((unsigned __int128)frame << 40) + ((unsigned __int128)1 << 39) - 1;
}

/* How long so many ticks (in 2^-20) of a stretch last, in 2^-40 frames, rounded down. */
DAWD_ANY unsigned __int128 tempo_frames_q40(const struct tempo_map *map, const struct tempo_stretch *stretch,
                                            int64_t ticks_q20);

/* The tick of a place in bars; one whose beat lies beyond its bar is counted on into the next. */
DAWD_ANY int64_t tempo_tick_of_bars(const struct tempo_map *map, const struct bars *bars);
DAWD_ANY struct bars tempo_bars_of_tick(const struct tempo_map *map, int64_t tick);

/* The frame nearest to a tick, and the last tick whose frame is not beyond `frame`: the one is the inverse of the other
 * wherever a tick lasts a frame or longer. */
DAWD_ANY int64_t tempo_frame_of_tick(const struct tempo_map *map, int64_t tick);
DAWD_ANY int64_t tempo_tick_of_frame(const struct tempo_map *map, int64_t frame);

/* The same between ticks: taking a frame to its place and back gives the frame. */
DAWD_ANY int64_t tempo_frame_of_place(const struct tempo_map *map, const struct tempo_place *place);
DAWD_ANY struct tempo_place tempo_place_of_frame(const struct tempo_map *map, int64_t frame);
