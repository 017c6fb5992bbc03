/* How loud a signal is, as a signal.
 *
 *     in -+-> |x| -----------------+-> (-) --> [share of the distance: attack up, release down] --> [sum] -+-- or root --> out
 *         +-> x^2 --> [20 ms mean] -+   ^----------------------------------------------------------------+
 *
 * Times are those of a step: after the attack the level has come 63 % of its way, after the release 63 % are gone. In rms
 * mode that is said of the power, of which a mean is taken first: attack and release alone would follow the power's own
 * peaks, twice in every cycle, and show a sine too high.
 */
#include "graph/node.h"

#include "graph/dsp/control.h"
#include "graph/dsp/finite.h"
#include "graph/dsp/lag.h"
#include "graph/dsp/run.h"
#include "graph/dsp/vector.h"
#include "graph/rt_only.h"

enum { ATTACK, RELEASE, MODE };
enum { PEAK, RMS };

#define MEAN_MS 20.0 /* of the power: a sine of 50 Hz is shown within 0.4 dB */

static const char *const modes[] = {"peak", "rms", NULL};

static const struct param_info params[] = {
    [ATTACK] = {"attack", "ms", "Time in which the level comes 63 % of the way to a louder sound; 0: at once.", NULL, 0,
                2000, 5, 0.02f},
    [RELEASE] = {"release", "ms", "Time in which the level comes 63 % of the way to a softer sound; 0: at once.", NULL, 0,
                 10000, 100, 0.02f},
    [MODE] = {"mode", "",
              "Follows the peaks, or the power's mean over 20 ms and gives its root: a sine of 1 is 1, or 0.71.", modes,
              PEAK, RMS, PEAK, .kind = PARAM_CHOICE},
};

static const struct port_info inputs[] = {{"in", "The sound.", 1}};
static const struct port_info outputs[] = {{"out", "Its level, 0 and up.", 1}};

struct follower {
    double level; /* an amplitude in peak mode, a power in rms mode */
    double mean;  /* of the power, in rms mode */
    double mean_share;
    unsigned mode;
    double frames_per_ms;
};

static int envelope_follower_init(void *state, const struct node_init *init, struct error *error)
{
    (void)error;
    *(struct follower *)state = (struct follower){.mode = (unsigned)init->param[MODE],
                                                  .mean_share = lag_share(MEAN_MS * init->rate_hz / 1000),
                                                  .frames_per_ms = init->rate_hz / 1000};
    return 0;
}

DAWD_CLONES static void shares(double *share, const struct param *time_ms, double frames_per_ms, unsigned n)
{
    float room[BLOCK_MAX];
    const float *ms = control_frames(time_ms, room, n);
    /* A time that rests is worked out for one frame. */
    unsigned others = param_is_constant(time_ms) ? 1 : n;
    for (unsigned i = 0; i < others; i++)
        share[i] = lag_share(ms[i] * frames_per_ms);
    for (unsigned i = others; i < n; i++)
        share[i] = share[0];
}

/* What the output shows stays where it is when the mode changes. */
static void mode_set(struct follower *follower, unsigned mode)
{
    if (mode == follower->mode)
        return;
    follower->mode = mode;
    follower->level = mode == RMS ? follower->level * follower->level : sqrt(follower->level);
    follower->mean = follower->level;
}

DAWD_CLONES static void goals(double *goal, const float *in, unsigned mode, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        double x = fabsf(sound_or_zero(in[i]));
        goal[i] = mode == RMS ? x * x : x;
    }
}

static void take_mean(struct follower *follower, double *power, unsigned n)
{
    double mean = follower->mean, share = follower->mean_share;
    for (unsigned i = 0; i < n; i++) {
        mean += (power[i] - mean) * share;
        power[i] = mean;
    }
    follower->mean = mean;
}

/* Both ways side by side, then the choice: each frame waits for the one before, so what counts is the longest chain. */
static double follow(double y, double *goal, const double *up, const double *down, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        double rising = y * (1 - up[i]) + goal[i] * up[i], falling = y * (1 - down[i]) + goal[i] * down[i];
        y = goal[i] > y ? rising : falling;
        goal[i] = y;
    }
    return y;
}

DAWD_CLONES static void show(float *out, const double *level, unsigned mode, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        out[i] = mode == RMS ? (float)sqrt(level[i]) : (float)level[i];
}

static void envelope_follower_process(void *state, const struct node_io *io)
{
    struct follower *follower = state;
    double up[BLOCK_MAX], down[BLOCK_MAX], level[BLOCK_MAX];
    shares(up, &io->param[ATTACK], follower->frames_per_ms, io->n);
    shares(down, &io->param[RELEASE], follower->frames_per_ms, io->n);
    for (unsigned i = 0, run; i < io->n; i += run) {
        run = run_length(&io->param[MODE], i, io->n);
        mode_set(follower, (unsigned)param_at(&io->param[MODE], i));
        goals(level, io->in[0] + i, follower->mode, run);
        if (follower->mode == RMS)
            take_mean(follower, level, run);
        follower->level = follow(follower->level, level, up + i, down + i, run);
        show(io->out[0] + i, level, follower->mode, run);
    }
}

static bool envelope_follower_settled(void *state, unsigned n, uint64_t quiet)
{
    const struct follower *follower = state;
    (void)n;
    (void)quiet;
    double quiet_level = follower->mode == RMS ? (double)SLEEP_LEVEL * (double)SLEEP_LEVEL : (double)SLEEP_LEVEL;
    return follower->level < quiet_level && (follower->mode != RMS || follower->mean < quiet_level);
}

static void envelope_follower_rest(void *state)
{
    struct follower *follower = state;
    follower->level = follower->mean = 0;
}

const struct node_class envelope_follower_node = {
    .name = "envelope_follower",
    .help = "How loud a sound is, as a signal that moves parameters.",
    .params = params,
    .inputs = inputs,
    .outputs = outputs,
    .n_params = ROWS(params),
    .n_inputs = ROWS(inputs),
    .n_outputs = ROWS(outputs),
    .channels = 1,
    .sleeps = {.can = true, .settled = envelope_follower_settled, .rest = envelope_follower_rest},
    .finite = true,
    .state_bytes = sizeof(struct follower),
    .init = envelope_follower_init,
    .process = envelope_follower_process,
};
