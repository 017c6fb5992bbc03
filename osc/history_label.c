#include "osc/history_label.h"

#include <string.h>

#include "osc/dispatch.h"
#include "osc/packet.h"
#include "osc/text.h"

#define ASKED_BYTES 160 /* of what was asked */

static void message_print(const uint8_t *message, struct bytes *text)
{
    struct bytes line = {0};
    text_format(message, &line);
    bytes_add_byte(&line, '\0');
    const char *plain = line.failed ? "" : dispatch_strip((const char *)line.data, NULL);
    size_t n = strlen(plain);
    bytes_add(text, plain, n > ASKED_BYTES ? ASKED_BYTES : n);
    bytes_deinit(&line);
}

static void packet_print(const uint8_t *packet, size_t n, struct bytes *text)
{
    if (!packet_is_bundle(packet, n)) {
        message_print(packet, text);
        return;
    }
    struct bundle bundle = bundle_read(packet, n);
    const uint8_t *element;
    size_t n_element, n_told = 0;
    while (bundle_next(&bundle, &element, &n_element))
        if (!packet_is_bundle(element, n_element) && strcmp(message_read(element).address, "/tx") != 0 && n_told++ == 0)
            message_print(element, text);
    if (n_told > 1)
        bytes_print(text, " and %zu more", n_told - 1);
}

char *history_label_make(const uint8_t *packet, size_t n)
{
    struct bytes text = {0};
    if (!packet)
        return NULL;
    packet_print(packet, n, &text);
    bytes_add_byte(&text, '\0');
    if (!text.failed)
        return (char *)text.data;
    bytes_deinit(&text);
    return NULL;
}
