/* A line on its way:
 *
 *     text -> equal to the last one? counted
 *          -> its kind has had its ten within a second? counted
 *          -> kept in the ring -> stderr or the journal (log_out.h)
 *
 * Counts are told before the next line of their kind that is shown, by log_tick, or at the end, whichever comes first.
 */
#include "daemon/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "graph/utf8.h"

#define SECOND_NS 1000000000

struct log {
    pthread_mutex_t lock;
    struct log_out out;
    _Atomic int level;
    uint64_t n_kept;            /* lines ever put into `lines` */
    unsigned n_repeats;         /* of the last shown line */
    struct log_kind *last_kind; /* of the last shown line; null: none yet */
    int64_t last_ns;
    char last[LOG_TEXT_BYTES];
    struct log_rate rate;
    struct log_line lines[LOG_LINES];
};

static const char *const level_names[] = {
#define X(level, name, syslog) [LOG_##level] = name,
    LOG_LEVELS(X)
#undef X
};

static const int syslog_levels[] = {
#define X(level, name, syslog) [LOG_##level] = syslog,
    LOG_LEVELS(X)
#undef X
};

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * SECOND_NS + now.tv_nsec;
}

struct log *log_new(int fd, enum log_level level)
{
    struct log *log = calloc(1, sizeof *log);
    if (!log)
        return NULL;
    pthread_mutex_init(&log->lock, NULL);
    log_out_init(&log->out, fd);
    atomic_store(&log->level, (int)level);
    return log;
}

static void emit(struct log *log, enum log_level level, const struct log_about *about, const char *text)
{
    struct log_line *line = &log->lines[log->n_kept++ % LOG_LINES];
    line->level = level;
    line->time_ns = clock_ns(CLOCK_REALTIME);
    snprintf(line->text, sizeof line->text, "%s", text);
    log_out_say(&log->out, syslog_levels[level], level_names[level], about, text);
}

/* Those of ASCII, and those beyond it, of which a terminal takes U+009B for the start of a command; and what is no UTF-8. */
static void replace_control_characters(char *text)
{
    unsigned n;
    for (uint8_t *p = (uint8_t *)text; *p; p += n ? n : 1) {
        n = utf8_bytes(p);
        bool is_control = *p < 32 || *p == 127 || (*p == 0xc2 && p[1] < 0xa0);
        if (n == 0 || is_control)
            memset(p, '?', n ? n : 1);
    }
}

static void report_suppressed(struct log *log, struct log_kind *kind)
{
    char text[LOG_TEXT_BYTES];
    snprintf(text, sizeof text, "%u more lines like \"%s\" were suppressed", kind->n_suppressed, kind->sample);
    kind->n_suppressed = 0;
    emit(log, kind->level, NULL, text);
}

static void report_repeats(struct log *log)
{
    char text[LOG_TEXT_BYTES + 32];
    snprintf(text, sizeof text, "repeated %u times: %s", log->n_repeats, log->last);
    log->n_repeats = 0;
    emit(log, log->last_kind->level, NULL, text);
}

/* A count is a line of its kind: where that has no room left, it joins those that wait. */
static void report_repeats_if_admitted(struct log *log, int64_t now_ns)
{
    if (!log->n_repeats)
        return;
    if (log_kind_admit(log->last_kind, now_ns)) {
        report_repeats(log);
        return;
    }
    log->last_kind->n_suppressed += log->n_repeats;
    log->n_repeats = 0;
}

static void report_repeats_if_due(struct log *log, int64_t now_ns)
{
    if (now_ns - log->last_ns >= SECOND_NS)
        report_repeats_if_admitted(log, now_ns);
}

static void report_suppressed_if_admitted(struct log *log, struct log_kind *kind, int64_t now_ns)
{
    if (kind->n_suppressed && log_kind_admit(kind, now_ns))
        report_suppressed(log, kind);
}

static bool is_repeat(const struct log *log, const struct log_kind *kind, const char *text, int64_t now_ns)
{
    return kind == log->last_kind && now_ns - log->last_ns < SECOND_NS && strcmp(text, log->last) == 0;
}

static void show(struct log *log, enum log_level level, const struct log_about *about, const char *format, const char *text)
{
    int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
    report_repeats_if_due(log, now_ns); /* before its kind can be forgotten */
    struct log_kind *kind = log_rate_find(&log->rate, (int)level, format, now_ns);
    if (is_repeat(log, kind, text, now_ns)) {
        log->n_repeats++;
        return;
    }
    report_suppressed_if_admitted(log, kind, now_ns);
    if (!log_kind_admit(kind, now_ns)) {
        kind->n_suppressed++;
        return;
    }
    report_repeats_if_admitted(log, now_ns);
    snprintf(kind->sample, sizeof kind->sample, "%.*s", LOG_SAMPLE_BYTES - 1, text);
    replace_control_characters(kind->sample); /* a character that was cut in two */
    snprintf(log->last, sizeof log->last, "%s", text);
    log->last_kind = kind;
    log->last_ns = now_ns;
    emit(log, level, about, text);
}

