/* dawctl: asks a running dawd and prints what it answers.
 *
 *     words --> options, then ADDRESS ARG ... --> one message --> ask_message
 *                        or   NAME WORD ...   --> the row of that name (dawctl.h)
 *
 * Every function on the way returns an exit code, or DAWCTL_GO_ON while there is none yet. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/dawctl.h"
#include "osc/packet.h"
#include "osc/socket_path.h"
#include "osc/word.h"
#include "osc/writer.h"

#define PAD       "                                                                                                "
#define TIMEOUT_S 10 /* longer than any answer takes that does not report its progress */

struct option_info {
    char key; /* for getopt only: there are no short options */
    const char *name, *argument, *help;
};

static const struct option_info infos[] = {
    {'n', "name", "NAME", "the daemon's name, which gives its socket path (dawd)"},
    {'s', "socket", "PATH", "the daemon's unix socket, instead of the path that follows from its name"},
    {'p', "port", "N", "UDP port N of 127.0.0.1, instead of the unix socket"},
    {'c', "tcp", "HOST:PORT", "TCP port of a host, instead of the unix socket"},
    {'o', "token-file", "FILE", "say the token in FILE first, as a daemon on another host wants it"},
    {'t', "timeout", "SECONDS", "wait so long for an answer or a sign of progress (10; 0: for ever)"},
    {'k', "keep-going", NULL, "run: go on after a failure"},
    {'g', "svg", NULL, "graph: draw it"},
    {'u', "count", "N", "watch: end after so many lines"},
    {'e', "seconds", "SECONDS", "watch, meters, top: end after so long"},
    {'r', "rate", "HZ", "watch, meters: so many times a second at most (30; meters: 20)"},
    {'1', "once", NULL, "meters, top: look once"},
    {'q', "quiet", NULL, "print no results"},
    {'h', "help", NULL, "print this and exit"},
    {'v', "version", NULL, "print the version and exit"},
};
enum { N_INFOS = sizeof infos / sizeof infos[0] };

static void print_help(FILE *to)
{
    fputs("usage: dawctl [OPTION…] ADDRESS [ARGUMENT…]     send one request, print its results\n", to);
    for (unsigned i = 0; i < n_subcommands; i++) {
        const struct subcommand *row = subcommands[i];
        fprintf(to, "       dawctl [OPTION…] %s %-*s %s\n", row->name, (int)(22 - strlen(row->name)), row->words,
                row->help);
    }
    fputs("\nArguments: 12 and 480000h are integers, 0.5 is a float, T and F are booleans, anything else is a string;\n"
          "quotes inside the shell's make a string of a number: '\"12\"'. Results come one per line.\n\n",
          to);
    for (unsigned i = 0; i < N_INFOS; i++)
        fprintf(to, "  --%s%s%-*s %s\n", infos[i].name, infos[i].argument ? " " : "",
                (int)(18 - strlen(infos[i].name) - (infos[i].argument ? 1 : 0)), infos[i].argument ? infos[i].argument : "",
                infos[i].help);
    fputs("\nexit: 0 done, 1 failed, 2 wrong usage, 3 no answer in time\n", to);
}

/* ---- the command line ---------------------------------------------------------------------------------------------- */

int dawctl_usage(const char *format, const char *what)
{
    fputs("dawctl: ", stderr);
    fprintf(stderr, format, what);
    fputs(" (dawctl --help tells more)\n", stderr);
    return ASK_USAGE;
}

static int set_port(struct dawctl *dawctl, const char *text)
{
    char *end;
    dawctl->port = strtol(text, &end, 10);
    if (end == text || *end || dawctl->port < 1 || dawctl->port > 65535)
        return dawctl_usage("--port %s: ports go from 1 to 65535", text);
    return DAWCTL_GO_ON;
}

static int set_timeout(struct dawctl *dawctl, const char *text)
{
    char *end;
    dawctl->timeout_s = strtod(text, &end);
    if (end == text || *end || !(dawctl->timeout_s >= 0 && dawctl->timeout_s <= INT_MAX / 1000))
        return dawctl_usage("--timeout %s: seconds go from 0, for ever, to 2000000", text);
    return DAWCTL_GO_ON;
}

/* A number above 0. */
static int set_number(double *number, const char *name, const char *text)
{
    char *end, what[64];
    *number = strtod(text, &end);
    if (end != text && !*end && *number > 0 && *number <= INT_MAX / 1000)
        return DAWCTL_GO_ON;
    snprintf(what, sizeof what, "--%s %.40s", name, text);
    return dawctl_usage("%s: it takes a number above 0", what);
}

