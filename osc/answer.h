/* Answers that wait for the engine: what was asked is true only when the audio thread has taken it.
 *
 *     answer_later: tx_commit ──▶ … the audio thread, at a frame … ──▶ /done, or /fail when memory ran out on the way
 */
#pragma once

#include "graph/tx.h"
#include "osc/request.h"

/* What the engine's outcome is sent as. A copy of the request's head that outlives it. */
enum answer_kind {
    ANSWER_DONE,    /* /done req address frame revision */
    ANSWER_VALUE,   /* /done req address */
    ANSWER_MATCHES, /* /done req address n */
    ANSWER_SILENT,  /* nothing, unless it fails */
    ANSWER_BUNDLE,  /* /done req "#bundle" n frame revision */
    ANSWER_SYNC,    /* /synced id frame, and /done when there is a request id */
};

/* Answers that go along with that of a bundle, in one packet before it: to what it asks. Whoever commits it fills it until the
 * control thread goes on, and then lets it go. */
struct along {
    struct bytes gathered; /* osc/gather.h */
    unsigned n_holders;    /* whoever commits, and the answer; the last frees it */
};

/* One with one holder. Null when memory ran out. */
DAWD_CTL struct along *along_new(void);
/* Accepts null. */
DAWD_CTL void along_release(struct along *along);

/* Commits the open transaction; its outcome is answered to the request's sender. `number`: messages of a bundle, matches, id of a sync. `along`: of a bundle, another holder of it; otherwise null.
 * 0, or ERROR_INTERNAL, and the transaction is rolled back and that answered. */
DAWD_CTL int answer_later(const struct request *request, struct tx *tx, enum answer_kind kind, int32_t number,
                          struct along *along);
