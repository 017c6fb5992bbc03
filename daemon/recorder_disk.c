#include "daemon/recorder_disk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/mutant.h"

#define NAMES_MAX     9999 /* that are tried for the takes of one node */
#define ROOM_LEAST_S  60
#define ROOM_LOOK_MS  1000
#define TURN_PIECES   64 /* events in one turn; pieces of sound are as long as one write */
#define PIECES_FRAMES MEDIA_WRITE_CHUNK_FRAMES

struct recorder *recorder_new(const struct recording_spec *spec, const struct recorder_store *store, struct log *log)
{
    /* The recording keeps each side's index on a cache line of its own, and with them the whole struct. */
    struct recorder *recorder = aligned_alloc(_Alignof(struct recorder), sizeof *recorder);
    if (!recorder)
        return NULL;
    *recorder = (struct recorder){.store = store, .log = log, .format = spec->format, .rate_hz = (unsigned)spec->rate_hz};
    recorder->path = strdup(spec->path);
    recorder->file = malloc(SOUND_PATH_BYTES);
    if (recorder->path && recorder->file && recording_init(&recorder->recording, spec->channels, spec->rate_hz) == 0)
        return recorder;
    recorder_free(recorder);
    return NULL;
}

void recorder_free(struct recorder *recorder)
{
    if (!recorder)
        return;
    recording_deinit(&recorder->recording);
    free(recorder->path);
    free(recorder->file);
    free(recorder);
}

static double seconds(const struct recorder *recorder, uint64_t n_frames)
{
    return (double)n_frames / recorder->rate_hz;
}

static void publish(struct recorder *recorder)
{
    uint64_t n = recorder->write ? media_write_state(recorder->write).n_frames : 0;
    atomic_store_explicit(&recorder->recording.in_file, n, memory_order_relaxed);
}

static void give_up(struct recorder *recorder)
{
    atomic_store_explicit(&recorder->recording.failed_take, recorder->take, memory_order_relaxed);
}

/* A note for clients, beside the line in the log. */
static void note_put(const struct recorder *recorder, enum disk_note_kind kind, uint64_t n_frames, const char *text)
{
    struct disk_note note = {.kind = kind, .n_frames = n_frames, .seconds = seconds(recorder, n_frames)};
    snprintf(note.file, sizeof note.file, "%s", recorder->file);
    snprintf(note.text, sizeof note.text, "%s", text);
    disk_news_put(recorder->store->news, &note);
}

/* ---- the life of a take --------------------------------------------------------------------------------------------- */

/* The next name that is free, as an open file. */
static int create(struct recorder *recorder, struct media_io *io, struct error *error)
{
    int code;
    do {
        *error = (struct error){0};
        sound_format_take_path(recorder->format, recorder->path, ++recorder->n_names, recorder->file);
        code = recorder->store->create(recorder->store->self, recorder->file, io, error);
    } while (code == ERROR_CONFLICT && recorder->n_names < NAMES_MAX);
    return code;
}

static void open_file(struct recorder *recorder)
{
    struct media_write_spec spec = {.format = recorder->format,
                                    .channels = recorder->recording.channels,
                                    .rate_hz = recorder->rate_hz,
                                    .is_live = !MUTANT_FLAW("headless")};
    struct error error = {0};
    if (create(recorder, &spec.io, &error) == 0)
        recorder->write = media_write_open(&spec, &error);
    if (recorder->write)
        log_put(recorder->log, LOG_INFO, "recording \"%s\" from frame %llu on: %s, %u channels, %u Hz", recorder->file,
                (unsigned long long)recorder->begin_frame, sound_format_names[recorder->format],
                recorder->recording.channels, recorder->rate_hz);
    else
        log_put(recorder->log, LOG_ERROR, "\"%s\" cannot be recorded: %s", recorder->file, error.text);
    note_put(recorder, recorder->write ? DISK_TAKE_BEGUN : DISK_TAKE_FAILED, 0, recorder->write ? "" : error.text);
}

static void begin(struct recorder *recorder, const struct recording_mark *mark)
{
    recorder->take = mark->take;
    recorder->begin_frame = mark->frame;
    recorder->lost = recorder->skipped = 0;
    recorder->warned = false;
    recorder->looked_ms = -ROOM_LOOK_MS;
    open_file(recorder);
    publish(recorder);
    if (!recorder->write)
        give_up(recorder);
}

