#include "tests/system/neighbours.h"

#include <arpa/inet.h>
#include <errno.h>
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
    run("ip addr add %s/24 dev plug && ip link set plug up", OURS);
}

void neighbours_connect(struct client *client, const struct studio *studio, int type)
{
    client_open_at(client, NEIGHBOURS_DAEMON, type, studio->port);
}
