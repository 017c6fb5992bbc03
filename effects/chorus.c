/* One becomes many: voices that are late by a moment that sways, each in its own place of the cycle.
 *
 *      in --+--------------------------------------------------------(x 1 - mix)--(+)--> out
 *           |                                                                      ^
 *           +--(+)--> [low cut] --> [high cut] --> [line] --+-- voice 1 --+        |
 *               ^                                           +-- voice 2 --+--(x mix / sqrt voices)
 *               |                                           +--   ...   --+
 *               +--(x feedback)-- delay + depth / 2 --------+
 *
 * A voice sways between delay and delay + depth; voices are evenly apart in the cycle, and those of the channels lie between
 * each other by `spread`. Fed back is what stands still in the middle: a voice would be bent again in every round (J. Dattorro,
 * "Effect design part 2", JAES 45, 1997). Voices add up as noise does, so their sum is divided by the root of their number;
 * the loop makes noise louder by 1 / sqrt(1 - feedback^2), which is taken back.
 *
 * The cuts come before the line, as the filters of a bucket brigade do, so they cost the same for any number of voices.
 */
#include "graph/dsp/control.h"
#include "graph/dsp/cut.h"
#include "graph/dsp/moving_line.h"
#include "graph/dsp/sine.h"
#include "graph/dsp/sway.h"
#include "graph/dsp/turn.h"
#include "graph/node.h"
#include "graph/rt_only.h"

enum { RATE, LOCK, DEPTH, DELAY, VOICES, SPREAD, FEEDBACK, LOW_CUT, HIGH_CUT, MIX };

#define VOICES_MOST   8
#define DELAY_MOST_MS 50
#define DEPTH_MOST_MS 20

static const struct param_info params[] = {
    [RATE] = {"rate", "Hz", "How often a voice sways in a second.", NULL, 0.01f, 20, 0.6f, 0.02f, .curve = CURVE_LOG},
    [LOCK] = {"lock", "", "Where rate is a note value and the piece rolls, cycles begin with the bars.", NULL, 0, 1, 0,
              .kind = PARAM_SWITCH},
    [DEPTH] = {"depth", "ms", "How much later than delay a voice gets: with the rate, how far it is out of tune.", NULL, 0,
               DEPTH_MOST_MS, 4, 0.1f},
    [DELAY] = {"delay", "ms", "How late a voice is at least.", NULL, 1, DELAY_MOST_MS, 10, 0.1f, .curve = CURVE_LOG},
    [VOICES] = {"voices", "", "How many voices every channel gets.", NULL, 1, VOICES_MOST, 3, .kind = PARAM_INTEGER},
    [SPREAD] = {"spread", "", "How much the channels differ: 0 they move alike, 1 they are as far apart as can be.", NULL,
                0, 1, 1, 0.02f},
    [FEEDBACK] = {"feedback", "", "How much of the voices' middle is heard again, as by a metal pipe.", NULL, -0.98f, 0.98f,
                  0, 0.02f},
    [LOW_CUT] = {"low_cut", "Hz", "The voices lose what lies below, so that the bass stays firm; 10 Hz cuts nothing.", NULL,
                 LOW_CUT_OFF_HZ, 5000, LOW_CUT_OFF_HZ, 0.05f, .curve = CURVE_LOG},
    [HIGH_CUT] = {"high_cut", "Hz", "The voices lose what lies above, 8 kHz is an old pedal; 20 kHz cuts nothing.", NULL,
                  100, HIGH_CUT_OFF_HZ, HIGH_CUT_OFF_HZ, 0.05f, .curve = CURVE_LOG},
    [MIX] = {"mix", "", "From the signal alone (0) to the voices alone (1).", NULL, 0, 1, 0.5f, 0.02f},
};

static const struct port_info inputs[] = {{"in", "The signal.", 0}};
static const struct port_info outputs[] = {{"out", "The signal and its voices.", 0}};

struct chorus {
    struct sway sway;
    struct turn voices;
    struct moving_line line[PORT_CHANNELS_MAX];
    struct cut_poles low, high;
    unsigned at;       /* frame of the lines that is written next */
    unsigned channels; /* of in and out */
    double rate_hz;
};

static int chorus_init(void *state, const struct node_init *init, struct error *error)
{
    struct chorus *chorus = state;
    unsigned most = (unsigned)((DELAY_MOST_MS + DEPTH_MOST_MS) * 1e-3 * init->rate_hz) + 2;
    (void)error;
    chorus->sway = sway_at(init->rate_hz);
    chorus->voices = turn_at(init->param[VOICES], init->rate_hz);
    chorus->channels = init->channels;
    chorus->rate_hz = init->rate_hz;
    for (unsigned c = 0; c < init->channels; c++)
        if (!moving_line_init(&chorus->line[c], init->arena, most))
            return ERROR_INTERNAL;
    return 0;
}

