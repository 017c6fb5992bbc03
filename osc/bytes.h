/* A run of bytes that grows: packets being built, lines of text, what waits for a slow client.
 *
 * Running out of memory latches: what is added afterwards is dropped and `failed` stays true, so that a caller checks
 * once, at the end, instead of after every addition.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/thread.h"

struct bytes {
    uint8_t *data;   /* n bytes, owned; an all-zero struct is an empty run */
    size_t n;        /* bytes inside */
    size_t capacity; /* bytes allocated */
    bool failed;     /* memory ran out: the content is incomplete */
};

/* Appends n bytes (copied). */
DAWD_ANY void bytes_add(struct bytes *bytes, const void *data, size_t n);
/* Appends one byte. */
DAWD_ANY void bytes_add_byte(struct bytes *bytes, uint8_t byte);
/* Appends a number in OSC's byte order, the most significant byte first. */
DAWD_ANY void bytes_add_u32(struct bytes *bytes, uint32_t value);
DAWD_ANY void bytes_add_u64(struct bytes *bytes, uint64_t value);
/* Appends what printf would print, without a terminator. */
DAWD_ANY __attribute__((format(printf, 2, 3))) void bytes_print(struct bytes *bytes, const char *format, ...);

/* Appends n bytes of unknown content and returns the first of them for the caller to write, valid until the next
 * addition; null when memory ran out. */
DAWD_ANY void *bytes_grow(struct bytes *bytes, size_t n);

/* Removes the first n bytes (n <= bytes->n), moving the rest to the front. */
DAWD_ANY void bytes_drop(struct bytes *bytes, size_t n);

/* Forgets the content and `failed`; keeps at most keep_bytes of memory, so that one large packet does not pin its size. */
DAWD_ANY void bytes_clear(struct bytes *bytes, size_t keep_bytes);

/* Frees everything; the run is empty and usable again. */
DAWD_ANY void bytes_deinit(struct bytes *bytes);
