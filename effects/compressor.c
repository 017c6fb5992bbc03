/* A compressor: what is louder than the threshold is made softer, by the ratio.
 *
 *      in --+---------------------> [look-ahead] ----------------------------------(x)--> out
 *           +--(key)--> [low cut]                                                   ^ gain and mix
 *      sidechain            |                                                       |
 *                       [peak | rms] --> [highest of a while] --> dB --> [curve] --> [attack, release]
 *
 * Feed-forward, in decibels, one gain for all channels (D. Giannoulis, M. Massberg, J. D. Reiss, "Digital Dynamic Range
 * Compressor Design", J. Audio Eng. Soc. 60, 2012). The level is the highest of as long as `hold` says: of a tone that is its
 * peak, not its wave, so that the curve is met, attack and release are what they say, and low notes are not bent
 * (docs/sound/compressor.md compares). It goes on for as long as the look-ahead, else the gain would come back before the
 * peak that it looked ahead for.
 */
#include "graph/dsp/control.h"
#include "graph/dsp/decibel.h"
#include "graph/dsp/follow.h"
#include "graph/dsp/highest.h"
#include "graph/dsp/key.h"
#include "graph/dsp/lanes.h"
#include "graph/dsp/lookahead.h"
#include "graph/dsp/mean_power.h"
#include "graph/dsp/turn.h"
#include "graph/node.h"
#include "graph/rt_only.h"

enum { THRESHOLD, RATIO, ATTACK, RELEASE, KNEE, MAKEUP, DETECTOR, HOLD, LOOKAHEAD, LOW_CUT, MIX };
enum { PEAK, RMS };

static const char *const detectors[] = {"peak", "rms", NULL};

static const struct param_info params[] = {
    [THRESHOLD] = {"threshold", "dB", "The level above which sound is made softer.", NULL, -80, 0, -18, 0.02f},
    [RATIO] = {"ratio", "", "How many dB above the threshold are left as one.", NULL, 1, 100, 4, 0.02f, .curve = CURVE_LOG},
    [ATTACK] = {"attack", "ms", "Time in which 63 % of a reduction, in dB, are there.", NULL, 0.01f, 500, 10, 0.02f,
                .curve = CURVE_LOG},
    [RELEASE] = {"release", "ms", "Time in which 63 % of a reduction, in dB, are gone.", NULL, 1, 5000, 150, 0.02f,
                 .curve = CURVE_LOG},
    [KNEE] = {"knee", "dB", "Around the threshold, how wide the bend of the curve is.", NULL, 0, 40, 6, 0.02f},
    [MAKEUP] = {"makeup", "dB", "Gain behind it all.", NULL, -24, 36, 0, 0.02f},
    [DETECTOR] = {"detector", "", "Goes by peaks, or by the mean power, which is 3 dB less of a sine and slower by 20 ms.",
                  detectors, PEAK, RMS, PEAK, .kind = PARAM_CHOICE},
    [HOLD] = {"hold", "ms", "Time that a peak counts before the release; half a cycle of the lowest note keeps it clean.",
              NULL, 0, 100, 12.5f, .flags = PARAM_REBUILD},
    [LOOKAHEAD] = {"lookahead", "ms", "Time by which the sound waits, so that the reduction begins before the peak.", NULL,
                   0, 20, 0, .flags = PARAM_REBUILD},
    [LOW_CUT] = {"sidechain_low_cut", "Hz", "What lies below does not count, 12 dB per octave; at 20 Hz all counts.", NULL,
                 KEY_CUT_OFF_HZ, 2000, KEY_CUT_OFF_HZ, 0.05f, .curve = CURVE_LOG},
    [MIX] = {"mix", "", "From the sound as it was (0) to the compressed one (1).", NULL, 0, 1, 1, 0.02f},
};

static const struct port_info inputs[] = {
    {"in", "The signal.", 0},
    {"sidechain", "What is listened to in place of the signal; without a cable, the signal itself.", 0},
};
static const struct port_info outputs[] = {{"out", "The signal, its loud parts softer.", 0}};
static const struct reading_info readings[] = {
    {"gain_reduction", "dB", "The most that was taken away lately, 0 or below; without makeup and mix."}};

struct compressor {
    struct key key;
    struct mean_power mean;
    struct turn detector;
    struct highest highest;
    struct follow reduction; /* dB, 0 and up */
    struct delay_ring line;
    double last_level; /* that the curve was asked for */
    unsigned channels;
};

