#include "tests/system/takes.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/system/sound.h"

#define PATH_BYTES 256
#define SOX_MOST   16

const char *takes_path(const struct studio *studio, const char *name)
{
    static char path[2][PATH_BYTES];
    static unsigned turn;
    char *text = path[turn++ % 2];
    snprintf(text, PATH_BYTES, "%s/%s", studio->folder, name);
    return text;
}

float *takes_read(const struct studio *studio, const char *name, SF_INFO *info)
{
    *info = (SF_INFO){0};
    SNDFILE *file = sf_open(takes_path(studio, name), SFM_READ, info);
    ck_assert_msg(file != NULL, "%s: %s", name, sf_strerror(NULL));
    float *frames = sound_new((size_t)(info->frames + 1) * (size_t)info->channels);
    sf_count_t n = sf_readf_float(file, frames, info->frames + 1);
    ck_assert_msg(n == info->frames, "%s claims %lld frames, %lld can be read", name, (long long)info->frames,
                  (long long)n);
    sf_close(file);
    return frames;
}

bool takes_sox(const struct studio *studio, char names[][64], unsigned n, long long *frames)
{
    char paths[SOX_MOST][PATH_BYTES], output[4096];
    const char *arguments[SOX_MOST + 3] = {"soxi", "-s"};
    unsigned n_lines = 0;
    if (access("/usr/bin/soxi", X_OK))
        return false;
    for (unsigned k = 0; k < n && k < SOX_MOST; k++) {
        snprintf(paths[k], PATH_BYTES, "%s", takes_path(studio, names[k]));
        arguments[2 + k] = paths[k];
    }
    ck_assert_int_eq(process_run(arguments, output, sizeof output), 0);
    /* It warns of the header of every extensible float file, on a line of its own. */
    for (char *rest, *line = strtok_r(output, "\n", &rest); line && n_lines < n; line = strtok_r(NULL, "\n", &rest))
        if (*line >= '0' && *line <= '9')
            frames[n_lines++] = atoll(line);
    ck_assert_uint_eq(n_lines, n);
    return true;
}

double takes_reading(struct studio *studio, const char *node, const char *name)
{
    return answer_number(client_do(&studio->client, "/node/%s/%s", node, name), 0);
}

bool takes_reach(struct studio *studio, const char *node, const char *name, double value, double timeout_s)
{
    for (double end = now_s() + timeout_s; now_s() < end; pause_s(0.01))
        if (takes_reading(studio, node, name) >= value)
            return true;
    return false;
}
