/* Adds up signals, each at its level and in its place.
 *
 *      in1 --(x gain1)--(x mute1)--(balance by pan1)--+
 *      in2 --(x gain2)--(x mute2)--(balance by pan2)--+--> out: left and right
 *      ...                                            |
 *
 * In the middle a strip is heard as it is, on either side it leaves the other one by a cosine, as `pan` balances (effects/pan.c);
 * so what is neither moved nor muted is summed bit by bit, in the order of the inputs. A mono input is heard on both sides
 * alike. A mute fades in MUTE_S, and is silence then, whatever comes in.
 */
#include <string.h>

#include "graph/dsp/control.h"
#include "graph/dsp/decibel.h"
#include "graph/dsp/vector.h"
#include "graph/node.h"
#include "graph/numbered.h"
#include "graph/rt_only.h"

#define INPUTS_MOST 32
#define MUTE_S      0.01 /* too short to be heard as a fade, too long for a click */

/* Rows: one for all, then those of the first strip, of the second, ... */
enum { INPUTS, STRIPS };
enum { GAIN, PAN, MUTE, STRIP_ROWS };

#define STRIP(n) LEVEL(n), PLACE(n), SILENCE(n)
#define LEVEL(n)                                                                                                           \
    {                                                                                                                      \
        "gain" #n, "dB", "Level of its input; -120 dB is silence.", NULL, DECIBEL_OFF, 24, 0, 0.02f, .number = n           \
    }
#define PLACE(n)                                                                                                           \
    {                                                                                                                      \
        "pan" #n, "", "Where its input is heard: -1 left, 0 as it comes, 1 right.", NULL, -1, 1, 0, 0.02f, .number = n     \
    }
#define SILENCE(n)                                                                                                         \
    {                                                                                                                      \
        "mute" #n, "", "Silences its input by a fade of 10 ms.", NULL, 0, 1, 0, .kind = PARAM_SWITCH, .number = n          \
    }
#define INPUT(n)                                                                                                           \
    {                                                                                                                      \
        "in" #n, "A signal to be added.", 0, .number = n                                                                   \
    }

static const struct param_info params[] = {
    [INPUTS] = {"inputs", "", "How many inputs there are.", NULL, 2, INPUTS_MOST, 2, .kind = PARAM_INTEGER,
                .flags = PARAM_FIXED},
    NUMBERED_32(STRIP),
};

static const struct port_info inputs[] = {NUMBERED_32(INPUT)};
static const struct port_info outputs[] = {{"out", "The sum: left and right.", 2}};

struct strip {
    float level;      /* of the mute: 1 is heard, 0 silent */
    float db, pan;    /* that the factors are for */
    float factors[2]; /* of left and right, without the mute */
};

struct mixer {
    struct strip strip[INPUTS_MOST];
    float mute_step; /* of a level per frame */
    unsigned n_inputs, channels;
    bool mutes_rest; /* in the last block */
};

static void strip_set(struct strip *strip, float db, float pan);

static int mixer_init(void *state, const struct node_init *init, struct error *error)
{
    struct mixer *mixer = state;
    (void)error;
    mixer->channels = init->channels;
    mixer->n_inputs = (unsigned)init->param[INPUTS];
    mixer->mute_step = (float)(1 / (MUTE_S * init->rate_hz));
    for (unsigned i = 0; i < mixer->n_inputs; i++) {
        const float *row = init->param + STRIPS + i * STRIP_ROWS;
        mixer->strip[i].level = 1 - row[MUTE];
        strip_set(&mixer->strip[i], row[GAIN], row[PAN]);
    }
    return 0;
}

static inline float left_factor(float db, float pan)
{
    return decibel_level(db) * fast_cos_quarter(pan > 0 ? pan : 0);
}

static void strip_set(struct strip *strip, float db, float pan)
{
    strip->db = db;
    strip->pan = pan;
    strip->factors[0] = left_factor(db, pan);
    strip->factors[1] = left_factor(db, -pan);
}

/* Where nothing moves. */
static inline void add_still(const struct strip *strip, const float *const in[2], float (*sum)[BLOCK_MAX], unsigned n)
{
    for (unsigned side = 0; side < 2; side++) {
        if (strip->factors[side] == 0) /* silence, whatever comes in */
            continue;
        for (unsigned i = 0; i < n; i++)
            sum[side][i] += in[side][i] * strip->factors[side];
    }
}

