/* Signals that stand still: a gate, the pitch of a key, an envelope at its sustain. All frames of such a block are its first
 * one, and where all who hear it know what to do with that, the others are not even written.
 *
 *     in:   class.takes_still      still_in(io, c) ? x = io->in[c][0] : … io->in[c][i] …
 *     out:  class.gives_still      still_put(io, c, x), or every frame as ever
 *
 * Whoever takes still signals reads nothing of one but its first frame; still_stretch is for where that is not worth a way of its
 * own. Outside of the engine no channel is still, and still_put writes every frame.
 */
#pragma once

#include "graph/node.h"

/* Whether only the first frame of an input channel is there, for it is like all others. */
DAWD_RT static inline bool still_in(const struct node_io *io, unsigned c)
{
    return io->still_in && *io->still_in[c];
}

/* n frames of a signal, still or not: x itself, or `room` (n floats, borrowed; it may be x), filled. */
DAWD_RT static inline const float *still_frames(const float *x, bool is_still, float *room, unsigned n)
{
    for (unsigned i = 0; is_still && i < n; i++)
        room[i] = x[0];
    return is_still ? room : x;
}

/* The same of an input channel; `room` has BLOCK_MAX floats. Nobody writes to what is returned. */
DAWD_RT static inline const float *still_stretch(const struct node_io *io, unsigned c, float *room)
{
    return still_frames(io->in[c], still_in(io, c), room, io->n);
}

/* An output channel is this value in all frames of the block. */
DAWD_RT static inline void still_put(const struct node_io *io, unsigned c, float value)
{
    bool suffices = io->may_be_still >> c & 1;
    for (unsigned i = 0; i < (suffices ? 1 : io->n); i++)
        io->out[c][i] = value;
    if (suffices)
        io->still_out[c] = true;
}
