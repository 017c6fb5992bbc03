#include "daemon/wake.h"

#include <sys/eventfd.h>

/* Both calls below can only fail with EAGAIN: a full counter is readable already, an empty one needs no draining. */

int wake_open(void)
{
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

void wake_post(int fd)
{
    (void)eventfd_write(fd, 1);
}

void wake_drain(int fd)
{
    eventfd_t posts;
    (void)eventfd_read(fd, &posts);
}
