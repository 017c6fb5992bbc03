/* Musical time against a slow and obvious account of it: bars counted one by one, and fractions of whole numbers. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/tempo.h"
#include "tests/graph_check.h"
#include "tests/suite.h"

#define N_MAPS RIG_ROUNDS(300, 30)

/* Tempos whose beats have a small common multiple, so that the sum of all stretches is an exact fraction. */
static const unsigned tempos[] = {10, 60, 75, 90, 96, 100, 120, 125, 144, 150, 160, 180, 200, 240, 250, 300, 900};
#define COMMON 144000u /* a multiple of all */

static const uint32_t rates_hz[] = {8000, 44100, 48000, 96000, 192000, 768000};

static struct tempo_mark random_mark(uint32_t *seed, unsigned bars)
{
    struct tempo_mark mark = {.at = {1 + dice_below(seed, bars), 1, 0}};
    if (dice_below(seed, 3))
        mark.micro_bpm = tempos[dice_below(seed, ROWS(tempos))] * TEMPO_MICRO;
    if (dice_below(seed, 3) == 0) {
        mark.numerator = 1 + dice_below(seed, TEMPO_NUMBER_MAX);
        mark.denominator = 1u << dice_below(seed, 6);
    }
    return mark;
}

/* Some of the tempos begin within a bar. */
static void random_list(struct tempo_list *list, uint32_t *seed, unsigned bars)
{
    struct error error = {0};
    for (unsigned n = dice_below(seed, 12); n > 0; n--) {
        struct tempo_mark mark = random_mark(seed, bars);
        ck_assert_int_eq(tempo_list_reserve(list), 0);
        tempo_list_put(list, mark);
    }
    for (unsigned n = dice_below(seed, 6); n > 0; n--) {
        struct bars at = {1 + dice_below(seed, bars), 1 + dice_below(seed, 4), dice_below(seed, 200)};
        if (tempo_list_check(list, &at, &error))
            continue;
        struct tempo_mark mark = tempo_list_at(list, &at);
        mark.micro_bpm = tempos[dice_below(seed, ROWS(tempos))] * TEMPO_MICRO;
        ck_assert_int_eq(tempo_list_reserve(list), 0);
        tempo_list_put(list, mark);
    }
    ck_assert_int_eq(tempo_list_check_all(list, &error), 0);
}

/* ---- the slow account ----------------------------------------------------------------------------------------------- */

static int64_t slow_tick(const struct tempo_list *list, struct bars at)
{
    int64_t tick = 0;
    for (int64_t bar = 1; bar < at.bar; bar++) {
        struct tempo_state state = tempo_list_state(list, &(struct bars){bar, 1, 0});
        tick += (int64_t)3840 * state.numerator / state.denominator;
    }
    struct tempo_state state = tempo_list_state(list, &(struct bars){at.bar, 1, 0});
    return tick + (at.beat - 1) * 3840 / state.denominator + at.tick;
}

/* Frames times 16 * COMMON, exactly: a tick lasts rate / (16 bpm). */
static __int128 slow_frames(const struct tempo_list *list, int64_t tick, uint32_t rate_hz)
{
    __int128 sum = 0;
    int64_t from = 0;
    unsigned bpm = 120;
    for (size_t i = 0; i < list->n; i++) {
        if (!list->marks[i].micro_bpm)
            continue;
        int64_t to = slow_tick(list, list->marks[i].at);
        if (to >= tick)
            break;
        sum += (__int128)(to - from) * rate_hz * (COMMON / bpm);
        from = to;
        bpm = list->marks[i].micro_bpm / TEMPO_MICRO;
    }
    return sum + (__int128)(tick - from) * rate_hz * (COMMON / bpm);
}

/* ---- tests ---------------------------------------------------------------------------------------------------------- */

/* Runs `check` over random lists at random rates. */
static void over_random_maps(uint32_t seed, void (*check)(const struct tempo_list *, const struct tempo_map *, uint32_t *))
{
    for (unsigned n = 0; n < N_MAPS; n++) {
        struct tempo_list list = {0};
        random_list(&list, &seed, 1 + dice_below(&seed, 60));
        struct tempo_map *map = tempo_map_new(&list, rates_hz[dice_below(&seed, ROWS(rates_hz))]);
        ck_assert_ptr_nonnull(map);
        check(&list, map, &seed);
        free(map);
        tempo_list_deinit(&list);
    }
}

