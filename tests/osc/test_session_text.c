/* What may stand in a session and what may not, line by line; and that any graph comes back from it, byte by byte. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/command.h"
#include "tests/graph_rig.h"
#include "tests/session_rig.h"

static struct osc_rig rig;

static void open_rig(void)
{
    osc_rig_open(&rig);
    osc_rig_do(&rig, "/graph/add osc tone freq 300.0");
    osc_rig_do(&rig, "/graph/connect tone out gain -6");
    osc_rig_ask(&rig, "/node/out/ceiling -3.0");
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

/* ---- what is refused ------------------------------------------------------------------------------------------------- */

static const struct wrong {
    const char *text;
    enum error_code code;
    const char *says;
} wrongs[] = {
    {"", ERROR_BAD_FILE, "line 1: it is no session"},
    {"\n", ERROR_BAD_FILE, "line 1: it is no session"},
    {"# end\n", ERROR_BAD_FILE, "line 1: it is no session, which begins with: # dawd session 1"},
    {"RIFF", ERROR_BAD_FILE, "line 1: it is no session"},
    {"\n# dawd session 1\n# end\n", ERROR_BAD_FILE, "line 1: it is no session"},
    {"# dawd session 2\n# end\n", ERROR_BAD_FILE,
     "line 1: a session of another form, which this version cannot read: # dawd session 2"},
    {"# dawd session 11\n# end\n", ERROR_BAD_FILE, "line 1: a session of another form"},
    {"# dawd session\n# end\n", ERROR_BAD_FILE, "line 1: it is no session"},
    {"# dawd session 1", ERROR_BAD_FILE, "it is cut off, or lacks its last line, which must be: # end"},
    {"# dawd session 1\n", ERROR_BAD_FILE, "it is cut off"},
    {"# dawd session 1\n/graph/add gain a\n", ERROR_BAD_FILE, "it is cut off"},
    {"# dawd session 1\n/graph/add gain a # end", ERROR_BAD_FILE, "it is cut off"},
    {"# dawd session 1\n# en", ERROR_BAD_FILE, "it is cut off"},
    {"# dawd session 1\n# end.\n", ERROR_BAD_FILE, "it is cut off"},
    {"# dawd session 1\n # end\n", ERROR_BAD_FILE, "it is cut off"},
    {"# dawd session 1\n# end \n", ERROR_BAD_FILE, "it is cut off"},
    {"# dawd session 1\n# end\n/graph/add gain a\n", ERROR_BAD_FILE, "it is cut off"},
    {"# dawd session 1\n/graph/add gain a\n# end\n\n/graph/add gain b\n# end\n", ERROR_BAD_FILE,
     "line 3: # end is the last line of a session, but more follows"},
    {"# dawd session 1\n\n/graph/add nothing a\n# end\n", ERROR_NO_SUCH_TYPE, "line 3, /graph/add: there is no type"},
    {"# dawd session 1\n/graph/add gain a gain 99\n# end\n", ERROR_RANGE, "line 2, /graph/add: gain 99 dB is outside"},
    {"# dawd session 1\n/graph/add gain\n# end\n", ERROR_BAD_TYPE, "line 2, /graph/add: name is missing; usage"},
    {"# dawd session 1\n/graph/add gain 1a\n# end\n", ERROR_BAD_VALUE, "line 2, /graph/add: "},
    {"# dawd session 1\n/graph/add gain a\n/graph/add gain a\n# end\n", ERROR_NAME_TAKEN,
     "line 3, /graph/add: there is a node"},
    {"# dawd session 1\n/graph/add gain out\n# end\n", ERROR_NAME_TAKEN,
     "line 2, /graph/add: there is a node named \\\"out\\\""},
    {"# dawd session 1\n/graph/connect tone out\n# end\n", ERROR_NO_SUCH_NODE,
     "line 2, /graph/connect: no node is named \\\"tone\\\""},
    {"# dawd session 1\n/graph/connect in:nothing out\n# end\n", ERROR_NO_SUCH_PORT, "line 2, /graph/connect: "},
    {"# dawd session 1\n/graph/add gain a\n/graph/connect a a\n# end\n", ERROR_CYCLE, "line 3, /graph/connect: "},
    {"# dawd session 1\n/graph/disconnect in out\n# end\n", ERROR_CONFLICT, "line 2, /graph/disconnect: "},
    {"# dawd session 1\n/graph/remove in\n# end\n", ERROR_DENIED, "line 2, /graph/remove: "},
    {"# dawd session 1\n/node/out/ceiling 99.0\n# end\n", ERROR_RANGE, "line 2, /node/out/ceiling: "},
    {"# dawd session 1\n/node/tone/freq 99.0\n# end\n", ERROR_NO_SUCH_NODE, "line 2, /node/tone/freq: "},
    {"# dawd session 1\n/node/out/clipped 1.0\n# end\n", ERROR_UNSUPPORTED, "line 2, /node/out/clipped: "},
    {"# dawd session 1\n/node/out/ceiling\n# end\n", ERROR_UNSUPPORTED,
     "line 2, /node/out/ceiling: /node/out/ceiling asks for something"},
    {"# dawd session 1\n/node/out\n# end\n", ERROR_UNSUPPORTED, "line 2, /node/out: /node/out asks for something"},
    {"# dawd session 1\n/graph/list\n# end\n", ERROR_UNSUPPORTED,
     "line 2, /graph/list: /graph/list asks for something and cannot be part"},
    {"# dawd session 1\n/graph/dump\n# end\n", ERROR_UNSUPPORTED, "line 2, /graph/dump: "},
    {"# dawd session 1\n/ping\n# end\n", ERROR_UNSUPPORTED, "line 2, /ping: "},
    {"# dawd session 1\n/sync 1\n# end\n", ERROR_UNSUPPORTED, "line 2, /sync: /sync cannot be part of a session"},
    {"# dawd session 1\n/quit\n# end\n", ERROR_UNSUPPORTED, "line 2, /quit: /quit cannot be part of a session"},
    {"# dawd session 1\n/log/level debug\n# end\n", ERROR_UNSUPPORTED, "line 2, /log/level: "},
    {"# dawd session 1\n/session/new\n# end\n", ERROR_UNSUPPORTED, "line 2, /session/new: "},
    {"# dawd session 1\n/session/load song.dawd\n# end\n", ERROR_UNSUPPORTED, "line 2, /session/load: "},
    {"# dawd session 1\n/session/save x\n# end\n", ERROR_UNSUPPORTED, "line 2, /session/save: "},
    {"# dawd session 1\n/session/info\n# end\n", ERROR_UNSUPPORTED, "line 2, /session/info: "},
    {"# dawd session 1\n/tx fade 0\n# end\n", ERROR_BAD_ADDRESS, "line 2, /tx: a session is one transaction by itself"},
    {"# dawd session 1\n/req/3/graph/add gain a\n# end\n", ERROR_BAD_ADDRESS,
     "line 2, /req/3/graph/add: a message of a session has no request id of its own"},
    {"# dawd session 1\n/nonsense 1\n# end\n", ERROR_BAD_ADDRESS, "line 2, /nonsense: \\\"/nonsense\\\" is neither"},
    {"# dawd session 1\n/graph/ad gain a\n# end\n", ERROR_BAD_ADDRESS, "line 2, /graph/ad: there is no command"},
    {"# dawd session 1\n[\n/graph/add gain a\n]\n# end\n", ERROR_UNSUPPORTED,
     "line 2: brackets have no place in a session"},
    {"# dawd session 1\n]\n# end\n", ERROR_UNSUPPORTED, "line 2: brackets"},
    {"# dawd session 1\ngain a\n# end\n", ERROR_BAD_ADDRESS, "line 2, column 1: "},
    {"# dawd session 1\n/graph/add gain \"a\n# end\n", ERROR_BAD_VALUE, "line 2, column 17: the quote"},
    {"# dawd session 1\n/graph/add gain a gain 99999999999\n# end\n", ERROR_RANGE, "line 2, column 24: "},
};

