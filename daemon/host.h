/* The daemon's side of graph/host.h: loading through the loader thread, the log, the state of the JACK server. The
 * language knows nothing of these but the service. */
#pragma once

#include "daemon/files.h"
#include "daemon/jack_driver.h"
#include "daemon/loader.h"
#include "daemon/log.h"
#include "daemon/state.h"
#include "graph/host.h"

/* All borrowed for the daemon's life. Control's own but for `files` and the limit, which the loader thread reads: they
 * are constant. */
struct daemon_host {
    struct loader *loader;
    const struct files *files;
    struct log *log;
    struct jack_driver *jack;   /* null: without JACK by choice */
    uint64_t media_limit_bytes; /* of one decoded file */
    bool must_quit;             /* /quit was asked for; the loop of main looks at it once per turn */
    bool is_closing;            /* the loader ends: nothing more is loaded */
    struct state *state;        /* null: nothing is kept */
    /* whether JACK calls: looked at once a second */
    uint64_t seen_cycles, seen_losses;
    bool had_client, stands_still;
};

/* The service over `host`, which it borrows. A load keeps pointing at `host` until it is done, so the loader is freed
 * before. */
DAWD_CTL struct host daemon_host_service(struct daemon_host *host);

/* To be called about once a second while JACK drives the engine or may: notices, and says in the log, when a server is there
 * but has stopped calling. */
DAWD_CTL void daemon_host_watch(struct daemon_host *host);
