/* Control puts recorders into one list, the thread takes them over into its own, which it alone changes and goes through
 * without the lock: writing may take its time. */
#include "daemon/disk.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/threads.h"
#include "graph/clock_shared.h"
#include "graph/mutant.h"

#define POLL_NS   20000000 /* how long sound waits for its write, at most */
#define BYTES_MAX ((size_t)1 << 30)
#define HANG_S    30 /* a disk that spins up, or a network that stumbles, takes less */

struct disk {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed; /* a recorder came, or the end */
    /* Oldest first, so that of two recorders of one path the older one gets the name. Changed under the lock alone; the
     * first list by the thread only, which reads it at any time. */
    struct recorder *first;    /* at work */
    struct recorder *incoming; /* not taken in by the thread yet */
    size_t n_bytes;            /* of the rooms of all recordings; guarded by the lock */
    bool quit;
    atomic_uint n_turns; /* of all recorders together */
    atomic_uint n_takes; /* that run, at the last turn */
    struct disk_config config;
};

/* ---- the thread ----------------------------------------------------------------------------------------------------- */

static void look_for_room(struct disk *disk, struct recorder *first)
{
    uint64_t bytes_per_s = 0;
    unsigned n_takes = 0;
    for (const struct recorder *recorder = first; recorder; recorder = recorder->next) {
        uint64_t more = recorder_bytes_per_s(recorder);
        bytes_per_s += more;
        n_takes += more > 0;
    }
    atomic_store_explicit(&disk->n_takes, n_takes, memory_order_relaxed);
    for (struct recorder *recorder = first; recorder; recorder = recorder->next)
        recorder_watch(recorder, clock_ms(), bytes_per_s);
}

/* A turn for each. Returns whether any has more. */
static bool turn_all(struct disk *disk, struct recorder *first)
{
    bool has_more = false;
    for (struct recorder *recorder = first; recorder; recorder = recorder->next) {
        has_more |= recorder_turn(recorder) == RECORDER_HAS_MORE;
        atomic_fetch_add(&disk->n_turns, 1);
    }
    look_for_room(disk, first);
    return has_more;
}

static void append(struct recorder **list, struct recorder *recorders)
{
    while (*list)
        list = &(*list)->next;
    *list = recorders;
}

static size_t room_bytes(const struct recorder *recorder)
{
    return recording_bytes(recorder->recording.channels, recorder->rate_hz);
}

static void drop_finished(struct disk *disk)
{
    for (struct recorder **link = &disk->first, *recorder; (recorder = *link);) {
        if (recorder->state != RECORDER_THROUGH) {
            link = &recorder->next;
            continue;
        }
        *link = recorder->next;
        disk->n_bytes -= room_bytes(recorder);
        recorder_free(recorder);
    }
}

static void rest(struct disk *disk)
{
    if (disk->incoming)
        return;
    if (disk->first)
        threads_wait(&disk->changed, &disk->lock, POLL_NS + (MUTANT_FLAW("sluggish") ? INT64_C(3000000000) : 0));
    else
        pthread_cond_wait(&disk->changed, &disk->lock);
}

static void *work(void *argument)
{
    struct disk *disk = argument;
    pthread_mutex_lock(&disk->lock);
    while (disk->first || disk->incoming || !disk->quit) {
        append(&disk->first, disk->incoming);
        disk->incoming = NULL;
        struct recorder *first = disk->first;
        pthread_mutex_unlock(&disk->lock);
        bool has_more = turn_all(disk, first);
        pthread_mutex_lock(&disk->lock);
        drop_finished(disk);
        if (!has_more && !disk->quit)
            rest(disk);
    }
    pthread_mutex_unlock(&disk->lock);
    return NULL;
}

/* ---- control's side ------------------------------------------------------------------------------------------------- */

static int add(struct disk *disk, struct recorder *recorder, bool again)
{
    pthread_mutex_lock(&disk->lock);
    /* At a change of rate the old ones are still there. */
    bool fits = again || disk->n_bytes + room_bytes(recorder) <= disk->config.bytes_max;
    if (fits) {
        disk->n_bytes += room_bytes(recorder);
        append(&disk->incoming, recorder);
        pthread_cond_signal(&disk->changed);
    }
    pthread_mutex_unlock(&disk->lock);
    return fits ? 0 : ERROR_TOO_BIG;
}

