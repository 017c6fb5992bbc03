/* Adriaensen, "Using a DLL to filter time" (Linux Audio Conference 2005), for clocks in place of cycles. */
#include <math.h>

#include "graph/chase_shared.h"
#include "graph/driver_rt.h"
#include "graph/midi_port.h"
#include "graph/mutant.h"
#include "graph/transport_shared.h"

#include "graph/rt_only.h"

#define BAND_HZ       0.2 /* clocks that are 1 ms off move the line by 0.1 ms, and the tempo by a hundredth of a percent */
#define BAND_FIRST_HZ 2.0 /* of the first moments, and when the tempo has become another one */
#define BAND_S        2.0 /* in which the one becomes the other */
#define OMEGA_MOST    0.5
#define FAR_S         0.005 /* off the line: an accident, or another tempo */
#define FAR_MOST      3     /* so many accidents in a row are none */
#define CUTS_MOST     16    /* of blocks in a cycle: who starts and stops more often does it at other frames */
#define LOST_PERIODS  8     /* the clock has paused */
#define CLOCK_TICKS   (TEMPO_TICKS_PER_QUARTER / MIDI_CLOCKS_QUARTER)

static void line_begin(struct chase_rt *chase, double at)
{
    chase->line.at = at;
    chase->line.period = 0;
    chase->line.n_clocks = 1;
    chase->n_far = 0;
    chase->band_hz = BAND_FIRST_HZ;
}

static void line_follow(struct chase_rt *chase, double at, double rate_hz)
{
    struct chase_view *line = &chase->line;
    double e = at - (line->at + line->period), period_s = line->period / rate_hz;
    bool is_far = fabs(e) > FAR_S * rate_hz;
    chase->n_far = is_far ? chase->n_far + 1 : 0;
    if (chase->n_far > FAR_MOST)
        chase->band_hz = BAND_FIRST_HZ;
    double omega = MUTANT_FLAW("nervous") ? OMEGA_MOST : fmin(2 * M_PI * chase->band_hz * period_s, OMEGA_MOST);
    line->at += line->period + M_SQRT2 * omega * e;
    line->period += omega * omega * e;
    chase->band_hz += (BAND_HZ - chase->band_hz) * fmin(period_s / BAND_S, 1);
    line->n_clocks++;
}

static void clock_take(struct chase_rt *chase, uint64_t frame, double rate_hz)
{
    struct chase_view *line = &chase->line;
    double gone = (double)frame - line->at;
    line->last_frame = frame;
    if (!line->n_clocks || (line->n_clocks > 1 && gone > LOST_PERIODS * line->period) || gone > rate_hz)
        line_begin(chase, (double)frame);
    else if (line->n_clocks == 1 && gone > 0) {
        line->period = gone;
        line->at = (double)frame;
        line->n_clocks++;
    } else if (line->n_clocks > 1) {
        line_follow(chase, (double)frame, rate_hz);
    }
}

static void locate(struct transport_rt *transport, int64_t tick)
{
    struct transport_order order = {
        .kind = TRANSPORT_LOCATE, .in_bars = true, .bars = tempo_bars_of_tick(transport->map, tick)};
    transport_order_rt(transport, &order);
}

/* The first clock behind a start is where it starts. */
static void piece_take(struct chase_rt *chase, struct transport_rt *transport)
{
    if (chase->is_armed) {
        locate(transport, chase->song_tick);
        transport_order_rt(transport, &(struct transport_order){.kind = TRANSPORT_PLAY});
        chase->line.tick = chase->song_tick;
    } else if (chase->line.runs) {
        chase->line.tick += CLOCK_TICKS;
    }
    chase->line.runs |= chase->is_armed;
    chase->is_armed = false;
}

static void stop(struct chase_rt *chase, struct transport_rt *transport)
{
    if (chase->line.runs)
        chase->song_tick = chase->line.tick + CLOCK_TICKS;
    chase->line.runs = chase->is_armed = false;
    transport_order_rt(transport, &(struct transport_order){.kind = TRANSPORT_STOP});
}

