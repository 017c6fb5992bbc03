/* Sound from outside: JACK input ports, one per channel.
 *
 *     JACK port c -> out channel c
 */
#include <string.h>

#include "graph/dsp/finite.h"
#include "graph/dsp/vector.h"
#include "graph/node.h"
#include "graph/rt_only.h"

static const struct port_info outputs[] = {{"out", "What arrives at the JACK ports.", 0}};

struct input {
    unsigned channels;
};

static int input_init(void *state, const struct node_init *init, struct error *error)
{
    (void)error;
    *(struct input *)state = (struct input){init->channels};
    return 0;
}

/* What is no sound is let in as silence, and so is -0, which some programs give for it. */
DAWD_CLONES static bool take(float *restrict out, const float *restrict in, unsigned n)
{
    unsigned bad = 0;
    for (unsigned i = 0; i < n; i++) {
        out[i] = sound_or_zero(in[i]) + 0.0f;
        bad |= !is_sound(in[i]);
    }
    return !bad;
}

static void input_process(void *state, const struct node_io *io)
{
    const struct input *input = state;
    bool silent = true, good = true;
    for (unsigned c = 0; c < input->channels; c++) {
        if (io->device[c])
            good &= take(io->out[c], io->device[c], io->n);
        else
            memset(io->out[c], 0, io->n * sizeof(float));
        silent &= all_zero(io->out[c], io->n);
    }
    if (silent)
        silence_tell(io);
    if (!good)
        fault_tell(io);
}

const struct node_class input_node = {
    .name = "input",
    .help = "Brings sound from JACK into the graph, one JACK port per channel.",
    .outputs = outputs,
    .n_outputs = ROWS(outputs),
    .channels = 2,
    .channels_max = PORT_CHANNELS_MAX,
    .device = DEVICE_INPUT,
    .finite = true,
    .state_bytes = sizeof(struct input),
    .init = input_init,
    .process = input_process,
};