static void check_bars(const struct tempo_list *list, const struct tempo_map *map, uint32_t *seed)
{
    for (unsigned i = 0; i < 40; i++) {
        struct bars at = {1 + dice_below(seed, 80), 1 + dice_below(seed, 32), dice_below(seed, 3840)};
        struct error error = {0};
        if (tempo_list_check(list, &at, &error))
            continue;
        int64_t tick = slow_tick(list, at);
        MUST(tempo_tick_of_bars(map, &at) == tick, "bar %lld", (long long)at.bar);
        struct bars back = tempo_bars_of_tick(map, tick);
        MUST(bars_compare(&back, &at) == 0, "tick %lld is not %lld:%lld:%lld", (long long)tick, (long long)at.bar,
             (long long)at.beat, (long long)at.tick);
    }
}

START_TEST(bars_are_counted_through_any_signatures)
{
    over_random_maps(1, check_bars);
}
END_TEST

static void check_frames(const struct tempo_list *list, const struct tempo_map *map, uint32_t *seed)
{
    const __int128 whole = 16 * COMMON;
    for (unsigned i = 0; i < 40; i++) {
        int64_t tick = i == 0 ? 0 : (int64_t)(dice(seed) % 400000) + (i % 8 == 0 ? 4000000000 : 0);
        __int128 exact = slow_frames(list, tick, map->rate_hz);
        int64_t frame = tempo_frame_of_tick(map, tick);
        /* Half a frame, and what is left of 12 stretches known to 2^-40. */
        __int128 off = frame * whole - exact, most = whole / 2 + 1;
        MUST(off <= most && -off <= most, "tick %lld: %lld", (long long)tick, (long long)frame);
    }
}

START_TEST(a_tick_is_at_the_frame_nearest_to_it)
{
    over_random_maps(2, check_frames);
}
END_TEST

static void check_inverse(const struct tempo_list *list, const struct tempo_map *map, uint32_t *seed)
{
    (void)list;
    for (unsigned i = 0; i < 60; i++) {
        int64_t frame = i == 0 ? 0 : (int64_t)(dice(seed) % 30000000) << (i % 4 == 0 ? 14 : 0);
        int64_t tick = tempo_tick_of_frame(map, frame);
        MUST(tempo_frame_of_tick(map, tick) <= frame && tempo_frame_of_tick(map, tick + 1) > frame, "frame %lld",
             (long long)frame);
        struct tempo_place place = tempo_place_of_frame(map, frame);
        MUST(tempo_frame_of_place(map, &place) == frame, "frame %lld there and back: %lld", (long long)frame,
             (long long)tempo_frame_of_place(map, &place));
        MUST(place.ticks_q20 >= 0, "frame %lld lies before its bar", (long long)frame);
    }
}

START_TEST(there_and_back_is_the_same_frame)
{
    over_random_maps(3, check_inverse);
}
END_TEST

START_TEST(a_tick_that_lasts_a_frame_comes_back_as_itself)
{
    uint32_t seed = 9;
    for (unsigned i = 0; i < 1000; i++) {
        struct tempo_list list = {0};
        ck_assert_int_eq(tempo_list_reserve(&list), 0);
        /* Any tempo that there is, down to the last millionth. */
        uint32_t micro_bpm = 10000000 + dice(&seed) % 989000001;
        tempo_list_put(&list, (struct tempo_mark){.at = {1, 1, 0}, .micro_bpm = micro_bpm});
        struct tempo_map *map = tempo_map_new(&list, 44100);
        int64_t tick = dice(&seed) * (int64_t)(1 + i % 200);
        MUST(tempo_tick_of_frame(map, tempo_frame_of_tick(map, tick)) == tick, "tick %lld", (long long)tick);
        double frames = (double)tick * 60e6 / micro_bpm / 960 * 44100;
        MUST(fabs((double)tempo_frame_of_tick(map, tick) - frames) < 0.501, "tick %lld", (long long)tick);
        free(map);
        tempo_list_deinit(&list);
    }
}
END_TEST

