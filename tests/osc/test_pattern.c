#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "osc/packet.h"
#include "osc/pattern.h"
#include "tests/suite.h"

/* ---- the same, slowly ---------------------------------------------------------------------------------------------- */

static bool slow_match(const char *pattern, const char *address);

static bool slow_set(const char *pattern, const char *address)
{
    const char *end = strchr(pattern, ']');
    bool is_negated = pattern[1] == '!', is_found = false;
    for (const char *p = pattern + 1 + is_negated; p < end; p++) {
        if (p + 2 < end && p[1] == '-') {
            for (int c = p[0]; c <= p[2]; c++)
                is_found |= *address == c;
            p += 2;
        } else {
            is_found |= *address == *p;
        }
    }
    return *address && *address != '/' && is_found != is_negated && slow_match(end + 1, address + 1);
}

static bool slow_texts(const char *pattern, const char *address)
{
    const char *end = strchr(pattern, '}');
    for (const char *text = pattern + 1; text <= end;) {
        size_t n = strcspn(text, ",}");
        if (strncmp(address, text, n) == 0 && slow_match(end + 1, address + n))
            return true;
        text += n + 1;
    }
    return false;
}

/* The definition, tried way by way. */
static bool slow_match(const char *pattern, const char *address)
{
    switch (*pattern) {
    case 0:
        return !*address;
    case '*':
        return slow_match(pattern + 1, address) || (*address && *address != '/' && slow_match(pattern, address + 1));
    case '?':
        return *address && *address != '/' && slow_match(pattern + 1, address + 1);
    case '[':
        return slow_set(pattern, address);
    case '{':
        return slow_texts(pattern, address);
    default:
        return *address == *pattern && slow_match(pattern + 1, address + 1);
    }
}

static uint32_t seed = 1;

static unsigned any(unsigned n)
{
    seed = seed * 1664525u + 1013904223u;
    return (unsigned)(((uint64_t)seed * n) >> 32);
}

/* Few letters, so that much matches. */
static void write_text(char *text, size_t n)
{
    static const char letters[] = "aab.-/";
    for (size_t i = 0; i < n; i++)
        text[i] = letters[any(sizeof letters - 1)];
    text[n] = 0;
}

static void write_pattern(char *text)
{
    static const char *const pieces[] = {"a",    "b",       "/",     "*",      "?",       ".",    "[ab]",
                                         "[!a]", "[a-]",    "[.-b]", "{a,ab}", "{,b,aa}", "{a.}", "a*",
                                         "[-a]", "{-,.,b}", "[]",    "[!-.]",  "{}",      "**",   "[b-a]"};
    *text = 0;
    for (unsigned n = any(7); n > 0; n--)
        strcat(text, pieces[any(sizeof pieces / sizeof *pieces)]);
}

/* ---- tests --------------------------------------------------------------------------------------------------------- */

START_TEST(a_star_stays_between_two_slashes)
{
    ck_assert(pattern_match("/node/*/freq", "/node/lp/freq"));
    ck_assert(pattern_match("/node/*/freq", "/node/a.b-c_d/freq"));
    ck_assert(!pattern_match("/node/*/freq", "/node/drums/lp/freq"));
    ck_assert(pattern_match("/node/drums/*/freq", "/node/drums/lp/freq"));
    ck_assert(!pattern_match("/node/*", "/node/lp/freq"));
    ck_assert(pattern_match("/node/*", "/node/"));
}
END_TEST

START_TEST(sets_and_texts_choose)
{
    ck_assert(pattern_match("/node/osc[1-3]/freq", "/node/osc2/freq"));
    ck_assert(!pattern_match("/node/osc[!1-3]/freq", "/node/osc2/freq"));
    ck_assert(pattern_match("/node/{lp,lpass}/{freq,q}", "/node/lpass/q"));
    ck_assert(!pattern_match("/node/{lp,lpass}", "/node/lpa"));
    ck_assert(pattern_match("/a[x-]", "/a-"));
    ck_assert(!pattern_match("/a[!x]b", "/a/b"));
}
END_TEST

