#include "tests/system/gate.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define FIRST_CYCLES 10

static struct rtgate *map_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || ftruncate(fd, sizeof(struct rtgate)))
        rig_fail("cannot make %s", path);
    void *mapped = mmap(NULL, sizeof(struct rtgate), PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped == MAP_FAILED)
        rig_fail("cannot map %s", path);
    return mapped;
}

void gate_open(struct gate *gate, struct studio *studio, const char *mutant)
{
    *gate = (struct gate){.environment = {gate->preload, gate->result, mutant ? gate->mutant : NULL, NULL}};
    /* The studio's folder lies in memory: a page of a file on disk faults again whenever it has been written back. */
    snprintf(gate->path, sizeof gate->path, "%s/rtgate", studio->folder);
    snprintf(gate->preload, sizeof gate->preload, "LD_PRELOAD=%s", studio_build(NULL, "tests/system/preload_rtgate.so"));
    snprintf(gate->result, sizeof gate->result, "DAWD_RTGATE=%s", gate->path);
    snprintf(gate->mutant, sizeof gate->mutant, "DAWD_MUTANT=%s", mutant ? mutant : "");
    gate->seen = map_file(gate->path);
    studio->options.environment = gate->environment;
    studio_start_daemon(studio);
    for (double end = now_s() + 5; atomic_load(&gate->seen->cycles) < FIRST_CYCLES; pause_s(0.005))
        if (now_s() > end)
            rig_fail("the gate has seen no cycle of the daemon");
}

void gate_close(struct gate *gate)
{
    munmap(gate->seen, sizeof *gate->seen);
}

/* Field n (from 1, as proc(5) counts) of the thread's stat file; -1 when there is none. */
static long stat_field(const struct gate *gate, const struct studio *studio, unsigned n)
{
    char path[128], text[1024];
    snprintf(path, sizeof path, "/proc/%d/task/%d/stat", studio->dawd.pid, atomic_load(&gate->seen->tid));
    FILE *file = fopen(path, "r");
    if (!file)
        return -1;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    const char *at = strrchr(text, ')'); /* the end of field 2, which may hold spaces */
    for (unsigned field = 2; at && field < n; field++)
        at = strchr(at + 1, ' ');
    return at ? strtol(at, NULL, 10) : -1;
}

struct gate_moment gate_moment(const struct gate *gate, const struct studio *studio)
{
    struct gate_moment moment = {.cycles = atomic_load(&gate->seen->cycles)};
    moment.switches = studio_proc(studio, atomic_load(&gate->seen->tid), "status", "\nvoluntary_ctxt_switches:");
    moment.minor_faults = stat_field(gate, studio, 10);
    moment.major_faults = stat_field(gate, studio, 12);
    return moment;
}

uint64_t gate_syscalls(const struct gate *gate)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < RTGATE_SYSCALLS; i++)
        sum += atomic_load(&gate->seen->inside[i]) + atomic_load(&gate->seen->outside[i]);
    return sum;
}

bool gate_is_fifo(const struct gate *gate, const struct studio *studio)
{
    return stat_field(gate, studio, 41) == SCHED_FIFO;
}

void gate_accuse(const struct gate *gate)
{
    for (unsigned i = 0; i <= RTGATE_KINDS; i++)
        if (atomic_load(&gate->seen->accused[i]))
            printf("first offender: %s\n", gate->seen->culprit[i]);
    for (unsigned i = 0; i < RTGATE_SYSCALLS; i++)
        if (atomic_load(&gate->seen->outside[i]))
            printf("system call %u between the windows, %lu times\n", i,
                   (unsigned long)atomic_load(&gate->seen->outside[i]));
}
