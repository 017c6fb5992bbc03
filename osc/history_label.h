/* What a step of the history is called: what the client has asked for says more than all that came of it. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "graph/thread.h"

/* A checked packet as text, without the number of its request, cut where it is long; of a bundle, its first message and how
 * many more. To be freed with free(). Null for a null packet, and when memory ran out. */
DAWD_CTL char *history_label_make(const uint8_t *packet, size_t n);
