/* Calls into the kernel that fail on request, in the place of the C library's: for the one source of a test program that includes
 * this. Writes take a piece at a time, so that there are many.
 *
 *     failing_from(n, EIO);           n calls succeed, the next one fails, once
 *     ...
 *     if (failing_ends()) ...         whether a call has failed since
 */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FAILING_PIECE_BYTES 50 /* what one write takes at most */

static struct {
    bool is_armed;
    long n_left; /* calls that succeed before the one that fails */
    int cause;   /* its errno */
    bool has_failed;
    unsigned n_renamed; /* that succeeded */
    bool has_renamed;   /* the call that failed came behind a rename */
} failing;

static bool fails_now(void)
{
    if (!failing.is_armed || failing.n_left-- != 0)
        return false;
    failing.has_failed = true;
    failing.has_renamed = failing.n_renamed > 0;
    errno = failing.cause;
    return true;
}

static void failing_from(long n, int cause)
{
    failing.n_left = n;
    failing.cause = cause;
    failing.has_failed = failing.has_renamed = false;
    failing.n_renamed = 0;
    failing.is_armed = true;
}

static bool failing_ends(void)
{
    failing.is_armed = false;
    return failing.has_failed;
}

/* ---- in the place of the C library's ---------------------------------------------------------------------------------- */

int openat(int folder, const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    unsigned mode = flags & O_CREAT ? va_arg(list, unsigned) : 0;
    va_end(list);
    return fails_now() ? -1 : (int)syscall(SYS_openat, folder, path, flags, mode);
}

int fstatat(int folder, const char *restrict path, struct stat *restrict stat, int flags)
{
    return fails_now() ? -1 : (int)syscall(SYS_newfstatat, folder, path, stat, flags);
}

int fchmod(int fd, mode_t mode)
{
    return fails_now() ? -1 : (int)syscall(SYS_fchmod, fd, mode);
}

ssize_t pread(int fd, void *bytes, size_t n, off_t at)
{
    return fails_now() ? -1 : syscall(SYS_pread64, fd, bytes, n, at);
}

ssize_t write(int fd, const void *bytes, size_t n)
{
    size_t piece = failing.is_armed && n > FAILING_PIECE_BYTES ? FAILING_PIECE_BYTES : n;
    return fails_now() ? -1 : syscall(SYS_write, fd, bytes, piece);
}

int ftruncate(int fd, off_t length)
{
    return fails_now() ? -1 : (int)syscall(SYS_ftruncate, fd, length);
}

int fsync(int fd)
{
    return fails_now() ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return fails_now() ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int linkat(int old_folder, const char *old, int new_folder, const char *new, int flags)
{
    return fails_now() ? -1 : (int)syscall(SYS_linkat, old_folder, old, new_folder, new, flags);
}

int renameat(int old_folder, const char *old, int new_folder, const char *new)
{
    if (fails_now())
        return -1;
    int code = (int)syscall(SYS_renameat2, old_folder, old, new_folder, new, 0);
    failing.n_renamed += failing.is_armed && code == 0;
    return code;
}

/* Closes all the same, as the kernel does. */
int close(int fd)
{
    bool now = fails_now();
    int code = (int)syscall(SYS_close, fd);
    if (!now)
        return code;
    errno = failing.cause;
    return -1;
}
