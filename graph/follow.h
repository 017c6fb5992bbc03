/* The model's side of following the tempo: what clients are told of a parameter that is a note value.
 *
 * The engine finds the frame and the value by itself (graph/follow_shared.h). Here the values of the model are brought to the tempo
 * that holds where the transport is, so that who reads, subscribes, draws or makes a node anew finds a number as ever.
 */
#pragma once

#include "graph/ctl.h"

/* Gives a base its value at the tempo that holds now, held in the range, where it has a note value. 0, or internal when memory
 * ran out. */
DAWD_CTL int follow_now(const struct ctl *ctl, const struct param_info *info, struct base *base, struct error *error);

/* Looks whether another tempo holds by now. Not while a transaction is open. */
DAWD_CTL void follow_poll(struct ctl *ctl);
