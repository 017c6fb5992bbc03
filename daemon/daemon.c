/* Puts the parts together, turns the control thread's wheel, and takes them apart.
 *
 *     start   log, signals -> roots -> sockets -> JACK manager -> loader, disk, loudness, engine, language -> null driver -> session
 *     turn    sockets -> loaded files -> JACK's events -> engine -> sleep until any of them has news
 *     stop    loader -> JACK -> null driver -> engine -> loudness, disk -> language -> sockets -> roots -> log
 */
#include "daemon/daemon.h"

#include <malloc.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/debug_line.h"
#include "daemon/disk.h"
#include "daemon/host.h"
#include "daemon/listen.h"
#include "daemon/loudness_thread.h"
#include "daemon/notify.h"
#include "daemon/null_driver.h"
#include "daemon/overtime.h"
#include "daemon/signals.h"
#include "daemon/state_start.h"
#include "daemon/stream_thread.h"
#include "daemon/token.h"
#include "daemon/workers.h"
#include "graph/clock_shared.h"
#include "graph/mutant.h"
#include "graph/tx.h"
#include "osc/server.h"

#define STREAM_PATIENCE_S 10 /* with a disk that does not answer, at the end */
#define MMAP_BYTES        (128 << 10)
#define TRIM_BYTES        (4 << 20)
#define POLL_MOST_MS      100   /* stalled clients are looked for that often at least */
#define FAREWELL_S        0.020 /* fade-out at the end */
#define FAREWELL_MOST_MS  500
#define LOADER_PATIENCE_S 30 /* as for recordings: a disk that spins up, or a network that stumbles, takes less */

struct daemon {
    struct options options;
    struct log *log;
    struct files files;
    struct loader *loader;
    struct disk *disk;
    struct disk_service recordings;
    struct disk_news disk_news;
    struct loudness_thread *loudness;
    struct loudness_service meters;
    struct stream_service readers;
    struct stream_thread *streams;
    struct jack_driver *jack;        /* null with --no-jack */
    struct null_driver *null_driver; /* null while JACK drives */
    bool jack_drives;
    struct null_device null_device;
    struct device_service device;
    struct ctl *ctl;
    struct workers *workers; /* null: one thread */
    struct net *net;
    struct daemon_host host;
    struct host service;
    struct server *server;
    struct state state;
    struct notify notify;
    struct overtime overtime;
    int signal_fd;
    enum options_exit exit; /* with which the program ends */
    bool debug;             /* DAWD_DEBUG=1: a line of figures per second */
    uint64_t silent_from;   /* frame at which the last fade-out begins; 0 until the engine has told */
    int64_t second;
    struct debug_line line;
};

/* ---- start ---------------------------------------------------------------------------------------------------------- */

static int device_start(struct daemon *daemon, struct error *error)
{
    const struct options *options = &daemon->options;
    if (options->no_jack) {
        daemon->device = null_device_service(&daemon->null_device);
        return 0;
    }
    struct jack_driver_config config = {options->name, options->server, !options->no_connect, daemon->log,
                                        &driver_engine_calls};
    daemon->jack = jack_driver_new(&config);
    if (!daemon->jack)
        return error_set(error, ERROR_INTERNAL, "no memory or thread for the JACK manager");
    daemon->device = jack_driver_device(daemon->jack);
    return 0;
}

static int null_start(struct daemon *daemon, struct error *error)
{
    daemon->null_driver = null_driver_start(daemon->ctl->engine, (unsigned)daemon->ctl->rate_hz, &driver_engine_calls);
    return daemon->null_driver ? 0 : error_set(error, ERROR_INTERNAL, "no memory or thread for the engine's clock");
}

