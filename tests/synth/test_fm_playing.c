/* The fm as an instrument: notes, voices, what is done to them while they sound, and its presets. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/preset.h"
#include "tests/graph_rig.h"
#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE        48000
#define N           ((size_t)48000)
#define EVENTS      400
/* Every so many-th of the presets, from the first on; a sanitizer sees enough in some. */
#define PRESET_STEP RIG_ROUNDS(1, 5)

/* ---- players --------------------------------------------------------------------------------------------------------- */

struct score {
    struct event event[EVENTS];
    size_t n;
};

static void put(struct score *score, uint32_t at, enum event_kind kind, float note, float value)
{
    score->event[score->n++] = (struct event){.offset = at, .kind = (uint8_t)kind, .note = note, .value = value};
}

static uint32_t random_next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Notes, bends, wheel and pressure at any frames. */
static void score_fill(struct score *score, size_t n, uint32_t seed)
{
    bool is_on[128] = {false};
    uint32_t at = 0;
    score->n = 0;
    while (score->n < EVENTS - 2 && (at += random_next(&seed) % 700) < n) {
        unsigned note = 30 + random_next(&seed) % 60, what = random_next(&seed) % 8;
        if (what == 0)
            put(score, at, EVENT_BEND, 0, (float)(random_next(&seed) % 200) / 100 - 1);
        else if (what == 1)
            put(score, at, EVENT_PRESSURE, 0, (float)(random_next(&seed) % 128));
        else if (what == 2) {
            put(score, at, EVENT_CONTROL, 0, (float)(random_next(&seed) % 128));
            score->event[score->n - 1].number = random_next(&seed) % 2 ? CONTROL_MODULATION : CONTROL_TIMBRE;
        } else {
            put(score, at, is_on[note] ? EVENT_NOTE_OFF : EVENT_NOTE_ON, (float)note,
                1 + (float)(random_next(&seed) % 127));
            is_on[note] = !is_on[note];
        }
    }
}

static void preset_set(struct rig *rig, unsigned number)
{
    static struct base values[RIG_PARAMS_MAX];
    struct error error = {0};
    for (unsigned row = 0; row < rig->class->n_params; row++)
        values[row].value = rig->class->params[row].initial;
    ck_assert_msg(!preset_read(rig->class, &rig->class->presets[number], values, &error), "%s", error.text);
    for (unsigned row = 0; row < rig->class->n_params; row++)
        rig->value[row] = values[row].value;
}

static float *perform(struct rig *rig, const struct score *score, size_t n)
{
    rig->events = score->event;
    rig->n_events = score->n;
    return rig_run(rig, NULL, n);
}

/* ---- tests ----------------------------------------------------------------------------------------------------------- */

static float *perform_in_blocks(unsigned preset, unsigned oversample, unsigned block, const struct score *score)
{
    struct rig rig = rig_new("fm", RATE, 1);
    preset_set(&rig, preset);
    rig_set(&rig, "oversample", (float)oversample);
    rig_set(&rig, "voices", 5);
    rig_start(&rig);
    rig.block = block;
    float *x = perform(&rig, score, N);
    rig_free(&rig);
    return x;
}

START_TEST(the_division_into_blocks_changes_no_bit)
{
    static const unsigned blocks[] = {0, 1, 17, 64};
    static struct score score;
    for (unsigned k = 0; k < RIG_ROUNDS(2 * ROWS(blocks), 2); k++) {
        score_fill(&score, N, k);
        float *whole = perform_in_blocks(3 * k % 14, k % 2, BLOCK_MAX, &score);
        float *cut = perform_in_blocks(3 * k % 14, k % 2, blocks[k / 2], &score);
        for (size_t i = 0; i < N; i++)
            ck_assert_msg(whole[i] == cut[i], "preset %u, blocks of %u, frame %zu", 3 * k % 14, blocks[k / 2], i);
        free(whole);
        free(cut);
    }
}
END_TEST

START_TEST(every_preset_ends_in_silence_and_sleeps)
{
    for (unsigned p = 0; p < node_class_find("fm")->n_presets; p += PRESET_STEP) {
        static struct score score;
        struct rig rig = rig_new("fm", RATE, 1);
        score.n = 0;
        preset_set(&rig, p);
        rig_start(&rig);
        for (unsigned k = 0; k < 8; k++) {
            put(&score, 100 * k, EVENT_NOTE_ON, (float)(40 + 7 * k), 100);
            put(&score, 20000 + k, EVENT_NOTE_OFF, (float)(40 + 7 * k), 0);
        }
        memmove(score.event, score.event, sizeof score.event);
        struct score sorted = {.n = 0};
        for (unsigned odd = 0; odd < 2; odd++)
            for (size_t k = odd; k < score.n; k += 2)
                sorted.event[sorted.n++] = score.event[k];
        float *x = perform(&rig, &sorted, 16 * N);
        ck_assert_double_gt(peak(x, N), 0.01);
        ck_assert_msg(peak(x + 15 * N, N) == 0, "preset %u still sounds", p);
        ck_assert(rig.class->sleeps.settled(rig.state, BLOCK_MAX, 0));
        free(x);
        rig_free(&rig);
    }
}
END_TEST

