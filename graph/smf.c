/* What follows from a file (sizes, times) cannot overflow with the bounds of the headers: 2^32 ticks of 2^24 units. */
#include "graph/smf.h"

#include <stdlib.h>
#include <string.h>

#include "graph/smf_track.h"

#define TEMPO_USUAL 500000u /* until the first: 120 bpm */

/* ---- sequences ------------------------------------------------------------------------------------------------------ */

static int by_place(const void *a, const void *b)
{
    const struct smf_place *x = a, *y = b;
    if (x->tick != y->tick)
        return x->tick < y->tick ? -1 : 1;
    return x->serial < y->serial ? -1 : x->serial > y->serial;
}

/* Sorted, and of those at one tick the last. How many are left. */
#define MARKS_SORT(marks, n)                                                                                               \
    do {                                                                                                                   \
        uint32_t n_left = 0;                                                                                               \
        if ((n) > 1)                                                                                                       \
            qsort((marks), (n), sizeof *(marks), by_place);                                                                \
        for (uint32_t i = 0; i < (n); i++) {                                                                               \
            if (n_left && (marks)[n_left - 1].at.tick == (marks)[i].at.tick)                                               \
                n_left--;                                                                                                  \
            (marks)[n_left++] = (marks)[i];                                                                                \
        }                                                                                                                  \
        (n) = n_left;                                                                                                      \
    } while (0)

static void sequence_begin(struct smf_reading *r)
{
    struct smf_sequence sequence = {r->n_tracks, 0, r->n_events, 0, r->n_tempos, 0, r->n_meters, 0, 0};
    if (r->smf) {
        r->smf->sequences[r->smf->n_sequences] = sequence;
        r->smf->tempos[r->n_tempos] = (struct smf_tempo){{0, r->n_tempos}, r->usual_units_per_tick};
    }
    r->n_tempos++;
}

static void sequence_end(struct smf_reading *r)
{
    struct smf *smf = r->smf;
    if (!smf)
        return;
    struct smf_sequence *sequence = &smf->sequences[smf->n_sequences++];
    struct smf_tempo *tempos = smf->tempos + sequence->first_tempo;
    struct smf_meter *meters = smf->meters + sequence->first_meter;
    sequence->n_tracks = r->n_tracks - sequence->first_track;
    sequence->n_events = r->n_events - sequence->first_event;
    sequence->n_tempos = r->n_tempos - sequence->first_tempo;
    sequence->n_meters = r->n_meters - sequence->first_meter;
    for (unsigned t = sequence->first_track; t < r->n_tracks; t++)
        if (smf->tracks[t].end_tick > sequence->end_tick)
            sequence->end_tick = smf->tracks[t].end_tick;
    for (uint32_t i = sequence->first_event; i < r->n_events; i++)
        smf->order[i] = (struct smf_place){smf->events[i].tick, i};
    if (sequence->n_tracks > 1)
        qsort(smf->order + sequence->first_event, sequence->n_events, sizeof *smf->order, by_place);
    MARKS_SORT(meters, sequence->n_meters);
    MARKS_SORT(tempos, sequence->n_tempos);
    for (uint32_t i = 1; i < sequence->n_tempos; i++)
        tempos[i].units =
            tempos[i - 1].units + (uint64_t)(tempos[i].at.tick - tempos[i - 1].at.tick) * tempos[i - 1].units_per_tick;
}

/* ---- the file ------------------------------------------------------------------------------------------------------- */

static int division_read(struct smf_reading *r, uint32_t division)
{
    unsigned frames_per_s = 256 - (division >> 8), ticks_per_frame = division & 0xff;
    r->ticks_per_quarter = division < 0x8000 ? division : 0;
    r->units_per_s = 1000000ull * division;
    r->usual_units_per_tick = TEMPO_USUAL;
    if (division == 0)
        return error_set(r->error, ERROR_BAD_FILE, "byte 12: 0 ticks to the quarter");
    if (division < 0x8000)
        return 0;
    bool is_known = frames_per_s == 24 || frames_per_s == 25 || frames_per_s == 29 || frames_per_s == 30;
    if (!is_known || !ticks_per_frame)
        return error_set(
            r->error, ERROR_BAD_FILE,
            "byte 12: %u ticks in each of %u frames per second, where 24, 25, 29 and 30 of 1 or more are known",
            ticks_per_frame, frames_per_s);
    bool drops = frames_per_s == 29; /* 30 that drop some of their numbers: 30000 in 1001 s */
    r->usual_units_per_tick = drops ? 1001 : 1;
    r->units_per_s = (uint64_t)(drops ? 30000 : frames_per_s) * ticks_per_frame;
    return 0;
}

