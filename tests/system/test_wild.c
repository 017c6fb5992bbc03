/* Row O2: a hundred thousand packets as no client would send them, to a daemon that plays: by datagrams, and in streams that are
 * broken off, cut, and full of frames that are none. It answers others all the while, its audio thread notices nothing, and
 * when all is cleared away it holds no more memory than before.
 *
 * Memory is looked at twice: what malloc has given and not taken back, where a leak shows in every round, and what the kernel
 * has given. The heap keeps its greatest extent, for its pages are locked; how far that reaches is a matter of luck, of how
 * many large graphs lived at once, and a round comes that takes nothing more.
 * Lane: alone */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "graph/node.h"
#include "osc/slip.h"
#include "tests/suite.h"
#include "tests/system/gate.h"
#include "tests/system/waits.h"
#include "tests/wild.h"

/* The mutant build is looked at for what it gets wrong, beside others and not for long. */
#ifdef DAWD_MUTANTS
#define INPUTS      30000 /* of a round */
#define PING_MOST_S 2.0
#else
#define INPUTS      50000
#define PING_MOST_S 0.1
#endif
#define ROUNDS_LEAST 2 /* behind the first */
#define ROUNDS_MOST  10
#define TURN         100 /* inputs between two pings */
#define CLEAR_EACH   20  /* turns */
#define HELD_MOST_KB 256 /* between two rounds: some of what is removed has been told to fade for minutes */
#define RSS_MOST_KB  512
#define UNDO_STEPS   20     /* that the daemon keeps: an even number */
#define SENDERS      4      /* sockets of datagrams */
#define STREAM_BYTES 262144 /* of a turn at most */

struct storm {
    struct studio *studio;
    struct gate gate;
    struct waits waits;
    uint32_t seed;
    struct client udp[SENDERS], unix_stream, tcp;
    unsigned n_inputs, n_datagrams, n_frames, n_connections;
    double ping_most_s;
};

/* ---- sending -------------------------------------------------------------------------------------------------------- */

/* A packet; it may be changed, damaged, or cut. What would end the daemon is left out. */
static void make(struct storm *storm, struct bytes *packet)
{
    struct bytes request = {0};
    bytes_clear(packet, packet->capacity);
    wild_request(&storm->seed, &request);
    if (wild_below(&storm->seed, 3))
        bytes_add(packet, request.data, request.n);
    else
        wild_change(&storm->seed, request.data, request.n, packet);
    if (wild_below(&storm->seed, 3) == 0)
        packet->n = wild_damage(&storm->seed, packet->data, packet->n);
    if (packet->n && memmem(packet->data, packet->n, "/quit", 5))
        packet->n = 0;
    bytes_deinit(&request);
}

static void drain(int fd)
{
    char bytes[65536];
    while (recv(fd, bytes, sizeof bytes, MSG_DONTWAIT) > 0)
        continue;
}

static void send_datagram(struct storm *storm, const struct bytes *packet)
{
    struct client *udp = &storm->udp[storm->n_datagrams++ % SENDERS];
    if (send(udp->fd, packet->data, packet->n, 0) < 0 && errno != EMSGSIZE)
        rig_fail("a datagram of %zu bytes does not leave", packet->n);
    drain(udp->fd);
}

/* As much as the daemon takes: what it has hung up is opened again. */
static void send_stream(struct storm *storm, struct client *client, const struct bytes *stream)
{
    size_t at = 0;
    for (double end = now_s() + 0.5; at < stream->n && now_s() < end;) {
        ssize_t n = send(client->fd, stream->data + at, stream->n - at, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN)
            break;
        at += n > 0 ? (size_t)n : 0;
        drain(client->fd);
    }
    if (at == stream->n && wild_below(&storm->seed, 8))
        return;
    client_close(client);
    if (client == &storm->tcp)
        client_open_tcp(client, storm->studio->port);
    else
        client_open_unix(client, storm->studio->socket);
    storm->n_connections++;
}

