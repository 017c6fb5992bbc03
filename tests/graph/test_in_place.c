/* Who writes where it reads, and who has nothing to do because of that: nobody hears the difference. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/event_nodes.h"
#include "tests/spectrum.h"
#include "tests/suite.h"
#include "tests/voice_rig.h"

#define RATE_HZ 48000
#define PIECES  RIG_ROUNDS(600, 60)
#define N_PIECE 1024

static const char *const graph =
    "add pad voices voices=6; add pad/o osc wave=2 level=-30; add pad/env adsr attack=0.01 decay=0.3 sustain=0 "
    "release=0.05; "
    "add pad/vca math op=2; add pad/g gain 2; connect pad/in:pitch pad/o:freq depth=0.5; connect pad/in:gate pad/env; "
    "connect pad/o pad/vca:a; connect pad/env pad/vca:b; connect pad/vca pad/g; connect pad/g pad/out; connect pad/out "
    "out; "
    "add l lfo rate=3; connect in m; connect m n; connect n out";

/* Each hears somebody who would be written over, or keeps a container busy. */
static const char *const witnesses =
    "add w gain; add pad/w gain; add pad/v gain; connect pad/vca pad/w; connect pad/g pad/v; add z constant value=0; "
    "connect z pad:detune depth=1; connect in w; connect m w";

static void act(struct graph_rig *rig, uint32_t *seed)
{
    static const char *const bypassed[] = {"pad/out", "pad/g", "m", "n", "pad"};
    static const char *const edges[] = {"connect l pad/g:gain depth=9",
                                        "disconnect l pad/g:gain",
                                        "connect l m:gain depth=9",
                                        "disconnect l m:gain",
                                        "disconnect pad/g pad/out",
                                        "connect pad/g pad/out gain=-1",
                                        "connect in n",
                                        "disconnect in n"};
    float value = -(float)dice_below(seed, 13), note = (float)(50 + dice_below(seed, 20));
    switch (dice_below(seed, 10)) {
    case 0:
    case 1:
    case 2:
        return voice_press(rig, note);
    case 3:
    case 4:
        return voice_let_go(rig, note);
    case 5:
        return graph_rig_set(rig, dice_below(seed, 2) ? "m" : "pad/g", "gain", value, 0.004 * dice_below(seed, 2));
    case 6:
        return graph_rig_set(rig, bypassed[dice_below(seed, ROWS(bypassed))], "bypass", (float)dice_below(seed, 2), -1);
    case 7:
        graph_rig_try(rig, "%s", edges[dice_below(seed, ROWS(edges))]); /* it may be so already */
        return;
    case 8:
        return graph_rig_set(rig, "pad", "steal", (float)dice_below(seed, 3), -1);
    default:
        return graph_rig_set(rig, "pad", "mode", (float)dice_below(seed, 3), -1);
    }
}

static void hear(float *heard, bool has_witnesses, uint32_t seed)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    rig->period = seed == 1 ? 64 : seed == 2 ? 37 : 256;
    graph_rig_commit(rig, "add m gain 2; add n gain 2; %s", graph);
    graph_rig_commit(rig, "%s", has_witnesses ? witnesses : "add w gain; add pad/w gain; add pad/v gain; add z constant");
    graph_rig_settle(rig);
    for (unsigned piece = 0; piece < PIECES; piece++) {
        act(rig, &seed);
        graph_rig_run(rig, N_PIECE);
        for (unsigned c = 0; c < 2; c++, heard += N_PIECE)
            memcpy(heard, rig->heard[RIG_OUT + c], N_PIECE * sizeof *heard);
    }
    graph_rig_free(rig);
}

START_TEST(who_writes_over_what_it_hears_sounds_like_who_does_not)
{
    const size_t n = 2 * (size_t)N_PIECE * PIECES;
    float *heard = malloc(n * sizeof *heard), *witnessed = malloc(n * sizeof *witnessed);
    hear(heard, false, (uint32_t)_i + 1);
    hear(witnessed, true, (uint32_t)_i + 1);
    ck_assert(voice_highest(heard, 0, n) > 0.01);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(heard[i] == witnessed[i], "frame %zu of piece %zu: %.9g, with witnesses %.9g", i % N_PIECE,
                      i / N_PIECE / 2, (double)heard[i], (double)witnessed[i]);
    free(heard);
    free(witnessed);
}
END_TEST

/* ---- who rests ------------------------------------------------------------------------------------------------------- */

static unsigned n_visited(const struct graph_rig *rig, const char *class)
{
    const struct plan *plan = rig->ctl->engine->plan;
    unsigned n = 0;
    for (unsigned i = 0; i < plan->n_steps; i++)
        n += plan->due[i] && strcmp(plan->steps[i].node->class->name, class) == 0;
    return n;
}

/* Clients see the level of the first way out, which therefore runs. */
static void expect_rest(const struct graph_rig *rig)
{
    ck_assert_uint_eq(n_visited(rig, "voices"), 0);
    ck_assert_uint_le(n_visited(rig, "voice_out"), 1);
}

static struct graph_rig *chord_of(unsigned n)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig,
                     "add pad voices voices=%u; add pad/o osc level=-30; add pad/env adsr release=0.01; add pad/vca math "
                     "op=2; connect pad/in:pitch pad/o:freq depth=0.5; connect pad/in:gate pad/env; connect pad/o "
                     "pad/vca:a; connect pad/env pad/vca:b; connect pad/vca pad/out; connect pad/out out",
                     n);
    graph_rig_settle(rig);
    for (unsigned i = 0; i < n; i++)
        voice_press(rig, 40 + (float)i);
    graph_rig_run(rig, RATE_HZ);
    return rig;
}

