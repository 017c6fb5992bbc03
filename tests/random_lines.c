#include "tests/random_lines.h"

#include "tests/graph_rig.h"

struct lines {
    const struct osc_rig *rig;
    uint32_t *seed;
    struct bytes *text;
};

static const char *pick(struct lines *lines, const char *const *words, unsigned n)
{
    return words[dice_below(lines->seed, n)];
}

/* Of a node to be, or of one that is there. */
static const char *new_name(struct lines *lines)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g/x", "g/y", "h", "i"};
    return pick(lines, names, ROWS(names));
}

static const char *name(struct lines *lines)
{
    const struct node *node = lines->rig->ctl->model.first;
    for (unsigned n = dice_below(lines->seed, lines->rig->ctl->model.n_nodes); node && (n || !node->live);
         node = node->next)
        n -= node->live;
    return node && dice_below(lines->seed, 20) ? node->name : new_name(lines);
}

static const char *type(struct lines *lines)
{
    static const char *const types[] = {
        "osc", "gain",        "filter", "mixer inputs 3", "delay",           "butterworth order 4",
        "lfo", "sample_hold", "pan",    "splitter",       "gain channels 1", "midi_input"};
    return pick(lines, types, ROWS(types));
}

static const char *port(struct lines *lines)
{
    static const char *const ports[] = {":out.1", ":in.2", ":gain", ":cutoff", ":in2", ":in3"};
    return dice_below(lines->seed, 3) ? "" : pick(lines, ports, ROWS(ports));
}

static void connection(struct lines *lines)
{
    struct bytes *text = lines->text;
    static const char *const more[] = {"", "", " gain -3.5", " feedback", " depth 0.25", " gain -9 feedback"};
    bytes_print(text, "/graph/connect %s%s %s%s%s\n", name(lines), port(lines), name(lines), port(lines),
                pick(lines, more, ROWS(more)));
}

static void value(struct lines *lines)
{
    struct bytes *text = lines->text;
    bytes_print(text, "/node/%s/", name(lines));
    switch (dice_below(lines->seed, 8)) {
    case 0:
        bytes_print(text, "gain -%u.25\n", dice_below(lines->seed, 9));
        break;
    case 1:
        bytes_print(text, "freq %u5.5\n", 1 + dice_below(lines->seed, 9));
        break;
    case 2:
        bytes_print(text, "cutoff %u00.0 0.1\n", 1 + dice_below(lines->seed, 9));
        break;
    case 3:
        if (dice_below(lines->seed, 2))
            bytes_print(text, "time 1/%u%s\n", 2u << dice_below(lines->seed, 3), dice_below(lines->seed, 2) ? "d" : "");
        else
            bytes_print(text, "time 0.%u1\n", dice_below(lines->seed, 9));
        break;
    case 4:
        if (dice_below(lines->seed, 2))
            bytes_print(text, "rate %u/16 0.1\n", 1 + dice_below(lines->seed, 9));
        else
            bytes_print(text, "rate %u.0\n", 1 + dice_below(lines->seed, 9));
        break;
    case 5:
        bytes_print(text, "gain2 -%u.125\n", dice_below(lines->seed, 9));
        break;
    case 6:
        bytes_print(text, "order %u\n", 2 + 2 * dice_below(lines->seed, 3));
        break;
    default:
        bytes_print(text, "pan 0.%u\n", dice_below(lines->seed, 9));
        break;
    }
}

static void mark(struct lines *lines)
{
    struct bytes *text = lines->text;
    unsigned bar = 1 + 2 * dice_below(lines->seed, 4);
    switch (dice_below(lines->seed, 5)) {
    case 0:
        bytes_print(text, "/transport/tempo %u.5 at %u:%u:0\n", 60 + dice_below(lines->seed, 90), bar,
                    1 + dice_below(lines->seed, 4));
        break;
    case 1:
        bytes_print(text, "/transport/tempo %u at %u:1:0\n", 60 + dice_below(lines->seed, 90), bar);
        break;
    case 2:
        bytes_print(text, "/transport/signature %u 4 at %u:1:0\n", 2 + dice_below(lines->seed, 4), bar);
        break;
    case 3:
        bytes_print(text, "/transport/clear %u:1:0\n", bar);
        break;
    default:
        bytes_print(text, "/transport/tempo 99.125\n");
        break;
    }
}

