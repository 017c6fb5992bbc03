#include "osc/inet.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "osc/peer.h"

/* Numeric only: a name would ask a server, and control must not wait for one. */
static struct addrinfo *resolve(const char *kind, int type, const char *address, int port, struct error *error)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV, .ai_socktype = type}, *found = NULL;
    char service[16];
    snprintf(service, sizeof service, "%d", port);
    if (port < 0 || port > 65535)
        error_set(error, ERROR_BAD_VALUE, "%s port %d: ports go from 1 to 65535", kind, port);
    else if (getaddrinfo(address, service, &hints, &found) != 0)
        error_set(error, ERROR_BAD_VALUE, "\"%s\" is no numeric IPv4 or IPv6 address such as 127.0.0.1", address);
    return found;
}

/* UDP goes without SO_REUSEADDR: two daemons on one port would share its datagrams at random. A TCP port with it: the kernel
 * keeps one that has listened from being bound again for a minute, but never lets two listen. */
static int bind_to(const struct addrinfo *to)
{
    int yes = 1, fd = socket(to->ai_family, to->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    if (to->ai_socktype == SOCK_STREAM)
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    /* So that :: and 0.0.0.0 can be given roles of their own, and no IPv4 address comes dressed as IPv6. */
    if (to->ai_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof yes);
    if (bind(fd, to->ai_addr, to->ai_addrlen) == 0)
        return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

int inet_bind(int type, const char *address, int port, struct error *error)
{
    const char *kind = type == SOCK_STREAM ? "TCP" : "UDP";
    struct addrinfo *to = resolve(kind, type, address, port, error);
    if (!to)
        return -1;
    int fd = bind_to(to);
    freeaddrinfo(to);
    if (fd < 0 && errno == EADDRINUSE)
        error_set(error, ERROR_BUSY,
                  "%s port %d of %s is taken: does another dawd run? Give this one another port, or 0 for none", kind, port,
                  address);
    else if (fd < 0)
        error_set(error, ERROR_IO, "cannot bind %s port %d of %s: %s", kind, port, address, strerror(errno));
    return fd;
}

int inet_port(int fd)
{
    struct peer self = {0};
    socklen_t n = sizeof self.address;
    getsockname(fd, &self.address.any, &n);
    return ntohs(self.address.any.sa_family == AF_INET ? self.address.v4.sin_port : self.address.v6.sin6_port);
}

bool inet_is_loopback(const char *address)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, address, &v4.sin_addr) == 1)
        return peer_address_is_loopback((const struct sockaddr *)&v4);
    return inet_pton(AF_INET6, address, &v6.sin6_addr) == 1 && peer_address_is_loopback((const struct sockaddr *)&v6);
}
