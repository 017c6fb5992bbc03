/* Signals that stand still: who gives them is not run, and nobody hears the difference. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/dsp/still.h"
#include "tests/note_storm.h"
#include "tests/suite.h"
#include "tests/trial.h"
#include "tests/voice_rig.h"

#define RATE_HZ 48000
#define PIECES  RIG_ROUNDS(400, 60)

/* ---- a class by itself ----------------------------------------------------------------------------------------------- */

#define CHANNELS 8
#define BLOCKS   RIG_ROUNDS(2000, 200)

/* One node, run with every frame of what it hears, and with the first one where that is enough. */
struct side {
    struct trial trial;
    float in[CHANNELS][BLOCK_MAX], out[CHANNELS][BLOCK_MAX];
    const float *ins[CHANNELS];
    float *outs[CHANNELS];
    bool is_still[CHANNELS], gives_still[CHANNELS];
    const bool *stills[CHANNELS];
    struct param params[RIG_PARAMS_MAX];
};

static struct side whole, brief;
static float frames[RIG_PARAMS_MAX][BLOCK_MAX];

static void side_open(struct side *side, const struct node_class *class)
{
    side->trial = trial_new(class, 0, RATE_HZ);
    trial_start(&side->trial);
    for (unsigned c = 0; c < CHANNELS; c++) {
        side->ins[c] = side->in[c];
        side->outs[c] = side->out[c];
        side->stills[c] = &side->is_still[c];
    }
}

static void params_draw(const struct node_class *class, uint32_t *seed)
{
    for (unsigned row = 0; row < class->n_params; row++) {
        const struct param_info *info = &class->params[row];
        /* Often an end of the range: times of no length lead to where things stand still. */
        float low = param_value_at(info, dice_below(seed, 3) ? 0 : dice_below(seed, 101) / 100.0);
        float high = param_value_at(info, dice_below(seed, 101) / 100.0);
        bool moves = dice_below(seed, 10) == 0, jumps = dice_below(seed, 20) == 0;
        if (jumps || !whole.trial.rig.frame)
            whole.params[row] = (struct param){.value = jumps ? low : info->initial};
        whole.params[row].frames = moves ? frames[row] : NULL;
        for (unsigned i = 0; moves && i < BLOCK_MAX; i++)
            frames[row][i] = i < 100 ? whole.params[row].value : high;
        brief.params[row] = whole.params[row];
    }
}

/* Gates and levels, mostly still. */
static void sound_draw(unsigned n_in, uint32_t *seed)
{
    for (unsigned c = 0; c < n_in; c++) {
        bool is_still = dice_below(seed, 5) != 0, keeps = dice_below(seed, 2) == 0;
        float value = keeps ? whole.in[c][0] : (float)dice_below(seed, 5) / 4;
        for (unsigned i = 0; i < BLOCK_MAX; i++)
            whole.in[c][i] = is_still ? value : (float)(dice_below(seed, 40) == 0);
        brief.is_still[c] = is_still;
        for (unsigned i = 0; i < BLOCK_MAX; i++)
            brief.in[c][i] = is_still && i ? NAN : whole.in[c][i];
    }
}

static void run_side(struct side *side, struct node_io io)
{
    io.in = side->ins;
    io.out = side->outs;
    io.param = side->params;
    io.readings = side->trial.rig.readings;
    memset(side->gives_still, 0, sizeof side->gives_still);
    io.still_in = side == &brief ? side->stills : NULL;
    io.still_out = side->gives_still;
    side->trial.rig.class->process(side->trial.rig.state, &io);
}

static unsigned compare(const char *name, unsigned n_out, unsigned n, uint32_t may)
{
    unsigned n_still = 0;
    for (unsigned c = 0; c < n_out; c++) {
        ck_assert_msg(!brief.gives_still[c] || may >> c & 1, "%s gives less than what is asked for", name);
        n_still += brief.gives_still[c];
        for (unsigned i = 0; i < n; i++) {
            const float *a = &whole.out[c][i], *b = &brief.out[c][brief.gives_still[c] ? 0 : i];
            ck_assert_msg(!memcmp(a, b, sizeof *a), "%s, channel %u, frame %u of %u: %.9g with every frame, %.9g without",
                          name, c, i, n, (double)*a, (double)*b);
        }
    }
    return n_still;
}

