/* OSC 1.0 packets in the bytes they came in: one strict check of the whole, then readers without a copy.
 *
 * A packet is a message or a bundle of packets:
 *
 *     message   address, 0, padding | ",", tags, 0, padding | arguments, each a multiple of 4 bytes long
 *     bundle    "#bundle", 0 | time tag, 8 bytes | size, 4 bytes | packet | size | packet ...
 *
 * Everything that arrives goes through packet_check first; what it accepts, the readers below may walk without looking
 * again. They never allocate, and they cope with any alignment.
 *
 * What is accepted is canonical: strings and blobs are padded with zeros, every byte belongs to something, and the same
 * content has exactly one spelling. Arrays ([ and ] among the type tags) are not part of the language.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "graph/error.h"
#include "graph/thread.h"

#define PACKET_DEPTH_MAX         4    /* bundles inside bundles, the outermost included */
#define PACKET_ADDRESS_MAX_BYTES 1024 /* of one address, without its terminator */
#define PACKET_TIME_NOW          1u   /* the time tag that means: at once */

/* Decides whether the n bytes are one whole and well-formed packet with at most elements_max bundle elements in all.
 * Reads no byte outside [bytes, bytes + n) whatever they hold, and nests at most PACKET_DEPTH_MAX deep.
 * 0, or with *error saying what is wrong and at which byte:
 *   ERROR_BAD_VALUE    the bytes are no packet: sizes, padding, terminators, a char beyond ASCII
 *   ERROR_BAD_ADDRESS  an address does not start with '/' or holds other than visible ASCII characters
 *   ERROR_BAD_TYPE     a type tag other than i f s b h t d S c r m T F N I
 *   ERROR_TOO_BIG      an address is too long, there are too many elements, or bundles nest too deep */
DAWD_ANY int packet_check(const uint8_t *bytes, size_t n, unsigned elements_max, struct error *error);

/* Decides whether a text is an address: ERROR_BAD_ADDRESS or ERROR_TOO_BIG with *error, or 0. */
DAWD_ANY int address_check(const char *address, struct error *error);

/* Whether a checked packet is a bundle; otherwise it is a message. */
DAWD_ANY bool packet_is_bundle(const uint8_t *bytes, size_t n);

/* ---- bundles ------------------------------------------------------------------------------------------------------- */

/* A place in a bundle. Borrows the bytes; copy it to come back to a place. */
struct bundle {
    uint64_t time; /* NTP: seconds since 1900 in the upper half, fractions of a second in the lower; or PACKET_TIME_NOW */
    const uint8_t *at, *end;
};

/* The start of a checked bundle. */
DAWD_ANY struct bundle bundle_read(const uint8_t *bytes, size_t n);
/* Moves on: the next element, itself a checked packet, or false at the end. */
DAWD_ANY bool bundle_next(struct bundle *bundle, const uint8_t **element, size_t *n);

/* ---- messages ------------------------------------------------------------------------------------------------------ */

/* One argument. Pointers borrow the packet's bytes. */
struct arg {
    char tag;         /* which member of the union holds; T F N I have none */
    uint32_t n_bytes; /* s S: length without the terminator; b: length of the blob; otherwise 0 */
    union {
        int32_t i;
        int64_t h;
        float f;       /* any bits, also not finite */
        double d;      /* likewise */
        uint64_t t;    /* as bundle.time */
        char c;        /* ASCII */
        uint32_t r;    /* red, green, blue, alpha from the most significant byte */
        const char *s; /* also S; terminated */
        const uint8_t *b;
        uint8_t m[4]; /* port, status, data 1, data 2 */
    };
};

/* A message and a place among its arguments. Borrows the bytes; copy it to come back to a place. */
struct message {
    const char *address; /* terminated */
    const char *tags;    /* of the arguments that message_next has not given yet; terminated */
    unsigned n_args;     /* of the whole message */
    const uint8_t *at;   /* bytes of the next argument */
};

/* The start of a checked message. */
DAWD_ANY struct message message_read(const uint8_t *bytes);
/* Moves on: fills *arg with the next argument, or returns false when there is none left. */
DAWD_ANY bool message_next(struct message *message, struct arg *arg);
/* Fills args with the first arguments, at most args_max, from the place where message stands; returns how many. */
DAWD_ANY unsigned message_args(const struct message *message, struct arg *args, unsigned args_max);

/* ---- what an argument may stand for -------------------------------------------------------------------------------- */

/* A whole number: i, h, T as 1, F as 0, and f or d that hold a whole number of at most 2^53. False, *value untouched, for
 * anything that would lose something. */
DAWD_ANY bool arg_integer(const struct arg *arg, int64_t *value);
/* A finite number: f, d, i, T, F, and h of at most 2^53. False, *value untouched, otherwise. */
DAWD_ANY bool arg_number(const struct arg *arg, double *value);
/* A truth: T, F, or a number that is exactly 0 or 1. False, *value untouched, otherwise. */
DAWD_ANY bool arg_truth(const struct arg *arg, bool *value);
/* The text of s or S, borrowed; null for anything else. */
DAWD_ANY const char *arg_string(const struct arg *arg);
