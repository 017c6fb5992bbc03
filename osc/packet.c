/* The check walks the packet once and is the only code that reads a packet which nobody has checked; the readers below
 * trust what it has let pass. Both know the types from one table. */
#include "osc/packet.h"

#include <endian.h>
#include <math.h>
#include <string.h>

#include "graph/mutant.h"

#define BUNDLE_HEAD_BYTES 16                 /* "#bundle" and the time tag */
#define WHOLE_MAX         ((int64_t)1 << 53) /* every integer up to here is a double of its own */

/* ---- reading bytes ------------------------------------------------------------------------------------------------- */

/* By memcpy: a packet may lie at any address, inside a stream's frame for one. */
static uint32_t read_u32(const uint8_t *bytes)
{
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return be32toh(value);
}

static uint64_t read_u64(const uint8_t *bytes)
{
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
    return be64toh(value);
}

static size_t padded(size_t n)
{
    return (n + 3) & ~(size_t)3;
}

/* The one list of the types that are taken: bytes of an argument by its type tag, where they do not depend on its content. */
enum { BYTES_UNKNOWN_TAG = 0, BYTES_NONE = -1, BYTES_STRING = -2, BYTES_BLOB = -3 };
static const signed char tag_bytes[128] = {
    ['i'] = 4,
    ['f'] = 4,
    ['c'] = 4,
    ['r'] = 4,
    ['m'] = 4,
    ['h'] = 8,
    ['t'] = 8,
    ['d'] = 8,
    ['s'] = BYTES_STRING,
    ['S'] = BYTES_STRING,
    ['b'] = BYTES_BLOB,
    ['T'] = BYTES_NONE,
    ['F'] = BYTES_NONE,
    ['N'] = BYTES_NONE,
    ['I'] = BYTES_NONE,
};

/* Bytes that a checked argument takes, terminator, size field and padding included. */
static size_t arg_bytes(char tag, const uint8_t *at)
{
    switch (tag_bytes[(uint8_t)tag & 127]) {
    case BYTES_NONE:
        return 0;
    case BYTES_STRING:
        return padded(strlen((const char *)at) + 1);
    case BYTES_BLOB:
        return 4 + padded(read_u32(at));
    default:
        return (size_t)tag_bytes[(uint8_t)tag & 127];
    }
}

/* ---- the check ----------------------------------------------------------------------------------------------------- */

struct check {
    const uint8_t *start; /* of the packet: errors name places by their distance from here */
    unsigned elements_left, elements_max;
    struct error *error;
};

static size_t place(const struct check *check, const uint8_t *at)
{
    return (size_t)(at - check->start);
}

/* The padded length of the string at `at`, or 0 when it has no terminator before `end` or is not padded with zeros.
 * at and end are both multiples of 4 from the packet's start, so the padding never passes the end. */
static size_t string_bytes(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *zero = at < end ? memchr(at, 0, (size_t)(end - at)) : NULL;
    if (!zero)
        return 0;
    size_t n = padded((size_t)(zero - at) + 1);
    for (const uint8_t *p = zero; p < at + n; p++)
        if (*p)
            return 0;
    return n;
}

static int unpadded(const struct check *check, const char *what, const uint8_t *at)
{
    return error_set(check->error, ERROR_BAD_VALUE,
                     "the %s at byte %zu is not ended and padded to a multiple of 4 bytes with zeros", what,
                     place(check, at));
}

static int check_string(const struct check *check, unsigned number, const uint8_t **at, const uint8_t *end)
{
    size_t n = string_bytes(*at, end);
    *at += n;
    return n ? 0
             : error_set(check->error, ERROR_BAD_VALUE,
                         "argument %u, a string at byte %zu, is not ended and padded to a multiple of 4 bytes with zeros",
                         number, place(check, *at));
}

static int check_blob(const struct check *check, unsigned number, const uint8_t **at, const uint8_t *end)
{
    size_t left = (size_t)(end - *at);
    if (left < 4)
        return error_set(check->error, ERROR_BAD_VALUE, "argument %u, a blob, has no size: the message ends at byte %zu",
                         number, place(check, end));
    size_t n = read_u32(*at);
    /* Padding included: what is left of a message is a multiple of 4, so what holds n holds its padding. */
    if (n > left - (MUTANT_FLAW("unchecked") ? 0 : 4))
        return error_set(check->error, ERROR_BAD_VALUE, "argument %u, a blob at byte %zu, says %zu bytes, but %zu are left",
                         number, place(check, *at), n, left - 4);
    for (size_t i = n; i < padded(n); i++)
        if ((*at)[4 + i])
            return error_set(check->error, ERROR_BAD_VALUE, "argument %u, a blob at byte %zu, is not padded with zeros",
                             number, place(check, *at));
    *at += 4 + padded(n);
    return 0;
}

