/* Whether there is a client: opening it, losing it with its server, and leaving it behind when it cannot be closed.
 *
 *     nobody -> opening ----------------> client -> lost -> closing -> nobody
 *               |  ^ refused: again            (its callbacks' notes)  |
 *               |  |                                                   '- hangs: left behind, nobody waits for it
 *               '--' hangs: waited for, and nothing else is held up
 *
 * A call that hangs may hold a lock of libjack that the next one waits for (in jack2, opening and closing exclude each other in
 * the whole process). That shows as an opening that hangs too, and then only another process helps. */
#include "daemon/jack_life.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "daemon/jack_refusal.h"
#include "daemon/jack_seat.h"
#include "daemon/wake.h"
#include "graph/clock_shared.h"
#include "graph/mutant.h"

#define RETRY_MS  250
#define SOON_MS   10000 /* after a loss: a server that is restarted is there by then */
#define AGAIN_MS  50    /* in that time; a try costs less than a millisecond */
#define SETTLE_MS 300   /* at most, from the news of a loss to the closing */

static void retry_later(struct jack_driver *driver)
{
    int64_t now_ms = clock_ms();
    driver->retry_ms = now_ms + (now_ms < driver->soon_until_ms ? AGAIN_MS : RETRY_MS);
}

static void set_cause(struct jack_driver *driver, const char *cause)
{
    pthread_mutex_lock(&driver->lock);
    snprintf(driver->status.cause, sizeof driver->status.cause, "JACK server \"%s\": %s", driver->status.server, cause);
    pthread_mutex_unlock(&driver->lock);
}

/* Only another process can be a client again. */
static void give_up(struct jack_driver *driver, const char *why)
{
    set_cause(driver, why);
    driver->is_stuck = true;
    pthread_mutex_lock(&driver->lock);
    driver->stuck = true;
    pthread_mutex_unlock(&driver->lock);
    wake_post(driver->control_fd);
}

/* Says so when the cause is a new one: once while a server is awaited, not four times a second. */
static void refused(struct jack_driver *driver, enum jack_cause cause, const char *text)
{
    bool is_news = driver->refusal != cause;
    driver->refusal = cause;
    retry_later(driver);
    pthread_mutex_lock(&driver->lock);
    memcpy(driver->status.cause, text, JACK_CAUSE_BYTES);
    pthread_mutex_unlock(&driver->lock);
    if (is_news && cause == JACK_CAUSE_NO_SERVER)
        log_put(driver->config.log, LOG_INFO, "waiting for JACK server \"%s\"", driver->status.server);
    else if (is_news)
        log_put(driver->config.log, LOG_WARNING, "%s", text);
}

static void announce_opened(struct jack_driver *driver)
{
    struct jack_driver_status *status = &driver->status;
    pthread_mutex_lock(&driver->lock);
    status->state = JACK_DRIVER_IS_OPEN;
    status->rate_hz = driver->shared.rate_hz;
    snprintf(status->client, sizeof status->client, "%s", jack_get_client_name(driver->client));
    jack_refusal_compare_names(driver->config.name, status->client, status->name_cause);
    driver->n_clients++;
    driver->opened = true;
    pthread_mutex_unlock(&driver->lock);
    wake_post(driver->control_fd);
    log_put(driver->config.log, LOG_INFO, "JACK server \"%s\": client \"%s\", %u Hz, %u frames", status->server,
            status->client, status->rate_hz, atomic_load(&driver->shared.period_frames));
    if (*status->name_cause)
        log_put(driver->config.log, LOG_WARNING, "%s", status->name_cause);
}

static void begin_opening(struct jack_driver *driver)
{
    char text[JACK_CAUSE_BYTES];
    enum jack_cause cause = jack_refusal_foresee(driver->status.server, text);
    if (cause) {
        refused(driver, cause, text);
        return;
    }
    atomic_store(&driver->shared.lost, false);
    atomic_store(&driver->shared.losing, false);
    atomic_store(&driver->messages.quiet, true);
    retry_later(driver);
    driver->opening = jack_call_open(driver->config.name, driver->config.server, driver->manager_fd);
}

