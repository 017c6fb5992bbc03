/* The transport: where in the piece the sound is, and whether it moves on.
 *
 *     control                                                  audio
 *       play, stop, locate ── orders of a change ───────────▶  at the start of a cycle, with the rest of that change
 *       tempo, signature ──── a map in the change ──────────▶  swapped like a plan; the old one comes back to be freed
 *       reads a view      ◀── two slots, atomics only ───────  after each change, after each cycle
 *
 * While it rolls, the position moves with every frame, rendered or (without a JACK server) only counted.
 */
#pragma once

#include <stdatomic.h>

#include "graph/tempo_shared.h"

/* What the transport is told. */
struct transport_order {
    enum { TRANSPORT_PLAY, TRANSPORT_STOP, TRANSPORT_LOCATE } kind;
    bool in_bars;     /* locate: to `bars`, or else to `frame` */
    struct bars bars; /* checked */
    int64_t frame;    /* from 0 */
};

/* One reading of it: all of one moment. */
struct transport_now {
    bool is_rolling;
    int64_t position;            /* in frames from the beginning of the piece */
    uint64_t frame;              /* engine time that it belongs to: the first frame that is not rendered yet */
    int64_t since;               /* position at which it was last started or put */
    uint32_t n_moves;            /* how often that has been */
    const struct tempo_map *map; /* the one that the engine goes by; control keeps it until it comes back */
};

struct transport_slot {
    _Atomic int64_t position;
    _Atomic uint64_t frame;
    const struct tempo_map *_Atomic map;
    _Atomic int64_t since;
    _Atomic uint32_t n_moves;
    _Atomic bool is_rolling;
};

/* Two slots, written in turn: a reader takes the finished one and looks whether it still was that when it was through. So it
 * tries again only if a whole cycle went by meanwhile, and never waits for a writer that was put to sleep half way. */
struct transport_view {
    _Atomic uint32_t turn; /* the finished slot is turn % 2 */
    struct transport_slot slots[2];
};

/* Belongs to whoever holds the engine; control touches it only while no driver runs. Control reads `view` at any time. */
struct transport_rt {
    struct tempo_map *map; /* never null once the engine exists */
    int64_t position;      /* in frames */
    int64_t since;         /* position at which it last began: to roll, or somewhere else */
    uint32_t n_moves;      /* how often it has */
    bool is_rolling;
    bool
        follows_bars; /* what the last locate was given in: while it stands, a new map moves it, or leaves its frame alone */
    bool is_placed;   /* `place` is where it is: until it rolls on. So many maps in a row do not add up what is rounded */
    struct tempo_place place;
    struct transport_view view;
};

/* The tempo that holds at its position, in millionths of a bpm. */
DAWD_ANY static inline uint32_t transport_tempo(const struct transport_rt *transport)
{
    return tempo_stretch_of_frame(transport->map, transport->position)->micro_bpm;
}

/* Follows an order. */
DAWD_RT void transport_order_rt(struct transport_rt *transport, const struct transport_order *order);
/* Goes by another map from now on and returns the one until now: rolling, or standing at a place in bars, it stays in its
 * bar; otherwise it keeps its frame. */
DAWD_RT struct tempo_map *transport_map_rt(struct transport_rt *transport, struct tempo_map *map);
/* Lets n frames pass. */
DAWD_RT static inline void transport_advance_rt(struct transport_rt *transport, unsigned n)
{
    if (!transport->is_rolling)
        return;
    transport->position += n;
    transport->is_placed = false;
}
/* Shows control where it is at this engine time. */
DAWD_RT void transport_publish_rt(struct transport_rt *transport, uint64_t frame);

/* Reads what was shown last; any thread, at any time. */
DAWD_ANY struct transport_now transport_look(const struct transport_view *view);
