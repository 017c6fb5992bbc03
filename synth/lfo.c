/* Low-frequency oscillator: a control signal.
 *
 *     rate, lock -> 64-bit phase -> + phase -> shape, -1..1 -> x depth -> + offset -> out
 *     retrigger -> 0 ^
 *
 * The shapes are not band-limited: they are meant to move parameters, and their edges fall on exact frames. Another shape is
 * faded over to.
 */
#include "graph/node.h"

#include "graph/dsp/control.h"
#include "graph/dsp/gate.h"
#include "graph/dsp/run.h"
#include "graph/dsp/sine.h"
#include "graph/dsp/sway.h"
#include "graph/dsp/turn.h"
#include "graph/dsp/vector.h"
#include "graph/dsp/white.h"
#include "graph/rt_only.h"

enum { SHAPE, RATE, LOCK, DEPTH, OFFSET, PHASE, SEED };
enum { SINE, TRIANGLE, SAW_UP, SAW_DOWN, SQUARE, RANDOM, DRIFT };

static const char *const shapes[] = {"sine", "triangle", "saw_up", "saw_down", "square", "random", "drift", NULL};

static const struct param_info params[] = {
    [SHAPE] =
        {"shape", "",
         "Form of the movement; sine and triangle start in the middle and rise, square starts high; random is another "
         "value in every cycle, drift goes smoothly from one of them to the next.",
         shapes, SINE, DRIFT, SINE, .kind = PARAM_CHOICE},
    [RATE] = {"rate", "Hz", "Cycles per second.", NULL, 0.001f, 100, 1, 0.01f, .curve = CURVE_LOG},
    [LOCK] =
        {"lock", "",
         "Lets cycles begin with the bars of the piece while it rolls, where the rate is a note value; retrigger is not "
         "heard then.",
         NULL, 0, 1, 0, .kind = PARAM_SWITCH},
    [DEPTH] = {"depth", "", "How far the signal moves to either side of the offset.", NULL, 0, 1, 1, 0.01f},
    [OFFSET] = {"offset", "", "The value in the middle of the movement.", NULL, -1, 1, 0, 0.01f},
    [PHASE] = {"phase", "", "Shifts the movement by this part of a cycle; 1 is a whole one.", NULL, 0, 1, 0, 0.01f},
    [SEED] = {"seed", "", "Which random movement of many.", NULL, 0, 16777215, 1, .kind = PARAM_INTEGER,
              .flags = PARAM_FIXED},
};

static const struct port_info inputs[] = {
    {"retrigger", "Starts a cycle in the frame in which it rises above 0.5.", 1},
};
static const struct port_info outputs[] = {{"out", "offset + depth x shape.", 1}};

struct lfo {
    struct sway sway;
    bool triggered; /* whether retrigger was above 0.5 in the frame before */
    struct turn shape;
    /* Of the random shapes: */
    struct white white;
    struct cycles {
        uint32_t n, last; /* how many have begun, and the shifted phase of the frame before */
    } cycles;
};

static int lfo_init(void *state, const struct node_init *init, struct error *error)
{
    struct lfo *lfo = state;
    (void)error;
    *lfo = (struct lfo){.sway = sway_at(init->rate_hz),
                        .shape = turn_at(init->param[SHAPE], init->rate_hz),
                        .white = white_of_voice((uint64_t)init->param[SEED], init->voice)};
    lfo->sway.step = phase_step((double)init->param[RATE] / init->rate_hz);
    return 0;
}

static void phases(struct lfo *lfo, const struct node_io *io, const float *trigger, uint32_t *phase)
{
    for (unsigned i = 0, run; i < io->n; i += run) {
        bool triggered = gate_is_open(trigger[i]);
        if (triggered && !lfo->triggered && !sway_is_locked(io, RATE, LOCK, i))
            lfo->sway.phase = PHASE_ZERO;
        lfo->triggered = triggered;
        run = gate_run(trigger, i, io->n);
        sway_run(&lfo->sway, io, RATE, LOCK, phase + i, i, run);
    }
}

/* -1 at phase 0, rising to 1. */
static float saw_at(uint32_t phase)
{
    return (float)(int32_t)(phase ^ 0x80000000u) * 0x1p-31f;
}

