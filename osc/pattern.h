/* OSC 1.0 address patterns.
 *
 *     ?          any one character but '/'
 *     *          any number of them, none too; never across a '/'
 *     [a-z_]     one of these; [!a-z] one that is none of these, and no '/'
 *     {lp,hp}    one of these texts as they stand, which hold no other pattern and no '/'
 *
 * All else stands for itself, '.' and '-' too. Matching takes at most (length of the pattern) x (length of the address)
 * steps, whatever a client sends: there is no going back.
 */
#pragma once

#include <stdbool.h>

#include "graph/error.h"
#include "graph/thread.h"

/* Whether the address holds anything that makes it a pattern. */
DAWD_ANY bool pattern_is(const char *address);

/* 0 when the pattern (or plain address) can be read; otherwise ERROR_BAD_ADDRESS with the bracket that is not closed, or not
 * opened, or ERROR_TOO_BIG. */
DAWD_ANY int pattern_check(const char *pattern, struct error *error);

/* Whether the pattern matches the whole address. What pattern_check refuses matches nothing; a plain address matches itself. */
DAWD_ANY bool pattern_match(const char *pattern, const char *address);
