/* Noise in colours.
 *
 *     seed, channel, frame -> hash -> white -+-> poles and zeros -> level -> out, of its own on every channel
 *                                            +---- white -----------^
 *
 * White has the same power in every Hz. Against that, pink falls by 3 dB per octave, brown by 6, and blue rises by 3. The
 * level is the rms, whatever the colour: white noise peaks 4.8 dB above it, the others now and then 12.
 */
#include "graph/node.h"

#include "graph/dsp/control.h"
#include "graph/dsp/decibel.h"
#include "graph/dsp/poles.h"
#include "graph/dsp/turn.h"
#include "graph/dsp/vector.h"
#include "graph/dsp/white.h"
#include "graph/rt_only.h"

#define SEED_MAX 16777215 /* what a float can count to */
#define BROWN_HZ 4.0      /* below, brown is flat: 0.17 dB too little at 20 Hz */

enum { COLOUR, LEVEL, SEED };
enum { WHITE, PINK, BROWN, BLUE, N_COLOURS };

static const char *const colours[] = {"white", "pink", "brown", "blue", NULL};

static const struct param_info params[] = {
    [COLOUR] = {"colour", "", "How the power is spread: per octave white rises by 3 dB, pink is even, brown falls by 3.",
                colours, WHITE, BLUE, WHITE, .kind = PARAM_CHOICE},
    [LEVEL] = {"level", "dB", "Root mean square of the noise; -120 is silence.", NULL, DECIBEL_OFF, 0, -20, 0.02f},
    [SEED] = {"seed", "", "Which noise of many: the same seed makes the same samples.", NULL, 0, SEED_MAX, 1,
              .kind = PARAM_INTEGER, .flags = PARAM_FIXED},
};

static const struct port_info outputs[] = {{"out", "The noise, of its own on every channel.", 0}};

/* Fitted to f^-1/2 (least squares in dB, poles and zeros free) from 0.00009 to 0.458 of the rate, so that it serves all
 * rates: within 0.03 dB. Blue is the inverse. */
static const double pink_poles[] = {0.999604575, 0.998118318, 0.993379449, 0.977365177,
                                    0.924238519, 0.761424292, 0.366234446, -0.359198079};
static const double pink_zeros[] = {0.999050164, 0.996445152, 0.987736175,  0.958422195,
                                    0.863895547, 0.598521937, 0.0946037341, -0.424715925};
/* The rest of an integrator's way to 1 / f, likewise: within 0.01 dB. */
static const double brown_poles[] = {-0.545025993, -0.0641851563};
static const double brown_zeros[] = {-0.187250701, -0.598423798};

struct noise {
    struct poles poles[N_COLOURS];      /* of white unused */
    FLOAT8 state[2][PORT_CHANNELS_MAX]; /* of the colour that is heard, and of the one that goes out */
    struct white white[PORT_CHANNELS_MAX];
    struct turn colour;
    uint32_t frame;
    unsigned channels;
};

static int noise_init(void *state, const struct node_init *init, struct error *error)
{
    struct noise *noise = state;
    double leak = exp(-2 * M_PI * BROWN_HZ / init->rate_hz);
    (void)error;
    noise->channels = init->channels;
    noise->colour = turn_at(init->param[COLOUR], init->rate_hz);
    for (unsigned c = 0; c < init->channels; c++)
        noise->white[c] = white_of_voice((uint64_t)init->param[SEED] * PORT_CHANNELS_MAX + c, init->voice);
    poles_init(&noise->poles[PINK], pink_poles, pink_zeros, ROWS(pink_poles));
    poles_init(&noise->poles[BLUE], pink_zeros, pink_poles, ROWS(pink_poles));
    poles_init(&noise->poles[BROWN], (double[]){leak, brown_poles[0], brown_poles[1]},
               (double[]){0, brown_zeros[0], brown_zeros[1]}, 3);
    return 0;
}

DAWD_CLONES static void filter_run(const struct poles *poles, FLOAT8 *state, float *x, unsigned n)
{
    poles_run(poles, state, x, x, n);
}

/* n frames of one colour, made of white, with an rms of 1. */
static void colour_run(struct noise *noise, unsigned channel, unsigned colour, FLOAT8 *state, float *out, unsigned n)
{
    white_fill(out, &noise->white[channel], noise->frame, 1.73205081f, n); /* sqrt(3), for an rms of 1 */
    if (colour != WHITE)
        filter_run(&noise->poles[colour], state, out, n);
}

/* What a filter holds that comes in anew is of long ago, or of another colour. */
static unsigned next_run(struct noise *noise, const struct param *colour, unsigned from, unsigned n)
{
    unsigned before = noise->colour.now, run = turn_next(&noise->colour, colour, from, n);
    if (noise->colour.now != before) {
        memcpy(noise->state[1], noise->state[0], sizeof noise->state[0]);
        memset(noise->state[0], 0, sizeof noise->state[0]);
    }
    return run;
}

static void colours_run(struct noise *noise, float *const *out, unsigned from, unsigned n)
{
    struct turn *colour = &noise->colour;
    float before[BLOCK_MAX];
    for (unsigned c = 0; c < noise->channels; c++) {
        colour_run(noise, c, colour->now, &noise->state[0][c], out[c] + from, n);
        if (!colour->left)
            continue;
        colour_run(noise, c, colour->before, &noise->state[1][c], before, n);
        turn_mix(colour, out[c] + from, before, n);
    }
    if (colour->left)
        turn_advance(colour, n);
    noise->frame += n;
}

DAWD_CLONES static void level(float *out, const float *gain, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        out[i] *= gain[i];
}

DAWD_CLONES static void gains(float *gain, const struct param *db, unsigned n)
{
    float room[BLOCK_MAX];
    const float *frames = control_frames(db, room, n);
    float constant = decibel_level(db->value);
    bool rests = param_is_constant(db);
    for (unsigned i = 0; i < n; i++)
        gain[i] = rests ? constant : decibel_level(frames[i]);
}

static void noise_process(void *state, const struct node_io *io)
{
    struct noise *noise = state;
    float gain[BLOCK_MAX];
    for (unsigned i = 0, run; i < io->n; i += run) {
        run = next_run(noise, &io->param[COLOUR], i, io->n);
        colours_run(noise, io->out, i, run);
    }
    gains(gain, &io->param[LEVEL], io->n);
    for (unsigned c = 0; c < noise->channels; c++)
        level(io->out[c], gain, io->n);
}

/* What a filter held is long past. */
static void noise_clear(void *state)
{
    struct noise *noise = state;
    memset(noise->state, 0, sizeof noise->state);
}

static void noise_skip(void *state, uint64_t frames)
{
    struct noise *noise = state;
    noise->frame += (uint32_t)frames;
}

const struct node_class noise_node = {
    .name = "noise",
    .help = "Noise in four colours, the same at every start.",
    .params = params,
    .outputs = outputs,
    .n_params = ROWS(params),
    .n_outputs = ROWS(outputs),
    .channels = 1,
    .channels_max = PORT_CHANNELS_MAX,
    .sleeps = {.clear = noise_clear, .skip = noise_skip},
    .finite = true,
    .state_bytes = sizeof(struct noise),
    .init = noise_init,
    .process = noise_process,
};
