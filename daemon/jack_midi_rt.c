#include "daemon/jack_midi.h"

#include <jack/midiport.h>

#include "graph/mutant.h"

#include "graph/rt_only.h"

#define HEARD_CYCLES 16 /* JACK counts a connection some cycles before it carries anything */

/* How many cables there are is all that JACK tells a process callback without a lock. So of two that change places in one cycle
 * nothing is seen. */
static bool has_lost_cable(struct jack_midi *midi, const jack_port_t *port)
{
    int n = jack_port_connected(port);
    bool is_fewer = n < midi->n_cables;
    midi->n_cables = n;
    return atomic_exchange_explicit(&midi->is_new, false, memory_order_relaxed) || is_fewer;
}

void jack_midi_receive_rt(struct jack_midi *midi, const jack_port_t *jack, void *buffer)
{
    struct midi_port *port = &midi->port;
    uint32_t n = jack_midi_get_event_count(buffer), last = 0;
    port->n = port->next = 0;
    port->is_cut = has_lost_cable(midi, jack);
    port->overflows = false;
    for (uint32_t i = 0; i < n && !port->overflows; i++) {
        jack_midi_event_t event;
        struct midi_message message;
        if (jack_midi_event_get(&event, buffer, i) != 0 || !midi_read(event.buffer, event.size, &message))
            continue;
        last = event.time > last ? event.time : last;
        midi_port_put(port, last, &message);
    }
}

void jack_midi_clear_rt(struct jack_midi *midi, const jack_port_t *port, void *buffer)
{
    midi->port.n = midi->port.next = 0;
    midi->port.is_played = midi->port.overflows = false;
    int n = jack_port_connected(port);
    bool is_more = n > midi->n_cables;
    midi->n_cables = n;
    midi->heard_for = n <= 0 ? 0 : is_more ? 1 : midi->heard_for + (midi->heard_for <= HEARD_CYCLES);
    jack_midi_clear_buffer(buffer);
}

static bool write_one(void *buffer, uint32_t frame, const struct midi_message *message)
{
    return jack_midi_event_write(buffer, frame, message->bytes, message->n) == 0;
}

static void note_down(struct jack_midi_on *on, const struct midi_message *message)
{
    unsigned status = message->bytes[0] & 0xf0u, number = message->bytes[1] & 0x7fu;
    uint16_t channel = (uint16_t)(1u << (message->bytes[0] & 0xf)), *key = &on->keys[number];
    if (status == MIDI_CONTROL && number == CONTROL_PEDAL)
        on->pedal = (uint16_t)(message->bytes[2] >= 64 ? on->pedal | channel : on->pedal & ~channel);
    if (status != MIDI_NOTE_ON && status != MIDI_NOTE_OFF)
        return;
    bool was_on = *key & channel, is_on = status == MIDI_NOTE_ON && message->bytes[2];
    *key = (uint16_t)(is_on ? *key | channel : *key & ~channel);
    on->n += (unsigned)is_on - (unsigned)was_on;
}

/* But for what is on again by now. */
static void end_all(struct jack_midi_on *on, const struct jack_midi_on *again, void *buffer)
{
    for (unsigned key = 0; key < 128 && on->n && !MUTANT_FLAW("hanging"); key++)
        for (unsigned channel = 0; channel < EVENT_CHANNELS && on->keys[key]; channel++) {
            struct midi_message off = {3, {(uint8_t)(MIDI_NOTE_OFF | channel), (uint8_t)key, 0}};
            bool is_again = again && again->keys[key] & 1u << channel;
            if (on->keys[key] & 1u << channel && (is_again || write_one(buffer, 0, &off)))
                note_down(on, &off);
        }
    for (unsigned channel = 0; channel < EVENT_CHANNELS && on->pedal; channel++) {
        struct midi_message up = {3, {(uint8_t)(MIDI_CONTROL | channel), CONTROL_PEDAL, 0}};
        bool is_again = again && again->pedal & 1u << channel;
        if (on->pedal & 1u << channel && (is_again || write_one(buffer, 0, &up)))
            note_down(on, &up);
    }
}

/* A debt is forgotten with the last of those that it may be owed to. */
static void pay(struct jack_midi *midi, void *buffer)
{
    if (midi->heard_for == HEARD_CYCLES) {
        midi->due = midi->owed;
        if (midi->n_cables >= midi->n_owed_to)
            midi->owed = (struct jack_midi_on){0};
    }
    end_all(&midi->due, &midi->on, buffer);
}

void jack_midi_send_rt(struct jack_midi *midi, void *buffer)
{
    const struct midi_port *port = &midi->port;
    bool goes = !port->is_played || atomic_load_explicit(&midi->leaves, memory_order_relaxed);
    pay(midi, buffer);
    if ((goes && midi->heard_for) || (midi->ends_all && !MUTANT_FLAW("flooded")))
        end_all(&midi->on, NULL, buffer);
    midi->ends_all = port->overflows;
    for (unsigned i = 0; i < port->n && !goes; i++)
        if (write_one(buffer, port->timed[i].frame, &port->timed[i].message))
            note_down(&midi->on, &port->timed[i].message);
        else
            midi->ends_all = true;
}
