/* How often the log says one kind of line: LOG_KIND_LINES times in any second, wherever that second begins, and nothing that a
 * client, a file or a JACK server does changes this.
 *
 * A kind is one level and one format; what varies is in the arguments, so there are as many kinds as the program has formats.
 * Were there ever more than LOG_KINDS in use, those beyond share one allowance: what is new cannot buy room for more.
 * The counts of what was held back are lines of their kind as well, and take a place of its allowance.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "graph/thread.h"

#define LOG_KIND_LINES   10  /* of one kind in any second */
#define LOG_KINDS        256 /* some five times as many as the program has formats */
#define LOG_SAMPLE_BYTES 96

struct log_kind {
    uint64_t key;                    /* level and format; 0: free */
    int64_t said_ns[LOG_KIND_LINES]; /* when its last lines were said, the oldest at `oldest`; 0: never */
    unsigned oldest;
    unsigned n_suppressed;         /* that nobody was told of */
    int level;                     /* of its last line */
    char sample[LOG_SAMPLE_BYTES]; /* the start of its last line that was said */
};

/* All zero is empty. The caller keeps threads apart. */
struct log_rate {
    struct log_kind kinds[LOG_KINDS];
    struct log_kind others; /* those that found no place */
};

/* The kind of a line that comes at now_ns (monotonic, more than 0); never null. */
DAWD_ANY struct log_kind *log_rate_find(struct log_rate *rate, int level, const char *format, int64_t now_ns);

/* Whether one more line may be said at now_ns; if so it counts as said. */
DAWD_ANY bool log_kind_admit(struct log_kind *kind, int64_t now_ns);
