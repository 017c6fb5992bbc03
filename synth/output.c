/* Sound to the outside: JACK output ports, one per channel.
 *
 *     in channel c -> 0 where not finite -> held within +-ceiling -> JACK port c
 *
 * Whatever the graph does, no NaN or infinity reaches JACK, and by default nothing above full scale does. Below the ceiling
 * the bits pass as they are.
 */
#include "graph/node.h"

#include "graph/dsp/decibel.h"
#include "graph/dsp/vector.h"
#include "graph/rt_only.h"

enum { CEILING };
enum { CLIPPED, NONFINITE };

static const struct param_info params[] = {
    [CEILING] = {"ceiling", "dB", "Peaks are cut off at this level; 0 is full scale.", NULL, -60, 24, 0, 0.02f},
};

static const struct port_info inputs[] = {{"in", "What the JACK ports shall play.", 0}};

static const struct reading_info readings[] = {
    [CLIPPED] = {"clipped", "frames", "Frames cut off at the ceiling on any channel since the node was made."},
    [NONFINITE] = {"nonfinite", "frames", "Frames replaced by silence on any channel because they were no numbers."},
};

/* What happened in each frame, over the channels: 0 or 1, as wide as a float so that loops stay in vectors. */
struct marks {
    uint32_t clipped[BLOCK_MAX];
    uint32_t nonfinite[BLOCK_MAX];
};

struct output {
    uint64_t clipped, nonfinite; /* frames */
    unsigned channels;
};

static int output_init(void *state, const struct node_init *init, struct error *error)
{
    (void)error;
    *(struct output *)state = (struct output){.channels = init->channels};
    return 0;
}

DAWD_CLONES static void ceiling_run(float *gain, struct param db, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        gain[i] = decibel_gain(param_at(&db, i));
}

DAWD_CLONES static void guard(float *out, const float *in, const float *ceiling, struct marks *marks, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        bool finite = fabsf(in[i]) < INFINITY;
        float x = finite ? in[i] : 0.0f, most = ceiling[i];
        marks->nonfinite[i] |= !finite;
        marks->clipped[i] |= fabsf(x) > most;
        x = x < most ? x : most;
        out[i] = x > -most ? x : -most;
    }
}

static unsigned sum(const uint32_t *mark, unsigned n)
{
    unsigned total = 0;
    for (unsigned i = 0; i < n; i++)
        total += mark[i];
    return total;
}

/* One channel as it is; false where it could not stay so. A comparison with what is no number is false. */
DAWD_CLONES static bool pass(float *out, const float *in, float most, unsigned n)
{
    int beyond = 0;
    for (unsigned i = 0; i < n; i++) {
        out[i] = in[i];
        beyond |= !(fabsf(in[i]) <= most);
    }
    return !beyond;
}

/* All channels as they are, which nearly all sound can stay: no frame need be looked at by itself then. */
static bool pass_all(const struct output *output, const struct node_io *io)
{
    const struct param *ceiling = &io->param[CEILING];
    bool passed = param_is_constant(ceiling);
    float most = decibel_gain(ceiling->value);
    for (unsigned c = 0; c < output->channels && passed; c++)
        passed = !io->device[c] || pass(io->device[c], io->in[c], most, io->n);
    return passed;
}

static void guard_all(struct output *output, const struct node_io *io)
{
    float ceiling[BLOCK_MAX];
    struct marks marks = {0};
    ceiling_run(ceiling, io->param[CEILING], io->n);
    for (unsigned c = 0; c < output->channels; c++)
        if (io->device[c])
            guard(io->device[c], io->in[c], ceiling, &marks, io->n);
    unsigned nonfinite = sum(marks.nonfinite, io->n);
    if (nonfinite)
        fault_tell(io);
    output->clipped += sum(marks.clipped, io->n);
    output->nonfinite += nonfinite;
    reading_set(io, CLIPPED, (float)output->clipped);
    reading_set(io, NONFINITE, (float)output->nonfinite);
}

static void output_process(void *state, const struct node_io *io)
{
    struct output *output = state;
    if (!pass_all(output, io))
        guard_all(output, io);
}

const struct node_class output_node = {
    .name = "output",
    .help = "Plays what it is given through JACK, one JACK port per channel, never louder than the ceiling.",
    .params = params,
    .inputs = inputs,
    .readings = readings,
    .n_params = ROWS(params),
    .n_inputs = ROWS(inputs),
    .n_readings = ROWS(readings),
    .channels = 2,
    .channels_max = PORT_CHANNELS_MAX,
    .device = DEVICE_OUTPUT,
    .state_bytes = sizeof(struct output),
    .init = output_init,
    .process = output_process,
};
