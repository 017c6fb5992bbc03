/* Types of nodes, for nodes.md and dawd(1). Rows that differ in nothing but a number at the end of their name, such as the
 * gains of a mixer, are one line. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "graph/node.h"
#include "scripts/reference/reference.h"

#define PATH_BYTES 256

/* ---- numbered rows -------------------------------------------------------------------------------------------------- */

/* Length of the name without the number at its end. */
static size_t stem(const char *name)
{
    size_t n = strlen(name);
    while (n > 0 && name[n - 1] >= '0' && name[n - 1] <= '9')
        n--;
    return n;
}

static unsigned number(const char *name)
{
    return (unsigned)strtoul(name + stem(name), NULL, 10);
}

/* Whether the name is the one of the same series that has this number: freq3 for freq1 and 3. */
static bool is_of_series(const char *name, const char *first, unsigned n)
{
    return stem(name) == stem(first) && strncmp(name, first, stem(first)) == 0 && name[stem(name)] && number(name) == n;
}

/* A table as this file sees it: names, and whether two rows mean the same. */
struct table {
    const char *(*name)(const struct node_class *class, unsigned row);
    bool (*alike)(const struct node_class *class, unsigned a, unsigned b);
    unsigned n;
};

/* The row whose name continues the series of row `first` with number n, or table->n. */
static unsigned series_row(const struct node_class *class, const struct table *table, unsigned first, unsigned n)
{
    const char *name = table->name(class, first);
    for (unsigned row = 0; row < table->n; row++)
        if (is_of_series(table->name(class, row), name, n) && table->alike(class, first, row))
            return row;
    return table->n;
}

/* The number of the last row of the series that begins with row `first`; 0 when the row stands alone. */
static unsigned series_last(const struct node_class *class, const struct table *table, unsigned first)
{
    const char *name = table->name(class, first);
    unsigned last = number(name);
    if (!name[stem(name)] || last != 1)
        return 0;
    while (series_row(class, table, first, last + 1) < table->n)
        last++;
    return last > 1 ? last : 0;
}

/* Whether an earlier row's line has told of this one. */
static bool is_told(const struct node_class *class, const struct table *table, unsigned row)
{
    const char *name = table->name(class, row);
    for (unsigned first = 0; first < row && name[stem(name)]; first++)
        if (is_of_series(name, table->name(class, first), number(name)) &&
            series_last(class, table, first) >= number(name) && table->alike(class, first, row))
            return true;
    return false;
}

static void names_md(const struct node_class *class, const struct table *table, unsigned row, FILE *to)
{
    const char *name = table->name(class, row);
    unsigned last = series_last(class, table, row);
    fprintf(to, "`%s`", name);
    if (last)
        fprintf(to, " to `%.*s%u`", (int)stem(name), name, last);
}

/* What says how many of a series a node has, if anything does. */
static void count_md(const struct node_class *class, unsigned number, FILE *to)
{
    if (number)
        fprintf(to, ", as many as `%s`", class->params[class->numbered_by - 1].name);
}

/* ---- ports ---------------------------------------------------------------------------------------------------------- */

static const char *input_name(const struct node_class *class, unsigned row)
{
    return class->inputs[row].name;
}

static const char *output_name(const struct node_class *class, unsigned row)
{
    return class->outputs[row].name;
}

static bool ports_alike(const struct port_info *a, const struct port_info *b)
{
    return a->channels == b->channels && a->events == b->events;
}

static bool inputs_alike(const struct node_class *class, unsigned a, unsigned b)
{
    return ports_alike(&class->inputs[a], &class->inputs[b]);
}

static bool outputs_alike(const struct node_class *class, unsigned a, unsigned b)
{
    return ports_alike(&class->outputs[a], &class->outputs[b]);
}

/* "2 channels", "1 to 8 channels, 2 unless told otherwise". */
static void width_md(const struct node_class *class, const struct port_info *info, FILE *to)
{
    unsigned channels = info->channels ? info->channels : class->channels;
    if (info->events)
        fputs("notes", to);
    else if (!info->channels && class->channels_max > 1)
        fprintf(to, "1 to %u, %u unless `channels` is given", class->channels_max, channels);
    else
        fprintf(to, "%u", channels);
}

