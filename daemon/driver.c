#include "daemon/driver.h"

const struct driver_calls driver_engine_calls = {
    .cycle = engine_cycle_rt,
    .idle = engine_idle_rt,
    .xrun = engine_xrun,
};