static int compressor_init(void *state, const struct node_init *init, struct error *error)
{
    struct compressor *c = state;
    (void)error;
    unsigned ahead = lookahead_frames(init->param[LOOKAHEAD], init->rate_hz);
    c->channels = init->channels;
    c->mean = mean_power_at(init->rate_hz);
    c->detector = turn_at(init->param[DETECTOR], init->rate_hz);
    c->reduction = follow_at(init->rate_hz);
    key_init(&c->key, init);
    *init->latency_frames = ahead;
    if (!highest_init(&c->highest, init->arena, 1 + ahead + lookahead_frames(init->param[HOLD], init->rate_hz)))
        return ERROR_INTERNAL;
    return delay_ring_init(&c->line, init->arena, init->channels, ahead);
}

DAWD_CLONES static void detect(struct compressor *c, unsigned detector, const float *const *x, float *level, unsigned n)
{
    if (detector == RMS)
        mean_power_run_rt(&c->mean, x, c->channels, level, n);
    else
        key_peak(x, c->channels, level, n);
}

/* The level of n frames. The mean begins at what was there when it is turned to. */
DAWD_CLONES static void level_run(struct compressor *c, const struct node_io *io, const float **x, float *level)
{
    float room[BLOCK_MAX];
    for (unsigned i = 0, run; i < io->n; i += run) {
        unsigned before = c->detector.now;
        run = turn_next(&c->detector, &io->param[DETECTOR], i, io->n);
        if (c->detector.now != before && c->detector.now == RMS)
            mean_power_set(&c->mean, c->last_level);
        detect(c, c->detector.now, x, level + i, run);
        if (c->detector.left) {
            detect(c, c->detector.before, x, room, run);
            turn_mix(&c->detector, level + i, room, run);
            turn_advance(&c->detector, run);
        }
        highest_run(&c->highest, level + i, run);
        c->last_level = level[i + run - 1];
        for (unsigned k = 0; k < c->channels; k++)
            x[k] += run;
    }
}

/* What the curve takes away, dB: nothing below the knee, in it a parabola, above it all but 1 / ratio. */
static inline float taken(float level, float threshold_db, float slope, float knee_db)
{
    float knee = knee_db > 1e-3f ? knee_db : 1e-3f;
    float over = decibel_of(level) - threshold_db + 0.5f * knee, beyond = over - knee;
    float bend = over < 0 ? 0 : over > knee ? knee : over;
    return slope * (bend * bend * (0.5f / knee) + (beyond > 0 ? beyond : 0));
}

DAWD_CLONES static void take_curve(const struct node_io *io, float *x)
{
    const struct param *threshold = &io->param[THRESHOLD], *ratio = &io->param[RATIO], *knee = &io->param[KNEE];
    if (param_is_constant(threshold) && param_is_constant(ratio) && param_is_constant(knee)) {
        float threshold_db = threshold->value, slope = 1 - 1 / ratio->value, knee_db = knee->value;
        for (unsigned i = 0; i < io->n; i++)
            x[i] = taken(x[i], threshold_db, slope, knee_db);
        return;
    }
    float room[3][BLOCK_MAX];
    const float *thresholds = control_frames(threshold, room[0], io->n), *ratios = control_frames(ratio, room[1], io->n);
    const float *knees = control_frames(knee, room[2], io->n);
    for (unsigned i = 0; i < io->n; i++)
        x[i] = taken(x[i], thresholds[i], 1 - 1 / ratios[i], knees[i]);
}

/* The reduction that would be right in every frame of the block, dB. */
static void goal_run(struct compressor *c, const struct node_io *io, float *goal)
{
    float room[PORT_CHANNELS_MAX][BLOCK_MAX];
    const float *x[PORT_CHANNELS_MAX];
    key_hear_rt(&c->key, io, LOW_CUT, x, room);
    level_run(c, io, x, goal);
    take_curve(io, goal);
}