static int engine_start(struct daemon *daemon, struct error *error)
{
    const struct options *options = &daemon->options;
    struct disk_config disk = disk_config_files(&daemon->files, daemon->log);
    disk_news_init(&daemon->disk_news);
    disk.store.news = &daemon->disk_news;
    daemon->loader = loader_new();
    daemon->disk = disk_new(&disk);
    daemon->loudness = loudness_thread_new(daemon->log, LOUDNESS_BYTES_MAX);
    daemon->streams = stream_thread_new(&daemon->files, daemon->log);
    daemon->ctl = ctl_new(options->rate_hz, &daemon->device);
    if (!daemon->loader || !daemon->disk || !daemon->loudness || !daemon->streams || !daemon->ctl)
        return error_set(error, ERROR_INTERNAL, "memory ran out for the engine");
    daemon->ctl->limits = options->limits;
    daemon->recordings = disk_service(daemon->disk);
    daemon->ctl->disk = &daemon->recordings;
    daemon->meters = loudness_thread_service(daemon->loudness);
    daemon->ctl->loudness = &daemon->meters;
    daemon->readers = stream_thread_service(daemon->streams);
    daemon->ctl->streams = &daemon->readers;
    if (workers_join(&daemon->workers, daemon->ctl, options->n_threads, error) || ctl_add_fixtures(daemon->ctl, error))
        return (int)error->code;
    daemon->host = (struct daemon_host){.loader = daemon->loader,
                                        .files = &daemon->files,
                                        .log = daemon->log,
                                        .jack = daemon->jack,
                                        .state = options->state ? &daemon->state : NULL,
                                        .media_limit_bytes = options->media_limit_bytes};
    daemon->service = daemon_host_service(&daemon->host);
    daemon->server = server_new(daemon->ctl, daemon->net, &daemon->service, options->name);
    if (!daemon->server)
        return error_set(error, ERROR_INTERNAL, "memory ran out for the language");
    daemon->server->clients.limits =
        (struct client_limits){(unsigned)options->limits.most[LIMIT_PEERS], (double)options->limits.most[LIMIT_REMOTE_RATE],
                               (double)options->limits.most[LIMIT_LOCAL_RATE]};
    if (options->token_file && token_read(options->token_file, daemon->server->clients.token, error))
        return (int)error->code;
    return null_start(daemon, error);
}

static int start(struct daemon *daemon, struct error *error)
{
    const struct options *options = &daemon->options;
    const char *debug = getenv("DAWD_DEBUG");
    daemon->debug = debug && strcmp(debug, "1") == 0;
    /* What is large comes from the kernel and goes back to it. Left alone, the threshold follows the sizes that are freed: the
     * lines of delays and the sound of files would go into a heap that is locked, and does not shrink. */
    mallopt(M_MMAP_THRESHOLD, MMAP_BYTES);
    /* What is small comes and goes with every edit. A heap that gave it back each time would have its pages taken in and locked
     * anew by the next edit. */
    mallopt(M_TRIM_THRESHOLD, TRIM_BYTES);
    /* One heap for all threads: what the loader has made and control frees is there for either. With a heap each, both creep
     * up by their greatest extents. */
    mallopt(M_ARENA_MAX, 1);
    daemon->log = log_new(STDERR_FILENO, options->log_level);
    daemon->signal_fd = signals_open();
    if (!daemon->log || daemon->signal_fd < 0)
        return error_set(error, ERROR_INTERNAL, "memory or descriptors ran out");
    log_use_journal(daemon->log, getenv("JOURNAL_STREAM"), LOG_OUT_JOURNAL);
    overtime_open(&daemon->overtime, daemon->log);
    /* Whoever started us will miss the news; the sound does not need them. */
    struct notify_place manager = {getenv("NOTIFY_SOCKET"), getenv("WATCHDOG_USEC"), getenv("WATCHDOG_PID")};
    if (notify_open(&daemon->notify, &manager, error))
        log_put(daemon->log, LOG_WARNING, "%s", error->text);
    *error = (struct error){0};
    /* Sockets before JACK: where a daemon of this name lives already, the second ends here, and JACK never hears of
     * it. */
    if (files_init(&daemon->files, options->roots, options->n_roots, error) ||
        listen_start(options, daemon->log, &daemon->net, error) ||
        (options->state && state_open(&daemon->state, options->state, daemon->log, error)) || device_start(daemon, error))
        return (int)error->code;
    return engine_start(daemon, error);
}

/* ---- the wheel ------------------------------------------------------------------------------------------------------ */

/* Somebody has to turn the engine, or no edit would ever be answered: if nobody does, the null driver. */
static void keep_turning(struct daemon *daemon)
{
    struct error error = {0};
    if (!daemon->jack_drives && !daemon->null_driver && null_start(daemon, &error))
        log_put(daemon->log, LOG_ERROR, "nothing is answered: %s", error.text);
}

static void tell_manager(struct daemon *daemon)
{
    const struct ctl *ctl = daemon->ctl;
    bool is_loading = !daemon->notify.listens;
    const struct notify_sight sight = {.host = &daemon->service,
                                       .engine = ctl->engine,
                                       .rate_hz = (unsigned)ctl->rate_hz,
                                       .session = is_loading ? daemon->options.session : daemon->server->session.path,
                                       .n_takes = disk_takes(daemon->disk),
                                       .now_ms = clock_ms()};
    notify_look(&daemon->notify, &sight);
}

