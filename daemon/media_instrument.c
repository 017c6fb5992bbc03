/* Three passes over the regions: what is there and how long it is; what is kept whole and what is streamed; the sounds and the
 * zones. */
#include "daemon/media_instrument.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "daemon/media_read.h"
#include "daemon/sfz.h"
#include "daemon/sfz_zone.h"
#include "graph/instrument.h"
#include "graph/map.h"
#include "osc/bytes.h"

#define STREAMED_LEAST_FRAMES (4 * (uint64_t)INSTRUMENT_HEAD_FRAMES) /* below, a stream saves too little */
#define PLAIN_RELEASE_S       0.05f /* of a sound without an instrument's word: short, but no gate */

/* A file that regions name. */
struct source {
    char *path;
    uint64_t n_frames;
    unsigned channels;
    double rate_hz;
    struct media_marks marks;
    bool is_streamed;
    uint32_t first_sound; /* 1 + number of the newest sound from it; 0: none */
};

struct making {
    struct media_load *load;
    struct error *error;
    struct sfz sfz;
    char folder[PATH_MAX]; /* with its slash; "" where there is none */
    struct map by_path;    /* of struct source */
    struct source *sources;
    struct source **of_region; /* by region */
    size_t n_sources;
    struct instrument *instrument;
    uint32_t *next_sound;     /* per sound: 1 + the one before it from the same file */
    unsigned n_odd, odd_line; /* regions whose loop or start lies outside their sound; line of the first one */
};

static int fail_memory(struct making *making)
{
    return error_set(making->error, ERROR_INTERNAL, "\"%s\": memory ran out", making->load->name);
}

/* Says which region it was. */
static int fail_region(struct making *making, size_t region, const struct error *cause)
{
    unsigned line = making->sfz.regions[region].line;
    if (!line)
        return error_set(making->error, cause->code, "%.400s; it takes a sound, or an .sfz text", cause->text);
    return error_set(making->error, cause->code, "\"%.120s\", region of line %u: %.300s", making->load->name, line,
                     cause->text);
}

static uint64_t limit_bytes(const struct making *making)
{
    uint64_t limit = making->load->limit_bytes ? making->load->limit_bytes : MEDIA_LOAD_LIMIT_BYTES;
    return limit < MEDIA_INSTRUMENT_BYTES ? limit : MEDIA_INSTRUMENT_BYTES;
}

static bool is_cancelled(struct making *making)
{
    if (!making->load->cancelled || !atomic_load(making->load->cancelled))
        return false;
    error_set(making->error, ERROR_CANCELLED, "\"%s\": loading was cancelled", making->load->name);
    return true;
}

/* ---- what is there --------------------------------------------------------------------------------------------------- */

static int open_source(struct making *making, const char *path, struct media_read *read, struct error *error)
{
    int fd = files_open(making->load->files, path, error);
    return fd < 0 ? (int)error->code : media_read_open(read, fd, path, error);
}

static int source_look(struct making *making, struct source *source, struct error *error)
{
    struct media_read read;
    if (open_source(making, source->path, &read, error))
        return (int)error->code;
    source->n_frames = read.n_frames;
    source->channels = read.channels;
    source->rate_hz = read.rate_hz;
    source->marks = read.marks;
    media_read_close(&read);
    return source->n_frames ? 0 : error_set(error, ERROR_BAD_FILE, "\"%s\" holds no sound", source->path);
}

/* The source of a region's path, looked at when it is met first. */
static struct source *source_find(struct making *making, const char *sample, struct error *error)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof path, "%s%s", *sample == '/' ? "" : making->folder, sample);
    if (n < 0 || (size_t)n >= sizeof path) {
        error_set(error, ERROR_BAD_VALUE, "the path \"%.80s…\" is longer than any file's", sample);
        return NULL;
    }
    struct source *source = map_find(&making->by_path, path, (size_t)n);
    if (source)
        return source;
    source = &making->sources[making->n_sources];
    *source = (struct source){.path = strdup(path)};
    if (!source->path || map_reserve(&making->by_path)) {
        free(source->path);
        error_set(error, ERROR_INTERNAL, "memory ran out");
        return NULL;
    }
    making->n_sources++;
    map_put(&making->by_path, source->path, source);
    return source_look(making, source, error) ? NULL : source;
}

