/* Each tick asks the clock how many frames there should have been since the start and makes up for what is missing: a late
 * wake-up is caught up at the next one, and the sum never drifts. */
#include "daemon/null_driver.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/threads.h"

#define TICK_NS   5000000 /* the longest wait of a request while there is no JACK; 200 wake-ups a second */
#define SECOND_NS 1000000000

struct null_driver {
    pthread_t thread;
    atomic_bool quit;
    struct engine_rt *engine;
    const struct driver_calls *calls;
    unsigned rate_hz;
};

/* Frames since `start`: whole seconds apart, so that it stays exact for centuries. */
static uint64_t frames_between(const struct timespec *start, const struct timespec *now, unsigned rate_hz)
{
    int64_t seconds = now->tv_sec - start->tv_sec;
    int64_t ns = now->tv_nsec - start->tv_nsec;
    if (ns < 0) {
        seconds--;
        ns += SECOND_NS;
    }
    return (uint64_t)seconds * rate_hz + (uint64_t)ns * rate_hz / SECOND_NS;
}

static void *run(void *argument)
{
    struct null_driver *driver = argument;
    struct timespec start, next, now;
    uint64_t done_frames = 0;
    clock_gettime(CLOCK_MONOTONIC, &start);
    next = start;
    while (!atomic_load(&driver->quit)) {
        next.tv_nsec += TICK_NS;
        if (next.tv_nsec >= SECOND_NS) {
            next.tv_nsec -= SECOND_NS;
            next.tv_sec++;
        }
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL) != 0)
            ; /* interrupted by a signal */
        clock_gettime(CLOCK_MONOTONIC, &now);
        uint64_t due_frames = frames_between(&start, &now, driver->rate_hz);
        uint64_t n_frames = due_frames - done_frames; /* many after a halt of the machine: then in one step too */
        if (n_frames)
            driver->calls->idle(driver->engine, n_frames < UINT32_MAX ? (unsigned)n_frames : UINT32_MAX);
        done_frames = due_frames;
    }
    return NULL;
}

struct null_driver *null_driver_start(struct engine_rt *engine, unsigned rate_hz, const struct driver_calls *calls)
{
    struct null_driver *driver = calloc(1, sizeof *driver);
    if (!driver)
        return NULL;
    driver->engine = engine;
    driver->calls = calls;
    driver->rate_hz = rate_hz;
    if (threads_start(&driver->thread, "dawd-null", THREADS_STACK_BYTES, run, driver) == 0)
        return driver;
    free(driver);
    return NULL;
}

void null_driver_stop(struct null_driver *driver)
{
    if (!driver)
        return;
    atomic_store(&driver->quit, true);
    pthread_join(driver->thread, NULL);
    free(driver);
}

static uint64_t want_nothing(void *self, const struct device_port *ports, unsigned n_ports)
{
    struct null_device *device = self;
    (void)ports, (void)n_ports;
    return ++device->n_wishes;
}

static uint64_t fulfilled_at_once(void *self)
{
    const struct null_device *device = self;
    return device->n_wishes;
}

struct device_service null_device_service(struct null_device *device)
{
    return (struct device_service){.self = device, .want = want_nothing, .fulfilled = fulfilled_at_once};
}
