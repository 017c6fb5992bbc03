#include "daemon/jack_midi.h"

#include <string.h>

#include "graph/mutant.h"

static unsigned bits(unsigned word)
{
    unsigned n = 0;
    for (; word; word &= word - 1)
        n++;
    return n;
}

static struct jack_midi_on owed_of(const struct jack_midi *midi)
{
    struct jack_midi_on owed = {.pedal = midi->on.pedal | midi->owed.pedal};
    for (unsigned key = 0; key < 128 && !MUTANT_FLAW("forgiving"); key++) {
        owed.keys[key] = midi->on.keys[key] | midi->owed.keys[key];
        owed.n += bits(owed.keys[key]);
    }
    return owed;
}

void jack_midi_begin(struct jack_midi *midi, bool is_back)
{
    struct jack_midi_on owed = {0};
    int n_owed_to = 0;
    if (is_back) {
        owed = owed_of(midi);
        n_owed_to = midi->n_cables > midi->n_owed_to ? midi->n_cables : midi->n_owed_to;
    }
    memset(midi, 0, sizeof *midi);
    midi->owed = owed;
    midi->n_owed_to = n_owed_to;
    atomic_store(&midi->is_new, true);
}
