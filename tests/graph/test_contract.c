/* What every node class promises, asked of every class in the registry. */
#include <check.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "tests/graph_rig.h"
#include "tests/suite.h"
#include "tests/trial.h"

#define N_FRAMES       ((size_t)RIG_ROUNDS(12000, 2000))
#define SETTING_FRAMES ((size_t)RIG_ROUNDS(2500, 500))
#define ENDS_FRAMES    ((size_t)RIG_ROUNDS(4000, 1000))
#define N_SETTINGS     RIG_ROUNDS(3, 2)
#define NUMBER_MOST    RIG_ROUNDS(UINT_MAX, 2u) /* of numbered rows, which are alike */
#define AGREE_DB       100.0                    /* how well two ways to the same sound agree */

static const struct node_class *class_at(int i)
{
    return node_registry[i];
}

/* Finite, and no garbage left in any frame: the rig prefills with 1e9. */
static void check_sound(struct trial *trial, const struct take *in, const char *what)
{
    struct take out = trial_run(trial, in);
    ck_assert_msg(take_finite(&out, 0), "%s: not finite %s", trial->rig.class->name, what);
    for (unsigned c = 0; c < out.channels; c++)
        for (size_t i = 0; i < out.n_frames; i++)
            if (out.channel[c][i] == 1e9f)
                ck_abort_msg("%s: frame %zu of channel %u not written %s", trial->rig.class->name, i, c, what);
    take_free(&out);
}

static void check_calm(const struct node_class *class, const struct take *in)
{
    struct trial trial = trial_new(class, 0, 48000);
    trial.rig.storms = false;
    trial_start(&trial);
    check_sound(&trial, in, "without a note");
    trial_free(&trial);
}

/* Makes the class anew with one value changed (row n_params: none) and lets it run. */
static void check_with(const struct node_class *class, unsigned row, double part, const struct take *in)
{
    struct trial trial = trial_new(class, 0, 48000);
    char what[128] = "with initial values";
    if (row < class->n_params) {
        trial.rig.value[row] = param_value_at(&class->params[row], part);
        snprintf(what, sizeof what, "with %s %g", class->params[row].name, (double)trial.rig.value[row]);
    }
    trial_start(&trial);
    check_sound(&trial, in, what);
    trial_free(&trial);
}

START_TEST(noise_and_silence_sound_finite_at_all_ends_of_the_parameters)
{
    const struct node_class *class = class_at(_i);
    struct take noise = take_new(RIG_CHANNELS_MAX, ENDS_FRAMES, 1, 3),
                silence = take_new(RIG_CHANNELS_MAX, ENDS_FRAMES, 0, 0);
    check_with(class, class->n_params, 0, &noise);
    check_with(class, class->n_params, 0, &silence);
    check_calm(class, &silence);
    for (unsigned row = 0; row < class->n_params; row++) {
        if (class->params[row].number > NUMBER_MOST)
            continue;
        unsigned steps = class->params[row].kind == PARAM_CHOICE ? (unsigned)class->params[row].max : 1;
        for (unsigned k = 0; k <= steps && !param_is_path(&class->params[row]); k++)
            check_with(class, row, (double)k / steps, &noise);
    }
    take_free(&noise);
    take_free(&silence);
}
END_TEST

START_TEST(random_settings_sound_finite_at_every_rate_and_width)
{
    static const double rates_hz[] = {44100, 48000, 88200, 96000, 176400, 192000};
    struct take noise = take_new(RIG_CHANNELS_MAX, ENDS_FRAMES, 1, 5);
    for (unsigned k = 0; k < 3 * ROWS(rates_hz); k++) {
        struct trial trial = trial_new(class_at(_i), class_width(class_at(_i), (int)k % 3), rates_hz[k / 3]);
        char what[64];
        snprintf(what, sizeof what, "at %g Hz, random setting %u", trial.rig.rate_hz, k);
        trial_randomise(&trial, k);
        trial_start(&trial);
        check_sound(&trial, &noise, what);
        trial_free(&trial);
    }
    take_free(&noise);
}
END_TEST

START_TEST(modulation_of_everything_at_audio_rate_stays_finite)
{
    struct take noise = take_new(RIG_CHANNELS_MAX, 4 * N_FRAMES, 1, 7);
    for (int k = 0; k < 3; k++) {
        struct trial trial = trial_new(class_at(_i), class_width(class_at(_i), k), 48000);
        trial_randomise(&trial, 50 + (uint32_t)k);
        trial_start(&trial);
        struct take out = trial_run_driven(&trial, &noise, false);
        ck_assert_msg(take_finite(&out, 0), "%s: not finite", trial.rig.class->name);
        take_free(&out);
        trial_free(&trial);
    }
    take_free(&noise);
}
END_TEST

