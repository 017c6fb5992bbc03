#include "daemon/notify.h"

#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "graph/mutant.h"

#define BEAT_MOST_MS    1000
#define BEAT_LEAST_MS   50    /* the null driver's time moves every 5 ms */
#define FIGURES_MS      10000 /* load and xruns always move: not each step is worth a message */
#define FIRST_MS        1000
#define SESSION_AT_MOST 80 /* bytes of its path: the end is what tells it from others */

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

/* As sd_watchdog_enabled(3): only who is meant. A third, so that one that comes late does no harm. */
static int64_t beat_read(const struct notify_place *place)
{
    int64_t us = place->watchdog_us ? strtoll(place->watchdog_us, NULL, 10) : 0;
    if (us <= 0 || (place->watched_pid && strtoll(place->watched_pid, NULL, 10) != getpid()))
        return 0;
    int64_t ms = us / 3000;
    return ms > BEAT_MOST_MS ? BEAT_MOST_MS : ms < BEAT_LEAST_MS ? BEAT_LEAST_MS : ms;
}

int notify_open(struct notify *notify, const struct notify_place *place, struct error *error)
{
    *notify = (struct notify){.fd = -1};
    if (!place->address)
        return 0;
    if (address_read(notify, place->address, error))
        return (int)error->code;
    notify->beat_ms = beat_read(place);
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

/* The share of the time that cycles took since the last look. The counters may have been cleared meanwhile. */
static void load_look(struct notify_load *load, const struct engine_rt *engine, int64_t now_ms)
{
    uint64_t busy_ns = atomic_load(&engine->stats.process.sum_ns);
    uint64_t spent_ns = busy_ns >= load->busy_ns ? busy_ns - load->busy_ns : busy_ns;
    int64_t passed_ms = now_ms - load->seen_ms;
    bool is_first = !load->seen_ms;
    load->is_known = !is_first && passed_ms > 0;
    load->percent = load->is_known ? (unsigned)(spent_ns / 10000 / (uint64_t)passed_ms) : 0;
    load->busy_ns = busy_ns;
    load->n_xruns = atomic_load(&engine->stats.xruns);
    load->seen_ms = now_ms;
    load->next_ms = now_ms + (is_first ? FIRST_MS : FIGURES_MS);
}

/* Appends as much as there is room for. */
__attribute__((format(printf, 2, 3))) static void say(char *text, const char *format, ...)
{
    size_t n = strlen(text);
    va_list args;
    va_start(args, format);
    vsnprintf(text + n, NOTIFY_STATUS_BYTES - n, format, args);
    va_end(args);
}

static void say_session(char *text, const struct notify_sight *sight, bool is_loaded)
{
    size_t n = sight->session ? strlen(sight->session) : 0;
    const char *end = n > SESSION_AT_MOST ? sight->session + n - SESSION_AT_MOST : sight->session;
    if (n)
        say(text, "; %s \"%s%s\"", is_loaded ? "session" : "loading", n > SESSION_AT_MOST ? "…" : "", end);
    if (sight->n_takes)
        say(text, "; recording %u file%s", sight->n_takes, sight->n_takes > 1 ? "s" : "");
}

/* How the start went on from the one before it, and whether the next one will be able to. */
static void say_kept(char *text, const struct host *host)
{
    struct host_kept kept;
    if (!host->kept)
        return;
    host->kept(host->self, &kept);
    if (*kept.recovered)
        say(text, "; goes on from its state%s%s", *kept.aside ? ", without what lies in " : "", kept.aside);
    if (*kept.error)
        say(text, "; what is done is not kept: %s", kept.error);
}

/* The line that `systemctl status` shows. */
static void status_write(struct notify *notify, const struct notify_sight *sight, const struct host_status *status,
                         char *text)
{
    *text = '\0';
    if (!*status->server)
        say(text, "without JACK");
    else if (!status->has_server)
        say(text, "waiting for JACK: %s", status->causes[0]);
    else
        say(text, "on JACK server \"%s\": %u Hz, %u frames", status->server, sight->rate_hz, status->period_frames);
    if (status->has_server && sight->engine) {
        if (sight->now_ms >= notify->load.next_ms)
            load_look(&notify->load, sight->engine, sight->now_ms);
        if (notify->load.is_known)
            say(text, ", load %u %%, %llu xruns", notify->load.percent, (unsigned long long)notify->load.n_xruns);
    }
    say_session(text, sight, notify->listens);
    say_kept(text, sight->host);
    if (status->has_server && *status->causes[0])
        say(text, "; %s", status->causes[0]);
    /* A line that a client has had a hand in must not become two. */
    for (unsigned char *p = (unsigned char *)text; *p; p++)
        if (*p < ' ' || *p == 127)
            *p = '?';
}

void notify_look(struct notify *notify, const struct notify_sight *sight)
{
    struct host_status status;
    char text[NOTIFY_STATUS_BYTES], lines[NOTIFY_STATUS_BYTES + 32];
    if (notify->fd < 0)
        return;
    sight->host->status(sight->host->self, &status);
    status_write(notify, sight, &status, text);
    bool becomes_ready = notify->listens && !notify->is_ready && (status.has_server || !*status.server);
    if (!becomes_ready && strcmp(text, notify->status) == 0)
        return;
    snprintf(lines, sizeof lines, "%sSTATUS=%s", becomes_ready ? "READY=1\n" : "", text);
    if (!tell(notify, lines))
        return;
    notify->is_ready |= becomes_ready;
    strcpy(notify->status, text);
}

/* Whether the engine has moved since the last look, or waits for nobody but a server. */
static bool gets_on(struct notify *notify, const struct engine_rt *engine, bool jack_drives)
{
    uint64_t clock = atomic_load_explicit(&engine->stats.clock, memory_order_relaxed);
    bool is_inside = atomic_load_explicit(&engine->owner, memory_order_relaxed);
    bool stands = clock == notify->clock && (!jack_drives || (is_inside && notify->was_inside));
    notify->clock = clock;
    notify->was_inside = is_inside;
    return !stands || MUTANT_FLAW("blithe");
}

void notify_beat(struct notify *notify, const struct engine_rt *engine, bool jack_drives, int64_t now_ms)
{
    if (notify->fd < 0 || !notify->beat_ms || now_ms < notify->next_beat_ms)
        return;
    notify->next_beat_ms = now_ms + notify->beat_ms;
    if (gets_on(notify, engine, jack_drives))
        tell(notify, "WATCHDOG=1");
}

void notify_stopping(struct notify *notify)
{
    if (notify->fd >= 0)
        tell(notify, "STOPPING=1\nSTATUS=ending");
}
