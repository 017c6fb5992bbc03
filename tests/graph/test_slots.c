/* Who plays which note: rules one by one, and what holds for any flood of them. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "graph/dsp/slots.h"
#include "tests/suite.h"

#define RATE_HZ 48000
#define FADE    240 /* frames: 5 ms */

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

/* All of these in one frame, then as many frames. */
static unsigned play(const struct event *events, unsigned n_events, unsigned frames)
{
    slots_begin(&slots);
    for (unsigned i = 0; i < n_events; i++)
        slots_event(&slots, &settings, &events[i]);
    return slots_finish(&slots, frames);
}

/* Frames without an event. */
static void rest(unsigned frames)
{
    for (unsigned run; frames; frames -= run)
        run = play(NULL, 0, frames);
}

static void on(float note)
{
    play(&(struct event){.kind = EVENT_NOTE_ON, .note = note, .value = 100}, 1, 1);
}

static void off(float note)
{
    play(&(struct event){.kind = EVENT_NOTE_OFF, .note = note, .value = 50}, 1, 1);
}

static void pedal(unsigned number, float value)
{
    play(&(struct event){.kind = EVENT_CONTROL, .number = (uint8_t)number, .value = value}, 1, 1);
}

/* The slot that plays a note and does not fade, or null. */
static struct slot *find(float note)
{
    for (unsigned i = 0; i < slots.n; i++)
        if (slots.slot[i].sounds && !slots.slot[i].fade && slots.slot[i].note == note)
            return &slots.slot[i];
    return NULL;
}

static bool gate(float note)
{
    const struct slot *slot = find(note);
    return slot && slot->gate;
}

START_TEST(a_note_starts_lets_go_and_is_free_when_it_has_ended)
{
    begin(4);
    on(60);
    ck_assert(find(60)->starts && find(60)->gate && !find(60)->resumes);
    ck_assert_float_eq(find(60)->velocity, 100 / 127.0f);
    rest(10);
    ck_assert(!find(60)->starts && find(60)->gate);
    off(60);
    ck_assert(find(60)->lets_go && !find(60)->gate);
    ck_assert_float_eq(find(60)->release_velocity, 50 / 127.0f);
    slots_end(&slots, find(60));
    ck_assert(slots_are_idle(&slots));
    end();
}
END_TEST

START_TEST(what_is_let_go_is_stolen_before_what_is_held_and_of_those_the_oldest)
{
    begin(3);
    on(60), on(61), on(62);
    off(61);
    on(63);
    ck_assert(!find(61) && find(60) && find(62) && find(63));
    on(64);
    ck_assert(!find(60) && find(62) && find(63) && find(64));
    end();
}
END_TEST

START_TEST(the_quietest_is_stolen_but_never_the_newest)
{
    begin(3);
    settings.steal = STEAL_QUIETEST;
    on(60), on(61), on(62);
    find(60)->level = 0.5f;
    find(61)->level = 0.2f;
    find(62)->level = 0.1f;
    on(63);
    ck_assert(find(60) && !find(61) && find(62));
    end();
}
END_TEST

START_TEST(the_bass_is_kept_where_it_is_wished)
{
    begin(2);
    settings.keeps_bass = true;
    on(40), on(61), on(62), on(63);
    ck_assert(find(40) && find(63));
    end();
}
END_TEST

START_TEST(the_same_note_takes_the_place_of_itself)
{
    begin(4);
    settings.steal = STEAL_SAME;
    on(60);
    off(60);
    on(60);
    ck_assert_uint_eq(slots.n_playing, 1);
    ck_assert_uint_eq(slots.n_fading, 1);
    ck_assert(gate(60));
    end();
}
END_TEST

START_TEST(two_fade_while_those_that_took_their_places_sound)
{
    begin(2);
    on(60), on(61), on(62), on(63);
    ck_assert_uint_eq(slots.n_playing, 2);
    ck_assert_uint_eq(slots.n_fading, 2);
    ck_assert(find(62) && find(63));
    rest(FADE);
    rest(1);
    ck_assert_uint_eq(slots.n_fading, 0);
    end();
}
END_TEST

