/* One request after the other: each is sent with a number, its answer awaited and printed. What dawctl does.
 *
 * A request goes out as /req/N/ADDRESS, a bundle with /tx req N as its first message; the answer that names N ends the
 * wait. Results go to stdout in text form, grouped in lines as the command's row says (osc/command.h),
 * a single string just as it is; a failure goes to stderr as
 * "ADDRESS: SYMBOL: TEXT"; /progress is shown on stderr when that is a terminal. What else arrives (the values that a
 * pattern matched) is printed as a line of text form each.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/error.h"
#include "graph/thread.h"
#include "osc/bytes.h"
#include "osc/link.h"

/* How it went; also the exit codes of dawctl. Of several requests the first that did not go well counts. */
enum ask_outcome {
    ASK_DONE,
    ASK_FAILED,  /* the daemon refused, or cannot be reached */
    ASK_USAGE,   /* the request makes no sense and was not sent */
    ASK_TIMEOUT, /* no answer came in time */
};

/* One client on its way through its requests. Set up: the link, timeout_ms, quiet; the rest starts at zero. */
struct ask {
    struct link link;   /* owned */
    int32_t request;    /* the number of the current request, counting from 1 */
    int timeout_ms;     /* to wait after the last sign of life; negative: for ever */
    bool quiet;         /* results are not printed */
    const char *source; /* what failures start with: "FILE", or null for a command line */
    unsigned line;      /* of the source */
    bool progress;      /* a progress line stands on the terminal */
    bool is_scheduled;  /* the request waits for a time of its own, however long that takes */
};

/* Each sends something, waits for its answer and prints it. Failures have been printed when they return. */

/* A checked message whose address has no /req/N: it gets the next number. */
DAWD_ANY enum ask_outcome ask_message(struct ask *ask, const uint8_t *message);
/* Checked messages as one bundle. They come as ask_bundle_add has put them together. */
DAWD_ANY enum ask_outcome ask_bundle(struct ask *ask, const struct bytes *bundle);

/* Appends one checked message of n bytes to the bundle that will be sent next; an empty *bundle gets its head first.
 * ASK_DONE, or ASK_USAGE (printed) when a /tx of the user's names a request itself. */
DAWD_ANY enum ask_outcome ask_bundle_add(struct ask *ask, struct bytes *bundle, const uint8_t *message, size_t n);

/* Prints "SOURCE:LINE: TEXT" or "dawctl: TEXT" to stderr and returns the outcome for the caller to return. */
DAWD_ANY enum ask_outcome ask_complain(struct ask *ask, enum ask_outcome outcome, const char *text);
