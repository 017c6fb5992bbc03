/* One question of a program's own, whose answer it reads itself instead of printing it (osc/ask.h does that). */
#pragma once

#include "osc/ask.h"
#include "osc/packet.h"
#include "osc/writer.h"

/* Asks an address without arguments and waits. ASK_DONE: the results of its /done are next in *answer, which borrows the link's
 * packet. Otherwise the failure has been printed, unless ask->quiet. */
DAWD_ANY enum ask_outcome fetch(struct ask *ask, const char *address, struct message *answer);
/* The same with arguments, which it uses up. */
DAWD_ANY enum ask_outcome fetch_with(struct ask *ask, const char *address, struct writer *args, struct message *answer);
/* Only sends it; whoever does not wait throws its answer away. 0 or *error. */
DAWD_ANY int fetch_send(struct ask *ask, const char *address, struct writer *args, struct error *error);
