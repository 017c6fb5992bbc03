/* When a bundle is to take effect, as its sender says it.
 *
 *     time tag            the wall clock: follows it where that is set anew
 *     /at/frame 480000h   engine time
 *     /at/beat 64         quarter notes from the beginning of the piece   } follow tempo, signatures and the transport, and wait
 *     /at/bar 17 1        a bar, and a beat of it by its signature         } while that stands
 */
#pragma once

#include "graph/error.h"
#include "graph/tempo_shared.h"
#include "graph/thread.h"
#include "osc/packet.h"

struct server;

/* A clock that waiting bundles go by. */
enum when_kind { WHEN_TAG, WHEN_FRAME, WHEN_PLACE, N_WHEN_KINDS };

struct when {
    bool given; /* otherwise: at once */
    enum when_kind kind;
    uint64_t tag;   /* WHEN_TAG: NTP */
    int64_t frame;  /* WHEN_FRAME: of engine time */
    bool is_in_bar; /* WHEN_PLACE: `beat` counts from 1 in `bar`; otherwise from 0 at the beginning of the piece */
    int64_t bar;
    double beat;
};

#define WHEN_AHEAD_MAX_S 60 /* of tags: what lies further ahead is a clock that is wrong */
#define WHEN_TEXT_BYTES  80

/* Whether the message says when; then it stands at the head of its bundle. */
DAWD_ANY bool when_is_address(const char *address);
/* Reads it. 0, or why it says nothing. */
DAWD_CTL int when_read(struct server *server, const struct message *message, struct when *when, struct error *error);
/* "tag 3929999999.500", "frame 480000", "beat 64", "bar 17 beat 1". */
DAWD_ANY void when_print(const struct when *when, char *text);

/* The engine frame of a tag or frame at this moment; it may lie before the engine's start. */
DAWD_CTL int64_t when_frame(struct server *server, const struct when *when);
/* The place in the piece, in 2^-20 ticks from its beginning, by this map. */
DAWD_CTL int64_t when_tick_q20(const struct when *when, const struct tempo_map *map);
