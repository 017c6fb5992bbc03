#include "osc/when.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "osc/command.h"
#include "osc/dispatch.h"
#include "osc/server.h"

#define PREFIX "/at/"

/* More quarter notes than there are in any piece: bars of 32/1. */
#define BEAT_MAX (4.0 * 32 * TEMPO_BARS_MAX)

bool when_is_address(const char *address)
{
    return strncmp(address, PREFIX, sizeof PREFIX - 1) == 0;
}

/* Asked this way round, the questions refuse NaN too. */
static int read_frame(const struct call *call, struct when *when, struct error *error)
{
    int64_t frame = call->args[0].i;
    if (frame < 0)
        return error_set(error, ERROR_RANGE, "frame %lld lies before the engine's start; /time tells the present one",
                         (long long)frame);
    *when = (struct when){.given = true, .kind = WHEN_FRAME, .frame = frame};
    return 0;
}

static int read_beat(const struct call *call, struct when *when, struct error *error)
{
    double beat = call->args[0].d;
    if (!(beat >= 0 && beat <= BEAT_MAX))
        return error_set(error, ERROR_RANGE, "beat %g is outside its range 0 to %.0f, in quarter notes", beat, BEAT_MAX);
    *when = (struct when){.given = true, .kind = WHEN_PLACE, .beat = beat};
    return 0;
}

static int read_bar(const struct call *call, struct when *when, struct error *error)
{
    int64_t bar = call->args[0].i;
    double beat = call->args[1].given ? call->args[1].d : 1;
    if (bar < 1 || bar > TEMPO_BARS_MAX)
        return error_set(error, ERROR_RANGE, "bar %lld is outside its range 1 to %d", (long long)bar, TEMPO_BARS_MAX);
    if (!(beat >= 1 && beat < TEMPO_TICKS_PER_WHOLE))
        return error_set(error, ERROR_RANGE, "beat %g is outside its range: the first of a bar is 1", beat);
    *when = (struct when){.given = true, .kind = WHEN_PLACE, .is_in_bar = true, .bar = bar, .beat = beat};
    return 0;
}

int when_read(struct server *server, const struct message *message, struct when *when, struct error *error)
{
    static const struct {
        struct command row;
        int (*read)(const struct call *call, struct when *when, struct error *error);
    } kinds[] = {{{PREFIX "frame", "frame:i(frames)", "", "", COMMAND_EDIT, 0, NULL, ROLE_PLAY}, read_frame},
                 {{PREFIX "beat", "beat:d(beats)", "", "", COMMAND_EDIT, 0, NULL, ROLE_PLAY}, read_beat},
                 {{PREFIX "bar", "bar:i [beat:d(beats)]", "", "", COMMAND_EDIT, 0, NULL, ROLE_PLAY}, read_bar}};
    struct arg args[DISPATCH_ARGS_MAX];
    for (unsigned i = 0; i < ROWS(kinds); i++) {
        struct call call = {.server = server, .command = &kinds[i].row, .error = error};
        if (strcmp(kinds[i].row.address, message->address) != 0)
            continue;
        if (dispatch_args_read(message, args, error) || command_args_read(&call, args, message->n_args))
            return (int)error->code;
        return kinds[i].read(&call, when, error);
    }
    return error_set(error, ERROR_BAD_ADDRESS, "there is no %s: it is /at/frame, /at/beat or /at/bar", message->address);
}

void when_print(const struct when *when, char *text)
{
    double tag_s = (double)(when->tag >> 32) + (double)(uint32_t)when->tag * 0x1p-32;
    if (when->kind == WHEN_TAG)
        snprintf(text, WHEN_TEXT_BYTES, "tag %.6f", tag_s);
    else if (when->kind == WHEN_FRAME)
        snprintf(text, WHEN_TEXT_BYTES, "frame %lld", (long long)when->frame);
    else if (when->is_in_bar)
        snprintf(text, WHEN_TEXT_BYTES, "bar %lld beat %g", (long long)when->bar, when->beat);
    else
        snprintf(text, WHEN_TEXT_BYTES, "beat %g", when->beat);
}

/* Before any driver has looked at the clock, the present frame is now. */
static int64_t frame_of_ns(const struct ctl *ctl, int64_t ns)
{
    struct frame_time time = frame_clock_look(&ctl->engine->frame_clock);
    const struct clock *clock = &ctl->engine->clock;
    if (time.ns_per_frame == 0)
        time = (struct frame_time){ctl_clock(ctl), clock_read(clock), 1e9 / ctl->rate_hz};
    return frame_time_frame(&time, (uint64_t)ns);
}

int64_t when_frame(struct server *server, const struct when *when)
{
    return when->kind == WHEN_FRAME ? when->frame
                                    : frame_of_ns(server->ctl, wall_clock_ns(&server->schedule.wall, when->tag));
}

int64_t when_tick_q20(const struct when *when, const struct tempo_map *map)
{
    if (!when->is_in_bar)
        return llrint(when->beat * TEMPO_TICKS_PER_QUARTER * TEMPO_TICK_Q20);
    int64_t tick = tempo_tick_of_bars(map, &(struct bars){when->bar, 1, 0});
    int64_t beat_ticks = tempo_beat_ticks(tempo_meter_at(map, tick)->denominator);
    return tick * TEMPO_TICK_Q20 + llrint((when->beat - 1) * (double)(beat_ticks * TEMPO_TICK_Q20));
}
