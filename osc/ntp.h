/* The wall clock as OSC writes it: seconds since 1900 in the upper half, fractions of a second in the lower. */
#pragma once

#include <stdint.h>

#include "graph/thread.h"

/* The time of this moment. */
DAWD_ANY uint64_t ntp_now(void);
