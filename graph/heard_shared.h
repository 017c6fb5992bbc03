/* What plays is also told to control, which turns it into more than sound: a program change into a preset, a controller into the
 * value that it is mapped to, a clock into a tempo.
 *
 *     process of a class that `tells` ──▶ io->told ──┐
 *     program changes for a class with presets ──────┴─▶ [ heard ] ──▶ heard_poll ──▶ listeners (graph/heard.h)
 *
 * It is lossy, and what is lost is counted: control that is slow must not hold up sound.
 */
#pragma once

#include "graph/event.h"

#define HEARD_CAPACITY 1024

struct heard {
    uint64_t sequence; /* of the node, which may be gone by now */
    uint64_t frame;    /* engine time */
    struct event event;
};
