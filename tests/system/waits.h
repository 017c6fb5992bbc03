/* What other programs keep the two ends of a conversation waiting for: the main threads of the daemon and of the test, ready to
 * run and not let. What a ping takes less that is what the daemon itself has taken. */
#pragma once

#include "tests/system/studio.h"

struct waits {
    int daemon, own; /* files of the kernel's: proc_schedstat(5) */
};

/* While the studio's daemon runs. */
void waits_open(struct waits *waits, const struct studio *studio);
void waits_close(struct waits *waits);

/* Seconds so far, of both; 0 where the kernel does not say. */
double waits_s(const struct waits *waits);
