/* What is offered for a command line that is being typed. */
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "osc/bytes.h"
#include "osc/command.h"
#include "osc/complete.h"
#include "tests/suite.h"

static struct bytes offered;

static void take(void *user, const char *word)
{
    (void)user;
    bytes_print(&offered, "%s%s", offered.n ? " " : "", word);
}

/* What is offered for the last of these words, with a filter, a gain, a player and the outputs in the daemon. */
static const char *complete(const char *const *words, unsigned n)
{
    static const struct complete_node nodes[] = {
        {"lp", "filter"}, {"rack/amp", "gain"}, {"tape", "player"}, {"out", "output"}};
    const struct complete with = {nodes, sizeof nodes / sizeof nodes[0], take, NULL};
    bytes_deinit(&offered);
    complete_words(&with, words, n);
    bytes_add_byte(&offered, '\0');
    return (const char *)offered.data;
}

#define OFFERED(...) complete((const char *const[]){__VA_ARGS__}, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *))

START_TEST(an_address_begins_as_it_was_typed)
{
    ck_assert_str_eq(OFFERED("/graph/dum"), "/graph/dump");
    ck_assert_str_eq(OFFERED("/nod"), "/node/");
    ck_assert_str_eq(OFFERED("/zzz"), "");
    for (unsigned i = 0; i < n_command_families; i++)
        ck_assert_ptr_nonnull(strstr(OFFERED("/"), command_families[i]->commands[0].address));
}
END_TEST

START_TEST(values_are_completed_node_by_node)
{
    ck_assert_str_eq(OFFERED("/node/"), "/node/lp/ /node/rack/amp/ /node/tape/ /node/out/");
    ck_assert_str_eq(OFFERED("/node/rack"), "/node/rack/amp/");
    ck_assert_str_eq(OFFERED("/node/rack/amp/"), "/node/rack/amp/gain /node/rack/amp/out/peak /node/rack/amp/out/rms");
    ck_assert_str_eq(OFFERED("/node/rack/amp/gain"), "/node/rack/amp/gain /node/rack/amp/gain/norm");
    ck_assert_str_eq(OFFERED("/node/lp/mode", "no"), "notch");
    ck_assert_str_eq(OFFERED("/node/tape/loop", ""), "T F");
    ck_assert_str_eq(OFFERED("/node/lp/mode", "notch", ""), "");
}
END_TEST

START_TEST(arguments_are_completed_by_what_they_mean)
{
    ck_assert_str_eq(OFFERED("/graph/add", "splitt"), "splitter");
    ck_assert_str_eq(OFFERED("/graph/add", "filter", ""), "");
    ck_assert_str_eq(OFFERED("/graph/remove", ""), "lp rack/amp tape out");
    ck_assert_str_eq(OFFERED("/graph/connect", ""), "lp rack/amp tape");
    ck_assert_str_eq(OFFERED("/graph/connect", "lp:"), "lp:out");
    ck_assert_str_eq(OFFERED("/graph/connect", "tape", "lp:"), "lp:in lp:cutoff lp:q lp:drive");
    ck_assert_str_eq(OFFERED("/log/level", "de"), "debug");
    ck_assert_str_eq(OFFERED("/describe", "li"), "limiter limits");
}
END_TEST

START_TEST(keywords_are_offered_once_and_their_values_when_they_have_names)
{
    ck_assert_str_eq(OFFERED("/graph/connect", "lp", "out", ""), "gain depth feedback");
    ck_assert_str_eq(OFFERED("/graph/connect", "lp", "out", "feedback", ""), "gain depth");
    ck_assert_str_eq(OFFERED("/graph/connect", "lp", "out", "gain", ""), "");
    ck_assert_str_eq(OFFERED("/graph/add", "filter", "x", "mo"), "mode");
    ck_assert_str_eq(OFFERED("/graph/add", "filter", "x", "mode", "h"), "highpass");
    ck_assert_str_eq(OFFERED("/graph/add", "filter", "x", "mode", "highpass", "chan"), "channels");
}
END_TEST

START_TEST(an_odd_line_is_no_harm)
{
    ck_assert_ptr_nonnull(strstr(OFFERED(""), "/ping"));
    ck_assert_str_eq(OFFERED("/node//"), "");
    ck_assert_str_eq(OFFERED("/ping", ""), "");
    ck_assert_str_eq(OFFERED("/graph/add", "nonsense", "x", ""), "");
}
END_TEST

static void forget(void)
{
    bytes_deinit(&offered);
}

int main(void)
{
    const TTest *const tests[] = {an_address_begins_as_it_was_typed, values_are_completed_node_by_node,
                                  arguments_are_completed_by_what_they_mean,
                                  keywords_are_offered_once_and_their_values_when_they_have_names, an_odd_line_is_no_harm};
    TCase *cases = tcase_create("completion");
    tcase_add_checked_fixture(cases, NULL, forget);
    for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)
        tcase_add_test(cases, tests[i]);
    return suite_run_case("completion", cases);
}
