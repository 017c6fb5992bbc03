/* Pieces with tempos and signatures, for nodes that go by them; and where in them things are, by rational arithmetic.
 *
 *     static const struct piece_mark marks[] = {{1, 1, 0, 12000, 4, 4}, {3, 2, 100, 9133, 0, 0}};
 *     struct tempo_map *map = piece_map(marks, 2, 48000);       free()
 *     piece_frame(marks, 2, 48000, 1001, 3)                      the frame nearest to tick 333.67
 */
#pragma once

#include "tests/node_rig.h"

#include "graph/tempo_shared.h"

struct piece_mark {
    int64_t bar, beat, tick;
    uint32_t centi_bpm; /* hundredths; 0: it goes on */
    unsigned numerator, denominator;
};

struct tempo_map *piece_map(const struct piece_mark *marks, unsigned n, uint32_t rate_hz);
/* Of a place of so many ticks, a fraction; at most four tempos. Half way between two frames it is the later one. */
int64_t piece_frame(const struct piece_mark *marks, unsigned n, uint32_t rate_hz, int64_t ticks, int64_t by);
/* The tick of a mark. */
int64_t piece_tick(const struct piece_mark *marks, unsigned n, int64_t bar, int64_t beat, int64_t tick);

/* What a rig has played, of one kind: the k-th; null: there are fewer. */
const struct event *played_at(const struct rig *rig, enum event_kind kind, size_t k);
size_t played_count(const struct rig *rig, enum event_kind kind);
/* Ends the test unless every note that went on went off, no earlier than it went on, and none went on twice at once. */
void played_check_ends(const struct rig *rig);
