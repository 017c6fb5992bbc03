/* Bends what is loud, at a multiple of the rate, so that the partials it makes do not fold back.
 *
 *      in --+--> [up] --(x drive)--(+ bias)--> [shape] --(- shape of the bias)--(x makeup)--> [down]
 *           |                                                                                   |
 *           |                        +--(x mix)--(x output)-- [tone] <-- [3 Hz low cut] <-------+
 *           |                        v
 *           +--> [as late] -------->(+)--> out
 *                       (x 1 - mix)
 *
 * Drive, bias and the makeup for them work where the shape does, at the high rate, straight from frame to frame: what modulates
 * them has no images to fold. Silence comes out as silence whatever the bias is, for the shape of the bias alone is taken off. An uneven
 * shape still moves the mean of what it bends, hence the low cut. Curves and filters: graph/dsp/shaper.h, oversample.h.
 */
#include "graph/dsp/control.h"
#include "graph/dsp/cut.h"
#include "graph/dsp/decibel.h"
#include "graph/dsp/finite.h"
#include "graph/dsp/oversample.h"
#include "graph/dsp/shaper.h"
#include "graph/dsp/turn.h"
#include "graph/node.h"
#include "graph/rt_only.h"

enum { SHAPE, DRIVE, BIAS, TONE, OUTPUT, MIX, OVERSAMPLE };

static const char *const shapes[] = {"tanh", "tube", "hard", "fold", NULL};
static const char *const factors[] = {"x1", "x2", "x4", "x8", NULL};

static const struct param_info params[] = {
    [SHAPE] = {"shape", "", "How it bends: softly, like a triode (even partials too), at an edge, or back on itself.",
               shapes, 0, SHAPER_FOLD, SHAPER_TANH, .kind = PARAM_CHOICE},
    [DRIVE] = {"drive", "dB", "How far into the bend; a signal of -18 dB keeps its level on the way.", NULL, 0, 48, 12,
               0.02f},
    [BIAS] = {"bias", "",
              "Leans the signal to one side of the bend, for even partials; 1 is where tanh bends and hard cuts.", NULL, -1,
              1, 0, 0.02f},
    [TONE] = {"tone", "Hz", "Softens what lies above, by 6 dB per octave; 20 kHz softens nothing.", NULL, 200,
              HIGH_CUT_OFF_HZ, HIGH_CUT_OFF_HZ, 0.05f, .curve = CURVE_LOG},
    [OUTPUT] = {"output", "dB", "Level of what has been bent, before the mix.", NULL, -24, 24, 0, 0.02f},
    [MIX] = {"mix", "", "From the dry signal alone (0) to the bent one alone (1).", NULL, 0, 1, 1, 0.02f},
    [OVERSAMPLE] = {"oversample", "", "How many times the rate it bends at: more is cleaner, later and dearer.", factors, 0,
                    OVERSAMPLE_STAGES, 2, .kind = PARAM_CHOICE, .flags = PARAM_REBUILD},
};

static const struct port_info inputs[] = {{"in", "The signal.", 0}};
static const struct port_info outputs[] = {{"out", "The signal, bent.", 0}};

#define LOW_CUT_HZ   3  /* far enough below what is heard to turn no phase there */
#define LATENCY_MOST 87 /* frames, of oversample_latency_frames */

struct channel {
    struct oversample line;
    float past[SHAPER_PAST];                      /* driven, at the high rate */
    float dry[LATENCY_MOST + OVERSAMPLE_STRETCH]; /* what is still to come out, and the stretch behind it */
};

struct distortion {
    struct channel channel[PORT_CHANNELS_MAX];
    struct turn shape;
    struct cut low, high;
    struct cut_poles lows, highs;
    float bias_past[SHAPER_PAST]; /* at the high rate */
    float gain_past;              /* of the drive */
    bool heard;                   /* false: the controls have no past yet */
    unsigned channels;            /* of in and out */
    unsigned stages;              /* of oversampling */
    unsigned latency_frames;
    double rate_hz;
    float wet[PORT_CHANNELS_MAX][DELAY_STRETCH_MAX];
};

static int distortion_init(void *state, const struct node_init *init, struct error *error)
{
    struct distortion *distortion = state;
    (void)error;
    distortion->channels = init->channels;
    distortion->rate_hz = init->rate_hz;
    distortion->stages = (unsigned)init->param[OVERSAMPLE];
    distortion->shape = turn_at(init->param[SHAPE], init->rate_hz);
    distortion->latency_frames = oversample_latency_frames(distortion->stages);
    *init->latency_frames = distortion->latency_frames;
    for (unsigned i = 0; i < DELAY_STRETCH_MAX; i++) {
        distortion->low.gain[i] = onepole_gain(LOW_CUT_HZ / init->rate_hz);
        distortion->low.share[i] = 1;
    }
    return 0;
}

/* ---- controls at the high rate --------------------------------------------------------------------------------------- */

