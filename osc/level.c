/* Looking is what starts the measuring, so the first look has nothing to show yet: its answer waits until 50 ms are measured. */
#include "osc/level.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/server.h"
#include "osc/wait.h"

static const char *const kinds[N_METER_KINDS] = {[METER_PEAK] = "peak", [METER_RMS] = "rms"};

static const struct port_info *ports_of(const struct node_class *class, unsigned *n)
{
    *n = class->n_outputs ? class->n_outputs : class->n_inputs;
    return class->n_outputs ? class->outputs : class->inputs;
}

bool level_find(const struct node *node, const char *path, struct level *level)
{
    unsigned n_ports;
    const struct port_info *ports = ports_of(node->class, &n_ports);
    const char *slash = strchr(path, '/');
    *level = (struct level){.kind = METER_PEAK};
    while (slash && level->kind < N_METER_KINDS && strcmp(slash + 1, kinds[level->kind]) != 0)
        level->kind++;
    if (!slash || level->kind == N_METER_KINDS)
        return false;
    size_t n = (size_t)(slash - path);
    for (unsigned i = 0; i < n_ports; i++) {
        level->n_channels = node->class->n_outputs ? node_output_channels(node, i) : node_input_channels(node, i);
        if (level->n_channels && strlen(ports[i].name) == n && strncmp(ports[i].name, path, n) == 0)
            return true;
        level->first += level->n_channels;
    }
    return false;
}

const char *level_address(const struct node_class *class, unsigned n, char *path, size_t n_path)
{
    unsigned n_ports;
    const struct port_info *ports = ports_of(class, &n_ports);
    for (unsigned i = 0; i < n_ports; i++) {
        if (ports[i].events)
            continue;
        if (n < N_METER_KINDS) {
            snprintf(path, n_path, "%s/%s", ports[i].name, kinds[n]);
            return path;
        }
        n -= N_METER_KINDS;
    }
    return NULL;
}

bool level_takes(const struct node_class *class, const char *path)
{
    char taken[NAME_PART_BYTES + 8];
    for (unsigned i = 0; level_address(class, i, taken, sizeof taken); i++)
        if (strcmp(taken, path) == 0)
            return true;
    return false;
}

/* ---- reading -------------------------------------------------------------------------------------------------------- */

/* Without an object nothing sounds. */
static void levels_write(struct writer *results, const struct node_rt *object, const struct level *level, bool is_silent)
{
    for (unsigned c = 0; c < level->n_channels; c++)
        writer_float(results, is_silent ? -200.0f : meter_db(object, level->first + c, level->kind));
}

static void answer(const struct request *request, const struct node_rt *object, const struct level *level, bool is_silent)
{
    struct writer results;
    if (request->has_id) {
        request_results(request, &results);
        levels_write(&results, object, level, is_silent);
        request_done(request, &results);
    } else {
        writer_init(&results);
        levels_write(&results, object, level, is_silent);
        request_send(request, request->address, &results);
    }
}

/* Who waits for what. */
struct look {
    uint64_t sequence; /* of the node */
    struct level level;
};

/* One that was put in its place has its number too, while the old one fades. */
static struct node *node_of(const struct server *server, uint64_t sequence)
{
    struct node *node = server->ctl->model.first;
    while (node && !(node->sequence == sequence && node->live))
        node = node->next;
    return node;
}

/* A slot, and the cycle that runs already. */
static uint64_t frame_of_answer(const struct ctl *ctl, const struct node_rt *object)
{
    uint32_t period = atomic_load_explicit(&ctl->engine->stats.period_frames, memory_order_relaxed);
    return ctl_clock(ctl) + object->meter->slot_frames + period;
}

static uint64_t look_again(struct wait *wait)
{
    const struct ctl *ctl = wait->head->server->ctl;
    const struct look *look = wait->user;
    struct error error = {0};
    uint64_t now = ctl_clock(ctl);
    const struct node *node = node_of(wait->head->server, look->sequence);
    if (!node) {
        error_set(&error, ERROR_NO_SUCH_NODE, "the node was removed while its level was measured");
        request_fail(wait->head, &error);
        return 0;
    }
    /* Made anew meanwhile, for another rate. */
    if (atomic_load_explicit(&node->object->watched_until, memory_order_relaxed) <= now) {
        meter_watch(node->object, now, ctl->rate_hz);
        return frame_of_answer(ctl, node->object);
    }
    bool is_current = meter_is_current(node->object, now);
    if (!is_current && meter_is_running(node->object, now))
        return now + 1;
    /* Where no node runs, nothing sounds. */
    answer(wait->head, node->object, &look->level, !is_current);
    return 0;
}

int level_read(const struct request *request, struct node *node, const struct level *level, struct error *error)
{
    const struct ctl *ctl = request->server->ctl;
    uint64_t now = ctl_clock(ctl);
    bool is_current = meter_is_current(node->object, now);
    meter_watch(node->object, now, ctl->rate_hz);
    if (is_current) {
        answer(request, node->object, level, false);
        return 0;
    }
    struct look *look = malloc(sizeof *look);
    if (!look)
        return error_set(error, ERROR_INTERNAL, "memory ran out for the level");
    *look = (struct look){node->sequence, *level};
    return wait_for(request, frame_of_answer(ctl, node->object), look_again, look, error);
}
