/* The filters of a sampler, against the transfer function that they are made from. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sampler_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE SAMPLER_RIG_RATE
#define N    16384

/* The bilinear transform of (high s^2 + band k s + low) / (s^2 + k s + 1). */
static double complex theory(const double share[3], double cutoff_hz, double q, double hz)
{
    double complex z = cexp(I * 2 * M_PI * hz / RATE), s = (z - 1) / (z + 1) / tan(M_PI * cutoff_hz / RATE);
    return (share[0] * s * s + share[1] * s / q + share[2]) / (s * s + s / q + 1);
}

/* What a note makes of a unit at its first frame. The zone has been set up to it. */
static float *answer(struct sampler_rig *made, struct rig *rig, float key, float velocity)
{
    rig_start(rig);
    const struct event on = sampler_rig_on(0, key, velocity);
    float *right = malloc(N * sizeof *right), *left = sampler_rig_play(rig, &on, 1, N, right);
    ck_assert_mem_eq(left, right, N * sizeof *left);
    free(right);
    free(made->instrument.of_key);
    rig_free(rig);
    return left;
}

static struct instrument_zone *unit_add(struct sampler_rig *made, unsigned channels)
{
    static float samples[2 * N];
    samples[0] = 1;
    samples[1] = channels > 1;
    struct instrument_zone *zone = sampler_rig_add(made, samples, N, channels, RATE);
    zone->velocity_track = 0;
    zone->cents_per_key = 0;
    return zone;
}

static void is_as_theory(const float *x, const double share[3], double cutoff_hz, double q)
{
    for (double hz = 50; hz < 20000; hz *= 1.7) {
        double complex wanted = theory(share, cutoff_hz, q, hz), is = response_at(x, N, hz, RATE);
        ck_assert_msg(cabs(wanted - is) < 1e-4 * fmax(1, q), "%g Hz by %g Hz, q %g: %g, wanted %g", hz, cutoff_hz, q,
                      cabs(is), cabs(wanted));
    }
}

static const double low[] = {0, 0, 1};

START_TEST(a_zone_has_the_filter_that_it_says)
{
    static const double shares[][3] = {{0, 0, 1}, {1, 0, 0}, {0, 1, 0}, {1, 0, 1}};
    for (unsigned channels = 1; channels < 3; channels++)
        for (unsigned kind = 0; kind < 4; kind++) {
            struct sampler_rig made = {0};
            unit_add(&made, channels)->filter =
                (struct instrument_filter){.kind = INSTRUMENT_LOWPASS + kind, .cutoff_hz = 1500, .q = 3};
            struct rig rig = sampler_rig_node(&made);
            float *x = answer(&made, &rig, 60, 100);
            is_as_theory(x, shares[kind], 1500, 3);
            free(x);
        }
}
END_TEST

START_TEST(keys_touch_and_envelope_move_the_cutoff_of_a_zone)
{
    struct sampler_rig made = {0};
    unit_add(&made, 2)->filter = (struct instrument_filter){.kind = INSTRUMENT_LOWPASS,
                                                            .cutoff_hz = 300,
                                                            .q = 1,
                                                            .key_cents = 100,
                                                            .key_center = 60,
                                                            .velocity_cents = 2400,
                                                            .depth_cents = 600,
                                                            .envelope.sustain = 0.5f};
    struct rig rig = sampler_rig_node(&made);
    float *x = answer(&made, &rig, 72, 63.5f);
    is_as_theory(x, low, 300 * exp2(1 + 1 + 0.25), 1);
    free(x);
}
END_TEST

