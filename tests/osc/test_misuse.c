/* Every command put to wrong use: told what is wrong and what would be right, once, and nothing has changed. */
#include <stdio.h>
#include <string.h>

#include "osc/catalog.h"
#include "osc/command.h"
#include "tests/osc/rights.h"
#include "tests/osc_rig.h"

static struct osc_rig rig;

static void open_rig(void)
{
    osc_rig_open(&rig);
    osc_rig_do(&rig, "/graph/add osc tone freq 300.0");
    osc_rig_do(&rig, "/graph/add gain one");
    osc_rig_do(&rig, "/graph/add arpeggiator keys");
    osc_rig_do(&rig, "/graph/add gain two");
    osc_rig_do(&rig, "/graph/connect tone one");
    osc_rig_do(&rig, "/graph/connect one two");
}

static void close_rig(void)
{
    osc_rig_close(&rig);
}

/* ---- what does not fit the row -------------------------------------------------------------------------------------- */

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
    unsigned n = 0;
    for (unsigned f = 0; f < n_command_families; f++)
        n += command_families[f]->n_commands;
    ck_assert_uint_eq(n, ROWS(rights));
    for (unsigned i = 1; i < n; i++)
        ck_assert_ptr_ne(command_of(rights[i]), command_of(rights[i - 1]));
}
END_TEST

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
    for (unsigned i = 0; i < ROWS(rights); i++) {
        struct words words;
        words_read(&words, rights[i]);
        misuse_places(&words);
        misuse_keywords(&words);
        if (!words.has_rest)
            refuse_words(&words, words.n, 0, "", "zebra", ERROR_BAD_TYPE, "zebra");
    }
    ck_assert(!rig.has_quit);
    ck_assert_uint_gt(rig.server->counters.failures, 2 * ROWS(rights));
}
END_TEST

/* ---- what means nothing ---------------------------------------------------------------------------------------------- */

#define NO_SUCH(word)                                                                                                      \
    "\"" word "\" is neither a type (/types lists them) nor a command (/describe does), nor one of: " CATALOG_PARTS

