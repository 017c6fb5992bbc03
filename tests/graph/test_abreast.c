/* Alike nodes run side by side: the plan puts them next to each other and finds no way between them, and nobody can hear it. The
 * same edits go to two engines, of which one runs every node by itself: their sound is the same to the bit. */
#include <stdio.h>
#include <string.h>

#include "tests/graph_check.h"
#include "tests/graph_pair.h"
#include "tests/suite.h"

#define RATE_HZ  48000
#define N_ROUNDS RIG_ROUNDS(40, 4)
#define N_EDITS  40
#define SLOTS    40

/* ---- the plan -------------------------------------------------------------------------------------------------------- */

static const struct step *step_of(const struct plan *plan, const struct node *node)
{
    for (unsigned i = 0; i < plan->n_steps; i++)
        if (plan->steps[i].node == node->object)
            return &plan->steps[i];
    return NULL;
}

/* Whatever a node reads has run before the first of those that run beside it. */
static void check_sources(const struct ctl *ctl, const unsigned *first)
{
    const struct plan *plan = ctl->engine->plan;
    for (const struct node *node = ctl->model.first; node; node = node->next)
        for (const struct edge *edge = node->in_first; edge; edge = edge->in_next) {
            const struct step *to = step_of(plan, node), *from = step_of(plan, edge->from);
            if (edge->planned && !edge->is_feedback && to && from)
                MUST(from - plan->steps < first[to - plan->steps], "%s runs after %s", edge->from->name, node->name);
        }
}

/* The number of steps that do not run alone. */
static unsigned check_abreast(const struct ctl *ctl)
{
    const struct plan *plan = ctl->engine->plan;
    unsigned first[512], n_abreast = 0;
    for (unsigned i = 0; i < plan->n_steps; i += plan->abreast[i]) {
        unsigned n = plan->abreast[i];
        MUST(n >= 1 && n <= LANES && i + n <= plan->n_steps, "%u steps side by side", n);
        for (unsigned k = i; k < i + n; k++) {
            MUST(plan->steps[k].node->class == plan->steps[i].node->class, "unlike ones side by side");
            first[k] = i;
        }
        n_abreast += n > 1 ? n : 0;
    }
    check_sources(ctl, first);
    return n_abreast;
}

static struct graph_rig *rig_with(const char *class, unsigned n, bool one_by_one)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    rig->ctl->model.one_by_one = one_by_one;
    for (unsigned i = 0; i < n; i++)
        graph_rig_commit(rig,
                         "fade 0; add s%u noise; add n%u %s; add g%u gain 1 gain=-20; connect s%u n%u; connect n%u g%u;"
                         "connect g%u out",
                         i, i, class, i, i, i, i, i, i);
    graph_rig_settle(rig);
    return rig;
}

START_TEST(alike_nodes_of_many_chains_stand_together_in_sixteens)
{
    struct graph_rig *rig = rig_with("filter 1", 37, false);
    const struct plan *plan = rig->ctl->engine->plan;
    unsigned n_sixteen = 0, n_five = 0;
    ck_assert_uint_eq(check_abreast(rig->ctl), 37);
    for (unsigned i = 0; i < plan->n_steps; i++) {
        n_sixteen += plan->abreast[i] == 16;
        n_five += plan->abreast[i] == 5;
    }
    ck_assert_uint_eq(n_sixteen, 2);
    ck_assert_uint_eq(n_five, 1);
    graph_rig_free(rig);
}
END_TEST

START_TEST(nodes_of_another_width_order_or_depth_stand_apart)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    for (unsigned i = 0; i < 3; i++)
        graph_rig_commit(rig,
                         "fade 0; add a%u butterworth 1 order=4; add b%u butterworth 2 order=4; add c%u butterworth 1 "
                         "order=6; connect a%u b%u; connect b%u c%u; add d%u butterworth 1 order=6",
                         i, i, i, i, i, i, i, i);
    graph_rig_settle(rig);
    ck_assert_uint_eq(check_abreast(rig->ctl), 0);
    graph_rig_commit(rig, "fade 0; add d3 butterworth 1 order=6");
    graph_rig_settle(rig);
    ck_assert_uint_eq(check_abreast(rig->ctl), 4);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_single_chain_stays_as_it_was)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "fade 0; add f0 filter 1");
    for (unsigned i = 1; i < 50; i++)
        graph_rig_commit(rig, "fade 0; add f%u filter 1; connect f%u f%u", i, i - 1, i);
    graph_rig_settle(rig);
    ck_assert_uint_eq(check_abreast(rig->ctl), 0);
    graph_rig_free(rig);
}
END_TEST

