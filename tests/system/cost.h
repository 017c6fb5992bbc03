/* What each cycle of a JACK client costs, in the time that its thread had a processor for it, and what the same small work cost right
 * before and after it. Of the daemon: in a file that the library preload_cost.c writes and a test reads while it runs. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

#define COST_CYCLES 65536u /* the newest */

struct cost_cycle {
    int64_t start_ns, end_ns;    /* CLOCK_MONOTONIC */
    int32_t work_ns;             /* processor time of the callback */
    int32_t before_ns, after_ns; /* and of the yardstick */
};

struct cost_seen {
    _Atomic uint64_t n; /* cycles so far; cycle n is in row n modulo COST_CYCLES */
    struct cost_cycle cycle[COST_CYCLES];
};

#define YARDSTICK_ROUNDS 4000 /* some 20 us */
#define YARDSTICK_CHAINS 12   /* that do not wait for each other */

static inline int64_t cost_now_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Always the same, in registers alone, and wide enough to keep the units for numbers busy: what it costs tells what the
 * processor has for us at this moment, whatever the callback has left in its caches. */
static inline int32_t cost_yardstick_ns(void)
{
    int64_t start_ns = cost_now_ns(CLOCK_THREAD_CPUTIME_ID);
    struct {
        float of __attribute__((vector_size(16)));
    } chain[YARDSTICK_CHAINS] = {0};
    for (unsigned i = 0; i < YARDSTICK_ROUNDS; i++) {
#pragma GCC unroll 12
        for (unsigned k = 0; k < YARDSTICK_CHAINS; k++)
            chain[k].of = chain[k].of * 0.5f + 1.0f;
    }
    for (unsigned k = 0; k < YARDSTICK_CHAINS; k++)
        __asm__ volatile("" : : "x"(chain[k].of));
    return (int32_t)(cost_now_ns(CLOCK_THREAD_CPUTIME_ID) - start_ns);
}

/* A cycle: the callback, measured. */
static inline int cost_run(struct cost_seen *seen, int (*process)(uint32_t n_frames, void *user), uint32_t n_frames,
                           void *user)
{
    uint64_t n = atomic_load(&seen->n);
    struct cost_cycle *cycle = &seen->cycle[n % COST_CYCLES];
    cycle->start_ns = cost_now_ns(CLOCK_MONOTONIC);
    cycle->before_ns = cost_yardstick_ns();
    int64_t start_ns = cost_now_ns(CLOCK_THREAD_CPUTIME_ID);
    int result = process(n_frames, user);
    cycle->work_ns = (int32_t)(cost_now_ns(CLOCK_THREAD_CPUTIME_ID) - start_ns);
    cycle->after_ns = cost_yardstick_ns();
    cycle->end_ns = cost_now_ns(CLOCK_MONOTONIC);
    atomic_store(&seen->n, n + 1);
    return result;
}

/* What all but this share of n numbers (sorted by it) are not above; 0 of none. */
double cost_quantile(int32_t *numbers, unsigned n, double share);
