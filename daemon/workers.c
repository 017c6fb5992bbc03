#include "daemon/workers.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "daemon/threads.h"

struct worker {
    struct workers *workers;
    unsigned member;
    pthread_t thread;
};

struct workers {
    struct crew crew;
    struct engine_rt *engine; /* that they have joined; or null */
    _Atomic bool quit;
    unsigned n;
    struct worker worker[CREW_MOST];
};

static long futex(_Atomic uint32_t *word, int operation, uint32_t value)
{
    return syscall(SYS_futex, word, operation | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

/* On the audio thread. */
static void wake(void *self)
{
    struct workers *workers = self;
    futex(&workers->crew.call, FUTEX_WAKE, CREW_MOST);
}

static void *run(void *argument)
{
    struct worker *worker = argument;
    struct workers *workers = worker->workers;
    struct crew *crew = &workers->crew;
    while (!atomic_load(&workers->quit)) {
        /* Read before the turn: a call that comes during it is not slept over. */
        uint32_t call = atomic_load(&crew->call);
        crew_work_rt(crew, worker->member);
        atomic_fetch_add(&crew->n_asleep, 1);
        if (!atomic_load(&workers->quit))
            futex(&crew->call, FUTEX_WAIT, call);
        atomic_fetch_sub(&crew->n_asleep, 1);
    }
    return NULL;
}

static bool start(struct workers *workers, unsigned member)
{
    struct worker *worker = &workers->worker[workers->n];
    char name[16];
    *worker = (struct worker){.workers = workers, .member = member};
    snprintf(name, sizeof name, "dawd-work%u", member % 100);
    if (threads_start(&worker->thread, name, THREADS_STACK_BYTES, run, worker))
        return false;
    workers->n++;
    return true;
}

struct workers *workers_new(unsigned n_threads)
{
    struct workers *workers = aligned_alloc(64, (sizeof *workers + 63) / 64 * 64);
    if (!workers)
        return NULL;
    /* All of it written: the audio thread must not be the first to touch a page. */
    *workers = (struct workers){.crew = {.n_threads = n_threads, .on_ns = CREW_ON_NS, .off_ns = CREW_OFF_NS, .wake = wake}};
    workers->crew.self = workers;
    for (unsigned member = 1; member < n_threads; member++)
        if (!start(workers, member)) {
            workers_free(workers);
            return NULL;
        }
    return workers;
}

void workers_free(struct workers *workers)
{
    if (!workers)
        return;
    atomic_store(&workers->quit, true);
    atomic_fetch_add(&workers->crew.call, 1);
    wake(workers);
    for (unsigned i = 0; i < workers->n; i++)
        pthread_join(workers->worker[i].thread, NULL);
    if (workers->engine)
        workers->engine->crew = NULL;
    free(workers);
}

static unsigned n_processors(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) ? 1 : (unsigned)CPU_COUNT(&set);
}

int workers_join(struct workers **workers, struct ctl *ctl, unsigned n_threads, struct error *error)
{
    *workers = NULL;
    if (n_threads < 2)
        return 0;
    if (n_threads > n_processors())
        return error_set(error, ERROR_BAD_VALUE, "--threads %u: there are %u processors for this program", n_threads,
                         n_processors());
    if (!(*workers = workers_new(n_threads)))
        return error_set(error, ERROR_INTERNAL, "no memory or thread for %u workers", n_threads - 1);
    (*workers)->engine = ctl->engine;
    ctl->engine->crew = workers_crew(*workers);
    ctl->model.n_threads = n_threads;
    return 0;
}

struct crew *workers_crew(struct workers *workers)
{
    return &workers->crew;
}

void workers_rank(struct workers *workers, struct jack_driver *jack, struct log *log)
{
    struct jack_driver_status status;
    jack_driver_status(jack, &status);
    struct sched_param param = {.sched_priority = status.realtime ? status.priority : 0};
    int code = 0;
    for (unsigned i = 0; workers && i < workers->n && !code; i++)
        code = pthread_setschedparam(workers->worker[i].thread, status.realtime ? SCHED_FIFO : SCHED_OTHER, &param);
    if (code)
        log_put(log, LOG_WARNING, "the workers got no real-time priority: %s", strerror(code));
}
