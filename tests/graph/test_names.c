/* The grammar of names and port references. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/names.h"
#include "tests/graph_check.h"
#include "tests/suite.h"

#define PART63 "a12345678901234567890123456789012345678901234567890123456789012"

static const char *const legal[] = {
    "a",
    "Z",
    "_",
    "in",
    "out",
    "lead_synth",
    "kick-2",
    "v1.2",
    "a.",
    "a-",
    "drums/kick",
    "a/b/c/d",
    "_1",
    "a_/_b",
    "Lead.A/Vox1",
    PART63,
    PART63 "/" PART63 "/" PART63,
    PART63 "/" PART63 "/" PART63 "/"
           "a12345678901234567890123456789012345678901234567",
};

static const char *const illegal[] = {
    "",
    "1",
    "-a",
    ".a",
    "a b",
    "a/",
    "/a",
    "a//b",
    "/",
    "a/1",
    "a:b",
    "a/b/",
    "a*",
    "a?b",
    "[a]",
    "{a,b}",
    "a,b",
    "a#",
    "caf\303\251",
    "a\n",
    "\tname",
    "a/b/c/d/e",
    "a\\b",
    "a\"b",
    "a/-b",
    "a/.b",
    "..",
    ".",
    "a/../b",
    "a@b",
    "a=b",
    "~a",
    "a%20",
    PART63 "3",
    "a/" PART63 "3",
    PART63 "/" PART63 "/" PART63 "/" PART63,
};

START_TEST(legal_names_are_accepted)
{
    for (unsigned i = 0; i < ROWS(legal); i++) {
        struct error error = {0};
        MUST(name_check(legal[i], &error) == 0, "\"%s\": %s", legal[i], error.text);
        ck_assert_int_eq(error.code, ERROR_NONE);
    }
}
END_TEST

START_TEST(illegal_names_are_refused_and_quoted)
{
    for (unsigned i = 0; i < ROWS(illegal); i++) {
        struct error error = {0};
        MUST(name_check(illegal[i], &error) == ERROR_BAD_VALUE, "\"%s\" was accepted", illegal[i]);
        ck_assert_int_eq(error.code, ERROR_BAD_VALUE);
        char start[41];
        snprintf(start, sizeof start, "%s", illegal[i]);
        MUST(strstr(error.text, start), "\"%s\" is not named in: %s", illegal[i], error.text);
    }
}
END_TEST

START_TEST(a_very_long_name_is_refused_with_its_length)
{
    char *name = malloc(100001);
    struct error error = {0};
    memset(name, 'a', 100000);
    name[100000] = '\0';
    ck_assert_int_eq(name_check(name, &error), ERROR_BAD_VALUE);
    ck_assert_ptr_nonnull(strstr(error.text, "100000"));
    ck_assert_ptr_nonnull(strstr(error.text, "240"));
    free(name);
}
END_TEST

static const struct {
    const char *text, *node, *port;
    unsigned first, n_channels;
} references[] = {
    {"osc", "osc", "", 0, 0},
    {"osc:out", "osc", "out", 0, 0},
    {"v1.2", "v1.2", "", 0, 0}, /* a dot before the colon belongs to the name */
    {"v1.2:out.2", "v1.2", "out", 1, 1},
    {"in:out.1", "in", "out", 0, 1},
    {"conv:in.3-4", "conv", "in", 2, 2},
    {"mix:in.1-8", "mix", "in", 0, 8},
    {"mix:in.8", "mix", "in", 7, 1},
    {"mix:in.5-5", "mix", "in", 4, 1},
    {"drums/kick:side-chain_2", "drums/kick", "side-chain_2", 0, 0},
    {"a/b/c/d:p", "a/b/c/d", "p", 0, 0},
    {"lp:cutoff", "lp", "cutoff", 0, 0},
    {"n:" PART63, "n", PART63, 0, 0},
};

