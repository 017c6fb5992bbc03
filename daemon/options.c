/* The table is everything: each row knows its words and how its text becomes a value. Defaults are texts too and take the
 * same way, so that --help cannot promise another value than the one that holds. */
#include "daemon/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/crew_shared.h"
#include "graph/names.h"
#include "graph/node.h"
#include "osc/socket_path.h"

#define NAME_BYTES_MAX  63 /* of a JACK client; a longer one is refused by JACK without a word */
#define RATE_MIN_HZ     8000
#define RATE_MAX_HZ     384000
#define PERIOD_MAX      8192 /* frames; JACK has no longer one */
#define RENDER_MAX_S    1e6
#define WORD_VALUE      1   /* getopt's value of a word that is no option */
#define FIRST_ROW_VALUE 256 /* getopt's values of long options: out of the way of letters */

static int take_name(const char **name, const char *option, const char *value, struct error *error)
{
    bool fine = isalpha((unsigned char)*value) || *value == '_';
    for (const char *p = value; *p && fine; p++)
        fine = (unsigned char)*p < 128 && (isalnum((unsigned char)*p) || strchr("_.-", *p));
    if (!fine || strlen(value) > NAME_BYTES_MAX)
        return error_set(error, ERROR_BAD_VALUE,
                         "%s \"%s\": a name is 1 to %d letters, digits, '_', '.' or '-' and starts with a letter or '_'",
                         option, value, NAME_BYTES_MAX);
    *name = value;
    return 0;
}

static int take_number(uint64_t *number, const char *option, const char *value, uint64_t min, uint64_t max,
                       struct error *error)
{
    char *end;
    errno = 0;
    /* It would also take blanks, a plus, and a minus, which it turns into a huge number: hence the digit in front. */
    unsigned long long given = strtoull(value, &end, 10);
    if (!isdigit((unsigned char)*value) || *end || errno || given < min || given > max)
        return error_set(error, ERROR_BAD_VALUE, "%s \"%s\": must be a whole number from %llu to %llu", option, value,
                         (unsigned long long)min, (unsigned long long)max);
    *number = given;
    return 0;
}

static int take_count(unsigned *number, const char *option, const char *value, unsigned min, unsigned max,
                      struct error *error)
{
    uint64_t given = 0;
    int code = take_number(&given, option, value, min, max, error);
    *number = (unsigned)given;
    return code;
}

static int parse_name(struct options *options, const char *value, struct error *error)
{
    return take_name(&options->name, "--name", value, error);
}

static int parse_server(struct options *options, const char *value, struct error *error)
{
    return take_name(&options->server, "--server", value, error);
}

static int parse_bind(struct options *options, const char *value, struct error *error)
{
    return places_add(&options->places, value, error);
}

static int take_path(const char **path, const char *option, const char *what, const char *value, struct error *error)
{
    *path = value;
    return *value ? 0 : error_set(error, ERROR_BAD_VALUE, "%s: must be the path of a %s, not empty", option, what);
}

static int parse_token_file(struct options *options, const char *value, struct error *error)
{
    return take_path(&options->token_file, "--token-file", "file", value, error);
}

static int parse_state(struct options *options, const char *value, struct error *error)
{
    return take_path(&options->state, "--state", "folder", value, error);
}

static int parse_port(struct options *options, const char *value, struct error *error)
{
    return take_count(&options->port, "--port", value, 0, 65535, error);
}

static int parse_socket(struct options *options, const char *value, struct error *error)
{
    if (strlen(value) >= sizeof options->socket)
        return error_set(error, ERROR_BAD_VALUE, "--socket \"%s\": a socket's path has at most %zu bytes, this has %zu",
                         value, sizeof options->socket - 1, strlen(value));
    strcpy(options->socket, value);
    return 0;
}

static int parse_root(struct options *options, const char *value, struct error *error)
{
    if (options->n_roots == OPTIONS_ROOTS_MAX)
        return error_set(error, ERROR_BAD_VALUE, "--root \"%s\": at most %d folders can be given", value,
                         OPTIONS_ROOTS_MAX);
    return take_path(&options->roots[options->n_roots++], "--root", "folder", value, error);
}

