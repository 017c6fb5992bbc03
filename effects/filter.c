/* A second-order filter with resonance: six responses from one trapezoidal state-variable filter (graph/dsp/svf.h).
 *
 *      in --> [drive] --> [state-variable filter] --> mode --> out
 *                              ^ cutoff, q
 *
 * While cutoff, q and mode stand still the filter takes eight frames at once; while one of them moves, its coefficients
 * follow frame by frame, two channels side by side. Both run on the same state and may alternate from block to block.
 */
#include "graph/dsp/blend.h"
#include "graph/dsp/control.h"
#include "graph/dsp/decibel.h"
#include "graph/dsp/svf_lanes.h"
#include "graph/mutant.h"
#include "graph/node.h"
#include "graph/rt_only.h"

enum { MODE, CUTOFF, Q, DRIVE };
enum { LOWPASS, HIGHPASS, BANDPASS, NOTCH, PEAK, ALLPASS };

static const char *const modes[] = {"lowpass", "highpass", "bandpass", "notch", "peak", "allpass", NULL};

static const struct param_info params[] = {
    [MODE] = {"mode", "", "What is kept; peak stands out of an otherwise flat response by twice q.", modes, 0, ALLPASS,
              LOWPASS, .kind = PARAM_CHOICE},
    [CUTOFF] = {"cutoff", "Hz", "The frequency at which the filter begins, or rings.", NULL, 10, 20000, 1000, 0.02f,
                .curve = CURVE_LOG},
    [Q] = {"q", "", "Resonance: 0.71 is as flat as can be, 40 whistles.", NULL, 0.3f, 40, 0.70710678f, 0.02f,
           .curve = CURVE_LOG},
    [DRIVE] = {"drive", "dB", "Lifts what is soft and bends what is loud before the filter; at 0 dB nothing is bent.", NULL,
               0, 36, 0, 0.02f},
};

static const struct port_info inputs[] = {{"in", "The signal.", 0}};
static const struct port_info outputs[] = {{"out", "What the filter leaves of it.", 0}};

/* Shares of input, band and low-pass (A. Simper, see svf.h); the band-pass is at 0 dB at its peak. */
static const float mode_mix[][3] = {
    [LOWPASS] = {0, 0, 1}, [HIGHPASS] = {1, -1, -1}, [BANDPASS] = {0, 1, 0},
    [NOTCH] = {1, -1, 0},  [PEAK] = {-1, 1, 2},      [ALLPASS] = {1, -2, 0},
};

struct filter {
    struct svf svf[PORT_CHANNELS_MAX];
    struct svf_block block; /* for the cutoff, q and mode below */
    const float *block_mix; /* null: not prepared yet */
    float block_cutoff, block_q;
    struct blend mix;
    double rate_hz;
    unsigned channels; /* of in and out */
};

static int filter_init(void *state, const struct node_init *init, struct error *error)
{
    struct filter *filter = state;
    (void)error;
    filter->rate_hz = init->rate_hz;
    filter->channels = init->channels;
    blend_init(&filter->mix, mode_mix[(unsigned)init->param[MODE]], init->rate_hz);
    return 0;
}

/* Prepares eight frames at once where nothing moves in this block; false where something does. */
static bool stands_still(void *state, const struct node_io *io)
{
    struct filter *filter = state;
    const struct param *mode = &io->param[MODE], *cutoff = &io->param[CUTOFF], *q = &io->param[Q];
    if (!param_is_constant(mode) || !param_is_constant(cutoff) || !param_is_constant(q))
        return false;
    const float *mix = mode_mix[(unsigned)mode->value];
    if (!blend_rests_at(&filter->mix, mix))
        return false;
    if (mix != filter->block_mix || cutoff->value != filter->block_cutoff || q->value != filter->block_q) {
        double g = svf_tangent(cutoff->value, 1 / filter->rate_hz);
        svf_block_set(&filter->block, svf_coefficients(g, 1 / (double)q->value), mix);
        filter->block_mix = mix;
        filter->block_cutoff = cutoff->value;
        filter->block_q = q->value;
    }
    return true;
}

/* Small sounds come out `drive` louder, full scale stays full scale, nothing exceeds g / sqrt(g^2 - 1): g x / sqrt(1 + (g^2 -
 * 1) x^2) has no corner anywhere, so its harmonics fall off fast, and at g = 1 it is x. Returns where the sound is then: in
 * `out`, or untouched in `in`. */
