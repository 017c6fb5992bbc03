#include "daemon/jack_seat.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/jack_latency.h"
#include "daemon/jack_manager.h"
#include "daemon/wake.h"
#include "graph/mutant.h"

#define REST_NS           100000 /* a worker looks for more work for 50 us before it sleeps */
#define STACK_TOUCH_BYTES 65536  /* more than a cycle uses (no function of it more than 16 KiB) */

static bool is_left(const struct jack_seat *seat)
{
    return atomic_load(&seat->is_left);
}

static int on_period(jack_nframes_t n_frames, void *argument)
{
    struct jack_seat *seat = argument;
    if (is_left(seat))
        return 0;
    atomic_store(&seat->shared->period_frames, n_frames);
    wake_post(seat->driver->control_fd);
    return 0;
}

static int on_xrun(void *argument)
{
    struct jack_seat *seat = argument;
    struct jack_shared *shared = seat->shared;
    struct engine_rt *engine = atomic_load(&shared->engine);
    if (is_left(seat))
        return 0;
    atomic_fetch_add(&shared->n_xruns, 1);
    if (engine && !MUTANT_FLAW("uncounted"))
        shared->calls->xrun(engine);
    wake_post(seat->driver->control_fd);
    return 0;
}

static void others_note(struct jack_seat *seat)
{
    if (is_left(seat))
        return;
    atomic_store(&seat->shared->others_changed, true);
    wake_post(seat->driver->manager_fd);
}

static void on_port(jack_port_id_t port, int comes, void *argument)
{
    (void)port;
    if (!comes || !MUTANT_FLAW("deaf"))
        others_note(argument);
}

static void on_connect(jack_port_id_t a, jack_port_id_t b, int comes, void *argument)
{
    (void)a, (void)b, (void)comes;
    others_note(argument);
}

static void on_latency(jack_latency_callback_mode_t mode, void *argument)
{
    struct jack_seat *seat = argument;
    if (!is_left(seat))
        jack_latency_tell(mode, seat->shared);
}

/* The end of a notification thread, which it comes to by itself when its server is gone (let_notifications_end in
 * jack_life.c). It runs on that thread. */
static void on_end(void *argument)
{
    struct jack_seat *seat = argument;
    atomic_store(&seat->has_ended, true);
    wake_post(seat->driver->manager_fd);
}

/* The process thread calls some of the same callbacks, but takes no lock that anybody needs. */
static void watch_end(struct jack_seat *seat)
{
    if (!pthread_equal(pthread_self(), jack_client_thread_id(seat->client)))
        pthread_setspecific(seat->driver->end_key, seat);
}

static void on_shutdown(jack_status_t code, const char *reason, void *argument)
{
    struct jack_seat *seat = argument;
    struct jack_shared *shared = seat->shared;
    (void)code;
    watch_end(seat);
    if (is_left(seat) || atomic_exchange(&shared->losing, true))
        return;
    /* What JACK says from here on is about a connection that is known to be broken. */
    atomic_store(&seat->driver->messages.quiet, true);
    snprintf(shared->reason, sizeof shared->reason, "%s", reason ? reason : "");
    atomic_store(&shared->lost, true);
    wake_post(seat->driver->manager_fd);
}

/* Where memory cannot be locked, the audio thread's stack would be fetched page by page in its first cycles. */
static void on_thread(void *argument)
{
    struct jack_seat *seat = argument;
    volatile char stack[STACK_TOUCH_BYTES];
    for (size_t i = 0; i < sizeof stack; i += 1024)
        stack[i] = 0;
    if (atomic_load(&seat->is_activated)) /* before, it is a thread that outlives the client */
        watch_end(seat);
}

void jack_seat_rest(void)
{
    nanosleep(&(struct timespec){.tv_nsec = REST_NS}, NULL);
}

struct jack_seat *jack_seat_new(struct jack_driver *driver, jack_client_t *client)
{
    struct jack_seat *seat = malloc(sizeof *seat);
    if (!seat)
        return NULL;
    /* All of it written: the audio thread must not be the first to touch a page. */
    *seat = (struct jack_seat){.shared = &driver->shared, .driver = driver, .client = client};
    jack_set_process_callback(client, jack_rt_process, seat);
    jack_set_buffer_size_callback(client, on_period, seat);
    jack_set_xrun_callback(client, on_xrun, seat);
    jack_set_port_registration_callback(client, on_port, seat);
    jack_set_port_connect_callback(client, on_connect, seat);
    jack_set_latency_callback(client, on_latency, seat);
    jack_set_thread_init_callback(client, on_thread, seat);
    jack_on_info_shutdown(client, on_shutdown, seat);
    return seat;
}

void jack_seat_free(struct jack_seat *seat)
{
    free(seat);
}

int jack_seat_key_make(pthread_key_t *key)
{
    return pthread_key_create(key, on_end);
}
