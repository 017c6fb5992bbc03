#include "graph/dsp/saturator.h"

#include <math.h>

#include "graph/dsp/decibel.h"
#include "graph/dsp/vector.h"
#include "graph/rt_only.h"

#define UP     14 /* taps to either side */
#define SECOND 3
#define DOWN   13

/* Equiripple, from the middle out. Half-bands, of which the taps other than 0 and the middle one are left: 0.44 of the rate up and
 * its images by -60 dB; the next one, 0.14 and -49 dB. */
static const float up[UP] = {0.634810475f,   -0.20682921f,    0.118527675f,   -0.0789704949f, 0.0559002037f,
                             -0.0405604601f, 0.0296036162f,   -0.0214709581f, 0.0153289609f,  -0.0106776038f,
                             0.00718525439f, -0.00461086769f, 0.00276634446f, -0.00197679335f};
static const float second[SECOND] = {0.60735385f, -0.13626568f, 0.0323609969f};

/* The last one: to 0.405 of the rate it makes up for what the others and the antialiasing take, within 0.06 dB; at 0.5 -53 dB, and
 * 6 dB less for each octave above, as edges are softer there. */
static const float even[DOWN + 1] = {0.229740701f,    0.0221914652f,    -0.0240846545f, 0.0209786129f,   -0.0173067247f,
                                     0.0134941244f,   -0.00951281403f,  0.00614205477f, -0.00317922143f, 0.00120609864f,
                                     0.000249611559f, -0.000805379315f, 0.00106483139f, -0.00166677974f};
static const float odd[DOWN] = {0.15904525f,     -0.0502095148f,  0.0223056128f,   -0.00973034971f, 0.00224602097f,
                                0.00194089964f,  -0.00422698866f, 0.00480073366f,  -0.00461760137f, 0.00363865951f,
                                -0.00269786175f, 0.00159664473f,  -0.000890331165f};

/* The rows of a call: what is left of the past, and behind it what is new. Each row but the first is made of those above it, and
 * behind them by what its filter looks ahead: `middle` by 14 frames, what is bent by 15, what is halved by 16. */
struct rows {
    float x[27 + BLOCK_MAX], middle[2 + BLOCK_MAX];
    float straight[15 + BLOCK_MAX], bends[15 + BLOCK_MAX];
    float first[BLOCK_MAX], third[BLOCK_MAX], roots[BLOCK_MAX + 1]; /* quarters; of x */
    float bent_0[1 + BLOCK_MAX], bent_1[2 + BLOCK_MAX], bent_2[1 + BLOCK_MAX], bent_3[3 + BLOCK_MAX];
    float halved_0[26 + BLOCK_MAX], halved_1[26 + BLOCK_MAX];
};

#define EACH_PAST(apply)                                                                                                   \
    apply(x) apply(middle) apply(straight) apply(bends) apply(bent_0) apply(bent_1) apply(bent_2) apply(bent_3)            \
        apply(halved_0) apply(halved_1)

static void past_take(struct rows *rows, const struct saturator *past)
{
#define TAKE(row) memcpy(rows->row, past->row, sizeof past->row);
    EACH_PAST(TAKE)
}

static void past_leave(const struct rows *rows, struct saturator *past, unsigned n)
{
#define LEAVE(row) memcpy(past->row, rows->row + n, sizeof past->row);
    EACH_PAST(LEAVE)
}

/* The bent sound is to be as loud at 0 dB as the straight one, whatever the drive. */
DAWD_CLONES static void drive(struct rows *rows, const float *in, const float *db, unsigned n)
{
    for (size_t i = 0; i < n; i++) {
        float gain = decibel_gain(db[i]), by = 1 / gain, part = db[i] * (1 / SATURATOR_WHOLE);
        part = part < 1 ? part : 1;
        rows->x[27 + i] = gain * in[i];
        rows->straight[15 + i] = 0.5f * (1 - part) * by;
        rows->bends[15 + i] = part * sqrtf(1 + gain * gain) * by;
    }
}

DAWD_CLONES static void middle_fill(struct rows *rows, unsigned n)
{
    for (size_t i = 0; i < n; i++) {
        float sum = 0;
        DAWD_UNROLLED
        for (size_t k = 0; k < UP; k++)
            sum += up[k] * (rows->x[i + UP - 1 - k] + rows->x[i + UP + k]);
        rows->middle[2 + i] = sum;
    }
}

