/* Each side of the graph hears of the other: capture latency goes with the sound, playback latency comes back against it. MIDI is
 * left out: what a keyboard is told or tells is no sound that could be late. */
#include "daemon/jack_latency.h"

/* The latencies of all ports in a direction: at least, and at most. */
static jack_latency_range_t range_of(struct jack_shared *shared, bool captures, unsigned n_ports,
                                     jack_latency_callback_mode_t mode)
{
    _Atomic(jack_port_t *) *ports = captures ? shared->inputs : shared->outputs;
    jack_latency_range_t all = {UINT32_MAX, 0};
    for (unsigned i = 0; i < n_ports; i++) {
        jack_latency_range_t range;
        jack_port_t *port = atomic_load(&ports[i]);
        if (!port || atomic_load(&shared->midi[i]))
            continue;
        jack_port_get_latency_range(port, mode, &range);
        all.min = range.min < all.min ? range.min : all.min;
        all.max = range.max > all.max ? range.max : all.max;
    }
    return all.min > all.max ? (jack_latency_range_t){0, 0} : all;
}

void jack_latency_tell(jack_latency_callback_mode_t mode, void *argument)
{
    struct jack_shared *shared = argument;
    bool captures = mode == JackCaptureLatency;
    unsigned n_ports = atomic_load(&shared->n_ports);
    jack_latency_range_t known = range_of(shared, captures, n_ports, mode);
    for (unsigned i = 0; i < n_ports; i++) {
        jack_port_t *port = atomic_load(captures ? &shared->outputs[i] : &shared->inputs[i]);
        jack_latency_range_t range = {known.min + atomic_load(&shared->latency_least[i]),
                                      known.max + atomic_load(&shared->latency_most[i])};
        if (port && !atomic_load(&shared->midi[i]))
            jack_port_set_latency_range(port, mode, &range);
    }
}

bool jack_latency_take(struct jack_shared *shared, const struct device_port *wish, unsigned n_wish)
{
    bool changed = false;
    for (unsigned i = 0; i < n_wish; i++) {
        unsigned index = wish[i].index;
        if (index >= DEVICE_PORTS_MAX)
            continue;
        changed |= atomic_exchange(&shared->latency_least[index], wish[i].latency.least) != wish[i].latency.least;
        changed |= atomic_exchange(&shared->latency_most[index], wish[i].latency.most) != wish[i].latency.most;
    }
    return changed;
}