/* What a node has besides values. */
static void wish(struct lines *lines)
{
    struct bytes *text = lines->text;
    unsigned channel = 1 + dice_below(lines->seed, 2), other = dice_below(lines->seed, 3);
    switch (dice_below(lines->seed, 10)) {
    case 8:
        bytes_print(text, "/transport/sync %s\n", dice_below(lines->seed, 2) ? "jack" : "internal");
        break;
    case 9:
        bytes_print(text, "/transport/sync midi %s\n", name(lines));
        break;
    case 6:
        bytes_print(text, "/map/cc %s %u %u %s:bypass\n", name(lines), channel, other, name(lines));
        break;
    case 7:
        bytes_print(text, "/map/remove %s:bypass\n", name(lines));
        break;
    case 0:
        bytes_print(text, "/node/%s/label \"label %u\"\n", name(lines), dice_below(lines->seed, 3));
        break;
    case 1:
        bytes_print(text, "/graph/compensate %s %u\n", name(lines), dice_below(lines->seed, 2));
        break;
    case 2:
        bytes_print(text, "/node/%s/bypass %s\n", name(lines), dice_below(lines->seed, 2) ? "T" : "F");
        break;
    case 3:
        bytes_print(text, "/jack/connect out_%u system:playback_%u wait\n", channel, other);
        break;
    case 4:
        bytes_print(text, "/jack/disconnect system:capture_%u in_%u wait\n", other, channel);
        break;
    default:
        bytes_print(text, "/jack/disconnect out_%u\n", channel);
        break;
    }
}

static void message(struct lines *lines)
{
    struct bytes *text = lines->text;
    unsigned what = dice_below(lines->seed, 100);
    if (what < 22)
        bytes_print(text, "/graph/add %s %s\n", type(lines), new_name(lines));
    else if (what < 24)
        bytes_print(text, "/graph/add player %s file %c.wav gain -2.5\n", new_name(lines),
                    'a' + (int)dice_below(lines->seed, 3));
    else if (what < 26)
        bytes_print(text, "/node/%s/file %c.wav\n", name(lines), 'a' + (int)dice_below(lines->seed, 3));
    else if (what < 50)
        connection(lines);
    else if (what < 56)
        bytes_print(text, "/graph/disconnect %s %s\n", name(lines), name(lines));
    else if (what < 62)
        bytes_print(text, "/graph/remove %s\n", name(lines));
    else if (what < 68)
        bytes_print(text, "/graph/rename %s %s\n", name(lines), new_name(lines));
    else if (what < 72)
        bytes_print(text, "/graph/copy %s %s%s\n", name(lines), new_name(lines),
                    dice_below(lines->seed, 2) ? " edges" : "");
    else if (what < 78)
        bytes_print(text, "/graph/replace %s %s%s\n", name(lines), type(lines), dice_below(lines->seed, 3) ? " drop" : "");
    else if (what < 90)
        value(lines);
    else if (what < 94)
        wish(lines);
    else if (what < 99)
        mark(lines);
    else
        bytes_print(text, "%s\n", dice_below(lines->seed, 8) ? "/transport/play" : "/graph/clear");
}

void random_lines(const struct osc_rig *rig, uint32_t *seed, struct bytes *text)
{
    struct lines lines = {rig, seed, text};
    unsigned n = dice_below(seed, 3) ? 1 : 2 + dice_below(seed, 4);
    if (n > 1)
        bytes_print(text, "[\n");
    for (unsigned i = 0; i < n; i++)
        message(&lines);
    if (n > 1)
        bytes_print(text, "]\n");
}
