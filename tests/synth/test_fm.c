/* The operators of the fm: against Chowning's theory, and against the slow way to compute them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/dsp/fm_routes.h"
#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE      48000
#define N         ((size_t)48000)
#define FULL      (4 * M_PI) /* radians that an operator of 0 dB modulates by */
#define OFF_DB    (-120.0f)
#define FULLY_FED (2 * M_PI)

/* The algorithms once more, as they are drawn: who modulates whom; what nobody is modulated by is heard; f: feedback. */
static const char *const drawn[FM_ALGORITHMS] = {
    "2>1 6>5>4>3 f6",     "2>1 6>5>4>3 f2",     "3>2>1 6>5>4 f6",   "3>2>1 6>5>4 f46",
    "2>1 4>3 6>5 f6",     "2>1 4>3 6>5 f56",    "2>1 4>3 6>5>3 f6", "2>1 4>3 6>5>3 f4",
    "2>1 4>3 6>5>3 f2",   "3>2>1 5>4 6>4 f3",   "3>2>1 5>4 6>4 f6", "2>1 4>3 5>3 6>3 f2",
    "2>1 4>3 5>3 6>3 f6", "2>1 5>4>3 6>4 f6",   "2>1 5>4>3 6>4 f2", "2>1 4>3>1 6>5>1 f6",
    "2>1 4>3>1 6>5>1 f2", "2>1 3>1 6>5>4>1 f3", "3>2>1 6>4 6>5 f6", "3>1 3>2 5>4 6>4 f3",
    "3>1 3>2 6>4 6>5 f3", "2>1 6>3 6>4 6>5 f6", "3>2 6>4 6>5 f6",   "6>3 6>4 6>5 f6",
    "6>4 6>5 f6",         "3>2 5>4 6>4 f6",     "3>2 5>4 6>4 f3",   "2>1 5>4>3 f5",
    "4>3 6>5 f6",         "5>4>3 f5",           "6>5 f6",           "f6",
};

/* ---- the slow way ---------------------------------------------------------------------------------------------------- */

struct wiring {
    bool modulates[FM_OPERATORS][FM_OPERATORS]; /* [m][c] */
    bool is_heard[FM_OPERATORS];
    unsigned from, to; /* of the feedback */
};

static struct wiring wiring_read(const char *text)
{
    struct wiring w = {.is_heard = {true, true, true, true, true, true}};
    for (const char *c = text; *c; c++) {
        unsigned before = (unsigned)(c[0] - '1');
        if (c[0] == 'f') {
            w.from = (unsigned)(c[1] - '1');
            w.to = (unsigned)(c[strlen(c) - 1] - '1');
            return w;
        }
        if (c[1] == '>') {
            w.modulates[before][c[2] - '1'] = true;
            w.is_heard[before] = false;
        }
    }
    return w;
}

/* Steady operators of these frequencies and amplitudes from phase 0 on. */
static void wiring_run(const struct wiring *w, const double *hz, const double *amp, double feedback, double *out, size_t n)
{
    double last = 0, before = 0;
    for (size_t i = 0; i < n; i++) {
        double y[FM_OPERATORS] = {0};
        out[i] = 0;
        for (unsigned o = FM_OPERATORS; o-- > 0;) {
            double radians = o == w->to ? feedback * FULLY_FED * (last + before) / 2 : 0;
            for (unsigned m = 0; m < FM_OPERATORS; m++)
                radians += w->modulates[m][o] ? FULL * y[m] : 0;
            y[o] = amp[o] * sin(2 * M_PI * fmod(hz[o] / RATE * (double)i, 1) + radians);
            out[i] += w->is_heard[o] ? y[o] : 0;
        }
        before = last;
        last = y[w->from];
    }
}

/* ---- the node -------------------------------------------------------------------------------------------------------- */

static void op_set(struct rig *rig, const char *param, unsigned op, float value)
{
    char name[32];
    snprintf(name, sizeof name, "%s%u", param, op);
    rig_set(rig, name, value);
}

