/* The nodes' counters only ever grow, so several may profile at once: each notes where they stand and subtracts that. */
#include "osc/profile.h"

#include <stdlib.h>

#include "osc/server.h"
#include "osc/wait.h"

#define SECONDS_MOST 60.0

/* One node's counters, at the begin and then what has been added to them. */
struct row {
    const struct node *node; /* null until the end */
    uint64_t sequence;
    uint64_t ns, blocks, frames;
};

struct profile {
    struct page page; /* of the rows to tell */
    unsigned n_rows;
    struct row rows[]; /* by sequence */
};

static struct row row_of(const struct node *node)
{
    const struct cost *cost = node->object->cost;
    return (struct row){NULL, node->sequence, atomic_load_explicit(&cost->ns, memory_order_relaxed),
                        atomic_load_explicit(&cost->blocks, memory_order_relaxed),
                        atomic_load_explicit(&cost->frames, memory_order_relaxed)};
}

static struct profile *profile_new(const struct model *model)
{
    struct profile *profile = calloc(1, sizeof *profile + model->n_linked * sizeof profile->rows[0]);
    if (!profile)
        return NULL;
    for (const struct node *node = model->first; node; node = node->next)
        profile->rows[profile->n_rows++] = row_of(node);
    return profile;
}

static int by_cost(const void *a, const void *b)
{
    const struct row *x = a, *y = b;
    if (x->ns != y->ns)
        return x->ns < y->ns ? 1 : -1;
    return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

/* Leaves the rows of nodes that have been there from begin to end, which cost most first. One whose counters began anew has
 * been made anew for another rate: what it counts is of the time since. */
static void profile_end(struct profile *profile, const struct model *model)
{
    unsigned n = 0, i = 0;
    for (const struct node *node = model->first; node; node = node->next) {
        while (i < profile->n_rows && profile->rows[i].sequence < node->sequence)
            i++;
        if (!node->live || i == profile->n_rows || profile->rows[i].sequence != node->sequence)
            continue;
        struct row now = row_of(node), before = profile->rows[i++];
        if (now.ns >= before.ns && now.frames >= before.frames) {
            now.ns -= before.ns;
            now.blocks -= before.blocks;
            now.frames -= before.frames;
        }
        now.node = node;
        profile->rows[n++] = now;
    }
    profile->n_rows = n;
    qsort(profile->rows, n, sizeof profile->rows[0], by_cost);
}

static uint64_t finish(struct wait *wait)
{
    const struct ctl *ctl = wait->head->server->ctl;
    struct profile *profile = wait->user;
    struct writer results;
    uint64_t most_frames = 0;
    profile_end(profile, &ctl->model);
    for (unsigned i = 0; i < profile->n_rows; i++)
        most_frames = profile->rows[i].frames > most_frames ? profile->rows[i].frames : most_frames;
    request_results(wait->head, &results);
    writer_int(&results, (int32_t)profile->n_rows);
    writer_float(&results, (float)((double)most_frames / ctl->rate_hz));
    for (unsigned i = 0; i < profile->n_rows; i++) {
        const struct row *row = &profile->rows[i];
        if (!page_next(&profile->page))
            continue;
        double sound_ns = (double)row->frames / ctl->rate_hz * 1e9;
        writer_string(&results, row->node->name);
        writer_string(&results, row->node->class->name);
        writer_float(&results, (float)(row->blocks ? (double)row->ns / (double)row->blocks : 0));
        writer_float(&results, (float)(row->frames ? 100 * (double)row->ns / sound_ns : 0));
    }
    request_done(wait->head, &results);
    return 0;
}

int profile_run(struct call *call)
{
    struct ctl *ctl = call->server->ctl;
    double seconds = call->args[0].given ? call->args[0].d : 1;
    struct page page;
    if (!(seconds > 0 && seconds <= SECONDS_MOST))
        return error_set(call->error, ERROR_RANGE, "seconds %g is outside its range: above 0, at most %g", seconds,
                         SECONDS_MOST);
    if (call_page(call, 1, &page))
        return (int)call->error->code;
    struct profile *profile = profile_new(&ctl->model);
    if (!profile)
        return error_set(call->error, ERROR_INTERNAL, "memory ran out for a profile of %u nodes", ctl->model.n_nodes);
    profile->page = page;
    uint64_t until = ctl_clock(ctl) + ctl_frames(ctl, seconds) + 1;
    if (wait_for(call->request, until, finish, profile, call->error))
        return (int)call->error->code;
    if (until > atomic_load_explicit(&ctl->engine->profile_until, memory_order_relaxed))
        atomic_store_explicit(&ctl->engine->profile_until, until, memory_order_relaxed);
    return CALL_LATER;
}
