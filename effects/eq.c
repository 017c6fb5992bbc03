/* An equaliser: eight bands in series, each a bell, a shelf, a pass or a notch with the shape of its analogue model up to the
 * end of the spectrum (graph/dsp/matched.h).
 *
 *      in --> [band 1] --> [band 2] --> ... --> [band 8] --> (x output) --> out
 *
 * A band that is off, or flat, is not there: neither cost nor change. While all stand still they run two by two, eight frames at
 * once. While one of them moves, all go along straight lines from cell to cell (graph/dsp/svf_cells.h): what its parameters
 * are at the beginning of a cell is where it is at the end. Another type, on and off are such lines as well, over 10 ms.
 */
#include "graph/dsp/control.h"
#include "graph/dsp/decibel.h"
#include "graph/dsp/svf_cell_lanes.h"
#include "graph/node.h"
#include "graph/rt_only.h"

enum { ON, TYPE, FREQ, GAIN, Q, BAND_ROWS };

#define BANDS      8
#define OUTPUT_ROW (BANDS * BAND_ROWS)
#define CHANGE_S   0.01 /* to another type: too short to be heard as a fade, too long for a click */

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

struct band {
    struct svf_terms from, to; /* at the ends of the cell */
    unsigned on, type;         /* as it is, or is on its way to */
    float hz, gain_db, q;      /* of the last design */
    unsigned left;             /* cells until a change of on or type is done */
    bool idle;                 /* flat at both ends: its state is zeros */
};

struct eq {
    struct svf svf[PORT_CHANNELS_MAX][BANDS];
    struct band band[BANDS];
    /* For bands that stand still: those that are not flat, two by two, and the last one alone if they are odd. */
    struct svf_pair pair[BANDS / 2];
    struct svf_block last;
    unsigned active[BANDS], n_active;
    bool prepared;   /* these are so */
    uint64_t frame;  /* that is next, unless it has stood still in between */
    unsigned change; /* cells of a change of type */
    double frame_s;
    unsigned channels;
};

static inline const struct param *row_of(const struct node_io *io, unsigned band, unsigned row)
{
    return &io->param[band * BAND_ROWS + row];
}

static int eq_init(void *state, const struct node_init *init, struct error *error)
{
    struct eq *eq = state;
    (void)error;
    eq->frame = UINT64_MAX;
    eq->frame_s = 1 / init->rate_hz;
    eq->change = 1 + (unsigned)(CHANGE_S * init->rate_hz / SVF_CELL);
    eq->channels = init->channels;
    return 0;
}

/* ---- from cell to cell ------------------------------------------------------------------------------------------------- */

/* What band b wants to be at frame `at`, as wish i. */
static void wish_set(struct matched_wish *wish, unsigned i, const struct node_io *io, unsigned b, unsigned at)
{
    wish->type[i] = (unsigned)param_at(row_of(io, b, TYPE), at);
    wish->hz[i] = param_at(row_of(io, b, FREQ), at);
    wish->gain_db[i] = param_at(row_of(io, b, GAIN), at);
    wish->q[i] = param_at(row_of(io, b, Q), at);
}

/* Enters the next cell, at whose end it is nearer to wish i, or there. */
static void band_step(struct eq *eq, struct band *band, unsigned on, const struct matched_wish *wish,
                      const struct matched_shapes *shapes, unsigned i)
{
    struct svf_terms aim = svf_terms_of(shapes, i);
    if (!on)
        aim = svf_terms_flat(&band->to);
    if (on != band->on || wish->type[i] != band->type)
        band->left = eq->change;
    band->on = on;
    band->type = wish->type[i];
    band->hz = wish->hz[i];
    band->gain_db = wish->gain_db[i];
    band->q = wish->q[i];
    /* Nothing is heard of the poles yet, so they need no way. */
    band->from = band->idle ? svf_terms_flat(&aim) : band->to;
    band->to = band->left ? svf_terms_towards(&band->from, &aim, (double)(int)band->left) : aim;
    if (band->left && !--band->left)
        band->to = aim;
    band->idle = svf_terms_are_flat(&band->from) && svf_terms_are_flat(&band->to);
    eq->prepared = false;
}

