/* Where the lines of a log go: to stderr, or, when that is the journal of systemd, to it by its own protocol, with fields.
 *
 *     stderr is the journal ─ yes ─▶ its socket: PRIORITY=, SYSLOG_IDENTIFIER=, MESSAGE=, DAWD_KIND=, DAWD_NODE=
 *           │                            │ cannot be reached, or has no room
 *           no                           ▼
 *           ▼                        stderr, "<4>text": the journal reads the level from it
 *     stderr, "dawd: warning: text"
 *
 * Nothing here waits: a line for which there is no room anywhere is counted, and the count told before the next.
 */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "graph/thread.h"

#define LOG_OUT_JOURNAL "/run/systemd/journal/socket" /* systemd.journal-fields(7), the native protocol */

/* What a line is about, for those who search. Each may be null. */
struct log_about {
    const char *kind; /* one word: "request", "fault" */
    const char *node; /* its name */
};

struct log_out {
    int fd;             /* of stderr; -1: nowhere */
    int journal_fd;     /* -1: stderr is not the journal */
    unsigned n_missing; /* lines that nobody had room for */
    struct sockaddr_un journal;
};

/* To `fd`, borrowed. */
DAWD_ANY void log_out_init(struct log_out *out, int fd);
/* From now on to the journal that listens at `path`, when `stream` (the value of JOURNAL_STREAM, DEVICE:INODE; null: there is
 * none) says that fd is the journal. Whether it is. */
DAWD_ANY bool log_out_to_journal(struct log_out *out, const char *stream, const char *path);
DAWD_ANY void log_out_deinit(struct log_out *out);

/* Says one line (without a newline or other control characters); `level` as syslog(3) counts them, and its `word`. `about` may
 * be null. One thread at a time. */
DAWD_ANY void log_out_say(struct log_out *out, int level, const char *word, const struct log_about *about,
                          const char *text);
