/* Every command put to right use, then to every wrong one. */
#include <stdio.h>
#include <string.h>

#include "osc/command.h"
#include "tests/osc_rig.h"

static struct osc_rig rig;

static void open_rig(void)
{
    osc_rig_open(&rig);
    osc_rig_do(&rig, "/graph/add osc tone freq 300.0");
    osc_rig_do(&rig, "/graph/add gain one");
    osc_rig_do(&rig, "/graph/add gain two");
    osc_rig_do(&rig, "/graph/connect tone one");
    osc_rig_do(&rig, "/graph/connect one two");
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

/* Right uses of every command, all arguments given first: the wrong uses are made of that one. */
static const char *const rights[] = {
    "/describe filter",
    "/describe /graph/add",
    "/describe",
    "/graph/add gain new gain -6.0 channels 1",
    "/graph/add gain newer",
    "/graph/connect tone one:gain gain -6.0 depth 1.0",
    "/graph/connect new out gain 3",
    "/graph/connect one:out.2 out:in.1",
    "/graph/disconnect one two",
    "/graph/dump dot",
    "/graph/dump osc",
    "/graph/dump",
    "/graph/get one",
    "/graph/list 1 2",
    "/graph/list 4",
    "/graph/list",
    "/graph/remove two",
    "/hello",
    "/log/level debug",
    "/log/level",
    "/log/tail 3",
    "/log/tail",
    "/ping",
    "/stats",
    "/sync 3",
    "/sync",
    "/types 1 2",
    "/types",
    "/quit",
};

static const struct command *command_of(const char *line)
{
    char address[64];
    snprintf(address, sizeof address, "%.*s", (int)strcspn(line, " "), line);
    const struct command *command = command_find(address);
    ck_assert_msg(command != NULL, "%s", line);
    return command;
}

START_TEST(every_command_is_tested_here)
{
    for (unsigned f = 0; f < n_command_families; f++)
        for (unsigned k = 0; k < command_families[f]->n_commands; k++) {
            const struct command *command = &command_families[f]->commands[k];
            unsigned i = 0;
            while (i < ROWS(rights) && command_of(rights[i]) != command)
                i++;
            ck_assert_msg(i < ROWS(rights), "%s is not", command->address);
        }
}
END_TEST

/* ---- right use ------------------------------------------------------------------------------------------------------- */

/* The types that a row promises: those that stand alone, and those of the group. */
struct shape {
    char single[16], group[16];
};

static struct shape shape_read(const char *results)
{
    struct shape shape = {0};
    char *types = shape.single;
    for (const char *at = results; *at && *at != '|'; at++) {
        if (*at == '[')
            types = shape.group;
        if (*at == ':')
            types[strlen(types)] = at[1];
    }
    return shape;
}

static bool has_type(const struct arg *arg, char type)
{
    return type == '*' || type == arg->tag || (type == 'b' && (arg->tag == 'T' || arg->tag == 'F'));
}

static bool has_shape(const struct shape *shape, const struct arg *args, unsigned n)
{
    unsigned n_single = (unsigned)strlen(shape->single), n_group = (unsigned)strlen(shape->group);
    if (n < n_single || (n_group ? (n - n_single) % n_group != 0 : n != n_single))
        return false;
    for (unsigned i = 0; i < n; i++)
        if (!has_type(&args[i], i < n_single ? shape->single[i] : shape->group[(i - n_single) % n_group]))
            return false;
    return true;
}

static void check_results(const char *line, const struct osc_rig_answer *answer)
{
    static struct arg args[1024];
    const struct command *command = command_of(line);
    const char *other = strchr(command->results, '|');
    struct message message = message_read(answer->packet.data);
    unsigned n = message_args(&message, args, ROWS(args));
    struct shape usual = shape_read(command->results), rare = shape_read(other ? other + 1 : "");
    ck_assert_str_eq(message.address, "/done");
    ck_assert_int_eq(args[0].i, 5);
    ck_assert_str_eq(args[1].s, command->address);
    ck_assert_msg(has_shape(&usual, args + 2, n - 2) || (other && has_shape(&rare, args + 2, n - 2)), "%s promises %s: %s",
                  command->address, command->results, answer->line);
}

START_TEST(every_command_answers_once_with_the_results_it_promises)
{
    char line[256];
    for (unsigned i = 0; i < ROWS(rights); i++) {
        snprintf(line, sizeof line, "/req/5%s", rights[i]);
        osc_rig_send(&rig, line);
        osc_rig_run(&rig);
        if (strncmp(rights[i], "/sync", 5) == 0)
            ck_assert(strncmp(osc_rig_line(&rig), "/synced ", 8) == 0);
        const struct osc_rig_answer *answer = osc_rig_answer(&rig);
        ck_assert_msg(answer != NULL, "%s is not answered", rights[i]);
        check_results(rights[i], answer);
        ck_assert_msg(!osc_rig_answer(&rig), "%s is answered twice", rights[i]);
    }
    ck_assert_uint_eq(rig.server->counters.failures, 0);
}
END_TEST

START_TEST(edits_do_what_they_say)
{
    osc_rig_do(&rig, "/graph/add filter lp cutoff 500.0 channels 1 mode notch");
    osc_rig_do(&rig, "/graph/connect one:out.2 lp gain -3.5");
    osc_rig_do(&rig, "/graph/connect tone lp:cutoff depth 2.0");
    osc_rig_do(&rig, "/graph/disconnect one two");
    osc_rig_do(&rig, "/graph/remove two");
    osc_rig_do(&rig, "/graph/connect tone lp:cutoff depth 0.5 gain -6");
    ck_assert_str_eq(osc_rig_dump(&rig), "/graph/add osc tone freq 300.0\n"
                                         "/graph/add gain one\n"
                                         "/graph/add filter lp channels 1 mode notch cutoff 500.0\n"
                                         "/graph/connect tone:out one:in\n"
                                         "/graph/connect tone:out lp:cutoff gain -6.0 depth 0.5\n"
                                         "/graph/connect one:out.2 lp:in gain -3.5\n");
}
END_TEST

START_TEST(queries_tell_what_there_is)
{
    ck_assert_str_eq(osc_rig_do(&rig, "/graph/list"),
                     "/done 0 /graph/list 5 in input out output tone osc one gain two gain");
    ck_assert_str_eq(osc_rig_do(&rig, "/graph/list 1 2"), "/done 0 /graph/list 5 out output tone osc");
    ck_assert_str_eq(osc_rig_do(&rig, "/graph/list 5"), "/done 0 /graph/list 5");
    ck_assert_str_eq(osc_rig_do(&rig, "/graph/list 9000000000h 1"), "/done 0 /graph/list 5");
    ck_assert_str_eq(osc_rig_do(&rig, "/graph/get one"),
                     "/done 0 /graph/get \"/graph/add gain one\\n/graph/connect one:out two:in\\n\"");
    ck_assert_str_eq(osc_rig_do(&rig, "/hello"), "/done 0 /hello dawd 0.1.0 1 rig 48000");
    ck_assert_str_eq(osc_rig_do(&rig, "/ping"), "/done 0 /ping");
    ck_assert_str_eq(osc_rig_do(&rig, "/types 0 2"), "/done 0 /types 9 delay filter");
    ck_assert_str_eq(osc_rig_do(&rig, "/log/level"), "/done 0 /log/level info");
    ck_assert_str_eq(osc_rig_do(&rig, "/log/level error"), "/done 0 /log/level error");
    ck_assert_str_eq(osc_rig_do(&rig, "/log/level"), "/done 0 /log/level error");
}
END_TEST

START_TEST(statistics_tell_nodes_edits_and_requests)
{
    const char *line = osc_rig_do(&rig, "/stats");
    static const char *const parts[] = {" nodes 5h ", " connections 2h ", " revision 5h ", " requests 6h ", " failures 0h ",
                                        " rate_hz 48000.0 ", " cause \"this is a test\"", " realtime F "};
    for (unsigned i = 0; i < ROWS(parts); i++)
        ck_assert_msg(strstr(line, parts[i]) != NULL, "%s is not in %s", parts[i], line);
}
END_TEST

/* ---- wrong use ------------------------------------------------------------------------------------------------------- */

#define WORDS_MOST 16

/* A line cut into words, and its row. */
struct words {
    char text[256], *word[WORDS_MOST];
    unsigned n; /* the address included */
    char row_text[256], *row[WORDS_MOST];
    unsigned n_row;
    bool has_rest;
};

static unsigned cut(char *text, char **words)
{
    unsigned n = 0;
    char *save;
    for (char *word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save))
        words[n++] = word;
    return n;
}

