/* Looks on while an ordinary, unmodified daemon replaces files. A library for LD_PRELOAD (saves.h).
 *
 *     openat, new -> write -> fsync -> renameat -> fsync of the folder
 */
#include "tests/system/saves.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static struct saves *saves;
/* The file under way, of the one thread that saves. */
static int new_fd = -1, folder_fd = -1;
static bool is_synced;
static uint64_t sync_ns;

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

int openat(int folder, const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    unsigned mode = flags & O_CREAT ? va_arg(list, unsigned) : 0;
    va_end(list);
    int fd = (int)syscall(SYS_openat, folder, path, flags, mode);
    if (saves && fd >= 0 && flags & O_EXCL) {
        new_fd = fd;
        is_synced = false;
        sync_ns = 0;
    }
    return fd;
}

ssize_t write(int fd, const void *bytes, size_t n)
{
    if (fd == new_fd)
        is_synced = false;
    return syscall(SYS_write, fd, bytes, n);
}

int fsync(int fd)
{
    uint64_t start_ns = now_ns();
    int code = (int)syscall(SYS_fsync, fd);
    sync_ns += now_ns() - start_ns;
    is_synced |= fd == new_fd && code == 0;
    if (saves && fd == folder_fd && code == 0) {
        atomic_store(&saves->sync_ns, sync_ns);
        atomic_fetch_add(&saves->n_complete, 1);
        folder_fd = -1;
    }
    return code;
}

int renameat(int old_folder, const char *old, int new_folder, const char *new)
{
    int code = (int)syscall(SYS_renameat2, old_folder, old, new_folder, new, 0);
    if (saves && code == 0) {
        atomic_fetch_add(&saves->n_renamed, 1);
        atomic_fetch_add(&saves->n_unsynced, !is_synced);
        folder_fd = new_folder;
        new_fd = -1;
    }
    return code;
}

__attribute__((constructor)) static void open_file(void)
{
    const char *path = getenv("DAWD_SAVES");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *mapped = mmap(NULL, sizeof *saves, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped != MAP_FAILED)
        saves = mapped;
}
