/* /transport/sync: whom the transport follows. */
#include <string.h>

#include "tests/osc_rig.h"

static struct osc_rig rig;

static void open_rig(void)
{
    osc_rig_open(&rig);
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

START_TEST(it_tells_whom_it_follows)
{
    const char *by_itself = "/done 0 /transport/sync internal \"\" \"\" 120.0 0.0";
    ck_assert_str_eq(osc_rig_do(&rig, "/transport/sync"), by_itself);
    osc_rig_do(&rig, "/graph/add midi_input keys");
    ck_assert_str_eq(osc_rig_do(&rig, "/transport/sync midi keys"),
                     "/done 0 /transport/sync midi keys \"no clock\" 120.0 0.0");
    ck_assert_str_eq(osc_rig_do(&rig, "/transport/sync jack"), "/done 0 /transport/sync jack \"\" \"no clock\" 120.0 0.0");
    ck_assert_str_eq(osc_rig_do(&rig, "/transport/sync internal"), by_itself);
}
END_TEST

START_TEST(what_cannot_be_followed_is_refused_with_the_reason)
{
    osc_rig_do(&rig, "/graph/add midi_input keys");
    osc_rig_refuse(&rig, "/transport/sync midi", ERROR_BAD_TYPE, "node is missing", NULL);
    osc_rig_refuse(&rig, "/transport/sync midi out", ERROR_BAD_TYPE, "midi_input", NULL);
    osc_rig_refuse(&rig, "/transport/sync midi nobody", ERROR_NO_SUCH_NODE, NULL);
    osc_rig_refuse(&rig, "/transport/sync tape", ERROR_BAD_VALUE, "internal", NULL);
}
END_TEST

START_TEST(a_node_that_is_removed_is_followed_no_more)
{
    osc_rig_do(&rig, "/graph/add midi_input keys");
    osc_rig_do(&rig, "/transport/sync midi keys");
    osc_rig_do(&rig, "/graph/remove keys");
    ck_assert_str_eq(osc_rig_do(&rig, "/transport/sync"), "/done 0 /transport/sync internal \"\" \"\" 120.0 0.0");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {it_tells_whom_it_follows, what_cannot_be_followed_is_refused_with_the_reason,
                                  a_node_that_is_removed_is_followed_no_more};
    return osc_rig_suite("sync", open_rig, close_rig, tests, ROWS(tests));
}