/* Formatted before the lock is taken: the longest part of it all. */
static void put(struct log *log, enum log_level level, const struct log_about *about, const char *format, va_list args)
{
    char text[LOG_TEXT_BYTES];
    vsnprintf(text, sizeof text, format, args);
    replace_control_characters(text);
    pthread_mutex_lock(&log->lock);
    show(log, level, about, about && about->kind ? about->kind : format, text);
    pthread_mutex_unlock(&log->lock);
}

static bool is_wanted(const struct log *log, enum log_level level)
{
    return log && (int)level <= atomic_load_explicit(&log->level, memory_order_relaxed);
}

void log_put(struct log *log, enum log_level level, const char *format, ...)
{
    va_list args;
    if (!is_wanted(log, level))
        return;
    va_start(args, format);
    put(log, level, NULL, format, args);
    va_end(args);
}

void log_put_about(struct log *log, enum log_level level, const struct log_about *about, const char *format, ...)
{
    va_list args;
    if (!is_wanted(log, level))
        return;
    va_start(args, format);
    put(log, level, about, format, args);
    va_end(args);
}

bool log_use_journal(struct log *log, const char *stream, const char *path)
{
    pthread_mutex_lock(&log->lock);
    bool is_journal = log_out_to_journal(&log->out, stream, path);
    pthread_mutex_unlock(&log->lock);
    return is_journal;
}

void log_tick(struct log *log)
{
    if (!log)
        return;
    pthread_mutex_lock(&log->lock);
    int64_t now_ns = clock_ns(CLOCK_MONOTONIC);
    report_repeats_if_due(log, now_ns);
    for (struct log_kind *kind = log->rate.kinds; kind < log->rate.kinds + LOG_KINDS; kind++)
        report_suppressed_if_admitted(log, kind, now_ns);
    report_suppressed_if_admitted(log, &log->rate.others, now_ns);
    pthread_mutex_unlock(&log->lock);
}

void log_free(struct log *log)
{
    if (!log)
        return;
    if (log->n_repeats)
        report_repeats(log);
    for (struct log_kind *kind = log->rate.kinds; kind < log->rate.kinds + LOG_KINDS; kind++)
        if (kind->n_suppressed)
            report_suppressed(log, kind);
    if (log->rate.others.n_suppressed)
        report_suppressed(log, &log->rate.others);
    log_out_deinit(&log->out);
    pthread_mutex_destroy(&log->lock);
    free(log);
}

/* Copies the newest lines after number *seen, n at most, and returns how many these are. */
static unsigned copy_since(struct log *log, uint64_t *seen, unsigned n, struct log_line *copy, uint64_t *n_new)
{
    pthread_mutex_lock(&log->lock);
    *n_new = log->n_kept > *seen ? log->n_kept - *seen : 0;
    n = *n_new < n ? (unsigned)*n_new : n;
    for (unsigned i = 0; i < n; i++)
        copy[i] = log->lines[(log->n_kept - n + i) % LOG_LINES];
    *seen = log->n_kept;
    pthread_mutex_unlock(&log->lock);
    return n;
}

uint64_t log_since(struct log *log, uint64_t *seen, unsigned n, void (*line)(void *self, const struct log_line *line),
                   void *self)
{
    uint64_t n_new;
    n = n < LOG_LINES ? n : LOG_LINES;
    /* A copy, because `line` may take long and may log itself. */
    struct log_line *copy = malloc((n ? n : 1) * sizeof *copy);
    n = copy_since(log, seen, copy ? n : 0, copy, &n_new);
    for (unsigned i = 0; i < n; i++)
        line(self, &copy[i]);
    free(copy);
    return n_new - n;
}

unsigned log_tail(struct log *log, unsigned n, void (*line)(void *self, const struct log_line *line), void *self)
{
    uint64_t seen = 0, left_out = log_since(log, &seen, n, line, self);
    return (unsigned)(seen - left_out);
}

enum log_level log_level(const struct log *log)
{
    return (enum log_level)atomic_load_explicit(&log->level, memory_order_relaxed);
}

void log_level_set(struct log *log, enum log_level level)
{
    atomic_store_explicit(&log->level, (int)level, memory_order_relaxed);
}

const char *log_level_name(enum log_level level)
{
    return level < LOG_LEVEL_END ? level_names[level] : "unknown";
}

enum log_level log_level_parse(const char *name)
{
    unsigned level = 0;
    while (level < LOG_LEVEL_END && strcmp(name, level_names[level]) != 0)
        level++;
    return (enum log_level)level;
}
