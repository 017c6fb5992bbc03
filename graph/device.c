/* Device port numbers belong to nodes; names follow from node names. The whole wish is said each time anew: the driver finds
 * the difference, and a server that comes later needs no history. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/batch.h"
#include "graph/cable.h"
#include "graph/latency.h"

void device_release(struct model *model, const struct node *node)
{
    for (unsigned i = 0; node->class->device && i < node->channels; i++)
        model->device_used[node->device_first + i] = false;
}

/* A node that is on its way out keeps its ports while its sound fades, unless its name was given to another meanwhile. */
static bool wants_ports(const struct model *model, const struct node *node)
{
    return node->class->device && (node->live || !model_find(model, node->name));
}

/* As long as it has its ports it is connected: its fade is heard outside too, and so are the ends of its notes. */
static unsigned cables_of(const struct model *model, const struct node *node)
{
    return wants_ports(model, node) && node->cables ? node->cables->n : 0;
}

static unsigned n_cables(const struct model *model)
{
    unsigned n = 0;
    for (const struct node *node = model->first; node; node = node->next)
        n += cables_of(model, node);
    return n;
}

/* Where memory runs out the driver keeps the wishes that it has. */
static void cables_publish(const struct ctl *ctl)
{
    struct device_cable *cables = calloc(n_cables(&ctl->model) + 1, sizeof *cables);
    unsigned n = 0;
    for (const struct node *node = ctl->model.first; cables && node; node = node->next)
        for (unsigned i = 0; i < cables_of(&ctl->model, node); i++) {
            const struct cable *cable = &node->cables->cables[i];
            cables[n].index = node->device_first + cable->channel;
            cables[n].is_cut = cable->is_cut;
            memcpy(cables[n++].other, cable->other, sizeof cable->other);
        }
    if (cables)
        ctl->device->want_cables(ctl->device->self, cables, n);
    free(cables);
}

uint64_t device_publish(const struct ctl *ctl)
{
    if (!ctl->device)
        return 0;
    unsigned n_ports = 0, n = 0;
    for (const struct node *node = ctl->model.first; node; node = node->next)
        n_ports += wants_ports(&ctl->model, node) ? node->channels : 0;
    struct device_port *ports = malloc((n_ports + 1) * sizeof *ports);
    if (!ports)
        return 0;
    for (const struct node *node = ctl->model.first; node; node = node->next)
        for (unsigned i = 0; wants_ports(&ctl->model, node) && i < node->channels; i++, n++) {
            ports[n] = (struct device_port){.index = node->device_first + i,
                                            .kind = node_device_is_midi(node->class->device) ? DEVICE_MIDI : DEVICE_SOUND,
                                            .is_input = !node_device_gives(node->class->device),
                                            .owner = node->sequence,
                                            .latency = latency_of_ports(node)};
            snprintf(ports[n].name, sizeof ports[n].name, "%s_%u", node->name, i + 1);
        }
    if (ctl->device->want_cables)
        cables_publish(ctl);
    uint64_t wish = ctl->device->want(ctl->device->self, ports, n);
    free(ports);
    return wish;
}
