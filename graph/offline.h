/* The offline driver: runs the engine as fast as the machine goes, without a sound card and without a clock.
 *
 *     offline_init(&offline, ctl, n_ports, period)
 *     loop:   ctl_poll(ctl)                       edits take effect, in the order in which they were committed
 *             fill offline.ports[i] of inputs
 *             offline_cycle(&offline, n)
 *             take offline.ports[i] of outputs
 *     offline_deinit(&offline)
 *
 * One thread is control and audio thread in turn. Nothing depends on the time of day, so the same edits at the same
 * cycles give the same samples.
 */
#pragma once

#include "graph/ctl.h"

struct offline {
    struct engine_rt *engine;
    float *ports[DEVICE_PORTS_MAX]; /* by device port number: period_frames samples each, null from n_ports on */
    struct midi_port *const *midi;  /* likewise, of ports that carry MIDI; null unless somebody gives it */
    unsigned n_ports;
    unsigned period_frames; /* frames of one cycle at most */
    struct arena arena;     /* the buffers */
};

/* Gives the first n_ports device ports (DEVICE_PORTS_MAX at most) silent buffers of period_frames. Borrows the engine of
 * `ctl`, which no other driver may run meanwhile. 0, or ERROR_INTERNAL when memory ran out, with nothing to undo. */
DAWD_CTL int offline_init(struct offline *offline, struct ctl *ctl, unsigned n_ports, unsigned period_frames);

/* Renders n_frames, 1 to period_frames. False, and nothing was done, when another driver has the engine. */
DAWD_CTL bool offline_cycle(struct offline *offline, unsigned n_frames);

DAWD_CTL void offline_deinit(struct offline *offline);
