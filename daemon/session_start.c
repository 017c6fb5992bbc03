#include "daemon/session_start.h"

#include <string.h>
#include <time.h>

#define JACK_S 1 /* a server that is there has answered long before */

/* What has become of the request. */
struct asked {
    struct error *error;
    bool is_over;
};

/* In the place of the sockets. */
static int on_answer(void *self, const struct peer *peer, const void *bytes, size_t n)
{
    enum { REQUEST, ADDRESS, CODE, SYMBOL, TEXT, N_FAIL };
    struct asked *asked = self;
    struct message message = message_read(bytes);
    struct arg args[N_FAIL];
    (void)peer, (void)n;
    if (message_args(&message, args, N_FAIL) == N_FAIL && strcmp(message.address, "/fail") == 0)
        error_set(asked->error, (enum error_code)args[CODE].i, "%s", args[TEXT].s);
    asked->is_over = true;
    return 0;
}

static int send_load(const struct session_start *start, struct error *error)
{
    struct peer self = {.kind = PEER_STREAM};
    struct bytes packet = {0};
    struct writer writer;
    writer_init(&writer);
    writer_string(&writer, start->kept ? "state" : start->path);
    if (start->at_once) {
        writer_string(&writer, "fade");
        writer_double(&writer, 0);
    }
    if (writer_end(&writer, "/session/load", &packet))
        return error_set(error, ERROR_INTERNAL, "memory ran out for the session");
    request_arrive(start->server, &self, packet.data, packet.n);
    bytes_deinit(&packet);
    return 0;
}

/* Whether nobody knows yet if there is a JACK server. */
static bool is_looking(struct jack_driver *jack)
{
    struct jack_driver_status status;
    jack_driver_status(jack, &status);
    return status.state != JACK_DRIVER_IS_RUNNING && !*status.cause;
}

static bool jack_await(const struct session_start *start)
{
    struct timespec now, end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += JACK_S;
    do {
        if (!start->turn(start->self))
            return false;
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (is_looking(start->jack) &&
             (now.tv_sec < end.tv_sec || (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec)));
    return true;
}

int session_start(const struct session_start *start, struct error *error)
{
    struct asked asked = {error, false};
    struct sender sender = start->server->sender;
    if (!start->kept && !start->files->trusted_given && files_trust(start->files, start->path, error))
        return (int)error->code;
    bool goes_on = !start->jack || jack_await(start);
    start->server->sender = (struct sender){&asked, on_answer};
    start->server->session.kept = start->kept;
    int code = goes_on ? send_load(start, error) : 0;
    while (goes_on && !code && !asked.is_over)
        goes_on = start->turn(start->self);
    start->server->sender = sender;
    start->server->session.kept = NULL;
    if (!goes_on)
        error_set(error, ERROR_CANCELLED, "ended before \"%.200s\" was loaded", start->kept ? "state" : start->path);
    return (int)error->code;
}
