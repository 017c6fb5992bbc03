/* Control looks often enough; each look costs as much as is due. What is sent on is run as any other bundle: what the graph has
 * become since it arrived decides whether it can be done. */
#include "osc/schedule.h"

#include <stdlib.h>
#include <string.h>

#include "graph/ahead.h"
#include "graph/mutant.h"
#include "osc/dispatch.h"
#include "osc/server.h"
#include "osc/transaction.h"

#define SEND_MOST 256 /* bundles in one turn of control */

void schedule_init(struct schedule *schedule, struct server *server)
{
    schedule->wall = (struct wall_clock){.day = {wall_clock_realtime, NULL}, .steady = server->ctl->engine->clock};
    wall_clock_look(&schedule->wall);
}

int64_t schedule_grace_frames(const struct server *server)
{
    uint32_t period = atomic_load_explicit(&server->ctl->engine->stats.period_frames, memory_order_relaxed);
    return period ? period : (int64_t)(server->ctl->rate_hz * 0.005); /* as the clock that runs without a server ticks */
}

/* ---- the end of one that waits --------------------------------------------------------------------------------------- */

static void scheduled_free(struct scheduled *scheduled)
{
    wanted_deinit(&scheduled->request.wanted);
    free(scheduled);
}

/* Answered, or about to be run: it waits no more. */
static void count_out(struct schedule *schedule, const struct scheduled *scheduled)
{
    schedule->n--;
    schedule->n_bytes -= scheduled->request.n_packet;
}

static void fail(struct scheduled *scheduled, const struct error *error)
{
    count_out(&scheduled->request.server->schedule, scheduled);
    request_fail(&scheduled->request, error);
    if (scheduled->request.wanted.n_loading)
        scheduled->is_gone = true;
    else
        scheduled_free(scheduled);
}

static void on_loaded(struct request *request)
{
    struct scheduled *scheduled = (struct scheduled *)request;
    if (scheduled->is_gone)
        scheduled_free(scheduled);
}

static void run(struct scheduled *scheduled)
{
    struct request *request = &scheduled->request;
    count_out(&request->server->schedule, scheduled);
    request->at_frame = scheduled->frame > 0 ? (uint64_t)scheduled->frame : 1;
    request->due_frame = scheduled->frame;
    if (dispatch_run(request) == CALL_LOADING) {
        struct error error = {0};
        error_set(&error, ERROR_LATE, "it needs a file that could not be known of when it arrived, and its time has come");
        request_fail(request, &error);
    }
    scheduled_free(scheduled);
}

static void send_on(struct scheduled *scheduled)
{
    struct schedule *schedule = &scheduled->request.server->schedule;
    if (!scheduled->request.wanted.n_loading) {
        run(scheduled);
        return;
    }
    scheduled->next = schedule->held;
    schedule->held = scheduled;
}

static void held_poll(struct server *server, int64_t now)
{
    for (struct scheduled **link = &server->schedule.held, *scheduled; (scheduled = *link);) {
        struct error error = {0};
        bool is_late = scheduled->frame < now;
        if (scheduled->request.wanted.n_loading && !is_late) {
            link = &scheduled->next;
            continue;
        }
        *link = scheduled->next;
        if (!scheduled->request.wanted.n_loading) {
            run(scheduled);
            continue;
        }
        error_set(&error, ERROR_LATE, "its files were not loaded when its time came");
        fail(scheduled, &error);
    }
}

/* ---- places in the piece --------------------------------------------------------------------------------------------- */

/* The map that the transport goes by; what waits is sorted by it. */
static struct transport_now transport_now(struct server *server)
{
    struct schedule *schedule = &server->schedule;
    struct schedule_queue *queue = &schedule->queues[WHEN_PLACE];
    struct transport_now now = transport_look(&server->ctl->engine->transport.view);
    if (schedule->map_edition == now.map->edition)
        return now;
    schedule->map_edition = now.map->edition;
    for (size_t i = 0; i < queue->n; i++)
        queue->items[i]->key = when_tick_q20(&queue->items[i]->when, now.map);
    schedule_queue_sort(queue);
    return now;
}

static int64_t frame_of_key(const struct tempo_map *map, int64_t key)
{
    return tempo_frame_of_place(map, &(struct tempo_place){1, key});
}

/* When the transport comes to its place, or did so since it was last moved; -1: not as things stand. What was behind it when it
 * arrived waits until the transport has been moved. */
static int64_t place_frame(const struct transport_now *now, struct scheduled *scheduled)
{
    if (!now->is_rolling || scheduled->behind == now->n_moves + 1)
        return -1;
    int64_t position = frame_of_key(now->map, scheduled->key);
    int64_t frame = (int64_t)now->frame + position - now->position;
    if (position < now->since || frame < (int64_t)scheduled->arrived_at) {
        scheduled->behind = now->n_moves + 1;
        return -1;
    }
    return frame;
}

