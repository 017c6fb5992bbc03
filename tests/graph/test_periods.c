/* Values that are set, in steps or to glide, count from their frame on and from no block's: whatever the periods are, every class
 * gives the same bits, instruments in a storm of notes.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/ahead.h"
#include "tests/graph_rig.h"
#include "tests/stage.h"
#include "tests/suite.h"
#include "tests/trial.h"

#define RATE_HZ  48000
#define N_FRAMES ((size_t)RIG_ROUNDS(30000, 10000))
#define N_PIECE  ((size_t)1501) /* frames in which so many are set, at any of them */
#define N_SETS   3
#define N_SEEDS  (uint32_t) RIG_ROUNDS(3, 1)

/* Some blocks of these begin in the middle of cells and vectors, others with them. */
static const unsigned periods[] = {64, 37, 1000};

/* Filters at rest take eight frames at once from where a block begins, and what is left over one by one. */
static const char *const rounding[] = {"butterworth", "compressor", "eq", "filter", "noise"};
#define ROUNDING_DB 120

/* Noise, clicks and rests: loud and faint. */
static float sound(void *user, unsigned channel, uint64_t frame)
{
    (void)user;
    uint64_t h = (frame * 8 + channel + 1) * 0x9e3779b97f4a7c15u;
    h = (h ^ h >> 29) * 0xbf58476d1ce4e5b9u;
    if (frame / 2000 % 3 == 0)
        return (float)(int32_t)(h >> 32) * 0x1p-33f;
    return frame % 977 == 0 ? 0.5f : 0;
}

/* Somewhere in its range, often at an end of it or where it was at first. */
static float value_some(const struct param_info *info, uint32_t *seed)
{
    float part = (float)dice_below(seed, 1001) / 1000;
    unsigned way = dice_below(seed, 4);
    if (way == 0)
        return info->initial;
    part = way == 1 ? roundf(part) : part;
    if (info->curve == CURVE_LOG)
        return fminf(info->min * powf(info->max / info->min, part), info->max);
    if (info->kind == PARAM_CONTINUOUS)
        return info->min + part * (info->max - info->min);
    unsigned step = info->step ? info->step : 1;
    return info->min + (float)(step * dice_below(seed, (uint32_t)((info->max - info->min) / (float)step) + 1));
}

static void set_ahead(struct stage *stage, const struct node_class *class, unsigned row, uint32_t *seed)
{
    const struct param_info *info = &class->params[row];
    double glide_s = info->kind == PARAM_CONTINUOUS ? 0.007 * dice_below(seed, 2) : 0;
    float value = value_some(info, seed);
    struct error error = {0};
    struct tx *tx = ahead_open(stage->ctl, 0, ctl_clock(stage->ctl) + dice_below(seed, N_PIECE));
    int code = tx_set_value(tx, model_find(&stage->ctl->model, "x"), row, value, glide_s, &error);
    ck_assert_msg(!code, "%s %s %g: %s", class->name, info->name, (double)value, error.text);
    tx_commit(tx, (struct completion){0});
}

/* During the piece that comes. Rows that nothing but a new node can change are left alone. */
static void values_set(struct stage *stage, const struct node_class *class, uint32_t *seed)
{
    for (unsigned k = 0; class->n_params && k < N_SETS; k++) {
        unsigned row = dice_below(seed, class->n_params);
        if (!class->params[row].flags && !param_is_path(&class->params[row]))
            set_ahead(stage, class, row, seed);
    }
}

/* Oscillators without a cable choose between ways, those with one do not. */
static bool is_alone(const struct node_class *class, uint32_t seed)
{
    return !class->sleeps.can && seed % 2;
}

static struct take render(const struct node_class *class, unsigned period, uint32_t seed)
{
    bool is_wired = !is_alone(class, seed);
    struct stage *stage = stage_new(RATE_HZ);
    struct take heard = take_new(STAGE_CHANNELS, N_FRAMES, 0, 0);
    stage->sound = sound;
    stage_add(stage, class, "x", NULL);
    if (is_wired)
        stage_wire(stage, "in", "x");
    stage_wire(stage, "x", "out");
    for (size_t at = 0, n; at < N_FRAMES; at += n) {
        n = N_FRAMES - at < N_PIECE ? N_FRAMES - at : N_PIECE;
        for (unsigned c = 0; c < STAGE_CHANNELS; c++)
            stage->heard[c] = heard.channel[c] + at;
        values_set(stage, class, &seed);
        stage_run(stage, n, period);
    }
    stage_free(stage);
    return heard;
}

static bool is_rounding(const struct node_class *class)
{
    for (unsigned i = 0; i < ROWS(rounding); i++)
        if (strcmp(rounding[i], class->name) == 0)
            return true;
    return false;
}

static void check_class(const struct node_class *class, uint32_t seed)
{
    struct take usual = render(class, STAGE_PERIOD, seed);
    for (unsigned i = 0; i < ROWS(periods); i++) {
        struct take heard = render(class, periods[i], seed);
        double db = take_snr_db(&usual, &heard);
        ck_assert_msg(is_rounding(class) ? db >= ROUNDING_DB : take_equal(&usual, &heard), "%s at a period of %u: %.1f dB",
                      class->name, periods[i], db);
        take_free(&heard);
    }
    take_free(&usual);
}

START_TEST(what_is_set_while_notes_storm_counts_from_its_frame_on_at_any_period)
{
    for (unsigned i = 0; i < n_node_registry; i++)
        if (!node_registry[i]->device)
            for (uint32_t seed = 0; seed < N_SEEDS; seed++)
                check_class(node_registry[i], 1000 + seed);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {what_is_set_while_notes_storm_counts_from_its_frame_on_at_any_period};
    return suite_run("periods", 240, tests, ROWS(tests));
}
