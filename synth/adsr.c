/* Envelope in four stages.
 *
 *      1             /\
 *     sustain       /  `-._________
 *      0  _________/               `-.______
 *     gate         |```````````````|
 *                  attack, decay, …  release
 *
 * Each stage is a way from where the envelope is to its end, and takes its whole time whatever the way. The way is
 * (1 - exp(-k t)) / (1 - exp(-k)) for t in 0..1: exactly 0 and 1 at its ends, straight for k = 0, and where the curve is 1,
 * k = ln 1000, an exponential that would fall by 60 dB.
 */
#include "graph/node.h"

#include <string.h>

#include "graph/dsp/control.h"
#include "graph/dsp/fastmath.h"
#include "graph/dsp/gate.h"
#include "graph/dsp/run.h"
#include "graph/dsp/still.h"
#include "graph/dsp/vector.h"
#include "graph/rt_only.h"

#define MOST_S     60.0f
#define CURVE_MOST 6.90775528f /* ln 1000 */

enum { ATTACK, DECAY, SUSTAIN, RELEASE, CURVE, FROM_ZERO, OPEN };
enum { GATE, RETRIGGER };

static const struct param_info params[] = {
    [ATTACK] = {"attack", "s", "Time to rise to 1.", NULL, 0, MOST_S, 0.01f, 0.01f},
    [DECAY] = {"decay", "s", "Time to fall from 1 to the sustain level.", NULL, 0, MOST_S, 0.1f, 0.01f},
    [SUSTAIN] = {"sustain", "", "Level for as long as the gate is open.", NULL, 0, 1, 0.7f, 0.01f},
    [RELEASE] = {"release", "s", "Time to fall to 0 once the gate is closed.", NULL, 0, MOST_S, 0.3f, 0.01f},
    [CURVE] = {"curve", "", "How the stages bend: at 0 straight, at 1 fast at first as a capacitor, at -1 slow at first.",
               NULL, -1, 1, 0.5f, 0.01f},
    [FROM_ZERO] = {"from_zero", "", "Starts every attack at 0, which clicks, and not where the envelope is.", NULL, 0, 1, 0,
                   .kind = PARAM_SWITCH},
    [OPEN] = {"open", "", "Opens the gate by hand.", NULL, 0, 1, 0, .kind = PARAM_SWITCH, .flags = PARAM_TRANSIENT},
};

static const struct port_info inputs[] = {
    [GATE] = {"gate", "Above 0.5 the gate is open: attack, decay, sustain; else closed: release.", 1},
    [RETRIGGER] = {"retrigger", "Starts the attack anew in the frame in which it rises above 0.5, if the gate is open.", 1},
};
static const struct port_info outputs[] = {{"out", "The envelope, 0..1.", 1}};

enum stage { REST, RISE, FALL, HOLD, LEAVE };

struct adsr {
    double rate_hz;
    double begun;     /* part of the stage that was over when its time was last another one */
    double frames;    /* that the whole stage takes */
    unsigned since;   /* of them have gone since then: counted, so that no cut of a block is in the sum */
    float from, last; /* level at which the stage began, and of the frame before */
    enum stage stage;
    bool is_open, triggered; /* gate and retrigger, one frame ago */
};

static int adsr_init(void *state, const struct node_init *init, struct error *error)
{
    (void)error;
    *(struct adsr *)state = (struct adsr){.rate_hz = init->rate_hz};
    return 0;
}

/* ---- stages ---------------------------------------------------------------------------------------------------------- */

static void enter(struct adsr *adsr, enum stage stage, float from)
{
    adsr->stage = stage;
    adsr->from = from;
    adsr->begun = 0;
    adsr->since = 0;
}

static enum stage after(enum stage stage)
{
    return stage == RISE ? FALL : stage == FALL ? HOLD : stage == LEAVE ? REST : stage;
}

