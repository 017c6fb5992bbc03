/* Containers: nodes that are there once per voice. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/spectrum.h"
#include "tests/suite.h"
#include "tests/voice_rig.h"

#define RATE_HZ 48000

/* A sine per note, under an envelope. */
#define PAD                                                                                                                \
    "add pad voices voices=%u; add pad/o osc wave=0 freq=440 level=-12; add pad/env adsr attack=0.005 decay=0 sustain=1 "  \
    "release=0.05; add pad/vca math op=2; connect pad/in:pitch pad/o:freq depth=1; connect pad/in:gate pad/env; "          \
    "connect pad/o pad/vca:a; connect pad/env pad/vca:b; connect pad/vca pad/out; connect pad/out out"

static struct graph_rig *pad_new(unsigned n_voices)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, PAD, n_voices);
    graph_rig_settle(rig);
    return rig;
}

/* Amplitude of a sine in what was heard from `at` on. */
static double amplitude(const float *x, double hz, size_t at, size_t n)
{
    return tone_amplitude(x + at, n, hz, RATE_HZ);
}

#define LEVEL 0.25118864315095796 /* -12 dB */

START_TEST(a_chord_is_as_many_voices_in_tune)
{
    struct graph_rig *rig = pad_new(4);
    voice_press(rig, 57);
    voice_press(rig, 64);
    voice_press(rig, 72.5f);
    graph_rig_run(rig, 24000);
    static const double notes[] = {57, 64, 72.5};
    for (unsigned i = 0; i < 3; i++)
        ck_assert_double_eq_tol(amplitude(voice_heard(rig), voice_hz(notes[i]), 4000, 20000), LEVEL, 1e-3);
    ck_assert_double_lt(amplitude(voice_heard(rig), voice_hz(60), 4000, 20000), 1e-3);
    ck_assert_float_eq(voice_reading(rig, "pad", 0), 3);
    graph_rig_free(rig);
}
END_TEST

/* Nothing but what belongs to the sound card. */
static void nothing_is_awake(const struct graph_rig *rig)
{
    const struct plan *plan = rig->ctl->engine->plan;
    for (unsigned i = 0; i < plan->n_steps; i++) {
        const struct node_class *class = plan->steps[i].node->class;
        ck_assert_msg(class->device || !plan->due[i], "%s is awake", class->name);
    }
}

START_TEST(a_voice_ends_when_it_has_died_away_and_all_sleep_then)
{
    struct graph_rig *rig = pad_new(4);
    voice_press(rig, 60);
    voice_press(rig, 67);
    graph_rig_run(rig, 4800);
    voice_let_go(rig, 60);
    graph_rig_run(rig, 9600);
    ck_assert_float_eq(voice_reading(rig, "pad", 0), 1);
    ck_assert_double_lt(amplitude(voice_heard(rig), voice_hz(60), 4800, 4800), 1e-4);
    ck_assert_double_eq_tol(amplitude(voice_heard(rig), voice_hz(67), 4800, 4800), LEVEL, 1e-3);
    voice_let_go(rig, 67);
    graph_rig_run(rig, 9600);
    ck_assert_float_eq(voice_reading(rig, "pad", 0), 0);
    ck_assert(voice_highest(voice_heard(rig), 8000, 9600) == 0);
    nothing_is_awake(rig);
    graph_rig_free(rig);
}
END_TEST

