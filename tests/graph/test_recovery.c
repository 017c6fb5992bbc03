/* What is left of bad input 100 ms after its end, asked of every class at each of its inputs, side-chains too, with what
 * test_contract.c and test_abuse.c do not ask: that a node has not only come back, but sounds as if it had heard silence.
 *
 *     noise, or silence | 50 ms of garbage at one input or at all | as before: for 100 ms, and then it is listened to
 *
 * What is no number, infinite or beyond all sound is to be taken for silence, and leaves nothing. 60 dB above full scale are
 * sound: echoes of them may ring, but stay numbers.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/graph_rig.h"
#include "tests/suite.h"
#include "tests/trial.h"

#define RATE         48000
#define BEFORE       ((size_t)4800)
#define BAD          ((size_t)2400)
#define RECOVER      ((size_t)4800)
#define LISTEN       ((size_t)4800)
#define ALL          (BEFORE + BAD + RECOVER + LISTEN)
#define AMPLITUDE    0.25
#define ALIKE_DB     6.0
#define SILENT_DB    (-100.0)
#define LOUDEST_DB   110.0 /* 60 dB above full scale, and what gains and resonances add */
#define BLOCK_FRAMES 173   /* unlike any length above */

enum setting { INITIAL, LEAST, MOST, ANY, N_SETTINGS };

static const float poisons[] = {NAN, INFINITY, 1e38f, 1e-40f};
#define LOUD 1000.0f

static double level_db(const struct take *take)
{
    double sum = 0;
    for (unsigned c = 0; c < take->channels; c++)
        for (size_t i = ALL - LISTEN; i < ALL; i++)
            sum += (double)take->channel[c][i] * (double)take->channel[c][i];
    return 10 * log10(sum / LISTEN + 1e-30);
}

static struct take run(const struct node_class *class, enum setting setting, const struct take *in)
{
    struct trial trial = trial_new(class, 0, RATE);
    if (setting == ANY)
        trial_randomise(&trial, 4);
    for (unsigned p = 0; p < class->n_params; p++)
        if ((setting == LEAST || setting == MOST) && !(class->params[p].flags & PARAM_AT_CREATION))
            trial.rig.value[p] = setting == MOST ? class->params[p].max : class->params[p].min;
    trial.rig.block = BLOCK_FRAMES;
    trial_start(&trial);
    struct take out = trial_run(&trial, in);
    trial_free(&trial);
    return out;
}

/* Which channels are fed with what. */
struct bad {
    unsigned from, end;
    float poison;
    bool is_dense;
};

static struct take broken(const struct take *in, const struct bad *bad)
{
    struct take take = take_new(in->channels, ALL, 0, 0);
    for (unsigned c = 0; c < in->channels; c++) {
        memcpy(take.channel[c], in->channel[c], ALL * sizeof(float));
        for (size_t i = BEFORE; i < BEFORE + BAD && c >= bad->from && c < bad->end; i += bad->is_dense ? 1 : 97)
            take.channel[c][i] = i % 2 ? bad->poison : -bad->poison;
    }
    return take;
}

/* Effects only: what makes or controls sound may take an infinity for an event, which it goes on from. */
static bool must_sound_alike(const struct node_class *class, float poison)
{
    return class->channels > 1 && poison != LOUD;
}

static void hear(const struct node_class *class, enum setting setting, const struct take *in, double clean_db,
                 const struct bad *bad)
{
    struct take input = broken(in, bad), out = run(class, setting, &input);
    ck_assert_msg(take_finite(&out, BEFORE + BAD + RECOVER), "%s, setting %d, channels %u to %u: %g stays", class->name,
                  (int)setting, bad->from + 1, bad->end, (double)bad->poison);
    double db = level_db(&out);
    bool is_alike = fabs(db - clean_db) < ALIKE_DB || fmax(db, clean_db) < SILENT_DB;
    ck_assert_msg(db < fmax(LOUDEST_DB, clean_db + ALIKE_DB) && (is_alike || !must_sound_alike(class, bad->poison)),
                  "%s, setting %d, channels %u to %u, after %g %s: %.1f dB, not %.1f", class->name, (int)setting,
                  bad->from + 1, bad->end, (double)bad->poison, bad->is_dense ? "in all frames" : "in some", db, clean_db);
    take_free(&input);
    take_free(&out);
}

static void abuse(const struct node_class *class, enum setting setting, unsigned from, unsigned end)
{
    struct take noise = take_new(RIG_CHANNELS_MAX, ALL, AMPLITUDE, 7), silence = take_new(RIG_CHANNELS_MAX, ALL, 0, 0);
    struct take clean = run(class, setting, &noise), quiet = run(class, setting, &silence);
    double clean_db = level_db(&clean), quiet_db = level_db(&quiet);
    for (unsigned k = 0; k < ROWS(poisons); k++) {
        hear(class, setting, &noise, clean_db, &(struct bad){from, end, poisons[k], true});
        hear(class, setting, &noise, clean_db, &(struct bad){from, end, poisons[k], false});
        hear(class, setting, &silence, quiet_db, &(struct bad){from, end, poisons[k], true});
    }
    hear(class, setting, &noise, clean_db, &(struct bad){from, end, LOUD, true});
    struct take *takes[] = {&noise, &silence, &clean, &quiet};
    for (unsigned i = 0; i < ROWS(takes); i++)
        take_free(takes[i]);
}

START_TEST(after_100_ms_bad_input_has_left_nothing)
{
    const struct node_class *class = node_registry[_i];
    for (enum setting setting = INITIAL; setting < RIG_ROUNDS(N_SETTINGS, 1) && !class->device; setting++) {
        /* Numbered inputs are alike. */
        for (unsigned p = 0, from = 0, n; p < class->n_inputs && class->inputs[p].number < 2; p++, from += n) {
            n = class->inputs[p].channels ? class->inputs[p].channels : class->channels;
            abuse(class, setting, from, from + n);
        }
        if (class->n_inputs > 1)
            abuse(class, setting, 0, RIG_CHANNELS_MAX);
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("every class");
    tcase_set_timeout(tcase, 120);
    tcase_add_loop_test(tcase, after_100_ms_bad_input_has_left_nothing, 0, (int)n_node_registry);
    return suite_run_case("recovery", tcase);
}
