/* A program that knows nothing of dawd but what /describe all says builds its interface: it makes every type, moves every control
 * to its ends, and finds that every command refuses what its row does not allow. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/json.h"
#include "tests/osc_rig.h"

static struct osc_rig rig;
static struct json json;

static void open_rig(void)
{
    osc_rig_open(&rig);
    rig.peer = osc_rig_stream(1);
    osc_rig_do(&rig, "/describe all");
    rig.n_read--;
    struct arg args[3];
    struct message answer = message_read(osc_rig_answer(&rig)->packet.data);
    ck_assert_uint_eq(message_args(&answer, args, 3), 3);
    ck_assert(json_read(&json, args[2].s));
}

static void close_rig(void)
{
    json_free(&json);
    osc_rig_close(&rig);
}

/* What stands at a place of the description, or null: get("types[%u].name", 3). */
__attribute__((format(printf, 1, 2))) static const char *get(const char *format, ...)
{
    char path[200];
    va_list args;
    va_start(args, format);
    vsnprintf(path, sizeof path, format, args);
    va_end(args);
    return json_find(&json, path);
}

static bool is(const char *a, const char *b)
{
    return a && strcmp(a, b) == 0;
}

/* ---- types ----------------------------------------------------------------------------------------------------------- */

/* What makes a node of type t with its files, and as many numbered rows as there can be. */
static void creation_write(unsigned t, struct bytes *line)
{
    bytes_print(line, "/graph/add %s node", get("types[%u].name", t));
    for (unsigned p = 0; get("types[%u].params[%u].name", t, p); p++) {
        const char *name = get("types[%u].params[%u].name", t, p);
        if (is(get("types[%u].params[%u].kind", t, p), "sink"))
            bytes_print(line, " %s take.wav", name);
        if (is(get("types[%u].numbered_by", t), name))
            bytes_print(line, " %s %s", name, get("types[%u].params[%u].max", t, p));
    }
}

static void ask_line(struct bytes *line)
{
    bytes_add_byte(line, '\0'); /* one more does no harm */
    osc_rig_do(&rig, (const char *)line->data);
    bytes_deinit(line);
}

/* Sets a control of the node, or makes the node with it where that is the only way. */
static void control_move(unsigned t, unsigned p, const char *value)
{
    struct bytes line = {0};
    const char *name = get("types[%u].params[%u].name", t, p);
    if (is(get("types[%u].params[%u].settable", t, p), "true")) {
        bytes_print(&line, "/req/1/node/node/%s %s", name, value);
    } else {
        osc_rig_do(&rig, "/graph/remove node");
        osc_rig_wait(&rig);
        creation_write(t, &line);
        if (!is(get("types[%u].numbered_by", t), name))
            bytes_print(&line, " %s %s", name, value);
    }
    ask_line(&line);
}

static void control_try(unsigned t, unsigned p)
{
    const char *kind = get("types[%u].params[%u].kind", t, p), *value;
    static const char *const ends[] = {"min", "max", "default"};
    if (is(kind, "file") || is(kind, "sink"))
        return;
    for (unsigned c = 0; is(kind, "choice") && (value = get("types[%u].params[%u].choices[%u]", t, p, c)); c++)
        control_move(t, p, value);
    for (unsigned i = is(kind, "choice") ? 2 : 0; i < 3; i++) {
        value = get("types[%u].params[%u].%s", t, p, ends[i]);
        ck_assert_msg(value, "%s of %s is missing", ends[i], get("types[%u].params[%u].name", t, p));
        control_move(t, p, value);
    }
}

static void range_try(unsigned t, unsigned p)
{
    char line[200];
    const char *max = get("types[%u].params[%u].max", t, p), *name = get("types[%u].params[%u].name", t, p);
    if (!max || !is(get("types[%u].params[%u].settable", t, p), "true"))
        return;
    snprintf(line, sizeof line, "/node/node/%.60s %.9g", name, strtod(max, NULL) * 1.01 + 1);
    osc_rig_refuse(&rig, line, ERROR_RANGE, name, "range", NULL);
}

static unsigned n_types(void)
{
    unsigned n = 0;
    while (get("types[%u].name", n))
        n++;
    return n;
}

START_TEST(every_control_of_every_type_takes_its_ends_and_its_default)
{
    ck_assert_uint_eq(n_types(), n_node_registry);
    for (unsigned t = 0; t < n_node_registry; t++) {
        struct bytes line = {0};
        unsigned p;
        for (p = 0; get("types[%u].params[%u].name", t, p) && !is(get("types[%u].params[%u].kind", t, p), "sink"); p++)
            continue;
        if (get("types[%u].params[%u].name", t, p))
            continue; /* it writes to a disk, which there is none of here */
        creation_write(t, &line);
        ask_line(&line);
        for (p = 0; get("types[%u].params[%u].name", t, p); p++)
            control_try(t, p);
        for (p = 0; get("types[%u].params[%u].name", t, p); p++)
            range_try(t, p);
        osc_rig_do(&rig, "/graph/remove node");
        osc_rig_wait(&rig);
    }
    ck_assert_uint_ge(rig.server->counters.values, 200);
}
END_TEST

