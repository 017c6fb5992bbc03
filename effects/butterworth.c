/* A steep filter without a ripple: second-order sections in series, whose resonances together are as flat as can be.
 *
 *      in --> [section] --> [section] --> ... --> out         order / 2 of them, alike but for their resonance
 *                 ^ cutoff      ^
 *
 * The poles of the analogue filter stand evenly on a half circle (S. Butterworth, "On the theory of filter amplifiers",
 * Wireless Engineer 7, 1930); every pair of them is one trapezoidal state-variable filter (graph/dsp/svf.h). While
 * nothing moves, two sections at a time take eight frames at once; while cutoff or mode moves, coefficients follow frame
 * by frame. Both run on the same state.
 */
#include "graph/dsp/blend.h"
#include "graph/dsp/control.h"
#include "graph/dsp/svf_lanes.h"
#include "graph/node.h"
#include "graph/rt_only.h"

enum { MODE, CUTOFF, ORDER };
enum { LOWPASS, HIGHPASS };

#define ORDER_MOST    16
#define SECTIONS_MOST (ORDER_MOST / 2)

static const char *const modes[] = {"lowpass", "highpass", NULL};

static const struct param_info params[] = {
    [MODE] = {"mode", "", "Which side of the cutoff is kept.", modes, 0, HIGHPASS, LOWPASS, .kind = PARAM_CHOICE},
    [CUTOFF] = {"cutoff", "Hz", "Where the level is 3 dB down.", NULL, 10, 20000, 1000, 0.02f, .curve = CURVE_LOG},
    [ORDER] = {"order", "", "An even number: 6 dB per octave of slope for each.", NULL, 2, ORDER_MOST, 4,
               .kind = PARAM_INTEGER, .flags = PARAM_REBUILD, .step = 2},
};

static const struct port_info inputs[] = {{"in", "The signal.", 0}};
static const struct port_info outputs[] = {{"out", "What the filter leaves of it.", 0}};

/* Shares of input, band and low-pass. */
static const float mode_mix[][3] = {[LOWPASS] = {0, 0, 1}, [HIGHPASS] = {1, -1, -1}};

struct butterworth {
    struct svf svf[PORT_CHANNELS_MAX][SECTIONS_MOST];
    double k[SECTIONS_MOST]; /* 1 / q of every section, the flattest first */
    struct svf_pair *pair;   /* n_sections / 2, for the cutoff and mode below */
    struct svf_block last;   /* the section that is left, where n_sections is odd */
    const float *still_mix;  /* null: neither is prepared yet */
    float still_cutoff;
    struct blend mix;
    double rate_hz;
    unsigned n_sections, channels;
};

static int butterworth_init(void *state, const struct node_init *init, struct error *error)
{
    struct butterworth *filter = state;
    (void)error;
    unsigned order = (unsigned)init->param[ORDER];
    filter->n_sections = order / 2;
    for (unsigned k = 0; k < filter->n_sections; k++)
        filter->k[k] = 2 * cos(M_PI * (2 * k + 1) / (2 * order));
    filter->pair = arena_take_array(init->arena, filter->n_sections / 2, sizeof *filter->pair);
    filter->rate_hz = init->rate_hz;
    filter->channels = init->channels;
    blend_init(&filter->mix, mode_mix[(unsigned)init->param[MODE]], init->rate_hz);
    return filter->pair ? 0 : ERROR_INTERNAL;
}

static void prepare_still(struct butterworth *filter, float cutoff_hz, const float mix[3])
{
    double g = svf_tangent(cutoff_hz, 1 / filter->rate_hz);
    struct svf_coefficients by[SECTIONS_MOST];
    for (unsigned k = 0; k < filter->n_sections; k++)
        by[k] = svf_coefficients(g, filter->k[k]);
    for (unsigned k = 0; k + 1 < filter->n_sections; k += 2)
        svf_pair_set(&filter->pair[k / 2], &by[k], (const float *const[]){mix, mix});
    if (filter->n_sections % 2)
        svf_block_set(&filter->last, by[filter->n_sections - 1], mix);
    filter->still_cutoff = cutoff_hz;
    filter->still_mix = mix;
}