static const struct wrong {
    const char *line;
    enum error_code code;
    const char *says; /* the whole text up to here */
} wrongs[] = {
    {"/graph/add fliter x", ERROR_NO_SUCH_TYPE, "there is no type \"fliter\"; did you mean \"filter\"?"},
    {"/graph/add theremin x", ERROR_NO_SUCH_TYPE, "there is no type \"theremin\"; /types lists them"},
    {"/graph/add gain one", ERROR_NAME_TAKEN, "there is a node named \"one\" already (gain)"},
    {"/graph/add gain out", ERROR_NAME_TAKEN, "there is a node named \"out\" already (output)"},
    {"/graph/add gain 9lives", ERROR_BAD_VALUE, "\"9lives\" is no name: "},
    {"/graph/add gain \"\"", ERROR_BAD_VALUE, "\"\" is no name: "},
    {"/graph/add gain a/b/c/d/e", ERROR_BAD_VALUE, "the name \"a/b/c/d/e\" has more than 4 parts"},
    {"/graph/add gain one/gain", ERROR_NAME_TAKEN, "\"one/gain\" is the address of a value of \"one\" (gain)"},
    {"/graph/add gain out/clipped", ERROR_NAME_TAKEN, "\"out/clipped\" is the address of a value of \"out\" (output)"},
    {"/graph/add gain x/bypass", ERROR_BAD_VALUE, "the name \"x/bypass\" must not end in /bypass"},
    {"/graph/add gain x gian 3", ERROR_NO_SUCH_PARAM,
     "gain has no parameter \"gian\"; did you mean \"gain\"? it has: gain"},
    {"/graph/add gain x gain", ERROR_BAD_TYPE, "\"gain\" needs a value behind it"},
    {"/graph/add gain x -6.0", ERROR_BAD_TYPE,
     "behind the names come pairs of a parameter's name and its value: -6 is no name"},
    {"/graph/add gain x gain 1 gain 2", ERROR_BAD_TYPE, "\"gain\" is given twice"},
    {"/graph/add gain x channels 1 channels 1", ERROR_BAD_TYPE, "\"channels\" is given twice"},
    {"/graph/add gain x gain 25", ERROR_RANGE, "gain 25 dB is outside its range -120 to 24 dB"},
    {"/graph/add gain x gain %f:7fc00000", ERROR_BAD_VALUE, "gain was given something that is not a number (NaN)"},
    {"/graph/add gain x gain %f:ff800000", ERROR_RANGE, "gain -inf dB is outside its range -120 to 24 dB"},
    {"/graph/add gain x gain loud", ERROR_BAD_TYPE, "gain takes a number in dB, not \"loud\""},
    {"/graph/add gain x gain %b:00", ERROR_BAD_TYPE, "gain takes a number, not an argument of type b"},
    {"/graph/add delay x time 1/3", ERROR_BAD_TYPE,
     "time takes a number in s, or a note value such as \"1/8\", \"1/4t\" or \"1/2d\", not \"1/3\""},
    {"/graph/add delay x time 8/1", ERROR_RANGE, "time 8/1 is 16 s at 120 bpm, outside its range 0.001 to 8 s"},
    {"/graph/add delay x longest 1/4", ERROR_BAD_TYPE, "longest takes a number in s, not \"1/4\""},
    {"/graph/add filter x mode banjo", ERROR_BAD_VALUE, "mode \"banjo\" is none of: lowpass, highpass, "},
    {"/graph/add filter x mode 1.5", ERROR_BAD_VALUE, "mode 1.5 is no whole number"},
    {"/graph/add filter x mode 6", ERROR_RANGE, "mode 6 is outside its range 0 to 5, which mean: lowpass, highpass, "},
    {"/graph/add filter x mode %b:00", ERROR_BAD_TYPE, "mode takes a number or a name, not an argument of type b"},
    {"/graph/add player x loop yes", ERROR_BAD_TYPE, "loop takes T or F, not \"yes\""},
    {"/graph/add player x file 5", ERROR_BAD_TYPE, "file takes the path of a file, as a string that is not empty"},
    {"/graph/add player x file \"\"", ERROR_BAD_TYPE, "file takes the path of a file, as a string that is not empty"},
    {"/graph/add player x channels 2", ERROR_UNSUPPORTED,
     "player: the width of this type cannot be chosen, leave out channels"},
    {"/graph/add gain x channels 9", ERROR_RANGE, "channels 9 is outside its range 1 to 8"},
    {"/graph/add gain x channels 0", ERROR_RANGE, "channels 0 is outside its range 1 to 8"},
    {"/graph/add gain x channels two", ERROR_BAD_TYPE, "channels must be a whole number, not \"two\""},
    {"/graph/add pan x channels 3", ERROR_RANGE, "channels 3 is outside its range 1 to 2"},
    {"/graph/remove nobody", ERROR_NO_SUCH_NODE, "no node is named \"nobody\"; /graph/list names them all"},
    {"/graph/remove tune", ERROR_NO_SUCH_NODE, "no node is named \"tune\"; did you mean \"tone\"?"},
    {"/graph/remove out", ERROR_DENIED, "the node \"out\" is part of every session and cannot be removed"},
    {"/graph/get nobody", ERROR_NO_SUCH_NODE, "no node is named \"nobody\""},
    {"/graph/connect out one", ERROR_NO_SUCH_PORT,
     "out (output) has no output: nothing can be connected from it, only to it"},
    {"/graph/connect one in", ERROR_NO_SUCH_PORT, "in (input) has no input: nothing can be connected to it, only from it"},
    {"[\n/graph/add noise hiss\n/graph/connect one hiss\n]", ERROR_NO_SUCH_PORT,
     "message 2 of the bundle, /graph/connect: hiss (noise) has no input for sound; parameters that can be moved, as "
     "hiss:NAME: "
     "level"},
    {"/graph/connect one:left out", ERROR_NO_SUCH_PORT, "one (gain) has no output \"left\"; its outputs: out"},
    {"/graph/connect one out:left", ERROR_NO_SUCH_PORT, "out (output) has no input \"left\"; its inputs: in, "},
    {"/graph/connect one:out.3 out", ERROR_NO_SUCH_PORT, "\"one:out.3\" asks for channel 3 of a port that has 2"},
    {"/graph/connect one:out.9 out", ERROR_BAD_VALUE,
     "\"9\" in \"one:out.9\" selects no channels: write .2 or .3-4 (1 to 8)"},
    {"/graph/connect one: out", ERROR_BAD_VALUE, "\"one:\" names no port: write node:port"},
    {"/graph/connect \"\" out", ERROR_BAD_VALUE, "\"\" is no name: "},
    {"/graph/connect nobody out", ERROR_NO_SUCH_NODE, "no node is named \"nobody\""},
    {"/graph/connect one nobody", ERROR_NO_SUCH_NODE, "no node is named \"nobody\""},
    {"/graph/connect tone one:gain", ERROR_BAD_TYPE,
     "one:gain is a parameter: say how many dB a signal of 1 moves it, as in \"depth 10\""},
    {"/graph/connect one tone:freq", ERROR_BAD_TYPE,
     "tone:freq is a parameter: say how many octaves a signal of 1 moves it, as in \"depth 1\", which keeps a pitch in "
     "tune"},
    {"/graph/connect one tone:width", ERROR_BAD_TYPE,
     "tone:width is a parameter: say how far a signal of 1 moves it, as in \"depth 0.1\""},
    {"/graph/connect tone one depth 2", ERROR_BAD_TYPE,
     "one is no parameter, so it takes no depth; \"gain -6\" sets a level"},
    {"/graph/connect tone one:gain depth 1e300d", ERROR_BAD_VALUE, "depth must be a finite number"},
    {"/graph/connect tone one gain 25", ERROR_RANGE, "gain 25 dB is outside its range -120 to 24 dB"},
    {"/graph/connect tone one gain -1e300d", ERROR_RANGE, "gain -inf dB is outside its range -120 to 24 dB"},
    {"/graph/connect two one", ERROR_CYCLE, "two to one would close the loop two -> one -> two"},
    {"/graph/connect one one:gain depth 1", ERROR_CYCLE, "one to one:gain would close the loop one -> one"},
    {"/graph/connect one two feedback", ERROR_CONFLICT,
     "one is connected to two without feedback: /graph/disconnect first, or connect without it again"},
    {"/graph/disconnect tone two", ERROR_CONFLICT, "tone is not connected to two"},
    {"/graph/disconnect one:out.1 two", ERROR_CONFLICT, "one:out.1 is not connected to two"},
    {"/graph/disconnect tone nobody", ERROR_NO_SUCH_NODE, "no node is named \"nobody\""},
    {"/graph/list -1", ERROR_RANGE, "offset -1 is outside its range: 0 or more"},
    {"/graph/list 0 -7", ERROR_RANGE, "count -7 is outside its range: 0 or more"},
    {"/types -1", ERROR_RANGE, "offset -1 is outside its range: 0 or more"},
    {"/graph/dump svg", ERROR_BAD_VALUE, "format \"svg\" is none of: osc, json, dot"},
    {"/describe theremin", ERROR_NO_SUCH_TYPE, "\"theremin\" is neither a type (/types lists them) nor a command"},
    {"/describe osk", ERROR_NO_SUCH_TYPE, NO_SUCH("osk") "; did you mean \"osc\"?"},
    {"/describe graph/add", ERROR_NO_SUCH_TYPE, NO_SUCH("graph/add") "; did you mean \"/graph/add\"?"},
    {"/describe one", ERROR_NO_SUCH_TYPE, "\"one\" is a node: /describe gain tells of its type, /node/one has its values"},
    {"/graph/presets gian", ERROR_NO_SUCH_TYPE, "\"gian\" is neither a type nor a node; did you mean \"gain\"?"},
    {"/graph/presets one", ERROR_NO_MATCH, "gain has no presets; these have: analog, fm, sampler"},
    {"/map/cc one 1 20 one:gain", ERROR_UNSUPPORTED, "one (gain) hears no controllers; a midi_input does"},
    {"/describe /graph/ad", ERROR_BAD_ADDRESS, "there is no command \"/graph/ad\"; did you mean /graph/add?"},
    {"/describe /what/ever", ERROR_BAD_ADDRESS, "there is no command \"/what/ever\"; /describe alone lists them"},
    {"/session/save", ERROR_NO_FILE, "the session has no file yet: say which, /session/save FILE"},
    {"/session/new fade -1", ERROR_RANGE, "fade -1 s is outside its range 0 to 3600 s"},
    {"/session/load x fade 1e9", ERROR_RANGE, "fade 1e+09 s is outside its range 0 to 3600 s"},
    {"/log/tail 0", ERROR_RANGE, "n 0 is outside its range 1 to 1000 lines"},
    {"/log/tail 3 -1", ERROR_RANGE, "offset -1 is outside its range 0 to 999 lines"},
    {"/transport/list -1", ERROR_RANGE, "offset -1 is outside its range: 0 or more"},
    {"/log/tail 1001", ERROR_RANGE, "n 1001 is outside its range 1 to 1000 lines"},
    {"/log/level loud", ERROR_BAD_VALUE, "level \"loud\" is none of: error, warning, info, debug"},
    {"/transport/locate -1", ERROR_RANGE, "position -1 s is outside its range 0 to 100000000 s"},
    {"/transport/locate -1h", ERROR_RANGE, "position -1h is outside its range 0h to 4800000000000h, in frames"},
    {"/transport/locate 0:1:0", ERROR_RANGE, "0:1:0: bars count from 1 to 10000000"},
    {"/transport/locate 2:5:0", ERROR_RANGE,
     "2:5:0: bar 2 is in 4/4, its beats count from 1 to 4, the ticks of each from 0 to 959"},
    {"/transport/locate verse", ERROR_BAD_TYPE,
     "to must be a position (seconds, frames as 480000h, or bars as \"17:1:0\"), not \"verse\""},
    {"/transport/locate T", ERROR_BAD_VALUE,
     "to must be a position (seconds, frames as 480000h, or bars as \"17:1:0\"), not T"},
    {"/transport/tempo 0", ERROR_RANGE, "tempo 0 bpm is outside its range 10 to 999 bpm"},
    {"/transport/tempo fast", ERROR_BAD_TYPE,
     "\"fast\" is neither bpm, which is a finite number, nor one of the keywords at"},
    {"/transport/tempo at 9:1:0", ERROR_BAD_TYPE, "bpm must be a finite number, not \"at\""},
    {"/transport/signature 4 3", ERROR_BAD_VALUE, "denominator 3 is none of: 1, 2, 4, 8, 16, 32"},
    {"/transport/signature 0 4", ERROR_RANGE, "numerator 0 is outside its range 1 to 32"},
    {"/transport/signature 3", ERROR_BAD_TYPE, "denominator is missing"},
    {"/transport/signature 3 4 at 9:2:0", ERROR_BAD_VALUE,
     "a signature begins with a bar, 9:1:0 or 10:1:0; 9:2:0 lies between"},
    {"/transport/clear 9:1:0", ERROR_CONFLICT,
     "neither tempo nor signature change at 9:1:0; /transport/list names the places"},
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
    osc_rig_refuse(&rig, "/graph/connect one three", ERROR_BAD_TYPE, "one has 2 channels, three has 3", "or one of them 1",
                   NULL);
    osc_rig_refuse(&rig, "/graph/connect one three:in.1-3", ERROR_BAD_TYPE, "three:in.1-3 has 3", NULL);
    osc_rig_do(&rig, "/graph/connect one three:in.2-3");
}
END_TEST