/* ---- the sound ------------------------------------------------------------------------------------------------------- */

static void edit_text(char *text, size_t size, uint32_t *seed)
{
    static const char *const types[] = {"filter 1",
                                        "filter 1 cutoff=300 q=5",
                                        "butterworth 1 order=6",
                                        "filter 1 mode=3",
                                        "butterworth 1 order=6",
                                        "noise 1",
                                        "gain 1 gain=-3",
                                        "lfo",
                                        "filter 1 drive=12",
                                        "filter 2",
                                        "butterworth 2 order=8 mode=1"};
    unsigned a = dice_below(seed, SLOTS), b = dice_below(seed, SLOTS), fade_ms = dice_below(seed, 20);
    switch (dice_below(seed, 12)) {
    case 0:
    case 1:
    case 2:
        snprintf(text, size, "fade 0.0%02u; add n%u %s; connect s n%u gain=-6; connect n%u out gain=-30", fade_ms, a,
                 types[dice_below(seed, ROWS(types))], a, a);
        break;
    case 3:
        snprintf(text, size, "fade 0.0%02u; remove n%u", fade_ms, a);
        break;
    case 4:
        snprintf(text, size, "fade 0.0%02u; disconnect n%u n%u", fade_ms, a, b);
        break;
    case 5:
        snprintf(text, size, "fade 0.0%02u; connect w n%u:cutoff depth=2", fade_ms, a);
        break;
    case 6:
        snprintf(text, size, "fade 0.0%02u; connect n%u n%u gain=-40 feedback", fade_ms, a, b);
        break;
    case 7:
        snprintf(text, size, "set n%u cutoff %u 0.0%02u", a, 100 + dice_below(seed, 5000), fade_ms);
        break;
    case 8:
        snprintf(text, size, "set n%u mode %u", a, dice_below(seed, 2));
        break;
    default:
        snprintf(text, size, "fade 0.0%02u; connect n%u n%u gain=-%u", fade_ms, a, b, 1 + b);
    }
}

static unsigned run_round(unsigned round)
{
    static const unsigned periods[] = {256, 64, 0, 1024, 37};
    struct graph_rig *const rig[2] = {graph_rig_new(RATE_HZ), graph_rig_new(RATE_HZ)};
    uint32_t seed = 7 + round;
    unsigned n_abreast = 0;
    rig[1]->ctl->model.one_by_one = true;
    for (unsigned k = 0; k < 2; k++) {
        rig[k]->period = periods[round % ROWS(periods)];
        graph_rig_commit(rig[k], "add s noise; add w lfo");
    }
    for (unsigned i = 0; i < N_EDITS; i++) {
        for (unsigned n = 1 + dice_below(&seed, 8); n; n--) {
            char text[256];
            edit_text(text, sizeof text, &seed);
            graph_pair_try(rig, text);
        }
        bool sounds = graph_pair_run(rig, 1 + dice_below(&seed, 1500), round);
        n_abreast += sounds ? check_abreast(rig[0]->ctl) : 0;
        ck_assert_uint_eq(check_abreast(rig[1]->ctl), 0);
    }
    graph_rig_free(rig[0]);
    graph_rig_free(rig[1]);
    return n_abreast;
}

START_TEST(random_graphs_sound_to_the_bit_as_one_by_one)
{
    unsigned n_abreast = 0;
    for (unsigned round = 0; round < N_ROUNDS; round++)
        n_abreast += run_round(round);
    ck_assert_uint_gt(n_abreast, N_ROUNDS * N_EDITS * 4);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        alike_nodes_of_many_chains_stand_together_in_sixteens,
        nodes_of_another_width_order_or_depth_stand_apart,
        a_single_chain_stays_as_it_was,
        random_graphs_sound_to_the_bit_as_one_by_one,
    };
    return suite_run("side by side", 60, tests, ROWS(tests));
}
