/* Changes that have a time among others: what waits, what passes, what the model says; and time without sound. */
#include "tests/graph_check.h"
#include "tests/suite.h"
#include "tests/timed_rig.h"

/* ---- order ---------------------------------------------------------------------------------------------------------- */

START_TEST(edits_wait_behind_one_with_a_time_and_values_pass)
{
    struct graph_rig *rig = timed_rig_new(256, "add p probe 1 level=0; add s source value=0.5");
    unsigned long at = timed_rig_now(rig);
    struct answer *timed = graph_rig_commit(rig, "at %lu; add x gain", at + 600);
    struct answer *edit = graph_rig_commit(rig, "fade 0; connect s p");
    graph_rig_run(rig, 1);
    struct answer *value = graph_rig_commit(rig, "set p level 5 0");
    graph_rig_set(rig, "p", "mode", 2, 0);
    const struct probe *probe = timed_rig_hear(rig, 1000);
    timed_rig_check(probe, PROBE_LEVEL, 255, 1000, 5);
    timed_rig_check(probe, PROBE_MODE, 255, 1000, 2);
    timed_rig_check(probe, 0, 0, 599, 0);
    timed_rig_check(probe, 0, 599, 1000, 0.5);
    timed_rig_check_answer(timed, at + 600);
    timed_rig_check_answer(edit, at + 600);
    ck_assert_uint_le(value->frame, at + 256);
    graph_rig_free(rig);
}
END_TEST

START_TEST(what_waits_for_its_time_keeps_no_answer_waiting)
{
    struct graph_rig *rig = timed_rig_new(64, "add p probe 1");
    struct answer *timed = graph_rig_commit(rig, "at %lu; set p level 1 0", timed_rig_now(rig) + 1000);
    struct answer *edit = graph_rig_commit(rig, "add x gain");
    graph_rig_run(rig, 128);
    ck_assert_uint_eq(edit->n_calls, 1);
    ck_assert_uint_eq(timed->n_calls, 0);
    graph_rig_run(rig, 1024);
    ck_assert_uint_eq(timed->n_calls, 1);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_value_for_a_node_that_a_waiting_edit_adds_is_there_with_it)
{
    struct graph_rig *rig = timed_rig_new(256, "add s source value=0.5");
    unsigned long at = timed_rig_now(rig);
    graph_rig_commit(rig, "at %lu; fade 0; add p probe 1 level=0; connect s p", at + 500);
    graph_rig_set(rig, "p", "level", 4, 0);
    graph_rig_commit(rig, "at %lu; set p mode 3", at + 100);
    graph_rig_commit(rig, "at %lu; set p level 6 0", at + 700);
    const struct probe *probe = timed_rig_hear(rig, 1000);
    ck_assert_uint_eq(probe->at, 500);
    timed_rig_check(probe, PROBE_LEVEL, 0, 200, 4);
    timed_rig_check(probe, PROBE_MODE, 0, 500, 3);
    timed_rig_check(probe, PROBE_LEVEL, 200, 500, 6);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_node_that_is_removed_outlives_the_values_that_wait_for_it)
{
    struct graph_rig *rig = timed_rig_new(64, "add p probe 1; add q probe 1");
    struct answer *timed = graph_rig_commit(rig, "at %lu; set p level 1 0; set q level 1 0", timed_rig_now(rig) + 1000);
    struct answer *gone = graph_rig_commit(rig, "fade 0; remove p");
    graph_rig_run(rig, 512);
    ck_assert_uint_eq(timed->n_calls, 0);
    graph_rig_run(rig, 1024);
    ck_assert_uint_eq(timed->n_calls, 1);
    ck_assert_uint_eq(gone->n_calls, 1);
    ck_assert_ptr_null(rig->ctl->under_way);
    graph_rig_free(rig);
}
END_TEST

/* ---- what the model says -------------------------------------------------------------------------------------------- */

static double model_level(const struct graph_rig *rig)
{
    return (double)graph_rig_node(rig, "p")->values[graph_rig_node(rig, "p")->class->n_params - 3];
}

static double heard_level(struct graph_rig *rig)
{
    return (double)timed_rig_hear(rig, 1)->take[PROBE_LEVEL][0];
}

