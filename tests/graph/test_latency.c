/* How late the sound is at each node, and where delays go for it. */
#include <check.h>
#include <math.h>

#include "graph/batch.h"
#include "tests/graph_check.h"
#include "tests/suite.h"

#define RATE_HZ 48000

static struct graph_rig *rig_with(const char *script)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "%s", script);
    graph_rig_settle(rig);
    return rig;
}

static uint32_t arrival(const struct graph_rig *rig, const char *name)
{
    return graph_rig_node(rig, name)->arrival_frames;
}

static const unsigned periods[] = {256, 1, 37, 1024, 0};

START_TEST(a_dry_path_beside_a_late_one_meets_it_bit_by_bit)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    rig->period = periods[_i];
    graph_rig_commit(rig, "add l late frames=64; add p probe 2; connect in:out.1 l; connect l p:in.1; "
                          "connect in:out.1 p:in.2");
    graph_rig_settle(rig);
    ck_assert_uint_eq(arrival(rig, "l"), 0);
    ck_assert_uint_eq(arrival(rig, "p"), 64);
    graph_check_alike(rig, "p");
    graph_check_plan(rig->ctl, rig->ctl->engine->plan);
    graph_rig_free(rig);
}
END_TEST

START_TEST(delays_add_up_along_a_path_and_the_longest_path_counts)
{
    struct graph_rig *rig =
        rig_with("add a late frames=100; add b late frames=300; add c late frames=1000; add m gain channels 1; "
                 "add p probe 2; connect in:out.1 a; connect a b; connect in:out.1 c; connect b m:in.1; connect c p:in.1;"
                 "connect m:out.1 p:in.2");
    ck_assert_uint_eq(arrival(rig, "b"), 100);
    ck_assert_uint_eq(arrival(rig, "m"), 400);
    ck_assert_uint_eq(arrival(rig, "p"), 1000);
    graph_check_alike(rig, "p");
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_modulation_meets_what_it_modulates_in_time)
{
    struct graph_rig *rig = rig_with("add l late frames=500; add p probe 1; connect in:out.1 l; connect l p; "
                                     "connect in:out.1 p:level depth=1");
    struct probe *probe = graph_rig_probe(rig, "p");
    probe->at = 0;
    graph_rig_run(rig, 5000);
    for (unsigned i = 0; i < 5000; i++)
        MUST(probe->take[0][i] == probe->take[PROBE_LEVEL][i], "frame %u", i);
    graph_rig_free(rig);
}
END_TEST

START_TEST(feedback_edges_are_left_out)
{
    struct graph_rig *rig =
        rig_with("add l late frames=200; add g gain; add p probe 2; connect in:out.1 l; "
                 "connect l g:in.1; connect g:out.1 l feedback gain=-20; connect l p:in.1; connect in:out.1 p:in.2");
    ck_assert_uint_eq(arrival(rig, "l"), 0);
    ck_assert_uint_eq(arrival(rig, "g"), 200);
    ck_assert_uint_eq(arrival(rig, "p"), 200);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_graph_in_which_nothing_is_late_holds_no_delay)
{
    struct graph_rig *rig = rig_with("add l late frames=0; add p probe 2; connect in:out.1 l; connect l p:in.1; "
                                     "connect in:out.1 p:in.2");
    const struct plan *plan = rig->ctl->engine->plan;
    for (unsigned s = 0; s < plan->n_steps; s++)
        ck_assert_uint_eq(plan->steps[s].n_compensations, 0);
    ck_assert_uint_eq(rig->ctl->n_compensations, 0);
    graph_rig_commit(rig, "add l2 late frames=9; connect in:out.1 l2; connect l2 p:in.1");
    graph_rig_settle(rig);
    ck_assert_uint_eq(rig->ctl->n_compensations, 2);
    graph_rig_commit(rig, "remove l2");
    graph_rig_settle(rig);
    ck_assert_uint_eq(rig->ctl->n_compensations, 0);
    ck_assert_ptr_null(rig->ctl->moving);
    plan = rig->ctl->engine->plan;
    for (unsigned s = 0; s < plan->n_steps; s++)
        ck_assert_uint_eq(plan->steps[s].n_compensations, 0);
    graph_check_alike(rig, "p");
    graph_rig_free(rig);
}
END_TEST

