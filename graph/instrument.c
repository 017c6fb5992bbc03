#include "graph/instrument.h"

#include <stdlib.h>

static bool is_on(const struct instrument_zone *zone, unsigned key)
{
    return key >= zone->key_low && key <= zone->key_high;
}

/* Around all keys that zones without a range of their own wait for. */
static struct instrument_switch common_range(const struct instrument *instrument)
{
    struct instrument_switch range = {INSTRUMENT_KEYS - 1, 0, INSTRUMENT_KEYS};
    for (uint32_t i = 0; i < instrument->n_zones; i++) {
        const struct instrument_zone *zone = &instrument->zones[i];
        if (!zone->has_switch || zone->key_switch.key_low <= zone->key_switch.key_high)
            continue;
        range.key_low = zone->switch_key < range.key_low ? zone->switch_key : range.key_low;
        range.key_high = zone->switch_key > range.key_high ? zone->switch_key : range.key_high;
    }
    return range;
}

/* The number of a range, a new one if it was not met yet; INSTRUMENT_SWITCHES: there is no room. */
static unsigned switch_find(struct instrument *instrument, const struct instrument_switch *wanted)
{
    unsigned i = 0;
    while (i < instrument->n_switches &&
           (instrument->switches[i].key_low != wanted->key_low || instrument->switches[i].key_high != wanted->key_high))
        i++;
    if (i == INSTRUMENT_SWITCHES)
        return i;
    if (i == instrument->n_switches)
        instrument->switches[instrument->n_switches++] = *wanted;
    else if (instrument->switches[i].initial >= INSTRUMENT_KEYS)
        instrument->switches[i].initial = wanted->initial;
    return i;
}

static void switches_index(struct instrument *instrument)
{
    struct instrument_switch common = common_range(instrument);
    for (uint32_t i = 0; i < instrument->n_zones; i++) {
        struct instrument_zone *zone = &instrument->zones[i];
        struct instrument_switch wanted = zone->key_switch;
        if (!zone->has_switch)
            continue;
        if (wanted.key_low > wanted.key_high) {
            wanted.key_low = common.key_low;
            wanted.key_high = common.key_high;
        }
        zone->switch_number = (uint8_t)switch_find(instrument, &wanted);
        zone->has_switch = zone->switch_number < INSTRUMENT_SWITCHES;
    }
}

int instrument_index(struct instrument *instrument)
{
    switches_index(instrument);
    uint32_t n = 0;
    for (uint32_t i = 0; i < instrument->n_zones; i++)
        n += (uint32_t)(instrument->zones[i].key_high - instrument->zones[i].key_low) + 1;
    instrument->of_key = malloc((n + !n) * sizeof *instrument->of_key);
    if (!instrument->of_key)
        return ERROR_INTERNAL;
    n = 0;
    for (unsigned key = 0; key < INSTRUMENT_KEYS; key++) {
        instrument->by_key[key] = n;
        for (uint32_t i = 0; i < instrument->n_zones; i++)
            if (is_on(&instrument->zones[i], key))
                instrument->of_key[n++] = (uint16_t)i;
    }
    instrument->by_key[INSTRUMENT_KEYS] = n;
    instrument->bytes += n * sizeof *instrument->of_key;
    return 0;
}

void instrument_free(struct instrument *instrument)
{
    if (!instrument)
        return;
    for (uint32_t i = 0; i < instrument->n_sounds; i++) {
        media_unref(instrument->sounds[i].media);
        free((char *)instrument->sounds[i].path);
    }
    free(instrument->sounds);
    free(instrument->zones);
    free(instrument->of_key);
    free(instrument);
}
