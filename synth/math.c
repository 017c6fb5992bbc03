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
#include "graph/dsp/still.h"
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

/* Two large operands may make an infinity. Sizes are compared as the integers that their bits are: of floats it would take
 * twice as long, for the sake of what is no number, which none of them is. */
DAWD_INLINE float held(float x)
{
    union {
        float value;
        int32_t bits;
    } size = {fabsf(x)}, most = {SOUND_MOST};
    size.bits = size.bits < most.bits ? size.bits : most.bits;
    return copysignf(size.value, x);
}

/* A signal, of which is_sound is asked, and what is added to it in every frame; or a value, where `in` is null. */
struct operand {
    const float *in;
    float add;
};

/* What is added is worked in where it moves, and -0, which changes nothing, is left to be added. */
DAWD_INLINE struct operand operand_of(const struct node_io *io, unsigned c, const struct param *add, unsigned from,
                                      float *room, unsigned n)
{
    bool is_still = still_in(io, c);
    const float *in = io->in[c] + (is_still ? 0 : from);
    if (param_is_constant(add))
        return is_still ? (struct operand){NULL, sound_or_zero(in[0]) + add->value} : (struct operand){in, add->value};
    for (unsigned i = 0; i < n; i++)
        room[i] = sound_or_zero(in[is_still ? 0 : i]) + add->frames[from + i];
    return (struct operand){room, -0.0f};
}

/* A loop of its own for a value on either side: an envelope at its sustain is one. */
DAWD_INLINE void run(unsigned op, float *out, struct operand a, struct operand b, unsigned n)
{
    if (a.in && b.in) {
        DAWD_FRAMES_APART
        for (unsigned i = 0; i < n; i++)
            out[i] = held(result(op, sound_or_zero(a.in[i]) + a.add, sound_or_zero(b.in[i]) + b.add));
    } else if (a.in) {
        DAWD_FRAMES_APART
        for (unsigned i = 0; i < n; i++)
            out[i] = held(result(op, sound_or_zero(a.in[i]) + a.add, b.add));
    } else {
        for (unsigned i = 0; i < n; i++)
            out[i] = held(result(op, a.add, b.in ? sound_or_zero(b.in[i]) + b.add : b.add));
    }
}

/* One loop for each, most of which are vectorised. The result may take the place of a signal. */
DAWD_CLONES static void calculate(unsigned op, float *out, const struct node_io *io, unsigned from, unsigned n)
{
    float room_a[BLOCK_MAX], room_b[BLOCK_MAX];
    const struct operand a = operand_of(io, 0, &io->param[ADD_A], from, room_a, n),
                         b = operand_of(io, 1, &io->param[ADD_B], from, room_b, n);
    switch (op) {
    case ADD:
        return run(ADD, out, a, b, n);
    case SUBTRACT:
        return run(SUBTRACT, out, a, b, n);
    case MULTIPLY:
        return run(MULTIPLY, out, a, b, n);
    case DIVIDE:
        return run(DIVIDE, out, a, b, n);
    case MODULO:
        return run(MODULO, out, a, b, n);
    case POWER:
        return run(POWER, out, a, b, n);
    case MIN:
        return run(MIN, out, a, b, n);
    case MAX:
        return run(MAX, out, a, b, n);
    case GREATER:
        return run(GREATER, out, a, b, n);
    default:
        return run(ABS, out, a, b, n);
    }
}

static int math_init(void *state, const struct node_init *init, struct error *error)
{
    (void)error;
    *(struct turn *)state = turn_at(init->param[OP], init->rate_hz);
    return 0;
}

/* Whether the result is the same in all frames. */
static bool is_still(const struct turn *op, const struct node_io *io)
{
    const struct param *param = io->param;
    return still_in(io, 0) && still_in(io, 1) && !op->left && control_rests_at(&param[OP], (float)op->now) &&
           param_is_constant(&param[ADD_A]) && param_is_constant(&param[ADD_B]);
}

static void math_process(void *state, const struct node_io *io)
{
    struct turn *op = state;
    float before[BLOCK_MAX];
    if (is_still(op, io)) {
        calculate(op->now, before, io, 0, 1);
        still_put(io, 0, before[0]);
        return;
    }
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
    .takes_still = true,
    .gives_still = true,
    .state_bytes = sizeof(struct turn),
    .init = math_init,
    .process = math_process,
};
