/* Controllers that move parameters, as a client meets them. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/param.h"
#include "graph/play.h"
#include "tests/session_rig.h"
#include "tests/undo_rig.h"

static struct osc_rig rig;

static void open_rig(void)
{
    undo_rig_open(&rig);
    undo_rig_do(&rig, "/graph/add arpeggiator keys");
    undo_rig_do(&rig, "/graph/add arpeggiator others");
    undo_rig_do(&rig, "/graph/add filter lp cutoff 1000.0");
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

static struct node *node(const char *name)
{
    return model_find(&rig.ctl->model, name);
}

static void move(const char *source, unsigned channel, unsigned number, double value)
{
    struct error error = {0};
    struct event event = {
        .kind = EVENT_CONTROL, .channel = (uint8_t)(channel - 1), .number = (uint8_t)number, .value = (float)value};
    ck_assert_int_eq(ctl_play(rig.ctl, node(source), &event, 0, &error), 0);
    osc_rig_run(&rig);
}

static double value_of(const char *name, const char *param)
{
    unsigned row;
    struct error error;
    ck_assert_int_eq(node_param_find(node(name)->class, node(name)->values, param, &row, &error), 0);
    return (double)node(name)->values[row];
}

static void expect_cutoff(double hz)
{
    ck_assert_msg(fabs(value_of("lp", "cutoff") / hz - 1) < 1e-5, "%g Hz, not %g", value_of("lp", "cutoff"), hz);
}

START_TEST(a_controller_goes_along_the_curve_of_the_parameter)
{
    undo_rig_do(&rig, "/map/cc keys 1 74 lp:cutoff min 100 max 6400");
    undo_rig_do(&rig, "/map/cc keys 1 74 lp:q min 10 max 0.4");
    for (int value = 0; value <= 127; value++) {
        move("keys", 1, 74, value);
        expect_cutoff(100 * pow(64, value / 127.0)); /* the range is six octaves */
    }
    ck_assert_double_eq_tol(value_of("lp", "q"), 0.4, 1e-6);
    move("keys", 1, 74, 0);
    ck_assert_double_eq_tol(value_of("lp", "q"), 10, 1e-5);
}
END_TEST

START_TEST(others_move_nothing)
{
    undo_rig_do(&rig, "/map/cc keys 1 74 lp:cutoff");
    move("keys", 2, 74, 0);
    move("keys", 1, 73, 0);
    move("others", 1, 74, 0);
    expect_cutoff(1000);
    undo_rig_do(&rig, "/map/cc * 0 11 lp:cutoff min 100 max 400");
    move("others", 16, 11, 127);
    expect_cutoff(400);
}
END_TEST

START_TEST(subscribers_hear_of_it_and_undo_takes_it_back)
{
    undo_rig_do(&rig, "/map/cc keys 1 74 lp:cutoff min 100 max 6400");
    undo_rig_steps(&rig, "4 4");
    move("keys", 1, 74, 30);
    undo_rig_clock(300);
    move("keys", 1, 74, 127);
    expect_cutoff(6400);
    undo_rig_steps(&rig, "5 5"); /* a movement is one step */
    undo_rig_do(&rig, "/undo");
    expect_cutoff(1000);
}
END_TEST

START_TEST(with_pickup_the_parameter_waits_for_the_controller)
{
    undo_rig_do(&rig, "/req/1/node/lp/cutoff 800");
    undo_rig_do(&rig, "/map/cc keys 1 74 lp:cutoff min 100 max 6400 pickup"); /* 800 is half way */
    move("keys", 1, 74, 20);
    move("keys", 1, 74, 50);
    expect_cutoff(800);
    move("keys", 1, 74, 70); /* past it */
    expect_cutoff(100 * pow(64, 70 / 127.0));
    move("keys", 1, 74, 10);
    expect_cutoff(100 * pow(64, 10 / 127.0));
    undo_rig_do(&rig, "/req/1/node/lp/cutoff 800"); /* by somebody else: it has lost hold */
    move("keys", 1, 74, 12);
    expect_cutoff(800);
    move("keys", 1, 74, 62); /* near */
    expect_cutoff(100 * pow(64, 62 / 127.0));
}
END_TEST