static void words_read(struct words *words, const char *line)
{
    *words = (struct words){0};
    snprintf(words->text, sizeof words->text, "%s", line);
    snprintf(words->row_text, sizeof words->row_text, "%s", command_of(line)->args);
    words->n = cut(words->text, words->word);
    words->n_row = cut(words->row_text, words->row);
    words->has_rest = strstr(command_of(line)->args, "...") != NULL;
}

/* Sends the first n words with `more` behind, and word `at` (0: none) replaced. */
static void refuse_words(const struct words *words, unsigned n, unsigned at, const char *by, const char *more,
                         enum error_code code, const char *names)
{
    char line[512] = "";
    for (unsigned i = 0; i < n; i++)
        snprintf(line + strlen(line), sizeof line - strlen(line), "%s ", at && i == at ? by : words->word[i]);
    snprintf(line + strlen(line), sizeof line - strlen(line), "%s", more);
    osc_rig_refuse(&rig, line, code, names, "usage: ", words->word[0], NULL);
}

/* The name in "[name:T]" or "name=T". */
static const char *name_of(const char *word, char *name)
{
    word += *word == '[';
    sprintf(name, "%.*s", (int)strcspn(word, ":=!"), word);
    return name;
}

/* Arguments with a place of their own: each left out, and each of a wrong type. */
static void misuse_places(const struct words *words)
{
    char name[64];
    for (unsigned i = 0; i < words->n_row && strchr(words->row[i], ':'); i++) {
        name_of(words->row[i], name);
        refuse_words(words, words->n, i + 1, "%b:00", "", ERROR_BAD_TYPE, name);
        if (words->row[i][0] != '[')
            refuse_words(words, i + 1, 0, "", "", ERROR_BAD_TYPE, name);
    }
}

