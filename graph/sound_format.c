#include "graph/sound_format.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define NUMBER_BYTES 24 /* "-N", a dot and an extension, with room to spare */

const char *const sound_format_names[N_SOUND_FORMATS + 1] = {
#define X(format, name, extension, bits) name,
    SOUND_FORMATS(X)
#undef X
};

static const char *const extensions[] = {
#define X(format, name, extension, bits) extension,
    SOUND_FORMATS(X)
#undef X
};

static const unsigned bits_of[] = {
#define X(format, name, extension, bits) bits,
    SOUND_FORMATS(X)
#undef X
};

/* What a file must not be called unless it is one. */
static const char *const known[] = {"wav", "flac", "rf64", "w64", "aif",  "aiff", "caf", "au",
                                    "snd", "ogg",  "oga",  "mp3", "opus", "m4a",  "raw", NULL};

enum sound_format sound_format_parse(const char *name)
{
    unsigned format = 0;
    while (format < N_SOUND_FORMATS && strcmp(sound_format_names[format], name) != 0)
        format++;
    return (enum sound_format)format;
}

const char *sound_format_extension(enum sound_format format)
{
    return extensions[format];
}

unsigned sound_format_bits(enum sound_format format)
{
    return bits_of[format];
}

/* Bytes of the path before its dot and extension, where that is one of a sound file; otherwise all of them. */
static size_t stem_bytes(const char *path, const char **extension)
{
    const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path, *dot = strrchr(file, '.');
    *extension = NULL;
    for (unsigned i = 0; known[i] && dot && dot > file; i++)
        if (strcasecmp(dot + 1, known[i]) == 0)
            *extension = dot + 1;
    return *extension ? (size_t)(dot - path) : strlen(path);
}

int sound_format_check_path(enum sound_format format, const char *path, struct error *error)
{
    const char *extension, *own = extensions[format];
    size_t n = stem_bytes(path, &extension);
    if (n == 0 || path[n - 1] == '/')
        return error_set(error, ERROR_BAD_VALUE, "\"%.200s\" names no file", path);
    if (n > SOUND_PATH_BYTES - NUMBER_BYTES)
        return error_set(error, ERROR_BAD_VALUE, "\"%.200s…\" is %zu bytes long, at most %d are possible", path, n,
                         SOUND_PATH_BYTES - NUMBER_BYTES);
    if (extension && strcasecmp(extension, own) != 0)
        return error_set(error, ERROR_BAD_VALUE, "\"%.200s\": a file of the format %s ends in .%s, not .%s", path,
                         sound_format_names[format], own, extension);
    return 0;
}

void sound_format_take_path(enum sound_format format, const char *path, unsigned n, char *file)
{
    const char *extension;
    int stem = (int)stem_bytes(path, &extension);
    if (!extension)
        extension = extensions[format];
    if (n == 1)
        snprintf(file, SOUND_PATH_BYTES, "%.*s.%s", stem, path, extension);
    else
        snprintf(file, SOUND_PATH_BYTES, "%.*s-%u.%s", stem, path, n, extension);
}
