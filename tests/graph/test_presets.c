/* The presets of every instrument of the registry, as a musician meets them: a line and a chord. The figures are those of a room:
 * loudness of ITU-R BS.1770, as the node `meter` measures it. An instrument that reads files plays a tone of chance here; how
 * loud and how bright it is, is that tone's affair then, but not how its presets compare.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/batch.h"
#include "graph/preset.h"
#include "tests/graph_rig.h"
#include "tests/loud_rig.h"
#include "tests/sampler_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE_HZ  48000
#define PHRASE   (RATE_HZ * 9 / 4)
#define TAIL     (RATE_HZ * 15)
#define LINE     4
#define EVENTS   40
#define LEVEL_LU 3 /* between the softest and the loudest */

/* Presets that are not for the middle of the keyboard, and those to which touch is nothing: organs. */
static const struct {
    const char *name;
    int octave;
} ranges[] = {{"bass", -2}, {"acid", -2}, {"log_drum", -1}};
static const char *const even[] = {"organ", "even"};

static float left[TAIL], right[TAIL];

/* ---- playing ---------------------------------------------------------------------------------------------------------- */

struct score {
    struct event event[EVENTS];
    size_t n;
};

static float lowest(const struct preset *preset)
{
    for (size_t i = 0; i < ROWS(ranges); i++)
        if (strcmp(preset->name, ranges[i].name) == 0)
            return 60 + 12 * (float)ranges[i].octave;
    return 60;
}

static bool is_even(const struct preset *preset)
{
    for (size_t i = 0; i < ROWS(even); i++)
        if (strcmp(preset->name, even[i]) == 0)
            return true;
    return false;
}

static void put(struct score *score, double at_s, double for_s, float note, float velocity)
{
    uint32_t at = (uint32_t)(at_s * RATE_HZ), end = (uint32_t)((at_s + for_s) * RATE_HZ);
    score->event[score->n++] = (struct event){.offset = at, .kind = EVENT_NOTE_ON, .note = note, .value = velocity};
    score->event[score->n++] = (struct event){.offset = end, .kind = EVENT_NOTE_OFF, .note = note, .value = 64};
}

