/* One thread is control and audio thread in turn. While the session loads the engine stands still: how long that takes must
 * not show in its frames. */
#include "daemon/render.h"

#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/host.h"
#include "daemon/loudness_measure.h"
#include "daemon/null_driver.h"
#include "daemon/render_out.h"
#include "daemon/session_start.h"
#include "daemon/stream_feed.h"
#include "daemon/workers.h"
#include "graph/offline.h"
#include "graph/transport.h"

#define PROGRESS_MS 250
#define LOOK_MS     100 /* for signals while something loads */

struct render {
    const struct options *options;
    struct error *error;
    struct log *log;
    struct files files;
    struct loader *loader;
    struct null_device null_device;
    struct device_service device;
    struct loudness_service meters;
    struct stream_service readers;
    struct ctl *ctl;
    struct workers *workers; /* null: one thread */
    struct daemon_host host;
    struct host service;
    struct server *server;
    struct offline offline;
    struct render_out out;
    bool has_out;
    int64_t told_ms; /* when progress was shown last */
};

/* ---- start and stop ------------------------------------------------------------------------------------------------- */

/* Refusals come back as answers, which are told in another place. */
static void log_nothing(void *self, const struct host_line *line)
{
    (void)self, (void)line;
}

/* Nothing that is written may be what is read. */
static int check_paths(const struct options *options, struct error *error)
{
    struct stat session, out;
    bool same = options->render && stat(options->session, &session) == 0 && stat(options->render, &out) == 0 &&
                session.st_dev == out.st_dev && session.st_ino == out.st_ino;
    return same ? error_set(error, ERROR_CONFLICT, "--render \"%s\" is the session itself", options->render) : 0;
}

static int start(struct render *render, struct error *error)
{
    const struct options *options = render->options;
    if (check_paths(options, error) || files_init(&render->files, options->roots, options->n_roots, error))
        return (int)error->code;
    render->log = log_new(STDERR_FILENO, options->log_level);
    render->loader = loader_new();
    render->device = null_device_service(&render->null_device);
    render->ctl = ctl_new(options->rate_hz, &render->device);
    if (!render->log || !render->loader || !render->ctl)
        return error_set(error, ERROR_INTERNAL, "memory ran out for the engine");
    render->meters = loudness_measure_at_once();
    render->ctl->loudness = &render->meters;
    render->readers = stream_feeds_at_once(&render->files);
    render->ctl->streams = &render->readers;
    render->host = (struct daemon_host){.loader = render->loader,
                                        .files = &render->files,
                                        .log = render->log,
                                        .media_limit_bytes = options->media_limit_bytes};
    render->service = daemon_host_service(&render->host);
    render->service.log = log_nothing;
    if (workers_join(&render->workers, render->ctl, options->n_threads, error) || ctl_add_fixtures(render->ctl, error))
        return (int)error->code;
    render->server = server_new(render->ctl, NULL, &render->service, options->name);
    if (!render->server)
        return error_set(error, ERROR_INTERNAL, "memory ran out for the language");
    return 0;
}

static void stop(struct render *render)
{
    if (render->has_out)
        render_out_drop(&render->out);
    render->host.is_closing = true;
    loader_free(render->loader);
    offline_deinit(&render->offline);
    workers_free(render->workers);
    ctl_free(render->ctl);
    server_free(render->server);
    files_deinit(&render->files);
    log_free(render->log);
}

/* ---- the session ---------------------------------------------------------------------------------------------------- */

/* What was committed becomes what sounds: control turns the engine itself, until nothing fades, and makes all nodes anew. */
static int settle(struct render *render)
{
    return ctl_set_rate(render->ctl, render->options->rate_hz, render->error);
}

/* They are blocked, so that a half-written file does not stay behind. */
static bool is_interrupted(void)
{
    sigset_t pending;
    sigpending(&pending);
    return sigismember(&pending, SIGINT) || sigismember(&pending, SIGTERM) || sigismember(&pending, SIGHUP);
}

/* While anything loads, nothing but time by the clock passes. */
static bool turn(void *self)
{
    struct render *render = self;
    struct pollfd loaded = {loader_fd(render->loader), POLLIN, 0};
    if (!render->server->parked)
        return settle(render) == 0;
    poll(&loaded, 1, LOOK_MS);
    loader_poll(render->loader);
    return !is_interrupted();
}

static int load(struct render *render)
{
    struct session_start start = {.path = render->options->session,
                                  .files = &render->files,
                                  .server = render->server,
                                  .at_once = true,
                                  .turn = turn,
                                  .self = render};
    return session_start(&start, render->error);
}

