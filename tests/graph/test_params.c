/* Parameters as process sees them: glides and modulation. */
#include <math.h>
#include <string.h>

#include "tests/graph_check.h"
#include "tests/suite.h"

#define RATE_HZ 48000

static const unsigned periods[] = {256, 1, 7, 333, 0};

static struct graph_rig *rig_with(const char *script)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "%s", script);
    graph_rig_settle(rig);
    return rig;
}

/* Records n frames of "p" from here on. */
static const struct probe *hear(struct graph_rig *rig, size_t n)
{
    graph_rig_probe(rig, "p")->at = 0;
    graph_rig_run(rig, n);
    return graph_rig_probe(rig, "p");
}

static void check_row(const struct probe *probe, unsigned row, size_t from, size_t to, double theory)
{
    for (size_t i = from; i < to; i++)
        MUST(fabs((double)probe->take[row][i] - theory) <= 1e-6 * fabs(theory), "row %u at frame %zu: %.9g, not %.9g", row,
             i, (double)probe->take[row][i], theory);
}

/* The level goes from..to in a straight line over n frames, and stays. */
static void check_line(const struct probe *probe, size_t at, size_t n, double from, double to, double frames)
{
    for (size_t i = 0; i < n; i++) {
        double theory = (double)i >= frames ? to : from + (to - from) * (double)i / frames;
        MUST(fabs((double)probe->take[PROBE_LEVEL][at + i] - theory) < 2e-6, "frame %zu: %.9g, not %.9g", at + i,
             (double)probe->take[PROBE_LEVEL][at + i], theory);
    }
}

static void check_octaves(const struct probe *probe, size_t at, size_t n, double from, double to, double frames)
{
    for (size_t i = 0; i < n; i++) {
        double theory = (double)i >= frames ? log2(to) : log2(from) + log2(to / from) * (double)i / frames;
        double heard = log2((double)probe->take[PROBE_TONE][at + i]);
        MUST(fabs(heard - theory) < 3e-6, "frame %zu: 2^%.9g, not 2^%.9g", at + i, heard, theory);
    }
}

/* ---- glides --------------------------------------------------------------------------------------------------------- */