/* Operators at full level from the first frame on until the key is let go, all silent as yet; at the plain rate. */
static struct rig plain_fm(void)
{
    struct rig rig = rig_new("fm", RATE, 1);
    rig_set(&rig, "oversample", 0);
    rig_set(&rig, "feedback", 0);
    rig_set(&rig, "level", 0);
    for (unsigned op = 1; op <= FM_OPERATORS; op++) {
        static const char *const zeros[] = {"attack", "decay", "fall", "release", "velocity"};
        for (size_t k = 0; k < ROWS(zeros); k++)
            op_set(&rig, zeros[k], op, 0);
        op_set(&rig, "middle", op, 1);
        op_set(&rig, "sustain", op, 1);
        op_set(&rig, "level", op, OFF_DB);
    }
    return rig;
}

static void fixed_set(struct rig *rig, unsigned op, double hz, double db)
{
    op_set(rig, "fixed", op, 1);
    op_set(rig, "freq", op, (float)hz);
    op_set(rig, "level", op, (float)db);
}

/* Plays a note from frame 0 to `until`. */
static float *play(struct rig *rig, float note, float velocity, uint32_t until, size_t n)
{
    struct event events[] = {{.offset = 0, .kind = EVENT_NOTE_ON, .note = note, .value = velocity},
                             {.offset = until, .kind = EVENT_NOTE_OFF, .note = note}};
    rig_start(rig);
    rig->events = events;
    rig->n_events = 2;
    return rig_run(rig, NULL, n);
}

static float *hold(struct rig *rig, float note, size_t n)
{
    return play(rig, note, 127, UINT32_MAX, n);
}

static double difference_db(const float *x, const double *theory, size_t n)
{
    double signal = 0, error = 0;
    for (size_t i = 0; i < n; i++) {
        signal += theory[i] * theory[i];
        error += (x[i] - theory[i]) * (x[i] - theory[i]);
    }
    return 10 * log10(error / signal);
}

/* ---- tests ----------------------------------------------------------------------------------------------------------- */

START_TEST(the_routes_are_the_algorithms_as_they_are_drawn)
{
    for (unsigned a = 0; a < FM_ALGORITHMS; a++) {
        struct wiring w = wiring_read(drawn[a]);
        const struct fm_route *route = &fm_routes_rt[a];
        for (unsigned o = 0; o < FM_OPERATORS; o++) {
            ck_assert_msg((route->out >> o & 1) == w.is_heard[o], "algorithm %u, operator %u", a + 1, o + 1);
            for (unsigned m = 0; m < FM_OPERATORS; m++)
                ck_assert_msg((route->heard[o] >> m & 1) == w.modulates[m][o], "algorithm %u: %u into %u", a + 1, m + 1,
                              o + 1);
        }
        ck_assert_uint_eq(route->loop_from, w.from);
        ck_assert_uint_eq(route->loop_to, w.to);
    }
}
END_TEST

START_TEST(two_operators_have_the_side_bands_of_bessel)
{
    static const double indices[] = {0.1, 0.5, 1, 2, 3.5, 5, 8, 12};
    const double carrier = 6000, modulator = 311;
    double worst_db = 0;
    for (size_t k = 0; k < ROWS(indices); k++) {
        struct rig rig = plain_fm();
        fixed_set(&rig, 1, carrier, 0);
        fixed_set(&rig, 2, modulator, decibel(indices[k] / FULL));
        float *x = hold(&rig, 60, N);
        for (int side = -15; side <= 15; side++) {
            double theory = fabs(jn(side, indices[k]));
            if (theory > 1e-4)
                worst_db = fmax(worst_db, fabs(decibel(tone_amplitude(x, N, carrier + side * modulator, RATE) / theory)));
        }
        free(x);
        rig_free(&rig);
    }
    ck_assert_double_lt(worst_db, 0.1);
}
END_TEST

