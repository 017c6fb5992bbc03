/* Values: what a message at one of their addresses (target.h) does. */
#pragma once

#include "osc/request.h"
#include "osc/server.h"

#define VALUE_GLIDE_MAX_S 3600.0 /* of a set */

/* A message by itself: reads and answers, or sets at once and answers if an answer is due. 0; an error that the caller
 * answers; CALL_LOADING for a file that is missing, as dispatch_run. */
DAWD_CTL int value_message(struct request *request, const struct arg *args, unsigned n_args, struct error *error);

/* A set as part of a transaction. 0, also where a file is missing (request->wanted), or why not: nothing is staged then. */
DAWD_CTL int value_stage(struct request *request, struct tx *tx, const char *address, const struct arg *args,
                         unsigned n_args, struct error *error);

/* Whether the address names something that can be read. 0 or an error. */
DAWD_CTL int value_check(const struct server *server, const char *address, struct error *error);

/* Takes an argument as a value of the parameter: a number, a truth, the name of a choice, or a note value. */
DAWD_CTL int value_take(const struct ctl *ctl, const struct param_info *info, const struct arg *arg, struct base *base,
                        struct error *error);
