/* Who drives the transport: the daemon itself, the MIDI clock that comes to a midi_input, or the transport of JACK
 * (graph/chase_shared.h), of which only rolling and position count. It is of the
 * moment, as play and stop are: no part of a session, nothing to undo. Marks of the tempo stay what they are, and hold again
 * when nobody is followed any more.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "graph/error.h"
#include "graph/thread.h"

struct ctl;
struct node;

/* What clients are told of it:
 *
 *     OFF ──chase_set──▶ WAITS ──three clocks──▶ STANDS ◀──start, stop──▶ RUNS ──none for a second──▶ LOST ──clocks──▶ RUNS
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

/* Follows the clock of a midi_input from now on; null: nobody. bad_type for any other node. */
DAWD_CTL int chase_set(struct ctl *ctl, const struct node *node, struct error *error);
/* Follows the transport of the driver. */
DAWD_CTL void chase_set_driver(struct ctl *ctl);
/* The node that is followed, or null: also when it has been removed, and nobody is followed then. */
DAWD_CTL struct node *chase_source(struct ctl *ctl);
/* Corrects the tempo; to be called at every poll. */
DAWD_CTL void chase_poll(struct ctl *ctl);