START_TEST(the_last_voice_rests_whatever_the_period)
{
    static const unsigned periods[] = {64, 256, 1024, 240, 100, 1};
    for (unsigned i = 0; i < ROWS(periods); i++) {
        struct graph_rig *rig = pad_new(2);
        rig->period = periods[i];
        for (unsigned k = 0; k < 3; k++) {
            voice_press(rig, 60);
            graph_rig_run(rig, 480);
            voice_let_go(rig, 60);
            graph_rig_run(rig, 9600);
            nothing_is_awake(rig);
        }
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(what_is_set_is_set_for_all_voices_those_that_rest_too)
{
    struct graph_rig *rig = pad_new(3);
    voice_press(rig, 60);
    graph_rig_run(rig, 2400);
    graph_rig_set(rig, "pad/o", "level", -24, 0.3);
    graph_rig_run(rig, 24000);
    ck_assert_double_eq_tol(amplitude(voice_heard(rig), voice_hz(60), 16000, 8000), LEVEL / 3.9810717, 1e-3);
    voice_press(rig, 67);
    graph_rig_run(rig, 24000);
    ck_assert_double_eq_tol(amplitude(voice_heard(rig), voice_hz(67), 2000, 20000), LEVEL / 3.9810717, 1e-3);
    graph_rig_commit(rig, "set pad/o level -12");
    graph_rig_run(rig, 24000);
    for (unsigned i = 0; i < 2; i++)
        ck_assert_double_eq_tol(amplitude(voice_heard(rig), voice_hz(i ? 67 : 60), 4000, 20000), LEVEL, 1e-3);
    graph_rig_free(rig);
}
END_TEST

/* The largest step from one frame to the next that is no part of the sound itself. */
static double worst_bend(const float *x, size_t n)
{
    double worst = 0;
    for (size_t i = 2; i < n; i++)
        worst = fmax(worst, fabs((double)x[i] - 2 * (double)x[i - 1] + (double)x[i - 2]));
    return worst;
}

START_TEST(stealing_does_not_click_and_never_more_sound_than_may)
{
    struct graph_rig *rig = pad_new(2);
    uint32_t seed = 7;
    double worst = 0;
    for (unsigned k = 0; k < 200; k++) {
        voice_press(rig, 48 + (float)dice_below(&seed, 13));
        if (dice_below(&seed, 3) == 0)
            voice_let_go(rig, 48 + (float)dice_below(&seed, 13));
        graph_rig_run(rig, 64 + dice_below(&seed, 2000));
        worst = fmax(worst, worst_bend(voice_heard(rig), 64));
        ck_assert_float_le(voice_reading(rig, "pad", 0), 2 + POLYPHONY_SPARE);
    }
    /* Four sines of up to 262 Hz bend by 4 x 0.25 x (2 pi 262 / 48000)^2 = 0.0012; ends of fades, attacks and rises by their slopes,
     * 1 / 64 x the slope of the sound at most. A click is 0.25. */
    ck_assert_double_lt(worst, 0.02);
    graph_rig_free(rig);
}
END_TEST

START_TEST(an_edge_from_outside_feeds_all_voices_and_one_that_leads_out_adds_them_up)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig,
                     "add pad voices voices=5; add s source value=1; add pad/g math op=2; connect pad/in:gate pad/g:a; "
                     "connect s pad/g:b; connect pad/g pad/out; add p probe; connect pad/out p");
    graph_rig_settle(rig);
    for (unsigned i = 0; i < 3; i++)
        voice_press(rig, 60 + (float)i);
    graph_rig_run(rig, 1024);
    struct probe *probe = graph_rig_probe(rig, "p");
    probe->at = 0;
    graph_rig_run(rig, 256);
    ck_assert_float_eq_tol(probe->take[0][100], 3, 1e-6);
    graph_rig_free(rig);
}
END_TEST

START_TEST(edits_while_it_plays_reach_the_voices_that_sound)
{
    struct graph_rig *rig = pad_new(4);
    voice_press(rig, 60);
    graph_rig_run(rig, 9600);
    graph_rig_commit(rig, "add pad/o2 osc wave=0 freq=880 level=-12; connect pad/in:pitch pad/o2:freq depth=1; "
                          "connect pad/o2 pad/vca:a");
    graph_rig_run(rig, 24000);
    ck_assert_double_eq_tol(amplitude(voice_heard(rig), voice_hz(72), 4000, 20000), LEVEL, 1e-3);
    graph_rig_commit(rig, "remove pad/o2");
    graph_rig_run(rig, 24000);
    ck_assert_double_lt(amplitude(voice_heard(rig), voice_hz(72), 4000, 20000), 1e-4);
    ck_assert_double_eq_tol(amplitude(voice_heard(rig), voice_hz(60), 4000, 20000), LEVEL, 1e-3);
    graph_rig_commit(rig, "remove pad");
    graph_rig_settle(rig);
    ck_assert_ptr_null(model_find(&rig->ctl->model, "pad/vca"));
    ck_assert_uint_eq(rig->ctl->model.n_linked, 2);
    graph_rig_free(rig);
}
END_TEST