START_TEST(a_plain_address_matches_itself_only)
{
    ck_assert(!pattern_is("/node/lp/freq") && pattern_is("/node/?p") && pattern_is("/x]"));
    ck_assert(pattern_match("/node/lp/freq", "/node/lp/freq"));
    ck_assert(!pattern_match("/node/lp/freq", "/node/lp/fre"));
    ck_assert(!pattern_match("/node/lp/fre", "/node/lp/freq"));
    ck_assert(!pattern_match("/node/lp.freq", "/node/lp/freq"));
}
END_TEST

START_TEST(what_is_malformed_is_told_and_matches_nothing)
{
    static const char *const wrong[] = {"/a[b", "/a{b", "/ab]", "/a}b", "/{a[b]}", "/{a/b,c}", "/[a/]", "/{a*}", "/[{a}]"};
    for (unsigned i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct error error = {0};
        ck_assert_int_eq(pattern_check(wrong[i], &error), ERROR_BAD_ADDRESS);
        ck_assert_ptr_nonnull(strstr(error.text, "byte"));
        ck_assert(!pattern_match(wrong[i], wrong[i]));
    }
    struct error none = {0};
    ck_assert_int_eq(pattern_check("/node/*/{a,b}[!c]?", &none), 0);
    ck_assert_int_eq(none.code, 0);
}
END_TEST

START_TEST(random_patterns_match_what_the_definition_says)
{
    char pattern[64], address[16];
    unsigned n_matches = 0;
    for (unsigned i = 0; i < 200000; i++) {
        write_pattern(pattern);
        write_text(address, any(9));
        bool found = pattern_match(pattern, address);
        ck_assert_msg(found == slow_match(pattern, address), "%s with %s", pattern, address);
        n_matches += found;
    }
    ck_assert_uint_gt(n_matches, 1000);
}
END_TEST

START_TEST(any_bytes_can_be_a_pattern)
{
    char pattern[24];
    static const char letters[] = "a/*?[]{},-!";
    for (unsigned i = 0; i < 200000; i++) {
        size_t n = any(sizeof pattern);
        for (size_t k = 0; k < n; k++)
            pattern[k] = letters[any(sizeof letters - 1)];
        pattern[n] = 0;
        struct error error;
        bool is_right = pattern_check(pattern, &error) == 0;
        bool found = pattern_match(pattern, "aa/a-a");
        ck_assert_msg(is_right ? found == slow_match(pattern, "aa/a-a") : !found, "%s", pattern);
    }
}
END_TEST

/* The slow one would need some 10^90 tries. */
START_TEST(the_worst_pattern_is_answered_at_once)
{
    static char pattern[PACKET_ADDRESS_MAX_BYTES + 1], address[PACKET_ADDRESS_MAX_BYTES + 2];
    memset(address, 'a', PACKET_ADDRESS_MAX_BYTES);
    for (unsigned i = 0; i < PACKET_ADDRESS_MAX_BYTES; i++)
        pattern[i] = "*a"[i & 1];
    ck_assert(pattern_match(pattern, address));
    pattern[PACKET_ADDRESS_MAX_BYTES - 1] = 'b';
    ck_assert(!pattern_match(pattern, address));
    address[PACKET_ADDRESS_MAX_BYTES] = 'a';
    ck_assert(!pattern_match("*", address));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("pattern");
    tcase_add_test(tests, a_star_stays_between_two_slashes);
    tcase_add_test(tests, sets_and_texts_choose);
    tcase_add_test(tests, a_plain_address_matches_itself_only);
    tcase_add_test(tests, what_is_malformed_is_told_and_matches_nothing);
    tcase_add_test(tests, random_patterns_match_what_the_definition_says);
    tcase_add_test(tests, any_bytes_can_be_a_pattern);
    tcase_add_test(tests, the_worst_pattern_is_answered_at_once);
    return suite_run_case("pattern", tests);
}
