/* Written before it is read, so that a delay may be shorter than a block. */
#include "graph/delay_ring_rt.h"

#include <string.h>

#include "graph/rt_only.h"

int delay_ring_init(struct delay_ring *ring, struct arena *arena, unsigned n_channels, uint32_t delay_frames)
{
    ring->delay_frames = delay_frames;
    ring->size_frames = delay_frames ? delay_frames + BLOCK_MAX : 0;
    for (unsigned c = 0; delay_frames && c < n_channels; c++)
        if (!(ring->channels[c] = arena_take_array(arena, ring->size_frames, sizeof(float))))
            return ERROR_INTERNAL;
    return 0;
}

/* How much of n frames lies before the end. */
static unsigned before_end(const struct delay_ring *ring, uint32_t at, unsigned n)
{
    return n < ring->size_frames - at ? n : ring->size_frames - at;
}

static void write_rt(struct delay_ring *ring, unsigned channel, const float *from, unsigned n)
{
    unsigned first = before_end(ring, ring->at, n);
    memcpy(ring->channels[channel] + ring->at, from, first * sizeof(float));
    memcpy(ring->channels[channel], from + first, (n - first) * sizeof(float));
}

/* The frames that belong to the n that were written last. */
static void read_rt(const struct delay_ring *ring, unsigned channel, float *to, unsigned n)
{
    uint32_t at =
        ring->at >= ring->delay_frames ? ring->at - ring->delay_frames : ring->at + ring->size_frames - ring->delay_frames;
    unsigned first = before_end(ring, at, n);
    memcpy(to, ring->channels[channel] + at, first * sizeof(float));
    memcpy(to + first, ring->channels[channel], (n - first) * sizeof(float));
}

void delay_ring_pass_rt(struct delay_ring *ring, unsigned channel, const float *from, float *to, unsigned n)
{
    if (!ring->size_frames) {
        memcpy(to, from, n * sizeof(float));
        return;
    }
    write_rt(ring, channel, from, n);
    read_rt(ring, channel, to, n);
}

void delay_ring_advance_rt(struct delay_ring *ring, unsigned n)
{
    if (ring->size_frames)
        ring->at = ring->at + n < ring->size_frames ? ring->at + n : ring->at + n - ring->size_frames;
}

void delay_ring_clear_rt(struct delay_ring *ring)
{
    for (unsigned c = 0; c < PORT_CHANNELS_MAX && ring->channels[c]; c++)
        memset(ring->channels[c], 0, ring->size_frames * sizeof(float));
}
