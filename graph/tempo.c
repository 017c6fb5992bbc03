/* The list is short and edits are rare: everything walks it from the start. What is asked often is asked of the map. */
#include "graph/tempo.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct tempo_state beginning = {120 * TEMPO_MICRO, 4, 4, {1, 1, 0}, {1, 1, 0}};

int bars_compare(const struct bars *a, const struct bars *b)
{
    if (a->bar != b->bar)
        return a->bar < b->bar ? -1 : 1;
    if (a->beat != b->beat)
        return a->beat < b->beat ? -1 : 1;
    return a->tick < b->tick ? -1 : a->tick > b->tick;
}

bool bars_parse(const char *text, struct bars *bars)
{
    int64_t numbers[3] = {1, 1, 0};
    for (unsigned i = 0; i < 3; i++) {
        size_t n = strspn(text, "0123456789");
        if (n == 0 || n > 9)
            return false;
        numbers[i] = strtoll(text, NULL, 10);
        text += n;
        if (!*text) {
            *bars = (struct bars){numbers[0], numbers[1], numbers[2]};
            return true;
        }
        if (*text++ != ':')
            return false;
    }
    return false;
}

void bars_print(const struct bars *bars, char *text)
{
    snprintf(text, BARS_BYTES, "%lld:%lld:%lld", (long long)bars->bar, (long long)bars->beat, (long long)bars->tick);
}

/* ---- marks ---------------------------------------------------------------------------------------------------------- */

int tempo_list_reserve(struct tempo_list *list)
{
    if (list->n < list->n_capacity)
        return 0;
    size_t n = 2 * list->n_capacity + 8;
    struct tempo_mark *marks = realloc(list->marks, n * sizeof *marks);
    if (!marks)
        return ERROR_INTERNAL;
    list->marks = marks;
    list->n_capacity = n;
    return 0;
}

void tempo_list_deinit(struct tempo_list *list)
{
    free(list->marks);
    *list = (struct tempo_list){0};
}

/* Marks before the place. */
static size_t n_before(const struct tempo_list *list, const struct bars *at)
{
    size_t n = 0;
    while (n < list->n && bars_compare(&list->marks[n].at, at) < 0)
        n++;
    return n;
}

static bool is_at(const struct tempo_list *list, size_t i, const struct bars *at)
{
    return i < list->n && bars_compare(&list->marks[i].at, at) == 0;
}

struct tempo_mark tempo_list_at(const struct tempo_list *list, const struct bars *at)
{
    size_t i = n_before(list, at);
    return is_at(list, i, at) ? list->marks[i] : (struct tempo_mark){.at = *at};
}

struct tempo_mark tempo_list_put(struct tempo_list *list, struct tempo_mark mark)
{
    struct tempo_mark old = tempo_list_at(list, &mark.at);
    size_t i = n_before(list, &mark.at);
    bool was = is_at(list, i, &mark.at), is = mark.micro_bpm || mark.numerator;
    struct tempo_mark *marks = list->marks + i;
    list->edition++;
    if (was && !is)
        memmove(marks, marks + 1, (--list->n - i) * sizeof *marks);
    else if (is && !was)
        memmove(marks + 1, marks, (list->n++ - i) * sizeof *marks);
    if (is)
        *marks = mark;
    return old;
}

/* ---- what holds ----------------------------------------------------------------------------------------------------- */

static void state_move(struct tempo_state *state, const struct tempo_mark *mark)
{
    if (mark->micro_bpm) {
        state->micro_bpm = mark->micro_bpm;
        state->tempo_at = mark->at;
    }
    if (mark->numerator) {
        state->numerator = mark->numerator;
        state->denominator = mark->denominator;
        state->meter_at = mark->at;
    }
}

struct tempo_state tempo_list_state(const struct tempo_list *list, const struct bars *at)
{
    struct tempo_state state = beginning;
    for (size_t i = 0; i < list->n && bars_compare(&list->marks[i].at, at) <= 0; i++)
        state_move(&state, &list->marks[i]);
    return state;
}

