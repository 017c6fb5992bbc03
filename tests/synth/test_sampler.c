/* What a sampler plays: loops, envelopes. Pitch and aliases are test_sampler_pitch.c, which zones it plays is
 * test_sampler_zones.c. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sampler_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE SAMPLER_RIG_RATE
#define N    32768

static float *noise(size_t n)
{
    float *samples = malloc(n * sizeof *samples);
    noise_fill(samples, n, 0.5, 7);
    return samples;
}

START_TEST(at_its_root_a_sound_passes_bit_by_bit)
{
    struct sampler_rig made = {0};
    float *samples = noise(2 * 5000), right[6000];
    sampler_rig_add(&made, samples, 5000, 2, RATE);
    struct rig rig = sampler_rig_node(&made);
    rig.block = 0;
    rig_start(&rig);
    float *left = sampler_rig_play(&rig, &(struct event){.offset = 77, .kind = EVENT_NOTE_ON, .note = 60, .value = 127}, 1,
                                   6000, right);
    for (unsigned i = 0; i < 6000; i++) {
        bool sounds = i >= 77 && i < 5077;
        ck_assert_float_eq(left[i], sounds ? samples[2 * (i - 77)] : 0);
        ck_assert_float_eq(right[i], sounds ? samples[2 * (i - 77) + 1] : 0);
    }
    ck_assert_float_eq(rig_reading(&rig, "playing"), 0);
    free(left);
    free(samples);
    free(made.instrument.of_key);
    rig_free(&rig);
}
END_TEST

/* A loop of whole periods at another pitch is a sine without end; so it is when it is one of nearly whole periods, led over. */
START_TEST(loops_are_seamless)
{
    float x[N], samples[4800];
    for (unsigned crossfade = 0; crossfade <= 960; crossfade += 960)
        for (unsigned k = 0; k < 3; k++) {
            static const float keys[] = {60, 57, 67};
            struct sampler_rig made = {0};
            double heard = 500 * exp2((double)(keys[k] - 60) / 12);
            sine_fill(samples, ROWS(samples), 500, RATE, 1);
            struct instrument_zone *zone = sampler_rig_add(&made, samples, ROWS(samples), 1, RATE);
            zone->loop_mode = INSTRUMENT_LOOPS;
            zone->loop_start = 1003;
            zone->loop_end = 1003 + 96 * 9;
            zone->crossfade_frames = crossfade < 864 ? crossfade : 864;
            struct rig rig = sampler_rig_node(&made);
            rig_start(&rig);
            float *y = sampler_rig_play(&rig, &(struct event){.kind = EVENT_NOTE_ON, .note = keys[k], .value = 127}, 1,
                                        N + 512, NULL);
            memcpy(x, y + 512, sizeof x);
            ck_assert_msg(off_tone_db(x, N, heard, RATE) < -95, "on %g with a crossfade of %u", (double)keys[k], crossfade);
            free(y);
            free(made.instrument.of_key);
            rig_free(&rig);
        }
}
END_TEST

START_TEST(a_crossfade_hides_what_a_loop_of_broken_periods_would_be)
{
    float samples[9600], step[2];
    for (unsigned i = 0; i < 2; i++) {
        struct sampler_rig made = {0};
        sine_fill(samples, ROWS(samples), 500, RATE, 1);
        struct instrument_zone *zone = sampler_rig_add(&made, samples, ROWS(samples), 1, RATE);
        zone->loop_mode = INSTRUMENT_LOOPS;
        zone->loop_start = 4800;
        zone->loop_end = 4800 + 2424; /* a quarter of a period too long */
        zone->crossfade_frames = i ? 2000 : 0;
        struct rig rig = sampler_rig_node(&made);
        rig_start(&rig);
        float *x = sampler_rig_play(&rig, &(struct event){.kind = EVENT_NOTE_ON, .note = 60, .value = 127}, 1, N, NULL);
        step[i] = (float)largest_step(x, N);
        free(x);
        free(made.instrument.of_key);
        rig_free(&rig);
    }
    ck_assert_float_gt(step[0], 0.9f);
    ck_assert_float_lt(step[1], 0.07f); /* 500 Hz itself makes steps of 0.065 */
}
END_TEST