DAWD_CLONES static const float *driven(const struct param *drive, const float *in, float *out, unsigned n)
{
    float room[BLOCK_MAX];
    if (control_rests_at(drive, 0))
        return in;
    const float *db = control_frames(drive, room, n);
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < n; i++) {
        float g = decibel_gain(db[i]);
        out[i] = g * in[i] / sqrtf(1 + (g * g - 1) * (in[i] * in[i]));
    }
    return out;
}

/* The coefficients of n frames from `from` on. */
static inline void follow(struct filter *filter, const struct node_io *io, unsigned from, struct svf_steps *steps,
                          unsigned n)
{
    struct svf_motion motion;
    float cutoff[SVF_STRETCH], q[SVF_STRETCH], k[SVF_STRETCH], mix[3][SVF_STRETCH];
    float *const mixes[3] = {mix[0], mix[1], mix[2]};
    const float *qs = control_stretch(&io->param[Q], from, q, n);
    for (unsigned i = 0; i < n; i++)
        k[i] = 1 / qs[i];
    blend_stretch(&filter->mix, mode_mix, &io->param[MODE], from, mixes, n);
    svf_motion_set(&motion, control_stretch(&io->param[CUTOFF], from, cutoff, n), 1 / filter->rate_hz, n);
    svf_steps_set(steps, &motion, k, mixes, n);
}

DAWD_CLONES static void run_moving(struct filter *filter, const struct node_io *io, const float *const *x, unsigned from,
                                   unsigned n)
{
    struct svf_steps steps;
    follow(filter, io, from, &steps, n);
    for (unsigned c = 0; c < filter->channels; c += 2) {
        unsigned d = c + 1 < filter->channels ? c + 1 : c;
        svf_steps_run(&steps, (struct svf *const[]){&filter->svf[c], &filter->svf[d]},
                      (const float *const[]){x[c] + from, x[d] + from},
                      (float *const[]){io->out[c] + from, io->out[d] + from}, n);
    }
}

DAWD_CLONES static void filter_process(void *state, const struct node_io *io)
{
    struct filter *filter = state;
    const float *x[PORT_CHANNELS_MAX];
    bool still = stands_still(filter, io);
    MUTANT(MUTANT_NODE);
    for (unsigned c = 0; c < filter->channels; c++)
        x[c] = driven(&io->param[DRIVE], io->in[c], io->out[c], io->n);
    for (unsigned c = 0; still && c < filter->channels; c++)
        svf_block_run(&filter->block, &filter->svf[c], x[c], io->out[c], io->n);
    for (unsigned from = 0; !still && from < io->n; from += SVF_STRETCH)
        run_moving(filter, io, x, from, io->n - from < SVF_STRETCH ? io->n - from : SVF_STRETCH);
    for (unsigned c = 0; c < filter->channels; c++)
        if (!svf_heal(&filter->svf[c]))
            fault_tell(io);
}

/* ---- side by side ---------------------------------------------------------------------------------------------------- */

/* Not what is bent, which is another loop altogether; nor while the mode changes, for the 10 ms that it takes. */
static bool fits_lanes(const void *state, const struct node_io *io)
{
    const struct filter *filter = state;
    const struct param *mode = &io->param[MODE];
    bool fits = control_rests_at(&io->param[DRIVE], 0) && param_is_constant(mode) &&
                blend_rests_at(&filter->mix, mode_mix[(unsigned)mode->value]);
    for (unsigned c = 0; fits && c < filter->channels; c++)
        fits = lanes_are_sound(io->in[c], io->n);
    return fits;
}

/* Channel c of every lane. */
static void states_of(const struct lane_group *lanes, unsigned c, struct svf *svf[LANES])
{
    for (unsigned l = 0; l < LANES; l++)
        svf[l] = &((struct filter *)lanes_state(lanes, l))->svf[c];
}

static void states_keep(const struct lane_group *lanes, unsigned c, const struct svf_lanes *s)
{
    struct svf *svf[LANES];
    states_of(lanes, c, svf);
    svf_lanes_scatter(s, svf, lanes->n);
    for (unsigned l = 0; l < lanes->n; l++)
        if (!svf_heal(svf[l]))
            fault_tell(lanes->io[l]);
}

