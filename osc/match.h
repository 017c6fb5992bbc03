/* Which values a pattern means: every address beneath /node/ that osc/pattern.h says it matches.
 *
 *     /node/lp*          all nodes of that kind, each with all its values
 *     /node/{a,b}/gain   a parameter or reading of each
 *     /node/x/out/peak   a level of each
 *     /node/x/gain/norm  only where "norm" is written out, so that an asterisk means each parameter once
 */
#pragma once

#include "osc/target.h"

#define MATCH_MOST       4096 /* values that one pattern may mean: what a transaction may hold */
#define MATCH_BYTES_MOST 256  /* of a pattern, so that a look through a large graph is over soon */

/* What the values are wanted for. */
enum match_use {
    MATCH_READ,
    MATCH_SET, /* of parameters only those that can be set */
};

/* Calls `take` for each, nodes by age, values by their tables; address and target are borrowed for the call. Takes time
 * linear in nodes and values. 0; bad_address for a pattern that cannot be read; no_match; too_big for a longer pattern or more
 * matches, after the first MATCH_MOST have been taken; or the code that `take` returned, which ends it, with *error its
 * business. */
DAWD_CTL int match_each(const struct server *server, const char *pattern, enum match_use use,
                        int (*take)(void *user, const char *address, const struct target *target), void *user,
                        struct error *error);
