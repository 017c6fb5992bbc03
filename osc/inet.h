/* Sockets of UDP and TCP: from a numeric address and a port to a bound descriptor. */
#pragma once

#include <stdbool.h>

#include "graph/error.h"
#include "graph/thread.h"

/* Binds a new non-blocking socket of `type`, SOCK_DGRAM or SOCK_STREAM, to a numeric IPv4 or IPv6 address; port 0 lets the
 * kernel pick one. Returns the descriptor, or -1 with *error:
 *   ERROR_BAD_VALUE  not a numeric address, or a port outside 0..65535
 *   ERROR_BUSY       somebody has the port already, most likely another dawd
 *   ERROR_IO         the kernel refuses for another reason: no such address here, no permission */
DAWD_CTL int inet_bind(int type, const char *address, int port, struct error *error);

/* The port that a socket is bound to. */
DAWD_CTL int inet_port(int fd);

/* Whether a numeric address is one of the loopback. */
DAWD_ANY bool inet_is_loopback(const char *address);
