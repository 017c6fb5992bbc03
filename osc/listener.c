#include "osc/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <netinet/tcp.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "osc/inet.h"

#define BACKLOG 128 /* connections that wait for accept */

static int refused(const struct listener *listener, const char *what, struct error *error)
{
    return error_set(error, ERROR_IO, "cannot %s %.300s: %s", what, listener->path, strerror(errno));
}

static int taken(const struct listener *listener, struct error *error)
{
    return error_set(error, ERROR_BUSY, "another dawd lives at %.300s: give this one another name or socket path",
                     listener->path);
}

/* Whether the locked file is still the one at lock_path: a daemon that ended in between has removed it. */
static bool still_there(const struct listener *listener)
{
    struct stat ours, theirs;
    return fstat(listener->lock_fd, &ours) == 0 && stat(listener->lock_path, &theirs) == 0 &&
           ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev;
}

static int take_lock(struct listener *listener, struct error *error)
{
    for (;;) {
        listener->lock_fd = open(listener->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (listener->lock_fd < 0)
            return refused(listener, "create the lock file beside", error);
        if (flock(listener->lock_fd, LOCK_EX | LOCK_NB) != 0)
            return errno == EWOULDBLOCK ? taken(listener, error) : refused(listener, "lock", error);
        if (still_there(listener))
            return 0;
        close(listener->lock_fd);
    }
}

/* Somebody may listen without our lock: a daemon whose lock file was deleted, or another program. */
static bool answers(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* EAGAIN is a living listener with a full backlog; a socket file without a listener refuses. */
    bool alive = fd >= 0 && (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 || errno == EAGAIN);
    if (fd >= 0)
        close(fd);
    return alive;
}

static int clear_path(const struct listener *listener, const struct sockaddr_un *address, struct error *error)
{
    struct stat there;
    if (lstat(listener->path, &there) != 0)
        return errno == ENOENT ? 0 : refused(listener, "look at", error);
    if (!S_ISSOCK(there.st_mode))
        return error_set(error, ERROR_CONFLICT, "%.300s is there and is no socket: it is left alone", listener->path);
    if (answers(address))
        return taken(listener, error);
    return unlink(listener->path) == 0 ? 0 : refused(listener, "remove the dead socket", error);
}

static int start_listening(struct listener *listener, const struct sockaddr_un *address, struct error *error)
{
    listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    /* The mode of a socket before bind is the mode that its file gets: nobody else can connect, not even for a moment. */
    if (listener->fd < 0 || fchmod(listener->fd, 0600) != 0)
        return refused(listener, "make a socket for", error);
    if (bind(listener->fd, (const struct sockaddr *)address, sizeof *address) != 0 || listen(listener->fd, BACKLOG) != 0)
        return refused(listener, "listen at", error);
    return 0;
}

/* A failed open removes no file, except that a lock file of ours goes with the lock. */
static int give_up(struct listener *listener, bool locked, int code)
{
    if (locked)
        unlink(listener->lock_path);
    if (listener->fd >= 0)
        close(listener->fd);
    if (listener->lock_fd >= 0)
        close(listener->lock_fd);
    *listener = (struct listener){.fd = -1, .lock_fd = -1};
    return code;
}

int listener_open(struct listener *listener, const char *path, struct error *error)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t n = strlen(path);
    *listener = (struct listener){.fd = -1, .lock_fd = -1};
    if (!n || n >= sizeof address.sun_path)
        return error_set(error, ERROR_BAD_VALUE, "the socket path \"%.128s\" has %zu bytes: 1 to %zu are possible", path, n,
                         sizeof address.sun_path - 1);
    memcpy(address.sun_path, path, n);
    memcpy(listener->path, path, n);
    snprintf(listener->lock_path, sizeof listener->lock_path, "%.*s.lock", (int)n, path);
    int failed = take_lock(listener, error);
    if (failed)
        return give_up(listener, false, failed);
    failed = clear_path(listener, &address, error);
    if (!failed)
        failed = start_listening(listener, &address, error);
    return failed ? give_up(listener, true, failed) : 0;
}

int listener_open_tcp(struct listener *listener, const char *address, int port, struct error *error)
{
    *listener = (struct listener){.fd = inet_bind(SOCK_STREAM, address, port, error), .lock_fd = -1};
    if (listener->fd < 0)
        return (int)error->code;
    if (listen(listener->fd, BACKLOG) == 0)
        return 0;
    /* Bound beside one that listens, as SO_REUSEADDR lets us, we learn of it only here. */
    error_set(error, errno == EADDRINUSE ? ERROR_BUSY : ERROR_IO, "cannot listen on TCP port %d of %s: %s", port, address,
              strerror(errno));
    return give_up(listener, false, (int)error->code);
}

/* The files go first, while the lock still keeps others from putting theirs in the same place. */
void listener_close(struct listener *listener)
{
    bool has_files = listener->fd >= 0 && *listener->path;
    if (has_files)
        unlink(listener->path);
    give_up(listener, has_files, 0);
}

/* An answer is a packet that somebody waits for: it must not wait for the next one. A client whose machine has gone, without
 * a word, must not hold its connection for ever: an idle one is found by keepalive, one that is sent to by the time that its
 * machine takes to confirm, which keepalive leaves alone. */
static void tcp_prepare(int fd, unsigned gone_s)
{
    const int yes = 1, idle_s = (int)gone_s / 3, every_s = gone_s >= 6 ? (int)gone_s / 6 : 1;
    const int n = ((int)gone_s - idle_s) / every_s;
    const unsigned unconfirmed_ms = gone_s * 1000;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &yes, sizeof yes);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every_s, sizeof every_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &n, sizeof n);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unconfirmed_ms, sizeof unconfirmed_ms);
}

int listener_accept(struct listener *listener, struct peer *peer, unsigned gone_s)
{
    bool is_tcp = !*listener->path;
    for (;;) {
        socklen_t n = sizeof peer->address;
        int fd =
            accept4(listener->fd, is_tcp ? &peer->address.any : NULL, is_tcp ? &n : NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0 && is_tcp)
            tcp_prepare(fd, gone_s);
        if (fd >= 0)
            return fd;
        /* A client that gave up while it waited is no reason to let the next one wait. */
        if (errno != EINTR && errno != ECONNABORTED)
            return errno == EWOULDBLOCK ? -EAGAIN : -errno;
    }
}
