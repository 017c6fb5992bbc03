/* One value in other words: as a place between 0 and 1, and as a length of a note. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "graph/note.h"
#include "graph/param.h"
#include "tests/osc_rig.h"

static struct osc_rig rig;

static void open_rig(void)
{
    osc_rig_open(&rig);
    osc_rig_do(&rig, "/graph/add filter lp");
    osc_rig_do(&rig, "/graph/add delay echo");
    osc_rig_do(&rig, "/graph/add lfo slow");
    osc_rig_do(&rig, "/graph/add mixer sum inputs 4");
    osc_rig_do(&rig, "/graph/add player tape");
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

static double read_number(const char *address)
{
    char line[100];
    double number;
    snprintf(line, sizeof line, "%.90s", address);
    const char *answer = osc_rig_ask(&rig, line), *space = strchr(answer, ' ');
    ck_assert_msg(space && sscanf(space, "%lf", &number) == 1, "%s", answer);
    return number;
}

/* ---- 0 to 1 ---------------------------------------------------------------------------------------------------------- */

START_TEST(the_ends_of_every_range_are_0_and_1_and_all_between_comes_back)
{
    for (unsigned c = 0; c < n_node_registry; c++)
        for (unsigned i = 0; i < node_registry[c]->n_params; i++) {
            const struct param_info *info = &node_registry[c]->params[i];
            if (param_is_path(info))
                continue;
            ck_assert_float_eq(param_from_norm(info, 0), info->min);
            ck_assert_float_eq(param_from_norm(info, 1), info->max);
            ck_assert_float_eq(param_to_norm(info, info->min), 0);
            float back = param_from_norm(info, (double)param_to_norm(info, info->initial));
            float span = info->curve == CURVE_LOG ? info->initial : info->max - info->min;
            ck_assert_msg(fabsf(back - info->initial) <= 2e-6f * span, "%s/%s: %g came back as %g", node_registry[c]->name,
                          info->name, (double)info->initial, (double)back);
        }
}
END_TEST

START_TEST(half_way_along_a_logarithmic_range_is_its_geometric_mean)
{
    const struct node *lp = model_find(&rig.ctl->model, "lp");
    struct error error;
    unsigned row;
    ck_assert_int_eq(node_param_find(lp->class, lp->values, "cutoff", &row, &error), 0);
    const struct param_info *info = &lp->class->params[row];
    osc_rig_do(&rig, "/req/1/node/lp/cutoff/norm 0.5");
    ck_assert_double_eq_tol(read_number("/node/lp/cutoff"), sqrt((double)info->min * (double)info->max), 1e-3);
    ck_assert_double_eq_tol(read_number("/node/lp/cutoff/norm"), 0.5, 1e-6);
}
END_TEST

START_TEST(what_has_steps_takes_the_nearest_of_them)
{
    osc_rig_do(&rig, "/req/1/node/lp/mode/norm 0.24");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/lp/mode"), "/node/lp/mode highpass");
    osc_rig_do(&rig, "/req/1/node/tape/loop/norm 0.6");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/tape/loop"), "/node/tape/loop T");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/tape/loop/norm"), "/node/tape/loop/norm 1.0");
}
END_TEST

START_TEST(a_norm_glides_as_the_value_does)
{
    struct error error;
    unsigned row;
    const struct node *lp = model_find(&rig.ctl->model, "lp");
    ck_assert_int_eq(node_param_find(lp->class, lp->values, "cutoff", &row, &error), 0);
    osc_rig_do(&rig, "/req/1/node/lp/cutoff/norm 1.0 0.5");
    ck_assert_uint_eq(lp->object->glides[row].length, 24000);
}
END_TEST

