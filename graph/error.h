/* Why a request was refused: a stable code for programs and a sentence for people.
 *
 * The codes are numbered from 1 in the order of this table; numbers and symbols are part of the language and only ever
 * grow at the end.
 *
 * A function that can be refused returns a code, 0 when it is done. What was refused has changed nothing, unless its header
 * says otherwise; memory that runs out is a refusal like any other.
 */
#pragma once

#include "graph/thread.h"

/* One row per code: its name here, the symbol that clients compare with, and what it says in general. The particular is
 * said in struct error. */
#define ERROR_CODES(X)                                                                                                     \
    X(BAD_ADDRESS, "bad_address", "no command or value has this address")                                                  \
    X(BAD_TYPE, "bad_type", "an argument is missing, superfluous or of the wrong type")                                    \
    X(BAD_VALUE, "bad_value", "an argument has the right type but means nothing")                                          \
    X(RANGE, "range", "a number lies outside its range")                                                                   \
    X(NO_SUCH_NODE, "no_such_node", "no node has this name")                                                               \
    X(NO_SUCH_PORT, "no_such_port", "the node has no such port or channel")                                                \
    X(NO_SUCH_PARAM, "no_such_param", "the node has no such parameter")                                                    \
    X(NO_SUCH_TYPE, "no_such_type", "there is no such type of node")                                                       \
    X(NAME_TAKEN, "name_taken", "something else has this name")                                                            \
    X(CYCLE, "cycle", "the connection would close a loop")                                                                 \
    X(BUSY, "busy", "the object is in use by unfinished work")                                                             \
    X(DENIED, "denied", "this is not allowed, here or to this client")                                                     \
    X(TOO_BIG, "too_big", "a limit is exceeded")                                                                           \
    X(LATE, "late", "its time has passed")                                                                                 \
    X(NO_MATCH, "no_match", "the pattern matches nothing")                                                                 \
    X(CONFLICT, "conflict", "the state is not what the request assumed")                                                   \
    X(CANCELLED, "cancelled", "a newer request took its place, or the daemon ends")                                        \
    X(NO_FILE, "no_file", "there is no such file")                                                                         \
    X(BAD_FILE, "bad_file", "the file cannot be understood")                                                               \
    X(IO, "io", "the operating system refused")                                                                            \
    X(NO_SERVER, "no_server", "no JACK server is there")                                                                   \
    X(UNSUPPORTED, "unsupported", "this cannot be done in this way")                                                       \
    X(INTERNAL, "internal", "memory ran out, or a defect")

/* The number that clients get beside the symbol. ERROR_END is no code but the bound of those that are. */
enum error_code {
    ERROR_NONE,
#define X(code, symbol, help) ERROR_##code,
    ERROR_CODES(X)
#undef X
        ERROR_END
};

/* Why something was refused. Whoever calls makes it and zeroes it; a function that fails fills it, one that succeeds
 * leaves it as it was. The text is UTF-8 for people: programs go by the code. */
struct error {
    enum error_code code; /* ERROR_NONE while nothing is wrong */
    char text[512];       /* names the argument, its value, and what would have been right; cut where it is longer */
};

/* Fills *error (keeps nothing of the arguments) and returns `code`, so that a caller can `return error_set(...)`. No
 * argument may point into error->text, which is being written: a text inside another text needs an error of its own. */
DAWD_ANY __attribute__((format(printf, 3, 4))) int error_set(struct error *error, enum error_code code, const char *format,
                                                             ...);

/* The symbol of a code ("no_such_node"), "none" for ERROR_NONE, "unknown" for anything else. */
DAWD_ANY const char *error_symbol(enum error_code code);
