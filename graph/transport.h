/* The transport as control deals with it: orders to it, edits of tempo and signature, and what it is doing.
 *
 * Orders are performance: they take effect in their place among all else that a transaction holds, but make no revision.
 * Tempo and signature are part of the piece, and edited like the graph.
 */
#pragma once

#include "graph/tx.h"

/* A place in the piece as somebody gave it. */
struct position {
    enum { POSITION_SECONDS, POSITION_FRAMES, POSITION_BARS } unit;
    union {
        double seconds;
        int64_t frames;
        struct bars bars; /* not checked */
    };
};

/* Each stages one order. too_big, busy or internal, as tx_set_value. */
DAWD_CTL int tx_play(struct tx *tx, struct error *error);
DAWD_CTL int tx_stop(struct tx *tx, struct error *error);
/* Goes to a place, rolling or not. range, when there is no such place. Standing there, it keeps what was given when the
 * tempo changes: its bar, or its frame. */
DAWD_CTL int tx_locate(struct tx *tx, const struct position *to, struct error *error);

/* Sets the tempo, or the signature, from a place on; null: the one that holds where the transport is, from where that one
 * begins. range for numbers beyond graph/tempo.h and for places that are not there; bad_value for a denominator that is no
 * power of two, and for a signature within a bar; conflict when a mark would fall out of its bar; too_big; internal. */
DAWD_CTL int tx_set_tempo(struct tx *tx, double bpm, const struct position *at, struct error *error);
DAWD_CTL int tx_set_signature(struct tx *tx, int64_t numerator, int64_t denominator, const struct position *at,
                              struct error *error);
/* Puts a mark in the place of the one at mark->at, or with one that says nothing takes that away. conflict, too_big,
 * internal. */
DAWD_CTL int tx_put_mark(struct tx *tx, const struct tempo_mark *mark, struct error *error);
/* Takes the mark at a place away; null: all of them, which leaves 120 bpm in 4/4. conflict when there is none at that place,
 * or when another would fall out of its bar; internal. */
DAWD_CTL int tx_clear_marks(struct tx *tx, const struct position *at, struct error *error);

/* Where the transport is, as a client may know it: what it was told counts as done, the engine's word for the rest. `map` is
 * then null; *bars is the place. 0, or internal when memory ran out. */
DAWD_CTL int transport_read(const struct ctl *ctl, struct transport_now *now, struct bars *bars, struct error *error);

/* The tempo and signature that hold there. As transport_read. */
DAWD_CTL int transport_state(const struct ctl *ctl, struct tempo_state *state, struct error *error);

/* The map that the engine is to go by, at a sample rate: of the marks, or of who is followed (graph/chase.h). Null when memory ran
 * out. */
DAWD_CTL struct tempo_map *transport_map_new(const struct ctl *ctl, uint32_t rate_hz);

/* How many quarter notes lie before a position, by the map that the engine goes by. */
DAWD_CTL double transport_beat(const struct ctl *ctl, int64_t position);

/* Goes by a map of another rate from now on and returns the one until now; the time in seconds stays, to the nearest frame.
 * No driver runs. */
DAWD_CTL struct tempo_map *transport_change_rate(struct engine_rt *engine, struct tempo_map *map);
