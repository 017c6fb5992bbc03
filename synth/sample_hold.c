/* Takes the value of a moment and holds it.
 *
 *     in ------------> [hold] --> out
 *     trigger ----------^  ^
 *     rate --> 64-bit phase wraps
 */
#include "graph/node.h"

#include "graph/dsp/control.h"
#include "graph/dsp/finite.h"
#include "graph/dsp/gate.h"
#include "graph/dsp/phase.h"
#include "graph/rt_only.h"

enum { RATE };
enum { IN, TRIGGER };

static const struct param_info params[] = {
    [RATE] = {"rate", "Hz", "How often it takes a value by itself, beside the triggers; at 0, not at all.", NULL, 0, 20000,
              0, 0.01f},
};

static const struct port_info inputs[] = {
    [IN] = {"in", "The signal that values are taken of.", 1},
    [TRIGGER] = {"trigger", "Takes a value in the frame in which it rises above 0.5.", 1},
};
static const struct port_info outputs[] = {{"out", "The value held; 0 before the first.", 1}};

struct sample_hold {
    float held;
    bool is_open;   /* the trigger, one frame ago */
    uint64_t phase; /* of the clock, in 2^-64 cycles */
    double frame_s;
};

static int sample_hold_init(void *state, const struct node_init *init, struct error *error)
{
    (void)error;
    *(struct sample_hold *)state = (struct sample_hold){.phase = PHASE_ZERO, .frame_s = 1 / init->rate_hz};
    return 0;
}

/* Whether the clock strikes in this frame: with the first of each of its cycles, and the first of all. */
static bool strikes(struct sample_hold *hold, float rate_hz)
{
    uint64_t step = phase_step(rate_hz * hold->frame_s), past = hold->phase;
    hold->phase += step;
    return past < step;
}

static void sample_hold_process(void *state, const struct node_io *io)
{
    struct sample_hold *hold = state;
    float room[BLOCK_MAX];
    const float *rate_hz = control_frames(&io->param[RATE], room, io->n);
    for (unsigned i = 0; i < io->n; i++) {
        bool was_open = hold->is_open;
        hold->is_open = gate_is_open(io->in[TRIGGER][i]);
        bool take = (hold->is_open && !was_open) | strikes(hold, rate_hz[i]);
        /* What is not sound is not held: it would stay. */
        if (take && is_sound(io->in[IN][i]))
            hold->held = io->in[IN][i];
        io->out[0][i] = hold->held;
    }
}

static void sample_hold_clear(void *state)
{
    struct sample_hold *hold = state;
    hold->held = 0;
}

const struct node_class sample_hold_node = {
    .name = "sample_hold",
    .help = "Takes the value of a signal at triggers, or as often as told, and holds it until the next.",
    .params = params,
    .inputs = inputs,
    .outputs = outputs,
    .n_params = ROWS(params),
    .n_inputs = ROWS(inputs),
    .n_outputs = ROWS(outputs),
    .channels = 1,
    .sleeps = {.clear = sample_hold_clear},
    .finite = true,
    .state_bytes = sizeof(struct sample_hold),
    .init = sample_hold_init,
    .process = sample_hold_process,
};
