#include "graph/dsp/bands.h"

#include "graph/dsp/control.h"

#include "graph/rt_only.h"

/* ---- from cell to cell ------------------------------------------------------------------------------------------------- */

void band_wish_rt(struct matched_wish *wish, unsigned i, const struct node_io *io, unsigned b, unsigned at)
{
    wish->type[i] = (unsigned)param_at(band_row(io, b, BAND_TYPE), at);
    wish->hz[i] = param_at(band_row(io, b, BAND_FREQ), at);
    wish->gain_db[i] = param_at(band_row(io, b, BAND_GAIN), at);
    wish->q[i] = param_at(band_row(io, b, BAND_Q), at);
}

void band_step_rt(struct bands *bands, struct band *band, unsigned on, const struct matched_wish *wish,
                  const struct matched_shapes *shapes, unsigned i)
{
    struct svf_terms aim = on ? svf_terms_of(shapes, i) : svf_terms_flat(&band->to);
    if (on != band->on || wish->type[i] != band->type)
        band->left = bands->change;
    band->on = on;
    band->type = wish->type[i];
    band->hz = wish->hz[i];
    band->gain_db = wish->gain_db[i];
    band->q = wish->q[i];
    /* Where nothing is heard of the poles yet they need no way. */
    band->from = band->idle ? svf_terms_flat(&aim) : band->to;
    band->to = band->left ? svf_terms_towards(&band->from, &aim, (double)(int)band->left) : aim;
    if (band->left && !--band->left)
        band->to = aim;
    band->idle = svf_terms_are_flat(&band->from) && svf_terms_are_flat(&band->to);
    band->level = memcmp(&band->from, &band->to, sizeof band->from) == 0;
    bands->prepared = false;
}

/* Is where its parameters are, when nobody has heard what went before. */
static void arrive(struct bands *bands, const struct node_io *io, unsigned b)
{
    struct band *band = &bands->band[b];
    struct matched_wish wish;
    struct matched_shapes shapes;
    band_wish_rt(&wish, 0, io, b, 0);
    matched_design_rt(&shapes, &wish, bands->frame_s, 1);
    band->on = (unsigned)param_at(band_row(io, b, BAND_ON), 0);
    band->type = wish.type[0];
    band->left = 0;
    band_step_rt(bands, band, band->on, &wish, &shapes, 0);
    band->from = band->to;
    band->idle = svf_terms_are_flat(&band->to);
    band->level = true;
}

static bool rests(const struct band *band, const struct node_io *io, unsigned b)
{
    const struct param *on = band_row(io, b, BAND_ON), *type = band_row(io, b, BAND_TYPE);
    if (!param_is_constant(on) || (unsigned)on->value != band->on || band->left)
        return false;
    if (!band->on)
        return band->idle;
    return band->level && param_is_constant(type) && (unsigned)type->value == band->type &&
           control_rests_at(band_row(io, b, BAND_FREQ), band->hz) &&
           control_rests_at(band_row(io, b, BAND_GAIN), band->gain_db) &&
           control_rests_at(band_row(io, b, BAND_Q), band->q) && memcmp(&band->from, &band->to, sizeof band->from) == 0;
}

bool band_stays_out_rt(const struct band *band, const struct node_io *io, unsigned b)
{
    return band->idle && !band->on && control_rests_at(band_row(io, b, BAND_ON), 0);
}

/* ---- at rest ----------------------------------------------------------------------------------------------------------- */

/* The kth band that is not flat; behind the last one, one that leaves the sound alone. */
static struct svf_coefficients active_coefficients(const struct bands *bands, unsigned k, float mix[3])
{
    return svf_terms_coefficients(k < bands->n_active ? &bands->band[bands->active[k]].to : &svf_terms_none, mix);
}

static void prepare(struct bands *bands)
{
    float mix[2][3];
    bands->n_active = 0;
    for (unsigned b = 0; b < BANDS; b++)
        if (!bands->band[b].idle)
            bands->active[bands->n_active++] = b;
    for (unsigned k = 0; k < bands->n_active; k += 2) {
        const struct svf_coefficients by[2] = {active_coefficients(bands, k, mix[0]),
                                               active_coefficients(bands, k + 1, mix[1])};
        svf_pair_set(&bands->pair[k / 2], by, (const float *const[]){mix[0], mix[1]});
        if (k + 1 == bands->n_active)
            svf_block_set(&bands->last, by[0], mix[0]);
    }
    bands->prepared = true;
}

bool bands_stand_still_rt(struct bands *bands, const struct node_io *io)
{
    if (bands->frame != io->frame)
        for (unsigned b = 0; b < BANDS; b++)
            arrive(bands, io, b);
    for (unsigned b = 0; b < BANDS; b++)
        if (!rests(&bands->band[b], io, b))
            return false;
    if (!bands->prepared)
        prepare(bands);
    return true;
}

