/* Effects from their definitions. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/reference.h"

/* ---- levels ---------------------------------------------------------------------------------------------------------- */

static void same(const struct reference *r)
{
    for (unsigned c = 0; c < r->channels; c++)
        memcpy(r->out[c], r->in[c], r->n * sizeof(double));
}

static void gain(const struct reference *r)
{
    for (unsigned c = 0; c < r->channels; c++)
        for (size_t i = 0; i < r->n; i++)
            r->out[c][i] = r->in[c][i] * reference_gain(reference_value(r, "gain"));
}

/* The factor of a side that the position is d away from, 0..1. */
static double pan_fall(unsigned law, double d)
{
    double cosine = cos(M_PI / 2 * d), line = 1 - d;
    return law == 0 ? cosine : law == 1 ? line : sqrt(cosine * line);
}

/* A stereo signal is balanced: the side that it is turned to stays. */
static void pan(const struct reference *r)
{
    double position = reference_value(r, "position");
    unsigned law = (unsigned)reference_value(r, "law");
    for (size_t i = 0; i < r->n; i++) {
        r->out[0][i] = r->in[0][i] * pan_fall(law, fmax(position, 0));
        r->out[1][i] = r->in[1][i] * pan_fall(law, fmax(-position, 0));
    }
}

static double strip_value(const struct reference *r, const char *param, unsigned number)
{
    char name[32];
    snprintf(name, sizeof name, "%s%u", param, number);
    return reference_value(r, name);
}

static void mixer(const struct reference *r)
{
    unsigned n = (unsigned)reference_value(r, "inputs");
    for (unsigned k = 0; k < n; k++) {
        double by = strip_value(r, "mute", k + 1) > 0 ? 0 : reference_gain(strip_value(r, "gain", k + 1));
        double place = strip_value(r, "pan", k + 1);
        for (size_t i = 0; i < r->n; i++) {
            r->out[0][i] += by * pan_fall(0, fmax(place, 0)) * r->in[2 * k][i];
            r->out[1][i] += by * pan_fall(0, fmax(-place, 0)) * r->in[2 * k + 1][i];
        }
    }
}

static void splitter(const struct reference *r)
{
    unsigned n = (unsigned)reference_value(r, "outputs");
    for (unsigned k = 0; k < n; k++)
        for (unsigned c = 0; c < r->channels; c++)
            memcpy(r->out[k * r->channels + c], r->in[c], r->n * sizeof(double));
}

/* ---- filters --------------------------------------------------------------------------------------------------------- */

/* Direct form I of (b0 + b1 z^-1 + b2 z^-2) / (a0 + a1 z^-1 + a2 z^-2). */
static void biquad(const double b[3], const double a[3], const double *in, double *out, size_t n)
{
    double x1 = 0, x2 = 0, y1 = 0, y2 = 0;
    for (size_t i = 0; i < n; i++) {
        double x = in[i], y = (b[0] * x + b[1] * x1 + b[2] * x2 - a[1] * y1 - a[2] * y2) / a[0];
        x2 = x1;
        x1 = x;
        y2 = y1;
        y1 = y;
        out[i] = y;
    }
}

/* The bilinear transform of (n2 s^2 + n1 k s + n0) / (s^2 + k s + 1), exact at the cutoff. */
static void second_order(const struct reference *r, const double *in, double *out, double hz, double k, double n2,
                         double n1, double n0)
{
    double g = tan(M_PI * hz / r->rate_hz);
    double b[] = {n2 + n1 * k * g + n0 * g * g, 2 * n0 * g * g - 2 * n2, n2 - n1 * k * g + n0 * g * g};
    double a[] = {1 + k * g + g * g, 2 * g * g - 2, 1 - k * g + g * g};
    biquad(b, a, in, out, r->n);
}

static void filter(const struct reference *r)
{
    /* s^2, k s and 1 of: low-pass, high-pass, band-pass, notch, peak, all-pass. */
    static const double numerators[][3] = {{0, 0, 1}, {1, 0, 0}, {0, 1, 0}, {1, 0, 1}, {-1, 0, 1}, {1, -1, 1}};
    const double *by = numerators[(unsigned)reference_value(r, "mode")];
    double drive = reference_gain(reference_value(r, "drive"));
    double *driven = calloc(r->n, sizeof *driven);
    for (unsigned c = 0; c < r->channels; c++) {
        for (size_t i = 0; i < r->n; i++)
            driven[i] = drive * r->in[c][i] / sqrt(1 + (drive * drive - 1) * r->in[c][i] * r->in[c][i]);
        second_order(r, driven, r->out[c], reference_value(r, "cutoff"), 1 / reference_value(r, "q"), by[0], by[1], by[2]);
    }
    free(driven);
}

