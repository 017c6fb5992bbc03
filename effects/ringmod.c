/* One signal times another: of two tones remain their sum and their difference.
 *
 *      in ------+------------------[late]------------------------(x 1 - mix)--(+)--> out
 *               +--[x 2]--(x)--[/ 2]----------------------------------(x mix)--+
 *      carrier --+-[x 2]---^
 *      freq -> sine -'  where no cable brings a carrier
 *
 * Whether a cable is there is a choice as any other: the sine comes and goes with a crossfade.
 *
 * The product of what goes up to f1 and what goes up to f2 goes up to f1 + f2, and folds back where that is beyond half the rate.
 * At x2 both are brought to twice the rate first, where half the rate is never reached. At x1 a fold of f1 + f2 comes out at rate
 * - f1 - f2: with a carrier of up to 8 kHz at 48 kHz, above 20 kHz whatever of the signal one can hear, and no latency is needed.
 */
#include "graph/delay_ring_rt.h"
#include "graph/dsp/control.h"
#include "graph/dsp/finite.h"
#include "graph/dsp/oversample.h"
#include "graph/dsp/sine.h"
#include "graph/dsp/sway.h"
#include "graph/dsp/turn.h"
#include "graph/node.h"
#include "graph/rt_only.h"

enum { FREQ, MIX, OVERSAMPLE };

static const char *const factors[] = {"x1", "x2", NULL};

static const struct param_info params[] = {
    [FREQ] = {"freq", "Hz", "The pitch of the sine that the signal is multiplied by, where no carrier is connected.", NULL,
              0.1f, 20000, 200, 0.02f, .curve = CURVE_LOG},
    [MIX] = {"mix", "", "From the signal alone (0) to the product alone (1).", NULL, 0, 1, 1, 0.02f},
    [OVERSAMPLE] =
        {"oversample", "",
         "x2 multiplies at twice the rate, later, so that nothing folds: for carriers above 8 kHz, or rich ones.", factors,
         0, 1, 0, .kind = PARAM_CHOICE, .flags = PARAM_REBUILD},
};

static const struct port_info inputs[] = {
    {"in", "The signal.", 0},
    {"carrier", "What it is multiplied by; the sine of freq where nothing is connected.", 0},
};
static const struct port_info outputs[] = {{"out", "Sums and differences.", 0}};

/* One channel on its way through the doubled rate. */
struct doubled {
    struct oversample signal, carrier;
    float last; /* product: the way there and back wants one frame of the high rate */
};

struct ringmod {
    struct sway sway;
    struct turn wired;       /* 1: the carrier is what a cable brings */
    bool has_run;            /* whether it knows of cables */
    unsigned channels;       /* of in, carrier and out, each */
    unsigned stages;         /* of oversampling */
    struct delay_ring dry;   /* as late as the product */
    struct doubled *doubled; /* per channel; null at x1 */
};

static int ringmod_init(void *state, const struct node_init *init, struct error *error)
{
    struct ringmod *ringmod = state;
    (void)error;
    ringmod->sway = sway_at(init->rate_hz);
    ringmod->wired = turn_at(0, init->rate_hz);
    ringmod->channels = init->channels;
    ringmod->stages = (unsigned)init->param[OVERSAMPLE];
    if (!ringmod->stages)
        return 0;
    *init->latency_frames = oversample_latency_frames(ringmod->stages);
    ringmod->doubled = arena_take_array(init->arena, init->channels, sizeof *ringmod->doubled);
    if (!ringmod->doubled || delay_ring_init(&ringmod->dry, init->arena, init->channels, *init->latency_frames))
        return ERROR_INTERNAL;
    return 0;
}

/* The carrier of channel c in n frames from `from` on: the sine, the cable's, or something of both. */
static inline void carrier_take(struct turn wired, const struct node_io *io, unsigned channels, unsigned c, unsigned from,
                                const float *sine, float *carrier, unsigned n)
{
    const float *cable = io->in[channels + c] + from;
    memcpy(carrier, wired.now ? cable : sine, n * sizeof *carrier);
    if (wired.left)
        turn_mix(&wired, carrier, wired.before ? cable : sine, n);
}

static inline void multiply(const float *x, const float *y, float *product, unsigned n)
{
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < n; i++)
        product[i] = sound_or_zero(x[i] * y[i]);
}

