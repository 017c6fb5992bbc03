#include "osc/controllers.h"

#include <math.h>
#include <stdlib.h>

#include "graph/batch.h"
#include "graph/param.h"
#include "osc/server.h"

#define FULL 127.0

/* What of the way counts as there: a controller has 128 places, and one that is moved fast leaves some out. */
#define NEAR (2.5 / FULL)

/* ---- values ---------------------------------------------------------------------------------------------------------- */

/* The way of a mapping, from 0 to 1, as places of the parameter's own. */
struct way {
    double from, to;
};

static struct way way_of(const struct param_info *info, const struct mapping *mapping)
{
    return (struct way){(double)param_to_norm(info, mapping->from), (double)param_to_norm(info, mapping->to)};
}

static double place_of(const struct way *way, double norm)
{
    double length = way->to - way->from;
    return length != 0 ? (norm - way->from) / length : 0;
}

static bool has_hold(const struct node *node, const struct mapping *mapping)
{
    return mapping->has_set && node->values[mapping->row] == mapping->set;
}

/* On the way from its last place the controller has come to that of the parameter. */
static bool comes_to(const struct mapping *mapping, double place, double now)
{
    double last = mapping->has_heard ? mapping->heard / FULL : now;
    return fabs(now - place) <= NEAR || (last <= place) == (place <= now);
}

static double steps_of(enum mapping_mode mode, double controller)
{
    if (mode == MAPPING_TWOS)
        return controller < 64 ? controller : controller - 128;
    if (mode == MAPPING_OFFSET)
        return controller - 64;
    return controller < 64 ? controller : 64 - controller;
}

bool controllers_value(const struct node *node, struct mapping *mapping, double controller, float *value)
{
    const struct param_info *info = node_class_row(node->class, mapping->row);
    struct way way = way_of(info, mapping);
    double here = place_of(&way, (double)param_to_norm(info, node->values[mapping->row])), place = controller / FULL;
    bool takes = true;
    if (mapping->mode > MAPPING_PICKUP)
        place = (has_hold(node, mapping) ? mapping->place : here) + steps_of(mapping->mode, controller) / FULL;
    else if (mapping->mode == MAPPING_PICKUP)
        takes = has_hold(node, mapping) || comes_to(mapping, here, place);
    mapping->place = fmin(fmax(place, 0), 1);
    mapping->heard = (float)controller;
    mapping->has_heard = true;
    *value = param_from_norm(info, way.from + (way.to - way.from) * mapping->place);
    mapping->has_set = takes;
    mapping->set = *value;
    return takes;
}

static void move(struct controllers *controllers, struct node *node, struct mapping *mapping, const struct event *event)
{
    struct error unused;
    float value;
    if (controllers_value(node, mapping, (double)event->value, &value) && value != node->values[mapping->row])
        ctl_set_value(controllers->server->ctl, node, mapping->row, value, -1, &unused);
}

/* ---- which ----------------------------------------------------------------------------------------------------------- */

static bool is_meant(const struct mapping *mapping, const struct node *source, const struct event *event)
{
    return mapping->number == event->number && (!mapping->source || mapping->source == source) &&
           (!mapping->channel || mapping->channel == event->channel + 1u);
}

/* False when memory ran out: then nothing is moved. */
static bool nodes_find(struct controllers *controllers)
{
    const struct model *model = &controllers->server->ctl->model;
    if (controllers->seen == model->n_mapped)
        return true;
    controllers->n_nodes = 0;
    for (struct node *node = model->first; node; node = node->next) {
        if (!node->live || !node->mappings || !node->mappings->n)
            continue;
        if (controllers->n_nodes == controllers->n_capacity) {
            size_t n = 2 * controllers->n_capacity + 8;
            struct node **nodes = realloc(controllers->nodes, n * sizeof(struct node *));
            if (!nodes)
                return false;
            controllers->nodes = nodes;
            controllers->n_capacity = n;
        }
        controllers->nodes[controllers->n_nodes++] = node;
    }
    controllers->seen = model->n_mapped;
    return true;
}

/* ---- learning -------------------------------------------------------------------------------------------------------- */

static void learnt(struct controllers *controllers, const struct node *source, const struct event *event)
{
    struct request *head = controllers->learning.head;
    struct writer results;
    request_results(head, &results);
    writer_string(&results, source->name);
    writer_int(&results, event->channel + 1);
    writer_int(&results, event->number);
    request_done(head, &results);
    free(head);
    controllers->learning = (struct learning){0};
}

