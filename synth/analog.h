/* The parts of the analog synthesiser: its parameters, a voice, and the lanes in which voices are filtered.
 *
 *     analog.c                 parameters, who plays, and the sides
 *     analog_voice_rt.c        notes, lfo, envelopes: what moves a voice         ──▶ lane: cutoff, gain
 *     analog_sources_rt.c      oscillators and noise                            ──▶ lane: x
 *     analog_filter_rt.c       the lanes of up to sixteen voices, side by side   ──▶ lane: x
 *     analog_presets_rt.c      ready sounds
 *
 * A voice is worked out along time, one after the other, run by run: between two events all of it is loops over frames that
 * the compiler vectorises. Only its filter has to wait for itself, frame by frame, and therefore goes beside those of others.
 * Whatever moves is taken frame by frame; what is a choice (waves, filters, transpositions) and what belongs to a beginning
 * (touch, place, delay) is taken when a note begins, and stays with it. Nothing depends on where blocks end: sums go by the
 * frame, and phases are counted whether they are heard or not.
 */
#pragma once

#include "graph/dsp/envelope.h"
#include "graph/dsp/lanes.h"
#include "graph/dsp/saturator.h"
#include "graph/dsp/svf.h"
#include "graph/dsp/voicing.h"
#include "graph/dsp/wave.h"
#include "graph/dsp/white.h"

/* Rows of the parameter table. */
enum {
    /* Who plays. */
    ANALOG_VOICES,
    ANALOG_MODE,
    ANALOG_PRIORITY,
    ANALOG_STEAL,
    ANALOG_UNISON,
    ANALOG_DETUNE, /* cents of the outermost in unison */
    ANALOG_SPREAD, /* between left and right */
    ANALOG_GLIDE,
    ANALOG_GLIDES,
    ANALOG_BEND,
    ANALOG_MPE,
    /* The sources. */
    ANALOG_WAVE1,
    ANALOG_COARSE1, /* semitones */
    ANALOG_FINE1,   /* cents */
    ANALOG_WIDTH1,
    ANALOG_LEVEL1,
    ANALOG_WAVE2,
    ANALOG_COARSE2,
    ANALOG_FINE2,
    ANALOG_WIDTH2,
    ANALOG_LEVEL2,
    ANALOG_RING,
    ANALOG_SUB,
    ANALOG_NOISE,
    /* The filter, and how many octaves what moves it is worth. */
    ANALOG_FILTER,
    ANALOG_SLOPE,
    ANALOG_CUTOFF,
    ANALOG_Q,
    ANALOG_DRIVE,
    ANALOG_KEY,    /* 1: octave for octave */
    ANALOG_ENV,    /* its envelope */
    ANALOG_BRIGHT, /* touch */
    ANALOG_PRESS,  /* pressure */
    ANALOG_TIMBRE, /* controller 74 */
    /* Its envelope, and that of the level: in the order in which the four stages come. */
    ANALOG_F_ATTACK,
    ANALOG_F_DECAY,
    ANALOG_F_SUSTAIN,
    ANALOG_F_RELEASE,
    ANALOG_ATTACK,
    ANALOG_DECAY,
    ANALOG_SUSTAIN,
    ANALOG_RELEASE,
    ANALOG_CURVE, /* of both */
    /* What sways, and how far. */
    ANALOG_LFO,
    ANALOG_RATE,
    ANALOG_DELAY,
    ANALOG_LFO_PITCH,
    ANALOG_LFO_WIDTH,
    ANALOG_LFO_CUTOFF,
    ANALOG_LFO_LEVEL,
    ANALOG_WHEEL, /* semitones of the lfo with the modulation wheel up */
    /* The end. */
    ANALOG_TOUCH,
    ANALOG_LEVEL,
    ANALOG_ROWS,
};

/* Choices, in the order of their names. */
enum { ANALOG_SAW, ANALOG_PULSE, ANALOG_TRIANGLE, ANALOG_SINE };
enum { ANALOG_LOWPASS, ANALOG_BANDPASS, ANALOG_HIGHPASS, ANALOG_NOTCH };
enum { ANALOG_LFO_SINE, ANALOG_LFO_TRIANGLE, ANALOG_LFO_SQUARE };

