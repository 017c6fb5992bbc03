#include "tests/sub_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "osc/text.h"

static void line_add(struct sub_rig_packet *packet, const uint8_t *message)
{
    struct bytes line = {0};
    text_format(message, &line);
    bytes_add_byte(&line, '\0');
    packet->lines = realloc(packet->lines, (packet->n_lines + 1) * sizeof(char *));
    OSC_RIG_DEMAND(packet->lines && !line.failed, "memory ran out");
    packet->lines[packet->n_lines++] = (char *)line.data;
}

static void head_take(struct sub_rig_packet *packet, const uint8_t *message)
{
    struct message head = message_read(message);
    struct arg args[2];
    OSC_RIG_DEMAND(strcmp(head.address, "/sub/seq") == 0 && strcmp(head.tags, "ii") == 0,
                   "a packet begins with %s and not with /sub/seq", head.address);
    message_args(&head, args, 2);
    packet->sub = args[0].i;
    packet->n = args[1].i;
}

static int take_packet(void *self, const struct peer *peer, const void *bytes, size_t n)
{
    struct sub_rig *rig = self;
    struct error error = {0};
    struct sub_rig_packet packet = {.peer = *peer, .sent_ns = rig->now_ns, .n_bytes = n};
    if (rig->deaf && peer_equal(rig->deaf, peer))
        return 0;
    OSC_RIG_DEMAND(packet_check(bytes, n, 65536, &error) == 0, "what is sent is no packet: %s", error.text);
    if (packet_is_bundle(bytes, n)) {
        struct bundle bundle = bundle_read(bytes, n);
        const uint8_t *element;
        size_t n_element;
        packet.time = bundle.time;
        OSC_RIG_DEMAND(bundle_next(&bundle, &element, &n_element), "an empty bundle");
        head_take(&packet, element);
        while (bundle_next(&bundle, &element, &n_element))
            line_add(&packet, element);
    } else {
        line_add(&packet, bytes);
    }
    rig->packets = realloc(rig->packets, (rig->n_packets + 1) * sizeof packet);
    OSC_RIG_DEMAND(rig->packets, "memory ran out");
    rig->packets[rig->n_packets++] = packet;
    return 0;
}

static size_t queued(void *self, const struct peer *peer)
{
    const struct sub_rig *rig = self;
    return rig->stalled && peer_equal(rig->stalled, peer) ? 200000 : 0;
}

static uint64_t clock_now(void *self)
{
    return ((const struct sub_rig *)self)->now_ns;
}

void sub_rig_open(struct sub_rig *rig)
{
    memset(rig, 0, sizeof *rig);
    osc_rig_open(&rig->osc);
    rig->now_ns = 5000000000u;
    rig->osc.ctl->engine->clock = (struct clock){clock_now, rig};
    rig->osc.server->sender = (struct sender){rig, take_packet, NULL, queued};
}

void sub_rig_close(struct sub_rig *rig)
{
    osc_rig_close(&rig->osc);
    for (unsigned i = 0; i < rig->n_packets; i++) {
        for (unsigned k = 0; k < rig->packets[i].n_lines; k++)
            free(rig->packets[i].lines[k]);
        free(rig->packets[i].lines);
    }
    free(rig->packets);
}

void sub_rig_say(struct sub_rig *rig, const struct peer *peer, const char *lines)
{
    rig->osc.peer = *peer;
    osc_rig_send(&rig->osc, lines);
}

void sub_rig_pass(struct sub_rig *rig, unsigned ms)
{
    for (unsigned at = 0; at < ms; at += 10) {
        rig->now_ns += 10000000u;
        ctl_poll(rig->osc.ctl);
        engine_cycle_rt(rig->osc.ctl->engine, &(struct cycle){.n_frames = OSC_RIG_RATE_HZ / 100});
        ctl_poll(rig->osc.ctl);
        server_tick(rig->osc.server);
    }
}

const char *sub_rig_line(struct sub_rig *rig, const struct peer *peer)
{
    for (unsigned i = 0; i < rig->n_packets; i++) {
        struct sub_rig_packet *packet = &rig->packets[i];
        if (packet->n_read < packet->n_lines && peer_equal(&packet->peer, peer))
            return packet->lines[packet->n_read++];
    }
    return "";
}

void sub_rig_hears(struct sub_rig *rig, const struct peer *peer, const char *line)
{
    const char *heard = sub_rig_line(rig, peer);
    OSC_RIG_DEMAND(strcmp(heard, line) == 0, "%s is heard, not %s", *heard ? heard : "nothing", *line ? line : "nothing");
}

unsigned sub_rig_skip(struct sub_rig *rig, const struct peer *peer)
{
    unsigned n = 0;
    while (*sub_rig_line(rig, peer))
        n++;
    return n;
}

const char *sub_rig_last(const struct sub_rig *rig, const struct peer *peer, const char *address)
{
    const char *last = "";
    size_t n = strlen(address);
    for (unsigned i = 0; i < rig->n_packets; i++)
        for (unsigned k = 0; k < rig->packets[i].n_lines; k++) {
            const char *line = rig->packets[i].lines[k];
            if (peer_equal(&rig->packets[i].peer, peer) && strncmp(line, address, n) == 0 && line[n] == ' ')
                last = line;
        }
    return last;
}

const struct sub_rig_packet *sub_rig_newest(const struct sub_rig *rig, const struct peer *peer)
{
    for (unsigned i = rig->n_packets; i-- > 0;)
        if (rig->packets[i].sub && peer_equal(&rig->packets[i].peer, peer))
            return &rig->packets[i];
    return NULL;
}

void sub_rig_subscribe(struct sub_rig *rig, const struct peer *peer, const char *line)
{
    sub_rig_say(rig, peer, line);
    OSC_RIG_DEMAND(strncmp(sub_rig_line(rig, peer), "/done 0 /sub ", 13) == 0, "%s", line);
    sub_rig_pass(rig, 10);
    sub_rig_skip(rig, peer);
}