START_TEST(every_wrong_line_is_told_by_its_number_and_changes_nothing)
{
    for (unsigned i = 0; i < ROWS(wrongs); i++)
        session_rig_refuse(&rig, wrongs[i].text, wrongs[i].code, wrongs[i].says);
    ck_assert(!rig.has_quit);
    ck_assert_str_eq(rig.level, "info");
}
END_TEST

START_TEST(a_zero_byte_is_refused_with_its_line)
{
    static const char text[] = "# dawd session 1\n/graph/add gain a\n/graph/add gain b\0\n# end\n";
    const char *answer = session_rig_load(&rig, "s", text, sizeof text - 1);
    ck_assert_msg(strstr(answer, "bad_value \"\\\"s\\\": line 3, column 18: a zero byte") != NULL, "%s", answer);
}
END_TEST

START_TEST(more_values_than_a_transaction_holds_are_refused)
{
    struct bytes text = {0};
    bytes_print(&text, "# dawd session 1\n/graph/add gain a\n");
    for (unsigned i = 0; i < 4097; i++)
        bytes_print(&text, "/node/a/gain -%u.0\n", i % 7);
    bytes_print(&text, "# end\n");
    bytes_add_byte(&text, 0);
    session_rig_refuse(&rig, (const char *)text.data, ERROR_TOO_BIG, ", /node/a/gain: more than 4096 values");
    bytes_deinit(&text);
}
END_TEST

