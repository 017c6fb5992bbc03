/* What arrives where edges meet: levels, widths, fades. */
#include <math.h>
#include <string.h>

#include "graph/mix_rt.h"
#include "tests/graph_check.h"
#include "tests/suite.h"

#define RATE_HZ 48000

static double decibel(double db)
{
    return pow(10, db / 20);
}

/* Lets everything arrive, then records n frames of the probe `p`. */
static const struct probe *hear(struct graph_rig *rig, size_t n)
{
    graph_rig_settle(rig);
    graph_rig_probe(rig, "p")->at = 0;
    graph_rig_run(rig, n);
    return graph_rig_probe(rig, "p");
}

static void check_constant(const struct probe *probe, unsigned row, double theory)
{
    for (size_t i = 0; i < probe->at; i++)
        MUST(fabs((double)probe->take[row][i] - theory) <= 1e-6 * fabs(theory), "row %u at frame %zu: %g, not %g", row, i,
             (double)probe->take[row][i], theory);
}

/* ---- levels and widths ---------------------------------------------------------------------------------------------- */

START_TEST(an_edge_has_its_gain_in_decibels)
{
    static const double gains_db[] = {0, -6, 6, 24, -60, -119};
    for (unsigned i = 0; i < ROWS(gains_db); i++) {
        struct graph_rig *rig = graph_rig_new(RATE_HZ);
        graph_rig_commit(rig, "add s source value=3; add p probe; connect s p gain=%g", gains_db[i]);
        check_constant(hear(rig, 1000), 0, 3 * decibel(gains_db[i]));
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(minus_120_decibels_are_silence)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "add s source value=1000; add p probe; connect s p gain=-120");
    check_constant(hear(rig, 1000), 0, 0);
    graph_rig_free(rig);
}
END_TEST

START_TEST(one_channel_becomes_copies_and_several_become_their_average)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(
        rig, "add one source 1 value=5; add six source 6 value=10; add p probe 4; connect one p; connect six p:side");
    const struct probe *probe = hear(rig, 300);
    for (unsigned c = 0; c < 4; c++)
        check_constant(probe, c, 5);
    check_constant(probe, PROBE_SIDE, (10 + 11 + 12 + 13 + 14 + 15) / 6.0);
    graph_rig_free(rig);
}
END_TEST

START_TEST(equal_widths_connect_straight)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "add s source 8 value=20; add p probe 8; connect s p gain=-3");
    const struct probe *probe = hear(rig, 300);
    for (unsigned c = 0; c < 8; c++)
        check_constant(probe, c, (20 + c) * decibel(-3));
    graph_rig_free(rig);
}
END_TEST

START_TEST(selected_channels_go_where_they_are_told_and_the_others_stay_silent)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "add s source 8 value=1; add p probe 6; connect s:out.7-8 p:in.2-3; connect s:out.3 p:in.6;"
                          "connect s:out.1-2 p:side");
    const struct probe *probe = hear(rig, 300);
    const double theory[] = {0, 7, 8, 0, 0, 3};
    for (unsigned c = 0; c < 6; c++)
        check_constant(probe, c, theory[c]);
    check_constant(probe, PROBE_SIDE, 1.5);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_channel_without_a_source_is_silent_whatever_other_nodes_hear)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(
        rig, "add s source 4 value=9; add other probe 4; connect s other gain=-1; connect s other;"
             "add p probe 4; connect s:out.2 p:in.2; connect other:out.4 p:in.3; add late probe 4; connect s late gain=2");
    for (unsigned round = 0; round < 3; round++) {
        const struct probe *probe = hear(rig, 300);
        check_constant(probe, 0, 0);
        check_constant(probe, 1, 10);
        check_constant(probe, 2, 12);
        check_constant(probe, 3, 0);
        graph_rig_commit(rig,
                         round ? "disconnect s:out.2 p:in.2; connect s:out.2 p:in.2" : "connect s:out.2 p:in.2 gain=0");
    }
    graph_rig_free(rig);
}
END_TEST

START_TEST(several_edges_at_one_port_add_up)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "add a source value=1; add b source 2 value=10; add c source value=100; add p probe 2;"
                          "connect a p; connect b p gain=-6; connect c p:in.2 gain=-20; connect a p:in.1 gain=6");
    const struct probe *probe = hear(rig, 1000);
    check_constant(probe, 0, 1 + 10 * decibel(-6) + decibel(6));
    check_constant(probe, 1, 1 + 11 * decibel(-6) + 10);
    graph_rig_free(rig);
}
END_TEST

/* The second probe hears the same sources and a silent one whose gain is always on its way, from one chord of edges to the
 * next larger one: sums of any number of terms. */
