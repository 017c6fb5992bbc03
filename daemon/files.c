/* A relative name is resolved beneath each root; an absolute one loses the root's name first and then is a relative one. So
 * there is one way in, and the kernel guards it: no check here looks at "..", and none can be raced. */
#include "daemon/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "graph/mutant.h"
#include "osc/bytes.h"

#define READ_BYTES ((size_t)1 << 16)
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
    free(files->trusted_given);
    free(files->trusted_real);
    *files = (struct files){0};
}

int files_trust(struct files *files, const char *path, struct error *error)
{
    files->trusted_given = strdup(path);
    files->trusted_real = realpath(path, NULL);
    if (files->trusted_given && files->trusted_real)
        return 0;
    return error_set(error, errno == ENOENT ? ERROR_NO_FILE : ERROR_IO, "\"%.200s\": %s", path, strerror(errno));
}

static bool is_trusted(const struct files *files, const char *path)
{
    return files->trusted_given && strcmp(files->trusted_given, path) == 0;
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

/* The open file or folder, or a negative errno. */
static int open_beneath(int folder, const char *name, unsigned flags)
{
    /* Not blocking: opening a pipe would wait for its other end. */
    const struct open_how how = {
        .flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | flags,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    long fd = MUTANT_FLAW("trusting") ? openat(folder, name, (int)how.flags) : -1;
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
static int only_regular(int fd, const char *path, struct error *error)
{
    struct stat stat;
    if (fstat(fd, &stat) != 0)
        error_set(error, ERROR_IO, "\"%.200s\": %s", path, strerror(errno));
    else if (S_ISREG(stat.st_mode))
        return fd;
    else
        error_set(error, ERROR_BAD_FILE, "\"%.200s\" is %s, not a regular file", path,
                  S_ISDIR(stat.st_mode)    ? "a folder"
                  : S_ISFIFO(stat.st_mode) ? "a pipe"
                                           : "a device");
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

static void not_found(const struct files *files, const char *what, const char *path, bool tried, struct error *error)
{
    char roots[300] = "";
    for (unsigned i = 0, n = 0; i < files->n_roots && n < sizeof roots; i++)
        n += (unsigned)snprintf(roots + n, sizeof roots - n, "%s\"%s\"", i ? ", " : "", files->roots[i].given);
    if (tried)
        error_set(error, ERROR_NO_FILE, "there is no %s \"%.160s\" beneath %s", what, path, roots);
    else
        error_set(error, ERROR_DENIED, "\"%.160s\" lies outside the roots %s", path, roots);
}

static int open_trusted(const char *path, struct error *error)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd >= 0)
        return only_regular(fd, path, error);
    error_set(error, errno == ENOENT ? ERROR_NO_FILE : ERROR_IO, "\"%.200s\": %s", path, strerror(errno));
    return -1;
}

int files_open(const struct files *files, const char *path, struct error *error)
{
    bool tried = false, refused = false;
    if (is_trusted(files, path))
        return open_trusted(files->trusted_real, error);
    if (check_path(path, error))
        return -1;
    for (unsigned i = 0; i < files->n_roots; i++) {
        const struct files_root *root = &files->roots[i];
        const char *name = name_beneath(root, path);
        if (!name)
            continue;
        tried = true;
        int fd = open_beneath(root->fd, name, 0);
        if (fd >= 0 && refused)
            *error = (struct error){0};
        if (fd >= 0)
            return only_regular(fd, path, error);
        if (fd == -ENOENT || fd == -ENOTDIR || refused)
            continue;
        refuse(path, root, -fd, error); /* the first real refusal is told, unless a later root has the file */
        refused = true;
    }
    if (!refused)
        not_found(files, "file", path, tried, error);
    return -1;
}

/* ---- where a file is to be written ---------------------------------------------------------------------------------- */

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The folder of the path, beneath `folder`, or a negative errno. */
static int open_parent(int folder, const char *path)
{
    size_t n = (size_t)(last_part(path) - path);
    char *parent = n ? strndup(path, n) : strdup(".");
    int fd = parent ? open_beneath(folder, parent, O_DIRECTORY) : -ENOMEM;
    free(parent);
    return fd;
}

static int trusted_folder(const struct files *files, const char **name, struct error *error)
{
    *name = last_part(files->trusted_real);
    char *parent = strndup(files->trusted_real, (size_t)(*name - files->trusted_real));
    int fd = parent ? open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
    if (fd < 0)
        error_set(error, ERROR_IO, "the folder of \"%.200s\": %s", files->trusted_real, strerror(errno));
    free(parent);
    return fd;
}

static int check_name(const char *name, const char *path, struct error *error)
{
    if (*name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
        return 0;
    return error_set(error, ERROR_BAD_VALUE, "\"%.200s\" must name a file, not a folder", path);
}

/* A file that is to be made cannot be missing: what is missing is its folder. */
static void folder_not_found(const struct files *files, const char *path, bool tried, struct error *error)
{
    char folder[PATH_MAX];
    snprintf(folder, sizeof folder, "%.*s", tried ? (int)(last_part(path) - path) : PATH_MAX, path);
    not_found(files, "folder", folder, tried, error);
}

int files_open_folder(const struct files *files, const char *path, const char **name, struct error *error)
{
    int found = -1;
    bool tried = false, refused = false;
    if (is_trusted(files, path))
        return trusted_folder(files, name, error);
    *name = last_part(path);
    if (check_path(path, error) || check_name(*name, path, error))
        return -1;
    for (unsigned i = 0; i < files->n_roots; i++) {
        const struct files_root *root = &files->roots[i];
        const char *rest = name_beneath(root, path);
        if (!rest)
            continue;
        tried = true;
        /* The root by its own name: what is left names no file, though the path ends like one. */
        if (check_name(last_part(rest), path, error)) {
            refused = true;
            continue;
        }
        int fd = open_parent(root->fd, rest);
        struct stat stat;
        if (fd < 0 && fd != -ENOENT && fd != -ENOTDIR && !refused && found < 0) {
            refuse(path, root, -fd, error);
            refused = true;
        }
        if (fd < 0)
            continue;
        bool has_file = fstatat(fd, *name, &stat, AT_SYMLINK_NOFOLLOW) == 0;
        if (found >= 0)
            close(has_file ? found : fd);
        if (found < 0 || has_file)
            found = fd;
        if (has_file)
            break;
    }
    if (found < 0 && !refused)
        folder_not_found(files, path, tried, error);
    else if (found >= 0 && refused)
        *error = (struct error){0};
    return found;
}

int files_read_all(int fd, struct bytes *text)
{
    for (ssize_t n = 1; n != 0;) {
        size_t before = text->n;
        uint8_t *room = bytes_grow(text, READ_BYTES);
        if (!room)
            return 0;
        n = read(fd, room, READ_BYTES);
        text->n = before + (n > 0 ? (size_t)n : 0);
        if (n < 0 && errno != EINTR)
            return -1;
    }
    return 0;
}
