/* Passes over the nodes find how late they are (graph/latency.c), one over the edges the delays. A graph in which no node is late
 * pays nothing for either. */
#include "graph/compensation.h"

#include <stdlib.h>

#include "graph/batch.h"
#include "graph/latency.h"

#define CROSSFADE_S  0.01
#define REST_UNKNOWN UINT64_MAX

/* What is the same for all edges of one pass. */
struct pass {
    struct ctl *ctl;
    uint64_t number;      /* of the batch */
    uint32_t fade_frames; /* of taps; 0: the edit cuts */
    bool is_anew;         /* nothing has sounded yet */
    bool aligns;          /* the batch brings a delay, or a node that is late */
    bool moves;           /* a tap that is heard gives way to another */
};

/* ---- one tap, one edge ---------------------------------------------------------------------------------------------- */

static void tap_free(struct compensation_tap *tap)
{
    arena_deinit(&tap->arena);
    free(tap);
}

static struct compensation_tap *tap_new(unsigned n_channels, uint32_t delay_frames)
{
    struct compensation_tap *tap = calloc(1, sizeof *tap);
    if (!tap)
        return NULL;
    if (delay_ring_init(&tap->ring, &tap->arena, n_channels, delay_frames)) {
        tap_free(tap);
        return NULL;
    }
    return tap;
}

static void taps_free(struct compensation_tap *newest)
{
    for (struct compensation_tap *tap = newest, *before; tap; tap = before) {
        before = tap->before;
        tap_free(tap);
    }
}

void compensation_free(struct compensation *compensation)
{
    for (struct compensation *twin; compensation; compensation = twin) {
        twin = compensation->twin;
        taps_free(compensation->newest);
        arena_deinit(&compensation->arena);
        free(compensation);
    }
}

void compensation_free_all(struct compensation *first)
{
    for (struct compensation *next; first; first = next) {
        next = first->next;
        compensation_free(first);
    }
}

static void tap_add(struct compensation *compensation, struct compensation_tap *tap)
{
    tap->before = compensation->newest;
    compensation->newest = tap;
    compensation->n_taps++;
}

/* Of an edge that is heard without delay until now; or, with `is_new`, not yet. */
static struct compensation *one_new(struct edge *edge, uint64_t number, bool is_new)
{
    struct compensation *compensation = calloc(1, sizeof *compensation);
    struct compensation_tap *direct = is_new ? NULL : tap_new(edge->n_from, 0);
    bool has_memory = compensation && (is_new || direct);
    for (unsigned c = 0; has_memory && c < edge->n_from; c++)
        has_memory = (compensation->out[c] = arena_take(&compensation->arena, BLOCK_MAX * sizeof(float))) != NULL;
    if (!has_memory) {
        compensation_free(compensation);
        free(direct);
        return NULL;
    }
    compensation->n_channels = edge->n_from;
    compensation->edge = edge;
    if (direct) {
        glide_jump(&direct->weight, 1);
        direct->made_in = number;
        tap_add(compensation, direct);
        compensation->heard[compensation->n_heard++] = direct;
    }
    return compensation;
}

/* What leads into a container is delayed once for all voices. */
static struct compensation *compensation_new(struct edge *edge, uint64_t number, bool is_new)
{
    unsigned n_voices = edge->from->container ? edge_voices(edge) : 1;
    struct compensation *first = NULL, **end = &first;
    for (unsigned v = 0; v < n_voices; v++, end = &(*end)->twin)
        if (!(*end = one_new(edge, number, is_new))) {
            compensation_free(first);
            return NULL;
        }
    return first;
}

/* ---- the list of those that move ------------------------------------------------------------------------------------ */

static void move_begin(struct ctl *ctl, struct compensation *compensation)
{
    if (compensation->is_moving)
        return;
    compensation->is_moving = true;
    compensation->next = ctl->moving;
    ctl->moving = compensation;
}

static void move_end(struct ctl *ctl, struct compensation *compensation)
{
    struct compensation **link = &ctl->moving;
    while (*link != compensation)
        link = &(*link)->next;
    *link = compensation->next;
    compensation->is_moving = false;
}

