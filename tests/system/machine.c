#include "tests/system/machine.h"

#include <sched.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "tests/system/process.h"

#define LOOK_NS     500000
#define STALL_NS    200000 /* a watch that wakes up so much too late was not served */
#define PRIORITY    90     /* JACK's is 10 to 20 */
#define WATCH_BYTES 65536

static int64_t wait_until(struct timespec due)
{
    struct timespec now;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void *watch(void *user)
{
    struct machine *machine = user;
    struct timespec due;
    sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = PRIORITY});
    clock_gettime(CLOCK_MONOTONIC, &due);
    int64_t due_ns = (int64_t)due.tv_sec * 1000000000 + due.tv_nsec, woke_ns;
    for (; !machine->ends; due_ns = woke_ns) {
        due_ns += LOOK_NS;
        due = (struct timespec){.tv_sec = due_ns / 1000000000, .tv_nsec = due_ns % 1000000000};
        woke_ns = wait_until(due);
        if (woke_ns - due_ns <= STALL_NS)
            continue;
        unsigned i = atomic_fetch_add(&machine->n_stalls, 1);
        if (i < MACHINE_STALLS_MAX)
            machine->stalls[i] = (struct machine_stall){due_ns - LOOK_NS, woke_ns};
    }
    return NULL;
}

void machine_open(struct machine *machine)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, WATCH_BYTES);
    *machine = (struct machine){0};
    for (unsigned i = 0; i < MACHINE_PROCESSORS_MAX && i < n; i++, machine->n_threads++) {
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(i, &one);
        pthread_attr_setaffinity_np(&attributes, sizeof one, &one);
        if (pthread_create(&machine->threads[i], &attributes, watch, machine))
            rig_fail("no thread");
    }
    pthread_attr_destroy(&attributes);
}

void machine_close(struct machine *machine)
{
    machine->ends = true;
    while (machine->n_threads)
        pthread_join(machine->threads[--machine->n_threads], NULL);
}

bool machine_stalled(const struct machine *machine, int64_t from_ns, int64_t to_ns)
{
    unsigned n = machine->n_stalls < MACHINE_STALLS_MAX ? machine->n_stalls : MACHINE_STALLS_MAX;
    for (unsigned i = 0; i < n; i++)
        if (machine->stalls[i].from_ns < to_ns && machine->stalls[i].to_ns > from_ns)
            return true;
    return false;
}

long machine_stolen(void)
{
    FILE *file = fopen("/proc/stat", "r");
    long steal = 0;
    if (file && fscanf(file, "cpu %*d %*d %*d %*d %*d %*d %*d %ld", &steal) != 1)
        steal = 0;
    if (file)
        fclose(file);
    return steal;
}
