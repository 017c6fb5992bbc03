#include "tests/instrument_rig.h"

#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/sound_file.h"

#define OPEN_MOST 8 /* descriptors of a walk */

struct instrument_rig instrument_rig_new(void)
{
    struct instrument_rig rig = {.folder = "/tmp/dawd-instrument-XXXXXX"};
    struct error error = {0};
    ck_assert_ptr_nonnull(mkdtemp(rig.folder));
    const char *root = rig.folder;
    ck_assert_msg(files_init(&rig.files, &root, 1, &error) == 0, "%s", error.text);
    return rig;
}

static int removed(const char *path, const struct stat *stat, int kind, struct FTW *walk)
{
    (void)stat, (void)kind, (void)walk;
    return remove(path);
}

void instrument_rig_free(struct instrument_rig *rig)
{
    files_deinit(&rig->files);
    nftw(rig->folder, removed, OPEN_MOST, FTW_DEPTH | FTW_PHYS);
}

const char *instrument_rig_path(const struct instrument_rig *rig, const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", rig->folder, name);
    return path;
}

void instrument_rig_mkdir(const struct instrument_rig *rig, const char *name)
{
    ck_assert_int_eq(mkdir(instrument_rig_path(rig, name), 0700), 0);
}

void instrument_rig_sound(const struct instrument_rig *rig, const char *name, int rate_hz, int channels,
                          const float *samples, size_t n)
{
    sound_file_write(instrument_rig_path(rig, name), SF_FORMAT_WAV | SF_FORMAT_FLOAT, rate_hz, channels, samples, n);
}

void instrument_rig_sine(const struct instrument_rig *rig, const char *name, double hz, int rate_hz, size_t n)
{
    float *samples = sound_file_sines(hz, rate_hz, 1, n);
    instrument_rig_sound(rig, name, rate_hz, 1, samples, n);
    free(samples);
}

static void put32(uint8_t *to, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

/* The chunk as the standard has it (RIFF "Sampler Chunk": the end of a loop is its last frame), so that what libsndfile makes
 * of it is tested too. */
void instrument_rig_marked(const struct instrument_rig *rig, const char *name, const float *samples, size_t n, int root,
                           unsigned loop_start, unsigned loop_end)
{
    uint8_t head[44 + 8 + 36 + 24] = "RIFF....WAVEfmt ";
    unsigned n_loops = loop_end > 0, smpl = 36 + 24 * n_loops, data = 36 + 8 + smpl, bytes = (unsigned)(n * sizeof(float));
    put32(head + 4, data + bytes);
    put32(head + 16, 16);
    put32(head + 20, 3 | 1 << 16); /* float, one channel */
    put32(head + 24, 48000);
    put32(head + 28, 4 * 48000);
    put32(head + 32, 4 | 32 << 16);
    memcpy(head + 36, "smpl", 4);
    put32(head + 40, smpl);
    put32(head + 44 + 12, (uint32_t)root);
    put32(head + 44 + 28, n_loops);
    put32(head + 44 + 36 + 8, loop_start);
    put32(head + 44 + 36 + 12, loop_end - 1);
    memcpy(head + data, "data", 4);
    put32(head + data + 4, bytes);
    FILE *file = fopen(instrument_rig_path(rig, name), "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(head, 1, data + 8, file), data + 8);
    ck_assert_uint_eq(fwrite(samples, sizeof *samples, n, file), n);
    fclose(file);
}

struct media *instrument_rig_load(struct instrument_rig *rig, const char *name)
{
    rig->error = (struct error){0};
    int fd = files_open(&rig->files, name, &rig->error);
    if (fd < 0)
        return NULL;
    rig->load.fd = fd;
    rig->load.name = name;
    rig->load.files = &rig->files;
    struct media *media = media_instrument_load(&rig->load, &rig->error);
    close(fd);
    return media;
}

struct media *instrument_rig_text(struct instrument_rig *rig, const char *name, const char *text)
{
    sound_file_write_bytes(instrument_rig_path(rig, name), text, strlen(text));
    return instrument_rig_load(rig, name);
}
