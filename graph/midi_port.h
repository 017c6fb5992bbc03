/* MIDI of the sound card for one cycle: what a driver hands to midi_input nodes, and takes from midi_output nodes.
 *
 *     driver          frames of the cycle, rising             node, block by block
 *     fills an input  [ 3: on ][ 70: off ][ 300: on ] ──────▶ midi_port_next: those of its block, as offsets in it
 *     sends an output ◀────────────────────────────────────── midi_port_put
 *
 * A cycle may have any number of frames; a block of it begins at io->midi_at.
 */
#pragma once

#include "graph/midi.h"

#define MIDI_PORT_MOST 512 /* messages of one cycle: a cable at 31250 baud brings 22 in a period of 1024 frames */

/* Each port has one reader and one writer in a cycle, on one thread: the driver, then the node, then the driver again. With several
 * threads in the graph it is still one node that a port belongs to. Neither empties it for the other: a driver begins every cycle
 * with an empty one.
 */

/* A message at its frame of the cycle. */
struct midi_timed {
    uint32_t frame;
    struct midi_message message;
};

/* One port during one cycle. */
struct midi_port {
    unsigned n;
    unsigned next;  /* of an input: the first that has not been taken */
    bool is_cut;    /* of an input: what was connected is not any more, so what was on there will never go off */
    bool overflows; /* there were more */
    bool is_played; /* of an output: a node is there, and knows what is on */
    struct midi_timed timed[MIDI_PORT_MOST];
};

/* Adds a message at a frame that is not before that of the last one. False: there is no room, and the port overflows. */
DAWD_RT static inline bool midi_port_put(struct midi_port *port, uint32_t frame, const struct midi_message *message)
{
    if (port->n == MIDI_PORT_MOST) {
        port->overflows = true;
        return false;
    }
    port->timed[port->n++] = (struct midi_timed){frame, *message};
    return true;
}

/* Takes the next message of the block that begins at frame `at` and is n long; null: there is none. Those before it, from blocks
 * in which the node did not run, are passed over. */
DAWD_RT static inline const struct midi_timed *midi_port_next(struct midi_port *port, uint32_t at, unsigned n)
{
    while (port->next < port->n && port->timed[port->next].frame < at)
        port->next++;
    return port->next < port->n && port->timed[port->next].frame < at + n ? &port->timed[port->next++] : NULL;
}
