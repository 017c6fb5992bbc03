/* Working out on paper what a journal makes of its snapshot: the session to be loaded, in one piece.
 *
 *     snapshot, group, group, …  -->  one rehearsal: nodes without sound, no file is needed
 *     text and numbers of what stands there then  -->  the snapshot, rolled back
 *
 * So sounds that came and went in between are not loaded, and need not be there any more; and what is loaded in the end goes
 * the way of every session.
 */
#pragma once

#include "osc/journal_file.h"
#include "osc/snapshot.h"

/* Moves the snapshot on by all whole groups behind `reader`, but the last n_left of them, on an empty session of the server.
 * reader: behind the last group that was taken. What the snapshot says of files stays. 0, or why the snapshot itself cannot be
 * built: then it is as it was. *stopped: why a group cannot be done, if one cannot; it and all behind it are left out. */
DAWD_CTL int journal_replay(struct server *server, struct snapshot *snapshot, struct journal_reader *reader,
                            unsigned n_left, struct error *stopped, struct error *error);
