#include "tests/system/storm.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/system/neighbours.h"

#define DIAL_MS    2500  /* the kernel asks again after one second and after another two */
#define DIAL_TRIES 500   /* a millisecond each */
#define PING_S     0.004 /* between one answer and the next ping */
#define SMALL      4096

static int dial_tcp(const struct studio *studio)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)studio->port)};
    const int small = SMALL;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    inet_pton(AF_INET, NEIGHBOURS_DAEMON, &to.sin_addr);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) && errno != EINPROGRESS)
        rig_fail("no way to the daemon: %s", strerror(errno));
    if (poll(&(struct pollfd){fd, POLLOUT, 0}, 1, DIAL_MS) == 1)
        return fd;
    close(fd);
    return -1;
}

/* While the daemon takes in those that wait already, the kernel has no room for another. */
static int dial_unix(const struct studio *studio)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    snprintf(to.sun_path, sizeof to.sun_path, "%s", studio->socket);
    for (unsigned i = 0; i < DIAL_TRIES; i++) {
        if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0)
            return fd;
        pause_s(0.001);
    }
    close(fd);
    return -1;
}

int storm_dial(const struct studio *studio, bool tcp)
{
    return tcp ? dial_tcp(studio) : dial_unix(studio);
}

void storm_send(int fd, const void *bytes, size_t n)
{
    send(fd, bytes, n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void storm_reset(int fd)
{
    struct linger at_once = {1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
}

unsigned storm_count_closed(const int *fds, unsigned n)
{
    unsigned n_closed = 0;
    for (unsigned i = 0; i < n; i++) {
        struct pollfd look = {fds[i], POLLRDHUP, 0};
        n_closed += fds[i] >= 0 && poll(&look, 1, 0) == 1 && look.revents & (POLLRDHUP | POLLHUP | POLLERR);
    }
    return n_closed;
}

unsigned storm_await_closed(const int *fds, unsigned n, unsigned wanted, double timeout_s)
{
    unsigned closed = 0;
    for (double end = now_s() + timeout_s; (closed = storm_count_closed(fds, n)) < wanted && now_s() < end;)
        pause_s(0.02);
    return closed;
}

void storm_close(int *fds, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (fds[i] >= 0)
            close(fds[i]);
        fds[i] = -1;
    }
}

unsigned storm_descriptors(const struct studio *studio)
{
    char path[64];
    unsigned n = 0;
    snprintf(path, sizeof path, "/proc/%d/fd", studio->dawd.pid);
    DIR *folder = opendir(path);
    for (const struct dirent *entry; folder && (entry = readdir(folder));)
        n += entry->d_name[0] != '.';
    if (folder)
        closedir(folder);
    return n;
}

double storm_cpu_s(const struct studio *studio)
{
    char path[64], text[1024] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", studio->dawd.pid);
    FILE *file = fopen(path, "r");
    if (file) {
        text[fread(text, 1, sizeof text - 1, file)] = '\0';
        fclose(file);
    }
    unsigned long user = 0, system = 0;
    const char *at = strrchr(text, ')');
    if (at)
        sscanf(at + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
    return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

/* ---- the one that behaves -------------------------------------------------------------------------------------------- */

static void *ping(void *self)
{
    struct storm_pinger *pinger = self;
    while (!atomic_load(&pinger->stop) && pinger->n < STORM_PINGS_MAX) {
        double start = now_s();
        const struct answer *answer = client_ask(&pinger->client, "/ping");
        pinger->n_lost += !answer->came || !answer->done;
        pinger->ms[pinger->n++] = 1000 * (now_s() - start);
        if (!answer->came) /* it has gone */
            break;
        pause_s(PING_S);
    }
    return NULL;
}

void storm_pinger_start(struct storm_pinger *pinger, const struct studio *studio)
{
    pinger->n = pinger->n_lost = 0;
    atomic_store(&pinger->stop, false);
    client_open_unix(&pinger->client, studio->socket);
    if (pthread_create(&pinger->thread, NULL, ping, pinger))
        rig_fail("no thread for the pings");
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

void storm_pinger_stop(struct storm_pinger *pinger)
{
    atomic_store(&pinger->stop, true);
    pthread_join(pinger->thread, NULL);
    client_close(&pinger->client);
    qsort(pinger->ms, pinger->n, sizeof *pinger->ms, compare);
    pinger->p99_ms = pinger->n ? pinger->ms[pinger->n * 99 / 100] : 1e9;
    pinger->max_ms = pinger->n ? pinger->ms[pinger->n - 1] : 1e9;
}