START_TEST(the_ends_of_the_range_do_not_overflow)
{
    struct tempo_list list = {0};
    ck_assert_int_eq(tempo_list_reserve(&list), 0);
    tempo_list_put(&list, (struct tempo_mark){{1, 1, 0}, TEMPO_BPM_MIN * TEMPO_MICRO, 32, 1});
    struct tempo_map *slow = tempo_map_new(&list, 768000);
    struct bars last = {TEMPO_BARS_MAX, 32, 3839};
    int64_t tick = tempo_tick_of_bars(slow, &last), frame = tempo_frame_of_tick(slow, tick);
    ck_assert_int_eq(tick, (int64_t)TEMPO_BARS_MAX * 32 * 3840 - 1);
    ck_assert_int_eq(frame, tick * 4800); /* 60 s / 10 bpm / 960 at this rate */
    ck_assert_int_eq(tempo_tick_of_frame(slow, frame), tick);
    tempo_list_put(&list, (struct tempo_mark){{1, 1, 0}, TEMPO_BPM_MAX * TEMPO_MICRO, 1, 32});
    struct tempo_map *fast = tempo_map_new(&list, 768000);
    frame = (int64_t)TEMPO_SECONDS_MAX * 768000;
    struct tempo_place place = tempo_place_of_frame(fast, frame);
    ck_assert_int_eq(tempo_frame_of_place(fast, &place), frame);
    ck_assert_int_eq(tempo_tick_of_frame(fast, frame), (int64_t)TEMPO_SECONDS_MAX * 999 * 16);
    free(slow);
    free(fast);
    tempo_list_deinit(&list);
}
END_TEST

START_TEST(a_mark_put_back_undoes_what_took_its_place)
{
    uint32_t seed = 5;
    for (unsigned n = 0; n < N_MAPS; n++) {
        struct tempo_list list = {0};
        struct tempo_mark before[64], undo[20];
        random_list(&list, &seed, 20);
        size_t n_before = list.n;
        if (n_before)
            memcpy(before, list.marks, n_before * sizeof *before);
        for (unsigned i = 0; i < ROWS(undo); i++) {
            ck_assert_int_eq(tempo_list_reserve(&list), 0);
            undo[i] = tempo_list_put(&list, random_mark(&seed, 20));
        }
        for (unsigned i = ROWS(undo); i-- > 0;)
            tempo_list_put(&list, undo[i]);
        ck_assert_uint_eq(list.n, n_before);
        for (size_t i = 0; i < n_before; i++)
            MUST(bars_compare(&before[i].at, &list.marks[i].at) == 0 && before[i].micro_bpm == list.marks[i].micro_bpm &&
                     before[i].numerator == list.marks[i].numerator,
                 "mark %zu", i);
        tempo_list_deinit(&list);
    }
}
END_TEST

START_TEST(places_are_read_as_they_are_written)
{
    static const struct {
        const char *text;
        struct bars bars;
    } right[] = {{"1", {1, 1, 0}}, {"17:3", {17, 3, 0}}, {"17:1:959", {17, 1, 959}}, {"0:0:0", {0, 0, 0}}};
    static const char *const wrong[] = {"",   ":",  "1:",  "1:1:", "1:1:0:", "1:1:0:0",    "-1",
                                        " 1", "1 ", "1.5", "x",    "1:x",    "1234567890", "17:1:0h"};
    for (unsigned i = 0; i < ROWS(right); i++) {
        struct bars bars;
        ck_assert(bars_parse(right[i].text, &bars));
        ck_assert_int_eq(bars_compare(&bars, &right[i].bars), 0);
    }
    for (unsigned i = 0; i < ROWS(wrong); i++) {
        struct bars bars;
        ck_assert_msg(!bars_parse(wrong[i], &bars), "\"%s\"", wrong[i]);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        bars_are_counted_through_any_signatures, a_tick_is_at_the_frame_nearest_to_it,
        there_and_back_is_the_same_frame,        a_tick_that_lasts_a_frame_comes_back_as_itself,
        the_ends_of_the_range_do_not_overflow,   a_mark_put_back_undoes_what_took_its_place,
        places_are_read_as_they_are_written,
    };
    return suite_run("tempo", 60, tests, ROWS(tests));
}
