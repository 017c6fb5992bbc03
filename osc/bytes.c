#include "osc/bytes.h"

#include <endian.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool reserve(struct bytes *bytes, size_t n)
{
    if (bytes->failed)
        return false;
    if (n <= bytes->capacity - bytes->n)
        return true;
    /* Doubling keeps the copying at a constant share of what is added. Near the end of the address space it would wrap:
     * then the allocation is refused instead. */
    size_t capacity = bytes->capacity ? bytes->capacity : 64;
    while (capacity - bytes->n < n && capacity <= SIZE_MAX / 2)
        capacity *= 2;
    uint8_t *data = capacity - bytes->n < n ? NULL : realloc(bytes->data, capacity);
    if (!data) {
        bytes->failed = true;
        return false;
    }
    bytes->data = data;
    bytes->capacity = capacity;
    return true;
}

void *bytes_grow(struct bytes *bytes, size_t n)
{
    if (!reserve(bytes, n))
        return NULL;
    bytes->n += n;
    return bytes->data + bytes->n - n;
}

void bytes_add(struct bytes *bytes, const void *data, size_t n)
{
    void *to = n ? bytes_grow(bytes, n) : NULL;
    if (to)
        memcpy(to, data, n);
}

void bytes_add_byte(struct bytes *bytes, uint8_t byte)
{
    bytes_add(bytes, &byte, 1);
}

void bytes_add_u32(struct bytes *bytes, uint32_t value)
{
    uint32_t big = htobe32(value);
    bytes_add(bytes, &big, sizeof big);
}

void bytes_add_u64(struct bytes *bytes, uint64_t value)
{
    uint64_t big = htobe64(value);
    bytes_add(bytes, &big, sizeof big);
}

void bytes_print(struct bytes *bytes, const char *format, ...)
{
    char short_text[256]; /* nearly everything that is printed: one pass */
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(short_text, sizeof short_text, format, args);
    if (n >= 0 && (size_t)n < sizeof short_text)
        bytes_add(bytes, short_text, (size_t)n);
    else if (n >= 0 && reserve(bytes, (size_t)n + 1)) /* vsnprintf also writes a terminator, which is not kept */
        bytes->n += (size_t)vsnprintf((char *)bytes->data + bytes->n, (size_t)n + 1, format, again);
    va_end(again);
    va_end(args);
}

void bytes_drop(struct bytes *bytes, size_t n)
{
    /* The memory stays: what follows will need it again. */
    bytes->n -= n;
    if (n && bytes->n)
        memmove(bytes->data, bytes->data + n, bytes->n);
}

void bytes_clear(struct bytes *bytes, size_t keep_bytes)
{
    /* Gone or kept as it is: shrinking would copy what is about to be forgotten. */
    if (bytes->capacity > keep_bytes)
        bytes_deinit(bytes);
    bytes->n = 0;
    bytes->failed = false;
}

void bytes_deinit(struct bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct bytes){0};
}
