#include "tests/sound_file.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define PIECE_FRAMES 1024
#define TAU          6.283185307179586

void sound_file_write(const char *path, int format, int rate_hz, int channels, const float *samples, size_t n)
{
    SF_INFO info = {.format = format, .samplerate = rate_hz, .channels = channels};
    SNDFILE *file = sf_open(path, SFM_WRITE, &info);
    ck_assert_msg(file != NULL, "%s", sf_strerror(NULL));
    for (size_t i = 0; i < n; i += PIECE_FRAMES) {
        sf_count_t piece = (sf_count_t)(n - i < PIECE_FRAMES ? n - i : PIECE_FRAMES);
        ck_assert_int_eq(sf_writef_float(file, samples + i * (size_t)channels, piece), piece);
    }
    sf_close(file);
}

float *sound_file_sines(double hz, int rate_hz, int channels, size_t n)
{
    float *samples = malloc(n * (size_t)channels * sizeof *samples);
    ck_assert_ptr_nonnull(samples);
    for (size_t i = 0; i < n; i++)
        for (int c = 0; c < channels; c++)
            samples[i * (size_t)channels + (size_t)c] = (float)(0.5 * sin(TAU * hz * (c + 1) * (double)i / rate_hz));
    return samples;
}

void sound_file_write_bytes(const char *path, const void *bytes, size_t n)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, n, file), n);
    fclose(file);
}

size_t sound_file_read_bytes(const char *path, void *bytes, size_t n_max)
{
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    size_t n = fread(bytes, 1, n_max, file);
    fclose(file);
    return n;
}
