/* The engine, and the two rings between it and the control thread.
 *
 *     control                                                         audio (whoever is the driver)
 *       outbox ── struct rt_message ──▶ [ ctl_to_rt ] ──────────────────▶ drained at the start of each cycle; what has a
 *                                                                         time waits for it (graph/schedule_shared.h)
 *       ctl    ◀── struct change * ◀ [ rt_to_ctl ] ◀───────────────── with the frame at which it took effect
 *       notes  ◀──────────────────── [ notes ] ◀─────────────────────── who overran, who broke
 *       heard  ◀──────────────────── [ heard ] ◀─────────────────────── what was played from outside
 *       stats  ◀────────────────── relaxed atomics ◀───────────────── written once per cycle
 *
 * Control keeps no more changes under way than rt_to_ctl has room for, so handing one back never fails; nothing is ever
 * freed on the audio thread.
 */
#pragma once

#include <stdatomic.h>

#include "graph/chase_shared.h"
#include "graph/driver_rt.h"
#include "graph/follow_shared.h"
#include "graph/frame_clock_shared.h"
#include "graph/heard_shared.h"
#include "graph/plan_shared.h"
#include "graph/ring_shared.h"
#include "graph/schedule_shared.h"
#include "graph/transport_shared.h"
#include "graph/watch_shared.h"

/* Powers of two. When the first is full, messages queue on the control side; the second bounds how many changes are let
 * go. */
#define CTL_TO_RT_CAPACITY 4096 /* messages: what one cycle drains at most */
#define RT_TO_CTL_CAPACITY 1024 /* changes under way at most */
#define NOTES_CAPACITY     64

/* What a value is for: a parameter below the class's n_params, or one of these behind them. */
enum value_row_rt {
    VALUE_BYPASS, /* n_params + this */
    VALUE_EVENT,
    VALUE_HEIR,
};

/* One parameter, one new base value, already checked and clamped; or one event, likewise; or what a new node takes over. Its node outlives it: the change after
 * which control frees the node travels behind. */
struct value_rt {
    struct node_rt *node; /* null: the event's source is no more, and what it holds ends, at all nodes */
    unsigned row;
    union {
        struct {
            float value;           /* in the parameter's unit */
            uint32_t glide_frames; /* 0: at once */
            uint32_t ticks;        /* of a note value, which `value` follows from then on; 0: it is that number */
        };
        struct {
            struct event event;
            uint32_t duration_frames; /* of a note that is on; 0: until it is let go */
        };
        const struct node_rt *before; /* whose place it takes, notes and all; control's to free behind the change */
    };
    uint64_t arrived_ns; /* when the client's packet was there, by the engine's clock; 0: not to be measured */
    /* The audio thread's, while the value waits for its frame inside of a block. */
    uint32_t offset;       /* of that frame */
    struct value_rt *next; /* for the same node, at this frame or later */
};

DAWD_RT static inline void value_queue_push_rt(struct value_queue *queue, struct value_rt *value)
{
    value->next = NULL;
    *(queue->first ? &queue->last->next : &queue->first) = value;
    queue->last = value;
}

/* Null when there is none. */
DAWD_RT static inline struct value_rt *value_queue_take_rt(struct value_queue *queue)
{
    struct value_rt *value = queue->first;
    if (value)
        queue->first = value->next;
    return value;
}

/* One edit on its way through the engine: all of it takes effect at one frame. Control fills it and gets it back; what it
 * replaced is then control's to free. */
struct change {
    uint64_t at_frame;       /* not before this frame of engine time, and at it where possible; 0: at once */
    bool in_order;           /* values alone that may not pass the plans that wait, though values do */
    struct plan *plan;       /* to be swapped in; comes back as the plan that was swapped out. Null: no swap */
    struct value_rt *values; /* to be set at the same frame */
    unsigned n_values;
    unsigned n_orders;
    struct transport_order *orders; /* for the transport, followed in their order, after the map */
    struct tempo_map *map;          /* as `plan`; null: musical time stays as it is */
    /* Filled by the audio thread: when it took effect. */
    uint64_t frame;      /* in the engine's time */
    uint64_t applied_ns; /* start of that cycle by the engine's clock; 0: it was not a live one, or it had a time */
    struct change *next; /* the audio thread's: in the list where it waits */
};

