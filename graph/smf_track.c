#include "graph/smf_track.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "graph/mutant.h"
#include "graph/utf8.h"

#define CUT (-1) /* the file ends within what is being read, in its last track */

enum meta { META_NAME = 0x03, META_END = 0x2f, META_TEMPO = 0x51, META_METER = 0x58 };

void smf_warn(struct smf_reading *r, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (!*r->warning)
        vsnprintf(r->warning, SMF_WARNING_BYTES, format, args);
    va_end(args);
}

/* Whether n more bytes are there, for `what`. 0, CUT, or bad_file. */
static int need(struct smf_reading *r, size_t n, const char *what)
{
    if (n <= r->end - r->at || MUTANT_FLAW("boundless"))
        return 0;
    return r->is_cut ? CUT
                     : error_set(r->error, ERROR_BAD_FILE, "byte %zu: %s needs %zu bytes, but its track ends at byte %zu",
                                 r->at, what, n, r->end);
}

/* A number of 7 bits to the byte, the last below 0x80. */
static int length_read(struct smf_reading *r, uint32_t *value)
{
    size_t first = r->at;
    *value = 0;
    for (unsigned i = 0; i < 4; i++) {
        int code = need(r, 1, "a number");
        if (code)
            return code;
        uint8_t byte = r->bytes[r->at++];
        *value = *value << 7 | (byte & 0x7f);
        if (byte < 0x80)
            return 0;
    }
    return error_set(r->error, ERROR_BAD_FILE, "byte %zu: a number of more than 4 bytes", first);
}

static int event_add(struct smf_reading *r, uint8_t status, uint8_t first, uint8_t second)
{
    if (r->n_events == SMF_EVENTS_MAX)
        return error_set(r->error, ERROR_TOO_BIG, "byte %zu: more than %u events", r->at, SMF_EVENTS_MAX);
    if (r->smf)
        r->smf->events[r->n_events] = (struct smf_event){(uint32_t)r->tick, (uint16_t)r->n_tracks, status, {first, second}};
    r->n_events++;
    return 0;
}

static int message_read(struct smf_reading *r, uint8_t status)
{
    unsigned n = (status & 0xe0) == 0xc0 ? 1 : 2; /* program and pressure have one */
    uint8_t data[2] = {0};
    int code = need(r, n, "a message");
    if (code)
        return code;
    for (unsigned i = 0; i < n; i++) {
        data[i] = r->bytes[r->at++];
        if (data[i] >= 0x80)
            return error_set(r->error, ERROR_BAD_FILE, "byte %zu: 0x%02x in a message 0x%02x, whose data are below 0x80",
                             r->at - 1, data[i], status);
    }
    r->running = status;
    return event_add(r, status, data[0], data[1]);
}

/* Copies as much of a name as fits. What is no UTF-8 is taken for Latin-1; of what cannot be printed, there is a space. */
static void name_read(struct smf_track *track, const uint8_t *text, uint32_t n)
{
    uint8_t raw[SMF_NAME_BYTES] = {0};
    bool is_long = n > SMF_NAME_BYTES - 2;
    memcpy(raw, text, is_long ? SMF_NAME_BYTES - 2 : n);
    size_t n_raw = strlen((const char *)raw), end = 0, at = 0;
    for (unsigned step; end < n_raw && (step = utf8_bytes(raw + end)) != 0;)
        end += step;
    bool is_utf8 = end == n_raw || (is_long && end + 4 > n_raw); /* what is cut may end within a character */
    for (size_t i = 0; i < (is_utf8 ? end : n_raw) && at + 2 < SMF_NAME_BYTES; i++) {
        bool is_wide = !is_utf8 && raw[i] >= 0x80;
        if (is_wide)
            track->name[at++] = (char)(0xc0 | raw[i] >> 6);
        track->name[at++] = (char)(is_wide ? 0x80 | (raw[i] & 0x3f) : raw[i] < ' ' || raw[i] == 0x7f ? ' ' : raw[i]);
    }
}

