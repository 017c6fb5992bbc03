/* Values: who sets one is told when there is a use for it, who reads one is told what it is. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "osc/command.h"
#include "tests/osc_rig.h"

static struct osc_rig rig;

static void open_rig(void)
{
    osc_rig_open(&rig);
    osc_rig_do(&rig, "/graph/add osc tone freq 300.0");
    osc_rig_do(&rig, "/graph/add filter lp");
    osc_rig_do(&rig, "/graph/add player tape");
    osc_rig_do(&rig, "/graph/add gain rack/amp");
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

static float value_of(const char *node, const char *param)
{
    struct error error;
    unsigned row;
    const struct node *found = model_find(&rig.ctl->model, node);
    ck_assert(found && node_param_find(found->class, found->values, param, &row, &error) == 0);
    return found->values[row];
}

/* What the node itself runs with. */
static float heard_value_of(const char *node, const char *param)
{
    struct error error;
    unsigned row;
    const struct node *found = model_find(&rig.ctl->model, node);
    ck_assert(found && node_param_find(found->class, found->values, param, &row, &error) == 0);
    return found->object->params[row].value;
}

/* ---- answers --------------------------------------------------------------------------------------------------------- */

START_TEST(a_set_by_datagram_without_id_is_not_answered)
{
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/tone/freq 500.0"), "");
    ck_assert_float_eq(value_of("tone", "freq"), 500);
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/tone/freq 600.0 0.5"), "");
    ck_assert_float_eq(value_of("tone", "freq"), 600);
}
END_TEST

START_TEST(a_set_with_an_id_is_answered_once_the_engine_has_it)
{
    osc_rig_send(&rig, "/req/7/node/tone/freq 500.0");
    ck_assert_str_eq(osc_rig_line(&rig), "");
    ctl_poll(rig.ctl);
    ck_assert_str_eq(osc_rig_line(&rig), "");
    ck_assert_float_eq(heard_value_of("tone", "freq"), 300);
    osc_rig_run(&rig);
    ck_assert_str_eq(osc_rig_line(&rig), "/done 7 /node/tone/freq");
    ck_assert_ptr_null(osc_rig_answer(&rig));
    osc_rig_wait(&rig);
    ck_assert_float_eq(heard_value_of("tone", "freq"), 500);
}
END_TEST

START_TEST(a_set_by_connection_is_always_answered)
{
    rig.peer = osc_rig_stream(3);
    osc_rig_send(&rig, "/node/tone/freq 500.0");
    osc_rig_run(&rig);
    const struct osc_rig_answer *answer = osc_rig_answer(&rig);
    ck_assert_str_eq(answer->line, "/done 0 /node/tone/freq");
    ck_assert(peer_equal(&answer->peer, &rig.peer));
}
END_TEST

START_TEST(a_set_makes_no_revision)
{
    uint64_t revision = rig.ctl->revision;
    osc_rig_do(&rig, "/req/1/node/tone/freq 500.0");
    osc_rig_ask(&rig, "/node/tone/freq 600.0");
    ck_assert_uint_eq(rig.ctl->revision, revision);
    ck_assert_uint_eq(rig.server->counters.values, 2);
}
END_TEST

START_TEST(a_read_without_id_is_answered_at_its_own_address)
{
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/tone/freq"), "/node/tone/freq 300.0");
    rig.peer = osc_rig_stream(3);
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/tone/freq"), "/node/tone/freq 300.0");
}
END_TEST

START_TEST(a_read_with_an_id_is_answered_by_done)
{
    ck_assert_str_eq(osc_rig_do(&rig, "/req/8/node/tone/freq"), "/done 8 /node/tone/freq 300.0");
    ck_assert_str_eq(osc_rig_do(&rig, "/req/0/node/tone/freq"), "/done 0 /node/tone/freq 300.0");
}
END_TEST

START_TEST(a_read_comes_at_once_and_tells_the_newest_value)
{
    osc_rig_send(&rig, "/node/tone/freq 500.0 3.0");
    osc_rig_send(&rig, "/node/tone/freq");
    ck_assert_str_eq(osc_rig_line(&rig), "/node/tone/freq 500.0");
}
END_TEST

