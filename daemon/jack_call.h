/* A call of libjack that may never come back, on a thread of its own: the opening of a client, and the closing.
 *
 * libjack waits without a limit, for its server and for its own locks. A call that hangs cannot be taken back; it stays where
 * it is, and may still return at any time. So whoever makes one looks whether it is done, and does something else when it is
 * not.
 */
#pragma once

#include <jack/jack.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "graph/thread.h"

struct jack_call {
    jack_client_t *client; /* to be closed; or, once done, the opened one, or null */
    jack_status_t status;  /* of an opening, once done */
    int64_t start_ms;      /* monotonic */
    /* Inside. */
    const char *name, *server;
    int wake_fd;
    pthread_t thread;
    _Atomic bool is_done;
};

/* Begins to open a client, on a server that runs already. Name, server (null: JACK's default) and the descriptor are borrowed
 * until the end; the latter is posted (daemon/wake.h) when the call is done. Null: no memory or thread. */
DAWD_JACK struct jack_call *jack_call_open(const char *name, const char *server, int wake_fd);
/* Begins to close one, likewise. */
DAWD_JACK struct jack_call *jack_call_close(jack_client_t *client, int wake_fd);

DAWD_JACK bool jack_call_is_done(const struct jack_call *call);
/* Frees one that is done. */
DAWD_JACK void jack_call_end(struct jack_call *call);
