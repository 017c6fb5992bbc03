/* What the daemon says about itself: lines on stderr, and the last ones kept for reading back.
 *
 * Safe to use from every thread but the audio thread (it takes a lock and makes system calls). A log never floods and
 * never waits:
 *  - a line equal to the one before it, within a second, is only counted ("repeated 41 times: …");
 *  - of one kind (one level and one format) at most LOG_KIND_LINES come in any second, counts included; the rest is counted
 *    and told ("990 more lines like …"), once there is room for it (log_rate.h);
 *  - when nobody reads stderr and its pipe is full, lines are dropped there (and counted), but still kept here;
 *  - control characters in a text become '?', and so does what is no UTF-8: nobody can forge a line.
 */
#pragma once

#include <stdint.h>

#include "daemon/log_out.h"
#include "daemon/log_rate.h"
#include "graph/thread.h"

#define LOG_LINES      1000 /* kept for log_tail */
#define LOG_TEXT_BYTES 512  /* longest text, its zero included; longer ones are cut */

/* Gravest first: a log shows its own level and those before it. With what syslog(3) calls them. */
#define LOG_LEVELS(X)                                                                                                      \
    X(ERROR, "error", 3)                                                                                                   \
    X(WARNING, "warning", 4)                                                                                               \
    X(INFO, "info", 6)                                                                                                     \
    X(DEBUG, "debug", 7)

enum log_level {
#define X(level, name, syslog) LOG_##level,
    LOG_LEVELS(X)
#undef X
        LOG_LEVEL_END
};

/* A line as it is kept. */
struct log_line {
    enum log_level level;
    int64_t time_ns;           /* since 1970 */
    char text[LOG_TEXT_BYTES]; /* without "dawd: warning: " */
};

struct log;

/* A new log that writes to `fd` (borrowed; -1: nowhere) whatever is at least as grave as `level`. Null: no memory. */
DAWD_ANY struct log *log_new(int fd, enum log_level level);
/* Writes the counts that are outstanding and frees. No thread may use the log any more. Null is accepted. */
DAWD_ANY void log_free(struct log *log);

/* Says one line, without a newline. A null log swallows it. The format is the kind of the line, so it should be a
 * constant, with what varies in the arguments. */
DAWD_ANY __attribute__((format(printf, 3, 4))) void log_put(struct log *log, enum log_level level, const char *format, ...);

/* The same, with what it is about: the journal can be searched for that. A kind of its own (null: none) takes the place of the
 * format. */
DAWD_ANY __attribute__((format(printf, 4, 5))) void log_put_about(struct log *log, enum log_level level,
                                                                  const struct log_about *about, const char *format, ...);

/* When `fd` is the journal (log_out.h), lines go to it by its protocol from now on. Whether it is. */
DAWD_ANY bool log_use_journal(struct log *log, const char *stream, const char *path);

/* Says the counts that have become due. To be called about once a second. */
DAWD_ANY void log_tick(struct log *log);

/* Calls `line` for the last n lines (or as many as there are), oldest first, and returns how many these were. They are
 * copied first: `line` may use the log. Each line is borrowed for its call. */
DAWD_ANY unsigned log_tail(struct log *log, unsigned n, void (*line)(void *self, const struct log_line *line), void *self);

/* The same for those after number *seen, the newest n of them; sets *seen to the newest there is and returns how many were left
 * out. Lines are numbered from 1. */
DAWD_ANY uint64_t log_since(struct log *log, uint64_t *seen, unsigned n,
                            void (*line)(void *self, const struct log_line *line), void *self);

/* Takes effect for the next line, on whatever thread. */
DAWD_ANY enum log_level log_level(const struct log *log);
DAWD_ANY void log_level_set(struct log *log, enum log_level level);
/* "warning" for LOG_WARNING. */
DAWD_ANY const char *log_level_name(enum log_level level);
/* The level of a name, or LOG_LEVEL_END when there is none. */
DAWD_ANY enum log_level log_level_parse(const char *name);
