/* What clients say in seconds, frames or bars becomes an order in the engine's terms, or a mark in the list. Conversions here go
 * by a map of the list as it is edited, which may be ahead of the engine's: made for the occasion, since that is rare. */
#include "graph/transport.h"

#include <stdlib.h>

#include "graph/batch.h"

struct tempo_map *transport_map_new(const struct ctl *ctl, uint32_t rate_hz)
{
    uint32_t micro_bpm = ctl->chase.micro_bpm;
    return micro_bpm ? tempo_map_new_at(&ctl->model.tempo, micro_bpm, rate_hz) : tempo_map_new(&ctl->model.tempo, rate_hz);
}

static struct tempo_map *map_make(const struct ctl *ctl, struct error *error)
{
    struct tempo_map *map = transport_map_new(ctl, (uint32_t)ctl->rate_hz);
    if (!map)
        error_set(error, ERROR_INTERNAL, "memory ran out for the tempo map");
    return map;
}

/* ---- orders --------------------------------------------------------------------------------------------------------- */

static int order_stage(struct tx *tx, const struct transport_order *order, struct error *error)
{
    struct op *op = tx_check_room(tx, 1, error) ? NULL : tx_op_next(tx, error);
    if (!op)
        return (int)error->code;
    op->kind = OP_ORDER;
    op->order = *order;
    tx->n_values++;
    tx->weight++;
    tx->ctl->n_orders++;
    tx_op_done(tx);
    return 0;
}

int tx_play(struct tx *tx, struct error *error)
{
    return order_stage(tx, &(struct transport_order){.kind = TRANSPORT_PLAY}, error);
}

int tx_stop(struct tx *tx, struct error *error)
{
    return order_stage(tx, &(struct transport_order){.kind = TRANSPORT_STOP}, error);
}

/* Asked this way round, the questions refuse NaN too. */
static int frame_of(const struct ctl *ctl, const struct position *at, int64_t *frame, struct error *error)
{
    double last = (double)TEMPO_SECONDS_MAX * ctl->rate_hz;
    if (at->unit == POSITION_SECONDS && !(at->seconds >= 0 && at->seconds <= TEMPO_SECONDS_MAX))
        return error_set(error, ERROR_RANGE, "position %g s is outside its range 0 to %d s", at->seconds,
                         TEMPO_SECONDS_MAX);
    if (at->unit == POSITION_FRAMES && !(at->frames >= 0 && (double)at->frames <= last))
        return error_set(error, ERROR_RANGE, "position %lldh is outside its range 0h to %.0fh, in frames",
                         (long long)at->frames, last);
    *frame = at->unit == POSITION_FRAMES ? at->frames : (int64_t)(at->seconds * ctl->rate_hz + 0.5);
    return 0;
}

int tx_locate(struct tx *tx, const struct position *to, struct error *error)
{
    struct transport_order order = {.kind = TRANSPORT_LOCATE, .in_bars = to->unit == POSITION_BARS};
    if (order.in_bars)
        order.bars = to->bars;
    int code = order.in_bars ? tempo_list_check(&tx->ctl->model.tempo, &order.bars, error)
                             : frame_of(tx->ctl, to, &order.frame, error);
    return code ? code : order_stage(tx, &order, error);
}

/* ---- marks ---------------------------------------------------------------------------------------------------------- */

/* A place in bars, whatever it was given in. */
static int bars_of(const struct ctl *ctl, const struct position *at, struct bars *bars, struct error *error)
{
    int64_t frame = 0;
    if (at->unit == POSITION_BARS) {
        *bars = at->bars;
        return tempo_list_check(&ctl->model.tempo, bars, error);
    }
    if (frame_of(ctl, at, &frame, error))
        return (int)error->code;
    struct tempo_map *map = map_make(ctl, error);
    if (!map)
        return (int)error->code;
    *bars = tempo_bars_of_tick(map, tempo_tick_of_frame(map, frame));
    free(map);
    return tempo_list_check(&ctl->model.tempo, bars, error); /* bars may be so short that there are more than count */
}

