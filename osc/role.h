/* What whoever reaches an address may do there: the word behind --bind ADDRESS=. */
#pragma once

#include <stdbool.h>

#include "graph/thread.h"

/* Each may do what those before it may. */
enum role {
    ROLE_NONE, /* nothing has been said about it */
    ROLE_READ, /* ask, and subscribe */
    ROLE_PLAY, /* and set values, play notes, drive the transport */
    ROLE_EDIT, /* and everything else */
};

/* "read", "play", "edit"; "none" of ROLE_NONE. */
DAWD_ANY const char *role_name(enum role role);
/* The role of that name, or ROLE_NONE. */
DAWD_ANY enum role role_parse(const char *name);