/* The loudest 300 ms of a chord of four, or of one note of a mono sound, in dB. */
static double loudness_db(unsigned preset, float velocity)
{
    static const float chord[] = {55, 60, 64, 71};
    static struct score score;
    struct rig rig = rig_new("fm", RATE, 1);
    double most = 0;
    score.n = 0;
    preset_set(&rig, preset);
    bool is_mono = rig.value[rig_row(&rig, "mode")] > 0;
    for (unsigned k = 0; k < (is_mono ? 1u : 4u); k++)
        put(&score, 0, EVENT_NOTE_ON, chord[k] - (is_mono ? 12 : 0), velocity);
    rig_start(&rig);
    float *x = perform(&rig, &score, 2 * N);
    for (size_t at = 0; at + 14400 < 2 * N; at += 7200)
        most = fmax(most, rms(x + at, 14400));
    free(x);
    rig_free(&rig);
    return decibel(most);
}

START_TEST(presets_are_alike_in_loudness_and_answer_to_the_touch)
{
    for (unsigned p = 0; p < node_class_find("fm")->n_presets; p += PRESET_STEP) {
        double soft = loudness_db(p, 40), middle = loudness_db(p, 80), hard = loudness_db(p, 120);
        ck_assert_msg(middle < -18 && middle > -25, "preset %u: %.1f dB", p, middle);
        ck_assert_msg(hard > middle && middle > soft, "preset %u: %.1f %.1f %.1f dB", p, soft, middle, hard);
    }
}
END_TEST

/* Of a held note, while something changes at half of the time: the largest step beside that of the sound at rest. */
static double step_of(const char *param, float from, float to)
{
    struct rig rig = rig_new("fm", RATE, 1);
    struct score score = {.n = 0};
    put(&score, 0, EVENT_NOTE_ON, 57, 100);
    rig_set(&rig, param, from);
    rig_set(&rig, "sustain1", 1);
    rig_set(&rig, "middle1", 1);
    rig_start(&rig);
    float *x = perform(&rig, &score, N);
    rig_set(&rig, param, to);
    float *y = rig_run(&rig, NULL, N);
    double step = largest_step(y, N / 10), rest = fmax(largest_step(x + N / 2, N / 2), largest_step(y + N / 2, N / 2));
    free(x);
    free(y);
    rig_free(&rig);
    return step / rest;
}

START_TEST(another_algorithm_is_faded_over_to_and_steps_are_smooth)
{
    ck_assert_double_lt(step_of("algorithm", 5, 32), 1.5);
    ck_assert_double_lt(step_of("algorithm", 1, 18), 1.5);
    ck_assert_double_lt(step_of("ratio1", 1, 3), 1.5);
    ck_assert_double_lt(step_of("level2", -120, -10), 1.5);
}
END_TEST

START_TEST(stolen_notes_do_not_click)
{
    struct rig rig = rig_new("fm", RATE, 1);
    struct score score = {.n = 0};
    rig_set(&rig, "voices", 2);
    rig_set(&rig, "attack1", 0.05f);
    rig_set(&rig, "level2", -120);
    for (unsigned k = 0; k < 20; k++)
        put(&score, 2000 * k, EVENT_NOTE_ON, (float)(45 + k), 100);
    rig_start(&rig);
    float *x = perform(&rig, &score, N);
    /* Two sines of at most 330 Hz, -15 dB each, and the way down of one of them. */
    ck_assert_double_lt(largest_step(x, N), 3 * 2 * M_PI * 330 / RATE * pow(10, -15 / 20.0));
    free(x);
    rig_free(&rig);
}
END_TEST

START_TEST(twice_the_rate_sounds_alike_and_as_late_as_it_says)
{
    struct score score = {.n = 0};
    float *x[2];
    uint32_t late = 0;
    put(&score, 0, EVENT_NOTE_ON, 57, 100);
    for (unsigned k = 0; k < 2; k++) {
        struct rig rig = rig_new("fm", RATE, 1);
        rig_set(&rig, "oversample", (float)k);
        rig_set(&rig, "attack1", 0.1f);
        rig_start(&rig);
        late = rig.latency_frames;
        x[k] = perform(&rig, &score, N);
        rig_free(&rig);
    }
    ck_assert_uint_gt(late, 0);
    ck_assert_double_gt(snr_db(x[0], x[1] + late, N - late), 45);
    free(x[0]);
    free(x[1]);
}
END_TEST

START_TEST(twice_the_rate_folds_back_less)
{
    double aliases[2];
    for (unsigned k = 0; k < 2; k++) {
        struct rig rig = rig_new("fm", RATE, 1);
        struct score score = {.n = 0};
        put(&score, 0, EVENT_NOTE_ON, 93, 127);
        rig_set(&rig, "oversample", (float)k);
        rig_set(&rig, "level2", -14);
        rig_set(&rig, "ratio2", 3);
        rig_set(&rig, "feedback", 0);
        static const char *const ones[] = {"sustain1", "sustain2", "middle1", "middle2"};
        for (size_t i = 0; i < ROWS(ones); i++)
            rig_set(&rig, ones[i], 1);
        rig_start(&rig);
        float *x = perform(&rig, &score, 2 * N);
        aliases[k] = inharmonic_db(x + 9600, 65536, 1760, RATE);
        free(x);
        rig_free(&rig);
    }
    ck_assert_double_lt(aliases[1], aliases[0] - 30);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_division_into_blocks_changes_no_bit,
        every_preset_ends_in_silence_and_sleeps,
        presets_are_alike_in_loudness_and_answer_to_the_touch,
        another_algorithm_is_faded_over_to_and_steps_are_smooth,
        stolen_notes_do_not_click,
        twice_the_rate_sounds_alike_and_as_late_as_it_says,
        twice_the_rate_folds_back_less,
    };
    return suite_run("fm, played", 60, tests, ROWS(tests));
}
