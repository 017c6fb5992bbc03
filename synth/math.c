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

DAWD_CLONES static void operand(float *x, const float *in, const struct param *add, unsigned n)
{
    float room[BLOCK_MAX];
    const float *frames = control_frames(add, room, n);
    for (unsigned i = 0; i < n; i++)
        x[i] = sound_or_zero(in[i]) + frames[i];
}

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

DAWD_CLONES static void plain_ops(float *out, const float *x, const float *y, unsigned op, unsigned n)
{
    for (unsigned i = 0; op == ADD && i < n; i++)
        out[i] = x[i] + y[i];
    for (unsigned i = 0; op == SUBTRACT && i < n; i++)
        out[i] = x[i] - y[i];
    for (unsigned i = 0; op == MULTIPLY && i < n; i++)
        out[i] = x[i] * y[i];
    for (unsigned i = 0; op == DIVIDE && i < n; i++)
        out[i] = y[i] == 0 ? 0 : x[i] / y[i];
    for (unsigned i = 0; op == MIN && i < n; i++)
        out[i] = x[i] < y[i] ? x[i] : y[i];
    for (unsigned i = 0; op == MAX && i < n; i++)
        out[i] = x[i] > y[i] ? x[i] : y[i];
    for (unsigned i = 0; op == GREATER && i < n; i++)
        out[i] = x[i] > y[i] ? 1 : 0;
    for (unsigned i = 0; op == ABS && i < n; i++)
        out[i] = fabsf(x[i]);
}

static void calculate(float *out, const float *x, const float *y, unsigned op, unsigned n)
{
    plain_ops(out, x, y, op, n);
    for (unsigned i = 0; op == MODULO && i < n; i++)
        out[i] = modulus(x[i], y[i]);
    for (unsigned i = 0; op == POWER && i < n; i++)
        out[i] = power(x[i], y[i]);
    /* Two large operands may make an infinity. */
    for (unsigned i = 0; i < n; i++)
        out[i] = out[i] > SOUND_MOST ? SOUND_MOST : out[i] < -SOUND_MOST ? -SOUND_MOST : out[i];
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
    float x[BLOCK_MAX], y[BLOCK_MAX], before[BLOCK_MAX];
    operand(x, io->in[0], &io->param[ADD_A], io->n);
    operand(y, io->in[1], &io->param[ADD_B], io->n);
    for (unsigned i = 0, run; i < io->n; i += run) {
        run = turn_next(op, &io->param[OP], i, io->n);
        calculate(io->out[0] + i, x + i, y + i, op->now, run);
        if (!op->left)
            continue;
        calculate(before, x + i, y + i, op->before, run);
        turn_mix(op, io->out[0] + i, before, run);
        turn_advance(op, run);
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
