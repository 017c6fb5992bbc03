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

void jack_midi_begin(struct jack_midi *midi, bool is_back)
{
    struct jack_midi_on owed = {0};
    for (unsigned key = 0; key < 128 && is_back && !MUTANT_FLAW("forgiving"); key++) {
        owed.keys[key] = midi->on.keys[key] | midi->owed.keys[key];
        owed.n += bits(owed.keys[key]);
    }
    if (is_back)
        owed.pedal = midi->on.pedal | midi->owed.pedal;
    memset(midi, 0, sizeof *midi);
    midi->owed = owed;
    atomic_store(&midi->is_new, true);
}