/* Keywords: unknown, given twice, without value, with a value that is none. */
static void misuse_keywords(const struct words *words)
{
    static const char *const numbers[] = {"%f:7fc00000", "%f:7f800000", "%d:fff0000000000000"};
    char name[64];
    for (unsigned i = words->n_row; i < words->n && !words->has_rest; i++) {
        const char *keyword = words->word[i];
        for (unsigned k = 0; k < words->n_row; k++) {
            if (!strchr(words->row[k], '=') || strcmp(name_of(words->row[k], name), keyword) != 0)
                continue;
            refuse_words(words, words->n, i, "zebra", "", ERROR_BAD_TYPE, "zebra");
            refuse_words(words, i + 1, 0, "", "", ERROR_BAD_TYPE, keyword);
            refuse_words(words, words->n, i + 1, "loud", "", ERROR_BAD_TYPE, keyword);
            for (unsigned v = 0; v < ROWS(numbers); v++)
                refuse_words(words, words->n, i + 1, numbers[v], "", ERROR_BAD_VALUE, keyword);
            char twice[128];
            snprintf(twice, sizeof twice, "%s %s", keyword, words->word[i + 1]);
            refuse_words(words, words->n, 0, "", twice, ERROR_BAD_TYPE, "given twice");
        }
    }
}