static int parse_rate(struct options *options, const char *value, struct error *error)
{
    return take_count(&options->rate_hz, "--rate", value, RATE_MIN_HZ, RATE_MAX_HZ, error);
}

static int parse_threads(struct options *options, const char *value, struct error *error)
{
    return take_count(&options->n_threads, "--threads", value, 1, CREW_MOST, error);
}

static int parse_media_limit(struct options *options, const char *value, struct error *error)
{
    uint64_t mib = 0;
    int code = take_number(&mib, "--media-limit", value, 1, 1 << 20, error);
    options->media_limit_bytes = mib << 20;
    return code;
}

/* NAME=N, a row of graph/limits.h. */
static int parse_limit(struct options *options, const char *value, struct error *error)
{
    char option[48];
    const char *equals = strchr(value, '=');
    size_t n = equals ? (size_t)(equals - value) : 0;
    for (unsigned i = 0; i < N_LIMITS; i++) {
        const struct limit_info *info = &limit_infos[i];
        if (strlen(info->name) != n || strncmp(value, info->name, n) != 0)
            continue;
        snprintf(option, sizeof option, "--limit %s", info->name);
        return take_number(&options->limits.most[i], option, equals + 1, info->lowest, info->highest, error);
    }
    return error_set(error, ERROR_BAD_VALUE, "--limit \"%.60s\": write NAME=N, with a NAME that --help lists", value);
}

static int parse_log_level(struct options *options, const char *value, struct error *error)
{
    options->log_level = log_level_parse(value);
    if (options->log_level == LOG_LEVEL_END)
        return error_set(error, ERROR_BAD_VALUE, "--log-level \"%s\": must be error, warning, info or debug", value);
    return 0;
}

static int take_seconds(double *seconds, const char *option, const char *value, struct error *error)
{
    char *end;
    double given = strtod(value, &end);
    if (*end || end == value || !(given >= 0 && given <= RENDER_MAX_S))
        return error_set(error, ERROR_BAD_VALUE, "%s \"%s\": must be a time from 0 to %g seconds", option, value,
                         RENDER_MAX_S);
    *seconds = given;
    return 0;
}

static int parse_render(struct options *options, const char *value, struct error *error)
{
    options->action = OPTIONS_RENDER;
    return take_path(&options->render, "--render", "file", value, error);
}

static int parse_seconds(struct options *options, const char *value, struct error *error)
{
    return take_seconds(&options->length_s, "--seconds", value, error);
}

static int parse_from(struct options *options, const char *value, struct error *error)
{
    return take_seconds(&options->from_s, "--from", value, error);
}

static int parse_to(struct options *options, const char *value, struct error *error)
{
    return take_seconds(&options->to_s, "--to", value, error);
}

static int parse_format(struct options *options, const char *value, struct error *error)
{
    options->format = sound_format_parse(value);
    char list[200] = "";
    for (unsigned i = 0; i < N_SOUND_FORMATS; i++)
        names_add(list, sizeof list, sound_format_names[i]);
    if (options->format == N_SOUND_FORMATS)
        return error_set(error, ERROR_BAD_VALUE, "--format \"%s\": must be one of %s", value, list);
    return 0;
}

static int parse_period(struct options *options, const char *value, struct error *error)
{
    return take_count(&options->period_frames, "--period", value, 1, PERIOD_MAX, error);
}

static int parse_describe(struct options *options, const char *value, struct error *error)
{
    (void)error;
    options->action = OPTIONS_DESCRIBE;
    options->describe = value;
    return 0;
}

static int parse_no_jack(struct options *options, const char *value, struct error *error)
{
    (void)value, (void)error;
    options->no_jack = true;
    return 0;
}

static int parse_no_connect(struct options *options, const char *value, struct error *error)
{
    (void)value, (void)error;
    options->no_connect = true;
    return 0;
}

struct row {
    const char *name;     /* without the dashes */
    const char *argument; /* null: takes none */
    const char *initial;  /* parsed before the command line; null: no value */
    const char *help;     /* one sentence, with the unit */
    int (*parse)(struct options *options, const char *value, struct error *error); /* null: it only chooses `action` */
    enum options_action action;
};

