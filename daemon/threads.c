#include "daemon/threads.h"

#include <signal.h>
#include <time.h>

#define SECOND_NS 1000000000

/* Not among them: SIGXCPU (a callback that never ends), SIGSYS and the faults, which belong to the thread that causes
 * them. */
static const int steering_signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGPIPE, SIGCHLD, SIGALRM};

static int create(pthread_t *thread, size_t stack_bytes, void *(*run)(void *), void *argument)
{
    pthread_attr_t attributes;
    int code = pthread_attr_init(&attributes);
    if (code)
        return code;
    code = pthread_attr_setstacksize(&attributes, stack_bytes);
    if (!code)
        code = pthread_create(thread, &attributes, run, argument);
    pthread_attr_destroy(&attributes);
    return code;
}

int threads_start(pthread_t *thread, const char *name, size_t stack_bytes, void *(*run)(void *), void *argument)
{
    sigset_t blocked, before;
    sigemptyset(&blocked);
    for (size_t i = 0; i < sizeof steering_signals / sizeof steering_signals[0]; i++)
        sigaddset(&blocked, steering_signals[i]);
    pthread_sigmask(SIG_BLOCK, &blocked, &before); /* a new thread inherits the mask: no moment without it */
    int code = create(thread, stack_bytes, run, argument);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!code)
        pthread_setname_np(*thread, name);
    return code;
}

void threads_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
}

void threads_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t most_ns)
{
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    int64_t ns = end.tv_nsec + most_ns;
    end.tv_sec += ns / SECOND_NS;
    end.tv_nsec = ns % SECOND_NS;
    pthread_cond_timedwait(condition, lock, &end);
}
