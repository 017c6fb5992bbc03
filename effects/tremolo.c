/* A volume that sways.
 *
 *      in --(x)--> out
 *            ^
 *     rate, lock -> phase -> [+ stereo_phase per channel] -> shape, -1..1 -> 1 - depth (1 - shape) / 2
 *
 * A cycle begins where sine and triangle are loudest, and where the square and the falling saw jump up: on the beat. A jump
 * is half a cosine as long as `edge`, its middle where the jump would be. As the slope of a saw goes on through it, no shape
 * but the triangle has a corner anywhere, and the side bands fall by 18 dB per octave beyond 1 / edge.
 */
#include "graph/dsp/control.h"
#include "graph/dsp/sine.h"
#include "graph/dsp/sway.h"
#include "graph/dsp/turn.h"
#include "graph/dsp/vector.h"
#include "graph/node.h"
#include "graph/rt_only.h"

enum { RATE, LOCK, DEPTH, SHAPE, EDGE, STEREO_PHASE };
enum { SINE, TRIANGLE, SQUARE, SAW_UP, SAW_DOWN };

static const char *const shapes[] = {"sine", "triangle", "square", "saw_up", "saw_down", NULL};

static const struct param_info params[] = {
    [RATE] = {"rate", "Hz", "How often the volume comes and goes in a second.", NULL, 0.01f, 100, 5, 0.02f,
              .curve = CURVE_LOG},
    [LOCK] = {"lock", "", "Where rate is a note value and the piece rolls, cycles begin with the bars.", NULL, 0, 1, 0,
              .kind = PARAM_SWITCH},
    [DEPTH] = {"depth", "", "How much of the volume goes: 1 sways down to silence.", NULL, 0, 1, 0.5f, 0.02f},
    [SHAPE] = {"shape", "", "The way from loud to soft and back; saw_up swells and breaks off, saw_down strikes and fades.",
               shapes, SINE, SAW_DOWN, SINE, .kind = PARAM_CHOICE},
    [EDGE] = {"edge", "ms", "How long the jumps of square and saws take: 2 chops, 50 breathes.", NULL, 0.5f, 200, 5, 0.02f,
              .curve = CURVE_LOG},
    [STEREO_PHASE] = {"stereo_phase", "",
                      "How much of a cycle every channel is ahead of the one before it: 0.5 goes from side to side.", NULL,
                      0, 1, 0, 0.02f},
};

static const struct port_info inputs[] = {{"in", "The signal.", 0}};
static const struct port_info outputs[] = {{"out", "The signal, coming and going.", 0}};

struct tremolo {
    struct sway sway;
    struct turn shape;
    unsigned channels; /* of in and out */
};

static int tremolo_init(void *state, const struct node_init *init, struct error *error)
{
    (void)error;
    *(struct tremolo *)state =
        (struct tremolo){sway_at(init->rate_hz), turn_at(init->param[SHAPE], init->rate_hz), init->channels};
    return 0;
}

/* Cycles from the phase 0, to either side. */
static inline float cycles_at(uint32_t phase)
{
    return (float)(int32_t)phase * 0x1p-32f;
}

/* From -1 to 1 at 0 cycles, half a cosine that is 1 / sharp cycles wide. */
static inline float step_at(float cycles, float sharp)
{
    float x = cycles * sharp;
    x = x > 0.5f ? 0.5f : x < -0.5f ? -0.5f : x;
    return sine_at((uint32_t)(int32_t)(x * 0x1p31f));
}

/* -1 to 1 for n frames; sharp[i] is one cycle in lengths of an edge. */
static inline void shape_run(float *out, const uint32_t *phase, const float *sharp, unsigned shape, unsigned n)
{
    switch (shape) {
    case SINE:
        for (unsigned i = 0; i < n; i++)
            out[i] = sine_at(phase[i] + PHASE_HALF / 2);
        break;
    case TRIANGLE:
        for (unsigned i = 0; i < n; i++)
            out[i] = 1 - 4 * fabsf(cycles_at(phase[i]));
        break;
    case SQUARE: /* seen from the middle of the loud half, the nearer edge is the one that counts */
        for (unsigned i = 0; i < n; i++)
            out[i] = step_at(0.25f - fabsf(cycles_at(phase[i] - PHASE_HALF / 2)), sharp[i]);
        break;
    case SAW_UP:
        for (unsigned i = 0; i < n; i++)
            out[i] = 2 * cycles_at(phase[i]) - step_at(cycles_at(phase[i]), sharp[i]);
        break;
    default:
        for (unsigned i = 0; i < n; i++)
            out[i] = step_at(cycles_at(phase[i]), sharp[i]) - 2 * cycles_at(phase[i]);
    }
}

