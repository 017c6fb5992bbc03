#include "tests/system/waits.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

void waits_open(struct waits *waits, const struct studio *studio)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%d/schedstat", studio->dawd.pid, studio->dawd.pid);
    waits->daemon = open(path, O_RDONLY | O_CLOEXEC);
    waits->own = open("/proc/self/schedstat", O_RDONLY | O_CLOEXEC);
}

void waits_close(struct waits *waits)
{
    close(waits->daemon);
    close(waits->own);
}

static double waited_s(int fd)
{
    char text[128];
    unsigned long long ran_ns, waited_ns;
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    return sscanf(text, "%llu %llu", &ran_ns, &waited_ns) == 2 ? 1e-9 * (double)waited_ns : 0;
}

double waits_s(const struct waits *waits)
{
    return waited_s(waits->daemon) + waited_s(waits->own);
}