static void tell_end(const struct recorder *recorder, const struct media_written *written)
{
    unsigned long long n = written->n_frames, clipped = written->n_clipped, skipped = recorder->skipped,
                       lost = recorder->lost - recorder->skipped;
    double length_s = seconds(recorder, written->n_frames);
    if (written->cause)
        log_put(recorder->log, LOG_ERROR, "recording \"%s\" came to an end: %s; it holds %llu frames (%.3f s)",
                recorder->file, strerror(written->cause), n, length_s);
    else
        log_put(recorder->log, LOG_INFO, "recorded \"%s\": %llu frames (%.3f s)", recorder->file, n, length_s);
    if (lost)
        log_put(recorder->log, LOG_WARNING, "\"%s\": the disk was too slow for %llu frames, which are silent",
                recorder->file, lost);
    if (skipped)
        log_put(recorder->log, LOG_WARNING, "\"%s\": %llu frames are silent that no sound came for: xruns", recorder->file,
                skipped);
    if (clipped)
        log_put(recorder->log, LOG_WARNING, "\"%s\": %llu samples beyond full scale were clipped", recorder->file, clipped);
}

static void note_end(const struct recorder *recorder, const struct media_written *written)
{
    char text[100];
    if (recorder->lost > recorder->skipped) {
        snprintf(text, sizeof text, "the disk was too slow for %llu frames, which are silent",
                 (unsigned long long)(recorder->lost - recorder->skipped));
        note_put(recorder, DISK_IN_NEED, 0, text);
    }
    note_put(recorder, written->cause ? DISK_TAKE_FAILED : DISK_TAKE_ENDED, written->n_frames,
             written->cause ? strerror(written->cause) : "");
}

static void close_file(struct recorder *recorder)
{
    if (!recorder->write)
        return;
    struct media_written written = media_write_close(recorder->write);
    recorder->write = NULL;
    atomic_store_explicit(&recorder->recording.in_file, written.n_frames, memory_order_relaxed);
    if (written.cause)
        give_up(recorder);
    tell_end(recorder, &written);
    note_end(recorder, &written);
}

static void fill_gap(struct recorder *recorder, uint64_t n_frames, uint64_t n_skipped)
{
    recorder->lost += n_frames;
    recorder->skipped += n_skipped;
    if (recorder->write && !MUTANT_FLAW("seamless") && !media_write_silence(recorder->write, n_frames))
        close_file(recorder);
}

static void take_piece(struct recorder *recorder, const struct recording_piece *piece)
{
    switch (piece->event) {
    case RECORDING_BEGIN:
        begin(recorder, &piece->mark);
        break;
    case RECORDING_FRAMES:
        if (recorder->write && !media_write_frames(recorder->write, piece->frames, piece->n_frames))
            close_file(recorder);
        recording_done(&recorder->recording, piece->n_frames);
        break;
    case RECORDING_GAP:
        fill_gap(recorder, piece->mark.n_frames, piece->mark.n_skipped);
        break;
    case RECORDING_END:
        close_file(recorder);
        break;
    case RECORDING_NOTHING:
        break;
    }
    if (recorder->write)
        publish(recorder);
}

enum recorder_state recorder_turn(struct recorder *recorder)
{
    /* Before looking for sound: what was sent before the release is then seen. */
    bool released = atomic_load(&recorder->released);
    struct recording_piece piece = {.event = RECORDING_BEGIN};
    for (unsigned i = 0; i < TURN_PIECES && piece.event != RECORDING_NOTHING; i++) {
        piece = recording_next(&recorder->recording, PIECES_FRAMES);
        take_piece(recorder, &piece);
    }
    recorder->state = piece.event == RECORDING_NOTHING ? RECORDER_IDLE : RECORDER_HAS_MORE;
    if (released && recorder->state == RECORDER_IDLE) {
        if (recorder->write)
            fill_gap(recorder, recorder->recording.missing, recorder->recording.skipped);
        close_file(recorder);
        recorder->state = RECORDER_THROUGH;
    }
    return recorder->state;
}

/* ---- room on the disk ----------------------------------------------------------------------------------------------- */

uint64_t recorder_bytes_per_s(const struct recorder *recorder)
{
    unsigned frame_bytes = sound_format_bits(recorder->format) / 8 * recorder->recording.channels;
    return recorder->write ? (uint64_t)frame_bytes * recorder->rate_hz : 0;
}

void recorder_watch(struct recorder *recorder, int64_t now_ms, uint64_t bytes_per_s)
{
    if (!recorder->write || recorder->warned || now_ms - recorder->looked_ms < ROOM_LOOK_MS)
        return;
    recorder->looked_ms = now_ms;
    int64_t room = media_write_room(recorder->write);
    if (room < 0 || (uint64_t)room / ROOM_LEAST_S >= bytes_per_s || MUTANT_FLAW("unwarned"))
        return;
    recorder->warned = true;
    char text[100];
    snprintf(text, sizeof text, "the disk has room for %.0f more seconds", (double)room / (double)bytes_per_s);
    note_put(recorder, DISK_IN_NEED, 0, text);
    log_put(recorder->log, LOG_WARNING, "\"%s\": the disk has room for %.0f more seconds (%.1f MiB)", recorder->file,
            (double)room / (double)bytes_per_s, (double)room / (1 << 20));
}
