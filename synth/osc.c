/* Oscillator.
 *
 *     freq, fine -> step -> 64-bit phase -> + phase -> wave -> level -> out, the same on every channel
 *
 * The phase counts from the node's creation and is shifted by the parameter afterwards: oscillators made together stay
 * together.
 */
#include "graph/node.h"

#include <string.h>

#include "graph/dsp/control.h"
#include "graph/dsp/decibel.h"
#include "graph/dsp/phase.h"
#include "graph/dsp/sine.h"
#include "graph/dsp/vector.h"
#include "graph/rt_only.h"

#define LEVEL_OFF_DB (-120.0f)

enum { WAVE, FREQ, FINE, PHASE, LEVEL };

static const char *const waves[] = {"sine", NULL};

static const struct param_info params[] = {
    [WAVE] = {"wave", "", "Form of the wave.", waves, .kind = PARAM_CHOICE},
    [FREQ] = {"freq", "Hz", "Pitch; a modulation depth of 1 is an octave.", NULL, 0.01f, 20000, 440, 0.01f,
              .curve = CURVE_LOG},
    [FINE] = {"fine", "cents", "Detunes by hundredths of a semitone.", NULL, -100, 100, 0, 0.01f},
    [PHASE] = {"phase", "", "Shifts the wave by this part of a cycle; 1 is a whole one.", NULL, 0, 1, 0, 0.01f},
    [LEVEL] = {"level", "dB", "Peak level of the wave; -120 is silence.", NULL, LEVEL_OFF_DB, 0, -12, 0.02f},
};

static const struct port_info outputs[] = {{"out", "The wave, the same on every channel.", 0}};

struct osc {
    uint64_t phase; /* in 2^-64 cycles */
    double frame_s;
    unsigned channels;
};

static int osc_init(void *state, const struct node_init *init, struct error *error)
{
    (void)error;
    *(struct osc *)state = (struct osc){PHASE_ZERO, 1 / init->rate_hz, init->channels};
    return 0;
}

/* 2^(cents / 1200) by Taylor's series: within 1e-12 over -100..100, the same for a constant and a gliding value. */
static double cents_ratio(double cents)
{
    double x = cents * (M_LN2 / 1200);
    return 1 + x * (1 + x * (1 / 2.0 + x * (1 / 6.0 + x * (1 / 24.0 + x * (1 / 120.0 + x * (1 / 720.0))))));
}

static void phases(struct osc *osc, const struct node_io *io, uint32_t *phase)
{
    const struct param *freq = &io->param[FREQ], *fine = &io->param[FINE];
    double ratio = cents_ratio(fine->value);
    if (param_is_constant(freq) && param_is_constant(fine)) {
        phase_fill(phase, &osc->phase, phase_step(freq->value * ratio * osc->frame_s), io->n);
        return;
    }
    bool bends = !param_is_constant(fine);
    for (unsigned i = 0; i < io->n; i++) {
        if (bends)
            ratio = cents_ratio(param_at(fine, i));
        phase[i] = (uint32_t)(osc->phase >> 32);
        osc->phase += phase_step(param_at(freq, i) * ratio * osc->frame_s);
    }
}

static float level_gain(float db)
{
    return db > LEVEL_OFF_DB ? decibel_gain(db) : 0.0f;
}

DAWD_CLONES static void level(float *out, const float *db, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        out[i] *= level_gain(db[i]);
}

DAWD_CLONES static void level_constant(float *out, float gain, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        out[i] *= gain;
}

static void osc_process(void *state, const struct node_io *io)
{
    struct osc *osc = state;
    uint32_t phase[BLOCK_MAX];
    float room[BLOCK_MAX];
    phases(osc, io, phase);
    phase_shift(phase, &io->param[PHASE], io->n);
    sine_run(io->out[0], phase, io->n);
    if (param_is_constant(&io->param[LEVEL]))
        level_constant(io->out[0], level_gain(io->param[LEVEL].value), io->n);
    else
        level(io->out[0], control_frames(&io->param[LEVEL], room, io->n), io->n);
    for (unsigned c = 1; c < osc->channels; c++)
        memcpy(io->out[c], io->out[0], io->n * sizeof(float));
}

const struct node_class osc_node = {
    .name = "osc",
    .help = "A steady wave that never drifts.",
    .params = params,
    .outputs = outputs,
    .n_params = ROWS(params),
    .n_outputs = ROWS(outputs),
    .channels = 1,
    .channels_max = PORT_CHANNELS_MAX,
    .state_bytes = sizeof(struct osc),
    .init = osc_init,
    .process = osc_process,
};
