#include "tests/piece_rig.h"

#include <check.h>
#include <string.h>

#include "graph/tempo.h"

struct tempo_map *piece_map(const struct piece_mark *marks, unsigned n, uint32_t rate_hz)
{
    struct tempo_list list = {0};
    for (unsigned i = 0; i < n; i++) {
        const struct piece_mark *mark = &marks[i];
        ck_assert_int_eq(tempo_list_reserve(&list), 0);
        tempo_list_put(&list, (struct tempo_mark){{mark->bar, mark->beat, mark->tick},
                                                  mark->centi_bpm * (TEMPO_MICRO / 100),
                                                  mark->numerator,
                                                  mark->denominator});
    }
    struct tempo_map *map = tempo_map_new(&list, rate_hz);
    tempo_list_deinit(&list);
    return map;
}

int64_t piece_tick(const struct piece_mark *marks, unsigned n, int64_t bar, int64_t beat, int64_t tick)
{
    int64_t at = 0, from = 1, numerator = 4, denominator = 4;
    for (unsigned i = 0; i < n && marks[i].bar <= bar; i++)
        if (marks[i].numerator) {
            at += (marks[i].bar - from) * 3840 * numerator / denominator;
            from = marks[i].bar;
            numerator = marks[i].numerator;
            denominator = marks[i].denominator;
        }
    return at + (bar - from) * 3840 * numerator / denominator + (beat - 1) * 3840 / denominator + tick;
}

/* The sum of ticks / tempo over the stretches, over one denominator: the product of all tempos. */
int64_t piece_frame(const struct piece_mark *marks, unsigned n, uint32_t rate_hz, int64_t ticks, int64_t by)
{
    __int128 over = 0, under = 1, from = 0, tempo = 12000;
    for (unsigned i = 0; i <= n; i++) {
        __int128 to = ticks;
        if (i < n && !marks[i].centi_bpm)
            continue;
        if (i < n && (__int128)piece_tick(marks, n, marks[i].bar, marks[i].beat, marks[i].tick) * by < to)
            to = (__int128)piece_tick(marks, n, marks[i].bar, marks[i].beat, marks[i].tick) * by;
        over = over * tempo + (to - from) * under;
        under *= tempo;
        from = to;
        tempo = i < n ? (__int128)marks[i].centi_bpm : tempo;
    }
    /* A tick lasts rate * 60 / (960 * bpm) frames. */
    over *= (__int128)rate_hz * 6000;
    under *= (__int128)960 * by;
    return (int64_t)((2 * over + under) / (2 * under));
}

const struct event *played_at(const struct rig *rig, enum event_kind kind, size_t k)
{
    for (size_t i = 0; i < rig->n_played; i++)
        if (rig->played[i].kind == kind && k-- == 0)
            return &rig->played[i];
    return NULL;
}

size_t played_count(const struct rig *rig, enum event_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < rig->n_played; i++)
        n += rig->played[i].kind == kind;
    return n;
}

void played_check_ends(const struct rig *rig)
{
    int on[EVENT_CHANNELS][128] = {0};
    for (size_t i = 0; i < rig->n_played; i++) {
        const struct event *event = &rig->played[i];
        if (event->kind > EVENT_NOTE_ON)
            continue;
        int *count = &on[event->channel][(int)event->note];
        *count += event->kind == EVENT_NOTE_ON ? 1 : -1;
        ck_assert_msg(*count == 0 || *count == 1, "note %g at %u", (double)event->note, event->offset);
    }
    for (int c = 0; c < EVENT_CHANNELS; c++)
        for (int k = 0; k < 128; k++)
            ck_assert_msg(on[c][k] == 0, "note %d stays on", k);
}
