/* The manager thread: everything that waits for the JACK server.
 *
 * The thread sleeps in poll() until somebody posts (control with a wish, a start or the end; the shutdown callback with a
 * loss; a call that has come back) or it is time to look for a server again; then one step brings client, ports and engine to
 * what is wanted. A step always starts from the whole present state, so the order in which posts arrive does not matter. */
#include "daemon/jack_manager.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon/jack_latency.h"
#include "daemon/jack_life.h"
#include "daemon/jack_rights.h"
#include "daemon/jack_seat.h"
#include "daemon/wake.h"
#include "graph/clock_shared.h"

#define FIRST_CYCLE_MS 1000 /* a server with a period of 8192 frames at 44.1 kHz needs 186 */

/* Until a port that was refused is asked for again: a busy server may not tell that another one went. */
#define MISSING_MS 3000

/* Brings the newest wish into `current`; its number. */
static uint64_t newest_wish(struct jack_driver *driver)
{
    pthread_mutex_lock(&driver->lock);
    uint64_t number = driver->n_wishes;
    if (number != driver->applied) {
        driver->n_current = driver->n_wish;
        memcpy(driver->current, driver->wish, driver->n_wish * sizeof *driver->wish);
    }
    pthread_mutex_unlock(&driver->lock);
    driver->applied = number;
    return number;
}

/* Only an active client can be connected. */
static void apply_cables(struct jack_driver *driver)
{
    if (driver->is_active)
        jack_cables_apply(driver->cables, driver->client, driver->ports);
}

static void apply_ports(struct jack_driver *driver, uint64_t number)
{
    bool has_client = driver->client && atomic_load(&driver->shared.engine);
    bool has_moved = jack_latency_take(&driver->shared, driver->current, driver->n_current);
    if (has_client)
        jack_ports_apply(driver->ports, driver->current, driver->n_current);
    apply_cables(driver);
    /* Never from a notification: JACK would wait for itself. An activation asks by itself. */
    if (has_client && has_moved)
        jack_recompute_total_latencies(driver->client);
    pthread_mutex_lock(&driver->lock);
    driver->status.n_ports_wanted = driver->n_current;
    driver->status.n_ports_registered = jack_ports_count(driver->ports);
    driver->other_ports |= strcmp(driver->status.ports_cause, jack_ports_cause(driver->ports)) != 0;
    snprintf(driver->status.ports_cause, JACK_CAUSE_BYTES, "%s", jack_ports_cause(driver->ports));
    pthread_mutex_unlock(&driver->lock);
    atomic_store(&driver->fulfilled, number);
    wake_post(driver->control_fd);
}

static void wait_for_first_cycle(struct jack_driver *driver)
{
    const struct timespec ms = {.tv_nsec = 1000000};
    uint64_t start = atomic_load(&driver->shared.n_cycles);
    for (int i = 0; i < FIRST_CYCLE_MS && atomic_load(&driver->shared.n_cycles) == start; i++) {
        if (atomic_load(&driver->shared.lost) || atomic_load(&driver->shared.quit))
            return;
        nanosleep(&ms, NULL);
    }
}

static void log_rights(struct jack_driver *driver, const struct jack_rights *rights)
{
    bool both = rights->realtime && rights->memory_locked;
    log_put(driver->config.log, both ? LOG_INFO : LOG_WARNING, "JACK server \"%s\": running, rt=%s memlock=%s",
            driver->status.server, rights->realtime ? "yes" : "no", rights->memory_locked ? "yes" : "no");
    if (!rights->realtime)
        log_put(driver->config.log, LOG_WARNING, "%s", rights->realtime_cause);
    if (!rights->memory_locked)
        log_put(driver->config.log, LOG_WARNING, "%s", rights->memory_cause);
}

static void announce_running(struct jack_driver *driver, const struct jack_rights *rights)
{
    struct jack_driver_status *status = &driver->status;
    pthread_mutex_lock(&driver->lock);
    status->state = JACK_DRIVER_IS_RUNNING;
    status->realtime = rights->realtime;
    status->priority = rights->priority;
    status->memory_locked = rights->memory_locked;
    snprintf(status->realtime_cause, sizeof status->realtime_cause, "%s", rights->realtime_cause);
    snprintf(status->memory_cause, sizeof status->memory_cause, "%s", rights->memory_cause);
    driver->running = true;
    pthread_mutex_unlock(&driver->lock);
    wake_post(driver->control_fd);
    log_rights(driver, rights);
}

static void start_client(struct jack_driver *driver, struct engine_rt *engine)
{
    struct jack_rights rights = {0};
    jack_rights_lock_memory(&rights);
    driver->shared.calls = driver->config.calls;
    driver->shared.rest = jack_seat_rest;
    driver->shared.clock.now_ns = clock_monotonic_rt;
    atomic_store(&driver->shared.engine, engine);
    /* Before the activation: the first cycle then finds all ports, and registering need not wait for cycles. */
    apply_ports(driver, newest_wish(driver));
    atomic_store(&driver->seat->is_activated, true);
    if (jack_activate(driver->client) != 0) {
        jack_life_lose(driver, "the client could not be activated");
        return;
    }
    driver->is_active = true;
    jack_ports_activated(driver->ports);
    apply_cables(driver);
    wait_for_first_cycle(driver);
    jack_rights_check_realtime(&rights, driver->client);
    if (!atomic_load(&driver->shared.lost))
        announce_running(driver, &rights);
}

/* The engine that control wants the present client to run and that it does not run yet, or null. */
static struct engine_rt *wanted_engine(struct jack_driver *driver)
{
    if (!driver->client || atomic_load(&driver->shared.engine))
        return NULL;
    pthread_mutex_lock(&driver->lock);
    struct engine_rt *engine = driver->start_client == driver->n_clients ? driver->start_engine : NULL;
    pthread_mutex_unlock(&driver->lock);
    return engine;
}

static void step(struct jack_driver *driver)
{
    jack_life_look(driver);
    struct engine_rt *engine = wanted_engine(driver);
    if (engine)
        start_client(driver, engine);
    uint64_t applied = driver->applied;
    uint64_t number = newest_wish(driver);
    /* First, so that what changes meanwhile is looked at again. */
    bool have_others = atomic_exchange(&driver->shared.others_changed, false);
    /* A port that went may have made room for one of ours. */
    if (number != applied || (have_others && jack_ports_missing(driver->ports)))
        apply_ports(driver, number);
    else if (have_others)
        apply_cables(driver);
}

void *jack_manager_run(void *argument)
{
    struct jack_driver *driver = argument;
    while (!atomic_load(&driver->shared.quit)) {
        wake_drain(driver->manager_fd);
        step(driver);
        struct pollfd wake = {.fd = driver->manager_fd, .events = POLLIN};
        bool misses = driver->client && jack_ports_missing(driver->ports);
        if (!poll(&wake, 1, misses ? MISSING_MS : jack_life_wait_ms(driver)) && misses)
            atomic_store(&driver->shared.others_changed, true);
    }
    jack_life_end(driver);
    return NULL;
}
