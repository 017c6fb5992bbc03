/* Pitch and controllers of voices against what MIDI, MPE and arithmetic say. */
#include <check.h>
#include <stdlib.h>

#include "graph/dsp/voicing.h"
#include "tests/suite.h"

#define RATE_HZ 48000
#define SMOOTH  240 /* frames: 5 ms */

static struct arena arena;
static struct voicing voicing;
static struct voicing_settings settings;

static void begin(unsigned n)
{
    arena_deinit(&arena);
    settings = (struct voicing_settings){.bend_semitones = 2};
    ck_assert_int_eq(voicing_init(&voicing, &arena, n, RATE_HZ), 0);
}

/* All of these at once, and then as many frames. */
static void play(const struct event *events, unsigned n, unsigned frames)
{
    static struct event_list list;
    list.n = n;
    for (unsigned i = 0; i < n; i++)
        list.event[i] = events[i];
    for (unsigned at = 0, run; at < frames; at += run)
        run = voicing_run(&voicing, &settings, &list, at, frames);
}

static void tell(unsigned kind, unsigned channel, unsigned number, float note, float value)
{
    struct event event = {
        .kind = (uint8_t)kind, .channel = (uint8_t)channel, .number = (uint8_t)number, .note = note, .value = value};
    play(&event, 1, 1);
}

static void on(unsigned channel, float note)
{
    tell(EVENT_NOTE_ON, channel, 0, note, 100);
}

static void control(unsigned channel, unsigned number, float value)
{
    tell(EVENT_CONTROL, channel, number, 0, value);
}

static void rest(unsigned frames)
{
    for (; frames; frames--)
        play(NULL, 0, 1);
}

static const struct voice *find(float note)
{
    for (unsigned i = 0; i < voicing.slots.n; i++)
        if (voicing.voice[i].slot->sounds && voicing.voice[i].slot->note == note)
            return &voicing.voice[i];
    ck_abort_msg("nobody plays %g", (double)note);
}

START_TEST(a_note_is_octaves_from_a4_whatever_the_fraction)
{
    begin(4);
    on(0, 69), on(0, 57), on(0, 60.5f), on(0, 127);
    ck_assert_double_eq(voice_pitch(find(69), 0), 0);
    ck_assert_double_eq(voice_pitch(find(57), 0), -1);
    ck_assert_double_eq_tol(voice_pitch(find(60.5f), 0), -8.5 / 12, 1e-15);
    ck_assert_double_eq_tol(voice_pitch(find(127), 0), 58 / 12.0, 1e-15);
}
END_TEST

START_TEST(a_bend_goes_straight_to_its_part_of_the_range)
{
    begin(1);
    on(0, 69);
    struct event bend = {.kind = EVENT_BEND, .value = 0.5f};
    play(&bend, 1, 60);
    for (unsigned i = 0; i <= SMOOTH; i += 30)
        ck_assert_double_eq_tol(voice_pitch(find(69), i), 1 / 12.0 * i / SMOOTH, 1e-12);
}
END_TEST

/* voice_pitch counts from the frame of the run that was asked for last. */
START_TEST(a_glide_takes_its_time_and_arrives_to_the_bit)
{
    begin(1);
    settings.slots.mode = SLOTS_LEGATO;
    settings.glide_s = 0.1f;
    on(0, 69);
    ck_assert_double_eq(voice_pitch(find(69), 0), 0);
    on(0, 81);
    for (unsigned i = 0; i <= 4800; i += 480)
        ck_assert_double_eq_tol(voice_pitch(find(81), i), i / 4800.0, 1e-12);
    ck_assert_double_eq(voice_pitch(find(81), 4801), 1);
    rest(2400);
    on(0, 57);
    ck_assert_double_eq_tol(voice_pitch(find(57), 0), 0.5, 1e-3);
    ck_assert_double_eq(voice_pitch(find(57), 4800), -1);
}
END_TEST

START_TEST(glides_of_legato_playing_need_a_note_that_is_held)
{
    begin(4);
    settings.glide_s = 0.1f;
    settings.glides_legato = true;
    on(0, 69);
    tell(EVENT_NOTE_OFF, 0, 0, 69, 0);
    on(0, 81);
    ck_assert_double_eq(voice_pitch(find(81), 0), 1);
    on(0, 57);
    ck_assert_double_eq(voice_pitch(find(57), 0), 1);
    settings.glides_legato = false;
    tell(EVENT_NOTE_OFF, 0, 0, 81, 0);
    tell(EVENT_NOTE_OFF, 0, 0, 57, 0);
    on(0, 93);
    ck_assert_double_eq(voice_pitch(find(93), 0), -1);
}
END_TEST

START_TEST(pitch_does_not_depend_on_where_blocks_end)
{
    double pitch[2][1000];
    for (unsigned b = 0; b < 2; b++) {
        begin(2);
        settings.glide_s = 0.0173f;
        on(0, 40);
        on(0, 77);
        tell(EVENT_BEND, 0, 0, 0, 0.3f);
        for (unsigned at = 0, run; at < 1000; at += run) {
            static const struct event_list none;
            run = voicing_run(&voicing, &settings, &none, 0, b ? 37 < 1000 - at ? 37 : 1000 - at : 1);
            for (unsigned i = 0; i < run; i++)
                pitch[b][at + i] = voice_pitch(find(77), i);
        }
    }
    for (unsigned i = 0; i < 1000; i++)
        ck_assert_double_eq(pitch[0][i], pitch[1][i]);
}
END_TEST