/* Prepares eight frames at once where nothing moves in this block; false where something does. */
static bool stands_still(void *state, const struct node_io *io)
{
    struct butterworth *filter = state;
    const struct param *mode = &io->param[MODE], *cutoff = &io->param[CUTOFF];
    const float *mix = mode_mix[(unsigned)mode->value];
    if (!param_is_constant(mode) || !param_is_constant(cutoff) || !blend_rests_at(&filter->mix, mix))
        return false;
    if (mix != filter->still_mix || cutoff->value != filter->still_cutoff)
        prepare_still(filter, cutoff->value, mix);
    return true;
}

DAWD_CLONES static void run_still(struct butterworth *filter, unsigned channel, const float *x, float *out, unsigned n)
{
    struct svf *svf = filter->svf[channel];
    for (unsigned k = 0; k + 1 < filter->n_sections; k += 2, x = out)
        svf_pair_run(&filter->pair[k / 2], &svf[k], x, out, n);
    if (filter->n_sections % 2)
        svf_block_run(&filter->last, &svf[filter->n_sections - 1], x, out, n);
}

/* One section of all channels, for n frames from `from` on. */
DAWD_CLONES static void run_section(struct butterworth *filter, const struct svf_steps *steps, unsigned k,
                                    const struct node_io *io, unsigned from, unsigned n)
{
    const float *const *in = k ? (const float *const *)io->out : io->in;
    for (unsigned c = 0; c < filter->channels; c += 2) {
        unsigned d = c + 1 < filter->channels ? c + 1 : c;
        svf_steps_run(steps, (struct svf *const[]){&filter->svf[c][k], &filter->svf[d][k]},
                      (const float *const[]){in[c] + from, in[d] + from},
                      (float *const[]){io->out[c] + from, io->out[d] + from}, n);
    }
}

DAWD_CLONES static void run_moving(struct butterworth *filter, const struct node_io *io, unsigned from, unsigned n)
{
    struct svf_motion motion;
    struct svf_steps steps;
    float cutoff[SVF_STRETCH], mix[3][SVF_STRETCH], k[SVF_STRETCH];
    svf_motion_set(&motion, control_stretch(&io->param[CUTOFF], from, cutoff, n), 1 / filter->rate_hz, n);
    blend_stretch(&filter->mix, mode_mix, &io->param[MODE], from, (float *const[]){mix[0], mix[1], mix[2]}, n);
    for (unsigned section = 0; section < filter->n_sections; section++) {
        for (unsigned i = 0; i < n; i++)
            k[i] = (float)filter->k[section];
        svf_steps_set(&steps, &motion, k, (float *const[]){mix[0], mix[1], mix[2]}, n);
        run_section(filter, &steps, section, io, from, n);
    }
}

static void heal(struct butterworth *filter, const struct node_io *io)
{
    for (unsigned c = 0; c < filter->channels; c++)
        if (!svf_heal_all(filter->svf[c], filter->n_sections))
            fault_tell(io);
}

DAWD_CLONES static void butterworth_process(void *state, const struct node_io *io)
{
    struct butterworth *filter = state;
    if (stands_still(filter, io))
        for (unsigned c = 0; c < filter->channels; c++)
            run_still(filter, c, io->in[c], io->out[c], io->n);
    else
        for (unsigned from = 0; from < io->n; from += SVF_STRETCH)
            run_moving(filter, io, from, io->n - from < SVF_STRETCH ? io->n - from : SVF_STRETCH);
    heal(filter, io);
}

/* ---- side by side ---------------------------------------------------------------------------------------------------- */

