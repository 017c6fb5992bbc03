#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "osc/text.h"
#include "osc/word.h"
#include "tests/suite.h"

static struct bytes parse(const char *line)
{
    struct bytes packet = {0};
    struct error error = {0};
    enum text_line kind;
    int code = text_parse(line, strlen(line), &kind, &packet, &error);
    ck_assert_msg(code == 0 && kind == TEXT_MESSAGE, "%s: %s", line, error.text);
    ck_assert_int_eq(packet_check(packet.data, packet.n, 0, &error), 0);
    return packet;
}

static char *format(const struct bytes *packet)
{
    struct bytes line = {0};
    text_format(packet->data, &line);
    bytes_add_byte(&line, 0);
    ck_assert(!line.failed);
    return (char *)line.data;
}

/* Parses a line and returns its only argument; the packet is kept until the next call. */
static struct arg only_arg(const char *word)
{
    static struct bytes packet;
    struct bytes line = {0};
    struct arg arg;
    bytes_print(&line, "/a %s", word);
    bytes_add_byte(&line, 0);
    bytes_deinit(&packet);
    packet = parse((const char *)line.data);
    bytes_deinit(&line);
    struct message message = message_read(packet.data);
    ck_assert_uint_eq(message.n_args, 1);
    ck_assert(message_next(&message, &arg));
    return arg;
}

static void expect_same_line(const char *line)
{
    struct bytes packet = parse(line);
    char *again = format(&packet);
    ck_assert_str_eq(again, line);
    free(again);
    bytes_deinit(&packet);
}

static void expect_line(const char *line, const char *wanted)
{
    struct bytes packet = parse(line);
    char *text = format(&packet);
    ck_assert_str_eq(text, wanted);
    free(text);
    bytes_deinit(&packet);
    expect_same_line(wanted);
}

static void expect_refused(const char *line, int code, const char *words)
{
    struct bytes packet = {0};
    struct error error = {0};
    enum text_line kind;
    ck_assert_msg(text_parse(line, strlen(line), &kind, &packet, &error) == code, "%s: %d %s", line, (int)error.code,
                  error.text);
    ck_assert_msg(strstr(error.text, words), "%s: \"%s\" does not say \"%s\"", line, error.text, words);
    ck_assert_uint_eq(packet.n, 0);
    bytes_deinit(&packet);
}

static void expect_kind(const char *line, enum text_line wanted)
{
    struct bytes packet = {0};
    struct error error = {0};
    enum text_line kind;
    ck_assert_msg(text_parse(line, strlen(line), &kind, &packet, &error) == 0, "%s: %s", line, error.text);
    ck_assert_int_eq(kind, wanted);
    ck_assert_uint_eq(packet.n, 0);
}

START_TEST(a_word_has_the_type_that_it_looks_like)
{
    static const struct {
        const char *word;
        char tag;
    } words[] = {
        {"0", 'i'},          {"-12", 'i'},         {"+7", 'i'},
        {"2147483647", 'i'}, {"-2147483648", 'i'}, {"480000h", 'h'},
        {"-1h", 'h'},        {"0.5", 'f'},         {".5", 'f'},
        {"5.", 'f'},         {"-1e3", 'f'},        {"1E-3", 'f'},
        {"440.0", 'f'},      {"0.1", 'f'},         {"0.1d", 'd'},
        {"1e300", 'd'},      {"1e3d", 'd'},        {"3.14159265358979", 'd'},
        {"T", 'T'},          {"F", 'F'},           {"true", 's'},
        {"lp:cutoff", 's'},  {"17:1:0", 's'},      {"1/8d", 's'},
        {"8d", 's'},         {"1.2.3", 's'},       {"-", 's'},
        {"1e", 's'},         {"0x10", 's'},        {"inf", 's'},
        {"nan", 's'},        {"\"1\"", 's'},       {"\"T\"", 's'},
        {"\"\"", 's'},       {"a\\b", 's'},        {"#x", 's'},
        {"/node/*", 's'},    {"[", 's'},           {"%", 's'},
        {"%50", 's'},        {"%N:", 'N'},         {"%I:", 'I'},
        {"%b:", 'b'},        {"%b:00ff", 'b'},     {"%i:00000001", 'i'},
    };
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
        ck_assert_msg(only_arg(words[i].word).tag == words[i].tag, "%s is %c", words[i].word, only_arg(words[i].word).tag);
}
END_TEST

