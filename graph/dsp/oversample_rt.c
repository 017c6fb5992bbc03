#include "graph/dsp/oversample.h"

#include <string.h>

#include "graph/dsp/vector.h"
#include "graph/rt_only.h"

/* The taps of a symmetric filter of odd length, doubled, on one side of its middle: those at odd distances from it, 1, 3, 5…,
 * and those at even ones, 0, 2, 4…, of which the middle one is met from both sides, and therefore is not doubled. */
struct kernel {
    const float *odd, *even;
    unsigned n_odd, n_even;
};

/* Parks-McClellan. Half-band, with a pass band of 20 kHz at 44.1 kHz: -100.9 dB, -115.9 dB and -99.5 dB. */
static const float up_first[] = {
    0.635979048f,    -0.210291364f,    0.124154912f,    -0.0865568021f,   0.0651733563f,   -0.051197172f,
    0.0412466877f,   -0.0337479482f,   0.0278703225f,   -0.0231343506f,   0.0192436638f,   -0.0160046165f,
    0.013284536f,    -0.010988587f,    0.00904628206f,  -0.00740329263f,  0.00601632043f,  -0.00484980891f,
    0.00387379863f,  -0.00306251253f,  0.00239341678f,  -0.00184659528f,  0.00140433112f,  -0.00105082417f,
    0.000771996822f, -0.000555353928f, 0.000389874222f, -0.000265918634f, 0.000175144343f, -0.000110417953f,
    6.57258362e-05f, -3.6079843e-05f,  2.12419836e-05f,
};
static const float halfband_second[] = {0.617446297f,   -0.16064773f,   0.0576772934f,
                                        -0.0180863985f, 0.00411293456f, -0.000503996f};
static const float halfband_third[] = {0.589622267f, -0.103360449f, 0.0137488156f};

/* The last step down, with a stop band from half the rate on: -101 dB, 0.0002 dB in its pass band. */
static const float down_first_odd[] = {
    0.633319438f,     -0.202395544f,    0.111268153f,     -0.0690755677f,   0.043627552f,     -0.0262267044f,
    0.0135736441f,    -0.00414590793f,  -0.00286754289f,  0.00795803124f,   -0.0114632086f,   0.0136439886f,
    -0.0147217076f,   0.0148958374f,    -0.0143515749f,   0.013262002f,     -0.0117874265f,   0.0100734175f,
    -0.00824851317f,  0.00642218456f,   -0.00468344656f,  0.00310029792f,   -0.00172006146f,  0.000570600736f,
    0.000337713268f,  -0.00100944465f,  0.00146113614f,   -0.00171817248f,  0.00181165609f,   -0.00177548141f,
    0.00164374936f,   -0.00144863924f,  0.00121879146f,   -0.000978225215f, 0.000745773966f,  -0.000534982936f,
    0.000354395426f,  -0.000208128895f, 9.66527222e-05f,  -1.76623332e-05f, -3.3034246e-05f,  6.0686553e-05f,
    -7.08885985e-05f, 6.90101595e-05f,  -5.97783862e-05f, 4.71642683e-05f,  -3.31293298e-05f, 2.90818375e-05f,
    -7.82115299e-06f};
static const float down_first_even[] = {
    0.468967674f,     0.0615644811f,    -0.0600820108f,   0.0576704518f,   -0.0544155445f,   0.050431325f,
    -0.0458545562f,   0.0408381696f,    -0.0355440849f,   0.0301358382f,   -0.0247714211f,   0.0195967261f,
    -0.0147399319f,   0.010307088f,     -0.00637910527f,  0.0030101865f,   -0.000227756446f, -0.00196626715f,
    0.00359299644f,   -0.00469314028f,  0.00532289175f,   -0.00554943646f, 0.00544636696f,   -0.00508928908f,
    0.00455185782f,   -0.00390241933f,  0.00320140104f,   -0.00249950953f, 0.00183674043f,   -0.00124215723f,
    0.000734345803f,  -0.000322418696f, 7.41614053e-06f,  0.000216042572f, -0.000358007374f, 0.000431484587f,
    -0.000450870611f, 0.000430616478f,  -0.000384170703f, 0.00032323181f,  -0.000257302067f, 0.000193510317f,
    -0.000136669534f, 8.9508792e-05f,   -5.30222869e-05f, 2.6933097e-05f,  -9.77367023e-06f, 3.22524096e-06f,
    1.5081001e-05f};
static const float middle[] = {0.5f}; /* all that a half-band filter has at even distances */