static bool fits_lanes(const void *state, const struct node_io *io)
{
    const struct butterworth *filter = state;
    const struct param *mode = &io->param[MODE];
    bool fits = param_is_constant(mode) && blend_rests_at(&filter->mix, mode_mix[(unsigned)mode->value]);
    for (unsigned c = 0; fits && c < filter->channels; c++)
        fits = lanes_are_sound(io->in[c], io->n);
    return fits;
}

/* A section of channel c of every lane. */
static void states_take(const struct lane_group *lanes, unsigned c, unsigned section, struct svf_lanes *s)
{
    const struct svf *svf[LANES];
    for (unsigned l = 0; l < LANES; l++)
        svf[l] = &((struct butterworth *)lanes_state(lanes, l))->svf[c][section];
    svf_lanes_gather(s, svf);
}

static void states_keep(const struct lane_group *lanes, unsigned c, unsigned section, const struct svf_lanes *s)
{
    struct svf *svf[LANES];
    for (unsigned l = 0; l < lanes->n; l++)
        svf[l] = &((struct butterworth *)lanes->state[l])->svf[c][section];
    svf_lanes_scatter(s, svf, lanes->n);
}

static void heal_lanes(const struct lane_group *lanes)
{
    for (unsigned l = 0; l < lanes->n; l++)
        heal(lanes->state[l], lanes->io[l]);
}

/* Channel c lies in the rows from c * BLOCK_MAX on, two channels at a time: what a pair takes is loaded for both. */
static void run_pair_lanes(const struct lane_group *lanes, unsigned section, unsigned first, unsigned n_channels)
{
    struct svf_pair_lanes by;
    const struct svf_pair *pair[LANES];
    for (unsigned l = 0; l < LANES; l++)
        pair[l] = &((struct butterworth *)lanes_state(lanes, l))->pair[section / 2];
    svf_pair_lanes_load(&by, pair);
    for (unsigned c = 0; c < n_channels; c++) {
        struct svf_lanes s[2];
        states_take(lanes, first + c, section, &s[0]);
        states_take(lanes, first + c, section + 1, &s[1]);
        svf_pair_lanes_run(&by, s, lanes->room + c * BLOCK_MAX, lanes->io[0]->n);
        states_keep(lanes, first + c, section, &s[0]);
        states_keep(lanes, first + c, section + 1, &s[1]);
    }
}

static void run_last_lanes(const struct lane_group *lanes, unsigned section, unsigned first, unsigned n_channels)
{
    struct svf_block_lanes by;
    const struct svf_block *block[LANES];
    for (unsigned l = 0; l < LANES; l++)
        block[l] = &((struct butterworth *)lanes_state(lanes, l))->last;
    svf_block_lanes_load(&by, block);
    for (unsigned c = 0; c < n_channels; c++) {
        struct svf_lanes s;
        states_take(lanes, first + c, section, &s);
        svf_block_lanes_run(&by, &s, lanes->room + c * BLOCK_MAX, lanes->io[0]->n);
        states_keep(lanes, first + c, section, &s);
    }
}

static void run_still_lanes(const struct lane_group *lanes)
{
    const struct butterworth *any = lanes->state[0];
    unsigned n = lanes->io[0]->n;
    for (unsigned first = 0; first < any->channels; first += 2) {
        unsigned n_channels = any->channels - first < 2 ? 1 : 2;
        for (unsigned c = 0; c < n_channels; c++)
            lanes_in(lanes, first + c, 0, lanes->room + c * BLOCK_MAX, n);
        for (unsigned k = 0; k + 1 < any->n_sections; k += 2)
            run_pair_lanes(lanes, k, first, n_channels);
        if (any->n_sections % 2)
            run_last_lanes(lanes, any->n_sections - 1, first, n_channels);
        for (unsigned c = 0; c < n_channels; c++)
            lanes_out(lanes, first + c, 0, lanes->room + c * BLOCK_MAX, n);
    }
    heal_lanes(lanes);
}

