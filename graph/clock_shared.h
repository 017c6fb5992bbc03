/* The clock that times are measured by. Nothing that sounds depends on it: sound is counted in frames. Tests put one of
 * their own in its place, which moves when they say so. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "graph/thread.h"

struct clock {
    DAWD_ANY uint64_t (*now_ns)(void *self); /* never back; from a start of its own, so that only differences count */
    void *self;
};

DAWD_ANY static inline uint64_t clock_read(const struct clock *clock)
{
    return clock->now_ns(clock->self);
}

/* CLOCK_MONOTONIC. `self` is unused. */
DAWD_ANY uint64_t clock_monotonic_rt(void *self);

/* The same in milliseconds, for those who wait. */
DAWD_ANY static inline int64_t clock_ms(void)
{
    return (int64_t)(clock_monotonic_rt(NULL) / 1000000u);
}