/* A line that rises to 1, with a loop from 1000 to 1500, played as it is and let go at a frame. To be freed. */
static float *play_line(float samples[3000], uint64_t crossfade_frames, unsigned off)
{
    struct sampler_rig made = {0};
    for (unsigned i = 0; i < 3000; i++)
        samples[i] = (float)i / 3000;
    struct instrument_zone *zone = sampler_rig_add(&made, samples, 3000, 1, RATE);
    zone->loop_mode = INSTRUMENT_SUSTAINS;
    zone->loop_start = 1000;
    zone->loop_end = 1500;
    zone->crossfade_frames = crossfade_frames;
    zone->envelope.release_s = 100;
    struct rig rig = sampler_rig_node(&made);
    rig_start(&rig);
    const struct event events[] = {sampler_rig_on(0, 60, 127), sampler_rig_off(off, 60)};
    float *x = sampler_rig_play(&rig, events, 2, 8000, NULL);
    free(made.instrument.of_key);
    rig_free(&rig);
    return x;
}

START_TEST(a_loop_that_sustains_is_left_for_the_end_when_the_note_is_let_go)
{
    float samples[3000], *x = play_line(samples, 0, 5200);
    for (unsigned i = 0; i < 5200; i++)
        ck_assert_float_eq(x[i], samples[i < 1500 ? i : 1000 + (i - 1500) % 500]);
    /* At 5200 it is 200 frames into the loop, and goes on to the end: 1800 more. */
    ck_assert_float_eq_tol(x[6999], samples[2999], 0.003f);
    ck_assert_float_eq(x[7000], 0);
    free(x);
}
END_TEST

/* Let go before the crossfade of its third turn, and in it; that is the last one. */
START_TEST(a_loop_with_a_crossfade_goes_on_behind_it_as_the_sound_is)
{
    static const struct {
        unsigned off, from, place; /* from which frame on it is the sound, and where */
    } lets_go[] = {{2700, 2700, 1200}, {2900, 3000, 1000}};
    unsigned from = lets_go[_i].from, place = lets_go[_i].place;
    float samples[3000], *x = play_line(samples, 200, lets_go[_i].off);
    for (unsigned i = 0; place + i < ROWS(samples); i++)
        ck_assert_float_eq_tol(x[from + i], samples[place + i], 0.004f);
    ck_assert_float_eq(x[from + ROWS(samples) - place], 0);
    free(x);
}
END_TEST

START_TEST(the_envelope_keeps_its_times_to_the_frame)
{
    struct sampler_rig made = {0};
    float *samples = malloc(RATE * sizeof *samples);
    for (unsigned i = 0; i < RATE; i++)
        samples[i] = 1;
    struct instrument_zone *zone = sampler_rig_add(&made, samples, RATE, 1, RATE);
    zone->envelope = (struct instrument_envelope){0.01f, 0.02f, 0.03f, 0.04f, 0.05f, 0.5f};
    struct rig rig = sampler_rig_node(&made);
    rig.block = 0;
    rig_start(&rig);
    const struct event events[] = {sampler_rig_on(100, 60, 127), sampler_rig_off(100 + 9600, 60)};
    float *x = sampler_rig_play(&rig, events, 2, 20000, NULL);
    const float *y = x + 100;
    ck_assert_float_eq(y[480], 0);
    ck_assert_float_gt(y[481], 0);
    ck_assert_float_eq_tol(y[480 + 480], 0.5f, 1e-6f); /* half way up */
    ck_assert_float_lt(y[480 + 959], 1);
    ck_assert_float_eq(y[480 + 960], 1);
    ck_assert_float_eq(y[480 + 960 + 1439], 1);
    ck_assert_float_lt(y[480 + 960 + 1441], 1);
    ck_assert_float_gt(y[480 + 960 + 1440 + 1919], 0.5f);
    ck_assert_float_eq(y[480 + 960 + 1440 + 1920], 0.5f);
    ck_assert_float_eq(y[9600], 0.5f);
    ck_assert_float_gt(y[9600 + 2399], 0);
    ck_assert_float_lt(y[9600 + 2399], 1e-4f);
    ck_assert_float_eq(y[9600 + 2400], 0);
    free(x);
    free(samples);
    free(made.instrument.of_key);
    rig_free(&rig);
}
END_TEST

