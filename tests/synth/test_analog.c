/* The analog synthesiser: tuning, aliases, envelopes, expression. */
#include <check.h>
#include <complex.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE_HZ 48000
#define N       65536

static float left[N], right[N];

static struct event note(unsigned offset, bool is_on, float number, float value, unsigned channel)
{
    return (struct event){.offset = offset,
                          .kind = is_on ? EVENT_NOTE_ON : EVENT_NOTE_OFF,
                          .note = number,
                          .value = value,
                          .channel = (uint8_t)channel};
}

/* One oscillator, level 0 dB at full touch in the middle, nothing that moves. */
static struct rig begin(float wave)
{
    static const struct {
        const char *name;
        float value;
    } plain[] = {{"level2", 0},       {"cutoff", 20000}, {"q", 0.7071f}, {"slope", 12}, {"env", 0},   {"key", 0},
                 {"bright", 0},       {"touch", 0},      {"level", 0},   {"spread", 0}, {"curve", 0}, {"attack", 0.001f},
                 {"release", 0.001f}, {"sustain", 1},    {"mode", 1},    {"press", 0}};
    struct rig rig = rig_new("analog", RATE_HZ, 0);
    for (unsigned i = 0; i < ROWS(plain); i++)
        rig_set(&rig, plain[i].name, plain[i].value);
    rig_set(&rig, "wave1", wave);
    return rig;
}

static void run(struct rig *rig, const struct event *events, size_t n_events)
{
    float *out[] = {left, right};
    rig->events = events;
    rig->n_events = n_events;
    rig_process(rig, NULL, out, N);
}

/* Frequency of a sine by the phases of two of its parts. */
static double hz_of(const float *x, double hz)
{
    double complex a = tone(x, 16384, hz, RATE_HZ), b = tone(x + 32768, 16384, hz, RATE_HZ);
    double turns = remainder(carg(b * conj(a)) / (2 * M_PI) - hz * 32768 / RATE_HZ, 1);
    return hz + turns * RATE_HZ / 32768;
}