START_TEST(encoders_go_by_steps)
{
    static const struct {
        const char *mode;
        int up, up3, down;
    } modes[] = {{"twos", 1, 3, 127}, {"offset", 65, 67, 63}, {"sign", 1, 3, 65}};
    for (size_t i = 0; i < ROWS(modes); i++) {
        char line[100];
        snprintf(line, sizeof line, "/map/cc keys 1 74 lp:cutoff min 100 max 6400 relative %s", modes[i].mode);
        undo_rig_do(&rig, line);
        undo_rig_do(&rig, "/req/1/node/lp/cutoff 800");
        double step = pow(64, 1 / 127.0);
        move("keys", 1, 74, modes[i].up);
        expect_cutoff(800 * step);
        move("keys", 1, 74, modes[i].up3);
        expect_cutoff(800 * pow(step, 4));
        for (int k = 0; k < 5; k++)
            move("keys", 1, 74, modes[i].down);
        expect_cutoff(800 / step);
        for (int k = 0; k < 200; k++)
            move("keys", 1, 74, modes[i].down);
        expect_cutoff(100);
    }
}
END_TEST

START_TEST(an_encoder_comes_through_the_steps_of_a_choice)
{
    undo_rig_do(&rig, "/map/cc keys 1 74 lp:mode relative twos");
    for (int k = 0; k < 64; k++)
        move("keys", 1, 74, 1);
    double half_way = value_of("lp", "mode");
    for (int k = 0; k < 64; k++)
        move("keys", 1, 74, 1);
    unsigned row = 0;
    while (strcmp(node("lp")->class->params[row].name, "mode") != 0)
        row++;
    double last = (double)node("lp")->class->params[row].max;
    ck_assert_double_eq_tol(half_way, last / 2, 0.51);
    ck_assert_double_eq(value_of("lp", "mode"), last);
}
END_TEST

START_TEST(what_is_mapped_is_told)
{
    undo_rig_do(&rig, "/map/cc keys 1 74 lp:cutoff min 100 max 6400 pickup");
    undo_rig_do(&rig, "/map/cc * 0 10 lp:q relative offset");
    undo_rig_do(&rig, "/map/cc keys 2 7 lp:bypass");
    ck_assert_str_eq(osc_rig_ask(&rig, "/map/list"),
                     "/done 0 /map/list 3 keys 1 74 lp:cutoff 100.0 6400.0 pickup * 0 10 lp:q 0.3 40.0 offset keys 2 7 "
                     "lp:bypass 0.0 1.0 \"\"");
    undo_rig_do(&rig, "/map/cc keys 1 74 lp:cutoff"); /* in its place */
    undo_rig_do(&rig, "/map/remove lp:q");
    ck_assert_str_eq(osc_rig_ask(&rig, "/map/list"),
                     "/done 0 /map/list 2 keys 1 74 lp:cutoff 10.0 20000.0 \"\" keys 2 7 lp:bypass 0.0 1.0 \"\"");
    move("keys", 2, 7, 127);
    ck_assert_double_eq(value_of("lp", "bypass"), 1);
}
END_TEST

