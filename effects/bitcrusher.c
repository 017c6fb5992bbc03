/* Coarse sound of early converters: few steps of level, few samples in a second.
 *
 *      in --+--> [sample at the ticks of a slow clock] --> [round to steps] --> [hold, with band-limited edges] --+
 *           |                 ^ rate                         ^ bits, dither                                      (x mix)
 *           |                                                                                                     v
 *           +--> [as late] --------------------------------------------------------------------(x 1 - mix)------>(+)--> out
 *
 * A tick falls anywhere between two frames. The sample is taken there, by a windowed sinc, and the edge from one held value to the
 * next stands there, as a band-limited step (graph/dsp/blep.h). So the images of the slow clock are those of a real converter, at
 * its multiples plus and minus the sound and falling as its hold does, and what lies above half the rate of the engine does not
 * fold back on top of them. That is what a hold on the nearest frame would add: noise that follows neither sound nor clock.
 *
 * The sinc looks ahead by 15 frames, a step by 32.
 */
#include "graph/dsp/blep.h"
#include "graph/dsp/control.h"
#include "graph/dsp/fastmath.h"
#include "graph/dsp/finite.h"
#include "graph/dsp/sinc.h"
#include "graph/dsp/white.h"
#include "graph/node.h"
#include "graph/rt_only.h"

enum { BITS, RATE, DITHER, MIX };

#define RATE_OFF_HZ 48000.0f /* and from the rate of the engine on: every frame is a sample */

static const struct param_info params[] = {
    [BITS] = {"bits", "", "Steps of level: 2 to the power of this from -1 to 1; parts of a bit are heard too.", NULL, 1, 24,
              8, 0.02f},
    [RATE] = {"rate", "Hz", "Samples in a second; from 48 kHz, or the engine's own rate, on all of them.", NULL, 100,
              RATE_OFF_HZ, 12000, 0.05f, .curve = CURVE_LOG},
    [DITHER] = {"dither", "", "Noise before rounding: 1 turns all that rounding distorts into hiss. None in silence.", NULL,
                0, 1, 0, 0.02f},
    [MIX] = {"mix", "", "From the dry signal alone (0) to the crushed one alone (1).", NULL, 0, 1, 1, 0.02f},
};

static const struct port_info inputs[] = {{"in", "The signal.", 0}};
static const struct port_info outputs[] = {{"out", "The signal, crushed.", 0}};

#define AHEAD   (SINC_SIDE - 1)     /* frames that the newest one is ahead of the clock */
#define LATENCY (AHEAD + BLEP_SIDE) /* frames */
#define STRETCH 64                  /* frames that go at once */

/* What has been heard, and a stretch of new frames behind it. */
struct channel {
    float dry[LATENCY + STRETCH];
    float x[2 * SINC_SIDE + STRETCH];        /* what of it is sound */
    float naive[BLEP_SIDE + STRETCH];        /* held, with steps on the frames */
    float residual[2 * BLEP_SIDE + STRETCH]; /* what makes them band-limited, from BLEP_SIDE frames before the clock on */
    float held;
    struct white noise;
};

struct bitcrusher {
    struct channel channel[PORT_CHANNELS_MAX];
    uint64_t phase, step; /* of the clock, in 2^-64 ticks; per frame */
    double rate_hz, frame_s;
    float off_hz;      /* the rate from which on nothing is held */
    unsigned channels; /* of in and out */
};

static int bitcrusher_init(void *state, const struct node_init *init, struct error *error)
{
    struct bitcrusher *crusher = state;
    (void)error;
    crusher->channels = init->channels;
    crusher->rate_hz = init->rate_hz;
    crusher->frame_s = 1 / init->rate_hz;
    crusher->off_hz = init->rate_hz < (double)RATE_OFF_HZ ? (float)init->rate_hz : RATE_OFF_HZ;
    crusher->phase = UINT64_MAX; /* the first frame has a tick */
    for (unsigned c = 0; c < crusher->channels; c++)
        crusher->channel[c].noise = white_of_voice(c, init->voice);
    *init->latency_frames = LATENCY;
    return 0;
}

/* Frames and their controls. */
struct stretch {
    const struct node_io *io;
    unsigned from, n;                       /* frames of the block */
    float per_step[STRETCH], size[STRETCH]; /* of the steps of level: 1 / size, size */
    float dither[STRETCH];
    float share[STRETCH]; /* of what is held, in what is heard: 0 where nothing is */
};