/* Puts a mark and looks whether all is still in its place; if not, as if nothing had been. */
static int mark_put(struct tx *tx, struct tempo_mark mark, struct error *error)
{
    struct tempo_list *list = &tx->ctl->model.tempo;
    struct tempo_mark old = tempo_list_at(list, &mark.at);
    if (list->n >= TEMPO_MARKS_MAX && !old.micro_bpm && !old.numerator)
        return error_set(error, ERROR_TOO_BIG, "more than %d places where tempo or signature change", TEMPO_MARKS_MAX);
    struct op *op = tx_op_next(tx, error);
    if (!op)
        return (int)error->code;
    if (tempo_list_reserve(list))
        return error_set(error, ERROR_INTERNAL, "memory ran out for the tempo");
    tempo_list_put(list, mark);
    if (tempo_list_check_all(list, error)) {
        tempo_list_put(list, old);
        return (int)error->code;
    }
    op->kind = OP_MARK;
    op->old_mark = old;
    op->new_mark = mark;
    tx_op_done(tx);
    return 0;
}

/* Where a tempo or a signature goes that was given no place. */
static int state_here(const struct ctl *ctl, struct tempo_state *state, struct error *error)
{
    struct transport_now now;
    struct bars bars;
    if (transport_read(ctl, &now, &bars, error))
        return (int)error->code;
    *state = tempo_list_state(&ctl->model.tempo, &bars);
    return 0;
}

int tx_put_mark(struct tx *tx, const struct tempo_mark *mark, struct error *error)
{
    return mark_put(tx, *mark, error);
}

int tx_set_tempo(struct tx *tx, double bpm, const struct position *at, struct error *error)
{
    struct tempo_state here;
    struct bars bars;
    if (!(bpm >= TEMPO_BPM_MIN && bpm <= TEMPO_BPM_MAX))
        return error_set(error, ERROR_RANGE, "tempo %g bpm is outside its range %d to %d bpm", bpm, TEMPO_BPM_MIN,
                         TEMPO_BPM_MAX);
    if (at ? bars_of(tx->ctl, at, &bars, error) : state_here(tx->ctl, &here, error))
        return (int)error->code;
    struct tempo_mark mark = tempo_list_at(&tx->ctl->model.tempo, at ? &bars : &here.tempo_at);
    mark.micro_bpm = (uint32_t)(bpm * TEMPO_MICRO + 0.5);
    return mark_put(tx, mark, error);
}

static bool is_note(int64_t denominator)
{
    return denominator >= 1 && denominator <= TEMPO_NUMBER_MAX && (denominator & (denominator - 1)) == 0;
}

int tx_set_signature(struct tx *tx, int64_t numerator, int64_t denominator, const struct position *at, struct error *error)
{
    struct tempo_state here;
    struct bars bars;
    if (numerator < 1 || numerator > TEMPO_NUMBER_MAX)
        return error_set(error, ERROR_RANGE, "numerator %lld is outside its range 1 to %d", (long long)numerator,
                         TEMPO_NUMBER_MAX);
    if (!is_note(denominator))
        return error_set(error, ERROR_BAD_VALUE, "denominator %lld is none of: 1, 2, 4, 8, 16, 32", (long long)denominator);
    if (at ? bars_of(tx->ctl, at, &bars, error) : state_here(tx->ctl, &here, error))
        return (int)error->code;
    if (at && (bars.beat != 1 || bars.tick != 0))
        return error_set(
            error, ERROR_BAD_VALUE, "a signature begins with a bar, %lld:1:0 or %lld:1:0; %lld:%lld:%lld lies between",
            (long long)bars.bar, (long long)bars.bar + 1, (long long)bars.bar, (long long)bars.beat, (long long)bars.tick);
    struct tempo_mark mark = tempo_list_at(&tx->ctl->model.tempo, at ? &bars : &here.meter_at);
    mark.numerator = (unsigned)numerator;
    mark.denominator = (unsigned)denominator;
    return mark_put(tx, mark, error);
}

/* From the end on, so that no mark is ever left outside of its bar. */
static int clear_all(struct tx *tx, struct error *error)
{
    struct tempo_list *list = &tx->ctl->model.tempo;
    size_t n_before = tx->n_ops;
    while (list->n && !mark_put(tx, (struct tempo_mark){.at = list->marks[list->n - 1].at}, error))
        ;
    if (list->n)
        tx_undo_to(tx, n_before);
    return (int)error->code;
}