START_TEST(what_lies_beyond_the_number_of_a_node_is_refused_with_that_number)
{
    osc_rig_refuse(&rig, "/graph/add mixer m inputs 3 gain4 -6", ERROR_NO_SUCH_PARAM, "gain4", "inputs of this mixer is 3",
                   NULL);
    osc_rig_do(&rig, "[\n/graph/add mixer m inputs 3\n/graph/add splitter s\n/graph/add mixer wide inputs 32\n]");
    osc_rig_refuse(&rig, "/node/m/pan4 0.5", ERROR_NO_SUCH_PARAM, "pan4", "inputs of this mixer is 3", NULL);
    osc_rig_refuse(&rig, "/graph/connect in m:in4", ERROR_NO_SUCH_PORT, "in4", "inputs of this mixer is 3", NULL);
    osc_rig_refuse(&rig, "/graph/connect s:out3 m", ERROR_NO_SUCH_PORT, "out3", "outputs of this splitter is 2", NULL);
    const char *text =
        osc_rig_refuse(&rig, "/node/m/zebra 1", ERROR_NO_SUCH_PARAM, "inputs, gain1, pan1, mute1, gain2", NULL);
    ck_assert_ptr_nonnull(strstr(text, "mute3"));
    ck_assert_ptr_null(strstr(text, "gain4"));
    osc_rig_refuse(&rig, "/node/wide/zebra 1", ERROR_NO_SUCH_PARAM, "mute1, ", ", ...", NULL);
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
        what_does_not_fit_its_row_is_refused_by_every_command,
        what_makes_no_sense_is_refused_with_what_would,
        widths_that_do_not_fit_are_refused_by_number,
        what_lies_beyond_the_number_of_a_node_is_refused_with_that_number,
        a_name_that_would_hide_a_value_is_refused,
        a_name_of_the_longest_kind_works_and_a_longer_one_does_not,
    };
    return osc_rig_suite("misuse of commands", open_rig, close_rig, tests, ROWS(tests));
}
