/* What graph/dsp/oversample.h promises: flat, without images and aliases, and a whole number of frames late. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/dsp/oversample.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE_HZ 48000
#define EDGE    0.4535 /* of the rate: images of what lies below are gone */
#define FLAT    0.44   /* there and back */
#define N       4096

/* n frames up, in pieces of `piece`. */
static void up(unsigned stages, const float *in, float *out, size_t n, unsigned piece)
{
    static struct oversample line;
    memset(&line, 0, sizeof line);
    for (size_t at = 0; at < n; at += piece)
        oversample_up(&line, stages, in + at, out + (at << stages), n - at < piece ? (unsigned)(n - at) : piece);
}

/* As many down, all of them later by `late` frames of the high rate. */
static void down(unsigned stages, const float *in, float *out, size_t n, unsigned piece, size_t late)
{
    static struct oversample line;
    float room[OVERSAMPLE_FRAMES];
    memset(&line, 0, sizeof line);
    for (size_t at = 0; at < n; at += piece) {
        unsigned now = n - at < piece ? (unsigned)(n - at) : piece;
        for (size_t i = 0; i < (size_t)now << stages; i++) {
            size_t k = (at << stages) + i;
            room[i] = k < late ? 0 : in[k - late];
        }
        oversample_down(&line, stages, room, out + at, now);
    }
}

static float high[N << OVERSAMPLE_STAGES];

START_TEST(there_and_back_is_flat_and_symmetric_about_a_whole_frame)
{
    static float in[N], out[N];
    static const unsigned latencies[] = {1, 81, 86, 87};
    for (unsigned stages = 0; stages <= OVERSAMPLE_STAGES; stages++) {
        unsigned latency = oversample_latency_frames(stages);
        ck_assert_uint_eq(latency, latencies[stages]);
        impulse_fill(in, N, 200);
        up(stages, in, high, N, OVERSAMPLE_STRETCH);
        down(stages, high, out, N, OVERSAMPLE_STRETCH, 1);
        for (unsigned k = 1; k < 100; k++)
            ck_assert_float_eq_tol(out[200 + latency + k], out[200 + latency - k], 1e-7f);
        for (double f = 0.001; f <= FLAT; f += 0.001)
            ck_assert_double_eq_tol(decibel(cabs(response_at(out, N, f * RATE_HZ, RATE_HZ))), 0, 0.0005);
    }
}
END_TEST

/* The largest component of n frames of the high rate apart from the tone at this bin, as an amplitude. */
static double beside(const float *x, size_t n, size_t bin)
{
    double *s = spectrum(x, n), most = 0;
    for (size_t k = 0; k <= n / 2; k++)
        if (k + 8 < bin || k > bin + 8)
            most = fmax(most, s[k]);
    free(s);
    return most;
}

START_TEST(no_images_go_up)
{
    static float in[N];
    const size_t skip = 1024, n = 2048;
    for (unsigned stages = 1; stages <= OVERSAMPLE_STAGES; stages++)
        for (size_t bin = 20; bin <= n * EDGE; bin += 41) {
            sine_fill(in, N, (double)bin * RATE_HZ / (double)n, RATE_HZ, 1);
            up(stages, in, high, N, OVERSAMPLE_STRETCH);
            ck_assert_double_le(decibel(beside(high + (skip << stages), n << stages, bin)), -99);
        }
}
END_TEST

START_TEST(no_aliases_come_down)
{
    static float out[N];
    const size_t skip = 1024, n = 2048;
    for (unsigned stages = 1; stages <= OVERSAMPLE_STAGES; stages++)
        for (size_t bin = n / 2 + 1; bin < (n << stages) / 2; bin += 37) {
            sine_fill(high, (size_t)N << stages, (double)bin * RATE_HZ / (double)n, RATE_HZ << stages, 1);
            down(stages, high, out, N, OVERSAMPLE_STRETCH, 0);
            ck_assert_double_le(decibel(beside(out + skip, n, 4 * n)), -96);
        }
}
END_TEST

START_TEST(what_is_as_late_cancels_it)
{
    static float in[N], out[N], off[N];
    for (unsigned stages = 0; stages <= OVERSAMPLE_STAGES; stages++) {
        unsigned latency = oversample_latency_frames(stages);
        sine_fill(in, N, 997, RATE_HZ, 0.5);
        sine_fill(off, N, 15013, RATE_HZ, 0.5);
        for (unsigned i = 0; i < N; i++)
            in[i] += off[i];
        up(stages, in, high, N, OVERSAMPLE_STRETCH);
        down(stages, high, out, N, OVERSAMPLE_STRETCH, 1);
        ck_assert_double_ge(snr_db(in + 300, out + 300 + latency, N - 300 - latency), 90);
    }
}
END_TEST

START_TEST(the_way_up_alone_is_as_late_as_it_says)
{
    static float in[N];
    for (unsigned stages = 1; stages <= OVERSAMPLE_STAGES; stages++) {
        size_t at = ((size_t)200 << stages) + oversample_up_latency_frames(stages);
        impulse_fill(in, N, 200);
        up(stages, in, high, N, OVERSAMPLE_STRETCH);
        ck_assert_double_eq_tol((double)high[at], 1, 1e-5);
        ck_assert_double_eq((double)high[at], peak(high, (size_t)N << stages));
    }
}
END_TEST

START_TEST(pieces_of_any_length_give_the_same_bits)
{
    static float in[N], whole[N], cut[N];
    static const unsigned pieces[] = {1, 7, 16, 31};
    noise_fill(in, N, 1, 3);
    for (unsigned stages = 0; stages <= OVERSAMPLE_STAGES; stages++) {
        up(stages, in, high, N, OVERSAMPLE_STRETCH);
        down(stages, high, whole, N, OVERSAMPLE_STRETCH, 1);
        for (unsigned k = 0; k < 4; k++) {
            up(stages, in, high, N, pieces[k]);
            down(stages, high, cut, N, pieces[k], 1);
            ck_assert_mem_eq(whole, cut, sizeof whole);
        }
    }
}
END_TEST

START_TEST(it_forgets_even_what_is_no_number)
{
    static float in[N], out[N];
    noise_fill(in, 200, 1, 4);
    memset(in + 200, 0, (N - 200) * sizeof *in);
    in[199] = NAN;
    for (unsigned stages = 1; stages <= OVERSAMPLE_STAGES; stages++) {
        up(stages, in, high, N, 17);
        down(stages, high, out, N, 17, 1);
        for (unsigned i = 200 + OVERSAMPLE_MEMORY; i < N; i++)
            ck_assert_float_eq(out[i], 0);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        there_and_back_is_flat_and_symmetric_about_a_whole_frame,
        no_images_go_up,
        no_aliases_come_down,
        what_is_as_late_cancels_it,
        the_way_up_alone_is_as_late_as_it_says,
        pieces_of_any_length_give_the_same_bits,
        it_forgets_even_what_is_no_number,
    };
    return suite_run("oversampling", 20, tests, sizeof tests / sizeof *tests);
}
