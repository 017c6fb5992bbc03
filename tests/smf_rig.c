#include "tests/smf_rig.h"

#include <check.h>
#include <stdio.h>

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
    ck_assert_msg(smf != NULL, "%s", error.text);
    ck_assert_str_eq(warning, "");
    bytes_deinit(file);
    return smf;
}
