/* A signal and its copy, a moment later, and the moment sways: a comb of notches that goes up and down.
 *
 *      in --+--[zero]----------------------------(x dry)--(+)--> out
 *           |                                              ^
 *           +--(+)--> [line] --delay 2^(depth sine)--+--(x wet)
 *               ^                                    |
 *               +----------------(x feedback)--------+
 *
 * dry and wet go together (graph/dsp/notch_mix.h): feedback leaves the notches as deep, and noise as loud.
 *
 * The delay sways in octaves, as the ear hears the notches move, and is read by eight points: in the loop every loss counts.
 * `zero` makes the direct path late, so that the copy comes to lie before it, as with two tapes: through zero.
 */
#include "graph/delay_ring_rt.h"
#include "graph/dsp/control.h"
#include "graph/dsp/fastmath.h"
#include "graph/dsp/moving_line.h"
#include "graph/dsp/notch_mix.h"
#include "graph/dsp/sine.h"
#include "graph/dsp/sway.h"
#include "graph/node.h"
#include "graph/rt_only.h"

enum { RATE, LOCK, DEPTH, DELAY, FEEDBACK, INVERT, STEREO_PHASE, ZERO, MIX };

#define LONGEST_MS 40 /* of a delay that sways */

static const struct param_info params[] = {
    [RATE] = {"rate", "Hz", "How often the notches go up and down in a second.", NULL, 0.01f, 20, 0.2f, 0.02f,
              .curve = CURVE_LOG},
    [LOCK] = {"lock", "", "Where rate is a note value and the piece rolls, cycles begin with the bars.", NULL, 0, 1, 0,
              .kind = PARAM_SWITCH},
    [DEPTH] = {"depth", "octaves", "How far the notches go to either side.", NULL, 0, 3, 1.5f, 0.05f},
    [DELAY] = {"delay", "ms", "By how much the copy is late in the middle: the first notch is at 500 Hz for 1 ms.", NULL,
               0.1f, 20, 1.5f, 0.1f, .curve = CURVE_LOG},
    [FEEDBACK] = {"feedback", "",
                  "How much of the copy is copied again: what is left between the notches sharpens and rings.", NULL,
                  -0.98f, 0.98f, 0.4f, 0.02f},
    [INVERT] =
        {"invert", "",
         "Turns the copy over: notches are where there were peaks, and the bass is one; rings with a feedback below 0.",
         NULL, 0, 1, 0, .kind = PARAM_SWITCH},
    [STEREO_PHASE] = {"stereo_phase", "", "How much of a cycle every channel is ahead of the one before it.", NULL, 0, 1,
                      0.25f, 0.02f},
    [ZERO] =
        {"zero", "ms",
         "Makes the direct sound late, so that the copy passes through it: the same as delay is two tapes side by side.",
         NULL, 0, 20, 0, .flags = PARAM_REBUILD},
    [MIX] = {"mix", "", "From the signal alone (0) by way of the deepest notches (0.5) to the copy alone (1).", NULL, 0, 1,
             0.5f, 0.02f},
};

static const struct port_info inputs[] = {{"in", "The signal.", 0}};
static const struct port_info outputs[] = {{"out", "The signal with its notches.", 0}};

struct flanger {
    struct sway sway;
    struct blend sign;
    struct moving_line line[PORT_CHANNELS_MAX];
    struct delay_ring direct;
    unsigned at;       /* frame of the lines that is written next */
    unsigned channels; /* of in and out */
    double rate_hz;
};

static int flanger_init(void *state, const struct node_init *init, struct error *error)
{
    struct flanger *flanger = state;
    unsigned late = (unsigned)(init->param[ZERO] * 1e-3 * init->rate_hz + 0.5);
    (void)error;
    flanger->sway = sway_at(init->rate_hz);
    flanger->channels = init->channels;
    flanger->rate_hz = init->rate_hz;
    blend_init(&flanger->sign, notch_signs[init->param[INVERT] >= 0.5f], init->rate_hz);
    *init->latency_frames = late;
    if (late && delay_ring_init(&flanger->direct, init->arena, init->channels, late))
        return ERROR_INTERNAL;
    for (unsigned c = 0; c < init->channels; c++)
        if (!moving_line_init(&flanger->line[c], init->arena, (unsigned)(LONGEST_MS * 1e-3 * init->rate_hz) + 1))
            return ERROR_INTERNAL;
    return 0;
}

/* Frames that go through together. */
struct stretch {
    const struct node_io *io;
    unsigned from, n; /* frames of the block */
    uint32_t phase[MOVING_FRAMES];
    struct notch_mix levels;
};

static inline const float *values(const struct stretch *s, unsigned param, float *room)
{
    return control_stretch(&s->io->param[param], s->from, room, s->n);
}