/* What is not there is no number: nobody looks at it. */
START_TEST(every_class_gives_the_same_whether_still_signals_are_written_out_or_not)
{
    const struct node_class *class = node_registry[_i];
    struct event_list events;
    uint32_t seed = 7 + (uint32_t)_i, n_still = 0;
    if (!class->takes_still && !class->gives_still)
        return;
    ck_assert(class->finite);
    side_open(&whole, class);
    side_open(&brief, class);
    unsigned n_in = whole.trial.rig.n_in, n_out = whole.trial.rig.n_out;
    for (unsigned block = 0; block < BLOCKS; block++) {
        unsigned n = block % 3 ? BLOCK_MAX : 1 + dice_below(&seed, BLOCK_MAX);
        uint64_t *frame = &whole.trial.rig.frame;
        uint32_t may = dice(&seed) | dice(&seed);
        params_draw(class, &seed);
        sound_draw(class->takes_still ? n_in : 0, &seed);
        /* Rests between the notes: bends and pressure move all the while. */
        events.n = block / 20 % 2 ? storm_fill(*frame, n, events.event, EVENTS_MOST) : 0;
        struct node_io io = {.frame = *frame, .n = n, .wired = UINT32_MAX, .events = &events};
        run_side(&whole, io);
        io.may_be_still = may;
        run_side(&brief, io);
        n_still += compare(class->name, n_out, n, may);
        *frame += n;
    }
    ck_assert_msg(!class->gives_still || n_still > BLOCKS / 20, "%s gives %u still signals", class->name, n_still);
    trial_free(&whole.trial);
    trial_free(&brief.trial);
}
END_TEST

/* ---- in a graph ------------------------------------------------------------------------------------------------------ */

static const char *const graph =
    "add pad voices voices=6; add pad/o osc wave=2 level=-30; add pad/k constant value=0.25; add pad/sum math op=0; "
    "add pad/env adsr attack=0.01 decay=0.02 sustain=0.5 release=0.05; add pad/vca math op=2; add pad/far constant "
    "value=0.1; "
    "connect pad/in:pitch pad/sum:a gain=-3; connect pad/in:velocity pad/sum:a; connect pad/k pad/sum:b; "
    "connect pad/sum pad/o:freq depth=0.5; connect pad/in:gate pad/env; connect pad/in:trigger pad/env:retrigger; "
    "connect pad/o pad/vca:a; connect pad/env pad/vca:b; connect pad/vca pad/out; connect pad/out out; "
    "add k constant value=0.5; add m math op=2; add l lfo rate=3; add o osc wave=0 level=-20; connect k m:a; "
    "connect k m:b; connect m o:freq depth=2; connect pad/far o:level depth=9; connect o out; "
    "add e adsr attack=0.02 decay=0.05; add g gain gain=-20; connect m e; connect e g:gain depth=9; connect o g; "
    "connect g out";

/* They need every frame of whatever stands still, and are not heard themselves. */
static const char *const witnesses =
    "add pad/w mixer inputs=8; connect pad/in:pitch pad/w:in1; connect pad/in:gate pad/w:in2; "
    "connect pad/in:velocity pad/w:in3; connect pad/in:trigger pad/w:in4; connect pad/k pad/w:in5; "
    "connect pad/sum pad/w:in6; connect pad/env pad/w:in7; connect pad/far pad/w:in8; "
    "add w mixer inputs=3; connect k w:in1; connect m w:in2; connect e w:in3";

static void act(struct graph_rig *rig, uint32_t *seed)
{
    static const char *const bypassed[] = {"m", "k", "pad/env", "pad/sum", "e"};
    float value = (float)dice_below(seed, 101) / 100, note = (float)(50 + dice_below(seed, 20));
    double glide_s = 0.004 * dice_below(seed, 2);
    switch (dice_below(seed, 10)) {
    case 0:
    case 1:
        return voice_press(rig, note);
    case 2:
    case 3:
        return voice_let_go(rig, note);
    case 4:
        return voice_play(rig, "pad", EVENT_BEND, 0, value);
    case 5:
        return graph_rig_set(rig, dice_below(seed, 2) ? "k" : "pad/k", "value", value, glide_s);
    case 6:
        return graph_rig_set(rig, dice_below(seed, 2) ? "e" : "pad/env", "sustain", value, glide_s);
    case 7:
        return graph_rig_set(rig, bypassed[dice_below(seed, ROWS(bypassed))], "bypass", (float)dice_below(seed, 2), -1);
    case 8:
        graph_rig_try(rig, "%s", dice_below(seed, 2) ? "connect l m:b" : "disconnect l m:b"); /* it may be so already */
        return;
    default:
        return graph_rig_set(rig, "m", "op", (float)dice_below(seed, 4), -1);
    }
}

