/* What a dynamics processor listens to: its key signal.
 *
 *      in --------+
 *                (one of them) --> [low cut] --> per channel --> largest of all channels
 *      sidechain -+
 *
 * The sidechain is heard as long as it has a cable, the input otherwise; from one to the other it takes a short crossfade.
 * One level for all channels: a stereo image would wander if each had its own.
 *
 * The inputs of such a node are "in" and "sidechain", both as wide as the node.
 */
#pragma once

#include "graph/dsp/finite.h"
#include "graph/dsp/svf.h"
#include "graph/dsp/turn.h"
#include "graph/node.h"

#define KEY_SIDECHAIN_PORT 1     /* row of the table of inputs */
#define KEY_CUT_OFF_HZ     20.0f /* the low cut is off here, and all there an octave above */

struct key {
    struct svf svf[PORT_CHANNELS_MAX];
    struct svf_block block; /* for block_hz */
    float block_hz;         /* 0: not prepared */
    bool has_begun;
    struct turn source; /* 0: input, 1: sidechain */
    double rate_hz;
    unsigned channels;
};

/* On a zeroed struct. */
DAWD_CTL static inline void key_init(struct key *key, const struct node_init *init)
{
    key->source = turn_at(0, init->rate_hz);
    key->rate_hz = init->rate_hz;
    key->channels = init->channels;
}

/* The key signal of a whole block: x[c], n frames each, in the node's inputs or in `room`. Where nothing is cut it may hold
 * anything that a float can. `cut_row` is the row of the low cut, in Hz, 12 dB per octave. */
DAWD_RT void key_hear_rt(struct key *key, const struct node_io *io, unsigned cut_row, const float **x,
                         float (*room)[BLOCK_MAX]);

/* The largest of all channels, 0 for what is no sound. */
DAWD_RT static inline void key_peak(const float *const *x, unsigned channels, float *level, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        level[i] = fabsf(sound_or_zero(x[0][i]));
    for (unsigned c = 1; c < channels; c++)
        for (unsigned i = 0; i < n; i++) {
            float size = fabsf(sound_or_zero(x[c][i]));
            level[i] = size > level[i] ? size : level[i];
        }
}

/* Whether the filter holds nothing that could be heard. */
DAWD_RT static inline bool key_is_quiet(const struct key *key)
{
    bool quiet = true;
    for (unsigned c = 0; c < key->channels; c++)
        quiet = quiet && svf_is_quiet(&key->svf[c]);
    return quiet;
}

/* After silence. */
DAWD_RT static inline void key_rest(struct key *key)
{
    memset(key->svf, 0, sizeof key->svf);
    key->source.left = 0;
}
