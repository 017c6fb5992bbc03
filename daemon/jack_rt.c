#include <jack/transport.h>
#include <pthread.h>
#include <string.h>

#include "daemon/jack_shared.h"
#include "graph/mutant.h"

#include "graph/rt_only.h"

#define PAUSE_NS      50000    /* more than libjack needs from one cycle to the next when it has not to wait */
#define REST_AFTER_NS 50000000 /* a quarter of what the kernel lets a thread compute (overtime.h) */

static struct jack_midi *midi_of(const struct jack_shared *shared, unsigned index)
{
    return atomic_load_explicit(&shared->midi[index], memory_order_relaxed);
}

static void input_fetch(struct jack_seat *seat, unsigned index, jack_nframes_t n_frames)
{
    jack_port_t *input = atomic_load_explicit(&seat->shared->inputs[index], memory_order_acquire);
    struct jack_midi *midi = input ? midi_of(seat->shared, index) : NULL;
    void *buffer = input ? jack_port_get_buffer(input, n_frames) : NULL;
    seat->buffers[index] = midi ? NULL : buffer;
    seat->midi[index] = midi && buffer ? &midi->port : NULL;
    if (midi && buffer)
        jack_midi_receive_rt(midi, input, buffer);
}

static void output_fetch(struct jack_seat *seat, unsigned index, jack_nframes_t n_frames)
{
    jack_port_t *output = atomic_load_explicit(&seat->shared->outputs[index], memory_order_acquire);
    struct jack_midi *midi = output ? midi_of(seat->shared, index) : NULL;
    void *buffer = output ? jack_port_get_buffer(output, n_frames) : NULL;
    if (!buffer)
        return;
    if (!midi) {
        memset(buffer, 0, n_frames * sizeof(float));
        seat->buffers[index] = buffer;
        return;
    }
    jack_midi_clear_rt(midi, output, buffer);
    seat->midi[index] = &midi->port;
    seat->midi_outputs[seat->n_midi_outputs++] = (struct jack_midi_way){midi, buffer};
}

/* Inputs come first: where somebody has connected one of our outputs to one of our inputs, JACK copies the output of the last
 * cycle at that moment. Then every output is cleared: a port whose node is not in the plan yet, or not any more, is
 * silent, and so is everything when another driver has the engine. */
static void buffers_fetch(struct jack_seat *seat, jack_nframes_t n_frames)
{
    struct jack_shared *shared = seat->shared;
    unsigned n_ports = atomic_load_explicit(&shared->n_ports, memory_order_acquire);
    for (unsigned i = 0; i < n_ports; i++)
        input_fetch(seat, i, n_frames);
    seat->n_midi_outputs = 0;
    for (unsigned i = 0; i < n_ports; i++)
        output_fetch(seat, i, n_frames);
}

/* All of them, whatever period was announced: PipeWire announces a new one after its first cycle. */
static unsigned frames_rt(const struct jack_shared *shared, jack_nframes_t n_frames)
{
    unsigned announced = atomic_load_explicit(&shared->period_frames, memory_order_relaxed);
    if (MUTANT_FLAW("timid") && n_frames > announced)
        return announced;
    return n_frames - (MUTANT_FLAW("lapse") && n_frames > 1024);
}

static void cycle_rt(struct jack_seat *seat, jack_nframes_t n_frames)
{
    struct jack_shared *shared = seat->shared;
    struct engine_rt *engine = atomic_load_explicit(&shared->engine, memory_order_relaxed);
    if (!engine)
        return;
    buffers_fetch(seat, n_frames);
    jack_position_t place;
    jack_transport_state_t state = seat->client ? jack_transport_query(seat->client, &place) : JackTransportStopped;
    const struct cycle cycle = {
        .n_frames = frames_rt(shared, n_frames),
        .ports = seat->buffers,
        .midi = seat->midi,
        .budget_ns = n_frames * 1000000000ull / shared->rate_hz,
        /* The first cycle of a client follows nothing: the frames of another server are other ones. */
        .has_time = seat->client && seat->has_run,
        .time_frames = seat->client ? jack_last_frame_time(seat->client) : 0,
        .has_transport = seat->client,
        .transport_rolls = state == JackTransportRolling || state == JackTransportLooping,
        .transport_frame = seat->client ? place.frame : 0,
    };
    seat->has_run = true;
    shared->calls->cycle(engine, &cycle);
    for (unsigned i = 0; i < seat->n_midi_outputs; i++)
        jack_midi_send_rt(seat->midi_outputs[i].midi, seat->midi_outputs[i].buffer);
    atomic_fetch_add_explicit(&shared->n_cycles, 1, memory_order_release);
}

/* A graph that is too much for the machine is late in every cycle, and libjack then calls again without having waited. To the
 * kernel that is one callback that does not end. So the thread rests for a moment by itself, the only time that it enters the
 * kernel: an overload costs cycles, not the process. */
static void rest_rt(struct jack_seat *seat)
{
    uint64_t now_ns = clock_read(&seat->shared->clock);
    if (now_ns - seat->awake_ns > REST_AFTER_NS && !MUTANT_FLAW("tireless")) {
        seat->shared->rest();
        seat->awake_ns = now_ns;
    }
    seat->left_ns = now_ns;
}

static void note_pause_rt(struct jack_seat *seat)
{
    uint64_t now_ns = clock_read(&seat->shared->clock);
    if (now_ns - seat->left_ns > PAUSE_NS)
        seat->awake_ns = now_ns;
}

int jack_rt_process(jack_nframes_t n_frames, void *argument)
{
    /* When the server has died, closing the client ends this thread wherever it is. In the middle of a cycle it would take
     * the engine with it for ever, so it may not be ended before the cycle is over. Two atomic operations, no kernel. */
    struct jack_seat *seat = argument;
    int state;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    if (n_frames && !atomic_load_explicit(&seat->is_left, memory_order_acquire)) {
        note_pause_rt(seat);
        cycle_rt(seat, n_frames);
        rest_rt(seat);
    }
    pthread_setcancelstate(state, NULL);
    return 0;
}