/* Frames that are bent by the same shape, or by the same two. */
struct stretch {
    const struct node_io *io;
    unsigned from, n; /* frames of the block */
    unsigned n_high;
    float drive[OVERSAMPLE_FRAMES];
    float bias[SHAPER_PAST + OVERSAMPLE_FRAMES]; /* with its past before it */
    float makeup[2][OVERSAMPLE_FRAMES];          /* of the shape that is, and of the one that goes out */
    float offset[2][OVERSAMPLE_FRAMES];          /* what they make of the bias alone */
};

/* From the value before to each frame's own, which is reached on its last step. */
static inline void climb(float *to, const float *values, float before, unsigned stages, unsigned n)
{
    unsigned factor = 1u << stages;
    float step = 1 / (float)(int)factor;
    for (unsigned i = 0; i < n; i++) {
        for (unsigned k = 0; k < factor; k++)
            to[(i << stages) + k] = values[i] + (before - values[i]) * (1 - step * (float)(int)(k + 1));
        before = values[i];
    }
}

/* The gain of the drive, and what takes it back for each shape that is heard. */
static inline void follow_drive(struct distortion *distortion, struct stretch *s)
{
    float gain[OVERSAMPLE_STRETCH], back[OVERSAMPLE_STRETCH];
    const unsigned shapes_heard[] = {distortion->shape.now, distortion->shape.before};
    const float *db = control_stretch(&s->io->param[DRIVE], s->from, gain, s->n);
    for (unsigned i = 0; i < s->n; i++)
        gain[i] = decibel_gain(db[i]);
    float before = distortion->heard ? distortion->gain_past : gain[0];
    climb(s->drive, gain, before, distortion->stages, s->n);
    for (unsigned k = 0; k < 1 + (distortion->shape.left > 0); k++) {
        for (unsigned i = 0; i < s->n; i++)
            back[i] = shaper_makeup(shapes_heard[k], gain[i]);
        climb(s->makeup[k], back, shaper_makeup(shapes_heard[k], before), distortion->stages, s->n);
    }
    distortion->gain_past = gain[s->n - 1];
}

/* The bias, and what the shapes make of it. */
static inline void follow_bias(struct distortion *distortion, struct stretch *s)
{
    float room[OVERSAMPLE_STRETCH], *past = distortion->bias_past;
    const unsigned shapes_heard[] = {distortion->shape.now, distortion->shape.before};
    const struct param *bias = &s->io->param[BIAS];
    const float *values = control_stretch(bias, s->from, room, s->n);
    if (!distortion->heard)
        past[0] = past[1] = values[0];
    bool rests = control_rests_at(bias, past[0]) && past[0] == past[1];
    memcpy(s->bias, past, sizeof distortion->bias_past);
    climb(s->bias + SHAPER_PAST, values, past[1], distortion->stages, s->n);
    for (unsigned k = 0; k < 1 + (distortion->shape.left > 0); k++) {
        shaper_run(shapes_heard[k], s->bias + SHAPER_PAST, s->offset[k], rests ? 1 : s->n_high);
        for (unsigned i = 1; rests && i < s->n_high; i++)
            s->offset[k][i] = s->offset[k][0];
    }
    memcpy(past, s->bias + s->n_high, sizeof distortion->bias_past);
}

/* ---- one channel ----------------------------------------------------------------------------------------------------- */

/* What option k makes of the driven and biased u. */
static inline void bend(const struct stretch *s, unsigned k, unsigned shape, const float *u, float *y)
{
    shaper_run(shape, u, y, s->n_high);
    for (unsigned i = 0; i < s->n_high; i++)
        y[i] = (y[i] - s->offset[k][i]) * s->makeup[k][i];
}

/* As turn_mix, at the high rate. */
static inline void cross(const struct turn *turn, unsigned stages, float *y, const float *before, unsigned n)
{
    float scale = 1 / (float)turn->all_frames, step = 1 / (float)(1 << stages);
    for (unsigned i = 0; i < n; i++) {
        float share = scale * ((float)(int)turn->left - step * (float)(int)(i + 1));
        y[i] += share * (before[i] - y[i]);
    }
}

static inline void bend_channel(struct distortion *distortion, const struct stretch *s, unsigned c)
{
    struct channel *channel = &distortion->channel[c];
    float x[OVERSAMPLE_STRETCH], u[SHAPER_PAST + OVERSAMPLE_FRAMES], y[OVERSAMPLE_FRAMES], before[OVERSAMPLE_FRAMES];
    const float *in = s->io->in[c] + s->from;
    for (unsigned i = 0; i < s->n; i++)
        x[i] = sound_or_zero(in[i]);
    memcpy(channel->dry + distortion->latency_frames, in, s->n * sizeof *in);
    oversample_up(&channel->line, distortion->stages, x, y, s->n);
    memcpy(u, channel->past, sizeof channel->past);
    for (unsigned i = 0; i < s->n_high; i++)
        u[SHAPER_PAST + i] = y[i] * s->drive[i];
    memcpy(channel->past, u + s->n_high, sizeof channel->past);
    for (unsigned i = 0; i < SHAPER_PAST + s->n_high; i++) {
        float biased = u[i] + s->bias[i];
        u[i] = biased < -SHAPER_MOST ? -SHAPER_MOST : biased > SHAPER_MOST ? SHAPER_MOST : biased;
    }
    bend(s, 0, distortion->shape.now, u + SHAPER_PAST, y);
    if (distortion->shape.left) {
        bend(s, 1, distortion->shape.before, u + SHAPER_PAST, before);
        cross(&distortion->shape, distortion->stages, y, before, s->n_high);
    }
    oversample_down(&channel->line, distortion->stages, y, distortion->wet[c], s->n);
}

