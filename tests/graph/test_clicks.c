/* Row R11: no edit clicks. A tone goes through a graph that is edited at random instants, also into the fades of the edits
 * before, and the second difference of what comes out is held against that of the tone at rest: a step of a hundredth of
 * full scale shows as clearly as one of a whole. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/batch.h"
#include "tests/graph_check.h"
#include "tests/suite.h"

#define RATE_HZ  48000
#define EDITS    50       /* of each kind */
#define MOST     1.5      /* the second difference, in that of the tone at rest */
#define QUIET    0.251189 /* the edges into `out`: -12 dB, so that several ways stay under its ceiling */
#define GAP_MOST 1500     /* frames between two edits: three fades */

/* Second difference of one tone at rest. */
static double steady(void)
{
    return QUIET * RIG_TONE_LEVEL * pow(2 * sin(M_PI * RIG_TONE_HZ / RATE_HZ), 2);
}

/* An edit and its way back, done in turns. */
static const struct scene {
    const char *there, *back; /* kinds of edits, for the report */
    const char *base;         /* the graph before */
    const char *go, *come;
    double ways; /* tones that sound at once at most, at rest */
    bool swaps;  /* each of the two is a session of its own */
} scenes[] = {
    {"add", "remove", "add t tone; add g gain 1; connect t g; connect g out gain=-12",
     "add x gain 1; connect t x; connect x out gain=-12", "remove x", 2},
    {"disconnect", "reconnect", "add t tone; add g gain 1; connect t g; connect g out gain=-12", "disconnect t g",
     "connect t g", 1},
    {"replace", "replace", "add t tone; add x gain 1; connect t x; connect x out gain=-12",
     "remove x; add x pan channels=1; connect t x; connect x:out.1 out gain=-12",
     "remove x; add x gain 1; connect t x; connect x out gain=-12", 1},
    {"bypass", "return", "add t tone; add f filter 1 q=2; connect t f; connect f out gain=-12", "set f bypass 1",
     "set f bypass 0", 2},
    {"bypass_delay", "return_delay",
     "add t tone; add d delay 1 mix=0.5 feedback=0.5 time=0.021; connect t d;"
     "connect d out gain=-12",
     "set d bypass 1", "set d bypass 0", 1.5},
    {"bypass_chorus", "return_chorus", "add t tone; add x chorus 1; connect t x; connect x out gain=-12", "set x bypass 1",
     "set x bypass 0", 2},
    {"bypass_flanger", "return_flanger", "add t tone; add x flanger 1; connect t x; connect x out gain=-12",
     "set x bypass 1", "set x bypass 0", 2},
    {"bypass_phaser", "return_phaser", "add t tone; add x phaser 1; connect t x; connect x out gain=-12", "set x bypass 1",
     "set x bypass 0", 2},
    {"voices", "voices", "add t tone; add x chorus 1; connect t x; connect x out gain=-12", "set x voices 8",
     "set x voices 1", 2},
    {"invert", "invert", "add t tone; add x flanger 1; connect t x; connect x out gain=-12", "set x invert 1",
     "set x invert 0", 2},
    {"stages", "stages", "add t tone; add x phaser 1; connect t x; connect x out gain=-12", "set x stages 12",
     "set x stages 2", 2},
    {"exchange", "exchange", "add t tone; add x gain 1; connect t x; connect x out gain=-12", "replace x probe; rename t u",
     "replace x gain 1; rename u t", 1},
    {"rebuild_delay", "rebuild_delay",
     "add t tone; add x delay 1 longest=1 time=0.021 mix=0.5; connect t x; connect x out gain=-12",
     "replace x delay 1 longest=2 time=0.021 mix=0.5", "replace x delay 1 longest=1 time=0.021 mix=0.5", 1.5},
    {"rebuild_distortion", "rebuild_distortion",
     "add t tone; add x distortion 1 drive=6; connect t x; connect x out gain=-12",
     "replace x distortion 1 drive=6 oversample=3", "replace x distortion 1 drive=6 oversample=1", 1.5},
    {"shape", "shape", "add t tone; add x distortion 1 drive=6; connect t x; connect x out gain=-12", "set x shape 1",
     "set x shape 0", 1.5},
    {"mute", "unmute", "add t tone; add m mixer; connect t m:in1; connect m:out.1 out gain=-12", "set m mute1 1",
     "set m mute1 0", 1},
    {"gain", "gain", "add t tone; add g gain 1; connect t g; connect g out gain=-12", "set g gain -40", "set g gain 0", 1},
    {"send", "send", "add t tone; add g gain 1; connect t g; connect g out gain=-12", "connect g out gain=-60",
     "connect g out gain=-12", 1},
    {"depth", "depth",
     "add t tone; add s source value=-20; add g gain 1; connect t g; connect g out gain=-12;"
     "connect s g:gain depth=0",
     "connect s g:gain depth=1", "connect s g:gain depth=0", 1},
    {"position", "position", "add t tone; add x pan 1; connect t x; connect x:out.1 out gain=-12", "set x position 0.9",
     "set x position -1", 1},
    {"law", "law", "add t tone; add x pan 1; connect t x; connect x:out.1 out gain=-12", "set x law 1", "set x law 0", 1},
    {"mode", "mode", "add t tone; add f filter 1; connect t f; connect f out gain=-12", "set f mode 1", "set f mode 0", 1},
    {"cutoff", "cutoff", "add t tone; add f filter 1 q=2; connect t f; connect f out gain=-12", "set f cutoff 100",
     "set f cutoff 10000", 2},
    {"kind", "kind", "add t tone; add f butterworth 1; connect t f; connect f out gain=-12", "set f mode 1", "set f mode 0",
     1},
    {"reverse", "reverse", "add t tone; add a gain 1; add b gain 1; connect t a; connect a b; connect b out gain=-12",
     "disconnect t a; disconnect a b; disconnect b out; connect t b; connect b a; connect a out gain=-12",
     "disconnect t b; disconnect b a; disconnect a out; connect t a; connect a b; connect b out gain=-12", 1},
    {"session", "session", "", "add t tone; add a gain 1; connect t a; connect a out gain=-12",
     "add t2 tone; add b gain 1; add c gain 1; connect t2 b; connect b c; connect c out gain=-12", 1, true},
};

