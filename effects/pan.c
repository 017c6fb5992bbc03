/* Places a signal between left and right.
 *
 *      mono in ---+--(x falling law)--> left          stereo in, a balance:  left  --(x)--> left
 *                 +--(x rising law)---> right                                right --(x)--> right
 *
 * A law says how a side falls from 1 to 0 while the position moves away from it by d = 0..1: as a cosine (the two powers
 * add up to 1), as a straight line (the amplitudes do), or as the geometric mean of both, -4.5 dB in the middle. A balance
 * leaves the side that it is turned to as it is.
 */
#include "graph/dsp/blend.h"
#include "graph/dsp/control.h"
#include "graph/dsp/fastmath.h"
#include "graph/dsp/vector.h"
#include "graph/node.h"
#include "graph/rt_only.h"

enum { POSITION, LAW };
enum { EQUAL_POWER, LINEAR, MID };

static const char *const laws[] = {"equal_power", "linear", "mid", NULL};

static const struct param_info params[] = {
    [POSITION] = {"position", "", "-1 is left, 0 the middle, 1 right; of a stereo signal, which side stays.", NULL, -1, 1,
                  0, 0.02f},
    [LAW] = {"law", "", "How a signal in the middle sounds: equal_power -3 dB per side, linear -6, mid -4.5.", laws, 0, MID,
             EQUAL_POWER, .kind = PARAM_CHOICE},
};

static const struct port_info inputs[] = {{"in", "One channel to be placed, or two to be balanced.", 0}};
static const struct port_info outputs[] = {{"out", "Left and right.", 2}};

/* Shares of the cosine, the line and their geometric mean. */
static const float law_weights[][3] = {[EQUAL_POWER] = {1, 0, 0}, [LINEAR] = {0, 1, 0}, [MID] = {0, 0, 1}};

struct pan {
    struct blend law;
    unsigned channels; /* of the input: 1 or 2 */
};

static int pan_init(void *state, const struct node_init *init, struct error *error)
{
    struct pan *pan = state;
    (void)error;
    pan->channels = init->channels;
    blend_init(&pan->law, law_weights[(unsigned)init->param[LAW]], init->rate_hz);
    return 0;
}

/* The factor of a side at distance d, 0..1. */
static inline float fall(const float law[3], float d)
{
    float cosine = fast_cos_quarter(d), line = 1 - d;
    return law[0] * cosine + law[1] * line + law[2] * sqrtf(cosine * line);
}

/* Distance from the left; mirrored, from the right. One channel is heard in full on a side that it is placed on, two in the
 * middle too. */
static inline float distance(unsigned channels, float position)
{
    return channels == 1 ? 0.5f + 0.5f * position : position > 0 ? position : 0;
}

static inline void factors_at(const struct pan *pan, float position, float *left, float *right)
{
    *left = fall(pan->law.now, distance(pan->channels, position));
    *right = fall(pan->law.now, distance(pan->channels, -position));
}

/* Factors of both sides, frame by frame. */
DAWD_CLONES static void factors(struct pan *pan, const struct node_io *io, float *left, float *right)
{
    const struct param *law = &io->param[LAW];
    const float *position = control_frames(&io->param[POSITION], right, io->n);
    if (!param_is_constant(law) || !blend_rests_at(&pan->law, law_weights[(unsigned)law->value])) {
        for (unsigned i = 0; i < io->n; i++) {
            blend_next(&pan->law, law_weights[(unsigned)param_at(law, i)]);
            factors_at(pan, position[i], &left[i], &right[i]);
        }
        return;
    }
    unsigned n = param_is_constant(&io->param[POSITION]) ? 1 : io->n;
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < n; i++)
        factors_at(pan, position[i], &left[i], &right[i]);
    for (unsigned i = n; i < io->n; i++) {
        left[i] = left[0];
        right[i] = right[0];
    }
}

DAWD_CLONES static void pan_process(void *state, const struct node_io *io)
{
    struct pan *pan = state;
    float left[BLOCK_MAX], right[BLOCK_MAX];
    factors(pan, io, left, right);
    const float *in_left = io->in[0], *in_right = io->in[pan->channels - 1];
    float *out_left = io->out[0], *out_right = io->out[1];
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < io->n; i++) {
        float l = in_left[i] * left[i], r = in_right[i] * right[i];
        out_left[i] = l;
        out_right[i] = r;
    }
}

static void pan_rest(void *state)
{
    struct pan *pan = state;
    blend_arrive(&pan->law);
}

const struct node_class pan_node = {
    .name = "pan",
    .help = "Places a signal between left and right, or balances a stereo signal.",
    .params = params,
    .n_params = ROWS(params),
    .inputs = inputs,
    .n_inputs = ROWS(inputs),
    .outputs = outputs,
    .n_outputs = ROWS(outputs),
    .channels = 2,
    .channels_max = 2,
    .sleeps = {.can = true, .rest = pan_rest},
    .finite = true,
    .state_bytes = sizeof(struct pan),
    .init = pan_init,
    .process = pan_process,
};
