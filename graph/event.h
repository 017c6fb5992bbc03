/* Notes and controllers, as nodes see them: each with the frame of the block that it is for.
 *
 *     JACK MIDI, OSC, files, other nodes --> inbox of the node (graph/inbox_shared.h) --> io->events --> process
 *                                                                    process --> io->events_out --> nodes connected
 *
 * What the engine promises of io->events, and therefore no node has to check:
 *  - offsets are below n and never fall from one event to the next; every number is in its range;
 *  - a note that is on is not put on again: its off comes before, at the same frame. Every note that is on goes off, with the
 *    same channel and the same bits in `note`: when whoever played it says so, after its duration, or when its connection,
 *    client or node is no more. At most EVENTS_HELD_MOST are on at once: one more ends the oldest;
 *  - what MIDI says to all notes of a channel (controllers 120 to 127) arrives as what it comes to: offs, and controllers that
 *    go back to where they rest;
 *  - who played is nobody's business: the same note from two sources is on until both have let go.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "graph/thread.h"

#define EVENTS_HELD_MOST 256 /* notes of one node that are on */
/* Of one list, what a block may bring or take along: as many begin as may be on, and controllers with them. More would make a block
 * dear in which a flood comes: an instrument takes a microsecond for each. */
#define EVENTS_MOST      384
#define EVENT_CHANNELS   16
#define EVENT_NOTE_A4    69 /* 440 Hz */

/* Values are those of MIDI, though not only its whole numbers, and bends are parts of their range. */
enum event_kind {
    EVENT_NOTE_OFF,      /* note; value: how fast it was let go, 0..127 */
    EVENT_NOTE_ON,       /* note; value: velocity, above 0..127 */
    EVENT_NOTE_PRESSURE, /* note; value 0..127 */
    EVENT_CONTROL,       /* number 0..119; value 0..127 */
    EVENT_PROGRAM,       /* number 0..127 */
    EVENT_PRESSURE,      /* value 0..127, for all notes of the channel */
    EVENT_BEND,          /* value -1..1, of the range that whoever plays has chosen */
    EVENT_SOUND_OFF,     /* all that sounds on the channel is to be silent soon, tails too; offs have come before */
};

/* Controllers that mean something to most instruments. */
enum event_control {
    CONTROL_MODULATION = 1,
    CONTROL_DATA = 6,
    CONTROL_VOLUME = 7,
    CONTROL_PAN = 10,
    CONTROL_EXPRESSION = 11,
    CONTROL_DATA_FINE = 38,
    CONTROL_PEDAL = 64, /* 64 and above: down */
    CONTROL_SOSTENUTO = 66,
    CONTROL_TIMBRE = 74,
    CONTROL_PARAMETER_FINE = 100, /* of what CONTROL_DATA sets */
    CONTROL_PARAMETER = 101,
    /* Never seen by nodes: */
    CONTROL_SOUND_OFF = 120,
    CONTROL_RESET = 121,
    CONTROL_NOTES_OFF = 123, /* and all above it */
};

struct event {
    uint32_t offset; /* its frame, from the first of the block */
    uint8_t kind;    /* of enum event_kind */
    uint8_t channel; /* 0..15; EVENT_CHANNELS: the engine's, which ends all that is played */
    uint8_t number;  /* of the controller or the program */
    float note;      /* 0..127, fractions allowed; 69 is A4 */
    float value;     /* as its kind says */
    uint32_t source; /* the engine's: who played it */
};

/* What comes in a block, or goes. */
struct event_list {
    unsigned n;
    bool cuts;      /* all notes that came from here before end where the block begins */
    bool overflows; /* an off had no room: all notes that came from here end with the block */
    uint64_t frame; /* the engine's: of the block that it was filled in; it is empty in any other */
    struct event event[EVENTS_MOST];
};

/* Adds to io->events_out. Offsets may not fall. Where there is no room a note is not played; one that should have ended, ends
 * all the same. */
DAWD_RT static inline void event_put(struct event_list *list, const struct event *event)
{
    if (list->n < EVENTS_MOST)
        list->event[list->n++] = *event;
    else if (event->kind == EVENT_NOTE_OFF)
        list->overflows = true;
}

/* From frame `at` on: how many of n - at frames there are before the next event, of which *next is the first not met yet. */
DAWD_RT static inline unsigned event_run(const struct event_list *list, unsigned next, unsigned at, unsigned n)
{
    unsigned end = next < list->n ? list->event[next].offset : n;
    return (end < n ? end : n) - at;
}