static int tempo_read(struct smf_reading *r, uint32_t us)
{
    if (!r->ticks_per_quarter) /* it has no quarters, and its ticks have a length of their own */
        return 0;
    if (r->n_tempos >= SMF_MARKS_MAX)
        return error_set(r->error, ERROR_TOO_BIG, "byte %zu: more than %u tempos", r->at, SMF_MARKS_MAX);
    if (r->smf)
        r->smf->tempos[r->n_tempos] = (struct smf_tempo){{(uint32_t)r->tick, r->n_tempos}, us};
    r->n_tempos++;
    return 0;
}

static int meter_read(struct smf_reading *r, const uint8_t *data)
{
    if (r->n_meters >= SMF_MARKS_MAX)
        return error_set(r->error, ERROR_TOO_BIG, "byte %zu: more than %u signatures", r->at, SMF_MARKS_MAX);
    if (r->smf)
        r->smf->meters[r->n_meters] = (struct smf_meter){{(uint32_t)r->tick, r->n_meters}, data[0], data[1]};
    r->n_meters++;
    return 0;
}

/* What means nothing is left out. */
static int mark_read(struct smf_reading *r, uint8_t type, uint32_t n)
{
    const uint8_t *data = r->bytes + r->at;
    if (type == META_TEMPO && n == 3 && smf_number(data, 3))
        return tempo_read(r, smf_number(data, 3));
    if (type == META_METER && n >= 2 && data[0] && data[1] < 8)
        return meter_read(r, data);
    if (type == META_TEMPO)
        smf_warn(r, "byte %zu: this tempo means nothing", r->at);
    else
        smf_warn(r, "byte %zu: this signature means nothing", r->at);
    return 0;
}

static int meta_read(struct smf_reading *r)
{
    uint32_t n;
    int code = need(r, 1, "the kind of a meta event");
    if (code)
        return code;
    uint8_t type = r->bytes[r->at++];
    if ((code = length_read(r, &n)) || (code = need(r, n, "a meta event")))
        return code;
    if (type == META_TEMPO || type == META_METER)
        code = mark_read(r, type, n);
    if (type == META_NAME && !*r->track.name)
        name_read(&r->track, r->bytes + r->at, n);
    r->has_ended = type == META_END;
    r->at += n;
    return code;
}

static int event_read(struct smf_reading *r)
{
    uint32_t n;
    int code = length_read(r, &n);
    if (code || (code = need(r, 1, "an event")))
        return code;
    if (r->tick + n > UINT32_MAX)
        return error_set(r->error, ERROR_TOO_BIG, "byte %zu: more than %u ticks", r->at, UINT32_MAX);
    r->tick += n;
    uint8_t status = r->bytes[r->at];
    if (status < 0x80 && !r->running)
        return error_set(r->error, ERROR_BAD_FILE, "byte %zu: 0x%02x, where a status (0x80 or more) must come first", r->at,
                         status);
    if (status < 0xf0) {
        r->at += status >= 0x80;
        return message_read(r, status >= 0x80 ? status : r->running);
    }
    r->at++;
    if (status == 0xff)
        return meta_read(r);
    if (status != 0xf0 && status != 0xf7)
        return error_set(r->error, ERROR_BAD_FILE, "byte %zu: 0x%02x, which has no place in a file", r->at - 1, status);
    if ((code = length_read(r, &n)) || (code = need(r, n, "a system exclusive event")))
        return code;
    r->at += n;
    return 0;
}

int smf_track_read(struct smf_reading *r)
{
    uint64_t tick = 0;
    int code = 0;
    r->track = (struct smf_track){.first_event = r->n_events};
    r->tick = r->running = r->has_ended = 0;
    while (r->at < r->end && !r->has_ended && !(code = event_read(r)))
        tick = r->tick;
    if (code > 0)
        return code;
    if (r->is_cut)
        smf_warn(r, "the file ends within track %u", (unsigned)r->n_tracks + 1);
    else if (!r->has_ended)
        smf_warn(r, "byte %zu: track %u has no end", r->at, (unsigned)r->n_tracks + 1);
    r->track.n_events = r->n_events - r->track.first_event;
    r->track.end_tick = (uint32_t)tick;
    if (r->smf)
        r->smf->tracks[r->n_tracks] = r->track;
    r->n_tracks++;
    return 0;
}