static inline void places(const struct flanger *flanger, const struct stretch *s, struct moving_taps *taps)
{
    float room[2][MOVING_FRAMES];
    double frames[MOVING_FRAMES], per_ms = flanger->rate_hz * 1e-3;
    const float *delay_ms = values(s, DELAY, room[0]), *depth = values(s, DEPTH, room[1]);
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < s->n; i++)
        frames[i] = (double)delay_ms[i] * per_ms * fast_exp2(depth[i] * sine_at(s->phase[i]));
    moving_taps_set(taps, &flanger->line[0], flanger->at, frames, s->n);
}

static inline void channel_run(struct flanger *flanger, const struct stretch *s, const struct moving_taps *taps,
                               const float *direct, unsigned c)
{
    struct moving_line *line = &flanger->line[c];
    const float *in = s->io->in[c] + s->from;
    float *out = s->io->out[c] + s->from, wet[MOVING_FRAMES], x[MOVING_FRAMES];
    unsigned at = flanger->at;
    for (unsigned i = 0, run; i < s->n; i += run, at = (at + run) % line->size) {
        run = moving_run(taps, line, at, s->n - i);
        moving_line_read(line, taps, i, wet + i, run);
        for (unsigned k = i; k < i + run; k++)
            x[k] = in[k] + s->levels.feedback[k] * wet[k];
        moving_line_write(line, at, x + i, run);
    }
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < s->n; i++)
        out[i] = s->levels.dry[i] * direct[i] + s->levels.wet[i] * wet[i];
}

DAWD_CLONES static void stretch_run(struct flanger *flanger, struct stretch *s)
{
    struct moving_taps taps;
    float late[MOVING_FRAMES];
    bool alike = control_rests_at(&s->io->param[STEREO_PHASE], 0);
    const struct param *ahead = &s->io->param[STEREO_PHASE];
    const struct param stereo = {.frames = ahead->frames ? ahead->frames + s->from : NULL, .value = ahead->value};
    notch_mix_set(&s->levels, &flanger->sign, &s->io->param[FEEDBACK], &s->io->param[INVERT], &s->io->param[MIX], s->from,
                  s->n);
    for (unsigned c = 0; c < flanger->channels; c++) {
        const float *direct = s->io->in[c] + s->from;
        if (flanger->direct.delay_frames) {
            delay_ring_pass_rt(&flanger->direct, c, direct, late, s->n);
            direct = late;
        }
        if (!c || !alike)
            places(flanger, s, &taps);
        channel_run(flanger, s, &taps, direct, c);
        phase_shift(s->phase, &stereo, s->n);
    }
    if (flanger->direct.delay_frames)
        delay_ring_advance_rt(&flanger->direct, s->n);
    flanger->at = (flanger->at + s->n) % flanger->line[0].size;
}

static void flanger_process(void *state, const struct node_io *io)
{
    struct flanger *flanger = state;
    struct stretch s = {.io = io};
    for (s.from = 0; s.from < io->n; s.from += s.n) {
        s.n = io->n - s.from < MOVING_FRAMES ? io->n - s.from : MOVING_FRAMES;
        sway_run(&flanger->sway, io, RATE, LOCK, s.phase, s.from, s.n);
        stretch_run(flanger, &s);
    }
}

static bool flanger_settled(void *state, unsigned n, uint64_t quiet)
{
    const struct flanger *flanger = state;
    bool empty = !flanger->sign.left && quiet >= flanger->direct.size_frames;
    (void)n;
    for (unsigned c = 0; empty && c < flanger->channels; c++)
        empty = moving_line_is_empty(&flanger->line[c]);
    return empty;
}

/* Asleep, the lines are empty already; bypassed, they are not. */
static void flanger_rest(void *state)
{
    struct flanger *flanger = state;
    blend_arrive(&flanger->sign);
    for (unsigned c = 0; c < flanger->channels; c++) {
        moving_line_clear(&flanger->line[c]);
        if (flanger->direct.delay_frames)
            memset(flanger->direct.channels[c], 0, flanger->direct.size_frames * sizeof(float));
    }
}

static void flanger_skip(void *state, uint64_t frames)
{
    struct flanger *flanger = state;
    sway_skip(&flanger->sway, frames);
}

const struct node_class flanger_node = {
    .name = "flanger",
    .help = "A comb of notches that goes up and down.",
    .params = params,
    .n_params = ROWS(params),
    .inputs = inputs,
    .n_inputs = ROWS(inputs),
    .outputs = outputs,
    .n_outputs = ROWS(outputs),
    .channels = 2,
    .channels_max = PORT_CHANNELS_MAX,
    .sleeps = {.can = true, .settled = flanger_settled, .rest = flanger_rest, .skip = flanger_skip},
    .finite = true,
    .warm_frames = 2048, /* 40 ms at 48 kHz: the copy is there before it is heard again */
    .state_bytes = sizeof(struct flanger),
    .init = flanger_init,
    .process = flanger_process,
};