#define ANALOG_CELL    256u /* frames of the engine's time, at whose beginnings voices may change their ways unasked */
#define ANALOG_SOURCES 3    /* oscillators 1 and 2, and the one an octave below the first */

/* The parameters during a block: `frames` of every continuous one, made of `room` where the engine gave none. */
struct analog_block {
    const struct node_io *io;
    struct voicing *voicing;
    /* level as a factor */
    const float *frames[ANALOG_ROWS];
    /* what the two envelopes go by */
    struct envelope_by amp_by, filter_by;
    double rate_hz;
    unsigned voice; /* of a container */
};

/* Frames at .. at + n - 1 of the block. */
struct analog_run {
    const struct analog_block *block; /* borrowed for the call */
    unsigned at, n;
};

/* An oscillator of a voice. */
struct analog_source {
    /* 2^-64 cycles */
    uint64_t phase;
    /* of the frame before: 2^-32 cycles, and cycles per frame; 0: there was none */
    uint32_t width;
    float cycles;
    /* it goes by a steady wave */
    bool is_steady;
    unsigned wave;
    /* octaves */
    float coarse;
    /* of its sine */
    struct wave_row first;
};

/* What a note is while it sounds. All-zero but for its sources' phases, it is silent; it belongs to the slot of the same
 * index, and is made anew where that begins without going on from another note. */
struct analog_voice {
    struct analog_source source[ANALOG_SOURCES];
    struct envelope amp, filter;
    /* the second one for the steep slope only */
    struct svf svf[2];
    /* phase */
    uint64_t lfo;
    /* frames since the note began */
    uint32_t age;
    /* in which its lfo comes in */
    uint32_t delay_frames;
    /* noise of its own; its frames are counted by `age` */
    struct white white;
    /* by velocity and company; -1..1 between left and right */
    float gain, place;
    float velocity;
    /* of the filter */
    unsigned mode, slope;
    /* of DRIVE_TURN, how much of it is driven */
    unsigned driven;
    struct saturator saturator;
};

/* A voice on its way through the filter. */
struct analog_lane {
    _Alignas(64) float x[BLOCK_MAX];
    float cutoff_hz[BLOCK_MAX], gain[BLOCK_MAX];
};

/* The same of all lanes, frame by frame. */
struct analog_columns {
    _Alignas(64) float x[BLOCK_MAX][LANES];
    float cutoff_hz[BLOCK_MAX][LANES];
};

/* Whether the parameter is 0 in all of the block. */
DAWD_RT static inline bool analog_is_off(const struct analog_run *run, unsigned row)
{
    const struct param *param = &run->block->io->param[row];
    return param_is_constant(param) && param->value == 0;
}

/* A note begins, or ends, at the first frame of the run. */
DAWD_RT void analog_voice_start_rt(struct analog_voice *voice, const struct slot *slot, const struct analog_run *run);
DAWD_RT void analog_voice_stop_rt(struct analog_voice *voice, const struct analog_run *run);

/* Fills the lane with what goes into the filter, its cutoff, and the gain behind it. */
DAWD_RT void analog_voice_run_rt(struct analog_voice *voice, const struct voice *played, const struct analog_run *run,
                                 struct analog_lane *lane);

/* The oscillators and the noise, mixed. `vibrato` in octaves and `lfo` are null where nothing of the kind is heard. */
DAWD_RT void analog_sources_run_rt(struct analog_voice *voice, const struct voice *played, const struct analog_run *run,
                                   const float *vibrato, const float *lfo, float *out);

/* The SATURATOR_LATE frames of a voice that begins with the run, as if it had sounded before at what it begins with. */
DAWD_RT void analog_sources_past_rt(struct analog_voice *voice, const struct voice *played, const struct analog_run *run,
                                    const float *vibrato, const float *lfo, float *out);

/* Voices and their lanes through their filters, up to LANES at once; what is in `columns` does not matter. */
DAWD_RT void analog_filter_run_rt(struct analog_voice *const *voice, struct analog_lane *lane,
                                  struct analog_columns *columns, unsigned n_voices, const struct analog_run *run);
