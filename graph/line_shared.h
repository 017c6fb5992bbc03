/* The delay of a feedback edge: what its source gives comes out 256 frames later, the longest block, so that a loop needs
 * nothing that has not been computed yet, however the time is cut into blocks.
 *
 *     source has run ── line_write ──▶ |  512 frames  | ── line_read ──▶ out ──▶ mixes of the destination
 *                                       ▲ write_at   ▲ read_at
 *
 * A block reads what older blocks have written, so it does not matter which of the two nodes runs first. Each side counts
 * its own frames: both run in every block that is rendered, and stand still together in time without sound.
 */
#pragma once

#include "graph/glide_shared.h"
#include "graph/node.h"

#define LINE_DELAY_FRAMES BLOCK_MAX
#define LINE_FRAMES       (2 * LINE_DELAY_FRAMES)

/* Made by control, the audio thread's from the first plan on that holds its edge. */
struct line_rt {
    float *channels[PORT_CHANNELS_MAX]; /* LINE_FRAMES each */
    float *out[PORT_CHANNELS_MAX];      /* the block that was read last, in one piece */
    unsigned n_channels;
    uint32_t write_at, read_at; /* below LINE_FRAMES */
    bool silent;                /* what was read last is zeros */
    struct glide onset; /* of what is written: a line that begins in the middle of a sound must not begin with a step */
};

/* Takes n frames of the source's channels in, or silence where `from` is null. What is not sound becomes silence, and so does
 * what is too soft for any: an echo that dies away ends, and lets the loop sleep. */
DAWD_RT void line_write_rt(struct line_rt *line, const float *const *from, unsigned n);
/* Puts the next n frames, at most a block, into `out`, and says in `silent` whether they are zeros. */
DAWD_RT void line_read_rt(struct line_rt *line, unsigned n);
/* What is on its way is forgotten. */
DAWD_RT void line_clear_rt(struct line_rt *line);
