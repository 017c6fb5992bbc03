/* A scanner over the lines: each line is comment, headers and opcodes. What holds at a level is a struct sfz_region, copied
 * down as headers are met, so a region is complete as soon as it is over. */
#include "daemon/sfz.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/utf8.h"

#define SHOWN 80 /* bytes of the text that an error quotes */

/* Headers, the ones that hand down first, in that order. */
enum level { GLOBAL, MASTER, GROUP, REGION, CONTROL, OTHER, NOWHERE };

struct scan {
    struct sfz *sfz;
    struct error *error;
    enum level level;
    struct sfz_region held[REGION + 1]; /* by level: what holds there */
    char folder[SFZ_PATH_BYTES];        /* default_path */
    double key_shift;                   /* of all keys: note_offset, octave_offset */
    double n_notes, n_octaves;
    unsigned line;
    bool in_comment; /* of more than one line */
    size_t n_region_room, n_path_room;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static bool is_name(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static int fail_memory(struct scan *scan)
{
    return error_set(scan->error, ERROR_INTERNAL, "line %u: memory ran out", scan->line);
}

/* ---- what a region is made of ---------------------------------------------------------------------------------------- */

/* Room for one more element of an array that doubles. */
static void *grown(void *array, size_t n, size_t *room, size_t size)
{
    if (n < *room)
        return array;
    size_t more = *room ? 2 * *room : 16;
    void *larger = realloc(array, more * size);
    *room = larger ? more : *room;
    return larger;
}

static int region_end(struct scan *scan)
{
    struct sfz *sfz = scan->sfz;
    const struct sfz_region *region = &scan->held[REGION];
    if (scan->level != REGION)
        return 0;
    if (!region->sample)
        return error_set(scan->error, ERROR_BAD_FILE, "line %u: the region has no sample", region->line);
    if (strcmp(region->sample, "*silence") == 0 || region->value[SFZ_END] < 0)
        return 0;
    if (sfz->n_regions == SFZ_REGIONS_MAX)
        return error_set(scan->error, ERROR_TOO_BIG, "line %u: more than %d regions", region->line, SFZ_REGIONS_MAX);
    struct sfz_region *regions = grown(sfz->regions, sfz->n_regions, &scan->n_region_room, sizeof *regions);
    if (!regions)
        return fail_memory(scan);
    sfz->regions = regions;
    regions[sfz->n_regions++] = *region;
    return 0;
}

/* Kept with its folder before it and slashes as ours. */
static int path_take(struct scan *scan, const char *value, size_t n)
{
    struct sfz *sfz = scan->sfz;
    bool is_made_up = *value == '*'; /* a sound without a file has no folder */
    size_t n_folder = is_made_up ? 0 : strlen(scan->folder);
    if (n_folder + n >= SFZ_PATH_BYTES)
        return error_set(scan->error, ERROR_BAD_FILE, "line %u: the path of the sample is longer than %d bytes", scan->line,
                         SFZ_PATH_BYTES - 1);
    char **paths = grown(sfz->paths, sfz->n_paths, &scan->n_path_room, sizeof *paths);
    char *path = paths ? malloc(n_folder + n + 1) : NULL;
    sfz->paths = paths ? paths : sfz->paths;
    if (!path)
        return fail_memory(scan);
    memcpy(path, scan->folder, n_folder);
    memcpy(path + n_folder, value, n);
    path[n_folder + n] = '\0';
    for (char *c = path; *c; c++)
        *c = *c == '\\' ? '/' : *c;
    scan->held[scan->level].sample = paths[sfz->n_paths++] = path;
    return 0;
}

static void set(struct scan *scan, enum sfz_opcode opcode, double value)
{
    struct sfz_region *region = &scan->held[scan->level];
    region->value[opcode] = value;
    region->given |= UINT64_C(1) << opcode;
}

static void tell_unknown(struct scan *scan, const char *name, size_t n)
{
    struct sfz *sfz = scan->sfz;
    size_t at = strlen(sfz->unknown);
    char word[SHOWN];
    snprintf(word, sizeof word, " %.*s ", (int)(n < 40 ? n : 40), name);
    sfz->n_unknown++;
    if (strstr(sfz->unknown, word) || at + strlen(word) >= sizeof sfz->unknown)
        return;
    /* Names share the blank between them, so that each can be found as a whole. */
    memcpy(sfz->unknown + at, word + (at > 0), strlen(word + (at > 0)) + 1);
}

/* ---- opcodes --------------------------------------------------------------------------------------------------------- */

static int bad_value(struct scan *scan, enum sfz_opcode opcode, const char *value, size_t n)
{
    const struct sfz_opcode_info *info = &sfz_opcodes[opcode];
    char right[160] = "";
    size_t at = 0;
    for (unsigned i = 0; info->words[i]; i++)
        at += (size_t)snprintf(right + at, sizeof right - at, "%s%s", i ? ", " : "one of ", info->words[i]);
    if (!at)
        snprintf(right, sizeof right, "a %s of %.15g to %.15g",
                 info->kind == SFZ_KEY     ? "key (c4, or a number)"
                 : info->kind == SFZ_WHOLE ? "whole number"
                                           : "number",
                 info->min, info->max);
    return error_set(scan->error, ERROR_BAD_FILE, "line %u: %s=%.*s must be %s", scan->line, info->name,
                     (int)(n < SHOWN ? n : SHOWN), value, right);
}

static int opcode_take(struct scan *scan, enum sfz_opcode opcode, const char *text, size_t n)
{
    double value;
    bool is_read = sfz_value_read(opcode, text, n, &value);
    if (!is_read && opcode == SFZ_FIL_TYPE) {
        /* There are more filters than ours: without it, the sound is there at least. */
        tell_unknown(scan, text, n);
        value = SFZ_NO_FILTER;
    } else if (!is_read) {
        return bad_value(scan, opcode, text, n);
    }
    if (sfz_opcodes[opcode].kind == SFZ_KEY && value >= 0) {
        value += scan->key_shift;
        value = value < -1 ? -1 : value > 127 ? 127 : value;
    }
    set(scan, opcode, value);
    return 0;
}

/* All three at once. */
static int key_take(struct scan *scan, const char *text, size_t n)
{
    int code = opcode_take(scan, SFZ_LOKEY, text, n);
    if (!code)
        code = opcode_take(scan, SFZ_HIKEY, text, n);
    return code ? code : opcode_take(scan, SFZ_KEYCENTER, text, n);
}

static bool is_word(const char *name, size_t n, const char *word)
{
    return strlen(word) == n && memcmp(name, word, n) == 0;
}

static int control_take(struct scan *scan, const char *name, size_t n_name, const char *value, size_t n)
{
    double number;
    bool is_notes = is_word(name, n_name, "note_offset");
    if (is_word(name, n_name, "default_path")) {
        if (n >= sizeof scan->folder)
            return error_set(scan->error, ERROR_BAD_FILE, "line %u: default_path is longer than %zu bytes", scan->line,
                             sizeof scan->folder - 1);
        memcpy(scan->folder, value, n);
        scan->folder[n] = '\0';
    } else if (is_notes || is_word(name, n_name, "octave_offset")) {
        if (!sfz_value_read(SFZ_TRANSPOSE, value, n, &number))
            return bad_value(scan, SFZ_TRANSPOSE, value, n);
        *(is_notes ? &scan->n_notes : &scan->n_octaves) = number;
        scan->key_shift = scan->n_notes + 12 * scan->n_octaves;
    } else {
        tell_unknown(scan, name, n_name);
    }
    return 0;
}

static int pair_take(struct scan *scan, const char *name, size_t n_name, const char *value, size_t n)
{
    if (scan->level == CONTROL)
        return control_take(scan, name, n_name, value, n);
    if (scan->level == NOWHERE)
        return error_set(scan->error, ERROR_BAD_FILE, "line %u: %.*s stands before the first header, such as <region>",
                         scan->line, (int)(n_name < SHOWN ? n_name : SHOWN), name);
    if (scan->level == OTHER)
        return 0;
    if (is_word(name, n_name, "sample"))
        return path_take(scan, value, n);
    if (is_word(name, n_name, "key"))
        return key_take(scan, value, n);
    enum sfz_opcode opcode = sfz_opcode_find(name, n_name);
    if (opcode != SFZ_OPCODES)
        return opcode_take(scan, opcode, value, n);
    tell_unknown(scan, name, n_name);
    return 0;
}

/* ---- text ------------------------------------------------------------------------------------------------------------ */

static struct sfz_region region_initial(void)
{
    struct sfz_region region = {0};
    for (enum sfz_opcode i = 0; i < SFZ_OPCODES; i++)
        region.value[i] = sfz_opcodes[i].initial;
    return region;
}

static int header_take(struct scan *scan, const char *name, size_t n)
{
    static const char *const words[] = {"global", "master", "group", "region", "control"};
    int code = region_end(scan);
    enum level level = 0, was = scan->level;
    while (level < OTHER && !is_word(name, n, words[level]))
        level++;
    scan->level = level;
    if (level == OTHER)
        tell_unknown(scan, name, n);
    for (enum level below = was + 1; below <= REGION; below++)
        scan->held[below] = scan->held[was];
    if (level == GLOBAL)
        scan->held[level] = region_initial();
    else if (level <= REGION)
        scan->held[level] = scan->held[level - 1];
    if (level <= REGION)
        scan->held[level].line = scan->line;
    return code;
}

/* Where a value ends: before " word=", before a header, or with the line. */
static const char *value_end(const char *at, const char *end)
{
    for (const char *c = at; c < end; c++) {
        if (*c == '<')
            return c;
        if (!is_blank(*c))
            continue;
        const char *word = c + 1;
        while (word < end && is_name(*word))
            word++;
        if (word > c + 1 && word < end && *word == '=')
            return c;
    }
    return end;
}

/* Takes one header or opcode; at the end of the line, null. */
static const char *token_take(struct scan *scan, const char *at, const char *end, int *code)
{
    while (at < end && is_blank(*at))
        at++;
    if (at == end)
        return NULL;
    const char *from = at;
    if (*at == '<') {
        while (at < end && *at != '>')
            at++;
        if (at == end)
            *code = error_set(scan->error, ERROR_BAD_FILE, "line %u: a header that begins with < ends with >", scan->line);
        else
            *code = header_take(scan, from + 1, (size_t)(at - from - 1));
        return at + (at < end);
    }
    while (at < end && is_name(*at))
        at++;
    const char *stop = at < end && *at == '=' && at > from ? value_end(at + 1, end) : NULL;
    if (!stop) {
        *code = error_set(scan->error, ERROR_BAD_FILE, "line %u: \"%.*s\" is neither <header> nor opcode=value%s",
                          scan->line, (int)(end - from < SHOWN ? end - from : SHOWN), from,
                          *from == '#' || *from == '$' ? " (#define and #include are not understood)" : "");
        return NULL;
    }
    const char *value = at + 1, *last = stop;
    while (value < last && is_blank(*value))
        value++;
    while (last > value && is_blank(last[-1]))
        last--;
    *code = pair_take(scan, from, (size_t)(at - from), value, (size_t)(last - value));
    return stop;
}

/* Without comments, in `out`, which has room for the line. Returns how much is left. */
static size_t comments_drop(struct scan *scan, const char *line, size_t n, char *out)
{
    size_t n_out = 0;
    for (size_t i = 0; i < n; i++) {
        bool is_pair = i + 1 < n;
        if (scan->in_comment) {
            scan->in_comment = !(is_pair && line[i] == '*' && line[i + 1] == '/');
            i += !scan->in_comment;
        } else if (is_pair && line[i] == '/' && line[i + 1] == '*') {
            scan->in_comment = true;
            i++;
        } else if (is_pair && line[i] == '/' && line[i + 1] == '/') {
            break;
        } else {
            out[n_out++] = line[i];
        }
    }
    out[n_out] = '\0';
    return n_out;
}

static int check_text(struct scan *scan, const char *line, size_t n)
{
    for (size_t i = 0, length; i < n; i += length) {
        length = utf8_bytes((const uint8_t *)line + i);
        if (!length || ((unsigned char)line[i] < 32 && !is_blank(line[i])) || line[i] == 127)
            return error_set(scan->error, ERROR_BAD_FILE, "line %u: byte 0x%02x at column %zu is no text in UTF-8",
                             scan->line, (unsigned char)line[i], i + 1);
    }
    return 0;
}

static int line_take(struct scan *scan, const char *line, size_t n, char *room)
{
    size_t left = comments_drop(scan, line, n, room);
    int code = check_text(scan, room, left);
    for (const char *at = room; at && !code;)
        at = token_take(scan, at, room + left, &code);
    return code;
}

static int lines_take(struct scan *scan, const char *text, size_t n)
{
    static const char mark[] = "\xef\xbb\xbf"; /* of UTF-8, which some editors put first */
    char *room = malloc(n + 1);
    int code = room ? 0 : fail_memory(scan);
    size_t at = n >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;
    while (!code && at < n) {
        const char *end = memchr(text + at, '\n', n - at);
        size_t length = end ? (size_t)(end - text) - at : n - at;
        scan->line++;
        code = line_take(scan, text + at, length, room);
        at += length + 1;
    }
    free(room);
    return code ? code : region_end(scan);
}

int sfz_parse(struct sfz *sfz, const char *text, size_t n, struct error *error)
{
    struct scan scan = {.sfz = sfz, .error = error, .level = NOWHERE};
    *sfz = (struct sfz){0};
    if (n > SFZ_TEXT_BYTES_MAX)
        return error_set(error, ERROR_TOO_BIG, "%zu bytes of text: an instrument has at most %zu", n, SFZ_TEXT_BYTES_MAX);
    for (enum level level = GLOBAL; level <= REGION; level++)
        scan.held[level] = region_initial();
    int code = lines_take(&scan, text, n);
    if (!code && !sfz->n_regions)
        code = error_set(error, ERROR_BAD_FILE, "there is no <region> with a sample in it");
    return code;
}

void sfz_deinit(struct sfz *sfz)
{
    for (size_t i = 0; i < sfz->n_paths; i++)
        free(sfz->paths[i]);
    free(sfz->paths);
    free(sfz->regions);
    *sfz = (struct sfz){0};
}
