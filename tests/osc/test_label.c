/* Labels: what people call a node, beside its name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

START_TEST(a_label_is_set_and_read_like_a_value_and_is_an_edit)
{
    uint64_t revision = rig.ctl->revision;
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/lp/label"), "/node/lp/label \"\"");
    ck_assert_str_eq(osc_rig_do(&rig, "/req/1/node/lp/label \"Warmth \xc3\xa4\""), "/done 1 /node/lp/label");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/lp/label"), "/node/lp/label \"Warmth \xc3\xa4\"");
    ck_assert_uint_eq(rig.ctl->revision, revision + 1);
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/l*/label Other"), "");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/*/label"),
                     "[\n/node/in/label \"\"\n/node/out/label \"\"\n/node/lp/label Other\n"
                     "/done 0 /node/*/label 3\n]");
    osc_rig_do(&rig, "/req/1/node/lp/label \"\"");
    ck_assert_ptr_null(model_find(&rig.ctl->model, "lp")->label);
}
END_TEST

START_TEST(a_label_is_part_of_the_text_and_comes_back_from_it)
{
    osc_rig_do(&rig, "/req/1/node/lp/label \"say \\\"hi\\\"\"");
    osc_rig_do(&rig, "/req/1/node/out/label Speakers");
    const char *dump = "/node/out/label Speakers\n/graph/add filter lp cutoff 300.0 label \"say \\\"hi\\\"\"\n";
    ck_assert_str_eq(osc_rig_dump(&rig), dump);
    osc_rig_do(&rig, "/graph/clear");
    ck_assert_str_eq(osc_rig_dump(&rig), "");
    char text[200];
    snprintf(text, sizeof text, "[\n%s]", dump);
    osc_rig_do(&rig, text);
    ck_assert_str_eq(osc_rig_dump(&rig), dump);
}
END_TEST

START_TEST(a_label_shows_in_lists_json_and_drawings)
{
    osc_rig_do(&rig, "/req/1/node/lp/label Warmth");
    ck_assert_str_eq(osc_rig_do(&rig, "/graph/list labels"),
                     "/done 0 /graph/list 3 in input \"\" out output \"\" lp filter Warmth");
    ck_assert_str_eq(osc_rig_do(&rig, "/graph/list 2 1 labels"), "/done 0 /graph/list 3 lp filter Warmth");
    ck_assert_ptr_nonnull(strstr(osc_rig_do(&rig, "/graph/dump json"), "\\\"label\\\": \\\"Warmth\\\""));
    ck_assert_ptr_nonnull(strstr(osc_rig_do(&rig, "/graph/dump dot"), "Warmth"));
}
END_TEST

START_TEST(a_copy_and_what_replaces_a_node_keep_its_label)
{
    osc_rig_do(&rig, "/req/1/node/lp/label Warmth");
    osc_rig_do(&rig, "/graph/copy lp lp2");
    osc_rig_do(&rig, "/graph/replace lp butterworth");
    osc_rig_do(&rig, "/graph/rename lp lower");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/lower/label"), "/node/lower/label Warmth");
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/lp2/label"), "/node/lp2/label Warmth");
}
END_TEST

START_TEST(a_label_that_is_refused_changes_nothing)
{
    char line[400], long_label[LABEL_BYTES + 1];
    osc_rig_do(&rig, "/req/1/node/lp/label Warmth");
    osc_rig_refuse(&rig, "/node/lp/label 3", ERROR_BAD_TYPE, "one string", NULL);
    osc_rig_refuse(&rig, "/node/lp/label a b", ERROR_BAD_TYPE, "one string", NULL);
    osc_rig_refuse(&rig, "/node/lp/label \"two\\nlines\"", ERROR_BAD_VALUE, "0x0a", "byte 3", NULL);
    osc_rig_refuse(&rig, "/node/lp/label \"\xc3\x28\"", ERROR_BAD_VALUE, "0xc3", "UTF-8", NULL);
    osc_rig_refuse(&rig, "/graph/add gain g label 3", ERROR_BAD_TYPE, "label must be a string", NULL);
    memset(long_label, 'a', LABEL_BYTES);
    long_label[LABEL_BYTES] = '\0';
    snprintf(line, sizeof line, "/node/lp/label %s", long_label);
    osc_rig_refuse(&rig, line, ERROR_TOO_BIG, "241 bytes", "240", NULL);
    osc_rig_refuse(&rig, "[\n/node/lp/label Other\n/graph/remove nobody\n]", ERROR_NO_SUCH_NODE, NULL);
    ck_assert_str_eq(osc_rig_ask(&rig, "/node/lp/label"), "/node/lp/label Warmth");
}
END_TEST

START_TEST(no_type_uses_the_words_that_every_node_has)
{
    for (unsigned i = 0; i < n_node_registry; i++)
        for (unsigned p = 0; p < node_registry[i]->n_params; p++) {
            const char *name = node_registry[i]->params[p].name;
            ck_assert(strcmp(name, "label") != 0 && strcmp(name, "norm") != 0 && strcmp(name, "channels") != 0);
        }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_label_is_set_and_read_like_a_value_and_is_an_edit,
                                  a_label_is_part_of_the_text_and_comes_back_from_it,
                                  a_label_shows_in_lists_json_and_drawings,
                                  a_copy_and_what_replaces_a_node_keep_its_label,
                                  a_label_that_is_refused_changes_nothing,
                                  no_type_uses_the_words_that_every_node_has};
    return osc_rig_suite("labels", open_rig, close_rig, tests, ROWS(tests));
}
