/* A voice that is taken for another note begins that one clean, and without a click. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/spectrum.h"
#include "tests/suite.h"
#include "tests/voice_rig.h"

#define RATE_HZ 48000
#define LEVEL   0.25118864315095796 /* of a voice: -12 dB */

#define TONE                                                                                                               \
    "add pad/o osc wave=0 freq=440 level=-12; add pad/env adsr curve=0 attack=0.005 decay=0 sustain=1 release=%s; "        \
    "add pad/vca math op=2; connect pad/in:pitch pad/o:freq depth=1; connect pad/in:gate pad/env; "                        \
    "connect pad/o pad/vca:a; connect pad/env pad/vca:b"

static struct graph_rig *pad_new(const char *script, unsigned n_voices, const char *release)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    char tone_script[1024];
    snprintf(tone_script, sizeof tone_script, TONE, release);
    graph_rig_commit(rig, "add pad voices voices=%u; %s; %s", n_voices, tone_script, script);
    graph_rig_settle(rig);
    return rig;
}

static double amplitude(const struct graph_rig *rig, double note, size_t at, size_t n)
{
    return tone_amplitude(voice_heard(rig) + at, n, voice_hz(note), RATE_HZ);
}

/* What keeps sounding for seconds behind a voice. */
static const char *const effects[] = {
    "add pad/x delay mix=1 feedback=0.95 time=0.1",
    "add pad/x delay mix=1 feedback=0.95 time=0.1 spread=0.5; add l lfo rate=3 depth=0.1; connect l pad/x:time depth=1",
    "add pad/x reverb mix=1 decay=20",
    "add pad/x reverb mix=1 decay=20 size=1 predelay=200",
    "add pad/x flanger feedback=0.98 mix=1",
    "add pad/x filter cutoff=440 q=40",
    "add pad/x limiter drive=24",
    "add pad/x compressor release=2000 threshold=-40 lookahead=10",
};

#define N_HEARD 19200
#define N_NOTES 6

/* N_NOTES notes by one voice, each of which takes it from the one before; of the first one the effect hears nothing if it is
 * connected only with the second. What is heard of the others. */
static float *play_on(const char *effect, bool is_late, const char *way)
{
    static const float notes[N_NOTES] = {45, 64.3f, 69.7f, 77.1f, 64.3f, 69.7f};
    char script[512];
    snprintf(script, sizeof script, "%s; %s", effect, way);
    struct graph_rig *rig = pad_new(script, 1, "2");
    float *heard = calloc(N_NOTES, N_HEARD * sizeof *heard);
    graph_rig_commit(rig, "fade 0; clear pad/x");
    graph_rig_commit(rig, is_late ? "add unheard gain" : "fade 0; connect pad/vca pad/x");
    graph_rig_run(rig, N_HEARD); /* the same time in both */
    for (unsigned i = 0; i < N_NOTES; i++) {
        if (i == 1)
            graph_rig_commit(rig, is_late ? "fade 0; connect pad/vca pad/x" : "fade 0; add unheard gain");
        voice_press(rig, notes[i]);
        graph_rig_run(rig, N_HEARD);
        memcpy(heard + (size_t)i * N_HEARD, voice_heard(rig), N_HEARD * sizeof *heard);
    }
    graph_rig_free(rig);
    return heard;
}

START_TEST(nothing_is_left_of_a_note_whose_voice_was_taken)
{
    const char *way = "connect pad/vca pad/x; connect pad/x pad/out; connect pad/out out";
    float *late = play_on(effects[_i], true, way), *heard = play_on(effects[_i], false, way);
    ck_assert_double_gt(rms(heard, N_HEARD), 0.01);
    for (size_t i = 1; i < N_NOTES; i++) {
        size_t at = i * N_HEARD + 512;
        double snr = snr_db(late + at, heard + at, N_HEARD - 512);
        ck_assert_double_gt(rms(late + at, N_HEARD - 512), 0.01);
        ck_assert_msg(snr > 100, "%s: of the first note %.1f dB are left in note %zu", effects[_i], -snr, i);
    }
    free(late);
    free(heard);
}
END_TEST