START_TEST(edits_while_it_rests_have_arrived_when_a_note_begins)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig,
                     "add pad voices voices=2; add s source value=0.25; add pad/g math op=2; connect pad/in:gate pad/g:a; "
                     "connect s pad/g:b; connect pad/g pad/out; connect pad/out out");
    graph_rig_settle(rig);
    voice_press(rig, 60);
    graph_rig_run(rig, 256);
    ck_assert_float_eq_tol(voice_heard(rig)[0], 0.25f, 1e-6f);
    graph_rig_commit(
        rig, "fade 0.1; disconnect pad/g pad/out; add pad/h gain gain=-6; connect pad/g pad/h; connect pad/h pad/out");
    graph_rig_run(rig, 9600);
    voice_press(rig, 61);
    graph_rig_run(rig, 256);
    for (unsigned i = 0; i < 256; i++)
        ck_assert_float_eq_tol(voice_heard(rig)[i], 0.25f * 2 * 0.5011872f, 1e-6f);
    graph_rig_free(rig);
}
END_TEST

START_TEST(what_is_connected_to_nothing_goes_with_its_container)
{
    struct graph_rig *rig = pad_new(3);
    graph_rig_commit(rig, "add pad/spare gain");
    graph_rig_settle(rig);
    graph_rig_commit(rig,
                     "disconnect pad:voice pad/in; disconnect pad/in:pitch pad/o:freq; disconnect pad/in:gate pad/env");
    graph_rig_settle(rig);
    graph_rig_commit(rig, "remove pad");
    graph_rig_settle(rig);
    graph_rig_run(rig, 1000);
    ck_assert_uint_eq(rig->ctl->model.n_linked, 2);
    ck_assert_uint_eq(rig->ctl->engine->plan->n_steps, 2);
    graph_rig_free(rig);
}
END_TEST

