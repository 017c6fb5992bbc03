/* Commands: one row of a table each, one file per family (family_NAME.c). The build lists the families; dispatch,
 * /describe, the texts of errors and the tests read the rows, so adding a command is adding a row.
 *
 * The arguments of a row are written as one string, words in the order in which they are given:
 *
 *     name:T        required                 T: s string, i whole number, d number, b truth, n string or whole number,
 *                                            p position: seconds, frames (480000h) or bars ("17:1:0"),
 *                                            m MIDI message, k note: a number, or its name ("c#4")
 *     [name:T]      may be left out, with those behind it
 *     name=T        keyword with a value, in any order behind the others: gain -6
 *     name!         keyword alone: feedback
 *     ...           pairs of a word and a value that the command reads itself; the last
 *     name:d(dB)    the unit, where there is one
 *     name:s{a,b}   one of these words
 *
 * What follows request id and address in its /done is written alike, but exactly as it is sent:
 *
 *     name:T        one result: s string, i 32-bit integer, h 64-bit integer, f float, d double, b truth,
 *                   * whatever is meant
 *     [name:T …]*   any number of groups of these; the last
 *     A | B         the one or the other, the usual one first
 */
#pragma once

#include "graph/media.h"
#include "graph/transport.h"
#include "osc/packet.h"
#include "osc/role.h"
#include "osc/writer.h"

#define COMMAND_ARGS_MAX  8
#define COMMAND_ARG_BYTES 128 /* enough for command_arg_show */
/* What a command may return besides 0 and the codes of errors. */
#define CALL_LOADING      (-1) /* it waits for a file: it is undone, and run again when that is there */
#define CALL_LATER        (-2) /* it has kept a request_detach of its request, and answers that one itself; not for edits */

/* For a command that is about the whole graph: it waits for all that came before, and what edits waits for it. */
#define RESERVES_ALL (COMMAND_ARGS_MAX + 1)

struct call;
struct server;

/* When a command is answered, and whether it can be part of a transaction. */
enum command_kind {
    COMMAND_QUERY,  /* answers at once, changes nothing */
    COMMAND_EDIT,   /* works on the open transaction, answered when the engine has taken it */
    COMMAND_ACTION, /* answers by itself, at once or later, and cannot be part of a bundle */
    COMMAND_VALUE,  /* a query without arguments, answered as the read of a value is; an edit with some */
};

/* A row. What it says of arguments and results is all that clients are told, and what the arguments are checked by. */
struct command {
    const char *address;
    const char *args;
    const char *results; /* "" where /done says no more than that it is done */
    const char *help;    /* one sentence */
    enum command_kind kind;
    unsigned reserves; /* number (from 1) of the argument that names a node it makes or removes; 0: none; RESERVES_ALL */
    DAWD_CTL int (*run)(struct call *call); /* 0, an error code with call->error filled, CALL_LOADING or CALL_LATER */
    enum role role;                         /* that a sender needs, where its kind does not tell (command_role); 0 */
    bool
        performs; /* an edit of the moment: as the set of a value, it is not answered where nobody could use it (call->tx is
                      null then) */
};

/* The rows of one file, which ends in it: NAME_family in family_NAME.c; and what of its matters belongs to a session. */
struct command_family {
    const char *name; /* the first part of the addresses, or "" for those without */
    const struct command *commands;
    unsigned n_commands;
    /* Appends the commands that bring it from empty to what it is, one per line. Null: nothing of it is kept. */
    DAWD_CTL void (*session_write)(const struct ctl *ctl, struct bytes *text);
    /* Empties it, as a part of the transaction. 0 or an error, and all will be rolled back. Null: there is nothing to empty. */
    DAWD_CTL int (*session_clear)(struct tx *tx, struct error *error);
};

/* Every family of the build, sorted by name: generated from the listing of osc/. */
extern const struct command_family *const command_families[];
extern const unsigned n_command_families;

/* The row of an address (without /req/<n>) in the tables of the build, or null. Slow: servers look it up by hash. */
DAWD_ANY const struct command *command_find(const char *address);

/* How the results of a command are best read: *n_single that stand alone, then groups of the number returned, 0 when there are
 * none. */
DAWD_ANY unsigned command_results_group(const struct command *command, unsigned *n_single);

/* An argument of a row as it was given. */
struct value {
    bool given;
    union {
        const char *s; /* borrowed from the packet */
        int64_t i;
        double d;
        bool b;
        struct position p;
        const struct arg *a; /* n, m: as it came */
    };
};

/* One command being run. May be run again from the start when a file was missing, so nothing is to be changed but by way
 * of tx, which is rolled back. */
struct call {
    struct server *server;
    struct request *request;
    const struct command *command;
    struct value args[COMMAND_ARGS_MAX]; /* by their place in the row */
    const struct arg *rest;              /* what "..." took */
    unsigned n_rest;
    struct tx *tx;          /* of an edit that is answered; otherwise null */
    struct writer *results; /* of the answer, behind req and address */
    struct error *error;
};

/* What it is with so many arguments: never COMMAND_VALUE. */
DAWD_ANY enum command_kind command_kind_of(const struct command *command, unsigned n_args);

/* The role that its sender needs: to ask, ROLE_READ; for all else that of the row, or ROLE_EDIT. */
DAWD_ANY enum role command_role(const struct command *command, unsigned n_args);

/* Reads a message's arguments into call->args by the row. 0, or with the usage in the text bad_type for what is missing,
 * superfluous or of another kind, bad_value for a number that is not finite or not whole. `args` is borrowed for the life of
 * the call. */
DAWD_CTL int command_args_read(struct call *call, const struct arg *args, unsigned n_args);

/* Writes an argument as an error text names it: "loud" in quotes, 1.5, T; at most n bytes with the terminator. */
DAWD_ANY void command_arg_show(const struct arg *arg, char *text, size_t n);

/* Which items of a list a query tells: those from an offset on, at most so many. */
struct page {
    int64_t offset, count;
};

/* Reads [offset:i] [count:i], the argument of that place and the next: all items where they are not given. 0 or range. */
DAWD_CTL int call_page(struct call *call, unsigned first, struct page *page);

/* Adds the text to the results as one string, and frees it. 0, or internal when memory has run out for it. */
DAWD_CTL int call_text_answer(struct call *call, struct bytes *text);
/* Called for each item of the list in turn: whether it is to be told. */
DAWD_CTL bool page_next(struct page *page);

/* What the file of a path is read as, for the engine's rate; borrowed for the call. Null while it is not there: the transaction is a rehearsal
 * from then on, which finds what else is missing or wrong, and the request is run again. 0, or why it cannot be loaded. */
DAWD_CTL int call_media(struct call *call, const char *path, enum media_kind kind, struct media **media);
/* The n bytes of a text file, borrowed for the call; one file per request. 0, CALL_LOADING while they are not there, or why
 * it cannot be read. */
DAWD_CTL int call_text(struct call *call, const char *path, const char **text, size_t *n);