START_TEST(what_does_not_fit_its_row_is_refused_by_every_command)
{
    const struct command *last = NULL;
    for (unsigned i = 0; i < ROWS(rights); i++) {
        struct words words;
        if (command_of(rights[i]) == last)
            continue; /* not all arguments given */
        last = command_of(rights[i]);
        words_read(&words, rights[i]);
        misuse_places(&words);
        misuse_keywords(&words);
        if (!words.has_rest)
            refuse_words(&words, words.n, 0, "", "zebra", ERROR_BAD_TYPE, "zebra");
    }
    ck_assert(!rig.has_quit);
}
END_TEST

static const struct wrong {
    const char *line;
    enum error_code code;
    const char *says; /* the whole text up to here */
} wrongs[] = {
    {"/graph/add theremin x", ERROR_NO_SUCH_TYPE, "there is no type \"theremin\"; /types lists them"},
    {"/graph/add gain one", ERROR_NAME_TAKEN, "there is a node named \"one\" already (a gain)"},
    {"/graph/add gain out", ERROR_NAME_TAKEN, "there is a node named \"out\" already (a output)"},
    {"/graph/add gain 9lives", ERROR_BAD_VALUE, "\"9lives\" is no name: "},
    {"/graph/add gain \"\"", ERROR_BAD_VALUE, "\"\" is no name: "},
    {"/graph/add gain a/b/c/d/e", ERROR_BAD_VALUE, "the name \"a/b/c/d/e\" has more than 4 parts"},
    {"/graph/add gain one/gain", ERROR_NAME_TAKEN, "\"one/gain\" is the address of a value of \"one\" (a gain)"},
    {"/graph/add gain out/clipped", ERROR_NAME_TAKEN, "\"out/clipped\" is the address of a value of \"out\" (a output)"},
    {"/graph/add gain x/bypass", ERROR_BAD_VALUE, "the name \"x/bypass\" must not end in /bypass"},
    {"/graph/add gain x gian 3", ERROR_NO_SUCH_PARAM, "a gain has no parameter \"gian\"; it has: gain"},
    {"/graph/add gain x gain", ERROR_BAD_TYPE, "\"gain\" needs a value behind it"},
    {"/graph/add gain x -6.0", ERROR_BAD_TYPE, "behind type and name come pairs of a parameter's name and its value: -6 is no name"},
    {"/graph/add gain x gain 1 gain 2", ERROR_BAD_TYPE, "\"gain\" is given twice"},
    {"/graph/add gain x channels 1 channels 1", ERROR_BAD_TYPE, "\"channels\" is given twice"},
    {"/graph/add gain x gain 25", ERROR_RANGE, "gain 25 dB is outside its range -120 to 24 dB"},
    {"/graph/add gain x gain %f:7fc00000", ERROR_BAD_VALUE, "gain was given something that is not a number (NaN)"},
    {"/graph/add gain x gain %f:ff800000", ERROR_RANGE, "gain -inf dB is outside its range -120 to 24 dB"},
    {"/graph/add gain x gain loud", ERROR_BAD_TYPE, "gain takes a number in dB, not \"loud\""},
    {"/graph/add gain x gain %b:00", ERROR_BAD_TYPE, "gain takes a number, not an argument of type b"},
    {"/graph/add filter x mode banjo", ERROR_BAD_VALUE, "mode \"banjo\" is none of: lowpass, highpass, "},
    {"/graph/add filter x mode 1.5", ERROR_BAD_VALUE, "mode 1.5 is no whole number"},
    {"/graph/add filter x mode 6", ERROR_RANGE, "mode 6 is outside its range 0 to 5, which mean: lowpass, highpass, "},
    {"/graph/add filter x mode %b:00", ERROR_BAD_TYPE, "mode takes a number or a name, not an argument of type b"},
    {"/graph/add player x loop yes", ERROR_BAD_TYPE, "loop takes T or F, not \"yes\""},
    {"/graph/add player x file 5", ERROR_BAD_TYPE, "file takes the path of a file, as a string that is not empty"},
    {"/graph/add player x file \"\"", ERROR_BAD_TYPE, "file takes the path of a file, as a string that is not empty"},
    {"/graph/add player x channels 2", ERROR_UNSUPPORTED, "the width of a player cannot be chosen: leave out channels"},
    {"/graph/add gain x channels 9", ERROR_RANGE, "channels 9 is outside its range 1 to 8"},
    {"/graph/add gain x channels 0", ERROR_RANGE, "channels 0 is outside its range 1 to 8"},
    {"/graph/add gain x channels two", ERROR_BAD_TYPE, "channels must be a whole number, not \"two\""},
    {"/graph/add pan x channels 3", ERROR_RANGE, "channels 3 is outside its range 1 to 2"},
    {"/graph/remove nobody", ERROR_NO_SUCH_NODE, "no node is named \"nobody\"; /graph/list names them all"},
    {"/graph/remove tune", ERROR_NO_SUCH_NODE, "no node is named \"tune\"; did you mean \"tone\"?"},
    {"/graph/remove out", ERROR_DENIED, "the node \"out\" is part of every session and cannot be removed"},
    {"/graph/get nobody", ERROR_NO_SUCH_NODE, "no node is named \"nobody\""},
    {"/graph/connect out one", ERROR_NO_SUCH_PORT, "out (output) has no output: nothing can be connected from it, only to it"},
    {"/graph/connect one in", ERROR_NO_SUCH_PORT, "in (input) has no input: nothing can be connected to it, only from it"},
    {"/graph/connect one tone", ERROR_NO_SUCH_PORT, "tone (osc) has no input for sound; parameters that can be moved, as tone:NAME: freq, "},
    {"/graph/connect one:left out", ERROR_NO_SUCH_PORT, "one (gain) has no output \"left\"; its outputs: out"},
    {"/graph/connect one out:left", ERROR_NO_SUCH_PORT, "out (output) has no input \"left\"; its inputs: in, "},
    {"/graph/connect one:out.3 out", ERROR_NO_SUCH_PORT, "\"one:out.3\" asks for channel 3 of a port that has 2"},
    {"/graph/connect one:out.9 out", ERROR_BAD_VALUE, "\"9\" in \"one:out.9\" selects no channels: write .2 or .3-4 (1 to 8)"},
    {"/graph/connect one: out", ERROR_BAD_VALUE, "\"one:\" names no port: write node:port"},
    {"/graph/connect \"\" out", ERROR_BAD_VALUE, "\"\" is no name: "},
    {"/graph/connect nobody out", ERROR_NO_SUCH_NODE, "no node is named \"nobody\""},
    {"/graph/connect one nobody", ERROR_NO_SUCH_NODE, "no node is named \"nobody\""},
    {"/graph/connect tone one:gain", ERROR_BAD_TYPE, "one:gain is a parameter: say how far it shall move, as in \"depth 2\""},
    {"/graph/connect tone one depth 2", ERROR_BAD_TYPE, "one is no parameter, so it takes no depth; \"gain -6\" sets a level"},
    {"/graph/connect tone one:gain depth 1e300d", ERROR_BAD_VALUE, "depth must be a finite number"},
    {"/graph/connect tone one gain 25", ERROR_RANGE, "gain 25 dB is outside its range -120 to 24 dB"},
    {"/graph/connect tone one gain -1e300d", ERROR_RANGE, "gain -inf dB is outside its range -120 to 24 dB"},
    {"/graph/connect two one", ERROR_CYCLE, "two to one would close the loop two -> one -> two"},
    {"/graph/connect one one:gain depth 1", ERROR_CYCLE, "one to one:gain would close the loop one -> one"},
    {"/graph/disconnect tone two", ERROR_CONFLICT, "tone is not connected to two"},
    {"/graph/disconnect one:out.1 two", ERROR_CONFLICT, "one:out.1 is not connected to two"},
    {"/graph/disconnect tone nobody", ERROR_NO_SUCH_NODE, "no node is named \"nobody\""},
    {"/graph/list -1", ERROR_RANGE, "offset -1 is outside its range: 0 or more"},
    {"/graph/list 0 -7", ERROR_RANGE, "count -7 is outside its range: 0 or more"},
    {"/types -1", ERROR_RANGE, "offset -1 is outside its range: 0 or more"},
    {"/graph/dump svg", ERROR_BAD_VALUE, "the format \"svg\" is none of: osc, dot"},
    {"/describe theremin", ERROR_NO_SUCH_TYPE, "\"theremin\" is neither a type (/types lists them) nor a command"},
    {"/describe /graph/ad", ERROR_BAD_ADDRESS, "there is no command \"/graph/ad\"; did you mean /graph/add?"},
    {"/describe /what/ever", ERROR_BAD_ADDRESS, "there is no command \"/what/ever\"; /describe alone lists them"},
    {"/log/tail 0", ERROR_RANGE, "n 0 is outside its range 1 to 1000 lines"},
    {"/log/tail 1001", ERROR_RANGE, "n 1001 is outside its range 1 to 1000 lines"},
    {"/log/level loud", ERROR_BAD_VALUE, "level \"loud\" is none of: error, warning, info, debug"},
    {"/sync 3000000000h", ERROR_RANGE, "id 3000000000 is outside its range -2147483648 to 2147483647"},
};

