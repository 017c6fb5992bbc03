/* A session that is worked on, the file that its journal writes, and a second server that reads it. */
#pragma once

#include "osc/journal.h"
#include "tests/osc_rig.h"

#define JOURNAL_RIG_GROUPS 8192

struct journal_rig {
    struct osc_rig rig, copy; /* what is worked on; where what was written is read */
    struct journal journal;
    struct snapshot begin;           /* what the journal goes on from */
    struct bytes file;               /* its groups */
    char *texts[JOURNAL_RIG_GROUPS]; /* the session behind so many groups; null behind those that came together with more */
    size_t ends[JOURNAL_RIG_GROUPS]; /* of those in the file */
    unsigned n_groups;
    uint32_t seed;
};

DAWD_CTL void journal_rig_open(struct journal_rig *j);
DAWD_CTL void journal_rig_close(struct journal_rig *j);
/* A new snapshot, and an empty file behind it. */
DAWD_CTL void journal_rig_begin_anew(struct journal_rig *j);

/* Moves what was written to the file. */
DAWD_CTL void journal_rig_look(struct journal_rig *j);
/* A request at random, undo and redo among them; n of these, with looks in between. */
DAWD_CTL void journal_rig_tell_at_random(struct journal_rig *j);
DAWD_CTL void journal_rig_work(struct journal_rig *j, unsigned n);

/* The snapshot as it reads from its text. */
DAWD_CTL struct snapshot journal_rig_begin(struct journal_rig *j);
/* The session that the first n bytes of the file give, to be freed; *groups that were read. */
DAWD_CTL char *journal_rig_replayed(struct journal_rig *j, size_t n, unsigned *groups);