static void send_turn(struct storm *storm)
{
    struct bytes packet = {0}, unix_bytes = {0}, tcp_bytes = {0};
    for (unsigned i = 0; i < TURN; i++) {
        make(storm, &packet);
        unsigned way = wild_below(&storm->seed, 10);
        struct bytes *stream = way < 2 ? &unix_bytes : &tcp_bytes;
        if (way >= 3) {
            send_datagram(storm, &packet);
        } else if (stream->n < STREAM_BYTES) {
            slip_write(stream, packet.data, packet.n);
            storm->n_frames++;
        }
    }
    if (wild_below(&storm->seed, 3) == 0)
        unix_bytes.n = wild_damage(&storm->seed, unix_bytes.data, unix_bytes.n);
    if (wild_below(&storm->seed, 3) == 0)
        tcp_bytes.n = wild_damage(&storm->seed, tcp_bytes.data, tcp_bytes.n);
    send_stream(storm, &storm->unix_stream, &unix_bytes);
    send_stream(storm, &storm->tcp, &tcp_bytes);
    storm->n_inputs += TURN;
    bytes_deinit(&packet);
    bytes_deinit(&unix_bytes);
    bytes_deinit(&tcp_bytes);
}

static void ping(struct storm *storm)
{
    double waited = waits_s(&storm->waits), start = now_s();
    client_do(&storm->studio->client, "/ping");
    double took = now_s() - start - (waits_s(&storm->waits) - waited);
    storm->ping_most_s = took > storm->ping_most_s ? took : storm->ping_most_s;
}

/* Back to what plays at first; what is still on its way may spoil it again. */
static void clear(struct storm *storm)
{
    struct client *client = &storm->studio->client;
    client_ask(client, "/sched/clear");
    client_ask(client, "/session/new fade 0.0");
    client_bundle(client, (const char *const[]){"/graph/add osc o level -20.0", "/graph/add filter g", "/graph/connect o g",
                                                "/graph/connect g out", NULL});
}

static void rage(struct storm *storm, unsigned n_inputs)
{
    unsigned end = storm->n_inputs + n_inputs;
    for (unsigned turn = 0; storm->n_inputs < end; turn++) {
        send_turn(storm);
        ping(storm);
        if (turn % CLEAR_EACH == CLEAR_EACH - 1)
            clear(storm);
    }
}

/* ---- the row -------------------------------------------------------------------------------------------------------- */

struct memory {
    long held_kb, rss_kb;
};

static struct memory memory_at_rest(struct storm *storm)
{
    pause_s(0.3); /* all has arrived */
    clear(storm);
    pause_s(0.3); /* and faded */
    client_do(&storm->studio->client, "/graph/remove o");
    /* What can be undone is then the same each time, whatever graph the storm left. */
    for (unsigned i = 0; i < UNDO_STEPS; i++)
        client_do(&storm->studio->client, i % 2 ? "/graph/remove o" : "/graph/add gain o");
    return (struct memory){.held_kb = (long)(atomic_load(&storm->gate.seen->held_bytes) >> 10),
                           .rss_kb = studio_proc(storm->studio, 0, "status", "RssAnon:")};
}

static void storm_open(struct storm *storm)
{
    *storm = (struct storm){.seed = 20};
    storm->studio = studio_open(&(struct studio_options){
        .no_daemon = true,
        .period = 256,
        /* What could be undone is kept on purpose, and so is what waits for its time. */
        .arguments = (const char *const[]){"--limit", "nodes=100", "--limit", "undo-steps=20", "--limit", "scheduled=64",
                                           "--limit", "device-ports=16", "--limit", "waits=64", NULL},
    });
    gate_open(&storm->gate, storm->studio, NULL);
    waits_open(&storm->waits, storm->studio);
    for (unsigned i = 0; i < SENDERS; i++)
        client_open_udp(&storm->udp[i], storm->studio->port);
    client_open_unix(&storm->unix_stream, storm->studio->socket);
    client_open_tcp(&storm->tcp, storm->studio->port);
    clear(storm);
}

static void storm_close(struct storm *storm)
{
    for (unsigned i = 0; i < SENDERS; i++)
        client_close(&storm->udp[i]);
    client_close(&storm->unix_stream);
    client_close(&storm->tcp);
    waits_close(&storm->waits);
    studio_close(storm->studio);
    gate_close(&storm->gate);
}

