/* A load is one job: the descriptor, the decoder and the sound all live and die in it on the loader thread; control sees it
 * again when it is over. */
#include "daemon/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/host_text.h"
#include "daemon/media_instrument.h"
#include "daemon/media_load.h"
#include "daemon/midi_load.h"

/* One file on its way through the loader thread. */
struct load_job {
    struct job job; /* first: the loader hands back this */
    const struct daemon_host *host;
    char *path;
    enum media_kind kind;
    double rate_hz;
    struct loaded loaded;
    char warning[MEDIA_LOAD_WARNING_BYTES];
    void (*done)(void *user, const struct loaded *loaded);
    void *user;
};

/* Who reads a file as what. */
static struct media *(*const readers[MEDIA_KINDS])(struct media_load *load, struct error *error) = {
    [MEDIA_SOUND] = media_load,
    [MEDIA_SOUND_OWN_RATE] = media_load,
    [MEDIA_MIDI] = midi_load,
    [MEDIA_INSTRUMENT] = media_instrument_load,
};

static void load_run(struct job *job)
{
    struct load_job *load = (struct load_job *)job;
    /* Here and not when it was asked for: a folder that lies on another machine may take its time. */
    int fd = files_open(load->host->files, load->path, &load->loaded.error);
    if (fd < 0)
        return;
    struct media_load work = {.fd = fd,
                              .files = load->host->files,
                              .name = load->path,
                              .rate_hz = load->kind == MEDIA_SOUND_OWN_RATE ? 0 : load->rate_hz,
                              .limit_bytes = load->host->media_limit_bytes,
                              .cancelled = &job->cancelled};
    load->loaded.media = readers[load->kind](&work, &load->loaded.error);
    memcpy(load->warning, work.warning, sizeof load->warning);
    close(fd);
}

static void load_done(struct job *job)
{
    struct load_job *load = (struct load_job *)job;
    /* Cancelled before it ran: nobody has said yet why there is nothing. */
    if (!load->loaded.media && !load->loaded.error.code)
        error_set(&load->loaded.error, ERROR_CANCELLED, "loading \"%s\" was cancelled", load->path);
    if (*load->warning)
        log_put(load->host->log, LOG_WARNING, "%s", load->warning);
    load->done(load->user, &load->loaded);
    free(load->path);
    free(load);
}

static int host_load(void *self, const struct media_wish *wish, void (*done)(void *user, const struct loaded *loaded),
                     void *user, struct error *error)
{
    struct daemon_host *host = self;
    if (host->is_closing)
        return error_set(error, ERROR_CANCELLED, "\"%s\" is not loaded any more: the daemon ends", wish->path);
    struct load_job *load = calloc(1, sizeof *load);
    char *copy = strdup(wish->path);
    if (!load || !copy) {
        free(load);
        free(copy);
        return error_set(error, ERROR_INTERNAL, "memory ran out for loading \"%s\"", wish->path);
    }
    *load = (struct load_job){.job = {.run = load_run, .done = load_done},
                              .host = host,
                              .path = copy,
                              .kind = wish->kind,
                              .rate_hz = wish->rate_hz,
                              .done = done,
                              .user = user};
    loader_push(host->loader, &load->job);
    return 0;
}

static void host_log(void *self, const struct host_line *line)
{
    const struct log_about about = {line->kind, line->node};
    log_put_about(((struct daemon_host *)self)->log, line->is_failure ? LOG_WARNING : LOG_INFO, &about, "%s", line->text);
}

struct tail {
    void (*line)(void *user, const char *text);
    void *user;
};

static void tail_line(void *self, const struct log_line *line)
{
    struct tail *tail = self;
    char text[LOG_TEXT_BYTES + 16];
    snprintf(text, sizeof text, "%s: %s", log_level_name(line->level), line->text);
    tail->line(tail->user, text);
}

static void host_log_tail(void *self, unsigned n, void (*line)(void *user, const char *text), void *user)
{
    log_tail(((struct daemon_host *)self)->log, n, tail_line, &(struct tail){line, user});
}

struct follow {
    void (*line)(void *user, const char *level, const char *text);
    void *user;
};

static void follow_line(void *self, const struct log_line *line)
{
    const struct follow *follow = self;
    follow->line(follow->user, log_level_name(line->level), line->text);
}