/* A tone just above where the cutoff rests: heard while the envelope is up, gone when it has fallen. */
START_TEST(the_envelope_of_a_filter_opens_it_and_closes_it)
{
    struct sampler_rig made = {0};
    float *samples = malloc(RATE * sizeof *samples);
    sine_fill(samples, RATE, 2000, RATE, 1);
    struct instrument_zone *zone = sampler_rig_add(&made, samples, RATE, 1, RATE);
    zone->envelope.release_s = 10;
    zone->filter = (struct instrument_filter){.kind = INSTRUMENT_LOWPASS,
                                              .cutoff_hz = 200,
                                              .q = 0.7071f,
                                              .depth_cents = 6000,
                                              .envelope = {.hold_s = 0.2f, .decay_s = 0.2f, .release_s = 0.1f}};
    zone->filter.envelope.sustain = 0.001f;
    struct rig rig = sampler_rig_node(&made);
    rig_start(&rig);
    const struct event events[] = {sampler_rig_on(0, 60, 127), sampler_rig_off(RATE / 2, 60)};
    float *x = sampler_rig_play(&rig, events, 2, RATE, NULL);
    ck_assert_double_eq_tol(tone_amplitude(x + 1000, 8192, 2000, RATE), 1, 0.03);
    ck_assert_double_eq_tol(tone_amplitude(x + 20000, 4000, 2000, RATE), 0.01, 0.002);
    free(x);
    free(samples);
    free(made.instrument.of_key);
    rig_free(&rig);
}
END_TEST

START_TEST(the_node_filters_every_note_darker_the_softer_it_is)
{
    static const float velocities[] = {127, 63.5f, 1};
    for (unsigned i = 0; i < ROWS(velocities); i++) {
        struct sampler_rig made = {0};
        unit_add(&made, 1 + i % 2);
        struct rig rig = sampler_rig_node(&made);
        rig_set(&rig, "cutoff", 4000);
        rig_set(&rig, "q", 2);
        rig_set(&rig, "bright", 3);
        float *x = answer(&made, &rig, 60, velocities[i]);
        is_as_theory(x, low, 4000 * exp2(-3 * (1 - (double)velocities[i] / 127)), 2);
        free(x);
    }
}
END_TEST

START_TEST(a_filter_that_closes_while_notes_sound_does_not_click)
{
    struct sampler_rig made = {0};
    static float cutoff[N], samples[N];
    for (unsigned i = 0; i < N; i++)
        cutoff[i] = i < 8000 ? 20000 : i < 12000 ? 20000 * exp2f(-(float)(i - 8000) / 800) : 20000;
    sine_fill(samples, N, 100, RATE, 1);
    sampler_rig_add(&made, samples, N, 1, RATE);
    struct rig rig = sampler_rig_node(&made);
    rig_start(&rig);
    rig_curve(&rig, "cutoff", cutoff);
    const struct event on = sampler_rig_on(0, 60, 127);
    float *x = sampler_rig_play(&rig, &on, 1, N, NULL);
    ck_assert_mem_eq(x, samples, 8000 * sizeof *x);
    ck_assert_double_lt(largest_step(x, 11999), 0.014); /* the sine's own is 0.0131 */
    ck_assert_float_lt(fabsf(x[8000] - samples[8000]), 0.005f);
    free(x);
    free(made.instrument.of_key);
    rig_free(&rig);
}
END_TEST

START_TEST(filters_do_not_care_how_time_is_cut)
{
    static float cutoff[N], samples[2 * N];
    noise_fill(samples, ROWS(samples), 0.5, 3);
    for (unsigned i = 0; i < N; i++)
        cutoff[i] = i < 3000 ? 20000 : 3000 * (1 + sinf((float)i * 0.01f)) + 30;
    struct sampler_rig made = {0};
    struct instrument_zone *zone = sampler_rig_add(&made, samples, 9000, 2, RATE);
    zone->filter = (struct instrument_filter){.kind = INSTRUMENT_BANDPASS,
                                              .cutoff_hz = 900,
                                              .q = 4,
                                              .depth_cents = 2400,
                                              .envelope = {0, 0.01f, 0.01f, 0.03f, 0.02f, 0.3f}};
    const struct event events[] = {sampler_rig_on(10, 60, 127), sampler_rig_on(1203, 63, 90), sampler_rig_off(4001, 60),
                                   sampler_rig_on(5000, 70, 20)};
    sampler_rig_cut(&made, &(struct sampler_cuts){"cutoff", cutoff, events, ROWS(events), N});
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_zone_has_the_filter_that_it_says,
                                  keys_touch_and_envelope_move_the_cutoff_of_a_zone,
                                  the_envelope_of_a_filter_opens_it_and_closes_it,
                                  the_node_filters_every_note_darker_the_softer_it_is,
                                  a_filter_that_closes_while_notes_sound_does_not_click,
                                  filters_do_not_care_how_time_is_cut};
    return suite_run("sampler_filter", 20, tests, sizeof tests / sizeof tests[0]);
}
