/* Messages being written: arguments first, the address when it is known what they became.
 *
 *     struct writer w;
 *     writer_init(&w);
 *     writer_int(&w, req);
 *     writer_string(&w, address);
 *     failed = writer_end(&w, "/done", &packet);
 *
 * Running out of memory latches and shows at writer_end, so additions need no check.
 *
 * The bytes are laid out here and not by liblo: version 0.31 computes with logarithms how far its buffer must grow, rounds
 * wrongly, and writes up to 4 bytes past the end when the arguments take a little more than a power of two from 128 KiB on.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/thread.h"
#include "osc/bytes.h"
#include "osc/packet.h"

struct writer {
    struct bytes tags; /* ',' and one tag for each argument */
    struct bytes data; /* the arguments, padded */
};

/* Starts a message without arguments. Whoever starts one ends it with writer_end or writer_deinit. */
DAWD_ANY void writer_init(struct writer *writer);
/* Drops the message. */
DAWD_ANY void writer_deinit(struct writer *writer);

/* Each adds one argument; strings and blobs are copied. */
DAWD_ANY void writer_int(struct writer *writer, int32_t value);
DAWD_ANY void writer_long(struct writer *writer, int64_t value);
DAWD_ANY void writer_float(struct writer *writer, float value);
DAWD_ANY void writer_double(struct writer *writer, double value);
DAWD_ANY void writer_bool(struct writer *writer, bool value);
DAWD_ANY void writer_string(struct writer *writer, const char *text);
DAWD_ANY void writer_time(struct writer *writer, uint64_t time);
DAWD_ANY void writer_blob(struct writer *writer, const void *data, uint32_t n);
/* Adds a copy of an argument of any type; an unknown tag makes writer_end fail. */
DAWD_ANY void writer_arg(struct writer *writer, const struct arg *arg);

/* Bytes that the message would have under this address. */
DAWD_ANY size_t writer_bytes(const struct writer *writer, const char *address);

/* Appends the message under this address to *packet and drops the writer's copy, also on failure.
 * 0, or ERROR_INTERNAL when an argument had been lost or memory ran out: *packet is then as before. */
DAWD_ANY int writer_end(struct writer *writer, const char *address, struct bytes *packet);

/* ---- bundles ------------------------------------------------------------------------------------------------------- */

/* Appends the head of a bundle to an empty *packet; `time` as in struct bundle. */
DAWD_ANY void bundle_begin(struct bytes *packet, uint64_t time);
/* Appends one element, a message or a bundle of n bytes (copied). */
DAWD_ANY void bundle_add(struct bytes *packet, const void *element, size_t n);
