/* Signals that part and meet again meet in time, at every moment of every edit. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/batch.h"
#include "tests/graph_check.h"
#include "tests/suite.h"

#define RATE_HZ 48000
#define FADE    480 /* frames of the usual fade, and of a crossfade of taps */

static struct graph_rig *rig_with(const char *script)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "%s", script);
    graph_rig_settle(rig);
    return rig;
}

#define STEADY (RIG_TONE_LEVEL * pow(2 * sin(M_PI * RIG_TONE_HZ / RATE_HZ), 2)) /* second difference of the tone */

/* How far the second difference goes at most, in that of one tone. */
static double roughness(const float *x, size_t n)
{
    double most = 0;
    for (size_t i = 2; i < n; i++)
        most = fmax(most, fabs((double)x[i] - 2 * (double)x[i - 1] + (double)x[i - 2]));
    return most / STEADY;
}

START_TEST(opting_out_and_in_does_not_click)
{
    struct graph_rig *rig =
        rig_with("add t tone; add l late frames=333; add g gain 1; add p probe 1; connect t l; connect l p;"
                 "connect t g; connect g p");
    struct probe *probe = graph_rig_probe(rig, "p");
    probe->at = 0;
    graph_rig_run(rig, 1000);
    for (unsigned i = 0; i < 6; i++) {
        graph_rig_commit(rig, "compensate g %u", i % 2);
        graph_rig_run(rig, 500 + 300 * i);
    }
    ck_assert_double_le(roughness(probe->take[0], probe->at), 2 * 1.1);
    graph_rig_free(rig);
}
END_TEST

/* ---- while they change ---------------------------------------------------------------------------------------------- */

static double peak(const float *x, size_t n)
{
    double most = 0;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs((double)x[i]));
    return most;
}

/* Two ways for a tone; on the second one a node with `late` frames comes, goes, and is replaced. */
static struct graph_rig *two_ways(const char *rest)
{
    struct graph_rig *rig =
        rig_with("add t tone; add dry gain channels 1; add p probe; connect t dry:in.1; connect dry:out.1 p");
    graph_rig_commit(rig, "%s", rest);
    graph_rig_settle(rig);
    graph_rig_probe(rig, "p")->at = 0;
    return rig;
}

static const unsigned lates[] = {1, 24, 64, 255, 256, 257, 480, 1000, 4000};

START_TEST(a_late_path_joins_without_click_and_without_leaving_its_time)
{
    unsigned late = lates[_i];
    struct graph_rig *rig = two_ways("");
    struct probe *probe = graph_rig_probe(rig, "p");
    graph_rig_run(rig, 1000);
    graph_rig_commit(rig, "add l late frames=%u; connect t l; connect l p", late);
    graph_rig_run(rig, late + 4000);
    size_t n = 5000 + late;
    ck_assert_double_le(roughness(probe->take[0], n), 2 * 1.1);
    /* The last part: both at the same time, so the double of one. */
    double loud = peak(probe->take[0] + n - 1000, 1000);
    ck_assert_double_eq_tol(loud, 2 * RIG_TONE_LEVEL, 2e-3);
    for (size_t i = n - 1000; i < n; i++) {
        double frame = fmod((double)(ctl_clock(rig->ctl) - n + i) + 48000 - late, 48000);
        MUST(fabs((double)probe->take[0][i] - 2 * RIG_TONE_LEVEL * sin(2 * M_PI * RIG_TONE_HZ * frame / RATE_HZ)) < 1e-6,
             "frame %zu", i);
    }
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_late_path_leaves_without_click)
{
    unsigned late = lates[_i];
    struct graph_rig *rig = two_ways("");
    struct probe *probe = graph_rig_probe(rig, "p");
    graph_rig_commit(rig, "add l late frames=%u; connect t l; connect l p", late);
    graph_rig_settle(rig);
    probe->at = 0;
    graph_rig_run(rig, 1000);
    graph_rig_commit(rig, "remove l");
    graph_rig_run(rig, late + 4000);
    size_t n = 5000 + late;
    ck_assert_double_le(roughness(probe->take[0], n), 2 * 1.1);
    ck_assert_double_eq_tol(peak(probe->take[0] + n - 1000, 1000), RIG_TONE_LEVEL, 1e-3);
    ck_assert_uint_eq(rig->ctl->n_compensations, 0);
    graph_rig_free(rig);
}
END_TEST