START_TEST(mistakes_are_told)
{
    osc_rig_refuse(&rig, "/map/cc keys 17 74 lp:cutoff", ERROR_RANGE, "channel 17", "0 to 16", NULL);
    osc_rig_refuse(&rig, "/map/cc keys 1 120 lp:cutoff", ERROR_RANGE, "number 120", "0 to 119", NULL);
    osc_rig_refuse(&rig, "/map/cc kyes 1 74 lp:cutoff", ERROR_NO_SUCH_NODE, "kyes", NULL);
    osc_rig_refuse(&rig, "/map/cc lp 1 74 lp:cutoff", ERROR_UNSUPPORTED, "lp (filter)", "midi_input", NULL);
    osc_rig_refuse(&rig, "/map/cc keys 1 74 lp", ERROR_BAD_VALUE, "NODE:PARAM", NULL);
    osc_rig_refuse(&rig, "/map/cc keys 1 74 lp:cutof", ERROR_NO_SUCH_PARAM, "cutof", NULL);
    osc_rig_refuse(&rig, "/map/cc keys 1 74 lp:cutoff min 5", ERROR_RANGE, "5", NULL);
    osc_rig_refuse(&rig, "/map/cc keys 1 74 keys:seed", ERROR_UNSUPPORTED, "keys:seed", NULL);
    osc_rig_refuse(&rig, "/map/cc keys 1 74 lp:cutoff pickup relative twos", ERROR_BAD_VALUE, "pickup", NULL);
    osc_rig_refuse(&rig, "/map/remove lp:cutoff", ERROR_NO_MATCH, "lp:cutoff", NULL);
    osc_rig_refuse(&rig, "/map/forget", ERROR_NO_MATCH, NULL);
}
END_TEST

/* ---- sessions and history -------------------------------------------------------------------------------------------- */

static void there_and_back(const char *line)
{
    char *before = undo_rig_text(&rig);
    undo_rig_do(&rig, line);
    char *after = undo_rig_text(&rig);
    ck_assert_str_ne(before, after);
    undo_rig_do(&rig, "/undo");
    osc_rig_wait(&rig);
    char *undone = undo_rig_text(&rig);
    ck_assert_str_eq(before, undone);
    undo_rig_do(&rig, "/redo");
    char *redone = undo_rig_text(&rig);
    ck_assert_str_eq(after, redone);
    free(before);
    free(after);
    free(undone);
    free(redone);
}

START_TEST(every_edit_of_them_goes_there_and_back)
{
    there_and_back("/map/cc keys 1 74 lp:cutoff min 100 max 6400");
    there_and_back("/map/cc keys 1 3 lp:cutoff min 100 max 6400 pickup");
    there_and_back("/map/cc keys 1 74 lp:cutoff min 200 max 6400");
    there_and_back("/map/cc others 0 74 lp:cutoff min 6400 max 100");
    there_and_back("/map/cc others 0 74 keys:gate relative twos");
    there_and_back("/graph/rename keys board");
    there_and_back("/graph/replace lp filter cutoff 300.0");
    there_and_back("/graph/replace others arpeggiator mode down");
    there_and_back("/graph/replace others gain drop"); /* which hears none */
    ck_assert_ptr_null(strstr(osc_rig_ask(&rig, "/map/list"), "others"));
    there_and_back("/map/remove lp:cutoff board 1 74");
    there_and_back("/graph/remove others");
    there_and_back("/graph/remove lp");
    ck_assert_str_eq(osc_rig_ask(&rig, "/map/list"), "/done 0 /map/list 0");
}
END_TEST

START_TEST(a_node_that_comes_back_is_moved_again)
{
    undo_rig_do(&rig, "/map/cc keys 1 74 lp:cutoff min 100 max 6400");
    undo_rig_do(&rig, "/graph/remove keys");
    osc_rig_wait(&rig);
    undo_rig_do(&rig, "/undo");
    move("keys", 1, 74, 127);
    expect_cutoff(6400);
    undo_rig_do(&rig, "/graph/replace lp filter cutoff 300.0");
    move("keys", 1, 74, 0);
    expect_cutoff(100);
}
END_TEST

START_TEST(a_session_holds_them)
{
    undo_rig_do(&rig, "/map/cc keys 1 74 lp:cutoff min 100 max 6400 pickup");
    undo_rig_do(&rig, "/map/cc * 0 10 lp:q relative sign");
    undo_rig_do(&rig, "/map/cc keys 3 5 out:bypass");
    char *text = session_rig_save(&rig, "/tmp/a.dawd");
    undo_rig_do(&rig, "/session/new");
    ck_assert_str_eq(osc_rig_ask(&rig, "/map/list"), "/done 0 /map/list 0");
    session_rig_load(&rig, "/tmp/a.dawd", text, strlen(text));
    char *again = session_rig_save(&rig, "/tmp/b.dawd");
    ck_assert_str_eq(text, again);
    ck_assert_ptr_nonnull(strstr(text, "/map/cc * 0 10 lp:q min 0.3 max 40.0 relative sign"));
    free(text);
    free(again);
}
END_TEST