START_TEST(every_meter_and_reading_that_is_told_can_be_read)
{
    for (unsigned t = 0; t < n_node_registry; t++) {
        struct bytes line = {0};
        const char *name;
        creation_write(t, &line);
        bytes_print(&line, "%c", '\0');
        if (strstr((const char *)line.data, "take.wav")) {
            bytes_deinit(&line);
            continue;
        }
        ask_line(&line);
        for (unsigned i = 0; (name = get("types[%u].readings[%u].name", t, i)); i++) {
            bytes_print(&line, "/req/1/node/node/%s", name);
            ask_line(&line);
        }
        for (unsigned i = 0; (name = get("types[%u].levels[%u]", t, i)); i++) {
            bytes_print(&line, "/node/node/%s%c", name, '\0');
            osc_rig_send(&rig, (const char *)line.data);
            bytes_deinit(&line);
            osc_rig_wait(&rig);
            ck_assert_msg(strncmp(osc_rig_line(&rig), "/node/node/", 11) == 0, "%s", name);
        }
        osc_rig_do(&rig, "/graph/remove node");
        osc_rig_wait(&rig);
    }
}
END_TEST

/* ---- commands -------------------------------------------------------------------------------------------------------- */

/* An argument of the type that is right, as far as its row says. */
static const char *right(unsigned c, unsigned a)
{
    const char *type = get("commands[%u].args[%u].type", c, a), *choice = get("commands[%u].args[%u].choices[0]", c, a);
    if (is(type, "string"))
        return choice ? choice : "word";
    return is(type, "truth") ? "T" : is(type, "MIDI message") ? "%m:00903c64" : "1";
}

/* One that is wrong: of another type, or none of the choices. */
static const char *wrong(unsigned c, unsigned a)
{
    return strstr(get("commands[%u].args[%u].type", c, a), "string") ? "%b:00" : "nonsense";
}

static bool flag(unsigned c, unsigned a, const char *name)
{
    return is(get("commands[%u].args[%u].%s", c, a, name), "true");
}

/* The command with its arguments in their places up to, but without, the n-th. */
static void head_write(unsigned c, unsigned n, struct bytes *line)
{
    bytes_print(line, "%s", get("commands[%u].address", c));
    for (unsigned a = 0; a < n; a++)
        if (!flag(c, a, "keyword"))
            bytes_print(line, " %s", right(c, a));
}

static void refused(struct bytes *line, const char *says)
{
    bytes_add_byte(line, '\0');
    osc_rig_ask(&rig, (const char *)line->data);
    rig.n_read--;
    struct arg args[5];
    struct message answer = message_read(osc_rig_answer(&rig)->packet.data);
    ck_assert_msg(is(answer.address, "/fail") && message_args(&answer, args, 5) == 5, "%s is answered by %s",
                  (const char *)line->data, answer.address);
    ck_assert_msg((args[2].i == ERROR_BAD_TYPE || args[2].i == ERROR_BAD_VALUE) && strstr(args[4].s, says),
                  "%s is refused as %s: %s", (const char *)line->data, args[3].s, args[4].s);
    bytes_deinit(line);
}

static void argument_try(unsigned c, unsigned a)
{
    struct bytes line = {0};
    const char *name = get("commands[%u].args[%u].name", c, a), *type = get("commands[%u].args[%u].type", c, a);
    if (is(type, "pairs"))
        return;
    if (!flag(c, a, "optional")) {
        head_write(c, a, &line);
        refused(&line, name);
    }
    head_write(c, a, &line);
    if (flag(c, a, "keyword"))
        bytes_print(&line, " %s", name);
    if (is(type, "flag")) { /* twice is once too often */
        bytes_print(&line, " %s", name);
        refused(&line, name);
        return;
    }
    bytes_print(&line, " %s", wrong(c, a));
    refused(&line, name);
    if (!get("commands[%u].args[%u].choices[0]", c, a))
        return;
    head_write(c, a, &line);
    bytes_print(&line, " none_of_the_words");
    refused(&line, get("commands[%u].args[%u].choices[0]", c, a));
}

START_TEST(every_command_refuses_what_its_row_does_not_allow)
{
    unsigned c, a;
    for (c = 0; get("commands[%u].address", c); c++) {
        bool takes_pairs = false;
        for (a = 0; get("commands[%u].args[%u].name", c, a) || get("commands[%u].args[%u].type", c, a); a++) {
            takes_pairs |= is(get("commands[%u].args[%u].type", c, a), "pairs");
            argument_try(c, a);
        }
        struct bytes line = {0};
        head_write(c, a, &line);
        bytes_print(&line, " superfluous");
        if (takes_pairs)
            bytes_deinit(&line);
        else
            refused(&line, "superfluous");
    }
    ck_assert_uint_ge(c, 20);
    ck_assert(!rig.has_quit);
}
END_TEST

START_TEST(codes_of_failures_and_limits_are_told_as_they_are)
{
    for (unsigned i = 1; i < ERROR_END; i++) {
        ck_assert_int_eq(atoi(get("errors[%u].code", i - 1)), (int)i);
        ck_assert_str_eq(get("errors[%u].symbol", i - 1), error_symbol((enum error_code)i));
        ck_assert_ptr_nonnull(get("errors[%u].help", i - 1));
    }
    ck_assert_str_eq(json_find(&json, "version"), DAWD_VERSION);
    for (unsigned i = 0; get("limits[%u].name", i); i++)
        ck_assert(*get("limits[%u].value", i) >= '0' && get("limits[%u].help", i));
    for (unsigned i = 0; i < n_node_registry; i++)
        ck_assert(!strstr("all types commands values errors limits", node_registry[i]->name));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_control_of_every_type_takes_its_ends_and_its_default, every_meter_and_reading_that_is_told_can_be_read,
        every_command_refuses_what_its_row_does_not_allow, codes_of_failures_and_limits_are_told_as_they_are};
    return osc_rig_suite("an interface from the description", open_rig, close_rig, tests, ROWS(tests));
}