/* A voice can end before what is in it does. */
START_TEST(what_nobody_heard_in_the_end_is_not_heard_with_the_next_note)
{
    struct graph_rig *rig = pad_new("add pad/d delay 1 mix=1 feedback=0.99 time=0.1; add pad/late math op=2; "
                                    "connect pad/vca pad/d; connect pad/d pad/late:a; connect pad/in:gate pad/late:b; "
                                    "connect pad/late pad/out; connect pad/out out",
                                    1, "0.01");
    for (unsigned i = 0; i < 4; i++) {
        voice_press(rig, 69);
        graph_rig_run(rig, 7200);
        /* For as long as it takes until the first echo. */
        ck_assert_double_lt(voice_highest(voice_heard(rig), 0, 4800), 1e-6);
        ck_assert_double_gt(voice_highest(voice_heard(rig), 4800, 7200), 0.2);
        voice_let_go(rig, 69);
        graph_rig_run(rig, 1536);
        ck_assert_float_eq(voice_reading(rig, "pad", 0), 0);
    }
    graph_rig_free(rig);
}
END_TEST

/* The second difference of all that is heard, across the ends of runs too. */
static double roughness(const struct graph_rig *rig, double last[2], size_t n)
{
    double worst = 0;
    for (size_t i = 0; i < n; i++) {
        double x = (double)voice_heard(rig)[i];
        worst = fmax(worst, fabs(x - 2 * last[1] + last[0]));
        last[0] = last[1];
        last[1] = x;
    }
    return worst;
}

START_TEST(no_note_clicks_that_takes_the_voice_of_another)
{
    struct graph_rig *rig = pad_new("connect pad/vca pad/out; connect pad/out out", 3, "1");
    uint32_t seed = 7 + (uint32_t)_i;
    double worst = 0, last[2] = {0};
    rig->period = 0;
    for (unsigned k = 0; k < 400; k++) {
        for (unsigned more = dice_below(&seed, 4); more < 4; more++)
            voice_press(rig, 36 + (float)dice_below(&seed, 13));
        if (dice_below(&seed, 3) == 0)
            voice_let_go(rig, 36 + (float)dice_below(&seed, 13));
        size_t n = 64 + dice_below(&seed, 2000);
        graph_rig_run(rig, n);
        worst = fmax(worst, roughness(rig, last, n));
        ck_assert_float_le(voice_reading(rig, "pad", 0), 3 + POLYPHONY_SPARE);
    }
    /* Attacks and fades end within 240 frames: each of five voices may bend by 0.25 / 240, and for its sound by 0.0001. A click is
     * up to 0.25. */
    ck_assert_double_lt(worst, 5 * (LEVEL / 240 + 1e-4));
    graph_rig_free(rig);
}
END_TEST

START_TEST(what_has_to_wait_for_a_voice_begins_soon)
{
    struct graph_rig *rig = pad_new("connect pad/vca pad/out; connect pad/out out", 4, "1");
    for (unsigned i = 0; i < 4; i++)
        voice_press(rig, 40 + (float)i);
    graph_rig_run(rig, 9600);
    for (unsigned i = 0; i < 4; i++)
        voice_press(rig, 72 + 3.3f * (float)i);
    graph_rig_run(rig, 9600);
    for (unsigned i = 0; i < 4; i++) {
        /* Fade, rest, and attack: 240 + 256 + 240 frames. */
        ck_assert_double_eq_tol(amplitude(rig, 72 + 3.3 * i, 736, 8864), LEVEL, 1e-3);
        ck_assert_double_lt(amplitude(rig, 40 + i, 736, 8864), 1e-4);
    }
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("voice steal");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, nothing_is_left_of_a_note_whose_voice_was_taken, 0, (int)ROWS(effects));
    tcase_add_test(tests, what_nobody_heard_in_the_end_is_not_heard_with_the_next_note);
    tcase_add_loop_test(tests, no_note_clicks_that_takes_the_voice_of_another, 0, RIG_ROUNDS(3, 1));
    tcase_add_test(tests, what_has_to_wait_for_a_voice_begins_soon);
    return suite_run_case("voice steal", tests);
}
