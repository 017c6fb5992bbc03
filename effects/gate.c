/* A noise gate: what is softer than the threshold is not heard.
 *
 *      in --+-------------------------> [look-ahead] ----------------------------(x)--> out
 *           +--(key)--> [low cut]                                                 ^
 *      sidechain            |                                                     |
 *                       largest of all channels --> [open or closed] --> [attack, release]
 *
 * It opens in the very frame that reaches the threshold: a detector that takes a mean first opens late, and each ms of an
 * attack is missed. It closes when nothing within 10 ms and `hold` has reached the threshold less the hysteresis. So the wave
 * of a note above 50 Hz does not close it, and what dies away along the threshold, as a string does, crosses it only once.
 * Attack and release move the gain itself, which rises at once and falls by as many dB in every ms.
 */
#include "graph/dsp/control.h"
#include "graph/dsp/decibel.h"
#include "graph/dsp/follow.h"
#include "graph/dsp/highest.h"
#include "graph/dsp/key.h"
#include "graph/dsp/lookahead.h"
#include "graph/node.h"
#include "graph/rt_only.h"

enum { THRESHOLD, HYSTERESIS, ATTACK, HOLD, RELEASE, RANGE, LOOKAHEAD, LOW_CUT };

#define CYCLE_MS 10.0f /* between two peaks of the lowest note: half a cycle of 50 Hz */
#define SILENT   1e-7f /* a gain that is none: else what has been closed for long would still give something */

static const struct param_info params[] = {
    [THRESHOLD] = {"threshold", "dB", "The level at which the gate opens.", NULL, -100, 0, -40, 0.02f},
    [HYSTERESIS] = {"hysteresis", "dB", "By how much softer the sound must be for the gate to close.", NULL, 0, 40, 6,
                    0.02f},
    [ATTACK] = {"attack", "ms", "Time in which the gain comes 63 % of the way up.", NULL, 0.01f, 500, 0.5f, 0.02f,
                .curve = CURVE_LOG},
    [HOLD] = {"hold", "ms", "Time that the gate stays open after the sound has fallen below, and 10 ms more.", NULL, 0,
              2000, 40, 0.02f},
    [RELEASE] = {"release", "ms", "Time in which the gain falls by 63 % of the way, that is by 8.7 dB.", NULL, 1, 5000, 100,
                 0.02f, .curve = CURVE_LOG},
    [RANGE] = {"range", "dB", "The gain of the closed gate; -120 dB is silence.", NULL, DECIBEL_OFF, 0, DECIBEL_OFF, 0.02f},
    [LOOKAHEAD] = {"lookahead", "ms", "Time by which the sound waits, so that the gate is open when it comes.", NULL, 0, 20,
                   0, .flags = PARAM_REBUILD},
    [LOW_CUT] = {"sidechain_low_cut", "Hz", "What lies below does not count, 12 dB per octave; at 20 Hz all counts.", NULL,
                 KEY_CUT_OFF_HZ, 2000, KEY_CUT_OFF_HZ, 0.05f, .curve = CURVE_LOG},
};

static const struct port_info inputs[] = {
    {"in", "The signal.", 0},
    {"sidechain", "What opens the gate in place of the signal; without a cable, the signal itself.", 0},
};
static const struct port_info outputs[] = {{"out", "The signal as long as the gate is open.", 0}};
static const struct reading_info readings[] = {
    {"gain_reduction", "dB", "The most that was taken away lately, from 0 (open) to -120."}};

struct gate {
    struct key key;
    struct follow gain;
    struct delay_ring line;
    double frames_per_ms;
    float floor;     /* the gain that was aimed at last when closed */
    uint32_t n_soft; /* frames in a row that were too soft to stay open; stands at the most */
    bool is_open;
    unsigned channels;
};

static int gate_init(void *state, const struct node_init *init, struct error *error)
{
    struct gate *gate = state;
    (void)error;
    gate->channels = init->channels;
    gate->frames_per_ms = init->rate_hz / 1000;
    gate->gain = follow_at(init->rate_hz);
    gate->gain.value = gate->floor = decibel_level(init->param[RANGE]);
    key_init(&gate->key, init);
    *init->latency_frames = lookahead_frames(init->param[LOOKAHEAD], init->rate_hz);
    return delay_ring_init(&gate->line, init->arena, init->channels, *init->latency_frames);
}

