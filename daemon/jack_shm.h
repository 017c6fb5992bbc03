/* The memory that JACK servers and clients share: files in /dev/shm, on which libjack works without looking whether there is
 * room. Where there is none, the kernel ends a server while it starts, and a client while it opens, with a bus error
 * (measured with 1.9.21).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "daemon/jack_causes.h"
#include "graph/thread.h"

#define JACK_SHM_FOLDER       "/dev/shm"
/* A server with 2048 ports, its default: the segment is 107 341 340 bytes, and there are the registry and metadata. */
#define JACK_SHM_SERVER_BYTES (104ull << 20)
/* A client: 12 KiB beside others, some 200 as the first one. */
#define JACK_SHM_CLIENT_BYTES (512ull << 10)

struct jack_shm {
    uint64_t size_bytes, free_bytes;
    uint64_t jack_bytes; /* of what is used, that of servers, dead ones included: the next server takes it over */
    bool has_registry;   /* a jackd has run since the machine was started */
    bool has_other;      /* a server of this name listens, but at a place where libjack does not look for us */
    unsigned other_uid;  /* who runs it */
};

/* Looks at this moment, also for a server of this name; false where there is no such folder. */
DAWD_ANY bool jack_shm_look(const char *folder, const char *server, struct jack_shm *shm);
/* Whether a client may be opened (JACK_CAUSE_NONE); otherwise writes why not into `text` (JACK_CAUSE_BYTES). */
DAWD_ANY enum jack_cause jack_shm_admit(const struct jack_shm *shm, const char *server, char *text);
/* Writes why no server runs. */
DAWD_ANY enum jack_cause jack_shm_explain(const struct jack_shm *shm, const char *server, char *text);
