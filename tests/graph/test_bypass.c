/* Bypassed, a node lets its input through; what it has inside stays, and what rings is heard to its end. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/graph_check.h"
#include "tests/graph_rig.h"
#include "tests/suite.h"

#define RATE_HZ 48000
#define N       256
#define FADE    480 /* frames */

static struct graph_rig *rig;

static void open_rig(const char *script)
{
    rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "%s", script);
    graph_rig_settle(rig);
}

static const struct node_rt *object(const char *name)
{
    return graph_rig_node(rig, name)->object;
}

static void bypass(const char *name, bool on)
{
    graph_rig_set(rig, name, "bypass", on, 0);
}

/* The left channel of the card, by a factor that goes from one value to the other in FADE frames. */
static void check_fade(double from, double to)
{
    uint64_t start = ctl_clock(rig->ctl);
    graph_rig_run(rig, 2 * FADE);
    for (unsigned i = 0; i < 2 * FADE; i++) {
        double way = fmin(1, i / (double)FADE), theory = (from + (to - from) * way) * (double)graph_rig_noise(0, start + i);
        MUST(fabs((double)rig->heard[RIG_OUT][i] - theory) < 1e-6, "frame %u: %g, not %g", i,
             (double)rig->heard[RIG_OUT][i], theory);
    }
}

#define IN_A_OUT "connect in:out.1 a; connect a out:in.1"

START_TEST(it_fades_to_the_dry_signal_and_back_in_ten_milliseconds)
{
    open_rig("fade 0; add a gain 1 gain=-6.0205999; " IN_A_OUT);
    bypass("a", true);
    check_fade(0.5, 1);
    ck_assert(object("a")->stopped);
    uint64_t start = ctl_clock(rig->ctl);
    graph_rig_run(rig, N);
    for (unsigned i = 0; i < N; i++)
        MUST(rig->heard[RIG_OUT][i] == graph_rig_noise(0, start + i), "frame %u is not the very sample", i);
    bypass("a", false);
    check_fade(1, 0.5);
    ck_assert(!object("a")->is_apart);
    graph_rig_free(rig);
}
END_TEST

START_TEST(taken_back_half_way_it_turns_round_where_it_is)
{
    open_rig("fade 0; add a gain 1 gain=-6.0205999; " IN_A_OUT);
    bypass("a", true);
    graph_rig_run(rig, FADE / 2);
    bypass("a", false);
    check_fade(0.75, 0.5);
    graph_rig_free(rig);
}
END_TEST

/* By `bypassed` from one frame on and back from another, in the middle of blocks and of fades. */
static double way(unsigned i, const unsigned *at)
{
    double there = i < at[0] ? 0 : fmin(1, (i - at[0]) / (double)FADE);
    double turned = fmin(1, (at[1] - at[0]) / (double)FADE);
    return i < at[1] ? there : turned * (1 - fmin(1, (i - at[1]) / (double)FADE));
}

static const unsigned turns[][2] = {{100, 339}, {7, 255}, {30, 31}, {255, 256}, {200, 800}};

