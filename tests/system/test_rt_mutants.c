/* The real-time gates have teeth: row R1m. Each fault that the mutant build can commit on the audio thread, at each of its
 * sites in turn, must show in the one gate that is there for it. */
#include <check.h>
#include <stdio.h>

#include "tests/suite.h"
#include "tests/system/gate.h"
#include "tests/system/scene.h"

#define WATCHED_S 1.0
#define EDITS_HZ  20.0

struct sight {
    const struct gate *gate;
    struct gate_moment from, to;
};

static bool sees_calls(const struct sight *sight, enum rtgate_kind kind)
{
    return atomic_load(&sight->gate->seen->calls[kind]) > 0;
}

static bool sees_alloc(const struct sight *sight)
{
    return sees_calls(sight, RTGATE_ALLOC);
}

static bool sees_free(const struct sight *sight)
{
    return sees_calls(sight, RTGATE_FREE);
}

static bool sees_lock(const struct sight *sight)
{
    return sees_calls(sight, RTGATE_LOCK);
}

static bool sees_sleep(const struct sight *sight)
{
    return sees_calls(sight, RTGATE_SLEEP);
}

static bool sees_io(const struct sight *sight)
{
    return sees_calls(sight, RTGATE_IO);
}

static bool sees_switches(const struct sight *sight)
{
    return (double)(sight->to.switches - sight->from.switches) >
           1.001 * (double)(sight->to.cycles - sight->from.cycles) + 2;
}

static bool sees_faults(const struct sight *sight)
{
    return sight->to.minor_faults > sight->from.minor_faults;
}

static bool sees_syscalls(const struct sight *sight)
{
    return gate_syscalls(sight->gate) > 0;
}

static bool sees_denormals(const struct sight *sight)
{
    return atomic_load(&sight->gate->seen->denormal_cycles) > 0;
}

static bool sees_stack(const struct sight *sight)
{
    return atomic_load(&sight->gate->seen->stack_used_bytes) > RTGATE_STACK_MOST;
}

static bool sees_anything(const struct sight *sight)
{
    for (unsigned i = 0; i < RTGATE_KINDS; i++)
        if (sees_calls(sight, i))
            return true;
    return sees_switches(sight) || sees_faults(sight) || sees_syscalls(sight) || sees_denormals(sight) || sees_stack(sight);
}

static const struct row {
    const char *mutant;
    bool (*sees)(const struct sight *sight);
} rows[] = {
    {"malloc@node", sees_alloc},     {"malloc@drain", sees_alloc},    {"malloc@swap", sees_alloc},
    {"free@swap", sees_free},        {"bigfree@drain", sees_free},    {"lock@node", sees_lock},
    {"lock@drain", sees_lock},       {"lock@swap", sees_lock},        {"contended@node", sees_switches},
    {"printf@drain", sees_io},       {"sleep@swap", sees_sleep},      {"sleep@node", sees_switches},
    {"fault@drain", sees_faults},    {"syscall@node", sees_syscalls}, {"syscall@drain", sees_syscalls},
    {"syscall@swap", sees_syscalls}, {"noftz@node", sees_denormals},  {"stack@drain", sees_stack},
};

/* Plays the scene on a daemon with this fault (null: none) and tells whether `sees` notices. */
static bool notices(struct studio *studio, const char *mutant, bool (*sees)(const struct sight *sight))
{
    struct gate gate;
    struct scene scene;
    gate_open(&gate, studio, mutant);
    scene_open(&scene, studio);
    scene_play(&scene, 0.2, EDITS_HZ);
    struct sight sight = {.gate = &gate, .from = gate_moment(&gate, studio)};
    scene_play(&scene, WATCHED_S, EDITS_HZ);
    sight.to = gate_moment(&gate, studio);
    bool seen = sees(&sight);
    if (!mutant)
        gate_accuse(&gate);
    scene_close(&scene);
    client_close(&studio->client);
    process_stop(&studio->dawd);
    gate_close(&gate);
    return seen;
}

START_TEST(every_gate_notices_the_fault_that_it_is_there_for)
{
    struct studio *studio = studio_open(&(struct studio_options){.variant = "mutant", .no_daemon = true});
    unsigned caught = 0;
    bool clean = !notices(studio, NULL, sees_anything);
    for (unsigned i = 0; i < ROWS(rows); i++) {
        bool seen = notices(studio, rows[i].mutant, rows[i].sees);
        caught += seen;
        if (!seen)
            printf("not noticed: %s\n", rows[i].mutant);
    }
    bool pass = caught == ROWS(rows) && clean;
    printf("REL R1m mutants_caught=%u/%zu clean_run=%s %s\n", caught, ROWS(rows), clean ? "clean" : "noisy",
           pass ? "PASS" : "FAIL");
    fflush(stdout);
    studio_close(studio);
    ck_assert_msg(pass, "a gate has lost its teeth");
}
END_TEST

int main(void)
{
    const TTest *tests[] = {every_gate_notices_the_fault_that_it_is_there_for};
    return suite_run("mutants", 180, tests, ROWS(tests));
}
