#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE 48000.0
#define N    48000

enum { CHROMATIC, MAJOR, MINOR, OWN = 19 };

static struct rig quantizer(int scale, int root, double cents)
{
    struct rig rig = rig_new("quantizer", RATE, 0);
    rig_set(&rig, "scale", (float)scale);
    rig_set(&rig, "root", (float)root);
    rig_set(&rig, "hysteresis", (float)cents);
    rig_start(&rig);
    return rig;
}

static float pitch[N], trigger[N];

static void run(struct rig *rig, const float *in, size_t n)
{
    float *out[] = {pitch, trigger};
    rig_process(rig, &in, out, n);
}

/* Whether a note, in semitones from C, is in a scale that is written as the names of its notes. */
static bool is_in(const char *scale, int note)
{
    static const char names[] = "C.D.EF.G.A.B", sharps[] = ".c.d..f.g.a.";
    int k = ((note % 12) + 12) % 12;
    return strchr(scale, names[k] == '.' ? sharps[k] : names[k]) != NULL;
}

static void expect_nearest(int scale, int root, const char *written)
{
    struct rig rig = quantizer(scale, root, 0);
    float in[N];
    int notes[90], n_notes = 0;
    for (int k = -30; k < 60; k++)
        if (is_in(written, k))
            notes[n_notes++] = k;
    line_fill(in, N, -2, 2);
    run(&rig, in, N);
    for (int i = 0; i < N; i++) {
        double semitones = 12 * (double)in[i] + 9, best = INFINITY, note = 12 * (double)pitch[i] + 9;
        for (int k = 0; k < n_notes; k++)
            best = fmin(best, fabs(semitones - notes[k]));
        bool is_note = fabs(note - round(note)) < 1e-5 && is_in(written, (int)lround(note));
        if (!is_note || fabs(semitones - note) > best + 1e-5)
            ck_abort_msg("scale %d: %g becomes %g", scale, semitones, note);
    }
    rig_free(&rig);
}

START_TEST(every_pitch_becomes_the_nearest_note_of_the_scale)
{
    expect_nearest(CHROMATIC, 0, "CcDdEFfGgAaB");
    expect_nearest(MAJOR, 0, "CDEFGAB");
    expect_nearest(MAJOR, 2, "DEfGABc");
    expect_nearest(MINOR, 9, "ABCDEFG");
    expect_nearest(3, 9, "ABCDEFg");
    expect_nearest(4, 0, "CDdFGAB");
    expect_nearest(5, 2, "DEFGABC");
    expect_nearest(6, 4, "EFGABCD");
    expect_nearest(7, 5, "FGABCDE");
    expect_nearest(8, 7, "GABCDEF");
    expect_nearest(9, 11, "BCDEFGA");
    expect_nearest(10, 0, "CDEGA");
    expect_nearest(11, 9, "ACDEG");
    expect_nearest(12, 0, "CdFfGa");
    expect_nearest(13, 0, "CDEfga");
    expect_nearest(14, 0, "CDdFfgAB");
    expect_nearest(15, 0, "CEG");
    expect_nearest(16, 9, "ACE");
    expect_nearest(17, 7, "GD");
    expect_nearest(18, 3, "d");
}
END_TEST

START_TEST(a_scale_of_ones_own_has_the_notes_of_its_switches)
{
    struct rig rig = quantizer(OWN, 0, 0);
    float in[N];
    line_fill(in, N, -2, 2);
    for (int k = 0; k < 12; k++)
        rig_set(&rig, (char[]){'s', 't', 'e', 'p', (char)(k < 10 ? '0' + k : '1'), (char)(k < 10 ? 0 : '0' + k - 10), 0},
                k == 1 || k == 6);
    run(&rig, in, N);
    for (int i = 0; i < N; i++)
        ck_assert(is_in("cf", (int)lround(12 * (double)pitch[i] + 9)));
    rig_set(&rig, "step1", 0);
    rig_set(&rig, "step6", 0);
    run(&rig, in, N);
    for (int i = 0; i < N; i++)
        ck_assert(is_in("C", (int)lround(12 * (double)pitch[i] + 9)));
    rig_free(&rig);
}
END_TEST

static unsigned edges(const float *x, size_t n)
{
    unsigned count = 0;
    for (size_t i = 1; i < n; i++)
        count += x[i] > 0.5f && x[i - 1] <= 0.5f;
    return count;
}

