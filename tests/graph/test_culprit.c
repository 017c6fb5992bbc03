/* Who made a cycle late, and who breaks the sound. */
#include <math.h>
#include <stdio.h>

#include "tests/graph_check.h"
#include "tests/graph_rig.h"
#include "tests/suite.h"

#define RATE_HZ   48000
#define N_FRAMES  256
#define BUDGET_NS 1000000
#define N_BUSY    150
#define SECOND_NS 1000000000

static struct graph_rig *rig;

static void open_rig(const char *script)
{
    rig = graph_rig_new(RATE_HZ);
    rig_clock_ns = 5000;
    rig->ctl->engine->clock = rig_clock;
    graph_rig_commit(rig, "%s", script);
    graph_rig_settle(rig);
}

/* b0 to b149, one behind the other, each of which takes 100 ns. */
static void open_chain(void)
{
    open_rig("add b0 busy time=100");
    for (unsigned i = 1; i < N_BUSY; i++)
        graph_rig_commit(rig, "fade 0; add b%u busy time=100; connect b%u b%u", i, i - 1, i);
    graph_rig_settle(rig);
}

static void run_live(unsigned n)
{
    struct cycle cycle = {.n_frames = n, .ports = rig->offline.ports, .budget_ns = BUDGET_NS};
    ctl_poll(rig->ctl);
    ck_assert(engine_cycle_rt(rig->ctl->engine, &cycle));
    ctl_poll(rig->ctl);
}

static bool note_next(struct watch_note *note)
{
    return ring_pop(&rig->ctl->engine->notes, note);
}

static uint64_t sequence(const char *name)
{
    return graph_rig_node(rig, name)->sequence;
}

/* In the next cycle only. */
static void run_with_slow(const char *name, float ns)
{
    graph_rig_set(rig, name, "time", ns, 0);
    run_live(N_FRAMES);
    graph_rig_set(rig, name, "time", 100, 0);
}

/* ---- time ----------------------------------------------------------------------------------------------------------- */

START_TEST(an_overrun_names_the_span_that_took_longest)
{
    struct watch_note note;
    open_chain();
    run_live(N_FRAMES);
    ck_assert(!note_next(&note));
    uint64_t frame = ctl_clock(rig->ctl);
    run_with_slow("b20", 2 * BUDGET_NS); /* the budget runs out in it; many follow */
    ck_assert(note_next(&note));
    ck_assert_int_eq(note.kind, WATCH_OVERRUN);
    ck_assert_uint_eq(note.frame, frame);
    ck_assert_uint_le(note.first, sequence("b20"));
    ck_assert_uint_ge(note.last, sequence("b20"));
    ck_assert_uint_le(note.last - note.first, WATCH_SPAN_STEPS);
    MUST(note.took_ns >= 2 * BUDGET_NS && note.took_ns < 2 * BUDGET_NS + 100 * WATCH_SPAN_STEPS, "%llu ns",
         (unsigned long long)note.took_ns);
    ck_assert_uint_eq(note.cycle_ns, 2 * BUDGET_NS + 100 * (N_BUSY - 1));
    ck_assert(!note_next(&note));
    graph_rig_free(rig);
}
END_TEST

START_TEST(who_does_it_again_within_a_second_is_named_exactly)
{
    struct watch_note note;
    open_chain();
    run_with_slow("b70", 2 * BUDGET_NS);
    ck_assert(note_next(&note) && note.first != note.last);
    rig_clock_ns += SECOND_NS / 2;
    run_live(N_FRAMES);
    run_with_slow("b70", 3 * BUDGET_NS);
    ck_assert(note_next(&note));
    ck_assert_uint_eq(note.first, sequence("b70"));
    ck_assert_uint_eq(note.last, sequence("b70"));
    ck_assert_uint_eq(note.took_ns, 3 * BUDGET_NS);
    rig_clock_ns += SECOND_NS + 1; /* since the last one */
    run_with_slow("b70", 2 * BUDGET_NS);
    ck_assert(note_next(&note) && note.first != note.last);
    graph_rig_free(rig);
}
END_TEST

