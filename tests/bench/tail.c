/* What a node costs while its tail dies away, beside what it costs while it works.
 *
 *     tail       one line per class that takes sound: name, us per block of 256 at work, us in the tail
 *
 * Eight nodes of the class are fed noise for ten seconds, then an impulse, then a minute of silence. A second costs what a
 * quarter of its blocks stay below, and either stretch what nine in ten of its seconds do: what else the machine does falls
 * out, while denormals would slow all blocks of all seconds from some moment on.
 */
#include "tests/bench/class_graph.h"

#define RATE_HZ 48000
#define BLOCK   256
#define SECOND  (RATE_HZ / BLOCK) /* in blocks */
#define AT_WORK 10                /* seconds */
#define TAIL    60

static double second_us(struct offline *offline, float *port, bool noise)
{
    static double took[SECOND];
    for (unsigned b = 0; b < SECOND; b++) {
        class_graph_sound(port, BLOCK, noise);
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
    float *port = class_graph_port(ctl, &offline, BLOCK);
    double active = seconds_us(&offline, port, true, AT_WORK);
    memset(port, 0, BLOCK * sizeof *port);
    port[0] = 1.0f;
    offline_cycle(&offline, BLOCK);
    double tail = seconds_us(&offline, port, false, TAIL);
    printf("%s %.3f %.3f\n", class->name, active / CLASS_NODES, tail / CLASS_NODES);
    fflush(stdout);
    offline_deinit(&offline);
}

int main(void)
{
    for (unsigned i = 0; i < n_node_registry; i++) {
        struct error error = {0};
        if (!class_takes_sound(node_registry[i]))
            continue;
        struct ctl *ctl = class_graph_new(node_registry[i], RATE_HZ, -1, &error);
        if (ctl)
            measure(ctl, node_registry[i]);
        else
            printf("%s - %s\n", node_registry[i]->name, error.text);
        if (ctl)
            ctl_free(ctl);
    }
}