/* What holds in one frame. */
struct terms {
    float open_at, close_at; /* levels */
    float floor;             /* gain when closed */
    uint32_t wait; /* frames that are too soft before it closes; the look-ahead is added, for it delays the end too */
};

static inline struct terms terms_at(const struct gate *gate, const struct node_io *io, unsigned i)
{
    float threshold_db = param_at(&io->param[THRESHOLD], i);
    double wait_ms = param_at(&io->param[HOLD], i) + CYCLE_MS;
    return (struct terms){
        decibel_gain(threshold_db),
        decibel_gain(threshold_db - param_at(&io->param[HYSTERESIS], i)),
        decibel_level(param_at(&io->param[RANGE], i)),
        (uint32_t)(wait_ms * gate->frames_per_ms) + gate->line.delay_frames,
    };
}

static bool terms_stand_still(const struct node_io *io)
{
    return param_is_constant(&io->param[THRESHOLD]) && param_is_constant(&io->param[HYSTERESIS]) &&
           param_is_constant(&io->param[HOLD]) && param_is_constant(&io->param[RANGE]);
}

/* Levels become the gains that are right for them: open or closed. */
static void decide(struct gate *gate, const struct node_io *io, float *x)
{
    struct terms by = terms_at(gate, io, 0);
    uint32_t n_soft = gate->n_soft;
    bool still = terms_stand_still(io), is_open = gate->is_open;
    for (unsigned i = 0; i < io->n; i++) {
        if (!still)
            by = terms_at(gate, io, i);
        n_soft = x[i] >= by.close_at ? 0 : n_soft + (n_soft < UINT32_MAX);
        is_open = (x[i] >= by.open_at) | (is_open & (n_soft <= by.wait));
        x[i] = is_open ? 1 : by.floor;
    }
    gate->n_soft = n_soft;
    gate->is_open = is_open;
    gate->floor = by.floor;
}

DAWD_CLONES static void goal_run(struct gate *gate, const struct node_io *io, float *goal)
{
    float room[PORT_CHANNELS_MAX][BLOCK_MAX];
    const float *x[PORT_CHANNELS_MAX];
    key_hear_rt(&gate->key, io, LOW_CUT, x, room);
    key_peak(x, gate->channels, goal, io->n);
    decide(gate, io, goal);
}

/* The least gain of a block. */
DAWD_CLONES static float settle(float *gain, unsigned n)
{
    float taken[BLOCK_MAX];
    for (unsigned i = 0; i < n; i++) {
        gain[i] = gain[i] > SILENT ? gain[i] : 0;
        taken[i] = 1 - gain[i];
    }
    return 1 - largest_of(taken, n);
}

DAWD_CLONES static void apply(struct gate *gate, const struct node_io *io, const float *gain)
{
    lookahead_scale(&gate->line, io, gate->channels, gain);
}

static void gate_process(void *state, const struct node_io *io)
{
    struct gate *gate = state;
    float gain[BLOCK_MAX];
    goal_run(gate, io, gain);
    follow_run(&gate->gain, &io->param[ATTACK], &io->param[RELEASE], gain, io->n);
    float least = settle(gain, io->n);
    reading_set(io, 0, decibel_of(least > 1e-6f ? least : 1e-6f)); /* -120 dB */
    apply(gate, io, gain);
    if (largest_of(gain, io->n) == 0)
        silence_tell(io);
}

/* ---- sleep -------------------------------------------------------------------------------------------------------------- */

static bool gate_settled(void *state, unsigned n, uint64_t quiet)
{
    const struct gate *gate = state;
    (void)n;
    return quiet > gate->line.delay_frames && !gate->is_open && key_is_quiet(&gate->key) &&
           fabs(gate->gain.value - (double)gate->floor) < 1e-7;
}

static void gate_rest(void *state)
{
    struct gate *gate = state;
    gate->gain.value = gate->floor;
    key_rest(&gate->key);
}

static void gate_clear(void *state)
{
    struct gate *gate = state;
    gate->is_open = false;
    delay_ring_clear_rt(&gate->line);
}

const struct node_class gate_node = {
    .name = "gate",
    .help = "Lets sound through only while it, or something else, is loud.",
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
    .sleeps = {.can = true, .settled = gate_settled, .rest = gate_rest, .clear = gate_clear},
    .finite = true,
    .warm_frames = 4800,
    .state_bytes = sizeof(struct gate),
    .init = gate_init,
    .process = gate_process,
};
