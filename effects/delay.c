/* Echoes: a line that feeds itself, darker and thinner with every round, and from side to side if wanted.
 *
 *      in --+-------------------------------------------------------------(x 1 - mix)--(+)--> out
 *           |                                                                           ^
 *           +--(+)--> [line] --time--> [low cut] --> [high cut] --+-------(x mix)-------+
 *               ^                                                 |
 *               +-----------------(x feedback)-- [spread] <-------+
 *
 * Spread sends what leaves a channel's line into the next channel's, and all input into the first: at 1 the echoes
 * go round. The time is read between the samples (cubic), so that it may glide and be modulated; where it stands
 * still on a whole frame the echo is the very samples. A cut at the end of its range is out of the loop altogether.
 *
 * What a delay costs is mostly the way to its memory, so `longest` says how much it needs.
 */
#include <string.h>

#include "graph/dsp/control.h"
#include "graph/dsp/cut.h"
#include "graph/dsp/delay_line.h"
#include "graph/dsp/vector.h"
#include "graph/node.h"
#include "graph/rt_only.h"

enum { TIME, LONGEST, FEEDBACK, LOW_CUT, HIGH_CUT, SPREAD, MIX };

#define TIME_MOST_S 8.0f

static const struct param_info params[] = {
    [TIME] = {"time", "s", "From one echo to the next; while it changes, the echoes change their pitch.", NULL, 0.001f,
              TIME_MOST_S, 0.25f, 0.2f, .curve = CURVE_LOG},
    [LONGEST] = {"longest", "s", "The memory: a longer time is held at this. A short one takes less room, and runs faster.",
                 NULL, 0.01f, TIME_MOST_S, TIME_MOST_S, .curve = CURVE_LOG, .flags = PARAM_FIXED},
    [FEEDBACK] = {"feedback", "", "What is left of an echo in the next one.", NULL, 0, 0.99f, 0.4f, 0.02f},
    [LOW_CUT] = {"low_cut", "Hz", "Every echo loses what lies below; 10 Hz cuts nothing.", NULL, LOW_CUT_OFF_HZ, 5000,
                 LOW_CUT_OFF_HZ, 0.05f, .curve = CURVE_LOG},
    [HIGH_CUT] = {"high_cut", "Hz", "Every echo loses what lies above; 20 kHz cuts nothing.", NULL, 100, HIGH_CUT_OFF_HZ,
                  HIGH_CUT_OFF_HZ, 0.05f, .curve = CURVE_LOG},
    [SPREAD] = {"spread", "", "0 keeps every channel's echoes to itself, 1 sends them round, the first one left.", NULL, 0,
                1, 0, 0.02f},
    [MIX] = {"mix", "", "From the dry signal alone (0) to the echoes alone (1).", NULL, 0, 1, 0.3f, 0.02f},
};

static const struct port_info inputs[] = {{"in", "The signal.", 0}};
static const struct port_info outputs[] = {{"out", "The signal and its echoes.", 0}};

struct delay {
    struct delay_line line[PORT_CHANNELS_MAX];
    struct cut_poles low, high;
    unsigned at;       /* frame of the lines that is written next */
    unsigned channels; /* of in and out */
    uint64_t zeros;    /* frames in a row that the lines have been given nothing, as far as it was looked at */
    unsigned stale;    /* the oldest frames of the lines, which are not to be heard any more, whatever they hold */
    float longest_s;   /* that the lines can hold */
    double rate_hz;
};

static int delay_init(void *state, const struct node_init *init, struct error *error)
{
    struct delay *delay = state;
    (void)error;
    delay->channels = init->channels;
    delay->rate_hz = init->rate_hz;
    delay->longest_s = init->param[LONGEST];
    for (unsigned c = 0; c < delay->channels; c++)
        if (!delay_line_init(&delay->line[c], init->arena, (unsigned)(delay->longest_s * init->rate_hz) + 1))
            return ERROR_INTERNAL;
    return 0;
}

/* Frames that are read, cut and fed back before any later one. */
struct stretch {
    const struct node_io *io;
    unsigned from, n; /* frames of the block */
    float wet[PORT_CHANNELS_MAX][DELAY_STRETCH_MAX];
};

static inline const float *values(const struct stretch *s, unsigned param, float *room)
{
    return control_stretch(&s->io->param[param], s->from, room, s->n);
}

/* The time as long as the memory allows. */
static inline float held(const struct delay *delay, float time_s)
{
    return time_s < delay->longest_s ? time_s : delay->longest_s;
}

static inline void read_moving(const struct delay *delay, struct stretch *s)
{
    float room[DELAY_STRETCH_MAX];
    struct delay_taps taps;
    const float *time = values(s, TIME, room);
    for (unsigned i = 0; i < s->n; i++)
        room[i] = held(delay, time[i]);
    delay_taps_set(&taps, &delay->line[0], delay->at, room, delay->rate_hz, s->n);
    for (unsigned c = 0; c < delay->channels; c++)
        delay_line_read_taps(&delay->line[c], &taps, s->wet[c], s->n);
}

