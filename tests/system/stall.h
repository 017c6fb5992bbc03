/* A disk that stands still: the library preload_stall.c holds up the next write of a sound file for as long as the test asks,
 * by the file named by DAWD_STALL. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

struct stall {
    _Atomic uint32_t ms;     /* for the next write; taken back by the library when it begins */
    _Atomic uint32_t n_over; /* stalls that have ended */
};
