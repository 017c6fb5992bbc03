/* What every class of node means, computed the slow and obvious way: one frame after the other, in double precision, from
 * the formulas of the text books and the sentences of the tables, for parameters that stand still. The nodes know faster
 * ways; tests/graph/test_reference.c asks whether they lead to the same sound.
 */
#pragma once

#include "graph/node.h"

#define REFERENCE_CHANNELS 64
#define REFERENCE_SETTINGS 8

/* One node at work: n frames of every channel. */
struct reference {
    const struct node_class *class;
    const float *values; /* per parameter row */
    double rate_hz;
    unsigned channels; /* of ports whose width is 0 */
    size_t n;
    double *in[REFERENCE_CHANNELS], *out[REFERENCE_CHANNELS];
    const struct media *media; /* of whatever file it reads, at rate_hz */
};

/* How a class is computed, and the settings that show it: "name=value name=value", "" for the initial values, choices by
 * number. Those given must show every choice and move every parameter. */
struct reference_row {
    const char *class;
    void (*render)(const struct reference *r);
    const char *settings[REFERENCE_SETTINGS]; /* null at the end, if there are fewer */
    bool band_limited; /* agrees below 0.34 of the rate, once it has begun: above, partials fade out */
    bool unfed;        /* without cables to its inputs, which have tests of their own */
    bool storms;       /* it is played the notes of tests/note_storm.h; otherwise none */
};

extern const struct reference_row reference_effects[], reference_synth[];
extern const unsigned n_reference_effects, n_reference_synth;

/* Of reference_effects: what sways. */
void reference_tremolo(const struct reference *r);
void reference_flanger(const struct reference *r);
void reference_chorus(const struct reference *r);
void reference_phaser(const struct reference *r);
void reference_ringmod(const struct reference *r);
/* What bends and what crushes. */
void reference_distortion(const struct reference *r);
void reference_bitcrusher(const struct reference *r);
/* What listens to a level. */
void reference_compressor(const struct reference *r);
void reference_gate(const struct reference *r);
/* The network of the reverb. */
void reference_reverb(const struct reference *r);

/* Effects that take a file of their own. */
void reference_eq(const struct reference *r);
void reference_limiter(const struct reference *r);
void reference_vocoder(const struct reference *r);

/* What makes pitches and waves. */
void reference_quantizer(const struct reference *r);
void reference_wavetable(const struct reference *r);

/* The value of a parameter by name; ends the test when there is none. */
double reference_value(const struct reference *r, const char *param);
/* One-pole low-pass, trapezoidal: the frame that follows. */
struct reference_pole {
    double x1, y1;
};
double reference_lowpass(struct reference_pole *pole, double x, double hz, double rate_hz);
/* 10^(db/20); nothing at or below -120 dB. */
double reference_gain(double db);