START_TEST(values_are_what_the_words_say)
{
    ck_assert_int_eq(only_arg("-2147483648").i, INT32_MIN);
    ck_assert_int_eq(only_arg("-9223372036854775808h").h, INT64_MIN);
    ck_assert(only_arg("0.1").f == 0.1f);
    ck_assert(only_arg("0.1d").d == 0.1);
    ck_assert(only_arg("3.14159265358979").d == 3.14159265358979);
    ck_assert_str_eq(only_arg("\"a \\\"b\\\" \\\\ \\n\"").s, "a \"b\" \\ \n");
    ck_assert_str_eq(only_arg("a\\nb").s, "a\\nb");
    ck_assert_uint_eq(only_arg("%t:0000000000000001").t, 1);
    ck_assert_uint_eq(only_arg("%b:00fF").n_bytes, 2);
    ck_assert_mem_eq(only_arg("%b:00fF").b, "\x00\xff", 2);
    ck_assert(isinf(only_arg("%f:7f800000").f));
}
END_TEST

START_TEST(lines_come_back_as_they_were)
{
    expect_same_line("/ping");
    expect_same_line("/graph/add lp svf cutoff 800.0 mode lowpass");
    expect_same_line("/a 1 -1 0 480000h 0.1 0.1d T F");
    expect_same_line("/a \"\" \"a b\" \"1\" \"1.5\" \"T\" \"480000h\" \"a\\\"b\" \"x\\ny\" \"%N:\" a\\b");
    expect_same_line("/a %t:0000000000000001 %b:00ff %b: %S:616263 %c:00000041 %m:01904000 %r:ff8000ff %N: %I: %s:1b5b");
    expect_same_line("/a %f:7fc00000 %f:ff800000 %d:7ff8000000000001 -0.0");
    expect_same_line("/node/*/gain {a,b} [x] ]");
    expect_same_line("/label \xc3\xbc"
                     "ber");
}
END_TEST

START_TEST(other_spellings_come_back_as_the_shortest_one)
{
    expect_line("  /a\t 1  ", "/a 1");
    expect_line("/a 1\r", "/a 1");
    expect_line("/a 007 +5 -0", "/a 7 5 0");
    expect_line("/a 1e3 .5 5. 1E-7 1e20 100000000000000.0", "/a 1000.0 0.5 5.0 1e-7 1e20 100000000000000.0");
    expect_line("/a \"plain\" \"a/b\"", "/a plain a/b");
    expect_line("/a %i:00000001 %f:3f800000 %s:6162", "/a 1 1.0 ab");
    expect_line("/a 0.10000000000000000d 440.0d 1e300", "/a 0.1d 440.0d 1e300");
}
END_TEST

START_TEST(comments_blank_lines_and_brackets_are_told_apart)
{
    expect_kind("", TEXT_NOTHING);
    expect_kind("  \t ", TEXT_NOTHING);
    expect_kind("\r", TEXT_NOTHING);
    expect_kind("# dawd session 1", TEXT_NOTHING);
    expect_kind("  #\"unbalanced", TEXT_NOTHING);
    expect_kind("[", TEXT_OPEN);
    expect_kind(" ] ", TEXT_CLOSE);
}
END_TEST

