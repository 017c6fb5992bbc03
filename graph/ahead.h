/* Transactions that have a time, on the control side: sent ahead of it, and kept in their order by effect.
 *
 *     model     what was committed last                          what took effect last
 *               set a 1 at frame 900 ─┐                          ┌─ a = 2, from now on
 *               set a 2 at once ──────┼──▶ the audio thread ─────┤
 *                                     └─────────────────────────▶└─ a = 1, from frame 900 on: the model says so as well
 *
 * Values pass plans that wait for their time; edits wait behind them, since each plan is compiled on top of the one before.
 * What such an edit sets is not passed by later values for the same node.
 */
#pragma once

#include "graph/batch.h"

/* Opens a transaction that will take effect at a frame of engine time (from 1 on), or as soon as possible behind it; to be
 * committed within a moment of it, since edits that come later wait for it. Null when so many are on their way ahead of
 * their time, or the audio thread takes nothing, that it has to be tried again later; or as tx_open. */
DAWD_CTL struct tx *ahead_open(struct ctl *ctl, double fade_s, uint64_t at_frame);

/* Whether ahead_open would open one. */
DAWD_CTL bool ahead_has_room(struct ctl *ctl);

/* The frame up to which the transport's course is known: up to the first change of it that is on its way; UINT64_MAX where there
 * is none. */
DAWD_CTL uint64_t ahead_transport_until(const struct ctl *ctl);

/* Of batches: this one leaves for the audio thread, filled; it has come back. */
DAWD_CTL void ahead_sent(struct ctl *ctl, struct batch *batch);
DAWD_CTL void ahead_returned(struct ctl *ctl, struct batch *batch);