/* Is where its parameters are, when nobody has heard what went before. */
static void band_arrive(struct eq *eq, const struct node_io *io, unsigned b)
{
    struct band *band = &eq->band[b];
    struct matched_wish wish;
    struct matched_shapes shapes;
    wish_set(&wish, 0, io, b, 0);
    matched_design_rt(&shapes, &wish, eq->frame_s, 1);
    band->idle = true;
    band->on = (unsigned)param_at(row_of(io, b, ON), 0);
    band->type = wish.type[0];
    band->left = 0;
    band_step(eq, band, band->on, &wish, &shapes, 0);
    band->from = band->to;
    band->idle = svf_terms_are_flat(&band->to);
}

/* Whether it is where it wants to be during all of this block. */
static bool band_rests(const struct band *band, const struct node_io *io, unsigned b)
{
    const struct param *on = row_of(io, b, ON), *type = row_of(io, b, TYPE), *hz = row_of(io, b, FREQ),
                       *gain = row_of(io, b, GAIN), *q = row_of(io, b, Q);
    if (!param_is_constant(on) || (unsigned)on->value != band->on || band->left)
        return false;
    if (!band->on)
        return band->idle;
    return param_is_constant(type) && (unsigned)type->value == band->type && control_rests_at(hz, band->hz) &&
           control_rests_at(gain, band->gain_db) && control_rests_at(q, band->q) &&
           memcmp(&band->from, &band->to, sizeof band->from) == 0;
}

/* ---- at rest ----------------------------------------------------------------------------------------------------------- */

/* The kth band that is not flat; behind the last one, one that leaves the sound alone. */
static struct svf_coefficients active_coefficients(const struct eq *eq, unsigned k, float mix[3])
{
    static const struct svf_terms nothing = {{0, 0, 0, 1, -0.0, -0.0}};
    return svf_terms_coefficients(k < eq->n_active ? &eq->band[eq->active[k]].to : &nothing, mix);
}

static void prepare(struct eq *eq)
{
    float mix[2][3];
    eq->n_active = 0;
    for (unsigned b = 0; b < BANDS; b++)
        if (!eq->band[b].idle)
            eq->active[eq->n_active++] = b;
    for (unsigned k = 0; k < eq->n_active; k += 2) {
        const struct svf_coefficients by[2] = {active_coefficients(eq, k, mix[0]), active_coefficients(eq, k + 1, mix[1])};
        svf_pair_set(&eq->pair[k / 2], by, (const float *const[]){mix[0], mix[1]});
        if (k + 1 == eq->n_active)
            svf_block_set(&eq->last, by[0], mix[0]);
    }
    eq->prepared = true;
}

/* Prepares eight frames at once where nothing moves in this block; false where something does. */
static bool stands_still(void *state, const struct node_io *io)
{
    struct eq *eq = state;
    if (eq->frame != io->frame)
        for (unsigned b = 0; b < BANDS; b++)
            band_arrive(eq, io, b);
    eq->frame = io->frame + io->n;
    for (unsigned b = 0; b < BANDS; b++)
        if (!band_rests(&eq->band[b], io, b))
            return false;
    if (!eq->prepared)
        prepare(eq);
    return true;
}

DAWD_CLONES static void run_still(struct eq *eq, unsigned c, const float *x, float *out, unsigned n)
{
    struct svf *svf = eq->svf[c], both[2];
    unsigned k = 0;
    for (; k + 1 < eq->n_active; k += 2, x = out) {
        struct svf *first = &svf[eq->active[k]], *second = &svf[eq->active[k + 1]];
        both[0] = *first;
        both[1] = *second;
        svf_pair_run(&eq->pair[k / 2], both, x, out, n);
        *first = both[0];
        *second = both[1];
    }
    if (k < eq->n_active)
        svf_block_run(&eq->last, &svf[eq->active[k]], x, out, n);
    else if (!k && x != out)
        memcpy(out, x, n * sizeof *out);
}

/* ---- in motion --------------------------------------------------------------------------------------------------------- */

static void forget(struct eq *eq, unsigned b)
{
    for (unsigned c = 0; c < eq->channels; c++)
        eq->svf[c][b] = (struct svf){0};
}

/* The first n steps, for the frames from `at` on. */
static inline void run_steps(struct eq *eq, unsigned b, const struct svf_steps *steps, const struct node_io *io,
                             unsigned at, unsigned n)
{
    for (unsigned c = 0; n && c < eq->channels; c += 2) {
        unsigned d = c + 1 < eq->channels ? c + 1 : c;
        float *const x[] = {io->out[c] + at, io->out[d] + at};
        svf_steps_run(steps, (struct svf *const[]){&eq->svf[c][b], &eq->svf[d][b]}, (const float *const *)x, x, n);
    }
}

