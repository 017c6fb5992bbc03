#include "daemon/crash_mark.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t mark_fd = -1;

void crash_mark(void)
{
    const char mark = CRASH_MARK;
    if (mark_fd >= 0 && write(mark_fd, &mark, 1) != 1)
        mark_fd = -1;
}

/* A faulting instruction is run again after this, and then ends the program as if nobody had listened. Who was sent the signal,
 * or is aborting, sends it to himself once more. */
static void on_crash(int number, siginfo_t *info, void *context)
{
    (void)context;
    crash_mark();
    if (info->si_code <= 0)
        raise(number);
}

void crash_mark_to(int fd)
{
    static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};
    mark_fd = fd;
    for (size_t i = 0; fd >= 0 && i < sizeof signals / sizeof *signals; i++) {
        struct sigaction action = {.sa_sigaction = on_crash, .sa_flags = SA_SIGINFO | SA_RESETHAND | SA_NODEFER};
        sigaction(signals[i], &action, NULL);
    }
}