START_TEST(the_range_of_bends_is_told_by_parameter_0_until_the_setting_changes)
{
    begin(1);
    on(0, 69);
    control(0, CONTROL_PARAMETER, 0), control(0, CONTROL_PARAMETER_FINE, 0);
    control(0, CONTROL_DATA, 12), control(0, CONTROL_DATA_FINE, 50);
    tell(EVENT_BEND, 0, 0, 0, -1);
    rest(SMOOTH);
    ck_assert_double_eq_tol(voice_pitch(find(69), 0), -12.5 / 12, 1e-7);
    settings.bend_semitones = 3;
    rest(SMOOTH + 1);
    ck_assert_double_eq_tol(voice_pitch(find(69), 0), -3 / 12.0, 1e-12);
}
END_TEST

START_TEST(expression_of_a_note_is_its_channels_and_its_masters)
{
    begin(4);
    settings.mpe = true;
    tell(EVENT_BEND, 2, 0, 0, 0.25f), tell(EVENT_PRESSURE, 2, 0, 0, 63.5f), control(2, CONTROL_TIMBRE, 127);
    on(1, 60), on(2, 69);
    ck_assert_double_eq_tol(voice_pitch(find(69), 0), 1, 1e-12);
    ck_assert_double_eq_tol(voice_pitch(find(60), 0), -9 / 12.0, 1e-12);
    tell(EVENT_BEND, 0, 0, 0, 1), tell(EVENT_PRESSURE, 0, 0, 0, 31.75f);
    rest(SMOOTH);
    ck_assert_double_eq_tol(voice_pitch(find(69), 0), 1 + 2 / 12.0, 1e-12);
    ck_assert_double_eq_tol(voice_pitch(find(60), 0), -7 / 12.0, 1e-12);
    ck_assert_double_eq_tol(voice_way_at(&find(69)->pressure, 0), 0.75, 1e-6);
    ck_assert_double_eq_tol(voice_way_at(&find(60)->pressure, 0), 0.25, 1e-6);
    ck_assert_double_eq_tol(voice_way_at(&find(69)->timbre, 0), 1, 1e-6);
    ck_assert_double_eq_tol(voice_way_at(&find(60)->timbre, 0), 0, 1e-6);
}
END_TEST

START_TEST(the_masters_pedal_holds_notes_of_all_members)
{
    begin(4);
    settings.mpe = true;
    rest(1);
    control(0, CONTROL_PEDAL, 127);
    on(3, 60);
    tell(EVENT_NOTE_OFF, 3, 0, 60, 0);
    ck_assert(find(60)->slot->gate);
    control(0, CONTROL_PEDAL, 0);
    ck_assert(!find(60)->slot->gate);
}
END_TEST

START_TEST(parameter_6_makes_a_zone_of_as_many_members)
{
    begin(4);
    control(0, CONTROL_PARAMETER, 0), control(0, CONTROL_PARAMETER_FINE, 6), control(0, CONTROL_DATA, 2);
    on(1, 60), on(3, 61);
    tell(EVENT_BEND, 0, 0, 0, 1);
    rest(SMOOTH);
    ck_assert_double_eq_tol(voice_pitch(find(60), 0), -7 / 12.0, 1e-12);
    ck_assert_double_eq_tol(voice_pitch(find(61), 0), -8 / 12.0, 1e-12);
    tell(EVENT_BEND, 1, 0, 0, 0.5f);
    rest(SMOOTH);
    ck_assert_double_eq_tol(voice_pitch(find(60), 0), -7 / 12.0 + 2, 1e-12);
}
END_TEST

START_TEST(pressure_is_the_higher_of_note_and_channel_and_wheel_and_volume_are_smooth)
{
    begin(2);
    on(0, 60), on(0, 61);
    tell(EVENT_NOTE_PRESSURE, 0, 0, 60, 127), tell(EVENT_PRESSURE, 0, 0, 0, 63.5f);
    control(0, CONTROL_MODULATION, 127);
    for (unsigned i = 0; i <= SMOOTH; i += 24)
        ck_assert_double_eq_tol(voice_way_at(&find(60)->modulation, i), i / 240.0, 1e-6);
    rest(SMOOTH);
    ck_assert_double_eq_tol(voice_way_at(&find(60)->pressure, 0), 1, 1e-6);
    ck_assert_double_eq_tol(voice_way_at(&find(61)->pressure, 0), 0.5, 1e-6);
    ck_assert_double_eq(voice_way_at(&find(61)->volume, 0), 1);
    control(0, CONTROL_VOLUME, 63.5f), control(0, CONTROL_EXPRESSION, 63.5f);
    rest(SMOOTH);
    ck_assert_double_eq_tol(voice_way_at(&find(61)->volume, 0), 0.0625, 1e-6);
}
END_TEST

START_TEST(a_note_begins_with_what_its_channel_says_already)
{
    begin(2);
    tell(EVENT_BEND, 0, 0, 0, 1), control(0, CONTROL_MODULATION, 127);
    on(0, 69);
    ck_assert_double_eq_tol(voice_pitch(find(69), 0), 2 / 12.0, 1e-12);
    ck_assert_double_eq_tol(voice_way_at(&find(69)->modulation, 0), 1, 1e-12);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_note_is_octaves_from_a4_whatever_the_fraction,
        a_bend_goes_straight_to_its_part_of_the_range,
        a_glide_takes_its_time_and_arrives_to_the_bit,
        glides_of_legato_playing_need_a_note_that_is_held,
        pitch_does_not_depend_on_where_blocks_end,
        the_range_of_bends_is_told_by_parameter_0_until_the_setting_changes,
        expression_of_a_note_is_its_channels_and_its_masters,
        the_masters_pedal_holds_notes_of_all_members,
        parameter_6_makes_a_zone_of_as_many_members,
        pressure_is_the_higher_of_note_and_channel_and_wheel_and_volume_are_smooth,
        a_note_begins_with_what_its_channel_says_already,
    };
    return suite_run("voicing", 60, tests, ROWS(tests));
}
