/* Several threads run the tasks of a plan, and nobody can hear it: to the bit the sound of one thread, whatever is edited
 * meanwhile. Cycles are shared from the first bit of work on here. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "daemon/workers.h"
#include "tests/graph_check.h"
#include "tests/graph_pair.h"
#include "tests/suite.h"
#include "tests/voice_rig.h"

#define RATE_HZ  48000
#define N_ROUNDS RIG_ROUNDS(16, 3)
#define N_EDITS  RIG_ROUNDS(40, 15)
#define SLOTS    40

static struct graph_rig *rig_with(struct workers *workers, unsigned n_threads)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    rig->ctl->model.n_threads = n_threads;
    rig->ctl->engine->crew = workers ? workers_crew(workers) : NULL;
    if (workers)
        workers_crew(workers)->on_ns = workers_crew(workers)->off_ns = 0;
    return rig;
}

/* ---- tasks ----------------------------------------------------------------------------------------------------------- */

static unsigned task_of(const struct plan *plan, const struct node *node)
{
    for (unsigned t = 0; t < plan->n_tasks; t++)
        for (unsigned i = 0; i < plan->tasks[t].n; i++) {
            unsigned first = plan->task_steps[plan->tasks[t].first + i];
            for (unsigned k = first; k < first + plan->abreast[first]; k++)
                if (plan->steps[k].node == node->object)
                    return t;
        }
    ck_abort_msg("%s is in no task", node->name);
}

static bool waits_for(const struct plan *plan, unsigned t, unsigned from)
{
    for (unsigned i = 0; i < plan->tasks[from].n_next; i++)
        if (plan->task_next[plan->tasks[from].first_next + i] == t)
            return true;
    return false;
}

/* Every step is in one task; every task waits for those that it reads, and comes to run. */
static void check_tasks(const struct ctl *ctl)
{
    struct plan *plan = ctl->engine->plan;
    unsigned n_steps = 0, n_ready = 0, ready[1024], waits[1024];
    for (unsigned t = 0; t < plan->n_tasks; t++) {
        for (unsigned i = 0; i < plan->tasks[t].n; i++)
            n_steps += plan->abreast[plan->task_steps[plan->tasks[t].first + i]];
        if (!(waits[t] = plan->tasks[t].n_waits))
            ready[n_ready++] = t;
    }
    ck_assert_uint_eq(n_steps, plan->n_steps);
    for (const struct node *node = ctl->model.first; node; node = node->next)
        for (const struct edge *edge = node->in_first; edge; edge = edge->in_next)
            if (edge->planned && !edge->is_feedback) {
                unsigned from = task_of(plan, edge->from), to = task_of(plan, node);
                MUST(from == to || waits_for(plan, to, from), "%s does not wait for %s", node->name, edge->from->name);
            }
    for (unsigned i = 0; i < n_ready; i++)
        for (unsigned k = 0; k < plan->tasks[ready[i]].n_next; k++) {
            unsigned next = plan->task_next[plan->tasks[ready[i]].first_next + k];
            if (--waits[next] == 0)
                ready[n_ready++] = next;
        }
    ck_assert_uint_eq(n_ready, plan->n_tasks);
}

START_TEST(a_chain_is_a_task_with_what_modulates_it)
{
    struct graph_rig *rig = rig_with(NULL, 2);
    for (unsigned i = 0; i < 3; i++)
        graph_rig_commit(rig,
                         "fade 0; add s%u noise; add w%u lfo; add f%u filter 1; add g%u gain 1; connect s%u f%u;"
                         "connect w%u f%u:cutoff depth=1; connect f%u g%u; connect g%u out",
                         i, i, i, i, i, i, i, i, i, i, i);
    graph_rig_settle(rig);
    const struct plan *plan = rig->ctl->engine->plan;
    check_tasks(rig->ctl);
    for (unsigned i = 0; i < 3; i++) {
        char names[4][8];
        for (unsigned k = 0; k < 4; k++)
            snprintf(names[k], sizeof names[k], "%c%u", "swfg"[k], i);
        unsigned task = task_of(plan, graph_rig_node(rig, names[0]));
        for (unsigned k = 1; k < 4; k++)
            ck_assert_uint_eq(task_of(plan, graph_rig_node(rig, names[k])), task);
        ck_assert_uint_ne(task_of(plan, graph_rig_node(rig, "out")), task);
    }
    graph_rig_free(rig);
}
END_TEST