START_TEST(at_its_time_it_turns_round_where_it_has_come_to_by_then)
{
    for (unsigned k = 0; k < ROWS(turns); k++) {
        const unsigned *at = turns[k];
        open_rig("fade 0; add a gain 1 gain=-6.0205999; " IN_A_OUT);
        unsigned long start = (unsigned long)ctl_clock(rig->ctl);
        graph_rig_commit(rig, "at %lu; set a bypass 1", start + at[0]);
        graph_rig_commit(rig, "at %lu; set a bypass 0", start + at[1]);
        graph_rig_run(rig, 6 * N);
        for (unsigned i = 0; i < 6 * N; i++) {
            double theory = (0.5 + 0.5 * way(i, at)) * (double)graph_rig_noise(0, start + i);
            MUST(fabs((double)rig->heard[RIG_OUT][i] - theory) < 1e-6, "from %u to %u, frame %u: %g, not %g", at[0], at[1],
                 i, (double)rig->heard[RIG_OUT][i], theory);
        }
        ck_assert(!object("a")->is_apart);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(a_generator_falls_silent_and_who_hears_it_sleeps)
{
    open_rig("fade 0; add a osc; add g gain; connect a g; connect g out");
    bypass("a", true);
    graph_rig_run(rig, FADE + 4 * N);
    ck_assert(object("a")->silent && object("g")->slumber == SLUMBER_DEEP);
    ck_assert(rig->heard[RIG_OUT][FADE + 4 * N - 1] == 0);
    bypass("a", false);
    graph_rig_run(rig, FADE + 4 * N);
    ck_assert(!object("a")->silent && !object("g")->slumber);
    graph_rig_free(rig);
}
END_TEST

START_TEST(one_channel_is_heard_on_both_sides_as_an_edge_would_bring_it)
{
    open_rig("fade 0; add a pan 1; connect in:out.1 a; connect a out");
    bypass("a", true);
    graph_rig_run(rig, FADE + N);
    uint64_t start = ctl_clock(rig->ctl);
    graph_rig_run(rig, N);
    for (unsigned i = 0; i < N; i++)
        MUST(rig->heard[RIG_OUT][i] == graph_rig_noise(0, start + i) &&
                 rig->heard[RIG_OUT + 1][i] == rig->heard[RIG_OUT][i],
             "frame %u", i);
    graph_rig_free(rig);
}
END_TEST

/* ---- trails --------------------------------------------------------------------------------------------------------- */

#define BURST 9600
#define ECHOES                                                                                                             \
    "fade 0; add a delay 1 longest=1 time=0.1 feedback=0.5 mix=1; add s gain 1; connect in:out.1 s; connect s a; connect " \
    "a out:in.1"
#define TAIL_MAX (188 * N)

/* A burst, then nothing; bypassed from one frame of the tail to another. */
static void play(float *tail, unsigned on_at, unsigned off_at)
{
    open_rig(ECHOES);
    graph_rig_run(rig, BURST);
    graph_rig_commit(rig, "fade 0; disconnect in:out.1 s");
    for (unsigned at = 0; at < TAIL_MAX; at += N) {
        if (at == on_at)
            bypass("a", true);
        if (at == off_at)
            bypass("a", false);
        graph_rig_run(rig, N);
        memcpy(tail + at, rig->heard[RIG_OUT], N * sizeof *tail);
    }
    graph_rig_free(rig);
}

START_TEST(a_delay_rings_on_while_bypassed_and_goes_on_within_its_tail)
{
    static float plain[TAIL_MAX], bypassed[TAIL_MAX];
    play(plain, TAIL_MAX, TAIL_MAX);
    play(bypassed, 4 * N, 40 * N);
    double both = 0, one = 0, other = 0;
    for (unsigned i = 0; i < TAIL_MAX; i++) {
        both += (double)plain[i] * (double)bypassed[i];
        one += (double)plain[i] * (double)plain[i];
        other += (double)bypassed[i] * (double)bypassed[i];
    }
    double correlation = both / sqrt(one * other);
    printf("REL R11 trail_correlation=%.4f of=0.99 %s\n", correlation, correlation >= 0.99 ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(one > 1);
    ck_assert_double_ge(correlation, 0.99);
}
END_TEST

START_TEST(after_its_tail_a_delay_comes_back_clean)
{
    open_rig(ECHOES);
    graph_rig_run(rig, BURST);
    bypass("a", true);
    for (unsigned s = 0; s < 6; s++)
        graph_rig_run(rig, RATE_HZ); /* the card plays on */
    ck_assert(object("a")->stopped);
    graph_rig_commit(rig, "fade 0; disconnect in:out.1 s");
    graph_rig_run(rig, N);
    bypass("a", false);
    graph_rig_run(rig, RATE_HZ);
    for (unsigned i = 0; i < RATE_HZ; i++)
        MUST(rig->heard[RIG_OUT][i] == 0, "frame %u: %g", i, (double)rig->heard[RIG_OUT][i]);
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        it_fades_to_the_dry_signal_and_back_in_ten_milliseconds,
        taken_back_half_way_it_turns_round_where_it_is,
        at_its_time_it_turns_round_where_it_has_come_to_by_then,
        a_generator_falls_silent_and_who_hears_it_sleeps,
        one_channel_is_heard_on_both_sides_as_an_edge_would_bring_it,
        a_delay_rings_on_while_bypassed_and_goes_on_within_its_tail,
        after_its_tail_a_delay_comes_back_clean,
    };
    return suite_run("bypass", 60, tests, ROWS(tests));
}