/* Poles evenly on a half circle, two by two. */
static void butterworth(const struct reference *r)
{
    bool highpass = reference_value(r, "mode") > 0;
    unsigned order = (unsigned)reference_value(r, "order");
    for (unsigned c = 0; c < r->channels; c++) {
        memcpy(r->out[c], r->in[c], r->n * sizeof(double));
        for (unsigned pair = 0; pair < order / 2; pair++)
            second_order(r, r->out[c], r->out[c], reference_value(r, "cutoff"),
                         2 * cos(M_PI * (2 * pair + 1) / (2 * order)), highpass, 0, !highpass);
    }
}

/* ---- echoes ---------------------------------------------------------------------------------------------------------- */

static double at(const double *x, long i)
{
    return i < 0 ? 0 : x[i];
}

/* The cubic through four neighbours, by Lagrange's formula. */
static double between(const double *x, double place)
{
    long first = (long)floor(place) - 1;
    double sum = 0, t = place - (double)first;
    for (int j = 0; j < 4; j++) {
        double weight = 1;
        for (int k = 0; k < 4; k++)
            weight *= k == j ? 1 : (t - k) / (j - k);
        sum += weight * at(x, first + j);
    }
    return sum;
}

static double held(double x)
{
    return fmin(fmax(x, 0), 1);
}

struct echo {
    double *line[2];
    struct reference_pole low[2], high[2];
};

/* What channel c's line gives back at frame i, cut on both sides; a cut fades out over the octave at the end of its range. */
static double echo_read(const struct reference *r, struct echo *echo, unsigned c, size_t i)
{
    double low_hz = reference_value(r, "low_cut"), high_hz = reference_value(r, "high_cut");
    double wet = between(echo->line[c], (double)i - reference_value(r, "time") * r->rate_hz);
    double plain = held(2 - low_hz / 10);
    if (low_hz > 10)
        wet -= (1 - plain) * reference_lowpass(&echo->low[c], wet, low_hz, r->rate_hz);
    plain = held(high_hz / 10000 - 1);
    if (high_hz < 20000)
        wet = plain * wet + (1 - plain) * reference_lowpass(&echo->high[c], wet, high_hz, r->rate_hz);
    return wet;
}

static void delay(const struct reference *r)
{
    struct echo echo = {{calloc(r->n, sizeof(double)), calloc(r->n, sizeof(double))}, {{0}}, {{0}}};
    double feedback = reference_value(r, "feedback"), spread = reference_value(r, "spread"),
           mix = reference_value(r, "mix");
    for (size_t i = 0; i < r->n; i++) {
        double wet[2], mean = (r->in[0][i] + r->in[1][i]) / 2;
        for (unsigned c = 0; c < 2; c++)
            wet[c] = echo_read(r, &echo, c, i);
        for (unsigned c = 0; c < 2; c++) {
            double stays = r->in[c][i] + feedback * wet[c], comes = (c ? 0 : mean) + feedback * wet[1 - c];
            echo.line[c][i] = (1 - spread) * stays + spread * comes;
            r->out[c][i] = (1 - mix) * r->in[c][i] + mix * wet[c];
        }
    }
    free(echo.line[0]);
    free(echo.line[1]);
}

