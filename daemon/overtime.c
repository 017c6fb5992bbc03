#include "daemon/overtime.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "daemon/crash_mark.h"
#include "daemon/wake.h"
#include "graph/caught.h"
#include "graph/mutant.h"

#define LIMIT_MS    200 /* forty periods of a usual server; what hangs that long does not come back */
#define PATIENCE_MS 100 /* that control has for saying what it knows */

/* A signal is the process's and carries no argument. */
static _Atomic(struct overtime *) listener;

static void end(void)
{
    crash_mark();
    signal(SIGXCPU, SIG_DFL);
    kill(getpid(), SIGXCPU);
}

/* On the thread that was interrupted, wherever it was: nothing here but what POSIX lists as safe in a handler. */
static void on_limit(int number)
{
    static const char text[] = "dawd: a thread has computed for longer than RLIMIT_RTTIME or RLIMIT_CPU allow: ended\n";
    struct overtime *overtime = atomic_load(&listener);
    (void)number;
    if (overtime) {
        atomic_store(&overtime->is_reached, true);
        wake_post(overtime->fd);
        poll(NULL, 0, PATIENCE_MS);
    }
    (void)!write(STDERR_FILENO, text, sizeof text - 1);
    end();
}

/* Where the hard limit is no higher, the kernel would kill without a word: then a quarter less. */
static bool limit_set(struct overtime *overtime, unsigned wanted_ms)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_RTTIME, &limit))
        return false;
    rlim_t wanted_us = (rlim_t)wanted_ms * 1000;
    if (limit.rlim_max != RLIM_INFINITY && wanted_us > limit.rlim_max / 4 * 3)
        wanted_us = limit.rlim_max / 4 * 3;
    limit.rlim_cur = wanted_us;
    overtime->limit_ms = (unsigned)(wanted_us / 1000);
    return setrlimit(RLIMIT_RTTIME, &limit) == 0;
}

/* What the process was given counts as well, where it is less. */
static unsigned usual_ms(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_RTTIME, &limit) || limit.rlim_cur >= (rlim_t)LIMIT_MS * 1000)
        return LIMIT_MS;
    return (unsigned)(limit.rlim_cur / 1000);
}

void overtime_open(struct overtime *overtime, struct log *log)
{
    struct sigaction action = {.sa_handler = on_limit};
    *overtime = (struct overtime){.log = log, .fd = wake_open()};
    atomic_store(&listener, overtime);
    sigemptyset(&action.sa_mask);
    if (MUTANT_FLAW("untimed"))
        return;
    if (overtime->fd < 0 || sigaction(SIGXCPU, &action, NULL) || !limit_set(overtime, usual_ms()))
        log_put(log, LOG_WARNING, "an audio thread that hangs would not be ended: %s", strerror(errno));
}

void overtime_close(struct overtime *overtime)
{
    signal(SIGXCPU, SIG_DFL);
    atomic_store(&listener, NULL);
    if (overtime->fd >= 0)
        close(overtime->fd);
    overtime->fd = -1;
}

void overtime_fit(struct overtime *overtime, unsigned period_frames, unsigned rate_hz)
{
    unsigned two_ms = rate_hz ? 2000 * period_frames / rate_hz : 0;
    if (overtime->limit_ms && two_ms > overtime->limit_ms && !limit_set(overtime, two_ms))
        log_put(overtime->log, LOG_WARNING, "cycles of %u ms are ended after %u ms", two_ms / 2, overtime->limit_ms);
}

static const char *name_of(const struct ctl *ctl, uint64_t sequence)
{
    for (const struct node *node = ctl->model.first; node; node = node->next)
        if (node->sequence == sequence)
            return node->name;
    return "a removed node";
}

void overtime_look(struct overtime *overtime, const struct ctl *ctl)
{
    uint64_t first, last;
    if (!atomic_load(&overtime->is_reached))
        return;
    if (!caught_look(ctl->engine, &first, &last))
        log_put(overtime->log, LOG_ERROR, "a thread has computed for %u ms without a pause: ended by SIGXCPU",
                overtime->limit_ms);
    else
        log_put(overtime->log, LOG_ERROR,
                "the audio thread has computed for %u ms without a pause, in %s%s%s: ended by SIGXCPU", overtime->limit_ms,
                name_of(ctl, first), first == last ? "" : " ... ", first == last ? "" : name_of(ctl, last));
    end();
    for (;;)
        pause();
}
