/* A lane has as many sections as its node has bands that do something, one behind the other; where it has none left, the sound
 * passes. */
#include "graph/dsp/bands.h"
#include "graph/dsp/svf_cell_lanes.h"

#include "graph/rt_only.h"

static inline struct bands *bands_of(const struct lane_group *lanes, unsigned l)
{
    return lanes_state(lanes, l);
}

/* ---- at rest ----------------------------------------------------------------------------------------------------------- */

/* The pairs of all lanes, and one that passes. */
struct still {
    struct svf_pair_lanes by;
    struct svf_pair none;
    unsigned n_most; /* sections that any lane has */
};

static void pairs_load(const struct lane_group *lanes, unsigned k, struct still *still)
{
    const struct svf_pair *pair[LANES];
    for (unsigned l = 0; l < LANES; l++) {
        const struct bands *bands = bands_of(lanes, l);
        pair[l] = k < bands->n_active ? &bands->pair[k / 2] : &still->none;
    }
    svf_pair_lanes_load(&still->by, pair);
}

/* Where the state of section k of channel c of a lane is; null: it has none. */
static inline struct svf *state_of(const struct lane_group *lanes, unsigned l, unsigned c, unsigned k)
{
    struct bands *bands = bands_of(lanes, l);
    return k < bands->n_active ? &bands->svf[c][bands->active[k]] : NULL;
}

static void state_take(const struct lane_group *lanes, unsigned c, unsigned k, struct svf_lanes *s)
{
    static const struct svf zeros;
    const struct svf *svf[LANES];
    for (unsigned l = 0; l < LANES; l++) {
        const struct svf *own = state_of(lanes, l, c, k);
        svf[l] = own ? own : &zeros;
    }
    svf_lanes_gather(s, svf);
}

static void state_keep(const struct lane_group *lanes, unsigned c, unsigned k, const struct svf_lanes *s)
{
    struct svf none[LANES], *svf[LANES];
    for (unsigned l = 0; l < lanes->n; l++) {
        struct svf *own = state_of(lanes, l, c, k);
        svf[l] = own ? own : &none[l];
    }
    svf_lanes_scatter(s, svf, lanes->n);
}

/* Channel c lies in the rows from c * BLOCK_MAX on, two channels at a time: what a pair takes is loaded for both. */
static void run_channels(const struct lane_group *lanes, struct still *still, unsigned first, unsigned n_channels)
{
    unsigned n = lanes->io[0]->n;
    for (unsigned c = 0; c < n_channels; c++)
        lanes_in(lanes, first + c, 0, lanes->room + c * BLOCK_MAX, n);
    for (unsigned k = 0; k < still->n_most; k += 2) {
        pairs_load(lanes, k, still);
        for (unsigned c = 0; c < n_channels; c++) {
            struct svf_lanes s[2];
            state_take(lanes, first + c, k, &s[0]);
            state_take(lanes, first + c, k + 1, &s[1]);
            svf_pair_lanes_run(&still->by, s, lanes->room + c * BLOCK_MAX, n);
            state_keep(lanes, first + c, k, &s[0]);
            state_keep(lanes, first + c, k + 1, &s[1]);
        }
    }
    for (unsigned c = 0; c < n_channels; c++)
        lanes_out(lanes, first + c, 0, lanes->room + c * BLOCK_MAX, n);
}

/* How many sections there are; a pair that passes is dear, and mostly all have the same number. */
static void still_set(struct still *still, const struct lane_group *lanes)
{
    float mix[3];
    const struct svf_coefficients none = svf_terms_coefficients(&svf_terms_none, mix);
    unsigned least = BANDS;
    still->n_most = 0;
    for (unsigned l = 0; l < lanes->n; l++) {
        unsigned n = bands_of(lanes, l)->n_active;
        still->n_most = n > still->n_most ? n : still->n_most;
        least = n < least ? n : least;
    }
    if ((least + 1) / 2 == (still->n_most + 1) / 2)
        return;
    still->none = (struct svf_pair){0};
    svf_pair_set(&still->none, (const struct svf_coefficients[]){none, none}, (const float *const[]){mix, mix});
}

/* Those that are flat have nothing to do with the others: they would not even change the sign of a zero. */
void bands_run_still_lanes_rt(const struct lane_group *lanes)
{
    struct lane_group busy = {.room = lanes->room};
    struct still still;
    for (unsigned l = 0; l < lanes->n; l++)
        if (bands_of(lanes, l)->n_active) {
            busy.state[busy.n] = lanes->state[l];
            busy.io[busy.n++] = lanes->io[l];
        } else {
            bands_run_still_rt(lanes->state[l], lanes->io[l]);
        }
    for (unsigned l = 0; busy.n < LANES_LEAST && l < busy.n; l++)
        bands_run_still_rt(busy.state[l], busy.io[l]);
    if (busy.n < LANES_LEAST)
        return;
    still_set(&still, &busy);
    for (unsigned first = 0, channels = bands_of(lanes, 0)->channels; first < channels; first += 2)
        run_channels(&busy, &still, first, channels - first < 2 ? 1 : 2);
}

