/* The tables of commands, and the language in which their rows say what they take and give. */
#include <stdio.h>
#include <string.h>

#include "osc/command.h"
#include "tests/osc_rig.h"

/* ---- the language of arguments --------------------------------------------------------------------------------------- */

/* Reads a line's arguments by a row of its own; the outcome is in `call` and `error`. */
static struct call call;
static struct error error;
static struct command row;
static struct bytes packet;

static int read_args(const char *args, const char *line)
{
    static struct arg list[16];
    row = (struct command){.address = "/test", .args = args};
    error = (struct error){0};
    call = (struct call){.command = &row, .error = &error};
    bytes_clear(&packet, SIZE_MAX);
    osc_rig_packet(line, PACKET_TIME_NOW, &packet);
    struct message message = message_read(packet.data);
    unsigned n = message_args(&message, list, 16);
    int code = command_args_read(&call, list, n);
    ck_assert_int_eq(code, (int)error.code);
    return code;
}

START_TEST(arguments_are_read_by_their_place)
{
    ck_assert_int_eq(read_args("a:s b:i c:d d:b", "/test word 7 1.5 T"), 0);
    ck_assert_str_eq(call.args[0].s, "word");
    ck_assert_int_eq(call.args[1].i, 7);
    ck_assert_double_eq(call.args[2].d, 1.5);
    ck_assert(call.args[3].b);
    for (unsigned i = 0; i < 4; i++)
        ck_assert(call.args[i].given);
    bytes_deinit(&packet);
}
END_TEST

START_TEST(numbers_are_taken_from_any_type_that_loses_nothing)
{
    static const char *const sevens[] = {"7", "7h", "7.0", "7.0d"};
    for (unsigned i = 0; i < ROWS(sevens); i++) {
        char line[64];
        snprintf(line, sizeof line, "/test %s %s", sevens[i], sevens[i]);
        ck_assert_int_eq(read_args("a:i b:d", line), 0);
        ck_assert_int_eq(call.args[0].i, 7);
        ck_assert_double_eq(call.args[1].d, 7);
    }
    ck_assert_int_eq(read_args("a:b b:b c:b d:i", "/test 1 0.0 F T"), 0);
    ck_assert(call.args[0].b && !call.args[1].b && !call.args[2].b && call.args[3].i == 1);
    bytes_deinit(&packet);
}
END_TEST

START_TEST(optional_arguments_may_be_left_out_from_the_end)
{
    for (unsigned n = 0; n < 3; n++) {
        static const char *const lines[] = {"/test", "/test 1", "/test 1 2"};
        ck_assert_int_eq(read_args("[a:i] [b:i]", lines[n]), 0);
        ck_assert_int_eq(call.args[0].given, n > 0);
        ck_assert_int_eq(call.args[1].given, n > 1);
    }
    bytes_deinit(&packet);
}
END_TEST

START_TEST(keywords_come_in_any_order_behind_the_others)
{
    static const char *const lines[] = {"/test x gain -6 depth 2.0 feedback", "/test x feedback depth 2.0 gain -6",
                                        "/test x depth 2.0 feedback gain -6"};
    for (unsigned i = 0; i < ROWS(lines); i++) {
        ck_assert_int_eq(read_args("a:s gain=d(dB) depth=d feedback!", lines[i]), 0);
        ck_assert_double_eq(call.args[1].d, -6);
        ck_assert_double_eq(call.args[2].d, 2);
        ck_assert(call.args[3].given && call.args[3].b);
    }
    ck_assert_int_eq(read_args("a:s gain=d(dB) depth=d feedback!", "/test x depth 1"), 0);
    ck_assert(!call.args[1].given && call.args[2].given && !call.args[3].given);
    bytes_deinit(&packet);
}
END_TEST

START_TEST(three_dots_leave_the_rest_to_the_command)
{
    ck_assert_int_eq(read_args("a:s ...", "/test x gain -6 what ever"), 0);
    ck_assert_uint_eq(call.n_rest, 4);
    ck_assert_str_eq(arg_string(&call.rest[0]), "gain");
    ck_assert_int_eq(read_args("a:s ...", "/test x"), 0);
    ck_assert_uint_eq(call.n_rest, 0);
    bytes_deinit(&packet);
}
END_TEST

