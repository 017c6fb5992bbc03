/* Row voices: notes in storms on containers while these are edited. Never do more voices run than may, none is stuck, nothing
 * clicks, and voices that rest cost nothing. */
#include <check.h>
#include <math.h>
#include <stdio.h>

#include "tests/graph_check.h"
#include "tests/suite.h"
#include "tests/voice_rig.h"

#define RATE_HZ  48000
#define N_VOICES 6
#define N_ROUNDS RIG_ROUNDS(1500, 150)
#define LEVEL                                                                                                              \
    0.015848931924611134 /* of a voice: -36 dB, so that all of them in phase stay below the ceiling, each by three ways */
#define N_MOST (N_VOICES + POLYPHONY_SPARE)

/* Seen over the whole of it. */
struct storm {
    struct graph_rig *rig;
    uint32_t seed;
    double last[2], worst; /* frames heard last; the largest second difference */
    float most;            /* voices at once */
    unsigned n_notes, n_edits, n_awake, n_stuck;
};

/* What goes on in a voice for seconds, the wet path beside the dry one. */
static const char *const edits[] = {
    "fade 0.01; add pad/x gain 1; connect pad/vca pad/x; connect pad/x pad/out",
    "fade 0.01; replace pad/x gain 1 gain=-6",
    "fade 0.01; replace pad/x pan channels=1",
    "fade 0.01; remove pad/x",
    "fade 0.01; disconnect pad/vca pad/out",
    "fade 0.01; connect pad/vca pad/out",
    "fade 0.01; add pad/d delay 1 mix=0.5 feedback=0.9 time=0.05; connect pad/vca pad/d; connect pad/d pad/out gain=-12",
    "fade 0.01; remove pad/d",
    "fade 0.01; connect pad/o2 pad/vca:a gain=-12",
    "fade 0.01; disconnect pad/o2 pad/vca:a",
    "rename pad other; rename other pad",
    "fade 0.01; add second voices; connect second/in:gate second/out; connect second/out out gain=-120",
    "fade 0.01; remove second",
    "set pad steal 1",
    "set pad steal 2",
    "set pad steal 0",
    "set pad mode 1",
    "set pad mode 2",
    "set pad mode 0",
    "set pad unison 3",
    "set pad unison 1",
    "set pad/env release 2",
    "set pad/env release 0.02",
};

static void pad_make(struct graph_rig *rig)
{
    graph_rig_commit(rig,
                     "fade 0.01; add pad voices voices=%u detune=0; add pad/o osc wave=0 freq=220 level=-36; "
                     "add pad/o2 osc wave=0 freq=110 level=-36; add pad/vca math op=2; "
                     "add pad/env adsr curve=0 attack=0.005 decay=0 sustain=1 release=0.5; connect pad/in:gate pad/env; "
                     "connect pad/o pad/vca:a; connect pad/env pad/vca:b; connect pad/vca pad/out; connect pad/out out",
                     N_VOICES);
    graph_rig_settle(rig);
}

static void listen(struct storm *storm, size_t n)
{
    graph_rig_run(storm->rig, n);
    for (size_t i = 0; i < n; i++) {
        double x = (double)voice_heard(storm->rig)[i];
        storm->worst = fmax(storm->worst, fabs(x - 2 * storm->last[1] + storm->last[0]));
        storm->last[0] = storm->last[1];
        storm->last[1] = x;
    }
    float active = voice_reading(storm->rig, "pad", 0);
    storm->most = active > storm->most ? active : storm->most;
}

static void let_all_go(struct storm *storm)
{
    for (unsigned note = 0; note < 24; note++)
        voice_let_go(storm->rig, (float)(36 + note));
}

/* Steps of voices that are visited though no voice has a note. */
static unsigned n_awake(const struct graph_rig *rig)
{
    const struct plan *plan = rig->ctl->engine->plan;
    unsigned n = 0;
    for (unsigned i = 0; i < plan->n_steps; i++)
        n += plan->steps[i].io.voice && plan->due[i];
    return n;
}

static void round_play(struct storm *storm)
{
    for (unsigned more = dice_below(&storm->seed, 4); more < 4; more++, storm->n_notes++)
        voice_press(storm->rig, 36 + (float)dice_below(&storm->seed, 24));
    for (unsigned k = 0; k < 3; k++)
        voice_let_go(storm->rig, 36 + (float)dice_below(&storm->seed, 24));
    if (dice_below(&storm->seed, 2))
        storm->n_edits += graph_rig_try(storm->rig, "%s", edits[dice_below(&storm->seed, ROWS(edits))]) == 0;
    listen(storm, 64 + dice_below(&storm->seed, 2500));
}

/* Everybody lets go: within a few seconds all is over, but for what was to last longer. */
static void end(struct storm *storm)
{
    let_all_go(storm);
    graph_rig_try(storm->rig, "set pad/env release 0.02");
    graph_rig_try(storm->rig, "fade 0.01; remove pad/d");
    for (unsigned k = 0; k < 10; k++)
        listen(storm, 20000);
    storm->n_stuck += (unsigned)voice_reading(storm->rig, "pad", 0);
    storm->n_awake += n_awake(storm->rig);
}

START_TEST(storms_of_notes_on_voices_that_are_edited_end_and_do_not_click)
{
    struct storm storm = {.rig = graph_rig_new(RATE_HZ), .seed = 41};
    storm.rig->period = 0;
    pad_make(storm.rig);
    for (unsigned round = 0; round < N_ROUNDS; round++) {
        round_play(&storm);
        if (round % 150 == 149)
            end(&storm);
    }
    graph_check_model(storm.rig->ctl);
    /* Attacks end within 240 frames, fades within 240 and 480: a voice may bend by that, three ways at once. */
    double may = N_MOST * 3 * LEVEL / 240;
    bool passes = storm.n_stuck == 0 && storm.n_awake == 0 && storm.most <= N_MOST && storm.worst < may;
    printf("REL voices notes=%u edits=%u voices_most=%.0f of=%d stuck=%u awake_at_rest=%u roughness=%.4f of=%.4f %s\n",
           storm.n_notes, storm.n_edits, (double)storm.most, N_MOST, storm.n_stuck, storm.n_awake, storm.worst, may,
           passes ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(passes);
    graph_rig_free(storm.rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {storms_of_notes_on_voices_that_are_edited_end_and_do_not_click};
    return suite_run("voice storm", 60, tests, ROWS(tests));
}