/* Before the stretch is read. */
static void hush(struct delay *delay, const struct stretch *s)
{
    const struct param *time = &s->io->param[TIME];
    unsigned apart = param_is_constant(time) ? s->n : 1;
    for (unsigned i = 0; i < s->n; i += apart) {
        unsigned whole = delay_tap_at(held(delay, param_at(time, s->from + i)), delay->rate_hz).whole;
        for (unsigned c = 0; c < delay->channels; c++)
            delay_line_hush(&delay->line[c], delay->at, delay->stale, whole, i, apart);
    }
}

static inline void read_lines(const struct delay *delay, struct stretch *s)
{
    const struct param *time = &s->io->param[TIME];
    if (!param_is_constant(time)) {
        read_moving(delay, s);
        return;
    }
    struct delay_tap tap = delay_tap_at(held(delay, time->value), delay->rate_hz);
    for (unsigned c = 0; c < delay->channels; c++)
        delay_line_read(&delay->line[c], delay->at, tap, s->wet[c], s->n);
}

/* Whether any cut is in the loop. If not, what both have held is forgotten, for it would be long past. */
static bool cuts_wanted(struct delay *delay, const struct node_io *io)
{
    if (!control_rests_at(&io->param[LOW_CUT], LOW_CUT_OFF_HZ) || !control_rests_at(&io->param[HIGH_CUT], HIGH_CUT_OFF_HZ))
        return true;
    delay->low = delay->high = (struct cut_poles){0};
    return false;
}

DAWD_CLONES static void cut_both(struct delay *delay, struct stretch *s)
{
    struct cut low, high;
    cut_aim(&low, &s->io->param[LOW_CUT], s->from, delay->rate_hz, LOW_CUT_OFF_HZ, s->n);
    cut_aim(&high, &s->io->param[HIGH_CUT], s->from, delay->rate_hz, HIGH_CUT_OFF_HZ, s->n);
    for (unsigned c = 0; c < delay->channels; c += 2)
        cut_two(&low, &delay->low, &high, &delay->high, s->wet, c, c + 1 < delay->channels ? c + 1 : c, s->n);
}

static inline void mean_input(const struct delay *delay, const struct stretch *s, float *mean)
{
    float share = 1 / (float)delay->channels;
    memset(mean, 0, s->n * sizeof *mean);
    for (unsigned c = 0; c < delay->channels; c++) {
        const float *in = s->io->in[c] + s->from;
        for (unsigned i = 0; i < s->n; i++)
            mean[i] += in[i] * share;
    }
}

static inline void feed_lines(struct delay *delay, const struct stretch *s)
{
    static const float nothing[DELAY_STRETCH_MAX];
    float mean[DELAY_STRETCH_MAX], line[DELAY_STRETCH_MAX], room[2][DELAY_STRETCH_MAX];
    const float *feedback = values(s, FEEDBACK, room[0]), *spread = values(s, SPREAD, room[1]);
    mean_input(delay, s, mean);
    for (unsigned c = 0; c < delay->channels; c++) {
        const float *in = s->io->in[c] + s->from, *enters = c == 0 ? mean : nothing;
        const float *own = s->wet[c], *before = s->wet[(c + delay->channels - 1) % delay->channels];
        for (unsigned i = 0; i < s->n; i++) {
            float stays = in[i] + feedback[i] * own[i], comes = enters[i] + feedback[i] * before[i];
            line[i] = (1 - spread[i]) * stays + spread[i] * comes;
        }
        delay_line_write(&delay->line[c], delay->at, line, s->n);
    }
}

static inline void mix_out(const struct delay *delay, const struct stretch *s)
{
    float room[DELAY_STRETCH_MAX];
    const float *mix = values(s, MIX, room);
    for (unsigned c = 0; c < delay->channels; c++) {
        const float *in = s->io->in[c] + s->from, *wet = s->wet[c];
        float *out = s->io->out[c] + s->from;
        DAWD_FRAMES_APART
        for (unsigned i = 0; i < s->n; i++)
            out[i] = (1 - mix[i]) * in[i] + mix[i] * wet[i];
    }
}

/* Feeds the lines and mixes in one go, where every channel keeps to itself and only the time or a cut may move: the same
 * numbers as by the general way. */
static inline void feed_and_mix(struct delay *delay, const struct stretch *s)
{
    float feedback = s->io->param[FEEDBACK].value, mix = s->io->param[MIX].value;
    for (unsigned c = 0; c < delay->channels; c++) {
        const float *in = s->io->in[c] + s->from, *wet = s->wet[c];
        float *out = s->io->out[c] + s->from, *line = delay->line[c].frames + delay->at;
        DAWD_FRAMES_APART
        for (unsigned i = 0; i < s->n; i++) {
            float x = in[i];
            line[i] = lasting_or_zero(x + feedback * wet[i]);
            out[i] = (1 - mix) * x + mix * wet[i];
        }
        delay_line_close(&delay->line[c]);
    }
}