const struct reference_row reference_effects[] = {
    {"reverb",
     reference_reverb,
     {"", "size=0 decay=0.4 diffusion=0.3 predelay=0 width=0.2 mix=1", "size=1 decay=9 low_decay=2 damping=15000 mix=0.8",
      "low_decay=0.5 crossover=600 damping=900 modulation=1 rate=4 mix=0.6", "low_cut=300 high_cut=4000 mix=1", NULL}},
    {"vocoder",
     reference_vocoder,
     {"", "bands=8 attack=0.5 release=300 hiss=0 output=-12", "bands=40 attack=40 release=5 hiss=1 mix=0.6",
      "bands=16 shift=-0.65 hiss=0.1", "bands=31 shift=0.4 mix=0.9", NULL}},
    {"limiter",
     reference_limiter,
     {"", "drive=12", "ceiling=-9 release=5 lookahead=1.3 drive=30", "drive=20 release=400 lookahead=9", NULL}},
    {"gain", gain, {"", "gain=-7.3", "gain=11", "gain=-120", NULL}},
    {"pan", pan, {"", "position=-0.7", "position=0.4 law=1", "position=0.9 law=2", NULL}},
    {"filter",
     filter,
     {"", "mode=1 cutoff=300 q=3", "mode=2 cutoff=5000 q=0.5 drive=12", "mode=3 cutoff=1500 q=10 drive=30",
      "mode=4 cutoff=18000", "mode=5 cutoff=40 q=40"}},
    {"eq",
     reference_eq,
     {"", "gain1=9 gain2=-6 freq2=300 q2=4 gain5=12 q5=0.4 freq5=6000 gain8=-15 output=-3",
      "gain1=-12 freq1=200 q1=1.5 gain3=24 q3=8 freq3=900 gain7=-20 freq7=14000 q7=0.7 gain8=24 freq8=16000",
      "type1=4 freq1=60 q1=0.54 type2=4 freq2=60 q2=1.31 type4=5 freq4=1000 q4=6 type8=3 freq8=9000 q8=0.9",
      "type3=1 gain3=18 freq3=3000 type4=2 gain4=-9 freq4=500 q4=5 on5=0 gain5=20 gain6=-24 q6=40 on8=0 gain8=12",
      "type6=3 freq6=19000 q6=3 type7=5 freq7=18000 q7=0.3 type5=4 freq5=15000 q5=2 output=20", NULL}},
    {"butterworth", butterworth, {"", "order=2 cutoff=150", "order=10 cutoff=3000", "order=16 mode=1 cutoff=200", NULL}},
    {"mixer", mixer, {"", "gain2=-9 pan1=-0.6", "inputs=5 pan5=0.8 mute2=1 gain3=6 gain4=-120", NULL}},
    {"splitter", splitter, {"", "outputs=7", NULL}},
    {"probe", same, {"", NULL}},
    {"compressor",
     reference_compressor,
     {"", "threshold=-40 ratio=20 attack=1 release=30 knee=0 makeup=6", "detector=1 threshold=-30 knee=20 attack=0.5",
      "lookahead=5 hold=30 sidechain_low_cut=200 threshold=-35 mix=0.7", "hold=0 sidechain_low_cut=30 release=5", NULL}},
    {"meter", same, {"", "window=2", NULL}},
    {"gate",
     reference_gate,
     {"", "threshold=-20 hysteresis=3 hold=0 attack=2 release=5", "threshold=-30 range=-20 lookahead=3 hold=12",
      "sidechain_low_cut=500 threshold=-25 hysteresis=20 release=40 attack=20", NULL}},
    {"delay",
     delay,
     {"", "time=0.1234567 feedback=0.9 mix=0.5", "time=0.0317 low_cut=120 high_cut=6000 feedback=0.8",
      "time=0.02 spread=0.7 mix=1 low_cut=15", "time=0.001 feedback=0.95 high_cut=15000", NULL}},
    {"chorus",
     reference_chorus,
     {"", "voices=1 rate=5 depth=1.5 feedback=0.6 mix=0.8", "voices=8 depth=20 delay=30 spread=0.3",
      "delay=1 depth=2 feedback=-0.9 low_cut=150 high_cut=6000 lock=1", NULL}},
    {"flanger",
     reference_flanger,
     {"", "rate=5 depth=3 delay=8 feedback=-0.6 invert=1", "depth=0 delay=0.1234 feedback=0.8 mix=0.7",
      "zero=2 delay=2 feedback=0 stereo_phase=0.5 lock=1", "delay=20 depth=2.7 rate=0.7 mix=1", NULL}},
    {"phaser",
     reference_phaser,
     {"", "stages=12 rate=7 depth=4 centre=2000 feedback=-0.9 invert=1",
      "stages=2 depth=0 mix=0.8 centre=10000 feedback=0.95", "stages=8 stereo_phase=0.5 centre=60 lock=1", NULL}},
    {"ringmod", reference_ringmod, {"", "freq=3000 mix=0.7 oversample=1", NULL}, .band_limited = true},
    {"tremolo",
     reference_tremolo,
     {"", "shape=1 rate=11", "shape=2 depth=0.9 stereo_phase=0.5 edge=1", "shape=3 rate=70 edge=3",
      "shape=4 edge=30 depth=1 lock=1", NULL}},
    {"distortion",
     reference_distortion,
     {"", "shape=1 drive=24 bias=0.3 oversample=3", "shape=2 drive=30 tone=3000 mix=0.6 output=-3",
      "shape=3 drive=24 oversample=1", "shape=2 drive=20 bias=-0.5 oversample=0", NULL},
     .band_limited = true},
    {"bitcrusher",
     reference_bitcrusher,
     {"rate=48000", "rate=48000 bits=3.3 mix=0.7 dither=1", "bits=24 rate=5000", "bits=24 rate=17000 mix=0.5", NULL},
     .band_limited = true},
};
const unsigned n_reference_effects = ROWS(reference_effects);
