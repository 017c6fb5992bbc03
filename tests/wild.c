/* One message: its address, and arguments by the notation of its row. */
#include "tests/wild.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "graph/node.h"
#include "osc/command.h"
#include "osc/row.h"
#include "tests/graph_rig.h"

#define WORD_BYTES       400
#define PICK(seed, list) ((list)[dice_below(seed, ROWS(list))])

/* ---- words ---------------------------------------------------------------------------------------------------------- */

static const char *const names[] = {"a", "b", "c", "g", "o", "p", "t", "t/a", "t/a.b", "in", "out"};
static const char *const ports[] = {":in", ":out", ":1", ":2", ":in.1", ":out.1-2", ":gain", ":freq", ":in3", ":"};
static const char *const paths[] = {"a.wav",     "b.wav",          "s", "x/y.osc", "../a.wav", "/etc/passwd",
                                    "/dev/zero", "/proc/self/mem", "",  ".",       "a\nb",     "%n%s%99999d"};
static const char *const odd_words[] = {
    "",     " ",       "a b",          "*",       "?",    "[a-",  "{a,b",     "{,}",       "[!a]",        "no",
    "1/8d", "1/0",     "17:1:0",       "480000h", "-1:0", "1:1:", "nan",      "inf",       "1e999",       "0x10",
    "%s%n", "\033[2J", "\xff\xfe",     "/",       "//",   "a/",   "a//b",     "a/b/c/d/e", "9a",          "label",
    "norm", "#bundle", "\xe2\x99\xaf", "\"",      "\\",   "req",  "feedback", "gain",      "if_revision", "depth"};
static const double odd_numbers[] = {0,
                                     -0.0,
                                     1,
                                     -1,
                                     0.5,
                                     2,
                                     127,
                                     128,
                                     440,
                                     1e-45,
                                     1e-9,
                                     1e9,
                                     -1e9,
                                     1e38,
                                     1e308,
                                     -1e308,
                                     (double)NAN,
                                     (double)INFINITY,
                                     -(double)INFINITY,
                                     2147483648.0,
                                     4294967296.0,
                                     9007199254740993.0,
                                     9.3e18};
static const int64_t odd_integers[] = {
    0,           1,   -1,    2,     3,      7,       8,         9,         63,        64,        255,
    256,         257, 48000, 65536, 480000, 1 << 20, INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN, (1ll << 53) + 1,
    -(1ll << 53)};
static const char tags[] = "ifsbhtdScrmTFNI";

static const struct node_class *any_class(uint32_t *seed)
{
    return node_registry[dice_below(seed, n_node_registry)];
}

static const struct param_info *any_param(uint32_t *seed)
{
    const struct node_class *class = any_class(seed);
    while (!class->n_params)
        class = any_class(seed);
    return &class->params[dice_below(seed, class->n_params)];
}

static void long_word(uint32_t *seed, char *word)
{
    unsigned n = dice_below(seed, WORD_BYTES);
    memset(word, 'a' + (int)dice_below(seed, 26), n);
    word[n] = '\0';
}

static void odd_word(uint32_t *seed, char *word)
{
    if (dice_below(seed, 8) == 0)
        long_word(seed, word);
    else
        snprintf(word, WORD_BYTES, "%s", PICK(seed, odd_words));
}

static void port_word(uint32_t *seed, char *word)
{
    static const char *const outside[] = {
        "system:capture_1", "system:playback_1", "system:playback_2", "synth:out", "in_1", "out_1", "out_2",
        "dawd:out_1",       "rig:in_2",          "nobody:at_all"};
    if (dice_below(seed, 6) == 0) {
        snprintf(word, WORD_BYTES, "%s", PICK(seed, outside));
        return;
    }
    snprintf(word, WORD_BYTES, "%s%s", PICK(seed, names), dice_below(seed, 2) ? PICK(seed, ports) : "");
}

/* One of "a,b,c". */
static void choice_word(uint32_t *seed, const char *choices, char *word)
{
    unsigned n = 1;
    for (const char *p = choices; *p; p++)
        n += *p == ',';
    for (n = dice_below(seed, n); n; n--)
        choices = strchr(choices, ',') + 1;
    snprintf(word, WORD_BYTES, "%.*s", (int)strcspn(choices, ","), choices);
}

