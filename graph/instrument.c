#include "graph/instrument.h"

#include <stdlib.h>

static bool is_on(const struct instrument_zone *zone, unsigned key)
{
    return key >= zone->key_low && key <= zone->key_high;
}

int instrument_index(struct instrument *instrument)
{
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
