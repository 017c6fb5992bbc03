#include "graph/chase.h"

#include <math.h>

#include "graph/batch.h"
#include "graph/midi.h"
#include "graph/tempo.h"
#include "graph/transport.h"

#define LOOK_S       0.05
#define LOST_S       1.0 /* the slowest clock, 10 bpm, comes every quarter of a second */
#define DRAW_S       2.0 /* in which the transport comes to its place where it is near, */
#define DRAW_FIRST_S 0.5 /* and where it is not */
#define NEAR_S       0.002
#define DRAW_MOST    0.1  /* of the tempo: half a second takes five */
#define JUMP_S       0.25 /* beyond that it is put there */
#define STEADY       3e-5 /* a change of the tempo that is not worth a map: 0.05 cents */
#define CLOCK_TICKS  (TEMPO_TICKS_PER_QUARTER / MIDI_CLOCKS_QUARTER)

const char *chase_state_name(enum chase_state state)
{
    static const char *const names[] = {[CHASE_OFF] = "",
                                        [CHASE_WAITS] = "no clock",
                                        [CHASE_STANDS] = "stands",
                                        [CHASE_RUNS] = "runs",
                                        [CHASE_LOST] = "lost"};
    return names[state];
}

int tx_set_sync(struct tx *tx, const struct sync *sync, struct error *error)
{
    struct model *model = &tx->ctl->model;
    if (sync->source && sync->source->class->device != DEVICE_MIDI_INPUT)
        return error_set(error, ERROR_BAD_TYPE, "%.200s is %s: only a midi_input hears a MIDI clock", sync->source->name,
                         sync->source->class->name);
    if (sync->is_driver == model->sync.is_driver && sync->source == model->sync.source)
        return 0;
    struct op *op = tx_op_next(tx, error);
    if (!op)
        return (int)error->code;
    *op = (struct op){.kind = OP_SYNC, .old_sync = model->sync, .new_sync = *sync};
    model->sync = *sync;
    tx_op_done(tx);
    return 0;
}

int tx_drop_sync(struct tx *tx, const struct node *node, struct error *error)
{
    return tx->ctl->model.sync.source == node ? tx_set_sync(tx, &(struct sync){0}, error) : 0;
}

static void follow_port(struct ctl *ctl, uint32_t port, uint64_t sequence)
{
    ctl->must_map |= ctl->chase.micro_bpm != 0;
    ctl->model.tempo.edition++;
    ctl->chase = (struct chase){.sequence = sequence, .port = port, .state = port ? CHASE_WAITS : CHASE_OFF};
    atomic_store_explicit(&ctl->engine->chase.port, port, memory_order_relaxed);
}

/* A node that was made anew may have another port. */
static void obey(struct ctl *ctl)
{
    const struct sync *sync = &ctl->model.sync;
    uint32_t port = sync->source ? sync->source->device_first + 1 : sync->is_driver ? CHASE_DRIVER : 0;
    uint64_t sequence = sync->source ? sync->source->sequence : 0;
    if (port != ctl->chase.port || sequence != ctl->chase.sequence)
        follow_port(ctl, port, sequence);
}

static double ticks_per_s(double bpm)
{
    return bpm * TEMPO_TICKS_PER_QUARTER / 60;
}

/* Where the clocks are at a frame, in ticks. */
static double line_at(const struct chase_view *view, double frame)
{
    return (double)view->tick + CLOCK_TICKS * (frame - view->at) / view->period;
}

static double transport_tick(const struct transport_now *now)
{
    struct tempo_place place = tempo_place_of_frame(now->map, now->position);
    int64_t first = tempo_tick_of_bars(now->map, &(struct bars){place.bar, 1, 0});
    return (double)first + (double)place.ticks_q20 / TEMPO_TICK_Q20;
}

/* Somebody has moved it, or clocks were lost. */
static void jump(struct ctl *ctl, const struct transport_now *now, double tick)
{
    struct error unused;
    struct bars bars = tempo_bars_of_tick(now->map, (int64_t)fmax(tick, 0));
    struct tx *tx = ctl->open ? NULL : tx_open(ctl, 0);
    if (!tx)
        return;
    if (tx_locate(tx, &(struct position){.unit = POSITION_BARS, .bars = bars}, &unused))
        tx_rollback(tx);
    else
        tx_commit(tx, (struct completion){0});
}

static void tempo_go(struct ctl *ctl, double bpm)
{
    bpm = fmin(fmax(bpm, TEMPO_BPM_MIN), TEMPO_BPM_MAX);
    uint32_t micro_bpm = (uint32_t)(bpm * TEMPO_MICRO + 0.5), was = ctl->chase.micro_bpm;
    if (was && fabs((double)micro_bpm / was - 1) < STEADY)
        return;
    ctl->chase.micro_bpm = micro_bpm;
    ctl->must_map = true;
    ctl->model.tempo.edition++; /* what is sorted by places has to be sorted anew */
}

/* The line goes on in the piece: how late the transport is there, and what brings it to it. */
static void follow(struct ctl *ctl, const struct chase_view *view)
{
    struct transport_now now = transport_look(&ctl->engine->transport.view);
    double bpm = 60 * ctl->rate_hz / (MIDI_CLOCKS_QUARTER * view->period), draw = 1;
    ctl->chase.off_s = 0;
    if (view->runs && now.is_rolling) {
        double tick = line_at(view, (double)now.frame);
        ctl->chase.off_s = (tick - transport_tick(&now)) / ticks_per_s(bpm);
        if (fabs(ctl->chase.off_s) > JUMP_S) {
            jump(ctl, &now, tick);
            ctl->chase.next_frame += ctl_frames(ctl, JUMP_S); /* until that is seen */
        } else {
            double over_s = fabs(ctl->chase.off_s) < NEAR_S ? DRAW_S : DRAW_FIRST_S;
            draw += fmin(fmax(ctl->chase.off_s / over_s, -DRAW_MOST), DRAW_MOST);
        }
    }
    tempo_go(ctl, bpm * draw);
}

static enum chase_state state_of(const struct ctl *ctl, const struct chase_view *view, uint64_t now)
{
    bool is_there = view->n_clocks > 2 && (double)now - (double)view->last_frame < LOST_S * ctl->rate_hz;
    if (!is_there)
        return view->runs ? CHASE_LOST : CHASE_WAITS;
    return view->runs ? CHASE_RUNS : CHASE_STANDS;
}

void chase_poll(struct ctl *ctl)
{
    uint64_t now = ctl_clock(ctl);
    if (!ctl->open)
        obey(ctl);
    if (!ctl->chase.port || now < ctl->chase.next_frame)
        return;
    struct chase_view view = chase_look(&ctl->engine->chase);
    ctl->chase.next_frame = now + ctl_frames(ctl, LOOK_S);
    ctl->chase.state = state_of(ctl, &view, now);
    if (ctl->chase.sequence && (ctl->chase.state == CHASE_STANDS || ctl->chase.state == CHASE_RUNS))
        follow(ctl, &view);
}