/* Frames that are read, cut and written before any later one. */
struct stretch {
    const struct node_io *io;
    unsigned from, n; /* frames of the block */
    uint32_t phase[MOVING_FRAMES];
    float spread[MOVING_FRAMES];
    double least[MOVING_FRAMES], half[MOVING_FRAMES]; /* delay, and half of the depth, in frames */
    float x[PORT_CHANNELS_MAX][DELAY_STRETCH_MAX];    /* to be cut and written */
};

static inline const float *values(const struct stretch *s, unsigned param, float *room)
{
    return control_stretch(&s->io->param[param], s->from, room, s->n);
}

static inline void stretch_set(const struct chorus *chorus, struct stretch *s)
{
    float room[3][MOVING_FRAMES];
    double per_ms = chorus->rate_hz * 1e-3;
    const float *delay_ms = values(s, DELAY, room[0]), *depth_ms = values(s, DEPTH, room[1]),
                *spread = values(s, SPREAD, room[2]);
    for (unsigned i = 0; i < s->n; i++) {
        s->least[i] = (double)delay_ms[i] * per_ms;
        s->half[i] = (double)depth_ms[i] * per_ms * 0.5;
        s->spread[i] = spread[i] / (float)chorus->channels;
    }
}

/* Adds a voice of channel c to wet: the k-th of n_voices. */
static inline void voice_add(const struct chorus *chorus, const struct stretch *s, unsigned c, unsigned k,
                             unsigned n_voices, float *wet)
{
    struct moving_taps taps;
    double frames[MOVING_FRAMES];
    float voice[MOVING_FRAMES], part = 1 / (float)n_voices, first = (float)k, side = (float)c;
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < s->n; i++) {
        uint32_t ahead = phase_offset((first + s->spread[i] * side) * part);
        frames[i] = s->least[i] + s->half[i] * (double)(1 + sine_at(s->phase[i] + ahead));
    }
    moving_taps_set(&taps, &chorus->line[c], chorus->at, frames, s->n);
    moving_line_read(&chorus->line[c], &taps, 0, voice, s->n);
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < s->n; i++)
        wet[i] += voice[i];
}

static inline void voices_read(const struct chorus *chorus, const struct stretch *s, unsigned c, unsigned n_voices,
                               float *wet)
{
    float level = 1 / sqrtf((float)n_voices);
    memset(wet, 0, s->n * sizeof *wet);
    for (unsigned k = 0; k < n_voices; k++)
        voice_add(chorus, s, c, k, n_voices, wet);
    for (unsigned i = 0; i < s->n; i++)
        wet[i] *= level;
}

/* What goes to the line of channel c: the signal, and the middle of the voices. */
static inline void feed(const struct chorus *chorus, struct stretch *s, unsigned c)
{
    struct moving_taps taps;
    double frames[MOVING_FRAMES];
    float middle[MOVING_FRAMES] = {0}, room[MOVING_FRAMES];
    const float *in = s->io->in[c] + s->from, *feedback = values(s, FEEDBACK, room);
    if (!control_rests_at(&s->io->param[FEEDBACK], 0)) {
        for (unsigned i = 0; i < s->n; i++)
            frames[i] = s->least[i] + s->half[i];
        moving_taps_set(&taps, &chorus->line[c], chorus->at, frames, s->n);
        moving_line_read(&chorus->line[c], &taps, 0, middle, s->n);
    }
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < s->n; i++)
        s->x[c][i] = sound_or_zero(in[i] + feedback[i] * middle[i]);
}

static inline void mix_out(const struct stretch *s, unsigned c, const float *wet)
{
    float room[2][MOVING_FRAMES];
    const float *in = s->io->in[c] + s->from, *mix = values(s, MIX, room[0]), *feedback = values(s, FEEDBACK, room[1]);
    float *out = s->io->out[c] + s->from;
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < s->n; i++)
        out[i] = (1 - mix[i]) * in[i] + mix[i] * sqrtf(1 - feedback[i] * feedback[i]) * wet[i];
}

static inline bool cuts_at(const struct node_io *io, unsigned i)
{
    return param_at(&io->param[LOW_CUT], i) != LOW_CUT_OFF_HZ || param_at(&io->param[HIGH_CUT], i) != HIGH_CUT_OFF_HZ;
}

/* How many frames from `from` on have any cut, or none, as the first of them. */
static unsigned cuts_run(const struct node_io *io, unsigned from, unsigned n)
{
    unsigned end = from + 1;
    if (param_is_constant(&io->param[LOW_CUT]) && param_is_constant(&io->param[HIGH_CUT]))
        return n;
    while (end < from + n && cuts_at(io, end) == cuts_at(io, from))
        end++;
    return end - from;
}