/* With how many more samples are not there: one is a typo, all of them are another folder. */
static int fail_look(struct making *making, size_t region, struct error *cause)
{
    struct error other;
    unsigned n = 0;
    for (size_t i = region + 1; cause->code == ERROR_NO_FILE && i < making->sfz.n_regions; i++)
        n += !source_find(making, making->sfz.regions[i].sample, &other) && other.code == ERROR_NO_FILE;
    if (n)
        snprintf(strchr(cause->text, '\0'), sizeof cause->text - strlen(cause->text), "; %u more samples are missing", n);
    return fail_region(making, region, cause);
}

static int look_at_all(struct making *making)
{
    size_t n = making->sfz.n_regions;
    making->sources = calloc(n, sizeof *making->sources);
    making->of_region = calloc(n, sizeof(struct source *));
    if (!making->sources || !making->of_region)
        return fail_memory(making);
    for (size_t i = 0; i < n; i++) {
        struct error cause = {0};
        if (is_cancelled(making))
            return ERROR_CANCELLED;
        making->of_region[i] = source_find(making, making->sfz.regions[i].sample, &cause);
        if (!making->of_region[i])
            return fail_look(making, i, &cause);
    }
    return 0;
}

static uint64_t whole_bytes(const struct source *source)
{
    return source->n_frames > UINT64_MAX / 1024 ? UINT64_MAX / 1024 / 1024
                                                : source->n_frames * source->channels * sizeof(float);
}

/* Where not all of it fits, everything long is streamed: whether a sound is must not hang on its place in the text. */
static void choose_streams(struct making *making)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < making->n_sources && bytes <= limit_bytes(making); i++)
        bytes += whole_bytes(&making->sources[i]);
    for (size_t i = 0; i < making->n_sources && bytes > limit_bytes(making); i++)
        making->sources[i].is_streamed = making->sources[i].n_frames > STREAMED_LEAST_FRAMES;
}

/* ---- sounds ---------------------------------------------------------------------------------------------------------- */

static void head_release(struct media *media)
{
    free(media->samples);
    free(media);
}

/* The frames that a note begins with. */
static struct media *head_load(struct making *making, const struct source *source, uint64_t first, struct error *error)
{
    struct media_read read;
    if (open_source(making, source->path, &read, error))
        return NULL;
    unsigned channels = read.channels < MEDIA_READ_CHANNELS ? read.channels : MEDIA_READ_CHANNELS;
    struct media *media = calloc(1, sizeof *media);
    float *samples = media ? calloc((size_t)INSTRUMENT_HEAD_FRAMES * channels, sizeof *samples) : NULL;
    size_t n = samples ? media_read_frames(&read, first, samples, INSTRUMENT_HEAD_FRAMES) : 0;
    if (n)
        *media = (struct media){.samples = samples,
                                .n_frames = n,
                                .channels = channels,
                                .rate_hz = read.rate_hz,
                                .file_rate_hz = read.rate_hz,
                                .kind = MEDIA_SOUND_OWN_RATE,
                                .references = 1,
                                .release = head_release};
    else
        error_set(error, samples ? ERROR_BAD_FILE : ERROR_INTERNAL,
                  samples ? "\"%s\" holds no sound at frame %llu" : "\"%s\": memory ran out at frame %llu", source->path,
                  (unsigned long long)first);
    media_read_close(&read);
    if (n)
        return media;
    free(samples);
    free(media);
    return NULL;
}

static struct media *whole_load(struct making *making, const struct source *source, struct error *error)
{
    int fd = files_open(making->load->files, source->path, error);
    if (fd < 0)
        return NULL;
    struct media_load work = {
        .fd = fd, .name = source->path, .limit_bytes = limit_bytes(making), .cancelled = making->load->cancelled};
    struct media *media = media_load(&work, error);
    if (*work.warning)
        memcpy(making->load->warning, work.warning, sizeof work.warning);
    close(fd);
    return media;
}

