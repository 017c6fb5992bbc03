/* Control never waits for the audio thread: it looks in (ctl_poll), does what can be done, and says how soon it should look
 * again. The only loop that waits for time to pass is run_out, where control itself is the driver. */
#include "graph/ctl.h"

#include <stdlib.h>

#include "graph/batch.h"
#include "graph/compensation.h"
#include "graph/fault.h"
#include "graph/follow.h"
#include "graph/heard.h"
#include "graph/mutant.h"
#include "graph/plan.h"

/* How often control looks for answers of the audio thread, which signals nobody: soon when one is expected, rarely enough
 * to cost nothing when none is. */
#define POLL_BUSY_MS 1
#define POLL_IDLE_MS 20

#define FIXTURE_PARAMS_MAX 16 /* of the classes input and output */

static void engine_free(struct engine_rt *engine)
{
    if (!engine)
        return;
    plan_free(engine->plan);
    free(engine->transport.map);
    ring_deinit(&engine->ctl_to_rt);
    ring_deinit(&engine->rt_to_ctl);
    ring_deinit(&engine->notes);
    ring_deinit(&engine->heard);
    free(engine);
}

static struct engine_rt *engine_new(const struct model *model, double rate_hz)
{
    /* The rings keep each side's index on a cache line of its own, and with them the whole struct. */
    struct engine_rt *engine = aligned_alloc(_Alignof(struct engine_rt), sizeof *engine);
    if (!engine)
        return NULL;
    memset(engine, 0, sizeof *engine);
    engine->clock.now_ns = clock_monotonic_rt;
    engine->transport.follows_bars = true;
    if (!(engine->transport.map = tempo_map_new(&model->tempo, (uint32_t)rate_hz)) ||
        ring_init(&engine->ctl_to_rt, sizeof(struct rt_message), CTL_TO_RT_CAPACITY) ||
        ring_init(&engine->rt_to_ctl, sizeof(struct change *), RT_TO_CTL_CAPACITY) ||
        ring_init(&engine->notes, sizeof(struct watch_note), NOTES_CAPACITY) ||
        ring_init(&engine->heard, sizeof(struct heard), HEARD_CAPACITY) || plan_compile(model, &engine->plan)) {
        engine_free(engine);
        return NULL;
    }
    engine->follow = (struct follow){transport_tempo(&engine->transport), true};
    transport_publish_rt(&engine->transport, 0);
    return engine;
}

struct ctl *ctl_new(double rate_hz, const struct device_service *device)
{
    struct ctl *ctl = calloc(1, sizeof *ctl);
    if (!ctl)
        return NULL;
    ctl->rate_hz = rate_hz;
    ctl->device = device;
    ctl->limits = limits_default();
    ctl->engine = engine_new(&ctl->model, rate_hz);
    ctl->outbox.engine = ctl->engine;
    if (ctl->engine)
        return ctl;
    free(ctl);
    return NULL;
}

static int fixture_add(struct tx *tx, const char *name, const char *type, struct error *error)
{
    const struct node_class *class = node_class_find(type);
    float values[FIXTURE_PARAMS_MAX];
    for (unsigned row = 0; row < class->n_params; row++)
        values[row] = class->params[row].initial;
    struct node_spec spec = {.class = class, .name = name, .values = values};
    if (tx_add_node(tx, &spec, error))
        return (int)error->code;
    model_find(&tx->ctl->model, name)->fixture = true;
    return 0;
}

int ctl_add_fixtures(struct ctl *ctl, struct error *error)
{
    struct tx *tx = tx_open(ctl, 0);
    if (!tx)
        return error_set(error, ERROR_INTERNAL, "memory ran out for the first nodes");
    if (fixture_add(tx, "in", "input", error) || fixture_add(tx, "out", "output", error)) {
        tx_rollback(tx);
        return (int)error->code;
    }
    tx_commit(tx, (struct completion){0});
    ctl->revision = 0; /* an empty session */
    /* Now and not with whatever is asked for first: a plan that finds no memory takes its edits back. */
    ctl_poll(ctl);
    return model_find(&ctl->model, "out") ? 0 : error_set(error, ERROR_INTERNAL, "memory ran out for the first nodes");
}

void ctl_free(struct ctl *ctl)
{
    if (!ctl)
        return;
    ctl->device = NULL; /* went with its driver */
    batch_finish_all(ctl);
    if (ctl->batch)
        batch_cancel(ctl->batch);
    for (struct batch *batch = ctl->under_way, *next; batch; batch = next) {
        next = batch->next;
        batch_cancel(batch);
    }
    /* Nodes and edges are in one list only: retired ones here, all others in the model. */
    retired_objects_free(ctl->retired_objects);
    object_node_free(ctl->leftovers);
    retired_free(ctl->retired_edges, ctl->retired_nodes);
    engine_free(ctl->engine);
    model_deinit(&ctl->model);
    order_deinit(&ctl->order);
    outbox_deinit(&ctl->outbox);
    free(ctl);
}