/* What a word of this name in a row may stand for. */
static void word_for(uint32_t *seed, const char *meaning, char *word)
{
    if (dice_below(seed, 12) == 0)
        odd_word(seed, word);
    else if (strcmp(meaning, "type") == 0 || (strcmp(meaning, "what") == 0 && dice_below(seed, 2)))
        snprintf(word, WORD_BYTES, "%s", any_class(seed)->name);
    else if (strcmp(meaning, "from") == 0 || strcmp(meaning, "to") == 0)
        port_word(seed, word);
    else if (strcmp(meaning, "file") == 0)
        snprintf(word, WORD_BYTES, "%s", PICK(seed, paths));
    else if (strcmp(meaning, "pattern") == 0 || strcmp(meaning, "what") == 0)
        wild_address(seed, word, WORD_BYTES);
    else
        snprintf(word, WORD_BYTES, "%s", PICK(seed, names));
}

/* ---- arguments ------------------------------------------------------------------------------------------------------ */

static void add_number(uint32_t *seed, struct writer *writer, double value)
{
    unsigned as = dice_below(seed, 8);
    if (as < 4)
        writer_float(writer, (float)value);
    else if (as < 6 || !(fabs(value) < 2e9))
        writer_double(writer, value);
    else
        writer_int(writer, (int32_t)value);
}

static void add_integer(uint32_t *seed, struct writer *writer)
{
    int64_t value = dice_below(seed, 3) ? dice_below(seed, 12) : PICK(seed, odd_integers);
    if (dice_below(seed, 3) && value == (int32_t)value)
        writer_int(writer, (int32_t)value);
    else
        writer_long(writer, value);
}

static void add_param_value(uint32_t *seed, struct writer *writer, const struct param_info *param)
{
    char word[WORD_BYTES];
    unsigned where = dice_below(seed, 8);
    if (param_is_path(param)) {
        word_for(seed, "file", word);
        writer_string(writer, word);
    } else if (param->choices && dice_below(seed, 2)) {
        writer_string(writer, param->choices[dice_below(seed, (unsigned)param->max + 1)]);
    } else if (where == 0) {
        add_number(seed, writer, PICK(seed, odd_numbers));
    } else {
        double share = where < 3 ? where - 1 : dice_below(seed, 1001) / 1000.0;
        double value = (double)param->min + share * ((double)param->max - (double)param->min);
        add_number(seed, writer, param->kind == PARAM_CONTINUOUS ? value : round(value));
    }
}

void wild_arg(uint32_t *seed, struct writer *writer)
{
    char word[WORD_BYTES];
    struct arg arg = {.tag = tags[dice_below(seed, sizeof tags - 1)]};
    odd_word(seed, word);
    if (arg.tag == 's' || arg.tag == 'S' || arg.tag == 'b') {
        arg.s = word;
        arg.n_bytes = (uint32_t)strlen(word);
    } else if (arg.tag == 'f') {
        arg.f = (float)PICK(seed, odd_numbers);
    } else if (arg.tag == 'd') {
        arg.d = PICK(seed, odd_numbers);
    } else if (arg.tag == 'c') {
        arg.c = (char)dice_below(seed, 128);
    } else if (arg.tag == 'i' || arg.tag == 'r' || arg.tag == 'm') {
        arg.i = (int32_t)PICK(seed, odd_integers);
    } else if (arg.tag == 'h' || arg.tag == 't') {
        arg.h = PICK(seed, odd_integers);
    }
    writer_arg(writer, &arg);
}

static void add_word_of_row(uint32_t *seed, struct writer *writer, const struct row_word *row)
{
    static const char *const places[] = {"1:1:0", "17:3:0", "480000h", "2:1:480", "1:0:0", "99999:1:0"};
    char word[WORD_BYTES];
    if (row->choices[0])
        choice_word(seed, row->choices, word);
    else if (row->type == 'p' && dice_below(seed, 2))
        snprintf(word, sizeof word, "%s", PICK(seed, places));
    else
        word_for(seed, row->name, word);
    if (row->type == 's' || (row->type == 'p' && dice_below(seed, 2)))
        writer_string(writer, word);
    else if (row->type == 'i' || row->type == 'n')
        add_integer(seed, writer);
    else if (row->type == 'b')
        writer_bool(writer, dice_below(seed, 2));
    else
        add_number(seed, writer, dice_below(seed, 3) ? dice_below(seed, 100) / 8.0 : PICK(seed, odd_numbers));
}

/* Pairs of a parameter and a value. */
static void add_pairs(uint32_t *seed, struct writer *writer)
{
    const struct node_class *class = any_class(seed);
    for (unsigned n = dice_below(seed, 4); n; n--) {
        const struct param_info *param =
            class->n_params && dice_below(seed, 4) ? &class->params[dice_below(seed, class->n_params)] : any_param(seed);
        writer_string(writer, dice_below(seed, 12) ? param->name : PICK(seed, odd_words));
        add_param_value(seed, writer, param);
    }
}