START_TEST(what_does_not_fit_the_row_is_named_with_the_usage)
{
    static const struct wrong {
        const char *args, *line;
        enum error_code code;
        const char *text;
    } wrongs[] = {
        {"a:s b:i", "/test x", ERROR_BAD_TYPE, "b is missing; usage: /test a:s b:i"},
        {"a:s", "/test 5", ERROR_BAD_TYPE, "a must be a string, not 5; usage: /test a:s"},
        {"a:s", "/test 0.5", ERROR_BAD_TYPE, "a must be a string, not 0.5; usage: /test a:s"},
        {"a:i", "/test five", ERROR_BAD_TYPE, "a must be a whole number, not \"five\"; usage: /test a:i"},
        {"a:i", "/test 1.5", ERROR_BAD_VALUE, "a must be a whole number, not 1.5; usage: /test a:i"},
        {"a:i", "/test %b:00", ERROR_BAD_TYPE, "a must be a whole number, not an argument of type b; usage: /test a:i"},
        {"a:d", "/test T", ERROR_NONE, ""},
        {"a:d", "/test five", ERROR_BAD_TYPE, "a must be a finite number, not \"five\"; usage: /test a:d"},
        {"a:d", "/test %f:7fc00000", ERROR_BAD_VALUE, "a must be a finite number, not nan; usage: /test a:d"},
        {"a:d", "/test %d:fff0000000000000", ERROR_BAD_VALUE, "a must be a finite number, not -inf; usage: /test a:d"},
        {"a:b", "/test yes", ERROR_BAD_TYPE, "a must be T or F, not \"yes\"; usage: /test a:b"},
        {"a:b", "/test 2", ERROR_BAD_VALUE, "a must be T or F, not 2; usage: /test a:b"},
        {"[a:i]", "/test 1 2", ERROR_BAD_TYPE, "2 is one argument too many; usage: /test [a:i]"},
        {"", "/test T", ERROR_BAD_TYPE, "T is one argument too many; usage: /test"},
        {"g=d", "/test h 2", ERROR_BAD_TYPE, "\"h\" is none of the keywords g; usage: /test g=d"},
        {"g=d h!", "/test 2", ERROR_BAD_TYPE, "2 is none of the keywords g, h; usage: /test g=d h!"},
        {"g=d", "/test g", ERROR_BAD_TYPE, "g needs a value behind it; usage: /test g=d"},
        {"g=d h!", "/test h g 1 h", ERROR_BAD_TYPE, "h is given twice; usage: /test g=d h!"},
        {"g=d h!", "/test g 1 g 1", ERROR_BAD_TYPE, "g is given twice; usage: /test g=d h!"},
        {"[a:d] g=d h!", "/test gg 3", ERROR_BAD_TYPE,
         "\"gg\" is neither a, which is a finite number, nor one of the keywords g, h; usage: /test [a:d] g=d h!"},
        {"[a:d] g=d", "/test a 3", ERROR_BAD_TYPE,
         "a is given by its place, without its name: a finite number; usage: /test [a:d] g=d"},
        {"g=d", "/test g loud", ERROR_BAD_TYPE, "g must be a finite number, not \"loud\"; usage: /test g=d"},
    };
    for (unsigned i = 0; i < ROWS(wrongs); i++) {
        ck_assert_int_eq(read_args(wrongs[i].args, wrongs[i].line), (int)wrongs[i].code);
        ck_assert_str_eq(error.text, wrongs[i].text);
    }
    bytes_deinit(&packet);
}
END_TEST

START_TEST(an_argument_of_any_length_is_shown_within_bounds)
{
    static char line[3000] = "/test ";
    memset(line + 6, 'x', sizeof line - 7);
    ck_assert_int_eq(read_args("a:i", line), ERROR_BAD_TYPE);
    ck_assert_ptr_nonnull(strstr(error.text, "usage: /test a:i"));
    bytes_deinit(&packet);
}
END_TEST

/* ---- the tables ------------------------------------------------------------------------------------------------------ */

/* Every row of the build, one after the other; null at the end. */
static const struct command *row_at(unsigned i)
{
    for (unsigned f = 0; f < n_command_families; f++) {
        if (i < command_families[f]->n_commands)
            return &command_families[f]->commands[i];
        i -= command_families[f]->n_commands;
    }
    return NULL;
}

START_TEST(addresses_are_unique_and_of_two_parts_at_most)
{
    for (unsigned i = 0; row_at(i); i++) {
        const char *address = row_at(i)->address;
        unsigned n_slashes = 0;
        for (const char *at = address; *at; at++)
            n_slashes += *at == '/';
        ck_assert_msg(address[0] == '/' && n_slashes <= 2, "%s", address);
        ck_assert_msg(command_find(address) == row_at(i), "%s stands twice in the tables", address);
    }
    ck_assert_ptr_null(command_find("/graph"));
}
END_TEST

