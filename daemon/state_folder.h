/* The state folder: what the daemon is at this moment, kept so that it comes back after a crash, a kill or a reboot. Here is how
 * it lies on the disk; daemon/state.h says when.
 *
 *     session           the newest snapshot (osc/snapshot.h); session.1, session.2: those before
 *     journal           what was done since (osc/journal_file.h)
 *     starts            what came of the starts before this one; not there: a good end
 *     aside/0007.*      what was not taken, session and journal, the newest eight
 *
 *     snapshot   older ones one name on -> session.new -> fsync -> rename over session -> fsync of the folder
 *                -> journal.new, its head names the snapshot's sum -> fsync -> rename over journal -> fsync of the folder
 *
 * Wherever that is cut off: before the first rename, the old session with its journal; between both renames, the new session,
 * which the old journal does not go on from, and which has all of it; then, the new session with an empty journal.
 */
#pragma once

#include "daemon/files.h"
#include "osc/bytes.h"

/* Lives in a row that did not settle and were not stopped either. */
struct starts {
    unsigned crashes; /* as the kernel calls it: a fault, an abort */
    unsigned kills;   /* without a trace, and nothing was done in them: a kill, a power failure, no memory left */
};

/* Control's own at the start and at the end; in between its thread's. */
struct state_folder {
    const char *path;   /* as it was given, borrowed */
    struct files files; /* it is the only root */
    int fd;             /* locked; -1: not open */
    int journal;        /* that groups are added to; -1: none */
    int starts;         /* that marks are added to; -1: none */
};

/* Makes the folder if need be and locks it. 0; busy when another daemon has it; no_file, bad_file, denied, io, internal. */
DAWD_CTL int state_folder_open(struct state_folder *folder, const char *path, struct error *error);
DAWD_CTL void state_folder_close(struct state_folder *folder);

/* Appends a whole file. 0; no_file when it is not there, io, internal. */
DAWD_LOAD int state_folder_read(const struct state_folder *folder, const char *name, struct bytes *text,
                                struct error *error);

/* Puts a snapshot and an empty journal behind it in the place of what is there. 0, or why not: whatever is there then is whole,
 * and groups cannot be added. */
DAWD_LOAD int state_folder_put(struct state_folder *folder, const struct bytes *session, uint64_t sum, struct error *error);
/* Puts an empty journal only. */
DAWD_LOAD int state_folder_put_journal(struct state_folder *folder, uint64_t sum, struct error *error);
/* Goes on with the journal that is there, cut to n bytes. */
DAWD_LOAD int state_folder_resume(struct state_folder *folder, size_t n, struct error *error);
/* Adds groups; they are on the disk then. 0, or io: then no more can be added to this journal. */
DAWD_LOAD int state_folder_add(struct state_folder *folder, const struct bytes *groups, struct error *error);

/* What came of the starts before, the newest among them. */
DAWD_LOAD struct starts state_folder_starts(const struct state_folder *folder);
/* Notes that one more begins; a crash leaves its mark from here on. 0 or why that cannot be kept. */
DAWD_LOAD int state_folder_put_starts(struct state_folder *folder, const struct starts *starts, struct error *error);
/* Something was done: a kill has another reason than what was loaded. */
DAWD_LOAD void state_folder_mark_used(const struct state_folder *folder);
/* It has settled, or was stopped. 0 or why that cannot be kept. */
DAWD_LOAD int state_folder_clear_starts(struct state_folder *folder, struct error *error);

/* Copies session and journal, as they are, to where nothing touches them, unless the newest that lies there is the same. *number:
 * of the pair. 0, or why not. */
DAWD_LOAD int state_folder_put_aside(struct state_folder *folder, unsigned *number, struct error *error);
