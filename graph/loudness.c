/* A reset is sent before the frames behind it, so whoever looks first how many frames there are, and then for resets, knows of
 * every reset among them. Of several that nobody has seen the newest counts: what lies between them begins anew anyway. */
#include "graph/loudness_shared.h"

#include <stdlib.h>
#include <string.h>

#include "graph/error.h"

static uint64_t room_frames(double rate_hz)
{
    uint64_t n = LOUDNESS_ROOM_MIN;
    while ((double)n < LOUDNESS_ROOM_S * rate_hz)
        n *= 2;
    return n;
}

size_t loudness_bytes(unsigned channels, double rate_hz)
{
    return (size_t)room_frames(rate_hz) * channels * sizeof(float);
}

int loudness_init(struct loudness *loudness, unsigned channels, double rate_hz)
{
    *loudness = (struct loudness){.channels = channels, .rate_hz = rate_hz, .capacity_frames = room_frames(rate_hz)};
    loudness->frames = malloc(loudness_bytes(channels, rate_hz));
    if (!loudness->frames)
        return ERROR_INTERNAL;
    memset(loudness->frames, 0, loudness_bytes(channels, rate_hz));
    for (unsigned i = 0; i < N_LOUDNESS_FIGURES; i++)
        atomic_init(&loudness->figures[i], i == LOUDNESS_RANGE ? 0 : LOUDNESS_SILENCE);
    return 0;
}

void loudness_deinit(struct loudness *loudness)
{
    free(loudness->frames);
    loudness->frames = NULL;
}

struct loudness_piece loudness_next(struct loudness *loudness, uint64_t most)
{
    uint64_t end = atomic_load_explicit(&loudness->sent, memory_order_acquire);
    uint64_t taken = atomic_load_explicit(&loudness->taken, memory_order_relaxed);
    uint32_t n_resets = atomic_load_explicit(&loudness->n_resets, memory_order_acquire);
    if (n_resets != loudness->n_met) {
        uint64_t reset_at = atomic_load_explicit(&loudness->reset_at, memory_order_relaxed);
        if (reset_at == taken) {
            loudness->n_met = n_resets;
            return (struct loudness_piece){.begins_anew = true};
        }
        end = end > reset_at ? reset_at : end;
    }
    uint64_t at = taken % loudness->capacity_frames, n = end - taken;
    n = n > loudness->capacity_frames - at ? loudness->capacity_frames - at : n;
    n = n > most ? most : n;
    return (struct loudness_piece){.first = loudness->frames + at, .n_frames = n};
}

void loudness_done(struct loudness *loudness, uint64_t n_frames)
{
    uint64_t taken = atomic_load_explicit(&loudness->taken, memory_order_relaxed);
    atomic_store_explicit(&loudness->taken, taken + n_frames, memory_order_release);
}

void loudness_tell(struct loudness *loudness, const float figures[N_LOUDNESS_FIGURES])
{
    for (unsigned i = 0; i < N_LOUDNESS_FIGURES; i++)
        atomic_store_explicit(&loudness->figures[i], figures[i], memory_order_relaxed);
    atomic_store_explicit(&loudness->n_begun, loudness->n_met, memory_order_release);
}
