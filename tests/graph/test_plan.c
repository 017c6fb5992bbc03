/* The compiler from model to plan. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/plan.h"
#include "tests/graph_check.h"
#include "tests/suite.h"

#define RATE_HZ  48000
#define N_GRAPHS RIG_ROUNDS(150, 15)
#define N_NODES  24
#define N_EDGES  60
#define N_LONG   10000

static struct plan *compile(const struct graph_rig *rig)
{
    struct plan *plan;
    ck_assert_int_eq(plan_compile(&rig->ctl->model, &plan), 0);
    graph_check_plan(rig->ctl, plan);
    return plan;
}

/* Position of a node in the order of a plan. */
static unsigned place(const struct graph_rig *rig, const struct plan *plan, const char *name)
{
    const struct node_rt *object = graph_rig_node(rig, name)->object;
    for (unsigned s = 0; s < plan->n_steps; s++)
        if (plan->steps[s].node == object)
            return s;
    ck_abort_msg("%s is not in the plan", name);
}

/* ---- random graphs -------------------------------------------------------------------------------------------------- */

static void node_make(struct graph_rig *rig, unsigned i, uint32_t *seed)
{
    unsigned width = 1 + dice_below(seed, 4);
    switch (dice_below(seed, 4)) {
    case 0:
        graph_rig_commit(rig, "add n%u source %u value=%u", i, width, dice_below(seed, 5));
        break;
    case 1:
        graph_rig_commit(rig, "add n%u sum", i);
        break;
    default:
        graph_rig_commit(rig, "add n%u gain %u gain=-%u", i, width, 1 + dice_below(seed, 12));
    }
}

/* Between random ports and channels; most are legal, those that are not are refused. */
static void edge_make(struct graph_rig *rig, uint32_t *seed)
{
    static const char *const selections[] = {"", "", "", "", "", ":out.1", ":out.2", ":out.1-2"};
    static const char *const sum_ports[] = {":a", ":b", ":c"};
    unsigned from = dice_below(seed, N_NODES), to = dice_below(seed, N_NODES);
    char name[8];
    snprintf(name, sizeof name, "n%u", to);
    const struct node_class *class = graph_rig_node(rig, name)->class;
    const char *port = class == &rig_sum ? sum_ports[dice_below(seed, 3)] : dice_below(seed, 4) ? "" : ":in.1";
    graph_rig_try(rig, "connect n%u%s n%u%s gain=-%u", from, selections[dice_below(seed, 8)], to, port,
                  dice_below(seed, 20));
}

static struct graph_rig *random_graph(uint32_t seed)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    for (unsigned i = 0; i < N_NODES; i++)
        node_make(rig, i, &seed);
    for (unsigned i = 0; i < N_EDGES; i++)
        edge_make(rig, &seed);
    for (unsigned i = 0; i < N_NODES / 4; i++) /* what has gone leaves no trace */
        graph_rig_try(rig, "remove n%u", dice_below(&seed, N_NODES));
    return rig;
}

static void check_sound(struct graph_rig *rig, const char *name)
{
    const struct node *node = graph_rig_node(rig, "p");
    const struct probe *probe = graph_rig_probe(rig, "p");
    for (unsigned i = 0; i < probe->at; i++) {
        double theory = graph_arrives_at(node, 0, 0), heard = (double)probe->take[0][i];
        MUST(fabs(heard - theory) <= 2e-6 * fabs(theory), "%s at frame %u: %.9g, not %.9g", name, i, heard, theory);
    }
}

START_TEST(the_plan_of_any_graph_is_valid_and_sounds_as_defined)
{
    for (uint32_t seed = 1; seed <= N_GRAPHS; seed++) {
        struct graph_rig *rig = random_graph(seed * 7919);
        graph_rig_commit(rig, "add p probe");
        graph_rig_settle(rig);
        graph_check_model(rig->ctl);
        graph_check_plan(rig->ctl, rig->ctl->engine->plan);
        for (unsigned i = 0; i < N_NODES; i++) {
            if (graph_rig_try(rig, "fade 0; connect n%u:out.1 p", i))
                continue; /* it was removed */
            graph_rig_run(rig, 1);
            graph_check_plan(rig->ctl, rig->ctl->engine->plan);
            char name[8];
            snprintf(name, sizeof name, "n%u", i);
            graph_rig_probe(rig, "p")->at = 0;
            graph_rig_run(rig, 40);
            check_sound(rig, name);
            graph_rig_commit(rig, "fade 0; disconnect n%u:out.1 p", i);
            graph_rig_run(rig, 1);
        }
        graph_rig_free(rig);
    }
}
END_TEST