static int roll(struct render *render)
{
    struct tx *tx = tx_open(render->ctl, 0);
    if (!tx)
        return error_set(render->error, ERROR_INTERNAL, "memory ran out for the transport");
    if (tx_play(tx, render->error)) {
        tx_rollback(tx);
        return (int)render->error->code;
    }
    tx_commit(tx, (struct completion){0});
    return 0;
}

/* ---- the sound ------------------------------------------------------------------------------------------------------ */

static uint64_t frames_of(const struct render *render, double seconds)
{
    return (uint64_t)llround(seconds * render->options->rate_hz);
}

static int open_out(struct render *render, const struct node *node)
{
    const struct options *options = render->options;
    struct render_spec spec = {options->render, options->format, node->channels, options->rate_hz};
    if (offline_init(&render->offline, render->ctl, node->device_first + node->channels, options->period_frames))
        return error_set(render->error, ERROR_INTERNAL, "memory ran out for %u frames", options->period_frames);
    int code = render_out_open(&render->out, &spec, render->error);
    render->has_out = !code;
    return code;
}

static void show_progress(struct render *render, uint64_t at, uint64_t end)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    if (now_ms < render->told_ms + PROGRESS_MS && at < end)
        return;
    render->told_ms = now_ms;
    fprintf(stderr, "\r%.1f of %.1f s%s", (double)at / render->options->rate_hz, (double)end / render->options->rate_hz,
            at < end ? "" : "\n");
}

static int render_cycle(struct render *render, const struct node *node, uint64_t at, unsigned n, uint64_t from)
{
    ctl_poll(render->ctl);
    if (!offline_cycle(&render->offline, n))
        return error_set(render->error, ERROR_BUSY, "the engine is in use");
    if (is_interrupted())
        return error_set(render->error, ERROR_CANCELLED, "interrupted");
    unsigned skip = at >= from ? 0 : from - at < n ? (unsigned)(from - at) : n;
    return render_out_write(&render->out, render->offline.ports + node->device_first, skip, n - skip, render->error);
}

/* What a node has read of all that was played: of meters, which are those that know loudness. */
static void tell_readings(struct render *render, const struct node *node)
{
    const struct node_class *class = node->class;
    char text[400] = "";
    bool is_meter = false;
    for (unsigned r = 0, n = 0; r < class->n_readings && n < sizeof text; r++) {
        const struct reading_info *info = &class->readings[r];
        double value = (double)atomic_load_explicit(&node->object->readings[r], memory_order_relaxed);
        is_meter |= strcmp(info->unit, "LUFS") == 0;
        n += (unsigned)snprintf(text + n, sizeof text - n, "%s%s %.1f %s", r ? ", " : "", info->name, value, info->unit);
    }
    /* A kind of its own for each: no number of meters is too many for the log. */
    if (is_meter)
        log_put_about(render->log, LOG_INFO, &(struct log_about){node->name, node->name}, "%s: %s", node->name, text);
}

static int sound(struct render *render)
{
    const struct options *options = render->options;
    const struct node *node = model_find(&render->ctl->model, "out");
    uint64_t from = frames_of(render, options->from_s), end = frames_of(render, options->to_s);
    bool shows = isatty(STDERR_FILENO);
    if (open_out(render, node))
        return (int)render->error->code;
    for (uint64_t at = 0, n; at < end; at += n) {
        n = end - at < options->period_frames ? end - at : options->period_frames;
        if (render_cycle(render, node, at, (unsigned)n, from))
            return (int)render->error->code;
        if (shows)
            show_progress(render, at + n, end);
    }
    render->has_out = false;
    for (const struct node *each = render->ctl->model.first; each; each = each->next)
        tell_readings(render, each);
    return render_out_close(&render->out, render->error);
}

int render_load(const struct options *options, struct error *error)
{
    struct render render = {.options = options, .error = error};
    if (!start(&render, error))
        load(&render);
    stop(&render);
    return (int)error->code;
}

enum options_exit render_run(const struct options *options)
{
    struct error error = {0};
    struct render render = {.options = options, .error = &error};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    if (!start(&render, &error) && !load(&render) && !roll(&render))
        sound(&render);
    stop(&render);
    if (error.code)
        fprintf(stderr, "dawd: %s\n", error.text);
    return error.code ? OPTIONS_EXIT_FAILED : OPTIONS_EXIT_DONE;
}
