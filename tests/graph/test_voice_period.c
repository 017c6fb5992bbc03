/* Containers sound alike at every period: a voice is of its notes, and of where it stood when the one before stopped. */
#include <check.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/spectrum.h"
#include "tests/suite.h"
#include "tests/voice_rig.h"

#define RATE_HZ  48000
#define N_FRAMES ((size_t)RIG_ROUNDS(30000, 10000))
#define STORM_AT 20000

/* A voice with an envelope; its notes bend and glide. */
#define PAD                                                                                                                \
    "add pad voices voices=3; set pad/in bend 12; set pad/in glide 0.02; add pad/env adsr release=0.05; "                  \
    "add pad/vca math op=2; connect pad/in:gate pad/env; connect pad/env pad/vca:b; connect pad/vca pad/out; "             \
    "connect pad/out out gain=-12; "
#define HEARD  "; connect pad/o pad/vca:a"
#define PLAYED "; connect pad/in:pitch pad/o:freq depth=1"

/* What is in a voice besides, and by how many decibels its sounds are alike; 0: they are the same. Filters and coloured noise take eight
 * frames at once from where a block begins. */
static const struct {
    const char *words;
    double least_db;
} voices[] = {
    {"add pad/o osc wave=0" HEARD PLAYED, 0},
    {"add pad/o osc wave=1" HEARD PLAYED, 0},
    {"add pad/o osc wave=2" HEARD PLAYED, 0},
    {"add pad/o osc wave=4" HEARD PLAYED, 0},
    {"add pad/o osc wave=2; add w lfo rate=5; connect w pad/o:freq depth=0.1" HEARD PLAYED, 0},
    {"add pad/o osc wave=0; connect pad/o pad/out; connect pad/in:pressure pad/o:level depth=6; "
     "connect pad/in:gate pad/o:level depth=50" PLAYED,
     0},
    {"add pad/o wavetable" HEARD PLAYED, 0},
    {"add pad/o lfo rate=100; connect pad/in:pitch pad/o:rate depth=1" HEARD, 0},
    {"add pad/o lfo rate=100 shape=6; connect pad/in:pitch pad/o:rate depth=1" HEARD, 0},
    {"add pad/o noise" HEARD, 0},
    {"add pad/o noise colour=1" HEARD, 120},
    {"add pad/o noise colour=2" HEARD, 120},
    {"add pad/o osc wave=2; add pad/f filter cutoff=900 q=3; connect pad/o pad/f; connect pad/f pad/vca:a; "
     "connect pad/env pad/f:cutoff depth=2" PLAYED,
     120},
    /* without an envelope */
    {"add pad/o wavetable level=-40; connect pad/o pad/out; connect pad/in:gate pad/o:level depth=20" PLAYED, 0},
    /* late, and meeting what is not */
    {"add pad/o wavetable; add pad/l limiter; connect pad/o pad/l; connect pad/l pad/vca:a" HEARD PLAYED, 0},
    /* with an echo, in a delay and by an edge */
    {"add pad/o wavetable; add pad/d delay time=0.01; connect pad/o pad/d; connect pad/d pad/vca:a; "
     "connect pad/d pad/d feedback gain=-6" PLAYED,
     0},
    {"add pad/o wavetable; add pad/d delay time=0.01; connect pad/vca pad/d; connect pad/d pad/out" HEARD PLAYED, 0},
    {"add pad/o wavetable; add pad/c chorus; connect pad/o pad/c; connect pad/c pad/vca:a" PLAYED, 0},
    {"add pad/o wavetable; set pad unison 2; set pad steal 1" HEARD PLAYED, 0},
    {"add pad/o wavetable; set pad mode 1" HEARD PLAYED, 0},
    {"add pad/o wavetable; set pad mode 2; set pad/in legato 0" HEARD PLAYED, 0},
};

static const unsigned periods[] = {37, 64, 16, 100, 1000};

/* Values that glide while some voices sound and others rest. */
static void values_set(struct graph_rig *rig)
{
    for (unsigned k = 0; k < 8; k++)
        graph_rig_commit(rig, "at %u; set pad/env release %g; set pad/in bend %u", STORM_AT + 777 * k,
                         0.01 + 0.02 * (k % 3), k % 2 ? 12 : 2);
}

