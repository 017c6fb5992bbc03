/* Control's side of the driver: it writes wishes, reads events, and never waits for the manager, except at the end. */
#include "daemon/jack_driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "daemon/jack_manager.h"
#include "daemon/jack_seat.h"
#include "daemon/threads.h"
#include "daemon/wake.h"

#define CLOSE_MOST_S 1 /* closing takes some 20 ms on a server that lives */

static void deinit(struct jack_driver *driver)
{
    jack_messages_end(&driver->messages);
    jack_ports_free(driver->ports);
    jack_cables_free(driver->cables);
    if (driver->manager_fd >= 0)
        close(driver->manager_fd);
    if (driver->control_fd >= 0)
        close(driver->control_fd);
    if (driver->has_end_key)
        pthread_key_delete(driver->end_key);
    pthread_mutex_destroy(&driver->lock);
    free(driver);
}

struct jack_driver *jack_driver_new(const struct jack_driver_config *config)
{
    struct jack_driver *driver = calloc(1, sizeof *driver);
    if (!driver)
        return NULL;
    const char *standard = getenv("JACK_DEFAULT_SERVER");
    driver->config = *config;
    driver->config.hang_ms = config->hang_ms ? config->hang_ms : JACK_DRIVER_HANG_MS;
    driver->manager_fd = wake_open();
    driver->control_fd = wake_open();
    driver->ports = jack_ports_new(&driver->shared, config->log, config->connect);
    driver->cables = jack_cables_new(config->log);
    driver->has_end_key = jack_seat_key_make(&driver->end_key) == 0;
    if (driver->ports)
        jack_ports_set_cables(driver->ports, driver->cables);
    pthread_mutex_init(&driver->lock, NULL);
    snprintf(driver->status.server, sizeof driver->status.server, "%s",
             config->server ? config->server
             : standard     ? standard
                            : "default");
    driver->messages.log = config->log;
    jack_messages_begin(&driver->messages);
    if (driver->manager_fd >= 0 && driver->control_fd >= 0 && driver->ports && driver->cables && driver->has_end_key &&
        threads_start(&driver->thread, "dawd-jack", THREADS_STACK_BYTES, jack_manager_run, driver) == 0)
        return driver;
    deinit(driver);
    return NULL;
}

bool jack_driver_free(struct jack_driver *driver)
{
    struct timespec until;
    if (!driver)
        return true;
    atomic_store(&driver->shared.quit, true);
    wake_post(driver->manager_fd);
    /* libjack waits for its server without a limit, so a server that hangs would keep us from ending. */
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += CLOSE_MOST_S;
    if (pthread_timedjoin_np(driver->thread, NULL, &until))
        return false;
    deinit(driver);
    return true;
}

int jack_driver_fd(const struct jack_driver *driver)
{
    return driver->control_fd;
}

static bool take(bool *pending)
{
    bool was = *pending;
    *pending = false;
    return was;
}

/* The order matters: a LOST belongs to the client before the one that an OPENED tells of. */
static bool take_change(struct jack_driver *driver, struct jack_driver_event *event)
{
    if (take(&driver->lost))
        event->kind = JACK_DRIVER_LOST;
    else if (take(&driver->opened))
        event->kind = JACK_DRIVER_OPENED;
    else if (take(&driver->running))
        event->kind = JACK_DRIVER_RUNNING;
    else if (take(&driver->stuck))
        event->kind = JACK_DRIVER_STUCK;
    else if (take(&driver->other_ports))
        event->kind = JACK_DRIVER_PORTS;
    else
        return false;
    if (event->kind == JACK_DRIVER_OPENED) {
        driver->seen_client = driver->n_clients;
        driver->seen_period_frames = event->period_frames;
    }
    return true;
}

/* JACK's callbacks leave numbers, not events: what differs from the last look is told. */
static bool take_number(struct jack_driver *driver, struct jack_driver_event *event)
{
    uint64_t n_xruns = atomic_load(&driver->shared.n_xruns);
    if (event->rate_hz && event->period_frames != driver->seen_period_frames) {
        event->kind = JACK_DRIVER_PERIOD;
        driver->seen_period_frames = event->period_frames;
    } else if (n_xruns != driver->seen_xruns) {
        event->kind = JACK_DRIVER_XRUNS;
        event->n_xruns = n_xruns - driver->seen_xruns;
        driver->seen_xruns = n_xruns;
    } else {
        return false;
    }
    return true;
}

bool jack_driver_next(struct jack_driver *driver, struct jack_driver_event *event)
{
    *event = (struct jack_driver_event){.period_frames = atomic_load(&driver->shared.period_frames)};
    wake_drain(driver->control_fd);
    pthread_mutex_lock(&driver->lock);
    bool any = take_change(driver, event);
    event->rate_hz = driver->status.rate_hz;
    pthread_mutex_unlock(&driver->lock);
    return any || take_number(driver, event);
}

void jack_driver_start(struct jack_driver *driver, struct engine_rt *engine)
{
    pthread_mutex_lock(&driver->lock);
    driver->start_engine = engine;
    driver->start_client = driver->seen_client;
    pthread_mutex_unlock(&driver->lock);
    wake_post(driver->manager_fd);
}

static uint64_t want(void *self, const struct device_port *ports, unsigned n_ports)
{
    struct jack_driver *driver = self;
    pthread_mutex_lock(&driver->lock);
    driver->n_wish = n_ports < DEVICE_PORTS_MAX ? n_ports : DEVICE_PORTS_MAX;
    if (driver->n_wish)
        memcpy(driver->wish, ports, driver->n_wish * sizeof *ports);
    uint64_t number = ++driver->n_wishes;
    pthread_mutex_unlock(&driver->lock);
    wake_post(driver->manager_fd);
    return number;
}

static uint64_t fulfilled(void *self)
{
    struct jack_driver *driver = self;
    return atomic_load(&driver->fulfilled);
}

static void want_cables(void *self, const struct device_cable *cables, unsigned n)
{
    struct jack_driver *driver = self;
    jack_cables_want(driver->cables, cables, n);
}

static bool each_other(void *self, void (*tell)(void *user, const struct device_other *other), void *user)
{
    struct jack_driver *driver = self;
    return jack_cables_each_other(driver->cables, tell, user);
}

static bool each_link(void *self, void (*tell)(void *user, const struct device_link *link), void *user)
{
    struct jack_driver *driver = self;
    return jack_cables_each_link(driver->cables, tell, user);
}

struct device_service jack_driver_device(struct jack_driver *driver)
{
    return (struct device_service){driver, want, fulfilled, want_cables, each_other, each_link};
}

void jack_driver_status(struct jack_driver *driver, struct jack_driver_status *status)
{
    pthread_mutex_lock(&driver->lock);
    *status = driver->status;
    pthread_mutex_unlock(&driver->lock);
    status->period_frames = jack_driver_has_client(status) ? atomic_load(&driver->shared.period_frames) : 0;
    status->n_cycles = atomic_load(&driver->shared.n_cycles);
    status->n_xruns = atomic_load(&driver->shared.n_xruns);
}