START_TEST(port_references_name_node_port_and_channels)
{
    for (unsigned i = 0; i < ROWS(references); i++) {
        struct error error = {0};
        struct port_ref ref;
        MUST(port_ref_parse(references[i].text, &ref, &error) == 0, "%s: %s", references[i].text, error.text);
        ck_assert_str_eq(ref.node, references[i].node);
        ck_assert_str_eq(ref.port, references[i].port);
        ck_assert_uint_eq(ref.first, references[i].first);
        ck_assert_uint_eq(ref.n_channels, references[i].n_channels);
    }
}
END_TEST

static const char *const bad_references[] = {
    "",         ":",        ":out",       "osc:",          "osc:.1",    "osc:out.",    "osc:out.0", "osc:out.9",
    "a:out.10", "a:out.1-", "a:out.-1",   "a:out.3-2",     "a:out.1-9", "a:out.1-2-3", "a:out.1.2", "a:out.x",
    "a:b:c",    "a b:out",  "1:out",      "a:1",           "a:out 1",   "a:out.1 ",    "a:out.+1",  "a:out.1-10",
    "a/:out",   "a:out/2",  "a:\303\251", "a:" PART63 "3", "a:out.01",
};

START_TEST(malformed_port_references_are_refused_and_quoted)
{
    for (unsigned i = 0; i < ROWS(bad_references); i++) {
        struct error error = {0};
        struct port_ref ref;
        MUST(port_ref_parse(bad_references[i], &ref, &error) == ERROR_BAD_VALUE, "\"%s\" was accepted", bad_references[i]);
        char node[64];
        snprintf(node, sizeof node, "%.*s", (int)strcspn(bad_references[i], ":"), bad_references[i]);
        MUST(strstr(error.text, node), "\"%s\" is not named in: %s", bad_references[i], error.text);
    }
}
END_TEST

START_TEST(a_reference_of_any_length_is_survived)
{
    char *text = malloc(5001);
    for (unsigned n = 0; n < 5000; n += 37)
        for (unsigned colon = 0; colon <= n; colon += 61) {
            struct error error = {0};
            struct port_ref ref;
            memset(text, 'a', n);
            text[n] = '\0';
            if (colon < n)
                text[colon] = ':';
            int code = port_ref_parse(text, &ref, &error);
            MUST(code == 0 || code == ERROR_BAD_VALUE, "code %d", code);
            MUST(strlen(ref.node) < NAME_BYTES && strlen(ref.port) < NAME_PART_BYTES, "too long");
        }
    free(text);
}
END_TEST

START_TEST(the_distance_counts_edits)
{
    static const struct {
        const char *a, *b;
        unsigned distance;
    } known[] = {{"kitten", "sitting", 3}, {"", "", 0},         {"", "abc", 3},         {"flaw", "lawn", 2},
                 {"osc", "osc", 0},        {"osc1", "osc2", 1}, {"gumbo", "gambol", 2}, {"reverb", "rever", 1}};
    for (unsigned i = 0; i < ROWS(known); i++) {
        ck_assert_uint_eq(names_distance(known[i].a, known[i].b), known[i].distance);
        ck_assert_uint_eq(names_distance(known[i].b, known[i].a), known[i].distance);
    }
    ck_assert_uint_eq(names_distance(PART63 "34", "a"), NAME_BYTES);
    ck_assert_uint_eq(names_distance("a", PART63 "34"), NAME_BYTES);
    ck_assert_uint_eq(names_distance(PART63 "3", ""), 64);
}
END_TEST

START_TEST(a_list_that_has_no_room_for_the_next_word_says_so_once)
{
    char list[24] = "";
    names_add(list, sizeof list, "filter");
    names_add(list, sizeof list, "delay");
    ck_assert_str_eq(list, "filter, delay");
    names_add(list, sizeof list, "compressor");
    names_add(list, sizeof list, "eq");
    ck_assert_str_eq(list, "filter, delay, ...");
}
END_TEST

static const char *guess_among(const char *written)
{
    static const char *const words[] = {"in", "out", "filter", "delay", "lp"};
    struct guess guess = guess_begin(written);
    for (unsigned i = 0; i < ROWS(words); i++)
        guess_offer(&guess, words[i]);
    return guess.nearest ? guess.nearest : "nothing";
}