START_TEST(one_note_at_a_time_begins_anew_with_each_key_or_goes_on)
{
    for (unsigned legato = 0; legato < 2; legato++) {
        struct graph_rig *rig = pad_new(4);
        graph_rig_commit(rig, "set pad mode %u; set pad/env decay 0.02; set pad/env sustain 0.1", 1 + legato);
        graph_rig_settle(rig);
        voice_press(rig, 57);
        graph_rig_run(rig, 9600);
        ck_assert_double_eq_tol(voice_highest(voice_heard(rig), 4800, 9600), 0.1 * LEVEL, 1e-3);
        voice_press(rig, 64);
        graph_rig_run(rig, 9600);
        ck_assert_double_eq_tol(voice_highest(voice_heard(rig), 0, 4800), legato ? 0.1 * LEVEL : LEVEL,
                                legato ? 1e-3 : 0.1 * LEVEL);
        ck_assert_double_eq_tol(amplitude(voice_heard(rig), voice_hz(64), 4800, 4800), 0.1 * LEVEL, 1e-3);
        ck_assert_float_eq(voice_reading(rig, "pad", 0), 1);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(voices_side_by_side_have_the_bits_of_each_by_itself)
{
    float *heard[2];
    for (unsigned k = 0; k < 2; k++) {
        struct graph_rig *rig = graph_rig_new(RATE_HZ);
        rig->ctl->model.one_by_one = k;
        graph_rig_commit(
            rig, "add pad voices voices=12; add pad/o osc wave=2 freq=440 level=-12; add pad/f filter cutoff=900 q=3; "
                 "add pad/env adsr; connect pad/in:pitch pad/o:freq depth=1; connect pad/in:gate pad/env; "
                 "connect pad/o pad/f; connect pad/env pad/f:cutoff depth=2; add pad/vca math op=2; "
                 "connect pad/f pad/vca:a; connect pad/env pad/vca:b; connect pad/vca pad/out; connect pad/out out");
        graph_rig_settle(rig);
        for (unsigned i = 0; i < 12; i++) {
            voice_press(rig, 40 + 3 * (float)i);
            graph_rig_run(rig, 300);
        }
        graph_rig_run(rig, 9600);
        heard[k] = malloc(9600 * sizeof(float));
        memcpy(heard[k], voice_heard(rig), 9600 * sizeof(float));
        graph_rig_free(rig);
    }
    ck_assert(voice_highest(heard[0], 0, 9600) > 0.1);
    ck_assert_mem_eq(heard[0], heard[1], 9600 * sizeof(float));
    free(heard[0]);
    free(heard[1]);
}
END_TEST

START_TEST(what_cannot_be_inside_is_refused_in_words)
{
    static const struct {
        const char *script, *word;
    } refused[] = {
        {"add pad/more voices", "one level"},
        {"add pad/o output", "only once"},
        {"rename s pad/s", "not inside"},
        {"rename pad/in x", "inside of"},
        {"add b voices; connect b/out pad/out", "different containers"},
        {"add a arpeggiator; connect pad a", "notes of its own"},
        {"replace pad gain", "cannot be replaced"},
        {"add x/y gain; add x voices", "would be inside"},
    };
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "add pad voices; add s source");
    for (unsigned i = 0; i < ROWS(refused); i++) {
        ck_assert_msg(graph_rig_try(rig, "%s", refused[i].script) != 0, "%s", refused[i].script);
        ck_assert_msg(strstr(rig->error.text, refused[i].word) != NULL, "%s: %s", refused[i].script, rig->error.text);
    }
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_container_takes_what_is_in_it_along_to_another_name)
{
    struct graph_rig *rig = pad_new(2);
    voice_press(rig, 60);
    graph_rig_commit(rig, "rename pad strings");
    graph_rig_run(rig, 9600);
    ck_assert_ptr_nonnull(model_find(&rig->ctl->model, "strings/vca"));
    ck_assert_ptr_null(model_find(&rig->ctl->model, "pad/vca"));
    ck_assert_double_eq_tol(amplitude(voice_heard(rig), voice_hz(60), 4000, 5600), LEVEL, 1e-3);
    graph_rig_free(rig);
}
END_TEST

START_TEST(what_plays_its_own_container_by_a_way_outside_is_heard_a_block_later)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, PAD "; add pad/l lfo; add arp arpeggiator; connect arp pad; connect pad/l arp:gate depth=0.1", 4);
    graph_rig_settle(rig);
    voice_play(rig, "arp", EVENT_NOTE_ON, 60, 100);
    graph_rig_run(rig, 24000);
    ck_assert(voice_highest(voice_heard(rig), 0, 24000) > 0.1);
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_chord_is_as_many_voices_in_tune,
        a_voice_ends_when_it_has_died_away_and_all_sleep_then,
        the_last_voice_rests_whatever_the_period,
        what_is_set_is_set_for_all_voices_those_that_rest_too,
        stealing_does_not_click_and_never_more_sound_than_may,
        an_edge_from_outside_feeds_all_voices_and_one_that_leads_out_adds_them_up,
        edits_while_it_plays_reach_the_voices_that_sound,
        edits_while_it_rests_have_arrived_when_a_note_begins,
        what_is_connected_to_nothing_goes_with_its_container,
        one_note_at_a_time_begins_anew_with_each_key_or_goes_on,
        voices_side_by_side_have_the_bits_of_each_by_itself,
        what_cannot_be_inside_is_refused_in_words,
        a_container_takes_what_is_in_it_along_to_another_name,
        what_plays_its_own_container_by_a_way_outside_is_heard_a_block_later,
    };
    return suite_run("voices", 30, tests, ROWS(tests));
}