/* A new sound from the source. */
static int sound_make(struct making *making, struct source *source, uint64_t first, struct error *error)
{
    struct instrument *instrument = making->instrument;
    struct instrument_sound *sound = &instrument->sounds[instrument->n_sounds];
    *sound = (struct instrument_sound){.first = first, .is_streamed = source->is_streamed, .path = strdup(source->path)};
    sound->media = !sound->path          ? NULL
                   : source->is_streamed ? head_load(making, source, first, error)
                                         : whole_load(making, source, error);
    if (!sound->media) {
        free((char *)sound->path);
        return error->code ? (int)error->code : error_set(error, ERROR_INTERNAL, "memory ran out");
    }
    sound->n_frames = source->is_streamed ? source->n_frames : sound->media->n_frames;
    instrument->has_streams |= source->is_streamed;
    instrument->bytes += media_bytes(sound->media);
    making->next_sound[instrument->n_sounds++] = source->first_sound;
    source->first_sound = instrument->n_sounds;
    if (instrument->bytes <= limit_bytes(making))
        return 0;
    return error_set(error, ERROR_TOO_BIG, "with \"%s\" the instrument takes more memory than its limit, %.1f MiB",
                     source->path, (double)limit_bytes(making) / (1 << 20));
}

/* A sound that begins at the frame that the region begins with, if that matters. */
static int sound_find(struct making *making, size_t region, uint32_t *found)
{
    struct source *source = making->of_region[region];
    struct error cause = {0};
    double offset = making->sfz.regions[region].value[SFZ_OFFSET];
    bool is_within = offset > INSTRUMENT_LEAD_FRAMES && offset < (double)source->n_frames;
    uint64_t first = source->is_streamed && is_within ? (uint64_t)offset - INSTRUMENT_LEAD_FRAMES : 0;
    for (uint32_t at = source->first_sound; at; at = making->next_sound[at - 1])
        if (making->instrument->sounds[at - 1].first == first) {
            *found = at - 1;
            return 0;
        }
    if (is_cancelled(making))
        return ERROR_CANCELLED;
    if (sound_make(making, source, first, &cause))
        return fail_region(making, region, &cause);
    *found = source->first_sound - 1;
    return 0;
}

/* ---- zones ----------------------------------------------------------------------------------------------------------- */

static int zone_make(struct making *making, size_t i)
{
    struct instrument *instrument = making->instrument;
    const struct sfz_region *region = &making->sfz.regions[i];
    const struct source *source = making->of_region[i];
    struct instrument_zone *zone = &instrument->zones[instrument->n_zones];
    int code = sound_find(making, i, &zone->sound);
    if (code)
        return code;
    const struct zone_sound sound = {&source->marks, source->rate_hz, instrument->sounds[zone->sound].n_frames};
    bool is_odd = false;
    instrument->n_zones += zone_fill(zone, region, &sound, &is_odd);
    making->odd_line = is_odd && !making->n_odd ? region->line : making->odd_line;
    making->n_odd += is_odd;
    return 0;
}

/* ---- the whole ------------------------------------------------------------------------------------------------------- */

static int instrument_make(struct making *making)
{
    size_t n = making->sfz.n_regions;
    struct instrument *instrument = making->instrument = calloc(1, sizeof *instrument);
    making->next_sound = calloc(n, sizeof *making->next_sound);
    if (!instrument || !making->next_sound)
        return fail_memory(making);
    instrument->zones = calloc(n, sizeof *instrument->zones);
    instrument->sounds = calloc(n, sizeof *instrument->sounds);
    if (!instrument->zones || !instrument->sounds)
        return fail_memory(making);
    instrument->bytes = n * (sizeof *instrument->zones + sizeof *instrument->sounds);
    for (size_t i = 0; i < n; i++) {
        int code = zone_make(making, i);
        if (code)
            return code;
    }
    return instrument_index(instrument) ? fail_memory(making) : 0;
}

