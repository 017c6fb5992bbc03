/* What one node of each class costs.
 *
 *     effects    one line per class that takes sound and gives some: name, ns per block of 256 as it is added, ns with its
 *                parameters set, ns asleep; or a name, a dash and why it was not measured
 *
 * Eight nodes of the class hear noise, one by one; what the engine takes without them is taken off. Set means that what glides
 * is at seven tenths of its range: as added, much is flat or off. Of many blocks the lower quartile counts: what else the
 * machine does falls out.
 */
#include "graph/sleep_rt.h"
#include "tests/bench/class_graph.h"

#define RATE_HZ 48000
#define BLOCK   256
#define BLOCKS  400
#define SETTLED 200   /* blocks that are not counted: caches, glides and tables */
#define WAIT    30000 /* blocks until it sleeps, at most: 160 s */
#define SET     0.7f

static double blocks_ns(struct offline *offline, float *port, bool noise)
{
    static double took[BLOCKS];
    for (unsigned b = 0; b < SETTLED + BLOCKS; b++) {
        class_graph_sound(port, BLOCK, noise);
        double began = now_us();
        offline_cycle(offline, BLOCK);
        took[b < SETTLED ? 0 : b - SETTLED] = now_us() - began;
    }
    qsort(took, BLOCKS, sizeof *took, compare);
    return 1e3 * took[BLOCKS / 4];
}

static unsigned n_due(const struct ctl *ctl)
{
    const struct plan *plan = ctl->engine->plan;
    unsigned n = 0;
    for (unsigned i = sleep_next_rt(plan, 0); i < plan->n_steps; i = sleep_next_rt(plan, i + 1))
        n++;
    return n;
}

/* ns of all nodes, and asleep, where it is asked for; negative if they never sleep. */
static double measure(const struct node_class *class, float part, double *asleep, struct error *error)
{
    static struct offline offline;
    struct ctl *ctl = class_graph_new(class, RATE_HZ, part, error);
    if (!ctl)
        return -1;
    float *port = class_graph_port(ctl, &offline, BLOCK);
    double awake = blocks_ns(&offline, port, true);
    if (asleep) {
        class_graph_sound(port, BLOCK, false);
        for (unsigned b = 0; b < WAIT && n_due(ctl) > CLASS_NODES / 2; b++)
            offline_cycle(&offline, BLOCK);
        *asleep = n_due(ctl) > CLASS_NODES / 2 ? -1 : blocks_ns(&offline, port, false);
    }
    offline_deinit(&offline);
    ctl_free(ctl);
    return awake;
}

int main(void)
{
    struct error error = {0};
    double base_asleep, base = measure(NULL, -1, &base_asleep, &error);
    for (unsigned i = 0; i < n_node_registry; i++) {
        const struct node_class *class = node_registry[i];
        double asleep = -1, added;
        if (!class_takes_sound(class) || !class->n_outputs)
            continue;
        added = measure(class, -1, class->sleeps.can ? &asleep : NULL, &error);
        if (added < 0) {
            printf("%s - %s\n", class->name, error.text);
            continue;
        }
        double set = measure(class, SET, NULL, &error);
        printf("%s %.0f %.0f %.1f\n", class->name, (added - base) / CLASS_NODES, (set - base) / CLASS_NODES,
               asleep < 0 ? -1 : fmax(asleep - base_asleep, 0) / CLASS_NODES);
        fflush(stdout);
    }
}
