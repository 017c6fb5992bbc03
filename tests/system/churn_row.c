/* Row S4: what comes goes without a trace. Nodes, sessions, players and recorders in rounds; what the daemon holds at the end of
 * each round is compared from the fifth part of the way on.
 *
 * A leak of malloc's shows in what the program holds, which is the same each time. The pages of the heap are not: they are
 * locked, and stay up to the greatest extent, which is a matter of luck and comes in a few steps. What else takes memory and
 * does not give it back takes some in every round, whereas most rounds are to take none. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/system/gate.h"
#include "tests/system/net_rows.h"
#include "tests/system/storm.h"

#define ROUNDS      100
#define WARM        20   /* rounds */
#define NODES       1000 /* of each round, in one bundle */
#define LOADS       10   /* of each round */
#define STREAMS     100
#define RECORDERS   30 /* of these; the others play. Two lines each in the log, which keeps a thousand */
#define SOUNDS      10
#define FRAMES      4800
#define LINE_BYTES  96
#define GROWTH_MOST 1.0  /* percent */
#define RISES_MOST  4    /* one round in so many */
#define TURN_S      0.02 /* plans: what has been replaced is freed a little later */
#define PATIENCE_S  20.0 /* of all rounds together: a leak is not waited for in each */
#define SETTLE_S    0.03 /* fades, and what is freed behind them */
#define ABOVE_KB    32.0 /* of the least that was held: far less than a recording */

struct churn {
    struct studio *studio;
    unsigned n_nodes, n_loads, n_streams, n_failed;
    struct gate gate;
    double held_kb[ROUNDS], held_least_kb, rss_kb[ROUNDS];
    double patience_s;   /* that is left */
    unsigned n_fds_idle; /* at the start */
    unsigned n_fds[ROUNDS], n_threads[ROUNDS];
    char lines[NODES][LINE_BYTES];
};

__attribute__((format(printf, 3, 4))) static void put(struct churn *churn, unsigned i, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(churn->lines[i], LINE_BYTES, format, args);
    va_end(args);
}

static bool send_bundle(struct churn *churn, unsigned n)
{
    const char *lines[NODES + 1] = {0};
    for (unsigned i = 0; i < n; i++)
        lines[i] = churn->lines[i];
    const struct answer *answer = client_bundle(&churn->studio->client, lines);
    churn->n_failed += !answer->done;
    bool done = answer->done;
    pause_s(TURN_S);
    return done;
}

/* A tenth of them is connected, so that connections come and go as well. */
static void turn_nodes(struct churn *churn, unsigned round)
{
    static const char *const types[] = {"gain", "pan", "filter", "osc", "adsr", "lfo", "noise", "mixer", "slew", "probe"};
    for (unsigned i = 0; i < NODES; i++)
        put(churn, i, "/graph/add %s n%u", types[(i + round) % 10], i);
    churn->n_nodes += send_bundle(churn, NODES) ? NODES : 0;
    for (unsigned i = 0; i < NODES / 10; i++)
        put(churn, i, "/graph/connect n%u n%u", 10 * i + (10 - round % 10) % 10, 10 * i + (11 - round % 10) % 10);
    send_bundle(churn, NODES / 10);
    for (unsigned i = 0; i < NODES; i++)
        put(churn, i, "/graph/remove n%u", i);
    send_bundle(churn, NODES);
    pause_s(SETTLE_S);
}

static void turn_sessions(struct churn *churn)
{
    for (unsigned i = 0; i < LOADS; i++) {
        bool done = client_ask(&churn->studio->client, "/session/load s%u.dawd fade 0.0", i % 2)->done;
        churn->n_loads += done;
        churn->n_failed += !done;
    }
}

static void turn_streams(struct churn *churn, unsigned round)
{
    char path[256];
    for (unsigned i = 0; i < STREAMS - RECORDERS; i++)
        put(churn, i, "/graph/add player p%u file sound%u.wav", i, i % SOUNDS);
    for (unsigned i = STREAMS - RECORDERS; i < STREAMS; i++)
        put(churn, i, "/graph/add record p%u file take%u.wav on T", i, round * STREAMS + i);
    churn->n_streams += send_bundle(churn, STREAMS) ? STREAMS : 0;
    for (unsigned i = 0; i < STREAMS; i++)
        put(churn, i, "/graph/remove p%u", i);
    send_bundle(churn, STREAMS);
    pause_s(SETTLE_S);
    for (unsigned i = STREAMS - RECORDERS; i < STREAMS; i++) {
        snprintf(path, sizeof path, "%s/take%u.wav", churn->studio->folder, round * STREAMS + i);
        churn->n_failed += remove(path) != 0;
    }
}

static double held_kb(const struct churn *churn)
{
    return (double)atomic_load(&churn->gate.seen->held_bytes) / 1024;
}

