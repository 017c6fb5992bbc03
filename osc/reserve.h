/* Who waits for whom: a request that loads reserves the names that it makes or removes and the files that it sets; what arrives
 * later and mentions one of them waits, and all else passes. */
#pragma once

#include "osc/request.h"

/* What the player that /midi/play gives a node is called behind the node's own name: who waits for the node waits for that too. */
#define RESERVE_MIDI "_midi"

/* Fills in what the request reserves, as far as the graph of this moment tells; adds to it when called again. 0 or internal. */
DAWD_CTL int reserve(struct request *request);

/* Whether any of the parked requests, or of those ahead of it if it is parked itself, keeps it waiting. */
DAWD_CTL bool reserve_must_wait(const struct request *later);

/* Whether both set the same file, and nothing else: the newer one is what counts. */
DAWD_CTL bool reserve_supersedes(const struct request *later, const struct request *ahead);