/* What pieces in which little happens sound like; `heard` holds them all. */
static void hear(float *heard, size_t n_piece, bool has_witnesses, uint32_t seed)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    rig->period = seed == 1 ? 64 : 37; /* voices begin and stop within blocks */
    graph_rig_commit(rig, "%s", graph);
    graph_rig_commit(rig, "%s", has_witnesses ? witnesses : "add w gain; add pad/w gain");
    graph_rig_settle(rig);
    for (unsigned piece = 0; piece < PIECES; piece++) {
        act(rig, &seed);
        graph_rig_run(rig, n_piece);
        memcpy(heard + piece * n_piece, voice_heard(rig), n_piece * sizeof *heard);
    }
    graph_rig_free(rig);
}

START_TEST(who_needs_every_frame_changes_nothing_for_the_others)
{
    const size_t n_piece = 1024, n = n_piece * PIECES;
    float *heard = malloc(n * sizeof *heard), *witnessed = malloc(n * sizeof *witnessed);
    hear(heard, n_piece, false, (uint32_t)_i + 1);
    hear(witnessed, n_piece, true, (uint32_t)_i + 1);
    ck_assert(voice_highest(heard, 0, n) > 0.01);
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(heard[i] == witnessed[i], "frame %zu of piece %zu: %.9g, with witnesses %.9g", i % n_piece,
                      i / n_piece, (double)heard[i], (double)witnessed[i]);
    free(heard);
    free(witnessed);
}
END_TEST

static bool stands_still(const struct graph_rig *rig, const char *name)
{
    return graph_rig_node(rig, name)->object->slumber == SLUMBER_STILL;
}

START_TEST(who_stands_still_runs_again_when_it_is_told_something)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "add k constant value=0.5; add m math op=2; add g gain gain=0; connect k m:a; connect k m:b; "
                          "connect in g; connect m g:gain depth=-8; connect g out; add e adsr sustain=0.25; connect m e");
    graph_rig_settle(rig);
    graph_rig_run(rig, RATE_HZ);
    ck_assert(stands_still(rig, "k") && stands_still(rig, "m") && stands_still(rig, "e") == false); /* its gate is closed */
    graph_rig_set(rig, "k", "value", 1, 0);
    graph_rig_run(rig, 256);
    ck_assert_float_eq_tol(voice_heard(rig)[255] / graph_rig_noise(0, ctl_clock(rig->ctl) - 1), powf(10, -8 / 20.0f),
                           1e-5f);
    graph_rig_run(rig, RATE_HZ);
    ck_assert(stands_still(rig, "k") && stands_still(rig, "m") && stands_still(rig, "e"));
    graph_rig_set(rig, "e", "sustain", 0.75f, 0);
    graph_rig_run(rig, 256);
    ck_assert_float_eq_tol(graph_rig_node(rig, "e")->object->params[2].value, 0.75f, 1e-6f);
    graph_rig_free(rig);
}
END_TEST

START_TEST(the_meter_of_who_stands_still_tells_where)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "add k constant value=0.5; add g gain; connect in g; connect g out; connect k g:gain depth=1");
    graph_rig_settle(rig);
    graph_rig_run(rig, RATE_HZ);
    struct node_rt *object = graph_rig_node(rig, "k")->object;
    ck_assert(stands_still(rig, "k"));
    meter_watch(object, ctl_clock(rig->ctl), RATE_HZ);
    for (unsigned i = 0; i < 2; i++) {
        graph_rig_run(rig, RATE_HZ / 2);
        ck_assert(meter_is_current(object, ctl_clock(rig->ctl)));
        ck_assert_float_eq_tol(meter_db(object, 0, METER_PEAK), -6.02f, 0.01f);
        ck_assert_float_eq_tol(meter_db(object, 0, METER_RMS), -6.02f, 0.01f);
        graph_rig_set(rig, "k", "value", i ? 0.5f : -0.5f, 0); /* it runs, and is measured like any other */
    }
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("still");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, every_class_gives_the_same_whether_still_signals_are_written_out_or_not, 0,
                        (int)n_node_registry);
    tcase_add_loop_test(tests, who_needs_every_frame_changes_nothing_for_the_others, 0, 3);
    tcase_add_test(tests, who_stands_still_runs_again_when_it_is_told_something);
    tcase_add_test(tests, the_meter_of_who_stands_still_tells_where);
    return suite_run_case("still", tests);
}
