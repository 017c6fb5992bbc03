/* Who drives the transport: the daemon itself, the MIDI clock that comes to a midi_input, or the transport of JACK
 * (graph/chase_shared.h), of which only rolling and position count. Whom is part of the model: of sessions, the journal and the
 * history. Marks of the tempo stay what they are, and hold again when nobody is followed any more.
 *
 *     tx_set_sync ──▶ model.sync ──chase_poll──▶ the audio thread ──▶ what it hears ──chase_poll──▶ the tempo
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "graph/error.h"
#include "graph/thread.h"

struct ctl;
struct node;
struct tx;

/* Part of the model: who is to be followed. Both null: nobody. */
struct sync {
    bool is_driver;
    struct node *source; /* a midi_input, which is live */
};

/* What clients are told of it:
 *
 *     OFF ────────▶ WAITS ──three clocks──▶ STANDS ◀──start, stop──▶ RUNS ──none for a second──▶ LOST ──clocks──▶ RUNS
 *
 * All but OFF come to an end with the node, or when somebody else is to be followed.
 */
enum chase_state {
    CHASE_OFF,    /* nobody is followed */
    CHASE_WAITS,  /* no clock comes */
    CHASE_STANDS, /* the clock is there, and the piece stands */
    CHASE_RUNS,   /* it rolls with it */
    CHASE_LOST,   /* it did, and the clock has gone: it rolls on as it did at last */
};

/* Part of struct ctl. */
struct chase {
    uint64_t sequence; /* of the midi_input; 0: none is followed */
    uint32_t port;
    enum chase_state state;
    uint32_t micro_bpm;  /* the tempo that the map is made with; 0: that of the marks */
    double off_s;        /* how much later than the clocks the transport is */
    uint64_t next_frame; /* when to look again */
};

/* "", "no clock", "stands", "runs", "lost". */
DAWD_ANY const char *chase_state_name(enum chase_state state);

/* Whom to follow from now on, as part of a transaction. bad_type for a node that is no midi_input; too_big, internal. */
DAWD_CTL int tx_set_sync(struct tx *tx, const struct sync *sync, struct error *error);
/* Nobody, if that is the node, which is about to go. */
DAWD_CTL int tx_drop_sync(struct tx *tx, const struct node *node, struct error *error);

/* Follows whom the model names, and corrects the tempo; to be called at every poll. */
DAWD_CTL void chase_poll(struct ctl *ctl);