int tx_clear_marks(struct tx *tx, const struct position *at, struct error *error)
{
    struct bars bars;
    char text[BARS_BYTES];
    if (!at)
        return clear_all(tx, error);
    if (bars_of(tx->ctl, at, &bars, error))
        return (int)error->code;
    struct tempo_mark mark = tempo_list_at(&tx->ctl->model.tempo, &bars);
    bars_print(&bars, text);
    if (!mark.micro_bpm && !mark.numerator)
        return error_set(error, ERROR_CONFLICT,
                         "neither tempo nor signature change at %s; /transport/list names the places", text);
    return mark_put(tx, (struct tempo_mark){.at = bars}, error);
}

/* ---- another sample rate ---------------------------------------------------------------------------------------------- */

struct tempo_map *transport_change_rate(struct engine_rt *engine, struct tempo_map *map)
{
    struct transport_rt *transport = &engine->transport;
    struct tempo_map *old = transport->map;
    __int128 frames = (__int128)transport->position * map->rate_hz;
    transport->map = map;
    transport->position = transport->is_placed ? tempo_frame_of_place(map, &transport->place)
                                               : (int64_t)((frames + old->rate_hz / 2) / old->rate_hz);
    transport_publish_rt(transport, engine->frame);
    return old;
}

/* ---- where it is ---------------------------------------------------------------------------------------------------- */

static void ops_follow(const struct tx *tx, struct transport_now *now, const struct transport_order **located)
{
    for (size_t i = 0; tx && i < tx->n_ops; i++) {
        const struct transport_order *order = &tx->ops[i].order;
        if (tx->ops[i].kind != OP_ORDER)
            continue;
        if (order->kind == TRANSPORT_LOCATE)
            *located = order;
        else
            now->is_rolling = order->kind == TRANSPORT_PLAY;
    }
}

static void batch_follow(const struct batch *batch, struct transport_now *now, const struct transport_order **located)
{
    for (const struct tx *tx = batch ? batch->first : NULL; tx; tx = tx->next)
        ops_follow(tx, now, located);
}

int transport_read(const struct ctl *ctl, struct transport_now *now, struct bars *bars, struct error *error)
{
    *now = transport_look(&ctl->engine->transport.view);
    *bars = tempo_bars_of_tick(now->map, tempo_tick_of_frame(now->map, now->position));
    now->map = NULL;
    if (!ctl->n_orders)
        return 0;
    const struct transport_order *located = NULL;
    for (const struct batch *batch = ctl->under_way; batch; batch = batch->next)
        if (!batch->returned && !batch->change.at_frame)
            batch_follow(batch, now, &located);
    batch_follow(ctl->batch, now, &located);
    ops_follow(ctl->open, now, &located);
    if (!located)
        return 0;
    struct tempo_map *map = map_make(ctl, error);
    if (!map)
        return (int)error->code;
    now->position = located->in_bars ? tempo_frame_of_tick(map, tempo_tick_of_bars(map, &located->bars)) : located->frame;
    *bars = tempo_bars_of_tick(map, tempo_tick_of_frame(map, now->position));
    free(map);
    return 0;
}

int transport_state(const struct ctl *ctl, struct tempo_state *state, struct error *error)
{
    struct transport_now now;
    struct bars bars;
    int code = transport_read(ctl, &now, &bars, error);
    if (!code)
        *state = tempo_list_state(&ctl->model.tempo, &bars);
    if (!code && ctl->chase.micro_bpm)
        state->micro_bpm = ctl->chase.micro_bpm;
    return code;
}

double transport_beat(const struct ctl *ctl, int64_t position)
{
    const struct tempo_map *map = transport_look(&ctl->engine->transport.view).map;
    struct tempo_place place = tempo_place_of_frame(map, position);
    int64_t first = tempo_tick_of_bars(map, &(struct bars){place.bar, 1, 0});
    return ((double)first + (double)place.ticks_q20 / TEMPO_TICK_Q20) / TEMPO_TICKS_PER_QUARTER;
}
