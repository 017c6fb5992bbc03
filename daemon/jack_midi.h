/* MIDI between JACK's buffers and the engine's (graph/midi_port.h), for one port of ours.
 *
 *     JACK input buffer ─▶ jack_midi_receive_rt ─▶ port ─▶ engine_cycle_rt ─▶ port ─▶ jack_midi_send_rt ─▶ JACK output buffer
 *
 * No note hangs because a port goes: an input tells when a cable to it has gone, and an output, which knows what is on at the other
 * end, ends it when no node plays it any more, be it that the node or the port is leaving, or that the engine is another
 * driver's. It also ends all when an off had no room, and, once somebody listens again, what was on when the server died: a
 * synthesizer behind it is still sounding. With the notes goes the pedal. JACK tells a process callback how many listen, and not who,
 * so the offs are said again with each cable that comes, until there are as many as there were: to whoever has heard no on, an off
 * means nothing.
 */
#pragma once

#include <jack/jack.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "graph/midi_port.h"
#include "graph/thread.h"

struct jack_midi {
    struct midi_port port;
    /* Set by the manager, an input: it is a new one; an output: it is about to go. */
    _Atomic bool is_new, leaves;
    /* The process callback's own. */
    int n_cables; /* in the cycle before */
    /* Of an output: per key the channels on which it is on; now; when the server died; and of these, what is still to be said to
     * those who listen now. */
    struct jack_midi_on {
        uint16_t keys[128];
        unsigned n;     /* of these */
        uint16_t pedal; /* channels on which it is down */
    } on, owed, due;
    int n_owed_to;      /* of an output: cables when the server died */
    bool ends_all;      /* of an output: an off had no room */
    unsigned heard_for; /* of an output: cycles since the newest cable has come; 0: there is none */
};

/* Each cycle, for each port: of an input the first, before the engine runs; of an output the second before, and the third behind it,
 * whether or not the engine was free. The buffer is JACK's, of this very cycle; what the messages before it held is gone. System
 * exclusive and what is no MIDI is left out, and more than MIDI_PORT_MOST messages are told as an overflow, upon which the node
 * ends all notes: an off may have been among them.
 */

/* Brings in what has arrived in this cycle. */
DAWD_RT void jack_midi_receive_rt(struct jack_midi *midi, const jack_port_t *port, void *buffer);
/* Makes ready for a cycle: nothing is said yet. */
DAWD_RT void jack_midi_clear_rt(struct jack_midi *midi, const jack_port_t *port, void *buffer);
/* Sends what has been said in it. */
DAWD_RT void jack_midi_send_rt(struct jack_midi *midi, void *buffer);

/* Makes it ready for a port that is registered now, while nobody runs it. is_back: what was on at the one before is owed. */
DAWD_JACK void jack_midi_begin(struct jack_midi *midi, bool is_back);
