#include "daemon/jack_rights.h"

#include <errno.h>
#include <jack/thread.h>
#include <limits.h>
#include <linux/capability.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* For a process with CAP_IPC_LOCK, or CAP_SYS_NICE, the limit does not count. */
static bool has_capability(unsigned capability)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {{0}};
    return syscall(SYS_capget, &header, sets) == 0 && (sets[0].effective & 1u << capability);
}

/* Whether the process may lock without a limit; where only the soft limit is in the way, it is raised. */
static bool unlimited(rlim_t *limit)
{
    struct rlimit now = {0, 0};
    if (has_capability(CAP_IPC_LOCK))
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
        jack_cause_write(rights->memory_cause, JACK_CAUSE_MEMLOCK, (unsigned)(limit / 1024));
    else if (mlockall(MCL_CURRENT) != 0 || mlockall(MCL_FUTURE | MCL_ONFAULT) != 0)
        jack_cause_write(rights->memory_cause, JACK_CAUSE_LOCK_REFUSED, strerror(errno));
    else
        rights->memory_locked = true;
}

/* ---- real-time priority --------------------------------------------------------------------------------------------- */

/* The number behind `key` in a file of the kernel's; `otherwise` where there is none. */
static long number_in(const char *path, const char *key, long otherwise)
{
    char text[4096];
    FILE *file = fopen(path, "r");
    if (!file)
        return otherwise;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    const char *at = strstr(text, key);
    return at ? strtol(at + strlen(key), NULL, 10) : otherwise;
}

/* Shares are given out in the first version of control groups only; in the second, such a kernel refuses without a word. */
static bool has_no_share(void)
{
    char line[512], path[600];
    bool is_zero = false;
    FILE *groups = fopen("/proc/self/cgroup", "r");
    while (groups && fgets(line, sizeof line, groups)) {
        char *controllers = strchr(line, ':'), *place = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!place || !strstr(controllers, "cpu"))
            continue;
        *place = '\0';
        place[1 + strcspn(place + 1, "\n")] = '\0';
        snprintf(path, sizeof path, "/sys/fs/cgroup/%s%s/cpu.rt_runtime_us", controllers + 1, place + 1);
        is_zero |= number_in(path, "", -1) == 0;
    }
    if (groups)
        fclose(groups);
    return is_zero;
}

static struct jack_rights_facts facts_look(void)
{
    struct rlimit limit = {0, 0};
    getrlimit(RLIMIT_RTPRIO, &limit);
    return (struct jack_rights_facts){limit.rlim_cur > UINT_MAX ? UINT_MAX : (unsigned)limit.rlim_cur,
                                      has_capability(CAP_SYS_NICE),
                                      number_in("/proc/thread-self/status", "Seccomp:", 0) > 0, has_no_share()};
}

void jack_rights_explain(const struct jack_rights_facts *facts, unsigned priority, int code, char *cause)
{
    if (code != EPERM)
        jack_cause_write(cause, JACK_CAUSE_RT_REFUSED, priority, strerror(code));
    else if (!facts->is_exempt && facts->limit < priority)
        jack_cause_write(cause, JACK_CAUSE_RTPRIO, facts->limit, priority);
    else if (facts->has_filter && !facts->has_no_share)
        jack_cause_write(cause, JACK_CAUSE_RT_FILTER, priority);
    else
        jack_cause_write(cause, JACK_CAUSE_RT_GROUP, priority);
}

void jack_rights_refused(unsigned priority, int code, char *cause)
{
    const struct jack_rights_facts facts = facts_look();
    jack_rights_explain(&facts, priority, code, cause);
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
        jack_cause_write(rights->realtime_cause, JACK_CAUSE_RT_SERVER);
        return;
    }
    /* Asking once more is the only way to learn the kernel's reason. */
    parameters.sched_priority = jack_client_real_time_priority(client);
    int code = pthread_setschedparam(thread, SCHED_FIFO, &parameters);
    rights->realtime = code == 0;
    rights->priority = parameters.sched_priority;
    if (code)
        jack_rights_refused((unsigned)parameters.sched_priority, code, rights->realtime_cause);
}