/* 0 at phase 0, 1 at a quarter, -1 at three quarters. */
static float triangle_at(uint32_t phase)
{
    return 1 - 2 * fabsf(saw_at(phase + 0x40000000u));
}

DAWD_CLONES static void shape_run(float *out, const uint32_t *phase, unsigned shape, unsigned n)
{
    switch (shape) {
    case SINE:
        for (unsigned i = 0; i < n; i++)
            out[i] = sine_at(phase[i]);
        break;
    case TRIANGLE:
        for (unsigned i = 0; i < n; i++)
            out[i] = triangle_at(phase[i]);
        break;
    case SAW_UP:
        for (unsigned i = 0; i < n; i++)
            out[i] = saw_at(phase[i]);
        break;
    case SAW_DOWN:
        for (unsigned i = 0; i < n; i++)
            out[i] = -saw_at(phase[i]);
        break;
    default:
        for (unsigned i = 0; i < n; i++)
            out[i] = phase[i] < 0x80000000u ? 1.0f : -1.0f;
    }
}

/* Each cycle has a number, and that its value; what begins a cycle is that the phase falls. */
static struct cycles random_run(const struct white *white, struct cycles cycles, float *out, const uint32_t *phase,
                                bool drifts, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        cycles.n += phase[i] < cycles.last;
        cycles.last = phase[i];
        float from = white_at(white, cycles.n), to = white_at(white, cycles.n + 1);
        /* Half a cosine: 0 to 1 over the cycle, without a bend at its ends. */
        float way = 0.5f + 0.5f * sine_at((phase[i] >> 1) - PHASE_HALF / 2);
        out[i] = drifts ? from + (to - from) * way : from;
    }
    return cycles;
}

/* The cycles as they are afterwards; those of the other shapes are not counted. */
static struct cycles form_run(const struct lfo *lfo, float *out, const uint32_t *phase, unsigned shape, unsigned n)
{
    if (shape >= RANDOM)
        return random_run(&lfo->white, lfo->cycles, out, phase, shape == DRIFT, n);
    shape_run(out, phase, shape, n);
    return lfo->cycles;
}

DAWD_CLONES static void scale(float *out, const float *depth, const float *offset, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        out[i] = offset[i] + depth[i] * out[i];
}

static void lfo_process(void *state, const struct node_io *io)
{
    struct lfo *lfo = state;
    struct turn *shape = &lfo->shape;
    uint32_t phase[BLOCK_MAX];
    float depth[BLOCK_MAX], offset[BLOCK_MAX], before[BLOCK_MAX], *out = io->out[0];
    phases(lfo, io, io->in[0], phase);
    phase_shift(phase, &io->param[PHASE], io->n);
    for (unsigned i = 0, run; i < io->n; i += run) {
        run = turn_next(shape, &io->param[SHAPE], i, io->n);
        struct cycles cycles = form_run(lfo, out + i, phase + i, shape->now, run);
        if (shape->left) {
            struct cycles counted = form_run(lfo, before, phase + i, shape->before, run);
            cycles = shape->before >= RANDOM ? counted : cycles;
            turn_mix(shape, out + i, before, run);
            turn_advance(shape, run);
        }
        lfo->cycles = cycles;
    }
    scale(out, control_frames(&io->param[DEPTH], depth, io->n), control_frames(&io->param[OFFSET], offset, io->n), io->n);
}

/* It has been going round all the while, and the random ones with it. */
static void lfo_skip(void *state, uint64_t frames)
{
    struct lfo *lfo = state;
    unsigned __int128 way = (unsigned __int128)lfo->sway.step * frames + ((uint64_t)lfo->cycles.last << 32);
    lfo->cycles.n += (uint32_t)(way >> 64);
    lfo->cycles.last = (uint32_t)(way >> 32);
    sway_skip(&lfo->sway, frames);
}

const struct node_class lfo_node = {
    .name = "lfo",
    .help = "A slow movement for other parameters.",
    .params = params,
    .inputs = inputs,
    .outputs = outputs,
    .n_params = ROWS(params),
    .n_inputs = ROWS(inputs),
    .n_outputs = ROWS(outputs),
    .channels = 1,
    .sleeps = {.skip = lfo_skip},
    .finite = true,
    .state_bytes = sizeof(struct lfo),
    .init = lfo_init,
    .process = lfo_process,
};
