/* What a driver calls: the only way to make the engine run.
 *
 * One driver at a time: the JACK process callback, the null driver while no JACK server runs, control itself while it
 * changes the rate, or a test that renders as fast as it can. Each cycle takes the engine's owner word for its duration,
 * so a driver that was left behind by mistake gets nothing.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "graph/thread.h"

struct engine_rt;
struct midi_port;

/* What a driver hands over; borrowed for the call. The engine writes only to ports of output nodes that are in the plan:
 * who wants silence on all others has put it there before. */
struct cycle {
    unsigned n_frames; /* any number from 1 */
    float *const
        *ports; /* DEVICE_PORTS_MAX entries by device port number: n_frames samples each, or null; null: no card at all */
    struct midi_port *const
        *midi;          /* likewise, of the ports that carry MIDI: inputs filled, outputs empty; null: there are none */
    uint64_t budget_ns; /* the time this cycle may take, for statistics; 0: not live, nothing is measured */
    /* The driver's own count of frames, if it has one: where that is ahead of the last cycle's end, sound was lost. */
    bool has_time;
    uint32_t time_frames; /* of the first frame; wraps */
    /* The driver's own transport, if it has one: at the first frame. */
    bool has_transport, transport_rolls;
    int64_t transport_frame;
};

/* Runs one cycle: takes in what control has sent, then renders n_frames. False (and nothing done: the driver writes
 * silence) when another driver has the engine. Bounded by what the ring holds, the steps of the plan and n_frames; the
 * caller is the audio thread while it lasts, whatever thread it is. */
DAWD_RT bool engine_cycle_rt(struct engine_rt *engine, const struct cycle *cycle);

/* As engine_cycle_rt without running any node: time, transport, glides and fades advance, node states stand still. Costs
 * the same for any n_frames. */
DAWD_RT bool engine_idle_rt(struct engine_rt *engine, unsigned n_frames);

/* As engine_idle_rt, but the transport stands: time that is not anybody's, so that what fades comes to its end. */
DAWD_RT bool engine_pass_rt(struct engine_rt *engine, unsigned n_frames);

/* Counts one xrun, a cycle that the driver knows to have come too late; any thread, also between cycles. */
DAWD_ANY void engine_xrun(struct engine_rt *engine);
