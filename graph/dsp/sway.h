/* The phase of everything that sways: a cycle that goes round at a rate, or in time with the music.
 *
 *     rate Hz ------------------------------> + phase, 2^-64 cycles --> per frame the upper 32 bits, as the shapes want them
 *     lock, a note value, a piece that rolls -> its place in the music     (phase.h, sine.h)
 *
 * At a rate that stands still it never drifts, and a node that slept finds it where it would have been.
 *
 * Locked, cycles of one length begin where the piece begins, and so with its bars. Where that is not where the phase has come to
 * (the piece starts, is put elsewhere, lock is switched on), it goes there within 50 ms: a jump would click. It never runs
 * backwards, which some shapes would hear as a new cycle per frame: what is early by little waits, all else hurries.
 *
 *     here  ----/             place - pull * left,  left = frames to go
 *     place ---------------
 */
#pragma once

#include "graph/dsp/phase.h"
#include "graph/dsp/run.h"

#define SWAY_SLIDE_S 0.05

/* One cycle; several voices of an effect are offsets from it. */
struct sway {
    uint64_t phase; /* of the frame that comes, if nothing changes; in 2^-64 cycles */
    uint64_t step;  /* of the frame before */
    double frame_s;
    uint64_t pull; /* per frame of the slide */
    uint32_t left; /* frames of it; 0: none */
    bool is_lost;  /* it has not run up to here: it need not slide */
};

DAWD_ANY static inline struct sway sway_at(double rate_hz)
{
    return (struct sway){.phase = PHASE_ZERO, .frame_s = 1 / rate_hz, .is_lost = true};
}

/* Whether it goes by the music at this frame of the block. */
DAWD_RT static inline bool sway_is_locked(const struct node_io *io, unsigned rate_row, unsigned lock_row, unsigned at)
{
    return io->music->is_rolling && io->param[rate_row].ticks && param_at(&io->param[lock_row], at) >= 0.5f;
}

/* The phases of a block's frames from `from` on, n of them, by the rate in Hz in this row of the node's parameters. */
DAWD_RT static inline void sway_run_free(struct sway *sway, const struct node_io *io, unsigned rate_row, uint32_t *phase,
                                         unsigned from, unsigned n)
{
    const struct param *rate = &io->param[rate_row];
    sway->left = 0;
    sway->is_lost = false;
    if (param_is_constant(rate)) {
        sway->step = phase_step(rate->value * sway->frame_s);
        phase_fill(phase, &sway->phase, sway->step, n);
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        sway->step = phase_step(param_at(rate, from + i) * sway->frame_s);
        phase[i] = (uint32_t)(sway->phase >> 32);
        sway->phase += sway->step;
    }
}

/* Sets out for its place unless it is there, or on its way there, to within a frame before and one behind a mark of the tempo. */
DAWD_RT static inline void sway_seek(struct sway *sway, uint64_t place, uint64_t step)
{
    uint64_t off = place - sway->pull * sway->left - sway->phase, behind = place - sway->phase, early = -behind;
    uint32_t frames = (uint32_t)(SWAY_SLIDE_S / sway->frame_s + 0.5);
    if (sway->is_lost)
        sway->left = 0;
    if (sway->is_lost || off <= step + sway->step || -off <= step + sway->step)
        return;
    sway->left = frames;
    sway->pull = early / frames <= step / 2 ? -(early / frames) : behind / frames;
}

DAWD_RT static inline void sway_run_locked(struct sway *sway, const struct node_io *io, unsigned rate_row, uint32_t *phase,
                                           unsigned from, unsigned n)
{
    for (unsigned i = 0, run; i < n; i += run) {
        struct music_line line = music_line(io->music, io->param[rate_row].ticks, from + i, n - i);
        sway_seek(sway, line.phase, line.step);
        bool slides = sway->left != 0;
        run = slides && sway->left < line.n ? sway->left : line.n;
        sway->phase = line.phase - sway->pull * sway->left;
        phase_fill(phase + i, &sway->phase, line.step + (slides ? sway->pull : 0), run);
        sway->left -= slides ? run : 0;
        sway->step = line.step;
        sway->is_lost = false;
    }
}

/* The same for a node that has a switch to lock it, in another row: locked where that is on, the rate is a note value and the piece
 * rolls. */
DAWD_RT static inline void sway_run(struct sway *sway, const struct node_io *io, unsigned rate_row, unsigned lock_row,
                                    uint32_t *phase, unsigned from, unsigned n)
{
    for (unsigned i = from, run; i < from + n; i += run) {
        run = run_length(&io->param[lock_row], i, from + n);
        if (sway_is_locked(io, rate_row, lock_row, i))
            sway_run_locked(sway, io, rate_row, phase + (i - from), i, run);
        else
            sway_run_free(sway, io, rate_row, phase + (i - from), i, run);
    }
}

/* So many frames that were slept through, at the rate of the last one. */
DAWD_RT static inline void sway_skip(struct sway *sway, uint64_t frames)
{
    sway->phase += sway->step * frames;
    sway->is_lost = true;
}
