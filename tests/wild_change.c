/* Packets: bundles of messages, a packet with one thing changed, and bytes that may be no packet any more. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/text.h"
#include "tests/graph_rig.h"
#include "tests/wild.h"

#define ADDRESS_BYTES 600

unsigned wild_below(uint32_t *seed, unsigned n)
{
    return dice_below(seed, n);
}

static void add_message(uint32_t *seed, const char *address, struct bytes *packet)
{
    struct writer writer;
    struct error error;
    char safe[ADDRESS_BYTES];
    writer_init(&writer);
    wild_args(seed, address, &writer);
    snprintf(safe, sizeof safe, "%s", address_check(address, &error) ? "/odd" : address);
    writer_end(&writer, safe, packet);
}

static void any_message(uint32_t *seed, struct bytes *packet)
{
    char address[ADDRESS_BYTES];
    wild_address(seed, address, sizeof address);
    add_message(seed, address, packet);
}

/* What may stand at the head of a bundle. */
static void head(uint32_t *seed, struct bytes *packet)
{
    static const char *const keys[] = {"req", "label", "if_revision", "fade", "odd"};
    struct writer writer;
    unsigned kind = dice_below(seed, 5);
    writer_init(&writer);
    if (kind == 0)
        writer_long(&writer, dice_below(seed, 100000));
    else if (kind < 3)
        writer_double(&writer, dice_below(seed, 64) / 4.0);
    if (kind == 2)
        writer_double(&writer, dice_below(seed, 8));
    for (unsigned n = dice_below(seed, 4); kind > 2 && n; n--) {
        writer_string(&writer, keys[dice_below(seed, ROWS(keys))]);
        if (dice_below(seed, 3))
            writer_int(&writer, (int32_t)dice_below(seed, 40));
        else
            wild_arg(seed, &writer);
    }
    static const char *const addresses[] = {"/at/frame", "/at/beat", "/at/bar", "/tx", "/tx"};
    writer_end(&writer, addresses[kind], packet);
}

static void add_packet(uint32_t *seed, struct bytes *packet, unsigned depth)
{
    if (depth >= PACKET_DEPTH_MAX || dice_below(seed, depth ? 6 : 4)) {
        any_message(seed, packet);
        return;
    }
    struct bytes whole = {0};
    bundle_begin(&whole, wild_time(seed));
    bool has_head = dice_below(seed, 3) == 0;
    for (unsigned n = dice_below(seed, 6); n; n--) {
        struct bytes element = {0};
        if (has_head)
            head(seed, &element);
        else
            add_packet(seed, &element, depth + 1);
        bundle_add(&whole, element.data, element.n);
        bytes_deinit(&element);
        has_head = false;
    }
    bytes_add(packet, whole.data, whole.n);
    bytes_deinit(&whole);
}

void wild_request(uint32_t *seed, struct bytes *packet)
{
    add_packet(seed, packet, 0);
}

/* ---- changes -------------------------------------------------------------------------------------------------------- */

static void change_message(uint32_t *seed, const uint8_t *bytes, struct bytes *changed)
{
    struct message message = message_read(bytes);
    struct writer writer;
    struct arg arg;
    char address[ADDRESS_BYTES];
    unsigned what = dice_below(seed, 8), at = dice_below(seed, message.n_args + 1);
    snprintf(address, sizeof address, "%s", message.address);
    if (what == 0)
        wild_address(seed, address, sizeof address);
    if (what == 1) { /* the same command, said otherwise */
        add_message(seed, address, changed);
        return;
    }
    struct error error;
    if (address_check(address, &error))
        snprintf(address, sizeof address, "/odd");
    writer_init(&writer);
    for (unsigned i = 0; message_next(&message, &arg); i++) {
        if (i == at && what >= 4) /* in its place, or before it */
            wild_arg(seed, &writer);
        if (i != at || what == 4 || what < 3)
            writer_arg(&writer, &arg);
        if (i == at && what == 2) /* twice */
            writer_arg(&writer, &arg);
    }
    writer_end(&writer, address, changed);
}