START_TEST(a_sum_has_the_same_bits_whether_its_gains_move_or_rest)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "add p probe; add q probe; add z source value=0; connect z q:in.1; connect z p:in.1 gain=-120");
    for (unsigned n = 1; n <= 14; n++) {
        graph_rig_commit(rig, "add s%u source value=%g; connect s%u p gain=%g; connect s%u q gain=%g", n, 0.1 * n * n, n,
                         -0.7 * n, n, -0.7 * n);
        graph_rig_settle(rig);
        graph_rig_commit(rig, "fade 100; connect z q:in.1 gain=%g", n % 2 ? -100.0 : 0.0);
        struct probe *p = graph_rig_probe(rig, "p"), *q = graph_rig_probe(rig, "q");
        p->at = q->at = 0;
        graph_rig_run(rig, 600);
        ck_assert_uint_eq(p->at, q->at);
        for (unsigned c = 0; c < 2; c++)
            ck_assert_int_eq(memcmp(p->take[c], q->take[c], p->at * sizeof(float)), 0);
    }
    graph_rig_free(rig);
}
END_TEST

START_TEST(the_ports_of_a_node_are_mixed_each_for_itself)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "add s source value=7; add t source value=1; add m sum; add p probe;"
                          "connect s m:a gain=-6; connect s m:c gain=-12; connect t m:c; connect m p");
    check_constant(hear(rig, 300), 0, 7 * decibel(-6) + 4 * (7 * decibel(-12) + 1));
    graph_rig_free(rig);
}
END_TEST

START_TEST(an_unconnected_input_is_silence)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "add s source 2 value=7; add o probe 2; connect s o gain=1; add p probe 2");
    const struct probe *probe = hear(rig, 1000);
    for (unsigned c = 0; c < 2; c++) {
        ck_assert_ptr_nonnull(probe->in[c]);
        check_constant(probe, c, 0);
    }
    check_constant(probe, PROBE_SIDE, 0);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_settled_gain_of_one_passes_the_source_without_a_copy)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "add s source 2 value=7; add o probe 2; add p probe 2; connect s o; connect s p");
    const struct probe *probe = hear(rig, 300), *other = graph_rig_probe(rig, "o");
    ck_assert_ptr_eq(probe->in[0], other->in[0]);
    ck_assert_ptr_eq(probe->in[1], other->in[1]);
    graph_rig_commit(rig, "connect s p gain=-1");
    probe = hear(rig, 300);
    ck_assert_ptr_ne(probe->in[0], other->in[0]);
    graph_rig_commit(rig, "connect s p gain=0");
    probe = hear(rig, 300);
    ck_assert_ptr_eq(probe->in[0], other->in[0]);
    check_constant(probe, 1, 8);
    graph_rig_free(rig);
}
END_TEST

/* ---- fades ---------------------------------------------------------------------------------------------------------- */

/* A stretch of a fade as theory has it: from..to over n frames, beginning at frame 0. */
static double line(double from, double to, double n, double i)
{
    return i >= n ? to : from + (to - from) * i / n;
}

static void check_line(const struct probe *probe, size_t at, size_t n, double from, double to, double frames)
{
    for (size_t i = 0; i < n; i++) {
        double theory = line(from, to, frames, (double)i), heard = (double)probe->take[0][at + i];
        MUST(fabs(heard - theory) < 1e-6 * fmax(fabs(from), fabs(to)), "frame %zu: %.9g, not %.9g", i, heard, theory);
    }
}

static const unsigned periods[] = {1, 7, 256, 333, 0};

