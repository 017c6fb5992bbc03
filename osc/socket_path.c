/* Where a user's own sockets belong: the folder that the session made; the same folder by its usual name, for programs
 * that were started outside of a session; at last one of our own in /tmp, where anyone could have made it before us. */
#include "osc/socket_path.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

/* Not by way of a link, which somebody else may have put there to a folder of ours. */
static bool is_ours(const char *folder, mode_t others_bits)
{
    struct stat there;
    return lstat(folder, &there) == 0 && S_ISDIR(there.st_mode) && there.st_uid == getuid() &&
           !(there.st_mode & others_bits);
}

static int folder_in_tmp(char *folder, size_t n, struct error *error)
{
    snprintf(folder, n, "/tmp/dawd-%u", (unsigned)getuid());
    /* Made or found, it is looked at afterwards: anyone could have made it in between. */
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return error_set(error, ERROR_IO, "cannot make the folder %s: %s", folder, strerror(errno));
    if (!is_ours(folder, 077))
        return error_set(error, ERROR_DENIED,
                         "%s must be a folder of user %u that nobody else may enter: remove it, or set XDG_RUNTIME_DIR",
                         folder, (unsigned)getuid());
    return 0;
}

static int find_folder(char *folder, size_t n, struct error *error)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    if (runtime && *runtime) {
        int length = snprintf(folder, n, "%s", runtime);
        if (*runtime != '/' || (size_t)length >= n)
            return error_set(error, ERROR_BAD_VALUE,
                             "XDG_RUNTIME_DIR is \"%.100s\": it must be absolute and shorter than %zu bytes", runtime, n);
        return 0;
    }
    snprintf(folder, n, "/run/user/%u", (unsigned)getuid());
    return is_ours(folder, 0) ? 0 : folder_in_tmp(folder, n, error);
}

int socket_path_default(const char *name, char *path, size_t n, struct error *error)
{
    char folder[256];
    if (!*name || *name == '.' || strchr(name, '/'))
        return error_set(error, ERROR_BAD_VALUE,
                         "\"%.100s\" names no daemon: a name is not empty, has no '/' and starts with no '.'", name);
    int failed = find_folder(folder, sizeof folder, error);
    if (failed)
        return failed;
    if ((size_t)snprintf(path, n, "%s/%s.sock", folder, name) >= n)
        return error_set(error, ERROR_BAD_VALUE, "the socket path %.200s/%.100s.sock is too long", folder, name);
    return 0;
}