uint64_t ctl_clock(const struct ctl *ctl)
{
    return atomic_load_explicit(&ctl->engine->stats.clock, memory_order_acquire);
}

uint32_t ctl_frames(const struct ctl *ctl, double seconds)
{
    double frames = seconds * ctl->rate_hz + 0.5;
    return frames < 0 ? 0 : frames > 4e9 ? 4000000000u : (uint32_t)frames;
}

void ctl_reset_stats(struct ctl *ctl)
{
    struct engine_stats *stats = &ctl->engine->stats;
    atomic_fetch_add_explicit(&stats->resets_asked, 1, memory_order_relaxed);
    atomic_store_explicit(&stats->refused, 0, memory_order_relaxed);
    atomic_store_explicit(&stats->xruns, 0, memory_order_relaxed);
    histogram_clear(&ctl->applied);
    ctl->outbox.n_coalesced = 0;
    ctl->n_values = 0;
}

bool ctl_stats_are_current(const struct ctl *ctl)
{
    const struct engine_stats *stats = &ctl->engine->stats;
    return atomic_load_explicit(&stats->resets_done, memory_order_acquire) ==
           atomic_load_explicit(&stats->resets_asked, memory_order_relaxed);
}

static bool is_time_to_sweep(const struct ctl *ctl)
{
    uint64_t now = ctl_clock(ctl);
    for (const struct edge *edge = ctl->fading; edge; edge = edge->fading_next)
        if (!edge->live && edge->silent_at <= now)
            return true;
    return false;
}

int ctl_poll(struct ctl *ctl)
{
    batch_finish_all(ctl);
    leftovers_free_some(ctl);
    compensation_sweep(ctl);
    fault_poll(ctl);
    chase_poll(ctl);
    follow_poll(ctl);
    heard_poll(ctl);
    /* What only cleans up, or makes up for a compile that failed, waits until nothing is under way. An edit, which has
     * opened its batch by itself, does not. */
    if (!ctl->n_sent && (is_time_to_sweep(ctl) || ctl->must_compile || ctl->must_map))
        batch_open(ctl);
    batch_flush(ctl);
    outbox_pump(&ctl->outbox);
    bool is_busy = ctl->under_way || ctl->leftovers || ctl->fading || ctl->moving || outbox_is_busy(&ctl->outbox) ||
                   heard_is_busy(ctl);
    return is_busy ? POLL_BUSY_MS : POLL_IDLE_MS;
}

uint32_t value_glide_frames(const struct ctl *ctl, const struct param_info *info, double glide_s)
{
    if (info->kind != PARAM_CONTINUOUS)
        return 0;
    return ctl_frames(ctl, glide_s < 0 ? (double)info->glide_s : glide_s);
}

int ctl_set_value(struct ctl *ctl, struct node *node, unsigned row, float value, double glide_s, struct error *error)
{
    return ctl_set_base(ctl, node, row, &(struct base){value, 0}, glide_s, error);
}

int ctl_set_base(struct ctl *ctl, struct node *node, unsigned row, const struct base *wanted, double glide_s,
                 struct error *error)
{
    const struct param_info *info = node_class_row(node->class, row);
    struct base before = node_base(node, row), base = *wanted;
    /* It must not overtake what was committed, and who comes first and last has to be known. */
    if ((ctl->batch && ctl->batch->first) || node->n_ahead) {
        struct tx *tx = tx_open(ctl, 0);
        if (!tx)
            return error_set(error, ERROR_INTERNAL, "memory ran out for the value");
        if (tx_set_base(tx, node, row, wanted, glide_s, error)) {
            tx_rollback(tx);
            return (int)error->code;
        }
        tx_commit(tx, (struct completion){0});
        return 0;
    }
    if (follow_now(ctl, info, &base, error))
        return (int)error->code;
    struct value_rt message = {.node = node->object,
                               .row = row,
                               .value = base.value,
                               .glide_frames = value_glide_frames(ctl, info, glide_s),
                               .ticks = note_ticks(base.note),
                               .arrived_ns = ctl->arrived_ns};
    if (outbox_value(&ctl->outbox, node, &message))
        return error_set(error, ERROR_INTERNAL, "memory ran out for the value");
    ctl->n_values++;
    if (ctl->edits)
        ctl->edits->valued(ctl->edits->self, node, row, &before, &base);
    node_set_base(&ctl->model, node, row, &base);
    return 0;
}

/* Frames until the last of the fades whose ends are known has ended, and up to a multiple of BLOCK_MAX of engine time: a render
 * that begins there is divided into whole blocks. 1 at least. */
