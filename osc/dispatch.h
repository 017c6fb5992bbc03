/* From a checked packet to the command, value or bundle that it is. Control thread; nothing here is kept between two
 * calls. */
#pragma once

#include "osc/command.h"
#include "osc/request.h"

/* Too short to be heard as a fade, long enough to make no click. */
#define FADE_S              0.010 /* of what a transaction connects or disconnects, unless it says otherwise */
#define DISPATCH_FADE_MAX_S 3600.0

#define DISPATCH_ARGS_MAX 512 /* of one message: they are read into the stack, which nested bundles share */

/* Runs a request: it is answered now, or by the engine later. 0, or CALL_LOADING with files missing in request->wanted and no
 * answer sent: then nothing has happened. */
DAWD_CTL int dispatch_run(struct request *request);

/* What a message can be staged as a part of. A session holds edits and values only. */
enum dispatch_whole { DISPATCH_BUNDLE, DISPATCH_SESSION };

/* Stages one message on the open transaction; of a bundle's queries, checks what answers after the commit. 0, or why it cannot
 * be done. */
DAWD_CTL int dispatch_stage(struct request *request, struct tx *tx, const struct message *message,
                            enum dispatch_whole whole, struct error *error);

/* The row of an address (without /req/<n>), or null. */
DAWD_CTL const struct command *dispatch_find(const struct server *server, const char *address);
/* The role that a message needs by its address (without /req/<n>) and the number of its arguments. */
DAWD_CTL enum role dispatch_role(const struct server *server, const char *address, unsigned n_args);
/* The address behind a /req/<n> prefix, and its number if `id` is not null; the address itself where there is none. */
DAWD_ANY const char *dispatch_strip(const char *address, int32_t *id);
/* Fills in what an answer names: request->address and its id. */
DAWD_CTL void dispatch_identify(struct request *request);
/* Whether the packet is /sync, which waits for everything. */
DAWD_ANY bool dispatch_is_sync(const uint8_t *packet, size_t n);
/* Reads the arguments of a message into room for DISPATCH_ARGS_MAX. 0 or too_big. */
DAWD_CTL int dispatch_args_read(const struct message *message, struct arg *args, struct error *error);
