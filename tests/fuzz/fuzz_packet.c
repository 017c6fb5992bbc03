/* Any bytes at all, as a packet: the check must read nothing outside them, and what it accepts must survive the readers,
 * the text form and liblo, and come back as the same bytes.
 *
 *   clang -fsanitize=fuzzer,address,undefined -I. -D_GNU_SOURCE tests/fuzz/fuzz_packet.c
 *         osc/{packet,bytes,writer,word,text}.c graph/error.c -llo -lm
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <lo/lo.h>

#include "osc/bytes.h"
#include "osc/packet.h"
#include "osc/text.h"
#include "osc/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void expect(int truth)
{
    if (!truth)
        abort();
}

/* Reads every byte that an argument points to. */
static unsigned touch(const struct arg *arg)
{
    unsigned sum = 0;
    if (arg->tag == 's' || arg->tag == 'S')
        expect(strlen(arg->s) == arg->n_bytes);
    if (arg->tag == 'b')
        for (uint32_t i = 0; i < arg->n_bytes; i++)
            sum += arg->b[i];
    int64_t whole;
    double number;
    bool truth;
    return sum + arg_integer(arg, &whole) + arg_number(arg, &number) + arg_truth(arg, &truth) + (arg_string(arg) != NULL);
}

static void through_text(const uint8_t *bytes, size_t n)
{
    struct bytes line = {0}, packet = {0};
    struct error error;
    enum text_line kind;
    text_format(bytes, &line);
    expect(!line.failed && !memchr(line.data, '\n', line.n));
    if (text_parse((const char *)line.data, line.n, &kind, &packet, &error) != 0)
        abort();
    expect(kind == TEXT_MESSAGE && packet.n == n && memcmp(packet.data, bytes, n) == 0);
    bytes_deinit(&line);
    bytes_deinit(&packet);
}

static void through_liblo(const uint8_t *bytes, size_t n)
{
    int result;
    void *copy = malloc(n); /* liblo swaps bytes in place and wants them aligned */
    memcpy(copy, bytes, n);
    lo_message message = lo_message_deserialise(copy, n, &result);
    expect(message != NULL);
    lo_message_free(message);
    free(copy);
}

static void walk_message(const uint8_t *bytes, size_t n)
{
    struct message message = message_read(bytes);
    struct arg arg, first[4];
    unsigned n_args = 0, n_first = message_args(&message, first, 4);
    bool has_colour = strchr(message.tags, 'r') != NULL; /* which liblo does not know */
    expect(message.address[0] == '/');
    for (; message_next(&message, &arg); n_args++)
        touch(&arg);
    expect(n_args == message.n_args && n_first == (n_args < 4 ? n_args : 4));
    expect(message.at == bytes + n);
    through_text(bytes, n);
    if (!has_colour)
        through_liblo(bytes, n);
}

static void walk(const uint8_t *bytes, size_t n)
{
    const uint8_t *element;
    size_t n_element;
    if (!packet_is_bundle(bytes, n)) {
        walk_message(bytes, n);
        return;
    }
    struct bundle bundle = bundle_read(bytes, n);
    while (bundle_next(&bundle, &element, &n_element))
        walk(element, n_element);
}

/* The same bytes as a line of text: no crash, and what is accepted is a packet. */
static void as_text(const uint8_t *data, size_t n)
{
    struct bytes packet = {0};
    struct error error;
    enum text_line kind;
    if (text_parse((const char *)data, n, &kind, &packet, &error) == 0 && kind == TEXT_MESSAGE) {
        expect(packet_check(packet.data, packet.n, 0, &error) == 0);
        through_text(packet.data, packet.n);
    }
    bytes_deinit(&packet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct error error = {0};
    if (packet_check(data, n, 256, &error) == 0)
        walk(data, n);
    else
        expect(error.code != ERROR_NONE && error.text[0]);
    as_text(data, n);
    return 0;
}
