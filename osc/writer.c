/* Tags and arguments grow side by side, since the tags stand in front of arguments that are not known yet; the address,
 * which may depend on how it all went, comes last and is put first at the end. */
#include "osc/writer.h"

#include <string.h>

#include "graph/error.h"

static size_t padded(size_t n)
{
    return (n + 3) & ~(size_t)3;
}

void writer_init(struct writer *writer)
{
    *writer = (struct writer){0};
    bytes_add_byte(&writer->tags, ',');
}

void writer_deinit(struct writer *writer)
{
    bytes_deinit(&writer->tags);
    bytes_deinit(&writer->data);
}

/* ---- arguments ----------------------------------------------------------------------------------------------------- */

static void add_padded(struct bytes *bytes, const void *data, size_t n, size_t n_padded)
{
    static const char zeros[4];
    bytes_add(bytes, data, n);
    bytes_add(bytes, zeros, n_padded - n);
}

static void add_u32(struct writer *writer, char tag, uint32_t value)
{
    bytes_add_byte(&writer->tags, (uint8_t)tag);
    bytes_add_u32(&writer->data, value);
}

static void add_u64(struct writer *writer, char tag, uint64_t value)
{
    bytes_add_byte(&writer->tags, (uint8_t)tag);
    bytes_add_u64(&writer->data, value);
}

static void add_text(struct writer *writer, char tag, const char *text)
{
    size_t n = strlen(text);
    bytes_add_byte(&writer->tags, (uint8_t)tag);
    /* The padding is the terminator too: one zero at least. */
    add_padded(&writer->data, text, n, padded(n + 1));
}

void writer_int(struct writer *writer, int32_t value)
{
    add_u32(writer, 'i', (uint32_t)value);
}

void writer_long(struct writer *writer, int64_t value)
{
    add_u64(writer, 'h', (uint64_t)value);
}

void writer_float(struct writer *writer, float value)
{
    writer_arg(writer, &(struct arg){.tag = 'f', .f = value});
}

void writer_double(struct writer *writer, double value)
{
    writer_arg(writer, &(struct arg){.tag = 'd', .d = value});
}

void writer_bool(struct writer *writer, bool value)
{
    /* The tag is the whole value. */
    bytes_add_byte(&writer->tags, value ? 'T' : 'F');
}

void writer_string(struct writer *writer, const char *text)
{
    add_text(writer, 's', text);
}

void writer_time(struct writer *writer, uint64_t time)
{
    add_u64(writer, 't', time);
}

void writer_blob(struct writer *writer, const void *data, uint32_t n)
{
    add_u32(writer, 'b', n);
    add_padded(&writer->data, data, n, padded(n));
}

void writer_arg(struct writer *writer, const struct arg *arg)
{
    switch (arg->tag) {
    case 'i':
    case 'f':
    case 'r':
        add_u32(writer, arg->tag, arg->r); /* the bits of i and f lie in the same place */
        break;
    case 'h':
    case 'd':
    case 't':
        add_u64(writer, arg->tag, arg->t); /* likewise h and d */
        break;
    case 'c':
        add_u32(writer, 'c', (uint8_t)arg->c);
        break;
    case 'm':
        bytes_add_byte(&writer->tags, 'm');
        bytes_add(&writer->data, arg->m, 4);
        break;
    case 's':
    case 'S':
        add_text(writer, arg->tag, arg->s);
        break;
    case 'b':
        writer_blob(writer, arg->b, arg->n_bytes);
        break;
    case 'T':
    case 'F':
    case 'N':
    case 'I':
        bytes_add_byte(&writer->tags, (uint8_t)arg->tag);
        break;
    default:
        writer->tags.failed = true;
    }
}

/* ---- the end ------------------------------------------------------------------------------------------------------- */

size_t writer_bytes(const struct writer *writer, const char *address)
{
    return padded(strlen(address) + 1) + padded(writer->tags.n + 1) + writer->data.n;
}

int writer_end(struct writer *writer, const char *address, struct bytes *packet)
{
    /* On failure the packet is cut back: half a message must never be sent. */
    size_t before = packet->n, n_address = strlen(address);
    bool failed = writer->tags.failed || writer->data.failed || packet->failed;
    if (!failed) {
        add_padded(packet, address, n_address, padded(n_address + 1));
        add_padded(packet, writer->tags.data, writer->tags.n, padded(writer->tags.n + 1));
        bytes_add(packet, writer->data.data, writer->data.n);
        failed = packet->failed;
    }
    if (failed)
        packet->n = before;
    writer_deinit(writer);
    return failed ? ERROR_INTERNAL : 0;
}

void bundle_begin(struct bytes *packet, uint64_t time)
{
    bytes_add(packet, "#bundle", 8);
    bytes_add_u64(packet, time);
}

/* The size comes first, so an element is complete before it is added. */
void bundle_add(struct bytes *packet, const void *element, size_t n)
{
    bytes_add_u32(packet, (uint32_t)n);
    bytes_add(packet, element, n);
}
