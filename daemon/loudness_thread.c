/* Control puts meters into one list, the thread takes them over into its own, which it alone changes and goes through without
 * the lock. */
#include "daemon/loudness_thread.h"

#include <pthread.h>
#include <stdlib.h>

#include "daemon/threads.h"

#define POLL_NS 20000000

struct loudness_thread {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;            /* a meter came, or the end */
    struct loudness_measure *first;    /* at work: the thread's */
    struct loudness_measure *incoming; /* not taken in yet; guarded by the lock, like the rest */
    size_t n_bytes;                    /* of all */
    bool quit;
    size_t bytes_max;
    struct log *log;
};

static size_t bytes_of(const struct loudness_measure *measure)
{
    struct loudness_spec spec = {measure->loudness.channels, measure->loudness.rate_hz, false};
    return loudness_measure_bytes(&spec);
}

/* ---- the thread ----------------------------------------------------------------------------------------------------- */

static void tell_lost(struct loudness_thread *thread, struct loudness_measure *measure)
{
    uint64_t lost = atomic_load_explicit(&measure->loudness.lost, memory_order_relaxed);
    if (lost > measure->told_lost)
        log_put(thread->log, LOG_WARNING, "a meter lacks %llu frames: measuring did not keep up with the sound",
                (unsigned long long)(lost - measure->told_lost));
    measure->told_lost = lost;
}

static void turn_all(struct loudness_thread *thread, struct loudness_measure *first)
{
    for (struct loudness_measure *measure = first; measure; measure = measure->next) {
        loudness_measure_turn(measure);
        tell_lost(thread, measure);
    }
}

static void take_in(struct loudness_thread *thread)
{
    struct loudness_measure **end = &thread->first;
    while (*end)
        end = &(*end)->next;
    *end = thread->incoming;
    thread->incoming = NULL;
}

static void drop_released(struct loudness_thread *thread)
{
    for (struct loudness_measure **link = &thread->first, *measure; (measure = *link);) {
        if (!atomic_load(&measure->released)) {
            link = &measure->next;
            continue;
        }
        *link = measure->next;
        thread->n_bytes -= bytes_of(measure);
        loudness_measure_free(measure);
    }
}

static void rest(struct loudness_thread *thread)
{
    if (thread->first)
        threads_wait(&thread->changed, &thread->lock, POLL_NS);
    else
        pthread_cond_wait(&thread->changed, &thread->lock);
}

static void *work(void *argument)
{
    struct loudness_thread *thread = argument;
    pthread_mutex_lock(&thread->lock);
    while (thread->first || thread->incoming || !thread->quit) {
        take_in(thread);
        struct loudness_measure *first = thread->first;
        pthread_mutex_unlock(&thread->lock);
        turn_all(thread, first);
        pthread_mutex_lock(&thread->lock);
        drop_released(thread);
        if (!thread->incoming && !thread->quit)
            rest(thread);
    }
    pthread_mutex_unlock(&thread->lock);
    return NULL;
}

/* ---- control's side ------------------------------------------------------------------------------------------------- */

static int add(struct loudness_thread *thread, struct loudness_measure *measure, bool again)
{
    pthread_mutex_lock(&thread->lock);
    bool fits = again || thread->n_bytes + bytes_of(measure) <= thread->bytes_max;
    if (fits) {
        thread->n_bytes += bytes_of(measure);
        measure->next = thread->incoming;
        thread->incoming = measure;
        pthread_cond_signal(&thread->changed);
    }
    pthread_mutex_unlock(&thread->lock);
    return fits ? 0 : ERROR_TOO_BIG;
}

static int listen_by_thread(void *self, const struct loudness_spec *spec, struct loudness **loudness, struct error *error)
{
    struct loudness_thread *thread = self;
    struct loudness_measure *measure = loudness_measure_new(spec);
    if (!measure)
        return error_set(error, ERROR_INTERNAL, "memory ran out for a meter");
    if (add(thread, measure, spec->again)) {
        loudness_measure_free(measure);
        return error_set(error, ERROR_TOO_BIG, "one more meter takes %zu KiB, and all meters together may take %zu MiB",
                         loudness_measure_bytes(spec) >> 10, thread->bytes_max >> 20);
    }
    *loudness = &measure->loudness;
    return 0;
}

static void release(void *self, struct loudness *loudness)
{
    (void)self;
    atomic_store(&((struct loudness_measure *)loudness)->released, true);
}

struct loudness_service loudness_thread_service(struct loudness_thread *thread)
{
    return (struct loudness_service){thread, listen_by_thread, release};
}

static void destroy(struct loudness_thread *thread)
{
    pthread_cond_destroy(&thread->changed);
    pthread_mutex_destroy(&thread->lock);
    free(thread);
}

struct loudness_thread *loudness_thread_new(struct log *log, size_t bytes_max)
{
    struct loudness_thread *thread = calloc(1, sizeof *thread);
    if (!thread)
        return NULL;
    thread->log = log;
    thread->bytes_max = bytes_max;
    pthread_mutex_init(&thread->lock, NULL);
    threads_condition_init(&thread->changed);
    if (threads_start(&thread->thread, "dawd-loudness", THREADS_STACK_BYTES, work, thread) == 0)
        return thread;
    destroy(thread);
    return NULL;
}

void loudness_thread_free(struct loudness_thread *thread)
{
    if (!thread)
        return;
    pthread_mutex_lock(&thread->lock);
    thread->quit = true;
    pthread_cond_signal(&thread->changed);
    pthread_mutex_unlock(&thread->lock);
    pthread_join(thread->thread, NULL);
    destroy(thread);
}