START_TEST(every_note_is_in_tune_within_a_tenth_of_a_cent)
{
    static const float notes[] = {24, 45, 60.25f, 69, 88, 108, 120};
    for (unsigned i = 0; i < ROWS(notes); i++) {
        const struct event events[] = {note(0, true, notes[i], 127, 0)};
        struct rig rig = begin(3);
        rig_start(&rig);
        run(&rig, events, 1);
        double hz = 440 * exp2(((double)notes[i] - 69) / 12);
        ck_assert_double_lt(fabs(1200 * log2(hz_of(left + 4096, hz) / hz)), 0.1);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(saws_and_pulses_of_5_khz_have_no_aliases_above_minus_100_db)
{
    for (unsigned wave = 0; wave < 3; wave++) {
        const struct event events[] = {note(0, true, 111, 127, 0)};
        struct rig rig = begin((float)wave);
        rig_set(&rig, "width1", 0.3f);
        rig_start(&rig);
        run(&rig, events, 1);
        ck_assert_double_le(inharmonic_db(left + 16384, 32768, 440 * exp2((111.0 - 69) / 12), RATE_HZ), -100);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(driven_saws_and_pulses_have_no_aliases_to_be_heard)
{
    static const double aliases_db[2][3] = {{-84, -75, -71}, {-79, -73, -69}}; /* at A5, A6, A7 */
    for (unsigned trial = 0; trial < 6; trial++) {
        unsigned wave = trial / 3, octave = trial % 3;
        const struct event events[] = {note(0, true, 81 + 12 * (float)octave, 127, 0)};
        struct rig rig = begin((float)wave);
        rig_set(&rig, "width1", 0.3f);
        rig_set(&rig, "drive", 12);
        rig_start(&rig);
        run(&rig, events, 1);
        ck_assert_double_le(inharmonic_db(left + 16384, 32768, 880 << octave, RATE_HZ), aliases_db[wave][octave]);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(a_driven_note_begins_in_its_frame_and_in_phase_with_one_that_is_not)
{
    const struct event events[] = {note(1001, true, 69, 127, 0)};
    double complex heard[2];
    for (unsigned i = 0; i < 2; i++) {
        struct rig rig = begin(3);
        rig_set(&rig, "drive", i ? 12 : 0);
        rig_start(&rig);
        run(&rig, events, 1);
        ck_assert_double_eq(peak(left, 1001), 0);
        ck_assert_double_gt(peak(left + 1001, 10), 0);
        heard[i] = tone(left + 16384, 32768, 440, RATE_HZ);
        rig_free(&rig);
    }
    ck_assert_double_le(fabs(carg(heard[1] / heard[0])), 2 * M_PI * 440 / RATE_HZ * 0.2);
}
END_TEST

/* The attack of 1 ms is a straight line. What the filter adds to the eighth of a frame that the wave is early is a frame at most. */
START_TEST(a_driven_note_has_its_whole_wave_from_its_first_frame_on)
{
    const struct event events[] = {note(1001, true, 45, 127, 0)};
    const double gain = pow(10, 12.0 / 20);
    struct rig rig = begin(3);
    rig_set(&rig, "drive", 12);
    rig_start(&rig);
    run(&rig, events, 1);
    for (unsigned i = 0; i < 1000; i++) {
        double driven = gain * sin(2 * M_PI * 110 / RATE_HZ * i);
        double bent = driven / sqrt(1 + driven * driven) * sqrt(1 + gain * gain) / gain;
        ck_assert_double_eq_tol(left[1001 + i], fmin(i / 48.0, 1) * bent, 0.06);
    }
    rig_free(&rig);
}
END_TEST

/* A sine that is four times as steep at 12 dB; one that is later goes over into it in 64 frames. */
START_TEST(drive_that_comes_and_goes_does_not_click)
{
    static float drive[N];
    const struct event events[] = {note(0, true, 45, 127, 0)};
    for (unsigned i = 0; i < N; i++)
        drive[i] = 12 * fminf(fmaxf((2000 - fabsf((float)(i % 6007) - 4000)) / 480, 0), 1);
    struct rig rig = begin(3);
    rig.curve[rig_row(&rig, "drive")] = drive;
    rig_set(&rig, "attack", 0.05f);
    rig_start(&rig);
    run(&rig, events, 1);
    ck_assert_double_le(largest_step(left, N), 2 * M_PI * 110 / RATE_HZ * 4.2 + 1 / 64.0);
    ck_assert_double_gt(peak(left, N), 0.99);
    rig_free(&rig);
}
END_TEST

START_TEST(a_note_sounds_from_its_frame_to_the_end_of_its_release)
{
    const struct event events[] = {note(1001, true, 81, 127, 0), note(20000, false, 81, 0, 0)};
    struct rig rig = begin(3);
    rig_set(&rig, "release", 0.1f);
    rig_start(&rig);
    run(&rig, events, ROWS(events));
    ck_assert_double_eq(peak(left, 1001), 0);
    ck_assert_double_gt(peak(left + 1001, 10), 0);
    ck_assert_double_eq_tol(peak(left + 10000, 1000), 1, 0.01);
    ck_assert_double_eq_tol(peak(left + 22400 - 30, 60), 0.5, 0.02);
    ck_assert_double_gt(peak(left + 24700, 100), 0);
    ck_assert_double_eq(peak(left + 24800, N - 24800), 0);
    rig_free(&rig);
}
END_TEST

START_TEST(touch_counts_by_its_square)
{
    double loud[2];
    for (unsigned i = 0; i < 2; i++) {
        const struct event events[] = {note(0, true, 69, i ? 127 : 63.5f, 0)};
        struct rig rig = begin(3);
        rig_set(&rig, "touch", 1);
        rig_start(&rig);
        run(&rig, events, 1);
        loud[i] = tone_amplitude(left + 4096, 16384, 440, RATE_HZ);
        rig_free(&rig);
    }
    ck_assert_double_eq_tol(decibel(loud[0] / loud[1]), -12.04, 0.02);
}
END_TEST

START_TEST(stolen_notes_do_not_click)
{
    struct event events[12];
    struct rig rig = begin(3);
    for (unsigned i = 0; i < 12; i++)
        events[i] = note(1000 + 3001 * i, true, 40 + (float)(i % 5), 127, 0);
    rig_set(&rig, "mode", 0);
    rig_set(&rig, "voices", 1);
    rig_set(&rig, "attack", 0.02f);
    rig_start(&rig);
    run(&rig, events, ROWS(events));
    /* The slope of the two sines that overlap, of an attack, and of a fade of 5 ms. */
    double most = 2 * (2 * M_PI * 104 / RATE_HZ) + 1 / 960.0 + 1 / 240.0;
    ck_assert_double_le(largest_step(left, N), most);
    ck_assert_double_le(rig_reading(&rig, "voices_now"), 3);
    rig_free(&rig);
}
END_TEST

START_TEST(legato_goes_on_where_mono_begins_anew)
{
    for (unsigned mode = 1; mode < 3; mode++) {
        const struct event events[] = {note(0, true, 69, 127, 0), note(30000, true, 81, 127, 0)};
        struct rig rig = begin(3);
        rig_set(&rig, "mode", (float)mode);
        rig_set(&rig, "decay", 0.1f);
        rig_set(&rig, "sustain", 0.25f);
        rig_start(&rig);
        run(&rig, events, ROWS(events));
        ck_assert_double_eq_tol(peak(left + 20000, 5000), 0.25, 0.01);
        ck_assert_double_eq_tol(peak(left + 30000, 1000), mode == 1 ? 1 : 0.25, 0.05);
        ck_assert_double_gt(tone_amplitude(left + 40000, 16384, 880, RATE_HZ), 0.2);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(a_note_of_mono_that_is_touched_otherwise_begins_without_a_step)
{
    const struct event events[] = {note(0, true, 45, 127, 0), note(20000, true, 45.5f, 40, 0),
                                   note(40000, true, 45, 120, 0)};
    struct rig rig = begin(3);
    rig_set(&rig, "touch", 1);
    rig_set(&rig, "attack", 0.02f);
    rig_start(&rig);
    run(&rig, events, ROWS(events));
    ck_assert_double_le(largest_step(left, N), 2 * M_PI * 114 / RATE_HZ + 1 / 960.0);
    ck_assert_double_eq_tol(peak(left + 30000, 5000), 40.0 * 40 / 127 / 127, 0.01);
    ck_assert_double_eq_tol(peak(left + 50000, 5000), 120.0 * 120 / 127 / 127, 0.01);
    rig_free(&rig);
}
END_TEST

START_TEST(a_glide_is_half_way_after_half_its_time)
{
    const struct event events[] = {note(0, true, 57, 127, 0), note(4800, true, 81, 127, 0)};
    struct rig rig = begin(3);
    rig_set(&rig, "mode", 2);
    rig_set(&rig, "glide", 1);
    rig_start(&rig);
    run(&rig, events, ROWS(events));
    unsigned crossings = 0; /* of the 440 Hz that it passes half way: 2400 frames around it hold 22 cycles */
    for (unsigned i = 4800 + 24000 - 1200; i < 4800 + 24000 + 1200; i++)
        crossings += left[i] < 0 && left[i + 1] >= 0;
    ck_assert_uint_ge(crossings, 21);
    ck_assert_uint_le(crossings, 23);
    ck_assert_double_gt(tone_amplitude(left + 4800 + 48000, N - 4800 - 48000 - 1024, 880, RATE_HZ), 0.9);
    rig_free(&rig);
}
END_TEST

START_TEST(each_finger_bends_its_own_note)
{
    const struct event events[] = {note(0, true, 69, 127, 1),
                                   note(0, true, 76, 127, 2),
                                   {.offset = 10, .kind = EVENT_BEND, .channel = 1, .value = 0.25f}};
    struct rig rig = begin(3);
    rig_set(&rig, "mode", 0);
    rig_set(&rig, "mpe", 1);
    rig_start(&rig);
    run(&rig, events, ROWS(events));
    ck_assert_double_eq_tol(tone_amplitude(left + 16384, 16384, 880, RATE_HZ), 1, 0.01);
    ck_assert_double_eq_tol(tone_amplitude(left + 16384, 16384, 659.2551, RATE_HZ), 1, 0.01);
    ck_assert_double_lt(tone_amplitude(left + 16384, 16384, 440, RATE_HZ), 1e-4);
    rig_free(&rig);
}
END_TEST

START_TEST(the_steep_filter_falls_by_24_db_per_octave_and_3_at_its_corner)
{
    static const double notes[] = {57, 69, 81, 93};
    static const double levels_db[] = {-0.017, -3.01, -24.1, -48.16};
    for (unsigned i = 0; i < ROWS(notes); i++) {
        const struct event events[] = {note(0, true, (float)notes[i], 127, 0)};
        struct rig rig = begin(3);
        rig_set(&rig, "slope", 24);
        rig_set(&rig, "cutoff", 440);
        rig_start(&rig);
        run(&rig, events, 1);
        double level = tone_amplitude(left + 16384, 16384, 440 * exp2((notes[i] - 69) / 12), RATE_HZ);
        ck_assert_double_eq_tol(decibel(level), levels_db[i], 0.15);
        rig_free(&rig);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_note_is_in_tune_within_a_tenth_of_a_cent,
        saws_and_pulses_of_5_khz_have_no_aliases_above_minus_100_db,
        driven_saws_and_pulses_have_no_aliases_to_be_heard,
        a_driven_note_begins_in_its_frame_and_in_phase_with_one_that_is_not,
        a_driven_note_has_its_whole_wave_from_its_first_frame_on,
        drive_that_comes_and_goes_does_not_click,
        a_note_sounds_from_its_frame_to_the_end_of_its_release,
        touch_counts_by_its_square,
        stolen_notes_do_not_click,
        legato_goes_on_where_mono_begins_anew,
        a_note_of_mono_that_is_touched_otherwise_begins_without_a_step,
        a_glide_is_half_way_after_half_its_time,
        each_finger_bends_its_own_note,
        the_steep_filter_falls_by_24_db_per_octave_and_3_at_its_corner,
    };
    return suite_run("analog", 60, tests, ROWS(tests));
}
