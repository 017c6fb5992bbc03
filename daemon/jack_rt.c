#include <string.h>

#include "daemon/jack_shared.h"

#include "graph/rt_only.h"

/* Every output is cleared before the engine runs: a port whose node is not in the plan yet, or not any more, is silent, and
 * so is everything when another driver has the engine. */
static float *fresh_buffer(jack_port_t *input, jack_port_t *output, jack_nframes_t n_frames)
{
    if (!input && !output)
        return NULL;
    float *buffer = jack_port_get_buffer(output ? output : input, n_frames);
    if (output && buffer)
        memset(buffer, 0, n_frames * sizeof *buffer);
    return buffer;
}

int jack_rt_process(jack_nframes_t n_frames, void *argument)
{
    struct jack_shared *shared = argument;
    if (!n_frames)
        return 0;
    unsigned n_ports = atomic_load_explicit(&shared->n_ports, memory_order_acquire);
    for (unsigned i = 0; i < n_ports; i++)
        shared->buffers[i] = fresh_buffer(atomic_load_explicit(&shared->inputs[i], memory_order_acquire),
                                          atomic_load_explicit(&shared->outputs[i], memory_order_acquire), n_frames);
    const struct cycle cycle = {
        .n_frames = n_frames,
        .ports = shared->buffers,
        .budget_ns = n_frames * 1000000000ull / shared->rate_hz,
    };
    shared->calls->cycle(atomic_load_explicit(&shared->engine, memory_order_relaxed), &cycle);
    atomic_fetch_add_explicit(&shared->n_cycles, 1, memory_order_release);
    return 0;
}