START_TEST(a_norm_outside_of_0_to_1_is_refused_and_so_is_one_of_a_file)
{
    osc_rig_refuse(&rig, "/node/lp/cutoff/norm 1.01", ERROR_RANGE, "cutoff/norm 1.01", "0 to 1", NULL);
    osc_rig_refuse(&rig, "/node/lp/cutoff/norm %f:7fc00000", ERROR_BAD_VALUE, "cutoff/norm", "0 to 1", NULL);
    osc_rig_refuse(&rig, "/node/lp/mode/norm highpass", ERROR_BAD_TYPE, "mode/norm", "\"highpass\"", NULL);
    osc_rig_refuse(&rig, "/node/tape/file/norm", ERROR_NO_SUCH_PARAM, "file of tape", "between 0 and 1", NULL);
    osc_rig_refuse(&rig, "/node/sum/inputs/norm 1", ERROR_UNSUPPORTED, "part of what it is", NULL);
    ck_assert_double_eq_tol(read_number("/node/sum/inputs/norm"), 1.0 / 15, 1e-6);
    osc_rig_refuse(&rig, "/node/sum/gain9/norm", ERROR_NO_SUCH_PARAM, "gain9", NULL);
    osc_rig_refuse(&rig, "/node/lp/cutoff/norm/norm", ERROR_NO_SUCH_PARAM, "cutoff/norm/norm", NULL);
}
END_TEST

/* ---- notes ----------------------------------------------------------------------------------------------------------- */

START_TEST(note_values_are_read_as_musicians_write_them)
{
    static const struct {
        const char *text;
        double quarters;
    } rows[] = {{"1/4", 1},     {"1/8", 0.5}, {"1/8d", 0.75},     {"1/4t", 2.0 / 3},
                {"3/16", 0.75}, {"2/1", 8},   {"1/64t", 1.0 / 24}};
    static const char *const wrong[] = {"",     "1",    "1/3", "1/0",   "0/4", "1/4x", "1/4dt", "1/4d ",
                                        " 1/4", "-1/4", "1/",  "1/128", "/4",  "1//4", "65/4",  "99999999999999999999/4"};
    for (unsigned i = 0; i < ROWS(rows); i++) {
        char text[NOTE_BYTES];
        uint16_t note = note_parse(rows[i].text);
        ck_assert_double_eq_tol((double)note_ticks(note) / 960, rows[i].quarters, 1e-12);
        note_print(note, text);
        ck_assert_str_eq(text, rows[i].text);
    }
    for (unsigned i = 0; i < ROWS(wrong); i++)
        ck_assert_msg(!note_parse(wrong[i]), "%s", wrong[i]);
}
END_TEST

START_TEST(a_note_value_is_a_time_or_a_rate_at_the_tempo_that_holds)
{
    osc_rig_do(&rig, "/req/1/node/echo/time \"1/8d\"");
    ck_assert_double_eq_tol(read_number("/node/echo/time"), 0.375, 1e-6); /* 120 bpm: a quarter is half a second */
    osc_rig_do(&rig, "/transport/tempo 90");
    ck_assert_double_eq_tol(read_number("/node/echo/time"), 0.5, 1e-6);
    osc_rig_do(&rig, "[\n/transport/tempo 60\n/node/echo/time 1/4t\n/node/slow/rate 2/1\n]");
    ck_assert_double_eq_tol(read_number("/node/echo/time"), 2.0 / 3, 1e-6);
    ck_assert_double_eq_tol(read_number("/node/slow/rate"), 0.125, 1e-6);
    osc_rig_do(&rig, "/graph/add delay again time 1/16");
    ck_assert_double_eq_tol(read_number("/node/again/time"), 0.25, 1e-6);
}
END_TEST

START_TEST(what_is_no_note_value_is_told_what_is_one)
{
    osc_rig_refuse(&rig, "/node/echo/time 1/3", ERROR_BAD_TYPE, "time", "a number in s", "\"1/4t\"", "\"1/3\"", NULL);
    osc_rig_refuse(&rig, "/node/lp/q 1/4", ERROR_BAD_TYPE, "q takes a number, not \"1/4\"", NULL);
    osc_rig_refuse(&rig, "/node/echo/time 64/1", ERROR_RANGE, "time 64/1 is 128 s at 120 bpm", "0.001 to 8 s", NULL);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {the_ends_of_every_range_are_0_and_1_and_all_between_comes_back,
                                  half_way_along_a_logarithmic_range_is_its_geometric_mean,
                                  what_has_steps_takes_the_nearest_of_them,
                                  a_norm_glides_as_the_value_does,
                                  a_norm_outside_of_0_to_1_is_refused_and_so_is_one_of_a_file,
                                  note_values_are_read_as_musicians_write_them,
                                  a_note_value_is_a_time_or_a_rate_at_the_tempo_that_holds,
                                  what_is_no_note_value_is_told_what_is_one};
    return osc_rig_suite("values in other words", open_rig, close_rig, tests, ROWS(tests));
}
