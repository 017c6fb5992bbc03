#include "tests/system/flood.h"

#include <arpa/inet.h>
#include <lo/lo.h>
#include <math.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH    32 /* datagrams in one call: the kernel cuts them apart, so that sending costs less than receiving */
#define PAUSE_NS 50000
#define REST_S   20.0

/* ---- sending -------------------------------------------------------------------------------------------------------- */

void flood_open(struct flood *flood, const struct studio *studio, const char *address)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)studio->port)};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    *flood = (struct flood){.fd = socket(AF_INET, SOCK_DGRAM, 0)};
    if (flood->fd < 0 || connect(flood->fd, (struct sockaddr *)&to, sizeof to))
        rig_fail("no UDP socket");
    for (unsigned i = 0; i < BATCH; i++) {
        size_t n = sizeof flood->packets - i * flood->packet_bytes;
        lo_message message = lo_message_new();
        lo_message_add_float(message, -(float)(i + 1));
        if (!lo_message_serialise(message, address, flood->packets + i * flood->packet_bytes, &n))
            rig_fail("a set of %s is too long", address);
        flood->packet_bytes = (unsigned)n;
        lo_message_free(message);
    }
}

void flood_close(struct flood *flood)
{
    close(flood->fd);
}

void flood_burst(struct flood *flood, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        flood->sent += send(flood->fd, flood->packets + i % BATCH * flood->packet_bytes, flood->packet_bytes, 0) > 0;
}

/* As many as the rate allows until now; after a pause the rate is caught up with. */
static unsigned due(const struct flood *flood, double start, uint64_t sent)
{
    if (flood->rate_hz <= 0)
        return BATCH;
    double wanted = fmin((now_s() - start) * flood->rate_hz, flood->seconds * flood->rate_hz) - (double)sent;
    return wanted < 0 ? 0 : wanted < BATCH ? (unsigned)wanted : BATCH;
}

static void *run(void *user)
{
    struct flood *flood = user;
    uint64_t sent = 0, all = (uint64_t)(flood->seconds * flood->rate_hz);
    double start = now_s();
    while (flood->rate_hz > 0 ? sent < all : now_s() < start + flood->seconds) {
        unsigned n = due(flood, start, sent);
        ssize_t taken = n ? send(flood->fd, flood->packets, (size_t)n * flood->packet_bytes, 0) : 0;
        sent += taken > 0 ? (uint64_t)taken / flood->packet_bytes : 0;
        if (!n)
            nanosleep(&(struct timespec){0, PAUSE_NS}, NULL);
    }
    flood->sent += sent;
    return NULL;
}

void flood_start(struct flood *flood, double seconds, double rate_hz)
{
    int each = (int)flood->packet_bytes;
    flood->seconds = seconds;
    flood->rate_hz = rate_hz;
    if (setsockopt(flood->fd, IPPROTO_UDP, UDP_SEGMENT, &each, sizeof each) ||
        pthread_create(&flood->thread, NULL, run, flood))
        rig_fail("no thread, or a kernel without UDP_SEGMENT");
}

void flood_wait(struct flood *flood)
{
    int none = 0;
    pthread_join(flood->thread, NULL);
    setsockopt(flood->fd, IPPROTO_UDP, UDP_SEGMENT, &none, sizeof none);
}

/* ---- counting ------------------------------------------------------------------------------------------------------- */

struct stats stats_read(struct client *client)
{
    return (struct stats){client_do(client, "/stats")};
}

double stats_get(const struct stats *stats, const char *name)
{
    for (int i = 0; i + 1 < answer_count(stats->answer); i += 2)
        if (strcmp(answer_string(stats->answer, i), name) == 0)
            return answer_number(stats->answer, i + 1);
    rig_fail("/stats has no %s", name);
}

struct stats stats_at_rest(struct client *client, const struct flood *flood)
{
    struct stats stats = stats_read(client);
    for (double end = now_s() + REST_S; now_s() < end; stats = stats_read(client)) {
        double came = stats_get(&stats, "datagrams") + stats_get(&stats, "dropped_by_kernel");
        if (stats_get(&stats, "values_waiting") == 0 && (!flood || came >= (double)flood->sent))
            break;
        pause_s(0.02);
    }
    return stats;
}

struct account account_of(const struct stats *stats, uint64_t values_sent)
{
    double malformed = stats_get(stats, "malformed"), denied = stats_get(stats, "denied");
    struct account account = {
        .applied = stats_get(stats, "values_applied"),
        .coalesced = stats_get(stats, "coalesced"),
        .limited = stats_get(stats, "limited"),
        .refused = stats_get(stats, "values_refused") + malformed + denied,
        .dropped = stats_get(stats, "dropped_by_kernel"),
    };
    account.difference =
        (double)values_sent - account.applied - account.coalesced - account.limited - account.refused - account.dropped;
    account.packets_difference = stats_get(stats, "datagrams") + stats_get(stats, "stream_packets") -
                                 stats_get(stats, "packets") - account.limited - malformed - denied;
    return account;
}

/* ---- what it costs -------------------------------------------------------------------------------------------------- */

double control_cpu_s(const struct studio *studio)
{
    char path[128];
    double ns = 0;
    snprintf(path, sizeof path, "/proc/%d/task/%d/schedstat", studio->dawd.pid, studio->dawd.pid);
    FILE *file = fopen(path, "r");
    if (!file || fscanf(file, "%lf", &ns) != 1)
        rig_fail("cannot read %s", path);
    fclose(file);
    return ns / 1e9;
}

double steal_s(void)
{
    unsigned long ticks[8] = {0};
    FILE *file = fopen("/proc/stat", "r");
    if (file) {
        if (fscanf(file, "cpu %lu %lu %lu %lu %lu %lu %lu %lu", &ticks[0], &ticks[1], &ticks[2], &ticks[3], &ticks[4],
                   &ticks[5], &ticks[6], &ticks[7]) != 8)
            ticks[7] = 0;
        fclose(file);
    }
    return (double)ticks[7] / (double)sysconf(_SC_CLK_TCK);
}
