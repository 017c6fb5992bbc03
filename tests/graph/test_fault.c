/* A node that gives what is no number is silent from that block on, told of, and made anew; all others play on as if nothing
 * had happened. */
#include <math.h>

#include "graph/fault.h"
#include "tests/graph_check.h"
#include "tests/graph_rig.h"
#include "tests/suite.h"
#include "tests/trial.h"

#define RATE_HZ 48000
#define N       256

static struct graph_rig *rig;

/* The left channel of the card goes through `a`, which breaks on command, the right one past it. */
static void open_rig(void)
{
    rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "fade 0; add a busy; add g gain; connect in:out.1 a; connect a g; connect g:out.1 out:in.1;"
                          "connect in:out.2 out:in.2");
    graph_rig_settle(rig);
}

static void must_be(unsigned channel, float factor, uint64_t from)
{
    for (unsigned i = 0; i < N; i++)
        MUST(rig->heard[RIG_OUT + channel][i] == factor * graph_rig_noise(channel, from + i),
             "frame %u of channel %u: %g, not %g", i, channel, (double)rig->heard[RIG_OUT + channel][i],
             (double)(factor * graph_rig_noise(channel, from + i)));
}

static void run_and_expect(float left)
{
    uint64_t from = ctl_clock(rig->ctl);
    graph_rig_run(rig, N);
    must_be(0, left, from);
    must_be(1, 1, from);
}

static const struct node_rt *object(const char *name)
{
    return graph_rig_node(rig, name)->object;
}

START_TEST(who_breaks_is_silent_at_once_and_its_neighbours_play_on)
{
    open_rig();
    run_and_expect(1);
    graph_rig_set(rig, "a", "broken", 1, 0);
    run_and_expect(0);
    run_and_expect(0);
    ck_assert(!atomic_load(&object("g")->muted)); /* it never heard any of it */
    graph_rig_free(rig);
}
END_TEST

START_TEST(who_broke_once_is_made_anew_and_fades_in)
{
    open_rig();
    const struct node_rt *before = object("a");
    graph_rig_set(rig, "a", "broken", 1, 0);
    graph_rig_cycle(rig, N);
    graph_rig_set(rig, "a", "broken", 0, 0);
    graph_rig_run(rig, N); /* control sees it, the new one begins */
    ck_assert_ptr_ne(before, object("a"));
    uint64_t from = ctl_clock(rig->ctl);
    graph_rig_run(rig, N);
    for (unsigned i = 1; i < N; i++) {
        double gain = (double)(rig->heard[RIG_OUT][i] / graph_rig_noise(0, from + i));
        double theory = fmin(1, (N + i) / (0.01 * RATE_HZ)); /* it has begun with the block before */
        MUST(fabs(gain - theory) < 1e-5, "frame %u of the fade: %g, not %g", i, gain, theory);
    }
    graph_rig_run(rig, 2 * N);
    run_and_expect(1);
    graph_rig_free(rig);
}
END_TEST

START_TEST(who_breaks_three_times_in_ten_seconds_stays_muted_until_it_is_touched)
{
    struct watch_note note;
    unsigned n_notes = 0;
    open_rig();
    graph_rig_set(rig, "a", "broken", 1, 0);
    graph_rig_run(rig, RATE_HZ);
    while (ring_pop(&rig->ctl->engine->notes, &note)) {
        ck_assert_uint_eq(note.first, graph_rig_node(rig, "a")->sequence);
        n_notes++;
    }
    ck_assert_uint_eq(n_notes, FAULTS_MOST);
    ck_assert(fault_is_final(graph_rig_node(rig, "a")));
    run_and_expect(0);
    graph_rig_set(rig, "a", "broken", 0, 0);
    graph_rig_run(rig, 8 * N);
    ck_assert(!fault_is_final(graph_rig_node(rig, "a")));
    run_and_expect(1);
    graph_rig_free(rig);
}
END_TEST

START_TEST(faults_far_apart_are_never_final)
{
    open_rig();
    for (unsigned i = 0; i < 2 * FAULTS_MOST; i++) {
        graph_rig_set(rig, "a", "broken", 1, 0);
        graph_rig_cycle(rig, N);
        graph_rig_set(rig, "a", "broken", 0, 0);
        for (unsigned s = 0; s <= FAULT_WINDOW_S; s++)
            graph_rig_run(rig, RATE_HZ);
        run_and_expect(1);
    }
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_fault_in_a_loop_that_reaches_no_output_is_told_too)
{
    struct watch_note note;
    open_rig();
    graph_rig_commit(rig, "fade 0; add l busy; add m gain 1; connect in:out.1 l; connect l m; connect m l feedback");
    graph_rig_set(rig, "l", "broken", 1, 0);
    graph_rig_run(rig, N);
    ck_assert(ring_pop(&rig->ctl->engine->notes, &note));
    ck_assert_int_eq(note.kind, WATCH_FAULT);
    ck_assert_uint_eq(note.first, graph_rig_node(rig, "l")->sequence);
    graph_rig_free(rig);
}
END_TEST

START_TEST(an_edge_of_minus_120_db_lets_no_fault_through)
{
    open_rig();
    graph_rig_commit(rig, "fade 0; add b busy broken=1; connect in:out.2 b; connect b out:in.2 gain=-120");
    graph_rig_run(rig, N);
    run_and_expect(1);
    graph_rig_free(rig);
}
END_TEST

/* Without a check behind them these classes must keep their word, whatever size of number they hear. */
START_TEST(a_class_that_promises_numbers_gives_them)
{
    static const double sizes[] = {1, 1e10, 9e29};
    unsigned n = 0;
    for (unsigned i = 0; i < n_node_registry; i++) {
        const struct node_class *class = node_registry[i];
        for (unsigned k = 0; class->finite && class->device == DEVICE_NONE && k < ROWS(sizes); k++) {
            struct trial trial = trial_new(class, 0, RATE_HZ);
            trial_start(&trial);
            struct take in = take_new(trial.rig.n_in, RATE_HZ / 2, sizes[k], 7), out = trial_run_driven(&trial, &in, false);
            ck_assert_msg(take_finite(&out, 0), "%s, input up to %g", class->name, sizes[k]);
            take_free(&in);
            take_free(&out);
            trial_free(&trial);
            n++;
        }
    }
    ck_assert_uint_ge(n, 45);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        who_breaks_is_silent_at_once_and_its_neighbours_play_on,
        who_broke_once_is_made_anew_and_fades_in,
        who_breaks_three_times_in_ten_seconds_stays_muted_until_it_is_touched,
        faults_far_apart_are_never_final,
        a_fault_in_a_loop_that_reaches_no_output_is_told_too,
        an_edge_of_minus_120_db_lets_no_fault_through,
        a_class_that_promises_numbers_gives_them,
    };
    return suite_run("faults", 60, tests, ROWS(tests));
}
