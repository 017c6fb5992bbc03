/* Making files that clients name: only new ones, beneath the roots. Nothing that exists is ever touched. */
#pragma once

#include "daemon/files.h"

/* Makes a new file for writing and returns its descriptor, which the caller closes; -1 with *error filled otherwise. Of
 * several roots, the first in which its folder exists. Causes as of files_open_folder, and CONFLICT when there is something
 * of this name, DENIED when the folder does not let us write. */
DAWD_ANY int files_create(const struct files *files, const char *path, struct error *error);
/* Whether files_create would do it now. 0 or its causes. */
DAWD_ANY int files_check_new(const struct files *files, const char *path, struct error *error);
