/* How an argument is spelled as a word of the text form.
 *
 *   12 -3        i, when it fits 32 bits
 *   480000h      h
 *   0.5 2e3      f, or d when it has more digits than f can give back
 *   0.5d         d
 *   T F          booleans
 *   "a b"        a string, with the escapes \" \\ \n
 *   %TAG:HEX     an argument of any type by its bytes: %t:0000000000000001, %b:00ff, %N:
 *   out lp:in    a string, when it is nothing of the above
 *
 * Writing picks the first of these spellings that reads back as the same bits: floats with the fewest digits that do,
 * strings bare where that is enough, what is not finite or holds control characters in hex. Nothing depends on a locale as
 * long as the program does not call setlocale.
 */
#pragma once

#include <stddef.h>

#include "graph/error.h"
#include "graph/thread.h"
#include "osc/bytes.h"
#include "osc/packet.h"
#include "osc/writer.h"

/* Adds the argument that a word stands for; only a word in quotes may hold spaces. 0, or with *error and nothing added:
 *   ERROR_BAD_VALUE  quotes that are not closed or not around the whole word, an unknown escape, HEX that is no argument
 *   ERROR_RANGE      a number does not fit its type */
DAWD_ANY int word_parse(const char *word, struct writer *writer, struct error *error);

/* As word_parse for a word that a shell has already cut out: anything that is no number, boolean, %TAG:HEX or string in
 * quotes is a string as it stands, with spaces, quotes and all; only one that starts with a quote must also end with it. */
DAWD_ANY int word_parse_bare(const char *word, struct writer *writer, struct error *error);

/* Appends the word for an argument. */
DAWD_ANY void word_format(const struct arg *arg, struct bytes *text);
