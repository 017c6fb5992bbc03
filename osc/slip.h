/* SLIP (RFC 1055): how packets are told apart in a stream. OSC 1.1 puts an END byte before and after each packet.
 *
 * The decoder takes the stream in whatever pieces it arrives. A frame that is too long or wrongly escaped is reported
 * once and skipped to its end; what follows is read as usual.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/thread.h"
#include "osc/bytes.h"

/* A decoder: what it knows between two pieces of the stream. */
struct slip {
    struct bytes frame; /* what has been decoded of the current frame */
    size_t max_bytes;   /* the longest frame that is taken */
    bool escaped;       /* the last byte was ESC */
    bool skipping;      /* the current frame was reported as bad */
    bool complete;      /* `frame` was given to the caller and starts anew at the next call */
};

/* Why slip_read came back. The last three are told once for each bad frame, at the byte at which it shows. */
enum slip_event {
    SLIP_MORE,      /* the input is used up, no frame is complete */
    SLIP_FRAME,     /* slip->frame holds a whole frame, of at least one byte, until the next call */
    SLIP_TOO_BIG,   /* the current frame is longer than max_bytes: skipped to its end */
    SLIP_BAD,       /* ESC was followed by neither ESC_END nor ESC_ESC: skipped to its end */
    SLIP_NO_MEMORY, /* the current frame does not fit into memory: skipped to its end */
};

/* An empty decoder; nothing is allocated before bytes arrive. slip_deinit drops what it holds of a frame. */
DAWD_ANY void slip_init(struct slip *slip, size_t max_bytes);
DAWD_ANY void slip_deinit(struct slip *slip);

/* Reads from bytes[*at] on, at most to bytes[n - 1], and stops behind the first event; *at tells how far it came.
 * Call again with the same bytes until it says SLIP_MORE. Empty frames are passed over. */
DAWD_ANY enum slip_event slip_read(struct slip *slip, const uint8_t *bytes, size_t n, size_t *at);

/* Appends a packet of n bytes as a frame, at most 2 n + 2 bytes long; without memory, stream->failed says so. */
DAWD_ANY void slip_write(struct bytes *stream, const uint8_t *packet, size_t n);
