/* Notches that go up and down, and have nothing to do with each other's multiples: all-passes beside the signal.
 *
 *      in --+-----------------------------------------------------------------(x dry)--(+)--> out
 *           |                                                                           ^
 *           +--(+)--> [all-pass] --> [all-pass] ... at centre 2^(depth sine) --+--(x wet)
 *               ^                                                              |
 *               +----------------------------(x feedback)----------------------+
 *
 * n stages turn the lowest frequencies by nothing and the highest by n half turns; where the sum is an odd number of half
 * turns a notch is, so there are n / 2 of them, at tan(pi f / rate) = tan(pi centre / rate) tan(pi (2 k - 1) / (2 n)). The loop
 * is solved (graph/dsp/allpass_chain.h), dry and wet go together (notch_mix.h).
 */
#include "graph/dsp/allpass_chain.h"
#include "graph/dsp/control.h"
#include "graph/dsp/notch_mix.h"
#include "graph/dsp/sine.h"
#include "graph/dsp/sway.h"
#include "graph/dsp/turn.h"
#include "graph/node.h"
#include "graph/rt_only.h"

enum { RATE, LOCK, DEPTH, CENTRE, STAGES, FEEDBACK, INVERT, STEREO_PHASE, MIX };

static const struct param_info params[] = {
    [RATE] = {"rate", "Hz", "How often the notches go up and down in a second.", NULL, 0.01f, 20, 0.3f, 0.02f,
              .curve = CURVE_LOG},
    [LOCK] = {"lock", "", "Where rate is a note value and the piece rolls, cycles begin with the bars.", NULL, 0, 1, 0,
              .kind = PARAM_SWITCH},
    [DEPTH] = {"depth", "octaves", "How far the notches go to either side.", NULL, 0, 4, 1.5f, 0.05f},
    [CENTRE] = {"centre", "Hz", "The frequency around which the notches lie in the middle of their way.", NULL, 20, 10000,
                700, 0.05f, .curve = CURVE_LOG},
    [STAGES] = {"stages", "", "How many all-passes: half as many notches.", NULL, 2, ALLPASS_MOST, 4, .kind = PARAM_INTEGER,
                .step = 2},
    [FEEDBACK] = {"feedback", "", "How much goes round again: what is left between the notches sharpens and rings.", NULL,
                  -0.98f, 0.98f, 0.4f, 0.02f},
    [INVERT] = {"invert", "",
                "Turns the all-passes over: the lowest and the highest are notches; rings with a feedback below 0.", NULL,
                0, 1, 0, .kind = PARAM_SWITCH},
    [STEREO_PHASE] = {"stereo_phase", "", "How much of a cycle every channel is ahead of the one before it.", NULL, 0, 1,
                      0.25f, 0.02f},
    [MIX] = {"mix", "", "From the signal alone (0) by way of the deepest notches (0.5) to the all-passes alone (1).", NULL,
             0, 1, 0.5f, 0.02f},
};

static const struct port_info inputs[] = {{"in", "The signal.", 0}};
static const struct port_info outputs[] = {{"out", "The signal with its notches.", 0}};

#define PAIRS (PORT_CHANNELS_MAX / 2)

struct phaser {
    struct allpass_chain chain[PAIRS], before[PAIRS]; /* two channels each; of the number of stages that is faded out */
    struct turn stages;
    struct blend sign;
    struct sway sway;
    unsigned channels; /* of in and out */
    double frame_s;
};

static int phaser_init(void *state, const struct node_init *init, struct error *error)
{
    struct phaser *phaser = state;
    (void)error;
    phaser->stages = turn_at(init->param[STAGES], init->rate_hz);
    phaser->sway = sway_at(init->rate_hz);
    phaser->channels = init->channels;
    phaser->frame_s = 1 / init->rate_hz;
    blend_init(&phaser->sign, notch_signs[init->param[INVERT] >= 0.5f], init->rate_hz);
    return 0;
}

/* Frames that go through together. */
struct stretch {
    const struct node_io *io;
    unsigned from, n; /* frames of the block */
    uint32_t phase[ALLPASS_FRAMES];
    struct notch_mix levels;
    struct allpass_steps steps;
};

/* Where channel c of a pair has its centre; the phase is that of the next channel then. */
static inline void centre_set(const struct phaser *phaser, struct stretch *s, unsigned c)
{
    float room[2][ALLPASS_FRAMES], hz[ALLPASS_FRAMES];
    const struct param *ahead = &s->io->param[STEREO_PHASE];
    const struct param stereo = {.frames = ahead->frames ? ahead->frames + s->from : NULL, .value = ahead->value};
    const float *centre = control_stretch(&s->io->param[CENTRE], s->from, room[0], s->n);
    const float *depth = control_stretch(&s->io->param[DEPTH], s->from, room[1], s->n);
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < s->n; i++)
        hz[i] = centre[i] * fast_exp2(depth[i] * sine_at(s->phase[i]));
    allpass_steps_set(&s->steps, c, hz, phaser->frame_s, s->n);
    phase_shift(s->phase, &stereo, s->n);
}

static inline void chain_run(struct allpass_chain *chain, const struct stretch *s, unsigned n_stages,
                             const float *const in[2], float wet[2][ALLPASS_FRAMES])
{
    struct allpass_chain own = *chain;
    for (unsigned i = 0; i < s->n; i++) {
        DOUBLE2 y;
        allpass_tick(&own, &s->steps.a[i], &s->steps.b[i], s->levels.feedback[i], n_stages, (DOUBLE2){in[0][i], in[1][i]},
                     &y);
        wet[0][i] = (float)y[0];
        wet[1][i] = (float)y[1];
    }
    *chain = own;
}

