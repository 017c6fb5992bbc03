/* A fixed delay of several channels, without anything in its way: for what has to meet something that is late. */
#pragma once

#include "graph/node.h"

/* All-zero: no delay. Channels are made by control, all else is the audio thread's once it runs. */
struct delay_ring {
    float *channels[PORT_CHANNELS_MAX]; /* size_frames each */
    uint32_t size_frames;               /* the delay and a block: it is written before it is read */
    uint32_t delay_frames;
    uint32_t at; /* where the next frame is written */
};

/* Takes the memory for so many channels. 0 or ERROR_INTERNAL. */
DAWD_CTL int delay_ring_init(struct delay_ring *ring, struct arena *arena, unsigned n_channels, uint32_t delay_frames);

/* n frames of a channel, at most a block; then, when all channels are through, the ring moves on by them. `from` and `to` may
 * not be the same. */
DAWD_RT void delay_ring_pass_rt(struct delay_ring *ring, unsigned channel, const float *from, float *to, unsigned n);
DAWD_RT void delay_ring_advance_rt(struct delay_ring *ring, unsigned n);
/* It has heard silence: all of it is written, which short rings can afford. */
DAWD_RT void delay_ring_clear_rt(struct delay_ring *ring);