static bool is_at_rest(const struct churn *churn)
{
    return storm_descriptors(churn->studio) <= churn->n_fds_idle && held_kb(churn) <= churn->held_least_kb + ABOVE_KB;
}

static void look(struct churn *churn, unsigned round)
{
    client_ask(&churn->studio->client, "/graph/clear");
    pause_s(SETTLE_S);
    /* On a busy machine the disk's thread may lag behind with what it has to close. */
    for (; !is_at_rest(churn) && churn->patience_s > 0; churn->patience_s -= TURN_S)
        pause_s(TURN_S);
    churn->held_kb[round] = held_kb(churn);
    churn->held_least_kb = fmin(churn->held_least_kb, churn->held_kb[round]);
    churn->rss_kb[round] = (double)studio_proc(churn->studio, 0, "status", "RssAnon:");
    churn->n_threads[round] = (unsigned)studio_proc(churn->studio, 0, "status", "Threads:");
    churn->n_fds[round] = storm_descriptors(churn->studio);
}

/* ---- the verdict ----------------------------------------------------------------------------------------------------- */

static double mean(const double *values, unsigned n)
{
    double sum = 0;
    for (unsigned i = 0; i < n; i++)
        sum += values[i];
    return sum / n;
}

/* Rounds behind which there was more than behind the one before. */
static unsigned n_rises(const double *y, unsigned n)
{
    unsigned rises = 0;
    for (unsigned i = 1; i < n; i++)
        rises += y[i] > y[i - 1];
    return rises;
}

static unsigned spread(const unsigned *values, unsigned n)
{
    unsigned least = values[0], most = values[0];
    for (unsigned i = 0; i < n; i++) {
        least = values[i] < least ? values[i] : least;
        most = values[i] > most ? values[i] : most;
    }
    return most - least;
}

static void open_daemon(struct churn *churn, const struct net_row *row)
{
    static float silence[FRAMES];
    char name[32], text[4096];
    churn->studio = studio_open(&(struct studio_options){
        .variant = row->mutant ? "mutant" : NULL,
        .no_daemon = true,
        .arguments = (const char *const[]){"--limit", "undo-steps=50", NULL}, /* full before the warm-up is over */
    });
    for (unsigned i = 0; i < SOUNDS; i++) {
        snprintf(name, sizeof name, "sound%u.wav", i);
        studio_write_wav(churn->studio, name, silence, FRAMES, 1);
    }
    for (unsigned k = 0; k < 2; k++) {
        int n = snprintf(text, sizeof text, "# dawd session 1\n");
        for (unsigned i = 0; i < 20 + 10 * k; i++)
            n += snprintf(text + n, sizeof text - (size_t)n, "/graph/add %s s%u\n", k ? "gain" : "filter", i);
        n += snprintf(text + n, sizeof text - (size_t)n, "/graph/add player p file sound%u.wav\n# end\n", k);
        snprintf(name, sizeof name, "s%u.dawd", k);
        studio_write(churn->studio, name, text, (size_t)n);
    }
    gate_open(&churn->gate, churn->studio, row->mutant);
}

bool net_row_s4(const struct net_row *row)
{
    static struct churn churn;
    churn = (struct churn){.held_least_kb = INFINITY, .patience_s = PATIENCE_S};
    double start = now_s();
    open_daemon(&churn, row);
    churn.n_fds_idle = storm_descriptors(churn.studio);
    for (unsigned round = 0; round < ROUNDS; round++) {
        turn_nodes(&churn, round);
        turn_sessions(&churn);
        turn_streams(&churn, round);
        look(&churn, round);
    }
    unsigned n = ROUNDS - WARM;
    const double *held_kb = churn.held_kb + WARM, *rss_kb = churn.rss_kb + WARM;
    double from = mean(held_kb, 5), to = mean(held_kb + n - 5, 5), growth = 100 * (to - from) / from;
    unsigned rises = n_rises(rss_kb, n), fds = spread(churn.n_fds + WARM, n), threads = spread(churn.n_threads + WARM, n);
    bool pass = growth <= GROWTH_MOST && rises <= n / RISES_MOST && !fds && !threads && !churn.n_failed;
    net_row_print(
        row,
        "REL S4 nodes=%u loads=%u streams=%u failed=%u held_warm_kb=%.0f held_end_kb=%.0f held_growth_percent=%.2f "
        "rss_start_kb=%.0f rss_warm_kb=%.0f rss_end_kb=%.0f rss_rises=%u/%u fds=%u+%u threads=%u+%u seconds=%.0f %s\n",
        churn.n_nodes, churn.n_loads, churn.n_streams, churn.n_failed, from, to, growth, churn.rss_kb[0], rss_kb[0],
        rss_kb[n - 1], rises, n, churn.n_fds[WARM], fds, churn.n_threads[WARM], threads, now_s() - start,
        pass ? "PASS" : "FAIL");
    studio_close(churn.studio);
    gate_close(&churn.gate);
    return pass;
}
