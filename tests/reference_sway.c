/* What sways, from its definition. */
#include <math.h>
#include <stdlib.h>

#include "tests/reference.h"

/* Cycles since the beginning, of channel c. */
static double cycles(const struct reference *r, unsigned c, size_t i)
{
    double all = reference_value(r, "rate") * (double)i / r->rate_hz + c * reference_value(r, "stereo_phase");
    return all - floor(all);
}

/* -1 to 1 around a jump at 0, t cycles from it. */
static double jump(double t, double width)
{
    return fabs(t) < width / 2 ? sin(M_PI * t / width) : t < 0 ? -1 : 1;
}

/* p is 0..1. */
static double tremolo_shape(unsigned shape, double p, double width)
{
    double from_start = p < 0.5 ? p : p - 1;
    switch (shape) {
    case 0:
        return cos(2 * M_PI * p);
    case 1:
        return 1 - 4 * fabs(from_start);
    case 2:
        return jump(0.25 - fabs(p - 0.25 < 0.5 ? p - 0.25 : p - 1.25), width);
    case 3:
        return 2 * from_start - jump(from_start, width);
    default:
        return jump(from_start, width) - 2 * from_start;
    }
}

void reference_tremolo(const struct reference *r)
{
    double width = fmin(reference_value(r, "edge") / 1000 * reference_value(r, "rate"), 0.5);
    for (unsigned c = 0; c < r->channels; c++)
        for (size_t i = 0; i < r->n; i++) {
            double w = tremolo_shape((unsigned)reference_value(r, "shape"), cycles(r, c, i), width);
            r->out[c][i] = r->in[c][i] * (1 - reference_value(r, "depth") * (0.5 - 0.5 * w));
        }
}
