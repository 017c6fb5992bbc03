/* Refuses every real-time priority, as the kernel does for a control group without a share: between a program and libc. */
#include <errno.h>
#include <pthread.h>

int pthread_setschedparam(pthread_t thread, int policy, const struct sched_param *parameters)
{
    (void)thread, (void)parameters;
    return policy == SCHED_FIFO || policy == SCHED_RR ? EPERM : 0;
}