/* One run of a class in one of the ways that must not matter. */
static struct take run_in_a_way(const struct node_class *class, const struct take *in, int setting, bool driven,
                                bool in_place, unsigned block)
{
    struct trial trial = trial_new(class, class_width(class, setting), 48000);
    if (setting)
        trial_randomise(&trial, 20 + (uint32_t)setting);
    trial.rig.storms = !driven; /* a note takes what it begins with from the block in which it does */
    trial.rig.in_place = in_place;
    trial.rig.block = block;
    trial_start(&trial);
    struct take out = driven ? trial_run_driven(&trial, in, true) : trial_run(&trial, in);
    trial_free(&trial);
    return out;
}

START_TEST(in_place_sounds_bit_for_bit_as_out_of_place)
{
    struct take in = take_new(RIG_CHANNELS_MAX, N_FRAMES, 0.5, 11);
    for (int k = 0; k < 6; k++) {
        struct take apart = run_in_a_way(class_at(_i), &in, k / 2, k % 2, false, BLOCK_MAX);
        struct take in_place = run_in_a_way(class_at(_i), &in, k / 2, k % 2, true, BLOCK_MAX);
        ck_assert_msg(take_equal(&apart, &in_place), "%s, setting %d", class_at(_i)->name, k);
        take_free(&apart);
        take_free(&in_place);
    }
    take_free(&in);
}
END_TEST

START_TEST(the_division_of_time_into_blocks_cannot_be_heard)
{
    struct take in = take_new(RIG_CHANNELS_MAX, N_FRAMES, 0.5, 13);
    static const unsigned blocks[] = {0, 1, 17, 64};
    for (int k = 0; k < 6; k++) {
        struct take whole = run_in_a_way(class_at(_i), &in, k / 2, k % 2, false, BLOCK_MAX);
        for (unsigned b = 0; b < ROWS(blocks); b++) {
            struct take cut = run_in_a_way(class_at(_i), &in, k / 2, k % 2, false, blocks[b]);
            double agree_db = take_snr_db(&whole, &cut);
            ck_assert_msg(agree_db >= AGREE_DB, "%s, setting %d, blocks of %u: %.1f dB", class_at(_i)->name, k, blocks[b],
                          agree_db);
            take_free(&cut);
        }
        take_free(&whole);
    }
    take_free(&in);
}
END_TEST

/* Runs two instances in turn, block by block, on inputs of their own. */
static void run_in_turn(struct trial *a, const struct take *in_a, struct take *out_a, struct trial *b,
                        const struct take *in_b, struct take *out_b)
{
    for (size_t at = 0; at < in_a->n_frames; at += 100) {
        struct take a_in = take_part(in_a, at, 100), a_out = take_part(out_a, at, 100);
        struct take b_in = take_part(in_b, at, 100), b_out = take_part(out_b, at, 100);
        rig_process(&a->rig, (const float *const *)a_in.channel, a_out.channel, 100);
        rig_process(&b->rig, (const float *const *)b_in.channel, b_out.channel, 100);
    }
}

START_TEST(instances_are_alike_and_know_nothing_of_each_other)
{
    struct take in = take_new(RIG_CHANNELS_MAX, N_FRAMES, 0.5, 17), other = take_new(RIG_CHANNELS_MAX, N_FRAMES, 1, 18);
    struct take card = take_new(RIG_CHANNELS_MAX, 100, 0, 0);
    struct trial alone = trial_new(class_at(_i), 0, 48000), a = trial_new(class_at(_i), 0, 48000);
    struct trial b = trial_new(class_at(_i), 0, 48000);
    struct take out = take_new(a.rig.n_out, N_FRAMES, 0, 0), out_a = take_new(a.rig.n_out, N_FRAMES, 0, 0);
    struct take out_b = take_new(a.rig.n_out, N_FRAMES, 0, 0), unheard = take_new(a.rig.n_out, N_FRAMES, 0, 0);
    alone.rig.device = a.rig.device = b.rig.device = a.rig.class->device ? card.channel : NULL;
    struct trial again = trial_new(class_at(_i), 0, 48000);
    again.rig.device = alone.rig.device;
    trial_randomise(&b, 3);
    trial_start(&alone);
    trial_start(&again);
    trial_start(&a);
    trial_start(&b);
    run_in_turn(&alone, &in, &out, &again, &in, &unheard);
    run_in_turn(&a, &in, &out_a, &b, &other, &out_b);
    ck_assert_msg(take_equal(&out, &unheard), "%s: two instances differ", class_at(_i)->name);
    ck_assert_msg(take_equal(&out, &out_a), "%s: an instance hears its neighbour", class_at(_i)->name);
    struct take *takes[] = {&in, &other, &card, &out, &out_a, &out_b, &unheard};
    for (unsigned k = 0; k < ROWS(takes); k++)
        take_free(takes[k]);
    struct trial *trials[] = {&alone, &again, &a, &b};
    for (unsigned k = 0; k < ROWS(trials); k++)
        trial_free(trials[k]);
}
END_TEST

