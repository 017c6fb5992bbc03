/* The graph as JSON: read by a reader that takes nothing but what RFC 8259 allows, and complete. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/command.h"
#include "osc/graph_json.h"
#include "osc/json.h"
#include "tests/session_rig.h"

static struct osc_rig rig;

static void open_rig(void)
{
    osc_rig_open(&rig);
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

/* ---- a strict reader ------------------------------------------------------------------------------------------------- */

static bool value_at(const char **at);

static void blank(const char **at)
{
    *at += strspn(*at, " \t\r\n");
}

static bool take(const char **at, const char *word)
{
    size_t n = strlen(word);
    if (strncmp(*at, word, n) != 0)
        return false;
    *at += n;
    return true;
}

/* A continuation of UTF-8, of which the first byte says how long it is. Too long ones and surrogates are none. */
static bool character(const char **at)
{
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    const unsigned char *c = (const unsigned char *)*at;
    unsigned n = c[0] < 0x80 ? 0 : c[0] >> 5 == 6 ? 1 : c[0] >> 4 == 14 ? 2 : 3;
    uint32_t code = n ? c[0] & (0x3fu >> n) : c[0];
    if (n == 3 && c[0] >> 3 != 30)
        return false;
    for (unsigned i = 1; i <= n; i++) {
        if (c[i] >> 6 != 2)
            return false;
        code = code << 6 | (c[i] & 0x3f);
    }
    *at += n + 1;
    return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) && code >= least[n];
}

static bool string_at(const char **at)
{
    if (!take(at, "\""))
        return false;
    while (**at != '"') {
        if ((unsigned char)**at < ' ')
            return false;
        if (!take(at, "\\")) {
            if (!character(at))
                return false;
        } else if (take(at, "u")) {
            for (unsigned i = 0; i < 4; i++)
                if (!isxdigit((unsigned char)*(*at)++))
                    return false;
        } else if (!strchr("\"\\/bfnrt", *(*at)++)) {
            return false;
        }
    }
    return take(at, "\"");
}

static size_t digits(const char **at)
{
    size_t n = strspn(*at, "0123456789");
    *at += n;
    return n;
}

static bool number_at(const char **at)
{
    take(at, "-");
    if (!take(at, "0") && !digits(at))
        return false;
    if (take(at, ".") && !digits(at))
        return false;
    if (take(at, "e") || take(at, "E")) {
        *at += **at == '-' || **at == '+';
        return digits(at) > 0;
    }
    return true;
}

static bool list_at(const char **at, bool is_object)
{
    for (bool is_first = true;; is_first = false) {
        blank(at);
        if (take(at, is_object ? "}" : "]"))
            return is_first;
        if (is_object) {
            if (!string_at(at))
                return false;
            blank(at);
            if (!take(at, ":"))
                return false;
        }
        if (!value_at(at))
            return false;
        blank(at);
        if (take(at, is_object ? "}" : "]"))
            return true;
        if (!take(at, ","))
            return false;
        blank(at);
        if (**at == ']' || **at == '}')
            return false;
    }
}

static bool value_at(const char **at)
{
    blank(at);
    if (take(at, "{"))
        return list_at(at, true);
    if (take(at, "["))
        return list_at(at, false);
    if (**at == '"')
        return string_at(at);
    return take(at, "true") || take(at, "false") || take(at, "null") || number_at(at);
}

static bool is_json(const char *text)
{
    const char *at = text;
    bool ok = value_at(&at);
    blank(&at);
    return ok && !*at;
}

START_TEST(the_reader_of_this_test_is_strict)
{
    static const char *const right[] = {"{}", "[1, -0.5e-7, true, null]",
                                        "{\"a\": {\"b\": [\"\\u00e9\\n\", \"\xc3\xa9\"]}}", "0", "1.0e20"};
    static const char *const wrong[] = {
        "",    "{",   "{a: 1}",   "[1,]",         "{\"a\": 1,}",      "01",     "+1",      ".5",    "1.",
        "nan", "'a'", "\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\n\"", "\"\\x\"", "[1] 2", "{\"a\" 1}"};
    for (unsigned i = 0; i < ROWS(right); i++)
        ck_assert_msg(is_json(right[i]), "%s", right[i]);
    for (unsigned i = 0; i < ROWS(wrong); i++)
        ck_assert_msg(!is_json(wrong[i]), "%s", wrong[i]);
}
END_TEST

/* ---- what is written ------------------------------------------------------------------------------------------------- */

static char *written(void)
{
    struct bytes text = {0};
    graph_json(&rig.ctl->model, &text);
    bytes_add_byte(&text, '\0');
    ck_assert(!text.failed);
    ck_assert_msg(is_json((const char *)text.data), "%s", (const char *)text.data);
    return (char *)text.data;
}

