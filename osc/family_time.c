/* /time and /sched/ — clocks, and what waits for them. */
#include <string.h>

#include "osc/command.h"
#include "osc/schedule.h"
#include "osc/server.h"

/* Everything at one moment: that of the present frame's begin. */
static int time_now(struct call *call)
{
    struct server *server = call->server;
    const struct ctl *ctl = server->ctl;
    struct frame_time time = frame_clock_look(&ctl->engine->frame_clock);
    struct transport_now now;
    struct bars bars;
    char text[BARS_BYTES];
    if (transport_read(ctl, &now, &bars, call->error))
        return (int)call->error->code;
    wall_clock_look(&server->schedule.wall);
    if (time.ns_per_frame == 0) /* no driver has looked at the clock yet: the present frame is now */
        time = (struct frame_time){now.frame, clock_read(&server->schedule.wall.steady), 1e9 / ctl->rate_hz};
    bars_print(&bars, text);
    writer_time(call->results, wall_clock_ntp(&server->schedule.wall, frame_time_ns(&time, (int64_t)now.frame)));
    writer_long(call->results, (int64_t)now.frame);
    writer_int(call->results, (int32_t)ctl->rate_hz);
    writer_double(call->results, (1e9 / time.ns_per_frame / ctl->rate_hz - 1) * 1e6);
    writer_long(call->results, now.position);
    writer_double(call->results, transport_beat(ctl, now.position));
    writer_string(call->results, text);
    writer_bool(call->results, now.is_rolling);
    return 0;
}

/* ---- what waits ------------------------------------------------------------------------------------------------------ */

/* Without the head. */
static unsigned n_messages(const struct request *request)
{
    struct bundle bundle = bundle_read(request->packet, request->n_packet);
    const uint8_t *element;
    size_t n;
    unsigned count = 0;
    while (bundle_next(&bundle, &element, &n)) {
        const char *address = packet_is_bundle(element, n) ? NULL : message_read(element).address;
        count += address && !when_is_address(address) && strcmp(address, "/tx") != 0;
    }
    return count;
}

static int list(struct call *call)
{
    struct schedule *schedule = &call->server->schedule;
    struct page page;
    char text[WHEN_TEXT_BYTES];
    if (call_page(call, 0, &page))
        return (int)call->error->code;
    wall_clock_look(&schedule->wall);
    writer_int(call->results, (int32_t)schedule->n);
    for (unsigned k = 0; k < N_WHEN_KINDS; k++)
        for (size_t i = 0; i < schedule->queues[k].n; i++) {
            const struct scheduled *scheduled = schedule->queues[k].items[i];
            if (!page_next(&page))
                continue;
            when_print(&scheduled->when, text);
            writer_int(call->results, scheduled->request.id);
            writer_string(call->results, text);
            writer_long(call->results, schedule_frame(call->server, scheduled));
            writer_int(call->results, (int32_t)n_messages(&scheduled->request));
        }
    return 0;
}

static int clear(struct call *call)
{
    int32_t id = (int32_t)call->args[0].i;
    if (call->args[0].given && call->args[0].i != id)
        return error_set(call->error, ERROR_RANGE, "req %lld is outside its range %d to %d", (long long)call->args[0].i,
                         INT32_MIN, INT32_MAX);
    writer_int(call->results, (int32_t)schedule_clear(call->server, call->args[0].given ? &id : NULL));
    return 0;
}

static const struct command commands[] = {
    {"/time", "", "ntp:* frame:h rate:i(Hz) off:d(ppm) position:h beat:d bars:s rolling:b",
     "One moment in all clocks: as an OSC time tag, in frames since the engine's start, and where the transport is then, "
     "in "
     "frames, quarter notes and bars; `off` is by how much the sound card runs faster than its rate.",
     COMMAND_QUERY, 0, time_now},
    {"/sched/list", "[offset:i] [count:i]", "n:i [req:i when:s frame:h messages:i]*",
     "How many bundles wait for their time, then each: those with a time tag, with a frame, and with a place in the piece, "
     "by "
     "their times; the frame is -1 while the transport stands or is past the place.",
     COMMAND_QUERY, 0, list},
    {"/sched/clear", "[req:i]", "n:i",
     "Takes away the bundles that wait under this request number, whoever sent them; alone, all of them. Each is answered "
     "`cancelled`.",
     COMMAND_ACTION, 0, clear, ROLE_PLAY},
};

const struct command_family time_family = {"time", commands, ROWS(commands)};
