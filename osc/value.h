/* Values: /node/NAME/PARAM sets or reads one, /node/NAME reads all of a node. */
#pragma once

#include "osc/request.h"
#include "osc/server.h"

/* Whether an address (without /req/<n>) is meant to be a value's. */
DAWD_ANY bool value_is_address(const char *address);
/* Whether the time tag lies ahead of the wall clock. */
DAWD_CTL bool value_is_future(uint64_t time);

/* A message by itself: reads and answers, or sets at once and answers if an answer is due. 0, or an error that the caller
 * answers. */
DAWD_CTL int value_message(struct request *request, const struct arg *args, unsigned n_args, struct error *error);

/* A set as part of a transaction. 0, or why not: nothing is staged then. */
DAWD_CTL int value_stage(struct server *server, struct tx *tx, const char *address, const struct arg *args, unsigned n_args,
                         struct error *error);

/* Whether the address names something that can be read. 0 or an error. */
DAWD_CTL int value_check(const struct server *server, const char *address, struct error *error);

/* Adds a parameter's value to results as its kind is written: a number, T or F, the name of a choice, a path. */
DAWD_CTL void value_write(struct writer *results, const struct node *node, unsigned row);
/* Takes an argument as a value of the parameter: a number, a truth, or the name of a choice. */
DAWD_CTL int value_take(const struct param_info *info, const struct arg *arg, float *value, struct error *error);