static int earlier(const void *a, const void *b)
{
    const struct event *x = a, *y = b;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* A tone of ten partials, of half a second, that loops. */
static struct rig rig_of(const struct node_class *class, struct sampler_rig *made)
{
    static float tone[RATE_HZ / 2];
    if (strcmp(class->name, "sampler") != 0)
        return rig_new(class->name, RATE_HZ, 0);
    memset(tone, 0, sizeof tone);
    for (unsigned partial = 1; partial <= 10; partial++)
        for (size_t i = 0; i < ROWS(tone); i++)
            tone[i] += (float)(0.1 / partial * sin(2 * M_PI * 262 * partial * (double)i / RATE_HZ));
    struct instrument_zone *zone = sampler_rig_add(made, tone, ROWS(tone), 1, RATE_HZ);
    zone->loop_mode = INSTRUMENT_LOOPS;
    zone->loop_end = ROWS(tone);
    return sampler_rig_node(made);
}

static void preset_set(struct rig *rig, const struct preset *preset)
{
    static struct base values[RIG_PARAMS_MAX];
    struct error error = {0};
    ck_assert_msg(!preset_read(rig->class, preset, values, &error), "%s: %s", preset->name, error.text);
    for (unsigned row = 0; row < rig->class->n_params; row++)
        if (preset_has_row(&rig->class->params[row]))
            rig->value[row] = values[row].value;
}

/* Into left and right. Whether it sleeps afterwards. */
static bool play(const struct node_class *class, const struct preset *preset, struct score *score, size_t n)
{
    static struct sampler_rig made;
    memset(&made, 0, sizeof made);
    struct rig rig = rig_of(class, &made);
    preset_set(&rig, preset);
    rig_start(&rig);
    qsort(score->event, score->n, sizeof *score->event, earlier);
    rig.events = score->event;
    rig.n_events = score->n;
    rig_process(&rig, NULL, (float *[]){left, right}, n);
    if (rig.n_out == 1)
        memcpy(right, left, n * sizeof *left);
    bool (*settled)(void *, unsigned, uint64_t) = class->sleeps.settled;
    bool sleeps = !class->sleeps.can || !settled || settled(rig.state, BLOCK_MAX, 0);
    rig_free(&rig);
    free(made.instrument.of_key);
    return sleeps;
}

static double loudness(size_t n)
{
    struct rig meter = loud_meter(2);
    rig_process(&meter, (const float *[]){left, right}, (float *[]){NULL, NULL}, n);
    double lufs = (double)rig_reading(&meter, "integrated");
    rig_free(&meter);
    return lufs;
}

/* Four short notes up, and a chord of three for almost a second. */
static double phrase_lufs(const struct node_class *class, const struct preset *preset, float velocity)
{
    static const float line[LINE] = {0, 3, 7, 10};
    struct score score = {.n = 0};
    for (unsigned i = 0; i < LINE; i++)
        put(&score, 0.25 * i, 0.22, lowest(preset) + line[i], velocity);
    for (unsigned i = 0; i < 3; i++)
        put(&score, 1, 0.9, lowest(preset) + line[i], velocity);
    play(class, preset, &score, PHRASE);
    return loudness(PHRASE);
}

static void note_play(const struct node_class *class, const struct preset *preset, float velocity, size_t n)
{
    struct score score = {.n = 0};
    put(&score, 0, 1, lowest(preset) + 7, velocity);
    play(class, preset, &score, n);
}

/* How steep beside how loud: grows with what is above. */
static double brightness(size_t n)
{
    double steps = 0;
    for (size_t i = 1; i < n; i++)
        steps += pow((double)left[i] - (double)left[i - 1], 2);
    return sqrt(steps / (double)n) / rms(left, n);
}

/* Sanitizers see in one of them what there is to see. */
static unsigned n_heard(const struct node_class *class)
{
    return RIG_ROUNDS(class->n_presets, class->n_presets ? 1 : 0);
}

/* ---- tests ------------------------------------------------------------------------------------------------------------ */

static bool reads_a_file(const struct node_class *class)
{
    for (unsigned row = 0; row < class->n_params; row++)
        if (class->params[row].kind == PARAM_FILE)
            return true;
    return false;
}

/* Softest and loudest preset of a class, in the order of what was there before. */
static void loudness_range(const struct node_class *class, double range[2])
{
    for (unsigned p = 0; p < n_heard(class); p++) {
        double lufs = phrase_lufs(class, &class->presets[p], 100);
        range[0] = fmin(range[0], lufs);
        range[1] = fmax(range[1], lufs);
        ck_assert_msg(range[1] - range[0] <= LEVEL_LU, "%s %s: %.1f LUFS, of %.1f to %.1f", class->name,
                      class->presets[p].name, lufs, range[0], range[1]);
    }
}

START_TEST(presets_are_alike_in_loudness_over_all_synthesisers)
{
    double range[2] = {100, -100};
    for (unsigned i = 0; i < n_node_registry; i++) {
        double alone[2] = {100, -100};
        loudness_range(node_registry[i], reads_a_file(node_registry[i]) ? alone : range);
    }
    ck_assert_double_ge(range[0], -24);
}
END_TEST

START_TEST(a_chord_of_six_struck_as_hard_as_can_be_does_not_clip)
{
    static const float chord[] = {-12, -5, 0, 3, 7, 12};
    const struct node_class *class = node_registry[_i];
    for (unsigned p = 0; p < n_heard(class) && !reads_a_file(class); p++) {
        struct score score = {.n = 0};
        for (unsigned i = 0; i < ROWS(chord); i++)
            put(&score, 0, 1.5, lowest(&class->presets[p]) + chord[i], 127);
        play(class, &class->presets[p], &score, PHRASE);
        double most = fmax(peak(left, PHRASE), peak(right, PHRASE));
        ck_assert_msg(most < 1, "%s %s: %.2f dB", class->name, class->presets[p].name, decibel(most));
    }
}
END_TEST

START_TEST(what_is_played_harder_is_louder_and_brighter)
{
    const struct node_class *class = node_registry[_i];
    for (unsigned p = 0; p < n_heard(class); p++) {
        const struct preset *preset = &class->presets[p];
        double level[3], bright[3];
        for (unsigned k = 0; k < 3; k++) {
            note_play(class, preset, 40 + 40 * (float)k, RATE_HZ);
            level[k] = decibel(rms(left, RATE_HZ));
            bright[k] = brightness(RATE_HZ);
        }
        if (is_even(preset))
            continue;
        ck_assert_msg(level[1] > level[0] + 1 && level[2] > level[1] + 1, "%s %s: %.1f %.1f %.1f dB", class->name,
                      preset->name, level[0], level[1], level[2]);
        ck_assert_msg(reads_a_file(class) || (bright[1] > bright[0] * 1.01 && bright[2] > bright[1] * 1.01),
                      "%s %s: %.4f %.4f %.4f", class->name, preset->name, bright[0], bright[1], bright[2]);
    }
}
END_TEST

/* Within the first quarter of a ms nothing jumps farther than the sound does afterwards. */
START_TEST(notes_begin_without_a_click)
{
    const struct node_class *class = node_registry[_i];
    for (unsigned p = 0; p < n_heard(class); p++) {
        note_play(class, &class->presets[p], 100, RATE_HZ);
        double first = fmax(fabs((double)left[0]), largest_step(left, RATE_HZ / 4000)),
               later = largest_step(left + RATE_HZ / 4000, RATE_HZ * 9 / 10);
        ck_assert_msg(first <= later, "%s %s: %.4f, later %.4f", class->name, class->presets[p].name, first, later);
    }
}
END_TEST

START_TEST(what_is_let_go_ends_and_sleeps)
{
    const struct node_class *class = node_registry[_i];
    for (unsigned p = 0; p < n_heard(class); p++) {
        struct score score = {.n = 0};
        for (unsigned i = 0; i < 6; i++)
            put(&score, 0.1 * i, 0.2, lowest(&class->presets[p]) + 5 * (float)i, 100);
        bool sleeps = play(class, &class->presets[p], &score, TAIL);
        ck_assert_msg(sleeps && peak(left + TAIL - RATE_HZ, RATE_HZ) == 0, "%s %s", class->name, class->presets[p].name);
    }
}
END_TEST

int main(void)
{
    const TTest *const each[] = {
        a_chord_of_six_struck_as_hard_as_can_be_does_not_clip,
        what_is_played_harder_is_louder_and_brighter,
        notes_begin_without_a_click,
        what_is_let_go_ends_and_sleeps,
    };
    TCase *tcase = tcase_create("every class");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, presets_are_alike_in_loudness_over_all_synthesisers);
    for (unsigned i = 0; i < ROWS(each); i++)
        tcase_add_loop_test(tcase, each[i], 0, (int)n_node_registry);
    return suite_run_case("presets", tcase);
}
