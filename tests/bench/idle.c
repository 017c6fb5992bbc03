/* What a graph of 10,000 nodes costs that nobody plays, beside what it costs at work.
 *
 *     idle       us per block of 256 at work, us per block asleep, nodes that are visited asleep
 *
 * A hundred chains of a hundred nodes, gains and filters by turns, behind one input. Of many blocks the lower quartile counts: what
 * else the machine does falls out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "graph/offline.h"
#include "graph/sleep_rt.h"
#include "graph/tx.h"

#define RATE_HZ 48000
#define BLOCK   256
#define CHAINS  100
#define LENGTH  100
#define BLOCKS  400

static void die(const char *what)
{
    fprintf(stderr, "idle: %s\n", what);
    exit(1);
}

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

static void build(struct ctl *ctl)
{
    struct error error = {0};
    struct tx *tx = tx_open(ctl, 0);
    float values[64];
    char name[32], before[32];
    for (unsigned i = 0; i < CHAINS * LENGTH; i++) {
        const struct node_class *class = node_class_find(i % 2 ? "filter" : "gain");
        for (unsigned p = 0; p < class->n_params; p++)
            values[p] = class->params[p].initial;
        snprintf(before, sizeof before, i % LENGTH ? "n%u" : "in", i - 1);
        snprintf(name, sizeof name, "n%u", i);
        if (tx_add_node(tx, &(struct node_spec){.class = class, .name = name, .values = values}, &error) ||
            tx_connect(tx, &(struct edge_spec){.from = before, .to = name}, &error))
            die(error.text);
    }
    tx_commit(tx, (struct completion){0});
    ctl_poll(ctl);
}

static double block_us(struct offline *offline, float *port, float level)
{
    static double took[BLOCKS];
    for (unsigned b = 0; b < BLOCKS; b++) {
        for (unsigned i = 0; i < BLOCK; i++)
            port[i] = i % 2 ? level : -level;
        double began = now_us();
        offline_cycle(offline, BLOCK);
        took[b] = now_us() - began;
    }
    qsort(took, BLOCKS, sizeof *took, compare);
    return took[BLOCKS / 4];
}

int main(void)
{
    static struct offline offline;
    struct error error = {0};
    struct ctl *ctl = ctl_new(RATE_HZ, NULL);
    if (!ctl || ctl_add_fixtures(ctl, &error))
        die("no engine");
    build(ctl);
    struct node *in = model_find(&ctl->model, "in");
    if (offline_init(&offline, ctl, in->device_first + in->channels, BLOCK))
        die("memory ran out");
    float *port = offline.ports[in->device_first];
    double at_work = block_us(&offline, port, 0.25f);
    block_us(&offline, port, 0); /* until all sleep: two seconds */
    double asleep = block_us(&offline, port, 0);
    const struct plan *plan = ctl->engine->plan;
    unsigned n_due = 0;
    for (unsigned i = sleep_next_rt(plan, 0); i < plan->n_steps; i = sleep_next_rt(plan, i + 1))
        n_due++;
    printf("%.2f %.2f %u\n", at_work, asleep, n_due);
    offline_deinit(&offline);
    ctl_free(ctl);
}