/* An edge is half a cycle at most: there the square is a sine. */
DAWD_CLONES static void sharpness(const struct node_io *io, float *sharp)
{
    float room[2][BLOCK_MAX];
    const float *rate = control_frames(&io->param[RATE], room[0], io->n);
    const float *edge_ms = control_frames(&io->param[EDGE], room[1], io->n);
    for (unsigned i = 0; i < io->n; i++) {
        float cycles = rate[i] * edge_ms[i] * 1e-3f;
        sharp[i] = 1 / (cycles < 0.5f ? cycles : 0.5f);
    }
}

/* The factors of one channel; returns the shape as it is afterwards. */
DAWD_CLONES static struct turn factors(struct turn shape, const struct node_io *io, const uint32_t *phase,
                                       const float *sharp, float *by)
{
    float room[BLOCK_MAX];
    const float *depth = control_frames(&io->param[DEPTH], room, io->n);
    for (unsigned i = 0, run; i < io->n; i += run) {
        float before[BLOCK_MAX];
        run = turn_next(&shape, &io->param[SHAPE], i, io->n);
        shape_run(by + i, phase + i, sharp + i, shape.now, run);
        if (!shape.left)
            continue;
        shape_run(before, phase + i, sharp + i, shape.before, run);
        turn_mix(&shape, by + i, before, run);
        turn_advance(&shape, run);
    }
    for (unsigned i = 0; i < io->n; i++)
        by[i] = 1 - depth[i] * (0.5f - 0.5f * by[i]);
    return shape;
}

DAWD_CLONES static void tremolo_process(void *state, const struct node_io *io)
{
    struct tremolo *tremolo = state;
    uint32_t phase[BLOCK_MAX];
    float by[BLOCK_MAX], sharp[BLOCK_MAX];
    bool alike = control_rests_at(&io->param[STEREO_PHASE], 0);
    struct turn shape = tremolo->shape;
    sway_run(&tremolo->sway, io, RATE, LOCK, phase, 0, io->n);
    sharpness(io, sharp);
    for (unsigned c = 0; c < tremolo->channels; c++) {
        const float *in = io->in[c];
        float *out = io->out[c];
        if (!c || !alike)
            shape = factors(tremolo->shape, io, phase, sharp, by);
        DAWD_FRAMES_APART
        for (unsigned i = 0; i < io->n; i++)
            out[i] = in[i] * by[i];
        phase_shift(phase, &io->param[STEREO_PHASE], io->n);
    }
    tremolo->shape = shape;
}

static bool tremolo_settled(void *state, unsigned n, uint64_t quiet)
{
    const struct tremolo *tremolo = state;
    (void)n;
    (void)quiet;
    return !tremolo->shape.left;
}

static void tremolo_skip(void *state, uint64_t frames)
{
    struct tremolo *tremolo = state;
    sway_skip(&tremolo->sway, frames);
}

const struct node_class tremolo_node = {
    .name = "tremolo",
    .help = "Lets the volume come and go.",
    .params = params,
    .n_params = ROWS(params),
    .inputs = inputs,
    .n_inputs = ROWS(inputs),
    .outputs = outputs,
    .n_outputs = ROWS(outputs),
    .channels = 2,
    .channels_max = PORT_CHANNELS_MAX,
    .sleeps = {.can = true, .settled = tremolo_settled, .skip = tremolo_skip},
    .finite = true,
    .state_bytes = sizeof(struct tremolo),
    .init = tremolo_init,
    .process = tremolo_process,
};