/* A server is there: the engine changes hands, at the server's rate. */
static void jack_opened(struct daemon *daemon, const struct jack_driver_event *event)
{
    struct error error = {0};
    null_driver_stop(daemon->null_driver);
    daemon->null_driver = NULL;
    bool is_other_rate = daemon->ctl->rate_hz != event->rate_hz && !MUTANT_FLAW("fixedrate");
    if (is_other_rate && ctl_set_rate(daemon->ctl, event->rate_hz, &error)) {
        log_put(daemon->log, LOG_ERROR, "the JACK server runs at %u Hz: %s", event->rate_hz, error.text);
        keep_turning(daemon);
        return;
    }
    daemon->jack_drives = true;
    jack_driver_start(daemon->jack, daemon->ctl->engine);
}

/* A service manager starts another one, which takes over what there was. */
static void jack_stuck(struct daemon *daemon)
{
    struct jack_driver_status status;
    jack_driver_status(daemon->jack, &status);
    log_put(daemon->log, LOG_ERROR, "%s: only a new process can be its client again, so this one ends", status.cause);
    daemon->exit = OPTIONS_EXIT_FAILED;
    daemon->host.must_quit = true;
}

static void jack_events(struct daemon *daemon)
{
    struct jack_driver_event event;
    while (jack_driver_next(daemon->jack, &event)) {
        if (event.kind == JACK_DRIVER_OPENED)
            jack_opened(daemon, &event);
        if (event.kind == JACK_DRIVER_RUNNING)
            workers_rank(daemon->workers, daemon->jack, daemon->log);
        if (event.kind == JACK_DRIVER_LOST) {
            daemon->jack_drives = false;
            keep_turning(daemon);
        }
        overtime_fit(&daemon->overtime, event.period_frames, event.rate_hz);
        if (event.kind == JACK_DRIVER_STUCK)
            jack_stuck(daemon);
        tell_manager(daemon);
        event_send_server(daemon->server);
    }
}

static void each_second(struct daemon *daemon)
{
    int64_t now_ms = clock_ms(), second = now_ms / 1000;
    notify_beat(&daemon->notify, daemon->ctl->engine, daemon->jack_drives, now_ms);
    if (second == daemon->second)
        return;
    daemon->second = second;
    log_tick(daemon->log);
    daemon_host_watch(&daemon->host);
    tell_manager(daemon);
    keep_turning(daemon); /* a failure to start may have passed */
    if (daemon->debug)
        debug_line_print(&daemon->line, &daemon->ctl->engine->stats);
}

/* One turn: waits for something to do, at most as long as the engine lets us. */
static void turn(struct daemon *daemon, bool listens)
{
    struct pollfd fds[] = {{listens ? net_fd(daemon->net) : -1, POLLIN, 0},
                           {loader_fd(daemon->loader), POLLIN, 0},
                           {daemon->signal_fd, POLLIN, 0},
                           {daemon->overtime.fd, POLLIN, 0},
                           {daemon->jack ? jack_driver_fd(daemon->jack) : -1, POLLIN, 0},
                           {state_fd(&daemon->state), POLLIN, 0}};
    while (MUTANT_FLAW("stuck"))
        poll(NULL, 0, POLL_MOST_MS);
    /* All that has arrived becomes edits first; ctl_poll then sends them as one change. */
    bool has_more = listens && server_poll(daemon->server);
    overtime_look(&daemon->overtime, daemon->ctl);
    loader_poll(daemon->loader);
    disk_news_tell(&daemon->disk_news, daemon->server);
    if (daemon->jack)
        jack_events(daemon);
    int wait_ms = schedule_wait_ms(daemon->server, subs_wait_ms(daemon->server, ctl_poll(daemon->ctl)));
    state_tick(&daemon->state);
    each_second(daemon);
    poll(fds, sizeof fds / sizeof *fds, has_more ? 0 : wait_ms < POLL_MOST_MS ? wait_ms : POLL_MOST_MS);
}

/* For the session of the command line, which comes before the clients. */
static bool turn_alone(void *self)
{
    turn(self, false);
    return !signals_came(((struct daemon *)self)->signal_fd);
}

static int session_open(struct daemon *daemon, struct error *error)
{
    struct session_start start = {
        daemon->options.session, &daemon->files, daemon->server, daemon->jack, false, NULL, turn_alone, daemon};
    if (daemon->options.state)
        return state_start(&daemon->state, &start, error);
    return start.path ? session_start(&start, error) : 0;
}

