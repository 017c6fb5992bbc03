/* The token that other hosts have to say: the first line of a file that nobody else may read. */
#pragma once

#include "graph/error.h"
#include "graph/thread.h"
#include "osc/client.h"

/* Reads it once, at the start, padded with zeros. 0, or with *error: ERROR_NO_FILE, ERROR_IO, ERROR_DENIED for a file that
 * others may read or write or that is neither ours nor root's, ERROR_BAD_VALUE for a token that is too short to be safe, too
 * long, or holds other than visible ASCII. */
DAWD_CTL int token_read(const char *path, char token[CLIENT_TOKEN_BYTES], struct error *error);
