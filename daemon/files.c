/* A relative name is resolved beneath each root; an absolute one loses the root's name first and then is a relative one. So
 * there is one way in, and the kernel guards it: no check here looks at "..", and none can be raced. */
#include "daemon/files.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RACE_TRIES 8 /* openat2 gives up with EAGAIN when folders were renamed meanwhile */

/* The folder in the spelling that a user would put before a file's name: the shell's idea of where we are counts. */
static char *absolute_spelling(const char *folder)
{
    char *path = NULL;
    if (folder[0] == '/') {
        path = strdup(folder);
    } else {
        while (strncmp(folder, "./", 2) == 0)
            folder += 2;
        char *here = get_current_dir_name();
        bool is_here = !*folder || strcmp(folder, ".") == 0;
        if (!here || asprintf(&path, "%s%s%s", here, is_here ? "" : "/", is_here ? "" : folder) < 0)
            path = NULL;
        free(here);
    }
    for (size_t n = path ? strlen(path) : 0; n > 1 && path[n - 1] == '/'; n--)
        path[n - 1] = '\0';
    return path;
}

static int root_init(struct files_root *root, const char *folder, struct error *error)
{
    *root = (struct files_root){.fd = -1};
    root->real = realpath(folder, NULL);
    if (root->real)
        root->fd = open(root->real, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root->fd < 0) {
        enum error_code code = errno == ENOENT ? ERROR_NO_FILE : errno == ENOTDIR ? ERROR_BAD_FILE : ERROR_IO;
        return error_set(error, code, "the root \"%s\" must be a folder that exists: %s", folder, strerror(errno));
    }
    root->given = absolute_spelling(folder);
    if (!root->given)
        return error_set(error, ERROR_INTERNAL, "no memory for the root \"%s\"", folder);
    return 0;
}

int files_init(struct files *files, const char *const *folders, unsigned n, struct error *error)
{
    *files = (struct files){0};
    if (n < 1 || n > FILES_ROOTS_MAX)
        return error_set(error, ERROR_TOO_BIG, "%u roots: there can be 1 to %d", n, FILES_ROOTS_MAX);
    for (unsigned i = 0; i < n; i++) {
        int code = root_init(&files->roots[files->n_roots++], folders[i], error);
        if (code) {
            files_deinit(files);
            return code;
        }
    }
    return 0;
}

void files_deinit(struct files *files)
{
    for (unsigned i = 0; i < files->n_roots; i++) {
        free(files->roots[i].given);
        free(files->roots[i].real);
        if (files->roots[i].fd >= 0)
            close(files->roots[i].fd);
    }
    *files = (struct files){0};
}

/* What remains of an absolute path beneath a folder, or null when it does not start with that folder. */
static const char *beneath(const char *path, const char *folder)
{
    size_t bytes = strcmp(folder, "/") == 0 ? 0 : strlen(folder);
    if (strncmp(path, folder, bytes) != 0 || (path[bytes] && path[bytes] != '/'))
        return NULL;
    path += bytes;
    while (*path == '/')
        path++;
    return *path ? path : ".";
}

static const char *name_beneath(const struct files_root *root, const char *path)
{
    if (path[0] != '/')
        return path;
    const char *name = beneath(path, root->given);
    return name ? name : beneath(path, root->real);
}

/* The open file, or a negative errno. */
static int open_beneath(int folder, const char *name)
{
    /* Not blocking: opening a pipe would wait for its other end. */
    const struct open_how how = {
        .flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    long fd = -1;
    for (unsigned i = 0; i < RACE_TRIES && fd < 0; i++) {
        fd = syscall(SYS_openat2, folder, name, &how, sizeof how);
        if (fd < 0 && errno != EAGAIN && errno != EINTR)
            break;
    }
    return fd < 0 ? -errno : (int)fd;
}

static int refuse(const char *path, const struct files_root *root, int cause, struct error *error)
{
    switch (cause) {
    case EXDEV:
        return error_set(error, ERROR_DENIED, "\"%.200s\" leads out of the root \"%s\"", path, root->given);
    case ELOOP:
        return error_set(error, ERROR_DENIED, "\"%.200s\": links are not followed beneath the root \"%s\"", path,
                         root->given);
    case EACCES:
    case EPERM:
        return error_set(error, ERROR_DENIED, "\"%.200s\" beneath \"%s\": %s", path, root->given, strerror(cause));
    case ENAMETOOLONG:
        return error_set(error, ERROR_BAD_VALUE, "\"%.200s…\": the path, or a part of it, is longer than any file's", path);
    case ENXIO:
    case ENODEV:
        return error_set(error, ERROR_BAD_FILE, "\"%.200s\" beneath \"%s\" is not a regular file", path, root->given);
    default:
        return error_set(error, ERROR_IO, "\"%.200s\" beneath \"%s\": %s", path, root->given, strerror(cause));
    }
}

/* Gives fd back when it is a regular file, -1 otherwise. */
static int only_regular(int fd, const char *path, const struct files_root *root, struct error *error)
{
    struct stat stat;
    if (fstat(fd, &stat) != 0) {
        refuse(path, root, errno, error);
    } else if (S_ISREG(stat.st_mode)) {
        return fd;
    } else {
        error_set(error, ERROR_BAD_FILE, "\"%.200s\" beneath \"%s\" is %s, not a regular file", path, root->given,
                  S_ISDIR(stat.st_mode)    ? "a folder"
                  : S_ISFIFO(stat.st_mode) ? "a pipe"
                                           : "a device");
    }
    close(fd);
    return -1;
}

static int check_path(const char *path, struct error *error)
{
    if (!*path)
        return error_set(error, ERROR_BAD_VALUE, "the path is empty: it must name a file beneath a root");
    for (const char *p = path; *p; p++)
        if ((unsigned char)*p < 32 || *p == 127)
            return error_set(error, ERROR_BAD_VALUE, "the path has a control character (0x%02x) at byte %zu",
                             (unsigned char)*p, (size_t)(p - path));
    return 0;
}

static void not_found(const struct files *files, const char *path, bool tried, struct error *error)
{
    char roots[300] = "";
    for (unsigned i = 0, n = 0; i < files->n_roots && n < sizeof roots; i++)
        n += (unsigned)snprintf(roots + n, sizeof roots - n, "%s\"%s\"", i ? ", " : "", files->roots[i].given);
    if (tried)
        error_set(error, ERROR_NO_FILE, "there is no file \"%.160s\" beneath %s", path, roots);
    else
        error_set(error, ERROR_DENIED, "\"%.160s\" lies outside the roots %s", path, roots);
}

int files_open(const struct files *files, const char *path, struct error *error)
{
    bool tried = false, refused = false;
    if (check_path(path, error))
        return -1;
    for (unsigned i = 0; i < files->n_roots; i++) {
        const struct files_root *root = &files->roots[i];
        const char *name = name_beneath(root, path);
        if (!name)
            continue;
        tried = true;
        int fd = open_beneath(root->fd, name);
        if (fd >= 0)
            return only_regular(fd, path, root, error);
        if (fd == -ENOENT || fd == -ENOTDIR || refused)
            continue;
        refuse(path, root, -fd, error); /* the first real refusal is told, unless a later root has the file */
        refused = true;
    }
    if (!refused)
        not_found(files, path, tried, error);
    return -1;
}
