/* Who plays which note, in floods of events: what holds for any of them. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "graph/dsp/slots.h"
#include "tests/suite.h"

#define RATE_HZ     48000
#define FADE        240 /* frames: 5 ms */
#define NOTES       40
#define MOST_FRAMES 60000
#define RELEASE     300 /* frames that a slot rings on */

static struct arena arena;
static struct slots slots;
static struct slots_settings settings;

static void begin(unsigned n)
{
    arena_deinit(&arena);
    settings = (struct slots_settings){0};
    ck_assert_int_eq(slots_init(&slots, &arena, n, RATE_HZ), 0);
}

static void end(void)
{
    arena_deinit(&arena);
}

static uint32_t random_next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

struct flood {
    struct event event[4000];
    unsigned n, frames;
};

/* Events as the engine promises them; all is off in the end. */
static void flood_fill(struct flood *flood, uint32_t seed, unsigned spread)
{
    bool is_on[4][NOTES] = {{false}};
    uint32_t frame = 0;
    for (flood->n = 0; flood->n < 3600; flood->n++) {
        struct event *event = &flood->event[flood->n];
        unsigned channel = random_next(&seed) % 4, note = random_next(&seed) % NOTES, kind = random_next(&seed) % 16;
        *event = (struct event){.offset = frame, .channel = (uint8_t)channel, .note = 40 + (float)note, .value = 90};
        if (kind == 0)
            event->kind = random_next(&seed) % 8 ? EVENT_BEND : EVENT_SOUND_OFF;
        else if (kind < 3) {
            event->kind = EVENT_CONTROL;
            event->number = kind == 1 ? CONTROL_PEDAL : CONTROL_SOSTENUTO;
            event->value = (float)(random_next(&seed) % 128);
        } else {
            event->kind = is_on[channel][note] ? EVENT_NOTE_OFF : EVENT_NOTE_ON;
            is_on[channel][note] = !is_on[channel][note];
        }
        frame += random_next(&seed) % 3 ? 0 : random_next(&seed) % spread;
    }
    for (unsigned channel = 0; channel < 4; channel++) {
        for (unsigned number = CONTROL_PEDAL; number <= CONTROL_SOSTENUTO; number += 2)
            flood->event[flood->n++] = (struct event){
                .offset = frame, .kind = EVENT_CONTROL, .number = (uint8_t)number, .channel = (uint8_t)channel};
        for (unsigned note = 0; note < NOTES; note++)
            if (is_on[channel][note])
                flood->event[flood->n++] = (struct event){
                    .offset = frame, .kind = EVENT_NOTE_OFF, .channel = (uint8_t)channel, .note = 40 + (float)note};
    }
    flood->frames = frame + 2 * FADE + RELEASE + 1;
}

/* What a frame sounds like, whoever plays it where. */
struct trace {
    uint64_t sum[MOST_FRAMES];
};

static uint32_t rung[SLOTS_MOST + SLOTS_SPARE]; /* frames since the gate closed */

static bool promises_are_kept(void)
{
    unsigned playing = 0, fading = 0, silent_gates = 0;
    for (unsigned i = 0; i < slots.n; i++) {
        playing += slots.slot[i].sounds && !slots.slot[i].fade;
        fading += slots.slot[i].fade > 0;
        silent_gates += slots.slot[i].gate && !slots.slot[i].sounds;
    }
    return playing == slots.n_playing && fading == slots.n_fading && !silent_gates &&
           playing + slots.n_wanted <= slots.n_heard && (fading || !slots.n_waiting);
}

static void run_trace(struct trace *trace, unsigned at, unsigned run)
{
    for (unsigned i = 0; i < slots.n; i++) {
        struct slot *slot = &slots.slot[i];
        rung[i] = slot->starts || slot->gate ? 0 : rung[i];
        for (unsigned k = 0; slot->sounds && trace && k < run && rung[i] + k < RELEASE; k++)
            if (!slot->fade || k < slot->fade)
                trace->sum[at + k] += (slot->order * 31 + slot->gate) * 2654435761u + (slot->fade ? slot->fade - k : 0);
        rung[i] += slot->gate ? 0 : run;
        if (slot->sounds && rung[i] >= RELEASE)
            slots_end(&slots, slot);
    }
}

/* Returns how often a promise was broken: an assertion each would take longer than the flood. */
static unsigned flood_play(const struct flood *flood, unsigned block, struct trace *trace)
{
    unsigned next = 0, broken = 0;
    for (unsigned at = 0, run; at < flood->frames; at += run) {
        unsigned most = block - at % block;
        slots_begin(&slots);
        for (; next < flood->n && flood->event[next].offset <= at; next++) {
            slots_event(&slots, &settings, &flood->event[next]);
            broken += !promises_are_kept();
        }
        most = next < flood->n && flood->event[next].offset - at < most ? flood->event[next].offset - at : most;
        run = slots_finish(&slots, most < flood->frames - at ? most : flood->frames - at);
        broken += !promises_are_kept();
        if (!run)
            return broken + 1;
        run_trace(trace, at, run);
    }
    return broken;
}

static void settings_random(uint32_t seed)
{
    settings = (struct slots_settings){.steal = seed % 3,
                                       .mode = seed / 3 % 3,
                                       .priority = seed / 9 % 3,
                                       .unison = seed / 27 % 4,
                                       .keeps_bass = seed / 5 % 2,
                                       .renews = seed / 7 % 2};
}

START_TEST(a_flood_keeps_its_promises_and_leaves_nothing_behind)
{
    static struct flood flood;
    for (uint32_t seed = 1; seed <= 280; seed++) {
        begin(seed % 7 ? 1 + seed % 9 : 32);
        settings_random(seed);
        flood_fill(&flood, seed, seed % 4 ? 1 + seed % 60 : 2);
        ck_assert_uint_eq(flood_play(&flood, 256, NULL), 0);
        ck_assert_msg(slots_are_idle(&slots), "seed %u: %u play, %u fade, %u wait", seed, slots.n_playing, slots.n_fading,
                      slots.n_waiting);
        ck_assert_uint_eq(slots.n_held, 0);
    }
    end();
}
END_TEST

START_TEST(who_plays_does_not_depend_on_where_blocks_end)
{
    static struct flood flood;
    static struct trace trace[2];
    static const unsigned blocks[] = {1, 7, 64};
    for (uint32_t seed = 1; seed <= 27; seed++) {
        begin(1 + seed % 6);
        flood_fill(&flood, seed, 30);
        ck_assert_uint_lt(flood.frames, MOST_FRAMES);
        for (unsigned b = 0; b < 2; b++) {
            begin(1 + seed % 6);
            settings_random(seed * 5);
            memset(&trace[b], 0, sizeof trace[b]);
            memset(rung, 0, sizeof rung);
            ck_assert_uint_eq(flood_play(&flood, b ? 256 : blocks[seed % 3], &trace[b]), 0);
        }
        ck_assert_int_eq(memcmp(trace[0].sum, trace[1].sum, sizeof trace[0].sum), 0);
    }
    end();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_flood_keeps_its_promises_and_leaves_nothing_behind,
        who_plays_does_not_depend_on_where_blocks_end,
    };
    return suite_run("slots in floods", 60, tests, ROWS(tests));
}
