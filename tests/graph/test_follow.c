/* Parameters that are note values: from which frame on they go where, as the tempo goes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/follow.h"
#include "tests/graph_check.h"
#include "tests/suite.h"
#include "tests/timed_rig.h"

#define RATE_HZ TIMED_RIG_RATE_HZ
#define GLIDE   480 /* frames of the probe's parameters */

static const unsigned periods[] = {256, 1, 7, 64, 333, 1024, 8192, 0};

/* How often a second a 64th comes: 16 to the beat. */
static double hz_of(double bpm)
{
    return bpm / 60 * 16;
}

/* From `from` on the row glides in octaves, and stays. */
static void check_glide(const struct probe *probe, size_t from, size_t to, double hz_before, double hz)
{
    for (size_t i = from; i < to; i++) {
        double way = fmin(1, (double)(i - from) / GLIDE), theory = hz_before * pow(hz / hz_before, way);
        double heard = (double)probe->take[PROBE_TONE][i];
        MUST(fabs(heard / theory - 1) < 1e-6, "frame %zu: %.9g, not %.9g", i, heard, theory);
    }
}

/* ---- when the tempo becomes another one ------------------------------------------------------------------------------ */

/* 120 bpm: a beat is 24000 frames. 0.0003 bars on: ticks of 25 frames. */
START_TEST(from_the_frame_of_a_mark_on_it_glides_to_its_new_length)
{
    for (unsigned k = 0; k < ROWS(periods); k++) {
        struct graph_rig *rig = timed_rig_new(periods[k], "add p probe tone=1/64; tempo 90 1:1:41; tempo 61.3 1:1:100");
        graph_rig_commit(rig, "play");
        const struct probe *probe = timed_rig_hear(rig, 8192);
        const struct tempo_map *map = rig->ctl->engine->transport.map;
        size_t first = (size_t)tempo_frame_of_tick(map, 41), second = (size_t)tempo_frame_of_tick(map, 100);
        ck_assert_uint_eq(first, 1025);
        check_glide(probe, 0, first, hz_of(120), hz_of(120));
        check_glide(probe, first, second, hz_of(120), hz_of(90));
        check_glide(probe, second, 8192, hz_of(90), hz_of(61.3));
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(an_edit_of_the_tempo_is_followed_from_its_frame_on)
{
    for (unsigned rolls = 0; rolls < 2; rolls++)
        for (unsigned k = 0; k < ROWS(periods); k++) {
            struct graph_rig *rig = timed_rig_new(periods[k], "add p probe tone=1/64");
            graph_rig_commit(rig, rolls ? "play" : "stop");
            graph_rig_settle(rig);
            graph_rig_commit(rig, "at %lu; tempo 75", timed_rig_now(rig) + 777);
            const struct probe *probe = timed_rig_hear(rig, 4000);
            check_glide(probe, 0, 777, hz_of(120), hz_of(120));
            check_glide(probe, 777, 4000, hz_of(120), hz_of(75));
            graph_rig_free(rig);
        }
}
END_TEST

START_TEST(it_follows_to_another_place_in_the_piece)
{
    for (unsigned k = 0; k < ROWS(periods); k++) {
        struct graph_rig *rig = timed_rig_new(periods[k], "add p probe tone=1/64; tempo 75 17:1:0");
        graph_rig_commit(rig, "at %lu; locate 20:1:0", timed_rig_now(rig) + 300);
        graph_rig_commit(rig, "at %lu; locate 1:1:0", timed_rig_now(rig) + 2000);
        const struct probe *probe = timed_rig_hear(rig, 4000);
        check_glide(probe, 0, 300, hz_of(120), hz_of(120));
        check_glide(probe, 300, 2000, hz_of(120), hz_of(75));
        check_glide(probe, 2000, 4000, hz_of(75), hz_of(120));
        graph_rig_free(rig);
    }
}
END_TEST

/* More than a window may be cut for. */
static void dense_run(unsigned period, float *take)
{
    struct graph_rig *rig = timed_rig_new(period, "add p probe tone=1/64; tempo 999 1:1:1");
    for (unsigned i = 0; i < 100; i++)
        graph_rig_commit(rig, "tempo %u 1:1:%u", i % 2 ? 999 : 500 + i, 10 + 3 * i);
    graph_rig_settle(rig);
    graph_rig_commit(rig, "at %lu; play; locate 0h", timed_rig_now(rig) + 256 - timed_rig_now(rig) % 256 + 256);
    memcpy(take, timed_rig_hear(rig, 12000)->take[PROBE_TONE], 12000 * sizeof *take);
    graph_rig_free(rig);
}

START_TEST(marks_that_lie_densely_are_followed_alike_at_every_period)
{
    static float whole[12000], cut[12000];
    dense_run(256, whole);
    ck_assert_double_eq_tol((double)whole[11999], hz_of(999), 1e-3);
    for (unsigned k = 1; k < ROWS(periods); k++) {
        dense_run(periods[k], cut);
        for (size_t i = 0; i < 12000; i++)
            MUST(memcmp(&whole[i], &cut[i], sizeof cut[i]) == 0, "period %u, frame %zu", periods[k], i);
    }
}
END_TEST

/* ---- beginning and ending -------------------------------------------------------------------------------------------- */

START_TEST(a_number_ends_the_following)
{
    struct graph_rig *rig = timed_rig_new(64, "add p probe tone=1/64");
    struct node *node = graph_rig_node(rig, "p");
    ck_assert_uint_eq(node->n_notes, 1);
    graph_rig_commit(rig, "set p tone 123 0; tempo 90");
    const struct probe *probe = timed_rig_hear(rig, 2000);
    timed_rig_check(probe, PROBE_TONE, 0, 2000, 123);
    timed_rig_check(probe, PROBE_TICKS, 0, 2000, 0);
    ck_assert_uint_eq(node->n_notes, 0);
    ck_assert_uint_eq(node->object->n_notes, 0);
    graph_rig_free(rig);
}
END_TEST

/* Within a block too: what is locked to the length has one in each. */
START_TEST(a_note_value_with_a_time_begins_and_ends_at_its_frame)
{
    for (unsigned k = 0; k < ROWS(periods); k++) {
        struct graph_rig *rig = timed_rig_new(periods[k], "add p probe tone=100");
        unsigned long at = timed_rig_now(rig);
        struct answer *first = graph_rig_commit(rig, "at %lu; set p tone 1/32 0", at + 777);
        graph_rig_commit(rig, "at %lu; set p level 3 0", at + 777);
        struct answer *second = graph_rig_commit(rig, "at %lu; set p tone 50 0", at + 801);
        const struct probe *probe = timed_rig_hear(rig, 2000);
        timed_rig_check(probe, PROBE_TICKS, 0, 777, 0);
        timed_rig_check(probe, PROBE_TICKS, 777, 801, 120);
        timed_rig_check(probe, PROBE_TICKS, 801, 2000, 0);
        timed_rig_check(probe, PROBE_TONE, 0, 777, 100);
        timed_rig_check(probe, PROBE_TONE, 777, 801, 16);
        timed_rig_check(probe, PROBE_TONE, 801, 2000, 50);
        timed_rig_check(probe, PROBE_LEVEL, 777, 2000, 3);
        timed_rig_check_answer(first, at + 777);
        timed_rig_check_answer(second, at + 801);
        ck_assert_uint_eq(timed_rig_late(rig), 0);
        graph_rig_free(rig);
    }
}
END_TEST

/* One more than may cut a window: it comes with the next, and so does what is behind it. */
START_TEST(of_many_in_one_window_the_last_wait_for_the_next)
{
    for (unsigned k = 0; k < ROWS(periods); k++) {
        struct graph_rig *rig = timed_rig_new(periods[k], "add p probe tone=100");
        unsigned long now = timed_rig_now(rig), at = now + 1024 - now % 256;
        for (unsigned i = 0; i < 12; i++)
            graph_rig_commit(rig, "at %lu; set p tone %s 0", at + 1 + 2 * i, i % 2 ? "1/32" : "1/64");
        const struct probe *probe = timed_rig_hear(rig, 4000);
        size_t first = at - now;
        for (unsigned i = 0; i < 8; i++)
            timed_rig_check(probe, PROBE_TONE, first + 1 + 2 * i, first + 3 + 2 * i, i % 2 ? 16 : 32);
        timed_rig_check(probe, PROBE_TONE, first + 15, first + 256, 16);
        timed_rig_check(probe, PROBE_TONE, first + 256, 4000, 16);
        ck_assert_uint_eq(timed_rig_late(rig), 4);
        graph_rig_free(rig);
    }
}
END_TEST

/* 240 bpm is set by the same transaction, behind it: its own glide counts, to what the note comes to then. */
START_TEST(a_set_with_a_glide_goes_by_that_at_the_tempo_of_its_frame)
{
    struct graph_rig *rig = timed_rig_new(64, "add p probe tone=100");
    graph_rig_commit(rig, "set p tone 1/64 0.1; tempo 240");
    const struct probe *probe = timed_rig_hear(rig, 6000);
    for (size_t i = 0; i < 4800; i++)
        MUST(fabs((double)probe->take[PROBE_TONE][i] / (100 * pow(hz_of(240) / 100, (double)i / 4800)) - 1) < 1e-6,
             "frame %zu", i);
    timed_rig_check(probe, PROBE_TONE, 4800, 6000, hz_of(240));
    graph_rig_free(rig);
}
END_TEST

/* The node is made at 120 bpm, for a frame at which it is 90. */
START_TEST(a_node_that_comes_in_is_in_time_from_its_first_frame_on)
{
    for (unsigned k = 0; k < ROWS(periods); k++) {
        struct graph_rig *rig = timed_rig_new(periods[k], "play");
        unsigned long at = timed_rig_now(rig);
        graph_rig_commit(rig, "at %lu; tempo 90", at + 300);
        graph_rig_commit(rig, "at %lu; add p probe tone=1/64", at + 1000);
        graph_rig_run(rig, 5000);
        const struct probe *probe = graph_rig_probe(rig, "p");
        timed_rig_check(probe, PROBE_TONE, 0, 2000, hz_of(90));
        timed_rig_check(probe, PROBE_TICKS, 0, 2000, 60);
        graph_rig_free(rig);
    }
}
END_TEST

/* A 16th comes 8 times a second at 120 bpm, and tone begins at 10 Hz. */
START_TEST(beyond_its_range_it_is_held_at_the_end_as_long_as_the_tempo_lasts)
{
    struct graph_rig *rig = timed_rig_new(64, "add p probe tone=1/16");
    const struct probe *probe = timed_rig_hear(rig, 500);
    timed_rig_check(probe, PROBE_TONE, 0, 500, 10);
    timed_rig_check(probe, PROBE_TICKS, 0, 500, 0);
    ck_assert_double_eq_tol((double)graph_rig_node(rig, "p")->values[1], 10, 1e-6);
    graph_rig_commit(rig, "tempo 240");
    probe = timed_rig_hear(rig, 2000);
    timed_rig_check(probe, PROBE_TONE, GLIDE, 2000, 16);
    timed_rig_check(probe, PROBE_TICKS, 0, 2000, 240);
    graph_rig_run(rig, 1);
    ck_assert_double_eq_tol((double)graph_rig_node(rig, "p")->values[1], 16, 1e-6);
    graph_rig_free(rig);
}
END_TEST

START_TEST(who_is_modulated_is_told_no_length)
{
    struct graph_rig *rig = timed_rig_new(64, "add p probe tone=1/64; add s source value=1; connect s p:tone depth=1");
    const struct probe *probe = timed_rig_hear(rig, 500);
    timed_rig_check(probe, PROBE_TICKS, 0, 500, 0);
    timed_rig_check(probe, PROBE_TONE, 0, 500, 64);
    graph_rig_free(rig);
}
END_TEST

/* ---- who does not run, or is not heard ---------------------------------------------------------------------------- */

START_TEST(a_node_that_sleeps_is_woken_for_it)
{
    struct graph_rig *rig = timed_rig_new(64, "add echo delay 1 longest=1 time=1/8; connect in:out.1 echo; add p probe");
    graph_rig_commit(rig, "disconnect in:out.1 echo");
    graph_rig_run(rig, 600000);
    const struct node_rt *echo = graph_rig_node(rig, "echo")->object;
    ck_assert_int_eq(echo->slumber, SLUMBER_DEEP);
    graph_rig_commit(rig, "tempo 90");
    graph_rig_run(rig, 64);
    ck_assert_int_eq(echo->slumber, SLUMBER_NONE);
    graph_rig_run(rig, 600000);
    ck_assert_int_eq(echo->slumber, SLUMBER_DEEP);
    ck_assert_double_eq_tol((double)echo->params[0].value, 1 / 3.0, 1e-6);
    graph_rig_free(rig);
}
END_TEST

START_TEST(one_that_is_bypassed_follows_too)
{
    struct graph_rig *rig = timed_rig_new(64, "add echo delay 1 longest=1 time=1/8; connect in:out.1 echo; add p probe");
    struct node *node = graph_rig_node(rig, "echo");
    struct error error = {0};
    ck_assert_int_eq(ctl_set_value(rig->ctl, node, node->class->n_params, 1, 0, &error), 0);
    graph_rig_run(rig, 600000);
    graph_rig_commit(rig, "tempo 90");
    graph_rig_run(rig, 20000);
    ck_assert_double_eq_tol((double)node->object->params[0].value, 1 / 3.0, 1e-6);
    graph_rig_free(rig);
}
END_TEST

/* While no server runs the piece may roll on past a mark. */
START_TEST(it_is_followed_while_time_passes_without_sound)
{
    struct graph_rig *rig = timed_rig_new(64, "add p probe tone=1/64; tempo 90 2:1:0; play");
    ck_assert(engine_idle_rt(rig->ctl->engine, 200000));
    const struct probe *probe = timed_rig_hear(rig, 100);
    timed_rig_check(probe, PROBE_TONE, 0, 100, hz_of(90));
    graph_rig_free(rig);
}
END_TEST

/* ---- the model ------------------------------------------------------------------------------------------------------- */

START_TEST(what_clients_read_goes_with_the_tempo)
{
    struct graph_rig *rig = timed_rig_new(64, "add p probe tone=1/64; tempo 90 1:2:0");
    const struct node *node = graph_rig_node(rig, "p");
    ck_assert_double_eq_tol((double)node->values[1], hz_of(120), 1e-6);
    graph_rig_commit(rig, "play");
    graph_rig_run(rig, 23000);
    ck_assert_double_eq_tol((double)node->values[1], hz_of(120), 1e-6);
    uint64_t before = node->stamps[1].number;
    graph_rig_run(rig, 2000);
    ck_assert_double_eq_tol((double)node->values[1], hz_of(90), 1e-6);
    ck_assert_uint_gt(node->stamps[1].number, before);
    graph_rig_free(rig);
}
END_TEST

START_TEST(what_is_rolled_back_follows_again)
{
    struct graph_rig *rig = timed_rig_new(64, "add p probe tone=1/64");
    struct node *node = graph_rig_node(rig, "p");
    char *before = graph_dump(rig->ctl);
    ck_assert_int_eq(graph_rig_try(rig, "tempo 90; set p tone 55; set p tone 1/32; set p tone 44; remove nobody"),
                     ERROR_NO_SUCH_NODE);
    char *after = graph_dump(rig->ctl);
    ck_assert_str_eq(before, after);
    ck_assert_uint_eq(node->n_notes, 1);
    ck_assert_double_eq_tol((double)node->values[1], hz_of(120), 1e-6);
    free(before);
    free(after);
    graph_rig_free(rig);
}
END_TEST

START_TEST(another_sample_rate_leaves_the_following_as_it_is)
{
    struct graph_rig *rig = timed_rig_new(64, "add p probe tone=1/64; tempo 90");
    struct error error = {0};
    ck_assert_int_eq(ctl_set_rate(rig->ctl, 44100, &error), 0);
    const struct probe *probe = timed_rig_hear(rig, 100);
    timed_rig_check(probe, PROBE_TONE, 0, 100, hz_of(90));
    timed_rig_check(probe, PROBE_TICKS, 0, 100, 60);
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        from_the_frame_of_a_mark_on_it_glides_to_its_new_length,
        an_edit_of_the_tempo_is_followed_from_its_frame_on,
        it_follows_to_another_place_in_the_piece,
        marks_that_lie_densely_are_followed_alike_at_every_period,
        a_number_ends_the_following,
        a_note_value_with_a_time_begins_and_ends_at_its_frame,
        of_many_in_one_window_the_last_wait_for_the_next,
        a_set_with_a_glide_goes_by_that_at_the_tempo_of_its_frame,
        a_node_that_comes_in_is_in_time_from_its_first_frame_on,
        beyond_its_range_it_is_held_at_the_end_as_long_as_the_tempo_lasts,
        who_is_modulated_is_told_no_length,
        a_node_that_sleeps_is_woken_for_it,
        one_that_is_bypassed_follows_too,
        it_is_followed_while_time_passes_without_sound,
        what_clients_read_goes_with_the_tempo,
        what_is_rolled_back_follows_again,
        another_sample_rate_leaves_the_following_as_it_is,
    };
    return suite_run("follow", 60, tests, ROWS(tests));
}