START_TEST(what_makes_no_sense_is_refused_with_what_would)
{
    for (unsigned i = 0; i < ROWS(wrongs); i++) {
        const char *text = osc_rig_refuse(&rig, wrongs[i].line, wrongs[i].code, wrongs[i].says, NULL);
        ck_assert_msg(strncmp(text, wrongs[i].says, strlen(wrongs[i].says)) == 0, "%s: %s", wrongs[i].line, text);
    }
}
END_TEST

START_TEST(widths_that_do_not_fit_are_refused_by_number)
{
    osc_rig_do(&rig, "/graph/add gain three channels 3");
    osc_rig_refuse(&rig, "/graph/connect one three", ERROR_BAD_TYPE, "one has 2 channels, three has 3", "or one of them 1", NULL);
    osc_rig_refuse(&rig, "/graph/connect one three:in.1-3", ERROR_BAD_TYPE, "three:in.1-3 has 3", NULL);
    osc_rig_do(&rig, "/graph/connect one three:in.2-3");
}
END_TEST

START_TEST(a_name_that_would_hide_a_value_is_refused)
{
    osc_rig_do(&rig, "/graph/add gain group/gain");
    osc_rig_refuse(&rig, "/graph/add gain group", ERROR_NAME_TAKEN, "group/gain", "a value of \"group\"", NULL);
    osc_rig_do(&rig, "/graph/add osc group");
}
END_TEST

