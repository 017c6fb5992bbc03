/* The engine's clock while no JACK server runs: time, glides and fades go on, requests are answered, no node runs.
 *
 * It must be stopped before JACK is told to start: only one driver may call the engine.
 */
#pragma once

#include <stdint.h>

#include "daemon/driver.h"
#include "graph/device.h"
#include "graph/thread.h"

struct null_driver;

/* Starts calling the engine every 5 ms with as many frames as have passed by the monotonic clock at rate_hz, so that time
 * does not drift. Borrows both until null_driver_stop. Null: no memory or thread left. */
DAWD_CTL struct null_driver *null_driver_start(struct engine_rt *engine, unsigned rate_hz,
                                               const struct driver_calls *calls);
/* Returns after the last call has ended, and frees. Null is accepted. */
DAWD_CTL void null_driver_stop(struct null_driver *driver);

/* A sound card without ports, for a daemon that never looks for JACK: every wish is fulfilled at once. */
struct null_device {
    uint64_t n_wishes;
};

/* The service over `device` (zeroed, borrowed as long as the service is in use). */
DAWD_CTL struct device_service null_device_service(struct null_device *device);
