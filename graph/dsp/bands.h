/* A row of eight filters in series that may be anything and change at any time: the bands of an equaliser.
 *
 *      in --> [band 0] --> [band 1] --> ... --> [band 7] --> out
 *               ^ on, type, freq, gain, q: the first parameters of the node, BAND_ROWS for each band
 *
 * A band that is off, or flat, is not there: neither cost nor change. While all stand still they run two by two, eight frames at
 * once (svf_pair.h). While one of them moves, all go along straight lines from cell to cell (svf_cells.h): what its parameters are
 * at the beginning of a cell is where it is at the end. Another type, on and off are such lines as well, over 10 ms.
 */
#pragma once

#include "graph/dsp/svf_cells.h"
#include "graph/dsp/svf_pair.h"
#include "graph/node.h"

#define BANDS         8
#define BAND_CHANGE_S 0.01 /* to another type: too short to be heard as a fade, too long for a click */

/* Rows of a band in the node's parameters; those of band b begin at b * BAND_ROWS. */
enum { BAND_ON, BAND_TYPE, BAND_FREQ, BAND_GAIN, BAND_Q, BAND_ROWS };

/* One band of all channels. */
struct band {
    struct svf_terms from, to; /* at the ends of the cell */
    unsigned on, type;         /* as it is, or is on its way to */
    float hz, gain_db, q;      /* of the last design */
    unsigned left;             /* cells until a change of on or type is done */
    bool idle;                 /* flat at both ends: its state is zeros */
    bool level;                /* the same at both ends */
};

/* Zeroed and initialised in the node's init. */
struct bands {
    struct svf svf[PORT_CHANNELS_MAX][BANDS];
    struct band band[BANDS];
    /* For bands that stand still: those that are not flat, two by two, and the last one alone if they are odd. */
    struct svf_pair pair[BANDS / 2];
    struct svf_block last;
    unsigned active[BANDS], n_active;
    bool prepared;   /* these are so */
    uint64_t frame;  /* that is next, unless it stands still in between */
    unsigned change; /* cells of a change of type */
    double frame_s;
    unsigned channels;
};

DAWD_CTL static inline void bands_init(struct bands *bands, double rate_hz, unsigned channels)
{
    bands->frame = UINT64_MAX;
    bands->frame_s = 1 / rate_hz;
    bands->change = 1 + (unsigned)(BAND_CHANGE_S * rate_hz / SVF_CELL);
    bands->channels = channels;
}

/* A parameter of a band. */
DAWD_RT static inline const struct param *band_row(const struct node_io *io, unsigned band, unsigned row)
{
    return &io->param[band * BAND_ROWS + row];
}

/* Whether all bands are where they want to be during all of this block; then they are prepared for bands_run_still_rt. To
 * be asked in every block, before it is run. */
DAWD_RT bool bands_stand_still_rt(struct bands *bands, const struct node_io *io);
/* One block of those that stand still, and of those that do not. */
DAWD_RT void bands_run_still_rt(struct bands *bands, const struct node_io *io);
DAWD_RT void bands_run_moving_rt(struct bands *bands, const struct node_io *io);
/* The end of every block: states that are no sound are forgotten, and the fault is told. */
DAWD_RT void bands_leave_rt(struct bands *bands, const struct node_io *io);

/* Whether the band does nothing in this block, for it is off, has faded, and stays so. */
DAWD_RT bool band_stays_out_rt(const struct band *band, const struct node_io *io, unsigned b);
/* Goes on to the next cell of its line, towards wish i; `on` as the parameter says at its first frame. */
DAWD_RT void band_step_rt(struct bands *bands, struct band *band, unsigned on, const struct matched_wish *wish,
                          const struct matched_shapes *shapes, unsigned i);
/* What the parameters of a band are at a frame of the block, as wish i. */
DAWD_RT void band_wish_rt(struct matched_wish *wish, unsigned i, const struct node_io *io, unsigned b, unsigned at);

/* The same blocks side by side (graph/dsp/lanes.h), without their end; the state of each node begins with its struct bands. Sound
 * must be is_sound in every lane. */
DAWD_RT void bands_run_still_lanes_rt(const struct lane_group *lanes);
DAWD_RT void bands_run_moving_lanes_rt(const struct lane_group *lanes);

/* For node_sleep. */
DAWD_RT bool bands_settled_rt(const struct bands *bands);
DAWD_RT void bands_rest_rt(struct bands *bands);
