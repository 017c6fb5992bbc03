#include "graph/preset.h"

#include <stdlib.h>
#include <string.h>

#include "graph/batch.h"
#include "graph/names.h"
#include "graph/param.h"

#define WORD_BYTES 64

const struct preset *preset_find(const struct node_class *class, const char *name)
{
    for (unsigned i = 0; i < class->n_presets; i++)
        if (strcmp(class->presets[i].name, name) == 0)
            return &class->presets[i];
    return NULL;
}

static int no_presets(const struct node_class *class, struct error *error)
{
    char list[300] = "";
    for (unsigned i = 0; i < n_node_registry; i++)
        if (node_registry[i]->n_presets)
            names_add(list, sizeof list, node_registry[i]->name);
    return error_set(error, ERROR_NO_MATCH, "%s has no presets; these have: %s", class->name, list);
}

static int no_preset(const struct node_class *class, const char *name, struct error *error)
{
    char list[300] = "", question[GUESS_BYTES];
    struct guess guess = guess_begin(name);
    for (unsigned i = 0; i < class->n_presets; i++) {
        guess_offer(&guess, class->presets[i].name);
        names_add(list, sizeof list, class->presets[i].name);
    }
    return error_set(error, ERROR_NO_MATCH, "%s has no preset \"%.100s\"%s it has: %s", class->name, name,
                     guess_ask(&guess, ";", question), list);
}

const struct preset *preset_get(const struct node_class *class, const char *name, struct error *error)
{
    const struct preset *preset = name ? preset_find(class, name) : NULL;
    if (preset)
        return preset;
    if (!name)
        error_set(error, ERROR_BAD_TYPE, "preset takes the name of one as a string");
    else if (!class->n_presets)
        no_presets(class, error);
    else
        no_preset(class, name, error);
    return NULL;
}

bool preset_has_row(const struct param_info *info)
{
    return !(info->flags & (PARAM_AT_CREATION | PARAM_TRANSIENT | PARAM_PLAYERS)) && !param_is_path(info);
}

/* The next word of a text, which is moved on; false: there is none. */
static bool word_take(const char **text, char word[WORD_BYTES])
{
    *text += strspn(*text, " ");
    size_t n = strcspn(*text, " ");
    size_t kept = n < WORD_BYTES ? n : WORD_BYTES - 1;
    memcpy(word, *text, kept);
    word[kept] = '\0';
    *text += n;
    return n != 0;
}

static int value_read(const struct param_info *info, const char *word, struct base *base, struct error *error)
{
    char *end;
    double number = strcmp(word, "T") == 0 ? 1 : strcmp(word, "F") == 0 ? 0 : strtod(word, &end);
    *base = (struct base){0};
    if (note_fits(info) && (base->note = note_parse(word)))
        return 0;
    if (strcmp(word, "T") != 0 && strcmp(word, "F") != 0 && (end == word || *end))
        return param_from_word(info, word, &base->value, error);
    return param_from_number(info, number, &base->value, error);
}

static int pair_read(const struct node_class *class, const char *name, const char *word, struct base *values,
                     struct error *error)
{
    unsigned row;
    if (node_param_find(class, NULL, name, &row, error))
        return (int)error->code;
    const struct param_info *info = node_class_row(class, row);
    if (row >= class->n_params || !preset_has_row(info))
        return error_set(error, ERROR_UNSUPPORTED, "%s is none of those that a preset can set", name);
    return value_read(info, word, &values[row], error);
}

int preset_read(const struct node_class *class, const struct preset *preset, struct base *values, struct error *error)
{
    char name[WORD_BYTES], word[WORD_BYTES];
    for (unsigned row = 0; row < class->n_params; row++)
        if (preset_has_row(&class->params[row]))
            values[row] = (struct base){class->params[row].initial, 0};
    for (const char *text = preset->values; word_take(&text, name);) {
        if (!word_take(&text, word))
            return error_set(error, ERROR_BAD_TYPE, "%s needs a value behind it", name);
        if (pair_read(class, name, word, values, error))
            return (int)error->code;
    }
    return 0;
}

static int stage(struct tx *tx, struct node *node, const struct base *values, double glide_s, struct error *error)
{
    const struct node_class *class = node->class;
    for (unsigned row = 0; row < class->n_params; row++) {
        struct base before = node_base(node, row);
        if (!preset_has_row(&class->params[row]) || !node_class_has(class, node->values, class->params[row].number) ||
            base_is_same(&before, &values[row]))
            continue;
        if (tx_set_base(tx, node, row, &values[row], glide_s, error))
            return (int)error->code;
    }
    return 0;
}

int preset_stage(struct tx *tx, struct node *node, const struct preset *preset, double glide_s, struct error *error)
{
    struct base *values = calloc(node->class->n_params + 1, sizeof *values);
    if (!values)
        return error_set(error, ERROR_INTERNAL, "memory ran out for the preset");
    int code = preset_read(node->class, preset, values, error);
    code = code ? code : stage(tx, node, values, glide_s, error);
    free(values);
    return code;
}