static unsigned longest_fade(const struct ctl *ctl)
{
    uint64_t now = ctl_clock(ctl), rests_at = compensation_rests_at(ctl), last = rests_at > now ? rests_at : now + 1;
    for (const struct edge *edge = ctl->fading; edge; edge = edge->fading_next)
        if (edge->silent_at != UINT64_MAX && edge->silent_at > last)
            last = edge->silent_at;
    last += BLOCK_MAX - 1 - (last + BLOCK_MAX - 1) % BLOCK_MAX;
    return last - now < UINT32_MAX ? (unsigned)(last - now) : UINT32_MAX;
}

/* With no driver running, control is the driver: time passes, faster than by the clock, until nothing fades or is under
 * way; the transport stands meanwhile. Glides need no time: objects that are made anew begin at their ends. False when
 * there is a driver after all. */
static bool run_out(struct ctl *ctl)
{
    do {
        ctl_poll(ctl);
        if (!engine_pass_rt(ctl->engine, longest_fade(ctl)))
            return false;
        batch_finish_all(ctl);
    } while (ctl->fading || ctl->moving || (ctl->batch && ctl->batch->first) || outbox_is_busy(&ctl->outbox));
    return true;
}

struct object_spec ctl_object_spec(struct ctl *ctl, const struct node *node)
{
    return (struct object_spec){.rate_hz = ctl->rate_hz,
                                .n_voices = node_voices(node),
                                .channels = node->channels,
                                .values = node->values,
                                .notes = node->notes,
                                .media = node->object ? node->object->media : NULL,
                                .texts = node->texts,
                                .disk = ctl->disk,
                                .bypassed = node->values[node->class->n_params] != 0,
                                .loudness = ctl->loudness,
                                .streams = ctl->streams,
                                .stock = &ctl->stock};
}

/* New ones for all nodes, those that are leaving too, with the media of the old ones, which hold them until the end. */
static int objects_make(struct ctl *ctl, struct node_rt **objects, double rate_hz, struct error *error)
{
    size_t i = 0;
    double node_hz = MUTANT_FLAW("oldrate") ? ctl->rate_hz : rate_hz;
    for (const struct node *node = ctl->model.first; node; node = node->next, i++) {
        struct object_spec spec = ctl_object_spec(ctl, node);
        spec.rate_hz = node_hz;
        spec.again = true;
        if (object_node_new(node->class, &spec, &objects[i], error))
            return (int)error->code;
    }
    return 0;
}

/* Exchanges the objects of all nodes, in the order of the list. */
static void objects_swap(struct ctl *ctl, struct node_rt **objects)
{
    size_t i = 0;
    for (struct node *node = ctl->model.first; node; node = node->next, i++) {
        struct node_rt *object = node->object;
        ctl->model.n_bytes -= node_bytes(node);
        node->object = objects[i];
        objects[i] = object;
        ctl->model.n_bytes += node_bytes(node);
        node_set_latency(&ctl->model, node);
    }
}

/* What is in them was computed at another rate. */
static void lines_clear(const struct model *model)
{
    for (const struct node *node = model->first; node; node = node->next)
        for (const struct edge *edge = node->out_first; edge; edge = edge->out_next)
            object_edge_clear(edge->object);
}

int ctl_set_rate(struct ctl *ctl, double rate_hz, struct error *error)
{
    if (!run_out(ctl))
        return error_set(error, ERROR_BUSY, "the rate cannot change while the engine runs");
    size_t n = ctl->model.n_linked;
    struct node_rt **objects = calloc(n + 1, sizeof *objects);
    struct plan *plan = NULL;
    struct tempo_map *map = transport_map_new(ctl, (uint32_t)rate_hz);
    int code =
        objects && map ? objects_make(ctl, objects, rate_hz, error) : error_set(error, ERROR_INTERNAL, "memory ran out");
    if (!code) {
        objects_swap(ctl, objects);
        uint64_t number = ++ctl->n_batches;
        if (compensation_prepare_anew(ctl, number) || plan_compile(&ctl->model, &plan)) {
            compensation_unprepare(ctl, number);
            objects_swap(ctl, objects);
            code = error_set(error, ERROR_INTERNAL, "memory ran out for the plan at %g Hz", rate_hz);
        }
    }
    if (!code) {
        plan_free(ctl->engine->plan);
        compensation_free_all(compensation_take_dropped(ctl));
        ctl->engine->plan = plan;
        ctl->rate_hz = rate_hz;
        lines_clear(&ctl->model);
        map = transport_change_rate(ctl->engine, map);
        ctl->engine->follow = (struct follow){transport_tempo(&ctl->engine->transport), true};
        frame_clock_forget(&ctl->engine->frame_clock);
        if (ctl->must_publish) /* a latency may be another number of frames now */
            device_publish(ctl);
        ctl->must_publish = false;
    }
    free(map);
    for (size_t i = 0; objects && i < n; i++)
        object_node_free(objects[i]);
    free(objects);
    return code;
}