DAWD_CLONES static void run_still(struct bands *bands, unsigned c, const float *x, float *out, unsigned n)
{
    struct svf *svf = bands->svf[c], both[2];
    unsigned k = 0;
    for (; k + 1 < bands->n_active; k += 2, x = out) {
        struct svf *first = &svf[bands->active[k]], *second = &svf[bands->active[k + 1]];
        both[0] = *first;
        both[1] = *second;
        svf_pair_run(&bands->pair[k / 2], both, x, out, n);
        *first = both[0];
        *second = both[1];
    }
    if (k < bands->n_active)
        svf_block_run(&bands->last, &svf[bands->active[k]], x, out, n);
    else if (!k && x != out)
        memcpy(out, x, n * sizeof *out);
}

void bands_run_still_rt(struct bands *bands, const struct node_io *io)
{
    for (unsigned c = 0; c < bands->channels; c++)
        run_still(bands, c, io->in[c], io->out[c], io->n);
}

/* ---- in motion --------------------------------------------------------------------------------------------------------- */

static void forget(struct bands *bands, unsigned b)
{
    for (unsigned c = 0; c < bands->channels; c++)
        bands->svf[c][b] = (struct svf){0};
}

/* The first n steps, for the frames from `at` on. */
static inline void run_steps(struct bands *bands, unsigned b, const struct svf_steps *steps, const struct node_io *io,
                             unsigned at, unsigned n)
{
    for (unsigned c = 0; n && c < bands->channels; c += 2) {
        unsigned d = c + 1 < bands->channels ? c + 1 : c;
        float *const x[] = {io->out[c] + at, io->out[d] + at};
        svf_steps_run(steps, (struct svf *const[]){&bands->svf[c][b], &bands->svf[d][b]}, (const float *const *)x, x, n);
    }
}

/* The cells that begin in n frames from `from` on. */
static void design(const struct bands *bands, unsigned b, const struct node_io *io, unsigned from, unsigned n,
                   struct matched_wish *wish, struct matched_shapes *shapes)
{
    unsigned count = 0, to_next = (unsigned)(-(io->frame + from) % SVF_CELL);
    for (unsigned at = from + to_next; at < from + n; at += SVF_CELL)
        band_wish_rt(wish, count++, io, b, at);
    matched_design_rt(shapes, wish, bands->frame_s, count);
}

/* Band b over n frames of the outputs, up to SVF_STRETCH. */
DAWD_CLONES static void run_band(struct bands *bands, unsigned b, const struct node_io *io, unsigned from, unsigned n)
{
    struct band *band = &bands->band[b];
    struct matched_wish wish;
    struct matched_shapes shapes;
    struct svf_steps steps;
    unsigned cell = 0, done = 0;
    design(bands, b, io, from, n, &wish, &shapes);
    for (unsigned at = from, run; at < from + n; at += run) {
        unsigned inside = (unsigned)((io->frame + at) % SVF_CELL), left = from + n - at;
        if (!inside)
            band_step_rt(bands, band, (unsigned)param_at(band_row(io, b, BAND_ON), at), &wish, &shapes, cell++);
        run = left < SVF_CELL - inside ? left : SVF_CELL - inside;
        if (band->idle) {
            run_steps(bands, b, &steps, io, at - done, done);
            done = 0;
            forget(bands, b);
        } else {
            svf_steps_fill(&steps, done, &band->from, &band->to, inside, run);
            done += run;
        }
    }
    run_steps(bands, b, &steps, io, from + n - done, done);
}

void bands_run_moving_rt(struct bands *bands, const struct node_io *io)
{
    for (unsigned c = 0; c < bands->channels; c++)
        if (io->in[c] != io->out[c])
            memcpy(io->out[c], io->in[c], io->n * sizeof(float));
    for (unsigned from = 0; from < io->n; from += SVF_STRETCH)
        for (unsigned b = 0; b < BANDS; b++)
            if (!band_stays_out_rt(&bands->band[b], io, b))
                run_band(bands, b, io, from, io->n - from < SVF_STRETCH ? io->n - from : SVF_STRETCH);
}

/* ---- the end ----------------------------------------------------------------------------------------------------------- */

void bands_leave_rt(struct bands *bands, const struct node_io *io)
{
    bands->frame = io->frame + io->n;
    for (unsigned c = 0; c < bands->channels; c++)
        if (!svf_heal_all(bands->svf[c], BANDS))
            fault_tell(io);
}

bool bands_settled_rt(const struct bands *bands)
{
    for (unsigned b = 0; b < BANDS; b++) {
        if (bands->band[b].left)
            return false;
        for (unsigned c = 0; c < bands->channels; c++)
            if (!svf_is_quiet(&bands->svf[c][b]))
                return false;
    }
    return true;
}

void bands_rest_rt(struct bands *bands)
{
    memset(bands->svf, 0, sizeof bands->svf);
}