/* ---- in motion --------------------------------------------------------------------------------------------------------- */

/* The bands of every lane that may do something in this block. */
struct moving {
    unsigned band[LANES][BANDS], n[LANES], n_most;
    struct svf_lanes *states; /* per section and channel */
    struct svf_cell_lanes cell;
    bool idle[LANES]; /* in this section and cell */
};

static void moving_set(struct moving *moving, const struct lane_group *lanes)
{
    moving->n_most = 0;
    for (unsigned l = 0; l < LANES; l++) {
        moving->n[l] = 0;
        for (unsigned b = 0; l < lanes->n && b < BANDS; b++)
            if (!band_stays_out_rt(&bands_of(lanes, l)->band[b], lanes->io[l], b))
                moving->band[l][moving->n[l]++] = b;
        moving->n_most = moving->n_most < moving->n[l] ? moving->n[l] : moving->n_most;
    }
}

/* Designs section k of all lanes for the cell that begins at frame `at`. */
static void step(struct moving *moving, const struct lane_group *lanes, unsigned k, unsigned at)
{
    struct matched_wish wish;
    struct matched_shapes shapes;
    for (unsigned l = 0; l < LANES; l++) {
        unsigned of = k < moving->n[l] ? l : 0;
        band_wish_rt(&wish, l, lanes->io[of], k < moving->n[of] ? moving->band[of][k] : 0, at);
    }
    matched_design_rt(&shapes, &wish, bands_of(lanes, 0)->frame_s, LANES);
    for (unsigned l = 0; l < lanes->n; l++)
        if (k < moving->n[l]) {
            unsigned b = moving->band[l][k];
            band_step_rt(bands_of(lanes, l), &bands_of(lanes, l)->band[b],
                         (unsigned)param_at(band_row(lanes->io[l], b, BAND_ON), at), &wish, &shapes, l);
        }
}

/* The lines of section k. */
static void cell_set(struct moving *moving, const struct lane_group *lanes, unsigned k)
{
    for (unsigned l = 0; l < LANES; l++) {
        const struct band *band = k < moving->n[l] ? &bands_of(lanes, l)->band[moving->band[l][k]] : NULL;
        moving->idle[l] = !band || band->idle;
        if (moving->idle[l])
            svf_cell_lanes_set(&moving->cell, l, &svf_terms_none, &svf_terms_none);
        else
            svf_cell_lanes_set(&moving->cell, l, &band->from, &band->to);
    }
}

/* n frames from `from` on, in one cell. */
static void run_cell(struct moving *moving, const struct lane_group *lanes, unsigned from, unsigned n)
{
    float(*x)[LANES] = lanes->room;
    unsigned inside = (unsigned)((lanes->io[0]->frame + from) % SVF_CELL), channels = bands_of(lanes, 0)->channels;
    for (unsigned c = 0; c < channels; c++)
        lanes_in(lanes, c, from, x + c * SVF_CELL, n);
    for (unsigned k = 0; k < moving->n_most; k++) {
        if (!inside)
            step(moving, lanes, k, from);
        cell_set(moving, lanes, k);
        for (unsigned c = 0; c < channels; c++) {
            struct svf_lanes *s = &moving->states[k * channels + c];
            for (unsigned l = 0; l < LANES; l++)
                if (moving->idle[l])
                    s->s1[l] = s->s2[l] = 0;
            svf_cell_lanes_run(&moving->cell, s, x + c * SVF_CELL, inside, n);
        }
    }
    for (unsigned c = 0; c < channels; c++)
        lanes_out(lanes, c, from, x + c * SVF_CELL, n);
}

/* Takes the states of all sections and channels out of the nodes, or puts them back. */
static void states_move(struct moving *moving, const struct lane_group *lanes, bool back)
{
    unsigned channels = bands_of(lanes, 0)->channels;
    for (unsigned i = 0; i < moving->n_most * channels; i++) {
        struct svf room[LANES] = {{0}}, *svf[LANES];
        unsigned k = i / channels, c = i % channels;
        for (unsigned l = 0; l < LANES; l++)
            svf[l] = k < moving->n[l] ? &bands_of(lanes, l)->svf[c][moving->band[l][k]] : &room[l];
        if (back)
            svf_lanes_scatter(&moving->states[i], svf, lanes->n);
        else
            svf_lanes_gather(&moving->states[i], (const struct svf *const *)svf);
    }
}

void bands_run_moving_lanes_rt(const struct lane_group *lanes)
{
    struct moving moving;
    moving_set(&moving, lanes);
    moving.states = (struct svf_lanes *)(lanes->room + PORT_CHANNELS_MAX * SVF_CELL);
    states_move(&moving, lanes, false);
    for (unsigned from = 0, run; from < lanes->io[0]->n; from += run) {
        unsigned left = lanes->io[0]->n - from;
        run = SVF_CELL - (unsigned)((lanes->io[0]->frame + from) % SVF_CELL);
        run = run < left ? run : left;
        run_cell(&moving, lanes, from, run);
    }
    states_move(&moving, lanes, true);
}