static int header_read(struct smf_reading *r)
{
    const uint8_t *at = r->bytes;
    if (r->n < 14 || memcmp(at, "MThd", 4) != 0)
        return error_set(r->error, ERROR_BAD_FILE, "byte 0: no standard MIDI file, which begins with MThd and 10 bytes");
    uint32_t n = smf_number(at + 4, 4);
    r->format = smf_number(at + 8, 2);
    r->n_claimed = smf_number(at + 10, 2);
    if (n < 6 || n > r->n - 8)
        return error_set(r->error, ERROR_BAD_FILE, "byte 4: a header of %u bytes, where there must be 6", n);
    if (r->format > 2)
        return error_set(r->error, ERROR_BAD_FILE, "byte 8: format %u; there are 0, 1 and 2", r->format);
    r->at = 8 + n;
    return division_read(r, smf_number(at + 12, 2));
}

/* One chunk, of a track or of another kind, which is passed over. */
static int chunk_read(struct smf_reading *r)
{
    const uint8_t *at = r->bytes + r->at;
    uint32_t n = smf_number(at + 4, 4);
    for (unsigned i = 0; i < 4; i++)
        if (at[i] < ' ' || at[i] > '~')
            return error_set(r->error, ERROR_BAD_FILE, "byte %zu: 0x%08x, where a chunk such as MTrk must begin", r->at,
                             smf_number(at, 4));
    r->at += 8;
    r->is_cut = n > r->n - r->at;
    r->end = r->is_cut ? r->n : r->at + n;
    size_t end = r->end;
    int code = 0;
    if (memcmp(at, "MTrk", 4) == 0) {
        if (r->format == 2 || r->n_tracks == 0)
            sequence_begin(r);
        code = smf_track_read(r);
        if (!code && r->format == 2)
            sequence_end(r);
    }
    r->at = end;
    return code;
}

static int pass(struct smf_reading *r)
{
    int code = header_read(r);
    while (!code && r->n_tracks < r->n_claimed && r->n - r->at >= 8)
        code = chunk_read(r);
    if (code)
        return code;
    if (!r->n_tracks)
        return error_set(r->error, ERROR_BAD_FILE, "byte %zu: the file ends without a track", r->n);
    if (r->n_tracks < r->n_claimed)
        smf_warn(r, "the file ends after %u of %u tracks", (unsigned)r->n_tracks, r->n_claimed);
    if (r->format != 2)
        sequence_end(r);
    return 0;
}

/* The next n of `size` bytes each in the block, or null where there is none yet. */
static void *carve(struct smf *block, size_t *used, size_t n, size_t size)
{
    void *found = block ? (uint8_t *)block + *used : NULL;
    *used += (n * size + 7) / 8 * 8;
    return found;
}

/* Lays out in *to what the first pass has counted. Without a block, only tells how many bytes that takes. */
static size_t lay_out(const struct smf_reading *r, struct smf *block, struct smf *to)
{
    size_t used = 0;
    carve(block, &used, 1, sizeof *to);
    to->tempos = carve(block, &used, r->n_tempos, sizeof *to->tempos);
    to->tracks = carve(block, &used, r->n_tracks, sizeof *to->tracks);
    to->sequences = carve(block, &used, r->format == 2 ? r->n_tracks : 1, sizeof *to->sequences);
    to->order = carve(block, &used, r->n_events, sizeof *to->order);
    to->events = carve(block, &used, r->n_events, sizeof *to->events);
    to->meters = carve(block, &used, r->n_meters, sizeof *to->meters);
    return used;
}

struct smf *smf_parse(const uint8_t *bytes, size_t n, char *warning, struct error *error)
{
    struct smf_reading count = {.bytes = bytes, .n = n, .warning = warning, .error = error}, write = count;
    *warning = '\0';
    if (n > SMF_BYTES_MAX) {
        error_set(error, ERROR_TOO_BIG, "%zu bytes, where a MIDI file may have %u", n, SMF_BYTES_MAX);
        return NULL;
    }
    if (pass(&count))
        return NULL;
    struct smf head = {.format = count.format,
                       .ticks_per_quarter = count.ticks_per_quarter,
                       .units_per_s = count.units_per_s,
                       .n_tracks = count.n_tracks,
                       .n_events = count.n_events};
    head.bytes = lay_out(&count, NULL, &head);
    struct smf *smf = malloc(head.bytes);
    if (!smf) {
        error_set(error, ERROR_INTERNAL, "no memory for %u events", (unsigned)count.n_events);
        return NULL;
    }
    lay_out(&count, smf, &head);
    *smf = head;
    write.smf = smf;
    pass(&write);
    return smf;
}