START_TEST(while_keys_are_held_neither_their_container_nor_the_ways_out_of_it_run)
{
    struct graph_rig *rig = chord_of(5);
    expect_rest(rig);
    ck_assert(voice_highest(voice_heard(rig), RATE_HZ - 1000, RATE_HZ) > 0.01);
    /* A voice that ends, a note that takes one, a bend, a value that is nothing to them. */
    voice_let_go(rig, 42);
    graph_rig_run(rig, 64);
    ck_assert_uint_eq(n_visited(rig, "voices"), 1);
    graph_rig_run(rig, RATE_HZ);
    ck_assert_float_eq(voice_reading(rig, "pad", 0), 4);
    expect_rest(rig);
    voice_press(rig, 60);
    voice_press(rig, 61);
    graph_rig_run(rig, RATE_HZ);
    ck_assert_float_eq(voice_reading(rig, "pad", 0), 5);
    expect_rest(rig);
    voice_play(rig, "pad", EVENT_BEND, 0, 1);
    graph_rig_run(rig, RATE_HZ);
    expect_rest(rig);
    graph_rig_free(rig);
}
END_TEST

START_TEST(keys_of_a_player_that_breaks_are_let_go)
{
    struct graph_rig *rig = chord_of(3);
    graph_rig_commit(rig, "add p piper; connect p pad");
    graph_rig_settle(rig);
    for (unsigned i = 0; i < 3; i++)
        voice_let_go(rig, 40 + (float)i);
    struct piper *piper = graph_rig_node(rig, "p")->object->state;
    piper->plays[piper->n++] =
        (struct noted){ctl_clock(rig->ctl) + 1000, {.kind = EVENT_NOTE_ON, .note = 70, .value = 100}};
    graph_rig_run(rig, RATE_HZ);
    ck_assert_float_eq(voice_reading(rig, "pad", 0), 1);
    expect_rest(rig);
    piper->breaks_at = ctl_clock(rig->ctl) + 1000;
    graph_rig_run(rig, RATE_HZ);
    ck_assert_float_eq(voice_reading(rig, "pad", 0), 0);
    graph_rig_free(rig);
}
END_TEST

START_TEST(who_is_bypassed_or_moved_runs_again)
{
    struct graph_rig *rig = chord_of(3);
    graph_rig_set(rig, "pad/out", "bypass", 1, -1);
    graph_rig_run(rig, 64);
    ck_assert_uint_eq(n_visited(rig, "voice_out"), 3);
    graph_rig_set(rig, "pad/out", "bypass", 0, -1);
    graph_rig_run(rig, RATE_HZ);
    expect_rest(rig);
    /* An edge that is not there any more fades out, and its gain is where the plan wants it only then. */
    graph_rig_commit(rig, "disconnect pad/vca pad/out");
    graph_rig_run(rig, RATE_HZ);
    ck_assert(voice_highest(voice_heard(rig), RATE_HZ - 1000, RATE_HZ) == 0);
    graph_rig_commit(rig, "connect pad/vca pad/out");
    graph_rig_run(rig, RATE_HZ);
    ck_assert(voice_highest(voice_heard(rig), RATE_HZ - 1000, RATE_HZ) > 0.01);
    graph_rig_free(rig);
}
END_TEST

/* ---- whose level is asked for ---------------------------------------------------------------------------------------- */

/* Velocity is level: the second of three keys is the softest. */
static struct graph_rig *uneven_chord(const char *steal)
{
    static const float velocities[] = {100, 10, 60};
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig,
                     "add pad voices voices=3 steal=%s; add pad/o osc freq=440 level=-12; add pad/vca math op=2; "
                     "connect pad/in:pitch pad/o:freq depth=1; connect pad/in:velocity pad/vca:b; connect pad/o "
                     "pad/vca:a; connect pad/vca pad/out; connect pad/out out",
                     steal);
    graph_rig_settle(rig);
    for (unsigned i = 0; i < ROWS(velocities); i++)
        voice_play(rig, "pad", EVENT_NOTE_ON, 45 + 12 * (float)i, velocities[i]);
    graph_rig_run(rig, RATE_HZ);
    return rig;
}

static bool is_played(const struct graph_rig *rig, double note)
{
    return tone_amplitude(voice_heard(rig) + RATE_HZ / 2, RATE_HZ / 2, voice_hz(note), RATE_HZ) > 0.005;
}

START_TEST(the_quietest_voice_is_taken_also_if_that_is_asked_for_while_they_sound)
{
    for (unsigned late = 0; late < 2; late++) {
        struct graph_rig *rig = uneven_chord(late ? "0" : "1");
        if (late) {
            expect_rest(rig);
            graph_rig_set(rig, "pad", "steal", 1, -1);
            graph_rig_run(rig, 1024);
        }
        ck_assert_uint_eq(n_visited(rig, "voice_out"), 3);
        voice_press(rig, 81);
        graph_rig_run(rig, RATE_HZ);
        ck_assert(is_played(rig, 45) && !is_played(rig, 57) && is_played(rig, 69) && is_played(rig, 81));
        graph_rig_free(rig);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("in place");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, who_writes_over_what_it_hears_sounds_like_who_does_not, 0, 3);
    tcase_add_test(tests, while_keys_are_held_neither_their_container_nor_the_ways_out_of_it_run);
    tcase_add_test(tests, keys_of_a_player_that_breaks_are_let_go);
    tcase_add_test(tests, who_is_bypassed_or_moved_runs_again);
    tcase_add_test(tests, the_quietest_voice_is_taken_also_if_that_is_asked_for_while_they_sound);
    return suite_run_case("in place", tests);
}
