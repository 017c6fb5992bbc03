#include "osc/journal_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "graph/hash.h"
#include "graph/mutant.h"

#define HEAD       "# dawd journal 1 %016" PRIx64 "\n"
#define GROUP      "@ %zu %016" PRIx64 "\n"
#define LINE_BYTES 64 /* of either, at most */

void journal_file_begin(uint64_t snapshot, struct bytes *file)
{
    bytes_print(file, HEAD, snapshot);
}

void journal_file_add(uint64_t *sum, const void *lines, size_t n, struct bytes *file)
{
    *sum = hash_bytes(*sum, lines, n);
    bytes_print(file, GROUP, n, *sum);
    bytes_add(file, lines, n);
}

/* Copies the line at the place, with its end; false when there is none of a sensible length. */
static bool line_take(const struct journal_reader *reader, char *line, size_t *n)
{
    const char *at = reader->text + reader->at, *end = memchr(at, '\n', reader->n - reader->at);
    *n = end ? (size_t)(end - at) + 1 : 0;
    if (!*n || *n >= LINE_BYTES)
        return false;
    memcpy(line, at, *n);
    line[*n] = '\0';
    return true;
}

bool journal_read(struct journal_reader *reader, const char *text, size_t n, uint64_t snapshot)
{
    char line[LINE_BYTES], wanted[LINE_BYTES];
    *reader = (struct journal_reader){.text = text, .n = n, .sum = snapshot};
    snprintf(wanted, sizeof wanted, HEAD, snapshot);
    return line_take(reader, line, &reader->at) && strcmp(line, wanted) == 0;
}

bool journal_read_group(struct journal_reader *reader, const char **lines, size_t *n)
{
    char line[LINE_BYTES];
    uint64_t told;
    size_t n_line;
    if (reader->at == reader->n || !line_take(reader, line, &n_line) || sscanf(line, "@ %zu %" SCNx64, n, &told) != 2)
        return false;
    *lines = reader->text + reader->at + n_line;
    size_t n_left = reader->n - reader->at - n_line;
    if (*n > n_left && !MUTANT_FLAW("credulous"))
        return false;
    *n = *n > n_left ? n_left : *n;
    uint64_t sum = hash_bytes(reader->sum, *lines, *n);
    if (sum != told && !MUTANT_FLAW("credulous"))
        return false;
    reader->sum = told;
    reader->at += n_line + *n;
    reader->n_groups++;
    return true;
}

struct journal_reader journal_read_rest(struct journal_reader reader)
{
    const char *lines;
    size_t n;
    while (journal_read_group(&reader, &lines, &n))
        continue;
    return reader;
}
