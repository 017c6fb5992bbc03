/* The daemon as a whole, from its start to its end. */
#pragma once

#include "daemon/options.h"
#include "graph/thread.h"

/* Runs until a signal or /quit ends it; the caller is the control thread meanwhile. What cannot be started is told on stderr. */
DAWD_CTL int daemon_run(const struct options *options);