START_TEST(an_error_names_the_column_and_the_word)
{
    expect_refused("ping", ERROR_BAD_ADDRESS, "column 1: the address \"ping\" does not start with '/'");
    expect_refused("  /p\xc3\xbc", ERROR_BAD_ADDRESS, "column 3: byte 2 of the address is 0xc3");
    expect_refused("/a 1 99999999999", ERROR_RANGE, "column 6: 99999999999 does not fit 32 bits");
    expect_refused("/a 9223372036854775808h", ERROR_RANGE, "column 4: 9223372036854775808h does not fit 64 bits");
    expect_refused("/a 1e999", ERROR_RANGE, "column 4: 1e999 is beyond");
    expect_refused("/a \"open", ERROR_BAD_VALUE, "column 4: the quote at the start of \"open is not closed");
    expect_refused("/a \"open\\\"", ERROR_BAD_VALUE, "is not closed");
    expect_refused("/a \"open\\", ERROR_BAD_VALUE, "a backslash stands before other than");
    expect_refused("/a \"b\"c", ERROR_BAD_VALUE, "column 4: \"b\"c goes on behind its closing quote");
    expect_refused("/a \"\\t\"", ERROR_BAD_VALUE, "a backslash stands before other than \" \\ or n");
    expect_refused("/a x b\"c", ERROR_BAD_VALUE, "column 6: b\"c holds a quote");
    expect_refused("/a %t:00", ERROR_BAD_VALUE, "column 4: %t:00 is not the bytes of an argument of type t");
    expect_refused("/a %q:00", ERROR_BAD_VALUE, "of type q");
    expect_refused("/a %b:0", ERROR_BAD_VALUE, "in hex");
    expect_refused("/a %s:6100", ERROR_BAD_VALUE, "of type s");
    expect_refused("/a %r:000000", ERROR_BAD_VALUE, "of type r");
    expect_refused("[ /a", ERROR_BAD_VALUE, "column 3: a bracket stands alone");
}
END_TEST

START_TEST(a_zero_byte_is_no_text)
{
    struct bytes packet = {0};
    struct error error = {0};
    enum text_line kind;
    ck_assert_int_eq(text_parse("/a\0b", 4, &kind, &packet, &error), ERROR_BAD_VALUE);
    ck_assert_msg(strstr(error.text, "column 3"), "%s", error.text);
}
END_TEST

static void through_text(const struct arg *arg)
{
    struct bytes text = {0}, before = {0}, after = {0};
    struct writer first, second;
    struct error error;
    word_format(arg, &text);
    bytes_add_byte(&text, 0);
    writer_init(&first);
    writer_arg(&first, arg);
    ck_assert_int_eq(writer_end(&first, "/a", &before), 0);
    writer_init(&second);
    ck_assert_int_eq(word_parse((const char *)text.data, &second, &error), 0);
    ck_assert_int_eq(writer_end(&second, "/a", &after), 0);
    ck_assert_msg(before.n == after.n && memcmp(before.data, after.data, after.n) == 0, "%c as %s", arg->tag,
                  (char *)text.data);
    bytes_deinit(&text);
    bytes_deinit(&before);
    bytes_deinit(&after);
}

static uint64_t random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

START_TEST(any_float_and_double_comes_back_with_the_same_bits)
{
    uint64_t state = 88172645463325252u;
    for (unsigned i = 0; i < 20000; i++) {
        struct arg f = {.tag = 'f', .r = (uint32_t)random_next(&state)}, d = {.tag = 'd', .t = random_next(&state)};
        struct arg plain = {.tag = 'f', .f = (float)(random_next(&state) % 200000) / 1000.0f};
        struct arg widened = {.tag = 'd', .d = (double)f.f};
        through_text(&f);
        through_text(&d);
        through_text(&plain);
        through_text(&widened);
    }
    through_text(&(struct arg){.tag = 'f', .f = FLT_MAX});
    through_text(&(struct arg){.tag = 'f', .f = FLT_MIN});
    through_text(&(struct arg){.tag = 'f', .r = 1});
    through_text(&(struct arg){.tag = 'd', .d = DBL_MAX});
    through_text(&(struct arg){.tag = 'd', .t = 1});
}
END_TEST

