/* A file of text form, sent line by line, each answer awaited before the next line goes; the lines between [ and ] go as
 * one bundle. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "graph/thread.h"
#include "osc/ask.h"

/* Sends what `file` holds. Failures are printed as "NAME:LINE: …" by ask. Stops at the first one unless keep_going.
 * ASK_DONE when all went well, otherwise the outcome of the first failure. */
DAWD_ANY enum ask_outcome script_run(struct ask *ask, FILE *file, const char *name, bool keep_going);
