/* Containers as clients edit them: copies of the whole, replacements and copies within. */
#include <stdlib.h>
#include <string.h>

#include "tests/osc_rig.h"

static struct osc_rig rig;

#define PAD                                                                                                                \
    "/graph/add voices pad voices 3 empty T steal quietest\n"                                                              \
    "/graph/add midi_cv pad/in glide 0.1\n"                                                                                \
    "/graph/add voice_out pad/out\n"                                                                                       \
    "/graph/add osc pad/a freq 300.0\n"                                                                                    \
    "/graph/add gain pad/g gain -6.0\n"                                                                                    \
    "/graph/connect pad:voice pad/in:in\n"                                                                                 \
    "/graph/connect pad/g:out pad/out:in\n"                                                                                \
    "/graph/connect pad/in:pitch pad/a:freq depth 1.0\n"                                                                   \
    "/graph/connect pad/a:out pad/g:in gain -3.0\n"                                                                        \
    "/graph/connect pad/g:out pad/g:gain depth 2.0 feedback\n"
#define PAD_OUTSIDE                                                                                                        \
    "/graph/connect sweep:out pad/a:freq depth 0.5\n"                                                                      \
    "/graph/connect pad/out:out out:in gain -12.0\n"

static struct node *node_of(const char *name)
{
    struct node *node = model_find(&rig.ctl->model, name);
    ck_assert_ptr_nonnull(node);
    return node;
}

