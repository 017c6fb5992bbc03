/* A place in bars outlasts a map, a frame does not: so what has to stay in its bar is taken to its place by the old map and back
 * by the new one. */
#include "graph/transport_shared.h"

#include "graph/rt_only.h"

static void locate(struct transport_rt *transport, const struct transport_order *order)
{
    transport->follows_bars = transport->is_placed = order->in_bars;
    transport->position = order->frame;
    if (!order->in_bars)
        return;
    int64_t first = tempo_tick_of_bars(transport->map, &(struct bars){order->bars.bar, 1, 0});
    int64_t tick = tempo_tick_of_bars(transport->map, &order->bars);
    transport->place = (struct tempo_place){order->bars.bar, (tick - first) * TEMPO_TICK_Q20};
    transport->position = tempo_frame_of_place(transport->map, &transport->place);
}

/* What lies before this place has not been passed. */
static void begin(struct transport_rt *transport)
{
    transport->since = transport->position;
    transport->n_moves++;
}

void transport_order_rt(struct transport_rt *transport, const struct transport_order *order)
{
    if (order->kind != TRANSPORT_LOCATE) {
        if (order->kind == TRANSPORT_PLAY && !transport->is_rolling)
            begin(transport);
        transport->is_rolling = order->kind == TRANSPORT_PLAY;
        return;
    }
    locate(transport, order);
    begin(transport);
}

struct tempo_map *transport_map_rt(struct transport_rt *transport, struct tempo_map *map)
{
    struct tempo_map *old = transport->map;
    transport->map = map;
    if (!transport->is_rolling && !transport->follows_bars) {
        transport->is_placed = false;
        return old;
    }
    if (!transport->is_placed)
        transport->place = tempo_place_of_frame(old, transport->position);
    transport->is_placed = true;
    transport->position = tempo_frame_of_place(map, &transport->place);
    struct tempo_place since = tempo_place_of_frame(old, transport->since);
    transport->since = tempo_frame_of_place(map, &since);
    if (transport->since > transport->position) /* by what was rounded */
        transport->since = transport->position;
    return old;
}

/* The turn is seen before anything of the slot that is written next, and all of this slot before the turn. */
void transport_publish_rt(struct transport_rt *transport, uint64_t frame)
{
    struct transport_view *view = &transport->view;
    uint32_t turn = atomic_load_explicit(&view->turn, memory_order_relaxed) + 1;
    struct transport_slot *slot = &view->slots[turn % 2];
    atomic_store_explicit(&slot->position, transport->position, memory_order_release);
    atomic_store_explicit(&slot->frame, frame, memory_order_release);
    atomic_store_explicit(&slot->map, transport->map, memory_order_release);
    atomic_store_explicit(&slot->since, transport->since, memory_order_release);
    atomic_store_explicit(&slot->n_moves, transport->n_moves, memory_order_release);
    atomic_store_explicit(&slot->is_rolling, transport->is_rolling, memory_order_release);
    atomic_store_explicit(&view->turn, turn, memory_order_release);
}

struct transport_now transport_look(const struct transport_view *view)
{
    for (;;) {
        uint32_t turn = atomic_load_explicit(&view->turn, memory_order_acquire);
        const struct transport_slot *slot = &view->slots[turn % 2];
        struct transport_now now = {
            .is_rolling = atomic_load_explicit(&slot->is_rolling, memory_order_acquire),
            .position = atomic_load_explicit(&slot->position, memory_order_acquire),
            .frame = atomic_load_explicit(&slot->frame, memory_order_acquire),
            .map = atomic_load_explicit(&slot->map, memory_order_acquire),
            .since = atomic_load_explicit(&slot->since, memory_order_acquire),
            .n_moves = atomic_load_explicit(&slot->n_moves, memory_order_acquire),
        };
        if (atomic_load_explicit(&view->turn, memory_order_relaxed) == turn)
            return now;
    }
}
