#include "osc/event.h"

#include <stdio.h>

#include "graph/transport.h"
#include "osc/pattern.h"
#include "osc/server.h"
#include "osc/sub_tell.h"

#define LOG_PER_S   100.0
#define LOG_AT_ONCE 100 /* lines in one tick */

const struct event_info event_infos[N_EVENTS] = {
#define X(name, address, args, help) [EVENT_##name] = {address, args, help},
    EVENTS(X)
#undef X
};

bool event_is_wanted(const struct server *server, enum server_event event)
{
    for (const struct sub *sub = server->subs.first; sub; sub = sub->next)
        if (pattern_match(sub->pattern, event_infos[event].address))
            return true;
    return false;
}

void event_send(struct server *server, enum server_event event, struct writer *args)
{
    const char *address = event_infos[event].address;
    struct bytes message = {0};
    if (writer_end(args, address, &message))
        return;
    for (struct sub *sub = server->subs.first; sub; sub = sub->next)
        if (pattern_match(sub->pattern, address))
            sub_queue_event(sub, &message);
    bytes_deinit(&message);
}

/* ---- edits and the transport ---------------------------------------------------------------------------------------- */

static int32_t count(const struct op *ops, size_t n, unsigned kinds)
{
    int32_t found = 0;
    for (size_t i = 0; i < n; i++)
        found += (int32_t)(kinds >> ops[i].kind & 1);
    return found;
}

#define KIND(kind) (1u << OP_##kind)

static void tell_graph(struct server *server, const struct op *ops, size_t n, uint64_t frame, uint64_t revision)
{
    struct writer args;
    writer_init(&args);
    writer_int(&args, (int32_t)revision);
    writer_long(&args, (int64_t)frame);
    writer_int(&args, count(ops, n, KIND(NODE_ADD)));
    writer_int(&args, count(ops, n, KIND(NODE_REMOVE)));
    writer_int(&args, count(ops, n, KIND(EDGE_ADD)));
    writer_int(&args, count(ops, n, KIND(EDGE_REMOVE)));
    writer_int(&args, count(ops, n,
                            ~(KIND(NODE_ADD) | KIND(NODE_REMOVE) | KIND(EDGE_ADD) | KIND(EDGE_REMOVE) | KIND(VALUE) |
                              KIND(ORDER) | KIND(EVENT))));
    event_send(server, EVENT_GRAPH, &args);
}

static void tell_transport(struct server *server)
{
    const struct ctl *ctl = server->ctl;
    struct error error;
    struct transport_now now;
    struct bars bars;
    struct writer args;
    char text[BARS_BYTES];
    if (transport_read(ctl, &now, &bars, &error))
        return;
    bars_print(&bars, text);
    writer_init(&args);
    writer_bool(&args, now.is_rolling);
    writer_long(&args, now.position);
    writer_double(&args, (double)now.position / ctl->rate_hz);
    writer_string(&args, text);
    event_send(server, EVENT_TRANSPORT, &args);
}

static void on_applied(void *self, const struct op *ops, size_t n, uint64_t frame, uint64_t revision)
{
    struct server *server = self;
    playing_applied(server, ops, n);
    if (!server->subs.first)
        return;
    unsigned n_silent = (unsigned)count(ops, n, KIND(VALUE) | KIND(ORDER) | KIND(EVENT));
    if (n > n_silent && event_is_wanted(server, EVENT_GRAPH))
        tell_graph(server, ops, n, frame, revision);
    if (count(ops, n, KIND(ORDER)) && event_is_wanted(server, EVENT_TRANSPORT))
        tell_transport(server);
}

/* ---- what several places know of ------------------------------------------------------------------------------------ */

void event_send_server(struct server *server)
{
    struct host_status status;
    struct writer args;
    if (!event_is_wanted(server, EVENT_SERVER))
        return;
    server->host->status(server->host->self, &status);
    writer_init(&args);
    writer_bool(&args, status.has_server);
    writer_string(&args, status.server);
    writer_float(&args, (float)server->ctl->rate_hz);
    writer_int(&args, (int32_t)status.period_frames);
    writer_string(&args, status.causes[0]);
    event_send(server, EVENT_SERVER, &args);
}

void event_send_session(struct server *server, const char *what)
{
    struct writer args;
    writer_init(&args);
    writer_string(&args, what);
    writer_string(&args, server->session.path ? server->session.path : "");
    event_send(server, EVENT_SESSION, &args);
}