/* ---- the order ------------------------------------------------------------------------------------------------------ */

static void check_same_order(const struct plan *a, const struct plan *b)
{
    ck_assert_uint_eq(a->n_steps, b->n_steps);
    ck_assert_uint_eq(a->n_buffers, b->n_buffers);
    for (unsigned s = 0; s < a->n_steps; s++)
        MUST(a->steps[s].node == b->steps[s].node, "step %u differs", s);
}

START_TEST(the_same_graph_always_gives_the_same_plan)
{
    struct graph_rig *rig = random_graph(5);
    graph_rig_settle(rig);
    struct plan *plan = compile(rig);
    check_same_order(plan, rig->ctl->engine->plan);
    ck_assert_int_ne(graph_rig_try(rig, "add x source; remove in"), 0);
    graph_rig_commit(rig, "add x source; remove x");
    struct plan *again = compile(rig);
    check_same_order(plan, again);
    plan_free(again);
    plan_free(plan);
    graph_rig_free(rig);
}
END_TEST

START_TEST(equal_graphs_of_different_engines_have_equal_orders)
{
    struct graph_rig *a = random_graph(9), *b = random_graph(9);
    graph_rig_settle(a);
    graph_rig_settle(b);
    struct plan *one = compile(a), *other = compile(b);
    ck_assert_uint_eq(one->n_steps, other->n_steps);
    for (const struct node *node = a->ctl->model.first; node; node = node->next)
        if (node->live)
            ck_assert_uint_eq(place(a, one, node->name), place(b, other, node->name));
    plan_free(one);
    plan_free(other);
    graph_rig_free(a);
    graph_rig_free(b);
}
END_TEST

START_TEST(unconnected_nodes_run_in_the_order_of_their_creation)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "add z source; add y probe; add x source; add a gain");
    graph_rig_run(rig, 1);
    const struct plan *plan = rig->ctl->engine->plan;
    const char *const names[] = {"in", "out", "z", "y", "x", "a"};
    for (unsigned i = 0; i < ROWS(names); i++)
        ck_assert_uint_eq(place(rig, plan, names[i]), i);
    graph_rig_run(rig, 99);
    ck_assert_uint_eq(graph_rig_probe(rig, "y")->n_frames, 100); /* nothing leads from it to an output */
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_chain_runs_without_a_break)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    for (unsigned i = 0; i < 40; i++) /* ten chains, their nodes made in turn */
        graph_rig_commit(rig, "add n%u gain 2", i);
    for (unsigned i = 0; i < 40; i++)
        graph_rig_commit(rig, i < 30 ? "connect n%u n%u" : "connect n%u out; add end%u probe", i, i + 10);
    graph_rig_run(rig, 1);
    const struct plan *plan = rig->ctl->engine->plan;
    for (unsigned chain = 0; chain < 10; chain++)
        for (unsigned i = chain; i < 30; i += 10) {
            char from[8], to[8];
            snprintf(from, sizeof from, "n%u", i);
            snprintf(to, sizeof to, "n%u", i + 10);
            ck_assert_uint_eq(place(rig, plan, to), place(rig, plan, from) + 1);
        }
    graph_check_plan(rig->ctl, plan);
    graph_rig_free(rig);
}
END_TEST

/* ---- size ----------------------------------------------------------------------------------------------------------- */

