#include "osc/undo_lines.h"

#include <string.h>

#include "osc/graph_text.h"
#include "osc/sync_text.h"

/* Nodes may be named as booleans are written. */
static void word_add(struct bytes *text, const char *word)
{
    bool is_boolean = strcmp(word, "T") == 0 || strcmp(word, "F") == 0;
    bytes_print(text, is_boolean ? " \"%s\"" : " %s", word);
}

size_t undo_lines_words(struct bytes *text, const char *address, const char *first, const char *second)
{
    size_t at = text->n;
    bytes_print(text, "%s", address);
    word_add(text, first);
    if (second)
        word_add(text, second);
    bytes_print(text, "\n");
    bytes_add_byte(text, '\0');
    return at;
}

size_t undo_lines_label(struct bytes *text, const struct node *node, const char *label)
{
    size_t at = text->n;
    graph_text_label(node, label, text);
    bytes_add_byte(text, '\0');
    return at;
}

size_t undo_lines_sync(struct bytes *text, const struct sync *sync)
{
    size_t at = text->n;
    sync_text(sync, text);
    bytes_add_byte(text, '\0');
    return at;
}

size_t undo_lines_mappings(struct bytes *text, const struct node *node, const struct mappings *from,
                           const struct mappings *to)
{
    size_t at = text->n;
    for (unsigned i = 0; from && i < from->n; i++)
        if (!mappings_find(to, &from->mapping[i]))
            graph_text_unmap(node, &from->mapping[i], text);
    for (unsigned i = 0; to && i < to->n; i++) {
        const struct mapping *mapping = mappings_find(from, &to->mapping[i]);
        if (!mapping || !mapping_is_same(mapping, &to->mapping[i]))
            graph_text_mapping(node, &to->mapping[i], text);
    }
    bytes_add_byte(text, '\0');
    return at;
}
