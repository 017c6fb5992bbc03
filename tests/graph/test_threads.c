/* Four engines side by side, each with a control thread that edits and an audio thread that never waits: row R6 of the
 * reliability catalogue. The thread sanitizer watches when it is built in; the test asks for what must hold in any case.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>

#include "tests/graph_check.h"
#include "tests/suite.h"

#define RATE_HZ   48000
#define N_ENGINES 4
#define N_EDITS   RIG_ROUNDS(4000, 600)
#define N_FRAMES  64

/* One engine and its two threads. */
struct pair {
    struct ctl *ctl;
    _Atomic bool quit;
    uint64_t n_cycles, n_refused; /* the audio thread's */
    unsigned n_applied, n_edits;  /* the control thread's */
    uint64_t last_frame;          /* answers come in the order of engine time */
    uint32_t seed;
    pthread_t audio, control;
};

static void *play(void *argument)
{
    struct pair *pair = argument;
    static float *const nowhere[DEVICE_PORTS_MAX];
    struct cycle cycle = {.n_frames = N_FRAMES, .ports = nowhere, .budget_ns = 1000000000};
    for (; !atomic_load(&pair->quit); pair->n_cycles++) {
        if (!engine_cycle_rt(pair->ctl->engine, &cycle))
            pair->n_refused++;
        if (pair->n_cycles % 64 == 0)
            engine_xrun(pair->ctl->engine);
        if (pair->n_cycles % 16 == 0)
            sched_yield(); /* there are more threads than processors */
    }
    return NULL;
}

static void on_applied(void *user, const struct outcome *outcome)
{
    struct pair *pair = user;
    MUST(!outcome->error->code && outcome->frame >= pair->last_frame, "an answer out of order: %s", outcome->error->text);
    pair->last_frame = outcome->frame;
    pair->n_applied++;
}

/* Some are late, so that delays come and go. */
static void add(struct pair *pair, struct tx *tx, const char *name)
{
    bool is_late = *name != 'b' && dice_below(&pair->seed, 2);
    const struct node_class *class = is_late ? &rig_late : node_class_find("gain");
    float value = is_late ? (float)dice_below(&pair->seed, 300) : -3;
    struct error error = {0};
    tx_add_node(tx, &(struct node_spec){.class = class, .name = name, .values = &value}, &error);
}

static void edit(struct pair *pair)
{
    static const char *const names[] = {"in", "b", "c", "d", "e"};
    struct error error = {0};
    unsigned a = dice_below(&pair->seed, 4), b = a + 1 + dice_below(&pair->seed, 4 - a);
    struct tx *tx = tx_open(pair->ctl, dice_below(&pair->seed, 4) / 1000.0);
    if (dice_below(&pair->seed, 4) == 0)
        tx_remove_node(tx, names[b], &error);
    else
        add(pair, tx, names[b]);
    tx_connect(tx, &(struct edge_spec){.from = names[a], .to = names[b], .gain_db = -1}, &error);
    tx_connect(tx, &(struct edge_spec){.from = names[b], .to = "out"}, &error);
    tx_commit(tx, (struct completion){on_applied, pair});
    pair->n_edits++;
}

static void move(struct pair *pair)
{
    struct error error = {0};
    struct node *node = model_find(&pair->ctl->model, "b");
    if (node)
        ctl_set_value(pair->ctl, node, 0, -(float)dice_below(&pair->seed, 60), 0.001, &error);
    for (node = pair->ctl->model.first; node; node = node->next)
        for (unsigned i = 0; i < node->class->n_readings; i++)
            (void)atomic_load_explicit(&node->object->readings[i], memory_order_relaxed);
}

static void *control(void *argument)
{
    struct pair *pair = argument;
    while (pair->n_edits < N_EDITS) {
        edit(pair);
        move(pair);
        ctl_poll(pair->ctl);
        sched_yield();
    }
    while (pair->n_applied < pair->n_edits || pair->ctl->fading || pair->ctl->moving) {
        ctl_poll(pair->ctl);
        sched_yield();
    }
    atomic_store(&pair->quit, true);
    return NULL;
}

static void start(struct pair *pair, unsigned i)
{
    struct error error = {0};
    *pair = (struct pair){.ctl = ctl_new(RATE_HZ, NULL), .seed = 1 + i};
    ck_assert(pair->ctl && ctl_add_fixtures(pair->ctl, &error) == 0);
    ck_assert_int_eq(pthread_create(&pair->audio, NULL, play, pair), 0);
    ck_assert_int_eq(pthread_create(&pair->control, NULL, control, pair), 0);
}

START_TEST(four_engines_are_edited_while_they_play_without_a_race)
{
    static struct pair pairs[N_ENGINES];
    unsigned n_applied = 0;
    uint64_t n_cycles = 0, n_refused = 0;
    for (unsigned i = 0; i < N_ENGINES; i++)
        start(&pairs[i], i);
    for (unsigned i = 0; i < N_ENGINES; i++) {
        pthread_join(pairs[i].control, NULL);
        pthread_join(pairs[i].audio, NULL);
        graph_check_model(pairs[i].ctl);
        n_applied += pairs[i].n_applied;
        n_cycles += pairs[i].n_cycles;
        n_refused += pairs[i].n_refused;
        ctl_free(pairs[i].ctl);
    }
    bool pass = n_applied == N_ENGINES * N_EDITS && n_refused == 0;
    printf("REL R6 engines=%d edits=%u cycles=%lu refused=%lu %s\n", N_ENGINES, n_applied, (unsigned long)n_cycles,
           (unsigned long)n_refused, pass ? "PASS" : "FAIL");
    ck_assert(pass);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {four_engines_are_edited_while_they_play_without_a_race};
    return suite_run("threads", 120, tests, ROWS(tests));
}
