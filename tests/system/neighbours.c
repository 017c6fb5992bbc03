#include "tests/system/neighbours.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define OURS "10.77.0.2"

__attribute__((format(printf, 1, 2))) static void run(const char *format, ...)
{
    char command[256], output[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    if (process_run((const char *const[]){"sh", "-c", command, NULL}, output, sizeof output))
        rig_fail("%s: %s", command, output);
}

static void leave(void)
{
    if (unshare(CLONE_NEWNET) && unshare(CLONE_NEWUSER | CLONE_NEWNET))
        rig_fail("no network namespace: %s", strerror(errno));
    run("ip link set lo up");
}

void neighbours_open(void)
{
    leave();
    run("ip link add cable type veth peer name plug && ip addr add %s/24 dev cable && ip link set cable up",
        NEIGHBOURS_DAEMON);
}

void neighbours_move(const struct studio *studio)
{
    leave();
    run("nsenter -t %d -n ip link set plug netns %d", studio->dawd.pid, getpid());
    run("ip addr add %s/24 dev plug && ip addr add %s/24 dev plug && ip link set plug up", OURS, NEIGHBOURS_OTHER);
}

void neighbours_connect(struct client *client, const struct studio *studio, int type)
{
    client_open_at(client, NEIGHBOURS_DAEMON, type, studio->port);
}

int neighbours_bystander(unsigned port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    inet_pton(AF_INET, NEIGHBOURS_OTHER, &at.sin_addr);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at))
        rig_fail("no socket at %s: %s", NEIGHBOURS_OTHER, strerror(errno));
    return fd;
}

/* The kernel fills in the checksum of the header; that of UDP may be 0: none. */
bool neighbours_lie(const struct studio *studio, const char *from, unsigned from_port, const void *bytes, size_t n)
{
    struct {
        struct iphdr ip;
        struct udphdr udp;
        uint8_t bytes[1400];
    } packet = {.ip = {.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP}};
    struct sockaddr_in to = {.sin_family = AF_INET};
    size_t size = sizeof packet.ip + sizeof packet.udp + n;
    if (n > sizeof packet.bytes)
        rig_fail("a lie of %zu bytes", n);
    inet_pton(AF_INET, NEIGHBOURS_DAEMON, &to.sin_addr);
    packet.ip.daddr = to.sin_addr.s_addr;
    inet_pton(AF_INET, from, &packet.ip.saddr);
    packet.ip.tot_len = htons((uint16_t)size);
    packet.udp.source = htons((uint16_t)from_port);
    packet.udp.dest = htons((uint16_t)studio->port);
    packet.udp.len = htons((uint16_t)(sizeof packet.udp + n));
    memcpy(packet.bytes, bytes, n);
    int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
    bool sent = fd >= 0 && sendto(fd, &packet, size, 0, (struct sockaddr *)&to, sizeof to) == (ssize_t)size;
    close(fd);
    return sent;
}
