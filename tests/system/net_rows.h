/* The rows of the reliability catalogue that are about clients, as functions: the tests run them on the ordinary daemon,
 * and again on one with a flaw, which each must notice.
 *
 * Each prints its line (struct net_row: quiet, it does not) and tells whether it passed. */
#pragma once

#include <stdbool.h>

struct net_row {
    const char *mutant; /* flaw of the mutant build, or null for the ordinary one */
    double seconds;     /* for how long it is flooded, or sent at a pace */
    bool quiet;
};

/* O3: a flood is accounted for to the last message; other clients, the audio and the machine are left alone. */
bool net_row_o3(const struct net_row *row);
/* O4: a burst waits for a daemon that is busy, or it has said at its start that there is no room. */
bool net_row_o4(const struct net_row *row);
/* O5: a hundred thousand sets a second are all applied, for a third of a processor. */
bool net_row_o5(const struct net_row *row);
/* O8: a stranger on another host is never answered more than he has sent. Needs the right to make network namespaces. */
bool net_row_o8(const struct net_row *row);
/* O9: connections in crowds, and clients that stall, dawdle, reset and die, harm nobody else. Needs that right too. */
bool net_row_o9(const struct net_row *row);
/* O10: no name of a file, and no swapping of folders, opens anything outside the roots. Needs strace. */
bool net_row_o10(const struct net_row *row);
/* O11: every limit holds, and what was taken comes back. */
bool net_row_o11(const struct net_row *row);

/* S4: what comes and goes leaves nothing: no memory, descriptor or thread. */
bool net_row_s4(const struct net_row *row);

/* For the rows themselves. The environment of a daemon with the row's flaw: a buffer of the module. */
const char *const *net_row_environment(const struct net_row *row);
/* Prints unless the row is quiet. */
__attribute__((format(printf, 2, 3))) void net_row_print(const struct net_row *row, const char *format, ...);
