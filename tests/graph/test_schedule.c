/* Changes that have a time take effect at it, wherever blocks begin and end. */
#include <stdlib.h>
#include <string.h>

#include "graph/ahead.h"
#include "tests/graph_check.h"
#include "tests/suite.h"
#include "tests/timed_rig.h"

static const unsigned periods[] = {256, 1, 7, 64, 333, 1024, 8192, 0};

/* ---- values --------------------------------------------------------------------------------------------------------- */

START_TEST(a_value_is_there_from_its_frame_on)
{
    for (unsigned k = 0; k < ROWS(periods); k++) {
        struct graph_rig *rig = timed_rig_new(periods[k], "add p probe level=-2");
        unsigned long at = timed_rig_now(rig);
        struct answer *answer = graph_rig_commit(rig, "at %lu; set p level 3 0", at + 777);
        const struct probe *probe = timed_rig_hear(rig, 2000);
        timed_rig_check(probe, PROBE_LEVEL, 0, 777, -2);
        timed_rig_check(probe, PROBE_LEVEL, 777, 2000, 3);
        timed_rig_check_answer(answer, at + 777);
        ck_assert_uint_eq(timed_rig_late(rig), 0);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(any_number_of_values_of_one_parameter_take_effect_within_a_block)
{
    for (unsigned k = 0; k < ROWS(periods); k++) {
        struct graph_rig *rig = timed_rig_new(periods[k], "add p probe level=0 mode=0");
        unsigned long at = timed_rig_now(rig);
        for (unsigned i = 0; i < 50; i++) {
            graph_rig_commit(rig, "at %lu; set p level %u 0", at + 100 + 3 * i, i % 10);
            graph_rig_commit(rig, "at %lu; set p mode %u", at + 101 + 3 * i, i % 4);
        }
        const struct probe *probe = timed_rig_hear(rig, 600);
        for (unsigned i = 0; i < 50; i++) {
            timed_rig_check(probe, PROBE_LEVEL, 100 + 3 * i, 103 + 3 * i, i % 10);
            timed_rig_check(probe, PROBE_MODE, 101 + 3 * i, 104 + 3 * i, i % 4);
        }
        timed_rig_check(probe, PROBE_LEVEL, 0, 100, 0);
        timed_rig_check(probe, PROBE_LEVEL, 250, 600, 9);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(a_glide_sets_out_at_its_frame_and_the_next_one_from_where_that_stands)
{
    for (unsigned k = 0; k < ROWS(periods); k++) {
        struct graph_rig *rig = timed_rig_new(periods[k], "add p probe level=0");
        unsigned long at = timed_rig_now(rig);
        graph_rig_commit(rig, "at %lu; set p level 4 0.01", at + 50);
        graph_rig_commit(rig, "at %lu; set p level -4 0.01", at + 170); /* a quarter of the way */
        const struct probe *probe = timed_rig_hear(rig, 1000);
        timed_rig_check(probe, PROBE_LEVEL, 0, 51, 0);
        for (unsigned i = 0; i < 120; i++)
            timed_rig_check(probe, PROBE_LEVEL, 50 + i, 51 + i, 4.0 * i / 480);
        for (unsigned i = 0; i < 480; i++)
            timed_rig_check(probe, PROBE_LEVEL, 170 + i, 171 + i, 1 - 5.0 * i / 480);
        timed_rig_check(probe, PROBE_LEVEL, 650, 1000, -4);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(values_take_effect_by_their_frames_whichever_was_sent_first)
{
    struct graph_rig *rig = timed_rig_new(256, "add p probe level=0");
    unsigned long at = timed_rig_now(rig);
    graph_rig_commit(rig, "at %lu; set p level 2 0", at + 200);
    graph_rig_commit(rig, "at %lu; set p level 1 0", at + 100);
    graph_rig_commit(rig, "at %lu; set p level 3 0", at + 200);
    const struct probe *probe = timed_rig_hear(rig, 400);
    timed_rig_check(probe, PROBE_LEVEL, 100, 200, 1);
    timed_rig_check(probe, PROBE_LEVEL, 200, 400, 3);
    graph_rig_free(rig);
}
END_TEST

START_TEST(values_never_cut_the_graph)
{
    struct graph_rig *rig = timed_rig_new(256, "add p probe level=0");
    unsigned long at = timed_rig_now(rig);
    atomic_store(&rig->ctl->engine->profile_until, at + 10000);
    for (unsigned i = 0; i < 100; i++)
        graph_rig_commit(rig, "at %lu; set p level %u 0", at + 1 + 5 * i, i % 10);
    graph_rig_run(rig, 1024);
    /* Four cycles, each divided at most where a cell ends. */
    ck_assert_uint_le(atomic_load(&graph_rig_node(rig, "p")->object->cost->blocks), 2 * 4);
    graph_rig_free(rig);
}
END_TEST

/* ---- what cuts ------------------------------------------------------------------------------------------------------ */

START_TEST(a_connection_sounds_from_its_frame_on)
{
    for (unsigned k = 0; k < ROWS(periods); k++) {
        struct graph_rig *rig = timed_rig_new(periods[k], "add s source value=0.5; add p probe 1");
        unsigned long at = timed_rig_now(rig);
        struct answer *first = graph_rig_commit(rig, "at %lu; fade 0; connect s p", at + 301);
        struct answer *second = graph_rig_commit(rig, "at %lu; fade 0.01; disconnect s p", at + 900);
        const struct probe *probe = timed_rig_hear(rig, 2000);
        timed_rig_check(probe, 0, 0, 301, 0);
        timed_rig_check(probe, 0, 301, 901, 0.5);
        for (unsigned i = 0; i < 480; i++)
            timed_rig_check(probe, 0, 900 + i, 901 + i, 0.5 * (1 - i / 480.0));
        timed_rig_check(probe, 0, 1380, 2000, 0);
        timed_rig_check_answer(first, at + 301);
        timed_rig_check_answer(second, at + 900);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(all_of_a_transaction_takes_effect_at_the_one_frame)
{
    for (unsigned k = 0; k < ROWS(periods); k++) {
        struct graph_rig *rig = timed_rig_new(periods[k], "add s source value=0.5; add p probe 1 level=1");
        unsigned long at = timed_rig_now(rig);
        graph_rig_commit(rig, "at %lu; fade 0; connect s p; set p level 2 0; play; locate 1000h", at + 555);
        const struct probe *probe = timed_rig_hear(rig, 1000);
        timed_rig_check(probe, 0, 0, 555, 0);
        timed_rig_check(probe, PROBE_LEVEL, 0, 555, 1);
        timed_rig_check(probe, 0, 555, 1000, 0.5);
        timed_rig_check(probe, PROBE_LEVEL, 555, 1000, 2);
        struct transport_now here = transport_look(&rig->ctl->engine->transport.view);
        ck_assert(here.is_rolling);
        ck_assert_int_eq(here.position, 1000 + 445);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(the_transport_starts_and_stops_at_its_frames)
{
    for (unsigned k = 0; k < ROWS(periods); k++) {
        struct graph_rig *rig = timed_rig_new(periods[k], "locate 0h");
        unsigned long at = timed_rig_now(rig);
        graph_rig_commit(rig, "at %lu; stop", at + 1300); /* by frame, whichever was sent first */
        graph_rig_commit(rig, "at %lu; play", at + 300);
        graph_rig_run(rig, 2000);
        struct transport_now here = transport_look(&rig->ctl->engine->transport.view);
        ck_assert(!here.is_rolling);
        ck_assert_int_eq(here.position, 1000);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(the_ninth_cut_within_256_frames_moves_to_the_next_window_at_any_period)
{
    for (unsigned k = 0; k < ROWS(periods); k++) {
        struct graph_rig *rig = timed_rig_new(periods[k], "add p probe 1; add s source value=0.5");
        graph_rig_run(rig, SCHEDULE_WINDOW_FRAMES - timed_rig_now(rig) % SCHEDULE_WINDOW_FRAMES);
        unsigned long at = timed_rig_now(rig);
        struct answer *answers[10];
        for (unsigned i = 0; i < 10; i++)
            answers[i] =
                graph_rig_commit(rig, "at %lu; fade 0; %s s p", at + 10 + 10 * i, i % 2 ? "disconnect" : "connect");
        const struct probe *probe = timed_rig_hear(rig, 600);
        for (unsigned i = 0; i < 8; i++) {
            timed_rig_check(probe, 0, 10 + 10 * i, 20 + 10 * i, i % 2 ? 0 : 0.5);
            timed_rig_check_answer(answers[i], at + 10 + 10 * i);
        }
        timed_rig_check_answer(answers[8], at + 256);
        timed_rig_check_answer(answers[9], at + 256);
        ck_assert_uint_eq(timed_rig_late(rig), 2);
        ck_assert_uint_eq(atomic_load(&rig->ctl->engine->stats.late_frames), 256 - 90);
        graph_rig_free(rig);
    }
}
END_TEST

/* ---- bounds and bits ------------------------------------------------------------------------------------------------ */

START_TEST(so_many_may_be_ahead_of_their_time_and_no_more)
{
    struct graph_rig *rig = timed_rig_new(256, "add p probe 1 level=0");
    unsigned long at = timed_rig_now(rig);
    for (unsigned i = 0; i < SCHEDULE_MOST; i++)
        graph_rig_commit(rig, "at %lu; set p level 1 0", at + 5000 - i);
    ck_assert_ptr_null(ahead_open(rig->ctl, 0, at + 10));
    struct answer *value = graph_rig_commit(rig, "set p mode 1");
    graph_rig_run(rig, 256);
    ck_assert_uint_eq(value->n_calls, 1);
    graph_rig_run(rig, 8192);
    struct tx *tx = ahead_open(rig->ctl, 0, timed_rig_now(rig) + 10);
    ck_assert_ptr_nonnull(tx);
    tx_rollback(tx);
    graph_rig_free(rig);
}
END_TEST

/* Everything at once, heard at the sound card and, the octaves of a glide, at a probe. */
static float *render(unsigned period, size_t n)
{
    struct graph_rig *rig = timed_rig_new(period, "add g gain; add h gain; connect in g; connect g out; connect in h;"
                                                  "add b slew; connect in:out.1 b; connect b out;"
                                                  "add l lfo rate=3; connect l g:gain depth=6; add p probe tone=100");
    graph_rig_run(rig, SCHEDULE_WINDOW_FRAMES - timed_rig_now(rig) % SCHEDULE_WINDOW_FRAMES);
    unsigned long at = timed_rig_now(rig);
    uint32_t seed = 4711;
    for (unsigned i = 0; i < 60; i++) {
        unsigned long frame = at + 1 + i * (n - 8192) / 60 + dice_below(&seed, 60);
        double glide_s = 0.002 * dice_below(&seed, 5);
        if (i % 4 == 3)
            graph_rig_commit(rig, "at %lu; set b bypass %u", frame, i / 4 % 2);
        else if (i % 3 == 0)
            graph_rig_commit(rig, "at %lu; fade %g; %s h out", frame, glide_s, i % 2 ? "disconnect" : "connect");
        else if (i % 3 == 1)
            graph_rig_commit(rig, "at %lu; set p tone %u %g", frame, 10 + dice_below(&seed, 900), glide_s);
        else
            graph_rig_commit(rig, "at %lu; set g gain -%u %g", frame, dice_below(&seed, 40), glide_s);
    }
    float *heard = malloc(2 * n * sizeof *heard);
    memcpy(heard + n, timed_rig_hear(rig, n)->take[PROBE_TONE], n * sizeof *heard);
    memcpy(heard, rig->heard[graph_rig_node(rig, "out")->device_first], n * sizeof *heard);
    ck_assert_uint_eq(timed_rig_late(rig), 0);
    graph_rig_free(rig);
    return heard;
}

START_TEST(the_same_changes_at_the_same_frames_give_the_same_bits_at_any_period)
{
    size_t n = PROBE_FRAMES;
    float *usual = render(periods[0], n);
    for (unsigned k = 1; k < ROWS(periods); k++) {
        float *heard = render(periods[k], n);
        for (size_t i = 0; i < 2 * n; i++)
            MUST(memcmp(&usual[i], &heard[i], sizeof *heard) == 0, "period %u, frame %zu: %.9g, not %.9g", periods[k], i,
                 (double)heard[i], (double)usual[i]);
        free(heard);
    }
    free(usual);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_value_is_there_from_its_frame_on,
        any_number_of_values_of_one_parameter_take_effect_within_a_block,
        a_glide_sets_out_at_its_frame_and_the_next_one_from_where_that_stands,
        values_take_effect_by_their_frames_whichever_was_sent_first,
        values_never_cut_the_graph,
        a_connection_sounds_from_its_frame_on,
        all_of_a_transaction_takes_effect_at_the_one_frame,
        the_transport_starts_and_stops_at_its_frames,
        the_ninth_cut_within_256_frames_moves_to_the_next_window_at_any_period,
        so_many_may_be_ahead_of_their_time_and_no_more,
        the_same_changes_at_the_same_frames_give_the_same_bits_at_any_period,
    };
    return suite_run("schedule", 60, tests, ROWS(tests));
}
