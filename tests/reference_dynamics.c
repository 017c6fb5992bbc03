/* What listens to a level, from its definition. */
#include <math.h>
#include <stdlib.h>

#include "tests/reference.h"

/* The bilinear transform of s^2 / (s^2 + sqrt(2) s + 1), direct form I. */
static void highpass(const struct reference *r, const double *in, double *out, double hz)
{
    double g = tan(M_PI * hz / r->rate_hz), a0 = 1 + sqrt(2) * g + g * g, a1 = 2 * g * g - 2, a2 = 1 - sqrt(2) * g + g * g;
    for (size_t i = 0; i < r->n; i++) {
        double x1 = i > 0 ? in[i - 1] : 0, x2 = i > 1 ? in[i - 2] : 0;
        double y1 = i > 0 ? out[i - 1] : 0, y2 = i > 1 ? out[i - 2] : 0;
        out[i] = (in[i] - 2 * x1 + x2 - a1 * y1 - a2 * y2) / a0;
    }
}

/* What a compressor or gate listens to: the largest of all channels of its sidechain, those freed of what lies below. */
static double *key_level(const struct reference *r, bool is_rms)
{
    double hz = reference_value(r, "sidechain_low_cut"), share = fmin(hz / 20 - 1, 1);
    double *level = calloc(r->n, sizeof *level), *cut = calloc(r->n, sizeof *cut), k = exp(-1 / (0.01 * r->rate_hz));
    for (unsigned c = 0; c < r->channels; c++) {
        const double *in = r->in[r->channels + c];
        double first = 0, second = 0;
        highpass(r, in, cut, hz);
        for (size_t i = 0; i < r->n; i++) {
            double x = share * cut[i] + (1 - share) * in[i];
            first = k * first + (1 - k) * x * x;
            second = k * second + (1 - k) * first;
            level[i] = fmax(level[i], is_rms ? sqrt(second) : fabs(x));
        }
    }
    free(cut);
    return level;
}

static size_t frames_of(const struct reference *r, const char *param_ms)
{
    return (size_t)lround(reference_value(r, param_ms) * r->rate_hz / 1000);
}

/* dB that a compressor's curve takes from a level: an equation for each of its three parts. */
static double curve_takes(const struct reference *r, double level)
{
    double over = 20 * log10(fmax(level, 1e-9)) - reference_value(r, "threshold"), knee = reference_value(r, "knee");
    double slope = 1 - 1 / reference_value(r, "ratio");
    if (2 * over <= -knee)
        return 0;
    if (2 * over >= knee)
        return slope * over;
    return slope * (over + knee / 2) * (over + knee / 2) / (2 * knee);
}

void reference_compressor(const struct reference *r)
{
    size_t ahead = frames_of(r, "lookahead"), window = ahead + frames_of(r, "hold");
    double *level = key_level(r, reference_value(r, "detector") > 0), reduction = 0, mix = reference_value(r, "mix");
    for (size_t i = 0; i < r->n; i++) {
        double highest = 0, frames;
        for (size_t k = i < window ? 0 : i - window; k <= i; k++)
            highest = fmax(highest, level[k]);
        double goal = curve_takes(r, highest);
        frames = reference_value(r, goal > reduction ? "attack" : "release") * r->rate_hz / 1000;
        reduction += (1 - exp(-1 / frames)) * (goal - reduction);
        double gain = 1 - mix + mix * pow(10, (reference_value(r, "makeup") - reduction) / 20);
        for (unsigned c = 0; c < r->channels; c++)
            r->out[c][i] = i < ahead ? 0 : gain * r->in[c][i - ahead];
    }
    free(level);
}

/* Open from the frame that reaches the threshold until nothing within 10 ms and the hold has reached the lower one. */
void reference_gate(const struct reference *r)
{
    size_t ahead = frames_of(r, "lookahead"), last_loud = 0;
    double floor = reference_gain(reference_value(r, "range")), gain = floor, *level = key_level(r, false);
    double open_at = reference_gain(reference_value(r, "threshold"));
    double close_at = reference_gain(reference_value(r, "threshold") - reference_value(r, "hysteresis"));
    double wait = ahead + (10 + reference_value(r, "hold")) * r->rate_hz / 1000;
    bool is_open = false;
    for (size_t i = 0; i < r->n; i++) {
        last_loud = level[i] >= close_at ? i : last_loud;
        is_open = level[i] >= open_at || (is_open && (double)(i - last_loud) <= wait);
        double goal = is_open ? 1 : floor;
        gain += (1 - exp(-1000 / (r->rate_hz * reference_value(r, goal > gain ? "attack" : "release")))) * (goal - gain);
        for (unsigned c = 0; c < r->channels; c++)
            r->out[c][i] = i < ahead ? 0 : gain * r->in[c][i - ahead];
    }
    free(level);
}