static void states_take(const struct lane_group *lanes, unsigned c, struct svf_lanes *s)
{
    struct svf *svf[LANES];
    states_of(lanes, c, svf);
    svf_lanes_gather(s, (const struct svf *const *)svf);
}

static void run_still_lanes(const struct lane_group *lanes)
{
    struct svf_block_lanes by;
    const struct svf_block *block[LANES];
    const struct filter *first = lanes->state[0];
    unsigned n = lanes->io[0]->n;
    for (unsigned l = 0; l < LANES; l++)
        block[l] = &((struct filter *)lanes_state(lanes, l))->block;
    svf_block_lanes_load(&by, block);
    for (unsigned c = 0; c < first->channels; c++) {
        struct svf_lanes s;
        states_take(lanes, c, &s);
        lanes_in(lanes, c, 0, lanes->room, n);
        svf_block_lanes_run(&by, &s, lanes->room, n);
        lanes_out(lanes, c, 0, lanes->room, n);
        states_keep(lanes, c, &s);
    }
}

static bool q_rests(const struct lane_group *lanes)
{
    bool rests = true;
    for (unsigned l = 0; l < lanes->n; l++)
        rests = rests && param_is_constant(&lanes->io[l]->param[Q]);
    return rests;
}

DAWD_CLONES static void invert(float (*x)[LANES], unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        DAWD_EACH_LANE(l)
    x[i][l] = 1 / x[i][l];
}

static void run_moving_lanes(const struct lane_group *lanes)
{
    struct svf_motion_lanes motion;
    struct svf_steps_lanes steps;
    struct svf_lanes s[PORT_CHANNELS_MAX];
    const float *mix[LANES];
    const struct filter *first = lanes->state[0];
    float(*x)[LANES] = lanes->room, (*k)[LANES] = x + SVF_LANES_STRETCH;
    bool still_q = q_rests(lanes);
    for (unsigned l = 0; l < LANES; l++)
        mix[l] = ((struct filter *)lanes_state(lanes, l))->mix.aim;
    for (unsigned c = 0; c < first->channels; c++)
        states_take(lanes, c, &s[c]);
    for (unsigned from = 0, n; from < lanes->io[0]->n; from += n) {
        n = lanes->io[0]->n - from < SVF_LANES_STRETCH ? lanes->io[0]->n - from : SVF_LANES_STRETCH;
        if (!from || !still_q) {
            lanes_control(lanes, Q, from, k, n);
            invert(k, n);
        }
        lanes_control(lanes, CUTOFF, from, x, n);
        svf_motion_lanes_set(&motion, x, 1 / first->rate_hz, n);
        svf_steps_lanes_set(&steps, &motion, k, mix, n);
        for (unsigned c = 0; c < first->channels; c++) {
            lanes_in(lanes, c, from, x, n);
            svf_steps_lanes_run(&steps, &s[c], x, n);
            lanes_out(lanes, c, from, x, n);
        }
    }
    for (unsigned c = 0; c < first->channels; c++)
        states_keep(lanes, c, &s[c]);
}

static void filter_process_lanes(const struct lane_group *lanes)
{
    static const struct lane_ways ways = {fits_lanes, stands_still, run_still_lanes, run_moving_lanes, filter_process};
    lanes_run(lanes, &ways);
}

/* ---- sleep ----------------------------------------------------------------------------------------------------------- */

static bool filter_settled(void *state, unsigned n, uint64_t quiet)
{
    const struct filter *filter = state;
    (void)n;
    (void)quiet;
    for (unsigned c = 0; c < filter->channels; c++)
        if (!svf_is_quiet(&filter->svf[c]))
            return false;
    return true;
}

static void filter_rest(void *state)
{
    struct filter *filter = state;
    memset(filter->svf, 0, sizeof filter->svf);
    blend_arrive(&filter->mix);
}

const struct node_class filter_node = {
    .name = "filter",
    .help = "Lets a part of the spectrum through, with resonance at the border.",
    .params = params,
    .n_params = ROWS(params),
    .inputs = inputs,
    .n_inputs = ROWS(inputs),
    .outputs = outputs,
    .n_outputs = ROWS(outputs),
    .channels = 2,
    .channels_max = PORT_CHANNELS_MAX,
    .sleeps = {.can = true, .settled = filter_settled, .rest = filter_rest},
    .finite = true,
    .state_bytes = sizeof(struct filter),
    .init = filter_init,
    .process = filter_process,
    .process_lanes = filter_process_lanes,
};
