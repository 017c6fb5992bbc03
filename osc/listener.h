/* What clients connect to: a unix stream socket, whose path belongs to one daemon at a time, or a TCP port.
 *
 * Beside PATH of the unix socket stands PATH.lock, locked as long as the daemon lives: the kernel gives the lock back however it dies, so a
 * socket file that a dead daemon left behind can be told from a live one's, also when two daemons start at once.
 */
#pragma once

#include "graph/error.h"
#include "graph/thread.h"
#include "osc/peer.h"

#define LISTENER_PATH_BYTES 128 /* more than a socket's path can have, ".lock" included */

struct listener {
    int fd;                              /* -1 while closed */
    int lock_fd;                         /* likewise, and of TCP */
    char path[LISTENER_PATH_BYTES];      /* of the socket file; empty: TCP */
    char lock_path[LISTENER_PATH_BYTES]; /* of the lock file */
};

/* Listens at `path`, which gets mode 0600; removes the socket file of a dead daemon. 0, or with *error and nothing open:
 *   ERROR_BAD_VALUE  the path is empty or longer than the 107 bytes that the kernel takes
 *   ERROR_BUSY       another daemon lives at this path
 *   ERROR_CONFLICT   there is a file of another kind at this path
 *   ERROR_IO         anything else that the kernel refuses: no such folder, no permission */
DAWD_CTL int listener_open(struct listener *listener, const char *path, struct error *error);
/* Listens on a TCP port of a numeric address; port 0: any. 0, or with *error and nothing open a cause of inet_bind. */
DAWD_CTL int listener_open_tcp(struct listener *listener, const char *address, int port, struct error *error);
/* Stops listening and removes both files; fine on a closed one whose fds are -1. */
DAWD_CTL void listener_close(struct listener *listener);

/* The next connection, non-blocking and owned by the caller, or a negative errno: -EAGAIN when nobody waits; -EMFILE,
 * -ENFILE, -ENOBUFS or -ENOMEM when somebody does, but there is no room for a connection at the moment. The address of its
 * other end is written to *peer. One of TCP ends by itself when the other host does not answer the kernel for gone_s (3 or
 * more), whether or not anything is said. */
DAWD_CTL int listener_accept(struct listener *listener, struct peer *peer, unsigned gone_s);
