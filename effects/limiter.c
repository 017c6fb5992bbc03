/* Keeps a sound below a ceiling, between the samples too, and sounds as if it did not.
 *
 *     in --> x drive --+--> [line] -----------------------> (x gain) --+--> [line] --> (x 1 - dip) --> out
 *                      |                                      ^        |                  ^
 *                      +--> [true peak] --> over --> [gain] --+        +--> [true peak] --+
 *
 * The gain looks ahead (graph/dsp/limit_gain.h) and does all that can be heard; the dips (graph/dsp/peak_guard.h) are mostly
 * nought, and see to it that no point of what goes out is above the ceiling, whatever came in. Both measure at eight points
 * per frame (graph/dsp/intersample.h), both act on all channels alike. Where nothing is over the ceiling the output is the very
 * input, so much later. What is no sound is taken for silence.
 */
#include <string.h>

#include "graph/dsp/control.h"
#include "graph/dsp/decibel.h"
#include "graph/dsp/finite.h"
#include "graph/dsp/intersample.h"
#include "graph/dsp/lag.h"
#include "graph/dsp/limit_gain.h"
#include "graph/dsp/peak_guard.h"
#include "graph/dsp/vector.h"
#include "graph/node.h"
#include "graph/rt_only.h"

enum { CEILING, DRIVE, RELEASE, LOOKAHEAD };
enum { GAIN_REDUCTION, TRUE_PEAK };

#define SLOW     5     /* the average comes back so many times slower than single peaks */
#define FALL_DB  20.0f /* per second, of the readings, so that a peak can be seen */
#define QUIET_DB (-160.0f)
#define SIDE     INTERSAMPLE_SIDE

static const struct param_info params[] = {
    [CEILING] = {"ceiling", "dBTP", "The true peak that nothing goes beyond, not even between the samples.", NULL, -24, 0,
                 -1, 0.02f},
    [DRIVE] = {"drive", "dB", "Turns the sound up before it is limited: louder, and denser.", NULL, -24, 36, 0, 0.02f},
    [RELEASE] = {"release", "ms",
                 "How soon the gain is back after a single peak; after a loud passage it takes five times as long.", NULL,
                 1, 2000, 100, 0.02f, .curve = CURVE_LOG},
    [LOOKAHEAD] = {"lookahead", "ms", "How long before a peak the gain begins to fall: longer is smoother, and later.",
                   NULL, 0.5f, 20, 2, .curve = CURVE_LOG, .flags = PARAM_REBUILD},
};

static const struct port_info inputs[] = {{"in", "The signal.", 0}};
static const struct port_info outputs[] = {{"out", "The signal, nowhere above the ceiling.", 0}};

static const struct reading_info readings[] = {
    [GAIN_REDUCTION] = {"gain_reduction", "dB", "How much it is turned down: 0 or below, the lowest of late."},
    [TRUE_PEAK] = {"true_peak", "dBTP", "True peak of what comes in, after the drive: the highest of late."},
};

struct limiter {
    struct intersample points;
    struct limit_gain gain;
    struct peak_guard guard;
    struct limit_release release; /* for release_ms */
    float release_ms;
    float *x[PORT_CHANNELS_MAX], *y[PORT_CHANNELS_MAX]; /* what came in and what is turned down, the oldest first */
    float *ceiling;                                     /* factors, as late as x */
    unsigned attack;                                    /* frames that the gain looks ahead */
    unsigned n_even;                                    /* frames in a row that the gain was 1, up to 2 SIDE + BLOCK_MAX */
    float reduction_db, peak_db;                        /* the readings */
    double rate_hz;
    unsigned channels;
};

/* How old the frames are that are measured first, turned down, measured again, and go out: places in a line are counted from
 * its newest frame. */
static inline unsigned turned_down(const struct limiter *limiter)
{
    return SIDE + limiter->attack - 1;
}

#define Y_PAST (SIDE + PEAK_GUARD_REACH)