START_TEST(every_algorithm_sounds_as_the_slow_way_to_compute_it)
{
    static const double hz[] = {440, 873, 331, 1203, 555, 1707}, db[] = {-3, -22, -6, -20, -19, -25};
    double theory[4800], amp[FM_OPERATORS];
    for (unsigned o = 0; o < FM_OPERATORS; o++)
        amp[o] = pow(10, db[o] / 20);
    for (unsigned a = 0; a < FM_ALGORITHMS; a++) {
        struct wiring w = wiring_read(drawn[a]);
        struct rig rig = plain_fm();
        rig_set(&rig, "algorithm", (float)(a + 1));
        rig_set(&rig, "feedback", 0.4f);
        for (unsigned o = 0; o < FM_OPERATORS; o++)
            fixed_set(&rig, o + 1, hz[o], db[o]);
        float *x = hold(&rig, 60, ROWS(theory));
        wiring_run(&w, hz, amp, (double)0.4f, theory, ROWS(theory));
        double off_db = difference_db(x, theory, ROWS(theory));
        ck_assert_msg(off_db < -100, "algorithm %u: %.1f dB", a + 1, off_db);
        free(x);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(feedback_goes_from_a_sine_to_a_saw)
{
    double theory[4800], hz[FM_OPERATORS] = {0, 0, 0, 0, 0, 220}, amp[FM_OPERATORS] = {0, 0, 0, 0, 0, 1};
    for (float feedback = 0; feedback < 0.35f; feedback += 0.05f) {
        struct wiring w = wiring_read("f6");
        struct rig rig = plain_fm();
        rig_set(&rig, "algorithm", 32);
        rig_set(&rig, "feedback", feedback);
        fixed_set(&rig, 6, 220, 0);
        float *x = hold(&rig, 60, ROWS(theory));
        wiring_run(&w, hz, amp, (double)feedback, theory, ROWS(theory));
        ck_assert_double_lt(difference_db(x, theory, ROWS(theory)), -95);
        free(x);
        rig_free(&rig);
    }
}
END_TEST

/* By how much a sine has left another one after n frames, a hundredth of a cent beside it: far less than a tenth. */
static double cent_hundredth(double hz, size_t n)
{
    return 2 * M_PI * hz / RATE * (double)n * (pow(2, 0.01 / 1200) - 1) + 1e-5;
}

START_TEST(every_note_is_in_tune)
{
    for (int note = 0; note <= 127; note += 5) {
        struct rig rig = plain_fm();
        double *theory = calloc(N, sizeof *theory), hz = 440 * pow(2, (note - 69) / 12.0);
        op_set(&rig, "level", 1, 0);
        float *x = hold(&rig, (float)note, N);
        for (size_t i = 0; i < N; i++)
            theory[i] = sin(2 * M_PI * fmod(hz / RATE * (double)i, 1));
        ck_assert_msg(difference_db(x, theory, N) < decibel(cent_hundredth(hz, N)), "note %d: %.1f dB", note,
                      difference_db(x, theory, N));
        free(theory);
        free(x);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(ratios_and_detune_are_exact)
{
    static const float ratios[] = {0.5f, 1, 1.41f, 3, 14}, cents[] = {-100, -7, 0, 33.3f};
    for (size_t k = 0; k < ROWS(ratios) * ROWS(cents); k++) {
        struct rig rig = plain_fm();
        float ratio = ratios[k / ROWS(cents)], detune = cents[k % ROWS(cents)];
        op_set(&rig, "level", 1, 0);
        op_set(&rig, "ratio", 1, ratio);
        op_set(&rig, "detune", 1, detune);
        float *x = hold(&rig, 60, N);
        double hz = 440 * pow(2, (60 - 69) / 12.0) * (double)ratio * pow(2, (double)detune / 1200), theory[4800];
        for (size_t i = 0; i < ROWS(theory); i++)
            theory[i] = sin(2 * M_PI * hz / RATE * (double)i);
        ck_assert_double_lt(difference_db(x, theory, ROWS(theory)), decibel(cent_hundredth(hz, ROWS(theory))));
        free(x);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(spurs_of_one_operator_lie_below_minus_140_db)
{
    for (float hz = 100; hz < 20000; hz *= 3.7f) {
        struct rig rig = plain_fm();
        fixed_set(&rig, 1, (double)hz, 0);
        float *x = hold(&rig, 60, 65536);
        ck_assert_double_lt(inharmonic_db(x, 65536, (double)hz, RATE), -140);
        free(x);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(velocity_and_keys_scale_levels_in_decibels)
{
    struct rig rig = plain_fm();
    op_set(&rig, "level", 1, -10);
    op_set(&rig, "velocity", 1, 20);
    op_set(&rig, "break", 1, 48);
    op_set(&rig, "left", 1, -3);
    op_set(&rig, "right", 1, -6);
    static const struct {
        float note, velocity;
        double db;
    } rows[] = {{48, 127, -10}, {60, 127, -16},   {72, 127, -22},
                {36, 127, -13}, {48, 63.5f, -20}, {60, 1, -16 - 20 * 126 / 127.0}};
    for (size_t k = 0; k < ROWS(rows); k++) {
        float *x = play(&rig, rows[k].note, rows[k].velocity, UINT32_MAX, N);
        double hz = 440 * pow(2, ((double)rows[k].note - 69) / 12);
        ck_assert_double_eq_tol(decibel(tone_amplitude(x, N, hz, RATE)), rows[k].db, 0.01);
        free(x);
        arena_deinit(&rig.arena);
    }
}
END_TEST

/* A quarter of the rate: every second frame is a peak of the sine. */
static double envelope_at(const float *x, size_t i)
{
    return fabs((double)x[i]) + fabs((double)x[i + 1]);
}

static double falling(double from, double to, double t)
{
    return from + (to - from) * (1 - pow(1000, -t)) / (1 - 1 / 1000.0);
}

START_TEST(stages_last_as_long_as_they_are_told_to_the_frame)
{
    enum { ATTACK = 1001, DECAY = 1503, FALL = 2407, HELD = 7003, RELEASE = 999 };
    for (float rate = 0; rate <= 1; rate += 0.5f) {
        struct rig rig = plain_fm();
        double scale = pow(2, -(double)rate);
        fixed_set(&rig, 1, RATE / 4.0, 0);
        op_set(&rig, "rate", 1, rate);
        op_set(&rig, "attack", 1, (float)(ATTACK / scale / RATE));
        op_set(&rig, "decay", 1, (float)(DECAY / scale / RATE));
        op_set(&rig, "fall", 1, (float)(FALL / scale / RATE));
        op_set(&rig, "release", 1, (float)(RELEASE / scale / RATE));
        op_set(&rig, "middle", 1, 0.6f);
        op_set(&rig, "sustain", 1, 0.25f);
        float *x = play(&rig, 72, 127, HELD, 9000);
        ck_assert_double_eq_tol(envelope_at(x, 500), 500.5 / ATTACK, 1e-3);
        ck_assert_double_eq_tol(envelope_at(x, ATTACK), 1, 2e-3);
        ck_assert_double_eq_tol(envelope_at(x, ATTACK + 400), falling(1, 0.6, 400.5 / DECAY), 2e-3);
        ck_assert_double_eq_tol(envelope_at(x, ATTACK + DECAY), 0.6, 1e-3);
        ck_assert_double_eq_tol(envelope_at(x, ATTACK + DECAY + 200), falling(0.6, 0.25, 200.5 / FALL), 2e-3);
        ck_assert_double_eq_tol(envelope_at(x, ATTACK + DECAY + FALL), 0.25, 1e-5);
        ck_assert_double_eq_tol(envelope_at(x, HELD + 100), falling(0.25, 0, 100.5 / RELEASE), 1e-3);
        ck_assert_double_gt(envelope_at(x, HELD + RELEASE - 2), 1e-9);
        for (size_t i = HELD + RELEASE; i < 9000; i++)
            ck_assert_double_eq(x[i], 0);
        free(x);
        rig_free(&rig);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_routes_are_the_algorithms_as_they_are_drawn,
        two_operators_have_the_side_bands_of_bessel,
        every_algorithm_sounds_as_the_slow_way_to_compute_it,
        feedback_goes_from_a_sine_to_a_saw,
        every_note_is_in_tune,
        ratios_and_detune_are_exact,
        spurs_of_one_operator_lie_below_minus_140_db,
        velocity_and_keys_scale_levels_in_decibels,
        stages_last_as_long_as_they_are_told_to_the_frame,
    };
    return suite_run("fm", 60, tests, ROWS(tests));
}
