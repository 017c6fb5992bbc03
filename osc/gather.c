#include "osc/gather.h"

#include <string.h>

#define DATAGRAM_BYTES 16384 /* of one bundle, where many answers take several */

void gather_add(struct bytes *gathered, const struct bytes *packet)
{
    if (!gathered->n)
        bundle_begin(gathered, PACKET_TIME_NOW);
    bundle_add(gathered, packet->data, packet->n);
    gathered->failed |= packet->failed;
}

/* One of several that do not fit together. What does not fit alone is told under its own address. */
static void element_send(const struct request *request, const uint8_t *element, size_t n)
{
    int code = request_send_packet(request, element, n);
    if (!code)
        return;
    struct message message = message_read(element);
    struct request head = *request;
    struct arg args[2];
    bool is_done = strcmp(message.address, "/done") == 0 && message_args(&message, args, 2) == 2;
    head.address = is_done ? arg_string(&args[1]) : message.address;
    head.gathered = NULL;
    request_fail_to_send(&head, code);
}

/* Sends as many elements from a place on as fit DATAGRAM_BYTES, one at least. */
static void some_send(const struct request *request, struct bundle *from)
{
    struct bytes packet = {0};
    struct bundle at = *from;
    const uint8_t *element, *first = NULL;
    size_t n, n_first = 0;
    bundle_begin(&packet, PACKET_TIME_NOW);
    for (; bundle_next(&at, &element, &n) && (!first || packet.n + n < DATAGRAM_BYTES); *from = at) {
        bundle_add(&packet, element, n);
        n_first = first ? n_first : n;
        first = first ? first : element;
    }
    if (first && n_first >= DATAGRAM_BYTES)
        element_send(request, first, n_first);
    else if (first)
        request_fail_to_send(request, packet.failed ? ERROR_INTERNAL : request_send_packet(request, packet.data, packet.n));
    bytes_deinit(&packet);
}

/* The only element of the bundle, or null. */
static const uint8_t *alone(const struct bytes *gathered, size_t *n)
{
    struct bundle bundle = bundle_read(gathered->data, gathered->n);
    const uint8_t *first = NULL;
    bundle_next(&bundle, &first, n);
    return bundle.at == bundle.end ? first : NULL;
}

void gather_send(const struct request *request, const struct bytes *gathered)
{
    size_t n;
    if (!gathered->n && !gathered->failed)
        return;
    const uint8_t *only = gathered->failed ? NULL : alone(gathered, &n);
    if (only) {
        element_send(request, only, n);
        return;
    }
    int code = gathered->failed ? ERROR_INTERNAL : request_send_packet(request, gathered->data, gathered->n);
    if (code != ERROR_TOO_BIG) {
        request_fail_to_send(request, code);
        return;
    }
    struct bundle rest = bundle_read(gathered->data, gathered->n);
    while (rest.at < rest.end)
        some_send(request, &rest);
}
