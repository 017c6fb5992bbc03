/* What graph/dsp/saturator.h promises: partials as the curve makes them, flat, without aliases, and late as it says. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/dsp/phase.h"
#include "graph/dsp/saturator.h"
#include "graph/dsp/wave.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE_HZ 48000
#define N       40960
#define SKIP    4096
#define WINDOW  32768
#define FLAT    0.405
#define LATE    (SATURATOR_LATE - 0.125)

static float x[N];

/* All of x, at a drive that stands still. */
static void run(float db)
{
    struct saturator saturator = {0};
    float drives[BLOCK_MAX];
    for (unsigned i = 0; i < BLOCK_MAX; i++)
        drives[i] = db;
    for (unsigned i = 0; i < N; i += BLOCK_MAX)
        saturator_run_rt(&saturator, x + i, drives, BLOCK_MAX);
}

static void saw_fill(double hz)
{
    struct wave_steady wave = {.phase = UINT64_C(1) << 60, .step = phase_step(hz / RATE_HZ), .gain = 1};
    for (unsigned i = 0; i < N; i += BLOCK_MAX, wave.phase += BLOCK_MAX * wave.step)
        wave_saw_rt(x + i, &wave, BLOCK_MAX);
}

START_TEST(without_drive_it_is_flat_and_late_as_it_says)
{
    impulse_fill(x, N, 100);
    run(0);
    for (double f = 0.002; f <= 0.5; f += 0.002) {
        double complex response = response_at(x + 100, 1000, f * RATE_HZ, RATE_HZ);
        if (f > FLAT) {
            ck_assert_double_le(decibel(cabs(response)), 0);
            continue;
        }
        ck_assert_double_eq_tol(decibel(cabs(response)), 0, 0.07);
        ck_assert_double_le(fabs(carg(response * cexp(2 * M_PI * I * f * LATE))), 1e-4);
    }
    ck_assert_double_eq(peak(x + 100 + SATURATOR_MEMORY, 1000), 0);
}
END_TEST

START_TEST(saws_have_no_aliases_to_be_heard)
{
    /* dB below the loudest partial, in the whole band */
    static const struct {
        float db;
        double aliases[5]; /* of 220, 440, … Hz */
    } cases[] = {{6, {-96, -90, -85, -79, -73}}, {12, {-95, -89, -83, -73, -70}}, {24, {-85, -79, -73, -63, -61}}};
    for (unsigned c = 0; c < sizeof cases / sizeof *cases; c++)
        for (unsigned octave = 0; octave < 5; octave++) {
            saw_fill(220 << octave);
            run(cases[c].db);
            ck_assert_double_le(inharmonic_db(x + SKIP, WINDOW, 220 << octave, RATE_HZ), cases[c].aliases[octave]);
        }
}
END_TEST

/* A saw of the partials that are well below half the rate, at any time. */
static double saw_at(double cycles, unsigned n_partials)
{
    double sum = 0;
    for (unsigned k = 1; k <= n_partials; k++)
        sum += 2 / (M_PI * k) * sin(2 * M_PI * k * cycles);
    return sum;
}

/* Amplitude of a partial of the curve behind such a saw, by the plain Fourier sum over a cycle. */
static double partial_of(unsigned k, unsigned n_partials, double gain)
{
    enum { POINTS = 8192 };
    double complex sum = 0;
    for (unsigned i = 0; i < POINTS; i++) {
        double t = (double)i / POINTS, driven = gain * saw_at(t, n_partials);
        sum += driven / sqrt(1 + driven * driven) * sqrt(1 + gain * gain) / gain * cexp(-2 * M_PI * I * (k * t));
    }
    return 2 * cabs(sum) / POINTS;
}

START_TEST(partials_are_those_that_the_curve_makes)
{
    const unsigned n_partials = 15;
    const double hz = 1100;
    static const float drives[] = {6, 12, 24};
    for (unsigned d = 0; d < 3; d++) {
        for (unsigned i = 0; i < N; i++)
            x[i] = (float)saw_at(fmod(hz / RATE_HZ * i, 1), n_partials);
        run(drives[d]);
        for (unsigned k = 1; k * hz < FLAT * RATE_HZ; k++) {
            double right = partial_of(k, n_partials, pow(10, (double)drives[d] / 20));
            ck_assert_double_eq_tol(decibel(tone_amplitude(x + SKIP, WINDOW, k * hz, RATE_HZ) / right), 0,
                                    k * hz < 12000 ? 0.15 : 0.6);
        }
    }
}
END_TEST

START_TEST(what_is_held_begins_where_it_is_and_0_db_stay_0_db)
{
    for (unsigned db = 0; db <= 36; db++) {
        struct saturator saturator = {0};
        float still[100], drives[100];
        for (unsigned i = 0; i < 100; i++) {
            still[i] = -1;
            drives[i] = (float)db;
        }
        saturator_hold_rt(&saturator, -1, (float)db);
        saturator_run_rt(&saturator, still, drives, 100);
        for (unsigned i = 0; i < 100; i++)
            ck_assert_float_eq_tol(still[i], -1, 0.01f);
    }
}
END_TEST

static uint32_t random_next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Noise at drives that jump and glide, in pieces of 1..most frames, on top of any past. */
static void pieces_run(struct saturator saturator, uint32_t seed, unsigned most)
{
    static float drives[N];
    noise_fill(x, N, 2, 5);
    for (unsigned i = 0; i < N; i++)
        drives[i] = i % 3000 < 1500 ? 36 * (float)(i % 3000) / 1500 : (float)(i / 700 % 5);
    for (unsigned i = 0, n; i < N; i += n) {
        n = 1 + random_next(&seed) % most;
        n = n < N - i ? n : N - i;
        saturator_run_rt(&saturator, x + i, drives + i, n);
    }
}

START_TEST(neither_the_division_into_calls_nor_what_is_forgotten_changes_a_bit)
{
    static float once[N];
    struct saturator any;
    noise_fill((float *)&any, sizeof any / sizeof(float), 1, 9);
    pieces_run((struct saturator){0}, 1, BLOCK_MAX);
    memcpy(once, x, sizeof x);
    pieces_run((struct saturator){0}, 2, 30);
    ck_assert_mem_eq(x, once, sizeof x);
    pieces_run(any, 3, 100);
    ck_assert_mem_eq(x + SATURATOR_MEMORY, once + SATURATOR_MEMORY, sizeof x - SATURATOR_MEMORY * sizeof *x);
    ck_assert(all_finite(x, N));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        without_drive_it_is_flat_and_late_as_it_says,
        saws_have_no_aliases_to_be_heard,
        partials_are_those_that_the_curve_makes,
        what_is_held_begins_where_it_is_and_0_db_stay_0_db,
        neither_the_division_into_calls_nor_what_is_forgotten_changes_a_bit,
    };
    return suite_run("saturator", 30, tests, sizeof tests / sizeof *tests);
}