static int set_count(struct dawctl *dawctl, const char *text)
{
    double count;
    int next = set_number(&count, "count", text);
    dawctl->count = next == DAWCTL_GO_ON ? (long)ceil(count) : 0;
    return next;
}

static int set_option(struct dawctl *dawctl, int key)
{
    switch (key) {
    case 'n':
        dawctl->name = optarg;
        return DAWCTL_GO_ON;
    case 's':
        dawctl->socket = optarg;
        return DAWCTL_GO_ON;
    case 'p':
        return set_port(dawctl, optarg);
    case 'c':
        dawctl->tcp = optarg;
        return DAWCTL_GO_ON;
    case 'o':
        dawctl->token_file = optarg;
        return DAWCTL_GO_ON;
    case 't':
        return set_timeout(dawctl, optarg);
    case 'k':
        dawctl->keep_going = true;
        return DAWCTL_GO_ON;
    case 'g':
        dawctl->svg = true;
        return DAWCTL_GO_ON;
    case 'u':
        return set_count(dawctl, optarg);
    case 'e':
        return set_number(&dawctl->seconds, "seconds", optarg);
    case 'r':
        return set_number(&dawctl->per_second, "rate", optarg);
    case '1':
        dawctl->once = true;
        return DAWCTL_GO_ON;
    case 'q':
        dawctl->quiet = true;
        return DAWCTL_GO_ON;
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

/* Reads options, behind which optind tells the first other word. `order` is getopt's: with "+" the first other word ends the
 * options, since what looks like one behind an address is an argument (a gain of -6). */
static int read_options(struct dawctl *dawctl, int argc, char **argv, const char *order)
{
    struct option longs[N_INFOS + 1] = {0};
    int key, next = DAWCTL_GO_ON;
    for (unsigned i = 0; i < N_INFOS; i++)
        longs[i] = (struct option){.name = infos[i].name, .has_arg = infos[i].argument != NULL, .val = infos[i].key};
    while (next == DAWCTL_GO_ON && (key = getopt_long(argc, argv, order, longs, NULL)) != -1)
        next = set_option(dawctl, key);
    bool is_unix = dawctl->socket || dawctl->name;
    if (next == DAWCTL_GO_ON && (dawctl->port != 0) + (dawctl->tcp != NULL) + is_unix > 1)
        return dawctl_usage("%s: there is one way to a daemon", "--port, --tcp, or --socket and --name");
    return next;
}

/* ---- the work ------------------------------------------------------------------------------------------------------ */

int dawctl_try(struct ask *ask, const struct dawctl *dawctl, struct error *error)
{
    char path[256];
    *ask = (struct ask){.quiet = dawctl->quiet};
    /* Rounded up, so that a short time is not none; 0 on the command line is for ever. */
    ask->timeout_ms = dawctl->timeout_s > 0 ? (int)ceil(dawctl->timeout_s * 1000) : -1;
    if (dawctl->tcp)
        return link_open_tcp(&ask->link, dawctl->tcp, error);
    if (dawctl->port)
        return link_open_udp(&ask->link, (int)dawctl->port, error);
    if (dawctl->socket)
        return link_open_unix(&ask->link, dawctl->socket, error);
    int failed = socket_path_default(dawctl->name ? dawctl->name : SOCKET_PATH_NAME, path, sizeof path, error);
    return failed ? failed : link_open_unix(&ask->link, path, error);
}

/* The first line of the file, said and not printed. */
static int say_token(struct ask *ask, const char *path)
{
    char token[300] = "";
    FILE *file = fopen(path, "re");
    bool is_read = file && fgets(token, sizeof token, file);
    if (file)
        fclose(file);
    if (!is_read) {
        fprintf(stderr, "dawctl: --token-file %s: %s\n", path, file ? "it is empty" : strerror(errno));
        return ASK_FAILED;
    }
    token[strcspn(token, "\r\n")] = '\0';
    struct bytes message = {0};
    struct writer writer;
    bool is_quiet = ask->quiet;
    writer_init(&writer);
    writer_string(&writer, "token");
    writer_string(&writer, token);
    writer_string(&writer, "pad"); /* a daemon that does not know us answers no more than it was sent */
    writer_string(&writer, PAD);
    int outcome = writer_end(&writer, "/hello", &message) ? ASK_FAILED : ASK_DONE;
    ask->quiet = true;
    if (outcome == ASK_DONE)
        outcome = (int)ask_message(ask, message.data);
    ask->quiet = is_quiet;
    bytes_deinit(&message);
    return outcome == ASK_DONE ? DAWCTL_GO_ON : outcome;
}

int dawctl_open(struct ask *ask, const struct dawctl *dawctl)
{
    struct error error;
    int failed = dawctl_try(ask, dawctl, &error);
    if (failed)
        fprintf(stderr, "dawctl: %s\n", error.text);
    if (failed)
        return failed == ERROR_BAD_VALUE ? ASK_USAGE : ASK_FAILED;
    int next = dawctl->token_file ? say_token(ask, dawctl->token_file) : DAWCTL_GO_ON;
    if (next != DAWCTL_GO_ON)
        link_close(&ask->link);
    return next;
}

/* The message that the words of the command line mean. */
static int build_message(char **words, struct bytes *message)
{
    struct writer writer;
    struct error error;
    const char *address = *words;
    int failed = address_check(address, &error);
    if (strchr(address, ' '))
        return dawctl_usage("\"%s\" is one word: leave out the quotes around it", address);
    if (failed)
        return dawctl_usage("%s", error.text);
    writer_init(&writer);
    while (!failed && *++words)
        failed = word_parse_bare(*words, &writer, &error);
    if (failed) {
        writer_deinit(&writer);
        return dawctl_usage("%s", error.text);
    }
    return writer_end(&writer, address, message) ? dawctl_usage("%s", "memory ran out") : DAWCTL_GO_ON;
}

/* What a connection plays is over with it, and dawctl's is before anybody has heard much: a silence that looks like a fault of the
 * instrument. Notes with a duration, or that are held, stay. */
static void tell_end(const struct dawctl *dawctl, char **words)
{
    bool is_note = strcmp(words[0], "/note/on") == 0, stays = false;
    for (unsigned i = 1; is_note && words[i]; i++)
        stays |= i >= 4 && ((i == 4 && strspn(words[i], "0123456789.") > 0) || strcmp(words[i], "hold") == 0);
    bool is_played = is_note || strcmp(words[0], "/note/bend") == 0 || strcmp(words[0], "/note/pressure") == 0 ||
                     strcmp(words[0], "/note/cc") == 0 || strcmp(words[0], "/midi") == 0;
    if (!is_played || stays || dawctl->port || dawctl->quiet)
        return;
    fputs(
        is_note
            ? "dawctl: the note ended with this connection: give it a duration in seconds, behind the velocity, or hold\n"
            : "dawctl: what was played ended with this connection, and what was moved went back: send it to --port 3293\n",
        stderr);
}

/* The words are read before the daemon is looked for: a mistake in them is one with or without a daemon. */
static int ask_once(const struct dawctl *dawctl, char **words)
{
    struct bytes message = {0};
    struct ask ask;
    int outcome = build_message(words, &message);
    if (outcome == DAWCTL_GO_ON)
        outcome = dawctl_open(&ask, dawctl);
    if (outcome == DAWCTL_GO_ON) {
        outcome = (int)ask_message(&ask, message.data);
        link_close(&ask.link);
        if (outcome == ASK_DONE)
            tell_end(dawctl, words);
    }
    bytes_deinit(&message);
    return outcome;
}

static int run_subcommand(const struct subcommand *row, struct dawctl *dawctl, char *program, int argc, char **argv)
{
    argv[0] = program; /* getopt puts it before its complaints */
    optind = 0;        /* makes it start anew, at the word behind the name */
    int next = read_options(dawctl, argc, argv, "");
    int n_words = argc - optind;
    if (next != DAWCTL_GO_ON)
        return next;
    if (n_words < row->n_words_min || n_words > row->n_words_max) {
        char usage[128];
        snprintf(usage, sizeof usage, "dawctl %s %s", row->name, row->words);
        return dawctl_usage("usage: %s", usage);
    }
    return row->run(dawctl, argv + optind);
}

static int go(int argc, char **argv)
{
    struct dawctl dawctl = {.timeout_s = TIMEOUT_S};
    int next = read_options(&dawctl, argc, argv, "+");
    if (next != DAWCTL_GO_ON)
        return next;
    if (optind == argc)
        return dawctl_usage("an ADDRESS must be given, or one of the words that %s lists", "--help");
    if (argv[optind][0] == '/')
        return ask_once(&dawctl, argv + optind);
    for (unsigned i = 0; i < n_subcommands; i++)
        if (strcmp(argv[optind], subcommands[i]->name) == 0)
            return run_subcommand(subcommands[i], &dawctl, argv[0], argc - optind, argv + optind);
    return dawctl_usage("\"%s\" is neither an address, which starts with '/', nor one of the words that --help lists",
                        argv[optind]);
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
