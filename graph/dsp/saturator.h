/* Saturation of one voice at four times the rate: x / sqrt(1 + x^2), as loud as it was, with its aliases out of earshot.
 *
 *     x ──(× drive)──▶ [x2] ──▶ [x2] ──▶ curve, antialiased ──▶ [/2] ──▶ [/2] ──▶ y, 28 7/8 frames late
 *                      short half-bands                         short     flat to 0.4 of the rate, nothing from 0.5 on
 *
 * The curve has first-order antiderivative antialiasing (J. Parker, V. Zavalishin and E. Le Bivic, "Reducing the aliasing of
 * nonlinear waveshaping using continuous-time convolution", DAFx 2016; S. Bilbao, F. Esqueda, J. Parker and V. Valimaki,
 * "Antiderivative antialiasing for memoryless nonlinearities", IEEE Signal Processing Letters 24, 2017), here for a rate at which it
 * leaves the treble alone. Its antiderivative is sqrt(1 + x^2), so that the difference quotient is a fraction in which nothing
 * cancels: (a + b) / (sqrt(1 + a^2) + sqrt(1 + b^2)), however near a and b are.
 *
 * All filters are symmetric and finite: nothing waits for itself, every loop goes along time, and what has been heard is forgotten. They
 * are held in phases, one of each four frames of the high rate in a row of its own, so that nothing is ever interleaved:
 *
 *     frame       i                 i + 1
 *     x           ●                   ●            as it came
 *     middle      |         ●         |            the first filter up
 *     quarters    |    ●         ●    |            the second one
 *     bent        |  ●    ●    ●    ● |            the curve, between each two of them
 *     halved      |  ●         ●      |            the first filter down; the second one leaves every other of these
 *
 * It is made for oscillators that keep their partials below 0.42 of the rate mostly, as those of wave.h: a saw of 1760 Hz at 48 kHz and
 * 12 dB has aliases of -74 dB. What is made for any signal is oversample.h, which is three times as late.
 */
#pragma once

#include "graph/node.h"

#define SATURATOR_LATE   29   /* frames, less an eighth */
#define SATURATOR_MEMORY 64   /* frames after which what was heard is forgotten */
#define SATURATOR_WHOLE  3.0f /* dB: up to here the straight sound goes over into the bent one; at 0 dB nothing is bent */

/* What each row still has to know of the past. Anything finite will do before saturator_hold_rt. */
struct saturator {
    float x[27], middle[2];
    /* of the frames that are bent: the share of the straight sound, and that of the bent one */
    float straight[15], bends[15];
    float bent_0[1], bent_1[2], bent_2[1], bent_3[3];
    float halved_0[26], halved_1[26];
};

/* As if x at this drive were all that has been heard for long: what begins begins where it is. */
DAWD_RT void saturator_hold_rt(struct saturator *saturator, float x, float db);

/* n frames in place, 1..BLOCK_MAX, with a drive in dB (0..36) for each. Nothing depends on how frames are divided into calls. */
DAWD_RT void saturator_run_rt(struct saturator *saturator, float *x, const float *db, unsigned n);
