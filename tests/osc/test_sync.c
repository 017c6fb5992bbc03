/* /transport/sync: whom the transport follows. */
#include <stdio.h>
#include <stdlib.h>
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

static void follows(const char *whom)
{
    char line[100];
    osc_rig_wait(&rig);
    snprintf(line, sizeof line, "/transport/sync %s 120.0 0.0", whom);
    ck_assert_str_eq(osc_rig_ask(&rig, "/transport/sync"), line);
}

#define BY_ITSELF "internal \"\" \"\""
#define BY_JACK   "jack \"\" \"no clock\""
#define BY_KEYS   "midi keys \"no clock\""

START_TEST(it_tells_whom_it_follows)
{
    follows(BY_ITSELF);
    osc_rig_do(&rig, "/graph/add midi_input keys");
    osc_rig_do(&rig, "/transport/sync midi keys");
    follows(BY_KEYS);
    osc_rig_do(&rig, "/transport/sync jack");
    follows(BY_JACK);
    osc_rig_do(&rig, "/transport/sync internal");
    follows(BY_ITSELF);
}
END_TEST

START_TEST(what_cannot_be_followed_is_refused_with_the_reason)
{
    osc_rig_do(&rig, "/graph/add midi_input keys");
    osc_rig_refuse(&rig, "/transport/sync midi", ERROR_BAD_TYPE, "node is missing", NULL);
    osc_rig_refuse(&rig, "/transport/sync midi out", ERROR_BAD_TYPE, "midi_input", NULL);
    osc_rig_refuse(&rig, "/transport/sync midi nobody", ERROR_NO_SUCH_NODE, NULL);
    osc_rig_refuse(&rig, "/transport/sync jack keys", ERROR_BAD_TYPE, "only midi", NULL);
    osc_rig_refuse(&rig, "/transport/sync tape", ERROR_BAD_VALUE, "internal", NULL);
    osc_rig_refuse(&rig, "[\n/transport/sync midi keys\n/graph/remove nobody\n]", ERROR_NO_SUCH_NODE, NULL);
    follows(BY_ITSELF);
}
END_TEST

START_TEST(a_node_that_is_removed_is_followed_no_more_until_it_is_back)
{
    osc_rig_do(&rig, "/graph/add midi_input keys");
    osc_rig_do(&rig, "/transport/sync midi keys");
    osc_rig_do(&rig, "/graph/remove keys");
    follows(BY_ITSELF);
    osc_rig_do(&rig, "/undo");
    follows(BY_KEYS);
    osc_rig_do(&rig, "/graph/clear");
    follows(BY_ITSELF);
}
END_TEST

START_TEST(a_node_that_is_renamed_or_replaced_by_its_like_is_followed_on)
{
    osc_rig_do(&rig, "/graph/add midi_input keys");
    osc_rig_do(&rig, "/transport/sync midi keys");
    osc_rig_do(&rig, "/graph/rename keys \"F\"");
    follows("midi \"F\" \"no clock\"");
    osc_rig_do(&rig, "/graph/replace \"F\" midi_input transpose 3");
    follows("midi \"F\" \"no clock\"");
    osc_rig_do(&rig, "/undo");
    follows("midi \"F\" \"no clock\"");
    osc_rig_do(&rig, "/graph/replace \"F\" midi_player");
    follows(BY_ITSELF);
    osc_rig_do(&rig, "/undo");
    osc_rig_do(&rig, "/undo");
    follows(BY_KEYS);
}
END_TEST

START_TEST(it_is_undone_and_done_again)
{
    osc_rig_do(&rig, "/graph/add midi_input keys");
    osc_rig_do(&rig, "/transport/sync jack");
    osc_rig_do(&rig, "/transport/sync midi keys");
    osc_rig_do(&rig, "/undo");
    follows(BY_JACK);
    osc_rig_do(&rig, "/undo");
    follows(BY_ITSELF);
    osc_rig_do(&rig, "/redo");
    osc_rig_do(&rig, "/redo");
    follows(BY_KEYS);
}
END_TEST

START_TEST(it_is_part_of_the_session)
{
    osc_rig_do(&rig, "/graph/add midi_input keys");
    osc_rig_do(&rig, "/transport/sync midi keys");
    osc_rig_send(&rig, "/session/save song.dawd");
    char *text = osc_rig_saved(&rig, "song.dawd");
    ck_assert_str_eq(text, "# dawd session 1\n/graph/add midi_input keys\n/transport/sync midi keys\n# end\n");
    osc_rig_forget(&rig);
    osc_rig_do(&rig, "/session/new");
    follows(BY_ITSELF);
    osc_rig_send(&rig, "/session/load song.dawd");
    osc_rig_read(&rig, "song.dawd", text, strlen(text));
    osc_rig_wait(&rig);
    osc_rig_forget(&rig);
    follows(BY_KEYS);
    free(text);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {it_tells_whom_it_follows,
                                  what_cannot_be_followed_is_refused_with_the_reason,
                                  a_node_that_is_removed_is_followed_no_more_until_it_is_back,
                                  a_node_that_is_renamed_or_replaced_by_its_like_is_followed_on,
                                  it_is_undone_and_done_again,
                                  it_is_part_of_the_session};
    return osc_rig_suite("sync", open_rig, close_rig, tests, ROWS(tests));
}