START_TEST(what_two_hear_is_a_task_by_itself)
{
    struct graph_rig *rig = rig_with(NULL, 2);
    graph_rig_commit(rig,
                     "fade 0; add s noise; add a gain; add b gain; connect s a; connect s b; connect a out; connect b out");
    graph_rig_settle(rig);
    const struct plan *plan = rig->ctl->engine->plan;
    unsigned s = task_of(plan, graph_rig_node(rig, "s"));
    check_tasks(rig->ctl);
    ck_assert_uint_ne(task_of(plan, graph_rig_node(rig, "a")), s);
    ck_assert_uint_ne(task_of(plan, graph_rig_node(rig, "b")), s);
    graph_rig_free(rig);
}
END_TEST

START_TEST(one_thread_has_no_tasks)
{
    struct graph_rig *rig = rig_with(NULL, 1);
    graph_rig_commit(rig, "add s noise; connect s out");
    graph_rig_settle(rig);
    ck_assert_uint_eq(rig->ctl->engine->plan->n_tasks, 0);
    graph_rig_free(rig);
}
END_TEST

/* ---- the sound ------------------------------------------------------------------------------------------------------- */

static void edit_text(char *text, size_t size, uint32_t *seed)
{
    static const char *const types[] = {"filter 1",       "filter 1", "butterworth 1 order=6", "noise 1",
                                        "gain 1 gain=-3", "lfo",      "filter 2 drive=6",      "delay 1 longest=1",
                                        "adsr",           "osc"};
    unsigned a = dice_below(seed, SLOTS), b = dice_below(seed, SLOTS), fade_ms = dice_below(seed, 20);
    switch (dice_below(seed, 11)) {
    case 0:
    case 1:
    case 2:
        snprintf(text, size, "fade 0.0%02u; add n%u %s; connect n%u out gain=-30", fade_ms, a,
                 types[dice_below(seed, ROWS(types))], a);
        break;
    case 3:
        snprintf(text, size, "fade 0.0%02u; remove n%u", fade_ms, a);
        break;
    case 4:
        snprintf(text, size, "fade 0.0%02u; disconnect n%u n%u", fade_ms, a, b);
        break;
    case 5:
        snprintf(text, size, "fade 0.0%02u; connect w n%u:cutoff depth=2", fade_ms, a);
        break;
    case 6:
        snprintf(text, size, "fade 0.0%02u; connect n%u n%u gain=-40 feedback", fade_ms, a, b);
        break;
    case 7:
        snprintf(text, size, "set n%u cutoff %u 0.0%02u", a, 100 + dice_below(seed, 5000), fade_ms);
        break;
    case 8:
        snprintf(text, size, "fade 0.0%02u; connect s n%u", fade_ms, a);
        break;
    default:
        snprintf(text, size, "fade 0.0%02u; connect n%u n%u gain=-%u", fade_ms, a, b, 1 + b);
    }
}

static unsigned run_round(unsigned round, struct workers *workers, unsigned n_threads)
{
    static const unsigned periods[] = {256, 64, 0, 1024};
    struct graph_rig *const rig[2] = {rig_with(workers, n_threads), rig_with(NULL, 1)};
    uint32_t seed = 7 + round;
    unsigned n_sounding = 0;
    for (unsigned k = 0; k < 2; k++) {
        rig[k]->period = periods[round % ROWS(periods)];
        graph_rig_commit(rig[k], "add s noise; add w lfo");
    }
    for (unsigned i = 0; i < N_EDITS; i++) {
        for (unsigned n = 1 + dice_below(&seed, 8); n; n--) {
            char text[256];
            edit_text(text, sizeof text, &seed);
            graph_pair_try(rig, text);
        }
        n_sounding += graph_pair_run(rig, 1 + dice_below(&seed, 1500), round);
        check_tasks(rig[0]->ctl);
    }
    graph_rig_free(rig[0]);
    graph_rig_free(rig[1]);
    return n_sounding;
}

START_TEST(random_graphs_sound_to_the_bit_as_by_one_thread)
{
    unsigned n_sounding = 0;
    for (unsigned n_threads = 2; n_threads <= 4; n_threads++) {
        struct workers *workers = workers_new(n_threads);
        for (unsigned round = 0; round < N_ROUNDS; round++)
            n_sounding += run_round(round, workers, n_threads);
        ck_assert_uint_gt(workers_crew(workers)->n_shared, N_ROUNDS * N_EDITS);
        workers_free(workers);
    }
    ck_assert_uint_gt(n_sounding, N_ROUNDS * N_EDITS);
}
END_TEST