/* The sum of both stays near the double: neither is heard twice, none is missing for longer than its crossfade's middle. */
START_TEST(a_late_node_is_replaced_by_one_that_is_later_without_a_gap)
{
    unsigned late = lates[_i];
    struct graph_rig *rig = two_ways("add l late frames=64; connect t l; connect l p");
    struct probe *probe = graph_rig_probe(rig, "p");
    graph_rig_run(rig, 1000);
    graph_rig_commit(rig, "remove l; add l late frames=%u; connect t l; connect l p", late);
    graph_rig_run(rig, late + 5000);
    size_t n = 6000 + late;
    ck_assert_double_le(roughness(probe->take[0], n), 2 * 1.1);
    ck_assert_double_le(peak(probe->take[0], n), 2.01 * RIG_TONE_LEVEL);
    ck_assert_double_eq_tol(peak(probe->take[0] + n - 1000, 1000), 2 * RIG_TONE_LEVEL, 2e-3);
    graph_rig_free(rig);
}
END_TEST

START_TEST(what_was_null_is_null_again)
{
    static const char *const edits[] = {"add x late frames=700; connect in:out.1 x; connect x p:in.1 gain=-120", "remove x",
                                        "remove l; add l late frames=300; connect in:out.1 l; connect l p:in.1"};
    struct graph_rig *rig = rig_with("add l late frames=64; add p probe 2; connect in:out.1 l; connect l p:in.1; "
                                     "connect in:out.1 p:in.2");
    for (unsigned i = 0; i < ROWS(edits); i++) {
        graph_rig_commit(rig, "%s", edits[i]);
        graph_rig_settle(rig);
        graph_check_alike(rig, "p");
    }
    graph_rig_free(rig);
}
END_TEST

/* Edit follows upon edit while taps and gains still move, also in periods of one frame. */
START_TEST(edits_into_the_crossfades_of_others_never_click)
{
    struct graph_rig *rig = two_ways("");
    struct probe *probe = graph_rig_probe(rig, "p");
    uint32_t seed = 77 + (uint32_t)_i;
    bool there = false;
    rig->period = 16;
    graph_rig_run(rig, 2);
    for (unsigned round = 0; round < 60; round++) {
        unsigned late = lates[dice_below(&seed, 7)];
        if (!there)
            graph_rig_commit(rig, "add l late frames=%u; connect t l; connect l p", late);
        else if (dice_below(&seed, 2))
            graph_rig_commit(rig, "remove l; add l late frames=%u; connect t l; connect l p", late);
        else
            graph_rig_commit(rig, "remove l");
        there = graph_rig_edge(rig, "t", "p") != NULL || model_find(&rig->ctl->model, "l") != NULL;
        /* Behind the last two frames of the round before. */
        graph_rig_run(rig, 1 + dice_below(&seed, 1500));
        /* Many leave while others come: as many tones as there are ways at a time. */
        ck_assert_double_le(roughness(probe->take[0], probe->at), 6);
        memmove(probe->take[0], probe->take[0] + probe->at - 2, 2 * sizeof(float));
        probe->at = 2;
    }
    graph_rig_settle(rig);
    graph_check_model(rig->ctl);
    if (!there)
        ck_assert_uint_eq(rig->ctl->n_compensations, 0);
    graph_rig_free(rig);
}
END_TEST

START_TEST(an_edit_without_any_delay_waits_for_nothing)
{
    struct graph_rig *rig = rig_with("add l late frames=4000; add s source value=1; add p probe 2; connect in:out.1 l; "
                                     "connect l p:in.1; connect in:out.1 p:in.1; connect s p:in.2");
    struct probe *probe = graph_rig_probe(rig, "p");
    probe->at = 0;
    graph_rig_commit(rig, "disconnect s p:in.2");
    graph_rig_run(rig, 1000);
    for (unsigned i = 0; i < 1000; i++)
        MUST(fabs((double)probe->take[1][i] - (i < FADE ? 1 - i / (double)FADE : 0)) < 1e-6, "frame %u", i);
    graph_rig_free(rig);
}
END_TEST

