/* Why there is no client: found out before one is opened, or from what JACK answered.
 */
#pragma once

#include <jack/jack.h>

#include "daemon/jack_causes.h"
#include "graph/thread.h"

/* To be asked before a client is opened: what would end this process, with the sentence in `text` (JACK_CAUSE_BYTES), or
 * JACK_CAUSE_NONE. Waits for nobody. */
DAWD_JACK enum jack_cause jack_refusal_foresee(const char *server, char *text);
/* After an opening that has given no client, with the status it gave. */
DAWD_JACK enum jack_cause jack_refusal_explain(jack_status_t status, const char *server, char *text);
/* Writes into `text` that the client has another name than was wished for; empty when it has that. */
DAWD_JACK void jack_refusal_compare_names(const char *wished, const char *name, char *text);