/* What a storm of notes sounds like at this period. */
static float *storm_hear(const char *words, unsigned period)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    float *heard = malloc(N_FRAMES * sizeof *heard);
    graph_rig_commit(rig, PAD "%s", words);
    graph_rig_settle(rig);
    rig->period = period;
    graph_rig_commit(rig, "at %u; add st storm; connect st pad", STORM_AT);
    values_set(rig);
    graph_rig_run(rig, STORM_AT);
    graph_rig_run(rig, N_FRAMES);
    memcpy(heard, voice_heard(rig), N_FRAMES * sizeof *heard);
    graph_rig_free(rig);
    return heard;
}

/* Both with the same bits, or within so many decibels of each other. */
static void check_alike(const char *words, double least_db, unsigned n_periods)
{
    float *heard = storm_hear(words, 256);
    for (unsigned i = 0; i < n_periods; i++) {
        float *other = storm_hear(words, periods[i]);
        double db = memcmp(heard, other, N_FRAMES * sizeof *heard) == 0 ? INFINITY : snr_db(heard, other, N_FRAMES);
        ck_assert_msg(least_db > 0 ? db >= least_db : isinf(db), "%s: %.1f dB at a period of %u", words, db, periods[i]);
        free(other);
    }
    free(heard);
}

START_TEST(a_storm_of_notes_and_bends_sounds_alike_at_every_period)
{
    float *heard = storm_hear(voices[_i].words, 256);
    ck_assert(voice_highest(heard, 0, N_FRAMES) > 0.01);
    free(heard);
    check_alike(voices[_i].words, voices[_i].least_db, ROWS(periods));
}
END_TEST

struct words {
    char text[2000];
    size_t n;
};

__attribute__((format(printf, 2, 3))) static void add(struct words *words, const char *format, ...)
{
    va_list values;
    va_start(values, format);
    words->n += (size_t)vsnprintf(words->text + words->n, sizeof words->text - words->n, format, values);
    va_end(values);
}

/* By the envelope, and by the pitch: half an octave, or a tenth of its range. */
static void move_by(struct words *words, const struct param_info *param, const char *by)
{
    double depth = param->curve == CURVE_LOG ? 0.5 : 0.1 * (double)(param->max - param->min);
    add(words, "; connect pad/%s pad/x:%s depth=%g", by, param->name, depth);
}

/* It hears an oscillator, and the notes of the voice where it takes some. */
static void put(struct words *words, const struct node_class *class)
{
    unsigned n_moved = 0;
    add(words, "add pad/o wavetable level=-30" PLAYED "; add pad/x %s", class->name);
    for (unsigned p = 0; p < class->n_inputs; p++)
        if (class->inputs[p].number < 3)
            add(words, "; connect pad%s pad/x:%s", class->inputs[p].events ? "" : "/o", class->inputs[p].name);
    for (unsigned p = 0; p < class->n_params && n_moved < 3; p++)
        if (class->params[p].kind == PARAM_CONTINUOUS && !class->params[p].flags && !class->params[p].number)
            move_by(words, &class->params[p], n_moved++ ? "in:pitch" : "env");
    for (unsigned p = 0; p < class->n_outputs && p < 2; p++)
        if (!class->outputs[p].events)
            add(words, "; connect pad/x:%s pad/vca:a", class->outputs[p].name);
}

static bool may_be_inside(const struct node_class *class)
{
    bool has_file = false;
    for (unsigned p = 0; p < class->n_params; p++)
        has_file |= param_is_path(&class->params[p]);
    return !class->device && !class->voices_by && !class->ends_voices && !has_file;
}

/* As in test_periods.c; and what is let go is silence below -160 dB, block by block, which a slow end such as that of `fm` passes. */
static double least_db_of(const struct node_class *class)
{
    static const char *const rounding[] = {"butterworth", "compressor", "eq", "filter", "fm", "noise"};
    for (unsigned i = 0; i < ROWS(rounding); i++)
        if (strcmp(rounding[i], class->name) == 0)
            return 120;
    return 0;
}

START_TEST(every_class_in_a_voice_sounds_alike_at_every_period)
{
    struct words words = {.n = 0};
    const struct node_class *class = node_registry[_i];
    if (!may_be_inside(class))
        return;
    put(&words, class);
    check_alike(words.text, least_db_of(class), 2);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("voice period");
    tcase_set_timeout(tests, 30);
    tcase_add_loop_test(tests, a_storm_of_notes_and_bends_sounds_alike_at_every_period, 0, (int)ROWS(voices));
    tcase_add_loop_test(tests, every_class_in_a_voice_sounds_alike_at_every_period, 0, (int)n_node_registry);
    return suite_run_case("voice period", tests);
}
