/* Elementary functions as polynomials: no branch, no table, no call, so that a loop over them is vectorised.
 *
 * The coefficients interpolate the function (divided by the factor written before them) at
 * Chebyshev nodes; the errors given are measured over the whole range, rounding included.
 */
#pragma once

#include <stdint.h>

#include "graph/thread.h"

/* 2^x for x in -126..127, nothing else: the power of two is put together from bits, which mean something else beyond
 * that range. What remains, half an octave to either side, is the polynomial's. Relative error below 2e-7, and exactly
 * 1 at 0. */
DAWD_ANY static inline float fast_exp2(float x)
{
    union {
        uint32_t bits;
        float value;
    } power;
    /* Adding a half makes truncation round; with the bias in it, nothing is negative, where truncation goes the other
     * way. */
    int32_t exponent = (int32_t)(x + 127.5f); /* of the nearest whole power, biased as a float's exponent is */
    float f = x - (float)(exponent - 127);
    power.bits = (uint32_t)exponent << 23;
    float tail = 0.00961808256f + f * (0.00133908634f + f * 0.000154531630f);
    return power.value * (1 + f * (0.693147188f + f * (0.240226508f + f * (0.0555035711f + f * tail))));
}

/* log2(x) for positive normal floats, nothing else; absolute error below 7e-7 and the rounding of the result. What is left
 * beside the whole powers of two lies between the roots of a half and of two, where the polynomial is that of log2(1 + f) / f,
 * so that it is exactly 0 at 1. */
DAWD_ANY static inline float fast_log2(float x)
{
    union {
        float value;
        int32_t bits;
    } part = {x};
    int32_t exponent = (part.bits - 0x3f3504f3) >> 23; /* the bits of the root of a half; they rise with the number */
    part.bits -= (int32_t)((uint32_t)exponent << 23);
    float f = part.value - 1;
    float tail = -0.359524459f + f * (0.296119571f + f * (-0.267963856f + f * 0.168186590f));
    return (float)exponent + f * (1.44269657f + f * (-0.721360207f + f * (0.480613112f + f * tail)));
}

/* sin(pi x) for x in -0.5..0.5; relative error below 1e-10. Odd by its form: x times a polynomial in x^2. */
DAWD_ANY static inline double fast_sin_pi(double x)
{
    double z = x * x;
    double tail = -0.5992521865 + z * (0.0820503502 + z * -0.007028303855);
    return x * (3.141592654 + z * (-5.167712765 + z * (2.550163318 + z * tail)));
}

/* tan(pi x) for x in 0..0.4999; relative error below 2e-10. Double, because it becomes the coefficient of recursions.
 * What it divides by is the sine from the other side, small where x is near 0.5, and its error is as small. */
DAWD_ANY static inline double fast_tan_pi(double x)
{
    return fast_sin_pi(x) / fast_sin_pi(0.5 - x);
}

/* cos(pi/2 x) for x in 0..1, exactly 1 at 0 and exactly 0 at 1 by the factor 1 - x^2; absolute error below 1e-7. */
DAWD_ANY static inline float fast_cos_quarter(float x)
{
    float z = x * x;
    float tail = 0.0199688446f + z * (-0.000893956074f + z * 2.38249186e-5f);
    return (1 - z) * (1 + z * (-0.233700547f + z * tail));
}