START_TEST(another_rate_begins_with_empty_rings_of_the_new_length)
{
    struct graph_rig *rig = rig_with("add l late frames=64; add p probe 2; connect in:out.1 l; connect l p:in.1; "
                                     "connect in:out.1 p:in.2");
    struct error error = {0};
    ck_assert_int_eq(ctl_set_rate(rig->ctl, 44100, &error), 0);
    graph_check_alike(rig, "p");
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_monitoring_path_is_opted_out_and_nothing_waits_for_it)
{
    /* The singer's way is late by itself; the mix is later. */
    struct graph_rig *rig = rig_with("add eq late frames=10; add comp late frames=500; add p probe 2; connect in:out.1 eq;"
                                     "connect eq p:in.1; connect in:out.1 comp; connect comp p:in.2; compensate eq 0");
    struct probe *probe = graph_rig_probe(rig, "p");
    ck_assert_uint_eq(arrival(rig, "p"), 500);
    probe->at = 0;
    graph_rig_run(rig, 2000);
    uint64_t first = ctl_clock(rig->ctl) - 2000;
    for (unsigned i = 0; i < 2000; i++) {
        MUST(probe->take[0][i] == graph_rig_noise(0, first + i - 10), "frame %u of the monitor", i);
        MUST(probe->take[1][i] == graph_rig_noise(0, first + i - 500), "frame %u of the mix", i);
    }
    /* And the other way round: a late way that is opted out delays nobody. */
    graph_rig_commit(rig, "compensate eq 1; compensate comp 0");
    graph_rig_settle(rig);
    ck_assert_uint_eq(arrival(rig, "p"), 10);
    graph_rig_commit(rig, "compensate comp 1");
    graph_rig_settle(rig);
    graph_check_alike(rig, "p");
    graph_rig_free(rig);
}
END_TEST

START_TEST(device_ports_are_told_how_late_they_are)
{
    struct graph_rig *rig = rig_with("add l late 2 frames=100; connect in l; connect l out; connect in out");
    ck_assert_uint_eq(rig->n_wish, 4);
    for (unsigned i = 0; i < 4; i++) {
        ck_assert_uint_eq(rig->wish[i].latency.least, 100);
        ck_assert_uint_eq(rig->wish[i].latency.most, 100);
    }
    uint64_t n_wishes = rig->n_wishes;
    graph_rig_commit(rig, "add g gain; connect in g; connect g out; compensate g 0");
    graph_rig_settle(rig);
    ck_assert_uint_eq(rig->n_wishes, n_wishes + 1);
    for (unsigned i = 0; i < 4; i++) {
        ck_assert_uint_eq(rig->wish[i].latency.least, 0);
        ck_assert_uint_eq(rig->wish[i].latency.most, 100);
    }
    graph_rig_commit(rig, "remove l");
    graph_rig_settle(rig);
    for (unsigned i = 0; i < 4; i++)
        ck_assert_uint_eq(rig->wish[i].latency.most, 0);
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("places");
    tcase_add_loop_test(tcase, a_dry_path_beside_a_late_one_meets_it_bit_by_bit, 0, ROWS(periods));
    tcase_add_test(tcase, delays_add_up_along_a_path_and_the_longest_path_counts);
    tcase_add_test(tcase, a_modulation_meets_what_it_modulates_in_time);
    tcase_add_test(tcase, feedback_edges_are_left_out);
    tcase_add_test(tcase, a_graph_in_which_nothing_is_late_holds_no_delay);
    tcase_add_test(tcase, another_rate_begins_with_empty_rings_of_the_new_length);
    tcase_add_test(tcase, a_monitoring_path_is_opted_out_and_nothing_waits_for_it);
    tcase_add_test(tcase, device_ports_are_told_how_late_they_are);
    return suite_run_case("latency", tcase);
}
