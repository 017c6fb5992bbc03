/* A room: a cloud of first echoes, then a tail that dies as told, bass and treble in a time of their own.
 *
 *     in --+--------------------------------------------------------------------------(x 1 - mix)--(+)--> out
 *          |                                                                                        ^
 *          +-->(x level)--> [low cut, high cut] --> [diffuser] --+--> early ----+                   |
 *                                             predelay,          |             (+)--> [width] --(x mix)
 *                                             diffusion          +--> [FDN] ----+
 *                                                                     decay, damping, modulation
 *
 * The diffuser (graph/dsp/diffuser.h) makes a hundred echoes of each, a feedback delay network of sixteen lines (graph/dsp/fdn.h)
 * the rest. Both are as long as `size` wants them. `level` keeps a steady sound as loud whatever the decay: what a long
 * decay piles up is let in less. It sits in front, so that what already sounds is left alone.
 *
 * Parameters but mix and width are looked at once per cell of 128 frames and go straight in between. The clock that cells are
 * counted by is the node's own, so that blocks may be cut anywhere.
 */
#include <string.h>

#include "graph/dsp/control.h"
#include "graph/dsp/cut.h"
#include "graph/dsp/diffuser.h"
#include "graph/dsp/fastmath.h"
#include "graph/dsp/fdn.h"
#include "graph/dsp/sway.h"
#include "graph/node.h"
#include "graph/rt_only.h"

enum { SIZE, DECAY, LOW_DECAY, CROSSOVER, DAMPING, PREDELAY, DIFFUSION, MODULATION, RATE, LOW_CUT, HIGH_CUT, WIDTH, MIX };

#define PREDELAY_MOST_MS 500.0f
#define MEAN_LEAST_S     0.01      /* of the lines: a chamber, whose tail would ring were they shorter */
#define MEAN_MOST_S      0.1       /* a cathedral */
#define MEAN_OCTAVES     3.321928f /* from the one to the other */

static const struct param_info params[] = {
    [SIZE] = {"size", "", "From a chamber (0) to a cathedral (1): how far apart the walls are.", NULL, 0, 1, 0.5f, 0.1f},
    [DECAY] = {"decay", "s", "Until the tail has fallen by 60 dB.", NULL, 0.1f, 30, 2, 0.1f, .curve = CURVE_LOG},
    [LOW_DECAY] = {"low_decay", "", "The decay of the bass, as a part of the other.", NULL, 0.25f, 2, 1, 0.1f,
                   .curve = CURVE_LOG},
    [CROSSOVER] = {"crossover", "Hz", "What lies below is the bass that low_decay is for.", NULL, 50, 1000, 250, 0.1f,
                   .curve = CURVE_LOG},
    [DAMPING] = {"damping", "Hz", "Where the decay is half as long, and shorter still above; 20 kHz damps nothing.", NULL,
                 500, 20000, 6000, 0.1f, .curve = CURVE_LOG},
    [PREDELAY] = {"predelay", "ms", "Before anything of the room is heard.", NULL, 0, PREDELAY_MOST_MS, 10, 0.1f},
    [DIFFUSION] = {"diffusion", "", "From single echoes at first (0) to a cloud at once (1).", NULL, 0, 1, 1, 0.05f},
    [MODULATION] = {"modulation", "", "How far the tail sways: some makes it smooth, much makes it swim.", NULL, 0, 1, 0.3f,
                    0.05f},
    [RATE] = {"rate", "Hz", "How fast it sways.", NULL, 0.05f, 5, 0.5f, 0.05f, .curve = CURVE_LOG},
    [LOW_CUT] = {"low_cut", "Hz", "What lies below is kept out of the room; 10 Hz cuts nothing.", NULL, LOW_CUT_OFF_HZ,
                 5000, LOW_CUT_OFF_HZ, 0.05f, .curve = CURVE_LOG},
    [HIGH_CUT] = {"high_cut", "Hz", "What lies above is kept out of the room; 20 kHz cuts nothing.", NULL, 100,
                  HIGH_CUT_OFF_HZ, HIGH_CUT_OFF_HZ, 0.05f, .curve = CURVE_LOG},
    [WIDTH] = {"width", "", "Of the room: 0 is in the middle, 1 all around.", NULL, 0, 1, 1, 0.02f},
    [MIX] = {"mix", "", "From the dry signal alone (0) to the room alone (1).", NULL, 0, 1, 0.3f, 0.02f},
};

static const struct port_info inputs[] = {{"in", "The signal.", 2}};
static const struct port_info outputs[] = {{"out", "The signal and its room.", 2}};

struct reverb {
    struct diffuser diffuser;
    struct fdn fdn;
    struct cut_poles low, high;
    struct sway sway;
    uint64_t clock; /* frames of its life, slept ones too */
    uint64_t zeros; /* frames in a row that the lines have been given nothing, as far as it was looked at */
    bool begun;
    float level, level_step, level_goal; /* of what is let in: at the beginning of the cell, per frame, at its end */
    double mean_frames;                  /* that the level is for */
    float decay_s;
    float depth; /* of the sway, at the end of the cell */
    double rate_hz;
};

