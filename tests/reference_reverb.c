/* The reverb from its definition: every frame of every line written down for good, delays as subtractions of indices. The lengths
 * of the lines are the node's, nothing else is. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/dsp/diffuser.h"
#include "graph/dsp/fdn.h"
#include "tests/reference.h"

struct room {
    const struct reference *r;
    double mean_frames, predelay_frames, level;
    double *let_in[2], *step[3][8], *line[16]; /* all that ever entered */
    double low[16], damped[16];                /* filters of the lines */
};

/* A low-pass of one pole, trapezoidal. */
static void lowpass(const double *in, double *out, size_t n, double hz, double rate_hz)
{
    double g = tan(M_PI * fmin(hz / rate_hz, 0.49)), x1 = 0, y1 = 0;
    for (size_t i = 0; i < n; i++) {
        double x = in[i];
        out[i] = y1 = (g * (x + x1) + (1 - g) * y1) / (1 + g);
        x1 = x;
    }
}

static double held(double x)
{
    return fmin(fmax(x, 0), 1);
}

/* Both cuts, out within the octave at the end of their ranges. */
static void cut(const struct reference *r, double *x)
{
    double *low = calloc(r->n, sizeof *low), low_hz = reference_value(r, "low_cut");
    double high_hz = reference_value(r, "high_cut"), plain = held(2 - low_hz / 10);
    lowpass(x, low, r->n, low_hz, r->rate_hz);
    for (size_t i = 0; low_hz > 10 && i < r->n; i++)
        x[i] -= (1 - plain) * low[i];
    lowpass(x, low, r->n, high_hz, r->rate_hz);
    plain = held(high_hz / 10000 - 1);
    for (size_t i = 0; high_hz < 20000 && i < r->n; i++)
        x[i] = plain * x[i] + (1 - plain) * low[i];
    free(low);
}

static double ago(const double *line, size_t i, unsigned frames)
{
    return i < frames ? 0 : line[i - frames];
}

/* Pairs of n channels that are `apart` turn into each other. */
static void turn(double *x, unsigned n, unsigned apart, double angle)
{
    for (unsigned c = 0; c < n; c++)
        if (!(c & apart)) {
            double a = x[c], b = x[c + apart];
            x[c] = cos(angle) * a + sin(angle) * b;
            x[c + apart] = cos(angle) * b - sin(angle) * a;
        }
}

/* Frame i of the three steps: eight channels into the room, two that are heard before it. */
static void diffuse(struct room *room, size_t i, double x[8], double early[2])
{
    double angle = M_PI / 4 * reference_value(room->r, "diffusion");
    for (unsigned s = 0; s < 3; s++) {
        for (unsigned c = 0; c < 8; c++) {
            const double *from = s ? room->step[s][c] : room->let_in[c / 4];
            x[c] = ago(from, i, diffuser_delay_frames(s, c, room->mean_frames, room->predelay_frames)) * (s ? 1 : 0.5);
        }
        for (unsigned side = 0; side < 2; side++)
            early[side] = 0.4 * (x[4 * side] - x[4 * side + 1] + x[4 * side + 2] - x[4 * side + 3]) +
                          0.3 * (x[4 - 4 * side] + x[5 - 4 * side] - x[6 - 4 * side] - x[7 - 4 * side]);
        for (unsigned apart = 1; apart < (s == 2 ? 8 : 4); apart *= 2)
            turn(x, 8, apart, angle);
        for (unsigned c = 0; s < 2 && c < 8; c++)
            room->step[s + 1][c][i] = x[c];
    }
}

/* What a line gives back: less by what is lost in the time of its length. */
static double absorb(struct room *room, unsigned l, double x)
{
    const struct reference *r = room->r;
    double times = fdn_line_frames(l, room->mean_frames) / (r->rate_hz * reference_value(r, "decay"));
    double damping_hz = reference_value(r, "damping"), g = tan(M_PI * reference_value(r, "crossover") / r->rate_hz);
    double share = g / (1 + g), middle = pow(10, -3 * times);
    double bass = pow(10, -3 * times / reference_value(r, "low_decay"));
    /* At the damping frequency the same again is lost: |1 - b|^2 / |1 - b z^-1|^2 is solved for b. */
    double power = pow(10, -6 * times * fmin(1, 2 - damping_hz / 10000)), cosine = cos(2 * M_PI * damping_hz / r->rate_hz);
    double p = (1 - power * cosine) / (1 - power), pole = p - sqrt(p * p - 1);
    room->low[l] += share * (x - room->low[l]);
    room->damped[l] += (1 - pole) * (middle * x + (bass - middle) * room->low[l] - room->damped[l]);
    return room->damped[l];
}