static int check_fixed(const struct check *check, char tag, unsigned number, const uint8_t **at, const uint8_t *end)
{
    size_t n = (size_t)tag_bytes[(uint8_t)tag];
    if (n > (size_t)(end - *at))
        return error_set(check->error, ERROR_BAD_VALUE,
                         "argument %u (%c) needs %zu bytes, but the message ends at byte %zu", number, tag, n,
                         place(check, end));
    if (tag == 'c' && read_u32(*at) > 127)
        return error_set(check->error, ERROR_BAD_VALUE, "argument %u, a char at byte %zu, is %u: above 127", number,
                         place(check, *at), read_u32(*at));
    *at += n;
    return 0;
}

static int check_arg(const struct check *check, uint8_t tag, unsigned number, const uint8_t **at, const uint8_t *end)
{
    switch (tag < 128 ? tag_bytes[tag] : BYTES_UNKNOWN_TAG) {
    case BYTES_NONE:
        return 0;
    case BYTES_STRING:
        return check_string(check, number, at, end);
    case BYTES_BLOB:
        return check_blob(check, number, at, end);
    case BYTES_UNKNOWN_TAG:
        return error_set(check->error, ERROR_BAD_TYPE,
                         "argument %u has type tag 0x%02x (%s): i f s b h t d S c r m T F N I are taken", number, tag,
                         tag == '[' || tag == ']' ? "an array" : "unknown");
    default:
        return check_fixed(check, (char)tag, number, at, end);
    }
}

/* Bytes that are not printable are named in hex only: the text of an error ends up in logs and on terminals. */
int address_check(const char *address, struct error *error)
{
    size_t n = strlen(address);
    if (n > PACKET_ADDRESS_MAX_BYTES)
        return error_set(error, ERROR_TOO_BIG, "the address is %zu bytes long: at most %d are taken", n,
                         PACKET_ADDRESS_MAX_BYTES);
    for (size_t i = 0; i < n; i++)
        if (address[i] <= ' ' || address[i] > '~')
            return error_set(error, ERROR_BAD_ADDRESS,
                             "byte %zu of the address is 0x%02x: only visible ASCII characters are taken", i,
                             (uint8_t)address[i]);
    if (address[0] != '/')
        return error_set(error, ERROR_BAD_ADDRESS, "the address \"%.64s\" does not start with '/'", address);
    return 0;
}

static int check_address(const struct check *check, const char *address)
{
    struct error error;
    if (!address_check(address, &error))
        return 0;
    return error_set(check->error, error.code, "at byte %zu: %.400s", place(check, (const uint8_t *)address), error.text);
}

/* An argument may claim any length; it is believed only as far as the message goes. */
static int check_args(const struct check *check, const char *address, const uint8_t *tags, const uint8_t *end)
{
    size_t n_tags = string_bytes(tags, end);
    const uint8_t *at = tags + n_tags;
    int failed = n_tags ? 0 : unpadded(check, "type tag string", tags);
    for (unsigned i = 1; !failed && tags[i]; i++)
        failed = check_arg(check, tags[i], i, &at, end);
    if (!failed && at != end)
        failed =
            error_set(check->error, ERROR_BAD_VALUE, "after the last argument of \"%.64s\" there are %zu bytes too many",
                      address, (size_t)(end - at));
    return failed;
}

static int check_message(const struct check *check, const uint8_t *address, const uint8_t *end)
{
    size_t n = string_bytes(address, end);
    int failed = n ? check_address(check, (const char *)address) : unpadded(check, "address", address);
    if (failed)
        return failed;
    if (address + n == end || address[n] != ',')
        return error_set(check->error, ERROR_BAD_TYPE,
                         "after the address \"%.64s\" there is no type tag string, which starts with ','",
                         (const char *)address);
    return check_args(check, (const char *)address, address + n, end);
}

/* Recurses, for bundles do; the depth is limited before it can cost stack. */
static int check_packet(struct check *check, const uint8_t *at, const uint8_t *end, unsigned depth);

static int check_element(struct check *check, const uint8_t **at, const uint8_t *end, unsigned depth)
{
    /* Places and sizes are multiples of 4, so there are 4 bytes for the size at least. */
    size_t n = read_u32(*at), left = (size_t)(end - *at) - 4;
    if (!check->elements_left)
        return error_set(check->error, ERROR_TOO_BIG, "the bundle has more than %u elements", check->elements_max);
    /* Counted over all depths, so that nesting multiplies nothing. */
    check->elements_left--;
    if (n < 8 || n % 4 || n > left)
        return error_set(check->error, ERROR_BAD_VALUE,
                         "the bundle element at byte %zu says %zu bytes: it must be a multiple of 4, at least 8 and at "
                         "most the %zu left",
                         place(check, *at), n, left);
    *at += 4 + n;
    return check_packet(check, *at - n, *at, depth);
}

