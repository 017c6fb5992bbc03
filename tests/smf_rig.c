#include "tests/smf_rig.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static void put_number(struct bytes *file, uint32_t value, unsigned n)
{
    while (n--)
        bytes_add_byte(file, (uint8_t)(value >> 8 * n));
}

void smf_header(struct bytes *file, unsigned format, unsigned n_tracks, unsigned division)
{
    bytes_add(file, "MThd", 4);
    put_number(file, 6, 4);
    put_number(file, format, 2);
    put_number(file, n_tracks, 2);
    put_number(file, division, 2);
}

size_t smf_track_open(struct bytes *file)
{
    bytes_add(file, "MTrk", 4);
    put_number(file, 0, 4);
    return file->n;
}

void smf_put_length(struct bytes *file, uint32_t n)
{
    for (unsigned shift = 21; shift; shift -= 7)
        if (n >> shift)
            bytes_add_byte(file, (uint8_t)(0x80 | (n >> shift & 0x7f)));
    bytes_add_byte(file, n & 0x7f);
}

void smf_put(struct bytes *file, uint32_t ticks, const char *event, size_t n)
{
    smf_put_length(file, ticks);
    bytes_add(file, event, n);
}

void smf_put_tempo(struct bytes *file, uint32_t ticks, uint32_t us_per_quarter)
{
    smf_put(file, ticks, "\xff\x51\x03", 3);
    put_number(file, us_per_quarter, 3);
}

void smf_track_close(struct bytes *file, size_t track, uint32_t ticks)
{
    smf_put(file, ticks, "\xff\x2f\x00", 3);
    for (unsigned i = 0; i < 4; i++)
        file->data[track - 4 + i] = (uint8_t)((file->n - track) >> 8 * (3 - i));
}

struct bytes smf_read_file(const char *path)
{
    struct bytes bytes = {0};
    char block[65536];
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s cannot be read", path);
    for (size_t n; (n = fread(block, 1, sizeof block, file)) > 0;)
        bytes_add(&bytes, block, n);
    fclose(file);
    return bytes;
}

struct smf *smf_of(struct bytes *file)
{
    char warning[SMF_WARNING_BYTES];
    struct error error = {0};
    struct smf *smf = smf_parse(file->data, file->n, warning, &error);
    /* Also where no test runs: the fuzzer takes songs from here. */
    if (!smf || *warning) {
        fprintf(stderr, "smf rig: %s\n", smf ? warning : error.text);
        exit(2);
    }
    bytes_deinit(file);
    return smf;
}

/* ---- a song --------------------------------------------------------------------------------------------------------- */

#define BARS 6

static void put_message(struct bytes *file, uint32_t ticks, unsigned status, unsigned first, unsigned second)
{
    char message[3] = {(char)status, (char)first, (char)second};
    smf_put(file, ticks, message, (status & 0xe0) == 0xc0 ? 2 : 3);
}

static void put_bar(struct bytes *file, unsigned bar, bool is_drummed)
{
    unsigned channel = is_drummed ? 9 : bar % 3, root = 48 + bar * 5 % 24;
    smf_put_tempo(file, 0, 400000 + 37000 * (bar % 4));
    put_message(file, 0, 0xc0 | channel, bar, 0);
    put_message(file, 0, 0xb0 | channel, 64, bar % 2 ? 127 : 0);
    for (unsigned i = 0; i < 3; i++)
        put_message(file, 0, 0x90 | channel, root + 4 * i, 60 + 20 * i);
    put_message(file, 100, 0xe0 | channel, bar, 70);
    put_message(file, 61, 0xd0 | channel, bar * 9, 0);
    put_message(file, 40, 0xa0 | channel, root, 90);
    for (unsigned i = 0; i < 3; i++)
        put_message(file, i ? 7 : 131, 0x80 | channel, root + 4 * i, 64);
}

struct bytes smf_song_drummed(unsigned n_melodic)
{
    struct bytes file = {0};
    smf_header(&file, 0, 1, 480);
    size_t track = smf_track_open(&file);
    for (unsigned bar = 0; bar < BARS; bar++)
        put_bar(&file, bar, bar >= n_melodic);
    smf_track_close(&file, track, 20);
    return file;
}

struct bytes smf_song(void)
{
    return smf_song_drummed(BARS);
}

struct media *smf_song_media(void)
{
    static struct media media = {.kind = MEDIA_MIDI, .references = 1};
    struct bytes file = smf_song();
    if (!media.midi)
        media.midi = smf_of(&file);
    else
        bytes_deinit(&file);
    return &media;
}

struct media smf_media(struct bytes *file)
{
    return (struct media){.kind = MEDIA_MIDI, .midi = smf_of(file)};
}

struct rig smf_player(const struct media *media, double rate_hz)
{
    struct rig rig = rig_new("midi_player", rate_hz, 0);
    rig_media(&rig, "file", media);
    rig.block = 0;
    return rig;
}

void smf_player_run(struct rig *rig, size_t n_frames)
{
    rig_process(rig, NULL, (float *const[]){NULL}, n_frames);
}

void smf_player_close(struct rig *rig, struct media *media)
{
    free(media->midi);
    rig_free(rig);
}
