/* What comes before a room is heard as one: every sound becomes some hundred echoes, in three steps, each of which delays
 * eight channels differently and mixes them (G. Luff, "Let's write a reverb", Audio Developer Conference 2021).
 *
 *     left  --> [before] --4 taps--> mix 4 --> [lines] --> mix 4 --> [lines] --+--> mix 8 --> eight channels
 *     right --> [before] --4 taps--> mix 4 --> [lines] --> mix 4 --> [lines] --+
 *                                                                              +--> early: a sum of each side's four
 *
 * All mixes are rotations: what comes out has the energy of what went in, in all frequencies alike. Their angle goes from 0, where
 * each channel keeps its one echo, to an eighth of a circle, where all echoes are equally loud.
 */
#pragma once

#include "graph/dsp/hop.h"

#define DIFFUSER_CHANNELS 8u
#define DIFFUSER_SIDES    2u
#define DIFFUSER_STEPS    3u

/* By what the mixes turn: of the angle the tangent, and the cosine, which has to be put to it once per stage. */
struct diffuser_angle {
    float tangent, cosine;
};

struct diffuser {
    struct hop_line before[DIFFUSER_SIDES];
    struct hop_line line[DIFFUSER_STEPS - 1][DIFFUSER_CHANNELS]; /* of the second and the third step */
    struct hop_tap tap[DIFFUSER_STEPS][DIFFUSER_CHANNELS];
    double mean_frames, predelay_frames;                 /* that the taps go to */
    bool arrived;                                        /* they are there, all of them */
    struct diffuser_angle angle, angle_step, angle_goal; /* at the beginning of the cell, per frame, at its end */
};

/* Frames that a step delays a channel by, for a room whose lines have mean_frames in the mean. */
DAWD_ANY unsigned diffuser_delay_frames(unsigned step, unsigned c, double mean_frames, double predelay_frames);

/* A silent one, for a room of this mean, and for the largest ones. False when memory ran out. */
DAWD_CTL bool diffuser_init(struct diffuser *diffuser, struct arena *arena, double mean_frames, double predelay_frames,
                            double most_mean_frames, double most_predelay_frames);

/* At the beginning of a cell: the taps whose turn it is go where these want them. */
DAWD_RT void diffuser_size(struct diffuser *diffuser, double mean_frames, double predelay_frames, uint64_t clock);
/* At the beginning of a cell: during it the mixes go to this amount, 0 to 1, or, where `at_once`, are there. */
DAWD_RT void diffuser_angle(struct diffuser *diffuser, float amount, bool at_once);

/* n frames from `clock` on, which do not leave its cell. What is not sound in `in` is silence. */
DAWD_RT void diffuser_run(struct diffuser *diffuser, uint64_t clock, const float *const in[DIFFUSER_SIDES],
                          float (*early)[HOP_ROOM], float (*out)[HOP_ROOM], unsigned n);

/* Whether the lines were fed zeros in the last n frames. */
DAWD_RT bool diffuser_given_nothing(const struct diffuser *diffuser, unsigned n);
/* Hops are over; the lines are empty. */
DAWD_RT void diffuser_rest(struct diffuser *diffuser);
/* The lines forget what they hold. */
DAWD_RT void diffuser_clear(struct diffuser *diffuser);
/* Time has gone on to this frame of the clock while it rested. */
DAWD_RT void diffuser_skip(struct diffuser *diffuser, uint64_t clock);
/* Frames until all that the lines hold has left the last of them. */
DAWD_RT unsigned diffuser_frames(const struct diffuser *diffuser);
