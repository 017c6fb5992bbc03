/* Whether a plan is what the model says: each step, edge and buffer is looked up from the engine's side. */
#include <stdlib.h>
#include <string.h>

#include "tests/graph_check.h"

/* A pointer and what it stands for, sorted by pointer: the way from engine objects and buffers back to the model. */
struct entry {
    const void *key;
    const void *owner;
    unsigned channel;
    bool is_all; /* its owner's only signal: test_memoryless.c */
};

struct index {
    struct entry *entries;
    size_t n;
};

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return ((uintptr_t)x->key > (uintptr_t)y->key) - ((uintptr_t)x->key < (uintptr_t)y->key);
}

static struct entry *look_up(const struct index *index, const void *key)
{
    return bsearch(&(struct entry){.key = key}, index->entries, index->n, sizeof *index->entries, compare_entries);
}

/* Whether it holds an output of the node, as long as nobody else has written to it. */
static bool holds(const struct entry *buffer, const struct node *node, unsigned channel)
{
    return buffer && buffer->owner == node && (buffer->is_all || buffer->channel == channel);
}

static struct index index_new(size_t most)
{
    struct index index = {calloc(most + 1, sizeof(struct entry)), 0};
    ck_assert_ptr_nonnull(index.entries);
    return index;
}

static unsigned out_channels(const struct node *node)
{
    unsigned n = 0;
    for (unsigned i = 0; i < node->class->n_outputs; i++)
        n += node_output_channels(node, i);
    return n;
}

static struct index nodes_index(const struct model *model)
{
    struct index index = index_new(model->n_linked);
    for (const struct node *node = model->first; node; node = node->next)
        if (node_is_planned(node))
            index.entries[index.n++] = (struct entry){node->object, node, 0};
    qsort(index.entries, index.n, sizeof *index.entries, compare_entries);
    return index;
}

/* The buffers of the plan, each once, nothing written to them yet. */
static struct index buffers_index(const struct plan *plan, const struct index *nodes)
{
    size_t most = 0, n = 0;
    for (unsigned s = 0; s < plan->n_steps; s++)
        most += out_channels(look_up(nodes, plan->steps[s].node)->owner);
    struct index index = index_new(most);
    for (unsigned s = 0; s < plan->n_steps; s++)
        for (unsigned c = 0; c < out_channels(look_up(nodes, plan->steps[s].node)->owner); c++)
            index.entries[index.n++].key = plan->steps[s].io.out[c];
    qsort(index.entries, index.n, sizeof *index.entries, compare_entries);
    for (size_t i = 0; i < index.n; i++)
        if (!n || index.entries[n - 1].key != index.entries[i].key)
            index.entries[n++] = index.entries[i];
    index.n = n;
    return index;
}

/* The first channel of its source that the edge takes, among all outputs. */
static unsigned first_of(const struct edge *edge)
{
    unsigned first = edge->from_first;
    for (unsigned port = 0; port < edge->from_port; port++)
        first += node_output_channels(edge->from, port);
    return first;
}

static void check_feed(const struct feed *feed, const struct edge *edge, const struct index *buffers)
{
    unsigned first = first_of(edge), n = edge->n_from > edge->n_to ? edge->n_from : edge->n_to;
    MUST(feed->edge == edge->object && feed->n_taps == n, "a feed of %s is not its edge", edge->to->name);
    for (unsigned t = 0; t < n; t++) {
        unsigned c = edge->n_from == 1 ? 0 : t;
        bool is_direct = !edge->is_feedback && !edge->compensation;
        const struct entry *buffer = is_direct ? look_up(buffers, feed->taps[t].from) : NULL;
        MUST(edge->is_feedback    ? feed->taps[t].from == edge->object->line->out[c]
             : edge->compensation ? feed->taps[t].from == edge->compensation->out[c]
                                  : holds(buffer, edge->from, first + c),
             "%s reads a buffer that does not hold channel %u of %s any more", edge->to->name, first + c, edge->from->name);
        MUST(feed->taps[t].channel == edge->to_first + (edge->n_to == 1 ? 0 : t), "a tap leads to the wrong channel of %s",
             edge->to->name);
    }
}

/* All planned edges into one port are the feeds of its mix, in their order; returns how many. */
static unsigned check_mix(const struct mix *mix, const struct node *node, unsigned to_port, const struct index *buffers)
{
    unsigned n = 0;
    for (const struct edge *edge = node->in_first; edge; edge = edge->in_next)
        if (edge->planned && edge->to_port == to_port) {
            MUST(mix && n < mix->n_feeds, "an edge into %s is missing", node->name);
            check_feed(&mix->feeds[n++], edge, buffers);
        }
    return n;
}

static bool port_is_fed(const struct node *node, unsigned to_port)
{
    for (const struct edge *edge = node->in_first; edge; edge = edge->in_next)
        if (edge->planned && edge->to_port == to_port)
            return true;
    return false;
}