/* ---- learning -------------------------------------------------------------------------------------------------------- */

START_TEST(the_next_controller_is_learnt)
{
    osc_rig_send(&rig, "/req/7/map/learn lp:cutoff min 100 max 6400");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/progress 7 /map/learn 0.0 \"waits *\"");
    osc_rig_expect(&rig, "");
    move("others", 5, 20, 127);
    osc_rig_expect(&rig, "/done 7 /map/learn others 5 20");
    expect_cutoff(6400);
    move("others", 5, 21, 0);
    expect_cutoff(6400);
    move("others", 5, 20, 0);
    expect_cutoff(100);
    undo_rig_do(&rig, "/undo 2"); /* the movements, and what was learnt */
    ck_assert_str_eq(osc_rig_ask(&rig, "/map/list"), "/done 0 /map/list 0");
}
END_TEST

START_TEST(one_thing_is_learnt_at_a_time)
{
    osc_rig_send(&rig, "/req/7/map/learn lp:cutoff");
    osc_rig_send(&rig, "/req/8/map/learn lp:q");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/progress 7 *");
    osc_rig_expect(&rig, "/fail 7 /map/learn *");
    osc_rig_expect(&rig, "/progress 8 *");
    osc_rig_send(&rig, "/map/forget");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/fail 8 /map/learn *");
    osc_rig_expect(&rig, "/done 0 /map/forget");
}
END_TEST

START_TEST(nobody_waits_for_a_controller_for_ever)
{
    osc_rig_send(&rig, "/req/7/map/learn lp:cutoff");
    for (unsigned i = 0; i <= LEARN_S * OSC_RIG_RATE_HZ / OSC_RIG_CYCLE / 2; i++)
        osc_rig_run(&rig);
    for (unsigned i = 0; i < LEARN_S / TELL_S; i++)
        osc_rig_expect(&rig, "/progress 7 /map/learn 0.*");
    osc_rig_expect(&rig, "/fail 7 /map/learn *no controller was moved for 60 s*");
}
END_TEST

START_TEST(what_is_learnt_for_a_node_that_has_gone_is_cancelled)
{
    osc_rig_send(&rig, "/req/7/map/learn lp:cutoff");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/progress 7 *");
    undo_rig_do(&rig, "/graph/remove lp");
    move("keys", 1, 1, 1);
    osc_rig_expect(&rig, "/fail 7 /map/learn *removed*");
}
END_TEST

START_TEST(what_a_connection_wanted_to_learn_is_given_up_with_it)
{
    rig.peer = osc_rig_stream(9);
    osc_rig_send(&rig, "/req/7/map/learn lp:cutoff");
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/progress 7 *");
    controllers_closed(&rig.server->controllers, &rig.peer);
    rig.peer = osc_rig_stream(10);
    move("keys", 1, 1, 1);
    ck_assert_str_eq(osc_rig_do(&rig, "/map/list"), "/done 0 /map/list 0");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_controller_goes_along_the_curve_of_the_parameter,
        others_move_nothing,
        subscribers_hear_of_it_and_undo_takes_it_back,
        with_pickup_the_parameter_waits_for_the_controller,
        encoders_go_by_steps,
        an_encoder_comes_through_the_steps_of_a_choice,
        what_is_mapped_is_told,
        mistakes_are_told,
        every_edit_of_them_goes_there_and_back,
        a_node_that_comes_back_is_moved_again,
        a_session_holds_them,
        the_next_controller_is_learnt,
        one_thing_is_learnt_at_a_time,
        nobody_waits_for_a_controller_for_ever,
        what_is_learnt_for_a_node_that_has_gone_is_cancelled,
        what_a_connection_wanted_to_learn_is_given_up_with_it,
    };
    return osc_rig_suite("map", open_rig, close_rig, tests, ROWS(tests));
}
