/* Scales and cycles, from their definitions. */
#include <math.h>

#include "tests/reference.h"

#define TAU (2 * M_PI)

/* ---- notes ----------------------------------------------------------------------------------------------------------- */

/* Whether a note, in semitones above the root, is in the scale: those of the settings. */
static bool has_step(unsigned scale, int step)
{
    static const char *const steps[20] = {[0] = "xxxxxxxxxxxx", [1] = "x.x.xx.x.x.x", [11] = "x..x.x.x..x."};
    return steps[scale][((step % 12) + 12) % 12] == 'x';
}

/* Another note is taken when one is nearer by more than the hysteresis; of two as near, the lower one. */
void reference_quantizer(const struct reference *r)
{
    unsigned scale = (unsigned)reference_value(r, "scale"), left = 0;
    int root = (int)reference_value(r, "root") - 9, note = 1000;
    for (size_t i = 0; i < r->n; i++) {
        double x = 12 * r->in[0][i], slack = reference_value(r, "hysteresis") / 100;
        int nearest = 1000;
        for (int k = -60; k <= 60; k++)
            if (has_step(scale, k - root) && fabs(x - k) < fabs(x - nearest))
                nearest = k;
        bool changes = fabs(x - note) - fabs(x - nearest) > (note == 1000 ? 0 : slack), first = note == 1000;
        note = changes ? nearest : note;
        left = changes && !first ? 49 + (left > 0) : left;
        r->out[0][i] = (note + reference_value(r, "transpose")) / 12;
        r->out[1][i] = left > 0 && left < 50;
        left -= left > 0;
    }
}

/* ---- cycles ---------------------------------------------------------------------------------------------------------- */

/* The k-th partial of a cycle of the file, at a part of its cycle. */
static double file_partial(const struct media *media, unsigned cycle, unsigned n, unsigned k, double at)
{
    double cosine = 0, sine = 0;
    for (unsigned i = 0; i < n; i++) {
        double x = (double)media->samples[((size_t)cycle * n + i) * media->channels], turn = TAU * (double)(k * i % n) / n;
        cosine += x * cos(turn) * 2 / n;
        sine += x * sin(turn) * 2 / n;
    }
    return cosine * cos(TAU * k * at) + sine * sin(TAU * k * at);
}

/* The wave as the sum of its partials up to 0.42 of the rate. */
void reference_wavetable(const struct reference *r)
{
    unsigned n = (unsigned)reference_value(r, "cycle"), n_cycles = (unsigned)(r->media->n_frames / n);
    double hz = reference_value(r, "freq") * pow(2, reference_value(r, "fine") / 1200);
    double place = reference_value(r, "position") * (n_cycles - 1), level = reference_gain(reference_value(r, "level"));
    unsigned first = (unsigned)place, most = (unsigned)fmin(fmin(512, (n - 1) / 2), 0.42 * r->rate_hz / hz);
    for (unsigned k = 1; k <= most; k++) {
        double c[2] = {0}, s[2] = {0};
        for (unsigned side = 0; side < 2; side++) {
            unsigned cycle = first + side < n_cycles ? first + side : first;
            c[side] = file_partial(r->media, cycle, n, k, 0);
            s[side] = file_partial(r->media, cycle, n, k, 0.25 / k);
        }
        double way = place - first, cosine = c[0] + way * (c[1] - c[0]), sine = s[0] + way * (s[1] - s[0]);
        for (size_t i = 0; i < r->n; i++) {
            double at = TAU * k * ((double)i * (hz / r->rate_hz) + reference_value(r, "phase"));
            r->out[0][i] += level * (cosine * cos(at) + sine * sin(at));
        }
    }
}
