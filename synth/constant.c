/* A value as a signal.
 *
 *     value --> out
 */
#include "graph/node.h"

#include <string.h>

#include "graph/dsp/still.h"
#include "graph/rt_only.h"

#define MOST 1e6f

enum { VALUE };

static const struct param_info params[] = {
    [VALUE] = {"value", "", "What the signal is.", NULL, -MOST, MOST, 1, 0.01f},
};

static const struct port_info outputs[] = {{"out", "The value in every frame.", 1}};

static void constant_process(void *state, const struct node_io *io)
{
    const struct param *value = &io->param[VALUE];
    (void)state;
    if (param_is_constant(value))
        still_put(io, 0, value->value);
    else
        memcpy(io->out[0], value->frames, io->n * sizeof(float));
}

const struct node_class constant_node = {
    .name = "constant",
    .help = "A value as a signal, to move parameters or to calculate with.",
    .params = params,
    .outputs = outputs,
    .n_params = ROWS(params),
    .n_outputs = ROWS(outputs),
    .channels = 1,
    .finite = true,
    .gives_still = true,
    .process = constant_process,
};
