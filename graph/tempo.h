/* The tempo map as it is edited: tempos and signatures, each from a place in bars on. Part of the model.
 *
 *     1:1:0          17:1:0            33:1:0
 *     120 bpm 4/4 ── 90 bpm ─────────── 3/4 ────────▶        marks; what one leaves out goes on
 *
 * A mark keeps its bar when an earlier signature changes: what is marked is a part of the piece, not a time.
 */
#pragma once

#include <stddef.h>

#include "graph/error.h"
#include "graph/tempo_shared.h"

#define TEMPO_BPM_MIN    10
#define TEMPO_BPM_MAX    999
#define TEMPO_MICRO      1000000u /* a tempo is kept in millionths of a bpm */
#define TEMPO_NUMBER_MAX 32       /* either number of a signature */
#define TEMPO_MARKS_MAX  1000     /* each edit walks through all */

/* What changes at a place. */
struct tempo_mark {
    struct bars at;
    uint32_t micro_bpm;              /* 0: the tempo goes on */
    unsigned numerator, denominator; /* 0: the signature goes on; otherwise `at` is the start of a bar */
};

/* What holds somewhere, and since where. */
struct tempo_state {
    uint32_t micro_bpm;
    unsigned numerator, denominator;
    struct bars tempo_at, meter_at;
};

/* Sorted by place. All-zero: 120 bpm in 4/4 from beginning to end, as for all that no mark says. */
struct tempo_list {
    struct tempo_mark *marks;
    size_t n, n_capacity;
    uint32_t edition; /* counts what was put */
};

/* Makes room for one more mark. 0, or ERROR_INTERNAL when memory ran out. */
DAWD_CTL int tempo_list_reserve(struct tempo_list *list);
/* Puts a mark in the place of the one at mark->at; one that says nothing takes it away. Returns what was there, so that
 * putting that back undoes it. Needs tempo_list_reserve once; to undo needs none. */
DAWD_CTL struct tempo_mark tempo_list_put(struct tempo_list *list, struct tempo_mark mark);
DAWD_CTL void tempo_list_deinit(struct tempo_list *list);

/* The mark at this very place, or one that says nothing. */
DAWD_CTL struct tempo_mark tempo_list_at(const struct tempo_list *list, const struct bars *at);
/* What holds at a place. */
DAWD_CTL struct tempo_state tempo_list_state(const struct tempo_list *list, const struct bars *at);

/* Whether there is such a beat in such a bar. 0; range, with what there is instead. */
DAWD_CTL int tempo_list_check(const struct tempo_list *list, const struct bars *at, struct error *error);
/* Whether all marks lie inside of their bars. 0; conflict, with the first that does not. */
DAWD_CTL int tempo_list_check_all(const struct tempo_list *list, struct error *error);

/* Compiles the list for a sample rate in Hz: one block of memory, the caller's to free(). Null when memory ran out. */
DAWD_CTL struct tempo_map *tempo_map_new(const struct tempo_list *list, uint32_t rate_hz);

/* The same with one tempo from beginning to end, whatever the list says; signatures stay. */
DAWD_CTL struct tempo_map *tempo_map_new_at(const struct tempo_list *list, uint32_t micro_bpm, uint32_t rate_hz);

/* Reads "17:1:0", "17:1" or "17". False for anything else, and for numbers of more than 9 digits. */
DAWD_ANY bool bars_parse(const char *text, struct bars *bars);
/* "17:1:0". */
#define BARS_BYTES 64
DAWD_ANY void bars_print(const struct bars *bars, char *text);
/* Below 0, 0 or above, as a lies before b, at it or behind. */
DAWD_ANY int bars_compare(const struct bars *a, const struct bars *b);
