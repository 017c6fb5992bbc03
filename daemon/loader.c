/* One lock guards both queues; it is held for a few pointers at a time and never across run or done. Decoding is what takes
 * long here, and a second worker would only make two sounds late instead of one: jobs run one after the other. */
#include "daemon/loader.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "daemon/threads.h"
#include "daemon/wake.h"

struct queue {
    struct job *first, *last;
};

struct loader {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t pushed;
    struct queue waiting;
    struct queue finished;
    struct job *running;
    unsigned n_run; /* jobs that have come back; wraps */
    bool quit;
    int fd;
};

static void append(struct queue *queue, struct job *job)
{
    job->next = NULL;
    *(queue->last ? &queue->last->next : &queue->first) = job;
    queue->last = job;
}

static struct job *take(struct queue *queue)
{
    struct job *job = queue->first;
    if (job) {
        queue->first = job->next;
        queue->last = queue->first ? queue->last : NULL;
    }
    return job;
}

static void finish(struct loader *loader, struct job *job)
{
    append(&loader->finished, job);
    wake_post(loader->fd);
}

/* Decoders talk to stderr by themselves, mpg123 a line for each broken frame of a hostile file. With a table of descriptors
 * of its own, this thread and no other talks to nobody there; what is worth saying comes back with the job. */
static void speak_to_nobody(void)
{
    if (unshare(CLONE_FILES))
        return;
    int nobody = open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (nobody < 0)
        return;
    dup2(nobody, STDERR_FILENO);
    close(nobody);
}

static void *work(void *argument)
{
    struct loader *loader = argument;
    speak_to_nobody();
    pthread_mutex_lock(&loader->lock);
    for (;;) {
        struct job *job = take(&loader->waiting);
        /* Only with an empty queue: every job is handed back, run or not. */
        if (!job && loader->quit) /* only when the queue is empty: every job comes back */
            break;
        if (!job) {
            pthread_cond_wait(&loader->pushed, &loader->lock);
            continue;
        }
        loader->running = job;
        pthread_mutex_unlock(&loader->lock);
        job->ran = job->must_run || !atomic_load(&job->cancelled);
        if (job->ran)
            job->run(job);
        pthread_mutex_lock(&loader->lock);
        loader->running = NULL;
        loader->n_run++;
        finish(loader, job);
    }
    pthread_mutex_unlock(&loader->lock);
    return NULL;
}

struct loader *loader_new(void)
{
    return loader_new_named("dawd-loader", THREADS_STACK_CODEC_BYTES);
}

struct loader *loader_new_named(const char *name, size_t stack_bytes)
{
    struct loader *loader = calloc(1, sizeof *loader);
    if (!loader)
        return NULL;
    loader->fd = wake_open();
    pthread_mutex_init(&loader->lock, NULL);
    pthread_cond_init(&loader->pushed, NULL);
    if (loader->fd >= 0 && threads_start(&loader->thread, name, stack_bytes, work, loader) == 0)
        return loader;
    if (loader->fd >= 0)
        close(loader->fd);
    free(loader);
    return NULL;
}

static unsigned count_run(struct loader *loader)
{
    pthread_mutex_lock(&loader->lock);
    unsigned n = loader->n_run;
    pthread_mutex_unlock(&loader->lock);
    return n;
}

/* As long as jobs come back, however slowly, there is hope. */
static bool has_ended(struct loader *loader, unsigned patience_s)
{
    for (unsigned before = count_run(loader), waited_s = 0; waited_s < patience_s; waited_s++) {
        struct timespec end;
        clock_gettime(CLOCK_REALTIME, &end);
        end.tv_sec++;
        if (pthread_timedjoin_np(loader->thread, NULL, &end) == 0)
            return true;
        unsigned now = count_run(loader);
        if (now != before)
            waited_s = 0;
        before = now;
    }
    return false;
}

bool loader_free_within(struct loader *loader, unsigned patience_s)
{
    if (!loader)
        return true;
    pthread_mutex_lock(&loader->lock);
    loader->quit = true;
    if (loader->running)
        job_cancel(loader->running);
    for (struct job *job = loader->waiting.first; job; job = job->next)
        job_cancel(job);
    pthread_cond_signal(&loader->pushed);
    pthread_mutex_unlock(&loader->lock);
    if (!has_ended(loader, patience_s))
        return false;
    loader_poll(loader);
    pthread_cond_destroy(&loader->pushed);
    pthread_mutex_destroy(&loader->lock);
    close(loader->fd);
    free(loader);
    return true;
}

void loader_free(struct loader *loader)
{
    loader_free_within(loader, UINT_MAX);
}

void loader_push(struct loader *loader, struct job *job)
{
    pthread_mutex_lock(&loader->lock);
    append(&loader->waiting, job);
    pthread_cond_signal(&loader->pushed);
    pthread_mutex_unlock(&loader->lock);
}

void job_cancel(struct job *job)
{
    atomic_store(&job->cancelled, true);
}

int loader_fd(const struct loader *loader)
{
    return loader->fd;
}

unsigned loader_poll(struct loader *loader)
{
    unsigned n = 0;
    pthread_mutex_lock(&loader->lock);
    /* The whole list at once: `done` is called without the lock and may push. Drained while nobody can finish: what does
     * later posts anew. */
    struct queue finished = loader->finished; /* taken whole: what `done` pushes belongs to the next poll */
    loader->finished = (struct queue){0};
    wake_drain(loader->fd);
    pthread_mutex_unlock(&loader->lock);
    for (struct job *job; (job = take(&finished)); n++)
        job->done(job);
    return n;
}
