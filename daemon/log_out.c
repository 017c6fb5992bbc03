#include "daemon/log_out.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_BYTES     700 /* a longest text and its level */
#define DATAGRAM_BYTES 1400
#define FIELD_BYTES    256 /* of one that says what a line is about */

void log_out_init(struct log_out *out, int fd)
{
    *out = (struct log_out){.fd = fd, .journal_fd = -1};
}

bool log_out_to_journal(struct log_out *out, const char *stream, const char *path)
{
    unsigned long long device, inode;
    struct stat stat;
    if (!stream || sscanf(stream, "%llu:%llu", &device, &inode) != 2 || fstat(out->fd, &stat))
        return false;
    /* Whoever starts us may have left the variable behind, with stderr led elsewhere. */
    if (stat.st_dev != device || stat.st_ino != inode || strlen(path) >= sizeof out->journal.sun_path)
        return false;
    out->journal.sun_family = AF_UNIX;
    strcpy(out->journal.sun_path, path);
    out->journal_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    return out->journal_fd >= 0;
}

void log_out_deinit(struct log_out *out)
{
    if (out->journal_fd >= 0)
        close(out->journal_fd);
    out->journal_fd = -1;
}

/* poll() promises room for PIPE_BUF bytes, which is more than a line: the write that follows does not wait. */
static bool write_line(const struct log_out *out, const char *line)
{
    struct pollfd ready = {.fd = out->fd, .events = POLLOUT};
    ssize_t n = (ssize_t)strlen(line);
    return poll(&ready, 1, 0) == 1 && (ready.revents & POLLOUT) && write(out->fd, line, (size_t)n) == n;
}

/* A newline would end the field, and begin one that somebody else has chosen. */
static void add_field(char *datagram, const char *name, const char *value)
{
    size_t n = strlen(datagram);
    if (!value)
        return;
    snprintf(datagram + n, DATAGRAM_BYTES - n, "%s=%.*s\n", name, FIELD_BYTES, value);
    for (char *p = datagram + n; *p && p[1]; p++)
        if (*p == '\n')
            *p = '?';
}

/* By its address each time: the journal may have been started anew. */
static bool send_fields(const struct log_out *out, int level, const struct log_about *about, const char *text)
{
    char datagram[DATAGRAM_BYTES];
    int n =
        snprintf(datagram, sizeof datagram, "PRIORITY=%d\nSYSLOG_IDENTIFIER=dawd\nMESSAGE=%.*s\n", level, LINE_BYTES, text);
    if (about) {
        add_field(datagram, "DAWD_KIND", about->kind);
        add_field(datagram, "DAWD_NODE", about->node);
        n = (int)strlen(datagram);
    }
    return sendto(out->journal_fd, datagram, (size_t)n, MSG_NOSIGNAL, (const struct sockaddr *)&out->journal,
                  sizeof out->journal) == n;
}

static bool say(const struct log_out *out, int level, const char *word, const struct log_about *about, const char *text)
{
    char line[LINE_BYTES];
    if (out->journal_fd >= 0 && send_fields(out, level, about, text))
        return true;
    if (out->journal_fd >= 0)
        snprintf(line, sizeof line, "<%d>%.*s\n", level, LINE_BYTES - 8, text);
    else
        snprintf(line, sizeof line, "dawd: %s: %.*s\n", word, LINE_BYTES - 32, text);
    return write_line(out, line);
}

void log_out_say(struct log_out *out, int level, const char *word, const struct log_about *about, const char *text)
{
    char missing[80];
    if (out->fd < 0)
        return;
    snprintf(missing, sizeof missing, "%u lines are missing here: stderr was full", out->n_missing);
    if (out->n_missing && !say(out, 4, "warning", NULL, missing)) {
        out->n_missing++;
        return;
    }
    out->n_missing = !say(out, level, word, about, text);
}
