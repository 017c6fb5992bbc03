/* dawctl: asks a running dawd and prints what it answers.
 *
 *     words --> options, then ADDRESS ARG ... --> one message --> ask_message
 *                        or   run FILE        --> script_run  --> ask_message, ask_bundle per line
 *
 * Every function on the way returns an exit code, or GO_ON while there is none yet. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/ask.h"
#include "osc/packet.h"
#include "osc/script.h"
#include "osc/socket_path.h"
#include "osc/word.h"
#include "osc/writer.h"

#define TIMEOUT_S 10 /* longer than any answer takes that does not report its progress */

struct options {
    const char *name, *socket;
    long port; /* 0: the unix socket */
    double timeout_s;
    bool keep_going, quiet;
};

struct option_info {
    char key; /* for getopt only: there are no short options */
    const char *name, *argument, *help;
};

static const struct option_info infos[] = {
    {'n', "name", "NAME", "the daemon's name, which gives its socket path (dawd)"},
    {'s', "socket", "PATH", "the daemon's unix socket, instead of the path that follows from its name"},
    {'p', "port", "N", "UDP port N of 127.0.0.1, instead of the unix socket"},
    {'t', "timeout", "SECONDS", "wait so long for an answer or a sign of progress (10; 0: for ever)"},
    {'k', "keep-going", NULL, "run: go on after a failure"},
    {'q', "quiet", NULL, "print no results"},
    {'h', "help", NULL, "print this and exit"},
    {'v', "version", NULL, "print the version and exit"},
};
enum { N_INFOS = sizeof infos / sizeof infos[0] };

static void print_help(FILE *to)
{
    fputs("usage: dawctl [OPTION…] ADDRESS [ARGUMENT…]     send one request, print its results\n"
          "       dawctl [OPTION…] run FILE                send a file in text form, - for stdin\n\n"
          "Arguments: 12 and 480000h are integers, 0.5 is a float, T and F are booleans, anything else is a string;\n"
          "quotes inside the shell's make a string of a number: '\"12\"'. Results come one per line.\n\n",
          to);
    for (unsigned i = 0; i < N_INFOS; i++)
        fprintf(to, "  --%s%s%-*s %s\n", infos[i].name, infos[i].argument ? " " : "",
                (int)(18 - strlen(infos[i].name) - (infos[i].argument ? 1 : 0)), infos[i].argument ? infos[i].argument : "",
                infos[i].help);
    fputs("\nexit: 0 done, 1 failed, 2 wrong usage, 3 no answer in time\n", to);
}

/* ---- the command line ---------------------------------------------------------------------------------------------- */

/* What main does after an option: goes on, or exits with a code. */
enum { GO_ON = -1 };

static int complain_usage(const char *format, const char *what)
{
    fputs("dawctl: ", stderr);
    fprintf(stderr, format, what);
    fputs(" (dawctl --help tells more)\n", stderr);
    return ASK_USAGE;
}

static int set_port(struct options *options, const char *text)
{
    char *end;
    options->port = strtol(text, &end, 10);
    if (end == text || *end || options->port < 1 || options->port > 65535)
        return complain_usage("--port %s: ports go from 1 to 65535", text);
    return GO_ON;
}

static int set_timeout(struct options *options, const char *text)
{
    char *end;
    options->timeout_s = strtod(text, &end);
    if (end == text || *end || !(options->timeout_s >= 0 && options->timeout_s <= INT_MAX / 1000))
        return complain_usage("--timeout %s: seconds go from 0, for ever, to 2000000", text);
    return GO_ON;
}

static int set_option(struct options *options, int key)
{
    switch (key) {
    case 'n':
        options->name = optarg;
        return GO_ON;
    case 's':
        options->socket = optarg;
        return GO_ON;
    case 'p':
        return set_port(options, optarg);
    case 't':
        return set_timeout(options, optarg);
    case 'k':
        options->keep_going = true;
        return GO_ON;
    case 'q':
        options->quiet = true;
        return GO_ON;
    case 'h':
        print_help(stdout);
        return ASK_DONE;
    case 'v':
        puts("dawctl " DAWD_VERSION);
        return ASK_DONE;
    default: /* getopt has said what is wrong */
        return ASK_USAGE;
    }
}

/* Reads options up to the first other word, which optind then tells: what looks like an option behind an address is an
 * argument (a gain of -6). */