/* The first whose frame is known and not beyond `until`; the number of items where there is none. */
static size_t place_first(struct server *server, int64_t until, int64_t *frame)
{
    const struct schedule_queue *queue = &server->schedule.queues[WHEN_PLACE];
    if (!queue->n)
        return 0;
    struct transport_now now = transport_now(server);
    uint64_t known = ahead_transport_until(server->ctl);
    until = known < (uint64_t)until ? (int64_t)known : until;
    if (!now.is_rolling)
        return queue->n;
    int64_t since = tempo_tick_of_frame(now.map, now.since > 0 ? now.since - 1 : 0);
    for (size_t i = schedule_queue_find(queue, since * TEMPO_TICK_Q20); i < queue->n; i++) {
        *frame = place_frame(&now, queue->items[i]);
        if (*frame >= 0)
            return *frame <= until ? i : queue->n;
    }
    return queue->n;
}

int64_t schedule_frame(struct server *server, const struct scheduled *scheduled)
{
    if (scheduled->when.kind != WHEN_PLACE)
        return when_frame(server, &scheduled->when);
    struct transport_now now = transport_now(server);
    struct scheduled copy = *scheduled;
    return place_frame(&now, &copy);
}

/* ---- what is due ------------------------------------------------------------------------------------------------------ */

/* The queue of the first of all that has to leave by then, its place there and its frame; null: there is none. */
static struct schedule_queue *find_due(struct server *server, int64_t until, size_t *at, int64_t *first)
{
    struct schedule_queue *queues = server->schedule.queues, *queue = NULL;
    int64_t frame = 0;
    size_t place = place_first(server, until, &frame);
    *first = until;
    *at = 0;
    if (place < queues[WHEN_PLACE].n) {
        queue = &queues[WHEN_PLACE];
        *at = place;
        *first = frame;
    }
    for (enum when_kind kind = WHEN_TAG; kind <= WHEN_FRAME; kind++) {
        frame = queues[kind].n ? when_frame(server, &queues[kind].items[0]->when) : INT64_MAX;
        if (frame < *first || (!queue && frame == *first)) {
            queue = &queues[kind];
            *at = 0;
            *first = frame;
        }
    }
    return queue;
}

/* Takes it out. */
static struct scheduled *take_due(struct server *server, int64_t until)
{
    size_t at;
    int64_t frame;
    struct schedule_queue *queue = find_due(server, until, &at, &frame);
    if (!queue)
        return NULL;
    struct scheduled *scheduled = queue->items[at];
    schedule_queue_take(queue, at);
    scheduled->frame = frame;
    return scheduled;
}

static int64_t lead_frames(const struct server *server)
{
    int64_t lead = (int64_t)(SCHEDULE_LEAD_S * server->ctl->rate_hz), two_periods = 2 * schedule_grace_frames(server);
    return lead > two_periods ? lead : two_periods;
}

int schedule_wait_ms(struct server *server, int most)
{
    size_t at;
    int64_t frame, from = (int64_t)ctl_clock(server->ctl) + lead_frames(server);
    double ms_frames = server->ctl->rate_hz / 1000;
    if (!server->schedule.n || !find_due(server, from + (int64_t)(most * ms_frames), &at, &frame))
        return most;
    int wait = (int)((double)(frame - from) / ms_frames);
    return wait > 1 ? wait : 1;
}

void schedule_poll(struct server *server)
{
    struct ctl *ctl = server->ctl;
    if (!server->schedule.n)
        return;
    wall_clock_look(&server->schedule.wall);
    int64_t now = (int64_t)ctl_clock(ctl);
    held_poll(server, now);
    for (unsigned i = 0; i < SEND_MOST && ahead_has_room(ctl); i++) {
        struct scheduled *scheduled = take_due(server, now + lead_frames(server));
        if (!scheduled)
            return;
        send_on(scheduled);
    }
}

/* ---- arriving --------------------------------------------------------------------------------------------------------- */

static bool is_near(struct server *server, const struct when *when)
{
    return when->kind != WHEN_PLACE &&
           (double)(when_frame(server, when) - (int64_t)ctl_clock(server->ctl)) <= SCHEDULE_NEAR_S * server->ctl->rate_hz;
}

static int room_check(struct server *server, const struct when *when, size_t n_bytes, struct error *error)
{
    const struct schedule *schedule = &server->schedule;
    size_t n_most = server->ctl->limits.most[LIMIT_SCHEDULED];
    n_most -= is_near(server, when) ? 0 : n_most / SCHEDULE_NEAR_SHARE;
    if (schedule->n >= n_most && !MUTANT_FLAW("hoard"))
        return error_set(error, ERROR_BUSY, "%zu bundles wait for their time already: send it nearer to its own",
                         schedule->n);
    if (n_bytes > SCHEDULE_BYTES_MAX - schedule->n_bytes)
        return error_set(error, ERROR_TOO_BIG, "bundles that wait for their time take %u bytes at most; this one has %zu",
                         SCHEDULE_BYTES_MAX, n_bytes);
    return 0;
}

