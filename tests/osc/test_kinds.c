/* Three kinds of request, while the audio thread takes nothing: edits and bundles are all done, each by itself, and of values
 * that are set at once and alone only the last of each parameter counts, between two edits. */
#include <stdio.h>
#include <stdlib.h>

#include "graph/engine_shared.h"
#include "tests/osc_rig.h"

static struct osc_rig rig;

static void open_rig(void)
{
    osc_rig_open(&rig);
    osc_rig_do(&rig, "/graph/add gain a");
    osc_rig_do(&rig, "/graph/add gain b");
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

/* Sets a value so often that no more go straight to the audio thread. */
static void stall(void)
{
    for (unsigned i = 0; i < CTL_TO_RT_CAPACITY; i++)
        osc_rig_send(&rig, "/node/a/gain -1.0");
    ck_assert_uint_eq(rig.ctl->outbox.n_coalesced, 0);
}

static void set_both(unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        osc_rig_send(&rig, "/node/a/gain -2.0");
        osc_rig_send(&rig, "/node/b/gain -3.0");
    }
}

START_TEST(values_set_at_once_and_alone_coalesce_by_parameter)
{
    stall();
    set_both(100);
    ck_assert_uint_eq(rig.ctl->outbox.n_coalesced, 2 * 99);
    ck_assert_uint_eq(rig.ctl->outbox.n_queued, 2);
}
END_TEST

START_TEST(none_is_lost_in_a_bundle_or_where_an_answer_waits_for_it)
{
    stall();
    for (unsigned i = 1; i <= 20; i++) {
        char line[100];
        snprintf(line, sizeof line, "[\n/tx req %u\n/node/a/gain -2.0\n/node/a/gain -4.0\n]", i);
        osc_rig_send(&rig, line);
        snprintf(line, sizeof line, "/req/%u/node/a/gain -5.0", 100 + i);
        osc_rig_send(&rig, line);
        ctl_poll(rig.ctl);
    }
    ck_assert_uint_eq(rig.ctl->outbox.n_coalesced, 0);
    osc_rig_run(&rig);
    osc_rig_run(&rig);
    for (unsigned i = 1; i <= 20; i++) {
        char line[100];
        snprintf(line, sizeof line, "/done %u #bundle 2 *", i);
        osc_rig_expect(&rig, line);
        snprintf(line, sizeof line, "/done %u /node/a/gain", 100 + i);
        osc_rig_expect(&rig, line);
    }
    osc_rig_expect(&rig, "");
}
END_TEST

START_TEST(no_value_overtakes_an_edit_or_is_put_in_the_place_of_one_before_it)
{
    stall();
    set_both(10);
    ck_assert_uint_eq(rig.ctl->outbox.n_coalesced, 18);
    for (unsigned i = 0; i < 5; i++) {
        osc_rig_send(&rig, i % 2 ? "/graph/disconnect a b" : "/graph/connect a b");
        set_both(10); /* which wait for the edit in its batch */
        ctl_poll(rig.ctl);
        ck_assert_uint_eq(rig.ctl->outbox.n_coalesced, 18);
    }
    osc_rig_run(&rig);
    osc_rig_run(&rig);
    for (unsigned i = 0; i < 5; i++)
        osc_rig_expect(&rig, i % 2 ? "/done 0 /graph/disconnect *" : "/done 0 /graph/connect *");
    osc_rig_expect(&rig, "");
    ck_assert_float_eq(model_find(&rig.ctl->model, "b")->values[0], -3);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        values_set_at_once_and_alone_coalesce_by_parameter,
        none_is_lost_in_a_bundle_or_where_an_answer_waits_for_it,
        no_value_overtakes_an_edit_or_is_put_in_the_place_of_one_before_it,
    };
    return osc_rig_suite("kinds of request", open_rig, close_rig, tests, ROWS(tests));
}
