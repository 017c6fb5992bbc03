/* dawd --check: looks, with the options that a daemon would be started with, whether all is there that it needs.
 *
 *     roots -> token -> sockets -> rights -> JACK's shared memory -> SESSION, loaded whole
 *
 * Each finding is a line on stdout: "ok", "warning" for what a daemon would start with and miss, "error" for what it would not
 * start with. It asks by trying: priority and locked memory are taken and given back, sockets are opened and closed.
 */
#pragma once

#include "daemon/options.h"
#include "graph/thread.h"

/* OPTIONS_EXIT_FAILED when there was an error. */
DAWD_CTL enum options_exit check_run(const struct options *options);