static void open_rig(void)
{
    osc_rig_open(&rig);
    osc_rig_do(&rig, "/graph/add lfo sweep");
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

/* Each line of the text is in the dump. */
static void expect_lines(const char *text)
{
    const char *dump = osc_rig_dump(&rig);
    for (const char *end; *text && (end = strchr(text, '\n')); text = end + 1) {
        char line[200] = "";
        strncat(line, text, (size_t)(end - text) + 1);
        ck_assert_msg(strstr(dump, line) != NULL, "%s is not in\n%s", line, dump);
    }
}

START_TEST(a_container_is_copied_with_all_that_is_inside)
{
    osc_rig_do_each(&rig, PAD PAD_OUTSIDE);
    unsigned n_nodes = rig.ctl->model.n_nodes, n_edges = rig.ctl->model.n_edges;
    osc_rig_do(&rig, "/graph/copy pad strings");
    char *inside = osc_rig_with(PAD, "pad", "strings");
    expect_lines(PAD PAD_OUTSIDE);
    expect_lines(inside);
    ck_assert_uint_eq(rig.ctl->model.n_nodes, n_nodes + 5);
    ck_assert_uint_eq(rig.ctl->model.n_edges, n_edges + 5);
    osc_rig_do(&rig, "/undo");
    ck_assert_uint_eq(rig.ctl->model.n_nodes, n_nodes);
    osc_rig_do(&rig, "/redo");
    expect_lines(inside);
    free(inside);
}
END_TEST

START_TEST(a_container_is_copied_with_its_edges_and_as_many_voices_as_told)
{
    osc_rig_do_each(&rig, PAD PAD_OUTSIDE);
    osc_rig_do(&rig, "/graph/copy pad strings edges voices 5");
    char *inside = osc_rig_with(PAD PAD_OUTSIDE, "pad", "strings"), *told = osc_rig_with(inside, "voices 3", "voices 5");
    expect_lines(told);
    free(inside);
    free(told);
}
END_TEST

START_TEST(a_container_that_cannot_be_copied_whole_is_not_copied_at_all)
{
    osc_rig_do_each(&rig, PAD "/graph/add gain strings/g\n");
    char *before = strdup(osc_rig_dump(&rig));
    osc_rig_refuse(&rig, "/graph/copy pad strings", ERROR_NAME_TAKEN, "strings/g", NULL);
    osc_rig_refuse(&rig, "/graph/copy pad pad/more", ERROR_UNSUPPORTED, "one level", NULL);
    ck_assert_str_eq(osc_rig_dump(&rig), before);
    free(before);
}
END_TEST

START_TEST(what_is_inside_of_a_container_is_replaced_and_copied)
{
    osc_rig_do_each(&rig, PAD);
    osc_rig_do(&rig, "/graph/replace pad/g filter drop");
    ck_assert_str_eq(node_of("pad/g")->class->name, "filter");
    ck_assert_ptr_eq(node_of("pad/g")->container, node_of("pad"));
    osc_rig_do(&rig, "/graph/copy pad/a pad/b edges");
    expect_lines("/graph/connect pad/in:pitch pad/b:freq depth 1.0\n/graph/connect pad/b:out pad/g:in gain -3.0\n");
    osc_rig_refuse(&rig, "/graph/replace pad/g output", ERROR_UNSUPPORTED, "only once", NULL);
    osc_rig_refuse(&rig, "/graph/replace pad gain", ERROR_UNSUPPORTED, "cannot be replaced", "/graph/copy", NULL);
    osc_rig_refuse(&rig, "/node/pad/voices 9", ERROR_UNSUPPORTED, "/graph/copy pad NAME voices VALUE edges", NULL);
}
END_TEST

START_TEST(a_node_for_a_mistyped_container_is_refused_with_what_was_meant)
{
    osc_rig_do_each(&rig, PAD "/graph/add voices bank/strings voices 2\n/graph/add osc lone\n");
    osc_rig_refuse(&rig, "/graph/add osc pda/osc", ERROR_NO_SUCH_NODE, "no container is named \"pda\"",
                   "did you mean \"pad\"?", NULL);
    osc_rig_refuse(&rig, "/graph/add osc bank/string/osc", ERROR_NO_SUCH_NODE, "\"bank/string\"", "\"bank/strings\"", NULL);
    osc_rig_refuse(&rig, "/graph/copy pad/a pat/a", ERROR_NO_SUCH_NODE, "\"pat\"", "\"pad\"", NULL);
    osc_rig_refuse(&rig, "/graph/rename lone pads/lone", ERROR_NO_SUCH_NODE, "\"pads\"", NULL);
    osc_rig_refuse(&rig, "[\n/graph/add gain g\n/graph/add osc pda/osc\n]", ERROR_NO_SUCH_NODE, "\"pda\"", NULL);
}
END_TEST

START_TEST(a_slash_that_stands_for_no_container_needs_none)
{
    osc_rig_do_each(&rig, PAD "/graph/add osc rack/a\n/graph/add osc lead/a\n/graph/add osc bd/a\n/graph/add gain "
                              "pat\n/graph/add gain pat/a\n/graph/copy pad pads\n"
                              "/graph/copy pads/a pads/b\n/graph/add voices pads_x\n/graph/add osc pads/x/b\n");
    osc_rig_do(&rig, "[\n/graph/add voices pa\n/graph/add osc pa/osc\n]");
}
END_TEST

/* Also where the container came after it. */
START_TEST(what_was_outside_before_is_restored)
{
    osc_rig_do_each(&rig, "/graph/add osc pda/osc freq 300.0\n" PAD "/graph/remove pda/osc\n");
    osc_rig_do(&rig, "/undo");
    ck_assert_ptr_null(node_of("pda/osc")->container);
    static const char session[] = "# dawd session 1\n/graph/add voices pad empty T\n/graph/add osc pda/osc\n# end\n";
    osc_rig_send(&rig, "/session/load a.dawd");
    osc_rig_read(&rig, "a.dawd", session, sizeof session - 1);
    osc_rig_run(&rig);
    osc_rig_expect(&rig, "/done 0 /session/load *");
    ck_assert_ptr_null(node_of("pda/osc")->container);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_container_is_copied_with_all_that_is_inside,
        a_container_is_copied_with_its_edges_and_as_many_voices_as_told,
        a_container_that_cannot_be_copied_whole_is_not_copied_at_all,
        what_is_inside_of_a_container_is_replaced_and_copied,
        a_node_for_a_mistyped_container_is_refused_with_what_was_meant,
        a_slash_that_stands_for_no_container_needs_none,
        what_was_outside_before_is_restored,
    };
    return osc_rig_suite("containers", open_rig, close_rig, tests, ROWS(tests));
}
