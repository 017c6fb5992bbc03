/* The bypass as clients meet it: a value that every node has. */
#include <stdio.h>

#include "graph/names.h"
#include "tests/osc_rig.h"

static struct osc_rig rig;

static void open_rig(void)
{
    osc_rig_open(&rig);
    osc_rig_do(&rig, "/graph/add filter lp cutoff 300.0");
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

START_TEST(it_is_set_and_read_like_a_switch)
{
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/lp/bypass"), "/node/lp/bypass F");
    osc_rig_do(&rig, "/req/1/node/lp/bypass T");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/lp/bypass"), "/node/lp/bypass T");
    ck_assert(model_find(&rig.ctl->model, "lp")->object->bypassed);
    osc_rig_do(&rig, "/req/1/node/*/bypass F");
    ck_assert(!model_find(&rig.ctl->model, "lp")->object->bypassed);
    osc_rig_do(&rig, "/graph/bypass lp 1");
    ck_assert(model_find(&rig.ctl->model, "lp")->object->bypassed);
    osc_rig_refuse(&rig, "/graph/bypass hp 1", ERROR_NO_SUCH_NODE, "\"hp\"", NULL);
    osc_rig_refuse(&rig, "/node/lp/bypass loudly", ERROR_BAD_TYPE, "bypass", NULL);
    osc_rig_refuse(&rig, "/node/lp/bypass T 1.0", ERROR_BAD_TYPE, "bypass", NULL);
}
END_TEST

START_TEST(it_is_part_of_the_text_and_comes_back_from_it)
{
    osc_rig_do(&rig, "/req/1/node/lp/bypass T");
    osc_rig_do(&rig, "/req/1/node/out/bypass T");
    const char *dump = "/node/out/bypass T\n/graph/add filter lp cutoff 300.0 bypass T\n";
    ck_assert_str_eq(osc_rig_dump(&rig), dump);
    osc_rig_do(&rig, "/graph/clear");
    ck_assert_str_eq(osc_rig_dump(&rig), "");
    char text[200];
    snprintf(text, sizeof text, "[\n%s]", dump);
    osc_rig_do(&rig, text);
    ck_assert_str_eq(osc_rig_dump(&rig), dump);
    ck_assert(model_find(&rig.ctl->model, "lp")->object->stopped); /* it has never been heard */
}
END_TEST

START_TEST(a_replacement_is_bypassed_as_the_old_one_was)
{
    osc_rig_do(&rig, "/req/1/node/lp/bypass T");
    osc_rig_do(&rig, "/graph/replace lp butterworth");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/lp/bypass"), "/node/lp/bypass T");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        it_is_set_and_read_like_a_switch,
        it_is_part_of_the_text_and_comes_back_from_it,
        a_replacement_is_bypassed_as_the_old_one_was,
    };
    return osc_rig_suite("the bypass as a value", open_rig, close_rig, tests, ROWS(tests));
}