/* Half way between A and A sharp, trembling by 8 cents to either side: by up to 16 cents another note is nearer. */
START_TEST(a_pitch_that_trembles_within_the_hysteresis_does_not_chatter)
{
    float in[N];
    for (int i = 0; i < N; i++)
        in[i] = (float)((0.5 + 0.08 * sin(2 * M_PI * 100 / RATE * i)) / 12);
    struct rig rig = quantizer(CHROMATIC, 0, 20), nervous = quantizer(CHROMATIC, 0, 0);
    run(&rig, in, N);
    ck_assert_uint_eq(edges(trigger, N), 0);
    run(&nervous, in, N);
    ck_assert_uint_ge(edges(trigger, N), 199);
    rig_free(&rig);
    rig_free(&nervous);
}
END_TEST

START_TEST(another_note_is_taken_once_it_is_nearer_by_the_hysteresis)
{
    float in[N];
    struct rig rig = quantizer(CHROMATIC, 0, 30);
    line_fill(in, N, 0, 1 / 12.0);
    run(&rig, in, N);
    for (int i = 1; i < N; i++)
        if (pitch[i] != pitch[i - 1])
            ck_assert_double_eq_tol(12 * (double)in[i], 0.65, 1e-4);
    ck_assert_double_eq_tol(pitch[N - 1], 1 / 12.0, 1e-7);
    rig_free(&rig);
}
END_TEST

START_TEST(the_trigger_rises_in_the_frame_in_which_the_note_changes)
{
    float in[N];
    struct rig rig = quantizer(MAJOR, 0, 0);
    line_fill(in, N, -1, 1);
    run(&rig, in, N);
    unsigned changes = 0, high = 0;
    for (int i = 1; i < N; i++) {
        bool changed = pitch[i] != pitch[i - 1];
        changes += changed;
        high += trigger[i] > 0;
        ck_assert(!changed || (trigger[i] == 1 && trigger[i - 1] == 0));
    }
    ck_assert_uint_eq(changes, 14);
    ck_assert_uint_eq(edges(trigger, N), 14);
    ck_assert_uint_eq(high, 14 * 49);
    ck_assert_double_eq(trigger[0], 0);
    rig_free(&rig);
}
END_TEST

/* One in the middle of a pulse lets it fall for a frame. */
START_TEST(each_of_two_changes_close_together_can_be_told)
{
    float in[200];
    struct rig rig = quantizer(CHROMATIC, 0, 0);
    for (int i = 0; i < 200; i++)
        in[i] = i < 50 ? 0 : i < 60 ? 0.5f : 1;
    run(&rig, in, 200);
    ck_assert_uint_eq(edges(trigger, 200), 2);
    ck_assert(trigger[50] == 1 && trigger[59] == 1 && trigger[60] == 0 && trigger[61] == 1 && trigger[109] == 1);
    ck_assert(trigger[110] == 0);
    rig_free(&rig);
}
END_TEST

START_TEST(transposition_and_another_scale_change_the_note_at_once)
{
    float in[N] = {0};
    struct rig rig = quantizer(CHROMATIC, 0, 20);
    run(&rig, in, 100);
    ck_assert_double_eq(pitch[99], 0);
    rig_set(&rig, "transpose", -5);
    run(&rig, in, 100);
    ck_assert_double_eq_tol(pitch[0], -5 / 12.0, 1e-7);
    ck_assert_double_eq(trigger[0], 1);
    rig_set(&rig, "transpose", 0);
    rig_set(&rig, "scale", 18); /* the C above is nearer than the one below */
    run(&rig, in, 100);
    ck_assert_double_eq_tol(pitch[0], 3 / 12.0, 1e-7);
    rig_free(&rig);
}
END_TEST

START_TEST(what_is_no_pitch_is_not_followed)
{
    float in[] = {0.25f, NAN, INFINITY, -INFINITY, 1e29f, -1e29f, 0.25f};
    struct rig rig = quantizer(CHROMATIC, 0, 0);
    run(&rig, in, 7);
    for (int i = 0; i < 4; i++)
        ck_assert_double_eq(pitch[i], 0.25);
    ck_assert_double_eq(pitch[4], 20);
    ck_assert_double_eq(pitch[5], -20);
    ck_assert_double_eq(pitch[6], 0.25);
    rig_free(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_pitch_becomes_the_nearest_note_of_the_scale,
        a_scale_of_ones_own_has_the_notes_of_its_switches,
        a_pitch_that_trembles_within_the_hysteresis_does_not_chatter,
        another_note_is_taken_once_it_is_nearer_by_the_hysteresis,
        the_trigger_rises_in_the_frame_in_which_the_note_changes,
        each_of_two_changes_close_together_can_be_told,
        transposition_and_another_scale_change_the_note_at_once,
        what_is_no_pitch_is_not_followed,
    };
    return suite_run("quantizer", 60, tests, ROWS(tests));
}
