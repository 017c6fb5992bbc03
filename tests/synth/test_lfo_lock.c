/* An lfo that is locked to the piece, against the places that the transport counts by. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph/tempo.h"
#include "tests/node_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"

#define RATE  48000.0
#define SLIDE 2400 /* frames in which it finds its place */

enum { SINE, TRIANGLE, SAW_UP, SAW_DOWN, SQUARE, RANDOM };

static struct rig lfo(double rate_hz, int shape, double hz, uint32_t ticks)
{
    struct rig rig = rig_new("lfo", rate_hz, 0);
    rig_set(&rig, "shape", (float)shape);
    rig_set(&rig, "rate", (float)hz);
    rig_set(&rig, "lock", 1);
    rig.ticks[rig_row(&rig, "rate")] = ticks;
    rig.is_rolling = true;
    rig_start(&rig);
    return rig;
}

static void mark_put(struct tempo_list *list, struct bars at, double bpm)
{
    ck_assert_int_eq(tempo_list_reserve(list), 0);
    tempo_list_put(list, (struct tempo_mark){.at = at, .micro_bpm = (uint32_t)lround(bpm * TEMPO_MICRO)});
}

/* A saw falls in every frame that is the nearest to the place of a cycle, and in no other. */
static void expect_cycles(const struct tempo_map *map, uint32_t ticks, int64_t from, size_t n)
{
    struct rig rig = lfo(map->rate_hz, SAW_UP, 1, ticks);
    rig.map = map;
    rig.position = from;
    float *x = rig_run(&rig, NULL, n);
    int64_t cycle = tempo_tick_of_frame(map, from) / ticks + 1;
    for (size_t i = 1; i < n; i++) {
        bool begins = tempo_frame_of_tick(map, cycle * ticks) == from + (int64_t)i;
        if ((x[i] < x[i - 1]) != begins)
            ck_abort_msg("%u ticks at %u Hz: frame %lld", ticks, map->rate_hz, (long long)from + (long long)i);
        cycle += begins;
    }
    free(x);
    rig_free(&rig);
}

static const uint32_t lengths[] = {60, 160, 240, 480, 640, 1440, 3840, 5760};
static const uint32_t rates_hz[] = {44100, 48000, 96000};

START_TEST(a_cycle_begins_on_the_frame_of_its_place)
{
    static const double tempos[] = {10, 61.3, 90, 120, 133.37, 174};
    for (size_t t = 0; t < ROWS(tempos); t++)
        for (size_t r = 0; r < ROWS(rates_hz); r++)
            for (size_t l = 0; l < ROWS(lengths); l++) {
                struct tempo_list list = {0};
                mark_put(&list, (struct bars){1, 1, 0}, tempos[t]);
                struct tempo_map *map = tempo_map_new(&list, rates_hz[r]);
                expect_cycles(map, lengths[l], 0, 30000);
                expect_cycles(map, lengths[l], 86400LL * rates_hz[r] + 12345, 30000);
                free(map);
                tempo_list_deinit(&list);
            }
}
END_TEST

START_TEST(cycles_go_on_through_marks_of_the_tempo)
{
    for (size_t r = 0; r < ROWS(rates_hz); r++)
        for (size_t l = 0; l < ROWS(lengths); l++) {
            struct tempo_list list = {0};
            mark_put(&list, (struct bars){1, 1, 0}, 133.37);
            mark_put(&list, (struct bars){1, 2, 777}, 61.3);
            mark_put(&list, (struct bars){1, 2, 778}, 999);
            mark_put(&list, (struct bars){1, 3, 1}, 90);
            struct tempo_map *map = tempo_map_new(&list, rates_hz[r]);
            expect_cycles(map, lengths[l], 0, 4 * rates_hz[r]);
            free(map);
            tempo_list_deinit(&list);
        }
}
END_TEST

/* 120 bpm: a quarter is 24000 frames. A frame stands for up to half a frame later. */
START_TEST(its_phase_is_the_place_in_the_piece)
{
    struct rig rig = lfo(RATE, SAW_UP, 1, 1440);
    rig_set(&rig, "phase", 0.25f);
    rig.position = 1000000;
    float *x = rig_run(&rig, NULL, 48000);
    for (size_t i = 0; i < 48000; i++) {
        double cycle = fmod((1000000.5 + (double)i) / 36000 + 0.25, 1);
        ck_assert_double_eq_tol((double)x[i], 2 * cycle - 1, 1e-6);
    }
    free(x);
    rig_free(&rig);
}
END_TEST

/* At every distance from its place: there after 50 ms, and no step on the way that is larger than a whole cycle's worth in that
 * time. */
START_TEST(it_slides_to_its_place_without_a_jump)
{
    for (unsigned start = 0; start < 20; start++) {
        struct rig rig = lfo(RATE, TRIANGLE, 2, 960);
        rig.is_rolling = false;
        float *free_run = rig_run(&rig, NULL, 1200 * start + 1), last = free_run[1200 * start];
        rig.is_rolling = true;
        rig.position = 7000;
        float *x = rig_run(&rig, NULL, 12000);
        double most = 4 * (1.0 / SLIDE + 1.0 / 24000) * 1.01;
        ck_assert_double_lt(fabs((double)x[0] - (double)last), most);
        ck_assert_double_lt(largest_step(x, 12000), most);
        for (size_t i = SLIDE; i < 12000; i++) {
            double cycle = (7000.5 + (double)i) / 24000;
            double p = cycle - floor(cycle);
            ck_assert_double_eq_tol((double)x[i], p < 0.25 ? 4 * p : p < 0.75 ? 2 - 4 * p : 4 * p - 4, 1e-5);
        }
        free(free_run);
        free(x);
        rig_free(&rig);
    }
}
END_TEST

