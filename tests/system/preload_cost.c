/* Measures the process callback of an ordinary, unmodified daemon by the processor time of its thread: what other threads
 * and other machines take away does not count. A library for LD_PRELOAD; the result is the file named by DAWD_COST (cost.h). */
#include "tests/system/cost.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <jack/jack.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define YARDSTICK_ROUNDS 4000 /* some 20 us */
#define YARDSTICK_CHAINS 12   /* that do not wait for each other */
static struct cost_seen *seen;

struct wrapped {
    JackProcessCallback process;
    void *argument;
};

static int64_t now_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Always the same, in registers alone, and wide enough to keep the units for numbers busy: what it costs tells what the
 * processor has for us at this moment, whatever the daemon has left in its caches. */
static int32_t yardstick_ns(void)
{
    int64_t start_ns = now_ns(CLOCK_THREAD_CPUTIME_ID);
    struct {
        float of __attribute__((vector_size(16)));
    } chain[YARDSTICK_CHAINS] = {0};
    for (unsigned i = 0; i < YARDSTICK_ROUNDS; i++) {
#pragma GCC unroll 12
        for (unsigned k = 0; k < YARDSTICK_CHAINS; k++)
            chain[k].of = chain[k].of * 0.5f + 1.0f;
    }
    for (unsigned k = 0; k < YARDSTICK_CHAINS; k++)
        __asm__ volatile("" : : "x"(chain[k].of));
    return (int32_t)(now_ns(CLOCK_THREAD_CPUTIME_ID) - start_ns);
}

static int measured(jack_nframes_t n_frames, void *argument)
{
    struct wrapped *wrapped = argument;
    uint64_t n = atomic_load(&seen->n);
    struct cost_cycle *cycle = &seen->cycle[n % COST_CYCLES];
    cycle->start_ns = now_ns(CLOCK_MONOTONIC);
    cycle->before_ns = yardstick_ns();
    int64_t start_ns = now_ns(CLOCK_THREAD_CPUTIME_ID);
    int result = wrapped->process(n_frames, wrapped->argument);
    cycle->work_ns = (int32_t)(now_ns(CLOCK_THREAD_CPUTIME_ID) - start_ns);
    cycle->after_ns = yardstick_ns();
    cycle->end_ns = now_ns(CLOCK_MONOTONIC);
    atomic_store(&seen->n, n + 1);
    return result;
}

int jack_set_process_callback(jack_client_t *client, JackProcessCallback process, void *argument)
{
    int (*real)(jack_client_t *, JackProcessCallback, void *) = dlsym(RTLD_NEXT, "jack_set_process_callback");
    struct wrapped *wrapped = malloc(sizeof *wrapped); /* lives as long as the program: a few bytes for each reconnection */
    if (!seen || !wrapped)
        return real(client, process, argument);
    *wrapped = (struct wrapped){process, argument};
    return real(client, measured, wrapped);
}

__attribute__((constructor)) static void open_file(void)
{
    const char *path = getenv("DAWD_COST");
    int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (fd < 0)
        return;
    void *mapped =
        ftruncate(fd, sizeof *seen) ? MAP_FAILED : mmap(NULL, sizeof *seen, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped == MAP_FAILED)
        return;
    memset(mapped, 0, sizeof *seen); /* now, and not page by page while it is measured */
    seen = mapped;
}
