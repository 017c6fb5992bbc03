/* Sound that waits for those who look ahead: what is decided about a frame can begin before the frame is heard.
 *
 *      in --+--> detector --> gain ----------+
 *           +--> [look-ahead] ------------> (x) --> out
 */
#pragma once

#include "graph/delay_ring_rt.h"
#include "graph/dsp/finite.h"
#include "graph/dsp/vector.h"

/* Milliseconds as whole frames. */
DAWD_ANY static inline unsigned lookahead_frames(float ms, double rate_hz)
{
    return (unsigned)(ms * rate_hz / 1000 + 0.5);
}

/* Where n frames of channel c are, late by the ring's delay: in `out` (which may be `in`), or untouched in `in` where there is
 * no delay. The ring is advanced when all channels are through. What is no sound waits as silence. */
DAWD_RT static inline const float *lookahead_wait(struct delay_ring *ring, unsigned c, const float *in, float *out,
                                                  unsigned n)
{
    float sound[BLOCK_MAX];
    if (!ring->delay_frames)
        return in;
    for (unsigned i = 0; i < n; i++)
        sound[i] = sound_or_zero(in[i]);
    delay_ring_pass_rt(ring, c, sound, out, n);
    return out;
}

/* The whole of such a node's output: all channels, late, times the gain of every frame. */
DAWD_RT static inline void lookahead_scale(struct delay_ring *ring, const struct node_io *io, unsigned channels,
                                           const float *gain)
{
    for (unsigned c = 0; c < channels; c++) {
        float *out = io->out[c];
        const float *in = lookahead_wait(ring, c, io->in[c], out, io->n);
        DAWD_FRAMES_APART
        for (unsigned i = 0; i < io->n; i++)
            out[i] = in[i] * gain[i];
    }
    delay_ring_advance_rt(ring, io->n);
}
