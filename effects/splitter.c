/* Hands out copies of a signal.
 *
 *      in --+--> out1
 *           +--> out2
 *           ...
 *
 * An output may go to many places by itself; a splitter gives each way a name and a port of its own.
 */
#include <string.h>

#include "graph/node.h"
#include "graph/numbered.h"
#include "graph/rt_only.h"

enum { OUTPUTS };

#define OUTPUT(n)                                                                                                          \
    {                                                                                                                      \
        "out" #n, "The signal.", 0, .number = n                                                                            \
    }

static const struct param_info params[] = {
    [OUTPUTS] = {"outputs", "", "How many outputs there are.", NULL, 2, 8, 2, .kind = PARAM_INTEGER, .flags = PARAM_FIXED},
};

static const struct port_info inputs[] = {{"in", "The signal.", 0}};
static const struct port_info outputs[] = {NUMBERED_8(OUTPUT)};

struct splitter {
    unsigned n_outputs, channels;
};

static int splitter_init(void *state, const struct node_init *init, struct error *error)
{
    (void)error;
    *(struct splitter *)state = (struct splitter){(unsigned)init->param[OUTPUTS], init->channels};
    return 0;
}

static void splitter_process(void *state, const struct node_io *io)
{
    const struct splitter *splitter = state;
    for (unsigned k = 0; k < splitter->n_outputs; k++)
        for (unsigned c = 0; c < splitter->channels; c++)
            memmove(io->out[k * splitter->channels + c], io->in[c], io->n * sizeof(float));
}

const struct node_class splitter_node = {
    .name = "splitter",
    .help = "Hands out copies of a signal, bit by bit.",
    .params = params,
    .n_params = ROWS(params),
    .inputs = inputs,
    .n_inputs = ROWS(inputs),
    .outputs = outputs,
    .n_outputs = ROWS(outputs),
    .channels = 2,
    .channels_max = PORT_CHANNELS_MAX,
    .numbered_by = OUTPUTS + 1,
    .sleeps = {.can = true},
    .finite = true,
    .state_bytes = sizeof(struct splitter),
    .init = splitter_init,
    .process = splitter_process,
};
