/* What /describe says of types is JSON and holds the whole table; of commands, three lines. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/command.h"
#include "osc/describe.h"
#include "osc/udp.h"
#include "tests/json.h"
#include "tests/osc_rig.h"
#include "tests/suite.h"

static struct json json;

/* Whether a truth is told, which is left out where it does not hold. */
static bool holds(const char *list, unsigned i, const char *key)
{
    char path[128];
    snprintf(path, sizeof path, "%s[%u].%s", list, i, key);
    const char *value = json_find(&json, path);
    ck_assert_msg(!value || strcmp(value, "true") == 0, "%s is %s", path, value);
    return value;
}

/* The value at a place, which must be there. */
static const char *at(const char *path)
{
    const char *value = json_find(&json, path);
    ck_assert_msg(value, "%s is missing", path);
    return value;
}

static const char *entry(const char *list, unsigned i, const char *key)
{
    char path[128];
    snprintf(path, sizeof path, "%s[%u].%s", list, i, key);
    return at(path);
}

static void check_number(const char *text, float expected)
{
    ck_assert_msg(fabs(strtod(text, NULL) - (double)expected) <= 1e-5 * fabs((double)expected), "%s is not %g", text,
                  (double)expected);
}

START_TEST(the_checker_knows_json_from_what_is_none)
{
    static const char *const right[] = {"{}", "[]",   " [1, -2.5e3, \"a\\\"\\u00ff\", {\"b\": [true, null]}] ",
                                        "0",  "\"\"", "0.5"};
    static const char *const wrong[] = {"",        "{",       "[1,]", "{\"a\" 1}", "{a: 1}", "[1 2]", "01", "1.",  ".5",
                                        "\"a\n\"", "\"\\x\"", "nan",  "inf",       "{}{}",   "+1",    "1e", "[1]]"};
    for (unsigned i = 0; i < ROWS(right); i++)
        ck_assert_msg(json_read(&json, right[i]), "%s", right[i]);
    for (unsigned i = 0; i < ROWS(wrong); i++)
        ck_assert_msg(!json_read(&json, wrong[i]), "%s", wrong[i]);
}
END_TEST

/* ---- types ----------------------------------------------------------------------------------------------------------- */

static void read_type(const struct node_class *class)
{
    struct bytes text = {0};
    describe_type(class, 0, DESCRIBE_ALL, &text);
    bytes_add_byte(&text, '\0');
    ck_assert(!text.failed);
    ck_assert_msg(json_read(&json, (const char *)text.data), "%s, from here on: %s", class->name, json.at);
    bytes_deinit(&text);
}

static unsigned length(const char *list)
{
    unsigned n = 0;
    char start[64];
    for (bool found = true; found; n += found) {
        snprintf(start, sizeof start, "%s[%u].", list, n);
        found = false;
        for (unsigned k = 0; k < json.n; k++)
            found |= strncmp(json.leaves[k].path, start, strlen(start)) == 0;
    }
    return n;
}

static void check_param(const struct param_info *info, unsigned i)
{
    static const char *const kinds[] = {"continuous", "choice", "switch", "integer", "file", "sink"};
    ck_assert_str_eq(entry("params", i, "name"), info->name);
    ck_assert_str_eq(entry("params", i, "help"), info->help);
    ck_assert_str_eq(entry("params", i, "kind"), kinds[info->kind]);
    ck_assert(holds("params", i, "settable") == !(info->flags & PARAM_AT_CREATION));
    ck_assert(holds("params", i, "fixed") == !!(info->flags & PARAM_FIXED));
    for (unsigned c = 0; info->kind == PARAM_CHOICE && info->choices[c]; c++) {
        char key[32];
        snprintf(key, sizeof key, "choices[%u]", c);
        ck_assert_str_eq(entry("params", i, key), info->choices[c]);
    }
    if (info->kind == PARAM_CHOICE)
        ck_assert_str_eq(entry("params", i, "default"), info->choices[(unsigned)info->initial]);
    if (info->kind == PARAM_FILE)
        ck_assert_str_eq(entry("params", i, "reads"), media_kind_word(info->reads));
    if (info->kind == PARAM_CHOICE || param_is_path(info))
        return;
    check_number(entry("params", i, "min"), info->min);
    check_number(entry("params", i, "max"), info->max);
    check_number(entry("params", i, "default"), info->initial);
    if (info->kind != PARAM_CONTINUOUS)
        return;
    ck_assert_str_eq(entry("params", i, "unit"), info->unit);
    ck_assert_str_eq(entry("params", i, "curve"), info->curve == CURVE_LOG ? "log" : "linear");
    check_number(entry("params", i, "glide_s"), info->glide_s);
}

START_TEST(every_type_is_described_in_json_with_all_its_tables)
{
    const struct node_class *class = node_registry[_i];
    read_type(class);
    ck_assert_str_eq(at("name"), class->name);
    ck_assert_uint_eq(length("params"), class->n_params);
    ck_assert_uint_eq(length("inputs"), class->n_inputs);
    ck_assert_uint_eq(length("outputs"), class->n_outputs);
    ck_assert_uint_eq(length("readings"), class->n_readings);
    for (unsigned i = 0; i < class->n_params; i++)
        check_param(&class->params[i], i);
    for (unsigned i = 0; i < class->n_inputs; i++)
        ck_assert_str_eq(entry("inputs", i, "name"), class->inputs[i].name);
    for (unsigned i = 0; i < class->n_outputs; i++)
        ck_assert_str_eq(entry("outputs", i, "name"), class->outputs[i].name);
    for (unsigned i = 0; i < class->n_readings; i++)
        ck_assert_str_eq(entry("readings", i, "unit"), class->readings[i].unit);
}
END_TEST

