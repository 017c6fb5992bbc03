#include "daemon/notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int address_read(struct notify *notify, const char *address, struct error *error)
{
    size_t n = strlen(address);
    if ((*address != '/' && *address != '@') || n < 2 || n >= sizeof notify->address.sun_path)
        return error_set(error, ERROR_BAD_VALUE,
                         "NOTIFY_SOCKET \"%.150s\": must be a path, or an abstract name behind an @, of 2 to %zu bytes",
                         address, sizeof notify->address.sun_path - 1);
    notify->address.sun_family = AF_UNIX;
    memcpy(notify->address.sun_path, address, n);
    /* An abstract name begins with a zero byte and is as long as its address says, so no other zero may be counted. */
    if (*address == '@')
        notify->address.sun_path[0] = '\0';
    notify->address_bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
    return 0;
}

int notify_open(struct notify *notify, const char *address, struct error *error)
{
    *notify = (struct notify){.fd = -1};
    if (!address)
        return 0;
    if (address_read(notify, address, error))
        return (int)error->code;
    notify->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return notify->fd < 0 ? error_set(error, ERROR_IO, "no socket for the service manager: %s", strerror(errno)) : 0;
}

void notify_close(struct notify *notify)
{
    if (notify->fd >= 0)
        close(notify->fd);
    notify->fd = -1;
}

static bool tell(const struct notify *notify, const char *lines)
{
    size_t n = strlen(lines);
    return sendto(notify->fd, lines, n, MSG_NOSIGNAL, (const struct sockaddr *)&notify->address, notify->address_bytes) ==
           (ssize_t)n;
}

/* The line that `systemctl status` shows. */
static void status_write(const struct host_status *status, unsigned rate_hz, char *text)
{
    if (!*status->server)
        snprintf(text, NOTIFY_STATUS_BYTES, "without JACK");
    else if (!status->has_server)
        snprintf(text, NOTIFY_STATUS_BYTES, "waiting for JACK: %s", status->cause);
    else
        snprintf(text, NOTIFY_STATUS_BYTES, "on JACK server \"%s\": %u Hz, %u frames%s%s", status->server, rate_hz,
                 status->period_frames, *status->cause ? "; " : "", status->cause);
}

void notify_look(struct notify *notify, const struct host *host, unsigned rate_hz)
{
    struct host_status status;
    char text[NOTIFY_STATUS_BYTES], lines[NOTIFY_STATUS_BYTES + 32];
    if (notify->fd < 0)
        return;
    host->status(host->self, &status);
    status_write(&status, rate_hz, text);
    bool becomes_ready = notify->listens && !notify->is_ready && (status.has_server || !*status.server);
    if (!becomes_ready && strcmp(text, notify->status) == 0)
        return;
    snprintf(lines, sizeof lines, "%sSTATUS=%s", becomes_ready ? "READY=1\n" : "", text);
    if (!tell(notify, lines))
        return;
    notify->is_ready |= becomes_ready;
    strcpy(notify->status, text);
}

void notify_beat(struct notify *notify, const struct engine_rt *engine)
{
    uint64_t clock = atomic_load_explicit(&engine->stats.clock, memory_order_relaxed);
    bool is_inside = atomic_load_explicit(&engine->owner, memory_order_relaxed);
    bool hangs = is_inside && notify->was_inside && clock == notify->clock;
    notify->clock = clock;
    notify->was_inside = is_inside;
    if (notify->fd >= 0 && !hangs)
        tell(notify, "WATCHDOG=1");
}

void notify_stopping(struct notify *notify)
{
    if (notify->fd >= 0)
        tell(notify, "STOPPING=1\nSTATUS=ending");
}