START_TEST(values_are_told_as_their_kind_is_written)
{
    osc_rig_ask(&rig, "/node/lp/mode 1");
    osc_rig_ask(&rig, "/node/tape/loop 1");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/lp/mode"), "/node/lp/mode highpass");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/tape/loop"), "/node/tape/loop T");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/tape/file"), "/node/tape/file \"\"");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/rack/amp/gain"), "/node/rack/amp/gain 0.0");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/tape/playing"), "/node/tape/playing 0.0");
}
END_TEST

START_TEST(a_node_tells_all_its_values_by_name)
{
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/tape"),
                     "/node/tape file \"\" play T loop F start 0.0 rate 1.0 gain 0.0 position 0.0 playing 0.0");
    ck_assert_str_eq(osc_rig_do(&rig, "/req/1/node/rack/amp"), "/done 1 /node/rack/amp gain 0.0");
}
END_TEST

START_TEST(the_longest_name_of_a_node_wins)
{
    osc_rig_do(&rig, "/graph/add gain rack");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/rack/amp"), "/node/rack/amp gain 0.0");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/rack/gain"), "/node/rack/gain 0.0");
    osc_rig_ask(&rig, "/node/rack/amp/gain -6.0");
    ck_assert_float_eq(value_of("rack/amp", "gain"), -6);
    ck_assert_float_eq(value_of("rack", "gain"), 0);
}
END_TEST

/* ---- what is taken --------------------------------------------------------------------------------------------------- */

START_TEST(numbers_of_every_type_are_taken)
{
    static const char *const sixes[] = {"6", "6h", "6.0", "6.0d"};
    for (unsigned i = 0; i < ROWS(sixes); i++) {
        char line[64];
        osc_rig_ask(&rig, "/node/rack/amp/gain 0");
        snprintf(line, sizeof line, "/node/rack/amp/gain %s", sixes[i]);
        ck_assert_str_eq(osc_rig_ask(&rig, line), "");
        ck_assert_float_eq(value_of("rack/amp", "gain"), 6);
    }
    osc_rig_ask(&rig, "/node/rack/amp/gain T");
    ck_assert_float_eq(value_of("rack/amp", "gain"), 1);
}
END_TEST

START_TEST(the_ends_of_a_range_belong_to_it)
{
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/rack/amp/gain 24"), "");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/rack/amp/gain -120.0d"), "");
    ck_assert_float_eq(value_of("rack/amp", "gain"), -120);
    osc_rig_refuse(&rig, "/node/rack/amp/gain 24.00001", ERROR_RANGE, "24", "-120 to 24 dB", NULL);
}
END_TEST

START_TEST(a_choice_is_taken_by_name_and_by_number_and_a_switch_as_truth_or_number)
{
    osc_rig_ask(&rig, "/node/lp/mode notch");
    ck_assert_float_eq(value_of("lp", "mode"), 3);
    osc_rig_ask(&rig, "/node/lp/mode 2.0");
    ck_assert_float_eq(value_of("lp", "mode"), 2);
    osc_rig_ask(&rig, "/node/tape/loop T");
    ck_assert_float_eq(value_of("tape", "loop"), 1);
    osc_rig_ask(&rig, "/node/tape/loop 0");
    ck_assert_float_eq(value_of("tape", "loop"), 0);
}
END_TEST

START_TEST(a_glide_arrives_after_its_time)
{
    osc_rig_ask(&rig, "/node/rack/amp/gain -20.0 0.1");
    for (uint64_t end = ctl_clock(rig.ctl) + 4000; ctl_clock(rig.ctl) < end;)
        osc_rig_run(&rig);
    const struct node *node = model_find(&rig.ctl->model, "rack/amp");
    ck_assert_uint_eq(node->object->n_moving, 1);
    osc_rig_wait(&rig);
    ck_assert_uint_eq(node->object->n_moving, 0);
    ck_assert_float_eq(heard_value_of("rack/amp", "gain"), -20);
}
END_TEST

