/* The life of the client, as the manager thread leads it: it looks for a server, opens, loses and closes (struct jack_driver). */
#pragma once

#include "daemon/jack_manager.h"
#include "graph/thread.h"

/* One look: closes a client whose server is gone, opens one on a server that is there, and takes note of calls that have come
 * back or do not. Waits for the closing, two seconds at most, for nothing else. */
DAWD_JACK void jack_life_look(struct jack_driver *driver);
/* Milliseconds until the next look is due without anybody posting; -1: none is. */
DAWD_JACK int jack_life_wait_ms(const struct jack_driver *driver);

/* Closes the client, for this reason, which is told; control hears LOST. */
DAWD_JACK void jack_life_lose(struct jack_driver *driver, const char *cause);
/* Closes the client for good, and waits for what is under way, however long. */
DAWD_JACK void jack_life_end(struct jack_driver *driver);
