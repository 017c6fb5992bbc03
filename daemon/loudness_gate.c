#include "daemon/loudness_gate.h"

#include <math.h>
#include <stdbool.h>

#include "graph/loudness_shared.h"

#define CALIBRATION_DB 0.691 /* so that a sine of 997 Hz at full scale in one channel reads -3.01 LUFS */
#define STEP_LU        0.1
#define GATE_LU        10.0 /* below the mean, for integrated loudness */
#define RANGE_GATE_LU  20.0
#define RANGE_LOW      0.10
#define RANGE_HIGH     0.95

double loudness_gate_lufs(double power)
{
    double lufs = power > 0 ? 10 * log10(power) - CALIBRATION_DB : -INFINITY;
    return lufs > (double)LOUDNESS_SILENCE ? lufs : (double)LOUDNESS_SILENCE;
}

double loudness_gate_power(double lufs)
{
    return lufs > (double)LOUDNESS_SILENCE ? pow(10, (lufs + CALIBRATION_DB) / 10) : 0;
}

void loudness_gate_add(struct loudness_gate *gate, double power)
{
    double step = (loudness_gate_lufs(power) - LOUDNESS_GATE_LUFS) / STEP_LU;
    if (step < 0)
        return;
    unsigned i = step < LOUDNESS_GATE_STEPS ? (unsigned)step : LOUDNESS_GATE_STEPS - 1;
    gate->power[i] += power;
    gate->n[i]++;
}

static bool counts(const struct loudness_gate *gate, unsigned i, double least)
{
    return gate->n[i] && gate->power[i] / (double)gate->n[i] >= least;
}

/* How many of at least that power there are, and their mean. */
static uint64_t sum_up(const struct loudness_gate *gate, double least, double *mean)
{
    double power = 0;
    uint64_t n = 0;
    for (unsigned i = 0; i < LOUDNESS_GATE_STEPS; i++)
        if (counts(gate, i, least)) {
            power += gate->power[i];
            n += gate->n[i];
        }
    *mean = n ? power / (double)n : 0;
    return n;
}

/* Power `lu` below the mean of all. */
static double gate_at(const struct loudness_gate *gate, double lu)
{
    double mean;
    sum_up(gate, 0, &mean);
    return mean * pow(10, -lu / 10);
}

double loudness_gate_integrated(const struct loudness_gate *gate)
{
    double mean;
    sum_up(gate, gate_at(gate, GATE_LU), &mean);
    return loudness_gate_lufs(mean);
}

/* LUFS of the one that `rank` others are not louder than. */
static double at_rank(const struct loudness_gate *gate, double least, uint64_t rank)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < LOUDNESS_GATE_STEPS; i++) {
        n += counts(gate, i, least) ? gate->n[i] : 0;
        if (n > rank)
            return loudness_gate_lufs(gate->power[i] / (double)gate->n[i]);
    }
    return (double)LOUDNESS_SILENCE;
}

double loudness_gate_range(const struct loudness_gate *gate)
{
    double mean, least = gate_at(gate, RANGE_GATE_LU);
    uint64_t n = sum_up(gate, least, &mean);
    if (!n)
        return 0;
    return at_rank(gate, least, (uint64_t)((double)(n - 1) * RANGE_HIGH + 0.5)) -
           at_rank(gate, least, (uint64_t)((double)(n - 1) * RANGE_LOW + 0.5));
}