/* A sound alone is a text that needs no file. */
static int plain_make(struct making *making)
{
    struct sfz *sfz = &making->sfz;
    static const char text[] = "<region> sample=x pitch_keycenter=sample";
    int code = sfz_parse(sfz, text, sizeof text - 1, making->error);
    if (code)
        return code;
    const char *slash = strrchr(making->load->name, '/');
    sfz->regions[0].line = 0; /* nobody wrote it */
    sfz->regions[0].sample = (char *)(slash ? slash + 1 : making->load->name);
    sfz->regions[0].value[SFZ_RELEASE] = (double)PLAIN_RELEASE_S;
    return 0;
}

static int text_make(struct making *making)
{
    struct bytes text = {0};
    struct error cause = {0};
    int code = lseek(making->load->fd, 0, SEEK_SET) == 0 ? 0 : -1;
    off_t n = lseek(making->load->fd, 0, SEEK_END);
    if (n > (off_t)SFZ_TEXT_BYTES_MAX)
        return error_set(making->error, ERROR_TOO_BIG, "\"%s\" has %lld bytes: an instrument has at most %zu",
                         making->load->name, (long long)n, SFZ_TEXT_BYTES_MAX);
    code = code || lseek(making->load->fd, 0, SEEK_SET) ? -1 : files_read_all(making->load->fd, &text);
    if (code)
        error_set(making->error, ERROR_IO, "\"%s\" cannot be read: %m", making->load->name);
    else if (text.failed)
        code = fail_memory(making);
    else if ((code = sfz_parse(&making->sfz, (const char *)text.data, text.n, &cause)))
        error_set(making->error, cause.code, "\"%.160s\": %.320s", making->load->name, cause.text);
    bytes_deinit(&text);
    return code;
}

static void warn(struct making *making)
{
    const struct sfz *sfz = &making->sfz;
    char *to = making->load->warning;
    if (*to || (!sfz->n_unknown && !making->n_odd))
        return;
    int n = snprintf(to, MEDIA_LOAD_WARNING_BYTES, "\"%.80s\":", making->load->name);
    if (sfz->n_unknown)
        n += snprintf(to + n, (size_t)(MEDIA_LOAD_WARNING_BYTES - n), " %u words mean nothing here, such as%.200s",
                      sfz->n_unknown, sfz->unknown);
    if (making->n_odd)
        snprintf(to + n, (size_t)(MEDIA_LOAD_WARNING_BYTES - n),
                 "%s%u regions never sound, or their loop is outside, the first one that of line %u",
                 sfz->n_unknown ? "; " : " ", making->n_odd, making->odd_line);
}

static void release(struct media *media)
{
    instrument_free(media->instrument);
    free(media);
}

static void making_deinit(struct making *making)
{
    for (size_t i = 0; i < making->n_sources; i++)
        free(making->sources[i].path);
    map_deinit(&making->by_path);
    free(making->sources);
    free(making->of_region);
    free(making->next_sound);
    sfz_deinit(&making->sfz);
}

struct media *media_instrument_load(struct media_load *load, struct error *error)
{
    struct making making = {.load = load, .error = error};
    const char *slash = strrchr(load->name, '/'), *end = strrchr(load->name, '.');
    bool is_text = end && strcasecmp(end, ".sfz") == 0;
    struct media *media = NULL;
    load->warning[0] = '\0';
    if (slash)
        snprintf(making.folder, sizeof making.folder, "%.*s", (int)(slash - load->name) + 1, load->name);
    int code = is_text ? text_make(&making) : plain_make(&making);
    code = code ? code : look_at_all(&making);
    if (!code) {
        choose_streams(&making);
        code = instrument_make(&making);
    }
    if (!code && !(media = calloc(1, sizeof *media)))
        code = fail_memory(&making);
    if (media) {
        *media =
            (struct media){.kind = MEDIA_INSTRUMENT, .instrument = making.instrument, .references = 1, .release = release};
        warn(&making);
    } else {
        instrument_free(making.instrument);
    }
    making_deinit(&making);
    return media;
}
