/* Lets an instrument speak: the voice opens and closes the bands of a carrier.
 *
 *      in ------> mean --> [bank] --> [attack, release] --> levels --> [shift] --+
 *                                                                               (x) --> sum --> output --> mix --> out
 *      carrier -----(+)--> [bank] ----------------------------------------------+
 *      noise ---[high-pass]-^ hiss
 *
 * H. Dudley's machine ("Remaking speech", JASA 11, 1939) with the bands of graph/dsp/band_bank.h. Without a cable at `carrier` noise is
 * one, and the voice whispers. Hiss adds noise above 5 kHz to the carrier, where most have nothing that an s could be made
 * of; no detector of voiced and unvoiced sounds is needed, for those bands are open only when there is one.
 *
 * The shift reads the levels of other bands, between two of them in parts of both: filters stand still, so it may move as
 * fast as it likes. All channels share the levels, for the voice is one; each has its own carrier.
 */
#include "graph/dsp/band_bank.h"
#include "graph/dsp/control.h"
#include "graph/dsp/decibel.h"
#include "graph/dsp/finite.h"
#include "graph/dsp/lag.h"
#include "graph/dsp/svf.h"
#include "graph/dsp/white.h"
#include "graph/node.h"
#include "graph/rt_only.h"

enum { BANDS, ATTACK, RELEASE, SHIFT, HISS, OUTPUT, MIX };
enum { IN, CARRIER };

#define LOW_HZ   90.0
#define HIGH_HZ  11000.0
#define HISS_HZ  5000.0f
#define NOISE    0.5f /* amplitude of the own carrier, and of a full hiss */
#define LOUDEST  1e4f /* +80 dB: what is louder would be too loud when both are multiplied */
#define CHANGE_S 0.01 /* from the own carrier to that of a cable */
#define MAKEUP   8.0f /* times the root of the number of bands: speech on a chord comes out as loud as it is */

static const struct param_info params[] = {
    [BANDS] = {"bands", "", "How finely the voice is copied: 8 are a robot, 20 are clear, 40 hear the voice's own pitch.",
               NULL, 8, 40, 20, .kind = PARAM_INTEGER, .flags = PARAM_REBUILD},
    [ATTACK] = {"attack", "ms", "Time in which a band has opened by 63 %.", NULL, 0.1f, 200, 3, 0.02f, .curve = CURVE_LOG},
    [RELEASE] = {"release", "ms", "Time in which it has closed by 63 %: long ones sing on.", NULL, 1, 2000, 30, 0.02f,
                 .curve = CURVE_LOG},
    [SHIFT] = {"shift", "octaves", "Moves the formants: up for a child, down for a giant; the pitch stays the carrier's.",
               NULL, -2, 2, 0, 0.05f},
    [HISS] = {"hiss", "", "Noise above 5 kHz for the carrier, so that s and t are heard.", NULL, 0, 1, 0.2f, 0.02f},
    [OUTPUT] = {"output", "dB", "Gain of the vocoder.", NULL, -36, 36, 0, 0.02f},
    [MIX] = {"mix", "", "From the voice itself (0) to the carrier that speaks (1).", NULL, 0, 1, 1, 0.02f},
};

static const struct port_info inputs[] = {
    [IN] = {"in", "The voice, which opens the bands.", 0},
    [CARRIER] = {"carrier", "What is made to speak, best rich in overtones; without a cable noise, a whisper.", 0},
};
static const struct port_info outputs[] = {{"out", "The carrier that speaks.", 0}};

struct vocoder {
    struct band_bank bank;
    struct band_state voice, carrier[PORT_CHANNELS_MAX];
    struct band_levels levels;
    struct svf hiss;
    struct svf_coefficients hiss_by;
    struct white white;
    uint32_t frame; /* of the noise */
    float own;      /* share of the own carrier, 1 without a cable */
    bool has_begun;
    double rate_hz;
    unsigned channels;
};