/* Whether it can only follow the changes before it: a plan and a map are made on top of them. */
DAWD_ANY static inline bool change_is_of_plans(const struct change *change)
{
    return change->plan || change->map;
}

/* What travels down, copied into the ring. A change travels as a pointer; a value by itself, so that no memory has to
 * come back. */
struct rt_message {
    struct change *change; /* null: the message is the value */
    struct value_rt value;
};

/* Counters that anyone reads. Each by itself is right; two of them may be a cycle apart. Costs of cycles are counted only
 * of live ones, which have a budget. */
struct engine_stats {
    /* Time, which also goes on without sound. */
    _Atomic uint64_t clock; /* frames since the engine's start: the first frame that is not rendered yet */

    /* What cycles cost, and what went wrong: written by the audio thread. */
    struct histogram process;         /* time inside cycles */
    struct histogram applied;         /* of values: from their arrival to the start of the cycle that took them in */
    _Atomic uint64_t values;          /* that have been taken in, from changes too */
    _Atomic uint64_t overruns;        /* cycles that took longer than their budget */
    _Atomic uint64_t gaps;            /* times that the driver's frame time was ahead: cycles were lost */
    _Atomic uint64_t lost_frames;     /* in those; engine time has gone on over them */
    _Atomic uint64_t late;            /* changes that took effect behind the frame that they were for */
    _Atomic uint64_t late_frames;     /* of these, the furthest behind */
    _Atomic uint64_t worst_recent_ns; /* longest cycle since control last took it (by exchange with 0) */
    _Atomic uint32_t period_frames;   /* of the last cycle */
    _Atomic uint64_t faults;          /* nodes that were muted, and values of muted nodes that were set */

    _Atomic uint64_t unheard; /* events that control has not heard of, for it was too slow */

    /* Written by any thread. */
    _Atomic uint64_t refused; /* cycles that found the engine taken, live or not */
    _Atomic uint64_t xruns;   /* reported by the driver */

    /* A new beginning: control raises the first, and until the audio thread has cleared what it writes and raised the
     * second likewise, its counters are to be read as empty. */
    _Atomic uint32_t resets_asked, resets_done;
};

struct crew;

/* Made and freed by control. In between, plan, frame and transport belong to whoever holds the owner word; control touches
 * them only while no driver runs (ctl_set_rate). */
struct engine_rt {
    struct plan *plan; /* the one that runs; never null once the engine exists */
    uint64_t frame;    /* engine time */
    struct transport_rt transport;
    struct chase_rt chase;
    struct follow follow;
    struct schedule_rt schedule;
    struct ring ctl_to_rt, rt_to_ctl; /* of struct rt_message, and of struct change * */
    struct ring notes;                /* of struct watch_note, to control; when it is full they are lost */
    struct ring heard;                /* of struct heard, to control; likewise, and counted */
    _Atomic uint64_t profile_until;   /* written by control: until then every node's cost is measured */
    struct engine_stats stats;
    struct crew *crew;  /* constant once a driver runs: who shares the work (graph/crew_shared.h); null: nobody */
    struct clock clock; /* likewise */
    struct frame_clock frame_clock;
    bool stays_awake;       /* likewise: no node sleeps, to compare with */
    uint64_t cell;          /* number of the cell that runs (graph/sleep_rt.h) */
    uint64_t cell_from;     /* its first frame */
    struct watch watch;     /* the audio thread's own */
    _Atomic unsigned owner; /* 1 while a driver is inside a cycle */
};
