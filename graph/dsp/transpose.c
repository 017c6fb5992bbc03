/* The tables of transposing, off the audio thread. */
#include "graph/dsp/transpose.h"

#include <math.h>

#include "graph/dsp/sinc.h"
#include "graph/error.h"

#define SPARE 64 /* floats behind a window, for vectors that reach beyond what counts */

/* A sinc with its first zeros at 2 frames, whose other zeros are those of a half-band filter; windowed, and with a gain of
 * exactly 1 at 0 Hz. */
static void half_band_fill(float *taps, unsigned n)
{
    float sum = 0;
    for (unsigned i = 0; i < n; i++) {
        float at = (float)(2 * i + 1), x = at / (float)(2 * n);
        taps[i] = (i % 2 ? -1 : 1) / ((float)M_PI * at) * sinc_window(1 - x * x);
        sum += taps[i];
    }
    for (unsigned i = 0; i < n; i++)
        taps[i] *= 0.25f / sum;
}

/* The weight of a sample that lies `away` samples before the place. */
static float weight_at(double away, double stretch)
{
    int32_t place = (int32_t)lrint(away / stretch * 0x1p26);
    return (float)(1 / stretch) * sinc_kernel(place, sinc_sine(place));
}

static void rows_fill(float *rows, unsigned taps, double stretch)
{
    static const double node[TRANSPOSE_ROWS] = {0.0669872981, 0.5, 0.9330127019}; /* of Chebyshev: 1/2 + cos(...) / 2 */
    for (unsigned part = 0; part < TRANSPOSE_PARTS; part++, rows += TRANSPOSE_ROWS * (size_t)taps)
        for (unsigned k = 0; k < taps; k++) {
            double y[TRANSPOSE_ROWS];
            for (unsigned j = 0; j < TRANSPOSE_ROWS; j++)
                y[j] = (double)weight_at((part + node[j]) / TRANSPOSE_PARTS + (taps / 2 - 1) - k, stretch);
            double rise = (y[1] - y[0]) / (node[1] - node[0]);
            double bend = ((y[2] - y[1]) / (node[2] - node[1]) - rise) / (node[2] - node[0]);
            rows[k] = (float)(y[0] - node[0] * (rise - bend * node[1]));
            rows[taps + k] = (float)(rise - bend * (node[0] + node[1]));
            rows[2 * taps + k] = (float)bend;
        }
}

static int tables_fill(struct transpose_tables *tables, struct arena *arena)
{
    half_band_fill(tables->steep, TRANSPOSE_STEEP);
    half_band_fill(tables->wide, TRANSPOSE_WIDE);
    for (unsigned i = 0; i <= TRANSPOSE_STEPS; i++) {
        double stretch = exp2((double)i / TRANSPOSE_STEPS);
        unsigned taps = (2 * (unsigned)ceil(SINC_SIDE * stretch) + 7) / 8 * 8;
        float *rows = arena_take_array(arena, (size_t)TRANSPOSE_PARTS * TRANSPOSE_ROWS * taps, sizeof *rows);
        if (!rows)
            return ERROR_INTERNAL;
        rows_fill(rows, taps, stretch);
        tables->kernel[i] = (struct transpose_kernel){rows, taps};
    }
    return 0;
}

static struct stocked *tables_make(struct stock *stock)
{
    const struct stock_label label = {.what = "transposing"};
    struct stocked *stocked = stock_find(stock, &label);
    if (stocked)
        return stocked;
    struct arena arena = {0};
    struct transpose_tables *tables = arena_take(&arena, sizeof *tables);
    int code = tables ? tables_fill(tables, &arena) : ERROR_INTERNAL;
    return stock_put(stock, &label, &arena, code ? NULL : tables);
}

int transpose_init(struct transpose *transpose, struct arena *arena, struct stock *stock)
{
    for (unsigned c = 0; c < 2; c++)
        transpose->window[c] = arena_take_array(arena, TRANSPOSE_WINDOW + SPARE, sizeof(float));
    transpose->even = arena_take_array(arena, TRANSPOSE_WINDOW / 2 + SPARE, sizeof(float));
    transpose->odd = arena_take_array(arena, TRANSPOSE_WINDOW / 2 + SPARE, sizeof(float));
    bool has_room = transpose->window[0] && transpose->window[1] && transpose->even && transpose->odd;
    transpose->stocked = has_room ? tables_make(stock) : NULL;
    if (!transpose->stocked)
        return ERROR_INTERNAL;
    transpose->tables = transpose->stocked->thing;
    return 0;
}

void transpose_deinit(struct transpose *transpose)
{
    stocked_release(transpose->stocked);
}