START_TEST(a_set_does_not_overtake_the_edit_before_it)
{
    osc_rig_send(&rig, "/graph/add gain fresh");
    osc_rig_send(&rig, "/node/fresh/gain -6.0");
    osc_rig_send(&rig, "/req/2/node/fresh/gain -7.0");
    osc_rig_run(&rig);
    ck_assert(strncmp(osc_rig_line(&rig), "/done 0 /graph/add ", 19) == 0);
    ck_assert_str_eq(osc_rig_line(&rig), "/done 2 /node/fresh/gain");
    osc_rig_wait(&rig);
    ck_assert_float_eq(heard_value_of("fresh", "gain"), -7);
}
END_TEST

START_TEST(a_flood_of_sets_ends_at_the_last_one)
{
    for (unsigned i = 0; i <= 10000; i++) {
        char line[64];
        snprintf(line, sizeof line, "/node/tone/freq %u", 300 + i);
        osc_rig_send(&rig, line);
    }
    osc_rig_do(&rig, "/req/1/node/tone/freq 299");
    osc_rig_wait(&rig);
    ck_assert_float_eq(heard_value_of("tone", "freq"), 299);
    ck_assert_uint_eq(rig.server->counters.values, 10002);
}
END_TEST

/* ---- what is refused ------------------------------------------------------------------------------------------------- */

static const struct wrong {
    const char *line;
    enum error_code code;
    const char *says; /* the whole text up to here */
} wrongs[] = {
    {"/node/nobody/freq 3.0", ERROR_NO_SUCH_NODE, "no node is named \"nobody\"; /graph/list names them all"},
    {"/node/nobody/freq", ERROR_NO_SUCH_NODE, "no node is named \"nobody\""},
    {"/node/nobody", ERROR_NO_SUCH_NODE, "no node is named \"nobody\""},
    {"/node/tune/freq 3.0", ERROR_NO_SUCH_NODE, "no node is named \"tune\"; did you mean \"tone\"?"},
    {"/node/rack/amq/gain 3.0", ERROR_NO_SUCH_NODE, "no node is named \"rack/amq\"; did you mean \"rack/amp\"?"},
    {"/node/", ERROR_NO_SUCH_NODE, "no node is named \"\""},
    {"/node/tone/frequency 3.0", ERROR_NO_SUCH_PARAM, "osc has no parameter \"frequency\"; it has: wave, freq, "},
    {"/node/tone/freq/nork", ERROR_NO_SUCH_PARAM, "osc has no parameter \"freq/nork\""},
    {"/node/tone/", ERROR_NO_SUCH_PARAM, "osc has no parameter \"\""},
    {"/node/in/gain 1.0", ERROR_NO_SUCH_PARAM,
     "input has no parameter \"gain\"; it has: none; measured: out/peak, out/rms"},
    {"/node/tone 3.0", ERROR_BAD_TYPE, "name the parameter to set: /node/tone/PARAM"},
    {"/node/tone/freq high", ERROR_BAD_TYPE, "freq takes a number in Hz, or a note value"},
    {"/node/tone/freq %b:00", ERROR_BAD_TYPE, "freq takes a number, not an argument of type b"},
    {"/node/tone/freq %N:", ERROR_BAD_TYPE, "freq takes a number, not an argument of type N"},
    {"/node/tone/freq 1 2 3", ERROR_BAD_TYPE,
     "3 arguments for freq: it takes its value, and if wished a glide time in seconds"},
    {"/node/tone/freq 1 slow", ERROR_BAD_TYPE, "behind the value of freq comes its glide time in seconds, not \"slow\""},
    {"/node/tone/freq 1 %f:7fc00000", ERROR_BAD_VALUE, "behind the value of freq comes its glide time in seconds, not nan"},
    {"/node/tone/freq 1 -0.5", ERROR_RANGE, "the glide time -0.5 s is outside its range 0 to 3600 s"},
    {"/node/tone/freq 1 3601", ERROR_RANGE, "the glide time 3601 s is outside its range 0 to 3600 s"},
    {"/node/tone/freq 0.0", ERROR_RANGE, "freq 0 Hz is outside its range 0.01 to 20000 Hz"},
    {"/node/tone/freq 1e9", ERROR_RANGE, "freq 1e+09 Hz is outside its range 0.01 to 20000 Hz"},
    {"/node/tone/freq 1e300d", ERROR_RANGE, "freq 1e+300 Hz is outside"},
    {"/node/tone/freq 9000000000000000000h", ERROR_BAD_TYPE, "freq takes a number"},
    {"/node/tone/freq %f:7fc00000", ERROR_BAD_VALUE, "freq was given something that is not a number (NaN)"},
    {"/node/tone/freq %d:7ff8000000000000", ERROR_BAD_VALUE, "freq was given something that is not a number (NaN)"},
    {"/node/tone/freq %f:7f800000", ERROR_RANGE, "freq inf Hz is outside its range"},
    {"/node/tone/freq %d:fff0000000000000", ERROR_RANGE, "freq -inf Hz is outside its range"},
    {"/node/lp/mode banjo", ERROR_BAD_VALUE, "mode \"banjo\" is none of: lowpass, highpass, "},
    {"/node/lp/mode 6", ERROR_RANGE, "mode 6 is outside its range 0 to 5, which mean: lowpass, "},
    {"/node/lp/mode -1", ERROR_RANGE, "mode -1 is outside its range 0 to 5"},
    {"/node/lp/mode 0.5", ERROR_BAD_VALUE, "mode 0.5 is no whole number"},
    {"/node/lp/mode notch 0.5", ERROR_BAD_TYPE, "mode changes at once: 0.5 is one argument too many"},
    {"/node/tape/loop 2", ERROR_RANGE, "loop 2 is outside its range 0 to 1"},
    {"/node/tape/loop yes", ERROR_BAD_TYPE, "loop takes T or F, not \"yes\""},
    {"/node/tape/playing 1", ERROR_UNSUPPORTED, "playing is measured by the node and cannot be set"},
    {"/node/tape/file b.wav 2.0", ERROR_BAD_TYPE, "file takes one argument"},
    {"/node/tape/file 3", ERROR_BAD_TYPE, "file takes the path of a file"},
};

