/* One result on every processor: each class as the build runs it, with the best instructions that this processor has,
 * against the same sources compiled for one instruction set alone (build/release/tests/nodes_*.so). What both make of the
 * same noise agrees to -120 dB, at rest, at random settings, and while everything moves.
 */
#include <check.h>
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "tests/suite.h"
#include "tests/trial.h"

#define N_FRAMES ((size_t)12000)
#define AGREE_DB 120

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