START_TEST(fades_are_straight_lines_however_time_is_cut)
{
    for (unsigned k = 0; k < ROWS(periods); k++) {
        struct graph_rig *rig = graph_rig_new(RATE_HZ);
        graph_rig_commit(rig, "add s source value=1; add p probe");
        hear(rig, 100);
        rig->period = periods[k];
        graph_rig_probe(rig, "p")->at = 0;
        graph_rig_commit(rig, "fade 0.02; connect s p");
        graph_rig_run(rig, 1200);
        graph_rig_commit(rig, "fade 0.01; connect s p gain=12");
        graph_rig_run(rig, 800);
        graph_rig_commit(rig, "fade 0.0250001; disconnect s p");
        graph_rig_run(rig, 2000);
        const struct probe *probe = graph_rig_probe(rig, "p");
        check_line(probe, 0, 1200, 0, 1, 960);
        check_line(probe, 1200, 800, 1, decibel(12), 480);
        check_line(probe, 2000, 2000, decibel(12), 0, 1200);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(a_fade_that_is_turned_round_begins_where_it_stands)
{
    for (unsigned k = 0; k < ROWS(periods); k++) {
        struct graph_rig *rig = graph_rig_new(RATE_HZ);
        graph_rig_commit(rig, "fade 0; add s source value=1; add p probe; connect s p");
        hear(rig, 100);
        rig->period = periods[k];
        graph_rig_probe(rig, "p")->at = 0;
        graph_rig_commit(rig, "fade 0.01; disconnect s p");
        graph_rig_run(rig, 120);
        graph_rig_commit(rig, "fade 0.01; connect s p");
        graph_rig_run(rig, 240);
        graph_rig_commit(rig, "fade 0.005; disconnect s p");
        graph_rig_run(rig, 1000);
        const struct probe *probe = graph_rig_probe(rig, "p");
        check_line(probe, 0, 120, 1, 0, 480);
        check_line(probe, 120, 240, 0.75, 1, 480);
        check_line(probe, 360, 1000, 0.875, 0, 240);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(no_fade_at_all_is_a_step_at_the_frame_of_the_answer)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "add s source value=1; add p probe");
    hear(rig, 100);
    graph_rig_probe(rig, "p")->at = 0;
    graph_rig_commit(rig, "fade 0; connect s p");
    graph_rig_run(rig, 100);
    graph_rig_commit(rig, "fade 0; disconnect s p");
    graph_rig_run(rig, 100);
    const struct probe *probe = graph_rig_probe(rig, "p");
    for (unsigned i = 0; i < 200; i++)
        MUST(probe->take[0][i] == (i < 100 ? 1.0f : 0.0f), "frame %u", i);
    graph_rig_free(rig);
}
END_TEST

START_TEST(an_edit_elsewhere_leaves_a_fade_alone)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "add s source value=1; add p probe");
    hear(rig, 100);
    rig->period = 64;
    graph_rig_probe(rig, "p")->at = 0;
    graph_rig_commit(rig, "fade 0.1; connect s p");
    for (unsigned i = 0; i < 60; i++) {
        graph_rig_commit(rig, i % 2 ? "remove x" : "add x probe; connect s x; connect x out gain=-60");
        graph_rig_run(rig, 100);
    }
    check_line(graph_rig_probe(rig, "p"), 0, 6000, 0, 1, 4800);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_fade_to_silence_is_not_restarted_by_being_asked_for_again)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "fade 0; add s source value=1; add p probe; connect s p");
    hear(rig, 100);
    graph_rig_probe(rig, "p")->at = 0;
    graph_rig_commit(rig, "fade 0.1; disconnect s p");
    graph_rig_run(rig, 1000);
    graph_rig_commit(rig, "fade 0.001; connect s p; disconnect s p"); /* comes to nothing */
    graph_rig_run(rig, 5000);
    check_line(graph_rig_probe(rig, "p"), 0, 6000, 1, 0, 4800);
    graph_rig_free(rig);
}
END_TEST

START_TEST(fades_go_on_while_no_sound_runs)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "add s source value=1; add p probe");
    hear(rig, 100);
    graph_rig_commit(rig, "fade 0.01; connect s p");
    ctl_poll(rig->ctl);
    ck_assert(engine_idle_rt(rig->ctl->engine, 120));
    graph_rig_probe(rig, "p")->at = 0;
    graph_rig_run(rig, 600);
    check_line(graph_rig_probe(rig, "p"), 0, 600, 0.25, 1.0, 360);
    graph_rig_free(rig);
}
END_TEST

START_TEST(what_is_faded_out_cannot_be_heard_even_if_it_is_no_number)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "add s source value=1; add broken probe; add p probe; connect s p; connect broken p gain=-120");
    hear(rig, 100);
    graph_rig_commit(rig, "add x source value=1; connect x broken");
    graph_rig_set(rig, "x", "value", NAN, 0);
    check_constant(hear(rig, 1000), 0, 1);
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_edge_has_its_gain_in_decibels,
        minus_120_decibels_are_silence,
        one_channel_becomes_copies_and_several_become_their_average,
        equal_widths_connect_straight,
        selected_channels_go_where_they_are_told_and_the_others_stay_silent,
        a_channel_without_a_source_is_silent_whatever_other_nodes_hear,
        several_edges_at_one_port_add_up,
        a_sum_has_the_same_bits_whether_its_gains_move_or_rest,
        the_ports_of_a_node_are_mixed_each_for_itself,
        an_unconnected_input_is_silence,
        a_settled_gain_of_one_passes_the_source_without_a_copy,
        fades_are_straight_lines_however_time_is_cut,
        a_fade_that_is_turned_round_begins_where_it_stands,
        no_fade_at_all_is_a_step_at_the_frame_of_the_answer,
        an_edit_elsewhere_leaves_a_fade_alone,
        a_fade_to_silence_is_not_restarted_by_being_asked_for_again,
        fades_go_on_while_no_sound_runs,
        what_is_faded_out_cannot_be_heard_even_if_it_is_no_number,
    };
    return suite_run("mix", 60, tests, ROWS(tests));
}
