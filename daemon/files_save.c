/* Everything happens in the one open folder, by plain names: that folder may be renamed meanwhile, and no part of the path is
 * resolved twice. */
#include "daemon/files_save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "graph/mutant.h"

#define NAME_TRIES     4   /* the names of new files are drawn by chance */
#define NAME_BYTES     32  /* of such a name */
#define HEAD_MAX_BYTES 128 /* of what is compared */
#define MODE_NEW       0666

/* What stands where the text is to go. */
struct old_file {
    bool exists;
    mode_t mode;
};

static int fail(const char *path, const char *what, int cause, struct error *error)
{
    bool is_denied = cause == EACCES || cause == EPERM || cause == EROFS;
    enum error_code code = is_denied ? ERROR_DENIED : cause == ENAMETOOLONG ? ERROR_BAD_VALUE : ERROR_IO;
    return error_set(error, code, "\"%.200s\" cannot be saved: %s: %s", path, what, strerror(cause));
}

/* A recording is worth more than the session that a slip of the keyboard would put in its place. */
static int check_head(int fd, const char *path, const struct saved_text *text, struct error *error)
{
    char head[HEAD_MAX_BYTES];
    size_t n_head = text->n_head < sizeof head ? text->n_head : sizeof head;
    ssize_t n = pread(fd, head, n_head, 0);
    if (n < 0)
        return fail(path, "the file that is there", errno, error);
    if (n == 0 || ((size_t)n == n_head && memcmp(head, text->text, n_head) == 0))
        return 0;
    return error_set(error, ERROR_DENIED,
                     "\"%.200s\" exists and is something else, which is not replaced: take another name", path);
}

static int check_old(int folder, const char *name, const char *path, const struct saved_text *text, struct old_file *old,
                     struct error *error)
{
    struct stat stat;
    int code = 0;
    if (fstatat(folder, name, &stat, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? 0 : fail(path, "the file that is there", errno, error);
    if (S_ISLNK(stat.st_mode))
        return error_set(error, ERROR_DENIED, "\"%.200s\" is a link: links are not followed", path);
    if (!S_ISREG(stat.st_mode))
        return error_set(error, ERROR_BAD_FILE, "\"%.200s\" is no regular file", path);
    *old = (struct old_file){true, stat.st_mode & 0777};
    int fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return fail(path, "the file that is there", errno, error);
    code = check_head(fd, path, text, error);
    close(fd);
    return code;
}

/* A new file in the folder; its name starts with a dot, so that no listing shows it. */
static int open_new(int folder, char *name)
{
    int fd = -1;
    for (unsigned i = 0; i < NAME_TRIES && fd < 0; i++) {
        unsigned long long chance = 0;
        if (getrandom(&chance, sizeof chance, 0) < 0)
            return -1;
        snprintf(name, NAME_BYTES, ".dawd-%016llx", chance);
        fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, MODE_NEW);
        if (fd < 0 && errno != EEXIST && errno != EINTR)
            return -1;
    }
    return fd;
}

int files_write_all(int fd, const void *bytes, size_t n_bytes)
{
    for (size_t at = 0; at < n_bytes;) {
        ssize_t n = write(fd, (const char *)bytes + at, n_bytes - at);
        if (n < 0 && errno != EINTR)
            return -1;
        at += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static int sync_all(int fd)
{
    int code;
    if (MUTANT_FLAW("unsynced"))
        return 0;
    do
        code = fsync(fd);
    while (code != 0 && errno == EINTR);
    return code;
}

/* Fills and closes the new file. 0 or an errno. */
static int fill(int fd, const struct old_file *old, const struct saved_text *text)
{
    int cause =
        (old->exists && fchmod(fd, old->mode) != 0) || files_write_all(fd, text->text, text->n) != 0 || sync_all(fd) != 0
            ? errno
            : 0;
    /* Some file systems tell only now that the disk is full. */
    return close(fd) != 0 && !cause && errno != EINTR ? errno : cause;
}

static int replace(int folder, const char *name, const char *path, const struct saved_text *text,
                   const struct old_file *old, struct error *error)
{
    char new_name[NAME_BYTES];
    if (MUTANT_FLAW("inplace"))
        return fill(openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC, MODE_NEW), old, text);
    int fd = open_new(folder, new_name);
    if (fd < 0)
        return fail(path, "a new file in its folder", errno, error);
    int cause = fill(fd, old, text);
    if (!cause && renameat(folder, new_name, folder, name) != 0)
        cause = errno;
    if (cause) {
        unlinkat(folder, new_name, 0);
        return fail(path, "writing it", cause, error);
    }
    return sync_all(folder) == 0 ? 0 : fail(path, "it is there, but may not survive a power failure", errno, error);
}

int files_save(const struct files *files, const char *path, const struct saved_text *text, struct error *error)
{
    const char *name;
    struct old_file old = {0};
    int folder = files_open_folder(files, path, &name, error);
    if (folder < 0)
        return (int)error->code;
    int code = check_old(folder, name, path, text, &old, error);
    if (!code)
        code = replace(folder, name, path, text, &old, error);
    close(folder);
    return code;
}
