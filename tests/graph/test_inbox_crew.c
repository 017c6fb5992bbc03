/* Notes of nodes that several threads run: a storm of them, from other nodes, by clients, with edges that are cut meanwhile.
 * Every node hears the same as where one thread runs them all, in the same order, and every note ends. */
#include <check.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "daemon/workers.h"
#include "graph/play.h"
#include "tests/event_nodes.h"
#include "tests/graph_rig.h"
#include "tests/suite.h"

#define RATE_HZ   48000
#define N_THREADS 3
#define N_EARS    6
#define N_CLIENTS 4

static struct graph_rig *rig_with(struct workers *workers)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    rig->ctl->model.n_threads = workers ? N_THREADS : 1;
    rig->ctl->engine->crew = workers ? workers_crew(workers) : NULL;
    if (workers)
        workers_crew(workers)->on_ns = workers_crew(workers)->off_ns = 0;
    /* Each ear hears a storm of its own by a relay, and that of its neighbour: other threads fill its lists. */
    for (unsigned i = 0; i < N_EARS; i++)
        graph_rig_commit(rig, "add storm%u storm; add relay%u relay; add ear%u ear; connect storm%u relay%u", i, i, i, i,
                         i);
    for (unsigned i = 0; i < N_EARS; i++)
        graph_rig_commit(rig, "connect relay%u ear%u; connect storm%u ear%u", i, i, (i + 1) % N_EARS, i);
    graph_rig_settle(rig);
    return rig;
}

static struct node *ear_node(const struct graph_rig *rig, unsigned i)
{
    char name[8];
    snprintf(name, sizeof name, "ear%u", i);
    return graph_rig_node(rig, name);
}

static struct ear *ear(const struct graph_rig *rig, unsigned i)
{
    return ear_node(rig, i)->object->state;
}

static void play(struct ctl *ctl, struct node *node, uint32_t *seed)
{
    struct error error = {0};
    uint32_t what = dice_below(seed, 12), client = 1 + dice_below(seed, N_CLIENTS), duration = 0;
    struct event event = {.kind = what < 6    ? EVENT_NOTE_ON
                                  : what < 10 ? EVENT_NOTE_OFF
                                              : EVENT_CONTROL,
                          .channel = (uint8_t)dice_below(seed, 2),
                          .note = (float)dice_below(seed, 128),
                          .value = (float)(1 + dice_below(seed, 127)),
                          .source = play_source(client)};
    if (event.kind == EVENT_CONTROL)
        event.number = (uint8_t)dice_below(seed, 128);
    if (event.kind == EVENT_NOTE_ON && dice_below(seed, 3) == 0)
        duration = 1 + dice_below(seed, 5000);
    ck_assert_int_eq(ctl_play(ctl, node, &event, duration, &error), 0);
}

static void gone(struct ctl *ctl, uint32_t client)
{
    struct error error = {0};
    ck_assert_int_eq(ctl_source_gone(ctl, play_source(client), &error), 0);
}

/* ---- against one thread ----------------------------------------------------------------------------------------------- */

static void round_edit(struct graph_rig *rig, uint32_t *seed, bool *is_wired)
{
    for (unsigned n = dice_below(seed, 40); n-- > 0;)
        play(rig->ctl, ear_node(rig, dice_below(seed, N_EARS)), seed);
    if (dice_below(seed, 10) == 0)
        gone(rig->ctl, 1 + dice_below(seed, N_CLIENTS));
    unsigned i = dice_below(seed, N_EARS);
    if (dice_below(seed, 4) == 0) {
        graph_rig_commit(rig, "%s relay%u ear%u", is_wired[i] ? "disconnect" : "connect", i, i);
        is_wired[i] = !is_wired[i];
    }
}

static unsigned n_different(const struct ear *a, const struct ear *b)
{
    unsigned n = a->n != b->n;
    for (unsigned i = 0; !n && i < a->n; i++)
        n += a->noted[i].frame != b->noted[i].frame || a->noted[i].event.kind != b->noted[i].event.kind ||
             a->noted[i].event.channel != b->noted[i].event.channel ||
             a->noted[i].event.number != b->noted[i].event.number || a->noted[i].event.note != b->noted[i].event.note ||
             a->noted[i].event.value != b->noted[i].event.value;
    return n;
}

