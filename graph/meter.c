#include <math.h>

#include "graph/object_shared.h"

#define SILENCE_DB (-200.0f)

void meter_watch(struct node_rt *object, uint64_t now, double rate_hz)
{
    atomic_store_explicit(&object->watched_until, now + (uint64_t)(METER_LEASE_S * rate_hz), memory_order_relaxed);
}

bool meter_is_running(const struct node_rt *object, uint64_t now)
{
    return atomic_load_explicit(&object->watched_until, memory_order_relaxed) > now &&
           atomic_load_explicit(&object->meter->measured_to, memory_order_acquire) >= now;
}

bool meter_is_current(const struct node_rt *object, uint64_t now)
{
    const struct meter *meter = object->meter;
    return meter_is_running(object, now) &&
           (atomic_load_explicit(&meter->n_slots, memory_order_acquire) > 0 ||
            atomic_load_explicit(&meter->measured_to, memory_order_relaxed) == METER_ASLEEP);
}

/* While it is read, the oldest slot may give way to a new one: then it is the level of a moment later. */
float meter_db(const struct node_rt *object, unsigned channel, enum meter_kind kind)
{
    const struct meter_channel *levels = &object->meter->channels[channel];
    uint64_t n_slots = atomic_load_explicit(&object->meter->n_slots, memory_order_acquire);
    uint64_t first = n_slots > METER_SLOTS ? n_slots - METER_SLOTS : 0;
    double peak = 0, power = 0;
    for (uint64_t slot = first; slot <= n_slots; slot++) {
        peak = fmax(peak, (double)atomic_load_explicit(&levels->peak[slot % (METER_SLOTS + 1)], memory_order_relaxed));
        if (slot < n_slots)
            power += (double)atomic_load_explicit(&levels->power[slot % (METER_SLOTS + 1)], memory_order_relaxed);
    }
    double level = kind == METER_PEAK ? peak : n_slots ? sqrt(power / (double)(n_slots - first)) : 0;
    return level > 0 ? (float)fmax(20 * log10(level), (double)SILENCE_DB) : SILENCE_DB;
}