static int vocoder_init(void *state, const struct node_init *init, struct error *error)
{
    struct vocoder *vocoder = state;
    (void)error;
    vocoder->rate_hz = init->rate_hz;
    vocoder->channels = init->channels;
    vocoder->white = white_of_voice(0, init->voice);
    vocoder->hiss_by = svf_coefficients(svf_tangent(HISS_HZ, 1 / init->rate_hz), M_SQRT2);
    band_bank_init(&vocoder->bank, (unsigned)init->param[BANDS], LOW_HZ, fmin(HIGH_HZ, 0.4 * init->rate_hz), init->rate_hz);
    return 0;
}

/* Frames that are worked out before any is written, since outputs may lie where inputs do. */
struct stretch {
    const struct node_io *io;
    unsigned from, n;
    float voice[BANK_STRETCH], noise[BANK_STRETCH], carrier[PORT_CHANNELS_MAX][BANK_STRETCH];
    float level[BANK_STRETCH][BANK_ROW], gain[BANK_STRETCH][BANK_ROW];
};

static inline float held(float x)
{
    x = sound_or_zero(x);
    return x < -LOUDEST ? -LOUDEST : x > LOUDEST ? LOUDEST : x;
}

static inline const float *values(const struct stretch *s, unsigned param, float *room)
{
    return control_stretch(&s->io->param[param], s->from, room, s->n);
}

static void hear_voice(const struct vocoder *vocoder, struct stretch *s)
{
    float share = 1 / (float)vocoder->channels;
    memset(s->voice, 0, sizeof s->voice);
    for (unsigned c = 0; c < vocoder->channels; c++)
        for (unsigned i = 0; i < s->n; i++)
            s->voice[i] += share * held(s->io->in[c][s->from + i]);
}

static void follow_levels(struct vocoder *vocoder, struct stretch *s)
{
    float room[2][BANK_STRETCH];
    double up[BANK_STRETCH], down[BANK_STRETCH], per_ms = vocoder->rate_hz / 1000;
    const float *attack = values(s, ATTACK, room[0]), *release = values(s, RELEASE, room[1]);
    for (unsigned i = 0; i < s->n; i++) {
        up[i] = lag_share(attack[i] * per_ms);
        down[i] = lag_share(release[i] * per_ms);
    }
    band_bank_levels(&vocoder->bank, &vocoder->voice, &vocoder->levels, up, down, s->voice, s->level, s->n);
}

/* The levels, so many octaves further up. */
static void shift_levels(const struct vocoder *vocoder, struct stretch *s)
{
    float room[BANK_STRETCH], per_octave = (float)(1 / vocoder->bank.apart_octaves);
    const float *shift = values(s, SHIFT, room);
    for (unsigned i = 0; i < s->n; i++) {
        float bands = shift[i] * per_octave;
        int whole = (int)floorf(bands);
        float part = bands - (float)whole, *to = s->gain[i] + BANK_BESIDE;
        const float *from = s->level[i] + BANK_BESIDE - whole;
        for (int band = 0; band < BANK_BANDS; band++)
            to[band] = (1 - part) * from[band] + part * from[band - 1];
    }
}

/* Noise only while a band is open: what sleeps would not hear it either. */
static void make_noise(struct vocoder *vocoder, struct stretch *s)
{
    white_fill(s->noise, &vocoder->white, vocoder->frame, NOISE, s->n);
    vocoder->frame += s->n;
    for (unsigned i = 0; i < s->n; i++) {
        float level = 0;
        for (unsigned band = 0; band < BANK_BANDS; band++)
            level += s->level[i][BANK_BESIDE + band];
        s->noise[i] = level > 0 ? s->noise[i] : 0;
    }
}

