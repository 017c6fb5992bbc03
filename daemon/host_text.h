/* Text files through the loader thread: the part of graph/host.h that sessions are read and saved by. */
#pragma once

#include "daemon/host.h"

#define HOST_TEXT_MAX_BYTES ((size_t)64 << 20) /* of a file that is read: far more than anybody has written */

/* As read_text and save_text of struct host; `self` is the daemon_host. A save that was begun is carried out also when the
 * daemon ends meanwhile. */
DAWD_CTL int host_read_text(void *self, const char *path, void (*done)(void *user, const struct loaded_text *text),
                            void *user, struct error *error);
DAWD_CTL int host_save_text(void *self, const char *path, const struct saved_text *text,
                            void (*done)(void *user, const struct error *error), void *user, struct error *error);
