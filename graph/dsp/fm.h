/* Six operators that modulate each other's phase, sixteen voices side by side.
 *
 *                 m = sum of the operators that modulate it, or what it fed back itself
 *     operator:   sin(2 pi (phase + 2 m)) x envelope x level                     an operator at 0 dB gives m = 1
 *
 * So an operator of amplitude A that modulates another one has an index of 4 pi A radians: 12.57 at 0 dB, 1 at -22 dB. One
 * that feeds back modulates itself by the mean of its last two values: 2 pi A radians at most (N. Tomisawa, US patent
 * 4,249,447, 1981: the mean takes away the tone of half the rate that a plain loop falls into). Phase modulation by sines is
 * frequency modulation by cosines (J. Chowning, "The synthesis of complex audio spectra by means of frequency modulation",
 * JAES 21, 1973), but keeps its pitch whatever the index does.
 *
 *     frame    0 ... 15 | 16 ... 31 | ...        cells, by the clock of the owner
 *     runs     |--------|---|-------|            a run ends with its cell, a stage of an envelope, or an event
 *
 * A run is planned once: amplitudes and pitches go along straight lines to where they are to be at its end. All that follows
 * is the same for every division into blocks, to the bit.
 */
#pragma once

#include "graph/dsp/fm_routes.h"
#include "graph/dsp/lanes.h"

#define FM_CELL_MOST   32 /* frames that a cell may have */
#define FM_GROUPS      5
#define FM_VOICES_MOST (FM_GROUPS * LANES) /* 64, and room for those that fade out (graph/dsp/slots.h) */

/* Of an envelope: up to 1 in a straight line; down to the middle, to the sustain level, and there as long as the key is held;
 * to nothing. What falls is an exponential of 60 dB, cut where it would be below its end. */
enum fm_stage { FM_REST, FM_ATTACK, FM_DECAY, FM_FALL, FM_HOLD, FM_RELEASE };
/* Of the lfo that each voice has, from the beginning of its note on. */
enum fm_lfo { FM_LFO_SINE, FM_LFO_TRIANGLE, FM_LFO_SAW_UP, FM_LFO_SAW_DOWN, FM_LFO_SQUARE };

/* What one operator is to be, the same for all voices.
 *
 * Its level in dB, for a note of a velocity 0..1 and so many octaves above (or below) the break:
 *
 *     level + velocity x (velocity of the note - 1) + right x octaves (or left x octaves) + brightness, 12 dB at most
 *
 * The times hold from the next stage on; levels at once. */
struct fm_operator_tone {
    double ratio;       /* of the note, or Hz where it is fixed; detune included */
    bool is_fixed;      /* deaf to notes, bends and the lfo */
    float level_db;     /* DECIBEL_OFF: it is silent */
    float velocity_db;  /* that the softest note is softer by */
    float key_break;    /* note from which on either side its level changes */
    float left_db;      /* per octave below it */
    float right_db;     /* and above */
    float rate_octaves; /* by which its times shrink with every octave above note 60 */
    float attack_s, decay_s, fall_s, release_s;
    float middle, sustain; /* 0..1: to where decay and fall lead */
    float tremolo;         /* 0..1, of the tremolo */
    bool is_bright;        /* it modulates others: brightness is its affair */
};

/* What all voices share, during one cell: whoever owns it fills it anew where a cell begins, and gives it another number where
 * anything is another value, for what follows from it is kept. */
struct fm_tone {
    struct fm_operator_tone op[FM_OPERATORS];
    double rate_hz;
    unsigned number;            /* another one whenever anything here has changed */
    float feedback;             /* 0..1 */
    float bright_db;            /* added to the level of what modulates */
    float bend_octaves, bend_s; /* where every note begins, and the time it takes to its pitch */
    enum fm_lfo lfo_shape;
    float lfo_hz, lfo_delay_s;
    float vibrato_octaves, tremolo; /* at full depth; 0..1 */
};

/* One operator of sixteen voices, one per lane.
 *
 *     amplitude = envelope x gain x high x tremolo       worked out where a run begins and ends, straight between
 *     step      = pitch x ratio                          likewise
 *
 * Phases and steps are whole numbers: what they are at any frame of a run is exact, and the same however it is cut. */
