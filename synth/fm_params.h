/* The parameters of the fm, and what they make of a tone.
 *
 *     io->param, looked at where cells and notes begin --> values, one per row --> struct fm_tone --> voices
 *
 * The table is long, for six operators have all of their rows: `ratio1` to `tremolo6`. What the voices need of it is worked out
 * again only where a value is another one.
 */
#pragma once

#include "graph/dsp/fm.h"

/* Rows of the table; those of the operators follow, one operator after the other. */
enum {
    ALGORITHM, /* counts from 1, as musicians do */
    FEEDBACK,
    LEVEL, /* of the sum; looked at frame by frame */
    BRIGHTNESS,
    TUNE,
    PITCH_FROM, /* of every note */
    PITCH_TIME,
    /* One lfo per voice. */
    LFO_SHAPE,
    LFO_RATE,
    LFO_DELAY,
    VIBRATO,
    TREMOLO,
    /* What the player's hands come to. */
    WHEEL,
    PRESSURE_VIBRATO,
    PRESSURE_BRIGHTNESS,
    TIMBRE,
    OVERSAMPLE, /* choice: its index is the number of doublings */
    /* graph/dsp/voicing.h */
    VOICES,
    STEAL,
    MODE,
    GLIDE,
    GLIDE_LEGATO,
    BEND,
    MPE,
    OPERATORS, /* from here on */
};
/* Rows of an operator, in this order: row RATIO of the third one is OPERATORS + 2 * OPERATOR_ROWS + RATIO. What each means is
 * said in the table, and of levels and times in graph/dsp/fm.h. */
enum {
    RATIO,
    FIXED, /* the pitch is FREQ then */
    FREQ,
    DETUNE,
    OP_LEVEL,
    VELOCITY,
    BREAK, /* key scaling: of levels, and of times */
    LEFT,
    RIGHT,
    RATE,
    ATTACK, /* the envelope, in its order */
    DECAY,
    MIDDLE,
    FALL,
    SUSTAIN,
    RELEASE,
    OP_TREMOLO,
    OPERATOR_ROWS, /* how many */
};
#define FM_ROWS (OPERATORS + FM_OPERATORS * OPERATOR_ROWS)

/* What clients are told of every row. */
extern const struct param_info fm_params_rt[FM_ROWS];

/* What these values, one per row, mean. The tone gets another number. */
DAWD_RT void fm_tone_set_rt(struct fm_tone *tone, const float *values);