/* Numbers that the compiler knows are loops that it unrolls. */
static inline void chain_run_known(struct allpass_chain *chain, const struct stretch *s, unsigned n_stages,
                                   const float *const in[2], float wet[2][ALLPASS_FRAMES])
{
    switch (n_stages) {
    case 2:
        chain_run(chain, s, 2, in, wet);
        break;
    case 4:
        chain_run(chain, s, 4, in, wet);
        break;
    case 6:
        chain_run(chain, s, 6, in, wet);
        break;
    default:
        chain_run(chain, s, n_stages, in, wet);
    }
}

/* Channels c and d, which may be one. */
static inline void pair_run(struct phaser *phaser, const struct stretch *s, unsigned c, unsigned d)
{
    float wet[2][ALLPASS_FRAMES], before[2][ALLPASS_FRAMES];
    const unsigned channel[] = {c, d};
    const float *const in[] = {s->io->in[c] + s->from, s->io->in[d] + s->from};
    chain_run_known(&phaser->chain[c / 2], s, phaser->stages.now, in, wet);
    if (phaser->stages.left)
        chain_run_known(&phaser->before[c / 2], s, phaser->stages.before, in, before);
    for (unsigned k = 0; k < 1 + (c != d); k++) {
        float *out = s->io->out[channel[k]] + s->from;
        if (phaser->stages.left)
            turn_mix(&phaser->stages, wet[k], before[k], s->n);
        DAWD_FRAMES_APART
        for (unsigned i = 0; i < s->n; i++)
            out[i] = s->levels.dry[i] * in[k][i] + s->levels.wet[i] * wet[k][i];
    }
}

DAWD_CLONES static void stretch_run(struct phaser *phaser, struct stretch *s)
{
    const struct param *param = s->io->param;
    notch_mix_set(&s->levels, &phaser->sign, &param[FEEDBACK], &param[INVERT], &param[MIX], s->from, s->n);
    for (unsigned c = 0; c < phaser->channels; c += 2) {
        unsigned d = c + 1 < phaser->channels ? c + 1 : c;
        centre_set(phaser, s, 0);
        centre_set(phaser, s, 1);
        pair_run(phaser, s, c, d);
    }
}

/* As many frames as have the same stages. Those that come in go on from what went out, those that are no more forget. */
static unsigned stages_next(struct phaser *phaser, const struct node_io *io, unsigned from, unsigned n)
{
    unsigned now = phaser->stages.now, run = turn_next(&phaser->stages, &io->param[STAGES], from, io->n);
    for (unsigned k = 0; phaser->stages.now != now && k < PAIRS; k++) {
        phaser->before[k] = phaser->chain[k];
        for (unsigned stage = phaser->stages.now; stage < ALLPASS_MOST; stage++)
            phaser->chain[k].u[stage] = (DOUBLE2){0};
    }
    return run < n ? run : n;
}

static void phaser_process(void *state, const struct node_io *io)
{
    struct phaser *phaser = state;
    struct stretch s = {.io = io};
    bool sound = true;
    for (s.from = 0; s.from < io->n; s.from += s.n) {
        s.n = io->n - s.from < ALLPASS_FRAMES ? io->n - s.from : ALLPASS_FRAMES;
        s.n = stages_next(phaser, io, s.from, s.n);
        sway_run(&phaser->sway, io, RATE, LOCK, s.phase, s.from, s.n);
        stretch_run(phaser, &s);
        if (phaser->stages.left)
            turn_advance(&phaser->stages, s.n);
    }
    for (unsigned k = 0; 2 * k < phaser->channels; k++) {
        sound &= allpass_heal(&phaser->chain[k]);
        sound &= allpass_heal(&phaser->before[k]);
    }
    if (!sound)
        fault_tell(io);
}

static bool phaser_settled(void *state, unsigned n, uint64_t quiet)
{
    const struct phaser *phaser = state;
    bool settled = !phaser->stages.left && !phaser->sign.left;
    (void)n;
    (void)quiet;
    for (unsigned k = 0; 2 * k < phaser->channels; k++)
        settled = settled && allpass_is_quiet(&phaser->chain[k]);
    return settled;
}

static void phaser_rest(void *state)
{
    struct phaser *phaser = state;
    memset(phaser->chain, 0, sizeof phaser->chain);
    memset(phaser->before, 0, sizeof phaser->before);
    blend_arrive(&phaser->sign);
}

static void phaser_skip(void *state, uint64_t frames)
{
    struct phaser *phaser = state;
    sway_skip(&phaser->sway, frames);
}

const struct node_class phaser_node = {
    .name = "phaser",
    .help = "Some notches that go up and down.",
    .params = params,
    .n_params = ROWS(params),
    .inputs = inputs,
    .n_inputs = ROWS(inputs),
    .outputs = outputs,
    .n_outputs = ROWS(outputs),
    .channels = 2,
    .channels_max = PORT_CHANNELS_MAX,
    .sleeps = {.can = true, .settled = phaser_settled, .rest = phaser_rest, .skip = phaser_skip},
    .finite = true,
    .state_bytes = sizeof(struct phaser),
    .init = phaser_init,
    .process = phaser_process,
};