START_TEST(help_is_one_sentence)
{
    for (unsigned i = 0; row_at(i); i++) {
        const char *help = row_at(i)->help;
        size_t n = strlen(help);
        ck_assert_msg(n > 1 && help[n - 1] == '.' && help[0] >= 'A' && help[0] <= 'Z', "%s: %s", row_at(i)->address, help);
        ck_assert_ptr_null(strchr(help, '\n'));
    }
}
END_TEST

/* Whether the word is NAME:T or, where `marks` has more, NAME=T and so on, with a unit behind it if need be. */
static bool is_word(const char *word, const char *marks, const char *types)
{
    size_t n = strspn(word, "abcdefghijklmnopqrstuvwxyz_");
    if (n == 0 || n >= 32 || !strchr(marks, word[n]))
        return false;
    if (word[n] == '!')
        return !word[n + 1];
    const char *unit = word + n + 2;
    bool has_choices = *unit == '{' && word[n + 1] == 's' && unit[strlen(unit) - 1] == '}';
    return strchr(types, word[n + 1]) && (!*unit || has_choices || (*unit == '(' && unit[strlen(unit) - 1] == ')'));
}

START_TEST(argument_strings_are_well_formed_and_not_too_long)
{
    for (unsigned i = 0; row_at(i); i++) {
        char text[256], *save;
        unsigned n = 0;
        bool optional = false, keyword = false;
        snprintf(text, sizeof text, "%s", row_at(i)->args);
        for (char *word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save), n++) {
            bool in_brackets = *word == '[', is_rest = strcmp(word, "...") == 0;
            if (in_brackets) {
                ck_assert(word[strlen(word) - 1] == ']');
                word[strlen(word) - 1] = '\0';
                word++;
            }
            bool is_keyword = !is_rest && (strchr(word, '=') || strchr(word, '!'));
            ck_assert_msg(is_rest || is_word(word, ":=!", "sidbnpmk"), "%s: %s", row_at(i)->address, word);
            ck_assert_msg(!(optional || keyword) || in_brackets || is_keyword, "%s: %s", row_at(i)->address, word);
            optional |= in_brackets;
            keyword |= is_keyword;
        }
        ck_assert_uint_le(n, COMMAND_ARGS_MAX);
        ck_assert(row_at(i)->reserves <= n || row_at(i)->reserves == RESERVES_ALL);
    }
}
END_TEST

START_TEST(results_are_well_formed)
{
    for (unsigned i = 0; row_at(i); i++) {
        char text[256], *save, *word;
        unsigned n_single, group = command_results_group(row_at(i), &n_single), n = 0;
        snprintf(text, sizeof text, "%s", row_at(i)->results);
        for (word = strtok_r(text, " |[]", &save); word; word = strtok_r(NULL, " |[]", &save)) {
            bool repeats = strcmp(word, "*") == 0; /* of the group before it */
            ck_assert_msg(repeats || is_word(word, ":", "sihfdb*"), "%s: %s", row_at(i)->address, word);
            n += !repeats;
        }
        ck_assert_msg(n_single + group <= n, "%s: %s", row_at(i)->address, row_at(i)->results);
    }
}
END_TEST

START_TEST(results_say_how_many_of_them_belong_together)
{
    static const struct {
        const char *results;
        unsigned n_single, group;
    } rows[] = {
        {"", 0, 0},
        {"text:s", 1, 0},
        {"frame:h revision:i", 2, 0},
        {"n:i [name:s type:s]*", 1, 2},
        {"[name:s value:*]*", 0, 2},
        {"rate:i(Hz) [line:s]*", 1, 1},
        {"text:s | n:i [address:s]*", 1, 0},
        {"n:i [address:s]* | text:s", 1, 1},
    };
    for (unsigned i = 0; i < ROWS(rows); i++) {
        unsigned n_single, group = command_results_group(&(struct command){.results = rows[i].results}, &n_single);
        ck_assert_msg(group == rows[i].group && n_single == rows[i].n_single, "%s: %u, then %u", rows[i].results, n_single,
                      group);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        arguments_are_read_by_their_place,
        numbers_are_taken_from_any_type_that_loses_nothing,
        optional_arguments_may_be_left_out_from_the_end,
        keywords_come_in_any_order_behind_the_others,
        three_dots_leave_the_rest_to_the_command,
        what_does_not_fit_the_row_is_named_with_the_usage,
        an_argument_of_any_length_is_shown_within_bounds,
        addresses_are_unique_and_of_two_parts_at_most,
        help_is_one_sentence,
        argument_strings_are_well_formed_and_not_too_long,
        results_are_well_formed,
        results_say_how_many_of_them_belong_together,
    };
    return osc_rig_suite("commands", NULL, NULL, tests, ROWS(tests));
}