/* A chain of n nodes behind a source; the edges lead along the order of creation or against it. */
static struct graph_rig *chain_of(const char *type, unsigned n, bool against)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    struct tx *tx = tx_open(rig->ctl, 0);
    char script[100];
    ck_assert_ptr_nonnull(tx);
    for (unsigned i = 0; i < n; i++) {
        snprintf(script, sizeof script, "add n%u %s 1", i, type);
        MUST(graph_rig_stage(rig, tx, script) == 0, "%s", rig->error.text);
    }
    for (unsigned i = 0; i + 1 < n; i++) {
        snprintf(script, sizeof script, "connect n%u n%u", against ? i + 1 : i, against ? i : i + 1);
        MUST(graph_rig_stage(rig, tx, script) == 0, "%s", rig->error.text);
    }
    snprintf(script, sizeof script, "add s source 1 value=1; connect s n%u; add p probe; connect n%u p",
             against ? n - 1 : 0, against ? 0 : n - 1);
    MUST(graph_rig_stage(rig, tx, script) == 0, "%s", rig->error.text);
    tx_commit(tx, (struct completion){0});
    ctl_poll(rig->ctl);
    graph_rig_cycle(rig, 3);
    ctl_poll(rig->ctl);
    return rig;
}

/* One, where each writes over what it hears; two others are the stereo input node's. */
START_TEST(the_longest_chain_needs_two_buffers)
{
    for (int run = 0; run < 4; run++) {
        bool against = run % 2, is_in_place = run / 2;
        unsigned n = against ? N_LONG / 10 : N_LONG; /* each edge against the order moves the whole chain */
        struct graph_rig *rig = chain_of(is_in_place ? "gain" : "filter", n, against);
        const struct plan *plan = rig->ctl->engine->plan;
        ck_assert_uint_eq(plan->n_steps, n + 4);
        ck_assert_uint_le(plan->n_buffers, is_in_place ? 3 : 4);
        graph_check_plan(rig->ctl, plan);
        ck_assert(!is_in_place || graph_rig_probe(rig, "p")->take[0][0] == 1);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(a_plan_grows_in_proportion_to_its_graph)
{
    struct graph_rig *small = chain_of("gain", N_LONG / 10, false), *large = chain_of("gain", N_LONG, false);
    double factor = (double)large->ctl->engine->plan->arena.used_bytes / (double)small->ctl->engine->plan->arena.used_bytes;
    ck_assert_double_lt(factor, 10.5);
    ck_assert_uint_lt(large->ctl->engine->plan->arena.used_bytes / N_LONG, 2048);
    graph_rig_free(small);
    graph_rig_free(large);
}
END_TEST

START_TEST(a_source_is_kept_until_its_last_listener_has_run)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "fade 0; add s source value=1; add p probe");
    for (unsigned i = 0; i < 500; i++)
        graph_rig_commit(rig, "fade 0; add n%u gain 1 gain=-%u; connect s n%u; connect n%u p", i, i % 40, i, i);
    graph_rig_settle(rig);
    graph_check_plan(rig->ctl, rig->ctl->engine->plan);
    double theory = 0;
    for (unsigned i = 0; i < 500; i++)
        theory += pow(10, -(double)(i % 40) / 20);
    graph_rig_probe(rig, "p")->at = 0;
    graph_rig_run(rig, 10);
    ck_assert_double_eq_tol((double)graph_rig_probe(rig, "p")->take[0][9], theory, 2e-6 * theory);
    graph_rig_free(rig);
}
END_TEST

START_TEST(an_empty_graph_has_an_empty_plan)
{
    struct ctl *ctl = ctl_new(RATE_HZ, NULL);
    struct plan *plan;
    ck_assert_int_eq(plan_compile(&ctl->model, &plan), 0);
    ck_assert_uint_eq(plan->n_steps, 0);
    plan_free(plan);
    plan_free(NULL);
    ck_assert(engine_cycle_rt(ctl->engine, &(struct cycle){.n_frames = 1000}));
    ck_assert_uint_eq(ctl_clock(ctl), 1000);
    ctl_free(ctl);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_plan_of_any_graph_is_valid_and_sounds_as_defined,
        the_same_graph_always_gives_the_same_plan,
        equal_graphs_of_different_engines_have_equal_orders,
        unconnected_nodes_run_in_the_order_of_their_creation,
        a_chain_runs_without_a_break,
        the_longest_chain_needs_two_buffers,
        a_plan_grows_in_proportion_to_its_graph,
        a_source_is_kept_until_its_last_listener_has_run,
        an_empty_graph_has_an_empty_plan,
    };
    return suite_run("plan", 60, tests, ROWS(tests));
}
