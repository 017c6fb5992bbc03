#include "tests/damage_rig.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "tests/graph_rig.h"

#define PART_NODES 3 /* a million sessions of all types would take minutes */
#define INSIDE_MAX 2 /* nodes of a container */

/* ---- what is damaged ------------------------------------------------------------------------------------------------- */

/* The first word behind the line's first n bytes. */
static size_t name_of(const char *line, size_t n, const char **name)
{
    *name = line + n + strcspn(line + n, " ") + 1;
    return strcspn(*name, " \n");
}

/* The line of the whole that connects the node. */
static void add_edge(const char *whole, struct bytes *part, const char *name, size_t n)
{
    for (const char *line = whole; (line = strstr(line, "\n/graph/connect ")); line++) {
        const char *at = memmem(line, strcspn(line + 1, "\n") + 1, name, n);
        if (at && at[n] == ':')
            bytes_add(part, line + 1, strcspn(line + 1, "\n") + 1);
    }
}

static void add_part(struct damage_rig *damage, const char *const *lines, unsigned n)
{
    struct bytes part = {0};
    bytes_print(&part, "# dawd session 1\n");
    for (unsigned i = 0; i < n; i++)
        bytes_add(&part, lines[i], strcspn(lines[i], "\n") + 1);
    for (unsigned i = 0; i < n; i++) {
        const char *name;
        size_t n_name = name_of(lines[i], strlen("/graph/add "), &name);
        add_edge(damage->whole, &part, name, n_name);
    }
    bytes_print(&part, "# end\n");
    bytes_add_byte(&part, '\0');
    damage->parts[damage->n_parts++] = (char *)part.data;
}

/* A node inside of a container goes with it. */
static bool is_inside(const char *line)
{
    const char *name;
    size_t n = name_of(line, strlen("/graph/add "), &name);
    return memchr(name, '/', n) != NULL;
}

static void split_whole(struct damage_rig *damage)
{
    const char *lines[PART_NODES * (1 + INSIDE_MAX)];
    unsigned n = 0, n_nodes = 0;
    for (const char *line = damage->whole; (line = strstr(line, "\n/graph/add ")) && damage->n_parts < DAMAGE_PARTS_MAX;) {
        bool is_next = !is_inside(++line);
        if (is_next && n_nodes == PART_NODES) {
            add_part(damage, lines, n);
            n = n_nodes = 0;
        }
        lines[n++] = line;
        n_nodes += is_next;
    }
    if (n)
        add_part(damage, lines, n);
}

static void keep_stock(struct damage_rig *damage)
{
    struct stock *stock = &damage->rig.ctl->stock;
    for (struct stocked *at = stock->first; at && damage->n_stocked < DAMAGE_STOCK_MAX; at = at->next)
        damage->stocked[damage->n_stocked++] = stock_find(stock, &at->label);
}

void damage_rig_open(struct damage_rig *damage)
{
    struct osc_rig *rig = &damage->rig;
    /* The lines of a delay come and go thousands of times: their pages stay. */
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    *damage = (struct damage_rig){0};
    osc_rig_open(rig);
    session_rig_fill(rig);
    damage->whole = session_rig_save(rig, "whole.dawd");
    damage->n_whole = strlen(damage->whole);
    damage->room = malloc(16 * damage->n_whole);
    OSC_RIG_DEMAND(damage->room, "memory ran out");
    split_whole(damage);
    keep_stock(damage);
    osc_rig_do(rig, "/session/new fade 0");
    osc_rig_do(rig, "/graph/add osc tone");
    osc_rig_do(rig, "/graph/connect tone out");
    osc_rig_wait(rig);
    osc_rig_forget(rig);
}

void damage_rig_close(struct damage_rig *damage)
{
    while (damage->n_parts)
        free(damage->parts[--damage->n_parts]);
    while (damage->n_stocked)
        stocked_release(damage->stocked[--damage->n_stocked]);
    free(damage->room);
    free(damage->whole);
    osc_rig_close(&damage->rig);
}

/* ---- a load ---------------------------------------------------------------------------------------------------------- */

/* The sounds it asks for are there, but for those whose name begins oddly. */
static void bring_sounds(struct osc_rig *rig)
{
    while (rig->n_loads) {
        char *path = strdup(rig->loads[0].path);
        if (path[0] % 2)
            osc_rig_load(rig, path);
        else
            osc_rig_load_fails(rig, path, ERROR_NO_FILE);
        free(path);
    }
}