static int limiter_init(void *state, const struct node_init *init, struct error *error)
{
    struct limiter *limiter = state;
    (void)error;
    limiter->attack = (unsigned)lround((double)init->param[LOOKAHEAD] * 0.001 * init->rate_hz);
    limiter->rate_hz = init->rate_hz;
    limiter->channels = init->channels;
    limiter->n_even = 2 * SIDE + BLOCK_MAX;
    limiter->peak_db = QUIET_DB;
    intersample_init(&limiter->points);
    peak_guard_init(&limiter->guard);
    unsigned past = turned_down(limiter) + SIDE;
    bool fits = limit_gain_init(&limiter->gain, init->arena, limiter->attack, init->rate_hz);
    limiter->ceiling = arena_take_array(init->arena, past + BLOCK_MAX, sizeof(float));
    for (unsigned c = 0; fits && c < limiter->channels; c++) {
        limiter->x[c] = arena_take_array(init->arena, past + BLOCK_MAX, sizeof(float));
        limiter->y[c] = arena_take_array(init->arena, Y_PAST + BLOCK_MAX, sizeof(float));
        fits = limiter->x[c] && limiter->y[c];
    }
    for (unsigned i = 0; fits && limiter->ceiling && i < past; i++)
        limiter->ceiling[i] = decibel_gain(init->param[CEILING]) * (1 - PEAK_GUARD_MARGIN);
    *init->latency_frames = turned_down(limiter) + Y_PAST;
    return fits && limiter->ceiling ? 0 : ERROR_INTERNAL;
}

/* What comes in, louder by the drive, and its ceiling: at the end of their lines. */
DAWD_CLONES static void take_in(struct limiter *limiter, const struct node_io *io)
{
    unsigned past = turned_down(limiter) + SIDE;
    float room[BLOCK_MAX], *ceiling = limiter->ceiling + past;
    const float *db = control_frames(&io->param[CEILING], room, io->n);
    for (unsigned i = 0; i < io->n; i++)
        ceiling[i] = decibel_gain(db[i]) * (1 - PEAK_GUARD_MARGIN);
    db = control_frames(&io->param[DRIVE], room, io->n);
    for (unsigned i = 0; i < io->n; i++)
        room[i] = decibel_gain(db[i]);
    for (unsigned c = 0; c < limiter->channels; c++) {
        float *x = limiter->x[c] + past;
        for (unsigned i = 0; i < io->n; i++)
            x[i] = sound_or_zero(io->in[c][i]) * room[i];
    }
}

/* The highest true peaks of all channels. What is below `floor` may be lower than it is. */
DAWD_CLONES static void measure(const struct limiter *limiter, float *const *line, unsigned at, float floor, float *peak,
                                unsigned n)
{
    memset(peak, 0, n * sizeof *peak);
    for (unsigned c = 0; c < limiter->channels; c++) {
        const float *x = line[c] + at;
        for (unsigned i = 0; i < n; i++)
            peak[i] = fabsf(x[i]) > peak[i] ? fabsf(x[i]) : peak[i];
    }
    for (unsigned c = 0; c < limiter->channels; c++)
        intersample_raise(&limiter->points, line[c] + at, floor, peak, n);
}

/* A reading that falls slowly, shown again where x is higher. */
static float shown(float before, double rate_hz, unsigned n, float x)
{
    float fallen = before - FALL_DB * (float)(n / rate_hz);
    return x > fallen ? x : fallen;
}

static float lowest(const float *x, unsigned n)
{
    float least = 1;
    for (unsigned i = 0; i < n; i++)
        least = x[i] < least ? x[i] : least;
    return least;
}

/* The release of every frame, or of all: returns whether it moves. */
static bool release_take(struct limiter *limiter, const struct node_io *io, struct limit_release *release)
{
    const struct param *ms = &io->param[RELEASE];
    bool moves = !param_is_constant(ms);
    for (unsigned i = 0; i < (moves ? io->n : 1); i++) {
        double frames = (double)param_at(ms, i) * 0.001 * limiter->rate_hz;
        if (param_at(ms, i) != limiter->release_ms)
            limiter->release = (struct limit_release){lag_share(frames), lag_share(SLOW * frames)};
        limiter->release_ms = param_at(ms, i);
        release[i] = limiter->release;
    }
    return moves;
}

/* Turns down what is a frame's and all around it over the ceiling: x to the end of y. The lowest gain. */
static float turn_down(struct limiter *limiter, const struct node_io *io, float floor)
{
    float over[BLOCK_MAX], gain[BLOCK_MAX];
    struct limit_release release[BLOCK_MAX];
    unsigned n = io->n, newest = turned_down(limiter);
    const float *ceiling = limiter->ceiling + newest;
    bool moves = release_take(limiter, io, release);
    measure(limiter, limiter->x, newest, floor, over, n);
    limiter->peak_db = shown(limiter->peak_db, limiter->rate_hz, n, 20 * log10f(largest_of(over, n) + 1e-8f));
    for (unsigned i = 0; i < n; i++)
        over[i] /= ceiling[i];
    limit_gain_run(&limiter->gain, over, release, moves, gain, n);
    for (unsigned c = 0; c < limiter->channels; c++)
        for (unsigned i = 0; i < n; i++)
            limiter->y[c][Y_PAST + i] = limiter->x[c][SIDE + i] * gain[i];
    float least = lowest(gain, n);
    limiter->n_even = least < 1                                    ? 0
                      : limiter->n_even + n < 2 * SIDE + BLOCK_MAX ? limiter->n_even + n
                                                                   : 2 * SIDE + BLOCK_MAX;
    return least;
}

