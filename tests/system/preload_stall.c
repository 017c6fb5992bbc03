/* Holds up a write of an ordinary, unmodified daemon. A library for LD_PRELOAD (stall.h). Recordings are what is written by
 * pwrite. */
#include "tests/system/stall.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static struct stall *stall;

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at)
{
    uint32_t ms = stall ? atomic_exchange(&stall->ms, 0) : 0;
    if (ms) {
        nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000L}, NULL);
        atomic_fetch_add(&stall->n_over, 1);
    }
    return syscall(SYS_pwrite64, fd, bytes, n, at);
}

__attribute__((constructor)) static void open_file(void)
{
    const char *path = getenv("DAWD_STALL");
    int fd = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *mapped = mmap(NULL, sizeof *stall, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped != MAP_FAILED)
        stall = mapped;
}
