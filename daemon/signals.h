/* The signals that end the daemon, as news among others: read from a descriptor by the control thread, which then has the
 * sound fade out and the files closed. */
#pragma once

#include <stdbool.h>

#include "graph/thread.h"

/* Takes SIGTERM, SIGINT and SIGHUP for the whole process, and ignores what a broken connection or a full file brings. To be
 * called before the first thread is made, so that none ever takes one. The descriptor to poll, or -1. */
DAWD_CTL int signals_open(void);
/* Whether one came; takes it. */
DAWD_CTL bool signals_came(int fd);
/* The end has begun: from now on SIGTERM and SIGINT do what they do by themselves. Whoever sends a second one does not want to
 * wait for a fade, a disk or a server. Not so SIGHUP, which a terminal that is closed brings twice. */
DAWD_CTL void signals_let_go(void);
/* -1 is accepted. */
DAWD_CTL void signals_close(int fd);
