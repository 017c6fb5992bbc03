/* The analog synthesiser being played: presets, floods, any division of time. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/batch.h"
#include "graph/preset.h"
#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE_HZ 48000
#define N       96000

static float left[2][N], right[2][N];

static void preset_set(struct rig *rig, unsigned preset)
{
    struct base values[RIG_PARAMS_MAX];
    struct error error = {0};
    ck_assert_msg(!preset_read(rig->class, &rig->class->presets[preset], values, &error), "%s: %s",
                  rig->class->presets[preset].name, error.text);
    for (unsigned row = 0; row < rig->class->n_params; row++)
        if (preset_has_row(&rig->class->params[row]))
            rig->value[row] = values[row].value;
}

/* A chord of n notes, for 1.5 s. */
static void chord_play(unsigned preset, unsigned n_notes, float velocity, unsigned block, unsigned take)
{
    static const float notes[] = {48, 55, 60, 64, 67, 71, 72, 76};
    struct event events[16];
    struct rig rig = rig_new("analog", RATE_HZ, 0);
    for (unsigned i = 0; i < n_notes; i++) {
        events[i] = (struct event){.offset = 5, .kind = EVENT_NOTE_ON, .note = notes[i], .value = velocity};
        events[n_notes + i] = (struct event){.offset = 72000, .kind = EVENT_NOTE_OFF, .note = notes[i], .value = 64};
    }
    preset_set(&rig, preset);
    rig.block = block;
    rig.events = events;
    rig.n_events = (size_t)n_notes * 2;
    rig_start(&rig);
    rig_process(&rig, NULL, (float *[]){left[take], right[take]}, N);
    rig_free(&rig);
}

START_TEST(eight_notes_struck_as_hard_as_can_be_do_not_clip)
{
    for (unsigned preset = 0; preset < node_class_find("analog")->n_presets; preset++) {
        chord_play(preset, 8, 127, 256, 0);
        ck_assert_msg(fmax(peak(left[0], N), peak(right[0], N)) < 1, "preset %u", preset);
    }
}
END_TEST

START_TEST(the_division_into_blocks_changes_no_bit)
{
    for (unsigned preset = 0; preset < node_class_find("analog")->n_presets; preset += 3) {
        chord_play(preset, 5, 90, 256, 0);
        chord_play(preset, 5, 90, 0, 1);
        ck_assert_msg(!memcmp(left[0], left[1], sizeof left[0]) && !memcmp(right[0], right[1], sizeof right[0]),
                      "preset %u", preset);
    }
}
END_TEST

/* Notes begin while it is away, coming in, there, and going. */
START_TEST(drive_that_comes_and_goes_sounds_the_same_however_time_is_divided)
{
    static float drive[N];
    static const unsigned blocks[] = {256, 0, 61};
    struct event events[40];
    for (unsigned i = 0; i < N; i++)
        drive[i] = fmaxf(0, 15 * sinf((float)(i % 5000) * (float)(M_PI / 2500)));
    for (unsigned i = 0; i < 40; i++)
        events[i] =
            (struct event){.offset = 1003 * i, .kind = EVENT_NOTE_ON, .note = (float)(40 + i * 7 % 40), .value = 90};
    for (unsigned take = 0; take < 3; take++) {
        struct rig rig = rig_new("analog", RATE_HZ, 0);
        rig.curve[rig_row(&rig, "drive")] = drive;
        rig_set(&rig, "voices", 6);
        rig_set(&rig, "noise", 0.1f);
        rig_set(&rig, "lfo_width", 0.5f);
        rig_set(&rig, "wave2", 1);
        rig.block = blocks[take];
        rig.events = events;
        rig.n_events = 40;
        rig_start(&rig);
        rig_process(&rig, NULL, (float *[]){left[take > 0], right[take > 0]}, N);
        rig_free(&rig);
        ck_assert(take == 0 || !memcmp(left[0], left[1], sizeof left[0]));
    }
}
END_TEST

/* A pluck dies away, and its voice is given back whether the key comes up or not; one whose level comes back has not died. */
START_TEST(a_key_held_in_vain_keeps_no_voice)
{
    static const struct event on = {.kind = EVENT_NOTE_ON, .note = 60, .value = 100};
    static float sustain[N];
    for (unsigned dies = 0; dies < 2; dies++) {
        struct rig rig = rig_new("analog", RATE_HZ, 0);
        rig_set(&rig, "decay", 0.1f);
        for (unsigned i = 0; i < N; i++)
            sustain[i] = i < N / 2 || (!dies && i % 200 == 0) ? 0.5f : 0;
        rig.curve[rig_row(&rig, "sustain")] = sustain;
        rig.events = &on;
        rig.n_events = 1;
        rig.block = 37;
        rig_start(&rig);
        rig_process(&rig, NULL, (float *[]){left[0], right[0]}, N);
        ck_assert_float_eq(rig_reading(&rig, "voices_now"), dies ? 0 : 1);
        rig_free(&rig);
    }
}
END_TEST

static uint32_t random_next(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Fills with notes and controllers at random; all is off at `end`. */
static size_t flood_fill(struct event *events, size_t n, unsigned end, uint32_t seed)
{
    bool is_on[24] = {false};
    size_t k = 0;
    for (; k < n; k++) {
        unsigned number = random_next(&seed) % 24;
        events[k] = (struct event){.offset = (uint32_t)(k * end / n), .note = 40 + (float)number};
        if (random_next(&seed) % 4 == 0) {
            events[k].kind = EVENT_BEND + (random_next(&seed) % 8 == 0);
            events[k].value = (float)(random_next(&seed) % 200) / 100 - 1;
            continue;
        }
        events[k].kind = is_on[number] ? EVENT_NOTE_OFF : EVENT_NOTE_ON;
        events[k].value = (float)(random_next(&seed) % 128);
        is_on[number] = !is_on[number];
    }
    for (unsigned number = 0; number < 24; number++)
        if (is_on[number])
            events[k++] = (struct event){.offset = end, .kind = EVENT_NOTE_OFF, .note = 40 + (float)number};
    return k;
}

START_TEST(a_flood_of_notes_ends_in_silence_with_no_voice_left)
{
    static struct event events[4100];
    for (unsigned preset = 0; preset < node_class_find("analog")->n_presets; preset++) {
        struct rig rig = rig_new("analog", RATE_HZ, 0);
        preset_set(&rig, preset);
        rig_set(&rig, "voices", 1 + (float)(preset % 7));
        rig_set(&rig, "release", 0.05f);
        rig.events = events;
        rig.n_events = flood_fill(events, 4000, 60000, preset + 1);
        rig_start(&rig);
        rig_process(&rig, NULL, (float *[]){left[0], right[0]}, N);
        ck_assert(all_finite(left[0], N));
        ck_assert_double_gt(peak(left[0], 60000), 0);
        ck_assert_double_eq(peak(left[0] + 64000, N - 64000), 0);
        ck_assert_float_eq(rig_reading(&rig, "voices_now"), 0);
        rig_free(&rig);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        eight_notes_struck_as_hard_as_can_be_do_not_clip,
        the_division_into_blocks_changes_no_bit,
        drive_that_comes_and_goes_sounds_the_same_however_time_is_divided,
        a_key_held_in_vain_keeps_no_voice,
        a_flood_of_notes_ends_in_silence_with_no_voice_left,
    };
    return suite_run("analog, played", 60, tests, ROWS(tests));
}
