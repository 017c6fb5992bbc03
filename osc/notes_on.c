#include "osc/notes_on.h"

#include "graph/hash.h"
#include "graph/play.h"

bool notes_on_has(const struct node_class *class)
{
    return port_info_of_events(class->inputs, class->n_inputs) < class->n_inputs;
}

void notes_on_write(struct writer *results, const struct node *node)
{
    struct play_note notes[EVENTS_HELD_MOST];
    unsigned n = play_notes(node, notes);
    for (unsigned i = 0; i < n; i++) {
        writer_float(results, notes[i].note);
        writer_int(results, notes[i].channel + 1);
    }
}

uint64_t notes_on_hash(const struct node *node)
{
    struct play_note notes[EVENTS_HELD_MOST];
    uint64_t hash = HASH_BEGIN;
    unsigned n = play_notes(node, notes);
    for (unsigned i = 0; i < n; i++) {
        hash = hash_bytes(hash, &notes[i].note, sizeof notes[i].note);
        hash = hash_bytes(hash, &notes[i].channel, sizeof notes[i].channel);
    }
    return hash;
}
