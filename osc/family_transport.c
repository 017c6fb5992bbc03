/* /transport/ — where in the piece the sound is, and how the piece counts its time. What an order or a mark means is decided in
 * graph/transport.c. */
#include <string.h>

#include "osc/command.h"
#include "osc/graph_text.h"
#include "osc/server.h"
#include "osc/sync_text.h"

static int play(struct call *call)
{
    return tx_play(call->tx, call->error);
}

static int stop(struct call *call)
{
    return tx_stop(call->tx, call->error);
}

static int locate(struct call *call)
{
    return tx_locate(call->tx, &call->args[0].p, call->error);
}

static int position(struct call *call)
{
    const struct ctl *ctl = call->server->ctl;
    struct transport_now now;
    struct bars bars;
    char text[BARS_BYTES];
    if (call->tx)
        return locate(call);
    if (transport_read(ctl, &now, &bars, call->error))
        return (int)call->error->code;
    bars_print(&bars, text);
    writer_long(call->results, now.position);
    writer_double(call->results, (double)now.position / ctl->rate_hz);
    writer_string(call->results, text);
    writer_bool(call->results, now.is_rolling);
    return 0;
}

/* ---- the map -------------------------------------------------------------------------------------------------------- */

static const struct position *place_given(const struct value *value)
{
    return value->given ? &value->p : NULL;
}

static float bpm_of(uint32_t micro_bpm)
{
    return (float)((double)micro_bpm / TEMPO_MICRO);
}

static int tempo(struct call *call)
{
    struct tempo_state state;
    if (call->tx)
        return tx_set_tempo(call->tx, call->args[0].d, place_given(&call->args[1]), call->error);
    if (transport_state(call->server->ctl, &state, call->error))
        return (int)call->error->code;
    writer_float(call->results, bpm_of(state.micro_bpm));
    return 0;
}

/* The first of a row only says when it is: the tempo stays what it is. */
static int tap(struct call *call)
{
    struct ctl *ctl = call->server->ctl;
    struct tempo_state state;
    double bpm;
    if (taps_add(&call->server->taps, ctl->arrived_ns ? ctl->arrived_ns : clock_read(&ctl->engine->clock), &bpm)) {
        struct tx *tx = tx_open(ctl, 0);
        if (!tx)
            return error_set(call->error, ERROR_INTERNAL, "memory ran out for the tempo");
        if (tx_set_tempo(tx, bpm, NULL, call->error)) {
            tx_rollback(tx);
            return (int)call->error->code;
        }
        tx_commit(tx, (struct completion){0});
    }
    if (transport_state(ctl, &state, call->error))
        return (int)call->error->code;
    writer_float(call->results, bpm_of(state.micro_bpm));
    writer_int(call->results, (int32_t)call->server->taps.n);
    return 0;
}

static int signature(struct call *call)
{
    struct tempo_state state;
    if (call->tx && !call->args[1].given)
        return error_set(call->error, ERROR_BAD_TYPE, "denominator is missing; usage: %s %s", call->command->address,
                         call->command->args);
    if (call->tx)
        return tx_set_signature(call->tx, call->args[0].i, call->args[1].i, place_given(&call->args[2]), call->error);
    if (transport_state(call->server->ctl, &state, call->error))
        return (int)call->error->code;
    writer_int(call->results, (int32_t)state.numerator);
    writer_int(call->results, (int32_t)state.denominator);
    return 0;
}

static int marks_clear(struct call *call)
{
    return tx_clear_marks(call->tx, place_given(&call->args[0]), call->error);
}

static void place_write(struct writer *results, const struct tempo_list *list, const struct bars *at)
{
    struct tempo_state state = tempo_list_state(list, at);
    char text[BARS_BYTES];
    bars_print(at, text);
    writer_string(results, text);
    writer_float(results, bpm_of(state.micro_bpm));
    writer_int(results, (int32_t)state.numerator);
    writer_int(results, (int32_t)state.denominator);
}

/* The beginning is a place where something begins, whether or not a mark says so. */
static int marks_list(struct call *call)
{
    static const struct bars beginning = {1, 1, 0};
    const struct tempo_list *list = &call->server->ctl->model.tempo;
    struct page page;
    if (call_page(call, 0, &page))
        return (int)call->error->code;
    size_t first = list->n && bars_compare(&list->marks[0].at, &beginning) == 0;
    writer_int(call->results, (int32_t)(list->n - first + 1));
    if (page_next(&page))
        place_write(call->results, list, &beginning);
    for (size_t i = first; i < list->n; i++)
        if (page_next(&page))
            place_write(call->results, list, &list->marks[i].at);
    return 0;
}

/* ---- who drives it -------------------------------------------------------------------------------------------------- */