bool damage_rig_try(struct damage_rig *damage, const char *text, size_t n)
{
    struct osc_rig *rig = &damage->rig;
    struct session_rig_sound before = session_rig_sound(rig);
    osc_rig_send(rig, "/session/load damaged.dawd fade 0");
    osc_rig_read(rig, "damaged.dawd", text, n);
    bring_sounds(rig);
    osc_rig_run(rig);
    const char *answer = osc_rig_line(rig);
    bool is_taken = strncmp(answer, "/done 0 /session/load ", 22) == 0;
    OSC_RIG_DEMAND(rig->n_read == rig->n_answers, "a load is answered %u times", rig->n_answers);
    OSC_RIG_DEMAND(!rig->server->parked, "a request still waits");
    /* Until what was replaced is gone, and no delay gives way to another, which ends with a plan of its own. */
    while (is_taken && (rig->ctl->fading || rig->ctl->moving || rig->ctl->under_way))
        osc_rig_run(rig);
    if (!is_taken) {
        OSC_RIG_DEMAND(strncmp(answer, "/fail 0 /session/load ", 22) == 0, "%s", answer);
        OSC_RIG_DEMAND(strstr(answer, "\\\"damaged.dawd\\\": "), "%s", answer);
        session_rig_unchanged(rig, &before, answer);
    }
    osc_rig_forget(rig);
    return is_taken;
}

/* ---- anything at all ------------------------------------------------------------------------------------------------- */

/* The beginning of some line of the text. */
static size_t some_line(const char *text, size_t n, uint32_t *seed)
{
    size_t at = dice_below(seed, (unsigned)n);
    while (at > 0 && text[at - 1] != '\n')
        at--;
    return at;
}

static size_t line_bytes(const char *text, size_t n, size_t at)
{
    const char *end = memchr(text + at, '\n', n - at);
    return end ? (size_t)(end - (text + at)) + 1 : n - at;
}

/* One change to *n bytes, of which there is room for twice as many and some. */
static void mutate(char *text, size_t *n, uint32_t *seed)
{
    static const char *const words[] = {"0",  "-1",    "1e39", "99999999999", "\"",    "\\",       "[",
                                        "/",  "%b:00", "out",  "in:out.9",    "T",     "channels", "\n",
                                        "\r", "\xff",  "",     "nan",         "depth", "999999"};
    size_t at = dice_below(seed, (unsigned)*n), length = line_bytes(text, *n, at);
    const char *word = words[dice_below(seed, sizeof words / sizeof words[0])];
    switch (dice_below(seed, 7)) {
    case 0: /* another byte */
        text[at] = (char)dice(seed);
        return;
    case 1: /* one bit */
        text[at] ^= (char)(1 << dice_below(seed, 8));
        return;
    case 2: /* the rest of a line is gone */
        memmove(text + at, text + at + length, *n - at - length);
        *n -= length;
        return;
    case 3: /* a line twice, or at another place */
        at = some_line(text, *n, seed);
        length = line_bytes(text, *n, at);
        size_t to = some_line(text, *n, seed);
        char *line = strndup(text + at, length);
        memmove(text + to + length, text + to, *n - to);
        memcpy(text + to, line, length);
        *n += length;
        free(line);
        return;
    case 4: /* a line less */
        at = some_line(text, *n, seed);
        length = line_bytes(text, *n, at);
        memmove(text + at, text + at + length, *n - at - length);
        *n -= length;
        return;
    default: /* a word in the place of another, or of a part of it */
        while (at > 0 && text[at - 1] != ' ' && text[at - 1] != '\n' && dice_below(seed, 8))
            at--;
        length = strcspn(text + at, " \n");
        memmove(text + at + strlen(word), text + at + length, *n - at - length);
        memcpy(text + at, word, strlen(word));
        *n += strlen(word) - length;
    }
}

bool damage_rig_tamper(struct damage_rig *damage, const char *text, uint32_t *seed)
{
    size_t n = strlen(text);
    memcpy(damage->room, text, n + 1);
    for (unsigned k = 1 + dice_below(seed, 3); k && n > 20; k--) {
        mutate(damage->room, &n, seed);
        damage->room[n] = '\0';
    }
    return damage_rig_try(damage, damage->room, n);
}
