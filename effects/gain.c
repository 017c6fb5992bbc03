/* Makes a signal louder or softer.
 *
 *      in --(x)--> out
 *            ^ gain
 */
#include <string.h>

#include "graph/dsp/control.h"
#include "graph/dsp/decibel.h"
#include "graph/dsp/vector.h"
#include "graph/node.h"
#include "graph/rt_only.h"

enum { GAIN };

static const struct param_info params[] = {
    [GAIN] = {"gain", "dB", "How much louder the signal leaves than it came; -120 dB is silence.", NULL, DECIBEL_OFF, 24, 0,
              0.02f},
};

static const struct port_info inputs[] = {{"in", "The signal.", 0}};
static const struct port_info outputs[] = {{"out", "The signal at its new level.", 0}};

struct gain {
    unsigned channels;
    float db, factor; /* of a gain at rest: the power costs half as much as the block */
};

static int gain_init(void *state, const struct node_init *init, struct error *error)
{
    (void)error;
    *(struct gain *)state = (struct gain){init->channels, init->param[GAIN], decibel_level(init->param[GAIN])};
    return 0;
}

/* Whatever comes in: zero times infinity is no silence. Who hears only this may sleep. */
static void fall_silent(const struct gain *gain, const struct node_io *io)
{
    for (unsigned c = 0; c < gain->channels; c++)
        memset(io->out[c], 0, io->n * sizeof(float));
    silence_tell(io);
}

static inline void scale(const float *in, float *out, float by, unsigned n)
{
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < n; i++)
        out[i] = in[i] * by;
}

static inline void scale_frames(const float *in, float *out, const float *by, unsigned n)
{
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < n; i++)
        out[i] = by[i] > 0 ? in[i] * by[i] : 0;
}

DAWD_CLONES static void gain_process(void *state, const struct node_io *io)
{
    struct gain *gain = state;
    const struct param *db = &io->param[GAIN];
    float room[BLOCK_MAX];
    if (param_is_constant(db)) {
        if (gain->db != db->value)
            *gain = (struct gain){gain->channels, db->value, decibel_level(db->value)};
        for (unsigned c = 0; c < gain->channels && gain->factor > 0; c++)
            if (!channel_repeats(io, c))
                scale(io->in[c], io->out[c], gain->factor, io->n);
        if (gain->factor == 0)
            fall_silent(gain, io);
        return;
    }
    const float *frames = control_frames(db, room, io->n);
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < io->n; i++)
        room[i] = decibel_level(frames[i]);
    for (unsigned c = 0; c < gain->channels; c++)
        if (!channel_repeats(io, c))
            scale_frames(io->in[c], io->out[c], room, io->n);
}

const struct node_class gain_node = {
    .name = "gain",
    .help = "Makes a signal louder or softer.",
    .params = params,
    .n_params = ROWS(params),
    .inputs = inputs,
    .n_inputs = ROWS(inputs),
    .outputs = outputs,
    .n_outputs = ROWS(outputs),
    .channels = 2,
    .channels_max = PORT_CHANNELS_MAX,
    .sleeps = {.can = true},
    .finite = true,
    .is_memoryless = true,
    .state_bytes = sizeof(struct gain),
    .init = gain_init,
    .process = gain_process,
};
