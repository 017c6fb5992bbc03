/* Where the notes of a node arrive: who holds which, so that none is ever stuck.
 *
 *     control: /note/on …   ──▶ handed, with a frame or without ─┐
 *     other nodes, by edges ──▶ their lists of this block ───────┼─▶ by frame ─▶ held? ─▶ list ─▶ process
 *     durations that end    ──▶ held[i].ends_at ─────────────────┘       │ the list is full
 *                                          handed, for the next block ◀──┘ from there on, all in its order
 *
 * So a block takes in what its list has room for, and a burst is played within as many as it takes. Control knows how much waits
 * (n_sent, n_taken), and accepts no more where that is half of the room: the other half is for what ends notes.
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
#define INBOX_HANDED   4096        /* that wait for the next block: as much as one transaction may bring */
#define INBOX_VOICED   256         /* the same inside of voices, where clients hardly play */
#define NEVER          UINT64_MAX

#define HELD_VELOCITY 256.0f

/* A note that is on. */
struct held {
    float note;
    uint8_t channel;
    uint16_t velocity; /* in HELD_VELOCITY of what events have */
    uint32_t source;
    uint32_t serial;  /* which of all that were ever struck it is */
    uint64_t ends_at; /* engine time; NEVER: when its source says so */
};

/* What of a channel has to go back to where it rests when whoever moved it is gone. */
enum moved { MOVED_PEDAL, MOVED_BEND, MOVED_TOUCH /* pressure and modulation */, N_MOVED };

/* The notes that are on, as control sees them: in two places by turns, of which the one that is not written is whole. */
struct inbox_shown {
    _Atomic uint32_t n;
    _Atomic uint64_t note[EVENTS_HELD_MOST]; /* the channel above the bits of the note */
};

/* What waits to be taken in. */
struct handed {
    struct event event;
    uint32_t duration_frames; /* 0: until its off */
};

/* In the arena of the node: the audio thread's, but for the counters and what is shown. What each block looks at comes first. */
struct inbox {
    uint64_t next_end; /* the earliest ends_at; NEVER: none */
    unsigned n_held, n_handed;
    bool is_closed;         /* bypassed: nothing new gets in */
    bool has_gone;          /* a SOURCE_GONE has moved something */
    struct event_list list; /* what process sees */
    struct held held[EVENTS_HELD_MOST];
    uint32_t n_struck;                          /* notes, ever */
    uint32_t moved_by[EVENT_CHANNELS][N_MOVED]; /* the source; SOURCE_NONE: it rests */
    struct handed *handed; /* n_handed, oldest first, for the frame at which the next block begins; in the arena */
    unsigned handed_most;
    unsigned n_unlike;        /* of the first of these no two say something of one thing: while time passes without sound */
    _Atomic uint32_t active;  /* n_held, for anyone to read */
    _Atomic uint64_t lost;    /* events that had no room, ever: no offs are among them */
    uint32_t n_sent;          /* control's: events that were accepted, ever */
    _Atomic uint32_t n_taken; /* the same, less those that wait; what edges have brought and waits, waits as well */
    _Atomic uint32_t turn;
    struct inbox_shown shown[2]; /* by turn */
};

/* One edge that brings events, into a step of a plan. */
struct event_feed {
    const struct event_list *list; /* of the source node */
    const unsigned char *slumber;  /* of that: what is muted plays nothing any more */
    uint32_t source;               /* the edge's number */
    /* Written per block. */
    unsigned next;  /* the first event of the list that is not taken yet */
    bool overflows; /* an off found no room here: as in the list */
};

/* The number of an edge as a source: neither SOURCE_NONE nor SOURCE_GONE. */
DAWD_ANY static inline uint32_t source_of_edge(uint64_t sequence)
{
    return (uint32_t)(sequence % (SOURCE_GONE - 1)) + 1;
}