void compensation_forget(struct ctl *ctl, struct edge *edge)
{
    if (!edge->compensation)
        return;
    if (edge->compensation->is_moving)
        move_end(ctl, edge->compensation);
    ctl->n_compensations--;
}

/* ---- before the compile --------------------------------------------------------------------------------------------- */

static uint32_t present_delay(const struct edge *edge)
{
    return edge->compensation ? edge->compensation->newest->ring.delay_frames : 0;
}

static bool is_new(const struct pass *pass, const struct edge *edge)
{
    return pass->is_anew || edge->admitted_in == pass->number;
}

/* What is made goes back with unprepare. */
static int taps_add(const struct pass *pass, struct edge *edge, uint32_t delay_frames)
{
    for (struct compensation *compensation = edge->compensation; compensation; compensation = compensation->twin) {
        struct compensation_tap *tap = tap_new(edge->n_from, delay_frames);
        if (!tap)
            return ERROR_INTERNAL;
        tap->made_in = pass->number;
        tap->fade_frames = pass->fade_frames;
        tap->wait_frames = pass->fade_frames ? edge->to->arrival_frames : 0;
        tap->rests_at = pass->is_anew ? 0 : REST_UNKNOWN;
        tap_add(compensation, tap);
    }
    return 0;
}

static int delay_change(struct pass *pass, struct edge *edge, uint32_t delay_frames)
{
    if (!edge->compensation) {
        if (!(edge->compensation = compensation_new(edge, pass->number, is_new(pass, edge))))
            return ERROR_INTERNAL;
        pass->ctl->n_compensations++;
    }
    if (taps_add(pass, edge, delay_frames))
        return ERROR_INTERNAL;
    move_begin(pass->ctl, edge->compensation);
    pass->aligns = true;
    pass->moves |= !is_new(pass, edge) && pass->fade_frames;
    return 0;
}

/* The next plan goes without it. */
static void drop(struct ctl *ctl, struct edge *edge)
{
    struct compensation *compensation = edge->compensation;
    compensation_forget(ctl, edge);
    edge->compensation = NULL;
    compensation->next = ctl->dropped;
    ctl->dropped = compensation;
}

static int edge_pass(struct pass *pass, struct edge *edge)
{
    uint32_t wanted = latency_delay(edge);
    pass->aligns |= is_new(pass, edge) && edge->from->latency_frames;
    if (wanted != present_delay(edge))
        return delay_change(pass, edge, wanted);
    if (!wanted && edge->compensation && !edge->compensation->is_moving)
        drop(pass->ctl, edge);
    return 0;
}

/* What the batch fades begins when the sound has come as far as it was when the taps began to move. */
static void wait_set(const struct pass *pass, struct edge *edge)
{
    bool is_meant = edge->touched_in == pass->number || edge->admitted_in == pass->number;
    if (!edge->planned || !is_meant)
        return;
    if (pass->aligns && edge->fade_frames)
        edge->wait_frames += edge->to->arrival_frames + (pass->moves ? pass->fade_frames : 0);
    if (edge->fading_since == pass->number)
        edge->fading_wait_frames = edge->wait_frames;
}

static int pass_run(struct pass *pass)
{
    struct ctl *ctl = pass->ctl;
    struct model *model = &ctl->model;
    bool was_late = ctl->was_late;
    ctl->was_late = model->n_latent || ctl->n_compensations;
    if (!ctl->was_late && !was_late)
        return 0;
    ctl->must_publish |= latency_find(model);
    for (struct node *node = model->first; node; node = node->next)
        for (struct edge *edge = node->out_first; edge; edge = edge->out_next)
            if (edge->planned && !edge_carries_events(edge) && edge_pass(pass, edge))
                return ERROR_INTERNAL;
    for (struct node *node = model->first; node; node = node->next)
        for (struct edge *edge = node->out_first; edge; edge = edge->out_next)
            wait_set(pass, edge);
    return 0;
}

