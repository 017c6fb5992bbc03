/* The MIDI 1.0 Detailed Specification (MIDI Manufacturers Association, 1996): tables I to VI; running status and real time in
 * appendix A-1. */
#include "graph/midi.h"

#include "graph/rt_only.h"

#define IS_STATUS 0x80
#define DATA_MASK 0x7f
#define CENTRE    8192 /* of 14 bits */

#define OFF_UNSAID 64 /* how fast a key was let go whose keyboard does not say it */

/* Data bytes behind a status; -1: undefined, or without a fixed length. */
static int data_bytes(uint8_t status)
{
    static const int8_t of_channels[] = {2, 2, 2, 2, 1, 1, 2};
    static const int8_t of_system[] = {-1, 1, 2, 1, -1, -1, 0, -1, 0, -1, 0, 0, 0, -1, 0, 0};
    if (status < MIDI_EXCLUSIVE)
        return of_channels[(status >> 4) - (MIDI_NOTE_OFF >> 4)];
    return of_system[status & 0xf];
}

bool midi_read(const uint8_t *bytes, size_t n, struct midi_message *message)
{
    if (!n || n > MIDI_BYTES_MOST || !(bytes[0] & IS_STATUS) || data_bytes(bytes[0]) != (int)n - 1)
        return false;
    *message = (struct midi_message){.n = (uint8_t)n};
    for (size_t i = 0; i < n; i++) {
        if (i && bytes[i] & IS_STATUS)
            return false;
        message->bytes[i] = bytes[i];
    }
    return true;
}

/* Running status is for channels only: what the system says is complete by itself, and ends that of a channel. */
static bool status_take(struct midi_stream *stream, uint8_t status, struct midi_message *message)
{
    *message = (struct midi_message){1, {status}};
    if (status >= MIDI_CLOCK)
        return data_bytes(status) == 0;
    *stream = (struct midi_stream){.status = data_bytes(status) > 0 ? status : 0};
    return data_bytes(status) == 0;
}

bool midi_stream_take(struct midi_stream *stream, uint8_t byte, struct midi_message *message)
{
    if (byte & IS_STATUS)
        return status_take(stream, byte, message);
    if (!stream->status)
        return false;
    if (stream->n_data + 1 < data_bytes(stream->status)) {
        stream->data = byte;
        stream->n_data++;
        return false;
    }
    *message = stream->n_data ? (struct midi_message){3, {stream->status, stream->data, byte}}
                              : (struct midi_message){2, {stream->status, byte}};
    stream->n_data = 0;
    if (stream->status >= MIDI_EXCLUSIVE)
        stream->status = 0;
    return true;
}

/* 8192 steps down and 8191 up: both ends are reached, and 0 is 0. */
static float bend_value(int bend)
{
    return (float)bend / (bend < 0 ? CENTRE : MIDI_BEND_HIGHEST);
}

bool midi_to_event(const struct midi_message *message, struct event *event)
{
    const uint8_t *bytes = message->bytes;
    *event = (struct event){.channel = bytes[0] & 0xf, .note = bytes[1], .value = bytes[2]};
    switch (bytes[0] & 0xf0) {
    case MIDI_NOTE_OFF:
        event->kind = EVENT_NOTE_OFF;
        return true;
    case MIDI_NOTE_ON:
        event->kind = bytes[2] ? EVENT_NOTE_ON : EVENT_NOTE_OFF;
        event->value = bytes[2] ? bytes[2] : OFF_UNSAID;
        return true;
    case MIDI_NOTE_PRESSURE:
        event->kind = EVENT_NOTE_PRESSURE;
        return true;
    default:
        break;
    }
    event->note = 0;
    event->number = bytes[1];
    switch (bytes[0] & 0xf0) {
    case MIDI_CONTROL:
        event->kind = EVENT_CONTROL;
        return true;
    case MIDI_PROGRAM:
        event->kind = EVENT_PROGRAM;
        event->value = 0;
        return true;
    case MIDI_PRESSURE:
        *event = (struct event){.kind = EVENT_PRESSURE, .channel = event->channel, .value = bytes[1]};
        return true;
    case MIDI_BEND:
        *event = (struct event){
            .kind = EVENT_BEND, .channel = event->channel, .value = bend_value((bytes[1] | bytes[2] << 7) - CENTRE)};
        return true;
    default:
        return false;
    }
}

/* Also of what is no number: 0. */
static uint8_t seven_bits(float value, uint8_t least)
{
    if (!(value > least))
        return least;
    return value < 127 ? (uint8_t)(value + 0.5f) : 127;
}

uint8_t midi_key(float note)
{
    return seven_bits(note, 0);
}

static unsigned bend_bits(float value)
{
    if (!(value > -1))
        return value <= -1 ? 0 : CENTRE;
    if (value >= 1)
        return CENTRE + MIDI_BEND_HIGHEST;
    return value < 0 ? CENTRE - (unsigned)(0.5f - value * CENTRE) : CENTRE + (unsigned)(value * MIDI_BEND_HIGHEST + 0.5f);
}

static struct midi_message of_channel(const struct event *event, enum midi_status status, uint8_t first, uint8_t second)
{
    return (struct midi_message){3, {(uint8_t)(status | (event->channel & 0xf)), first, second}};
}

bool midi_from_event(const struct event *event, struct midi_message *message)
{
    uint8_t key = midi_key(event->note), value = seven_bits(event->value, 0), number = event->number & DATA_MASK;
    unsigned bend = 0;
    switch (event->kind) {
    case EVENT_NOTE_OFF:
        *message = of_channel(event, MIDI_NOTE_OFF, key, value);
        return true;
    case EVENT_NOTE_ON:
        *message = of_channel(event, MIDI_NOTE_ON, key, seven_bits(event->value, 1));
        return true;
    case EVENT_NOTE_PRESSURE:
        *message = of_channel(event, MIDI_NOTE_PRESSURE, key, value);
        return true;
    case EVENT_CONTROL:
        *message = of_channel(event, MIDI_CONTROL, number, value);
        return true;
    case EVENT_PROGRAM:
        *message = of_channel(event, MIDI_PROGRAM, number, 0);
        message->n = 2;
        return true;
    case EVENT_PRESSURE:
        *message = of_channel(event, MIDI_PRESSURE, value, 0);
        message->n = 2;
        return true;
    case EVENT_BEND:
        bend = bend_bits(event->value);
        *message = of_channel(event, MIDI_BEND, bend & DATA_MASK, (uint8_t)(bend >> 7));
        return true;
    case EVENT_SOUND_OFF:
        *message = of_channel(event, MIDI_CONTROL, CONTROL_SOUND_OFF, 0);
        return true;
    default:
        return false;
    }
}

struct midi_message midi_song(int64_t sixteenths)
{
    int64_t held = sixteenths < 0 ? 0 : sixteenths < MIDI_SONG_MOST ? sixteenths : MIDI_SONG_MOST;
    return (struct midi_message){3, {MIDI_SONG, (uint8_t)(held & DATA_MASK), (uint8_t)(held >> 7)}};
}
