/* Calculates with two signals, frame by frame.
 *
 *     a --(+)-- x --+
 *          ^ add_a  +--[op]--> out
 *     b --(+)-- y --+
 *          ^ add_b
 *
 * Another op is faded over to. The result is a finite number for every input: what has no answer (a quotient by 0, a modulus
 * of 0) is 0, what is not sound counts as 0 when it comes in, and ends at 1e30 when it goes out.
 */
#include "graph/node.h"

#include "graph/dsp/control.h"
#include "graph/dsp/finite.h"
#include "graph/dsp/turn.h"
#include "graph/dsp/vector.h"
#include "graph/rt_only.h"

#define MOST 1e6f

enum { OP, ADD_A, ADD_B };
enum { ADD, SUBTRACT, MULTIPLY, DIVIDE, MODULO, POWER, MIN, MAX, GREATER, ABS };

static const char *const ops[] = {"add", "subtract", "multiply", "divide", "modulo", "power",
                                  "min", "max",      "greater",  "abs",    NULL};

static const struct param_info params[] = {
    [OP] =
        {"op", "",
         "What becomes of a and b; greater is 1 or 0, power keeps the sign of a, modulo has that of b, abs leaves b out.",
         ops, ADD, ABS, ADD, .kind = PARAM_CHOICE},
    [ADD_A] = {"add_a", "", "Added to a: its value while nothing is connected.", NULL, -MOST, MOST, 0, 0.01f},
    [ADD_B] = {"add_b", "", "Added to b: its value while nothing is connected.", NULL, -MOST, MOST, 0, 0.01f},
};

static const struct port_info inputs[] = {{"a", "The first signal.", 1}, {"b", "The second signal.", 1}};
static const struct port_info outputs[] = {{"out", "The result.", 1}};

/* The whole cycles of y taken off x, as on a clock: 0 or more for y above 0. */
static float modulus(float x, float y)
{
    float rest = y == 0 ? 0 : fmodf(x, y);
    return rest != 0 && (rest < 0) != (y < 0) ? rest + y : rest;
}

static float power(float x, float y)
{
    return x == 0 ? 0 : copysignf(powf(fabsf(x), y), x);
}

DAWD_INLINE float result(unsigned op, float x, float y)
{
    switch (op) {
    case ADD:
        return x + y;
    case SUBTRACT:
        return x - y;
    case MULTIPLY:
        return x * y;
    case DIVIDE:
        return y == 0 ? 0 : x / y;
    case MODULO:
        return modulus(x, y);
    case POWER:
        return power(x, y);
    case MIN:
        return x < y ? x : y;
    case MAX:
        return x > y ? x : y;
    case GREATER:
        return x > y ? 1 : 0;
    default:
        return fabsf(x);
    }
}

/* Two large operands may make an infinity. */
DAWD_INLINE float held(float x)
{
    float low = x < SOUND_MOST ? x : SOUND_MOST;
    return low > -SOUND_MOST ? low : -SOUND_MOST;
}

/* n frames of both signals, and what is added to them. */
struct operands {
    const float *a, *b, *add_a, *add_b;
};

DAWD_INLINE void run(unsigned op, float *out, struct operands in, unsigned n)
{
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < n; i++)
        out[i] = held(result(op, sound_or_zero(in.a[i]) + in.add_a[i], sound_or_zero(in.b[i]) + in.add_b[i]));
}

/* One loop for each, most of which are vectorised. The result may take the place of a signal. */
DAWD_CLONES static void calculate(unsigned op, float *out, const struct node_io *io, unsigned from, unsigned n)
{
    float room_a[BLOCK_MAX], room_b[BLOCK_MAX];
    const struct operands in = {io->in[0] + from, io->in[1] + from, control_stretch(&io->param[ADD_A], from, room_a, n),
                                control_stretch(&io->param[ADD_B], from, room_b, n)};
    switch (op) {
    case ADD:
        return run(ADD, out, in, n);
    case SUBTRACT:
        return run(SUBTRACT, out, in, n);
    case MULTIPLY:
        return run(MULTIPLY, out, in, n);
    case DIVIDE:
        return run(DIVIDE, out, in, n);
    case MODULO:
        return run(MODULO, out, in, n);
    case POWER:
        return run(POWER, out, in, n);
    case MIN:
        return run(MIN, out, in, n);
    case MAX:
        return run(MAX, out, in, n);
    case GREATER:
        return run(GREATER, out, in, n);
    default:
        return run(ABS, out, in, n);
    }
}

static int math_init(void *state, const struct node_init *init, struct error *error)
{
    (void)error;
    *(struct turn *)state = turn_at(init->param[OP], init->rate_hz);
    return 0;
}

static void math_process(void *state, const struct node_io *io)
{
    struct turn *op = state;
    float before[BLOCK_MAX];
    for (unsigned i = 0, n; i < io->n; i += n) {
        n = turn_next(op, &io->param[OP], i, io->n);
        if (op->left) /* first, for the output may be the buffer of a signal */
            calculate(op->before, before, io, i, n);
        calculate(op->now, io->out[0] + i, io, i, n);
        if (!op->left)
            continue;
        turn_mix(op, io->out[0] + i, before, n);
        turn_advance(op, n);
    }
}

const struct node_class math_node = {
    .name = "math",
    .help = "Calculates with two signals.",
    .params = params,
    .inputs = inputs,
    .outputs = outputs,
    .n_params = ROWS(params),
    .n_inputs = ROWS(inputs),
    .n_outputs = ROWS(outputs),
    .channels = 1,
    .finite = true,
    .state_bytes = sizeof(struct turn),
    .init = math_init,
    .process = math_process,
};
