/* The kinds of sound files that are written, and how they are named: one table for the record node, --render and the pages
 * that are made from it.
 *
 * RF64 is WAV with 64-bit lengths. A file that has stayed below 4 GiB is finished as a plain WAV file, which every program
 * reads; a longer one keeps its length instead of losing it, as WAV would without a word. Hence its files are called .wav.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "graph/error.h"
#include "graph/thread.h"

/* One row per format: its name here and for clients, the extension of its files, bits per sample. */
#define SOUND_FORMATS(X)                                                                                                   \
    X(RF64_FLOAT, "rf64-float", "wav", 32) /* the engine's own samples, bit by bit, also beyond full scale */              \
    X(RF64_24, "rf64-24", "wav", 24)                                                                                       \
    X(RF64_16, "rf64-16", "wav", 16)                                                                                       \
    X(FLAC_24, "flac-24", "flac", 24) /* lossless, about half as large */                                                  \
    X(FLAC_16, "flac-16", "flac", 16)

enum sound_format {
#define X(format, name, extension, bits) SOUND_##format,
    SOUND_FORMATS(X)
#undef X
        N_SOUND_FORMATS
};

#define SOUND_PATH_BYTES 4096 /* of a path with its extension and number, the zero included */

/* Names in the order of enum sound_format, null at the end: the choices of a parameter. */
extern const char *const sound_format_names[N_SOUND_FORMATS + 1];

/* The format of that name, or N_SOUND_FORMATS. */
DAWD_ANY enum sound_format sound_format_parse(const char *name);
/* Without the dot: "wav". */
DAWD_ANY const char *sound_format_extension(enum sound_format format);
/* 32 are a float, the others whole numbers. */
DAWD_ANY unsigned sound_format_bits(enum sound_format format);

/* Whether a file of this format may be called so: BAD_VALUE for a path that ends in the extension of another kind of sound
 * file, or is too long, or is a folder's. None, and one that means nothing ("take.2"), is fine. */
DAWD_ANY int sound_format_check_path(enum sound_format format, const char *path, struct error *error);

/* The file of take n, counting from 1: `path` with the format's extension where it lacks it, and "-n" before it from the
 * second on (drums.wav, drums-2.wav). The path has been checked. `file` holds SOUND_PATH_BYTES. */
DAWD_ANY void sound_format_take_path(enum sound_format format, const char *path, unsigned n, char *file);