static bool is_inside(const struct tempo_state *state, const struct bars *at)
{
    return at->beat >= 1 && at->beat <= state->numerator && at->tick >= 0 &&
           at->tick < tempo_beat_ticks(state->denominator);
}

int tempo_list_check(const struct tempo_list *list, const struct bars *at, struct error *error)
{
    char text[BARS_BYTES];
    bars_print(at, text);
    if (at->bar < 1 || at->bar > TEMPO_BARS_MAX)
        return error_set(error, ERROR_RANGE, "%s: bars count from 1 to %d", text, TEMPO_BARS_MAX);
    struct tempo_state state = tempo_list_state(list, &(struct bars){at->bar, 1, 0});
    if (is_inside(&state, at))
        return 0;
    return error_set(error, ERROR_RANGE,
                     "%s: bar %lld is in %u/%u, its beats count from 1 to %u, the ticks of each from 0 to %lld", text,
                     (long long)at->bar, state.numerator, state.denominator, state.numerator,
                     (long long)tempo_beat_ticks(state.denominator) - 1);
}

int tempo_list_check_all(const struct tempo_list *list, struct error *error)
{
    struct tempo_state state = beginning;
    for (size_t i = 0; i < list->n; i++) {
        const struct tempo_mark *mark = &list->marks[i];
        state_move(&state, mark);
        if (is_inside(&state, &mark->at))
            continue;
        char text[BARS_BYTES];
        bars_print(&mark->at, text);
        return error_set(error, ERROR_CONFLICT,
                         "the tempo at %s would lie outside of its bar of %u/%u: /transport/clear %s first", text,
                         state.numerator, state.denominator, text);
    }
    return 0;
}

/* ---- the map -------------------------------------------------------------------------------------------------------- */

static void meter_add(struct tempo_map *map, const struct bars *at, unsigned numerator, unsigned denominator)
{
    int64_t tick = map->n_meters ? tempo_tick_of_bars(map, at) : 0;
    map->meters[map->n_meters++] = (struct tempo_meter){at->bar, tick, numerator, denominator};
}

static void stretch_add(struct tempo_map *map, const struct bars *at, uint32_t micro_bpm)
{
    struct tempo_stretch next = {.micro_bpm = micro_bpm};
    if (map->n_stretches) {
        const struct tempo_stretch *last = &map->stretches[map->n_stretches - 1];
        next.tick = tempo_tick_of_bars(map, at);
        next.frame_q40 = last->frame_q40 + tempo_frames_q40(map, last, (next.tick - last->tick) << 20);
    }
    map->stretches[map->n_stretches++] = next;
}

_Static_assert(sizeof(struct tempo_map) % _Alignof(struct tempo_stretch) == 0, "the tables follow the map in one block");

struct tempo_map *tempo_map_new_at(const struct tempo_list *list, uint32_t micro_bpm, uint32_t rate_hz)
{
    struct tempo_map *map = tempo_map_new(list, rate_hz);
    if (map) {
        map->n_stretches = 1;
        map->stretches[0].micro_bpm = micro_bpm;
    }
    return map;
}

struct tempo_map *tempo_map_new(const struct tempo_list *list, uint32_t rate_hz)
{
    size_t n = list->n + 1;
    struct tempo_map *map = calloc(1, sizeof *map + n * (sizeof *map->stretches + sizeof *map->meters));
    if (!map)
        return NULL;
    map->rate_hz = rate_hz;
    map->edition = list->edition;
    map->stretches = (struct tempo_stretch *)(map + 1);
    map->meters = (struct tempo_meter *)(map->stretches + n);
    struct tempo_state first = tempo_list_state(list, &beginning.tempo_at);
    meter_add(map, &first.meter_at, first.numerator, first.denominator);
    stretch_add(map, &first.tempo_at, first.micro_bpm);
    for (size_t i = 0; i < list->n; i++) {
        const struct tempo_mark *mark = &list->marks[i];
        if (bars_compare(&mark->at, &beginning.tempo_at) == 0)
            continue;
        if (mark->numerator)
            meter_add(map, &mark->at, mark->numerator, mark->denominator);
        if (mark->micro_bpm)
            stretch_add(map, &mark->at, mark->micro_bpm);
    }
    return map;
}
