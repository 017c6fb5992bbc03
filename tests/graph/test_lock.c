/* An lfo that is locked to the piece, through the whole engine: where its cycles begin, whatever the tempo does. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/graph_check.h"
#include "tests/node_rig.h"
#include "tests/suite.h"
#include "tests/timed_rig.h"

#define RATE_HZ 48000
#define N       57344
#define SLIDE   2400 /* frames in which it finds its place */

static const unsigned periods[] = {256, 1, 7, 64, 333, 1024, 8192, 0};

/* Three tempos, a jump, and a stop; what it gave from `play` on. */
static float *travel(unsigned period, const struct tempo_map **map)
{
    struct graph_rig *rig = timed_rig_new(period, "add l lfo shape=2 rate=1/16 lock=1; add p probe 1; connect l p");
    float *take = malloc(N * sizeof *take);
    graph_rig_commit(rig, "tempo 133.37 1:1:0; tempo 61.3 1:2:7; tempo 174 1:2:500");
    graph_rig_settle(rig);
    graph_rig_run(rig, 100000 - timed_rig_now(rig));
    graph_rig_commit(rig, "at 100600; play");
    graph_rig_commit(rig, "at 140000; locate 3:1:0");
    graph_rig_commit(rig, "at 150000; stop");
    graph_rig_run(rig, 600);
    for (unsigned done = 0; done < N; done += 8192)
        memcpy(take + done, timed_rig_hear(rig, 8192)->take[0], 8192 * sizeof *take);
    struct tempo_map *copy = tempo_map_new(&rig->ctl->model.tempo, TIMED_RIG_RATE_HZ);
    if (map)
        *map = copy;
    else
        free(copy);
    graph_rig_free(rig);
    return take;
}

/* A saw falls where a 16th, 240 ticks, begins, and nowhere else. */
static void check_cycles(const struct tempo_map *map, const float *take, size_t from, size_t to, int64_t position)
{
    int64_t cycle = tempo_tick_of_frame(map, position) / 240 + 1;
    for (size_t i = from + 1; i < to; i++) {
        bool begins = tempo_frame_of_tick(map, cycle * 240) == position + (int64_t)(i - from);
        MUST((take[i] < take[i - 1]) == begins, "frame %zu", i);
        cycle += begins;
    }
}

START_TEST(cycles_begin_on_the_frames_of_their_places)
{
    const struct tempo_map *map;
    float *take = travel(256, &map);
    check_cycles(map, take, SLIDE, 39400, SLIDE);
    int64_t third = tempo_frame_of_tick(map, 2 * 3840);
    check_cycles(map, take, 39400 + SLIDE, 49400, third + SLIDE);
    free((void *)map);
    free(take);
}
END_TEST

START_TEST(every_period_gives_the_same_bits)
{
    float *whole = travel(256, NULL);
    for (unsigned k = 1; k < ROWS(periods); k++) {
        float *cut = travel(periods[k], NULL);
        for (size_t i = 0; i < N; i++)
            MUST(memcmp(&whole[i], &cut[i], sizeof *cut) == 0, "period %u, frame %zu: %.9g, not %.9g", periods[k], i,
                 (double)cut[i], (double)whole[i]);
        free(cut);
    }
    free(whole);
}
END_TEST

/* Two that are made at different times. */
START_TEST(all_that_are_locked_to_one_length_are_one)
{
    struct graph_rig *rig = timed_rig_new(64, "add a lfo rate=1/8t lock=1; play");
    graph_rig_run(rig, 12345);
    graph_rig_commit(rig, "add b lfo rate=1/8t lock=1; add p probe 2; connect a:out p:in.1; connect b:out p:in.2");
    graph_rig_settle(rig);
    const struct probe *probe = timed_rig_hear(rig, 10000);
    for (size_t i = 0; i < 10000; i++)
        MUST(memcmp(&probe->take[0][i], &probe->take[1][i], sizeof(float)) == 0, "frame %zu", i);
    graph_rig_free(rig);
}
END_TEST

/* ---- every class ----------------------------------------------------------------------------------------------------- */

#define N_ALONE 96000 /* frames: what is kept of the sound from before the lock has died away */

static bool locks(const struct node_class *class)
{
    for (unsigned row = 0; row < class->n_params; row++)
        if (strcmp(class->params[row].name, "lock") == 0 && class->params[row].kind == PARAM_SWITCH)
            return true;
    return false;
}

/* Its last second, of two of a piece that begins at bar 2, when it has been free for so many frames before. */
static float *alone_run(const struct node_class *class, size_t n_free)
{
    struct rig rig = rig_new_class(class, RATE_HZ, 0);
    float *tone = malloc(N_ALONE * sizeof *tone), *made;
    for (size_t i = 0; i < N_ALONE; i++)
        tone[i] = (float)(0.5 * sin(2 * M_PI * 440 * (double)i / RATE_HZ));
    rig_set(&rig, "lock", 1);
    rig.ticks[rig_row(&rig, "rate")] = 1440;
    rig_start(&rig);
    if (n_free)
        free(rig_run(&rig, NULL, n_free));
    rig.is_rolling = true;
    rig.position = 96000;
    made = rig_run(&rig, class->n_inputs && strcmp(class->name, "lfo") ? tone : NULL, N_ALONE);
    memmove(made, made + RATE_HZ, (N_ALONE - RATE_HZ) * sizeof *made);
    free(tone);
    rig_free(&rig);
    return made;
}

START_TEST(where_it_was_before_is_forgotten)
{
    const struct node_class *class = node_registry[_i];
    if (!locks(class))
        return;
    float *fresh = alone_run(class, 0), *old = alone_run(class, 23456);
    double most = 0, power = 0;
    for (size_t i = 0; i < N_ALONE - RATE_HZ; i++) {
        most = fmax(most, fabs((double)fresh[i] - (double)old[i]));
        power += (double)(fresh[i] * fresh[i]) / (N_ALONE - RATE_HZ);
    }
    ck_assert_msg(power > 1e-4 && most < 1e-5, "%s: off by %g", class->name, most);
    free(fresh);
    free(old);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("lock");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, cycles_begin_on_the_frames_of_their_places);
    tcase_add_test(tcase, every_period_gives_the_same_bits);
    tcase_add_test(tcase, all_that_are_locked_to_one_length_are_one);
    tcase_add_loop_test(tcase, where_it_was_before_is_forgotten, 0, (int)n_node_registry);
    return suite_run_case("lock", tcase);
}