static inline void multiply_doubled(struct doubled *doubled, const float *in, const float *carrier, float *product,
                                    unsigned n)
{
    float x[OVERSAMPLE_STRETCH], y[OVERSAMPLE_STRETCH], high_x[2 * OVERSAMPLE_STRETCH], high_y[2 * OVERSAMPLE_STRETCH],
        high[2 * OVERSAMPLE_STRETCH + 1];
    for (unsigned i = 0; i < n; i++) {
        x[i] = sound_or_zero(in[i]);
        y[i] = sound_or_zero(carrier[i]);
    }
    oversample_up(&doubled->signal, 1, x, high_x, n);
    oversample_up(&doubled->carrier, 1, y, high_y, n);
    high[0] = doubled->last;
    multiply(high_x, high_y, high + 1, 2 * n);
    doubled->last = high[2 * n];
    oversample_down(&doubled->signal, 1, high, product, n);
}

static inline void mix_out(const struct node_io *io, unsigned c, unsigned from, const float *dry, const float *product,
                           unsigned n)
{
    float room[OVERSAMPLE_STRETCH], *out = io->out[c] + from;
    const float *mix = control_stretch(&io->param[MIX], from, room, n);
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < n; i++)
        out[i] = (1 - mix[i]) * dry[i] + mix[i] * product[i];
}

DAWD_CLONES static void stretch_run(struct ringmod *ringmod, const struct node_io *io, unsigned from, unsigned n)
{
    uint32_t phase[OVERSAMPLE_STRETCH];
    float sine[OVERSAMPLE_STRETCH], carrier[OVERSAMPLE_STRETCH], product[OVERSAMPLE_STRETCH], late[OVERSAMPLE_STRETCH];
    sway_run_free(&ringmod->sway, io, FREQ, phase, from, n);
    for (unsigned i = 0; i < n; i++)
        sine[i] = sine_at(phase[i]);
    for (unsigned c = 0; c < ringmod->channels; c++) {
        const float *in = io->in[c] + from;
        carrier_take(ringmod->wired, io, ringmod->channels, c, from, sine, carrier, n);
        if (ringmod->stages) {
            multiply_doubled(&ringmod->doubled[c], in, carrier, product, n);
            delay_ring_pass_rt(&ringmod->dry, c, in, late, n);
        } else {
            multiply(in, carrier, product, n);
        }
        mix_out(io, c, from, ringmod->stages ? late : in, product, n);
    }
    if (ringmod->stages)
        delay_ring_advance_rt(&ringmod->dry, n);
}

static void ringmod_process(void *state, const struct node_io *io)
{
    struct ringmod *ringmod = state;
    const struct param wired = {.value = (float)(io->wired >> 1 & 1)};
    if (!ringmod->has_run)
        ringmod->wired.now = (unsigned)wired.value;
    ringmod->has_run = true;
    for (unsigned from = 0, n; from < io->n; from += n) {
        n = turn_next(&ringmod->wired, &wired, from, io->n);
        n = n < OVERSAMPLE_STRETCH ? n : OVERSAMPLE_STRETCH;
        stretch_run(ringmod, io, from, n);
        if (ringmod->wired.left)
            turn_advance(&ringmod->wired, n);
    }
}

static bool ringmod_settled(void *state, unsigned n, uint64_t quiet)
{
    const struct ringmod *ringmod = state;
    (void)n;
    return !ringmod->wired.left && (!ringmod->stages || quiet >= OVERSAMPLE_MEMORY + ringmod->dry.size_frames);
}

static void ringmod_rest(void *state)
{
    struct ringmod *ringmod = state;
    for (unsigned c = 0; ringmod->stages && c < ringmod->channels; c++) {
        ringmod->doubled[c] = (struct doubled){0};
        memset(ringmod->dry.channels[c], 0, ringmod->dry.size_frames * sizeof(float));
    }
}

static void ringmod_skip(void *state, uint64_t frames)
{
    struct ringmod *ringmod = state;
    sway_skip(&ringmod->sway, frames);
}

const struct node_class ringmod_node = {
    .name = "ringmod",
    .help = "One signal times another: sums and differences of their tones.",
    .params = params,
    .n_params = ROWS(params),
    .inputs = inputs,
    .n_inputs = ROWS(inputs),
    .outputs = outputs,
    .n_outputs = ROWS(outputs),
    .channels = 2,
    .channels_max = PORT_CHANNELS_MAX,
    .sleeps = {.can = true, .settled = ringmod_settled, .rest = ringmod_rest, .skip = ringmod_skip},
    .finite = true,
    .state_bytes = sizeof(struct ringmod),
    .init = ringmod_init,
    .process = ringmod_process,
};