static const struct row table[] = {
    {"name", "NAME", "dawd", "name of the JACK client and of the default socket", parse_name},
    {"server", "SERVER", NULL, "name of the JACK server; $JACK_DEFAULT_SERVER or \"default\" where not given",
     parse_server},
    {"no-jack", NULL, NULL, "never look for a JACK server", parse_no_jack},
    {"no-connect", NULL, NULL, "do not connect the ports in_N and out_N to the sound card", parse_no_connect},
    {"rate", "HZ", "48000", "sample rate while no JACK server dictates another", parse_rate},
    {"threads", "N", "1", "threads that share the work of a period, if it is long enough: 1 to 16", parse_threads},
    {"bind", "ADDRESS[=ROLE]", NULL, "address to listen on besides 127.0.0.1=edit, repeatable: read, play or edit",
     parse_bind},
    {"token-file", "FILE", NULL, "file of mode 0600 with the token that other hosts must say in /hello", parse_token_file},
    {"port", "PORT", "3293", "number of the UDP and TCP port; 0: neither", parse_port},
    {"socket", "PATH", NULL, "unix socket; NAME.sock in $XDG_RUNTIME_DIR where not given, \"\": none", parse_socket},
    {"root", "FOLDER", NULL, "folder that all files lie beneath, repeatable; the start folder where not given", parse_root},
    {"state", "FOLDER", NULL, "keep what is done in this folder, and go on from there at the next start", parse_state},
    {"media-limit", "MIB", "2048", "memory that one decoded file may take, in MiB", parse_media_limit},
    {"limit", "NAME=N", NULL, "how much clients may make and hold up, repeatable; the names are below", parse_limit},
    {"log-level", "LEVEL", "info", "error, warning, info or debug", parse_log_level},
    {"render", "FILE", NULL, "write what the session plays to a sound file, without JACK, and exit", parse_render},
    {"seconds", "S", NULL, "how long to render", parse_seconds},
    {"from", "S", "0", "where in the session the file begins", parse_from},
    {"to", "S", NULL, "where it ends, in place of --seconds", parse_to},
    {"format", "FORMAT", "rf64-float", "of the file: rf64-float, rf64-24, rf64-16, flac-24 or flac-16", parse_format},
    {"period", "FRAMES", "1024", "frames of one cycle of the render", parse_period},
    {"check", NULL, NULL, "look whether all is there that these options need, print what is not, and exit", NULL,
     OPTIONS_CHECK},
    {"list-nodes", NULL, NULL, "print the types of nodes and exit", NULL, OPTIONS_LIST_NODES},
    {"describe", "TYPE", NULL, "print parameters, ports and readings of a type of node and exit", parse_describe},
    {"version", NULL, NULL, "print the version and exit", NULL, OPTIONS_VERSION},
    {"help", NULL, NULL, "print this text and exit", NULL, OPTIONS_HELP},
};

/* The word of the command line that getopt has just read as an option. */
static const char *current_word(char **argv)
{
    bool value_apart = optarg && optarg == argv[optind - 1];
    return argv[optind - (value_apart ? 2 : 1)];
}

static int parse_row(struct options *options, const struct row *row, const char *word, struct error *error)
{
    /* getopt takes beginnings too ("--na"); a script that uses one breaks on the day an option is added. */
    if (strcspn(word + 2, "=") < strlen(row->name))
        return error_set(error, ERROR_BAD_VALUE, "%s: must be written out as --%s", word, row->name);
    if (row->parse)
        return row->parse(options, optarg, error);
    options->action = row->action;
    return 0;
}

static int take_session(struct options *options, const char *word, struct error *error)
{
    if (options->session)
        return error_set(error, ERROR_BAD_VALUE, "\"%s\": there can be one session, and \"%s\" is it already", word,
                         options->session);
    options->session = word;
    return 0;
}

