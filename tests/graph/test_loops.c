/* Row O12: no loop ever gets in. A hundred thousand random connections and disconnections, each judged by a search that knows
 * nothing of graph/order.c. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "graph/batch.h"
#include "tests/graph_check.h"
#include "tests/suite.h"

#define NODES 48
#define EDITS RIG_ROUNDS(100000, 5000)

/* What is connected, as the test remembers it: a bit per target. */
struct memory {
    uint64_t leads_to[NODES];
    unsigned n_edges;
};

/* Whether `to` can be reached from `from`: by the definition, wave by wave. */
static bool reaches(const struct memory *memory, unsigned from, unsigned to)
{
    uint64_t reached = (uint64_t)1 << from, before;
    do {
        before = reached;
        for (unsigned i = 0; i < NODES; i++)
            if (before >> i & 1)
                reached |= memory->leads_to[i];
    } while (reached != before);
    return reached >> to & 1;
}

static bool order_holds(const struct model *model, enum layer layer)
{
    for (const struct node *node = model->first; node; node = node->next)
        for (const struct edge *edge = node->out_first; edge; edge = edge->out_next) {
            bool counts = layer == LAYER_MODEL ? edge->live : edge->planned;
            if (counts && edge->from->order[layer].number >= edge->to->order[layer].number)
                return false;
        }
    return true;
}

/* Whether each step of the plan that runs comes behind all that it hears: the buffers of a source have been written. */
static bool plan_holds(const struct ctl *ctl)
{
    const struct plan *plan = ctl->engine->plan;
    for (const struct node *node = ctl->model.first; node; node = node->next)
        node->object->cost->blocks = UINT64_MAX; /* nobody measures here: room for a mark */
    for (unsigned s = 0; s < plan->n_steps; s++)
        plan->steps[s].node->cost->blocks = s;
    for (const struct node *node = ctl->model.first; node; node = node->next)
        for (const struct edge *edge = node->out_first; edge; edge = edge->out_next)
            if (edge->live && edge->planned && edge->from->object->cost->blocks >= edge->to->object->cost->blocks)
                return false;
    return true;
}

struct tally {
    unsigned accepted, refused, loops_accepted, wrongly_refused, disorders;
};

static void edit(struct graph_rig *rig, struct memory *memory, uint32_t *seed, struct tally *tally)
{
    unsigned from = dice_below(seed, NODES), to = dice_below(seed, NODES);
    uint64_t bit = (uint64_t)1 << to;
    if (memory->leads_to[from] & bit) {
        graph_rig_commit(rig, "disconnect n%u n%u", from, to);
        memory->leads_to[from] &= ~bit;
        memory->n_edges--;
        return;
    }
    bool closes = reaches(memory, to, from);
    bool is_accepted = !graph_rig_try(rig, "connect n%u n%u", from, to);
    tally->accepted += is_accepted;
    tally->refused += !is_accepted;
    tally->loops_accepted += is_accepted && closes;
    tally->wrongly_refused += !is_accepted && !closes;
    if (is_accepted) {
        memory->leads_to[from] |= bit;
        memory->n_edges++;
    }
}

START_TEST(no_loop_ever_gets_in)
{
    struct graph_rig *rig = graph_rig_new(48000);
    struct memory memory = {0};
    struct tally tally = {0};
    uint32_t seed = 12;
    unsigned most_edges = 0, n_edits;
    for (unsigned i = 0; i < NODES; i++)
        graph_rig_commit(rig, "add n%u gain 1", i);
    for (n_edits = 0; n_edits < EDITS && !tally.loops_accepted && !tally.disorders; n_edits++) {
        edit(rig, &memory, &seed, &tally);
        ctl_poll(rig->ctl);
        /* Some edits share a plan, and most fall into the fades of others. */
        if (dice_below(&seed, 3) == 0) {
            graph_rig_cycle(rig, 1 + dice_below(&seed, 64));
            ctl_poll(rig->ctl);
        }
        tally.disorders += !order_holds(&rig->ctl->model, LAYER_MODEL) || !order_holds(&rig->ctl->model, LAYER_ENGINE);
        if (n_edits % 16 == 0) {
            graph_rig_cycle(rig, 64);
            tally.disorders += !plan_holds(rig->ctl);
        }
        most_edges = memory.n_edges > most_edges ? memory.n_edges : most_edges;
    }
    bool passes = !tally.loops_accepted && !tally.wrongly_refused && !tally.disorders && tally.refused > n_edits / 10;
    printf("REL O12 edits=%u accepted=%u refused=%u most_edges=%u cycles_accepted=%u wrongly_refused=%u disorders=%u %s\n",
           n_edits, tally.accepted, tally.refused, most_edges, tally.loops_accepted, tally.wrongly_refused, tally.disorders,
           passes ? "PASS" : "FAIL");
    ck_assert_msg(passes, "a loop has got in, or an edge was refused that closes none");
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {no_loop_ever_gets_in};
    return suite_run("loops", 60, tests, ROWS(tests));
}