START_TEST(who_was_slow_early_is_named_though_time_runs_out_later)
{
    struct watch_note note;
    open_chain();
    run_with_slow("b3", BUDGET_NS + 1);
    ck_assert(note_next(&note));
    graph_rig_set(rig, "b3", "time", 0.9f * BUDGET_NS, 0);
    graph_rig_set(rig, "b140", "time", 0.2f * BUDGET_NS, 0);
    run_live(N_FRAMES);
    ck_assert(note_next(&note));
    ck_assert_uint_eq(note.first, sequence("b3"));
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_cycle_of_many_blocks_tells_the_block_that_was_slow)
{
    struct watch_note note;
    open_rig("add a busy; add b busy");
    uint64_t frame = ctl_clock(rig->ctl);
    graph_rig_set(rig, "b", "time", BUDGET_NS, 0);
    run_live(3 * BLOCK_MAX);
    ck_assert(note_next(&note));
    ck_assert_uint_eq(note.cycle_ns, 3 * BUDGET_NS);
    ck_assert_uint_eq(note.took_ns, BUDGET_NS);
    ck_assert_uint_eq(note.frame, frame);
    graph_rig_free(rig);
}
END_TEST

START_TEST(taking_in_many_messages_is_nobodys_fault)
{
    struct watch_note note;
    open_rig("add a busy; add b busy");
    run_with_slow("a", 2 * BUDGET_NS);
    ck_assert(note_next(&note)); /* from here each step is timed */
    graph_rig_commit(rig, "add c busy");
    run_with_slow("b", 2 * BUDGET_NS);
    ck_assert(note_next(&note));
    ck_assert_uint_eq(note.first, sequence("b"));
    graph_rig_free(rig);
}
END_TEST

START_TEST(overruns_that_nobody_asks_for_are_lost_without_harm)
{
    struct watch_note note;
    unsigned n = 0;
    open_rig("add a busy time=2000000");
    for (unsigned i = 0; i < 3 * NOTES_CAPACITY; i++)
        run_live(N_FRAMES);
    while (note_next(&note))
        n++;
    ck_assert_uint_eq(n, NOTES_CAPACITY);
    ck_assert_uint_eq(atomic_load(&rig->ctl->engine->stats.overruns), 3 * NOTES_CAPACITY);
    graph_rig_free(rig);
}
END_TEST

/* ---- cost ----------------------------------------------------------------------------------------------------------- */

static const struct cost *cost_of(const char *name)
{
    return graph_rig_node(rig, name)->object->cost;
}

START_TEST(while_it_is_profiled_every_node_counts_what_it_takes)
{
    open_rig("fade 0; add a busy time=300; add b busy time=7000; connect a b");
    run_live(N_FRAMES);
    ck_assert_uint_eq(atomic_load(&cost_of("b")->ns), 0);
    atomic_store(&rig->ctl->engine->profile_until, ctl_clock(rig->ctl) + 1000);
    run_live(300);
    graph_rig_run(rig, 700); /* not live: that makes no difference */
    run_live(N_FRAMES);
    ck_assert_uint_eq(atomic_load(&cost_of("a")->frames), 1000);
    uint64_t n_blocks = atomic_load(&cost_of("a")->blocks);
    ck_assert_uint_ge(n_blocks, 2 + 3 + 1); /* what is not live is divided at the ends of cells as well */
    ck_assert_uint_eq(atomic_load(&cost_of("a")->ns), n_blocks * 300);
    ck_assert_uint_eq(atomic_load(&cost_of("b")->ns), n_blocks * 7000);
    ck_assert_uint_eq(atomic_load(&cost_of("out")->ns), 0);
    graph_rig_free(rig);
}
END_TEST

/* ---- numbers -------------------------------------------------------------------------------------------------------- */

#define BROKEN_CHAIN                                                                                                       \
    "fade 0; add a busy; add b busy; add c busy; connect in:out.1 a; connect a b; connect b c; connect c out"

START_TEST(sound_that_is_no_number_names_who_made_it)
{
    struct watch_note note;
    open_rig(BROKEN_CHAIN);
    graph_rig_run(rig, 100000);
    ck_assert(!note_next(&note));
    graph_rig_set(rig, "b", "broken", 1, 0);
    uint64_t frame = ctl_clock(rig->ctl);
    graph_rig_run(rig, N_FRAMES);
    ck_assert(note_next(&note));
    ck_assert_int_eq(note.kind, WATCH_FAULT);
    ck_assert_uint_eq(note.first, sequence("b"));
    ck_assert_uint_eq(note.last, sequence("b"));
    ck_assert_uint_eq(note.frame, frame);
    graph_rig_free(rig);
}
END_TEST