static uint64_t host_log_since(void *self, uint64_t *seen, unsigned most,
                               void (*line)(void *user, const char *level, const char *text), void *user)
{
    return log_since(((struct daemon_host *)self)->log, seen, most, follow_line, &(struct follow){line, user});
}

static const char *host_log_level(void *self, const char *name)
{
    struct log *log = ((struct daemon_host *)self)->log;
    if (name && log_level_parse(name) == LOG_LEVEL_END)
        return NULL;
    if (name)
        log_level_set(log, log_level_parse(name));
    return log_level_name(log_level(log));
}

static void cause_add(struct host_status *status, const char *cause)
{
    if (*cause && status->n_causes < HOST_CAUSES_MOST)
        snprintf(status->causes[status->n_causes++], HOST_CAUSE_BYTES, "%s", cause);
}

static void causes_gather(const struct daemon_host *host, const struct jack_driver_status *jack, struct host_status *status)
{
    if (host->stands_still)
        cause_add(status, "the JACK server is there, but has not called for a second");
    if (!jack_driver_has_client(jack))
        cause_add(status, *jack->cause ? jack->cause : "no JACK server runs");
    cause_add(status, jack->realtime_cause);
    cause_add(status, jack->memory_cause);
    cause_add(status, jack->ports_cause);
    cause_add(status, jack->name_cause);
}

static void host_status(void *self, struct host_status *status)
{
    struct daemon_host *host = self;
    const char *unkept = host->state ? host->state->kept.error : "";
    *status = (struct host_status){0};
    if (!host->jack) {
        cause_add(status, "started with --no-jack");
        cause_add(status, unkept);
        return;
    }
    struct jack_driver_status jack;
    jack_driver_status(host->jack, &jack);
    status->has_server = jack.state == JACK_DRIVER_IS_RUNNING;
    status->is_realtime = jack.realtime;
    status->is_locked = jack.memory_locked;
    status->period_frames = jack.period_frames;
    status->n_losses = jack.n_losses;
    status->n_hangs = jack.n_hangs;
    status->n_leaks = jack.n_leaks;
    snprintf(status->server, sizeof status->server, "%s", jack.server);
    snprintf(status->client, sizeof status->client, "%s", jack.client);
    status->n_ports = jack.n_ports_registered;
    status->n_ports_wanted = jack.n_ports_wanted;
    causes_gather(host, &jack, status);
    cause_add(status, unkept);
}

static void host_quit(void *self)
{
    ((struct daemon_host *)self)->must_quit = true;
}

static int host_keep(void *self, void (*done)(void *user, const struct error *error), void *user, struct error *error)
{
    return state_keep(((struct daemon_host *)self)->state, done, user, error);
}

static void host_kept(void *self, struct host_kept *kept)
{
    state_kept(((struct daemon_host *)self)->state, kept);
}

void daemon_host_watch(struct daemon_host *host)
{
    struct jack_driver_status jack;
    if (!host->jack)
        return;
    jack_driver_status(host->jack, &jack);
    /* One that does not come to run is told as well: a server may stand still while it activates us. */
    bool has_client = jack_driver_has_client(&jack);
    bool is_same = has_client && host->had_client && jack.n_losses == host->seen_losses;
    bool stands_still = is_same && jack.n_cycles == host->seen_cycles;
    if (stands_still && !host->stands_still)
        log_put(host->log, LOG_ERROR, "JACK server \"%s\" has not called for a second: nothing sounds", jack.server);
    else if (host->stands_still && !stands_still && jack.state == JACK_DRIVER_IS_RUNNING)
        log_put(host->log, LOG_INFO, "JACK server \"%s\" calls again", jack.server);
    host->stands_still = stands_still;
    host->seen_cycles = jack.n_cycles;
    host->seen_losses = jack.n_losses;
    host->had_client = has_client;
}

struct host daemon_host_service(struct daemon_host *host)
{
    struct host service = {host,          host_load,      host_read_text, host_save_text, host_log,
                           host_log_tail, host_log_since, host_log_level, host_status,    host_quit};
    if (host->state) {
        service.keep = host_keep;
        service.kept = host_kept;
    }
    return service;
}