/* Where a stage leads to. */
static struct param goal_of(enum stage stage, const struct param *param)
{
    return stage == FALL || stage == HOLD ? param[SUSTAIN] : (struct param){.value = stage == RISE ? 1 : 0};
}

/* (1 - exp(-k t)) / (1 - exp(-k)). For small k, where the quotient would cancel, its series. */
static inline float way(float t, float k)
{
    const float octaves = -1.44269504f; /* log2(1 / e) */
    if (fabsf(k) < 0.05f)
        return t + t * (1 - t) * k * (0.5f + (1 - 2 * t) * k * (1 / 12.0f));
    return (1 - fast_exp2(octaves * k * t)) / (1 - fast_exp2(octaves * k));
}

/* The next n frames of a way, with that curve, to a goal that may move; i is the first of them in the block. */
DAWD_CLONES static void way_fill(float *out, const struct adsr *adsr, float k, const struct param *goal, unsigned i,
                                 unsigned n)
{
    float room[BLOCK_MAX], from = adsr->from;
    const float *to = control_stretch(goal, i, room, n);
    double begun = adsr->begun, step = 1 / adsr->frames;
    int since = (int)adsr->since;
    for (unsigned f = 0; f < n; f++)
        out[f] = from + (to[f] - from) * way((float)(begun + (since + (int)f) * step), k);
}

DAWD_CLONES static void goal_fill(float *out, const struct param *goal, unsigned i, unsigned n)
{
    for (unsigned f = 0; param_is_constant(goal) && f < n; f++)
        out[f] = goal->value;
    for (unsigned f = 0; !param_is_constant(goal) && f < n; f++)
        out[f] = goal->frames[i + f];
}

/* How many frames of its way the stage has left if its time is that from now on. A thousandth of a frame is what the sum of
 * parts of many times may have lost. */
static double frames_left(struct adsr *adsr, double frames)
{
    if (frames != adsr->frames) {
        adsr->begun += adsr->since ? adsr->since / adsr->frames : 0;
        adsr->since = 0;
        adsr->frames = frames;
    }
    return ceil((1 - adsr->begun) * frames - 1e-3) - adsr->since;
}

/* As many frames of the stage, up to n, as it has left; 0 when it is over. */
static unsigned stage_run(struct adsr *adsr, const struct param *param, float *out, unsigned i, unsigned n)
{
    static const int times[] = {[RISE] = ATTACK, [FALL] = DECAY, [LEAVE] = RELEASE};
    const struct param goal = goal_of(adsr->stage, param);
    if (adsr->stage == REST || adsr->stage == HOLD) {
        goal_fill(out, &goal, i, n);
        return n;
    }
    const struct param *time_s = &param[times[adsr->stage]], *curve = &param[CURVE];
    double left = frames_left(adsr, param_at(time_s, i) * adsr->rate_hz);
    if (left <= 0)
        return 0;
    n = !param_is_constant(time_s) || !param_is_constant(curve) ? 1 : left < n ? (unsigned)left : n;
    way_fill(out, adsr, CURVE_MOST * param_at(curve, i), &goal, i, n);
    adsr->since += n;
    return n;
}

/* From frame i to `end`, between which no gate moves. */
static void stages_run(struct adsr *adsr, const struct node_io *io, unsigned i, unsigned end)
{
    float *out = io->out[0];
    while (i < end) {
        unsigned run = stage_run(adsr, io->param, out + i, i, end - i);
        const struct param goal = goal_of(adsr->stage, io->param);
        if (run)
            adsr->last = out[i + run - 1];
        else
            enter(adsr, after(adsr->stage), param_at(&goal, i));
        i += run;
    }
}

/* ---- gates ----------------------------------------------------------------------------------------------------------- */

static void gates_look(struct adsr *adsr, bool is_open, bool triggered, bool from_zero)
{
    if (is_open != adsr->is_open || (is_open && triggered && !adsr->triggered))
        enter(adsr, is_open ? RISE : LEAVE, is_open && from_zero ? 0 : adsr->last);
    adsr->is_open = is_open;
    adsr->triggered = triggered;
}

