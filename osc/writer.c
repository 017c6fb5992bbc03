#include "osc/writer.h"

#include <string.h>

#include <lo/lo.h>

#include "graph/error.h"

void writer_init(struct writer *writer)
{
    *writer = (struct writer){.message = lo_message_new()};
    writer->failed = !writer->message;
}

void writer_deinit(struct writer *writer)
{
    if (writer->message)
        lo_message_free(writer->message);
    *writer = (struct writer){.failed = true};
}

/* liblo's adding functions return 0, or -1 when memory ran out. */
#define ADD(writer, call)                                                                                                  \
    do {                                                                                                                   \
        if (!(writer)->failed && (call) != 0)                                                                              \
            (writer)->failed = true;                                                                                       \
    } while (0)

void writer_int(struct writer *writer, int32_t value)
{
    ADD(writer, lo_message_add_int32(writer->message, value));
}

void writer_long(struct writer *writer, int64_t value)
{
    ADD(writer, lo_message_add_int64(writer->message, value));
}

void writer_float(struct writer *writer, float value)
{
    ADD(writer, lo_message_add_float(writer->message, value));
}

void writer_double(struct writer *writer, double value)
{
    ADD(writer, lo_message_add_double(writer->message, value));
}

void writer_bool(struct writer *writer, bool value)
{
    ADD(writer, value ? lo_message_add_true(writer->message) : lo_message_add_false(writer->message));
}

void writer_string(struct writer *writer, const char *text)
{
    ADD(writer, lo_message_add_string(writer->message, text));
}

void writer_time(struct writer *writer, uint64_t time)
{
    lo_timetag tag = {.sec = (uint32_t)(time >> 32), .frac = (uint32_t)time};
    ADD(writer, lo_message_add_timetag(writer->message, tag));
}

/* lo_blob_new refuses an empty blob, which OSC knows; this is one, in liblo's public layout (lo_arg.blob). */
static int add_empty_blob(lo_message message)
{
    int32_t empty[2] = {0};
    return lo_message_add_blob(message, (lo_blob)empty);
}

static int add_blob(lo_message message, const void *data, uint32_t n)
{
    lo_blob blob = n <= INT32_MAX ? lo_blob_new((int32_t)n, data) : NULL;
    int failed = blob ? lo_message_add_blob(message, blob) : -1;
    if (blob)
        lo_blob_free(blob);
    return failed;
}

void writer_blob(struct writer *writer, const void *data, uint32_t n)
{
    ADD(writer, n ? add_blob(writer->message, data, n) : add_empty_blob(writer->message));
}

static int add_rare(lo_message message, const struct arg *arg)
{
    uint8_t midi[4];
    switch (arg->tag) {
    case 'S':
        return lo_message_add_symbol(message, arg->s);
    case 'c':
        return lo_message_add_char(message, arg->c);
    case 'm':
        memcpy(midi, arg->m, sizeof midi);
        return lo_message_add_midi(message, midi);
    case 'N':
        return lo_message_add_nil(message);
    case 'I':
        return lo_message_add_infinitum(message);
    default:
        return -1;
    }
}

void writer_arg(struct writer *writer, const struct arg *arg)
{
    switch (arg->tag) {
    case 'i':
        writer_int(writer, arg->i);
        break;
    case 'h':
        writer_long(writer, arg->h);
        break;
    case 'f':
        writer_float(writer, arg->f);
        break;
    case 'd':
        writer_double(writer, arg->d);
        break;
    case 's':
        writer_string(writer, arg->s);
        break;
    case 'T':
    case 'F':
        writer_bool(writer, arg->tag == 'T');
        break;
    case 't':
        writer_time(writer, arg->t);
        break;
    case 'b':
        writer_blob(writer, arg->b, arg->n_bytes);
        break;
    default:
        ADD(writer, add_rare(writer->message, arg));
    }
}

size_t writer_bytes(const struct writer *writer, const char *address)
{
    return writer->message ? lo_message_length(writer->message, address) : 0;
}

int writer_end(struct writer *writer, const char *address, struct bytes *packet)
{
    bool failed = writer->failed;
    size_t n = failed ? 0 : lo_message_length(writer->message, address);
    void *to = failed ? NULL : bytes_grow(packet, n);
    if (to) {
        memset(to, 0, n); /* the padding is ours to clear: liblo clears only memory that it allocates itself */
        lo_message_serialise(writer->message, address, to, &n);
    }
    writer_deinit(writer);
    return to ? 0 : ERROR_INTERNAL;
}

void bundle_begin(struct bytes *packet, uint64_t time)
{
    bytes_add(packet, "#bundle", 8);
    bytes_add_u64(packet, time);
}

void bundle_add(struct bytes *packet, const void *element, size_t n)
{
    bytes_add_u32(packet, (uint32_t)n);
    bytes_add(packet, element, n);
}
