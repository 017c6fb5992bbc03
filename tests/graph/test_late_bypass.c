/* A bypassed node keeps its latency: a node that does nothing but delay may be bypassed and brought back at any instant, and
 * nobody hears it. */
#include <check.h>
#include <math.h>

#include "graph/batch.h"
#include "graph/presence_rt.h"
#include "tests/graph_check.h"
#include "tests/suite.h"

#define RATE_HZ   48000
#define TOLERANCE 3e-7 /* two products and a sum in place of one number */

static const unsigned lates[] = {1, 64, 256, 1000, 4000};

/* Bypasses and brings back at random instants, also into the fades, beside a way that is compensated. */
static void play(unsigned late, bool trails)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    struct node_class class = rig_late;
    uint32_t seed = 3 + late;
    class.trails = trails;
    graph_rig_commit(
        rig, "add l late 1 frames=%u; add p probe 2; connect in:out.1 l; connect l p:in.1; connect in:out.1 p:in.2", late);
    graph_rig_settle(rig);
    struct node_rt *object = graph_rig_node(rig, "l")->object;
    struct probe *probe = graph_rig_probe(rig, "p");
    object->class = &class;
    rig->period = 0;
    for (unsigned i = 0; i < 60; i++) {
        presence_set_rt(object, i % 2 == 0, ctl_clock(rig->ctl));
        probe->at = 0;
        graph_rig_run(rig, 1 + dice_below(&seed, i < 40 ? 900 : 8000));
        for (unsigned k = 0; k < probe->at; k++)
            MUST(fabs((double)probe->take[0][k] - (double)probe->take[1][k]) < TOLERANCE,
                 "late %u, trails %d, change %u, frame %u: %g and %g", late, trails, i, k, (double)probe->take[0][k],
                 (double)probe->take[1][k]);
    }
    object->class = &rig_late;
    graph_rig_free(rig);
}

START_TEST(a_late_node_is_bypassed_and_nobody_hears_it)
{
    play(lates[_i], false);
}
END_TEST

START_TEST(neither_does_one_that_rings_out)
{
    play(lates[_i], true);
}
END_TEST

START_TEST(what_is_still_in_the_dry_ring_comes_out_after_the_sound_has_ended)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "add t tone; add l late 1 frames=2000; add p probe; connect t l; connect l p");
    graph_rig_settle(rig);
    presence_set_rt(graph_rig_node(rig, "l")->object, true, ctl_clock(rig->ctl));
    graph_rig_run(rig, 6000);
    graph_rig_commit(rig, "fade 0; disconnect t l");
    struct probe *probe = graph_rig_probe(rig, "p");
    probe->at = 0;
    graph_rig_run(rig, 5000);
    double before = 0, after = 0;
    for (unsigned i = 0; i < 5000; i++)
        *(i < 2000 ? &before : &after) = fmax(i < 2000 ? before : after, fabs((double)probe->take[0][i]));
    ck_assert_double_gt(before, 0.4);
    for (unsigned i = 1900; i < 2000; i++)
        MUST(i % 24 || fabs((double)probe->take[0][i]) + fabs((double)probe->take[0][i + 12]) > 0.01, "frame %u", i);
    ck_assert_double_eq(after, 0);
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("bypass");
    tcase_add_loop_test(tcase, a_late_node_is_bypassed_and_nobody_hears_it, 0, ROWS(lates));
    tcase_add_loop_test(tcase, neither_does_one_that_rings_out, 0, ROWS(lates));
    tcase_add_test(tcase, what_is_still_in_the_dry_ring_comes_out_after_the_sound_has_ended);
    return suite_run_case("late bypass", tcase);
}
