/* An equaliser: eight bands in series (graph/dsp/bands.h), each a bell, a shelf, a pass or a notch with the shape of its analogue
 * model up to the end of the spectrum (graph/dsp/matched.h).
 *
 *      in --> [band 1] --> [band 2] --> ... --> [band 8] --(x)--> out
 *                                                           ^ output
 */
#include "graph/dsp/bands.h"
#include "graph/dsp/control.h"
#include "graph/dsp/decibel.h"
#include "graph/dsp/lanes.h"
#include "graph/node.h"
#include "graph/rt_only.h"

enum { OUTPUT = BANDS * BAND_ROWS };

static const char *const types[] = {"bell", "low_shelf", "high_shelf", "lowpass", "highpass", "notch", NULL};

#define BAND(n, type, hz, q)                                                                                               \
    {"on" #n, "", "Whether the band is there.", NULL, 0, 1, 1, .kind = PARAM_SWITCH},                                      \
        {"type" #n, "", "What the band does around its frequency.", types, 0, MATCHED_NOTCH, type, .kind = PARAM_CHOICE},  \
        {"freq" #n, "Hz",  "The middle of a bell, a shelf's slope or a notch; where a pass begins.",                       \
         NULL,      10,    20000,                                                                                          \
         hz,        0.02f, .curve = CURVE_LOG},                                                                            \
        {"gain" #n, "dB", "How much a bell or a shelf lifts; at 0 dB it is flat. Passes and notches have none.",           \
         NULL,      -24,  24,                                                                                              \
         0,         0.02f},                                                                                                \
    {                                                                                                                      \
        "q" #n, "",                                                                                                        \
            "How narrow a bell or a notch is, how sharp the corner of a shelf (2 at most) or a pass: 0.71 is flat.", NULL, \
            0.1f, 40, q, 0.02f, .curve = CURVE_LOG                                                                         \
    }

static const struct param_info params[] = {
    BAND(1, MATCHED_LOW_SHELF, 80, 0.70710678f),
    BAND(2, MATCHED_BELL, 160, 1),
    BAND(3, MATCHED_BELL, 320, 1),
    BAND(4, MATCHED_BELL, 640, 1),
    BAND(5, MATCHED_BELL, 1250, 1),
    BAND(6, MATCHED_BELL, 2500, 1),
    BAND(7, MATCHED_BELL, 5000, 1),
    BAND(8, MATCHED_HIGH_SHELF, 10000, 0.70710678f),
    {"output", "dB", "How much louder it all leaves.", NULL, -24, 24, 0, 0.02f},
};

static const struct port_info inputs[] = {{"in", "The signal.", 0}};
static const struct port_info outputs[] = {{"out", "The signal, lifted and lowered.", 0}};

struct eq {
    struct bands bands; /* first: graph/dsp/bands.h */
};

static int eq_init(void *state, const struct node_init *init, struct error *error)
{
    (void)error;
    bands_init(&((struct eq *)state)->bands, init->rate_hz, init->channels);
    return 0;
}

/* What comes behind the bands; the end of every block. */
DAWD_CLONES static void leave(struct eq *eq, const struct node_io *io)
{
    const struct param *output = &io->param[OUTPUT];
    float room[BLOCK_MAX];
    bands_leave_rt(&eq->bands, io);
    if (control_rests_at(output, 0))
        return;
    const float *db = control_frames(output, room, io->n);
    for (unsigned i = 0; i < io->n; i++)
        room[i] = decibel_gain(db[i]);
    for (unsigned c = 0; c < eq->bands.channels; c++) {
        float *out = io->out[c];
        for (unsigned i = 0; i < io->n; i++)
            out[i] *= room[i];
    }
}

static void eq_process(void *state, const struct node_io *io)
{
    struct eq *eq = state;
    if (bands_stand_still_rt(&eq->bands, io))
        bands_run_still_rt(&eq->bands, io);
    else
        bands_run_moving_rt(&eq->bands, io);
    leave(eq, io);
}

/* ---- side by side ------------------------------------------------------------------------------------------------------ */

/* Not where all bands are out, which would cost as much as the others. */
static bool fits_lanes(const void *state, const struct node_io *io)
{
    const struct bands *bands = &((const struct eq *)state)->bands;
    bool fits = false;
    for (unsigned b = 0; b < BANDS; b++)
        fits = fits || !bands->band[b].idle || !control_rests_at(band_row(io, b, BAND_ON), 0);
    for (unsigned c = 0; fits && c < bands->channels; c++)
        fits = lanes_are_sound(io->in[c], io->n);
    return fits;
}

static bool stands_still(void *state, const struct node_io *io)
{
    return bands_stand_still_rt(&((struct eq *)state)->bands, io);
}

static void leave_lanes(const struct lane_group *lanes)
{
    for (unsigned l = 0; l < lanes->n; l++)
        leave(lanes->state[l], lanes->io[l]);
}

static void run_still_lanes(const struct lane_group *lanes)
{
    bands_run_still_lanes_rt(lanes);
    leave_lanes(lanes);
}

static void run_moving_lanes(const struct lane_group *lanes)
{
    bands_run_moving_lanes_rt(lanes);
    leave_lanes(lanes);
}

static void eq_process_lanes(const struct lane_group *lanes)
{
    static const struct lane_ways ways = {fits_lanes, stands_still, run_still_lanes, run_moving_lanes, eq_process};
    lanes_run(lanes, &ways);
}

/* ---- sleep ------------------------------------------------------------------------------------------------------------- */

static bool eq_settled(void *state, unsigned n, uint64_t quiet)
{
    (void)n;
    (void)quiet;
    return bands_settled_rt(&((struct eq *)state)->bands);
}

static void eq_rest(void *state)
{
    bands_rest_rt(&((struct eq *)state)->bands);
}

const struct node_class eq_node = {
    .name = "eq",
    .help = "Lifts and lowers parts of the spectrum: eight bands.",
    .params = params,
    .n_params = ROWS(params),
    .inputs = inputs,
    .n_inputs = ROWS(inputs),
    .outputs = outputs,
    .n_outputs = ROWS(outputs),
    .channels = 2,
    .channels_max = PORT_CHANNELS_MAX,
    .sleeps = {.can = true, .settled = eq_settled, .rest = eq_rest},
    .finite = true,
    .state_bytes = sizeof(struct eq),
    .init = eq_init,
    .process = eq_process,
    .process_lanes = eq_process_lanes,
};
