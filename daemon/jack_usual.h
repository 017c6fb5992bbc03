/* What ports of ours are connected to without being told:
 *
 *     system's captures 1, 2, …   ─▶ in_1, in_2, …           out_1, out_2, …  ─▶ system's playbacks 1, 2, …
 *     all physical sources of MIDI ─▶ midi_in_1              midi_out_1       ─▶ nothing: whose ears it is for nobody knows
 *
 * MIDI devices also when they are plugged in later, which is jack_cables.c's business. These are the names of the nodes with
 * which a session begins, or which a musician expects to work. Manager thread only.
 */
#pragma once

#include <jack/jack.h>
#include <stdbool.h>

#include "daemon/log.h"
#include "graph/device.h"
#include "graph/thread.h"

struct jack_cables;

/* Connects a port of an active client to what is usual for one of its name, but for what the cables (null: none) say shall
 * not be. What JACK refuses is logged. */
DAWD_JACK void jack_usual_connect(jack_client_t *client, jack_port_t *port, unsigned index, struct jack_cables *cables,
                                  struct log *log);
