/* The thread that reads sounds while they play, for all samplers.
 *
 *     control    begin, end (a lock for a few pointers)
 *     audio      nothing: it wakes nobody
 *     streams    every 5 ms while there is a sampler that streams: pieces for all, round by round; asleep otherwise
 *
 * It is not the thread that writes recordings: a disk that is slow to take something must not keep a note from sounding.
 */
#pragma once

#include "daemon/stream_feed.h"

#define STREAM_BYTES_MAX ((size_t)1 << 30) /* rings of all samplers: 4096 streams of two channels */

struct stream_thread;

/* Starts it; keeps files and log. Null: no memory or thread left. */
DAWD_CTL struct stream_thread *stream_thread_new(const struct files *files, struct log *log);
/* All nodes are gone. Ends the thread, frees. Null is accepted. False when a disk has held it up for patience_s: nothing that it
 * uses may be taken apart then. */
DAWD_CTL bool stream_thread_free(struct stream_thread *thread, unsigned patience_s);

/* The service for the graph, which borrows the thread. */
DAWD_CTL struct stream_service stream_thread_service(struct stream_thread *thread);
