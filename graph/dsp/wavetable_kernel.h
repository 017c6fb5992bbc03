/* How a table is read between its coefficients: six of them, by a polynomial of fifth order in the place t from 0 to 1 between
 * the third and the fourth.
 *
 *     x = t - 1/2        sum over d of x^d sum over k of kernel[k][d] (c[k] + (-1)^d c[5 - k])
 *
 * Splines of that order (M. Unser, "Splines: a perfect fit for signal and image processing", IEEE Signal Processing Magazine 16,
 * 1999) spend their 18 numbers on smoothness, which nobody hears; these are spent on the images. Found by weighted least
 * squares, the weights driven until the largest is smallest (C. Lawson, 1961): for a partial of f cycles per coefficient
 * all images together lie below -104.2 dB + 20 log10(4 f) up to f = 1/4. What the kernel takes from the partial, it is given
 * when the table is made; that polynomials can be fitted to oversampled sound so is O. Niemitalo's ("Polynomial
 * interpolators for high-quality resampling of oversampled audio", 2001).
 */
#pragma once

#define WAVETABLE_TAPS 6 /* coefficients that a reading takes */

static const float wavetable_kernel[WAVETABLE_TAPS / 2][6] = {
    {0.0023270015277f, -0.0130783909355f, 0.0295339069261f, -0.0335206971278f, 0.0184474550440f, -0.0039358374120f},
    {0.0925804721761f, -0.2171492921718f, 0.1617184508844f, 0.0003478644088f, -0.0567184434831f, 0.0243069174598f},
    {0.4050924321838f, -0.2831681661149f, -0.1912489904803f, 0.1664374637019f, 0.0382560685567f, -0.0523899461873f},
};