static void add_row(uint32_t *seed, struct writer *writer, const char *args)
{
    struct row_word row = {0};
    while (row_arg_next(&args, &row)) {
        if ((row.is_optional || row.is_keyword) && dice_below(seed, 2))
            continue;
        if (dice_below(seed, 40) == 0) /* too few, or another type */
            continue;
        if (row.is_keyword)
            writer_string(writer, row.name);
        if (row.is_rest)
            add_pairs(seed, writer);
        else if (dice_below(seed, 25) == 0)
            wild_arg(seed, writer);
        else if (row.type)
            add_word_of_row(seed, writer, &row);
    }
    if (dice_below(seed, 25) == 0)
        wild_arg(seed, writer);
}

/* A value: nothing to read it, something to set it, and the time that a glide takes. */
static void add_value(uint32_t *seed, struct writer *writer, const char *address)
{
    const char *name = strrchr(address, '/') + 1;
    const struct param_info *param = any_param(seed);
    for (unsigned i = 0; i < 60 && strcmp(param->name, name) != 0; i++)
        param = any_param(seed);
    unsigned n = dice_below(seed, 8);
    if (n == 0)
        return;
    if (n == 1)
        wild_arg(seed, writer);
    else
        add_param_value(seed, writer, param);
    if (n == 2)
        add_number(seed, writer, dice_below(seed, 2) ? 0.01 : PICK(seed, odd_numbers));
}

void wild_args(uint32_t *seed, const char *address, struct writer *writer)
{
    if (strncmp(address, "/req/", 5) == 0)
        address = strchr(address + 5, '/') ? strchr(address + 5, '/') : address;
    const struct command *command = command_find(address);
    if (command)
        add_row(seed, writer, command->args);
    else if (*address == '/')
        add_value(seed, writer, address);
}

/* ---- addresses ------------------------------------------------------------------------------------------------------ */

static const struct command *any_command(uint32_t *seed)
{
    const struct command_family *family = command_families[dice_below(seed, n_command_families)];
    /* The graph's commands are half of the language by what hangs on them. */
    for (unsigned i = 0; dice_below(seed, 2) && i < n_command_families; i++)
        if (strcmp(command_families[i]->name, "graph") == 0)
            family = command_families[i];
    return &family->commands[dice_below(seed, family->n_commands)];
}

static void value_address(uint32_t *seed, char *address, size_t n)
{
    static const char *const patterns[] = {"*", "?", "[a-g]", "{a,b,o}", "t/*", "[!a]*", "{o,t/*}", "*a*", "**"};
    static const char *const ends[] = {"norm",        "label", "peak",    "rms",     "*",
                                       "{gain,freq}", "file",  "in/peak", "out/rms", ""};
    const char *name = dice_below(seed, 5) ? PICK(seed, names) : PICK(seed, patterns);
    const char *end = dice_below(seed, 4) ? any_param(seed)->name : PICK(seed, ends);
    snprintf(address, n, "/node/%s/%s%s", name, end, dice_below(seed, 10) ? "" : "/norm");
    if (dice_below(seed, 20) == 0)
        snprintf(address, n, "/node/%s", name);
}

void wild_address(uint32_t *seed, char *address, size_t n)
{
    char rest[WORD_BYTES];
    unsigned kind = dice_below(seed, 100);
    if (kind < 55) {
        snprintf(address, n, "%s", any_command(seed)->address);
    } else if (kind < 90) {
        value_address(seed, address, n);
    } else if (kind < 95) {
        snprintf(rest, sizeof rest, "%s", any_command(seed)->address);
        snprintf(address, n, "/req/%lld%s", (long long)PICK(seed, odd_integers), rest);
    } else {
        odd_word(seed, rest);
        snprintf(address, n, "/%s/%s", dice_below(seed, 2) ? "graph" : "node", rest);
    }
}

uint64_t wild_time(uint32_t *seed)
{
    uint64_t now = ((uint64_t)time(NULL) + 2208988800u) << 32; /* NTP counts from 1900 */
    switch (dice_below(seed, 8)) {
    case 0:
        return now + ((uint64_t)dice(seed) << 4); /* soon */
    case 1:
        return now + ((uint64_t)dice(seed) << 12); /* far */
    case 2:
        return (uint64_t)dice(seed) << 32 | dice(seed);
    case 3:
        return 0;
    default:
        return PACKET_TIME_NOW;
    }
}