static void on_silence(void *user, const struct outcome *outcome)
{
    /* Never 0, which means: not yet. */
    *(uint64_t *)user = outcome->frame + 1;
}

/* Lets everything that goes to the sound card fade out before the ports go. */
static void farewell(struct daemon *daemon)
{
    struct error error = {0};
    struct tx *tx = tx_open(daemon->ctl, MUTANT_FLAW("abrupt") ? 0 : FAREWELL_S);
    if (!tx)
        return;
    for (struct node *node = daemon->ctl->model.first; node; node = node->next)
        if (node->class->device == DEVICE_OUTPUT)
            tx_disconnect_inputs(tx, node, &error);
        else if (node->class->device == DEVICE_MIDI_OUTPUT) /* bypassed, it ends its notes */
            tx_set_value(tx, node, node->class->n_params, 1, -1, &error);
    tx_commit(tx, (struct completion){on_silence, &daemon->silent_from});
    /* A driver that hangs must not keep the daemon from ending. */
    int64_t end_ms = clock_ms() + FAREWELL_MOST_MS;
    uint64_t fade = ctl_frames(daemon->ctl, FAREWELL_S);
    while (clock_ms() < end_ms && (!daemon->silent_from || ctl_clock(daemon->ctl) < daemon->silent_from + fade)) {
        ctl_poll(daemon->ctl);
        poll(NULL, 0, 1);
    }
}

/* JACK or a disk hangs, with a thread that may come back at any time: nothing can be taken apart under it, but the process
 * can go. */
static _Noreturn void abandon(struct daemon *daemon, const char *what, enum options_exit code)
{
    log_put(daemon->log, LOG_ERROR, "%s does not answer: ending without it", what);
    net_close(daemon->net); /* removes the socket file */
    log_tick(daemon->log);
    _exit((int)code);
}

/* Also after a start that failed half way: what was not made is null. The loader goes first, for its jobs call back into
 * the language; then all that drives the engine, before the engine itself. */
static void stop(struct daemon *daemon)
{
    daemon->host.is_closing = true;
    bool loads = !loader_free_within(daemon->loader, LOADER_PATIENCE_S);
    bool keeps = !state_close(&daemon->state, LOADER_PATIENCE_S);
    if (!jack_driver_free(daemon->jack))
        abandon(daemon, "the JACK server", daemon->exit);
    if (MUTANT_FLAW("adrift"))
        abandon(daemon, "nobody", daemon->exit);
    null_driver_stop(daemon->null_driver);
    workers_free(daemon->workers);
    ctl_free(daemon->ctl); /* answers what is outstanding, through the server */
    loudness_thread_free(daemon->loudness);
    if (!stream_thread_free(daemon->streams, STREAM_PATIENCE_S))
        abandon(daemon, "a disk that sounds are read from", OPTIONS_EXIT_FAILED);
    if (!disk_free(daemon->disk))
        abandon(daemon, "the disk", OPTIONS_EXIT_FAILED);
    disk_news_deinit(&daemon->disk_news);
    if (loads || keeps) /* not before the recordings have their ends */
        abandon(daemon, keeps ? "the disk of the state folder" : "a file system", OPTIONS_EXIT_FAILED);
    server_free(daemon->server);
    net_close(daemon->net);
    files_deinit(&daemon->files);
    notify_close(&daemon->notify);
    signals_close(daemon->signal_fd);
    log_free(daemon->log);
}

int daemon_run(const struct options *options)
{
    struct daemon daemon = {.options = *options,
                            .notify = {.fd = -1},
                            .overtime = {.fd = -1},
                            .signal_fd = -1,
                            .state = {.folder = {.fd = -1, .journal = -1, .starts = -1}}};
    struct error error = {0};
    if (start(&daemon, &error) || session_open(&daemon, &error)) {
        fprintf(stderr, "dawd: %s\n", error.text);
        signals_let_go();
        stop(&daemon);
        /* A signal while the session loads is an end like any other. */
        return error.code == ERROR_CANCELLED ? OPTIONS_EXIT_DONE : OPTIONS_EXIT_FAILED;
    }
    daemon.notify.listens = true;
    tell_manager(&daemon);
    while (!signals_came(daemon.signal_fd) && !daemon.host.must_quit)
        turn(&daemon, true);
    signals_let_go();
    log_put(daemon.log, LOG_INFO, "dawd ends");
    notify_stopping(&daemon.notify);
    state_end(&daemon.state);
    farewell(&daemon);
    stop(&daemon);
    return daemon.exit;
}
