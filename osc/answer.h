/* Answers that wait for the engine: what was asked is true only when the audio thread has taken it.
 *
 *     answer_later: tx_commit ──▶ … the audio thread, at a frame … ──▶ /done, or /fail when memory ran out on the way
 */
#pragma once

#include "graph/tx.h"
#include "osc/request.h"

/* What the engine's outcome is sent as. A copy of the request's head that outlives it. */
enum answer_kind {
    ANSWER_DONE,   /* /done req address frame revision */
    ANSWER_VALUE,  /* /done req address */
    ANSWER_BUNDLE, /* /done req "#bundle" n frame revision */
    ANSWER_SYNC,   /* /synced id frame, and /done when there is a request id */
};

/* Commits the open transaction; its outcome is answered to the request's sender. `number`: messages of a bundle, id of a sync.
 * 0, or ERROR_INTERNAL, and the transaction is rolled back and that answered. */
DAWD_CTL int answer_later(const struct request *request, struct tx *tx, enum answer_kind kind, int32_t number);
