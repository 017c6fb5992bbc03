/* What the rig gives the language instead of an operating system: files that end to load when the test says so, a log of a few
 * lines. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/osc_rig.h"
#include "tests/smf_rig.h"

struct rig_media {
    struct media media; /* first: what release is given */
    struct osc_rig *rig;
};

static void media_release(struct media *media)
{
    ((struct rig_media *)media)->rig->n_media--;
    free(media->samples);
    free(media->midi);
    free(media);
}

/* A song is as many notes and drums as its name says. */
static struct bytes song_of(const char *path)
{
    return strstr(path, "drums") ? smf_song_drummed(0) : strstr(path, "band") ? smf_song_drummed(2) : smf_song();
}

static struct media *media_new(struct osc_rig *rig, const char *path, enum media_kind kind)
{
    struct rig_media *made = calloc(1, sizeof *made);
    float *samples = calloc(2 * OSC_RIG_RATE_HZ, sizeof *samples);
    struct bytes song = song_of(path);
    OSC_RIG_DEMAND(made && samples, "memory ran out");
    made->media = (struct media){.samples = samples,
                                 .n_frames = OSC_RIG_RATE_HZ,
                                 .channels = 2,
                                 .rate_hz = OSC_RIG_RATE_HZ,
                                 .file_rate_hz = OSC_RIG_RATE_HZ,
                                 .references = 1,
                                 .kind = kind,
                                 .midi = smf_of(&song),
                                 .release = media_release};
    made->rig = rig;
    rig->n_media++;
    return &made->media;
}

static int host_load(void *self, const struct media_wish *wish, void (*done)(void *user, const struct loaded *loaded),
                     void *user, struct error *error)
{
    struct osc_rig *rig = self;
    rig->n_asked++;
    if (rig->refuse)
        return error_set(error, rig->refuse, "\"%s\" cannot be loaded", wish->path);
    if (rig->n_loads == OSC_RIG_LOADS_MAX)
        return error_set(error, ERROR_TOO_BIG, "%d files are being loaded", OSC_RIG_LOADS_MAX);
    rig->loads[rig->n_loads++] = (struct osc_rig_load){strdup(wish->path), wish->kind, wish->rate_hz, done, user};
    return 0;
}

static int text_begin(struct osc_rig *rig, const char *path, const struct osc_rig_text *text, struct error *error)
{
    if (rig->refuse)
        return error_set(error, rig->refuse, "\"%s\" cannot be opened", path);
    if (rig->n_texts == OSC_RIG_TEXTS_MAX)
        return error_set(error, ERROR_TOO_BIG, "%d texts are under way", OSC_RIG_TEXTS_MAX);
    rig->texts[rig->n_texts] = *text;
    rig->texts[rig->n_texts++].path = strdup(path);
    return 0;
}

static int host_read_text(void *self, const char *path, void (*done)(void *user, const struct loaded_text *text),
                          void *user, struct error *error)
{
    return text_begin(self, path, &(struct osc_rig_text){.on_read = done, .user = user}, error);
}

static int host_save_text(void *self, const char *path, const struct saved_text *text,
                          void (*done)(void *user, const struct error *error), void *user, struct error *error)
{
    return text_begin(self, path, &(struct osc_rig_text){.on_saved = done, .saved = *text, .user = user}, error);
}

static void host_log(void *self, const struct host_line *line)
{
    struct osc_rig *rig = self;
    snprintf(rig->log[rig->n_log++ % OSC_RIG_LOG_LINES], sizeof rig->log[0], "%s: %s",
             line->is_failure ? "warning" : "info", line->text);
}

static void host_log_tail(void *self, unsigned n, void (*line)(void *user, const char *text), void *user)
{
    struct osc_rig *rig = self;
    unsigned kept = rig->n_log < OSC_RIG_LOG_LINES ? rig->n_log : OSC_RIG_LOG_LINES;
    for (unsigned i = n < kept ? n : kept; i; i--)
        line(user, rig->log[(rig->n_log - i) % OSC_RIG_LOG_LINES]);
}

static uint64_t host_log_since(void *self, uint64_t *seen, unsigned most,
                               void (*line)(void *user, const char *level, const char *text), void *user)
{
    struct osc_rig *rig = self;
    unsigned n_new = rig->n_log - (unsigned)*seen, kept = n_new < OSC_RIG_LOG_LINES ? n_new : OSC_RIG_LOG_LINES;
    kept = kept < most ? kept : most;
    *seen = rig->n_log;
    for (unsigned i = kept; i; i--) {
        const char *text = rig->log[(rig->n_log - i) % OSC_RIG_LOG_LINES], *colon = strstr(text, ": ");
        line(user, *text == 'w' ? "warning" : "info", colon + 2);
    }
    return n_new - kept;
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
    *status = (struct host_status){.server = "none", .n_causes = 1, .causes = {"this is a test"}};
}

