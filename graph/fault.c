/* The model knows nothing of it: values, edges and names stay, only what sounds is exchanged. */
#include "graph/fault.h"

#define FADE_IN_S 0.01

/* In any of its voices. */
static bool is_muted(const struct node *node)
{
    for (const struct node_rt *object = node->object; object; object = object->twin)
        if (atomic_load_explicit(&object->muted, memory_order_acquire))
            return true;
    return false;
}

static bool was_touched(const struct node *node)
{
    bool is_touched = false;
    for (struct node_rt *object = node->object; object; object = object->twin)
        is_touched |= atomic_exchange_explicit(&object->muted_touched, false, memory_order_relaxed);
    return is_touched;
}

bool fault_is_final(const struct node *node)
{
    return is_muted(node) && node->n_faults >= FAULTS_MOST;
}

/* Within a window that begins with the first one. */
static void count(const struct ctl *ctl, struct node *node)
{
    uint64_t now = ctl_clock(ctl);
    if (!node->n_faults || now - node->faults_from > ctl_frames(ctl, FAULT_WINDOW_S)) {
        node->n_faults = 0;
        node->faults_from = now;
    }
    node->n_faults++;
}

/* The old object goes when the plan that holds it has gone. Where memory runs out, or init refuses, the node stays muted
 * until it is touched. */
static void make_anew(struct ctl *ctl, struct node *node)
{
    struct error error = {0};
    struct node_rt *object, *old = node->object;
    struct object_spec spec = ctl_object_spec(ctl, node);
    spec.again = true;
    if (object_node_new(node->class, &spec, &object, &error))
        return;
    if (!spec.bypassed)
        object_node_fade_in(object);
    old->next_retired = ctl->retired_objects;
    ctl->retired_objects = old;
    node->object = object;
    ctl->must_compile = true;
}

static void see_to(struct ctl *ctl, struct node *node)
{
    bool is_new = node->counted != node->object;
    if (is_new)
        count(ctl, node);
    node->counted = node->object;
    if (was_touched(node))
        node->n_faults = 0;
    else if (!is_new)
        return;
    if (node->n_faults < FAULTS_MOST)
        make_anew(ctl, node);
}

void fault_poll(struct ctl *ctl)
{
    uint64_t faults = atomic_load_explicit(&ctl->engine->stats.faults, memory_order_acquire);
    if (faults == ctl->faults_seen)
        return;
    ctl->faults_seen = faults;
    for (struct node *node = ctl->model.first; node; node = node->next)
        if (is_muted(node))
            see_to(ctl, node);
}