/* ---- at the rate of the engine --------------------------------------------------------------------------------------- */

/* The tone within the octave at the end of its range goes over to nothing at all. Its pole always hears what there is, so that
 * a jump from there has no beginning. */
static inline void follow_tone(struct distortion *distortion, const struct stretch *s)
{
    float room[OVERSAMPLE_STRETCH];
    struct cut *high = &distortion->high;
    const struct param *tone = &s->io->param[TONE];
    const float *hz = control_stretch(tone, s->from, room, s->n);
    bool rests = param_is_constant(tone);
    cut_follow(high, hz, distortion->rate_hz, 2, -2 / HIGH_CUT_OFF_HZ, rests ? 1 : s->n);
    for (unsigned i = 1; rests && i < s->n; i++) {
        high->gain[i] = high->gain[0];
        high->share[i] = high->share[0];
    }
}

static inline void soften(struct distortion *distortion, const struct stretch *s)
{
    follow_tone(distortion, s);
    for (unsigned c = 0; c < distortion->channels; c += 2)
        cut_two(&distortion->low, &distortion->lows, &distortion->high, &distortion->highs, distortion->wet, c,
                c + 1 < distortion->channels ? c + 1 : c, s->n);
}

static inline void mix_out(struct distortion *distortion, const struct stretch *s)
{
    float room[OVERSAMPLE_STRETCH], level[OVERSAMPLE_STRETCH];
    const float *db = control_stretch(&s->io->param[OUTPUT], s->from, level, s->n);
    const float *mix = control_stretch(&s->io->param[MIX], s->from, room, s->n);
    for (unsigned i = 0; i < s->n; i++)
        level[i] = mix[i] * decibel_gain(db[i]);
    for (unsigned c = 0; c < distortion->channels; c++) {
        const float *wet = distortion->wet[c];
        float *dry = distortion->channel[c].dry, *out = s->io->out[c] + s->from;
        for (unsigned i = 0; i < s->n; i++)
            out[i] = (1 - mix[i]) * dry[i] + level[i] * wet[i];
        memmove(dry, dry + s->n, distortion->latency_frames * sizeof *dry);
    }
}

DAWD_CLONES static void distortion_process(void *state, const struct node_io *io)
{
    struct distortion *distortion = state;
    struct stretch s;
    s.io = io;
    for (s.from = 0; s.from < io->n; s.from += s.n) {
        s.n = turn_next(&distortion->shape, &io->param[SHAPE], s.from, io->n);
        s.n = s.n < OVERSAMPLE_STRETCH ? s.n : OVERSAMPLE_STRETCH;
        s.n_high = s.n << distortion->stages;
        follow_drive(distortion, &s);
        follow_bias(distortion, &s);
        distortion->heard = true;
        for (unsigned c = 0; c < distortion->channels; c++)
            bend_channel(distortion, &s, c);
        if (distortion->shape.left)
            turn_advance(&distortion->shape, s.n);
        soften(distortion, &s);
        mix_out(distortion, &s);
    }
}

/* ---- sleep ----------------------------------------------------------------------------------------------------------- */

static bool pole_is_quiet(const struct onepole *pole)
{
    return fabs(pole->s) < (double)SLEEP_LEVEL;
}

static bool distortion_settled(void *state, unsigned n, uint64_t quiet)
{
    const struct distortion *distortion = state;
    (void)n;
    for (unsigned c = 0; c < distortion->channels; c++)
        if (!pole_is_quiet(&distortion->lows.channel[c]) || !pole_is_quiet(&distortion->highs.channel[c]))
            return false;
    return quiet > OVERSAMPLE_MEMORY + LATENCY_MOST;
}

static void distortion_rest(void *state)
{
    struct distortion *distortion = state;
    memset(distortion->channel, 0, distortion->channels * sizeof distortion->channel[0]);
    distortion->lows = distortion->highs = (struct cut_poles){0};
    distortion->shape.left = 0;
    distortion->heard = false;
}

const struct node_class distortion_node = {
    .name = "distortion",
    .help = "Bends what is loud into new partials, without aliases and at an even level.",
    .params = params,
    .n_params = ROWS(params),
    .inputs = inputs,
    .n_inputs = ROWS(inputs),
    .outputs = outputs,
    .n_outputs = ROWS(outputs),
    .channels = 2,
    .channels_max = PORT_CHANNELS_MAX,
    .sleeps = {.can = true, .settled = distortion_settled, .rest = distortion_rest},
    .finite = true,
    .warm_frames = OVERSAMPLE_MEMORY + LATENCY_MOST,
    .state_bytes = sizeof(struct distortion),
    .init = distortion_init,
    .process = distortion_process,
};