static void fail(struct controllers *controllers, const struct error *error)
{
    struct request *head = controllers->learning.head;
    controllers->learning = (struct learning){0};
    request_fail(head, error);
    free(head);
}

static struct node *node_of(const struct model *model, uint64_t sequence)
{
    for (struct node *node = model->first; node; node = node->next)
        if (node->live && node->sequence == sequence)
            return node;
    return NULL;
}

static void learn(struct controllers *controllers, struct node *source, const struct event *event)
{
    struct ctl *ctl = controllers->server->ctl;
    struct node *node = node_of(&ctl->model, controllers->learning.node);
    struct mapping mapping = controllers->learning.mapping;
    struct error error = {0};
    mapping.source = source;
    mapping.channel = event->channel + 1u;
    mapping.number = event->number;
    struct tx *tx = node ? tx_open(ctl, 0) : NULL;
    if (!node)
        error_set(&error, ERROR_CANCELLED, "the node whose parameter was to be mapped has been removed");
    else if (!tx)
        error_set(&error, ERROR_INTERNAL, "memory ran out for the mapping");
    else if (tx_map(tx, node, &mapping, &error))
        tx_rollback(tx);
    if (error.code) {
        fail(controllers, &error);
        return;
    }
    tx_commit(tx, (struct completion){0});
    learnt(controllers, source, event);
}

/* Who has a number waits for its answer, and no longer than it must. */
static void go_on(struct learning *learning, const struct ctl *ctl)
{
    struct writer progress;
    uint64_t now = ctl_clock(ctl);
    learning->told = now;
    if (!learning->head->has_id)
        return;
    request_results(learning->head, &progress);
    writer_float(&progress, (float)(1 - (double)(learning->until - now) / (double)ctl_frames(ctl, LEARN_S)));
    writer_string(&progress, "waits for a controller to be moved");
    request_send(learning->head, "/progress", &progress);
}

int controllers_learn(struct controllers *controllers, const struct request *request, const struct node *node,
                      const struct mapping *mapping, struct error *error)
{
    struct ctl *ctl = controllers->server->ctl;
    struct request *head = request_detach(request);
    if (!head)
        return error_set(error, ERROR_INTERNAL, "memory ran out for what is to be learnt");
    controllers_forget(controllers);
    controllers->learning = (struct learning){head, node->sequence, *mapping, ctl_clock(ctl) + ctl_frames(ctl, LEARN_S), 0};
    go_on(&controllers->learning, ctl);
    return 0;
}

bool controllers_forget(struct controllers *controllers)
{
    struct error error = {0};
    if (!controllers->learning.head)
        return false;
    error_set(&error, ERROR_CANCELLED, "something else is learnt, or nothing any more");
    fail(controllers, &error);
    return true;
}

void controllers_closed(struct controllers *controllers, const struct peer *peer)
{
    struct learning *learning = &controllers->learning;
    if (!learning->head || !peer_equal(&learning->head->peer, peer))
        return;
    free(learning->head);
    *learning = (struct learning){0};
}

void controllers_tick(struct controllers *controllers)
{
    const struct ctl *ctl = controllers->server->ctl;
    struct learning *learning = &controllers->learning;
    struct error error = {0};
    if (!learning->head)
        return;
    if (ctl_clock(ctl) < learning->until) {
        if (ctl_clock(ctl) >= learning->told + ctl_frames(ctl, TELL_S))
            go_on(learning, ctl);
        return;
    }
    error_set(&error, ERROR_CANCELLED, "no controller was moved for %d s", LEARN_S);
    fail(controllers, &error);
}

/* ---- what is heard --------------------------------------------------------------------------------------------------- */

static void on_heard(void *self, struct node *source, const struct heard *heard)
{
    struct controllers *controllers = self;
    const struct event *event = &heard->event;
    if (event->kind != EVENT_CONTROL)
        return;
    if (controllers->learning.head)
        learn(controllers, source, event);
    for (size_t i = 0; nodes_find(controllers) && i < controllers->n_nodes; i++) {
        struct node *node = controllers->nodes[i];
        for (unsigned k = 0; k < node->mappings->n; k++)
            if (is_meant(&node->mappings->mapping[k], source, event))
                move(controllers, node, &node->mappings->mapping[k], event);
    }
}

void controllers_init(struct controllers *controllers, struct server *server)
{
    *controllers = (struct controllers){.listener = {controllers, on_heard}, .server = server, .seen = UINT64_MAX};
    heard_listen(server->ctl, &controllers->listener);
}

void controllers_deinit(struct controllers *controllers)
{
    free(controllers->learning.head);
    free(controllers->nodes);
}
