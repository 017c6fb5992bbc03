/* Any bytes at all, as a packet: the check must read nothing outside them, and what it accepts must survive the readers,
 * the text form and liblo, and come back as the same bytes. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <lo/lo.h>

#include "osc/bytes.h"
#include "osc/packet.h"
#include "osc/text.h"
#include "osc/writer.h"
#include "tests/fuzz/fuzz.h"
#include "tests/wild.h"

/* Reads every byte that an argument points to. */
static unsigned touch(const struct arg *arg)
{
    unsigned sum = 0;
    if (arg->tag == 's' || arg->tag == 'S')
        fuzz_expect(strlen(arg->s) == arg->n_bytes, "a string has another length than its argument");
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
    fuzz_expect(!line.failed && !memchr(line.data, '\n', line.n), "a message is more than one line");
    fuzz_expect(text_parse((const char *)line.data, line.n, &kind, &packet, &error) == 0,
                "what was written cannot be read");
    fuzz_expect(kind == TEXT_MESSAGE && packet.n == n && memcmp(packet.data, bytes, n) == 0,
                "what was written is read as something else");
    bytes_deinit(&line);
    bytes_deinit(&packet);
}

static void through_liblo(const uint8_t *bytes, size_t n)
{
    int result;
    void *copy = malloc(n); /* liblo swaps bytes in place and wants them aligned */
    memcpy(copy, bytes, n);
    lo_message message = lo_message_deserialise(copy, n, &result);
    fuzz_expect(message != NULL, "liblo does not know what we take");
    lo_message_free(message);
    free(copy);
}

/* One in eight of those that are taken: it costs as much as all the rest. */
static bool is_for_all_ways(const uint8_t *bytes, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += bytes[i];
    return sum % 8 == 0;
}

static void walk_message(const uint8_t *bytes, size_t n)
{
    struct message message = message_read(bytes);
    struct arg arg, first[4];
    unsigned n_args = 0, n_first = message_args(&message, first, 4);
    bool has_colour = strchr(message.tags, 'r') != NULL; /* which liblo does not know */
    fuzz_expect(message.address[0] == '/', "an address without a slash was taken");
    for (; message_next(&message, &arg); n_args++)
        touch(&arg);
    fuzz_expect(n_args == message.n_args && n_first == (n_args < 4 ? n_args : 4), "arguments were miscounted");
    fuzz_expect(message.at == bytes + n, "the readers do not end where the message does");
    if (!is_for_all_ways(bytes, n))
        return;
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

static void run(const uint8_t *data, size_t n)
{
    struct error error = {0};
    if (packet_check(data, n, WILD_ELEMENTS_MAX, &error) == 0)
        walk(data, n);
    else
        fuzz_expect(error.code != ERROR_NONE && error.text[0], "a refusal gives no reason");
}

const struct fuzz_target packet_target = {"packet", FUZZ_PACKET, 0, run, NULL};