static int record(void *self, const struct recording_spec *spec, struct recording **recording, struct error *error)
{
    struct disk *disk = self;
    char file[SOUND_PATH_BYTES];
    if (sound_format_check_path(spec->format, spec->path, error))
        return (int)error->code;
    sound_format_take_path(spec->format, spec->path, 1, file);
    int code = disk->config.check_new(disk->config.store.self, file, error);
    if (code && !spec->again)
        return code;
    *error = (struct error){0};
    struct recorder *recorder = recorder_new(spec, &disk->config.store, disk->config.log);
    if (!recorder)
        return error_set(error, ERROR_INTERNAL, "memory ran out for recording \"%s\"", spec->path);
    if (add(disk, recorder, spec->again)) {
        recorder_free(recorder);
        return error_set(error, ERROR_TOO_BIG, "recording \"%s\": all recorders together may hold %zu MiB of sound",
                         spec->path, disk->config.bytes_max >> 20);
    }
    *recording = &recorder->recording;
    return 0;
}

static void release(void *self, struct recording *recording)
{
    (void)self;
    atomic_store(&((struct recorder *)recording)->released, true);
}

unsigned disk_takes(const struct disk *disk)
{
    return atomic_load_explicit(&disk->n_takes, memory_order_relaxed);
}

struct disk_service disk_service(struct disk *disk)
{
    return (struct disk_service){disk, record, release};
}

static void disk_destroy(struct disk *disk)
{
    pthread_cond_destroy(&disk->changed);
    pthread_mutex_destroy(&disk->lock);
    free(disk);
}

struct disk *disk_new(const struct disk_config *config)
{
    struct disk *disk = calloc(1, sizeof *disk);
    if (!disk)
        return NULL;
    disk->config = *config;
    pthread_mutex_init(&disk->lock, NULL);
    threads_condition_init(&disk->changed);
    if (threads_start(&disk->thread, "dawd-disk", THREADS_STACK_CODEC_BYTES, work, disk) == 0)
        return disk;
    disk_destroy(disk);
    return NULL;
}

/* As long as something is written, however slowly, there is hope. */
static bool has_ended(struct disk *disk)
{
    for (unsigned n_written = atomic_load(&disk->n_turns), waited_s = 0; waited_s < disk->config.patience_s; waited_s++) {
        struct timespec end;
        clock_gettime(CLOCK_REALTIME, &end);
        end.tv_sec++;
        if (pthread_timedjoin_np(disk->thread, NULL, &end) == 0)
            return true;
        unsigned now = atomic_load(&disk->n_turns);
        if (now != n_written)
            waited_s = 0;
        n_written = now;
    }
    return false;
}

static void release_all(struct recorder *first)
{
    for (struct recorder *recorder = first; recorder; recorder = recorder->next)
        atomic_store(&recorder->released, true);
}

bool disk_free(struct disk *disk)
{
    if (!disk)
        return true;
    pthread_mutex_lock(&disk->lock);
    release_all(disk->first);
    release_all(disk->incoming);
    disk->quit = true;
    pthread_cond_signal(&disk->changed);
    pthread_mutex_unlock(&disk->lock);
    if (!has_ended(disk))
        return false;
    disk_destroy(disk);
    return true;
}

/* ---- files ---------------------------------------------------------------------------------------------------------- */

static int create_file(void *self, const char *path, struct media_io *io, struct error *error)
{
    int fd = files_create(self, path, error);
    if (fd < 0)
        return (int)error->code;
    *io = media_io_fd(fd);
    return 0;
}

static int check_file(void *self, const char *path, struct error *error)
{
    return files_check_new(self, path, error);
}

struct disk_config disk_config_files(struct files *files, struct log *log)
{
    return (struct disk_config){{files, create_file}, check_file, log, HANG_S, BYTES_MAX};
}