static void ports_md(const struct node_class *class, const struct port_info *info, const struct table *table,
                     const char *direction, FILE *to)
{
    for (unsigned i = 0; i < table->n; i++) {
        if (is_told(class, table, i))
            continue;
        fprintf(to, "| %s ", direction);
        names_md(class, table, i, to);
        count_md(class, info[i].number, to);
        fputs(" | ", to);
        width_md(class, &info[i], to);
        fputs(" | ", to);
        text_md(info[i].help, to);
        fputs(" |\n", to);
    }
}

static void all_ports_md(const struct node_class *class, FILE *to)
{
    struct table inputs = {input_name, inputs_alike, class->n_inputs};
    struct table outputs = {output_name, outputs_alike, class->n_outputs};
    if (!inputs.n && !outputs.n)
        return;
    fputs("\n| port | channels | |\n|---|---|---|\n", to);
    ports_md(class, class->inputs, &inputs, "input", to);
    ports_md(class, class->outputs, &outputs, "output", to);
}

/* ---- parameters ----------------------------------------------------------------------------------------------------- */

static const char *param_name(const struct node_class *class, unsigned row)
{
    return class->params[row].name;
}

/* The default may differ: all of them are told. */
static bool params_alike(const struct node_class *class, unsigned a, unsigned b)
{
    const struct param_info *one = &class->params[a], *other = &class->params[b];
    return one->kind == other->kind && one->min == other->min && one->max == other->max && one->curve == other->curve &&
           one->flags == other->flags && one->choices == other->choices && strcmp(one->unit, other->unit) == 0;
}

/* Whole numbers to their last digit. */
static void bare_number_md(float value, FILE *to)
{
    fprintf(to, value == rintf(value) ? "%.0f" : "%.7g", (double)value);
}

static void number_md(const struct param_info *info, float value, FILE *to)
{
    bare_number_md(value, to);
    fprintf(to, "%s%s", *info->unit ? " " : "", info->unit);
}

static void values_md(const struct param_info *info, FILE *to)
{
    switch (info->kind) {
    case PARAM_CHOICE:
        for (unsigned i = 0; info->choices[i]; i++)
            fprintf(to, "%s`%s`", i ? " " : "", info->choices[i]);
        break;
    case PARAM_SWITCH:
        fputs("on or off", to);
        break;
    case PARAM_FILE:
        fprintf(to, "a %s file", media_kind_word(info->reads));
        break;
    case PARAM_SINK:
        fputs("a file to be written", to);
        break;
    default:
        bare_number_md(info->min, to);
        fputs(" to ", to);
        number_md(info, info->max, to);
        fputs(info->kind == PARAM_INTEGER ? ", whole" : info->curve == CURVE_LOG ? ", logarithmic" : "", to);
    }
}

static void initial_md(const struct param_info *info, FILE *to)
{
    if (info->kind == PARAM_CHOICE)
        fprintf(to, "`%s`", info->choices[(unsigned)info->initial]);
    else if (info->kind == PARAM_SWITCH)
        fputs(info->initial != 0 ? "on" : "off", to);
    else if (!param_is_path(info))
        number_md(info, info->initial, to);
}

/* One default, or those of a series where they differ. */
static void initials_md(const struct node_class *class, const struct table *table, unsigned row, FILE *to)
{
    unsigned last = series_last(class, table, row);
    bool differ = false;
    for (unsigned n = 2; n <= last; n++)
        differ |= class->params[series_row(class, table, row, n)].initial != class->params[row].initial;
    initial_md(&class->params[row], to);
    for (unsigned n = 2; differ && n <= last; n++) {
        fputs(", ", to);
        initial_md(&class->params[series_row(class, table, row, n)], to);
    }
}

static void param_md(const struct node_class *class, const struct table *table, unsigned row, FILE *to)
{
    const struct param_info *info = &class->params[row];
    fputs("| ", to);
    names_md(class, table, row, to);
    count_md(class, info->number, to);
    fputs(" | ", to);
    values_md(info, to);
    fputs(" | ", to);
    initials_md(class, table, row, to);
    fputs(" | ", to);
    if (info->flags & PARAM_AT_CREATION)
        fputs(info->flags & PARAM_FIXED ? "fixed" : "rebuild", to);
    else if (info->kind == PARAM_CONTINUOUS)
        fprintf(to, "%.7g s", (double)info->glide_s);
    else
        fputs("at once", to);
    fputs(" | ", to);
    text_md(info->help, to);
    fputs(" |\n", to);
}