START_TEST(a_third_waits_for_the_first_fade_and_starts_in_the_frame_in_which_it_ends)
{
    begin(3);
    on(60), on(61), on(62), rest(100);
    struct event chord[3];
    for (unsigned i = 0; i < 3; i++)
        chord[i] = (struct event){.kind = EVENT_NOTE_ON, .note = 70 + (float)i, .value = 100};
    ck_assert_uint_eq(play(chord, 3, 1000), FADE);
    ck_assert(find(70) && find(71) && !find(72));
    ck_assert_uint_eq(slots.n_fading, 3);
    play(NULL, 0, 1);
    ck_assert(find(72)->starts);
    ck_assert_uint_eq(slots.n_fading, 0);
    end();
}
END_TEST

START_TEST(a_note_that_is_over_while_it_waits_is_as_long_as_it_was_played)
{
    begin(1);
    on(60), on(61), on(62), rest(20); /* two fade: 63 waits */
    on(63);
    ck_assert(!find(63));
    rest(29);
    off(63);
    ck_assert(!find(63));
    rest(FADE - 20 - 30 - 3);
    unsigned length = 0;
    for (unsigned i = 0; i < FADE; i++) {
        play(NULL, 0, 1);
        length += gate(63);
    }
    ck_assert_uint_eq(length, 30);
    ck_assert(find(63) && !find(63)->gate);
    end();
}
END_TEST

START_TEST(a_pedal_holds_what_is_up_and_a_string_struck_again_is_let_go)
{
    begin(4);
    on(60), pedal(CONTROL_PEDAL, 127), off(60);
    ck_assert(gate(60));
    on(60);
    ck_assert_uint_eq(slots.n_playing, 2);
    unsigned gates = 0;
    for (unsigned i = 0; i < slots.n; i++)
        gates += slots.slot[i].gate;
    ck_assert_uint_eq(gates, 1);
    off(60);
    pedal(CONTROL_PEDAL, 0);
    ck_assert(!gate(60));
    end();
}
END_TEST

START_TEST(sostenuto_holds_what_was_down_when_it_went_down)
{
    begin(4);
    on(60), pedal(CONTROL_SOSTENUTO, 127), on(64), off(60), off(64);
    ck_assert(gate(60) && !gate(64));
    pedal(CONTROL_SOSTENUTO, 0);
    ck_assert(!gate(60));
    end();
}
END_TEST

START_TEST(in_unison_a_note_has_several_slots_spread_evenly_and_is_stolen_whole)
{
    begin(6);
    settings.unison = 3;
    on(60);
    ck_assert_uint_eq(slots.n_playing, 3);
    ck_assert_float_eq(slots.slot[0].place, -1);
    ck_assert_float_eq(slots.slot[1].place, 0);
    ck_assert_float_eq(slots.slot[2].place, 1);
    on(61), on(62);
    ck_assert_uint_eq(slots.n_fading, 3);
    ck_assert(!find(62) && find(61)); /* waits: all three begin together */
    rest(FADE);
    rest(1);
    ck_assert_uint_eq(slots.n_playing, 6);
    ck_assert(find(62));
    end();
}
END_TEST

START_TEST(mono_plays_one_note_anew_each_time_and_goes_back_to_what_is_held)
{
    begin(4);
    settings.mode = SLOTS_MONO;
    on(60), on(64);
    const struct slot *slot = find(64);
    ck_assert(slot->starts && slot->resumes && slot->overlaps);
    ck_assert_uint_eq(slots.n_playing, 1);
    on(67), off(64);
    ck_assert(find(67));
    off(67);
    ck_assert(slot == find(60) && slot->starts && slot->gate);
    off(60);
    ck_assert(!gate(60));
    end();
}
END_TEST

