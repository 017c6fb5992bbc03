/* Connections of our ports to those of others, as the graph wishes them, and a view of what there is to connect to.
 *
 * Manager thread only, but for the wish and the view, which control shares under a lock of their own:
 *
 *     control                                         manager
 *     jack_cables_want (copied)          ---------->  jack_cables_apply: what is new is made, what is gone is cut
 *                                                     jack_cables_look: what can be made by now; a new view
 *     jack_cables_each_other, each_link  <----------  the view
 *
 * A connection that was made and that somebody else has cut since stays cut: it is made again when one of its ports appears
 * anew.
 */
#pragma once

#include <jack/jack.h>
#include <stdbool.h>

#include "daemon/log.h"
#include "graph/device.h"
#include "graph/thread.h"

struct jack_cables;
struct jack_ports;

/* Null: no memory. Borrows the log. */
DAWD_CTL struct jack_cables *jack_cables_new(struct log *log);
DAWD_CTL void jack_cables_free(struct jack_cables *cables);

/* The whole of what is wished from now on (copied). */
DAWD_CTL void jack_cables_want(struct jack_cables *cables, const struct device_cable *wish, unsigned n);
/* As struct device_service says. */
DAWD_CTL bool jack_cables_each_other(struct jack_cables *cables, void (*take)(void *user, const struct device_other *other),
                                     void *user);
DAWD_CTL bool jack_cables_each_link(struct jack_cables *cables, void (*take)(void *user, const struct device_link *link),
                                    void *user);

/* Brings the newest wish about, as far as the ports are there. */
DAWD_JACK void jack_cables_apply(struct jack_cables *cables, jack_client_t *client, struct jack_ports *ports);
/* Whether a connection that is usually made shall not be. Of the newest wish. */
DAWD_JACK bool jack_cables_is_cut(struct jack_cables *cables, unsigned index, const char *other);
/* The client has been closed: nothing is connected, and there is nothing to see. */
DAWD_JACK void jack_cables_detach(struct jack_cables *cables);