/* Whether the mute has arrived, and stays. */
static inline bool mute_rests(const struct strip *strip, const struct param *mute)
{
    return param_is_constant(mute) && strip->level == 1 - mute->value;
}

/* The level of the mute in every frame, on its way from where it is. */
static inline void follow_mute(struct strip *strip, const struct param *mute, float step, float *level, unsigned n)
{
    bool rests = mute_rests(strip, mute);
    for (unsigned i = 0; i < n; i++) {
        if (!rests) {
            float now = param_at(mute, i) != 0 ? strip->level - step : strip->level + step;
            strip->level = now < 0 ? 0 : now > 1 ? 1 : now;
        }
        level[i] = strip->level;
    }
}

static inline void add_moving(struct strip *strip, const struct param *row, float mute_step, const float *const in[2],
                              float (*sum)[BLOCK_MAX], unsigned n)
{
    float level[BLOCK_MAX], rooms[2][BLOCK_MAX];
    const float *db = control_frames(&row[GAIN], rooms[0], n), *pan = control_frames(&row[PAN], rooms[1], n);
    follow_mute(strip, &row[MUTE], mute_step, level, n);
    DAWD_FRAMES_APART
    for (unsigned i = 0; i < n; i++) {
        float left = left_factor(db[i], pan[i]) * level[i], right = left_factor(db[i], -pan[i]) * level[i];
        sum[0][i] += left > 0 ? left * in[0][i] : 0;
        sum[1][i] += right > 0 ? right * in[1][i] : 0;
    }
}

/* One strip into the sum of both sides. */
static inline void add_strip(struct mixer *mixer, unsigned s, const struct node_io *io, float (*sum)[BLOCK_MAX])
{
    struct strip *strip = &mixer->strip[s];
    const struct param *row = io->param + STRIPS + s * STRIP_ROWS;
    const float *const in[2] = {io->in[s * mixer->channels], io->in[(s + 1) * mixer->channels - 1]};
    bool rests = mute_rests(strip, &row[MUTE]);
    mixer->mutes_rest &= rests;
    if (rests && strip->level == 0)
        return;
    if (!rests || !param_is_constant(&row[GAIN]) || !param_is_constant(&row[PAN])) {
        add_moving(strip, row, mixer->mute_step, in, sum, io->n);
        return;
    }
    if (strip->db != row[GAIN].value || strip->pan != row[PAN].value)
        strip_set(strip, row[GAIN].value, row[PAN].value);
    add_still(strip, in, sum, io->n);
}

/* The sum is made beside the outputs, which may be inputs that are still to come. */
DAWD_CLONES static void mixer_process(void *state, const struct node_io *io)
{
    struct mixer *mixer = state;
    _Alignas(64) float sum[2][BLOCK_MAX];
    for (unsigned side = 0; side < 2; side++)
        memset(sum[side], 0, io->n * sizeof(float));
    mixer->mutes_rest = true;
    for (unsigned s = 0; s < mixer->n_inputs; s++)
        add_strip(mixer, s, io, sum);
    for (unsigned side = 0; side < 2; side++)
        memcpy(io->out[side], sum[side], io->n * sizeof(float));
}

/* A mute that was switched ends its way before. */
static bool mixer_settled(void *state, unsigned n, uint64_t quiet)
{
    const struct mixer *mixer = state;
    (void)n;
    (void)quiet;
    return mixer->mutes_rest;
}

const struct node_class mixer_node = {
    .name = "mixer",
    .help = "Adds up signals, each with a level, a place and a mute.",
    .params = params,
    .n_params = ROWS(params),
    .inputs = inputs,
    .n_inputs = ROWS(inputs),
    .outputs = outputs,
    .n_outputs = ROWS(outputs),
    .channels = 2,
    .channels_max = 2,
    .numbered_by = INPUTS + 1,
    .sleeps = {.can = true, .settled = mixer_settled},
    .finite = true,
    .state_bytes = sizeof(struct mixer),
    .init = mixer_init,
    .process = mixer_process,
};