START_TEST(legato_goes_on_while_a_note_is_held_and_begins_anew_after_a_gap)
{
    begin(4);
    settings.mode = SLOTS_LEGATO;
    on(60), on(64);
    ck_assert(find(64)->legato && !find(64)->starts);
    off(64);
    ck_assert(find(60)->legato && find(60)->gate);
    off(60), on(62);
    ck_assert(find(62)->starts && find(62)->resumes && !find(62)->overlaps);
    end();
}
END_TEST

START_TEST(low_and_high_notes_take_precedence_where_it_is_wished)
{
    begin(4);
    settings.mode = SLOTS_LEGATO;
    settings.priority = SLOTS_LOW;
    on(60), on(64);
    ck_assert(gate(60));
    on(55);
    ck_assert(gate(55));
    off(55);
    ck_assert(gate(60));
    off(60);
    ck_assert(gate(64));
    settings.priority = SLOTS_HIGH;
    on(70), on(50);
    ck_assert(gate(70));
    end();
}
END_TEST

START_TEST(what_cannot_go_on_from_where_it_is_begins_in_a_new_slot)
{
    begin(4);
    settings.mode = SLOTS_MONO;
    settings.renews = true;
    on(60), on(64);
    ck_assert(find(64)->starts && !find(64)->resumes);
    ck_assert_uint_eq(slots.n_playing, 1);
    ck_assert_uint_eq(slots.n_fading, 1);
    off(64);
    ck_assert(gate(60));
    off(60);
    ck_assert(!gate(60));
    end();
}
END_TEST

START_TEST(sound_off_fades_the_channel_and_nothing_else)
{
    begin(4);
    struct event events[3] = {{.kind = EVENT_NOTE_ON, .note = 60, .value = 1, .channel = 2},
                              {.kind = EVENT_NOTE_ON, .note = 61, .value = 1, .channel = 3},
                              {.kind = EVENT_SOUND_OFF, .channel = 2}};
    play(events, 2, 10);
    play(events + 2, 1, 10);
    ck_assert(!find(60) && find(61));
    ck_assert_uint_eq(slots.n_fading, 1);
    end();
}
END_TEST

START_TEST(a_fade_goes_straight_to_silence)
{
    begin(1);
    on(60), rest(7), on(61);
    const struct slot *slot = slots.slot[0].fade ? &slots.slot[0] : &slots.slot[1];
    for (unsigned i = 0; i < 300; i++)
        ck_assert_double_eq_tol(slots_gain(&slots, slot, i), i < FADE ? 1 - i / (double)FADE : 0, 1e-6);
    end();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_note_starts_lets_go_and_is_free_when_it_has_ended,
        what_is_let_go_is_stolen_before_what_is_held_and_of_those_the_oldest,
        the_quietest_is_stolen_but_never_the_newest,
        the_bass_is_kept_where_it_is_wished,
        the_same_note_takes_the_place_of_itself,
        two_fade_while_those_that_took_their_places_sound,
        a_third_waits_for_the_first_fade_and_starts_in_the_frame_in_which_it_ends,
        a_note_that_is_over_while_it_waits_is_as_long_as_it_was_played,
        a_pedal_holds_what_is_up_and_a_string_struck_again_is_let_go,
        sostenuto_holds_what_was_down_when_it_went_down,
        in_unison_a_note_has_several_slots_spread_evenly_and_is_stolen_whole,
        mono_plays_one_note_anew_each_time_and_goes_back_to_what_is_held,
        legato_goes_on_while_a_note_is_held_and_begins_anew_after_a_gap,
        low_and_high_notes_take_precedence_where_it_is_wished,
        what_cannot_go_on_from_where_it_is_begins_in_a_new_slot,
        sound_off_fades_the_channel_and_nothing_else,
        a_fade_goes_straight_to_silence,
    };
    return suite_run("slots", 60, tests, ROWS(tests));
}
