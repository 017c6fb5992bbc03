#include "graph/stock.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool is_same_sound(const struct media *a, const struct media *b)
{
    if (a == b || !a || !b)
        return a == b;
    return a->n_frames == b->n_frames && a->channels == b->channels &&
           memcmp(a->samples, b->samples, (size_t)a->n_frames * a->channels * sizeof *a->samples) == 0;
}

struct stocked *stock_find(struct stock *stock, const struct stock_label *label)
{
    for (struct stocked *stocked = stock ? stock->first : NULL; stocked; stocked = stocked->next)
        if (stocked->label.number == label->number && strcmp(stocked->label.what, label->what) == 0 &&
            is_same_sound(stocked->label.media, label->media)) {
            stocked->n_readers++;
            return stocked;
        }
    return NULL;
}

/* Whoever reads it may not change it, but for the count of its references. */
static struct media *media_of(const struct stock_label *label)
{
    return (struct media *)(uintptr_t)label->media;
}

struct stocked *stock_put(struct stock *stock, const struct stock_label *label, struct arena *arena, void *thing)
{
    struct stocked *stocked = thing ? malloc(sizeof *stocked) : NULL;
    if (!stocked) {
        arena_deinit(arena);
        return NULL;
    }
    *stocked = (struct stocked){.thing = thing, .arena = *arena, .label = *label, .stock = stock, .n_readers = 1};
    if (!stock)
        return stocked;
    media_ref(media_of(label));
    stock->n_bytes += arena->used_bytes;
    stocked->next = stock->first;
    stock->first = stocked;
    return stocked;
}

void stocked_release(struct stocked *stocked)
{
    if (!stocked || --stocked->n_readers)
        return;
    if (stocked->stock) {
        struct stocked **link = &stocked->stock->first;
        while (*link != stocked)
            link = &(*link)->next;
        *link = stocked->next;
        stocked->stock->n_bytes -= stocked->arena.used_bytes;
        media_unref(media_of(&stocked->label));
    }
    arena_deinit(&stocked->arena);
    free(stocked);
}