#define KINDS (2 * ROWS(scenes))

static void swap_session(struct graph_rig *rig, const char *script)
{
    struct tx *tx = tx_open(rig->ctl, 0.01);
    struct error error = {0};
    ck_assert_ptr_nonnull(tx);
    ck_assert_int_eq(tx_clear(tx, &error), 0);
    ck_assert_int_eq(graph_rig_stage(rig, tx, script), 0);
    tx_commit(tx, (struct completion){0});
}

/* Goes on listening where it stopped, for n frames; how rough they are at most. */
static double listen_to(struct graph_rig *rig, double last[2], unsigned n)
{
    double most = 0;
    graph_rig_run(rig, n);
    for (unsigned i = 0; i < n; i++) {
        double x = (double)rig->heard[RIG_OUT][i];
        most = fmax(most, fabs(x - 2 * last[1] + last[0]));
        last[0] = last[1];
        last[1] = x;
    }
    return most;
}

/* Plays a scene; the worst of its two kinds of edits, in the tone at rest. */
static void play(const struct scene *scene, double worst[2])
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    uint32_t seed = 997;
    double last[2] = {0};
    rig->period = 0;
    graph_rig_commit(rig, "%s", scene->base);
    graph_rig_settle(rig);
    listen_to(rig, last, 2); /* whatever that is: the two frames that the next difference needs */
    for (unsigned i = 0; i < 2 * EDITS; i++) {
        const char *script = i % 2 ? scene->come : scene->go;
        if (scene->swaps)
            swap_session(rig, script);
        else
            graph_rig_commit(rig, "%s", script);
        double rough = listen_to(rig, last, 1 + dice_below(&seed, GAP_MOST)) / (steady() * scene->ways);
        worst[i % 2] = fmax(worst[i % 2], rough);
    }
    worst[1] = fmax(worst[1], listen_to(rig, last, 4000) / (steady() * scene->ways));
    graph_check_model(rig->ctl);
    graph_rig_free(rig);
}

START_TEST(no_edit_clicks)
{
    double worst[KINDS] = {0}, most = 0;
    printf("R11");
    for (unsigned s = 0; s < ROWS(scenes); s++) {
        play(&scenes[s], worst + 2 * s);
        printf(" %s=%.2f %s=%.2f", scenes[s].there, worst[2 * s], scenes[s].back, worst[2 * s + 1]);
        most = fmax(most, fmax(worst[2 * s], worst[2 * s + 1]));
    }
    printf("\nREL R11 kinds=%zu edits=%zu worst=%.3f of=%.1f %s\n", KINDS, KINDS * EDITS, most, MOST,
           most <= MOST ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert_double_le(most, MOST);
}
END_TEST

/* The measure has teeth: what is asked to be cut is heard. */
START_TEST(a_cut_clicks)
{
    static const char *const cuts[] = {"fade 0; disconnect t g", "fade 0; connect t g", "set g gain -40 0",
                                       "set g gain 0 0"};
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    double last[2] = {0};
    graph_rig_commit(rig, "add t tone; add g gain 1; connect t g; connect g out gain=-12");
    graph_rig_settle(rig);
    listen_to(rig, last, 12); /* off the zeros of the tone */
    for (unsigned i = 0; i < ROWS(cuts); i++) {
        graph_rig_commit(rig, "%s", cuts[i]);
        ck_assert_double_gt(listen_to(rig, last, 1013), 3 * steady());
    }
    graph_rig_free(rig);
}
END_TEST

/* One session is never heard over the other. */
START_TEST(a_session_fades_out_before_the_next_fades_in)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    double last[2] = {0};
    swap_session(rig, "add s source value=0.5; connect s out");
    graph_rig_settle(rig);
    listen_to(rig, last, 2);
    ck_assert_double_eq_tol(last[1], 0.5, 1e-6);
    swap_session(rig, "add s source value=0.5; connect s out");
    graph_rig_run(rig, 1500);
    for (unsigned i = 0; i < 1500; i++) {
        double theory = i < 480 ? 1 - i / 480.0 : i < 960 ? (i - 480) / 480.0 : 1;
        MUST(fabs((double)rig->heard[RIG_OUT][i] - 0.5 * theory) < 1e-6, "frame %u: %g", i, (double)rig->heard[RIG_OUT][i]);
    }
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {no_edit_clicks, a_cut_clicks, a_session_fades_out_before_the_next_fades_in};
    return suite_run("clicks", 60, tests, ROWS(tests));
}
