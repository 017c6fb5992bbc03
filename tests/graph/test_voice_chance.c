/* What is left to chance is so in every voice of a container by itself, and the same each time. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"
#include "tests/voice_rig.h"

#define RATE_HZ 48000
#define N       (1u << 18)

/* Nodes that draw lots, and how that is heard. */
static const struct drawing {
    const char *type;
    struct {
        const char *param;
        float value;
    } set[4];
    float in;       /* on every input */
    bool is_played; /* a note is held */
    double alike;   /* the most that two of its voices may have in common; 1: they are not to be the same */
} drawings[] = {
    {"noise", .alike = 0.01},
    {"noise", {{"colour", 3}}, .alike = 0.01},
    {"noise", {{"colour", 1}}, .alike = 0.1},
    {"lfo", {{"shape", 5}, {"rate", 100}}, .alike = 0.2},
    {"lfo", {{"shape", 6}, {"rate", 100}}, .alike = 0.2},
    {"bitcrusher", {{"bits", 4}, {"dither", 1}}, 0.3f, .alike = 1},
    {"vocoder", .in = 0.3f, .alike = 1},
    {"analog", {{"level1", 0}, {"level2", 0}, {"noise", 1}}, .is_played = true, .alike = 0.2},
    {"arpeggiator", {{"mode", 5}}, .is_played = true, .alike = 1},
    {"sequencer", {{"steps", 2}, {"direction", 3}, {"note2", 80}}, .alike = 1},
};

/* A hearing of one voice: its sound, or the notes that it plays. */
struct hearing {
    float *x;
    struct event *played;
    size_t n_played;
};

static const struct event chord[] = {
    {0, EVENT_NOTE_ON, 0, .note = 60, .value = 100},
    {0, EVENT_NOTE_ON, 0, .note = 64, .value = 100},
    {0, EVENT_NOTE_ON, 0, .note = 67, .value = 100},
};

static void play(struct rig *rig, const struct drawing *drawing, float *x)
{
    static float in[N], room[RIG_CHANNELS_MAX][N];
    const float *ins[RIG_CHANNELS_MAX];
    float *outs[RIG_CHANNELS_MAX];
    for (size_t i = 0; i < N; i++)
        in[i] = drawing->in * (float)sin(0.3 * (double)i);
    for (unsigned c = 0; c < RIG_CHANNELS_MAX; c++) {
        ins[c] = in;
        outs[c] = c ? room[c] : x;
    }
    rig->events = drawing->is_played ? chord : NULL;
    rig->n_events = drawing->is_played ? ROWS(chord) : 0;
    rig_process(rig, ins, outs, N);
}

static struct hearing hear(const struct drawing *drawing, unsigned voice)
{
    struct rig rig = rig_new(drawing->type, RATE_HZ, 0);
    struct hearing hearing = {.x = calloc(N, sizeof(float))};
    for (unsigned i = 0; i < ROWS(drawing->set) && drawing->set[i].param; i++)
        rig_set(&rig, drawing->set[i].param, drawing->set[i].value);
    rig.voice = voice;
    rig.is_rolling = true;
    rig_start(&rig);
    play(&rig, drawing, hearing.x);
    hearing.n_played = rig.n_played;
    hearing.played = calloc(rig.n_played + 1, sizeof *hearing.played);
    if (rig.n_played)
        memcpy(hearing.played, rig.played, rig.n_played * sizeof *hearing.played);
    rig_free(&rig);
    return hearing;
}

static void forget(const struct hearing *hearing)
{
    free(hearing->x);
    free(hearing->played);
}

static bool same(const struct hearing *a, const struct hearing *b)
{
    bool is_same = a->n_played == b->n_played && memcmp(a->x, b->x, N * sizeof(float)) == 0;
    for (size_t i = 0; is_same && i < a->n_played; i++)
        is_same = a->played[i].offset == b->played[i].offset && a->played[i].note == b->played[i].note;
    return is_same;
}

/* -1 to 1. */
static double correlation(const float *a, const float *b, size_t n)
{
    double mean_a = mean(a, n), mean_b = mean(b, n), ab = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < n; i++) {
        ab += (a[i] - mean_a) * (b[i] - mean_b);
        aa += (a[i] - mean_a) * (a[i] - mean_a);
        bb += (b[i] - mean_b) * (b[i] - mean_b);
    }
    return ab / sqrt(aa * bb);
}

START_TEST(voices_draw_lots_of_their_own_and_the_same_each_time)
{
    const struct drawing *drawing = &drawings[_i];
    struct hearing one = hear(drawing, 0), two = hear(drawing, 1), again = hear(drawing, 1), last = hear(drawing, 257);
    ck_assert_msg(same(&two, &again), "%s: not the same twice", drawing->type);
    ck_assert_msg(!same(&one, &two) && !same(&two, &last) && !same(&one, &last), "%s: the same", drawing->type);
    if (drawing->alike < 1) {
        ck_assert_double_lt(fabs(correlation(one.x, two.x, N)), drawing->alike);
        ck_assert_double_lt(fabs(correlation(two.x, last.x, N)), drawing->alike);
    }
    forget(&one);
    forget(&two);
    forget(&again);
    forget(&last);
}
END_TEST

START_TEST(every_class_with_a_seed_is_among_them)
{
    for (unsigned i = 0; i < n_node_registry; i++) {
        const struct node_class *class = node_registry[i];
        bool has_seed = false, is_there = false;
        for (unsigned p = 0; p < class->n_params; p++)
            has_seed |= strcmp(class->params[p].name, "seed") == 0;
        for (unsigned d = 0; d < ROWS(drawings); d++)
            is_there |= strcmp(drawings[d].type, class->name) == 0;
        ck_assert_msg(!has_seed || is_there, "%s", class->name);
    }
}
END_TEST

/* Root mean square of so many voices of noise. */
static double loudness(unsigned n_voices)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "add pad voices; add pad/n noise level=-40; add pad/vca math op=2; connect pad/n pad/vca:a; "
                          "connect pad/in:gate pad/vca:b; connect pad/vca pad/out; connect pad/out out");
    graph_rig_settle(rig);
    for (unsigned i = 0; i < n_voices; i++)
        voice_press(rig, 60 + (float)i);
    graph_rig_run(rig, 1000);
    graph_rig_run(rig, 48000);
    double level = rms(voice_heard(rig), 48000);
    graph_rig_free(rig);
    return level;
}

START_TEST(eight_voices_of_noise_are_nine_decibels_louder_than_one)
{
    ck_assert_double_eq_tol(decibel(loudness(8) / loudness(1)), 9.03, 0.2);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("voice chance");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, voices_draw_lots_of_their_own_and_the_same_each_time, 0, (int)ROWS(drawings));
    tcase_add_test(tests, every_class_with_a_seed_is_among_them);
    tcase_add_test(tests, eight_voices_of_noise_are_nine_decibels_louder_than_one);
    return suite_run_case("voice chance", tests);
}
