/* A client that sets one value by UDP, again and again, in a thread of its own, and knows how often. */
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "tests/system/studio.h"

struct flood {
    int fd;
    char packets[4096]; /* sets of the same value, each to something else */
    unsigned packet_bytes;
    pthread_t thread;
    double seconds, rate_hz; /* of the run; rate 0: as fast as they go */
    uint64_t sent;           /* datagrams that the kernel has taken, ever */
};

/* Will set `address` of the studio's daemon, by a float from -1 to -32. */
void flood_open(struct flood *flood, const struct studio *studio, const char *address);
void flood_close(struct flood *flood);

/* Sends n, one by one, back to back. */
void flood_burst(struct flood *flood, unsigned n);
/* Sends for so long, many with one call, while the caller does something else. */
void flood_start(struct flood *flood, double seconds, double rate_hz);
void flood_wait(struct flood *flood);

/* A figure of /stats; the reading is taken by stats_read. */
struct stats {
    const struct answer *answer;
};
struct stats stats_read(struct client *client);
double stats_get(const struct stats *stats, const char *name);
/* The same once nothing is under way any more: every value has found its end, and `flood` (null: none) is through. */
struct stats stats_at_rest(struct client *client, const struct flood *flood);

/* Where what was sent since /stats/reset has gone to: 0 if every packet and every value is accounted for. */
struct account {
    double applied, coalesced, limited, refused, dropped; /* of the values */
    double difference;                                    /* values sent, and not found among these */
    double packets_difference;                            /* packets received, and not found again */
};
struct account account_of(const struct stats *stats, uint64_t values_sent);

/* Processor time of the daemon's control thread in seconds, and what the hypervisor has taken from all processors. */
double control_cpu_s(const struct studio *studio);
double steal_s(void);
