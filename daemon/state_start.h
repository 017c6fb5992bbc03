/* How a start goes on from what the state folder holds. A stair is left out when what stands above it cannot be loaded, and one
 * for each crash in a row before the start had settled (and for each kill from the third on, if nothing was done in between):
 *
 *     0   the snapshot and the whole journal
 *     1   without the journal's last group
 *     2   the snapshot alone
 *     3   nothing: a SESSION that the command line names, after failures; an empty one, after crashes
 *
 * What is not taken is put aside before, and said. The folder stays as it is, but for the groups left out, until the start has
 * settled: so the next stair is still there.
 */
#pragma once

#include "daemon/session_start.h"
#include "daemon/state.h"

/* Loads it by session_start, whose path is the SESSION of the command line or null; and follows. As session_start. */
DAWD_CTL int state_start(struct state *state, struct session_start *start, struct error *error);
