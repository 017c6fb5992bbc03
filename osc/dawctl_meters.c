/* dawctl meters [NODES]: the levels of all nodes, or of those that match, as bars, and what nodes measure in decibels.
 *
 *     drums/room:out.1       |##################----------            | -18.2  peak  -9.6 dB
 *                             # rms, - up to the peak of the last 400 ms
 *     loud momentary         |##########################              | -20.3 LUFS
 *     squash gain_reduction                                             -6.1 dB */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "graph/clock_shared.h"
#include "graph/names.h"
#include "graph/node.h"
#include "osc/watching.h"

#define PER_SECOND  20.0
#define BAR_CHARS   40
#define BAR_FROM_DB (-60.0)
#define ONCE_MS     400  /* after which all levels have been measured */
#define PLAIN_MS    1000 /* between two looks where there is no terminal */
#define DRAW_MS     50
#define ALL_NODES   "*"
#define HOME        "\033[H"
#define CLEAR_REST  "\033[K\n"
#define CLEAR_BELOW "\033[J"

/* Of a port, or one reading, which is kept as the rms of one channel. */
struct port_levels {
    char name[NAME_BYTES + NAME_PART_BYTES]; /* node/port or node/reading */
    const char *unit;                        /* of a reading; null: a port */
    unsigned n;
    double peak_db[PORT_CHANNELS_MAX], rms_db[PORT_CHANNELS_MAX];
};

struct meters {
    struct port_levels *ports; /* by name; owned */
    size_t n, capacity;
    bool is_terminal, once, has_cleared;
    int64_t drawn_ms;
};

