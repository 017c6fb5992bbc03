/* A program that is told of changes: it subscribes, and goes on until it has enough, time is over, or somebody ends it.
 *
 *     watching_subscribe --> /sub ... --> watching_run --> each message of each packet --> take
 *                                             |  a gap in the numbers: /resync, and a word on stderr
 *                                             +- every 10 s: /renew
 */
#pragma once

#include "osc/dawctl.h"
#include "osc/packet.h"

#define WATCHING_SUBS_MAX 4

struct watching {
    struct ask ask; /* open */
    /* Called for each value and event; true: it is enough. */
    DAWD_ANY bool (*take)(void *user, const struct message *message);
    /* Called about 20 times a second; true: it is enough. Null: not needed. */
    DAWD_ANY bool (*turn)(void *user);
    void *user;
    double seconds; /* 0: without end */
    /* Its own. */
    struct {
        int32_t id, n; /* of the newest packet; -1: any may come next */
    } subs[WATCHING_SUBS_MAX];
    unsigned n_subs;
    unsigned n_snapshots; /* that were told whole */
};

/* Connects; from then on SIGINT and SIGTERM end watching_run and nothing else. DAWCTL_GO_ON, or the exit code. */
DAWD_ANY int watching_open(struct watching *watching, const struct dawctl *dawctl);
DAWD_ANY void watching_close(struct watching *watching);

/* Subscribes to a pattern, per_second times a second at most. DAWCTL_GO_ON, or the exit code, the reason being printed. */
DAWD_ANY int watching_subscribe(struct watching *watching, const char *pattern, double per_second);
/* Goes on until one of its ends; the exit code. */
DAWD_ANY int watching_run(struct watching *watching);
/* Whether SIGINT or SIGTERM has come. */
DAWD_ANY bool watching_interrupted(void);