static void take_client(struct jack_driver *driver, jack_client_t *client)
{
    struct jack_seat *seat = jack_seat_new(driver, client);
    if (!seat) {
        jack_client_close(client);
        return;
    }
    driver->client = client;
    driver->seat = seat;
    driver->refusal = JACK_CAUSE_NONE;
    driver->shared.rate_hz = jack_get_sample_rate(client);
    atomic_store(&driver->shared.period_frames, jack_get_buffer_size(client));
    jack_ports_attach(driver->ports, client);
    announce_opened(driver);
}

static void end_opening(struct jack_driver *driver)
{
    struct jack_call *opening = driver->opening;
    jack_client_t *client = opening->client;
    jack_status_t status = opening->status;
    jack_call_end(opening);
    driver->opening = NULL;
    driver->is_overdue = false;
    retry_later(driver);
    atomic_store(&driver->messages.quiet, false);
    if (client) {
        take_client(driver, client);
        return;
    }
    char text[JACK_CAUSE_BYTES];
    enum jack_cause cause = jack_refusal_explain(status, driver->status.server, text);
    refused(driver, cause, text);
}

/* It goes on by itself when the server does, or the closing that holds it up. */
static void opening_hangs(struct jack_driver *driver)
{
    driver->is_overdue = true;
    log_put(driver->config.log, LOG_WARNING, "JACK server \"%s\" has not answered for %.1f s: waiting for it",
            driver->status.server, (double)driver->config.hang_ms / 1e3);
    set_cause(driver, "it does not let a client in, and does not refuse it");
    if (driver->n_leaks)
        give_up(driver, "no client can be opened while the closing of another one hangs");
}

static void look_for_server(struct jack_driver *driver)
{
    if (!driver->opening && !driver->is_stuck && clock_ms() >= driver->retry_ms)
        begin_opening(driver);
    if (driver->opening && jack_call_is_done(driver->opening))
        end_opening(driver);
    else if (driver->opening && !driver->is_overdue && clock_ms() - driver->opening->start_ms >= driver->config.hang_ms)
        opening_hangs(driver);
}

/* Until *is_done, for so long at most; what else is posted meanwhile, the next step finds. */
static bool wait_until(struct jack_driver *driver, const _Atomic bool *is_done, int64_t most_ms)
{
    int64_t end_ms = clock_ms() + most_ms;
    for (int64_t left_ms = most_ms; !atomic_load(is_done) && left_ms > 0; left_ms = end_ms - clock_ms()) {
        struct pollfd wake = {.fd = driver->manager_fd, .events = POLLIN};
        poll(&wake, 1, (int)left_ms);
        wake_drain(driver->manager_fd);
    }
    return atomic_load(is_done);
}

/* A dying server removes its clients one by one, and JACK's notification thread follows that under a lock of the library.
 * Closing cuts this thread off wherever it is and then takes the same lock (jack2's issue 395). So it is given time to come to
 * its end first, which it does when its socket is closed from the other side. */
static void let_notifications_end(struct jack_driver *driver)
{
    wait_until(driver, &driver->seat->has_ended, SETTLE_MS);
}

static void leave_client(struct jack_driver *driver, struct jack_call *closing)
{
    driver->leaks[driver->n_leaks++] = (struct jack_leak){closing, driver->seat};
    pthread_mutex_lock(&driver->lock);
    driver->status.n_hangs++;
    driver->status.n_leaks = driver->n_leaks;
    pthread_mutex_unlock(&driver->lock);
    log_put(driver->config.log, LOG_ERROR,
            "JACK server \"%s\": closing the client hangs: it is left behind, number %u of %d", driver->status.server,
            driver->n_leaks, JACK_LEAKS_MOST);
    if (driver->n_leaks == JACK_LEAKS_MOST)
        give_up(driver, "the closing of several clients hangs");
}

static bool is_closed(struct jack_driver *driver, struct jack_call *closing)
{
    if (!closing)
        jack_client_close(driver->client);
    else if (wait_until(driver, &closing->is_done, MUTANT_FLAW("faithful") ? INT32_MAX : driver->config.hang_ms))
        jack_call_end(closing);
    else
        return false;
    return true;
}