static double mean_frames(const struct reverb *reverb, float size)
{
    return MEAN_LEAST_S * reverb->rate_hz * (double)fast_exp2(MEAN_OCTAVES * size);
}

static double predelay_frames(const struct reverb *reverb, float ms)
{
    return 0.001 * ms * reverb->rate_hz;
}

static int reverb_init(void *state, const struct node_init *init, struct error *error)
{
    struct reverb *reverb = state;
    (void)error;
    reverb->rate_hz = init->rate_hz;
    reverb->sway = sway_at(init->rate_hz);
    double mean = mean_frames(reverb, init->param[SIZE]), most = MEAN_MOST_S * init->rate_hz + 1;
    bool made = fdn_init(&reverb->fdn, init->arena, init->rate_hz, mean, most) &&
                diffuser_init(&reverb->diffuser, init->arena, mean, predelay_frames(reverb, init->param[PREDELAY]), most,
                              predelay_frames(reverb, PREDELAY_MOST_MS));
    return made ? 0 : ERROR_INTERNAL;
}

/* ---- cells -------------------------------------------------------------------------------------------------------------- */

/* The sum over all rounds of the energy that each leaves is 1 / (1 - g^2) of the first. */
static void level_set(struct reverb *reverb, double mean, float decay_s)
{
    bool same = mean == reverb->mean_frames && decay_s == reverb->decay_s;
    if (same && reverb->level_step == 0)
        return;
    double left = fdn_round_gain(mean, reverb->rate_hz, decay_s);
    float goal = (float)(2 * sqrt(1 - left * left));
    reverb->mean_frames = mean;
    reverb->decay_s = decay_s;
    reverb->level = reverb->begun ? reverb->level_goal : goal;
    reverb->level_goal = goal;
    reverb->level_step = (goal - reverb->level) * (1.0f / HOP_CELL);
}

/* The sway is a cell late: where the rate will lead is not known. */
static void sway_next(struct reverb *reverb, float depth)
{
    uint32_t phase = (uint32_t)(reverb->sway.phase >> 32);
    if (!reverb->begun)
        fdn_turn(&reverb->fdn, phase, depth);
    fdn_turn(&reverb->fdn, phase, depth);
    reverb->depth = depth;
}

/* A cell begins at frame `at` of the block. */
static void cell_begin(struct reverb *reverb, const struct node_io *io, unsigned at)
{
    const struct param *param = io->param;
    double mean = mean_frames(reverb, param_at(&param[SIZE], at));
    struct fdn_decay decay = {param_at(&param[DECAY], at), param_at(&param[LOW_DECAY], at), param_at(&param[CROSSOVER], at),
                              param_at(&param[DAMPING], at)};
    diffuser_size(&reverb->diffuser, mean, predelay_frames(reverb, param_at(&param[PREDELAY], at)), reverb->clock);
    diffuser_angle(&reverb->diffuser, param_at(&param[DIFFUSION], at), !reverb->begun);
    fdn_size(&reverb->fdn, mean, reverb->clock);
    fdn_absorb(&reverb->fdn, &decay, !reverb->begun);
    level_set(reverb, mean, decay.decay_s);
    sway_next(reverb, param_at(&param[MODULATION], at));
    reverb->begun = true;
}

/* ---- stretches ---------------------------------------------------------------------------------------------------------- */

/* Frames that do not leave a cell. */
struct stretch {
    const struct node_io *io;
    unsigned from, n;
    float let_in[DIFFUSER_SIDES][DELAY_STRETCH_MAX];
    float early[DIFFUSER_SIDES][HOP_ROOM], late[FDN_OUTPUTS][HOP_ROOM];
};

static inline void let_in(const struct reverb *reverb, struct stretch *s)
{
    unsigned frame = (unsigned)(reverb->clock % HOP_CELL);
    for (unsigned side = 0; side < DIFFUSER_SIDES; side++) {
        const float *in = s->io->in[side] + s->from;
        for (unsigned i = 0; i < s->n; i++) {
            float level = reverb->level + (float)(int)(frame + i) * reverb->level_step;
            s->let_in[side][i] = level * lasting_or_zero(in[i]);
        }
    }
}

/* Resting at the ends of their ranges the cuts are out, and forget. */
static void cut_both(struct reverb *reverb, struct stretch *s)
{
    const struct param *low_hz = &s->io->param[LOW_CUT], *high_hz = &s->io->param[HIGH_CUT];
    if (control_rests_at(low_hz, LOW_CUT_OFF_HZ) && control_rests_at(high_hz, HIGH_CUT_OFF_HZ)) {
        reverb->low = reverb->high = (struct cut_poles){0};
        return;
    }
    struct cut low, high;
    cut_aim(&low, low_hz, s->from, reverb->rate_hz, LOW_CUT_OFF_HZ, s->n);
    cut_aim(&high, high_hz, s->from, reverb->rate_hz, HIGH_CUT_OFF_HZ, s->n);
    cut_two(&low, &reverb->low, &high, &reverb->high, s->let_in, 0, 1, s->n);
}

