/* Feeding the streams of one sampler: opening, seeking, decoding, as far ahead as the rings take it. No thread here: whoever
 * calls feeds.
 */
#pragma once

#include "daemon/files.h"
#include "daemon/log.h"
#include "graph/stream.h"

struct stream_feed;

/* The streams of one node, and who reads for them. */
struct stream_feeds {
    struct stream_set set; /* first: what the node knows */
    struct stream_feed *feed;
    char **paths;       /* per sound of the instrument; null: not streamed */
    unsigned *channels; /* per sound, of its head */
    uint32_t n_sounds;
    const struct files *files; /* where they are opened */
    struct log *log;           /* may be null */
    size_t bytes;
    uint32_t n_told;           /* of set.n_starved */
    bool has_failed;           /* a file could not be read, and it was told */
    atomic_bool released;      /* by the node: nobody hears it any more */
    struct stream_feeds *next; /* of whoever keeps lists of them */
};

/* Memory for n streams of an instrument. */
DAWD_CTL size_t stream_feeds_bytes(const struct instrument *instrument, unsigned n);
/* Null: no memory. Keeps files and log. */
DAWD_CTL struct stream_feeds *stream_feeds_new(const struct instrument *instrument, unsigned n, const struct files *files,
                                               struct log *log);
DAWD_DISK void stream_feeds_free(struct stream_feeds *feeds);
/* One piece for each stream that has room for it, so that none waits for another to be full; follows what has been asked for
 * since. What cannot be read is told in the log once, as are sounds that came too late. Returns whether any stream has room
 * for more: then there should be another turn at once. */
DAWD_DISK bool stream_feeds_turn(struct stream_feeds *feeds);

/* Streams that are full whenever somebody looks: for renders, which may wait. Borrows the files. */
DAWD_CTL struct stream_service stream_feeds_at_once(const struct files *files);
