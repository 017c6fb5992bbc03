/* What no musician would feed to a node, in an engine as it runs: row R9 of the reliability catalogue. Every class, at every
 * end of its parameters, under modulation at audio rate and under broken modulation, hears what is not sound, at six rates.
 * What leaves the engine is finite and under the ceiling throughout, and 100 ms later the node sounds again like a twin
 * that never heard any of it.
 *
 * Sanitized builds take the first of the rates.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/graph_rig.h"
#include "tests/stage.h"
#include "tests/suite.h"
#include "tests/trial.h"

/* Phases of a run, in seconds. */
#define CLEAN_S   0.03
#define ABUSE_S   0.05
#define RECOVER_S 0.1
#define JUDGE_S   0.05
#define N_RATES   RIG_ROUNDS(ROWS(rates_hz), 1)
#define N_COMBOS  RIG_ROUNDS(2000, 600)
#define ALL_S     (CLEAN_S + ABUSE_S + RECOVER_S + JUDGE_S)

enum signal {
    SIGNAL_NAN,
    SIGNAL_SPARSE_NAN,
    SIGNAL_INF,
    SIGNAL_MINUS_INF,
    SIGNAL_HUGE,
    SIGNAL_DENORMAL,
    SIGNAL_LOUD,
    N_SIGNALS
};
enum setting { AT_MIN, AT_MAX, AT_INITIAL, MODULATED, BROKEN_MODULATION, N_SETTINGS };

static const double rates_hz[] = {48000, 192000, 44100, 88200, 96000, 176400};
static const char *const signal_names[] = {"NaN", "single NaNs", "Inf", "-Inf", "1e38", "1e-40", "+60 dB square"};
static const char *const setting_names[] = {"minimum", "maximum", "initial values", "modulation", "broken modulation"};

struct abuse {
    double rate_hz;
    enum signal signal;
    bool harmless; /* the twin: noise all along */
};

static float noise(unsigned channel, uint64_t frame)
{
    uint64_t h = (frame * 8 + channel + 1) * 0x9e3779b97f4a7c15u;
    h = (h ^ h >> 29) * 0xbf58476d1ce4e5b9u;
    return (float)(int32_t)(h >> 32) * 0x1p-33f;
}

static float poison(enum signal signal, uint64_t frame)
{
    switch (signal) {
    case SIGNAL_NAN:
        return NAN;
    case SIGNAL_SPARSE_NAN:
        return frame % 499 ? 0.1f : NAN;
    case SIGNAL_INF:
        return INFINITY;
    case SIGNAL_MINUS_INF:
        return -INFINITY;
    case SIGNAL_HUGE:
        return frame % 2 ? 1e38f : -1e38f;
    case SIGNAL_DENORMAL:
        return 1e-40f;
    default:
        return frame / 50 % 2 ? 1000 : -1000;
    }
}

static float play(void *user, unsigned channel, uint64_t frame)
{
    const struct abuse *abuse = user;
    double at_s = (double)frame / abuse->rate_hz;
    bool poisoned = !abuse->harmless && at_s >= CLEAN_S && at_s < CLEAN_S + ABUSE_S;
    return poisoned ? poison(abuse->signal, frame) : noise(channel, frame);
}

/* What modulates: fresh noise, or what comes in, poison and all. */
static void modulate_all(struct stage *stage, const struct node_class *class, const char *by)
{
    for (unsigned row = 0; row < class->n_params; row++) {
        const struct param_info *info = &class->params[row];
        if (info->kind != PARAM_CONTINUOUS || info->flags || info->number > 1)
            continue;
        double range =
            info->curve == CURVE_LOG ? log2((double)info->max / (double)info->min) : (double)(info->max - info->min);
        stage_modulate(stage, by, "x", row, 4 * range); /* the noise has a quarter of full scale */
    }
}

static void put_on_stage(struct stage *stage, const struct node_class *class, enum setting setting)
{
    float values[RIG_PARAMS_MAX];
    for (unsigned row = 0; row < class->n_params; row++) {
        const struct param_info *info = &class->params[row];
        bool is_moved = setting < AT_INITIAL && !param_is_path(info);
        values[row] = is_moved ? setting == AT_MIN ? info->min : info->max : info->initial;
    }
    stage_add(stage, class, "x", values);
    stage_wire(stage, "in", "x");
    stage_wire(stage, "x", "out");
    if (setting == MODULATED) {
        stage_add(stage, node_class_find("osc"), "n", NULL);
        modulate_all(stage, class, "n:out.1");
    }
    if (setting == BROKEN_MODULATION)
        modulate_all(stage, class, "in:out.1");
}

