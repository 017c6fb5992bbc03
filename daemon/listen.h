/* Opens the sockets as the command line wants them, and says in the log what the machine does not grant. */
#pragma once

#include "daemon/log.h"
#include "daemon/options.h"
#include "osc/net.h"

/* 0 with *net, which the caller closes; otherwise a cause of net_open with nothing open. */
DAWD_CTL int listen_start(const struct options *options, struct log *log, struct net **net, struct error *error);
