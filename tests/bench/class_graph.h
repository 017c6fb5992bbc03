/* Graphs of one class of the registry: a few nodes, all of whose inputs hear the first device port. */
#pragma once

#include "graph/offline.h"
#include "tests/bench/graphs.h"

#define CLASS_NODES 8

/* Whether there is a point in measuring it by what it does to sound. */
static inline bool class_takes_sound(const struct node_class *class)
{
    unsigned n_sounds = 0;
    for (unsigned port = 0; port < class->n_inputs; port++)
        n_sounds += !class->inputs[port].events;
    return n_sounds && class->device == DEVICE_NONE;
}

/* A value at a part 0..1 of its range; chosen ones, at creation or from a list, stay as they are. */
static inline float class_value(const struct param_info *param, float part)
{
    if (param->kind != PARAM_CONTINUOUS || param->flags & PARAM_AT_CREATION)
        return param->initial;
    return param->curve == CURVE_LOG ? param->min * powf(param->max / param->min, part)
                                     : param->min + part * (param->max - param->min);
}

/* `part` below 0: with the initial values. */
static inline int class_node_add(struct ctl *ctl, struct tx *tx, const struct node_class *class, unsigned number,
                                 float part, struct error *error)
{
    float values[256] = {0};
    char name[32], target[80];
    for (unsigned p = 0; p < class->n_params; p++)
        values[p] = part < 0 ? class->params[p].initial : class_value(&class->params[p], part);
    snprintf(name, sizeof name, "n%u", number);
    if (tx_add_node(tx, &(struct node_spec){.class = class, .name = name, .values = values}, error))
        return (int)error->code;
    struct node *node = model_find(&ctl->model, name);
    for (unsigned port = 0; port < class->n_inputs; port++) {
        unsigned channels = node_input_channels(node, port);
        snprintf(target, sizeof target, "%s:%s", name, class->inputs[port].name);
        if (channels && tx_connect(tx, &(struct edge_spec){.from = "in:out.1", .to = target}, error))
            return (int)error->code;
    }
    return 0;
}

/* CLASS_NODES of the class that run one by one; none with a null class. Null with a reason: it wants more than that. */
static inline struct ctl *class_graph_new(const struct node_class *class, double rate_hz, float part, struct error *error)
{
    struct ctl *ctl = ctl_new(rate_hz, NULL);
    if (!ctl || ctl_add_fixtures(ctl, error))
        fail("memory ran out");
    ctl->model.one_by_one = true;
    struct tx *tx = tx_open(ctl, 0);
    for (unsigned i = 0; class && i < CLASS_NODES; i++)
        if (class_node_add(ctl, tx, class, i, part, error)) {
            tx_rollback(tx);
            ctl_free(ctl);
            return NULL;
        }
    tx_commit(tx, (struct completion){0});
    ctl_poll(ctl);
    return ctl;
}

/* The port that they hear, for offline_init with as many ports as there are device ports. */
static inline float *class_graph_port(struct ctl *ctl, struct offline *offline, unsigned block)
{
    struct node *in = model_find(&ctl->model, "in");
    if (offline_init(offline, ctl, in->device_first + in->channels, block))
        fail("memory ran out");
    return offline->ports[in->device_first];
}

/* Noise of -6 dB at its peaks, or silence. */
static inline void class_graph_sound(float *port, unsigned n, bool noise)
{
    static uint32_t seed = 1;
    for (unsigned i = 0; i < n; i++) {
        seed = seed * 1664525u + 1013904223u;
        port[i] = noise ? (float)(int32_t)seed * 0x1p-32f : 0.0f;
    }
}

static inline double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}
