#include "daemon/files_new.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEW_FILE_MODE 0666 /* less what the umask takes */

static int refuse(const char *path, int cause, struct error *error)
{
    if (cause == EEXIST)
        return error_set(error, ERROR_CONFLICT, "\"%.200s\" exists, and no file is written over", path);
    if (cause == ENAMETOOLONG)
        return error_set(error, ERROR_BAD_VALUE, "\"%.200s…\": the path, or a part of it, is longer than any file's", path);
    return error_set(error, cause == EACCES || cause == EPERM || cause == EROFS ? ERROR_DENIED : ERROR_IO,
                     "\"%.200s\" cannot be made: %s", path, strerror(cause));
}

int files_create(const struct files *files, const char *path, struct error *error)
{
    const char *name;
    int folder = files_open_folder(files, path, &name, error);
    if (folder < 0)
        return -1;
    /* A link of this name exists too, wherever it leads to, and is not followed. */
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, NEW_FILE_MODE);
    if (fd < 0)
        refuse(path, errno, error);
    close(folder);
    return fd;
}

int files_check_new(const struct files *files, const char *path, struct error *error)
{
    const char *name;
    struct stat stat;
    int folder = files_open_folder(files, path, &name, error);
    if (folder < 0)
        return (int)error->code;
    int cause = 0;
    if (fstatat(folder, name, &stat, AT_SYMLINK_NOFOLLOW) == 0)
        cause = EEXIST;
    else if (errno != ENOENT || faccessat(folder, ".", W_OK | X_OK, AT_EACCESS))
        cause = errno;
    close(folder);
    return cause ? refuse(path, cause, error) : 0;
}
