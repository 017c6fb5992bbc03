/* The same graph gives the same sound: row R12 of the reliability catalogue. Bit for bit when it is rendered again, and to
 * -100 dB whatever the period of the sound card is: every class by itself and all of them together.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/stage.h"
#include "tests/suite.h"
#include "tests/trial.h"

#define RATE_HZ  48000
#define N_FRAMES ((size_t)24000)
#define AGREE_DB 100

static const unsigned periods[] = {1, 7, 16, 64, 333, 1024, 8192};

static float music(void *user, unsigned channel, uint64_t frame)
{
    (void)user;
    double t = (double)frame / RATE_HZ;
    return (float)(0.2 * sin(2 * M_PI * 220 * t) + 0.1 * sin(2 * M_PI * (1000 + 500 * channel) * t * (1 + 0.1 * t)));
}

/* The first continuous parameter moves, so that something goes on in every node. */
static void move(struct stage *stage, const struct node_class *class, const char *name)
{
    for (unsigned row = 0; row < class->n_params; row++) {
        const struct param_info *info = &class->params[row];
        if (info->kind != PARAM_CONTINUOUS || info->flags)
            continue;
        double range = info->curve == CURVE_LOG ? 1 : (double)(info->max - info->min) / 20;
        stage_modulate(stage, "wave", name, row, range);
        return;
    }
}

static void put_on_stage(struct stage *stage, const struct node_class *class)
{
    if (class->device)
        return;
    stage_add(stage, class, class->name, NULL);
    stage_wire(stage, "in", class->name);
    stage_wire(stage, class->name, "out");
    move(stage, class, class->name);
}

/* Renders one class, or all of them for null. */
static struct take render(const struct node_class *class, unsigned period)
{
    struct stage *stage = stage_new(RATE_HZ);
    struct take heard = take_new(STAGE_CHANNELS, N_FRAMES, 0, 0);
    stage->sound = music;
    for (unsigned c = 0; c < STAGE_CHANNELS; c++)
        stage->heard[c] = heard.channel[c];
    stage_add(stage, node_class_find("lfo"), "wave", NULL);
    for (unsigned i = 0; i < n_node_registry; i++)
        if (!class || class == node_registry[i])
            put_on_stage(stage, node_registry[i]);
    stage_run(stage, N_FRAMES, period);
    stage_free(stage);
    return heard;
}

static double agreement_db(const struct node_class *class, const struct take *usual)
{
    double worst_db = INFINITY;
    for (unsigned i = 0; i < ROWS(periods); i++) {
        struct take heard = render(class, periods[i]);
        double db = take_snr_db(usual, &heard);
        ck_assert_msg(db >= AGREE_DB, "%s at a period of %u: %.1f dB", class ? class->name : "all nodes", periods[i], db);
        worst_db = fmin(worst_db, db);
        take_free(&heard);
    }
    return worst_db;
}

START_TEST(a_graph_rendered_again_at_any_period_sounds_the_same)
{
    double worst_db = INFINITY;
    bool identical = true;
    for (unsigned i = 0; i <= n_node_registry; i++) {
        const struct node_class *class = i < n_node_registry ? node_registry[i] : NULL;
        struct take once = render(class, BLOCK_MAX), again = render(class, BLOCK_MAX);
        identical = identical && take_equal(&once, &again);
        worst_db = fmin(worst_db, agreement_db(class, &once));
        take_free(&once);
        take_free(&again);
    }
    bool pass = identical && worst_db >= AGREE_DB;
    printf("REL R12 graphs=%u bit_identical=%s worst_of_periods_db=%.1f %s\n", n_node_registry + 1,
           identical ? "yes" : "no", worst_db, pass ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(pass);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_graph_rendered_again_at_any_period_sounds_the_same};
    return suite_run("determinism", 240, tests, ROWS(tests));
}
