/* What a driver calls: the only way to make the engine run.
 *
 * One driver at a time: the JACK process callback, the null driver while no JACK server runs, or an offline render. Each
 * cycle takes the engine's owner word for its duration, so a driver that was left behind by mistake gets nothing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "graph/thread.h"

struct engine_rt;

struct cycle {
    unsigned n_frames;   /* any number from 1 */
    float *const *ports; /* DEVICE_PORTS_MAX entries by device port number: n_frames samples each, or null */
    uint64_t budget_ns;  /* the time this cycle may take, for statistics; 0: not live, nothing is measured */
};

/* Runs one cycle: takes in what control has sent, then renders n_frames. False (and nothing done: the driver writes
 * silence) when another driver has the engine. */
DAWD_RT bool engine_cycle_rt(struct engine_rt *engine, const struct cycle *cycle);

/* As engine_cycle_rt without running any node: time, glides and fades advance. For the null driver. */
DAWD_RT bool engine_idle_rt(struct engine_rt *engine, unsigned n_frames);

/* Counts one xrun of the driver; any thread. */
DAWD_ANY void engine_xrun(struct engine_rt *engine);