/* How far a pair is turned at the beginning of a cell. */
static double sway(const struct reference *r, unsigned pair, double cell)
{
    double from = pair * 0x9e3779b9u / 0x1p32, cycle = 128 * fmax(0, cell) / r->rate_hz * reference_value(r, "rate");
    return M_PI / 4 * (1 + reference_value(r, "modulation") * sin(2 * M_PI * (cycle * (1 + pair % 3) + from)));
}

/* Frame i of the sixteen lines. */
static void resound(struct room *room, size_t i, const double in[8], double late[2])
{
    double x[16], cell = (double)(i / 128), into = (double)(i % 128) / 128;
    for (unsigned l = 0; l < 16; l++)
        x[l] = absorb(room, l, ago(room->line[l], i, fdn_line_frames(l, room->mean_frames)));
    for (unsigned k = 0; k < 8; k++) {
        double angle = (1 - into) * sway(room->r, k, cell - 1) + into * sway(room->r, k, cell);
        double a = x[k], b = x[k + 8];
        x[k] = cos(angle) * a + sin(angle) * b;
        x[k + 8] = sin(angle) * a - cos(angle) * b;
    }
    for (unsigned apart = 1; apart < 8; apart *= 2)
        for (unsigned l = 0; l < 16; l++)
            if (!(l & apart)) {
                double a = x[l], b = x[l + apart];
                x[l] = (a + b) * M_SQRT1_2;
                x[l + apart] = (a - b) * M_SQRT1_2;
            }
    late[0] = x[6];
    late[1] = x[9];
    for (unsigned l = 0; l < 16; l++)
        room->line[l][i] = x[(7 * l + 3) % 16] + (l < 8 ? in[l] : -in[(l + 3) % 8]);
}

static void room_open(struct room *room)
{
    const struct reference *r = room->r;
    double mean_s = 0.01 * pow(10, reference_value(r, "size"));
    double left = pow(10, -3 * mean_s / reference_value(r, "decay"));
    room->mean_frames = mean_s * r->rate_hz;
    room->predelay_frames = reference_value(r, "predelay") / 1000 * r->rate_hz;
    room->level = 2 * sqrt(1 - left * left);
    for (unsigned k = 0; k < 24; k++)
        room->step[k / 8][k % 8] = calloc(r->n, sizeof(double));
    for (unsigned l = 0; l < 16; l++)
        room->line[l] = calloc(r->n, sizeof(double));
    for (unsigned c = 0; c < 2; c++) {
        room->let_in[c] = calloc(r->n, sizeof(double));
        for (size_t i = 0; i < r->n; i++)
            room->let_in[c][i] = room->level * r->in[c][i];
        cut(r, room->let_in[c]);
    }
}

static void room_close(struct room *room)
{
    for (unsigned k = 0; k < 24; k++)
        free(room->step[k / 8][k % 8]);
    for (unsigned l = 0; l < 16; l++)
        free(room->line[l]);
    for (unsigned c = 0; c < 2; c++)
        free(room->let_in[c]);
}

void reference_reverb(const struct reference *r)
{
    struct room room = {r};
    double width = reference_value(r, "width"), mix = reference_value(r, "mix");
    room_open(&room);
    for (size_t i = 0; i < r->n; i++) {
        double x[8], early[2], late[2], wet[2];
        diffuse(&room, i, x, early);
        resound(&room, i, x, late);
        for (unsigned c = 0; c < 2; c++)
            wet[c] = early[c] + late[c];
        for (unsigned c = 0; c < 2; c++)
            r->out[c][i] = (1 - mix) * r->in[c][i] + mix * ((1 + width) * wet[c] + (1 - width) * wet[1 - c]) / 2;
    }
    room_close(&room);
}
