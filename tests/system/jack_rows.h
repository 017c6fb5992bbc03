/* The rows of the reliability catalogue about what changes at the JACK server, and what is missing there, as functions: the
 * tests run them on the ordinary daemon, and again on one with a flaw, which each must notice.
 *
 * Each prints its line (struct jack_row: quiet, it does not) and tells whether it passed. */
#pragma once

#include <stdbool.h>

struct jack_row {
    const char *mutant; /* flaw of the mutant build, or null for the ordinary one */
    bool quiet;
};

/* J2: every frame is right whatever the period is and becomes. */
bool jack_row_j2(const struct jack_row *row);
/* J3: a session sounds the same and lasts as long at every rate that a server comes back with. */
bool jack_row_j3(const struct jack_row *row);
/* J4: what JACK, or the system below it, withholds is named at once, and harms nothing else. */
bool jack_row_j4(const struct jack_row *row);
/* Of J4: beside a server that runs nothing is left of /dev/shm, so that no client can be opened until there is. */
bool jack_row_j4_full(const struct jack_row *row);

/* Whether a row notices its flaw, which is printed. */
struct jack_row_flaw {
    const char *name, *flaw; /* as printed */
    bool (*row)(const struct jack_row *row);
};
bool jack_row_catches(const struct jack_row_flaw *flaw);

/* Gives this process a /dev/shm of its own of this size ("64m"), before a studio is opened. */
void jack_rows_own_room(const char *size);

/* For the rows themselves. The environment of a daemon with the row's flaw: a buffer of the module. */
const char *const *jack_row_environment(const struct jack_row *row);
/* Prints unless the row is quiet. */
__attribute__((format(printf, 2, 3))) void jack_row_print(const struct jack_row *row, const char *format, ...);
