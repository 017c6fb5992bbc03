/* What dawctl does besides sending one request: a file for each, osc/dawctl_NAME.c, that ends in its row NAME_subcommand. The
 * build lists the files, so that adding one is adding a file; help and main read the rows.
 *
 *     words --> options --> ADDRESS ARGUMENT ...   one request
 *                      \--> NAME WORD ...          its row
 */
#pragma once

#include <stdbool.h>

#include "graph/thread.h"
#include "osc/ask.h"

/* What the command line says. Which of the lower half mean something depends on the row. */
struct dawctl {
    const char *name, *socket;
    long port;              /* of UDP; 0: none */
    const char *tcp;        /* HOST:PORT; null: none. With neither, the unix socket */
    const char *token_file; /* to be said first; null: none */
    double timeout_s;
    bool quiet;
    bool keep_going;
    bool svg;
    bool once;
    long count;        /* 0: without end */
    double seconds;    /* 0: without end */
    double per_second; /* 0: what is usual */
};

/* What main does after an option: goes on, or exits with a code (enum ask_outcome). */
enum { DAWCTL_GO_ON = -1 };

struct subcommand {
    const char *name;
    const char *words; /* as the usage shows them */
    const char *help;  /* in few words */
    int n_words_min, n_words_max;
    /* Runs it; the words end with a null. Returns the exit code. */
    DAWD_ANY int (*run)(const struct dawctl *dawctl, char **words);
};

/* Every row of the build, sorted by name. */
extern const struct subcommand *const subcommands[];
extern const unsigned n_subcommands;

/* Connects. 0, or with *error, and nothing printed, a cause of link_open_…. */
DAWD_ANY int dawctl_try(struct ask *ask, const struct dawctl *dawctl, struct error *error);
/* Connects. DAWCTL_GO_ON, or the exit code, the reason being printed. */
DAWD_ANY int dawctl_open(struct ask *ask, const struct dawctl *dawctl);
/* Prints what is wrong with the command line (a format with one %s) and returns the exit code for it. */
DAWD_ANY int dawctl_usage(const char *format, const char *what);
