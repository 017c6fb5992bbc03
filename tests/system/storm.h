/* Clients that behave badly, as bare sockets that never wait; one that behaves well and counts the time; and what the daemon
 * holds meanwhile. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "tests/system/studio.h"

/* Connects without waiting: by TCP from the other host (neighbours.h), or by the unix socket. -1 when that is refused at
 * once. TCP gets a small receive buffer, so that little is enough to fill it. */
int storm_dial(const struct studio *studio, bool tcp);
/* Sends what the kernel takes. */
void storm_send(int fd, const void *bytes, size_t n);
/* Closes with a reset, as when a program is killed with unread bytes. */
void storm_reset(int fd);
/* How many of them the daemon has closed; and waits until so many are. */
unsigned storm_count_closed(const int *fds, unsigned n);
unsigned storm_await_closed(const int *fds, unsigned n, unsigned wanted, double timeout_s);
void storm_close(int *fds, unsigned n);

/* Descriptors that the daemon has open; seconds of processor that it has had. */
unsigned storm_descriptors(const struct studio *studio);
double storm_cpu_s(const struct studio *studio);

#define STORM_PINGS_MAX 20000

/* A client by the unix socket in a thread of its own, that pings all the time. */
struct storm_pinger {
    struct client client;
    pthread_t thread;
    atomic_bool stop;
    unsigned n, n_lost;
    double ms[STORM_PINGS_MAX];
    double p99_ms, max_ms; /* when it has ended */
};
void storm_pinger_start(struct storm_pinger *pinger, const struct studio *studio);
void storm_pinger_stop(struct storm_pinger *pinger);