static inline void follow(const struct bitcrusher *crusher, struct stretch *s)
{
    float room[STRETCH];
    const float *bits = control_stretch(&s->io->param[BITS], s->from, room, s->n);
    for (unsigned i = 0; i < s->n; i++) {
        s->per_step[i] = fast_exp2(bits[i] - 1);
        s->size[i] = fast_exp2(1 - bits[i]);
    }
    /* The last tenth of the range blends into the plain signal, which differs by half a frame. */
    const float *rate = control_stretch(&s->io->param[RATE], s->from, room, s->n);
    for (unsigned i = 0; i < s->n; i++) {
        float share = 10 - 10 / crusher->off_hz * rate[i];
        s->share[i] = share < 0 ? 0 : share > 1 ? 1 : share;
    }
    const float *dither = control_stretch(&s->io->param[DITHER], s->from, room, s->n);
    for (unsigned i = 0; i < s->n; i++)
        s->dither[i] = 0.5f * dither[i];
}

/* x on the nearest step, or as it is where steps are finer than what a double knows of it. Two even noises make one of
 * triangular distribution, two steps wide: rounding is then without distortion and of even power (S. P. Lipshitz, R. A. Wannamaker and
 * J. Vanderkooy, "Quantization and dither: a theoretical survey", JAES 40, 1992). */
static inline float rounded(float x, const struct stretch *s, unsigned i, const struct white *noise)
{
    const double whole = 0x1.8p52; /* at such a size doubles are the whole numbers */
    uint32_t frame = 2 * ((uint32_t)s->io->frame + s->from + i);
    float hiss = s->dither[i] * (white_at(noise, frame) + white_at(noise, frame + 1));
    double steps = (double)x * (double)s->per_step[i] + (double)(x == 0 ? 0 : hiss);
    float on_step = (float)(((steps + whole) - whole) * (double)s->size[i]);
    return fabs(steps) < 0x1p50 ? on_step : x;
}

/* ---- the clock ------------------------------------------------------------------------------------------------------- */

/* A tick, `after` frames before frame i of the stretch, 0..1. */
struct tick {
    unsigned i;
    float after;
};

/* The ticks of a stretch; one in a frame at most, since the clock is slower than the engine. */
static inline unsigned find_ticks(struct bitcrusher *crusher, const struct stretch *s, struct tick *ticks)
{
    unsigned n = 0;
    const struct param *rate = &s->io->param[RATE];
    for (unsigned i = 0; i < s->n; i++) {
        if (s->share[i] == 0) {
            crusher->step = 0; /* it stands, in sleep too */
            continue;
        }
        if (!i || !param_is_constant(rate))
            crusher->step = (uint64_t)((double)param_at(rate, s->from + i) * crusher->frame_s * 0x1p64);
        crusher->phase += crusher->step;
        if (crusher->phase < crusher->step)
            ticks[n++] = (struct tick){i, (float)((double)crusher->phase / (double)crusher->step)};
    }
    return n;
}

/* The residual of a step of 1 at a tick, for 2 x BLEP_SIDE frames around it. */
static inline void residual_set(float *residual, float after)
{
    for (int side = 0; side < 2; side++) {
        float t = (side ? after : 1 - after) * BLEP_SEGMENTS, sign = side ? 1 : -1;
        unsigned segment = (unsigned)t < BLEP_SEGMENTS ? (unsigned)t : BLEP_SEGMENTS - 1;
        float u = t - (float)(int)segment;
        const float(*c)[BLEP_SIDE] = blep_step[segment];
        for (int j = 0; j < BLEP_SIDE; j++)
            residual[side ? BLEP_SIDE + j : BLEP_SIDE - 1 - j] =
                sign * (c[0][j] + u * (c[1][j] + u * (c[2][j] + u * c[3][j])));
    }
}

/* Takes a sample, and goes over to it. */
static inline void sample(struct channel *channel, const struct stretch *s, const struct tick *tick, const float *weights,
                          const float *residual)
{
    float x = sinc_dot(weights, channel->x + tick->i, 2 * SINC_SIDE);
    float next = rounded(fabsf(x) < SLEEP_LEVEL ? 0 : x, s, tick->i, &channel->noise);
    float height = s->share[tick->i] * (next - channel->held), *to = channel->residual + tick->i;
    channel->held = next;
    for (unsigned j = 0; j < 2 * BLEP_SIDE; j++)
        to[j] += height * residual[j];
}

/* Where nothing is held, nothing is kept for later. */
static inline void hold_until(struct bitcrusher *crusher, const struct stretch *s, unsigned from, unsigned to)
{
    for (unsigned c = 0; c < crusher->channels; c++) {
        struct channel *channel = &crusher->channel[c];
        for (unsigned i = from; i < to; i++) {
            channel->held = s->share[i] == 0 ? 0 : channel->held;
            channel->naive[BLEP_SIDE + i] = channel->held;
        }
    }
}

static inline void sample_and_hold(struct bitcrusher *crusher, const struct stretch *s)
{
    struct tick ticks[STRETCH];
    float weights[SINC_TAPS_MAX], residual[2 * BLEP_SIDE];
    unsigned n = find_ticks(crusher, s, ticks), from = 0;
    for (unsigned k = 0; k < n; from = ticks[k++].i) {
        /* 2^-32 of a frame is less than a float knows of a whole one. */
        double past = (1 - (double)ticks[k].after) * 0x1p32;
        hold_until(crusher, s, from, ticks[k].i);
        sinc_weights(weights, past < 0x1p32 ? (uint32_t)past : UINT32_MAX, 1);
        residual_set(residual, ticks[k].after);
        for (unsigned c = 0; c < crusher->channels; c++)
            sample(&crusher->channel[c], s, &ticks[k], weights, residual);
    }
    hold_until(crusher, s, from, s->n);
}

