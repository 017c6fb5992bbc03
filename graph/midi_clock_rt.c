/* Places are ticks of the map, so clocks meet the marks of the tempo where the transport does; nothing is added up while it
 * rolls. A position counts sixteenths, and the first clock behind start or continue is the first of that sixteenth (The Complete
 * MIDI 1.0 Detailed Specification, "System Common", "System Real Time"). */
#include "graph/midi_clock.h"

#include "graph/mutant.h"
#include "graph/tempo_shared.h"

#include "graph/rt_only.h"

#define CLOCK_TICKS (TEMPO_TICKS_PER_QUARTER / MIDI_CLOCKS_QUARTER)
#define SONG_TICKS  (CLOCK_TICKS * MIDI_CLOCKS_SONG)

struct saying {
    struct midi_timed *out;
    unsigned n;
};

static void say(struct saying *saying, int64_t frame, struct midi_message message)
{
    if (saying->n < MIDI_CLOCK_MOST)
        saying->out[saying->n++] = (struct midi_timed){(uint32_t)frame, message};
}

static struct midi_message real_time(enum midi_status status)
{
    return (struct midi_message){1, {(uint8_t)status}};
}

static int64_t place_q20(const struct tempo_map *map, int64_t frame)
{
    struct tempo_place place = tempo_place_of_frame(map, frame);
    return tempo_tick_of_bars(map, &(struct bars){place.bar, 1, 0}) * TEMPO_TICK_Q20 + place.ticks_q20;
}

/* The first tick of such a length at this frame or later. */
static int64_t first_tick(const struct tempo_map *map, int64_t frame, int64_t ticks)
{
    int64_t tick = tempo_tick_of_frame(map, frame) / ticks * ticks;
    return tempo_frame_of_tick(map, tick) < frame ? tick + ticks : tick;
}

/* By more than another map makes of a place that it keeps: some frames, rounded. */
static bool is_moved(const struct midi_clock *clock, const struct music *music)
{
    const struct tempo_stretch *stretch = tempo_stretch_of_frame(music->map, music->position);
    int64_t frame_q20 = (int64_t)(((uint64_t)stretch->micro_bpm << 20) / ((uint64_t)music->map->rate_hz * 62500));
    int64_t off = place_q20(music->map, music->position) - clock->next_q20;
    return off > 2 * frame_q20 || off < -2 * frame_q20;
}

/* A start says by itself that it is at the beginning. */
static void say_position(struct midi_clock *clock, const struct music *music, bool moved, struct saying *saying)
{
    clock->from = first_tick(music->map, music->position, SONG_TICKS);
    if (clock->from || moved)
        say(saying, 0, midi_song(clock->from / SONG_TICKS));
}

/* What has changed since the block before. */
static void turn(struct midi_clock *clock, const struct music *music, struct saying *saying)
{
    bool moved = clock->has_begun && is_moved(clock, music), begins = music->is_rolling && (!clock->was_rolling || moved);
    if (clock->was_rolling && (!music->is_rolling || moved))
        say(saying, 0, real_time(MIDI_STOP));
    if (begins || moved)
        say_position(clock, music, moved, saying);
    clock->waits = begins || (clock->waits && music->is_rolling);
    clock->has_begun = true;
    clock->was_rolling = music->is_rolling;
}

static void roll(struct midi_clock *clock, const struct music *music, unsigned n, struct saying *saying)
{
    const struct tempo_map *map = music->map;
    int64_t end = music->position + n, frame;
    for (int64_t tick = first_tick(map, music->position, CLOCK_TICKS); (frame = tempo_frame_of_tick(map, tick)) < end;
         tick += CLOCK_TICKS) {
        if (clock->waits && tick >= clock->from) {
            say(saying, frame - music->position, real_time(tick ? MIDI_CONTINUE : MIDI_START));
            clock->waits = false;
        }
        if (!MUTANT_FLAW("skipping") || tick / CLOCK_TICKS % 37)
            say(saying, frame - music->position, real_time(MIDI_CLOCK));
    }
}

static unsigned __int128 clock_frames_q40(const struct music *music)
{
    const struct tempo_stretch *stretch = tempo_stretch_of_frame(music->map, music->position);
    return tempo_frames_q40(music->map, stretch, CLOCK_TICKS * TEMPO_TICK_Q20);
}

static void idle(struct midi_clock *clock, const struct music *music, unsigned n, struct saying *saying)
{
    uint64_t end_q40 = (uint64_t)n << 40, every_q40 = (uint64_t)clock_frames_q40(music);
    if (clock->idle_q40 > every_q40)
        clock->idle_q40 = every_q40;
    for (; clock->idle_q40 < end_q40; clock->idle_q40 += every_q40)
        say(saying, (int64_t)(clock->idle_q40 >> 40), real_time(MIDI_CLOCK));
    clock->idle_q40 -= end_q40;
}

unsigned midi_clock_run_rt(struct midi_clock *clock, const struct music *music, unsigned n, struct midi_timed *out)
{
    struct saying saying = {out, 0};
    turn(clock, music, &saying);
    if (music->is_rolling) {
        roll(clock, music, n, &saying);
        clock->idle_q40 = UINT64_MAX; /* one clock behind the stop */
    } else {
        idle(clock, music, n, &saying);
    }
    clock->next_q20 = place_q20(music->map, music->position + (music->is_rolling ? n : 0));
    return saying.n;
}

unsigned midi_clock_end_rt(struct midi_clock *clock, struct midi_timed *out)
{
    struct saying saying = {out, 0};
    if (clock->was_rolling)
        say(&saying, 0, real_time(MIDI_STOP));
    *clock = (struct midi_clock){0};
    return saying.n;
}