START_TEST(nodes_and_edges_are_told_with_everything)
{
    osc_rig_do(&rig, "/graph/add filter lp channels 1 cutoff 800.1 mode notch");
    osc_rig_do(&rig, "/graph/add lfo wobble");
    osc_rig_do(&rig, "/graph/connect in:out.2 lp gain -6.5");
    osc_rig_do(&rig, "/graph/connect wobble lp:cutoff depth 2");
    osc_rig_do(&rig, "/graph/connect lp lp:q depth 0.5 feedback");
    osc_rig_do(&rig, "/transport/signature 3 4 at \"1:1\"");
    osc_rig_do(&rig, "/transport/tempo 90.5 at \"1:1\"");
    osc_rig_do(&rig, "/transport/tempo 60.000001d at 17:1:0");
    char *text = written();
    static const char *const parts[] = {
        "{\"name\": \"in\", \"type\": \"input\", \"label\": null, \"channels\": 2, \"fixture\": true, \"bypass\": false, "
        "\"compensated\": "
        "true, \"latency\": "
        "0, \"values\": {",
        "{\"name\": \"lp\", \"type\": \"filter\", \"label\": null, \"channels\": 1, \"fixture\": false, \"bypass\": false, "
        "\"compensated\": "
        "true, \"latency\": "
        "0, \"values\": {\"mode\": \"notch\", "
        "\"cutoff\": 800.1, \"q\": ",
        "{\"from\": {\"node\": \"in\", \"port\": \"out\", \"channels\": [2]}, \"to\": {\"node\": \"lp\", \"port\": \"in\", "
        "\"channels\": [1]}, "
        "\"gain\": -6.5, \"depth\": null, \"feedback\": false, \"events\": false}",
        "\"port\": \"q\", \"channels\": [1]}, \"gain\": 0.0, \"depth\": 0.5, \"feedback\": true, \"events\": false}",
        "{\"at\": \"1:1:0\", \"bpm\": 90.500000, \"signature\": [3, 4]}",
        "{\"at\": \"17:1:0\", \"bpm\": 60.000001, \"signature\": null}",
        "\"to\": {\"node\": \"lp\", \"port\": \"cutoff\", \"channels\": [1]}, \"gain\": 0.0, \"depth\": 2.0, \"feedback\": "
        "false, \"events\": false}"};
    for (unsigned i = 0; i < ROWS(parts); i++)
        ck_assert_msg(strstr(text, parts[i]) != NULL, "%s is not in %s", parts[i], text);
    free(text);
}
END_TEST

START_TEST(every_value_of_every_type_is_there)
{
    unsigned n = session_rig_fill(&rig);
    char *text = written(), key[400];
    ck_assert_uint_gt(n, 5);
    for (const struct node *node = rig.ctl->model.first; node; node = node->next) {
        snprintf(key, sizeof key, "{\"name\": \"%s\", \"type\": \"%s\"", node->name, node->class->name);
        const char *at = strstr(text, key);
        ck_assert_msg(at != NULL, "%s is not in %s", key, text);
        for (unsigned row = 0; row < node->class->n_params; row++) {
            if (!node_class_has(node->class, node->values, node->class->params[row].number))
                continue;
            snprintf(key, sizeof key, "\"%s\": ", node->class->params[row].name);
            const char *found = strstr(at, key);
            ck_assert_msg(found && found < strchr(at, '\n'), "%s of %s is not told", key, node->name);
        }
    }
    free(text);
}
END_TEST

START_TEST(any_path_is_a_string)
{
    static const char *const words[] = {"\"a \\\"b\\\" \\\\ c\"",
                                        "%s:01090a1f7f",
                                        "%s:ff",
                                        "%s:c3",
                                        "%s:c080",
                                        "%s:eda080",
                                        "%s:f5808080",
                                        "%s:e282",
                                        "\"\xc3\xbc\xf0\x9f\x8e\xb5\"",
                                        "\"\xef\xbf\xbf\"",
                                        "%s:f4908080",
                                        "%s:c3a9ff41"};
    for (unsigned i = 0; i < ROWS(words); i++) {
        char line[100];
        snprintf(line, sizeof line, "/graph/add player p%u file %s", i, words[i]);
        osc_rig_send(&rig, line);
        char *path = strdup(rig.loads[0].path);
        osc_rig_load(&rig, path);
        osc_rig_run(&rig);
        free(path);
    }
    rig.n_read = rig.n_answers;
    char *text = written();
    ck_assert(strstr(text, "\"file\": \"a \\\"b\\\" \\\\ c\""));
    ck_assert(strstr(text, "\"file\": \"\\u0001\\u0009\\u000a\\u001f\x7f\""));
    ck_assert(strstr(text, "\"file\": \"\xc3\xbc\xf0\x9f\x8e\xb5\""));
    ck_assert(strstr(text, "\"file\": \"\xc3\xa9\\ufffdA\""));
    free(text);
}
END_TEST

/* Every sequence of three bytes, of which a string makes something that can be read. */
START_TEST(any_bytes_are_a_string)
{
    struct bytes text = {0};
    for (uint32_t code = 1; code < 1 << 24; code += 251) {
        char string[4] = {(char)(code >> 16), (char)(code >> 8), (char)code};
        bytes_clear(&text, SIZE_MAX);
        json_string(string, &text);
        bytes_add_byte(&text, '\0');
        ck_assert_msg(is_json((const char *)text.data), "%06x becomes %s", code, (const char *)text.data);
    }
    bytes_deinit(&text);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_reader_of_this_test_is_strict,
        nodes_and_edges_are_told_with_everything,
        every_value_of_every_type_is_there,
        any_path_is_a_string,
        any_bytes_are_a_string,
    };
    return osc_rig_suite("graph as JSON", open_rig, close_rig, tests, ROWS(tests));
}
