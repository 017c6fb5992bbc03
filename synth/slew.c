/* Follows a signal no faster than it may: glides between notes, soft switches.
 *
 *     in --> (-) --> [limit, or share of the distance] --> [sum] --+--> out
 *             ^----------------------------------------------------+
 */
#include "graph/node.h"

#include "graph/dsp/control.h"
#include "graph/dsp/finite.h"
#include "graph/dsp/lag.h"
#include "graph/dsp/run.h"
#include "graph/dsp/vector.h"
#include "graph/rt_only.h"

#define MOST_S 60.0f

enum { RISE, FALL, SHAPE };
enum { LINEAR, EXPONENTIAL };

static const char *const shapes[] = {"linear", "exponential", NULL};

static const struct param_info params[] = {
    [RISE] = {"rise", "s", "Time to rise by 1, or with the exponential shape, by 63 % of the way; 0: at once.", NULL, 0,
              MOST_S, 0.1f, 0.01f},
    [FALL] = {"fall", "s", "The same for falling.", NULL, 0, MOST_S, 0.1f, 0.01f},
    [SHAPE] = {"shape", "", "Linear moves evenly and arrives; exponential slows down as it comes near.", shapes, LINEAR,
               EXPONENTIAL, LINEAR, .kind = PARAM_CHOICE},
};

static const struct port_info inputs[] = {{"in", "The signal to follow.", 1}};
static const struct port_info outputs[] = {{"out", "The signal, slowed down.", 1}};

struct slew {
    double y; /* double: at 60 s a frame moves it by 1e-7, and the sum must arrive on time */
    double rate_hz;
};

static int slew_init(void *state, const struct node_init *init, struct error *error)
{
    (void)error;
    ((struct slew *)state)->rate_hz = init->rate_hz;
    return 0;
}

/* Per frame: how far at most, or what share of the way. */
DAWD_CLONES static void paces(double *pace, const struct param *time_s, double rate_hz, unsigned shape, unsigned from,
                              unsigned n)
{
    float room[BLOCK_MAX];
    const float *frames = control_stretch(time_s, from, room, n);
    /* A time that rests is worked out for one frame. */
    unsigned others = param_is_constant(time_s) && n ? 1 : n;
    for (unsigned i = 0; i < others; i++)
        pace[i] = shape == LINEAR ? 1 / (frames[i] * rate_hz) : lag_share(frames[i] * rate_hz);
    for (unsigned i = others; i < n; i++)
        pace[i] = pace[0];
}

static double follow_linear(double y, float *out, const float *in, const double *rise, const double *fall, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        double way = sound_or_zero(in[i]) - y;
        y += way > rise[i] ? rise[i] : way < -fall[i] ? -fall[i] : way;
        out[i] = (float)y;
    }
    return y;
}

static double follow_exponential(double y, float *out, const float *in, const double *rise, const double *fall, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        double way = sound_or_zero(in[i]) - y;
        y += way * (way > 0 ? rise[i] : fall[i]);
        out[i] = (float)y;
    }
    return y;
}

static void slew_process(void *state, const struct node_io *io)
{
    struct slew *slew = state;
    double rise[BLOCK_MAX], fall[BLOCK_MAX];
    for (unsigned i = 0, run; i < io->n; i += run) {
        unsigned shape = (unsigned)param_at(&io->param[SHAPE], i);
        run = run_length(&io->param[SHAPE], i, io->n);
        paces(rise, &io->param[RISE], slew->rate_hz, shape, i, run);
        paces(fall, &io->param[FALL], slew->rate_hz, shape, i, run);
        double (*follow)(double, float *, const float *, const double *, const double *, unsigned) =
            shape == LINEAR ? follow_linear : follow_exponential;
        slew->y = follow(slew->y, io->out[0] + i, io->in[0] + i, rise, fall, run);
    }
}

static void slew_rest(void *state)
{
    ((struct slew *)state)->y = 0;
}

const struct node_class slew_node = {
    .name = "slew",
    .help = "Follows a signal no faster than told.",
    .params = params,
    .inputs = inputs,
    .outputs = outputs,
    .n_params = ROWS(params),
    .n_inputs = ROWS(inputs),
    .n_outputs = ROWS(outputs),
    .channels = 1,
    .sleeps = {.can = true, .rest = slew_rest},
    .finite = true,
    .state_bytes = sizeof(struct slew),
    .init = slew_init,
    .process = slew_process,
};
