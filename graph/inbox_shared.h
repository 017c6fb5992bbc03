/* Where the notes of a node arrive: who holds which, so that none is ever stuck.
 *
 *     control: /note/on …   ──▶ handed, with a frame or without ─┐
 *     other nodes, by edges ──▶ their lists of this block ───────┼─▶ by frame ─▶ held? ─▶ list ─▶ process
 *     durations that end    ──▶ held[i].ends_at ─────────────────┘
 *
 * A source is an edge, a client, or whatever else plays: a number. What it holds ends when it says so, or when it is gone. The
 * same note may be held by several; process hears of the last one letting go.
 */
#pragma once

#include <stdatomic.h>

#include "graph/event.h"

#define SOURCE_NONE    0u
#define SOURCE_CLIENTS 0x80000000u /* and above: clients; below: edges, by the low bits of their sequence */
#define SOURCE_GONE    0x7fffffffu /* of what is still to be put back: whoever moved it is gone */
#define INBOX_HANDED   256         /* that come without a frame, between two blocks */
#define NEVER          UINT64_MAX

/* A note that is on. */
struct held {
    float note;
    uint8_t channel;
    uint32_t source;
    uint64_t ends_at; /* engine time; NEVER: when its source says so */
};

/* What of a channel has to go back to where it rests when whoever moved it is gone. */
enum moved { MOVED_PEDAL, MOVED_BEND, MOVED_TOUCH /* pressure and modulation */, N_MOVED };

/* The notes that are on, as control sees them: in two places by turns, of which the one that is not written is whole. */
struct inbox_shown {
    _Atomic uint32_t n;
    _Atomic uint64_t note[EVENTS_HELD_MOST]; /* the channel above the bits of the note */
};

/* In the arena of the node: the audio thread's, but for the counters and what is shown. */
struct inbox {
    struct event_list list; /* what process sees */
    struct held held[EVENTS_HELD_MOST];
    unsigned n_held;
    uint64_t next_end;                          /* the earliest ends_at; NEVER: none */
    uint32_t moved_by[EVENT_CHANNELS][N_MOVED]; /* the source; SOURCE_NONE: it rests */
    struct handed {
        struct event event;
        uint32_t duration_frames; /* 0: until its off */
    } handed[INBOX_HANDED];       /* for the frame at which the next block begins */
    unsigned n_handed;
    bool is_closed;          /* bypassed: nothing new gets in */
    bool has_gone;           /* a SOURCE_GONE has moved something */
    _Atomic uint32_t active; /* n_held, for anyone to read */
    _Atomic uint64_t lost;   /* events that had no room, ever: no offs are among them */
    _Atomic uint32_t turn;
    struct inbox_shown shown[2]; /* by turn */
};

/* One edge that brings events, into a step of a plan. */
struct event_feed {
    const struct event_list *list; /* of the source node */
    const unsigned char *slumber;  /* of that: what is muted plays nothing any more */
    uint32_t source;               /* the edge's number */
    unsigned next;                 /* written per block: the first event of the list that is not taken yet */
};

/* The number of an edge as a source: neither SOURCE_NONE nor SOURCE_GONE. */
DAWD_ANY static inline uint32_t source_of_edge(uint64_t sequence)
{
    return (uint32_t)(sequence % (SOURCE_GONE - 1)) + 1;
}
