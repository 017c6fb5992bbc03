/* One tick lasts 60 s / (960 bpm), which is rate * 62500 / micro_bpm frames: a ratio of whole numbers. With the bounds of the
 * header the largest product, ticks_q20 * rate * 62500 << 20, stays below 2^127.
 *
 *     place ── start of its bar ──▶ tick ── start of its stretch + ticks * rate * 62500 / micro_bpm ──▶ frame
 */
#include "graph/tempo_shared.h"

#include "graph/rt_only.h"

/* 60e6 micro-beats per minute over 960 ticks to the beat. */
#define FRAMES_PER_TICK_NUMERATOR(map) ((unsigned __int128)(map)->rate_hz * 62500u)

#define FRAME_Q 40
#define TICK_Q  20

#define TICKS_MOST ((int64_t)1 << 42) /* times 2^20, with a bar's worth more, still an int64_t */

/* The last of n sorted entries (the first of which always fits) that `FITS` is true of; the index is `found`. */
#define LAST_THAT(FITS, n, found)                                                                                          \
    do {                                                                                                                   \
        unsigned low = 0, high = (n);                                                                                      \
        while (high - low > 1) {                                                                                           \
            unsigned i = low + (high - low) / 2;                                                                           \
            if (FITS)                                                                                                      \
                low = i;                                                                                                   \
            else                                                                                                           \
                high = i;                                                                                                  \
        }                                                                                                                  \
        (found) = low;                                                                                                     \
    } while (0)

const struct tempo_meter *tempo_meter_at(const struct tempo_map *map, int64_t tick)
{
    unsigned found;
    LAST_THAT(map->meters[i].tick <= tick, map->n_meters, found);
    return &map->meters[found];
}

const struct tempo_stretch *tempo_stretch_at(const struct tempo_map *map, int64_t tick)
{
    unsigned found;
    LAST_THAT(map->stretches[i].tick <= tick, map->n_stretches, found);
    return &map->stretches[found];
}

static const struct tempo_stretch *stretch_of_frame(const struct tempo_map *map, unsigned __int128 frame_q40)
{
    unsigned found;
    LAST_THAT(map->stretches[i].frame_q40 <= frame_q40, map->n_stretches, found);
    return &map->stretches[found];
}

static const struct tempo_meter *meter_of_bar(const struct tempo_map *map, int64_t bar)
{
    unsigned found;
    LAST_THAT(map->meters[i].bar <= bar, map->n_meters, found);
    return &map->meters[found];
}

/* Where seconds have led far out in short bars, and a signature makes those long, the bar lies beyond all that can be
 * counted: it is held at the end of that. */
static int64_t tick_of_bar(const struct tempo_meter *meter, int64_t bar)
{
    int64_t tick = meter->tick + (bar - meter->bar) * tempo_bar_ticks(meter->numerator, meter->denominator);
    return tick < TICKS_MOST ? tick : TICKS_MOST;
}

int64_t tempo_tick_of_bars(const struct tempo_map *map, const struct bars *bars)
{
    const struct tempo_meter *meter = meter_of_bar(map, bars->bar);
    return tick_of_bar(meter, bars->bar) + (bars->beat - 1) * tempo_beat_ticks(meter->denominator) + bars->tick;
}

struct bars tempo_bars_of_tick(const struct tempo_map *map, int64_t tick)
{
    const struct tempo_meter *meter = tempo_meter_at(map, tick);
    int64_t bar_ticks = tempo_bar_ticks(meter->numerator, meter->denominator);
    int64_t beat_ticks = tempo_beat_ticks(meter->denominator);
    int64_t left = tick - meter->tick, in_bar = left % bar_ticks;
    return (struct bars){meter->bar + left / bar_ticks, in_bar / beat_ticks + 1, in_bar % beat_ticks};
}

unsigned __int128 tempo_frames_q40(const struct tempo_map *map, const struct tempo_stretch *stretch, int64_t ticks_q20)
{
    return ((unsigned __int128)ticks_q20 * FRAMES_PER_TICK_NUMERATOR(map) << (FRAME_Q - TICK_Q)) / stretch->micro_bpm;
}

static int64_t frame_of_q20(const struct tempo_map *map, int64_t tick_q20)
{
    const struct tempo_stretch *stretch = tempo_stretch_at(map, tick_q20 >> TICK_Q);
    unsigned __int128 past_q40 = tempo_frames_q40(map, stretch, tick_q20 - (stretch->tick << TICK_Q));
    return (int64_t)((stretch->frame_q40 + past_q40 + ((unsigned __int128)1 << (FRAME_Q - 1))) >> FRAME_Q);
}

int64_t tempo_frame_of_tick(const struct tempo_map *map, int64_t tick)
{
    return frame_of_q20(map, tick << TICK_Q);
}

const struct tempo_stretch *tempo_stretch_of_frame(const struct tempo_map *map, int64_t frame)
{
    return stretch_of_frame(map, tempo_last_of_frame_q40(frame));
}

int64_t tempo_stretch_end(const struct tempo_map *map, const struct tempo_stretch *stretch)
{
    const struct tempo_stretch *next = stretch + 1;
    return next < map->stretches + map->n_stretches ? tempo_frame_of_tick(map, next->tick) : INT64_MAX;
}

/* A tick belongs to this frame or an earlier one when its exact time, rounded down to 2^-40, is at most the last moment of it. */
int64_t tempo_tick_of_frame(const struct tempo_map *map, int64_t frame)
{
    unsigned __int128 last_q40 = tempo_last_of_frame_q40(frame);
    const struct tempo_stretch *stretch = stretch_of_frame(map, last_q40);
    /* floor(t * a / b) <= n  is  t < (n + 1) * b / a, exactly. */
    unsigned __int128 past_q40 = last_q40 - stretch->frame_q40;
    return stretch->tick +
           (int64_t)((((past_q40 + 1) * stretch->micro_bpm - 1) / FRAMES_PER_TICK_NUMERATOR(map)) >> FRAME_Q);
}

int64_t tempo_frame_of_place(const struct tempo_map *map, const struct tempo_place *place)
{
    return frame_of_q20(map, (tick_of_bar(meter_of_bar(map, place->bar), place->bar) << TICK_Q) + place->ticks_q20);
}

struct tempo_place tempo_place_of_frame(const struct tempo_map *map, int64_t frame)
{
    unsigned __int128 frame_q40 = (unsigned __int128)frame << FRAME_Q;
    const struct tempo_stretch *stretch = stretch_of_frame(map, frame_q40);
    unsigned __int128 past_q40 = frame_q40 - stretch->frame_q40;
    unsigned __int128 past_q20 = (past_q40 * stretch->micro_bpm / FRAMES_PER_TICK_NUMERATOR(map)) >> (FRAME_Q - TICK_Q);
    int64_t tick = stretch->tick + (int64_t)(past_q20 >> TICK_Q), fraction_q20 = (int64_t)(past_q20 % TEMPO_TICK_Q20);
    const struct tempo_meter *meter = tempo_meter_at(map, tick);
    int64_t bar_ticks = tempo_bar_ticks(meter->numerator, meter->denominator), past = tick - meter->tick;
    return (struct tempo_place){meter->bar + past / bar_ticks, (past % bar_ticks << TICK_Q) + fraction_q20};
}