/* Whether all that edits the graph in it is to be cut hard. What merely cleans up is not. */
static bool cuts(const struct batch *batch)
{
    bool any = false;
    for (const struct tx *tx = batch->first; tx; tx = tx->next)
        if (tx->n_ops > tx->n_values) {
            any = true;
            if (tx->fade_frames)
                return false;
        }
    return any;
}

int compensation_prepare(struct ctl *ctl, const struct batch *batch)
{
    struct pass pass = {.ctl = ctl, .number = batch->number};
    pass.fade_frames = cuts(batch) ? 0 : ctl_frames(ctl, CROSSFADE_S);
    return pass_run(&pass);
}

int compensation_prepare_anew(struct ctl *ctl, uint64_t number)
{
    for (struct node *node = ctl->model.first; node; node = node->next)
        for (struct edge *edge = node->out_first; edge; edge = edge->out_next)
            if (edge->compensation)
                drop(ctl, edge);
    struct pass pass = {.ctl = ctl, .number = number, .is_anew = true};
    return pass_run(&pass);
}

static void edge_unprepare(struct ctl *ctl, struct edge *edge, uint64_t number)
{
    struct compensation *first = edge->compensation;
    for (struct compensation *twin = first; twin; twin = twin->twin)
        while (twin->newest && twin->newest->made_in == number) {
            struct compensation_tap *tap = twin->newest;
            twin->newest = tap->before;
            twin->n_taps--;
            tap_free(tap);
        }
    if (first->newest)
        return;
    compensation_forget(ctl, edge);
    edge->compensation = NULL;
    compensation_free(first);
}

void compensation_unprepare(struct ctl *ctl, uint64_t number)
{
    for (struct node *node = ctl->model.first; node; node = node->next)
        for (struct edge *edge = node->out_first; edge; edge = edge->out_next)
            if (edge->compensation)
                edge_unprepare(ctl, edge, number);
    for (struct compensation *dropped = compensation_take_dropped(ctl), *next; dropped; dropped = next) {
        next = dropped->next;
        dropped->edge->compensation = dropped;
        ctl->n_compensations++;
    }
}

struct compensation *compensation_take_dropped(struct ctl *ctl)
{
    struct compensation *first = ctl->dropped;
    ctl->dropped = NULL;
    return first;
}

/* ---- while they move ------------------------------------------------------------------------------------------------ */

void compensation_returned(struct ctl *ctl, uint64_t number, uint64_t frame)
{
    for (struct compensation *compensation = ctl->moving; compensation; compensation = compensation->next)
        for (struct compensation_tap *tap = compensation->newest; tap; tap = tap->before)
            if (tap->made_in == number)
                tap->rests_at = frame + tap->wait_frames + tap->fade_frames;
}

void compensation_sweep(struct ctl *ctl)
{
    uint64_t now = ctl_clock(ctl);
    for (struct compensation *compensation = ctl->moving, *next; compensation; compensation = next) {
        next = compensation->next;
        struct compensation_tap *newest = compensation->newest;
        if (newest->rests_at > now)
            continue;
        for (struct compensation *twin = compensation; twin; twin = twin->twin) {
            taps_free(twin->newest->before);
            twin->newest->before = NULL;
            twin->n_taps = 1;
        }
        move_end(ctl, compensation);
        ctl->must_compile |= !newest->ring.delay_frames;
    }
}

bool compensation_is_full(const struct ctl *ctl)
{
    for (const struct compensation *compensation = ctl->moving; compensation; compensation = compensation->next)
        if (compensation->n_taps >= COMPENSATION_TAPS_MAX)
            return true;
    return false;
}

uint64_t compensation_rests_at(const struct ctl *ctl)
{
    uint64_t last = 0;
    for (const struct compensation *compensation = ctl->moving; compensation; compensation = compensation->next)
        if (compensation->newest->rests_at != REST_UNKNOWN && compensation->newest->rests_at > last)
            last = compensation->newest->rests_at;
    return last;
}