static int sync_set(struct call *call)
{
    const struct model *model = &call->server->ctl->model;
    bool is_midi = strcmp(call->args[0].s, "midi") == 0;
    struct sync sync = {.is_driver = strcmp(call->args[0].s, "jack") == 0};
    if (is_midi && !call->args[1].given)
        return error_set(call->error, ERROR_BAD_TYPE,
                         "node is missing: the midi_input to which the clock comes; usage: %s %s", call->command->address,
                         call->command->args);
    if (!is_midi && call->args[1].given)
        return error_set(call->error, ERROR_BAD_TYPE, "node \"%.200s\" has no meaning with %s: only midi has one",
                         call->args[1].s, call->args[0].s);
    if (is_midi && !(sync.source = model_get(model, call->args[1].s, call->error)))
        return (int)call->error->code;
    return tx_set_sync(call->tx, &sync, call->error);
}

static int sync_mode(struct call *call)
{
    const struct ctl *ctl = call->server->ctl;
    const struct sync *sync = &ctl->model.sync;
    struct tempo_state state;
    if (call->tx)
        return sync_set(call);
    if (transport_state(ctl, &state, call->error))
        return (int)call->error->code;
    writer_string(call->results, sync->source ? "midi" : sync->is_driver ? "jack" : "internal");
    writer_string(call->results, sync->source ? sync->source->name : "");
    writer_string(call->results, chase_state_name(ctl->chase.state));
    writer_float(call->results, bpm_of(state.micro_bpm));
    writer_float(call->results, (float)(ctl->chase.off_s * 1000));
    return 0;
}

#define EDITED "frame:h revision:i" /* the results of every edit */

static const struct command commands[] = {
    {"/transport/play", "", EDITED, "Rolls on from where it is; with what is in the same bundle, at the same frame.",
     COMMAND_EDIT, 0, play, ROLE_PLAY},
    {"/transport/stop", "", EDITED, "Stands still; the graph sounds on.", COMMAND_EDIT, 0, stop, ROLE_PLAY},
    {"/transport/locate", "to:p", EDITED,
     "Goes to a place, rolling or not; standing there, it keeps its bar or its frame, whichever was given, when the tempo "
     "changes.",
     COMMAND_EDIT, 0, locate, ROLE_PLAY},
    {"/transport/position", "[to:p]", "frames:h seconds:d bars:s rolling:b | " EDITED,
     "Where it is: frames, seconds, bar:beat:tick (960 ticks to the quarter note), and whether it rolls; with an argument, "
     "as /transport/locate.",
     COMMAND_VALUE, 0, position, ROLE_PLAY},
    {"/transport/tempo", "[bpm:d] at=p", EDITED " | bpm:f",
     "Sets the tempo in quarter notes per minute from a place on; without one, the tempo that holds where the transport "
     "is, "
     "from where that one begins; alone, tells it.",
     COMMAND_VALUE, 0, tempo, ROLE_PLAY},
    {"/transport/tap", "", "bpm:f taps:i",
     "Taps the tempo: from the second tap on it is set as by /transport/tempo, from the last eight, whoever sends them; a "
     "pause "
     "begins anew.",
     COMMAND_ACTION, 0, tap, ROLE_PLAY},
    {"/transport/signature", "[numerator:i] [denominator:i] at=p", EDITED " | numerator:i denominator:i",
     "Sets the time signature from the start of a bar on; without a place as /transport/tempo; alone, tells it.",
     COMMAND_VALUE, 0, signature, ROLE_PLAY},
    {"/transport/sync", "[mode:s{internal,midi,jack}] [node:s]", "mode:s node:s state:s bpm:f late_ms:f | " EDITED,
     "Lets the transport follow the MIDI clock of a midi_input: tempo, start, continue, stop and position; or that of "
     "JACK: whether it rolls, and its position; or itself again (internal), which it is until it is told otherwise. "
     "Alone it tells whom it follows, the clock's state (no clock, stands, runs, lost), the tempo, and how late the "
     "transport is. It is part of the session.",
     COMMAND_VALUE, 0, sync_mode, ROLE_PLAY},
    {"/transport/clear", "[at:p]", EDITED,
     "Takes away what changes at a place, tempo and signature; alone, all of it, which leaves 120 bpm in 4/4.",
     COMMAND_EDIT, 0, marks_clear, ROLE_PLAY},
    {"/transport/list", "[offset:i] [count:i]", "n:i [at:s bpm:f numerator:i denominator:i]*",
     "How many places there are at which tempo or signature change, then each with what holds from there on.",
     COMMAND_QUERY, 0, marks_list},
};

/* A session opens at its beginning. Its tempo and signatures are written with the graph. */
static int transport_clear(struct tx *tx, struct error *error)
{
    const struct position beginning = {.unit = POSITION_FRAMES};
    if (tx_clear_marks(tx, NULL, error) || tx_set_sync(tx, &(struct sync){0}, error) || tx_stop(tx, error) ||
        tx_locate(tx, &beginning, error))
        return (int)error->code;
    return 0;
}

static void transport_write(const struct ctl *ctl, struct bytes *text)
{
    const struct sync *sync = &ctl->model.sync;
    if (sync->is_driver || sync->source)
        sync_text(sync, text);
}

const struct command_family transport_family = {"transport", commands, ROWS(commands), .session_write = transport_write,
                                                .session_clear = transport_clear};
