/* /graph/compensate and /graph/latency: what is said is kept. */
#include <check.h>
#include <string.h>

#include "tests/osc_rig.h"
#include "tests/suite.h"

static struct osc_rig rig;

START_TEST(what_is_opted_out_is_in_the_text_of_the_graph)
{
    osc_rig_open(&rig);
    osc_rig_do(&rig, "/graph/add gain mon");
    osc_rig_do(&rig, "/graph/compensate mon 0");
    osc_rig_do(&rig, "/graph/compensate out 0");
    const char *text = osc_rig_dump(&rig);
    ck_assert_ptr_nonnull(strstr(text, "/graph/compensate mon 0\n"));
    ck_assert_ptr_nonnull(strstr(text, "/graph/compensate out 0\n"));
    ck_assert(strstr(text, "/graph/add gain mon") < strstr(text, "/graph/compensate mon"));
    osc_rig_do(&rig, "/graph/compensate mon 1");
    ck_assert_ptr_null(strstr(osc_rig_dump(&rig), "/graph/compensate mon"));
    osc_rig_do(&rig, "/graph/clear");
    ck_assert_str_eq(osc_rig_dump(&rig), "");
    osc_rig_close(&rig);
}
END_TEST

START_TEST(a_replaced_node_stays_opted_out)
{
    osc_rig_open(&rig);
    osc_rig_do(&rig, "/graph/add gain mon");
    osc_rig_do(&rig, "/graph/compensate mon 0");
    osc_rig_do(&rig, "/graph/replace mon pan");
    ck_assert_ptr_nonnull(strstr(osc_rig_dump(&rig), "/graph/compensate mon 0\n"));
    osc_rig_close(&rig);
}
END_TEST

START_TEST(nothing_is_late_in_a_graph_of_nodes_that_are_not)
{
    osc_rig_open(&rig);
    osc_rig_do(&rig, "/graph/add gain g");
    osc_rig_do(&rig, "/graph/connect in g");
    osc_rig_do(&rig, "/graph/connect g out");
    ck_assert_str_eq(osc_rig_ask(&rig, "/graph/latency"), "/done 0 /graph/latency 0 0 0");
    ck_assert_str_eq(osc_rig_ask(&rig, "/graph/latency g"), "/done 0 /graph/latency 0 0 0");
    osc_rig_refuse(&rig, "/graph/latency h", ERROR_NO_SUCH_NODE, "\"h\"", NULL);
    osc_rig_refuse(&rig, "/graph/compensate h 0", ERROR_NO_SUCH_NODE, "\"h\"", NULL);
    osc_rig_close(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_is_opted_out_is_in_the_text_of_the_graph,
        a_replaced_node_stays_opted_out,
        nothing_is_late_in_a_graph_of_nodes_that_are_not,
    };
    return suite_run("compensate", 30, tests, sizeof tests / sizeof tests[0]);
}
