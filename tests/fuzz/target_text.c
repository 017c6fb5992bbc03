/* Any bytes at all, as the lines of a script: none is read as a packet that is none, and what was read is written as a line that
 * is read as the same. */
#include <string.h>

#include "osc/text.h"
#include "tests/fuzz/fuzz.h"
#include "tests/wild.h"

static void check_message(const struct bytes *packet)
{
    struct bytes line = {0}, again = {0};
    struct error error;
    enum text_line kind;
    fuzz_expect(packet_check(packet->data, packet->n, 0, &error) == 0, "a line was read as what is no packet");
    text_format(packet->data, &line);
    fuzz_expect(text_parse((const char *)line.data, line.n, &kind, &again, &error) == 0 && kind == TEXT_MESSAGE,
                "what was written cannot be read");
    fuzz_expect(again.n == packet->n && memcmp(again.data, packet->data, again.n) == 0,
                "what was written is read as something else");
    bytes_deinit(&again);
    bytes_deinit(&line);
}

static void run_line(const char *line, size_t n)
{
    struct bytes packet = {0};
    struct error error = {0};
    enum text_line kind = TEXT_NOTHING;
    int code = text_parse(line, n, &kind, &packet, &error);
    if (code)
        fuzz_expect(error.text[0] && packet.n == 0, "a refusal gives no reason, or leaves something behind");
    else if (kind == TEXT_MESSAGE)
        check_message(&packet);
    else
        fuzz_expect(packet.n == 0, "a line without a message is one");
    bytes_deinit(&packet);
}

static void run(const uint8_t *bytes, size_t n)
{
    while (n) {
        const uint8_t *end = memchr(bytes, '\n', n);
        size_t length = end ? (size_t)(end - bytes) : n;
        run_line((const char *)bytes, length);
        n -= length + (end != NULL);
        bytes += length + (end != NULL);
    }
}

const struct fuzz_target text_target = {"text", FUZZ_LINES, 0, run, NULL};
