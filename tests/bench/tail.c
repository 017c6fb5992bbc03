/* What a node costs while its tail dies away, beside what it costs while it works.
 *
 *     tail       one line per class that takes sound: name, us per block of 256 at work, us in the tail
 *
 * Eight nodes of the class are fed noise for ten seconds, then an impulse, then a minute of silence. A second costs what a
 * quarter of its blocks stay below, and either stretch what nine in ten of its seconds do: what else the machine does falls
 * out, while denormals would slow all blocks of all seconds from some moment on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "graph/offline.h"
#include "graph/tx.h"

#define RATE_HZ 48000
#define BLOCK   256
#define NODES   8
#define SECOND  (RATE_HZ / BLOCK) /* in blocks */
#define AT_WORK 10                /* seconds */
#define TAIL    60

static double now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int node_add(struct ctl *ctl, struct tx *tx, const struct node_class *class, unsigned number, struct error *error)
{
    float values[256] = {0};
    char name[32], target[80];
    for (unsigned p = 0; p < class->n_params; p++)
        values[p] = class->params[p].initial;
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

/* Eight of the class, all of whose inputs hear the first device port. False with a reason: it wants more than that. */
static bool build(struct ctl *ctl, const struct node_class *class, struct error *error)
{
    struct tx *tx = tx_open(ctl, 0);
    for (unsigned i = 0; i < NODES; i++)
        if (node_add(ctl, tx, class, i, error)) {
            tx_rollback(tx);
            return false;
        }
    tx_commit(tx, (struct completion){0});
    ctl_poll(ctl);
    return true;
}

static double second_us(struct offline *offline, float *port, bool noise)
{
    static uint32_t seed = 1;
    static double took[SECOND];
    for (unsigned b = 0; b < SECOND; b++) {
        for (unsigned i = 0; i < BLOCK; i++) {
            seed = seed * 1664525u + 1013904223u;
            port[i] = noise ? (float)(int32_t)seed * 0x1p-33f : 0.0f;
        }
        double began = now_us();
        offline_cycle(offline, BLOCK);
        took[b] = now_us() - began;
    }
    qsort(took, SECOND, sizeof *took, compare);
    return took[SECOND / 4];
}

static double seconds_us(struct offline *offline, float *port, bool noise, unsigned n)
{
    double cost[TAIL];
    for (unsigned s = 0; s < n; s++)
        cost[s] = second_us(offline, port, noise);
    qsort(cost, n, sizeof *cost, compare);
    return cost[n * 9 / 10];
}

static void measure(struct ctl *ctl, const struct node_class *class)
{
    static struct offline offline;
    struct node *in = model_find(&ctl->model, "in");
    if (offline_init(&offline, ctl, in->device_first + in->channels, BLOCK))
        exit(1);
    float *port = offline.ports[in->device_first];
    double active = seconds_us(&offline, port, true, AT_WORK);
    memset(port, 0, BLOCK * sizeof *port);
    port[0] = 1.0f;
    offline_cycle(&offline, BLOCK);
    double tail = seconds_us(&offline, port, false, TAIL);
    printf("%s %.3f %.3f\n", class->name, active / NODES, tail / NODES);
    fflush(stdout);
    offline_deinit(&offline);
}

int main(void)
{
    for (unsigned i = 0; i < n_node_registry; i++) {
        const struct node_class *class = node_registry[i];
        struct error error = {0};
        if (!class->n_inputs || class->device != DEVICE_NONE)
            continue;
        struct ctl *ctl = ctl_new(RATE_HZ, NULL);
        if (!ctl || ctl_add_fixtures(ctl, &error))
            return 1;
        if (build(ctl, class, &error))
            measure(ctl, class);
        else
            printf("%s - %s\n", class->name, error.text);
        ctl_free(ctl);
    }
}