START_TEST(of_several_all_are_told_in_their_order)
{
    struct watch_note note;
    open_rig(BROKEN_CHAIN);
    graph_rig_set(rig, "c", "broken", 1, 0);
    graph_rig_set(rig, "a", "broken", 1, 0);
    graph_rig_run(rig, N_FRAMES);
    ck_assert(note_next(&note) && note.first == sequence("a"));
    ck_assert(note_next(&note) && note.first == sequence("c"));
    graph_rig_free(rig);
}
END_TEST

/* The first in order would only hand on what came around. */
START_TEST(in_a_feedback_loop_the_one_who_begins_is_told)
{
    struct watch_note note;
    open_rig("fade 0; add a busy; add b busy; add c busy; connect in:out.1 a; connect a b; connect b c; connect c out;"
             "connect c a feedback");
    graph_rig_set(rig, "b", "broken", 1, 0);
    graph_rig_cycle(rig, N_FRAMES);
    graph_rig_cycle(rig, N_FRAMES);
    ck_assert(note_next(&note) && note.first == sequence("b"));
    ck_assert(!note_next(&note));
    graph_rig_free(rig);
}
END_TEST

/* What the sound card brings is no node's fault but that of the node which lets it in. */
static void run_with_input(float left, float right)
{
    float sound[4][N_FRAMES], *ports[DEVICE_PORTS_MAX] = {sound[0], sound[1], sound[2], sound[3]};
    for (unsigned i = 0; i < N_FRAMES; i++) {
        sound[0][i] = left;
        sound[1][i] = right;
    }
    ck_assert(engine_cycle_rt(rig->ctl->engine, &(struct cycle){.n_frames = N_FRAMES, .ports = ports}));
}

START_TEST(the_sound_card_is_told_by_its_node_once_a_second)
{
    struct watch_note note;
    unsigned n = 0;
    open_rig(BROKEN_CHAIN);
    run_with_input(INFINITY, 0);
    ck_assert(note_next(&note) && note.first == sequence("in"));
    for (unsigned i = 0; i < 300; i++)
        run_with_input(NAN, 0);
    while (note_next(&note))
        n++;
    ck_assert_uint_eq(n, 1);
    ck_assert(!atomic_load(&graph_rig_node(rig, "in")->object->muted));
    graph_rig_free(rig);
}
END_TEST

/* The largest sound, lifted by 24 dB eight times. */
START_TEST(what_has_grown_too_large_is_told_by_who_takes_it)
{
    struct watch_note note;
    open_rig("fade 0; add g gain gain=24; add h gain gain=24; add i gain gain=24; add j gain gain=24; add k gain gain=24;"
             "add l gain gain=24; add m gain gain=24; connect in g; connect g h; connect h i; connect i j; connect j k;"
             "connect k l; connect l m; connect m out gain=24");
    run_with_input(9e29f, 9e29f);
    ck_assert(note_next(&note) && note.first == sequence("out"));
    ck_assert(!atomic_load(&graph_rig_node(rig, "out")->object->muted));
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_overrun_names_the_span_that_took_longest,
        who_does_it_again_within_a_second_is_named_exactly,
        who_was_slow_early_is_named_though_time_runs_out_later,
        a_cycle_of_many_blocks_tells_the_block_that_was_slow,
        taking_in_many_messages_is_nobodys_fault,
        overruns_that_nobody_asks_for_are_lost_without_harm,
        while_it_is_profiled_every_node_counts_what_it_takes,
        sound_that_is_no_number_names_who_made_it,
        of_several_all_are_told_in_their_order,
        in_a_feedback_loop_the_one_who_begins_is_told,
        the_sound_card_is_told_by_its_node_once_a_second,
        what_has_grown_too_large_is_told_by_who_takes_it,
    };
    return suite_run("culprit", 60, tests, ROWS(tests));
}