START_TEST(a_name_of_the_longest_kind_works_and_a_longer_one_does_not)
{
    char name[300], line[400];
    memset(name, 'a', sizeof name);
    for (unsigned part = 1; part < 4; part++)
        name[part * 61 - 1] = '/';
    name[240] = '\0';
    snprintf(line, sizeof line, "/graph/add gain %s", name);
    osc_rig_do(&rig, line);
    snprintf(line, sizeof line, "/node/%s/gain -6.0", name);
    osc_rig_send(&rig, line);
    snprintf(line, sizeof line, "/graph/connect tone:out %s:in", name);
    osc_rig_do(&rig, line);
    snprintf(line, sizeof line, "/graph/add gain %sb", name);
    osc_rig_refuse(&rig, line, ERROR_BAD_VALUE, "241 bytes", NULL);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_command_is_tested_here,
        every_command_answers_once_with_the_results_it_promises,
        edits_do_what_they_say,
        queries_tell_what_there_is,
        statistics_tell_nodes_edits_and_requests,
        what_does_not_fit_its_row_is_refused_by_every_command,
        what_makes_no_sense_is_refused_with_what_would,
        widths_that_do_not_fit_are_refused_by_number,
        a_name_that_would_hide_a_value_is_refused,
        a_name_of_the_longest_kind_works_and_a_longer_one_does_not,
    };
    return osc_rig_suite("use of commands", open_rig, close_rig, tests, ROWS(tests));
}
