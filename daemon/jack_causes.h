/* What JACK, or the system below it, may withhold: each in a sentence that says what is wrong, with the values of this
 * moment, and what to do about it. The same table stands in docs/operation.md.
 */
#pragma once

#include "graph/thread.h"

#define JACK_CAUSE_BYTES 320

/* In brackets: what the text takes, in this order. */
enum jack_cause {
    JACK_CAUSE_NONE,
    JACK_CAUSE_NO_SERVER,    /* [name of the server] */
    JACK_CAUSE_SHM_SMALL,    /* no server, and there can be none: [name, MiB needed, MiB free, MiB in all] */
    JACK_CAUSE_SHM_FULL,     /* it is not even tried: [name, KiB needed, KiB free] */
    JACK_CAUSE_SHM_FAILED,   /* [name] */
    JACK_CAUSE_OTHER_USER,   /* a server, but not for us: [name, uid that it runs as] */
    JACK_CAUSE_VERSION,      /* [name] */
    JACK_CAUSE_BROKEN,       /* [name] */
    JACK_CAUSE_NO_ROOM,      /* [name, status as JACK gives it] */
    JACK_CAUSE_NAME_TAKEN,   /* [the name wished for, the one that it got] */
    JACK_CAUSE_RTPRIO,       /* [the limit, the priority] */
    JACK_CAUSE_RT_GROUP,     /* [the priority] */
    JACK_CAUSE_RT_FILTER,    /* [the priority] */
    JACK_CAUSE_RT_REFUSED,   /* [the priority, what the system says] */
    JACK_CAUSE_RT_SERVER,    /* nothing */
    JACK_CAUSE_MEMLOCK,      /* [the limit in KiB] */
    JACK_CAUSE_LOCK_REFUSED, /* [what the system says] */
    JACK_CAUSE_PORT_LIMIT,   /* [port, how many are missing, ports of the server, those of ours] */
    JACK_CAUSE_PORT_TWICE,   /* [port] */
    JACK_CAUSE_PORT_LONG,    /* [port] */
    JACK_CAUSE_PORT_REFUSED, /* [port] */
    JACK_CAUSES
};

/* One line of the table: the sentence for printf, and the cure. */
struct jack_cause_text {
    const char *what, *cure;
};

extern const struct jack_cause_text jack_causes[JACK_CAUSES];

/* Writes "what: cure" into `text` (JACK_CAUSE_BYTES); numbers are unsigned, but of no other width. */
DAWD_ANY void jack_cause_write(char *text, enum jack_cause cause, ...);
