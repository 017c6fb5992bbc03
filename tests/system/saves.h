/* In which order a daemon replaces files: the library preload_saves.c looks on and counts in the file named by DAWD_SAVES, which
 * outlives the daemon. */
#pragma once

#include <stdatomic.h>
#include <stdint.h>

struct saves {
    _Atomic uint64_t n_renamed;  /* files put in the place of others */
    _Atomic uint64_t n_unsynced; /* of these, not on the disk by then */
    _Atomic uint64_t n_complete; /* whose folder was synced afterwards, too */
    _Atomic uint64_t sync_ns;    /* that the newest of these took for its syncs: the disk's share */
};