static void change_bundle(uint32_t *seed, const uint8_t *bytes, size_t n, struct bytes *changed)
{
    struct bundle bundle = bundle_read(bytes, n);
    struct bytes whole = {0};
    unsigned n_elements = 0, i = 0, what = dice_below(seed, 8);
    const uint8_t *element;
    size_t n_element;
    for (struct bundle count = bundle; bundle_next(&count, &element, &n_element); n_elements++)
        continue;
    unsigned at = dice_below(seed, n_elements + 1);
    bundle_begin(&whole, what == 0 ? wild_time(seed) : bundle.time);
    for (; bundle_next(&bundle, &element, &n_element); i++) {
        struct bytes other = {0};
        if (i == at && what >= 3)
            wild_change(seed, element, n_element, &other);
        else if (i == at && what == 2)
            any_message(seed, &other);
        if (other.n)
            bundle_add(&whole, other.data, other.n);
        if (i != at || what < 3)
            bundle_add(&whole, element, n_element);
        bytes_deinit(&other);
    }
    bytes_add(changed, whole.data, whole.n);
    bytes_deinit(&whole);
}

/* The packet as a part of a bundle, alone or with something new. */
static void wrap(uint32_t *seed, const uint8_t *packet, size_t n, struct bytes *changed)
{
    struct bytes whole = {0}, other = {0};
    bundle_begin(&whole, wild_time(seed));
    bool is_first = dice_below(seed, 2);
    if (is_first)
        bundle_add(&whole, packet, n);
    add_packet(seed, &other, 1);
    if (dice_below(seed, 4))
        bundle_add(&whole, other.data, other.n);
    if (!is_first)
        bundle_add(&whole, packet, n);
    bytes_add(changed, whole.data, whole.n);
    bytes_deinit(&whole);
    bytes_deinit(&other);
}

void wild_change(uint32_t *seed, const uint8_t *packet, size_t n, struct bytes *changed)
{
    struct bytes other = {0};
    struct error error;
    if (dice_below(seed, 10) == 0)
        wrap(seed, packet, n, &other);
    else if (packet_is_bundle(packet, n))
        change_bundle(seed, packet, n, &other);
    else
        change_message(seed, packet, &other);
    /* Wrapped too often, or grown beyond what is taken. */
    if (packet_check(other.data, other.n, WILD_ELEMENTS_MAX, &error))
        wild_request(seed, changed);
    else
        bytes_add(changed, other.data, other.n);
    bytes_deinit(&other);
}

size_t wild_damage(uint32_t *seed, uint8_t *bytes, size_t n)
{
    static const uint8_t likely[] = {0, 1, 4, 0x7f, 0x80, 0xff, ',', 's', 'b', 'i', '/', '#', '[', 0xc0, 0xdb, 0xdc, 0xdd};
    for (unsigned flips = 1 + dice_below(seed, 4); n && flips; flips--)
        bytes[dice_below(seed, (unsigned)n)] =
            dice_below(seed, 2) ? likely[dice_below(seed, sizeof likely)] : (uint8_t)(dice(seed) >> 16);
    if (dice_below(seed, 8) == 0)
        n = dice_below(seed, (unsigned)n + 1);
    return n;
}

void wild_line(uint32_t *seed, struct bytes *line)
{
    struct bytes message = {0};
    size_t start = line->n;
    if (dice_below(seed, 12) == 0)
        bytes_print(line, "%s", dice_below(seed, 2) ? "[" : "]");
    else {
        any_message(seed, &message);
        text_format(message.data, line);
    }
    bytes_deinit(&message);
    if (dice_below(seed, 10) == 0 && line->n > start)
        line->data[start + dice_below(seed, (unsigned)(line->n - start))] = (uint8_t)(' ' + dice_below(seed, 95));
}