START_TEST(a_decimal_of_six_digits_is_a_float_and_keeps_its_digits)
{
    for (int exponent = -20; exponent <= 20; exponent++)
        for (int digits = 1; digits < 1000000; digits += 7919) {
            char word[32];
            struct bytes text = {0};
            snprintf(word, sizeof word, "%de%d", digits, exponent);
            struct arg arg = only_arg(word);
            ck_assert_msg(arg.tag == 'f', "%s is %c", word, arg.tag);
            word_format(&arg, &text);
            bytes_add_byte(&text, 0);
            ck_assert_msg(strtod((char *)text.data, NULL) == strtod(word, NULL), "%s became %s", word, (char *)text.data);
            bytes_deinit(&text);
        }
}
END_TEST

START_TEST(any_string_comes_back_with_the_same_bytes)
{
    static const char pieces[] = "aT1.-h%:\"\\\n\t \r\x01\x7f\xc3\xa4#[]";
    uint64_t state = 1234567;
    for (unsigned i = 0; i < 20000; i++) {
        char string[9] = {0};
        for (unsigned k = 0; k < random_next(&state) % sizeof string; k++)
            string[k] = pieces[random_next(&state) % (sizeof pieces - 1)];
        through_text(&(struct arg){.tag = 's', .s = string, .n_bytes = (uint32_t)strlen(string)});
    }
}
END_TEST

START_TEST(a_word_of_a_shell_is_a_string_unless_it_is_more)
{
    static const struct {
        const char *word;
        char tag;
        const char *text;
    } words[] = {
        {"a b", 's', "a b"}, {"say \"hi\"", 's', "say \"hi\""},
        {"\"1\"", 's', "1"}, {"-6", 'i', NULL},
        {"-6.5", 'f', NULL}, {"\"a b\"", 's', "a b"},
        {"", 's', ""},       {"T", 'T', NULL},
        {"5h", 'h', NULL},   {"x\\n", 's', "x\\n"},
    };
    struct error error;
    struct arg arg;
    for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct writer writer;
        struct bytes packet = {0};
        writer_init(&writer);
        ck_assert_int_eq(word_parse_bare(words[i].word, &writer, &error), 0);
        ck_assert_int_eq(writer_end(&writer, "/a", &packet), 0);
        struct message message = message_read(packet.data);
        ck_assert(message_next(&message, &arg));
        ck_assert_int_eq(arg.tag, words[i].tag);
        if (words[i].text)
            ck_assert_str_eq(arg.s, words[i].text);
        bytes_deinit(&packet);
    }
    struct writer writer;
    writer_init(&writer);
    ck_assert_int_eq(word_parse_bare("\"open", &writer, &error), ERROR_BAD_VALUE);
    writer_deinit(&writer);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("text");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_word_has_the_type_that_it_looks_like);
    tcase_add_test(tests, values_are_what_the_words_say);
    tcase_add_test(tests, lines_come_back_as_they_were);
    tcase_add_test(tests, other_spellings_come_back_as_the_shortest_one);
    tcase_add_test(tests, comments_blank_lines_and_brackets_are_told_apart);
    tcase_add_test(tests, an_error_names_the_column_and_the_word);
    tcase_add_test(tests, a_zero_byte_is_no_text);
    tcase_add_test(tests, any_float_and_double_comes_back_with_the_same_bits);
    tcase_add_test(tests, a_decimal_of_six_digits_is_a_float_and_keeps_its_digits);
    tcase_add_test(tests, any_string_comes_back_with_the_same_bytes);
    tcase_add_test(tests, a_word_of_a_shell_is_a_string_unless_it_is_more);
    return suite_run_case("text", tests);
}
