#include "graph/dsp/oversample.h"

#include <string.h>

#include "graph/dsp/vector.h"
#include "graph/rt_only.h"

/* The taps of a half-band filter at odd distances from its middle, 1, 3, 5…, on one side; doubled, for the gain of 1 that
 * the way up needs. */
struct kernel {
    const float *taps;
    unsigned n;
};

/* Parks-McClellan with a pass band of 20 kHz at 44.1 kHz: -100.9 dB, -115.9 dB and -99.5 dB. */
static const float first[] = {
    0.635979048f,    -0.210291364f,    0.124154912f,    -0.0865568021f,   0.0651733563f,   -0.051197172f,
    0.0412466877f,   -0.0337479482f,   0.0278703225f,   -0.0231343506f,   0.0192436638f,   -0.0160046165f,
    0.013284536f,    -0.010988587f,    0.00904628206f,  -0.00740329263f,  0.00601632043f,  -0.00484980891f,
    0.00387379863f,  -0.00306251253f,  0.00239341678f,  -0.00184659528f,  0.00140433112f,  -0.00105082417f,
    0.000771996822f, -0.000555353928f, 0.000389874222f, -0.000265918634f, 0.000175144343f, -0.000110417953f,
    6.57258362e-05f, -3.6079843e-05f,  2.12419836e-05f,
};
static const float second[] = {0.617446297f, -0.16064773f, 0.0576772934f, -0.0180863985f, 0.00411293456f, -0.000503996f};
static const float third[] = {0.589622267f, -0.103360449f, 0.0137488156f};

#define TAPS(array)                                                                                                        \
    {                                                                                                                      \
        array, sizeof(array) / sizeof((array)[0])                                                                          \
    }
static const struct kernel kernels[OVERSAMPLE_STAGES] = {TAPS(first), TAPS(second), TAPS(third)};

unsigned oversample_up_latency_frames(unsigned stages)
{
    unsigned frames = 0;
    for (unsigned s = 0; s < stages; s++)
        frames = 2 * frames + 2 * kernels[s].n - 1;
    return frames;
}

/* The way down is shorter by one frame of each stage's high rate, for there the later one of two is heard already. */
unsigned oversample_latency_frames(unsigned stages)
{
    unsigned frames = 0;
    for (unsigned s = 0; s < stages; s++)
        frames = 2 * frames + 4 * kernels[s].n - 3;
    return (frames + 1) >> stages;
}

/* ---- one stage ------------------------------------------------------------------------------------------------------- */

/* Eight frames from anywhere. */
static inline FLOAT8 *eight(FLOAT8 *frames, const float *x)
{
    memcpy(frames, x, sizeof *frames);
    return frames;
}

/* The phase of a half-band filter that has all its taps but one: y[i] from x[i] and the 2 k->n - 1 frames before. Sixteen
 * frames at once, each tap with two neighbours at the same distance; y has room for whole sixteens. */
static inline void filter_run(const struct kernel *k, const float *x, float *y, unsigned n)
{
    for (unsigned i = 0; i < n; i += 2 * VECTOR_WIDTH) {
        const float *later = x + i - k->n + 1, *earlier = x + i - k->n;
        FLOAT8 low = {0}, high = {0}, a, b;
        for (unsigned t = 0; t < k->n; t++, later++, earlier--) {
            low += k->taps[t] * (*eight(&a, later) + *eight(&b, earlier));
            high += k->taps[t] * (*eight(&a, later + VECTOR_WIDTH) + *eight(&b, earlier + VECTOR_WIDTH));
        }
        memcpy(y + i, &low, sizeof low);
        memcpy(y + i + VECTOR_WIDTH, &high, sizeof high);
    }
}

/* Of n new frames behind the past, what the next ones need becomes the past. */
static inline void forget(float *x, unsigned past, unsigned n)
{
    memmove(x, x + n, past * sizeof *x);
}

/* n frames become 2 n. */
DAWD_CLONES static void stage_up(const struct kernel *k, struct halfband *stage, const float *in, float *out, unsigned n)
{
    float between[OVERSAMPLE_FRAMES / 2 + 2 * VECTOR_WIDTH];
    unsigned past = 2 * k->n - 1;
    const float *middle = stage->up + past - k->n + 1;
    memcpy(stage->up + past, in, n * sizeof *in);
    filter_run(k, stage->up + past, between, n);
    for (unsigned i = 0; i < n; i++) {
        out[2 * i] = between[i];
        out[2 * i + 1] = middle[i];
    }
    forget(stage->up, past, n);
}

/* 2 n frames become n. */
DAWD_CLONES static void stage_down(const struct kernel *k, struct halfband *stage, const float *in, float *out, unsigned n)
{
    float between[OVERSAMPLE_FRAMES / 2 + 2 * VECTOR_WIDTH];
    unsigned past = 2 * k->n - 1;
    float *even = stage->even + past, *odd = stage->odd + past;
    const float *middle = even - k->n + 1;
    for (unsigned i = 0; i < n; i++) {
        even[i] = in[2 * i];
        odd[i] = in[2 * i + 1];
    }
    filter_run(k, odd, between, n);
    for (unsigned i = 0; i < n; i++)
        out[i] = 0.5f * (middle[i] + between[i]);
    forget(stage->even, past, n);
    forget(stage->odd, past, n);
}

/* ---- all of them ----------------------------------------------------------------------------------------------------- */

/* In place from the second stage on: each takes its frames before it gives any. */
void oversample_up(struct oversample *line, unsigned stages, const float *in, float *out, unsigned n)
{
    for (unsigned s = 0; s < stages; s++)
        stage_up(&kernels[s], &line->stage[s], s ? out : in, out, n << s);
    if (!stages)
        memcpy(out, in, n * sizeof *in);
}

void oversample_down(struct oversample *line, unsigned stages, float *in, float *out, unsigned n)
{
    for (unsigned s = stages; s-- > 0;)
        stage_down(&kernels[s], &line->stage[s], in, s ? in : out, n << s);
    if (!stages)
        memcpy(out, in, n * sizeof *in);
}