static int check_packet(struct check *check, const uint8_t *at, const uint8_t *end, unsigned depth)
{
    if (!packet_is_bundle(at, (size_t)(end - at)))
        return check_message(check, at, end);
    if (depth == PACKET_DEPTH_MAX)
        return error_set(check->error, ERROR_TOO_BIG, "bundles nest more than %d deep at byte %zu", PACKET_DEPTH_MAX,
                         place(check, at));
    if (end - at < BUNDLE_HEAD_BYTES)
        return error_set(check->error, ERROR_BAD_VALUE, "the bundle at byte %zu has no time tag", place(check, at));
    int failed = 0;
    at += BUNDLE_HEAD_BYTES;
    while (!failed && at < end)
        failed = check_element(check, &at, end, depth + 1);
    return failed;
}

int packet_check(const uint8_t *bytes, size_t n, unsigned elements_max, struct error *error)
{
    struct check check = {.start = bytes, .elements_left = elements_max, .elements_max = elements_max, .error = error};
    /* From here on every place is a multiple of 4 from the start, which the padding of strings relies on. */
    if (n < 8 || n % 4)
        return error_set(error, ERROR_BAD_VALUE, "the packet has %zu bytes: a packet is a multiple of 4 and at least 8", n);
    return check_packet(&check, bytes, bytes + n, 0);
}

bool packet_is_bundle(const uint8_t *bytes, size_t n)
{
    return n >= 8 && memcmp(bytes, "#bundle", 8) == 0;
}

/* ---- the readers --------------------------------------------------------------------------------------------------- */

struct bundle bundle_read(const uint8_t *bytes, size_t n)
{
    return (struct bundle){.time = read_u64(bytes + 8), .at = bytes + BUNDLE_HEAD_BYTES, .end = bytes + n};
}

bool bundle_next(struct bundle *bundle, const uint8_t **element, size_t *n)
{
    if (bundle->at == bundle->end)
        return false;
    *n = read_u32(bundle->at);
    *element = bundle->at + 4;
    bundle->at += 4 + *n;
    return true;
}

struct message message_read(const uint8_t *bytes)
{
    const char *address = (const char *)bytes, *tags = address + padded(strlen(address) + 1);
    size_t n_tags = strlen(tags);
    return (struct message){.address = address,
                            .tags = tags + 1,
                            .n_args = (unsigned)n_tags - 1,
                            .at = (const uint8_t *)tags + padded(n_tags + 1)};
}

bool message_next(struct message *message, struct arg *arg)
{
    const uint8_t *at = message->at;
    char tag = *message->tags;
    if (!tag)
        return false;
    *arg = (struct arg){.tag = tag};
    size_t n = arg_bytes(tag, at);
    if (tag == 's' || tag == 'S') {
        arg->s = (const char *)at;
        arg->n_bytes = (uint32_t)strlen(arg->s);
    } else if (tag == 'b') {
        arg->b = at + 4;
        arg->n_bytes = read_u32(at);
    } else if (tag == 'm') {
        memcpy(arg->m, at, 4);
    } else if (tag == 'c') {
        arg->c = (char)at[3];
    } else if (n == 4) {
        arg->r = read_u32(at); /* the bits of i and f lie in the same place */
    } else if (n == 8) {
        arg->t = read_u64(at); /* likewise h and d */
    }
    message->tags++;
    message->at += n;
    return true;
}

unsigned message_args(const struct message *message, struct arg *args, unsigned args_max)
{
    struct message at = *message;
    unsigned n = 0;
    while (n < args_max && message_next(&at, &args[n]))
        n++;
    return n;
}

/* ---- what an argument may stand for -------------------------------------------------------------------------------- */

static double number_of(const struct arg *arg)
{
    switch (arg->tag) {
    case 'i':
        return arg->i;
    case 'h':
        /* Beyond it a double would stand for a neighbour as well: no number, rather than another one. */
        return arg->h >= -WHOLE_MAX && arg->h <= WHOLE_MAX ? (double)arg->h : NAN;
    case 'f':
        return (double)arg->f;
    case 'd':
        return arg->d;
    case 'T':
        return 1;
    case 'F':
        return 0;
    default:
        return NAN;
    }
}

bool arg_number(const struct arg *arg, double *value)
{
    double number = number_of(arg);
    if (!isfinite(number))
        return false;
    *value = number;
    return true;
}

bool arg_integer(const struct arg *arg, int64_t *value)
{
    double number;
    if (arg->tag == 'h') {
        *value = arg->h;
        return true;
    }
    if (!arg_number(arg, &number) || number != floor(number) || fabs(number) > (double)WHOLE_MAX)
        return false;
    *value = (int64_t)number;
    return true;
}

bool arg_truth(const struct arg *arg, bool *value)
{
    double number;
    if (!arg_number(arg, &number) || (number != 0 && number != 1))
        return false;
    *value = number == 1;
    return true;
}

const char *arg_string(const struct arg *arg)
{
    return arg->tag == 's' || arg->tag == 'S' ? arg->s : NULL;
}
