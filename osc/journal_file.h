/* The journal as a file: what was done since a snapshot, group by group, each with what tells a whole one from a torn one.
 *
 *     # dawd journal 1 0123456789abcdef            the snapshot that it goes on from
 *     @ 57 89abcdef01234567                        57 bytes of lines (journal_text.h), and their checksum
 *     5 /graph/add osc tone freq 220.0
 *     7 /graph/connect tone:out out:in
 *     @ …
 *
 * A checksum goes on from that of the group before, the first from the snapshot's: a group that is torn, damaged, missing or
 * of another journal ends what can be read.
 */
#pragma once

#include <stdbool.h>

#include "osc/bytes.h"

DAWD_ANY void journal_file_begin(uint64_t snapshot, struct bytes *file);
/* *sum: of the group before, and then of this one. */
DAWD_ANY void journal_file_add(uint64_t *sum, const void *lines, size_t n, struct bytes *file);

/* A place in the text. */
struct journal_reader {
    const char *text;
    size_t n;
    size_t at; /* behind the last group that was whole */
    uint64_t sum;
    unsigned n_groups; /* that were whole */
};

/* False when it is none that goes on from this snapshot. `text` is borrowed. */
DAWD_ANY bool journal_read(struct journal_reader *reader, const char *text, size_t n, uint64_t snapshot);
/* Behind the last group that is whole; what follows there is one that was torn, or more. */
DAWD_ANY struct journal_reader journal_read_rest(struct journal_reader reader);
/* The next group's lines; false when there is none that is whole. */
DAWD_ANY bool journal_read_group(struct journal_reader *reader, const char **lines, size_t *n);