static void params_md(const struct node_class *class, FILE *to)
{
    struct table table = {param_name, params_alike, class->n_params};
    if (!table.n)
        return;
    fputs("\n| parameter | values | default | glide | |\n|---|---|---|---|---|\n", to);
    for (unsigned i = 0; i < table.n; i++)
        if (!is_told(class, &table, i))
            param_md(class, &table, i, to);
}

/* ---- readings ------------------------------------------------------------------------------------------------------- */

static const char *reading_name(const struct node_class *class, unsigned row)
{
    return class->readings[row].name;
}

static bool readings_alike(const struct node_class *class, unsigned a, unsigned b)
{
    return strcmp(class->readings[a].unit, class->readings[b].unit) == 0;
}

static void readings_md(const struct node_class *class, FILE *to)
{
    struct table table = {reading_name, readings_alike, class->n_readings};
    if (!table.n)
        return;
    fputs("\n| reading | unit | |\n|---|---|---|\n", to);
    for (unsigned i = 0; i < table.n; i++) {
        if (is_told(class, &table, i))
            continue;
        fputs("| ", to);
        names_md(class, &table, i, to);
        fprintf(to, " | %s | ", class->readings[i].unit);
        text_md(class->readings[i].help, to);
        fputs(" |\n", to);
    }
}

/* ---- presets -------------------------------------------------------------------------------------------------------- */

static void presets_md(const struct node_class *class, FILE *to)
{
    if (!class->n_presets)
        return;
    fputs("\n| preset | program | |\n|---|---|---|\n", to);
    for (unsigned i = 0; i < class->n_presets; i++) {
        fprintf(to, "| `%s` | %u | ", class->presets[i].name, i);
        text_md(class->presets[i].help, to);
        fputs(" |\n", to);
    }
}

/* ---- the page ------------------------------------------------------------------------------------------------------- */

static bool is_there(const char *folder, const char *name, const char *suffix)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s%s", folder, name, suffix);
    return access(path, F_OK) == 0;
}

/* The picture with the title that its description begins with. */
static void picture_md(const struct node_class *class, FILE *to)
{
    char path[PATH_BYTES], title[200] = "";
    if (!is_there("docs/pictures", class->name, ".png"))
        return;
    snprintf(path, sizeof path, "docs/pictures/%s.txt", class->name);
    FILE *file = fopen(path, "re");
    if (file && fgets(title, sizeof title, file))
        title[strcspn(title, "\n")] = '\0';
    if (file)
        fclose(file);
    const char *words = title + strspn(title, "# ");
    fprintf(to, "\n![%s](pictures/%s.png)\n", words, class->name);
}

static void node_md(const struct node_class *class, FILE *to)
{
    fprintf(to, "\n### %s\n\n", class->name);
    text_md(class->help, to);
    if (is_there("docs/sound", class->name, ".md"))
        fprintf(to, " [How, and why so](sound/%s.md).", class->name);
    fputc('\n', to);
    picture_md(class, to);
    all_ports_md(class, to);
    params_md(class, to);
    readings_md(class, to);
    presets_md(class, to);
}

/* Whose file is not in effects/ is in synth/, perhaps under another name. */
static bool is_effect(const struct node_class *class)
{
    return is_there("effects", class->name, ".c");
}

void nodes_index_md(FILE *to)
{
    fputs("| type | |\n|---|---|\n", to);
    for (unsigned i = 0; i < n_node_registry; i++) {
        fprintf(to, "| [`%s`](#%s) | ", node_registry[i]->name, node_registry[i]->name);
        text_md(node_registry[i]->help, to);
        fputs(" |\n", to);
    }
}

void nodes_md(FILE *to)
{
    for (int effects = 1; effects >= 0; effects--) {
        fputs(effects ? "## What changes sound\n" : "\n## What makes sound, control or notes\n", to);
        for (unsigned i = 0; i < n_node_registry; i++)
            if (is_effect(node_registry[i]) == effects)
                node_md(node_registry[i], to);
    }
}

void nodes_man(FILE *to)
{
    fputs(".Bl -tag -width envelope_follower -compact\n", to);
    for (unsigned i = 0; i < n_node_registry; i++) {
        fprintf(to, ".It Cm %s\n", node_registry[i]->name);
        text_man(node_registry[i]->help, to);
        fputc('\n', to);
    }
    fputs(".El\n", to);
}
