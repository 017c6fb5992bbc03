/* A real drum kit with layers of velocity: Debian's hydrogen-data, by way of scripts/hydrogen-sfz. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/instrument_rig.h"
#include "tests/sampler_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define KIT  "/usr/share/hydrogen/data/drumkits/GMRockKit"
#define RATE SAMPLER_RIG_RATE
#define KICK 36

static struct instrument_rig files;
static struct media *kit;

static void load(void)
{
    char command[300];
    struct error error = {0};
    files = instrument_rig_new();
    ck_assert_msg(access(KIT "/drumkit.xml", R_OK) == 0, "hydrogen-data is not installed (scripts/bootstrap test)");
    snprintf(command, sizeof command, "scripts/hydrogen-sfz " KIT " >%s", instrument_rig_path(&files, "kit.sfz"));
    ck_assert_int_eq(system(command), 0);
    files_deinit(&files.files);
    const char *const roots[] = {files.folder, KIT};
    ck_assert_int_eq(files_init(&files.files, roots, 2, &error), 0);
    kit = instrument_rig_load(&files, "kit.sfz");
    ck_assert_msg(kit != NULL, "%s", files.error.text);
    ck_assert_str_eq(files.load.warning, "");
}

static void unload(void)
{
    media_unref(kit);
    instrument_rig_free(&files);
}

/* The sound that a note plays; exactly one. */
static const char *sound_of(unsigned key, unsigned velocity)
{
    const struct instrument *instrument = kit->instrument;
    const char *path = NULL;
    for (uint32_t i = instrument->by_key[key]; i < instrument->by_key[key + 1]; i++) {
        const struct instrument_zone *zone = &instrument->zones[instrument->of_key[i]];
        if (!instrument_zone_meets(zone, (float)velocity, false))
            continue;
        ck_assert_msg(!path, "key %u at %u plays two sounds", key, velocity);
        path = strrchr(instrument->sounds[zone->sound].path, '/') + 1;
    }
    return path;
}

/* The bounds of drumkit.xml, as parts of 127: 0.2029, 0.3696, 0.7319, 0.8659. */
START_TEST(each_velocity_has_its_layer)
{
    static const struct {
        unsigned first, last;
        const char *file;
    } layers[] = {{0, 25, "Kick-Softest.wav"},
                  {26, 46, "Kick-Soft.wav"},
                  {47, 92, "Kick-Med.wav"},
                  {93, 109, "Kick-Hard.wav"},
                  {110, 127, "Kick-Hardest.wav"}};
    load();
    for (unsigned i = 0; i < ROWS(layers); i++)
        for (unsigned velocity = layers[i].first; velocity <= layers[i].last; velocity++)
            ck_assert_str_eq(sound_of(KICK, velocity), layers[i].file);
    unload();
}
END_TEST

START_TEST(no_key_of_the_kit_has_a_hole)
{
    unsigned n_keys = 0;
    load();
    for (unsigned key = 0; key < INSTRUMENT_KEYS; key++) {
        n_keys += sound_of(key, 64) != NULL;
        for (unsigned velocity = 1; sound_of(key, 64) && velocity < 128; velocity++)
            ck_assert_msg(sound_of(key, velocity) != NULL, "key %u is silent at %u", key, velocity);
    }
    ck_assert_uint_ge(n_keys, 16);
    unload();
}
END_TEST

START_TEST(harder_hits_are_louder_and_nothing_clips)
{
    double before = 0;
    load();
    for (float velocity = 12; velocity < 128; velocity += 23) {
        struct rig rig = rig_new("sampler", RATE, 0);
        rig_media(&rig, "file", kit);
        rig_start(&rig);
        const struct event on = sampler_rig_on(100, KICK, velocity);
        float *x = sampler_rig_play(&rig, &on, 1, RATE / 2, NULL);
        double level = rms(x, RATE / 2);
        ck_assert_msg(level > 1.1 * before, "at %g it is no louder", (double)velocity);
        ck_assert_double_lt(peak(x, RATE / 2), 1.2);
        ck_assert_double_eq(peak(x, 100), 0);
        before = level;
        free(x);
        rig_free(&rig);
    }
    unload();
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {each_velocity_has_its_layer, no_key_of_the_kit_has_a_hole,
                                  harder_hits_are_louder_and_nothing_clips};
    return suite_run("sampler_kit", 30, tests, sizeof tests / sizeof tests[0]);
}
