/* Where the unix socket of a daemon lies unless told otherwise: one rule, for the daemon and for its clients. */
#pragma once

#include <stddef.h>

#include "graph/error.h"
#include "graph/thread.h"

#define SOCKET_PATH_NAME "dawd" /* the name of a daemon that was given none */

/* Writes DIR/NAME.sock to path (n bytes with the terminator), where DIR is $XDG_RUNTIME_DIR; without it /run/user/UID
 * when that is ours; otherwise /tmp/dawd-UID, which is made if need be. The last must be a directory of ours that nobody
 * else may enter, for anyone may write to /tmp. 0, or with *error:
 *   ERROR_BAD_VALUE  a name that is empty, starts with '.' or holds '/', XDG_RUNTIME_DIR is not absolute, or all is too long
 *   ERROR_DENIED     /tmp/dawd-UID belongs to somebody else, is open to others, or is no directory
 *   ERROR_IO         it cannot be made */
DAWD_ANY int socket_path_default(const char *name, char *path, size_t n, struct error *error);
