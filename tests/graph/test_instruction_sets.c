/* One result on every processor: each class as the build runs it, with the best instructions that this processor has,
 * against the same sources compiled for one instruction set alone (build/release/tests/nodes_*.so). What both make of the
 * same noise agrees to -120 dB, at rest, at random settings, and while everything moves.
 */
#include <check.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/sampler_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"
#include "tests/trial.h"

#define N_FRAMES ((size_t)12000)
#define AGREE_DB 120
#define SOUND    3001 /* frames that a sampler plays */

static struct take perform(const struct node_class *class, const struct take *in, int setting)
{
    struct trial trial = trial_new(class, 0, 48000);
    if (setting)
        trial_randomise(&trial, (uint32_t)setting);
    trial_start(&trial);
    struct take out = setting == 3 ? trial_run_driven(&trial, in, true) : trial_run(&trial, in);
    trial_free(&trial);
    return out;
}

/* The worst agreement of one class over all settings. */
static double agreement_db(const struct node_class *class, const struct node_class *alone, const struct take *in)
{
    double worst_db = 400;
    for (int setting = 0; setting < 4; setting++) {
        struct take here = perform(class, in, setting), there = perform(alone, in, setting);
        double db = take_snr_db(&here, &there);
        ck_assert_msg(db >= AGREE_DB, "%s, setting %d: %.1f dB", class->name, setting, db);
        worst_db = db < worst_db ? db : worst_db;
        take_free(&here);
        take_free(&there);
    }
    return worst_db;
}

/* What a sampler makes of a sound, over octaves and through filters: trials have no file for it. */
static void sampler_perform(const struct node_class *class, float *left, float *right)
{
    static float noise[2 * SOUND];
    struct sampler_rig made = {0};
    noise_fill(noise, 2 * SOUND, 0.5, 3);
    struct instrument_zone *zone = sampler_rig_add(&made, noise, SOUND, 2, 44100);
    zone->loop_mode = INSTRUMENT_LOOPS;
    zone->loop_end = SOUND;
    zone->filter = (struct instrument_filter){.kind = INSTRUMENT_BANDPASS, .cutoff_hz = 900, .q = 1, .key_cents = 100};
    struct rig rig = sampler_rig_node_of(&made, class);
    rig_set(&rig, "cutoff", 9000);
    rig_start(&rig);
    const struct event events[] = {sampler_rig_on(0, 30, 90), sampler_rig_on(1000, 60, 90), sampler_rig_on(3000, 67.2f, 90),
                                   sampler_rig_on(5000, 91, 90), sampler_rig_on(7000, 115.5f, 90)};
    float *heard = sampler_rig_play(&rig, events, ROWS(events), N_FRAMES, right);
    memcpy(left, heard, N_FRAMES * sizeof *left);
    free(heard);
    free(made.instrument.of_key);
    rig_free(&rig);
}

static void compare_sampler(const struct node_class *here, const struct node_class *there)
{
    static float sound[4][N_FRAMES];
    sampler_perform(here, sound[0], sound[1]);
    sampler_perform(there, sound[2], sound[3]);
    ck_assert_double_gt(rms(sound[0], N_FRAMES), 0.01);
    ck_assert_mem_eq(sound[0], sound[2], sizeof sound[0]);
    ck_assert_mem_eq(sound[1], sound[3], sizeof sound[1]);
}

static void compare_with(const char *set)
{
    char path[512];
    Dl_info self;
    ck_assert(dladdr((void *)compare_with, &self));
    snprintf(path, sizeof path, "%.*s/../nodes_%s.so", (int)(strrchr(self.dli_fname, '/') - self.dli_fname), self.dli_fname,
             set);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    ck_assert_msg(library, "%s", dlerror());
    const struct node_class *const *registry = dlsym(library, "node_registry");
    struct take in = take_new(RIG_CHANNELS_MAX, N_FRAMES, 0.5, 7);
    double worst_db = 400;
    for (unsigned i = 0; i < n_node_registry; i++) {
        ck_assert_str_eq(registry[i]->name, node_registry[i]->name);
        ck_assert_ptr_ne(registry[i], node_registry[i]);
        double db = agreement_db(node_registry[i], registry[i], &in);
        worst_db = db < worst_db ? db : worst_db;
        if (strcmp(registry[i]->name, "sampler") == 0)
            compare_sampler(node_registry[i], registry[i]);
    }
    printf("REL sets this_processor_against=%s classes=%u worst_db=%.1f PASS\n", set, n_node_registry, worst_db);
    take_free(&in);
    dlclose(library);
}

START_TEST(the_plainest_processor_gives_the_same_sound)
{
    compare_with("x86-64");
}
END_TEST

START_TEST(a_processor_with_avx2_gives_the_same_sound)
{
    if (__builtin_cpu_supports("avx2"))
        compare_with("x86-64-v3");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {the_plainest_processor_gives_the_same_sound, a_processor_with_avx2_gives_the_same_sound};
    return suite_run("instruction sets", 60, tests, ROWS(tests));
}