struct fm_operator {
    uint64_t phase[LANES], step[LANES], goal[LANES]; /* 2^-64 cycles; step per frame, and where it goes */
    int64_t turn[LANES];                             /* of the step, per frame */
    float amp[LANES], slope[LANES];                  /* where the run begins; per frame */
    float gain[LANES];                               /* by level, velocity and key: what the envelope is scaled by */
    float high[LANES];                               /* 1; less for what lies too high */
    float from[LANES], part[LANES];                  /* envelope where its stage began; 1 / total */
    uint32_t stage[LANES];                           /* of enum fm_stage */
    uint32_t done[LANES], total[LANES];              /* frames of the stage */
};

/* What sixteen players do. It is looked at where a run begins, and glides to where it is to be as all else does. */
struct fm_players {
    float note[LANES], velocity[LANES]; /* of the key; 0..1 */
    float pitch[LANES];                 /* octaves from A4, glides and bends included */
    float vibrato[LANES];               /* octaves, beside those of the tone */
    float bright_db[LANES];
    float volume[LANES];
};

/* Sixteen voices. Those that are silent are run along with the others, at amplitude 0; a group in which none sounds costs
 * nothing. A run is cut for all of them by what happens to one: the sines of the others do not mind. */
struct fm_group {
    struct fm_operator op[FM_OPERATORS];
    struct fm_players player;
    float fed[2][2][LANES];                  /* the last two values that were fed back, per route of a crossfade */
    float hz[LANES];                         /* that the run goes to */
    float tremolo[LANES];                    /* 0: none; 1: down to silence */
    float level[LANES], slope[LANES];        /* by which a voice is heard: volume and fade */
    uint32_t fade[LANES], fade_total[LANES]; /* frames left until it has faded out; FM_FOREVER: it does not */
    uint32_t age[LANES];                     /* frames since the note began */
    uint32_t lfo[LANES];                     /* 2^-32 cycles */
    uint32_t sounding, fresh;                /* bit l: voice l sounds; its values have to jump, not to glide */
    uint32_t audible;                        /* bit o: operator o gives something in this run */
    unsigned ran, left;                      /* frames of the run, over and to come */
    unsigned number;                         /* of the tone that gains were worked out from */
    bool is_stale;                           /* they are to be worked out anew */
};

/* All voices; voice v is lane v % LANES of group v / LANES. Large: part of a node's state. */
struct fm {
    struct fm_group group[FM_GROUPS];
    unsigned slot; /* of `fed`, that the route of the present uses */
};

#define FM_FOREVER UINT32_MAX

/* What a player does with a note: pitch in octaves from A4, vibrato in octaves, brightness in dB, volume as a factor. */
struct fm_hand {
    double pitch;
    float vibrato, bright_db, volume;
};

/* The route of the operators, and the one that fades out, or null. Both hear the same phases and amplitudes, so that a change
 * of algorithm costs the sines twice, and nothing else. */
struct fm_ways {
    const struct fm_route *now, *before;
};

/* Silent, at phase 0. */
DAWD_CTL void fm_init_rt(struct fm *fm);
/* Begins a note, velocity 0..1: phases at 0 where the voice is silent; else all goes on from where it is. */
DAWD_RT void fm_begin_rt(struct fm *fm, unsigned voice, const struct fm_tone *tone, float note, float velocity);
/* Lets it go: release. */
DAWD_RT void fm_release_rt(struct fm *fm, unsigned voice, const struct fm_tone *tone);
/* It fades out within so many frames; 0: it is silent from here on. */
DAWD_RT void fm_fade_rt(struct fm *fm, unsigned voice, const struct fm_tone *tone, uint32_t frames);
/* What is done with a voice, from the next cell on; where a note has just begun, at once. */
DAWD_RT void fm_hand_rt(struct fm *fm, unsigned voice, const struct fm_hand *hand);
/* Another route has taken over: what is fed back along the one before goes its own way. */
DAWD_RT void fm_turn_rt(struct fm *fm);
DAWD_RT bool fm_is_silent_rt(const struct fm *fm);
DAWD_RT bool fm_sounds_rt(const struct fm *fm, unsigned voice);
/* How loud a voice may be: the sum of the amplitudes of what is heard of it. */
DAWD_RT float fm_level_rt(const struct fm *fm, unsigned voice, const struct fm_route *route);

/* n frames that lie in one cell, which has cell_left frames to come. `before` is for the route that fades out. */
DAWD_RT void fm_run_rt(struct fm *fm, const struct fm_tone *tone, const struct fm_ways *ways, unsigned cell_left,
                       float *out, float *before, unsigned n);
