/* dawd SESSION: the session of the command line, asked for like any other before the first client is heard.
 *
 *     files_trust -> JACK's rate known, where a server is there -> /session/load SESSION -> answered
 *
 * Its sounds are then loaded at the rate that they will be played at.
 */
#pragma once

#include "daemon/files.h"
#include "daemon/jack_driver.h"
#include "osc/server.h"
#include "osc/snapshot.h"

/* What it takes; all borrowed for the call. */
struct session_start {
    const char *path;
    struct files *files;
    struct server *server;
    struct jack_driver *jack;    /* null: without JACK by choice */
    bool at_once;                /* it begins at its full level, and does not fade in */
    const struct snapshot *kept; /* is loaded in the place of the file; null: the file */
    /* Turns the control thread's wheel once, but reads no socket. False: the daemon is to end. */
    DAWD_CTL bool (*turn)(void *self);
    void *self;
};

/* Loads it. 0 when it sounds, or what the language says against it; CANCELLED when the daemon was told to end meanwhile. */
DAWD_CTL int session_start(const struct session_start *start, struct error *error);