/* Whether a gate stays as it was: most blocks have no edge. */
DAWD_CLONES static bool stays(const struct node_io *io, unsigned port, bool is_open)
{
    const float *gate = io->in[port];
    unsigned n_open = 0, n = still_in(io, port) ? 1 : io->n;
    for (unsigned i = 0; i < n; i++)
        n_open += gate_is_open(gate[i]);
    return n_open == (is_open ? n : 0);
}

static bool gates_stay(const struct adsr *adsr, const struct node_io *io)
{
    const struct param *by_hand = &io->param[OPEN];
    bool is_wired = io->wired >> RETRIGGER & 1;
    if (!param_is_constant(by_hand) || (is_wired ? !stays(io, RETRIGGER, adsr->triggered) : adsr->triggered))
        return false;
    return gate_is_open(by_hand->value) ? adsr->is_open : stays(io, GATE, adsr->is_open);
}

/* The output may be the buffer of either. */
DAWD_CLONES static void gates_take(float *gate, float *trigger, const struct node_io *io)
{
    float room[3][BLOCK_MAX];
    const float *by_hand = control_frames(&io->param[OPEN], room[0], io->n);
    const float *by_key = still_stretch(io, GATE, room[1]), *again = still_stretch(io, RETRIGGER, room[2]);
    for (unsigned i = 0; i < io->n; i++)
        gate[i] = gate_is_open(by_key[i]) | gate_is_open(by_hand[i]) ? 1 : 0;
    memcpy(trigger, again, io->n * sizeof *trigger);
}

static void adsr_process(void *state, const struct node_io *io)
{
    struct adsr *adsr = state;
    float gate[BLOCK_MAX], trigger[BLOCK_MAX];
    bool is_steady = gates_stay(adsr, io);
    const struct param goal = goal_of(adsr->stage, io->param);
    if (is_steady && (adsr->stage == REST || adsr->stage == HOLD) && param_is_constant(&goal)) {
        adsr->last = goal.value;
        still_put(io, 0, goal.value);
        return;
    }
    if (is_steady) {
        stages_run(adsr, io, 0, io->n);
        return;
    }
    gates_take(gate, trigger, io);
    for (unsigned i = 0, end, gate_end = 0, trigger_end = 0; i < io->n; i = end) {
        /* Not looked for again at every edge of the other one: at worst both edge at every frame. */
        gate_end = i < gate_end ? gate_end : i + gate_run(gate, i, io->n);
        trigger_end = i < trigger_end ? trigger_end : i + gate_run(trigger, i, io->n);
        end = gate_end < trigger_end ? gate_end : trigger_end;
        gates_look(adsr, gate_is_open(gate[i]), gate_is_open(trigger[i]), param_at(&io->param[FROM_ZERO], i) > 0);
        stages_run(adsr, io, i, end);
    }
}

static bool adsr_settled(void *state, unsigned n, uint64_t quiet)
{
    const struct adsr *adsr = state;
    (void)n;
    (void)quiet;
    return adsr->stage == REST;
}

static void adsr_clear(void *state)
{
    struct adsr *adsr = state;
    *adsr = (struct adsr){.rate_hz = adsr->rate_hz};
}

const struct node_class adsr_node = {
    .name = "adsr",
    .help = "An envelope: attack, decay, sustain and release of a gate.",
    .params = params,
    .inputs = inputs,
    .outputs = outputs,
    .n_params = ROWS(params),
    .n_inputs = ROWS(inputs),
    .n_outputs = ROWS(outputs),
    .channels = 1,
    .sleeps = {.can = true, .settled = adsr_settled, .clear = adsr_clear},
    .finite = true,
    .takes_still = true,
    .gives_still = true,
    .state_bytes = sizeof(struct adsr),
    .init = adsr_init,
    .process = adsr_process,
};