#define TAPS(odd, even)                                                                                                    \
    {                                                                                                                      \
        odd, even, sizeof(odd) / sizeof((odd)[0]), sizeof(even) / sizeof((even)[0])                                        \
    }
static const struct kernel kernels_up[OVERSAMPLE_STAGES] = {TAPS(up_first, middle), TAPS(halfband_second, middle),
                                                            TAPS(halfband_third, middle)};
static const struct kernel kernels_down[OVERSAMPLE_STAGES] = {TAPS(down_first_odd, down_first_even),
                                                              TAPS(halfband_second, middle), TAPS(halfband_third, middle)};

unsigned oversample_up_latency_frames(unsigned stages)
{
    unsigned frames = 0;
    for (unsigned s = 0; s < stages; s++)
        frames = 2 * frames + 2 * kernels_up[s].n_odd - 1;
    return frames;
}

/* The way down is shorter by one frame of each stage's high rate, for there the later one of two is heard already. */
unsigned oversample_latency_frames(unsigned stages)
{
    unsigned frames = 0;
    for (unsigned s = 0; s < stages; s++)
        frames = 2 * frames + 2 * kernels_up[s].n_odd - 1 + 2 * kernels_down[s].n_odd - 2;
    return (frames + 1) >> stages;
}

/* ---- one stage ------------------------------------------------------------------------------------------------------- */

/* Eight frames from anywhere. */
static inline FLOAT8 *eight(FLOAT8 *frames, const float *x)
{
    memcpy(frames, x, sizeof *frames);
    return frames;
}

/* One phase of a symmetric filter: the sum of taps[t] (later[t] + earlier[-t]), for n frames in a row, sixteen at once; y has
 * room for whole sixteens. */
static inline void filter_run(const float *taps, unsigned n_taps, const float *later, const float *earlier, float *y,
                              unsigned n)
{
    for (unsigned i = 0; i < n; i += 2 * VECTOR_WIDTH) {
        const float *right = later + i, *left = earlier + i;
        FLOAT8 low = {0}, high = {0}, a, b;
        for (unsigned t = 0; t < n_taps; t++, right++, left--) {
            low += taps[t] * (*eight(&a, right) + *eight(&b, left));
            high += taps[t] * (*eight(&a, right + VECTOR_WIDTH) + *eight(&b, left + VECTOR_WIDTH));
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
    unsigned past = 2 * k->n_odd - 1;
    const float *at = stage->up + past - k->n_odd + 1; /* what stands in the middle of the filter */
    memcpy(stage->up + past, in, n * sizeof *in);
    filter_run(k->odd, k->n_odd, at, at - 1, between, n);
    for (unsigned i = 0; i < n; i++) {
        out[2 * i] = between[i];
        out[2 * i + 1] = at[i];
    }
    forget(stage->up, past, n);
}

/* 2 n frames become n. */
DAWD_CLONES static void stage_down(const struct kernel *k, struct halfband *stage, const float *in, float *out, unsigned n)
{
    float at_odd[OVERSAMPLE_FRAMES / 2 + 2 * VECTOR_WIDTH], at_even[OVERSAMPLE_FRAMES / 2 + 2 * VECTOR_WIDTH];
    unsigned past = 2 * k->n_odd - 1;
    float *even = stage->even + past, *odd = stage->odd + past;
    for (unsigned i = 0; i < n; i++) {
        even[i] = in[2 * i];
        odd[i] = in[2 * i + 1];
    }
    odd -= k->n_odd - 1;
    even -= k->n_odd - 1;
    filter_run(k->odd, k->n_odd, odd, odd - 1, at_odd, n);
    filter_run(k->even, k->n_even, even, even, at_even, n);
    for (unsigned i = 0; i < n; i++)
        out[i] = 0.5f * (at_even[i] + at_odd[i]);
    forget(stage->even, past, n);
    forget(stage->odd, past, n);
}

/* ---- all of them ----------------------------------------------------------------------------------------------------- */

/* In place from the second stage on: each takes its frames before it gives any. */
void oversample_up(struct oversample *line, unsigned stages, const float *in, float *out, unsigned n)
{
    for (unsigned s = 0; s < stages; s++)
        stage_up(&kernels_up[s], &line->stage[s], s ? out : in, out, n << s);
    if (!stages)
        memcpy(out, in, n * sizeof *in);
}

void oversample_down(struct oversample *line, unsigned stages, float *in, float *out, unsigned n)
{
    for (unsigned s = stages; s-- > 0;)
        stage_down(&kernels_down[s], &line->stage[s], in, s ? in : out, n << s);
    if (!stages)
        memcpy(out, in, n * sizeof *in);
}