static void take(struct chase_rt *chase, struct transport_rt *transport, const struct midi_message *message, uint64_t frame)
{
    switch (message->bytes[0]) {
    case MIDI_CLOCK:
        clock_take(chase, frame, transport->map->rate_hz);
        piece_take(chase, transport);
        break;
    case MIDI_START:
        chase->song_tick = 0;
        chase->is_armed = true;
        break;
    case MIDI_CONTINUE:
        chase->is_armed = true;
        break;
    case MIDI_STOP:
        stop(chase, transport);
        break;
    case MIDI_SONG:
        chase->song_tick = (int64_t)midi_song_of(message) * MIDI_CLOCKS_SONG * CLOCK_TICKS;
        if (!chase->line.runs)
            locate(transport, chase->song_tick);
        break;
    default:
        break;
    }
}

/* Whether the message moves the transport, and therefore has to wait for its frame. */
static bool moves(const struct chase_rt *chase, const struct midi_message *message)
{
    uint8_t status = message->bytes[0];
    return status == MIDI_STOP || status == MIDI_SONG || (status == MIDI_CLOCK && chase->is_armed);
}

unsigned chase_run_rt(struct chase_rt *chase, struct transport_rt *transport, const struct midi_port *port, uint64_t frame,
                      unsigned at, unsigned n)
{
    for (; port && chase->next < port->n; chase->next++) {
        const struct midi_timed *timed = &port->timed[chase->next];
        if (timed->frame > at && moves(chase, &timed->message) && chase->n_cuts++ < CUTS_MOST)
            return timed->frame - at < n ? timed->frame - at : n;
        take(chase, transport, &timed->message, frame + timed->frame);
    }
    return n;
}

void chase_driver_rt(struct chase_rt *chase, struct transport_rt *transport, const struct cycle *cycle, uint64_t frame)
{
    struct transport_order order = {.kind = TRANSPORT_LOCATE, .frame = cycle->transport_frame};
    if (!cycle->has_transport)
        return;
    if (transport->position != cycle->transport_frame)
        transport_order_rt(transport, &order);
    order.kind = cycle->transport_rolls ? TRANSPORT_PLAY : TRANSPORT_STOP;
    if (transport->is_rolling != cycle->transport_rolls)
        transport_order_rt(transport, &order);
    chase->line.runs = cycle->transport_rolls;
    chase->line.last_frame = frame;
    chase->line.n_clocks = 3; /* there is nothing to wait for */
}

void chase_begin_rt(struct chase_rt *chase)
{
    uint32_t port = atomic_load_explicit(&chase->port, memory_order_relaxed);
    chase->next = chase->n_cuts = 0;
    if (port == chase->followed)
        return;
    chase->followed = port;
    chase->line = (struct chase_view){0};
    chase->is_armed = false;
    chase->song_tick = 0;
}

void chase_end_rt(struct chase_rt *chase)
{
    uint32_t turn = atomic_load_explicit(&chase->turn, memory_order_relaxed) + 1;
    struct chase_slot *slot = &chase->slots[turn % 2];
    atomic_store_explicit(&slot->at, chase->line.at, memory_order_release);
    atomic_store_explicit(&slot->period, chase->line.period, memory_order_release);
    atomic_store_explicit(&slot->tick, chase->line.tick, memory_order_release);
    atomic_store_explicit(&slot->last_frame, chase->line.last_frame, memory_order_release);
    atomic_store_explicit(&slot->n_clocks, chase->line.n_clocks, memory_order_release);
    atomic_store_explicit(&slot->runs, chase->line.runs, memory_order_release);
    atomic_store_explicit(&chase->turn, turn, memory_order_release);
}

struct chase_view chase_look(const struct chase_rt *chase)
{
    for (;;) {
        uint32_t turn = atomic_load_explicit(&chase->turn, memory_order_acquire);
        const struct chase_slot *slot = &chase->slots[turn % 2];
        struct chase_view view = {
            .at = atomic_load_explicit(&slot->at, memory_order_acquire),
            .period = atomic_load_explicit(&slot->period, memory_order_acquire),
            .tick = atomic_load_explicit(&slot->tick, memory_order_acquire),
            .last_frame = atomic_load_explicit(&slot->last_frame, memory_order_acquire),
            .n_clocks = atomic_load_explicit(&slot->n_clocks, memory_order_acquire),
            .runs = atomic_load_explicit(&slot->runs, memory_order_acquire),
        };
        if (atomic_load_explicit(&chase->turn, memory_order_relaxed) == turn)
            return view;
    }
}