/* Datagrams that the kernel threw away, by its own account: the counts of /stats begin anew whenever a wild packet says so. */
static unsigned long lost_datagrams(const struct storm *storm)
{
    char line[512], wanted[16];
    unsigned long lost = 0;
    FILE *file = fopen("/proc/net/udp", "r");
    snprintf(wanted, sizeof wanted, ":%04X ", storm->studio->port);
    while (file && fgets(line, sizeof line, file)) {
        const char *first = strchr(line, ':'), *port = first ? strchr(first + 1, ':') : NULL,
                   *last; /* behind "sl:" and the address */
        line[strcspn(line, "\n")] = '\0';
        for (size_t n = strlen(line); n && line[n - 1] == ' ';)
            line[--n] = '\0';
        last = strrchr(line, ' ');
        if (port && last && strncmp(port, wanted, strlen(wanted)) == 0)
            lost = strtoul(last, NULL, 10);
    }
    if (file)
        fclose(file);
    return lost;
}

START_TEST(a_storm_of_wild_packets_is_survived_without_a_trace)
{
    struct storm storm;
    storm_open(&storm);
    rage(&storm, INPUTS);
    struct memory before, after = memory_at_rest(&storm);
    struct gate_moment from = gate_moment(&storm.gate, storm.studio);
    storm.n_inputs = storm.n_datagrams = storm.n_frames = storm.n_connections = 0;
    double start = now_s();
    unsigned n_rounds = 0;
    bool is_settled;
    do {
        before = after;
        rage(&storm, INPUTS);
        after = memory_at_rest(&storm);
        is_settled = labs(after.held_kb - before.held_kb) <= HELD_MOST_KB && after.rss_kb - before.rss_kb <= RSS_MOST_KB;
        n_rounds++;
    } while (n_rounds < ROUNDS_LEAST || (!is_settled && n_rounds < ROUNDS_MOST));
    double seconds = now_s() - start;
    struct gate_moment to = gate_moment(&storm.gate, storm.studio);
    unsigned long calls[RTGATE_KINDS], n_calls = 0, n_syscalls = gate_syscalls(&storm.gate);
    for (unsigned i = 0; i < RTGATE_KINDS; i++)
        n_calls += calls[i] = atomic_load(&storm.gate.seen->calls[i]);
    double switches = (double)(to.switches - from.switches) / (double)(to.cycles - from.cycles);
    long faults = to.minor_faults - from.minor_faults + to.major_faults - from.major_faults;
    unsigned long lost = lost_datagrams(&storm);
    bool is_fifo = gate_is_fifo(&storm.gate, storm.studio);
    bool pass = storm.ping_most_s <= PING_MOST_S && n_calls == 0 && n_syscalls == 0 && switches <= 1.001 && faults == 0 &&
                is_fifo && is_settled && lost == 0;
    printf("REL O2 inputs=%u datagrams=%u frames=%u connections=%u lost=%lu seconds=%.1f alive=yes ping_max_ms=%.1f "
           "alloc=%lu "
           "free=%lu lock=%lu io=%lu sleep=%lu syscalls_other_than_futex=%lu vcs_per_cycle=%.4f faults=%ld policy=%s "
           "rounds=%u held_delta_kb=%ld rss_delta_kb=%ld %s\n",
           storm.n_inputs, storm.n_datagrams, storm.n_frames, storm.n_connections, lost, seconds, 1000 * storm.ping_most_s,
           calls[RTGATE_ALLOC], calls[RTGATE_FREE], calls[RTGATE_LOCK], calls[RTGATE_IO], calls[RTGATE_SLEEP], n_syscalls,
           switches, faults, is_fifo ? "FIFO" : "other", n_rounds, after.held_kb - before.held_kb,
           after.rss_kb - before.rss_kb, pass ? "PASS" : "FAIL");
    fflush(stdout);
    gate_accuse(&storm.gate);
    storm_close(&storm);
    ck_assert(pass);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {a_storm_of_wild_packets_is_survived_without_a_trace};
    return suite_run("wild packets", 120, tests, ROWS(tests));
}
