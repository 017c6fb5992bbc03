/* The manager thread: everything that waits for the JACK server, and the callbacks that JACK's own threads run.
 *
 * The thread sleeps in poll() until somebody posts (control with a wish, a start or the end; the shutdown callback with a
 * loss) or it is time to look for a server again; then one step brings client, ports and engine to what is wanted. A step
 * always starts from the whole present state, so the order in which posts arrive does not matter. */
#include "daemon/jack_manager.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "daemon/jack_latency.h"
#include "daemon/jack_rights.h"
#include "daemon/wake.h"
#include "graph/clock_shared.h"

#define RETRY_MS          250
#define SETTLE_MS         100   /* from the news of a loss to the closing */
#define FIRST_CYCLE_MS    1000  /* a server with a period of 8192 frames at 44.1 kHz needs 186 */
#define STACK_TOUCH_BYTES 65536 /* more than a cycle uses (no function of it more than 16 KiB) */

/* ---- JACK's callbacks ---------------------------------------------------------------------------------------------- */

static int on_period(jack_nframes_t n_frames, void *argument)
{
    struct jack_driver *driver = argument;
    atomic_store(&driver->shared.period_frames, n_frames);
    wake_post(driver->control_fd);
    return 0;
}

static int on_xrun(void *argument)
{
    struct jack_driver *driver = argument;
    struct engine_rt *engine = atomic_load(&driver->shared.engine);
    atomic_fetch_add(&driver->shared.n_xruns, 1);
    if (engine)
        driver->shared.calls->xrun(engine);
    wake_post(driver->control_fd);
    return 0;
}

static void others_note(struct jack_driver *driver)
{
    atomic_store(&driver->shared.others_changed, true);
    wake_post(driver->manager_fd);
}

static void on_port(jack_port_id_t port, int comes, void *argument)
{
    (void)port, (void)comes;
    others_note(argument);
}

static void on_connect(jack_port_id_t a, jack_port_id_t b, int comes, void *argument)
{
    (void)a, (void)b, (void)comes;
    others_note(argument);
}

static void on_shutdown(jack_status_t code, const char *reason, void *argument)
{
    struct jack_driver *driver = argument;
    (void)code;
    if (atomic_exchange(&driver->shared.losing, true))
        return;
    /* What JACK says from here on is about a connection that is known to be broken. */
    atomic_store(&driver->messages.quiet, true);
    snprintf(driver->shared.reason, sizeof driver->shared.reason, "%s", reason ? reason : "");
    atomic_store(&driver->shared.lost, true);
    wake_post(driver->manager_fd);
}

/* Where memory cannot be locked, the audio thread's stack would be fetched page by page in its first cycles. */
static void on_thread(void *argument)
{
    volatile char stack[STACK_TOUCH_BYTES];
    (void)argument;
    for (size_t i = 0; i < sizeof stack; i += 1024)
        stack[i] = 0;
}

/* ---- opening and losing the client --------------------------------------------------------------------------------- */

static void describe_refusal(const struct jack_driver *driver, jack_status_t status, char *cause)
{
    const char *why = status & JackVersionError ? "its protocol is of another version"
                      : status & JackShmFailure
                          ? "its shared memory cannot be used (is /dev/shm too small, or another user's?)"
                      : status & JackServerFailed ? "no such server runs"
                      : status & JackServerError  ? "the connection broke"
                                                  : "it takes no further client";
    snprintf(cause, JACK_DRIVER_CAUSE_BYTES, "JACK server \"%s\": %s (status 0x%x)", driver->status.server, why, status);
}

/* Says so when the cause is a new one: once while a server is awaited, not four times a second. */
static void refused(struct jack_driver *driver, jack_status_t status)
{
    char cause[JACK_DRIVER_CAUSE_BYTES];
    bool is_news = driver->refusal != status;
    driver->refusal = status;
    describe_refusal(driver, status, cause);
    pthread_mutex_lock(&driver->lock);
    memcpy(driver->status.cause, cause, sizeof cause);
    pthread_mutex_unlock(&driver->lock);
    if (!is_news)
        return;
    if (status & JackServerFailed)
        log_put(driver->config.log, LOG_INFO, "waiting for JACK server \"%s\"", driver->status.server);
    else
        log_put(driver->config.log, LOG_WARNING, "%s", cause);
}

static void set_callbacks(struct jack_driver *driver)
{
    jack_set_process_callback(driver->client, jack_rt_process, &driver->shared);
    jack_set_buffer_size_callback(driver->client, on_period, driver);
    jack_set_xrun_callback(driver->client, on_xrun, driver);
    jack_set_port_registration_callback(driver->client, on_port, driver);
    jack_set_port_connect_callback(driver->client, on_connect, driver);
    jack_set_latency_callback(driver->client, jack_latency_tell, &driver->shared);
    jack_set_thread_init_callback(driver->client, on_thread, driver);
    jack_on_info_shutdown(driver->client, on_shutdown, driver);
}

