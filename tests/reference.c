#include "tests/reference.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double reference_value(const struct reference *r, const char *param)
{
    for (unsigned row = 0; row < r->class->n_params; row++)
        if (strcmp(r->class->params[row].name, param) == 0)
            return (double)r->values[row];
    fprintf(stderr, "%s has no parameter %s\n", r->class->name, param);
    exit(2);
}

double reference_gain(double db)
{
    return db > -120 ? pow(10, db / 20) : 0;
}

double reference_lowpass(struct reference_pole *pole, double x, double hz, double rate_hz)
{
    double g = tan(M_PI * fmin(hz / rate_hz, 0.49));
    double y = (g * (x + pole->x1) + (1 - g) * pole->y1) / (1 + g);
    *pole = (struct reference_pole){x, y};
    return y;
}
