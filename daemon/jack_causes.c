#include "daemon/jack_causes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "graph/mutant.h"

const struct jack_cause_text jack_causes[JACK_CAUSES] = {
    [JACK_CAUSE_NONE] = {"", ""},
    [JACK_CAUSE_NO_SERVER] = {"JACK server \"%.63s\": no such server runs",
                              "start one (jackd, or PipeWire's), or name another with --server"},
    [JACK_CAUSE_SHM_SMALL] = {"JACK server \"%.63s\": no such server runs, and /dev/shm is too small for one: jackd needs "
                              "%u MiB of it and ends with a bus error, %u of %u are free",
                              "mount -o remount,size=256m /dev/shm, for a container --shm-size=256m; or jackd -p 512"},
    [JACK_CAUSE_SHM_FULL] =
        {"JACK server \"%.63s\" is not asked: a client needs %u KiB of /dev/shm or ends with a bus error, "
         "%u are free",
         "remove what fills it, or mount -o remount,size=256m /dev/shm"},
    [JACK_CAUSE_SHM_FAILED] = {"JACK server \"%.63s\": its shared memory cannot be used",
                               "run it and dawd as the same user, with the same /dev/shm"},
    [JACK_CAUSE_OTHER_USER] = {"JACK server \"%.63s\": it runs as the user with number %u, out of reach",
                               "run it and dawd as the same user, and both with JACK_PROMISCUOUS_SERVER or neither"},
    [JACK_CAUSE_VERSION] = {"JACK server \"%.63s\": its protocol is of another version",
                            "take server and library (libjack) from the same package"},
    [JACK_CAUSE_BROKEN] = {"JACK server \"%.63s\": the connection broke",
                           "it is tried again; the server's log may say why"},
    [JACK_CAUSE_NO_ROOM] = {"JACK server \"%.63s\": it takes no further client (status %#x)",
                            "end other clients, or start another server and name it with --server"},
    [JACK_CAUSE_NAME_TAKEN] = {"JACK client name \"%.63s\" is taken, this one is \"%.63s\"",
                               "end the other, or start dawd with another --name"},
    [JACK_CAUSE_RTPRIO] = {"no real-time priority: the limit RLIMIT_RTPRIO is %u and would have to be at least %u",
                           "\"@audio - rtprio 95\" in /etc/security/limits.d and log in anew; in a unit, LimitRTPRIO=95"},
    [JACK_CAUSE_RT_GROUP] = {"no real-time priority: %u was refused, the control group has no real-time share "
                             "(CONFIG_RT_GROUP_SCHED)",
                             "give it one in cpu.rt_runtime_us, or take a kernel without that option"},
    [JACK_CAUSE_RT_FILTER] = {"no real-time priority: %u was refused to a process with a filter of system calls",
                              "in a unit RestrictRealtime=no, for a container a seccomp profile with sched_setscheduler; "
                              "or else its control group has no real-time share"},
    [JACK_CAUSE_RT_REFUSED] = {"no real-time priority: %u was refused (%s)", "see whether this kernel has SCHED_FIFO"},
    [JACK_CAUSE_RT_SERVER] = {"no real-time priority: the JACK server runs without real-time scheduling",
                              "start jackd with -R, which is its default, and without -r"},
    [JACK_CAUSE_MEMLOCK] = {"memory is not locked: the limit RLIMIT_MEMLOCK is %u KiB and would have to be unlimited",
                            "\"@audio - memlock unlimited\" in /etc/security/limits.d and log in anew; in a unit, "
                            "LimitMEMLOCK=infinity"},
    [JACK_CAUSE_LOCK_REFUSED] = {"memory is not locked: mlockall: %s", "make room: stop other programs, or add memory"},
    [JACK_CAUSE_PORT_LIMIT] =
        {"no JACK port \"%.80s\" (missing: %u): the server's limit is reached, all its %u ports exist, "
         "%u of them ours",
         "start jackd with a greater -p (4096 at most); a node without ports works on, unconnected"},
    [JACK_CAUSE_PORT_TWICE] = {"no JACK port \"%.80s\": the name is taken", "rename the node"},
    [JACK_CAUSE_PORT_LONG] = {"no JACK port \"%.80s\": the name is longer than JACK allows", "rename the node"},
    [JACK_CAUSE_PORT_REFUSED] = {"no JACK port \"%.80s\": the server refused it", "the server's log may say why"},
};

void jack_cause_write(char *text, enum jack_cause cause, ...)
{
    va_list values;
    va_start(values, cause);
    vsnprintf(text, JACK_CAUSE_BYTES, jack_causes[cause].what, values);
    va_end(values);
    size_t n = strlen(text);
    snprintf(text + n, JACK_CAUSE_BYTES - n, ": %s", jack_causes[cause].cure);
    if (MUTANT_FLAW("swallow"))
        text[0] = '\0';
}