static void check_step(const struct step *step, const struct node *node, const struct index *buffers)
{
    unsigned n_mixes = 0, n_modulations = 0, n_inputs = node->class->n_inputs;
    for (unsigned port = 0; port < n_inputs + node->class->n_params; port++) {
        MUST(port >= n_inputs || port >= 32 || (step->io.wired >> port & 1) == port_is_fed(node, port),
             "%s is not told the truth about its cables", node->name);
        if (!port_is_fed(node, port))
            continue;
        const struct mix *mix = port < n_inputs ? &step->mixes[n_mixes++] : &step->modulations[n_modulations++].mix;
        MUST(check_mix(mix, node, port, buffers) == mix->n_feeds, "a mix of %s has too many feeds", node->name);
        MUST(port < n_inputs || step->modulations[n_modulations - 1].row == port - n_inputs,
             "%s: the wrong parameter moves", node->name);
    }
    MUST(step->n_mixes == n_mixes && step->n_modulations == n_modulations, "%s has too many mixes", node->name);
    MUST(step->n_device == (node->class->device ? node->channels : 0), "%s has the wrong device ports", node->name);
    for (unsigned c = 0; c < out_channels(node); c++) {
        struct entry *buffer = look_up(buffers, step->io.out[c]);
        MUST((uintptr_t)buffer->key % 64 == 0, "a buffer of %s is not aligned", node->name);
        bool repeats = node->class->is_memoryless && c && step->io.out[c] == step->io.out[0];
        MUST(buffer->owner != node || repeats, "two outputs of %s share a buffer", node->name);
        *buffer = (struct entry){buffer->key, node, c, repeats};
    }
}

static const struct line_send *send_into(const struct step *step, const struct line_rt *line)
{
    for (unsigned i = 0; i < step->n_sends; i++)
        if (step->sends[i].line == line)
            return &step->sends[i];
    return NULL;
}

/* All planned feedback edges out of a node are its sends, each from the buffers of that very step. */
static void check_sends(const struct step *step, const struct node *node, const struct index *buffers)
{
    unsigned n = 0;
    for (const struct edge *edge = node->out_first; edge; edge = edge->out_next) {
        if (!edge->planned || !edge->is_feedback)
            continue;
        const struct line_send *send = send_into(step, edge->object->line);
        n++;
        MUST(send && send->line->n_channels == edge->n_from, "a line out of %s is missing", node->name);
        for (unsigned c = 0; c < edge->n_from; c++) {
            const struct entry *buffer = look_up(buffers, send->from[c]);
            MUST(holds(buffer, node, first_of(edge) + c), "a line out of %s is wrong", node->name);
        }
    }
    MUST(n == step->n_sends, "%s has too many lines", node->name);
    n = 0;
    for (const struct edge *edge = node->in_first; edge; edge = edge->in_next)
        if (edge->planned && edge->is_feedback)
            MUST(n < step->n_returns && step->returns[n++] == edge->object->line, "a line into %s is missing", node->name);
    MUST(n == step->n_returns, "%s has too many lines", node->name);
}

/* All delayed edges into a node are its compensations, each from what its source wrote. */
static void check_compensations(const struct step *step, const struct node *node, const struct index *buffers)
{
    unsigned n = 0;
    for (const struct edge *edge = node->in_first; edge; edge = edge->in_next) {
        if (!edge->planned || !edge->compensation)
            continue;
        const struct compensation_step *compensation = &step->compensations[n++];
        MUST(n <= step->n_compensations && compensation->compensation == edge->compensation &&
                 compensation->wanted == edge->compensation->newest,
             "a delay into %s is missing", node->name);
        for (unsigned c = 0; c < edge->n_from; c++) {
            const struct entry *buffer = look_up(buffers, compensation->from[c]);
            MUST(holds(buffer, edge->from, first_of(edge) + c), "a delay into %s hears the wrong buffer", node->name);
        }
    }
    MUST(n == step->n_compensations, "%s has too many delays", node->name);
}

/* No output of a step lies in a buffer that it reads from, but in place of what it hears on the same channel. */
static void check_apart(const struct step *step, const struct mix *mix, const char *name)
{
    float *const *out = step->io.out;
    for (unsigned f = 0; f < mix->n_feeds; f++)
        for (unsigned t = 0; t < mix->feeds[f].n_taps; t++) {
            const struct tap *tap = &mix->feeds[f].taps[t];
            for (unsigned c = 0; c < step->n_out; c++)
                MUST(tap->from != out[c] || (step->is_in_place && out[tap->channel] == out[c]), "%s reads what it writes",
                     name);
        }
}

void graph_check_plan(const struct ctl *ctl, const struct plan *plan)
{
    struct index nodes = nodes_index(&ctl->model), buffers;
    ck_assert_uint_eq(plan->n_steps, nodes.n);
    for (unsigned s = 0; s < plan->n_steps; s++)
        MUST(look_up(&nodes, plan->steps[s].node), "step %u runs a node that is not planned", s);
    buffers = buffers_index(plan, &nodes);
    for (unsigned s = 0; s < plan->n_steps; s++) {
        struct entry *entry = look_up(&nodes, plan->steps[s].node);
        const struct node *node = entry->owner;
        MUST(!entry->channel++, "%s runs twice", node->name);
        for (unsigned m = 0; m < plan->steps[s].n_mixes; m++)
            check_apart(&plan->steps[s], &plan->steps[s].mixes[m], node->name);
        check_compensations(&plan->steps[s], node, &buffers);
        check_step(&plan->steps[s], node, &buffers);
        check_sends(&plan->steps[s], node, &buffers);
    }
    ck_assert_uint_le(buffers.n, plan->n_buffers);
    free(nodes.entries);
    free(buffers.entries);
}

void graph_check_alike(struct graph_rig *rig, const char *name)
{
    struct probe *probe = graph_rig_probe(rig, name);
    double loudest = 0;
    probe->at = 0;
    graph_rig_run(rig, 5000);
    for (unsigned i = 0; i < 5000; i++) {
        MUST(probe->take[0][i] == probe->take[1][i], "frame %u: %g and %g", i, (double)probe->take[0][i],
             (double)probe->take[1][i]);
        loudest = fmax(loudest, fabs((double)probe->take[0][i]));
    }
    ck_assert_double_gt(loudest, 0.1);
}