START_TEST(the_model_ends_with_what_took_effect_last)
{
    for (unsigned k = 0; k < 3; k++) {
        struct graph_rig *rig = timed_rig_new(64, "add p probe 1 level=0");
        unsigned long at = timed_rig_now(rig);
        graph_rig_commit(rig, "at %lu; set p level 1 0", at + 500);
        if (k == 0) /* a value by itself */
            graph_rig_set(rig, "p", "level", 2, 0);
        else if (k == 1) /* a transaction */
            graph_rig_commit(rig, "set p level 2 0");
        else /* after its time */
            graph_rig_run(rig, 1000);
        if (k == 2)
            graph_rig_set(rig, "p", "level", 2, 0);
        graph_rig_run(rig, 256);
        ck_assert_double_eq(model_level(rig), 2);
        graph_rig_run(rig, 1000);
        ck_assert_double_eq(model_level(rig), k == 2 ? 2 : 1);
        ck_assert_double_eq(heard_level(rig), model_level(rig));
        ck_assert_uint_eq(graph_rig_node(rig, "p")->n_ahead, 0);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(a_value_does_not_pass_a_waiting_edit_that_sets_it)
{
    struct graph_rig *rig = timed_rig_new(64, "add p probe 1 level=0; add s source value=0.5");
    unsigned long at = timed_rig_now(rig);
    graph_rig_commit(rig, "at %lu; add x gain", at + 500);
    graph_rig_commit(rig, "fade 0; connect s p; set p level 1 0");
    graph_rig_run(rig, 64);
    graph_rig_set(rig, "p", "level", 2, 0);
    graph_rig_run(rig, 1000);
    ck_assert_double_eq(model_level(rig), 2);
    ck_assert_double_eq(heard_level(rig), 2);
    graph_rig_free(rig);
}
END_TEST

START_TEST(an_edit_that_had_to_wait_has_the_last_word_in_the_model_too)
{
    struct graph_rig *rig = timed_rig_new(64, "add p probe 1 level=0; add s source value=0.5");
    unsigned long at = timed_rig_now(rig);
    graph_rig_commit(rig, "at %lu; add x gain", at + 500);
    graph_rig_commit(rig, "fade 0; connect s p; set p level 1 0");
    graph_rig_commit(rig, "at %lu; set p level 2 0", at + 100);
    graph_rig_run(rig, 200);
    ck_assert_double_eq(model_level(rig), 2);
    graph_rig_run(rig, 1000);
    ck_assert_double_eq(model_level(rig), 1);
    ck_assert_double_eq(heard_level(rig), 1);
    graph_rig_free(rig);
}
END_TEST

/* ---- time without sound --------------------------------------------------------------------------------------------- */

START_TEST(a_frame_that_is_over_is_taken_at_once_and_counted)
{
    struct graph_rig *rig = timed_rig_new(256, "add p probe 1 level=0");
    unsigned long at = timed_rig_now(rig);
    struct answer *answer = graph_rig_commit(rig, "at %lu; set p level 1 0", at - 100);
    timed_rig_check(timed_rig_hear(rig, 300), PROBE_LEVEL, 0, 300, 1);
    timed_rig_check_answer(answer, at);
    ck_assert_uint_eq(timed_rig_late(rig), 1);
    ck_assert_uint_eq(atomic_load(&rig->ctl->engine->stats.late_frames), 100);
    graph_rig_free(rig);
}
END_TEST

START_TEST(while_no_sound_runs_all_takes_effect_at_its_frame_too)
{
    struct graph_rig *rig = timed_rig_new(256, "add p probe 1 level=0; add s source value=0.5");
    unsigned long at = timed_rig_now(rig);
    struct answer *answers[] = {graph_rig_commit(rig, "at %lu; fade 0; connect s p", at + 1000),
                                graph_rig_commit(rig, "at %lu; play; locate 0h", at + 2000),
                                graph_rig_commit(rig, "at %lu; set p level 4 0.1", at + 7600)};
    ctl_poll(rig->ctl);
    engine_idle_rt(rig->ctl->engine, 10000);
    ctl_poll(rig->ctl);
    timed_rig_check_answer(answers[0], at + 1000);
    timed_rig_check_answer(answers[1], at + 2000);
    timed_rig_check_answer(answers[2], at + 7600);
    ck_assert_int_eq(transport_look(&rig->ctl->engine->transport.view).position, 8000);
    timed_rig_check(timed_rig_hear(rig, 1), PROBE_LEVEL, 0, 1, 4 * 2400 / 4800.0);
    ck_assert_uint_eq(timed_rig_late(rig), 0);
    graph_rig_free(rig);
}
END_TEST

START_TEST(frames_that_the_driver_lost_pass_for_everything)
{
    struct graph_rig *rig = timed_rig_new(256, "add p probe 1 level=0; locate 0h; play");
    struct engine_rt *engine = rig->ctl->engine;
    struct cycle cycle = {.n_frames = 256, .ports = rig->offline.ports, .has_time = true, .time_frames = UINT32_MAX - 300};
    graph_rig_commit(rig, "set p level 8 0.1");
    ctl_poll(rig->ctl);
    engine_cycle_rt(engine, &cycle);
    uint64_t at = ctl_clock(rig->ctl);
    int64_t position = transport_look(&engine->transport.view).position;
    struct answer *answer = graph_rig_commit(rig, "at %lu; set p mode 2", (unsigned long)at + 100);
    ctl_poll(rig->ctl);
    cycle.time_frames += 256;
    engine_cycle_rt(engine, &cycle); /* nothing is lost, and the count of the driver wraps */
    cycle.time_frames += 256 + 1000;
    engine_cycle_rt(engine, &cycle);
    ck_assert_uint_eq(ctl_clock(rig->ctl), at + 512 + 1000);
    ck_assert_int_eq(transport_look(&engine->transport.view).position, position + 512 + 1000);
    ctl_poll(rig->ctl);
    timed_rig_check_answer(answer, at + 100);
    timed_rig_check(timed_rig_hear(rig, 1), PROBE_LEVEL, 0, 1, 8 * (256 + 512 + 1000) / 4800.0);
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        edits_wait_behind_one_with_a_time_and_values_pass,
        what_waits_for_its_time_keeps_no_answer_waiting,
        a_value_for_a_node_that_a_waiting_edit_adds_is_there_with_it,
        a_node_that_is_removed_outlives_the_values_that_wait_for_it,
        the_model_ends_with_what_took_effect_last,
        a_value_does_not_pass_a_waiting_edit_that_sets_it,
        an_edit_that_had_to_wait_has_the_last_word_in_the_model_too,
        a_frame_that_is_over_is_taken_at_once_and_counted,
        while_no_sound_runs_all_takes_effect_at_its_frame_too,
        frames_that_the_driver_lost_pass_for_everything,
    };
    return suite_run("order of schedules", 60, tests, ROWS(tests));
}
