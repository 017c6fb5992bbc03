#include "daemon/loudness_measure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define SLOT_MS             100
#define MOMENTARY_SLOTS     4
#define INTERPOLATOR_FRAMES 25 /* of input, that one point of its output is made of: 49 taps at twice the rate */

size_t loudness_measure_bytes(const struct loudness_spec *spec)
{
    return sizeof(struct loudness_measure) + loudness_bytes(spec->channels, spec->rate_hz) +
           loudness_library_bytes(spec->channels, spec->rate_hz);
}

struct loudness_measure *loudness_measure_new(const struct loudness_spec *spec)
{
    struct loudness_measure *measure = aligned_alloc(_Alignof(struct loudness_measure), sizeof *measure);
    if (!measure)
        return NULL;
    memset(measure, 0, sizeof *measure);
    measure->library = loudness_library_new(spec->channels, spec->rate_hz);
    measure->slot_frames = (size_t)spec->rate_hz * SLOT_MS / 1000;
    if (!measure->library || loudness_init(&measure->loudness, spec->channels, spec->rate_hz)) {
        loudness_measure_free(measure);
        return NULL;
    }
    for (unsigned i = 0; i < N_LOUDNESS_FIGURES; i++)
        measure->figures[i] = measure->loudness.figures[i];
    return measure;
}

void loudness_measure_free(struct loudness_measure *measure)
{
    if (!measure)
        return;
    loudness_library_free(measure->library);
    loudness_deinit(&measure->loudness);
    free(measure);
}

/* ---- figures -------------------------------------------------------------------------------------------------------- */

/* Mean power of the last n slots; what was before the first is silence. */
static double mean_power(const struct loudness_measure *measure, unsigned n)
{
    double sum = 0;
    for (unsigned k = 1; k <= n; k++)
        sum += measure->power[(measure->n_slots + LOUDNESS_SLOTS - k) % LOUDNESS_SLOTS];
    return sum / n;
}

static void slot_end(struct loudness_measure *measure)
{
    float *figures = measure->figures;
    measure->power[measure->n_slots++ % LOUDNESS_SLOTS] =
        loudness_gate_power(loudness_library_window(measure->library, SLOT_MS));
    measure->n_counting++;
    measure->filled = 0;
    double momentary = mean_power(measure, MOMENTARY_SLOTS), short_term = mean_power(measure, LOUDNESS_SLOTS);
    if (measure->n_slots >= MOMENTARY_SLOTS)
        figures[LOUDNESS_MOMENTARY] = (float)loudness_gate_lufs(momentary);
    if (measure->n_slots >= LOUDNESS_SLOTS)
        figures[LOUDNESS_SHORT_TERM] = (float)loudness_gate_lufs(short_term);
    if (measure->n_counting >= MOMENTARY_SLOTS)
        loudness_gate_add(&measure->momentary, momentary);
    if (measure->n_counting >= LOUDNESS_SLOTS)
        loudness_gate_add(&measure->short_term, short_term);
    figures[LOUDNESS_INTEGRATED] = (float)loudness_gate_integrated(&measure->momentary);
    figures[LOUDNESS_RANGE] = (float)loudness_gate_range(&measure->short_term);
}

static void peak_note(struct loudness_measure *measure, double peak)
{
    measure->true_peak = fmax(measure->true_peak, peak);
    double db = measure->true_peak > 0 ? 20 * log10(measure->true_peak) : -INFINITY;
    measure->figures[LOUDNESS_TRUE_PEAK] = (float)fmax(db, (double)LOUDNESS_SILENCE);
}

static void frames_measure(struct loudness_measure *measure, const float *frames, size_t n)
{
    for (size_t take; n; n -= take, frames += take * measure->loudness.channels) {
        size_t left = measure->slot_frames - measure->filled;
        take = n < left ? n : left;
        if (measure->n_deaf && take > measure->n_deaf)
            take = measure->n_deaf;
        double peak = loudness_library_add(measure->library, frames, take);
        if (measure->n_deaf)
            measure->n_deaf -= (unsigned)take;
        else
            peak_note(measure, peak);
        measure->filled += take;
        if (take == left)
            slot_end(measure);
    }
}

/* The slot that ran is nobody's: the next ones begin with the reset, so that none holds what was before. The filters
 * go on: begun anew in the middle of a sound they would ring. */
static void begin_anew(struct loudness_measure *measure)
{
    measure->n_deaf = INTERPOLATOR_FRAMES;
    memset(&measure->momentary, 0, sizeof measure->momentary);
    memset(&measure->short_term, 0, sizeof measure->short_term);
    measure->filled = measure->n_counting = 0;
    measure->true_peak = 0;
    measure->figures[LOUDNESS_TRUE_PEAK] = measure->figures[LOUDNESS_INTEGRATED] = LOUDNESS_SILENCE;
    measure->figures[LOUDNESS_RANGE] = 0;
}

static void interleave(struct loudness_measure *measure, const struct loudness_piece *piece)
{
    const struct loudness *loudness = &measure->loudness;
    for (unsigned c = 0; c < loudness->channels; c++) {
        const float *from = piece->first + c * loudness->capacity_frames;
        for (size_t i = 0; i < piece->n_frames; i++)
            measure->interleaved[i * loudness->channels + c] = from[i];
    }
}

void loudness_measure_turn(struct loudness_measure *measure)
{
    struct loudness_piece piece;
    while ((piece = loudness_next(&measure->loudness, LOUDNESS_PIECE_FRAMES)).n_frames || piece.begins_anew) {
        if (piece.begins_anew) {
            begin_anew(measure);
        } else {
            interleave(measure, &piece);
            frames_measure(measure, measure->interleaved, piece.n_frames);
            loudness_done(&measure->loudness, piece.n_frames);
        }
        loudness_tell(&measure->loudness, measure->figures);
    }
}

/* ---- without a clock ------------------------------------------------------------------------------------------------ */

static void measure_at_once(struct loudness *loudness)
{
    loudness_measure_turn((struct loudness_measure *)loudness);
}

static int listen_at_once(void *self, const struct loudness_spec *spec, struct loudness **loudness, struct error *error)
{
    struct loudness_measure *measure = loudness_measure_new(spec);
    (void)self;
    if (!measure)
        return error_set(error, ERROR_INTERNAL, "memory ran out for a meter");
    measure->loudness.measure = measure_at_once;
    *loudness = &measure->loudness;
    return 0;
}

static void release_at_once(void *self, struct loudness *loudness)
{
    (void)self;
    loudness_measure_free((struct loudness_measure *)loudness);
}

struct loudness_service loudness_measure_at_once(void)
{
    return (struct loudness_service){NULL, listen_at_once, release_at_once};
}
