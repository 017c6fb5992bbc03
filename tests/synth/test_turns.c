/* Choices between sounds that have nothing in common are crossfaded, and nothing else happens to them. */
#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "graph/dsp/turn.h"
#include "tests/node_rig.h"
#include "tests/suite.h"

#define RATE    48000
#define BEFORE  700  /* frames until the choice changes */
#define N       3000 /* in all */
#define FADE    (1 + (unsigned)(TURN_S * RATE))
#define OPTIONS 5

/* N frames that begin with an option; from BEFORE on it is the other, and again the first for as many as `back` says. */
static float *play(const char *type, const char *choice, unsigned first, unsigned second, unsigned back, bool moves)
{
    struct rig rig = rig_new(type, RATE, 0);
    rig.unwired = ~0u;
    float freq[N], *x = calloc(N, sizeof *x);
    rig.block = 0;
    rig_set(&rig, choice, (float)first);
    rig_start(&rig);
    float *out[RIG_CHANNELS_MAX] = {x};
    for (unsigned i = 0; i < N; i++)
        freq[i] = 300 + 0.1f * (float)i;
    if (moves)
        rig_curve(&rig, "freq", freq);
    float values[N];
    for (unsigned i = 0; i < N; i++)
        values[i] = (float)(i < BEFORE || (back && i >= BEFORE + back) ? first : second);
    rig_curve(&rig, choice, values);
    rig_process(&rig, NULL, out, N);
    rig_free(&rig);
    return x;
}

static const struct turned {
    const char *type, *choice;
    bool moves;
    double tolerance;
} turned[] = {
    {"osc", "wave", false, 1e-5},
    {"osc", "wave", true, 1e-5},
    {"lfo", "shape", false, 1e-5},
};

START_TEST(one_wave_goes_over_into_another_in_10_ms)
{
    const struct turned *what = &turned[_i];
    for (unsigned first = 0; first < OPTIONS; first++)
        for (unsigned second = 0; second < OPTIONS; second++) {
            float *a = play(what->type, what->choice, first, first, 0, what->moves);
            float *b = play(what->type, what->choice, second, second, 0, what->moves);
            float *x = play(what->type, what->choice, first, second, 0, what->moves);
            for (unsigned i = 0; i < N; i++) {
                double gone = i < BEFORE ? 0 : fmin(1, (i - BEFORE) / (double)FADE);
                double theory = (double)a[i] + gone * ((double)b[i] - (double)a[i]);
                if (fabs((double)x[i] - theory) > what->tolerance)
                    ck_abort_msg("%u to %u, frame %u: %g in place of %g", first, second, i, (double)x[i], theory);
            }
            free(a);
            free(b);
            free(x);
        }
}
END_TEST

/* The second change comes into the crossfade of the first: it waits for its end. */
START_TEST(a_change_of_mind_waits_for_the_end_of_the_crossfade)
{
    float *a = play("osc", "wave", 0, 0, 0, false), *b = play("osc", "wave", 3, 3, 0, false);
    float *x = play("osc", "wave", 0, 3, 100, false);
    for (unsigned i = BEFORE; i < N; i++) {
        unsigned since = i - BEFORE;
        double share = since < FADE ? since / (double)FADE : since < 2 * FADE ? 2 - since / (double)FADE : 0;
        double theory = (double)a[i] + share * ((double)b[i] - (double)a[i]);
        if (fabs((double)x[i] - theory) > 1e-5)
            ck_abort_msg("frame %u: %g in place of %g", i, (double)x[i], theory);
    }
    free(a);
    free(b);
    free(x);
}
END_TEST

/* White noise has no steps to compare with: what goes out of a colour is what it would have gone on with. */
START_TEST(a_colour_goes_out_as_it_would_have_gone_on)
{
    for (unsigned colour = 0; colour < 4; colour++) {
        float *a = play("noise", "colour", colour, colour, 0, false), *x = play("noise", "colour", colour, 0, 0, false);
        float *white = play("noise", "colour", 0, 0, 0, false);
        for (unsigned i = 0; i < N; i++) {
            double gone = i < BEFORE ? 0 : fmin(1, (i - BEFORE) / (double)FADE);
            double theory = (double)a[i] + gone * ((double)white[i] - (double)a[i]);
            if (fabs((double)x[i] - theory) > 1e-4)
                ck_abort_msg("colour %u, frame %u: %g in place of %g", colour, i, (double)x[i], theory);
        }
        free(a);
        free(x);
        free(white);
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("turns");
    tcase_add_loop_test(tcase, one_wave_goes_over_into_another_in_10_ms, 0, ROWS(turned));
    tcase_add_test(tcase, a_change_of_mind_waits_for_the_end_of_the_crossfade);
    tcase_add_test(tcase, a_colour_goes_out_as_it_would_have_gone_on);
    return suite_run_case("turns", tcase);
}