/* All sections of a stretch; `states` per channel and section. */
static void run_stretch_lanes(const struct lane_group *lanes, struct svf_lanes *states, unsigned from, unsigned n)
{
    struct svf_motion_lanes motion;
    struct svf_steps_lanes steps;
    const struct butterworth *any = lanes->state[0];
    const float *mix[LANES];
    float(*k)[LANES] = lanes->room, (*x)[LANES] = k + SVF_LANES_STRETCH;
    for (unsigned l = 0; l < LANES; l++)
        mix[l] = ((struct butterworth *)lanes_state(lanes, l))->mix.aim;
    lanes_control(lanes, CUTOFF, from, x, n);
    svf_motion_lanes_set(&motion, x, 1 / any->rate_hz, n);
    for (unsigned c = 0; c < any->channels; c++)
        lanes_in(lanes, c, from, x + c * SVF_LANES_STRETCH, n);
    for (unsigned section = 0; section < any->n_sections; section++) {
        for (unsigned i = 0; i < SVF_LANES_STRETCH; i++)
            for (unsigned l = 0; l < LANES; l++)
                k[i][l] = (float)any->k[section];
        svf_steps_lanes_set(&steps, &motion, k, mix, n);
        for (unsigned c = 0; c < any->channels; c++)
            svf_steps_lanes_run(&steps, &states[c * any->n_sections + section], x + c * SVF_LANES_STRETCH, n);
    }
    for (unsigned c = 0; c < any->channels; c++)
        lanes_out(lanes, c, from, x + c * SVF_LANES_STRETCH, n);
}

/* States lie in the room behind the sound of a stretch. */
static void run_moving_lanes(const struct lane_group *lanes)
{
    const struct butterworth *any = lanes->state[0];
    struct svf_lanes *states = (struct svf_lanes *)(lanes->room + (1 + PORT_CHANNELS_MAX) * SVF_LANES_STRETCH);
    unsigned n = lanes->io[0]->n, n_states = any->channels * any->n_sections;
    for (unsigned i = 0; i < n_states; i++)
        states_take(lanes, i / any->n_sections, i % any->n_sections, &states[i]);
    for (unsigned from = 0; from < n; from += SVF_LANES_STRETCH)
        run_stretch_lanes(lanes, states, from, n - from < SVF_LANES_STRETCH ? n - from : SVF_LANES_STRETCH);
    for (unsigned i = 0; i < n_states; i++)
        states_keep(lanes, i / any->n_sections, i % any->n_sections, &states[i]);
    heal_lanes(lanes);
}

static void butterworth_process_lanes(const struct lane_group *lanes)
{
    static const struct lane_ways ways = {fits_lanes, stands_still, run_still_lanes, run_moving_lanes, butterworth_process};
    lanes_run(lanes, &ways);
}

/* ---- sleep ----------------------------------------------------------------------------------------------------------- */

static bool butterworth_settled(void *state, unsigned n, uint64_t quiet)
{
    const struct butterworth *filter = state;
    (void)n;
    (void)quiet;
    for (unsigned c = 0; c < filter->channels; c++)
        for (unsigned k = 0; k < filter->n_sections; k++)
            if (!svf_is_quiet(&filter->svf[c][k]))
                return false;
    return true;
}

static void butterworth_rest(void *state)
{
    struct butterworth *filter = state;
    memset(filter->svf, 0, sizeof filter->svf);
    blend_arrive(&filter->mix);
}

const struct node_class butterworth_node = {
    .name = "butterworth",
    .help = "Keeps what lies below or above a frequency, flat there and steep beyond.",
    .params = params,
    .n_params = ROWS(params),
    .inputs = inputs,
    .n_inputs = ROWS(inputs),
    .outputs = outputs,
    .n_outputs = ROWS(outputs),
    .channels = 2,
    .channels_max = PORT_CHANNELS_MAX,
    .sleeps = {.can = true, .settled = butterworth_settled, .rest = butterworth_rest},
    .finite = true,
    .state_bytes = sizeof(struct butterworth),
    .init = butterworth_init,
    .process = butterworth_process,
    .process_lanes = butterworth_process_lanes,
};