/* Measures y again, if it is not x, and lets it out with its dips. The deepest. */
static float guard(struct limiter *limiter, const struct node_io *io, float floor)
{
    float peak[BLOCK_MAX], *dip = limiter->guard.dip, deepest = 0;
    unsigned n = io->n;
    bool even = limiter->n_even >= 2 * SIDE + n;
    if (!even)
        measure(limiter, limiter->y, Y_PAST - SIDE, floor, peak, n);
    bool dips = peak_guard_run(&limiter->guard, even ? NULL : peak, limiter->ceiling, n);
    for (unsigned c = 0; c < limiter->channels; c++) {
        const float *y = limiter->y[c];
        for (unsigned i = 0; dips && i < n; i++)
            io->out[c][i] = y[i] * (1 - dip[i]);
        if (!dips)
            memcpy(io->out[c], y, n * sizeof *y);
    }
    if (dips) {
        deepest = largest_of(dip, n);
        peak_guard_advance(&limiter->guard, n);
    }
    return deepest;
}

static void grow_old(struct limiter *limiter, unsigned n)
{
    unsigned past = turned_down(limiter) + SIDE;
    memmove(limiter->ceiling, limiter->ceiling + n, past * sizeof(float));
    for (unsigned c = 0; c < limiter->channels; c++) {
        memmove(limiter->x[c], limiter->x[c] + n, past * sizeof(float));
        memmove(limiter->y[c], limiter->y[c] + n, Y_PAST * sizeof(float));
    }
}

static void limiter_process(void *state, const struct node_io *io)
{
    struct limiter *limiter = state;
    take_in(limiter, io);
    float floor = lowest(limiter->ceiling, turned_down(limiter) + SIDE + io->n), peak = decibel_gain(limiter->peak_db);
    float gain = turn_down(limiter, io, floor < peak ? floor : peak);
    gain *= 1 - guard(limiter, io, floor);
    grow_old(limiter, io->n);
    limiter->reduction_db = shown(limiter->reduction_db, limiter->rate_hz, io->n, -20 * log10f(gain));
    reading_set(io, GAIN_REDUCTION, -limiter->reduction_db);
    reading_set(io, TRUE_PEAK, limiter->peak_db);
}

/* Whether all is zero or minus zero. */
static bool is_silent(const float *x, unsigned n)
{
    unsigned sound = 0;
    for (unsigned i = 0; i < n; i++)
        sound |= x[i] != 0;
    return !sound;
}

static bool limiter_settled(void *state, unsigned n, uint64_t quiet)
{
    struct limiter *limiter = state;
    (void)n;
    (void)quiet;
    if (!limit_gain_rests(&limiter->gain) || !peak_guard_rests(&limiter->guard))
        return false;
    for (unsigned c = 0; c < limiter->channels; c++)
        if (!is_silent(limiter->x[c], turned_down(limiter) + SIDE) || !is_silent(limiter->y[c], Y_PAST))
            return false;
    return true;
}

static void limiter_clear(void *state)
{
    struct limiter *limiter = state;
    limit_gain_clear(&limiter->gain);
    peak_guard_clear(&limiter->guard);
    limiter->n_even = 2 * SIDE + BLOCK_MAX;
    for (unsigned c = 0; c < limiter->channels; c++) {
        memset(limiter->x[c], 0, (turned_down(limiter) + SIDE) * sizeof(float));
        memset(limiter->y[c], 0, Y_PAST * sizeof(float));
    }
}

const struct node_class limiter_node = {
    .name = "limiter",
    .help = "Keeps the true peak below a ceiling, looking ahead; what is softer passes untouched.",
    .params = params,
    .n_params = ROWS(params),
    .inputs = inputs,
    .n_inputs = ROWS(inputs),
    .outputs = outputs,
    .n_outputs = ROWS(outputs),
    .readings = readings,
    .n_readings = ROWS(readings),
    .channels = 2,
    .channels_max = PORT_CHANNELS_MAX,
    .sleeps = {.can = true, .settled = limiter_settled, .clear = limiter_clear},
    .finite = true,
    .warm_frames = 4096, /* the longest look-ahead at 192 kHz */
    .state_bytes = sizeof(struct limiter),
    .init = limiter_init,
    .process = limiter_process,
};
