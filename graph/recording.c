/* A mark is sent before the frames behind it, so whoever first looks how many frames there are, and then for marks, knows of
 * every mark among them. */
#include "graph/recording_shared.h"

#include <stdlib.h>

#include "graph/error.h"

static uint64_t room_frames(double rate_hz)
{
    return (uint64_t)(RECORDING_ROOM_S * rate_hz);
}

size_t recording_bytes(unsigned channels, double rate_hz)
{
    return (size_t)room_frames(rate_hz) * channels * sizeof(float);
}

int recording_init(struct recording *recording, unsigned channels, double rate_hz)
{
    *recording = (struct recording){.channels = channels, .capacity_frames = room_frames(rate_hz)};
    size_t bytes = recording_bytes(channels, rate_hz);
    recording->frames = malloc(bytes);
    if (!recording->frames || ring_init(&recording->marks, sizeof(struct recording_mark), RECORDING_MARKS)) {
        recording_deinit(recording);
        return ERROR_INTERNAL;
    }
    memset(recording->frames, 0, bytes);
    return 0;
}

void recording_deinit(struct recording *recording)
{
    ring_deinit(&recording->marks);
    free(recording->frames);
    recording->frames = NULL;
}

struct recording_piece recording_next(struct recording *recording, uint64_t most)
{
    uint64_t sent = atomic_load_explicit(&recording->sent, memory_order_acquire);
    uint64_t taken = atomic_load_explicit(&recording->taken, memory_order_relaxed);
    recording->has_mark = recording->has_mark || ring_pop(&recording->marks, &recording->mark);
    if (recording->has_mark && recording->mark.at == taken) {
        recording->has_mark = false;
        return (struct recording_piece){.event = recording->mark.event, .mark = recording->mark};
    }
    uint64_t end = recording->has_mark && recording->mark.at < sent ? recording->mark.at : sent;
    uint64_t at = taken % recording->capacity_frames, n = end - taken;
    n = n > recording->capacity_frames - at ? recording->capacity_frames - at : n;
    n = n > most ? most : n;
    return (struct recording_piece){.event = n ? RECORDING_FRAMES : RECORDING_NOTHING,
                                    .frames = recording->frames + at * recording->channels,
                                    .n_frames = n};
}

void recording_done(struct recording *recording, uint64_t n)
{
    uint64_t taken = atomic_load_explicit(&recording->taken, memory_order_relaxed);
    atomic_store_explicit(&recording->taken, taken + n, memory_order_release);
}
