/* What several threads may run at the same time: tasks, and who waits for whom.
 *
 *     osc ──▶ filter ──▶ gain ──┐                   task 0: osc filter gain ──┐
 *     lfo ──▶                   ├──▶ out      =>                              ├──▶ task 2: out
 *     noise ──────▶ gain ───────┘                   task 1: noise gain ───────┘
 *
 * A unit (graph/plan_order.c) goes on in the task of the only one whose sound it hears, if nobody else reads that; what
 * modulates it, and nobody else, joins them. So a chain is one task, however long, and a mix waits for as many tasks as it
 * has tracks, none of which it delays. Nobody outside reads the inside of a task: no circle can arise.
 */
#include "graph/compiler.h"

static void readers_find(struct compiler *c)
{
    for (unsigned i = 0; i < c->n_order; i++)
        for (const struct plan_link *link = c->order[i]->in; link; link = link->in_next) {
            struct plan_unit *from = link_leads(link) ? link->from->unit : NULL;
            if (!from)
                continue;
            from->has_readers |= from->reader && from->reader != c->order[i]->unit;
            from->reader = c->order[i]->unit;
        }
}

static bool modulates(const struct plan_link *link)
{
    return link->edge && link->edge->to_port >= link->edge->to->class->n_inputs;
}

/* Whether all that the unit hears comes from one other. */
static bool hears_one(const struct plan_unit *unit)
{
    const struct plan_unit *heard = NULL;
    for (unsigned m = 0; m < unit->n; m++)
        for (const struct plan_link *link = unit->members[m]->in; link; link = link->in_next) {
            if (!link_leads(link) || modulates(link))
                continue;
            if (heard && heard != link->from->unit)
                return false;
            heard = link->from->unit;
        }
    return true;
}

/* Takes sources in that nobody else reads. Numbers grow along the order, so that a task is taken in by a later one. */
static void sources_join(const struct plan_unit *unit, unsigned *into)
{
    bool goes_on = hears_one(unit);
    for (unsigned m = 0; m < unit->n; m++)
        for (const struct plan_link *link = unit->members[m]->in; link; link = link->in_next) {
            const struct plan_unit *from = link_leads(link) ? link->from->unit : NULL;
            if (from && !from->has_readers && (goes_on || modulates(link)))
                into[from->task] = unit->task;
        }
}

/* The numbers of the tasks that are left, from 0 on. */
static int tasks_number(struct compiler *c, const unsigned *into, unsigned n_units)
{
    unsigned *number = arena_take_array(&c->scratch, n_units, sizeof *number);
    if (!number)
        return ERROR_INTERNAL;
    for (unsigned u = 0; u < n_units; u++)
        if (into[u] == u)
            number[u] = c->plan->n_tasks++;
    for (unsigned u = n_units; u-- > 0;)
        number[u] = number[into[u]];
    for (unsigned i = 0; i < c->n_order; i += c->plan->abreast[i])
        c->order[i]->unit->task = number[c->order[i]->unit->task];
    return 0;
}

/* Each unit its task. */
static int tasks_find(struct compiler *c)
{
    unsigned n_units = 0;
    unsigned *into = arena_take_array(&c->scratch, c->n_order, sizeof *into);
    if (!into)
        return ERROR_INTERNAL;
    readers_find(c);
    for (unsigned i = 0; i < c->n_order; i += c->plan->abreast[i]) {
        struct plan_unit *unit = c->order[i]->unit;
        unit->task = into[n_units] = n_units;
        n_units++;
        sources_join(unit, into);
    }
    return tasks_number(c, into, n_units);
}

/* The units of each task, by their first steps, in the order of the plan. */
static void steps_fill(struct compiler *c)
{
    struct plan *plan = c->plan;
    unsigned first = 0;
    for (unsigned i = 0; i < c->n_order; i += plan->abreast[i])
        plan->tasks[c->order[i]->unit->task].n++;
    for (unsigned t = 0; t < plan->n_tasks; t++) {
        plan->tasks[t].first = first;
        first += plan->tasks[t].n;
        plan->tasks[t].n = 0;
    }
    for (unsigned i = 0; i < c->n_order; i += plan->abreast[i]) {
        struct task *task = &plan->tasks[c->order[i]->unit->task];
        plan->task_steps[task->first + task->n++] = i;
    }
}

/* Calls `each` for every pair of tasks of which the second reads what the first gives, once. */
static void pairs_visit(struct compiler *c, unsigned *seen,
                        void (*each)(struct plan *plan, struct task *from, struct task *to))
{
    struct plan *plan = c->plan;
    for (unsigned t = 0; t < plan->n_tasks; t++)
        for (unsigned s = 0; s < plan->tasks[t].n; s++) {
            unsigned at = plan->task_steps[plan->tasks[t].first + s];
            for (unsigned i = at; i < at + plan->abreast[at]; i++)
                for (const struct plan_link *link = c->order[i]->in; link; link = link->in_next) {
                    unsigned from = link_leads(link) ? link->from->unit->task : t;
                    if (from == t || seen[from] == t + 1)
                        continue;
                    seen[from] = t + 1;
                    each(plan, &plan->tasks[from], &plan->tasks[t]);
                }
        }
}

static void pair_count(struct plan *plan, struct task *from, struct task *to)
{
    (void)plan;
    from->n_next++;
    to->n_waits++;
}

static void pair_fill(struct plan *plan, struct task *from, struct task *to)
{
    plan->task_next[from->first_next + from->n_next++] = (uint32_t)(to - plan->tasks);
}

static int pairs_fill(struct compiler *c)
{
    struct plan *plan = c->plan;
    unsigned *seen = arena_take_array(&c->scratch, 2 * (size_t)plan->n_tasks, sizeof *seen), n = 0;
    if (!seen)
        return ERROR_INTERNAL;
    pairs_visit(c, seen, pair_count);
    for (unsigned t = 0; t < plan->n_tasks; t++) {
        plan->tasks[t].first_next = n;
        n += plan->tasks[t].n_next;
        plan->tasks[t].n_next = 0;
    }
    plan->task_next = arena_take_array(&plan->arena, n, sizeof *plan->task_next);
    if (!plan->task_next)
        return ERROR_INTERNAL;
    pairs_visit(c, seen + plan->n_tasks, pair_fill);
    return 0;
}

int compiler_tasks(struct compiler *c)
{
    struct plan *plan = c->plan;
    if (c->model->n_threads < 2)
        return 0;
    if (tasks_find(c))
        return ERROR_INTERNAL;
    plan->tasks = arena_take_array(&plan->arena, plan->n_tasks, sizeof *plan->tasks);
    plan->task_steps = arena_take_array(&plan->arena, c->n_order, sizeof *plan->task_steps);
    plan->task_first = arena_take_array(&plan->arena, plan->n_tasks, sizeof *plan->task_first);
    if (!plan->tasks || !plan->task_steps || !plan->task_first)
        return ERROR_INTERNAL;
    steps_fill(c);
    if (pairs_fill(c))
        return ERROR_INTERNAL;
    for (unsigned t = 0; t < plan->n_tasks; t++)
        if (!plan->tasks[t].n_waits)
            plan->task_first[plan->n_task_first++] = t;
    return 0;
}
