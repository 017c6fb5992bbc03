#include <stddef.h>
#include <time.h>

#include "graph/clock_shared.h"

#include "graph/rt_only.h"

uint64_t clock_monotonic_rt(void *self)
{
    struct timespec now;
    (void)self;
    clock_gettime(CLOCK_MONOTONIC, &now); /* read from the page that the kernel shares, no system call */
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