/* Reads as well, where the time stands still too and no cut is on: what most delays do most of the time, in one loop. */
static inline void read_feed_and_mix(struct delay *delay, const struct stretch *s)
{
    const float feedback = s->io->param[FEEDBACK].value, mix = s->io->param[MIX].value, dry = 1 - mix;
    struct delay_tap tap = delay_tap_at(held(delay, s->io->param[TIME].value), delay->rate_hz);
    float w[4];
    delay_tap_weights(tap.fraction, w);
    const float w0 = w[0], w1 = w[1], w2 = w[2], w3 = w[3];
    for (unsigned c = 0; c < delay->channels; c++) {
        for (unsigned done = 0, n; done < s->n; done += n) {
            const float *x0 = delay_line_run(&delay->line[c], delay->at + done, tap, s->n - done, &n);
            const float *x1 = x0 + 1, *x2 = x0 + 2, *x3 = x0 + 3;
            const float *in = s->io->in[c] + s->from + done;
            float *out = s->io->out[c] + s->from + done, *line = delay->line[c].frames + delay->at + done;
            DAWD_FRAMES_APART
            for (unsigned i = 0; i < n; i++) {
                float x = in[i], wet = w0 * x0[i] + w1 * x1[i] + w2 * x2[i] + w3 * x3[i];
                line[i] = lasting_or_zero(x + feedback * wet);
                out[i] = dry * x + mix * wet;
            }
        }
        delay_line_close(&delay->line[c]);
    }
}

/* Frames from the nearest sample that this block reads, as far as the memory goes. */
static unsigned nearest_frames(const struct delay *delay, const struct node_io *io)
{
    unsigned nearest = delay_nearest_frames(&io->param[TIME], io->n, delay->rate_hz);
    unsigned longest = delay_tap_at(delay->longest_s, delay->rate_hz).whole;
    return nearest < longest ? nearest : longest;
}

DAWD_CLONES static void delay_process(void *state, const struct node_io *io)
{
    struct delay *delay = state;
    struct stretch s;
    unsigned nearest = nearest_frames(delay, io);
    bool simple = control_rests_at(&io->param[SPREAD], 0) && param_is_constant(&io->param[FEEDBACK]) &&
                  param_is_constant(&io->param[MIX]);
    bool cuts = cuts_wanted(delay, io), simplest = simple && !cuts && param_is_constant(&io->param[TIME]);
    s.io = io;
    /* For the next block: until then there is time to bring it from wherever it lies. */
    for (unsigned c = 0; c < delay->channels; c++)
        delay_line_prefetch_read(&delay->line[c], (delay->at + io->n) % delay->line[0].size, nearest, io->n);
    for (s.from = 0; s.from < io->n; s.from += s.n) {
        s.n = (simplest ? delay_line_reach : delay_line_stretch)(&delay->line[0], delay->at, nearest, io->n - s.from);
        if (delay->stale)
            hush(delay, &s);
        if (!simplest)
            read_lines(delay, &s);
        if (cuts)
            cut_both(delay, &s);
        if (simplest) {
            read_feed_and_mix(delay, &s);
        } else if (simple) {
            feed_and_mix(delay, &s);
        } else {
            feed_lines(delay, &s);
            mix_out(delay, &s);
        }
        delay->at = (delay->at + s.n) % delay->line[0].size;
        delay->stale -= s.n < delay->stale ? s.n : delay->stale;
    }
    for (unsigned c = 0; c < delay->channels; c++)
        delay_line_prefetch_write(&delay->line[c], delay->at, io->n);
}

/* Whether the last n frames of all lines are zeros. */
static bool was_given_nothing(const struct delay *delay, unsigned n)
{
    unsigned size = delay->line[0].size, from = (delay->at + size - n % size) % size;
    unsigned before_end = n < size - from ? n : size - from;
    for (unsigned c = 0; c < delay->channels; c++) {
        const float *frames = delay->line[c].frames;
        if (!all_zero(frames + from, before_end) || !all_zero(frames, n - before_end))
            return false;
    }
    return true;
}

/* Empty lines, not a silent output: where nothing of them is in the mix they may be full. */
static bool delay_settled(void *state, unsigned n, uint64_t quiet)
{
    struct delay *delay = state;
    if (quiet == n) /* the first such cell */
        delay->zeros = 0;
    delay->zeros = was_given_nothing(delay, n) ? delay->zeros + n : 0;
    return delay->zeros >= delay->line[0].size;
}

static void delay_rest(void *state)
{
    struct delay *delay = state;
    delay->low = delay->high = (struct cut_poles){0};
}

static void delay_clear(void *state)
{
    struct delay *delay = state;
    delay->stale = delay->line[0].size;
}

const struct node_class delay_node = {
    .name = "delay",
    .help = "Echoes that fade, darken and go from side to side.",
    .params = params,
    .n_params = ROWS(params),
    .inputs = inputs,
    .n_inputs = ROWS(inputs),
    .outputs = outputs,
    .n_outputs = ROWS(outputs),
    .channels = 2,
    .channels_max = PORT_CHANNELS_MAX,
    .sleeps = {.can = true, .settled = delay_settled, .rest = delay_rest, .clear = delay_clear},
    .finite = true,
    .trails = true,
    .state_bytes = sizeof(struct delay),
    .init = delay_init,
    .process = delay_process,
};