static inline void mix_out(const struct stretch *s)
{
    float room[2][HOP_ROOM];
    const float *width = control_stretch(&s->io->param[WIDTH], s->from, room[0], s->n);
    const float *mix = control_stretch(&s->io->param[MIX], s->from, room[1], s->n);
    const float *in[] = {s->io->in[0] + s->from, s->io->in[1] + s->from};
    float *out[] = {s->io->out[0] + s->from, s->io->out[1] + s->from};
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < s->n; i++) {
        float left = s->early[0][i] + s->late[0][i], right = s->early[1][i] + s->late[1][i];
        float dry_left = in[0][i], dry_right = in[1][i];
        float middle = 0.5f * (left + right), side = 0.5f * width[i] * (left - right);
        out[0][i] = (1 - mix[i]) * dry_left + mix[i] * (middle + side);
        out[1][i] = (1 - mix[i]) * dry_right + mix[i] * (middle - side);
    }
}

DAWD_CLONES static void reverb_process(void *state, const struct node_io *io)
{
    struct reverb *reverb = state;
    struct stretch s;
    uint32_t phase[HOP_CELL];
    float diffused[DIFFUSER_CHANNELS][HOP_ROOM];
    s.io = io;
    for (s.from = 0; s.from < io->n; s.from += s.n) {
        unsigned frame = (unsigned)(reverb->clock % HOP_CELL);
        if (!frame || !reverb->begun)
            cell_begin(reverb, io, s.from);
        s.n = io->n - s.from < HOP_CELL - frame ? io->n - s.from : HOP_CELL - frame;
        let_in(reverb, &s);
        cut_both(reverb, &s);
        diffuser_run(&reverb->diffuser, reverb->clock, (const float *const[]){s.let_in[0], s.let_in[1]}, s.early, diffused,
                     s.n);
        fdn_run(&reverb->fdn, reverb->clock, (const float(*)[HOP_ROOM])diffused, s.late, s.n);
        mix_out(&s);
        sway_run_free(&reverb->sway, io, RATE, phase, s.from, s.n);
        reverb->clock += s.n;
    }
}

/* ---- sleep ---------------------------------------------------------------------------------------------------------------- */

static bool reverb_settled(void *state, unsigned n, uint64_t quiet)
{
    struct reverb *reverb = state;
    if (quiet == n) /* the first such cell */
        reverb->zeros = 0;
    bool nothing = diffuser_given_nothing(&reverb->diffuser, n) && fdn_given_nothing(&reverb->fdn, n);
    reverb->zeros = nothing ? reverb->zeros + n : 0;
    return reverb->zeros >= diffuser_frames(&reverb->diffuser) + fdn_frames(&reverb->fdn);
}

static void reverb_rest(void *state)
{
    struct reverb *reverb = state;
    reverb->low = reverb->high = (struct cut_poles){0};
    diffuser_rest(&reverb->diffuser);
    fdn_rest(&reverb->fdn);
}

static void reverb_clear(void *state)
{
    struct reverb *reverb = state;
    diffuser_clear(&reverb->diffuser);
    fdn_clear(&reverb->fdn);
}

static void reverb_skip(void *state, uint64_t frames)
{
    struct reverb *reverb = state;
    sway_skip(&reverb->sway, frames);
    reverb->clock += frames;
    diffuser_skip(&reverb->diffuser, reverb->clock);
    fdn_skip(&reverb->fdn, reverb->clock);
    /* As if the cell that it wakes in had begun in its time. */
    uint64_t cell = reverb->sway.phase - reverb->clock % HOP_CELL * reverb->sway.step;
    fdn_turn(&reverb->fdn, (uint32_t)((cell - HOP_CELL * reverb->sway.step) >> 32), reverb->depth);
    fdn_turn(&reverb->fdn, (uint32_t)(cell >> 32), reverb->depth);
}

const struct node_class reverb_node = {
    .name = "reverb",
    .help = "A room around the sound, from a chamber to a cathedral, with a smooth tail.",
    .params = params,
    .n_params = ROWS(params),
    .inputs = inputs,
    .n_inputs = ROWS(inputs),
    .outputs = outputs,
    .n_outputs = ROWS(outputs),
    .channels = 2,
    .sleeps = {.can = true, .settled = reverb_settled, .rest = reverb_rest, .clear = reverb_clear, .skip = reverb_skip},
    .finite = true,
    .trails = true,
    .state_bytes = sizeof(struct reverb),
    .init = reverb_init,
    .process = reverb_process,
};
