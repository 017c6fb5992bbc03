/* The JACK ports of one client, kept equal to what the graph wishes.
 *
 * Manager thread only: each registration is a round trip to the server. The process callback learns of ports through struct
 * jack_shared.
 */
#pragma once

#include <jack/jack.h>
#include <stdbool.h>

#include "daemon/jack_shared.h"
#include "daemon/log.h"
#include "graph/device.h"
#include "graph/thread.h"

struct jack_ports;
struct jack_cables;

/* No ports and no client yet. Borrows shared and log for its life. With `connect`, ports are connected to what is usual
 * (daemon/jack_usual.h). Null: no memory. */
DAWD_CTL struct jack_ports *jack_ports_new(struct jack_shared *shared, struct log *log, bool connect);
DAWD_CTL void jack_ports_free(struct jack_ports *ports);

/* A client has been opened (borrowed until jack_ports_detach). */
DAWD_JACK void jack_ports_attach(struct jack_ports *ports, jack_client_t *client);
/* The client has been activated: ports are connected, and from now on one leaves only when no callback uses it. */
DAWD_JACK void jack_ports_activated(struct jack_ports *ports);
/* The client has been closed, and its ports with it. */
DAWD_JACK void jack_ports_detach(struct jack_ports *ports);

/* Registers, renames and unregisters until the client has exactly the wished ports. What JACK refuses is logged with its
 * cause, once, and left out; it is tried again with the next wish. Ends early when the server is lost or the driver quits. */
DAWD_JACK void jack_ports_apply(struct jack_ports *ports, const struct device_port *wish, unsigned n_wish);

/* Our port of that number, or null. */
DAWD_JACK jack_port_t *jack_ports_at(const struct jack_ports *ports, unsigned index);
/* A number that no port had before it, since JACK gives the same pointer again; 0: there is none. */
DAWD_JACK uint64_t jack_ports_serial(const struct jack_ports *ports, unsigned index);
/* Whether ports are connected to what is usual. */
DAWD_JACK bool jack_ports_connect_usually(const struct jack_ports *ports);
/* Connects the port to what it is usually connected to, as when it is registered. */
DAWD_JACK void jack_ports_connect(struct jack_ports *ports, unsigned index);
/* What says which of these connections shall not be (borrowed; null: none). */
DAWD_CTL void jack_ports_set_cables(struct jack_ports *ports, struct jack_cables *cables);

/* Ports that exist now, and those that were wished for at last and do not. */
DAWD_JACK unsigned jack_ports_count(const struct jack_ports *ports);
DAWD_JACK unsigned jack_ports_missing(const struct jack_ports *ports);
/* Why, in a sentence; empty when none is missing. */
DAWD_JACK const char *jack_ports_cause(const struct jack_ports *ports);
