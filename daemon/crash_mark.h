/* Leaving a mark when the program crashes, so that the next start knows it from a kill or a power failure: what was loaded may
 * be to blame for the one, not for the others.
 *
 * A handler of signals has no argument, hence the one descriptor of the process.
 */
#pragma once

#include "graph/thread.h"

#define CRASH_MARK '!'

/* From now on a crash writes the mark to the descriptor (borrowed; -1: no more). */
DAWD_CTL void crash_mark_to(int fd);
/* Leaves it at once, from any handler of a signal. */
DAWD_ANY void crash_mark(void);