/* Frames from `at` to the next cell's first one. */
static inline unsigned to_cell(const struct node_io *io, unsigned at)
{
    return (unsigned)(-(io->frame + at) % SVF_CELL);
}

/* The cells that begin in n frames from `from` on. */
static unsigned design(const struct eq *eq, unsigned b, const struct node_io *io, unsigned from, unsigned n,
                       struct matched_wish *wish, struct matched_shapes *shapes)
{
    unsigned count = 0;
    for (unsigned at = from + to_cell(io, from); at < from + n; at += SVF_CELL)
        wish_set(wish, count++, io, b, at);
    matched_design_rt(shapes, wish, eq->frame_s, count);
    return count;
}

/* Band b over n frames of the outputs, up to SVF_STRETCH. */
DAWD_CLONES static void run_band(struct eq *eq, unsigned b, const struct node_io *io, unsigned from, unsigned n)
{
    struct band *band = &eq->band[b];
    struct matched_wish wish;
    struct matched_shapes shapes;
    struct svf_steps steps;
    unsigned cell = 0, done = 0;
    design(eq, b, io, from, n, &wish, &shapes);
    for (unsigned at = from, run; at < from + n; at += run) {
        unsigned inside = (unsigned)((io->frame + at) % SVF_CELL), left = from + n - at;
        if (!inside)
            band_step(eq, band, (unsigned)param_at(row_of(io, b, ON), at), &wish, &shapes, cell++);
        run = left < SVF_CELL - inside ? left : SVF_CELL - inside;
        if (band->idle) {
            run_steps(eq, b, &steps, io, at - done, done);
            done = 0;
            forget(eq, b);
        } else {
            svf_steps_fill(&steps, done, &band->from, &band->to, inside, run);
            done += run;
        }
    }
    run_steps(eq, b, &steps, io, from + n - done, done);
}

/* Whether the band does nothing in this block. */
static bool stays_out(const struct band *band, const struct node_io *io, unsigned b)
{
    return band->idle && !band->on && control_rests_at(row_of(io, b, ON), 0);
}

static void run_moving(struct eq *eq, const struct node_io *io)
{
    for (unsigned c = 0; c < eq->channels; c++)
        if (io->in[c] != io->out[c])
            memcpy(io->out[c], io->in[c], io->n * sizeof(float));
    for (unsigned from = 0; from < io->n; from += SVF_STRETCH)
        for (unsigned b = 0; b < BANDS; b++)
            if (!stays_out(&eq->band[b], io, b))
                run_band(eq, b, io, from, io->n - from < SVF_STRETCH ? io->n - from : SVF_STRETCH);
}

/* ---- both -------------------------------------------------------------------------------------------------------------- */

/* What comes behind the bands, on one node; the end of every way. */
DAWD_CLONES static void leave(struct eq *eq, const struct node_io *io)
{
    const struct param *output = &io->param[OUTPUT_ROW];
    float room[BLOCK_MAX];
    for (unsigned c = 0; c < eq->channels; c++)
        for (unsigned b = 0; b < BANDS; b++)
            if (!svf_heal(&eq->svf[c][b]))
                fault_tell(io);
    if (control_rests_at(output, 0))
        return;
    const float *db = control_frames(output, room, io->n);
    for (unsigned i = 0; i < io->n; i++)
        room[i] = decibel_gain(db[i]);
    for (unsigned c = 0; c < eq->channels; c++)
        for (unsigned i = 0; i < io->n; i++)
            io->out[c][i] *= room[i];
}

static void eq_process(void *state, const struct node_io *io)
{
    struct eq *eq = state;
    if (stands_still(eq, io))
        for (unsigned c = 0; c < eq->channels; c++)
            run_still(eq, c, io->in[c], io->out[c], io->n);
    else
        run_moving(eq, io);
    leave(eq, io);
}

/* ---- sleep ------------------------------------------------------------------------------------------------------------- */

static bool eq_settled(void *state, unsigned n, uint64_t quiet)
{
    const struct eq *eq = state;
    (void)n;
    (void)quiet;
    for (unsigned b = 0; b < BANDS; b++) {
        if (eq->band[b].left)
            return false;
        for (unsigned c = 0; c < eq->channels; c++)
            if (!svf_is_quiet(&eq->svf[c][b]))
                return false;
    }
    return true;
}

static void eq_rest(void *state)
{
    struct eq *eq = state;
    memset(eq->svf, 0, sizeof eq->svf);
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
};