/* The place of a name, or where it belongs. */
static size_t place_of(const struct meters *meters, const char *name)
{
    size_t low = 0, high = meters->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(meters->ports[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct port_levels *levels_of(struct meters *meters, const char *name)
{
    size_t at = place_of(meters, name);
    if (at < meters->n && strcmp(meters->ports[at].name, name) == 0)
        return &meters->ports[at];
    if (meters->n == meters->capacity) {
        size_t n = 2 * meters->capacity + 16;
        struct port_levels *ports = realloc(meters->ports, n * sizeof *ports);
        if (!ports)
            return NULL;
        meters->ports = ports;
        meters->capacity = n;
    }
    memmove(&meters->ports[at + 1], &meters->ports[at], (meters->n++ - at) * sizeof *meters->ports);
    meters->ports[at] = (struct port_levels){0};
    snprintf(meters->ports[at].name, sizeof meters->ports[at].name, "%s", name);
    return &meters->ports[at];
}

/* What is a level, or a difference of two. A daemon of another version may have others. */
static const char *level_unit(const struct reading_info *reading)
{
    static const char *const units[] = {"dB", "dBFS", "dBTP", "LUFS", "LU"};
    for (size_t i = 0; i < ROWS(units); i++)
        if (strcmp(reading->unit, units[i]) == 0)
            return units[i];
    return NULL;
}

/* The n-th reading of all types that is a level; null from the end on. */
static const struct reading_info *level_reading(unsigned n)
{
    for (unsigned t = 0; t < n_node_registry; t++)
        for (unsigned r = 0; r < node_registry[t]->n_readings; r++)
            if (level_unit(&node_registry[t]->readings[r]) && !n--)
                return &node_registry[t]->readings[r];
    return NULL;
}

/* Its unit; null: there is none of this name. */
static const char *unit_of(const char *name)
{
    const struct reading_info *reading;
    for (unsigned n = 0; (reading = level_reading(n)); n++)
        if (strcmp(reading->name, name) == 0)
            return level_unit(reading);
    return NULL;
}

/* /node/NAME/READING */
static void take_reading(struct meters *meters, const struct message *message)
{
    struct message at = *message;
    struct arg arg;
    double value;
    const char *path = message->address + strlen("/node/"), *name = strrchr(message->address, '/') + 1;
    const char *unit = unit_of(name);
    struct port_levels *levels = unit ? levels_of(meters, path) : NULL;
    if (!levels || !message_next(&at, &arg) || !arg_number(&arg, &value))
        return;
    levels->unit = unit;
    levels->n = 1;
    levels->rms_db[0] = levels->peak_db[0] = value;
}

/* /node/NAME/PORT/peak or rms. */
static bool take_level(void *user, const struct message *message)
{
    struct port_levels *levels;
    struct message at = *message;
    struct arg arg;
    char name[sizeof levels->name];
    const char *path = message->address + strlen("/node/"), *kind = strrchr(message->address, '/');
    bool is_rms = strcmp(kind, "/rms") == 0;
    if (strncmp(message->address, "/node/", 6) != 0)
        return false;
    snprintf(name, sizeof name, "%.*s", kind > path ? (int)(kind - path) : 0, path);
    if ((!is_rms && strcmp(kind, "/peak") != 0) || !strchr(name, '/')) {
        take_reading(user, message);
        return false;
    }
    if (!(levels = levels_of(user, name)))
        return false;
    double *db = is_rms ? levels->rms_db : levels->peak_db;
    for (unsigned c = 0; c < PORT_CHANNELS_MAX && message_next(&at, &arg) && arg_number(&arg, &db[c]); c++)
        levels->n = c + 1 > levels->n ? c + 1 : levels->n;
    return false;
}

static int chars_of(double db)
{
    double chars = (db - BAR_FROM_DB) / -BAR_FROM_DB * BAR_CHARS + 0.5;
    return chars < 0 ? 0 : chars > BAR_CHARS ? BAR_CHARS : (int)chars;
}

/* Differences have no bar. */
static void print_reading(const struct port_levels *levels, const char *name, const char *end)
{
    char bar[BAR_CHARS + 3] = "";
    if (strlen(levels->unit) > 2) {
        memset(bar, ' ', sizeof bar - 1);
        memset(bar + 1, '#', (size_t)chars_of(levels->rms_db[0]));
        bar[0] = bar[BAR_CHARS + 1] = '|';
    }
    printf("%-24s %-*s %6.1f %s%s", name, BAR_CHARS + 2, bar, levels->rms_db[0], levels->unit, end);
}

static void print_channel(const struct port_levels *levels, unsigned c, const char *end)
{
    char name[sizeof levels->name + 16], bar[BAR_CHARS + 1];
    const char *port = strrchr(levels->name, '/'), between = levels->unit ? ' ' : ':';
    int n = snprintf(name, sizeof name, "%.*s%c%s", (int)(port - levels->name), levels->name, between, port + 1);
    if (levels->unit) {
        print_reading(levels, name, end);
        return;
    }
    if (levels->n > 1)
        snprintf(name + n, sizeof name - (size_t)n, ".%u", c + 1);
    memset(bar, ' ', BAR_CHARS);
    memset(bar, '-', (size_t)chars_of(levels->peak_db[c]));
    memset(bar, '#', (size_t)chars_of(levels->rms_db[c]));
    bar[BAR_CHARS] = '\0';
    printf("%-24s |%s| %6.1f  peak %6.1f dB%s%s", name, bar, levels->rms_db[c], levels->peak_db[c],
           levels->peak_db[c] > 0 ? " OVER" : "", end);
}

static void print_all(struct meters *meters)
{
    if (meters->is_terminal)
        fputs(meters->has_cleared ? HOME : HOME CLEAR_BELOW, stdout);
    meters->has_cleared = true;
    for (size_t i = 0; i < meters->n; i++)
        for (unsigned c = 0; c < meters->ports[i].n; c++)
            print_channel(&meters->ports[i], c, meters->is_terminal ? CLEAR_REST : "\n");
    fflush(stdout);
}

static bool draw(void *user)
{
    struct meters *meters = user;
    int64_t now_ms = clock_ms(), wait_ms = meters->once ? ONCE_MS : meters->is_terminal ? DRAW_MS : PLAIN_MS;
    if (now_ms - meters->drawn_ms < wait_ms)
        return false;
    meters->drawn_ms = now_ms;
    print_all(meters);
    return meters->once;
}

/* Every name once, /node/NODES/{gain_reduction,momentary,...}; what does not fit is left out. */
static void readings_pattern(const char *nodes, char *pattern, size_t bytes)
{
    const struct reading_info *reading;
    size_t n = (size_t)snprintf(pattern, bytes, "/node/%.200s/{", nodes), first = n;
    for (unsigned r = 0; (reading = level_reading(r)); r++) {
        bool is_new = true;
        for (unsigned before = 0; before < r; before++)
            is_new &= strcmp(level_reading(before)->name, reading->name) != 0;
        if (is_new && n + strlen(reading->name) + 3 < bytes)
            n += (size_t)snprintf(pattern + n, bytes - n, "%s%s", n > first ? "," : "", reading->name);
    }
    snprintf(pattern + n, bytes - n, "}");
}

static int show_meters(const struct dawctl *dawctl, char **words)
{
    const char *nodes = *words ? *words : ALL_NODES;
    double per_second = dawctl->per_second > 0 ? dawctl->per_second : PER_SECOND;
    char pattern[512];
    struct meters meters = {
        .is_terminal = isatty(STDOUT_FILENO) && !dawctl->once, .once = dawctl->once, .drawn_ms = clock_ms()};
    struct watching watching = {.take = take_level, .turn = draw, .user = &meters};
    int next = watching_open(&watching, dawctl);
    if (next != DAWCTL_GO_ON)
        return next;
    snprintf(pattern, sizeof pattern, "/node/%.400s/*/{peak,rms}", nodes);
    next = watching_subscribe(&watching, pattern, per_second);
    readings_pattern(nodes, pattern, sizeof pattern);
    if (next == DAWCTL_GO_ON)
        next = watching_subscribe(&watching, pattern, per_second);
    if (next == DAWCTL_GO_ON)
        next = watching_run(&watching);
    watching_close(&watching);
    free(meters.ports);
    return next;
}

const struct subcommand meters_subcommand = {"meters", "[NODES]", "levels, loudness and gain reduction of nodes",
                                             0,        1,         show_meters};