static struct scheduled *scheduled_new(const struct request *request, const struct when *when)
{
    struct server *server = request->server;
    struct scheduled *scheduled = calloc(1, sizeof *scheduled + request->n_packet);
    if (!scheduled)
        return NULL;
    scheduled->request = (struct request){.server = server,
                                          .peer = request->peer,
                                          .packet = memcpy(scheduled + 1, request->packet, request->n_packet),
                                          .n_packet = request->n_packet,
                                          .has_due = true};
    dispatch_identify(&scheduled->request);
    scheduled->when = *when;
    scheduled->arrived_at = ctl_clock(server->ctl);
    scheduled->number = ++server->schedule.n_ever;
    scheduled->key = when->kind == WHEN_TAG     ? (int64_t)when->tag
                     : when->kind == WHEN_FRAME ? when->frame
                                                : when_tick_q20(when, transport_now(server).map);
    return scheduled;
}

static int add(const struct request *request, const struct when *when, struct error *error)
{
    struct schedule *schedule = &request->server->schedule;
    if (room_check(request->server, when, request->n_packet, error)) {
        schedule->n_refused++;
        return (int)error->code;
    }
    struct scheduled *scheduled = scheduled_new(request, when);
    if (!scheduled ||
        (!transaction_rehearse(&scheduled->request, error) && schedule_queue_put(&schedule->queues[when->kind], scheduled)))
        error_set(error, ERROR_INTERNAL, "memory ran out for a bundle that waits for its time");
    if (error->code) {
        if (scheduled)
            scheduled_free(scheduled);
        return (int)error->code;
    }
    schedule->n++;
    schedule->n_bytes += request->n_packet;
    if (scheduled->request.wanted.n_missing)
        wanted_load(&scheduled->request, on_loaded);
    return 0;
}

/* Bundles inside wait as long at least. */
static void inner_add(const struct request *outer, const struct when *when)
{
    struct bundle bundle = bundle_read(outer->packet, outer->n_packet);
    const uint8_t *element;
    size_t n;
    while (bundle_next(&bundle, &element, &n)) {
        if (!packet_is_bundle(element, n))
            continue;
        struct request inner = {
            .server = outer->server, .peer = outer->peer, .packet = element, .n_packet = n, .outer = when};
        dispatch_identify(&inner);
        inner.server->counters.requests++;
        dispatch_run(&inner);
        wanted_deinit(&inner.wanted);
    }
}

void schedule_add(const struct request *request, const struct when *when)
{
    struct error error = {0};
    struct writer progress;
    if (add(request, when, &error)) {
        request_fail(request, &error);
    } else {
        request_results(request, &progress);
        writer_float(&progress, 0);
        writer_string(&progress, "scheduled");
        request_send(request, "/progress", &progress);
    }
    inner_add(request, when);
}

/* ---- leaving ---------------------------------------------------------------------------------------------------------- */

static bool is_meant(const struct scheduled *scheduled, const int32_t *id)
{
    return !id || (scheduled->request.has_id && scheduled->request.id == *id);
}

static unsigned cancel(struct server *server, const int32_t *id, const char *why)
{
    struct error error = {0};
    unsigned n_cancelled = 0;
    error_set(&error, ERROR_CANCELLED, "%s", why);
    for (unsigned k = 0; k < N_WHEN_KINDS; k++) {
        struct schedule_queue *queue = &server->schedule.queues[k];
        size_t n = queue->n, kept = 0;
        for (size_t i = 0; i < n; i++) {
            if (!is_meant(queue->items[i], id)) {
                queue->items[kept++] = queue->items[i];
                continue;
            }
            fail(queue->items[i], &error);
            n_cancelled++;
        }
        queue->n = kept;
    }
    for (struct scheduled **link = &server->schedule.held, *scheduled; (scheduled = *link);) {
        if (!is_meant(scheduled, id)) {
            link = &scheduled->next;
            continue;
        }
        *link = scheduled->next;
        fail(scheduled, &error);
        n_cancelled++;
    }
    return n_cancelled;
}

unsigned schedule_clear(struct server *server, const int32_t *id)
{
    return cancel(server, id, "taken away by /sched/clear before its time");
}

void schedule_cancel_all(struct server *server)
{
    cancel(server, NULL, "the daemon ends before its time");
    for (unsigned k = 0; k < N_WHEN_KINDS; k++)
        schedule_queue_deinit(&server->schedule.queues[k]);
}