static void make_carrier(struct vocoder *vocoder, struct stretch *s)
{
    static const float highpass[3] = {1, -1, -1};
    float room[BANK_STRETCH], aim = s->io->wired >> CARRIER & 1 ? 0 : 1, step = (float)(1 / (CHANGE_S * vocoder->rate_hz));
    const float *hiss = values(s, HISS, room);
    vocoder->own = vocoder->has_begun ? vocoder->own : aim;
    vocoder->has_begun = true;
    make_noise(vocoder, s);
    for (unsigned i = 0; i < s->n; i++) {
        float high = svf_tick(&vocoder->hiss, &vocoder->hiss_by, highpass, s->noise[i]);
        float change = aim - vocoder->own;
        vocoder->own += change > step ? step : change < -step ? -step : change;
        s->noise[i] = vocoder->own * s->noise[i] + (1 - vocoder->own) * hiss[i] * high;
    }
    for (unsigned c = 0; c < vocoder->channels; c++)
        for (unsigned i = 0; i < s->n; i++)
            s->carrier[c][i] = held(s->io->in[vocoder->channels + c][s->from + i]) + s->noise[i];
}

static void speak(struct vocoder *vocoder, struct stretch *s)
{
    float room[2][BANK_STRETCH], wet[BANK_STRETCH];
    const float *output = values(s, OUTPUT, room[0]), *mix = values(s, MIX, room[1]);
    float makeup = MAKEUP * sqrtf((float)vocoder->bank.n_bands);
    for (unsigned c = 0; c < vocoder->channels; c++) {
        const float *in = s->io->in[c] + s->from;
        float *out = s->io->out[c] + s->from;
        band_bank_sum(&vocoder->bank, &vocoder->carrier[c], s->gain, s->carrier[c], wet, s->n);
        for (unsigned i = 0; i < s->n; i++)
            out[i] = (1 - mix[i]) * in[i] + mix[i] * (makeup * decibel_gain(output[i]) * wet[i]);
    }
}

static void vocoder_process(void *state, const struct node_io *io)
{
    struct vocoder *vocoder = state;
    struct stretch s;
    s.io = io;
    for (s.from = 0; s.from < io->n; s.from += s.n) {
        s.n = io->n - s.from < BANK_STRETCH ? io->n - s.from : BANK_STRETCH;
        hear_voice(vocoder, &s);
        follow_levels(vocoder, &s);
        shift_levels(vocoder, &s);
        make_carrier(vocoder, &s);
        speak(vocoder, &s);
    }
}

static bool vocoder_settled(void *state, unsigned n, uint64_t quiet)
{
    const struct vocoder *vocoder = state;
    bool quiet_now = band_state_is_quiet(&vocoder->voice) && svf_is_quiet(&vocoder->hiss);
    (void)n;
    (void)quiet;
    for (unsigned c = 0; c < vocoder->channels; c++)
        quiet_now = quiet_now && band_state_is_quiet(&vocoder->carrier[c]);
    for (unsigned band = 0; band < BANK_BANDS; band++)
        quiet_now = quiet_now && vocoder->levels.y[band / LANES][band % LANES] == 0;
    return quiet_now;
}

static void vocoder_rest(void *state)
{
    struct vocoder *vocoder = state;
    vocoder->voice = (struct band_state){0};
    memset(vocoder->carrier, 0, sizeof vocoder->carrier);
    vocoder->hiss = (struct svf){0};
    vocoder->levels = (struct band_levels){0};
}

static void vocoder_skip(void *state, uint64_t frames)
{
    struct vocoder *vocoder = state;
    vocoder->frame += (uint32_t)frames;
}

const struct node_class vocoder_node = {
    .name = "vocoder",
    .help = "Lets an instrument speak: the bands of a voice open and close those of a carrier.",
    .params = params,
    .n_params = ROWS(params),
    .inputs = inputs,
    .n_inputs = ROWS(inputs),
    .outputs = outputs,
    .n_outputs = ROWS(outputs),
    .channels = 2,
    .channels_max = PORT_CHANNELS_MAX,
    .sleeps = {.can = true, .settled = vocoder_settled, .rest = vocoder_rest, .skip = vocoder_skip},
    .finite = true,
    .warm_frames = 9600, /* the lowest bands, at 192 kHz */
    .state_bytes = sizeof(struct vocoder),
    .init = vocoder_init,
    .process = vocoder_process,
};
