/* /stats and /log/ — how it goes. */
#include <stdio.h>

#include "graph/crew_shared.h"
#include "osc/command.h"
#include "osc/profile.h"
#include "osc/server.h"

#define LINES_MOST 1000 /* as many as the log keeps */

/* Names carry their units, and new ones may come anywhere: clients look values up by name. */
static void pair_long(struct writer *results, const char *name, uint64_t value)
{
    writer_string(results, name);
    writer_long(results, (int64_t)value);
}

static void pair_float(struct writer *results, const char *name, double value)
{
    writer_string(results, name);
    writer_float(results, (float)value);
}

static uint64_t load(const _Atomic uint64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

/* What the audio thread has counted since the last reset: nothing while it has not heard of that yet. */
static uint64_t count(const struct ctl *ctl, const _Atomic uint64_t *counter)
{
    return ctl_stats_are_current(ctl) ? load(counter) : 0;
}

static void times_write(struct writer *results, const char *name, const struct histogram *const *histograms, unsigned n)
{
    struct histogram_summary summary = histogram_summarize(histograms, n);
    const struct {
        const char *name;
        double ns;
    } times[] = {{"min", summary.min}, {"median", summary.median}, {"mean", summary.mean},
                 {"p95", summary.p95}, {"p99", summary.p99},       {"max", summary.max}};
    char pair[32];
    snprintf(pair, sizeof pair, "%s_count", name);
    pair_long(results, pair, summary.count);
    for (unsigned i = 0; i < ROWS(times); i++) {
        snprintf(pair, sizeof pair, "%s_%s_us", name, times[i].name);
        pair_float(results, pair, times[i].ns / 1e3);
    }
}

static void engine_write(const struct ctl *ctl, struct writer *results)
{
    const struct engine_stats *stats = &ctl->engine->stats;
    const struct crew *crew = ctl->engine->crew;
    bool is_current = ctl_stats_are_current(ctl);
    pair_long(results, "clock_frames", ctl_clock(ctl));
    pair_float(results, "rate_hz", ctl->rate_hz);
    times_write(results, "process", (const struct histogram *const[]){&stats->process}, is_current);
    times_write(results, "applied", (const struct histogram *const[]){&ctl->applied, &stats->applied}, 1 + is_current);
    pair_long(results, "threads", crew ? crew->n_threads : 1);
    pair_long(results, "shared_cycles", crew ? load(&crew->n_shared) : 0);
    pair_long(results, "late_workers", crew ? load(&crew->n_late) : 0);
    pair_long(results, "xruns", load(&stats->xruns));
    pair_long(results, "overruns", count(ctl, &stats->overruns));
    pair_long(results, "gaps", count(ctl, &stats->gaps));
    pair_long(results, "lost_frames", count(ctl, &stats->lost_frames));
    pair_long(results, "late_changes", count(ctl, &stats->late));
    pair_long(results, "late_most_frames", count(ctl, &stats->late_frames));
    pair_long(results, "refused_cycles", load(&stats->refused));
    pair_long(results, "nodes", ctl->model.n_nodes);
    pair_long(results, "connections", ctl->model.n_edges);
    pair_long(results, "revision", ctl->revision);
    pair_long(results, "unheard", count(ctl, &stats->unheard));
    pair_float(results, "compile_us", (double)ctl->compile_ns / 1e3);
}

/* Where the values are that clients have set: the sum of these, and of what language_write tells, is what they sent. */
static void values_write(const struct server *server, struct writer *results)
{
    const struct ctl *ctl = server->ctl;
    uint64_t applied = count(ctl, &ctl->engine->stats.values), gone = applied + ctl->outbox.n_coalesced;
    pair_long(results, "values", server->counters.values);
    pair_long(results, "values_refused", server->counters.values_refused);
    pair_long(results, "values_applied", applied);
    pair_long(results, "coalesced", ctl->outbox.n_coalesced);
    pair_long(results, "values_waiting", ctl->n_values > gone ? ctl->n_values - gone : 0);
}

static void language_write(struct server *server, struct writer *results)
{
    pair_long(results, "requests", server->counters.requests);
    values_write(server, results);
    pair_long(results, "packets", server->counters.packets);
    pair_long(results, "limited", server->clients.counters.limited);
    pair_long(results, "denied", server->clients.counters.denied);
    pair_long(results, "withheld", server->clients.counters.withheld);
    pair_long(results, "failures", server->counters.failures);
    pair_long(results, "scheduled", server->schedule.n);
    pair_long(results, "scheduled_refused", server->schedule.n_refused);
    pair_long(results, "late", server->schedule.n_late);
    pair_long(results, "notes_lost", server->playing.n_lost);
    if (!server->net)
        return;
    struct net_counters net = net_count(server->net);
    const struct net_counters *before = &server->net_before;
    pair_long(results, "datagrams", net.datagrams - before->datagrams);
    pair_long(results, "stream_packets", net.frames - before->frames);
    /* Refused as a whole, before anybody knew what was asked. */
    pair_long(results, "malformed", net.refused - before->refused);
    pair_long(results, "dropped_by_kernel", net.kernel_drops - before->kernel_drops);
    pair_long(results, "connections_open", net.connections);
    pair_long(results, "receive_buffer_bytes", (uint64_t)net.receive_buffer_bytes);
}

static void host_write(const struct host *host, struct writer *results)
{
    struct host_status status;
    host->status(host->self, &status);
    writer_string(results, "server");
    writer_string(results, status.has_server ? status.server : "");
    pair_long(results, "period_frames", status.period_frames);
    pair_long(results, "server_losses", status.n_losses);
    pair_long(results, "server_hangs", status.n_hangs);
    pair_long(results, "server_leaks", status.n_leaks);
    writer_string(results, "realtime");
    writer_bool(results, status.is_realtime);
    writer_string(results, "memory_locked");
    writer_bool(results, status.is_locked);
    writer_string(results, "cause");
    writer_string(results, status.causes[0]);
}

static int stats(struct call *call)
{
    engine_write(call->server->ctl, call->results);
    trouble_write(call->server, call->results);
    language_write(call->server, call->results);
    host_write(call->server->host, call->results);
    return 0;
}

static int stats_reset(struct call *call)
{
    struct server *server = call->server;
    ctl_reset_stats(server->ctl);
    trouble_reset(server);
    server->counters = (struct server_counters){0};
    server->playing.n_lost = server->playing.n_lost_told = 0;
    server->schedule.n_refused = server->schedule.n_late = 0;
    server->clients.counters = (struct client_counters){0};
    if (server->net)
        server->net_before = net_count(server->net);
    return 0;
}

static void line_count(void *user, const char *text)
{
    (void)text;
    ++*(int64_t *)user;
}

/* The log tells its newest lines, oldest first, so a page that ends before the newest is the head of what it tells. */
struct tail {
    struct writer *results;
    int64_t n_left;
};

static void line_write(void *user, const char *text)
{
    struct tail *tail = user;
    if (tail->n_left-- > 0)
        writer_string(tail->results, text);
}

static int log_tail(struct call *call)
{
    const struct host *host = call->server->host;
    int64_t n = call->args[0].given ? call->args[0].i : 10, offset = call->args[1].given ? call->args[1].i : 0;
    if (n < 1 || n > LINES_MOST)
        return error_set(call->error, ERROR_RANGE, "n %lld is outside its range 1 to %d lines", (long long)n, LINES_MOST);
    if (offset < 0 || offset >= LINES_MOST)
        return error_set(call->error, ERROR_RANGE, "offset %lld is outside its range 0 to %d lines", (long long)offset,
                         LINES_MOST - 1);
    struct tail tail = {call->results, -offset};
    host->log_tail(host->self, (unsigned)(n + offset), line_count, &tail.n_left);
    host->log_tail(host->self, (unsigned)(n + offset), line_write, &tail);
    return 0;
}

static int log_level(struct call *call)
{
    const struct host *host = call->server->host;
    const char *level = host->log_level(host->self, call->args[0].given ? call->args[0].s : NULL);
    writer_string(call->results, level ? level : "");
    return 0;
}

static const struct command commands[] = {
    {"/stats", "", "[name:s value:*]*",
     "How the engine and the language are doing: pairs of name and value, units in the names.", COMMAND_QUERY, 0, stats},
    {"/stats/profile", "[seconds:d(s)] [offset:i] [count:i]", "n:i seconds:f [node:s type:s block_ns:f period_percent:f]*",
     "Measures for a while, 1 second unless told otherwise, what each node costs, the dearest first: nanoseconds per block "
     "of at most 256 frames, and their share of the time there is.",
     COMMAND_QUERY, 0, profile_run},
    {"/stats/reset", "", "", "Begins all counts and times of /stats anew.", COMMAND_ACTION, 0, stats_reset},
    {"/log/tail", "[n:i] [offset:i]", "[line:s]*",
     "The last n lines of the log, 10 unless told otherwise, oldest first; with an offset, those before the last offset.",
     COMMAND_QUERY, 0, log_tail},
    {"/log/level", "[level:s{error,warning,info,debug}]", "level:s",
     "Sets what is logged (error, warning, info or debug), or tells it.", COMMAND_ACTION, 0, log_level},
};

const struct command_family stats_family = {"stats", commands, ROWS(commands)};