START_TEST(every_node_hears_what_it_would_hear_by_one_thread)
{
    struct workers *workers = workers_new(N_THREADS);
    struct graph_rig *rig[2] = {rig_with(workers), rig_with(NULL)};
    uint64_t n_heard = 0;
    bool is_wired[2][N_EARS];
    memset(is_wired, true, sizeof is_wired);
    for (unsigned round = 0; round < RIG_ROUNDS(200, 40); round++) {
        for (unsigned k = 0; k < 2; k++) {
            uint32_t seed = 11 + 31 * round;
            round_edit(rig[k], &seed, is_wired[k]);
            graph_rig_run(rig[k], 1 + dice_below(&seed, 1500));
        }
        for (unsigned i = 0; i < N_EARS; i++) {
            struct ear *a = ear(rig[0], i), *b = ear(rig[1], i);
            ck_assert_msg(!n_different(a, b), "ear%u in round %u", i, round);
            ck_assert_uint_eq(a->n_broken + b->n_broken, 0);
            n_heard += a->n;
            a->n = b->n = 0;
        }
    }
    ck_assert_uint_gt(n_heard, RIG_ROUNDS(200, 40) * N_EARS);
    ck_assert_uint_gt(workers_crew(workers)->n_shared, RIG_ROUNDS(200, 40));
    for (unsigned k = 0; k < 2; k++)
        graph_rig_free(rig[k]);
    workers_free(workers);
}
END_TEST

/* ---- while control looks ---------------------------------------------------------------------------------------------- */

/* An engine that never waits. */
struct stage {
    struct engine_rt *engine;
    _Atomic bool quit;
};

static void *run(void *argument)
{
    struct stage *stage = argument;
    static float *const nowhere[DEVICE_PORTS_MAX];
    const struct cycle cycle = {.n_frames = 64, .ports = nowhere, .budget_ns = 1000000000};
    while (!atomic_load(&stage->quit)) {
        engine_cycle_rt(stage->engine, &cycle);
        sched_yield();
    }
    return NULL;
}

static void wait_frames(struct ctl *ctl, unsigned n)
{
    for (uint64_t end = ctl_clock(ctl) + n; ctl_clock(ctl) < end; sched_yield())
        ctl_poll(ctl);
}

START_TEST(what_is_on_can_be_looked_at_while_it_is_played_and_all_ends)
{
    struct workers *workers = workers_new(N_THREADS);
    struct graph_rig *rig = rig_with(workers);
    struct stage stage = {.engine = rig->ctl->engine};
    struct play_note notes[EVENTS_HELD_MOST];
    uint32_t seed = 5;
    uint64_t n_seen = 0;
    pthread_t audio;
    ck_assert_int_eq(pthread_create(&audio, NULL, run, &stage), 0);
    for (unsigned i = 0; i < RIG_ROUNDS(6000, 1500); i++) {
        play(rig->ctl, ear_node(rig, dice_below(&seed, N_EARS)), &seed);
        ctl_poll(rig->ctl);
        unsigned n = play_notes(ear_node(rig, dice_below(&seed, N_EARS)), notes);
        ck_assert_uint_le(n, EVENTS_HELD_MOST);
        for (unsigned k = 0; k < n; k++)
            ck_assert(notes[k].channel < EVENT_CHANNELS && notes[k].note >= 0 && notes[k].note <= 127);
        n_seen += n;
        if (i % 64 == 0)
            wait_frames(rig->ctl, 64);
    }
    for (uint32_t client = 1; client <= N_CLIENTS; client++)
        gone(rig->ctl, client);
    for (unsigned i = 0; i < N_EARS; i++)
        graph_rig_commit(rig, "disconnect relay%u ear%u; disconnect storm%u ear%u", i, i, (i + 1) % N_EARS, i);
    wait_frames(rig->ctl, RATE_HZ / 2);
    atomic_store(&stage.quit, true);
    pthread_join(audio, NULL);
    ck_assert_uint_gt(n_seen, 0);
    for (unsigned i = 0; i < N_EARS; i++) {
        ck_assert_uint_eq(ear(rig, i)->n_on, 0);
        ck_assert_uint_eq(ear(rig, i)->n_broken, 0);
        ck_assert_uint_eq(play_notes(ear_node(rig, i), notes), 0);
    }
    graph_rig_free(rig);
    workers_free(workers);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {every_node_hears_what_it_would_hear_by_one_thread,
                                  what_is_on_can_be_looked_at_while_it_is_played_and_all_ends};
    return suite_run("notes by several threads", 60, tests, ROWS(tests));
}
