/* Several clients of one server over a real engine, in a time that the test moves: what each of them hears, packet by packet.
 *
 *     struct sub_rig rig;
 *     sub_rig_open(&rig);
 *     struct peer fader = osc_rig_datagram(9001);
 *     sub_rig_say(&rig, &fader, "/sub \"/node/tone/freq\"");
 *     sub_rig_hears(&rig, &fader, "/done 0 /sub 1");
 *     sub_rig_pass(&rig, 10);
 *     sub_rig_hears(&rig, &fader, "/node/tone/freq 440.0");
 *     sub_rig_close(&rig);
 *
 * Packets of subscriptions are taken apart: each must begin with /sub/seq, whose number is looked at, and what is heard are the
 * lines behind it.
 */
#pragma once

#include "tests/osc_rig.h"

struct sub_rig_packet {
    struct peer peer;
    int32_t sub, n; /* of /sub/seq; 0: no packet of a subscription */
    uint64_t time;  /* tag of the bundle */
    uint64_t sent_ns;
    size_t n_bytes;
    char **lines; /* without /sub/seq */
    unsigned n_lines, n_read;
};

struct sub_rig {
    struct osc_rig osc;
    uint64_t now_ns;
    struct sub_rig_packet *packets; /* all there were */
    unsigned n_packets;
    const struct peer *stalled; /* a connection whose queue is long; null: none */
    const struct peer *deaf;    /* what is sent to it gets lost */
};

void sub_rig_open(struct sub_rig *rig);
void sub_rig_close(struct sub_rig *rig);

/* Hands the server a message or bundle from this client. */
void sub_rig_say(struct sub_rig *rig, const struct peer *peer, const char *lines);
/* Lets so many milliseconds pass, in turns of 10, in which the engine runs 480 frames and the server ticks. */
void sub_rig_pass(struct sub_rig *rig, unsigned ms);

/* Sends /sub, which must be done, and reads the snapshot. */
void sub_rig_subscribe(struct sub_rig *rig, const struct peer *peer, const char *line);

/* The next line that the client has not read, or "" when there is none; valid until the rig is closed. */
const char *sub_rig_line(struct sub_rig *rig, const struct peer *peer);
/* It must be this; "" for none. */
void sub_rig_hears(struct sub_rig *rig, const struct peer *peer, const char *line);
/* Reads all that it has not read. Returns how many lines that were. */
unsigned sub_rig_skip(struct sub_rig *rig, const struct peer *peer);
/* What it heard last at this address, from the beginning on; "" for nothing. */
const char *sub_rig_last(const struct sub_rig *rig, const struct peer *peer, const char *address);
/* The newest packet of a subscription that this client has got, or null. */
const struct sub_rig_packet *sub_rig_newest(const struct sub_rig *rig, const struct peer *peer);