START_TEST(a_set_glides_in_a_straight_line_for_the_time_of_the_parameter)
{
    for (unsigned k = 0; k < ROWS(periods); k++) {
        struct graph_rig *rig = rig_with("add p probe level=-2");
        rig->period = periods[k];
        graph_rig_set(rig, "p", "level", 3, -1);
        check_line(hear(rig, 1000), 0, 1000, -2, 3, 480);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(a_set_may_say_how_long_it_takes)
{
    for (unsigned k = 0; k < ROWS(periods); k++) {
        struct graph_rig *rig = rig_with("add p probe level=1");
        rig->period = periods[k];
        graph_rig_set(rig, "p", "level", 10, 0.1);
        check_line(hear(rig, 6000), 0, 6000, 1, 10, 4800);
        graph_rig_set(rig, "p", "level", -10, 0);
        check_row(hear(rig, 100), PROBE_LEVEL, 0, 100, -10);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(logarithmic_parameters_glide_straight_in_octaves)
{
    for (unsigned k = 0; k < ROWS(periods); k++) {
        struct graph_rig *rig = rig_with("add p probe tone=10");
        rig->period = periods[k];
        graph_rig_set(rig, "p", "tone", 1000, 0.1);
        check_octaves(hear(rig, 6000), 0, 6000, 10, 1000, 4800);
        graph_rig_set(rig, "p", "tone", 50, -1);
        check_octaves(hear(rig, 700), 0, 700, 1000, 50, 480);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(a_set_in_mid_glide_sets_out_from_where_it_stands)
{
    for (unsigned k = 0; k < ROWS(periods); k++) {
        struct graph_rig *rig = rig_with("add p probe level=0 tone=100");
        rig->period = periods[k];
        graph_rig_probe(rig, "p")->at = 0;
        graph_rig_set(rig, "p", "level", 8, 0.1);
        graph_rig_set(rig, "p", "tone", 800, 0.1);
        graph_rig_run(rig, 1200);
        graph_rig_set(rig, "p", "level", 0, 0.05);
        graph_rig_set(rig, "p", "tone", 100, 0.05);
        graph_rig_run(rig, 3000);
        const struct probe *probe = graph_rig_probe(rig, "p");
        check_line(probe, 0, 1200, 0, 8, 4800);
        check_line(probe, 1200, 3000, 2, 0, 2400);
        check_octaves(probe, 0, 1200, 100, 800, 4800);
        check_octaves(probe, 1200, 3000, 100 * pow(2, 0.75), 100, 2400);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(of_several_sets_before_a_cycle_the_last_one_counts)
{
    struct graph_rig *rig = rig_with("add p probe level=0");
    graph_rig_set(rig, "p", "level", 5, 0);
    graph_rig_set(rig, "p", "level", -5, 0.5);
    graph_rig_set(rig, "p", "level", 1, 0.01);
    check_line(hear(rig, 600), 0, 600, 5, 1, 480); /* the first one jumped, as it was told */
    graph_rig_free(rig);
}
END_TEST

START_TEST(whole_numbers_never_glide)
{
    struct graph_rig *rig = rig_with("add p probe mode=1");
    graph_rig_set(rig, "p", "mode", 3, 0.5);
    check_row(hear(rig, 100), PROBE_MODE, 0, 100, 3);
    graph_rig_commit(rig, "set p mode 0 2.5");
    check_row(hear(rig, 100), PROBE_MODE, 0, 100, 0);
    graph_rig_free(rig);
}
END_TEST

START_TEST(what_arrived_is_a_constant_again)
{
    struct graph_rig *rig = rig_with("add p probe level=1");
    ck_assert(hear(rig, 10)->level_is_constant);
    graph_rig_set(rig, "p", "level", 2, 0.01);
    ck_assert(!hear(rig, 256)->level_is_constant);
    hear(rig, 512);
    ck_assert(hear(rig, 10)->level_is_constant);
    check_row(graph_rig_probe(rig, "p"), PROBE_LEVEL, 0, 10, 2);
    ck_assert_uint_eq(graph_rig_node(rig, "p")->object->n_moving, 0);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_glide_of_one_parameter_leaves_the_others_alone)
{
    struct graph_rig *rig = rig_with("add p probe level=7 tone=33 mode=2");
    graph_rig_set(rig, "p", "tone", 66, 0.02);
    const struct probe *probe = hear(rig, 2000);
    check_row(probe, PROBE_LEVEL, 0, 2000, 7);
    check_row(probe, PROBE_MODE, 0, 2000, 2);
    graph_rig_free(rig);
}
END_TEST

START_TEST(two_nodes_glide_each_for_itself)
{
    struct graph_rig *rig = rig_with("add p probe level=1; add q probe level=1");
    graph_rig_probe(rig, "q")->at = 0;
    graph_rig_set(rig, "p", "level", 2, 0.01);
    graph_rig_set(rig, "q", "level", -2, 0.02);
    check_line(hear(rig, 1200), 0, 1200, 1, 2, 480);
    check_line(graph_rig_probe(rig, "q"), 0, 1200, 1, -2, 960);
    graph_rig_free(rig);
}
END_TEST

START_TEST(glides_go_on_while_no_sound_runs)
{
    struct graph_rig *rig = rig_with("add p probe level=0 tone=100");
    graph_rig_set(rig, "p", "level", 10, 0.1);
    graph_rig_set(rig, "p", "tone", 200, 0.1);
    ck_assert(engine_idle_rt(rig->ctl->engine, 1200));
    const struct probe *probe = hear(rig, 1000);
    check_line(probe, 0, 1000, 2.5, 10, 3600);
    check_octaves(probe, 0, 1000, 100 * pow(2, 0.25), 200, 3600);
    ck_assert(engine_idle_rt(rig->ctl->engine, 100000));
    check_row(hear(rig, 10), PROBE_LEVEL, 0, 10, 10);
    ck_assert(graph_rig_probe(rig, "p")->level_is_constant);
    graph_rig_free(rig);
}
END_TEST

/* ---- modulation ----------------------------------------------------------------------------------------------------- */

START_TEST(modulation_adds_depth_times_the_signal_in_the_unit)
{
    struct graph_rig *rig = rig_with("add s source value=0.5; add p probe level=2; connect s p:level depth=3");
    check_row(hear(rig, 500), PROBE_LEVEL, 0, 500, 3.5);
    graph_rig_commit(rig, "connect s p:level depth=-3 gain=-6");
    graph_rig_settle(rig);
    check_row(hear(rig, 500), PROBE_LEVEL, 0, 500, 2 - 1.5 * pow(10, -0.3));
    graph_rig_commit(rig, "disconnect s p:level");
    graph_rig_settle(rig);
    check_row(hear(rig, 500), PROBE_LEVEL, 0, 500, 2);
    graph_rig_free(rig);
}
END_TEST

START_TEST(modulation_of_a_logarithmic_parameter_adds_octaves)
{
    struct graph_rig *rig = rig_with("add s source value=0.5; add p probe tone=50; connect s p:tone depth=4");
    check_row(hear(rig, 500), PROBE_TONE, 0, 500, 200);
    graph_rig_commit(rig, "connect s p:tone depth=-3");
    graph_rig_settle(rig);
    check_row(hear(rig, 500), PROBE_TONE, 0, 500, 50 / pow(2, 1.5));
    graph_rig_free(rig);
}
END_TEST

START_TEST(several_modulators_and_a_wide_one_add_up)
{
    struct graph_rig *rig =
        rig_with("add s source value=1; add w source 4 value=0; add p probe level=1;"
                 "connect s p:level depth=0.5; connect w p:level depth=2; connect w:out.4 p:level depth=-1");
    check_row(hear(rig, 100), PROBE_LEVEL, 0, 100, 1 + 0.5 + 2 * 1.5 - 3);
    graph_rig_free(rig);
}
END_TEST

START_TEST(modulation_is_held_within_the_range)
{
    struct graph_rig *rig =
        rig_with("add s source value=1; add p probe; connect s p:level depth=1000; connect s p:tone depth=1000");
    check_row(hear(rig, 100), PROBE_LEVEL, 0, 100, 10);
    check_row(graph_rig_probe(rig, "p"), PROBE_TONE, 0, 100, 1000);
    graph_rig_commit(rig, "connect s p:level depth=-1000; connect s p:tone depth=-1e30");
    graph_rig_settle(rig);
    check_row(hear(rig, 100), PROBE_LEVEL, 0, 100, -10);
    check_row(graph_rig_probe(rig, "p"), PROBE_TONE, 0, 100, 10);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_modulator_that_is_no_number_leaves_the_parameter_in_its_range)
{
    static const float broken[] = {NAN, INFINITY, -INFINITY, 3e38f};
    for (unsigned i = 0; i < ROWS(broken); i++) {
        struct graph_rig *rig = rig_with("add s source; add p probe; connect s p:level depth=2; connect s p:tone depth=2");
        graph_rig_set(rig, "s", "value", broken[i], 0);
        const struct probe *probe = hear(rig, 600);
        for (unsigned k = 0; k < 600; k++) {
            float level = probe->take[PROBE_LEVEL][k], tone = probe->take[PROBE_TONE][k];
            MUST(level >= -10 && level <= 10 && tone >= 10 && tone <= 1000, "frame %u: level %g, tone %g", k, (double)level,
                 (double)tone);
        }
        graph_rig_set(rig, "s", "value", 1, 0);
        graph_rig_run(rig, 1024); /* it was muted, and fades in */
        check_row(hear(rig, 100), PROBE_LEVEL, 0, 100, 2);
        check_row(graph_rig_probe(rig, "p"), PROBE_TONE, 0, 100, 400);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(modulation_rides_on_a_glide)
{
    for (unsigned k = 0; k < ROWS(periods); k++) {
        struct graph_rig *rig = rig_with("add s source value=1; add p probe level=0 tone=100; connect s p:level depth=-1;"
                                         "connect s p:tone depth=1");
        rig->period = periods[k];
        graph_rig_set(rig, "p", "level", 5, 0.02);
        graph_rig_set(rig, "p", "tone", 400, 0.02);
        const struct probe *probe = hear(rig, 2000);
        check_line(probe, 0, 2000, -1, 4, 960);
        check_octaves(probe, 0, 2000, 200, 800, 960);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(modulation_fades_in_like_any_edge)
{
    for (unsigned k = 0; k < ROWS(periods); k++) {
        struct graph_rig *rig = rig_with("add s source value=1; add p probe level=1 tone=100");
        rig->period = periods[k];
        graph_rig_probe(rig, "p")->at = 0;
        graph_rig_commit(rig, "fade 0.02; connect s p:level depth=4; connect s p:tone depth=2");
        graph_rig_run(rig, 1200);
        graph_rig_commit(rig, "fade 0.01; disconnect s p:level; disconnect s p:tone");
        graph_rig_run(rig, 800);
        const struct probe *probe = graph_rig_probe(rig, "p");
        check_line(probe, 0, 1200, 1, 5, 960);
        check_line(probe, 1200, 800, 5, 1, 480);
        check_octaves(probe, 0, 1200, 100, 400, 960);
        check_octaves(probe, 1200, 800, 400, 100, 480);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(a_modulator_that_stands_still_leaves_a_constant)
{
    struct graph_rig *rig = rig_with("add s source value=0.5; add c counter; add p probe level=2");
    const struct probe *probe = graph_rig_probe(rig, "p");
    graph_rig_commit(rig, "fade 0.02; connect s p:level depth=3");
    graph_rig_run(rig, 512);
    ck_assert(!probe->level_is_constant);
    graph_rig_settle(rig);
    check_row(hear(rig, 500), PROBE_LEVEL, 0, 500, 3.5);
    ck_assert(probe->level_is_constant);
    graph_rig_set(rig, "p", "level", 1, 0.1);
    graph_rig_run(rig, 512);
    ck_assert(!probe->level_is_constant);
    graph_rig_commit(rig, "connect c p:level depth=0.00001");
    graph_rig_settle(rig);
    graph_rig_run(rig, 20000);
    ck_assert(!probe->level_is_constant);
    graph_rig_free(rig);
}
END_TEST

START_TEST(modulation_at_audio_rate_moves_every_frame)
{
    struct graph_rig *rig = rig_with("add s counter; add p probe; connect s p:level depth=0.00005");
    graph_rig_settle(rig);
    uint64_t frame = ctl_clock(rig->ctl);
    const struct probe *probe = hear(rig, 300);
    ck_assert_double_lt((double)probe->take[PROBE_LEVEL][299], 9.9);
    ck_assert_uint_gt(frame, 10000);
    for (unsigned i = 0; i < 300; i++) {
        double theory = (double)(frame + i) * 0.00005;
        MUST(fabs((double)probe->take[PROBE_LEVEL][i] - theory) < 1e-5, "frame %u", i);
    }
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_set_glides_in_a_straight_line_for_the_time_of_the_parameter,
        a_set_may_say_how_long_it_takes,
        logarithmic_parameters_glide_straight_in_octaves,
        a_set_in_mid_glide_sets_out_from_where_it_stands,
        of_several_sets_before_a_cycle_the_last_one_counts,
        whole_numbers_never_glide,
        what_arrived_is_a_constant_again,
        a_glide_of_one_parameter_leaves_the_others_alone,
        two_nodes_glide_each_for_itself,
        glides_go_on_while_no_sound_runs,
        modulation_adds_depth_times_the_signal_in_the_unit,
        modulation_of_a_logarithmic_parameter_adds_octaves,
        several_modulators_and_a_wide_one_add_up,
        modulation_is_held_within_the_range,
        a_modulator_that_is_no_number_leaves_the_parameter_in_its_range,
        modulation_rides_on_a_glide,
        modulation_fades_in_like_any_edge,
        a_modulator_that_stands_still_leaves_a_constant,
        modulation_at_audio_rate_moves_every_frame,
    };
    return suite_run("params", 60, tests, ROWS(tests));
}
