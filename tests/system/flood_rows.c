/* Rows O3, O4 and O5.
 *
 *     sent = applied + coalesced + limited + refused + dropped by the kernel        the difference is 0, exactly */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/system/bystander.h"
#include "tests/system/flood.h"
#include "tests/system/net_rows.h"
#include "tests/system/waits.h"

#define VALUE       "/node/g/gain"
#define BURST       20000
#define N_BURSTS    5
#define PINGS_MAX   20000
#define PING_MOST_S 0.020 /* of the 99th percentile, while the daemon is flooded and has a processor */
#define FLOOD_CPU   0.60  /* of a processor, for the control thread */
#define PACED_HZ    100000.0
#define PACED_CPU   0.35
#define STALL_S     0.050

/* A studio whose daemon has the row's flaw. */
static struct studio *flooded_studio(const struct net_row *row, struct flood *flood)
{
    struct studio *studio = studio_open(&(struct studio_options){
        .variant = row->mutant ? "mutant" : NULL,
        .environment = net_row_environment(row),
    });
    client_do(&studio->client, "/graph/add gain g");
    client_do(&studio->client, "/graph/connect in g");
    client_do(&studio->client, "/graph/connect g out");
    client_do(&studio->client, "/sync");
    client_do(&studio->client, "/stats/reset");
    flood_open(flood, studio, VALUE);
    return studio;
}

static bool finish(struct studio *studio, struct flood *flood, bool pass)
{
    flood_close(flood);
    studio_close(studio);
    return pass;
}

/* ---- other clients meanwhile ---------------------------------------------------------------------------------------- */

struct pings {
    double took_s[PINGS_MAX], served_s[PINGS_MAX]; /* the second without waits for a processor */
    unsigned n;
};

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double p99(double *took_s, unsigned n)
{
    qsort(took_s, n, sizeof *took_s, by_size);
    return n ? took_s[(size_t)(0.99 * (n - 1))] : 0;
}

static void ping(struct client *client, const struct waits *waits, struct pings *pings)
{
    double waited = waits_s(waits), start = now_s();
    client_do(client, "/ping");
    double took = now_s() - start;
    waited = waits_s(waits) - waited;
    if (pings->n == PINGS_MAX)
        return;
    pings->took_s[pings->n] = took;
    pings->served_s[pings->n++] = took > waited ? took - waited : 0;
}

bool net_row_o3(const struct net_row *row)
{
    static struct pings by_unix, by_tcp;
    by_unix.n = by_tcp.n = 0;
    struct flood flood;
    struct bystander bystander;
    struct client tcp;
    struct waits waits;
    struct studio *studio = flooded_studio(row, &flood);
    waits_open(&waits, studio);
    bystander_open(&bystander, studio);
    client_open_tcp(&tcp, studio->port);
    for (unsigned i = 0; i < N_BURSTS; i++) {
        flood_burst(&flood, BURST);
        pause_s(0.05);
    }
    stats_at_rest(&studio->client, &flood);
    uint64_t before = flood.sent;
    double cpu_s = control_cpu_s(studio), steal = steal_s(), start = now_s();
    flood_start(&flood, row->seconds, 0);
    while (now_s() < start + row->seconds - 0.1) {
        ping(&studio->client, &waits, &by_unix);
        ping(&tcp, &waits, &by_tcp);
        pause_s(0.005);
    }
    cpu_s = (control_cpu_s(studio) - cpu_s) / (now_s() - start);
    steal = (steal_s() - steal) / (now_s() - start);
    flood_wait(&flood);
    struct stats stats = stats_at_rest(&studio->client, &flood);
    struct account account = account_of(&stats, flood.sent);
    double lost = stats_get(&stats, "lost_frames"), control_lost = (double)atomic_load(&bystander.lost_frames);
    double unix_s = p99(by_unix.served_s, by_unix.n), tcp_s = p99(by_tcp.served_s, by_tcp.n);
    double waited_unix_s = p99(by_unix.took_s, by_unix.n), sent_hz = (double)(flood.sent - before) / row->seconds;
    bool pass = account.difference == 0 && account.packets_difference == 0 && unix_s <= PING_MOST_S &&
                tcp_s <= PING_MOST_S && cpu_s <= FLOOD_CPU && lost <= control_lost + 4 * studio->options.period;
    net_row_print(
        row,
        "REL O3 sent=%llu sent_per_s=%.0f applied=%.0f coalesced=%.0f limited=%.0f refused=%.0f kernel_dropped=%.0f "
        "difference=%.0f packets_difference=%.0f ping_p99_unix_ms=%.1f ping_p99_tcp_ms=%.1f with_waits_for_cpu_ms=%.1f "
        "n=%u cpu=%.2f "
        "lost_frames=%.0f control_lost_frames=%.0f steal=%.2f %s\n",
        (unsigned long long)flood.sent, sent_hz, account.applied, account.coalesced, account.limited, account.refused,
        account.dropped, account.difference, account.packets_difference, unix_s * 1e3, tcp_s * 1e3, waited_unix_s * 1e3,
        by_unix.n, cpu_s, lost, control_lost, steal, pass ? "PASS" : "FAIL");
    client_close(&tcp);
    bystander_close(&bystander);
    waits_close(&waits);
    return finish(studio, &flood, pass);
}

bool net_row_o4(const struct net_row *row)
{
    struct flood flood;
    struct studio *studio = flooded_studio(row, &flood);
    kill(studio->dawd.pid, SIGSTOP);
    flood_burst(&flood, 10000);
    pause_s(STALL_S);
    kill(studio->dawd.pid, SIGCONT);
    struct stats stats = stats_at_rest(&studio->client, &flood);
    struct account account = account_of(&stats, flood.sent);
    bool is_told = process_says(&studio->dawd, "raise net.core.rmem_max", 0);
    bool pass = flood.sent == 10000 && account.difference == 0 && (account.dropped == 0 || is_told);
    net_row_print(row,
                  "REL O4 sent=%llu applied=%.0f coalesced=%.0f lost=%.0f difference=%.0f receive_buffer_bytes=%.0f "
                  "told_at_start=%s %s\n",
                  (unsigned long long)flood.sent, account.applied, account.coalesced, account.dropped, account.difference,
                  stats_get(&stats, "receive_buffer_bytes"), is_told ? "yes" : "no", pass ? "PASS" : "FAIL");
    return finish(studio, &flood, pass);
}

bool net_row_o5(const struct net_row *row)
{
    struct flood flood;
    struct studio *studio = flooded_studio(row, &flood);
    double cpu_s = control_cpu_s(studio), steal = steal_s(), start = now_s();
    flood_start(&flood, row->seconds, PACED_HZ);
    flood_wait(&flood);
    double took_s = now_s() - start;
    cpu_s = (control_cpu_s(studio) - cpu_s) / took_s;
    struct stats stats = stats_at_rest(&studio->client, &flood);
    struct account account = account_of(&stats, flood.sent);
    bool pass = account.difference == 0 && account.dropped == 0 && account.limited == 0 && account.refused == 0 &&
                account.applied + account.coalesced == (double)flood.sent && cpu_s <= PACED_CPU;
    net_row_print(
        row, "REL O5 sent=%llu seconds=%.2f applied=%.0f coalesced=%.0f lost=%.0f difference=%.0f cpu=%.2f steal=%.2f %s\n",
        (unsigned long long)flood.sent, took_s, account.applied, account.coalesced, account.dropped, account.difference,
        cpu_s, (steal_s() - steal) / took_s, pass ? "PASS" : "FAIL");
    return finish(studio, &flood, pass);
}