/* What every channel is multiplied by, of the reduction in dB. */
DAWD_CLONES static void gain_run(const struct node_io *io, float *x)
{
    const struct param *makeup = &io->param[MAKEUP], *mix = &io->param[MIX];
    if (param_is_constant(makeup) && param_is_constant(mix)) {
        float makeup_db = makeup->value, wet = mix->value, dry = 1 - wet;
        for (unsigned i = 0; i < io->n; i++)
            x[i] = dry + wet * decibel_gain(makeup_db - x[i]);
        return;
    }
    float room[2][BLOCK_MAX];
    const float *makeups = control_frames(makeup, room[0], io->n), *wets = control_frames(mix, room[1], io->n);
    for (unsigned i = 0; i < io->n; i++)
        x[i] = (1 - wets[i]) + wets[i] * decibel_gain(makeups[i] - x[i]);
}

DAWD_CLONES static void apply(struct compressor *c, const struct node_io *io, float *reduction)
{
    reading_set(io, 0, -(float)c->reduction.most);
    gain_run(io, reduction);
    lookahead_scale(&c->line, io, c->channels, reduction);
}

static void compressor_process(void *state, const struct node_io *io)
{
    struct compressor *c = state;
    float reduction[BLOCK_MAX];
    goal_run(c, io, reduction);
    follow_run(&c->reduction, &io->param[ATTACK], &io->param[RELEASE], reduction, io->n);
    apply(c, io, reduction);
}

/* ---- side by side: all but attack and release is quick along time ------------------------------------------------------- */

static bool fits_lanes(const void *state, const struct node_io *io)
{
    (void)state;
    return param_is_constant(&io->param[ATTACK]) && param_is_constant(&io->param[RELEASE]);
}

static bool stands_still(void *state, const struct node_io *io)
{
    struct compressor *c = state;
    follow_set(&c->reduction, io->param[ATTACK].value, io->param[RELEASE].value);
    return true;
}

DAWD_CLONES static void follow_lanes(const struct lane_group *lanes, float (*x)[LANES])
{
    struct follow *follow[LANES];
    for (unsigned l = 0; l < LANES; l++)
        follow[l] = &((struct compressor *)lanes_state(lanes, l))->reduction;
    follow_still_lanes(follow, lanes->n, x, lanes->io[0]->n);
}

static void run_lanes(const struct lane_group *lanes)
{
    float *reduction[LANES], (*columns)[LANES] = lanes->room + BLOCK_MAX;
    unsigned n = lanes->io[0]->n;
    for (unsigned l = 0; l < LANES; l++)
        reduction[l] = lanes->room[(l < lanes->n ? l : 0) * (BLOCK_MAX / LANES)];
    for (unsigned l = 0; l < lanes->n; l++)
        goal_run(lanes->state[l], lanes->io[l], reduction[l]);
    lanes_load(columns, (const float *const *)reduction, n);
    follow_lanes(lanes, columns);
    lanes_store(reduction, lanes->n, columns, n);
    for (unsigned l = 0; l < lanes->n; l++)
        apply(lanes->state[l], lanes->io[l], reduction[l]);
}

static void compressor_process_lanes(const struct lane_group *lanes)
{
    static const struct lane_ways ways = {fits_lanes, stands_still, run_lanes, run_lanes, compressor_process};
    lanes_run(lanes, &ways);
}

/* ---- sleep -------------------------------------------------------------------------------------------------------------- */

/* The gain comes back first, to a millionth of a dB: it is what a meter shows, and what the next note would begin with. */
static bool compressor_settled(void *state, unsigned n, uint64_t quiet)
{
    const struct compressor *c = state;
    (void)n;
    return quiet >= c->highest.window && c->reduction.value < 1e-6 && key_is_quiet(&c->key) &&
           (c->detector.now == PEAK || mean_power_is_quiet(&c->mean, c->channels));
}

static void compressor_rest(void *state)
{
    struct compressor *c = state;
    c->reduction.value = c->last_level = 0;
    mean_power_set(&c->mean, 0);
    c->detector.left = 0;
    key_rest(&c->key);
}

static void compressor_clear(void *state)
{
    struct compressor *c = state;
    highest_clear(&c->highest);
    delay_ring_clear_rt(&c->line);
}

const struct node_class compressor_node = {
    .name = "compressor",
    .help = "Makes what is loud softer, by a curve with a knee, also by the loudness of something else.",
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
    .sleeps = {.can = true, .settled = compressor_settled, .rest = compressor_rest, .clear = compressor_clear},
    .finite = true,
    .warm_frames = 4800,
    .state_bytes = sizeof(struct compressor),
    .init = compressor_init,
    .process = compressor_process,
    .process_lanes = compressor_process_lanes,
};