/* First the initial values, then one parameter after the other gets a new one: set between blocks, or as a curve that jumps
 * on the same frame. */
static struct take run_settings(const struct node_class *class, const struct take *in, bool as_curves)
{
    struct trial trial = trial_new(class, 0, 48000);
    struct take out = take_new(trial.rig.n_out, in->n_frames, 0, 0);
    trial_start(&trial);
    for (unsigned k = 0; k <= class->n_params; k++) {
        struct take now = take_part(in, k * SETTING_FRAMES, SETTING_FRAMES);
        const struct param_info *param = k ? &class->params[k - 1] : NULL;
        if (param && !param_is_path(param) && !(param->flags & PARAM_AT_CREATION))
            trial.rig.value[k - 1] = param_value_at(param, 0.7);
        struct take part = as_curves ? trial_run_level(&trial, &now) : trial_run(&trial, &now);
        for (unsigned c = 0; c < out.channels; c++)
            memcpy(out.channel[c] + k * SETTING_FRAMES, part.channel[c], SETTING_FRAMES * sizeof(float));
        take_free(&part);
    }
    trial_free(&trial);
    return out;
}

START_TEST(a_set_between_blocks_sounds_as_a_curve_that_jumps)
{
    struct take in = take_new(RIG_CHANNELS_MAX, SETTING_FRAMES * (class_at(_i)->n_params + 1), 0.5, 29);
    struct take set = run_settings(class_at(_i), &in, false), drawn = run_settings(class_at(_i), &in, true);
    double agree_db = take_snr_db(&drawn, &set);
    ck_assert_msg(agree_db >= AGREE_DB, "%s: %.1f dB", class_at(_i)->name, agree_db);
    take_free(&in);
    take_free(&set);
    take_free(&drawn);
}
END_TEST

/* ---- what is not sound --------------------------------------------------------------------------------------------- */

static const float poisons[] = {NAN, INFINITY, -INFINITY, 1e38f, -1e38f, 3e38f, 1e-40f, 1000.0f};

/* Noise with poison in its second quarter, dense or in single frames. */
static struct take poisoned(float poison, bool dense, size_t n)
{
    struct take take = take_new(RIG_CHANNELS_MAX, n, 0.5, 23);
    for (unsigned c = 0; c < RIG_CHANNELS_MAX; c++)
        for (size_t i = n / 4; i < n / 2; i += dense ? 1 : 997)
            take.channel[c][i] = poison;
    return take;
}

START_TEST(what_is_not_sound_is_forgotten_within_100_ms)
{
    const size_t n = RIG_ROUNDS(20000, 12000), from = n / 2 + 4800;
    for (unsigned k = 0; k < 2 * ROWS(poisons); k++) {
        struct take in = poisoned(poisons[k / 2], k % 2, n);
        for (int setting = 0; setting < N_SETTINGS; setting++) {
            struct take out = run_in_a_way(class_at(_i), &in, setting, setting == 2, false, BLOCK_MAX);
            ck_assert_msg(take_finite(&out, from), "%s, setting %d: %g stays", class_at(_i)->name, setting,
                          (double)poisons[k / 2]);
            take_free(&out);
        }
        take_free(&in);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        noise_and_silence_sound_finite_at_all_ends_of_the_parameters,
        random_settings_sound_finite_at_every_rate_and_width,
        modulation_of_everything_at_audio_rate_stays_finite,
        in_place_sounds_bit_for_bit_as_out_of_place,
        the_division_of_time_into_blocks_cannot_be_heard,
        instances_are_alike_and_know_nothing_of_each_other,
        a_set_between_blocks_sounds_as_a_curve_that_jumps,
        what_is_not_sound_is_forgotten_within_100_ms,
    };
    TCase *tcase = tcase_create("every class");
    tcase_set_timeout(tcase, 60);
    for (unsigned i = 0; i < ROWS(tests); i++)
        tcase_add_loop_test(tcase, tests[i], 0, (int)n_node_registry);
    return suite_run_case("the contract of nodes", tcase);
}
