/* MIDI 1.0 as bytes, and as the events of nodes (graph/event.h): JACK ports, OSC and files have the one, nodes the other.
 *
 *     bytes of anything ──▶ midi_stream_take ──▶ struct midi_message ──▶ midi_to_event ──▶ struct event
 *     one whole message ──▶ midi_read ─────────▶        │        ◀── midi_from_event ◀──
 *                                                       └▶ clock, start, stop, song position: for those who keep time
 *
 * Nothing here fails: what is no message, or is none that anybody here has a use for (system exclusive, time code), is left out.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/event.h"
#include "graph/thread.h"

#define MIDI_BYTES_MOST     3
#define MIDI_CLOCKS_QUARTER 24 /* clocks to the quarter note */
#define MIDI_CLOCKS_SONG    6  /* to one of song position: a sixteenth */
#define MIDI_SONG_MOST      16383
#define MIDI_BEND_HIGHEST   8191 /* of 14 bits, around 0; -8192 the other way */
#define MIDI_DRUM_CHANNEL   9u   /* of General MIDI, from 0 */

/* First bytes; those of channels have the channel in the lower half. */
enum midi_status {
    MIDI_NOTE_OFF = 0x80,
    MIDI_NOTE_ON = 0x90,
    MIDI_NOTE_PRESSURE = 0xa0,
    MIDI_CONTROL = 0xb0,
    MIDI_PROGRAM = 0xc0,
    MIDI_PRESSURE = 0xd0,
    MIDI_BEND = 0xe0,
    MIDI_EXCLUSIVE = 0xf0,
    MIDI_SONG = 0xf2, /* position */
    MIDI_EXCLUSIVE_END = 0xf7,
    MIDI_CLOCK = 0xf8, /* from here on real time: one byte, which may stand inside of other messages */
    MIDI_START = 0xfa,
    MIDI_CONTINUE = 0xfb,
    MIDI_STOP = 0xfc,
};

/* One short message. */
struct midi_message {
    uint8_t n; /* bytes, 1..3 */
    uint8_t bytes[MIDI_BYTES_MOST];
};

/* One whole message, as JACK gives it: status first, nothing behind. False, and *message is undefined, when it is none, or system
 * exclusive. */
DAWD_ANY bool midi_read(const uint8_t *bytes, size_t n, struct midi_message *message);

/* What of a stream is not a message yet. All-zero: the beginning. */
struct midi_stream {
    uint8_t status; /* that data belongs to, also the next (running status); 0: none, data is skipped */
    uint8_t n_data;
    uint8_t data;
};
/* The next byte of a stream, with running status and real time anywhere; true where it completes *message. */
DAWD_ANY bool midi_stream_take(struct midi_stream *stream, uint8_t byte, struct midi_message *message);

/* What the bytes of a channel are as events, and back:
 *
 *     8c key speed        NOTE_OFF       note = key, value = speed
 *     9c key 0            NOTE_OFF       value 64, which is what MIDI takes an unsaid speed for; comes back as 8c
 *     9c key velocity     NOTE_ON        note = key, value = velocity
 *     ac key pressure     NOTE_PRESSURE
 *     bc number value     CONTROL
 *     cc number           PROGRAM        number from 0
 *     dc pressure         PRESSURE
 *     ec low high         BEND           14 bits around 8192: -1..0 in 8192 steps, 0..1 in 8191, so that both ends are met
 *     bc 120 0       ◀─   SOUND_OFF      read as a controller
 *
 * As an event with offset and source 0; false where it says nothing about notes or controllers. Controllers from 120 on are
 * passed on as such: the inbox knows what they mean. */
DAWD_ANY bool midi_to_event(const struct midi_message *message, struct event *event);
/* The nearest message: fractions are rounded, a velocity above 0 stays above 0. False for events of which MIDI has none. */
DAWD_ANY bool midi_from_event(const struct event *event, struct midi_message *message);

/* The key that a note is on a keyboard. */
DAWD_ANY uint8_t midi_key(float note);

/* A song position in sixteenths, held inside of what 14 bits can say; and that of such a message. */
DAWD_ANY struct midi_message midi_song(int64_t sixteenths);
DAWD_ANY static inline unsigned midi_song_of(const struct midi_message *message)
{
    return message->bytes[1] | (unsigned)message->bytes[2] << 7;
}
