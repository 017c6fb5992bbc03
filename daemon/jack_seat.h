/* The callbacks of one client, and what they are given (struct jack_seat in jack_shared.h). They leave notes and wake somebody,
 * nothing else: libjack may cut their threads off at any point. */
#pragma once

#include <jack/jack.h>

#include "daemon/jack_shared.h"
#include "graph/thread.h"

/* A seat for a client that has just been opened, with all callbacks set. Borrows both until the client is closed. Null: no
 * memory. */
DAWD_JACK struct jack_seat *jack_seat_new(struct jack_driver *driver, jack_client_t *client);
/* After the closing of its client has returned. */
DAWD_JACK void jack_seat_free(struct jack_seat *seat);

/* For struct jack_shared: a tenth of a millisecond, after which the kernel counts anew how long the thread computes. */
DAWD_RT void jack_seat_rest(void);

/* The key by which a notification thread tells of its end; 0, or an errno value. One per driver. */
DAWD_CTL int jack_seat_key_make(pthread_key_t *key);
