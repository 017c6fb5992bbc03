/* The text form of messages: scripts, dumps of the graph, what dawctl reads and prints.
 *
 *     # a comment
 *     /graph/add lp svf cutoff 800.0 label "low \"pass\""
 *     [
 *     /graph/connect lp out gain -6
 *     ]
 *
 * Words are parted by spaces or tabs: an address, then arguments as word.h spells them, those with spaces in quotes.
 * Formatting is the exact inverse: what it writes parses to the bytes it was given. A bundle's time tag has no text form.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "graph/error.h"
#include "graph/thread.h"
#include "osc/bytes.h"

enum text_line {
    TEXT_NOTHING, /* empty, or a comment */
    TEXT_MESSAGE,
    TEXT_OPEN,  /* [ : the messages up to TEXT_CLOSE are one bundle */
    TEXT_CLOSE, /* ] */
};

/* Reads one line of n bytes, without its newline (a carriage return at the end is passed over). A message is appended to
 * *packet. 0 with *kind, or with *error naming the column (counted in bytes from 1), *packet then as before:
 *   ERROR_BAD_ADDRESS, ERROR_TOO_BIG  the first word is no address, or too long for one
 *   ERROR_BAD_VALUE, ERROR_RANGE      a word cannot be read, or its number does not fit
 *   ERROR_INTERNAL                    memory ran out */
DAWD_ANY int text_parse(const char *line, size_t n, enum text_line *kind, struct bytes *packet, struct error *error);

/* Appends a checked message as one line, without a newline. */
DAWD_ANY void text_format(const uint8_t *message, struct bytes *line);