START_TEST(the_nodes_own_values_add_to_the_envelope)
{
    struct sampler_rig made = {0};
    float *samples = malloc(RATE * sizeof *samples);
    for (unsigned i = 0; i < RATE; i++)
        samples[i] = 1;
    sampler_rig_add(&made, samples, RATE, 1, RATE)->envelope.attack_s = 0.01f;
    struct rig rig = sampler_rig_node(&made);
    rig_set(&rig, "attack", 0.01f);
    rig_set(&rig, "decay", 0.01f);
    rig_set(&rig, "sustain", 0.25f);
    rig_set(&rig, "release", 0.04f);
    rig_start(&rig);
    const struct event events[] = {sampler_rig_on(0, 60, 127), sampler_rig_off(4800, 60)};
    float *x = sampler_rig_play(&rig, events, 2, 9600, NULL);
    ck_assert_float_lt(x[959], 1);
    ck_assert_float_eq(x[960], 1);
    ck_assert_float_eq(x[1440], 0.25f);
    ck_assert_float_gt(x[4800 + 2399], 0); /* 10 and 40 ms */
    ck_assert_float_eq(x[4800 + 2400], 0);
    free(x);
    free(samples);
    free(made.instrument.of_key);
    rig_free(&rig);
}
END_TEST

START_TEST(time_may_be_cut_anyhow)
{
    struct sampler_rig made = {0};
    float *samples = noise(20000);
    struct instrument_zone *zone = sampler_rig_add(&made, samples, 20000, 1, 44100);
    zone->loop_mode = INSTRUMENT_LOOPS;
    zone->loop_start = 9000;
    zone->loop_end = 11000;
    zone->crossfade_frames = 500;
    zone->envelope = (struct instrument_envelope){0, 0.01f, 0, 0.1f, 0.1f, 0.3f};
    const struct event events[] = {sampler_rig_on(10, 60, 127),   sampler_rig_on(300, 67, 80), sampler_rig_on(301, 55, 80),
                                   sampler_rig_on(4000, 71, 100), sampler_rig_off(9000, 71),   sampler_rig_off(9500, 67)};
    sampler_rig_cut(&made, &(struct sampler_cuts){.events = events, .n_events = ROWS(events), .n = N, .n_voices = 3});
    free(samples);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("sampler");
    tcase_add_test(tcase, at_its_root_a_sound_passes_bit_by_bit);
    tcase_add_test(tcase, loops_are_seamless);
    tcase_add_test(tcase, a_crossfade_hides_what_a_loop_of_broken_periods_would_be);
    tcase_add_test(tcase, a_loop_that_sustains_is_left_for_the_end_when_the_note_is_let_go);
    tcase_add_loop_test(tcase, a_loop_with_a_crossfade_goes_on_behind_it_as_the_sound_is, 0, 2);
    tcase_add_test(tcase, the_envelope_keeps_its_times_to_the_frame);
    tcase_add_test(tcase, the_nodes_own_values_add_to_the_envelope);
    tcase_add_test(tcase, time_may_be_cut_anyhow);
    tcase_set_timeout(tcase, 20);
    return suite_run_case("sampler", tcase);
}
