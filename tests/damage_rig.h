/* Session files that were cut off or tampered with, and what becomes of them in the rig of the language: each is taken whole, or
 * refused while what sounds goes on as it was.
 *
 *     struct damage_rig damage;
 *     damage_rig_open(&damage);
 *     damage_rig_try(&damage, damage.whole, damage.n_whole / 2);       false: refused
 *     damage_rig_tamper(&damage, damage.parts[0], &seed);              changed by chance first
 *     damage_rig_close(&damage);
 */
#pragma once

#include "tests/session_rig.h"

#define DAMAGE_PARTS_MAX 32
#define DAMAGE_STOCK_MAX 8

struct damage_rig {
    struct osc_rig rig;            /* plays a tone */
    char *whole;                   /* a session with a node of every type, each connected */
    size_t n_whole;                /* bytes */
    char *parts[DAMAGE_PARTS_MAX]; /* small ones that together hold what the whole one does */
    unsigned n_parts;
    char *room;                                /* for one that is tampered with */
    struct stocked *stocked[DAMAGE_STOCK_MAX]; /* tables of the whole session: to make one takes longer than a load */
    unsigned n_stocked;
};

DAWD_CTL void damage_rig_open(struct damage_rig *damage);
DAWD_CTL void damage_rig_close(struct damage_rig *damage);

/* Loads it, lets go of the answer, and tells whether it was taken. What is neither taken nor refused as it should ends the test. */
DAWD_CTL bool damage_rig_try(struct damage_rig *damage, const char *text, size_t n);
/* The same with up to three changes by chance: bytes, bits, words, lines. The text is one of the rig's. */
DAWD_CTL bool damage_rig_tamper(struct damage_rig *damage, const char *text, uint32_t *seed);
