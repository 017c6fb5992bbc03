/* The command line of dawd: one table of options drives parsing, --help, and the texts of errors.
 *
 * Paths and names on the command line come from whoever started the daemon and are trusted; their form is checked so that
 * a slip is named at once and not when sound is expected.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "daemon/log.h"
#include "daemon/places.h"
#include "graph/error.h"
#include "graph/limits.h"
#include "graph/sound_format.h"
#include "graph/thread.h"

#define OPTIONS_ROOTS_MAX    16
#define OPTIONS_SOCKET_BYTES 108 /* what a unix socket address holds, its zero included */

/* Exit codes of the program; what --help ends with tells them. */
enum options_exit { OPTIONS_EXIT_DONE, OPTIONS_EXIT_FAILED, OPTIONS_EXIT_USAGE };

/* What the program is to do. All but OPTIONS_RUN print something and end; where several are given, the last counts. */
enum options_action {
    OPTIONS_RUN,
    OPTIONS_HELP,
    OPTIONS_VERSION,
    OPTIONS_LIST_NODES,
    OPTIONS_DESCRIBE, /* the node type `describe` */
    OPTIONS_RENDER,   /* the session, to a file */
    OPTIONS_CHECK,    /* what OPTIONS_RUN would need; its fields */
};

/* The outcome. For every action but OPTIONS_RUN only that action's own fields mean something. Texts are borrowed from the
 * command line or are constants, but for `socket`, which may have to be put together. */
struct options {
    enum options_action action;
    /* Who it is, and which JACK server it belongs to. */
    const char *name;   /* of the JACK client and the socket; 1..63 bytes of [A-Za-z0-9_.-], a letter or _ first */
    const char *server; /* name of the JACK server; null: JACK's own default */

    /* Where it can be reached. */
    struct places places;              /* addresses and roles */
    const char *token_file;            /* null: none */
    unsigned port;                     /* of UDP and TCP; 0: neither */
    char socket[OPTIONS_SOCKET_BYTES]; /* path of the unix socket; empty: none */

    /* What it may read. */
    const char *roots[OPTIONS_ROOTS_MAX]; /* folders that files lie beneath; never none: "." where none was given */
    unsigned n_roots;

    /* How it runs. */
    bool no_jack;
    bool no_connect;            /* leave our JACK ports unconnected */
    unsigned rate_hz;           /* of the engine while no JACK server dictates another */
    unsigned n_threads;         /* that run the graph; 1: the audio thread alone */
    uint64_t media_limit_bytes; /* of one decoded file */
    struct limits limits;       /* of what clients may make and hold up */
    const char *describe;

    const char *state; /* folder that it comes back from; null: none */

    /* What it plays. */
    const char *session; /* path of the session, a positional word; null: none. With OPTIONS_RENDER never */

    /* OPTIONS_RENDER. */
    const char *render;       /* path of the file */
    double from_s, to_s;      /* 0 <= from < to */
    double length_s;          /* to - from, where that was given; or 0 */
    enum sound_format format; /* of the file */
    unsigned period_frames;   /* of one cycle */
    enum log_level log_level;
};

/* What people are told of one option. */
struct option_words {
    const char *name;     /* without the dashes */
    const char *argument; /* null: takes none */
    const char *initial;  /* null: no value where it is not given */
    const char *help;     /* one sentence, with the unit, without its full stop */
};

/* Reads the command line. 0, or ERROR_BAD_VALUE with one sentence that names the option, what was given and what would
 * have been right: the program then ends with OPTIONS_EXIT_USAGE. Also refused is what is wrong with the place of the
 * default socket (osc/socket_path.h). Uses getopt, which keeps state of its own: once at a time. */
DAWD_CTL int options_parse(struct options *options, int argc, char **argv, struct error *error);

/* Prints the usage and every option with its unit and default, from the table that parses. */
DAWD_CTL void options_print_help(FILE *file);

/* The words of row i of that table, for the manual; false past its end. */
DAWD_ANY bool options_words(unsigned i, struct option_words *words);