/* ---- what is taken --------------------------------------------------------------------------------------------------- */

START_TEST(a_session_by_hand_may_look_as_it_likes)
{
    session_rig_do(&rig, "\n  # indented\n\t/graph/add gain   a\t gain -1\n\n/node/a/gain -2.0 5.0\n"
                         "/graph/connect in a\n/graph/disconnect in a\n/graph/add osc x\n/graph/remove x\n");
    ck_assert_str_eq(osc_rig_dump(&rig), "/graph/add gain a gain -2.0\n");
    static const char crlf[] = "# dawd session 1\r\n/graph/add gain b\r\n# end\r\n";
    session_rig_load(&rig, "s", crlf, strlen(crlf));
    ck_assert_str_eq(osc_rig_dump(&rig), "/graph/add gain b\n");
    static const char bare[] = "# dawd session 1\n# end";
    session_rig_load(&rig, "s", bare, strlen(bare));
    ck_assert_str_eq(osc_rig_dump(&rig), "");
    static const char blank[] = "# dawd session 1\n/graph/add gain b\n# end\n\n\r\n";
    session_rig_load(&rig, "s", blank, strlen(blank));
    ck_assert_str_eq(osc_rig_dump(&rig), "/graph/add gain b\n");
}
END_TEST

/* ---- there and back -------------------------------------------------------------------------------------------------- */

/* Load and save give the same bytes: over the session that plays, and over an empty one. */
static void check_comes_back(void)
{
    struct osc_rig other;
    char *text = session_rig_save(&rig, "s");
    osc_rig_open(&other);
    for (unsigned i = 0; i < 2; i++) {
        struct osc_rig *to = i ? &rig : &other;
        const char *answer = session_rig_load(to, "s", text, strlen(text));
        ck_assert_msg(strncmp(answer, "/done", 5) == 0, "%s is answered by %s", text, answer);
        char *again = session_rig_save(to, "s");
        ck_assert_str_eq(again, text);
        free(again);
    }
    osc_rig_close(&other);
    free(text);
}

START_TEST(a_node_of_every_type_comes_back)
{
    unsigned n = session_rig_fill(&rig);
    ck_assert_msg(n + 2 >= n_node_registry, "only %u of %u types could be made", n, n_node_registry);
    check_comes_back();
}
END_TEST

START_TEST(names_of_any_form_come_back)
{
    char name[NAME_BYTES] = "", line[NAME_BYTES + 40];
    static const char *const names[] = {"T",    "F",       "inf",  "nan",   "_",   "e1.5", "h",
                                        "x.-_", "a/b/c/d", "file", "_1/_2", "end", "in/x"};
    for (unsigned i = 0; i < ROWS(names); i++) {
        snprintf(line, sizeof line, "/graph/add osc \"%s\"", names[i]);
        osc_rig_do(&rig, line);
        snprintf(line, sizeof line, "/graph/connect \"%s\" out:in.%u", names[ROWS(names) - 1 - i], 1 + i % 2);
        osc_rig_ask(&rig, line);
    }
    for (unsigned part = 0; part < 3; part++)
        for (unsigned i = 0; i < 63; i++)
            name[part * 64 + i] = i == 0 ? 'N' : (char)('a' + i % 26), name[part * 64 + 63] = part < 2 ? '/' : '\0';
    snprintf(line, sizeof line, "/graph/add gain %s", name);
    osc_rig_do(&rig, line);
    snprintf(line, sizeof line, "/graph/connect %s out", name);
    osc_rig_do(&rig, line);
    check_comes_back();
}
END_TEST

