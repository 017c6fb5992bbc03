/* Control puts samplers into one list, the thread takes them over into its own, which it alone changes and goes through without
 * the lock. */
#include "daemon/stream_thread.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/threads.h"
#include "graph/mutant.h"

#define POLL_NS 5000000

struct stream_thread {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;        /* a sampler came, or the end */
    struct stream_feeds *first;    /* at work: the thread's */
    struct stream_feeds *incoming; /* not taken in yet; guarded by the lock, like the rest */
    size_t n_bytes;                /* of all rings */
    bool quit;
    const struct files *files;
    struct log *log;
};

/* ---- the thread ----------------------------------------------------------------------------------------------------- */

static bool turn_all(struct stream_feeds *first)
{
    bool has_more = false;
    for (struct stream_feeds *feeds = first; feeds; feeds = feeds->next)
        has_more |= !atomic_load(&feeds->released) && stream_feeds_turn(feeds);
    return has_more;
}

static void take_in(struct stream_thread *thread)
{
    struct stream_feeds **end = &thread->first;
    while (*end)
        end = &(*end)->next;
    *end = thread->incoming;
    thread->incoming = NULL;
}

static void drop_released(struct stream_thread *thread)
{
    for (struct stream_feeds **link = &thread->first, *feeds; (feeds = *link);) {
        if (!atomic_load(&feeds->released)) {
            link = &feeds->next;
            continue;
        }
        *link = feeds->next;
        thread->n_bytes -= feeds->bytes;
        stream_feeds_free(feeds);
    }
}

static void rest(struct stream_thread *thread)
{
    if (thread->incoming || thread->quit)
        return;
    if (thread->first)
        threads_wait(&thread->changed, &thread->lock, POLL_NS + (MUTANT_FLAW("dawdling") ? INT64_C(900000000) : 0));
    else
        pthread_cond_wait(&thread->changed, &thread->lock);
}

static void *work(void *argument)
{
    struct stream_thread *thread = argument;
    pthread_mutex_lock(&thread->lock);
    while (thread->first || thread->incoming || !thread->quit) {
        take_in(thread);
        struct stream_feeds *first = thread->first;
        pthread_mutex_unlock(&thread->lock);
        bool has_more = turn_all(first);
        pthread_mutex_lock(&thread->lock);
        drop_released(thread);
        if (!has_more)
            rest(thread);
    }
    pthread_mutex_unlock(&thread->lock);
    return NULL;
}

/* ---- control's side ------------------------------------------------------------------------------------------------- */

static int begin(void *self, const struct instrument *instrument, unsigned n, struct stream_set **set, struct error *error)
{
    struct stream_thread *thread = self;
    size_t bytes = stream_feeds_bytes(instrument, n);
    pthread_mutex_lock(&thread->lock);
    bool fits = thread->n_bytes + bytes <= STREAM_BYTES_MAX;
    pthread_mutex_unlock(&thread->lock);
    if (!fits)
        return error_set(error, ERROR_TOO_BIG, "%u streams more: those of all samplers may take %zu MiB together", n,
                         STREAM_BYTES_MAX >> 20);
    struct stream_feeds *feeds = stream_feeds_new(instrument, n, thread->files, thread->log);
    if (!feeds)
        return error_set(error, ERROR_INTERNAL, "memory ran out for the streams of an instrument");
    pthread_mutex_lock(&thread->lock);
    thread->n_bytes += bytes;
    feeds->next = thread->incoming;
    thread->incoming = feeds;
    pthread_cond_signal(&thread->changed);
    pthread_mutex_unlock(&thread->lock);
    *set = &feeds->set;
    return 0;
}

static void end(void *self, struct stream_set *set)
{
    (void)self;
    atomic_store(&((struct stream_feeds *)set)->released, true);
}

struct stream_service stream_thread_service(struct stream_thread *thread)
{
    return (struct stream_service){thread, begin, end};
}

static void destroy(struct stream_thread *thread)
{
    pthread_cond_destroy(&thread->changed);
    pthread_mutex_destroy(&thread->lock);
    free(thread);
}

struct stream_thread *stream_thread_new(const struct files *files, struct log *log)
{
    struct stream_thread *thread = calloc(1, sizeof *thread);
    if (!thread)
        return NULL;
    thread->files = files;
    thread->log = log;
    pthread_mutex_init(&thread->lock, NULL);
    threads_condition_init(&thread->changed);
    if (threads_start(&thread->thread, "dawd-streams", THREADS_STACK_CODEC_BYTES, work, thread) == 0)
        return thread;
    destroy(thread);
    return NULL;
}

static void release_all(struct stream_feeds *first)
{
    for (struct stream_feeds *feeds = first; feeds; feeds = feeds->next)
        atomic_store(&feeds->released, true);
}

bool stream_thread_free(struct stream_thread *thread, unsigned patience_s)
{
    struct timespec end_at;
    if (!thread)
        return true;
    pthread_mutex_lock(&thread->lock);
    release_all(thread->first);
    release_all(thread->incoming);
    thread->quit = true;
    pthread_cond_signal(&thread->changed);
    pthread_mutex_unlock(&thread->lock);
    clock_gettime(CLOCK_REALTIME, &end_at);
    end_at.tv_sec += patience_s;
    if (pthread_timedjoin_np(thread->thread, NULL, &end_at))
        return false;
    destroy(thread);
    return true;
}