START_TEST(a_wrong_value_is_refused_with_what_would_be_right)
{
    for (unsigned i = 0; i < ROWS(wrongs); i++) {
        const char *text = osc_rig_refuse(&rig, wrongs[i].line, wrongs[i].code, wrongs[i].says, NULL);
        ck_assert_msg(strncmp(text, wrongs[i].says, strlen(wrongs[i].says)) == 0, "%s: %s", wrongs[i].line, text);
        char line[128];
        snprintf(line, sizeof line, "/req/9%s", wrongs[i].line);
        osc_rig_refuse(&rig, line, wrongs[i].code, wrongs[i].says, NULL);
    }
}
END_TEST

START_TEST(an_address_of_slashes_or_of_any_length_is_just_no_node)
{
    char line[1025] = "/node/";
    memset(line + 6, '/', 1018);
    osc_rig_refuse(&rig, line, ERROR_NO_SUCH_NODE, "no node is named", NULL);
    memset(line + 6, 'x', 1018);
    osc_rig_refuse(&rig, line, ERROR_NO_SUCH_NODE, "no node is named", NULL);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_set_by_datagram_without_id_is_not_answered,
        a_set_with_an_id_is_answered_once_the_engine_has_it,
        a_set_by_connection_is_always_answered,
        a_set_makes_no_revision,
        a_read_without_id_is_answered_at_its_own_address,
        a_read_with_an_id_is_answered_by_done,
        a_read_comes_at_once_and_tells_the_newest_value,
        values_are_told_as_their_kind_is_written,
        a_node_tells_all_its_values_by_name,
        the_longest_name_of_a_node_wins,
        numbers_of_every_type_are_taken,
        the_ends_of_a_range_belong_to_it,
        a_choice_is_taken_by_name_and_by_number_and_a_switch_as_truth_or_number,
        a_glide_arrives_after_its_time,
        a_set_does_not_overtake_the_edit_before_it,
        a_flood_of_sets_ends_at_the_last_one,
        a_wrong_value_is_refused_with_what_would_be_right,
        an_address_of_slashes_or_of_any_length_is_just_no_node,
    };
    return osc_rig_suite("values", open_rig, close_rig, tests, ROWS(tests));
}
