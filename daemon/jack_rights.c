#include "daemon/jack_rights.h"

#include <errno.h>
#include <jack/thread.h>
#include <linux/capability.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* For a process with this capability the limit does not count. */
static bool may_always_lock(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {{0}};
    return syscall(SYS_capget, &header, sets) == 0 && (sets[0].effective & 1u << CAP_IPC_LOCK);
}

/* Whether the process may lock without a limit; where only the soft limit is in the way, it is raised. */
static bool unlimited(rlim_t *limit)
{
    struct rlimit now = {0, 0};
    if (may_always_lock())
        return true;
    getrlimit(RLIMIT_MEMLOCK, &now);
    *limit = now.rlim_max;
    now.rlim_cur = now.rlim_max;
    return now.rlim_max == RLIM_INFINITY && setrlimit(RLIMIT_MEMLOCK, &now) == 0;
}

void jack_rights_lock_memory(struct jack_rights *rights)
{
    rlim_t limit = 0;
    rights->memory_cause[0] = '\0';
    rights->memory_locked = false;
    if (!unlimited(&limit))
        snprintf(rights->memory_cause, sizeof rights->memory_cause,
                 "the limit RLIMIT_MEMLOCK is %llu KiB and would have to be unlimited", (unsigned long long)limit / 1024);
    else if (mlockall(MCL_CURRENT) != 0 || mlockall(MCL_FUTURE | MCL_ONFAULT) != 0)
        snprintf(rights->memory_cause, sizeof rights->memory_cause, "mlockall: %s", strerror(errno));
    else
        rights->memory_locked = true;
}

static void explain_refusal(struct jack_rights *rights, int priority, int code)
{
    struct rlimit limit = {0, 0};
    getrlimit(RLIMIT_RTPRIO, &limit);
    if (limit.rlim_cur < (rlim_t)priority)
        snprintf(rights->realtime_cause, sizeof rights->realtime_cause,
                 "the limit RLIMIT_RTPRIO is %llu and would have to be at least %d", (unsigned long long)limit.rlim_cur,
                 priority);
    else
        snprintf(rights->realtime_cause, sizeof rights->realtime_cause,
                 "priority %d was refused (%s): the control group may have no real-time share (CONFIG_RT_GROUP_SCHED)",
                 priority, strerror(code));
}

void jack_rights_check_realtime(struct jack_rights *rights, jack_client_t *client)
{
    pthread_t thread = jack_client_thread_id(client);
    struct sched_param parameters = {0};
    int policy = SCHED_OTHER;
    rights->realtime_cause[0] = '\0';
    rights->realtime =
        pthread_getschedparam(thread, &policy, &parameters) == 0 && (policy == SCHED_FIFO || policy == SCHED_RR);
    rights->priority = parameters.sched_priority;
    if (rights->realtime)
        return;
    if (!jack_is_realtime(client)) {
        snprintf(rights->realtime_cause, sizeof rights->realtime_cause,
                 "the JACK server runs without real-time scheduling (-r)");
        return;
    }
    /* Asking once more is the only way to learn the kernel's reason. */
    parameters.sched_priority = jack_client_real_time_priority(client);
    int code = pthread_setschedparam(thread, SCHED_FIFO, &parameters);
    rights->realtime = code == 0;
    rights->priority = parameters.sched_priority;
    if (code)
        explain_refusal(rights, parameters.sched_priority, code);
}
