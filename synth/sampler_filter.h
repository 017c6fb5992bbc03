/* The filters of one layer of a sampler: what its zone asks for, then what the node adds for all.
 *
 *     reader ──▶ [zone: low, high, band or notch; keys, velocity, envelope] ──▶ [node: low-pass; velocity] ──▶ envelope
 *
 * Each is one state-variable section (graph/dsp/svf.h), both sides of a sound beside one another. A filter that nobody asks for
 * costs nothing; the node's begins at the frame at which it is asked for, from what is heard there, and then stays.
 */
#pragma once

#include "graph/dsp/amp_envelope.h"
#include "graph/dsp/slots.h"
#include "graph/dsp/svf.h"

#define SAMPLER_OPEN_HZ 20000.0f /* cutoff at which, and above which, the node does not filter */

/* One section. All zeros: it has not begun. */
struct sampler_filter {
    struct svf svf[2]; /* left and right */
    bool runs;
};

/* What the node says of its filter, per frame of a run. */
struct sampler_tone {
    const float *cutoff_hz, *q;
    bool is_open; /* all frames are */
};

/* Both, of one layer. */
struct sampler_filters {
    struct sampler_filter own, node;
    struct amp_envelope envelope; /* of the cutoff of its own */
    float own_hz;                 /* its cutoff without the envelope */
    float darker;                 /* factor of the node's cutoff */
    bool has_begun;               /* a frame has gone through */
};

/* For a note that begins; `bright`: octaves by which the softest touch lowers the node's cutoff. */
DAWD_RT void sampler_filters_start(struct sampler_filters *filters, const struct instrument_filter *filter,
                                   const struct slot *slot, float bright, double rate_hz);
DAWD_RT void sampler_filters_release(struct sampler_filters *filters, const struct instrument_filter *filter);
/* n frames in place, 1..BLOCK_MAX; `right` may be `left`. */
DAWD_RT void sampler_filters_run(struct sampler_filters *filters, const struct instrument_filter *filter,
                                 const struct sampler_tone *tone, double rate_hz, float *left, float *right, unsigned n);