/* Without any, both forget: when one comes back, what it held would be long past. */
static inline void cut_both(struct chorus *chorus, struct stretch *s)
{
    struct cut low, high;
    if (!cuts_at(s->io, s->from)) {
        chorus->low = chorus->high = (struct cut_poles){0};
        return;
    }
    cut_aim(&low, &s->io->param[LOW_CUT], s->from, chorus->rate_hz, LOW_CUT_OFF_HZ, s->n);
    cut_aim(&high, &s->io->param[HIGH_CUT], s->from, chorus->rate_hz, HIGH_CUT_OFF_HZ, s->n);
    for (unsigned c = 0; c < chorus->channels; c += 2)
        cut_two(&low, &chorus->low, &high, &chorus->high, s->x, c, c + 1 < chorus->channels ? c + 1 : c, s->n);
}

DAWD_CLONES static void stretch_run(struct chorus *chorus, struct stretch *s)
{
    float wet[MOVING_FRAMES], before[MOVING_FRAMES];
    stretch_set(chorus, s);
    for (unsigned c = 0; c < chorus->channels; c++) {
        voices_read(chorus, s, c, chorus->voices.now, wet);
        if (chorus->voices.left) {
            voices_read(chorus, s, c, chorus->voices.before, before);
            turn_mix(&chorus->voices, wet, before, s->n);
        }
        feed(chorus, s, c);
        mix_out(s, c, wet);
    }
    cut_both(chorus, s);
    for (unsigned c = 0; c < chorus->channels; c++)
        moving_line_write(&chorus->line[c], chorus->at, s->x[c], s->n);
}

/* Frames that can be read before they are written: what is nearest is a voice at its earliest. */
static unsigned reach(const struct chorus *chorus, const struct node_io *io)
{
    float least_ms = DELAY_MOST_MS;
    for (unsigned i = 0; i < (param_is_constant(&io->param[DELAY]) ? 1 : io->n); i++)
        least_ms = fminf(least_ms, param_at(&io->param[DELAY], i));
    unsigned whole = (unsigned)((double)least_ms * chorus->rate_hz * 1e-3);
    unsigned run = whole > MOVING_LEAST ? whole - (MOVING_LEAST - 1) : 1;
    return run < MOVING_FRAMES ? run : MOVING_FRAMES;
}

static void chorus_process(void *state, const struct node_io *io)
{
    struct chorus *chorus = state;
    struct stretch s = {.io = io};
    unsigned most = reach(chorus, io), size = chorus->line[0].size;
    for (s.from = 0; s.from < io->n; s.from += s.n) {
        s.n = turn_next(&chorus->voices, &io->param[VOICES], s.from, io->n);
        s.n = s.n < most ? s.n : most;
        s.n = s.n < size - chorus->at ? s.n : size - chorus->at;
        s.n = cuts_run(io, s.from, s.n);
        sway_run(&chorus->sway, io, RATE, LOCK, s.phase, s.from, s.n);
        stretch_run(chorus, &s);
        if (chorus->voices.left)
            turn_advance(&chorus->voices, s.n);
        chorus->at = (chorus->at + s.n) % size;
    }
}

static bool chorus_settled(void *state, unsigned n, uint64_t quiet)
{
    const struct chorus *chorus = state;
    bool empty = !chorus->voices.left;
    (void)n;
    (void)quiet;
    for (unsigned c = 0; empty && c < chorus->channels; c++)
        empty = moving_line_is_empty(&chorus->line[c]);
    return empty;
}

/* Asleep, the lines are empty already; bypassed, they are not. */
static void chorus_rest(void *state)
{
    struct chorus *chorus = state;
    chorus->low = chorus->high = (struct cut_poles){0};
    for (unsigned c = 0; c < chorus->channels; c++)
        moving_line_clear(&chorus->line[c]);
}

static void chorus_skip(void *state, uint64_t frames)
{
    struct chorus *chorus = state;
    sway_skip(&chorus->sway, frames);
}

const struct node_class chorus_node = {
    .name = "chorus",
    .help = "Lets one sound as many.",
    .params = params,
    .n_params = ROWS(params),
    .inputs = inputs,
    .n_inputs = ROWS(inputs),
    .outputs = outputs,
    .n_outputs = ROWS(outputs),
    .channels = 2,
    .channels_max = PORT_CHANNELS_MAX,
    .sleeps = {.can = true, .settled = chorus_settled, .rest = chorus_rest, .skip = chorus_skip},
    .finite = true,
    .warm_frames = 3584, /* 70 ms at 48 kHz: the voices are there before they are heard again */
    .state_bytes = sizeof(struct chorus),
    .init = chorus_init,
    .process = chorus_process,
};