/* The antiderivative of the curve. */
static inline float root(float x)
{
    return sqrtf(1 + x * x);
}

/* On either side of the middle. The roots of x have a row of their own: the loop that bends takes each twice, and would carry it from
 * frame to frame, no vector any more. */
DAWD_CLONES static void quarters_fill(struct rows *rows, unsigned n)
{
    const float *x = rows->x + 11, *middle = rows->middle;
    for (size_t i = 0; i < n; i++) {
        rows->first[i] = second[0] * (x[i + 1] + middle[i + 1]) + second[1] * (middle[i] + x[i + 2]) +
                         second[2] * (x[i] + middle[i + 2]);
        rows->third[i] = second[0] * (middle[i + 1] + x[i + 2]) + second[1] * (x[i + 1] + middle[i + 2]) +
                         second[2] * (middle[i] + x[i + 3]);
    }
    for (size_t i = 0; i <= n; i++)
        rows->roots[i] = root(x[i + 1]);
}

/* Means of the curve along the straight lines from quarter to quarter, and of the lines themselves. */
DAWD_CLONES static void bend(struct rows *rows, unsigned n)
{
    const float *x = rows->x + 12, *middle = rows->middle + 1;
    for (size_t i = 0; i < n; i++) {
        float a = rows->first[i], b = rows->third[i], straight = rows->straight[i], bends = rows->bends[i];
        float root_a = root(a), root_middle = root(middle[i]), root_b = root(b);
        rows->bent_0[1 + i] = (x[i] + a) * (straight + bends / (rows->roots[i] + root_a));
        rows->bent_1[2 + i] = (a + middle[i]) * (straight + bends / (root_a + root_middle));
        rows->bent_2[1 + i] = (middle[i] + b) * (straight + bends / (root_middle + root_b));
        rows->bent_3[3 + i] = (b + x[i + 1]) * (straight + bends / (root_b + rows->roots[i + 1]));
    }
}

/* Twice as loud. */
DAWD_CLONES static void halve(struct rows *rows, unsigned n)
{
    const float *bent_1 = rows->bent_1, *bent_3 = rows->bent_3;
    for (size_t i = 0; i < n; i++) {
        rows->halved_0[26 + i] = rows->bent_0[i] + second[0] * (bent_1[i + 1] + bent_3[i + 1]) +
                                 second[1] * (bent_1[i] + bent_3[i + 2]) + second[2] * (bent_1[i + 2] + bent_3[i]);
        rows->halved_1[26 + i] = rows->bent_2[i] + second[0] * (bent_1[i + 1] + bent_3[i + 2]) +
                                 second[1] * (bent_1[i + 2] + bent_3[i + 1]) + second[2] * (bent_1[i] + bent_3[i + 3]);
    }
}

DAWD_CLONES static void leave(const struct rows *rows, float *out, unsigned n)
{
    const float *evens = rows->halved_0 + DOWN, *odds = rows->halved_1 + DOWN;
    for (size_t i = 0; i < n; i++) {
        float sum = even[0] * evens[i];
        DAWD_UNROLLED
        for (size_t k = 1; k <= DOWN; k++)
            sum += even[k] * (evens[i + k] + *(evens + i - k));
        DAWD_UNROLLED
        for (size_t k = 0; k < DOWN; k++)
            sum += odd[k] * (odds[i + k] + *(odds + i - 1 - k));
        out[i] = sum;
    }
}

void saturator_run_rt(struct saturator *saturator, float *x, const float *db, unsigned n)
{
    struct rows rows;
    past_take(&rows, saturator);
    drive(&rows, x, db, n);
    middle_fill(&rows, n);
    quarters_fill(&rows, n);
    bend(&rows, n);
    halve(&rows, n);
    leave(&rows, x, n);
    past_leave(&rows, saturator, n);
}

void saturator_hold_rt(struct saturator *saturator, float x, float db)
{
    float still[SATURATOR_MEMORY], drives[SATURATOR_MEMORY];
    for (unsigned i = 0; i < SATURATOR_MEMORY; i++) {
        still[i] = x;
        drives[i] = db;
    }
    saturator_run_rt(saturator, still, drives, SATURATOR_MEMORY);
}
