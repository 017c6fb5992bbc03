#include "tests/system/sound.h"

#include <math.h>
#include <stdlib.h>

#include "tests/system/process.h"

struct flaw sine_flaws(const float *x, size_t n, double hz, double rate, double tolerance)
{
    struct flaw flaw = {0};
    double k = 2 * cos(2 * M_PI * hz / rate);
    for (size_t i = 2; i < n; i++) {
        double distance = fabs(x[i] - (k * x[i - 1] - x[i - 2]));
        if (!(distance <= tolerance)) {
            flaw.first = flaw.n++ ? flaw.first : i;
            flaw.last = i;
        }
        flaw.worst = fmax(flaw.worst, isnan(distance) ? INFINITY : distance);
    }
    return flaw;
}

double second_difference(const float *x, size_t n)
{
    double most = 0;
    for (size_t i = 2; i < n; i++)
        most = fmax(most, fabs((double)x[i] - 2.0 * x[i - 1] + x[i - 2]));
    return most;
}

double sine_second_difference(double amplitude, double hz, double rate)
{
    return amplitude * 2 * (1 - cos(2 * M_PI * hz / rate));
}

size_t sound_begin(const float *x, size_t n)
{
    size_t i = 0;
    while (i < n && x[i] == 0)
        i++;
    return i;
}

size_t sound_end(const float *x, size_t n)
{
    while (n > 0 && x[n - 1] == 0)
        n--;
    return n;
}

double greatest_difference(const float *x, const float *y, double gain, size_t n)
{
    double most = 0;
    for (size_t i = 0; i < n; i++) {
        double difference = fabs(x[i] - gain * y[i]);
        most = isnan(difference) ? INFINITY : fmax(most, difference);
    }
    return most;
}

float *sound_new(size_t n)
{
    float *samples = calloc(n, sizeof *samples);
    if (!samples)
        rig_fail("no memory for %zu samples", n);
    return samples;
}