void event_send_fault(struct server *server, const char *kind, const char *node, uint64_t frame)
{
    struct writer args;
    writer_init(&args);
    writer_string(&args, kind);
    writer_string(&args, node);
    writer_long(&args, (int64_t)frame);
    event_send(server, EVENT_FAULT, &args);
}

/* ---- what only counters tell ---------------------------------------------------------------------------------------- */

/* After /stats/reset they begin at 0: that alone is no event. */
static void look_for_xruns(struct server *server)
{
    struct events *events = &server->events;
    const struct ctl *ctl = server->ctl;
    const struct engine_stats *stats = &ctl->engine->stats;
    uint64_t xruns = atomic_load_explicit(&stats->xruns, memory_order_relaxed);
    uint64_t overruns = ctl_stats_are_current(ctl) ? atomic_load_explicit(&stats->overruns, memory_order_relaxed) : 0;
    bool is_more = xruns > events->xruns || overruns > events->overruns;
    events->xruns = xruns;
    events->overruns = overruns;
    if (!is_more || !event_is_wanted(server, EVENT_XRUN))
        return;
    struct writer args;
    writer_init(&args);
    writer_long(&args, (int64_t)xruns);
    writer_long(&args, (int64_t)overruns);
    event_send(server, EVENT_XRUN, &args);
}

static void send_line(struct server *server, const char *level, const char *text)
{
    struct writer args;
    writer_init(&args);
    writer_string(&args, level);
    writer_string(&args, text);
    event_send(server, EVENT_LOG, &args);
}

static void on_line(void *user, const char *level, const char *text)
{
    struct server *server = user;
    struct events *events = &server->events;
    if (events->log_rate.level < 1) {
        events->log_suppressed++;
        return;
    }
    bucket_take(&events->log_rate, 1);
    send_line(server, level, text);
}

/* Whoever begins to follow hears of what is said from now on; /log/tail tells what was before. */
static void follow_log(struct server *server)
{
    struct events *events = &server->events;
    const struct host *host = server->host;
    const struct clock *clock = &server->ctl->engine->clock;
    bool is_wanted = event_is_wanted(server, EVENT_LOG);
    if (!is_wanted || !events->follows_log)
        events->log_suppressed = 0;
    if (is_wanted && !events->follows_log)
        host->log_since(host->self, &events->log_seen, 0, on_line, server);
    events->follows_log = is_wanted;
    if (!is_wanted)
        return;
    bucket_fill(&events->log_rate, clock_read(clock), LOG_PER_S, LOG_PER_S);
    events->log_suppressed += host->log_since(host->self, &events->log_seen, LOG_AT_ONCE, on_line, server);
    if (!events->log_suppressed || events->log_rate.level < 1)
        return;
    char text[64];
    snprintf(text, sizeof text, "%llu lines were suppressed here", (unsigned long long)events->log_suppressed);
    bucket_take(&events->log_rate, 1);
    events->log_suppressed = 0;
    send_line(server, "warning", text);
}

/* That a clock has gone concerns the operator too: the piece rolls on without it. */
static void look_for_sync(struct server *server)
{
    struct ctl *ctl = server->ctl;
    enum chase_state was = server->events.chase, is = ctl->chase.state;
    const struct node *node = ctl->model.sync.source;
    const char *name = node ? node->name : "";
    struct tempo_state tempo;
    struct error error;
    if (was == is || transport_state(ctl, &tempo, &error))
        return;
    server->events.chase = is;
    if (is == CHASE_LOST || was == CHASE_LOST)
        server->host->log(server->host->self,
                          &(struct host_line){is == CHASE_LOST, "sync", node ? name : NULL,
                                              is == CHASE_LOST
                                                  ? "whom the transport follows is gone; it rolls on by itself"
                                                  : "whom the transport follows is back, or not followed any more"});
    struct writer args;
    writer_init(&args);
    writer_string(&args, name);
    writer_string(&args, chase_state_name(is));
    writer_float(&args, (float)((double)tempo.micro_bpm / TEMPO_MICRO));
    event_send(server, EVENT_SYNC, &args);
}

void events_poll(struct server *server)
{
    look_for_sync(server);
    look_for_xruns(server);
    follow_log(server);
}

void events_init(struct server *server)
{
    server->events.listener = (struct applied_listener){server, on_applied};
    server->ctl->applied_listener = &server->events.listener;
}