static void announce_opened(struct jack_driver *driver)
{
    struct jack_driver_status *status = &driver->status;
    pthread_mutex_lock(&driver->lock);
    status->state = JACK_DRIVER_IS_OPEN;
    status->rate_hz = driver->shared.rate_hz;
    snprintf(status->client, sizeof status->client, "%s", jack_get_client_name(driver->client));
    driver->n_clients++;
    driver->opened = true;
    pthread_mutex_unlock(&driver->lock);
    wake_post(driver->control_fd);
    log_put(driver->config.log, LOG_INFO, "JACK server \"%s\": client \"%s\", %u Hz, %u frames", status->server,
            status->client, status->rate_hz, atomic_load(&driver->shared.period_frames));
}

static void open_client(struct jack_driver *driver)
{
    jack_status_t status = 0;
    int options = JackNoStartServer | (driver->config.server ? JackServerName : 0);
    atomic_store(&driver->shared.lost, false);
    atomic_store(&driver->shared.losing, false);
    atomic_store(&driver->messages.quiet, true);
    driver->client = jack_client_open(driver->config.name, (jack_options_t)options, &status, driver->config.server);
    atomic_store(&driver->messages.quiet, false);
    if (!driver->client) {
        driver->retry_ms = clock_ms() + RETRY_MS;
        refused(driver, status);
        return;
    }
    driver->refusal = 0;
    driver->shared.rate_hz = jack_get_sample_rate(driver->client);
    atomic_store(&driver->shared.period_frames, jack_get_buffer_size(driver->client));
    set_callbacks(driver);
    jack_ports_attach(driver->ports, driver->client);
    announce_opened(driver);
}

/* A dying server removes its clients one by one, and JACK's notification thread follows that under a lock of the library.
 * Closing stops this thread wherever it is and then takes the same lock (jack2's issue 395: it hung once in 75 losses here).
 * So the thread is given time to come to its end first. */
static void let_notifications_end(void)
{
    const struct timespec time = {.tv_nsec = SETTLE_MS * 1000000};
    nanosleep(&time, NULL);
}

static void close_client(struct jack_driver *driver)
{
    jack_client_close(driver->client); /* fails when the server is gone, and frees all the same */
    driver->client = NULL;
    driver->is_active = false;
    atomic_store(&driver->shared.engine, NULL);
    jack_ports_detach(driver->ports);
    jack_cables_detach(driver->cables);
}

static void lose_client(struct jack_driver *driver, const char *cause)
{
    let_notifications_end();
    close_client(driver);
    struct jack_driver_status *status = &driver->status;
    pthread_mutex_lock(&driver->lock);
    status->state = JACK_DRIVER_IS_WAITING;
    status->client[0] = '\0';
    status->rate_hz = 0;
    status->realtime = status->memory_locked = false;
    status->realtime_cause[0] = status->memory_cause[0] = '\0';
    status->n_ports_registered = 0;
    status->n_losses++;
    snprintf(status->cause, sizeof status->cause, "JACK server \"%s\": %s", status->server, cause);
    driver->lost |= !driver->opened; /* who has not seen it come need not see it go */
    driver->opened = driver->running = false;
    pthread_mutex_unlock(&driver->lock);
    wake_post(driver->control_fd);
    log_put(driver->config.log, LOG_WARNING, "%s", status->cause);
    driver->retry_ms = clock_ms() + RETRY_MS;
}

/* ---- running ------------------------------------------------------------------------------------------------------- */

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
    atomic_store(&driver->shared.others_changed, false);
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
    log_put(driver->config.log, both ? LOG_INFO : LOG_WARNING, "JACK server \"%s\": running, rt=%s memlock=%s%s%s%s%s",
            driver->status.server, rights->realtime ? "yes" : "no", rights->memory_locked ? "yes" : "no",
            rights->realtime ? "" : "; rt: ", rights->realtime_cause,
            rights->memory_locked ? "" : "; memlock: ", rights->memory_cause);
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
    driver->shared.client = driver->client;
    driver->shared.has_run = false;
    atomic_store(&driver->shared.engine, engine);
    /* Before the activation: the first cycle then finds all ports, and registering need not wait for cycles. */
    apply_ports(driver, newest_wish(driver));
    if (jack_activate(driver->client) != 0) {
        lose_client(driver, "the client could not be activated");
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
    if (driver->client && atomic_load(&driver->shared.lost))
        lose_client(driver, *driver->shared.reason ? driver->shared.reason : "gone");
    if (!driver->client && clock_ms() >= driver->retry_ms)
        open_client(driver);
    struct engine_rt *engine = wanted_engine(driver);
    if (engine)
        start_client(driver, engine);
    uint64_t applied = driver->applied;
    uint64_t number = newest_wish(driver);
    if (number != applied)
        apply_ports(driver, number);
    else if (atomic_load(&driver->shared.others_changed))
        apply_cables(driver);
}

void *jack_manager_run(void *argument)
{
    struct jack_driver *driver = argument;
    while (!atomic_load(&driver->shared.quit)) {
        wake_drain(driver->manager_fd);
        step(driver);
        int64_t wait_ms = driver->client ? -1 : driver->retry_ms - clock_ms();
        struct pollfd wake = {.fd = driver->manager_fd, .events = POLLIN};
        poll(&wake, 1, driver->client ? -1 : wait_ms > 0 ? (int)wait_ms : 0);
    }
    if (driver->client && atomic_load(&driver->shared.lost))
        let_notifications_end();
    if (driver->client)
        close_client(driver);
    return NULL;
}