static void host_quit(void *self)
{
    ((struct osc_rig *)self)->has_quit = true;
}

/* A disk that is never slow. */
static int host_keep(void *self, void (*done)(void *user, const struct error *error), void *user, struct error *error)
{
    (void)self, (void)error;
    done(user, &(struct error){0});
    return 0;
}

static void host_kept(void *self, struct host_kept *kept)
{
    (void)self;
    *kept = (struct host_kept){.folder = "kept"};
}

/* The oldest outstanding load of the path; null: of any. */
static unsigned load_find(const struct osc_rig *rig, const char *path)
{
    unsigned i = 0;
    while (i < rig->n_loads && path && strcmp(rig->loads[i].path, path) != 0)
        i++;
    OSC_RIG_DEMAND(i < rig->n_loads, "\"%s\" is not being loaded", path);
    return i;
}

/* Takes it out of the list and ends it. */
static void load_end(struct osc_rig *rig, const char *path, const struct loaded *loaded)
{
    unsigned i = load_find(rig, path);
    struct osc_rig_load load = rig->loads[i];
    memmove(&rig->loads[i], &rig->loads[i + 1], (--rig->n_loads - i) * sizeof load);
    load.done(load.user, loaded);
    free(load.path);
}

void osc_rig_load(struct osc_rig *rig, const char *path)
{
    unsigned i = load_find(rig, path);
    load_end(rig, path, &(struct loaded){.media = media_new(rig, path, rig->loads[i].kind)});
}

/* Takes the oldest outstanding text of the path, to be read or to be saved, out of the list. */
static struct osc_rig_text text_take(struct osc_rig *rig, const char *path, bool is_read)
{
    unsigned i = 0;
    while (i < rig->n_texts && (strcmp(rig->texts[i].path, path) != 0 || is_read != !rig->texts[i].on_saved))
        i++;
    OSC_RIG_DEMAND(i < rig->n_texts, "\"%s\" is not being %s", path, is_read ? "read" : "saved");
    struct osc_rig_text text = rig->texts[i];
    memmove(&rig->texts[i], &rig->texts[i + 1], (--rig->n_texts - i) * sizeof text);
    free(text.path);
    return text;
}

void osc_rig_read(struct osc_rig *rig, const char *path, const void *text, size_t n)
{
    struct osc_rig_text read = text_take(rig, path, true);
    struct loaded_text loaded = {.text = malloc(n + 1), .n = n};
    OSC_RIG_DEMAND(loaded.text, "memory ran out");
    memcpy(loaded.text, text, n);
    loaded.text[n] = '\0';
    read.on_read(read.user, &loaded);
}

void osc_rig_read_fails(struct osc_rig *rig, const char *path, enum error_code code)
{
    struct loaded_text loaded = {0};
    error_set(&loaded.error, code, "\"%s\" cannot be read", path);
    struct osc_rig_text read = text_take(rig, path, true);
    read.on_read(read.user, &loaded);
}

char *osc_rig_saved(struct osc_rig *rig, const char *path)
{
    struct osc_rig_text save = text_take(rig, path, false);
    char *text = strndup(save.saved.text, save.saved.n);
    save.on_saved(save.user, &(struct error){0});
    return text;
}

void osc_rig_save_fails(struct osc_rig *rig, const char *path, enum error_code code)
{
    struct error error = {0};
    error_set(&error, code, "\"%s\" cannot be saved", path);
    struct osc_rig_text save = text_take(rig, path, false);
    save.on_saved(save.user, &error);
}

void osc_rig_loads_cancel(struct osc_rig *rig)
{
    struct loaded loaded = {0};
    error_set(&loaded.error, ERROR_CANCELLED, "the test is over");
    while (rig->n_texts)
        if (rig->texts[0].on_saved)
            osc_rig_save_fails(rig, rig->texts[0].path, ERROR_CANCELLED);
        else
            osc_rig_read_fails(rig, rig->texts[0].path, ERROR_CANCELLED);
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
    return (struct host){rig,         host_load,     host_read_text, host_save_text,
                         host_log,    host_log_tail, host_log_since, host_log_level,
                         host_status, host_quit,     host_keep,      host_kept};
}
