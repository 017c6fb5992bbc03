/* Calls into the kernel that write, noted by name in their order, and failing on request, in the place of the C library's: for the
 * one source of a test program that includes this. */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PIECE_BYTES 40 /* what one write takes at most: so there are many */

static bool is_armed;
static long n_left;   /* calls that succeed before the one that fails */
static bool all_fail; /* those behind it as well: the program is gone */
static char calls[4096];
static unsigned n_calls;

/* Notes the call; whether it is to fail. */
static bool fails(const char *what)
{
    if (!is_armed)
        return false;
    size_t n = strlen(calls);
    snprintf(calls + n, sizeof calls - n, "%s ", what);
    n_calls++;
    long left = n_left--;
    errno = EIO;
    return left == 0 || (left < 0 && all_fail);
}

/* ---- in the place of the C library's ---------------------------------------------------------------------------------- */

static bool is_folder(int fd)
{
    struct stat stat;
    return fstat(fd, &stat) == 0 && S_ISDIR(stat.st_mode);
}

ssize_t write(int fd, const void *bytes, size_t n)
{
    return fails("write") ? -1 : syscall(SYS_write, fd, bytes, is_armed && n > PIECE_BYTES ? PIECE_BYTES : n);
}

int fsync(int fd)
{
    return fails(is_folder(fd) ? "sync-folder" : "sync") ? -1 : (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
    return fails("sync-data") ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int ftruncate(int fd, off_t n)
{
    return fails("cut") ? -1 : (int)syscall(SYS_ftruncate, fd, n);
}

int renameat(int old_folder, const char *old, int new_folder, const char *new)
{
    char what[64];
    snprintf(what, sizeof what, "name-%s", new);
    return fails(what) ? -1 : (int)syscall(SYS_renameat2, old_folder, old, new_folder, new, 0);
}

int linkat(int old_folder, const char *old, int new_folder, const char *new, int flags)
{
    char what[64];
    snprintf(what, sizeof what, "second-%s", new);
    return fails(what) ? -1 : (int)syscall(SYS_linkat, old_folder, old, new_folder, new, flags);
}

int unlinkat(int folder, const char *name, int flags)
{
    return fails("remove") ? -1 : (int)syscall(SYS_unlinkat, folder, name, flags);
}

int openat(int folder, const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    unsigned mode = flags & O_CREAT ? va_arg(list, unsigned) : 0;
    va_end(list);
    return flags & O_CREAT && fails("make") ? -1 : (int)syscall(SYS_openat, folder, path, flags, mode);
}

/* From the n-th call on, or never. */
static void arm(long n, bool all)
{
    calls[0] = '\0';
    n_calls = 0;
    n_left = n;
    all_fail = all;
    is_armed = true;
}
