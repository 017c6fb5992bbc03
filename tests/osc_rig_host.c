/* What the rig gives the language instead of an operating system: files that end to load when the test says so, a log of a few
 * lines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/osc_rig.h"

struct rig_media {
    struct media media; /* first: what release is given */
    struct osc_rig *rig;
};

static void media_release(struct media *media)
{
    ((struct rig_media *)media)->rig->n_media--;
    free(media->samples);
    free(media);
}

static struct media *media_new(struct osc_rig *rig)
{
    struct rig_media *made = calloc(1, sizeof *made);
    float *samples = calloc(2 * OSC_RIG_RATE_HZ, sizeof *samples);
    OSC_RIG_DEMAND(made && samples, "memory ran out");
    made->media = (struct media){.samples = samples,
                                 .n_frames = OSC_RIG_RATE_HZ,
                                 .channels = 2,
                                 .rate_hz = OSC_RIG_RATE_HZ,
                                 .file_rate_hz = OSC_RIG_RATE_HZ,
                                 .references = 1,
                                 .release = media_release};
    made->rig = rig;
    rig->n_media++;
    return &made->media;
}

static int host_load(void *self, const char *path, double rate_hz, void (*done)(void *user, const struct loaded *loaded),
                     void *user, struct error *error)
{
    struct osc_rig *rig = self;
    rig->n_asked++;
    if (rig->refuse)
        return error_set(error, rig->refuse, "\"%s\" cannot be loaded", path);
    if (rig->n_loads == OSC_RIG_LOADS_MAX)
        return error_set(error, ERROR_TOO_BIG, "%d files are being loaded", OSC_RIG_LOADS_MAX);
    rig->loads[rig->n_loads++] = (struct osc_rig_load){strdup(path), rate_hz, done, user};
    return 0;
}

static void host_log(void *self, bool is_failure, const char *text)
{
    struct osc_rig *rig = self;
    snprintf(rig->log[rig->n_log++ % OSC_RIG_LOG_LINES], sizeof rig->log[0], "%s: %s", is_failure ? "warning" : "info",
             text);
}

static void host_log_tail(void *self, unsigned n, void (*line)(void *user, const char *text), void *user)
{
    struct osc_rig *rig = self;
    unsigned kept = rig->n_log < OSC_RIG_LOG_LINES ? rig->n_log : OSC_RIG_LOG_LINES;
    for (unsigned i = n < kept ? n : kept; i; i--)
        line(user, rig->log[(rig->n_log - i) % OSC_RIG_LOG_LINES]);
}

static const char *host_log_level(void *self, const char *name)
{
    static const char *const levels[] = {"error", "warning", "info", "debug"};
    struct osc_rig *rig = self;
    const char *found = name ? NULL : rig->level;
    for (unsigned i = 0; name && i < ROWS(levels); i++)
        if (strcmp(levels[i], name) == 0)
            found = rig->level = levels[i];
    return found;
}

static void host_status(void *self, struct host_status *status)
{
    (void)self;
    *status = (struct host_status){.server = "none", .cause = "this is a test"};
}

static void host_quit(void *self)
{
    ((struct osc_rig *)self)->has_quit = true;
}

/* Takes the oldest outstanding load of the path, or of any, out of the list and ends it. */
static void load_end(struct osc_rig *rig, const char *path, const struct loaded *loaded)
{
    unsigned i = 0;
    while (i < rig->n_loads && path && strcmp(rig->loads[i].path, path) != 0)
        i++;
    OSC_RIG_DEMAND(i < rig->n_loads, "\"%s\" is not being loaded", path);
    struct osc_rig_load load = rig->loads[i];
    memmove(&rig->loads[i], &rig->loads[i + 1], (--rig->n_loads - i) * sizeof load);
    load.done(load.user, loaded);
    free(load.path);
}

void osc_rig_load(struct osc_rig *rig, const char *path)
{
    load_end(rig, path, &(struct loaded){.media = media_new(rig)});
}

void osc_rig_loads_cancel(struct osc_rig *rig)
{
    struct loaded loaded = {0};
    error_set(&loaded.error, ERROR_CANCELLED, "the test is over");
    while (rig->n_loads)
        load_end(rig, NULL, &loaded);
}

void osc_rig_load_fails(struct osc_rig *rig, const char *path, enum error_code code)
{
    struct loaded loaded = {0};
    error_set(&loaded.error, code, "\"%s\" cannot be loaded", path);
    load_end(rig, path, &loaded);
}

struct host osc_rig_host(struct osc_rig *rig)
{
    return (struct host){rig, host_load, host_log, host_log_tail, host_log_level, host_status, host_quit};
}
