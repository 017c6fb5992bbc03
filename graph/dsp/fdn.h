/* A room: sixteen lines that feed each other through an orthogonal matrix, a feedback delay network (J.-M. Jot, A. Chaigne,
 * "Digital delay networks for designing artificial reverberators", AES 90, 1991).
 *
 *          +--> [line 0]  --> [absorb] --+-------+
 *     in --+--> [line 1]  --> [absorb] --+ sway  +-- [Hadamard, other order] --> two of sixteen sums are the output,
 *          |        ...                  |       |                               all sixteen go round
 *          +--> [line 15] --> [absorb] --+-------+
 *
 * `absorb` takes from a line what sound loses in a room in the time of that line, so that all frequencies die as told, however
 * the lines differ. `sway` turns pairs of lines into each other by angles that move (S. Schlecht, E. Habets, "Time-varying
 * feedback matrices in feedback delay networks", JASA 138, 2015): every matrix on the way is orthogonal, so that the
 * modulation neither takes nor gives: the decay stays exact, shrill or not, and no rate or depth can make it grow.
 * The lines are read at whole frames, and change their length by hopping (graph/dsp/hop.h).
 *
 * Eight frames of sixteen lines are at work at once: along time in the matrix, line beside line in the filters.
 */
#pragma once

#include "graph/dsp/hop.h"

#define FDN_LINES   16u
#define FDN_PAIRS   (FDN_LINES / 2)
#define FDN_OUTPUTS 2u

/* What the lines lose, at one frame. */
struct fdn_loss {
    float low[FDN_LINES];  /* what the low-pass of the bass adds: gain of the bass over the gain in the middle, less 1 */
    float pole[FDN_LINES]; /* of the low-pass that damps */
    float gain[FDN_LINES]; /* of one round in the middle, with what the low-pass and the matrix need */
    float low_share;       /* of the low-pass of the bass, see lag.h */
};

/* How long sound lasts. */
struct fdn_decay {
    float decay_s;      /* RT60 in the middle */
    float low_ratio;    /* that of the bass, as a part of it */
    float crossover_hz; /* below this is the bass */
    float damping_hz;   /* where it has fallen to the half; from 10 kHz on less of it, at 20 kHz none */
};

/* The angles of the pairs, as sines and cosines. */
struct fdn_sway {
    float cosine[FDN_PAIRS], sine[FDN_PAIRS];
};

struct fdn {
    struct hop_line line[FDN_LINES];
    struct hop_tap tap[FDN_LINES];
    double mean_frames;                                    /* that the taps go to */
    bool arrived;                                          /* they are there, all of them */
    struct fdn_loss loss, loss_step, loss_goal;            /* at the beginning of the cell, per frame, at its end */
    struct fdn_decay decay;                                /* that the goal is for */
    struct fdn_sway sway, sway_step, sway_bend, sway_goal; /* likewise, but along an arc */
    float low[FDN_LINES], damped[FDN_LINES];               /* states of the filters */
    float loudest;                                         /* of the output in this cell, so far */
    bool faint;                                            /* the last cell was: what is too soft to last is looked for */
    bool is_plain; /* nothing moves but the sway, and the bass has no decay of its own */
    bool moves;    /* the loss does, in this cell */
    bool hopped;   /* a line is not as long as when the loss was set */
    double rate_hz;
};

/* Frames of line l in a room whose lines have mean_frames in the mean. */
DAWD_ANY unsigned fdn_line_frames(unsigned l, double mean_frames);

/* The part of a round trip through mean_frames that is left after it, as a gain in the middle. */
DAWD_ANY float fdn_round_gain(double mean_frames, double rate_hz, double decay_s);

/* A silent room whose lines have mean_frames in the mean, most_frames at the most. False when memory ran out. */
DAWD_CTL bool fdn_init(struct fdn *fdn, struct arena *arena, double rate_hz, double mean_frames, double most_frames);

/* At the beginning of a cell: the lines whose turn it is go where this mean wants them. */
DAWD_RT void fdn_size(struct fdn *fdn, double mean_frames, uint64_t clock);
/* At the beginning of a cell, after fdn_size: during it the loss goes from what it was to what this decay wants, or, where
 * `at_once`, is there. */
DAWD_RT void fdn_absorb(struct fdn *fdn, const struct fdn_decay *decay, bool at_once);
/* At the beginning of a cell: during it the angles go from where the last call wanted them to what they are at this phase, in
 * 2^-32 cycles, and depth, 0 to 1. Called twice it begins there. */
DAWD_RT void fdn_turn(struct fdn *fdn, uint32_t phase, float depth);

/* n frames from `clock` on, which do not leave its cell. All in[] are added to the lines, each to two. */
DAWD_RT void fdn_run(struct fdn *fdn, uint64_t clock, const float (*in)[HOP_ROOM], float (*out)[HOP_ROOM], unsigned n);

/* Whether the lines were fed zeros in the last n frames. */
DAWD_RT bool fdn_given_nothing(const struct fdn *fdn, unsigned n);
/* Forgets what the filters hold; the lines are empty. */
DAWD_RT void fdn_rest(struct fdn *fdn);
/* The lines forget what they hold. */
DAWD_RT void fdn_clear(struct fdn *fdn);
/* Time has gone on to this frame of the clock while it rested. */
DAWD_RT void fdn_skip(struct fdn *fdn, uint64_t clock);
/* Frames until all that the lines hold has left them once. */
DAWD_RT unsigned fdn_frames(const struct fdn *fdn);