START_TEST(fades_wait_until_the_taps_have_moved)
{
    struct graph_rig *rig = rig_with("add s source value=1; add p probe 2; connect s p:in.1; connect in:out.1 p:in.2");
    struct probe *probe = graph_rig_probe(rig, "p");
    probe->at = 0;
    struct answer *answer =
        graph_rig_commit(rig, "add l late frames=1000; connect in:out.1 l; connect l p:in.2; disconnect s p:in.1");
    uint64_t frame = ctl_clock(rig->ctl);
    graph_rig_run(rig, 4000);
    ck_assert_uint_eq(answer->frame, frame);
    for (unsigned i = 0; i < 4000; i++) {
        double gone = (i - 1000.0 - FADE) / FADE;
        MUST(fabs((double)probe->take[0][i] - (gone < 0 ? 1 : gone < 1 ? 1 - gone : 0)) < 1e-5, "frame %u", i);
    }
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_cut_waits_for_nothing)
{
    struct graph_rig *rig = rig_with("add p probe 2; connect in:out.1 p:in.2");
    graph_rig_commit(rig, "fade 0; add l late frames=1000; connect in:out.1 l; connect l p:in.1");
    struct probe *probe = graph_rig_probe(rig, "p");
    probe->at = 0;
    graph_rig_run(rig, 4000);
    for (unsigned i = 0; i < 4000; i++)
        MUST(probe->take[0][i] == probe->take[1][i], "frame %u", i);
    graph_rig_free(rig);
}
END_TEST

/* ---- out of memory, thousands of edits ------------------------------------------------------------------------------ */

START_TEST(any_edits_leave_a_graph_in_time)
{
    struct graph_rig *rig = rig_with("add p probe 2");
    uint32_t seed = 4711;
    unsigned made = 0;
    rig->period = 0;
    for (unsigned round = 0; round < RIG_ROUNDS(400, 80); round++) {
        char name[16], other[16];
        snprintf(name, sizeof name, "n%u", dice_below(&seed, 12));
        snprintf(other, sizeof other, "n%u", dice_below(&seed, 12));
        switch (dice_below(&seed, 6)) {
        case 0:
        case 1:
            made += !graph_rig_try(rig, "add %s late frames=%u; connect in:out.1 %s", name, dice_below(&seed, 600), name);
            break;
        case 2:
            graph_rig_try(rig, "fade %g; remove %s", dice_below(&seed, 2) * 0.01, name);
            break;
        case 3:
            graph_rig_try(rig, "connect %s p:in.%u", name, 1 + dice_below(&seed, 2));
            break;
        default:
            graph_rig_try(rig, "fade %g; connect %s %s", dice_below(&seed, 3) * 0.01, name, other);
        }
        if (dice_below(&seed, 3))
            graph_rig_run(rig, 1 + dice_below(&seed, 900));
    }
    ck_assert_uint_gt(made, 10);
    graph_rig_settle(rig);
    graph_check_model(rig->ctl);
    graph_check_plan(rig->ctl, rig->ctl->engine->plan);
    for (const struct node *node = rig->ctl->model.first; node; node = node->next)
        for (const struct edge *edge = node->out_first; edge; edge = edge->out_next) {
            unsigned delay = edge->compensation ? edge->compensation->newest->ring.delay_frames : 0;
            ck_assert_uint_eq(delay, edge->to->arrival_frames - node->arrival_frames - node->latency_frames);
        }
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("compensation");
    TCase *changes = tcase_create("changes"), *many = tcase_create("many");
    tcase_add_test(changes, opting_out_and_in_does_not_click);
    tcase_add_loop_test(changes, a_late_path_joins_without_click_and_without_leaving_its_time, 0, ROWS(lates));
    tcase_add_loop_test(changes, a_late_path_leaves_without_click, 0, ROWS(lates));
    tcase_add_loop_test(changes, a_late_node_is_replaced_by_one_that_is_later_without_a_gap, 0, ROWS(lates));
    tcase_add_test(changes, what_was_null_is_null_again);
    tcase_add_loop_test(changes, edits_into_the_crossfades_of_others_never_click, 0, 4);
    tcase_add_test(changes, an_edit_without_any_delay_waits_for_nothing);
    tcase_add_test(changes, fades_wait_until_the_taps_have_moved);
    tcase_add_test(changes, a_cut_waits_for_nothing);
    tcase_add_test(many, any_edits_leave_a_graph_in_time);
    tcase_set_timeout(many, 60);
    suite_add_tcase(suite, changes);
    suite_add_tcase(suite, many);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