static int read_options(struct options *options, int argc, char **argv)
{
    struct option longs[N_INFOS + 1] = {0};
    int key, next = GO_ON;
    for (unsigned i = 0; i < N_INFOS; i++)
        longs[i] = (struct option){.name = infos[i].name, .has_arg = infos[i].argument != NULL, .val = infos[i].key};
    while (next == GO_ON && (key = getopt_long(argc, argv, "+", longs, NULL)) != -1)
        next = set_option(options, key);
    if (next == GO_ON && options->port && (options->socket || options->name))
        return complain_usage("%s: it excludes --socket and --name", "--port");
    return next;
}

/* ---- the work ------------------------------------------------------------------------------------------------------ */

static int open_ask(struct ask *ask, const struct options *options)
{
    char path[256];
    struct error error;
    *ask = (struct ask){.quiet = options->quiet};
    /* Rounded up, so that a short time is not none; 0 on the command line is for ever. */
    ask->timeout_ms = options->timeout_s > 0 ? (int)ceil(options->timeout_s * 1000) : -1;
    int failed = 0;
    if (options->port)
        failed = link_open_udp(&ask->link, (int)options->port, &error);
    else if (options->socket)
        failed = link_open_unix(&ask->link, options->socket, &error);
    else if (!(failed = socket_path_default(options->name ? options->name : SOCKET_PATH_NAME, path, sizeof path, &error)))
        failed = link_open_unix(&ask->link, path, &error);
    if (failed)
        fprintf(stderr, "dawctl: %s\n", error.text);
    return failed ? (failed == ERROR_BAD_VALUE ? ASK_USAGE : ASK_FAILED) : GO_ON;
}

/* The message that the words of the command line mean. */
static int build_message(char **words, struct bytes *message)
{
    struct writer writer;
    struct error error;
    const char *address = *words;
    int failed = address_check(address, &error);
    if (failed)
        return complain_usage("%s", error.text);
    writer_init(&writer);
    while (!failed && *++words)
        failed = word_parse_bare(*words, &writer, &error);
    if (failed) {
        writer_deinit(&writer);
        return complain_usage("%s", error.text);
    }
    return writer_end(&writer, address, message) ? complain_usage("%s", "memory ran out") : GO_ON;
}

/* The words are read before the daemon is looked for: a mistake in them is one with or without a daemon. */
static int ask_once(const struct options *options, char **words)
{
    struct bytes message = {0};
    struct ask ask;
    int outcome = build_message(words, &message);
    if (outcome == GO_ON)
        outcome = open_ask(&ask, options);
    if (outcome == GO_ON) {
        outcome = (int)ask_message(&ask, message.data);
        link_close(&ask.link);
    }
    bytes_deinit(&message);
    return outcome;
}

static int run_file(const struct options *options, const char *name)
{
    bool is_stdin = strcmp(name, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(name, "re");
    struct ask ask;
    if (!file) {
        fprintf(stderr, "dawctl: %s: %s\n", name, strerror(errno));
        return ASK_FAILED;
    }
    int outcome = open_ask(&ask, options);
    if (outcome == GO_ON) {
        outcome = (int)script_run(&ask, file, is_stdin ? "stdin" : name, options->keep_going);
        link_close(&ask.link);
    }
    if (!is_stdin)
        fclose(file);
    return outcome;
}

static int run(struct options *options, char *program, int argc, char **argv)
{
    argv[0] = program; /* getopt puts it before its complaints */
    optind = 0;        /* makes it start anew, at the word behind "run" */
    int next = read_options(options, argc, argv);
    if (next != GO_ON)
        return next;
    if (argc - optind != 1)
        return complain_usage("%s: one FILE must be given, - for stdin", "run");
    return run_file(options, argv[optind]);
}

static int go(int argc, char **argv)
{
    struct options options = {.timeout_s = TIMEOUT_S};
    int next = read_options(&options, argc, argv);
    if (next != GO_ON)
        return next;
    if (optind == argc)
        return complain_usage("%s", "an ADDRESS or run FILE must be given");
    if (argv[optind][0] == '/')
        return ask_once(&options, argv + optind);
    if (strcmp(argv[optind], "run") == 0)
        return run(&options, argv[0], argc - optind, argv + optind);
    return complain_usage("\"%s\" is neither an address, which starts with '/', nor run", argv[optind]);
}

int main(int argc, char **argv)
{
    int outcome = go(argc, argv);
    /* A full disk or a closed pipe behind a redirection must not look like success. */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("dawctl: the results could not be written\n", stderr);
        return outcome ? outcome : ASK_FAILED;
    }
    return outcome;
}