/* Returns what was heard of both channels, one after the other; free(). */
static float *perform(const struct node_class *class, enum setting setting, struct abuse *abuse, size_t *n)
{
    struct stage *stage = stage_new(abuse->rate_hz);
    *n = (size_t)(ALL_S * abuse->rate_hz);
    float *heard = calloc(2 * *n, sizeof *heard);
    stage->sound = play;
    stage->user = abuse;
    stage->heard[0] = heard;
    stage->heard[1] = heard + *n;
    put_on_stage(stage, class, setting);
    stage_run(stage, *n, BLOCK_MAX);
    stage_free(stage);
    return heard;
}

static double rms_at_the_end(const float *heard, size_t n, double rate_hz)
{
    double sum = 0;
    for (size_t i = n - (size_t)(JUDGE_S * rate_hz); i < n; i++)
        sum += (double)heard[i] * (double)heard[i];
    return sqrt(sum / (JUDGE_S * rate_hz));
}

/* What became of all runs. */
struct verdict {
    unsigned combos, nonfinite, above_ceiling, silenced;
};

static void judge(struct verdict *verdict, const float *heard, const float *twin, size_t n, double rate_hz)
{
    for (size_t i = 0; i < 2 * n; i++) {
        verdict->nonfinite += !isfinite(heard[i]);
        verdict->above_ceiling += fabsf(heard[i]) > 1;
    }
    for (unsigned c = 0; c < 2; c++)
        verdict->silenced += rms_at_the_end(twin + c * n, n, rate_hz) > 1e-4 &&
                             rms_at_the_end(heard + c * n, n, rate_hz) < 0.01 * rms_at_the_end(twin + c * n, n, rate_hz);
    verdict->combos++;
}

static bool is_clean(const struct verdict *verdict)
{
    return !verdict->nonfinite && !verdict->above_ceiling && !verdict->silenced;
}

static void abuse_class(const struct node_class *class, enum setting setting, double rate_hz, struct verdict *verdict)
{
    size_t n;
    struct abuse none = {rate_hz, 0, true};
    float *twin = perform(class, setting, &none, &n);
    for (enum signal signal = 0; signal < N_SIGNALS; signal++) {
        struct abuse abuse = {rate_hz, signal, false};
        bool was_clean = is_clean(verdict);
        float *heard = perform(class, setting, &abuse, &n);
        judge(verdict, heard, twin, n, rate_hz);
        if (was_clean && !is_clean(verdict))
            printf("%s, %s, %s, %g Hz: %u not finite, %u above the ceiling, %u silent\n", class->name,
                   setting_names[setting], signal_names[signal], rate_hz, verdict->nonfinite, verdict->above_ceiling,
                   verdict->silenced);
        free(heard);
    }
    free(twin);
}

static bool gives_sound(const struct node_class *class)
{
    unsigned n = 0;
    for (unsigned port = 0; port < class->n_outputs; port++)
        n += !class->outputs[port].events;
    return n || !class->n_outputs;
}

START_TEST(nothing_broken_leaves_the_engine_and_every_node_recovers)
{
    struct verdict all = {0};
    for (unsigned i = 0; i < n_node_registry; i++) {
        if (node_registry[i]->device || !gives_sound(node_registry[i]))
            continue;
        for (unsigned rate = 0; rate < N_RATES; rate++)
            for (enum setting setting = 0; setting < N_SETTINGS; setting++) {
                struct verdict one = {0};
                abuse_class(node_registry[i], setting, rates_hz[rate], &one);
                all.combos += one.combos;
                all.nonfinite += one.nonfinite;
                all.above_ceiling += one.above_ceiling;
                all.silenced += one.silenced;
            }
    }
    bool pass = is_clean(&all) && all.combos >= N_COMBOS;
    printf("REL R9 combos=%u nonfinite_at_master=%u above_ceiling=%u silenced=%u %s\n", all.combos, all.nonfinite,
           all.above_ceiling, all.silenced, pass ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(pass);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {nothing_broken_leaves_the_engine_and_every_node_recovers};
    return suite_run("abuse", 240, tests, ROWS(tests));
}