static int parse_words(struct options *options, int argc, char **argv, const struct option *longs, struct error *error)
{
    /* "-" takes words that are no options where they stand, ":" tells a missing value from an option that is not there. */
    opterr = 0;
    optind = 0; /* glibc: start anew */
    for (int found; (found = getopt_long(argc, argv, "-:h", longs, NULL)) != -1;) {
        if (found == ':')
            return error_set(error, ERROR_BAD_VALUE, "%s: needs a value, %s", argv[optind - 1],
                             table[optopt - FIRST_ROW_VALUE].argument);
        if (found == '?' && optopt >= FIRST_ROW_VALUE)
            return error_set(error, ERROR_BAD_VALUE, "%s: takes no value", argv[optind - 1]);
        if (found == '?' && optopt)
            return error_set(error, ERROR_BAD_VALUE, "-%c: there is no such option; --help lists them", optopt);
        if (found == '?')
            return error_set(error, ERROR_BAD_VALUE, "%s: there is no such option; --help lists them", argv[optind - 1]);
        if (found == WORD_VALUE && take_session(options, optarg, error))
            return (int)error->code;
        if (found == WORD_VALUE)
            continue;
        if (found == 'h')
            options->action = OPTIONS_HELP;
        else if (parse_row(options, &table[found - FIRST_ROW_VALUE], current_word(argv), error))
            return (int)error->code;
    }
    for (; optind < argc; optind++) /* behind "--" */
        if (take_session(options, argv[optind], error))
            return (int)error->code;
    return 0;
}

static int check_render(struct options *options, struct error *error)
{
    if (!options->session)
        return error_set(error, ERROR_BAD_VALUE, "--render \"%s\": name the session too: dawd SESSION --render FILE",
                         options->render);
    if (!options->length_s == !options->to_s)
        return error_set(error, ERROR_BAD_VALUE, "--render \"%s\": needs an end: --seconds or --to, one of both, above 0",
                         options->render);
    if (options->length_s)
        options->to_s = options->from_s + options->length_s;
    if (!(options->from_s < options->to_s))
        return error_set(error, ERROR_BAD_VALUE, "--from %g --to %g: the end must be behind the beginning", options->from_s,
                         options->to_s);
    return sound_format_check_path(options->format, options->render, error);
}

/* A daemon that starts where a file was wanted would wait for JACK and say nothing of it. */
static int check_no_render(const struct options *options, struct error *error)
{
    const char *option = options->length_s ? "--seconds" : options->to_s ? "--to" : options->from_s ? "--from" : NULL;
    if (!option || options->action != OPTIONS_RUN)
        return 0;
    return error_set(error, ERROR_BAD_VALUE, "%s: belongs to a render: dawd SESSION --render FILE", option);
}

int options_parse(struct options *options, int argc, char **argv, struct error *error)
{
    struct option longs[ROWS(table) + 1] = {0};
    *options = (struct options){.action = OPTIONS_RUN, .limits = limits_default()};
    strcpy(options->socket, "/"); /* no path of a socket: not given */
    for (unsigned i = 0; i < ROWS(table); i++) {
        const struct row *row = &table[i];
        longs[i] =
            (struct option){row->name, row->argument ? required_argument : no_argument, NULL, FIRST_ROW_VALUE + (int)i};
        if (row->initial && row->parse(options, row->initial, error))
            return ERROR_INTERNAL;
    }
    int code = parse_words(options, argc, argv, longs, error);
    if (code)
        return code;
    if (options->action == OPTIONS_RENDER ? check_render(options, error) : check_no_render(options, error))
        return (int)error->code;
    if (places_finish(&options->places, options->token_file, error))
        return (int)error->code;
    if (!options->n_roots)
        options->roots[options->n_roots++] = ".";
    bool is_default = strcmp(options->socket, "/") == 0;
    if (is_default)
        options->socket[0] = '\0';
    if (!is_default || (options->action != OPTIONS_RUN && options->action != OPTIONS_CHECK))
        return 0;
    return socket_path_default(options->name, options->socket, sizeof options->socket, error);
}

bool options_words(unsigned i, struct option_words *words)
{
    if (i >= ROWS(table))
        return false;
    *words = (struct option_words){table[i].name, table[i].argument, table[i].initial, table[i].help};
    return true;
}