/* It never runs backwards, so no shape hears more than one cycle begin on the way. */
START_TEST(a_slide_is_one_new_random_value_at_most)
{
    for (unsigned start = 0; start < 20; start++) {
        struct rig rig = lfo(RATE, RANDOM, 2, 960);
        rig.is_rolling = false;
        free(rig_run(&rig, NULL, 1200 * start + 1));
        rig.is_rolling = true;
        rig.position = 7000;
        float *x = rig_run(&rig, NULL, SLIDE);
        unsigned n_new = 0;
        for (size_t i = 1; i < SLIDE; i++)
            n_new += x[i] != x[i - 1];
        ck_assert_uint_le(n_new, 1);
        free(x);
        rig_free(&rig);
    }
}
END_TEST

START_TEST(it_goes_on_freely_where_the_piece_stands)
{
    struct rig rig = lfo(RATE, SAW_UP, 3, 960);
    rig.position = 12345;
    free(rig_run(&rig, NULL, 1000));
    rig.is_rolling = false;
    float *x = rig_run(&rig, NULL, 6000);
    for (size_t i = 0; i < 6000; i++)
        ck_assert_double_eq_tol((double)x[i], 2 * (13345.5 / 24000 + (double)i * 3 / RATE) - 1, 1e-5);
    free(x);
    rig_free(&rig);
}
END_TEST

static void expect_free(struct rig *rig)
{
    rig->position = 7000;
    float *x = rig_run(rig, NULL, 12000);
    for (size_t i = 0; i < 12000; i++)
        ck_assert_double_eq_tol((double)x[i], 2 * (double)i * 2 / RATE - 1, 1e-5);
    free(x);
    rig_free(rig);
}

START_TEST(without_lock_or_a_note_value_it_is_free)
{
    struct rig unlocked = lfo(RATE, SAW_UP, 2, 960), number = lfo(RATE, SAW_UP, 2, 0);
    rig_set(&unlocked, "lock", 0);
    expect_free(&unlocked);
    expect_free(&number);
}
END_TEST

START_TEST(retrigger_is_not_heard_while_it_is_locked)
{
    struct rig rig = lfo(RATE, SAW_UP, 2, 960);
    float trigger[9000];
    for (size_t i = 0; i < ROWS(trigger); i++)
        trigger[i] = i % 2000 >= 1000;
    float *x = rig_run(&rig, trigger, ROWS(trigger));
    for (size_t i = 0; i < ROWS(trigger); i++)
        ck_assert_double_eq_tol((double)x[i], 2 * ((double)i + 0.5) / 24000 - 1, 1e-5);
    free(x);
    rig_free(&rig);
}
END_TEST

/* Lock goes on and off within blocks, the piece stops and is put elsewhere between them. */
static void travel(float *x, unsigned block)
{
    struct tempo_list list = {0};
    mark_put(&list, (struct bars){1, 1, 0}, 133.37);
    mark_put(&list, (struct bars){1, 2, 77}, 61.3);
    struct tempo_map *map = tempo_map_new(&list, 44100);
    struct rig rig = lfo(44100, TRIANGLE, 3.7, 640);
    float lock[10000];
    rig.block = block;
    rig.map = map;
    for (unsigned part = 0; part < 6; part++) {
        for (size_t i = 0; i < ROWS(lock); i++)
            lock[i] = part != 1 || i < 1234 || i > 4567;
        rig.is_rolling = part != 3;
        rig.position += part == 2 ? 54321 : part == 4 ? 1000 : 0;
        rig_curve(&rig, "lock", lock);
        float *out[] = {x + part * ROWS(lock)};
        rig_process(&rig, NULL, out, ROWS(lock));
    }
    rig_free(&rig);
    free(map);
    tempo_list_deinit(&list);
}

START_TEST(the_division_into_blocks_leaves_the_same_bits)
{
    static float whole[60000], cut[60000];
    static const unsigned blocks[] = {0, 1, 7, 64, 255};
    travel(whole, BLOCK_MAX);
    for (size_t b = 0; b < ROWS(blocks); b++) {
        travel(cut, blocks[b]);
        ck_assert_msg(memcmp(whole, cut, sizeof whole) == 0, "blocks of %u", blocks[b]);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_cycle_begins_on_the_frame_of_its_place,      cycles_go_on_through_marks_of_the_tempo,
        its_phase_is_the_place_in_the_piece,           it_slides_to_its_place_without_a_jump,
        a_slide_is_one_new_random_value_at_most,       it_goes_on_freely_where_the_piece_stands,
        without_lock_or_a_note_value_it_is_free,       retrigger_is_not_heard_while_it_is_locked,
        the_division_into_blocks_leaves_the_same_bits,
    };
    return suite_run("lfo lock", 60, tests, ROWS(tests));
}