START_TEST(texts_with_quotes_backslashes_and_control_characters_stay_json)
{
    const struct port_info inputs[] = {{"in", "a \"quoted\" \\ word\n\ttwo\001", 2}};
    struct node_class class = {.name = "odd", .help = "\"\\\"", .inputs = inputs, .n_inputs = 1, .channels = 1};
    read_type(&class);
    ck_assert_uint_eq(length("inputs"), 1);
}
END_TEST

/* ---- commands -------------------------------------------------------------------------------------------------------- */

START_TEST(a_command_is_described_by_usage_help_results_and_role)
{
    for (unsigned f = 0; f < n_command_families; f++)
        for (unsigned k = 0; k < command_families[f]->n_commands; k++) {
            const struct command *command = &command_families[f]->commands[k];
            struct bytes text = {0};
            char expected[1024];
            describe_command(command, &text);
            bytes_add_byte(&text, '\0');
            snprintf(expected, sizeof expected, "%s%s%s\n%s\nresults: %s\nrole: %s", command->address,
                     *command->args ? " " : "", command->args, command->help, *command->results ? command->results : "none",
                     role_name(command_role(command, 0)));
            ck_assert_int_eq(strncmp((const char *)text.data, expected, strlen(expected)), 0);
            ck_assert_int_eq(strstr((const char *)text.data, " with arguments") != NULL,
                             command_role(command, 0) != command_role(command, 1));
            bytes_deinit(&text);
        }
}
END_TEST

/* With a request number, and to spare for what tables will still grow by. */
START_TEST(every_type_fits_a_datagram)
{
    struct osc_rig rig;
    char line[100];
    osc_rig_open(&rig);
    for (unsigned i = 0; i < n_node_registry; i++) {
        snprintf(line, sizeof line, "/req/2147483647/describe %s", node_registry[i]->name);
        osc_rig_do(&rig, line);
        rig.n_read--;
        size_t n = osc_rig_answer(&rig)->packet.n;
        ck_assert_msg(n < UDP_DATAGRAM_MAX_BYTES * 4 / 5, "%s takes %zu bytes", node_registry[i]->name, n);
    }
    osc_rig_close(&rig);
}
END_TEST

START_TEST(parameters_come_by_pages_that_together_are_the_table)
{
    struct osc_rig rig;
    char line[100];
    osc_rig_open(&rig);
    const struct node_class *class = node_class_find("sequencer");
    for (unsigned first = 0; first < class->n_params + 10; first += 10) {
        unsigned n = first < class->n_params ? class->n_params - first : 0;
        snprintf(line, sizeof line, "/describe sequencer %u 10", first);
        osc_rig_do(&rig, line);
        rig.n_read--;
        struct arg args[3];
        struct message message = message_read(osc_rig_answer(&rig)->packet.data);
        message_args(&message, args, 3);
        ck_assert_msg(json_read(&json, args[2].s), "from here on: %.200s", json.at);
        check_number(at("n_params"), (float)class->n_params);
        ck_assert_uint_eq(length("params"), n < 10 ? n : 10);
        for (unsigned i = 0; i < length("params"); i++)
            ck_assert_str_eq(entry("params", i, "name"), class->params[first + i].name);
    }
    osc_rig_refuse(&rig, "/describe sequencer -1", ERROR_RANGE, "offset -1", NULL);
    osc_rig_close(&rig);
}
END_TEST

START_TEST(the_server_tells_the_same)
{
    struct osc_rig rig;
    char line[100];
    osc_rig_open(&rig);
    rig.peer = osc_rig_stream(1); /* all of it is too long for a datagram */
    for (unsigned i = 0; i < n_node_registry; i++) {
        snprintf(line, sizeof line, "/describe %s", node_registry[i]->name);
        osc_rig_do(&rig, line);
        rig.n_read--;
        struct message message = message_read(osc_rig_answer(&rig)->packet.data);
        struct arg args[3];
        ck_assert_str_eq(message.tags, "iss");
        message_args(&message, args, 3);
        ck_assert(json_read(&json, args[2].s));
    }
    osc_rig_do(&rig, "/describe all");
    rig.n_read--;
    struct message all = message_read(osc_rig_answer(&rig)->packet.data);
    struct arg args[3];
    message_args(&all, args, 3);
    ck_assert_msg(json_read(&json, args[2].s), "all, from here on: %.200s", json.at);
    ck_assert_str_eq(osc_rig_do(&rig, "/describe /ping"),
                     "/done 0 /describe \"/ping\\nAnswers, no more.\\nresults: none\\nrole: read\"");
    ck_assert(strstr(osc_rig_do(&rig, "/describe"), " /graph/add /graph/remove ") != NULL);
    osc_rig_close(&rig);
}
END_TEST

int main(void)
{
    TCase *each = tcase_create("every type");
    tcase_add_loop_test(each, every_type_is_described_in_json_with_all_its_tables, 0, (int)n_node_registry);
    tcase_add_test(each, the_checker_knows_json_from_what_is_none);
    tcase_add_test(each, texts_with_quotes_backslashes_and_control_characters_stay_json);
    tcase_add_test(each, a_command_is_described_by_usage_help_results_and_role);
    tcase_add_test(each, every_type_fits_a_datagram);
    tcase_add_test(each, parameters_come_by_pages_that_together_are_the_table);
    tcase_add_test(each, the_server_tells_the_same);
    return suite_run_case("descriptions", each);
}
