/* A daemon of few words, and dawctl run against it: for tests of the program.
 *
 * The daemon answers a short list of addresses (ctl_rig.c), notes what it was asked, and understands bundles. The program
 * is the one that DAWCTL names in the environment, or build/release/dawctl.
 */
#pragma once

#include <stdbool.h>

#include "graph/thread.h"
#include "osc/bytes.h"
#include "osc/net.h"

struct ctl_rig {
    struct net *net;
    char folder[64];    /* a folder of its own, XDG_RUNTIME_DIR of the program */
    char path[96];      /* the daemon's socket: dawd.sock in it */
    struct bytes heard; /* every packet in text form; terminated after a run */
    bool leaves;        /* closes its sockets instead of answering */
    char out[1 << 16];  /* what the program printed at its last run */
    char err[1 << 16];
};

/* Opens a daemon on a port of the kernel's choice and a socket in a new folder; failures end the test. */
DAWD_CTL struct ctl_rig *ctl_rig_open(void);
DAWD_CTL void ctl_rig_close(struct ctl_rig *rig);

/* Runs the program with these words (the first is its name) and this text as its input (null: none), the daemon answering
 * meanwhile; returns its exit code. */
DAWD_CTL int ctl_rig_run(struct ctl_rig *rig, const char *input, char *const *words);
/* What the daemon has heard, as text. */
DAWD_CTL const char *ctl_rig_heard(const struct ctl_rig *rig);
/* Writes a file into the rig's folder and returns its path, valid until the next call. */
DAWD_CTL char *ctl_rig_file(const struct ctl_rig *rig, const char *text);