/* Chords under bends, with ways out that rest, keys that stand still, and a container that calls them. */
static void play(struct graph_rig *const rig[2], uint32_t *seed)
{
    float note = 50 + (float)dice_below(seed, 16), value = (float)dice_below(seed, 100) / 100;
    unsigned what = dice_below(seed, 9);
    for (unsigned k = 0; k < 2; k++)
        switch (what) {
        case 0:
        case 1:
        case 2:
            voice_press(rig[k], note);
            break;
        case 3:
        case 4:
        case 5:
            voice_let_go(rig[k], note);
            break;
        case 6:
            voice_play(rig[k], "pad", EVENT_BEND, 0, value);
            break;
        case 7:
            graph_rig_set(rig[k], "pad/env", "sustain", value, 0.004);
            break;
        default:
            graph_rig_set(rig[k], "pad", "steal", (float)(unsigned)(3 * value), -1);
        }
}

START_TEST(voices_sound_to_the_bit_as_by_one_thread)
{
    struct workers *workers = workers_new(3);
    for (unsigned round = 0; round < N_ROUNDS; round++) {
        struct graph_rig *const rig[2] = {rig_with(workers, 3), rig_with(NULL, 1)};
        uint32_t seed = 70 + round;
        unsigned n_sounding = 0;
        for (unsigned k = 0; k < 2; k++) {
            rig[k]->period = 32U << round % 5;
            graph_rig_commit(
                rig[k], "add pad voices voices=7; add pad/o osc level=-30; add pad/f filter 1; add pad/env adsr "
                        "release=0.05; add pad/vca math op=2; connect pad/in:pitch pad/o:freq depth=1; connect "
                        "pad/in:gate pad/env; connect pad/o pad/f; connect pad/f pad/vca:a; connect pad/env pad/vca:b; "
                        "connect pad/vca pad/out; connect pad/out out; add l lfo; connect l pad/f:cutoff depth=1");
        }
        for (unsigned i = 0; i < 4 * N_EDITS; i++) {
            play(rig, &seed);
            n_sounding += graph_pair_run(rig, 1 + dice_below(&seed, 1500), round);
        }
        ck_assert_uint_gt(n_sounding, N_EDITS);
        graph_rig_free(rig[0]);
        graph_rig_free(rig[1]);
    }
    ck_assert_uint_gt(workers_crew(workers)->n_shared, N_ROUNDS * N_EDITS);
    workers_free(workers);
}
END_TEST

START_TEST(a_fault_that_a_worker_meets_is_told)
{
    struct workers *workers = workers_new(2);
    struct graph_rig *rig = rig_with(workers, 2);
    struct watch_note note = {0};
    for (unsigned i = 0; i < 8; i++)
        graph_rig_commit(rig, "fade 0; add s%u noise; connect s%u out", i, i);
    graph_rig_commit(rig, "fade 0; add b busy; connect s0 b; connect b out");
    graph_rig_settle(rig);
    uint64_t sequence = graph_rig_node(rig, "b")->sequence;
    graph_rig_set(rig, "b", "broken", 1, 0);
    graph_rig_cycle(rig, 256);
    graph_rig_run(rig, 256);
    while (ring_pop(&rig->ctl->engine->notes, &note) && note.kind != WATCH_FAULT)
        ;
    ck_assert_int_eq(note.kind, WATCH_FAULT);
    ck_assert_uint_eq(note.first, sequence);
    graph_rig_free(rig);
    workers_free(workers);
}
END_TEST

/* ---- when ------------------------------------------------------------------------------------------------------------ */

START_TEST(little_work_is_done_by_one)
{
    struct workers *workers = workers_new(2);
    struct graph_rig *rig = rig_with(workers, 2);
    workers_crew(workers)->on_ns = workers_crew(workers)->off_ns = 1e9;
    graph_rig_commit(rig,
                     "fade 0; add s noise; add a gain; add b gain; connect s a; connect s b; connect a out; connect b out");
    graph_rig_settle(rig);
    ck_assert_uint_eq(workers_crew(workers)->n_shared, 0);
    graph_rig_free(rig);
    workers_free(workers);
}
END_TEST

START_TEST(workers_come_and_go_without_work)
{
    for (unsigned i = 0; i < 20; i++)
        workers_free(workers_new(2 + i % 3));
    workers_free(NULL);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_chain_is_a_task_with_what_modulates_it,
        what_two_hear_is_a_task_by_itself,
        one_thread_has_no_tasks,
        random_graphs_sound_to_the_bit_as_by_one_thread,
        voices_sound_to_the_bit_as_by_one_thread,
        a_fault_that_a_worker_meets_is_told,
        little_work_is_done_by_one,
        workers_come_and_go_without_work,
    };
    return suite_run("crew", 100, tests, ROWS(tests));
}
