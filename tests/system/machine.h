/* The machine itself: a thread above all of JACK on each processor notices when even that was not served. A virtual machine
 * stands still now and then, and the clocks of its threads run on meanwhile. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define MACHINE_PROCESSORS_MAX 64
#define MACHINE_STALLS_MAX     16384

struct machine_stall {
    int64_t from_ns, to_ns; /* CLOCK_MONOTONIC; it began before the watch was due */
};

struct machine {
    _Atomic bool ends;
    pthread_t threads[MACHINE_PROCESSORS_MAX];
    unsigned n_threads;
    _Atomic unsigned n_stalls; /* begun; more than there is room for are left out */
    struct machine_stall stalls[MACHINE_STALLS_MAX];
};

void machine_open(struct machine *machine);
void machine_close(struct machine *machine);

/* Whether any processor stood still within this time. After machine_close. */
bool machine_stalled(const struct machine *machine, int64_t from_ns, int64_t to_ns);

/* Time that the host has taken for itself, in ticks of all processors; 0 where it does not say. */
long machine_stolen(void);