START_TEST(a_refusal_asks_for_what_is_near_and_otherwise_says_what_it_is_told)
{
    char text[GUESS_BYTES], longest[NAME_PART_BYTES + 1];
    struct guess guess = guess_begin("dealy");
    ck_assert_str_eq(guess_ask(&guess, "; /types lists them", text), "; /types lists them");
    guess_offer(&guess, "delay");
    ck_assert_str_eq(guess_ask(&guess, "; /types lists them", text), "; did you mean \"delay\"?");
    memset(longest, 'x', NAME_PART_BYTES);
    longest[NAME_PART_BYTES] = '\0';
    guess = guess_begin(longest);
    guess_offer(&guess, longest);
    ck_assert_str_eq(guess_ask(&guess, "", text) + strlen("; did you mean \"") + NAME_PART_BYTES, "\"?");
}
END_TEST

START_TEST(a_slip_of_the_finger_is_guessed_and_another_word_is_not)
{
    ck_assert_str_eq(guess_among("fliter"), "filter");
    ck_assert_str_eq(guess_among("dealy"), "delay");
    ck_assert_str_eq(guess_among("lo"), "lp");
    ck_assert_str_eq(guess_among("out"), "out");
    ck_assert_str_eq(guess_among("x"), "nothing"); /* any two letters are two edits away */
    ck_assert_str_eq(guess_among(""), "nothing");
    ck_assert_str_eq(guess_among("theremin"), "nothing");
}
END_TEST

START_TEST(a_word_that_is_not_finished_is_guessed_before_one_that_is_as_near)
{
    struct guess guess = guess_begin("/note/of");
    guess_offer(&guess, "/note/on");
    guess_offer(&guess, "/note/off");
    ck_assert_str_eq(guess.nearest, "/note/off");
    guess = guess_begin("electric");
    guess_offer(&guess, "electric_piano");
    ck_assert_str_eq(guess.nearest, "electric_piano");
    guess_offer(&guess, "electrics");
    guess_offer(&guess, "elektric");
    ck_assert_str_eq(guess.nearest, "electrics");
    guess = guess_begin("/note");
    guess_offer(&guess, "/note/bend"); /* that and many more */
    ck_assert_ptr_null(guess.nearest);
    guess = guess_begin("lp");
    guess_offer(&guess, "lp_filter");
    ck_assert_ptr_null(guess.nearest);
}
END_TEST

static void word_make(char *word, uint32_t *seed)
{
    unsigned n = dice_below(seed, 12);
    for (unsigned i = 0; i < n; i++)
        word[i] = (char)('a' + dice_below(seed, 3));
    word[n] = '\0';
}

START_TEST(the_distance_is_a_metric)
{
    uint32_t seed = 11;
    for (unsigned round = 0; round < 20000; round++) {
        char a[16], b[16], c[16];
        word_make(a, &seed);
        word_make(b, &seed);
        word_make(c, &seed);
        unsigned ab = names_distance(a, b);
        MUST(ab == names_distance(b, a), "not symmetric: %s %s", a, b);
        MUST((ab == 0) == (strcmp(a, b) == 0), "%s %s", a, b);
        MUST(ab <= names_distance(a, c) + names_distance(c, b), "no triangle: %s %s %s", a, b, c);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        legal_names_are_accepted,
        illegal_names_are_refused_and_quoted,
        a_very_long_name_is_refused_with_its_length,
        port_references_name_node_port_and_channels,
        malformed_port_references_are_refused_and_quoted,
        a_reference_of_any_length_is_survived,
        the_distance_counts_edits,
        a_list_that_has_no_room_for_the_next_word_says_so_once,
        a_slip_of_the_finger_is_guessed_and_another_word_is_not,
        a_word_that_is_not_finished_is_guessed_before_one_that_is_as_near,
        a_refusal_asks_for_what_is_near_and_otherwise_says_what_it_is_told,
        the_distance_is_a_metric,
    };
    return suite_run("names", 60, tests, ROWS(tests));
}