/* An edit that may or may not be possible, of nodes n0 to n19. */
static void random_edit(uint32_t *seed)
{
    static const char *const types[] = {"gain", "filter", "osc", "lfo", "pan", "player"};
    static const char *const from[] = {"", ":out", ":out.1", ":out.2"}, *const to[] = {"", ":in", ":in.2", ":in.1-2"};
    static const char *const moved[] = {"gain", "cutoff", "freq", "pan"};
    char line[200];
    unsigned a = dice_below(seed, 20), b = dice_below(seed, 20), kind = dice_below(seed, 20);
    double x = (double)dice(seed) / 4294967296.0;
    const char *type = types[dice_below(seed, 6)];
    if (kind < 4)
        snprintf(line, sizeof line, "/graph/add %s n%u%s", type, a, strcmp(type, "player") == 0 ? " file x.wav" : "");
    else if (kind == 4)
        snprintf(line, sizeof line, "/graph/remove n%u", a);
    else if (kind < 7)
        snprintf(line, sizeof line, "/req/1/node/n%u/%s %.9g", a, moved[dice_below(seed, 4)], -x * x);
    else if (kind < 9)
        snprintf(line, sizeof line, "/graph/disconnect n%u out", a);
    else if (kind < 13)
        snprintf(line, sizeof line, "/graph/connect n%u%s out%s gain %.9g", a, from[dice_below(seed, 4)],
                 to[dice_below(seed, 4)], 20 * x - 10);
    else if (kind == 13)
        snprintf(line, sizeof line, "/graph/%s in out:in.%u", x < 0.5 ? "connect" : "disconnect", 1 + a % 2);
    else if (kind == 14)
        snprintf(line, sizeof line, "/graph/connect n%u n%u feedback gain -3", a, b);
    else if (kind < 16)
        snprintf(line, sizeof line, "/graph/connect n%u:out.1 n%u:%s depth %.9g", a, b, moved[dice_below(seed, 4)], x);
    else
        snprintf(line, sizeof line, "/graph/connect n%u%s n%u%s", a, from[dice_below(seed, 4)], b, to[dice_below(seed, 4)]);
    osc_rig_send(&rig, line);
    while (rig.n_loads)
        osc_rig_load(&rig, "x.wav");
    if (dice_below(seed, 4) == 0)
        osc_rig_run(&rig);
}

START_TEST(any_graph_comes_back_with_its_sums_in_their_order)
{
    unsigned n_edges = 0;
    uint32_t seed = 20261;
    for (unsigned i = 0; i < RIG_ROUNDS(100, 20); i++) {
        for (unsigned k = 0; k < 60; k++)
            random_edit(&seed);
        osc_rig_run(&rig);
        rig.n_read = rig.n_answers;
        n_edges += rig.ctl->model.n_edges;
        check_comes_back();
    }
    ck_assert_msg(n_edges > 300, "only %u connections were tried", n_edges);
}
END_TEST

/* What comes out, frame by frame: of a graph that was edited into its shape, and of its session in another engine. */
START_TEST(a_session_sounds_the_same_to_the_last_bit)
{
    struct osc_rig other;
    static const char *const edits[] = {"/graph/add gain a gain -1.1",
                                        "/graph/add gain b gain -2.3",
                                        "/graph/add gain c gain -0.7",
                                        "/graph/connect in a",
                                        "/graph/connect in b",
                                        "/graph/connect in c",
                                        "/graph/connect c out gain -3.3",
                                        "/graph/connect a out gain -1.7",
                                        "/graph/connect b out gain -0.9",
                                        "/graph/disconnect c out",
                                        "/graph/connect c out gain -3.3",
                                        "/graph/remove tone"};
    for (unsigned i = 0; i < ROWS(edits); i++)
        osc_rig_do(&rig, edits[i]);
    osc_rig_wait(&rig);
    char *text = session_rig_save(&rig, "s");
    osc_rig_open(&other);
    session_rig_load(&other, "s", text, strlen(text));
    osc_rig_wait(&other);
    float sound[2][2][OSC_RIG_CYCLE], noise[2][OSC_RIG_CYCLE];
    uint32_t seed = 1;
    for (unsigned cycle = 0; cycle < 50; cycle++) {
        for (unsigned i = 0; i < 2 * OSC_RIG_CYCLE; i++)
            noise[i % 2][i / 2] = (float)dice(&seed) / 4294967296.0f - 0.5f;
        for (unsigned k = 0; k < 2; k++) {
            struct osc_rig *at = k ? &other : &rig;
            float *device[DEVICE_PORTS_MAX] = {0};
            for (unsigned c = 0; c < 2; c++) {
                device[model_find(&at->ctl->model, "in")->device_first + c] = noise[c];
                device[model_find(&at->ctl->model, "out")->device_first + c] = sound[k][c];
            }
            engine_cycle_rt(at->ctl->engine, &(struct cycle){.n_frames = OSC_RIG_CYCLE, .ports = device});
        }
        ck_assert_mem_eq(sound[0], sound[1], sizeof sound[0]);
        ck_assert_float_ne(sound[0][0][10], 0);
    }
    osc_rig_close(&other);
    free(text);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_wrong_line_is_told_by_its_number_and_changes_nothing,
        a_zero_byte_is_refused_with_its_line,
        more_values_than_a_transaction_holds_are_refused,
        a_session_by_hand_may_look_as_it_likes,
        a_node_of_every_type_comes_back,
        names_of_any_form_come_back,
        any_graph_comes_back_with_its_sums_in_their_order,
        a_session_sounds_the_same_to_the_last_bit,
    };
    return osc_rig_suite("text of sessions", open_rig, close_rig, tests, ROWS(tests));
}