static void close_client(struct jack_driver *driver)
{
    struct jack_call *closing = jack_call_close(driver->client, driver->manager_fd);
    if (is_closed(driver, closing))
        jack_seat_free(driver->seat);
    else
        leave_client(driver, closing);
    driver->client = NULL;
    driver->seat = NULL;
    driver->is_active = false;
    atomic_store(&driver->shared.engine, NULL);
    jack_ports_detach(driver->ports);
    jack_cables_detach(driver->cables);
}

/* Clients that were left behind and have been closed after all. */
static void look_after_leaks(struct jack_driver *driver)
{
    for (unsigned i = driver->n_leaks; i-- > 0;) {
        struct jack_leak leak = driver->leaks[i];
        if (!jack_call_is_done(leak.closing))
            continue;
        log_put(driver->config.log, LOG_INFO, "JACK server \"%s\": a client that was left behind is closed, after %.1f s",
                driver->status.server, (double)(clock_ms() - leak.closing->start_ms) / 1e3);
        jack_call_end(leak.closing);
        jack_seat_free(leak.seat);
        driver->leaks[i] = driver->leaks[--driver->n_leaks];
        pthread_mutex_lock(&driver->lock);
        driver->status.n_leaks = driver->n_leaks;
        pthread_mutex_unlock(&driver->lock);
    }
}

static void announce_lost(struct jack_driver *driver, const char *cause)
{
    struct jack_driver_status *status = &driver->status;
    pthread_mutex_lock(&driver->lock);
    status->state = JACK_DRIVER_IS_CLOSING;
    status->client[0] = '\0';
    status->rate_hz = 0;
    status->realtime = status->memory_locked = false;
    status->realtime_cause[0] = status->memory_cause[0] = '\0';
    status->n_ports_registered = 0;
    status->n_losses++;
    driver->lost |= !driver->opened; /* who has not seen it come need not see it go */
    driver->opened = driver->running = false;
    pthread_mutex_unlock(&driver->lock);
    set_cause(driver, cause);
    wake_post(driver->control_fd);
    log_put(driver->config.log, LOG_WARNING, "JACK server \"%s\": %s", status->server, cause);
}

/* Told before it is closed, which may take its time: requests are answered meanwhile. */
void jack_life_lose(struct jack_driver *driver, const char *cause)
{
    atomic_store(&driver->seat->is_left, true);
    announce_lost(driver, cause);
    let_notifications_end(driver);
    if (MUTANT_FLAW("hoarding"))
        wake_open();
    close_client(driver);
    driver->soon_until_ms = clock_ms() + SOON_MS;
    retry_later(driver);
    pthread_mutex_lock(&driver->lock);
    driver->status.state = JACK_DRIVER_IS_WAITING;
    pthread_mutex_unlock(&driver->lock);
}

void jack_life_look(struct jack_driver *driver)
{
    look_after_leaks(driver);
    if (driver->client && atomic_load(&driver->shared.lost))
        jack_life_lose(driver, *driver->shared.reason ? driver->shared.reason : "gone");
    if (!driver->client)
        look_for_server(driver);
}

/* Until something has to be done without having been posted. */
int jack_life_wait_ms(const struct jack_driver *driver)
{
    if (driver->client || driver->is_overdue || driver->is_stuck)
        return -1;
    int64_t until_ms = driver->opening ? driver->opening->start_ms + driver->config.hang_ms : driver->retry_ms;
    int64_t left_ms = until_ms - clock_ms();
    return left_ms > 0 ? (int)left_ms : 0;
}

/* Control waits no longer than it wants to (jack_driver_free), so here nothing has to be watched. */
void jack_life_end(struct jack_driver *driver)
{
    while (driver->opening && !wait_until(driver, &driver->opening->is_done, driver->config.hang_ms))
        ;
    if (driver->opening)
        end_opening(driver);
    if (driver->client && atomic_load(&driver->shared.lost))
        let_notifications_end(driver);
    if (driver->client)
        close_client(driver);
    for (; driver->n_leaks; look_after_leaks(driver))
        wait_until(driver, &driver->leaks[0].closing->is_done, driver->config.hang_ms);
}