/* ---- a stretch ------------------------------------------------------------------------------------------------------- */

static inline void listen(struct bitcrusher *crusher, const struct stretch *s)
{
    for (unsigned c = 0; c < crusher->channels; c++) {
        struct channel *channel = &crusher->channel[c];
        const float *in = s->io->in[c] + s->from;
        memcpy(channel->dry + LATENCY, in, s->n * sizeof *in);
        for (unsigned i = 0; i < s->n; i++)
            channel->x[2 * SINC_SIDE - 1 + i] = sound_or_zero(in[i]);
        memset(channel->residual + 2 * BLEP_SIDE, 0, s->n * sizeof *channel->residual);
    }
}

/* Where not all is held, every frame is rounded. */
static inline void blend_plain(struct channel *channel, const struct stretch *s)
{
    float *naive = channel->naive + BLEP_SIDE;
    const float *x = channel->x + 2 * SINC_SIDE - 1 - AHEAD;
    for (unsigned i = 0; i < s->n; i++) {
        float plain = rounded(x[i], s, i, &channel->noise);
        naive[i] = s->share[i] == 0 ? plain : naive[i] + (1 - s->share[i]) * (plain - naive[i]);
    }
}

static inline void mix_out(struct channel *channel, const struct stretch *s, float *out)
{
    float room[STRETCH];
    const float *mix = control_stretch(&s->io->param[MIX], s->from, room, s->n);
    for (unsigned i = 0; i < s->n; i++)
        out[i] = (1 - mix[i]) * channel->dry[i] + mix[i] * (channel->naive[i] + channel->residual[i]);
    memmove(channel->dry, channel->dry + s->n, LATENCY * sizeof(float));
    memmove(channel->x, channel->x + s->n, (2 * SINC_SIDE - 1) * sizeof(float));
    memmove(channel->naive, channel->naive + s->n, BLEP_SIDE * sizeof(float));
    memmove(channel->residual, channel->residual + s->n, 2 * BLEP_SIDE * sizeof(float));
}

DAWD_CLONES static void bitcrusher_process(void *state, const struct node_io *io)
{
    struct bitcrusher *crusher = state;
    struct stretch s;
    s.io = io;
    for (s.from = 0; s.from < io->n; s.from += s.n) {
        s.n = io->n - s.from < STRETCH ? io->n - s.from : STRETCH;
        float least = 1;
        listen(crusher, &s);
        follow(crusher, &s);
        sample_and_hold(crusher, &s);
        for (unsigned i = 0; i < s.n; i++)
            least = s.share[i] < least ? s.share[i] : least;
        for (unsigned c = 0; c < crusher->channels; c++) {
            if (least < 1)
                blend_plain(&crusher->channel[c], &s);
            mix_out(&crusher->channel[c], &s, io->out[c] + s.from);
        }
    }
}

/* ---- sleep ----------------------------------------------------------------------------------------------------------- */

static bool bitcrusher_settled(void *state, unsigned n, uint64_t quiet)
{
    const struct bitcrusher *crusher = state;
    (void)n;
    for (unsigned c = 0; c < crusher->channels; c++)
        if (crusher->channel[c].held != 0 || !all_zero(crusher->channel[c].residual, 2 * BLEP_SIDE))
            return false;
    return quiet > LATENCY;
}

static void bitcrusher_rest(void *state)
{
    struct bitcrusher *crusher = state;
    for (unsigned c = 0; c < crusher->channels; c++)
        crusher->channel[c] = (struct channel){.noise = crusher->channel[c].noise};
}

/* The clock goes on. */
static void bitcrusher_skip(void *state, uint64_t frames)
{
    struct bitcrusher *crusher = state;
    crusher->phase += crusher->step * frames;
}

const struct node_class bitcrusher_node = {
    .name = "bitcrusher",
    .help = "Coarse like an early converter: few bits, few samples.",
    .params = params,
    .n_params = ROWS(params),
    .inputs = inputs,
    .n_inputs = ROWS(inputs),
    .outputs = outputs,
    .n_outputs = ROWS(outputs),
    .channels = 2,
    .channels_max = PORT_CHANNELS_MAX,
    .sleeps = {.can = true, .settled = bitcrusher_settled, .rest = bitcrusher_rest, .skip = bitcrusher_skip},
    .finite = true,
    .warm_frames = LATENCY + 2 * BLEP_SIDE,
    .state_bytes = sizeof(struct bitcrusher),
    .init = bitcrusher_init,
    .process = bitcrusher_process,
};
