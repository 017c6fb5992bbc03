/* Names of notes, as people write them. */
#pragma once

#include <stdbool.h>

#include "graph/thread.h"

/* "C4" is 60, as in scientific pitch notation, where A4 has 440 Hz; "c#4" is 61, "Bb3" 58. Letters of either case, # or b behind
 * them, octaves -1 to 9. False where it is none, or none of 0 to 127. */
DAWD_ANY bool note_name_parse(const char *text, double *note);
