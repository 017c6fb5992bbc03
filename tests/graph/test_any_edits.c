/* Random edits of any kind, also those that have to wait for fading edges. Feedback is silent here: a loop has no sound at rest
 * that could be summed up. */
#include <math.h>

#include "tests/graph_check.h"
#include "tests/suite.h"

#define RATE_HZ  48000
#define N_ROUNDS RIG_ROUNDS(200, 16)

static void any_edit(struct graph_rig *rig, uint32_t *seed)
{
    static const char *const types[] = {"gain 1 gain=-4", "gain 1 gain=-4", "source 1 value=3", "sum"};
    unsigned a = dice_below(seed, 9), b = dice_below(seed, 9), fade_ms = dice_below(seed, 30);
    switch (dice_below(seed, 9)) {
    case 0:
    case 1:
        graph_rig_try(rig, "fade 0.0%02u; add n%u %s", fade_ms, a, types[dice_below(seed, 4)]);
        break;
    case 2:
        graph_rig_try(rig, "fade 0.0%02u; remove n%u", fade_ms, a);
        break;
    case 3:
    case 4:
        graph_rig_try(rig, "fade 0.0%02u; disconnect n%u n%u", fade_ms, a, b);
        break;
    case 5:
        graph_rig_try(rig, "fade 0.0%02u; disconnect n%u n%u; connect n%u n%u gain=-%u", fade_ms, a, b, b, a, a);
        break;
    case 6:
        graph_rig_try(rig, "fade 0.0%02u; connect n%u n%u gain=-120 feedback", fade_ms, a, b);
        break;
    default:
        graph_rig_try(rig, "fade 0.0%02u; connect n%u n%u gain=-%u", fade_ms, a, b, b);
    }
}

START_TEST(whatever_was_edited_the_sound_comes_to_rest_at_what_the_model_says)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    uint32_t seed = 31;
    rig->period = 0;
    for (unsigned round = 0; round < N_ROUNDS; round++) {
        for (unsigned i = 0; i < 40; i++) {
            any_edit(rig, &seed);
            if (dice_below(&seed, 2))
                graph_rig_run(rig, 1 + dice_below(&seed, 500));
            graph_check_model(rig->ctl);
        }
        graph_rig_commit(rig, "fade 0; add p probe");
        for (unsigned i = 0; i < 9; i++)
            graph_rig_try(rig, "fade 0; connect n%u p", i);
        graph_rig_settle(rig);
        graph_check_plan(rig->ctl, rig->ctl->engine->plan);
        graph_rig_probe(rig, "p")->at = 0;
        graph_rig_run(rig, 20);
        double theory = graph_arrives_at(graph_rig_node(rig, "p"), 0, 0),
               heard = (double)graph_rig_probe(rig, "p")->take[0][19];
        MUST(fabs(heard - theory) <= 2e-6 * (1 + fabs(theory)), "round %u: %.9g, not %.9g", round, heard, theory);
        ck_assert_uint_eq(rig->ctl->model.n_linked, rig->ctl->model.n_nodes);
        graph_rig_commit(rig, "fade 0; remove p");
    }
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {whatever_was_edited_the_sound_comes_to_rest_at_what_the_model_says};
    return suite_run("any edits", 100, tests, ROWS(tests));
}
