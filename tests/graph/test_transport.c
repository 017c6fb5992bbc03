/* The transport in the engine: when orders take effect, what stays where it was, and that control always reads one moment. */
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/transport.h"
#include "tests/graph_check.h"
#include "tests/suite.h"

#define RATE_HZ 48000

static struct transport_now look(const struct graph_rig *rig)
{
    return transport_look(&rig->ctl->engine->transport.view);
}

/* Where it is, as a client reads it: "17:1:0". */
static const char *bars_now(const struct graph_rig *rig)
{
    static char text[BARS_BYTES];
    struct transport_now now;
    struct bars bars;
    struct error error = {0};
    ck_assert_int_eq(transport_read(rig->ctl, &now, &bars, &error), 0);
    bars_print(&bars, text);
    return text;
}

static int64_t position(const struct graph_rig *rig)
{
    return look(rig).position;
}

/* Commits, and lets the engine take it in a cycle of one frame. */
static struct answer *take(struct graph_rig *rig, const char *script)
{
    struct answer *answer = graph_rig_commit(rig, "%s", script);
    graph_rig_run(rig, 1);
    ck_assert_uint_eq(answer->n_calls, 1);
    return answer;
}

/* ---- orders --------------------------------------------------------------------------------------------------------- */

START_TEST(it_stands_at_the_beginning_until_it_is_told_to_play)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_run(rig, 1000);
    ck_assert(!look(rig).is_rolling);
    ck_assert_int_eq(position(rig), 0);
    ck_assert_str_eq(bars_now(rig), "1:1:0");
    graph_rig_free(rig);
}
END_TEST

START_TEST(rolling_it_moves_with_every_frame_whatever_the_period)
{
    static const unsigned periods[] = {1, 7, 256, 333, 8192, 0};
    for (unsigned i = 0; i < ROWS(periods); i++) {
        struct graph_rig *rig = graph_rig_new(RATE_HZ);
        rig->period = periods[i];
        graph_rig_run(rig, 500);
        struct answer *play = graph_rig_commit(rig, "play");
        graph_rig_run(rig, 10000);
        ck_assert_uint_eq(play->frame, 500); /* the first that moves */
        ck_assert_int_eq(position(rig), 10000);
        ck_assert_uint_eq(look(rig).frame, 10500);
        struct answer *stop = graph_rig_commit(rig, "stop");
        graph_rig_run(rig, 3000);
        ck_assert_uint_eq(stop->frame, 10500);
        ck_assert_int_eq(position(rig), 10000);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(without_a_sound_card_the_piece_goes_on_as_time_does)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "play");
    ctl_poll(rig->ctl);
    ck_assert(engine_idle_rt(rig->ctl->engine, 100000));
    ck_assert_int_eq(position(rig), 100000);
    graph_rig_free(rig);
}
END_TEST

START_TEST(orders_take_effect_in_order_and_make_no_revision)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    take(rig, "fade 0; add s source; add p probe; connect s p");
    uint64_t revision = rig->ctl->revision;
    take(rig, "locate 5000h; play; locate 700h; stop; play");
    ck_assert(look(rig).is_rolling);
    ck_assert_int_eq(position(rig), 701);
    struct answer *both = take(rig, "locate 9000h; set s value 5 0");
    ck_assert_uint_eq(both->revision, revision);
    ck_assert_int_eq(position(rig) - 9000, (int64_t)(look(rig).frame - both->frame));
    ck_assert(graph_rig_probe(rig, "p")->take[0][graph_rig_probe(rig, "p")->at - 1] == 5);
    struct answer *edit = take(rig, "locate 0h; add more gain");
    ck_assert_uint_eq(edit->revision, revision + 1);
    graph_rig_free(rig);
}
END_TEST

START_TEST(what_it_was_told_counts_at_once_for_who_asks_control)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "locate 17:3:10; play");
    struct transport_now now;
    struct bars bars;
    struct error error = {0};
    ck_assert_int_eq(transport_read(rig->ctl, &now, &bars, &error), 0);
    ck_assert(now.is_rolling && now.position == 16 * 96000 + 48000 + 250);
    ck_assert_str_eq(bars_now(rig), "17:3:10");
    ck_assert(!look(rig).is_rolling);
    graph_rig_run(rig, 25); /* a tick */
    ck_assert_str_eq(bars_now(rig), "17:3:11");
    ck_assert_uint_eq(rig->ctl->n_orders, 0);
    graph_rig_free(rig);
}
END_TEST

START_TEST(what_is_rolled_back_leaves_no_trace)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    take(rig, "tempo 100 5:1:0; signature 3 4 9:1:0");
    char *before = graph_dump(rig->ctl);
    ck_assert_int_eq(graph_rig_try(rig, "locate 3:1:0; play; tempo 60 5:1:0; tempo 70 6:2:0; signature 7 8 5:1:0;"
                                        "unmark 5:1:0; unmark; tempo 80; remove nobody"),
                     ERROR_NO_SUCH_NODE);
    char *after = graph_dump(rig->ctl);
    ck_assert_str_eq(before, after);
    ck_assert_uint_eq(rig->ctl->n_orders, 0);
    graph_rig_run(rig, 100);
    ck_assert_int_eq(position(rig), 0);
    free(before);
    free(after);
    graph_rig_free(rig);
}
END_TEST

START_TEST(places_that_are_not_there_are_refused)
{
    static const struct {
        const char *script;
        enum error_code code;
    } wrongs[] = {
        {"locate -0.5", ERROR_RANGE},
        {"locate -1h", ERROR_RANGE},
        {"locate 1e9", ERROR_RANGE},
        {"locate nan", ERROR_RANGE},
        {"locate 0:1:0", ERROR_RANGE},
        {"locate 1:0:0", ERROR_RANGE},
        {"locate 1:5:0", ERROR_RANGE},
        {"locate 1:1:960", ERROR_RANGE},
        {"locate 99999999:1:0", ERROR_RANGE},
        {"tempo 0", ERROR_RANGE},
        {"tempo 9.9", ERROR_RANGE},
        {"tempo 1000", ERROR_RANGE},
        {"tempo nan", ERROR_RANGE},
        {"tempo 120 2:5:0", ERROR_RANGE},
        {"tempo 120 1e8", ERROR_RANGE}, /* its bar could not be written down */
        {"signature 4 3", ERROR_BAD_VALUE},
        {"signature 0 4", ERROR_RANGE},
        {"signature 33 4", ERROR_RANGE},
        {"signature 4 64", ERROR_BAD_VALUE},
        {"signature 4 0", ERROR_BAD_VALUE},
        {"signature 4 -4", ERROR_BAD_VALUE},
        {"signature 3 4 2:2:0", ERROR_BAD_VALUE},
        {"signature 3 4 0.1", ERROR_BAD_VALUE},
        {"unmark 4:1:0", ERROR_CONFLICT},
        {"tempo 90 4:4:0; signature 3 4 3:1:0", ERROR_CONFLICT},
    };
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    for (unsigned i = 0; i < ROWS(wrongs); i++)
        ck_assert_msg(graph_rig_try(rig, "%s", wrongs[i].script) == (int)wrongs[i].code, "%s: %s", wrongs[i].script,
                      rig->error.text);
    ck_assert_uint_eq(rig->ctl->model.tempo.n, 0);
    graph_rig_free(rig);
}
END_TEST

START_TEST(there_is_an_end_to_marks)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    for (unsigned i = 1; i <= TEMPO_MARKS_MAX; i++)
        graph_rig_commit(rig, "tempo %u %u:1:0", 60 + i % 100, i);
    ck_assert_int_eq(graph_rig_try(rig, "tempo 100 5000:1:0"), ERROR_TOO_BIG);
    take(rig, "tempo 100 500:1:0; unmark 7:1:0; tempo 90 5000:1:0; unmark");
    ck_assert_uint_eq(rig->ctl->model.tempo.n, 0);
    graph_rig_free(rig);
}
END_TEST

/* ---- what stays where ----------------------------------------------------------------------------------------------- */

START_TEST(a_tempo_without_a_place_is_the_one_that_holds_here)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    take(rig, "tempo 100; tempo 60 9:1:0; locate 8:4:0; tempo 110; locate 12:1:0; tempo 50; signature 6 8");
    const struct tempo_list *list = &rig->ctl->model.tempo;
    ck_assert_uint_eq(list->n, 2);
    ck_assert_uint_eq(list->marks[0].micro_bpm, 110 * TEMPO_MICRO);
    ck_assert_uint_eq(list->marks[0].denominator, 8); /* one signature from beginning to end */
    ck_assert_uint_eq(list->marks[1].micro_bpm, 50 * TEMPO_MICRO);
    graph_rig_free(rig);
}
END_TEST

START_TEST(standing_at_a_bar_it_stays_there_however_the_tempo_changes)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    uint32_t seed = 4;
    take(rig, "locate 17:2:7");
    for (unsigned i = 0; i < 300; i++) {
        char script[64];
        snprintf(script, sizeof script, "tempo %.3f", 10 + dice(&seed) % 989000 / 1e3);
        take(rig, script);
        ck_assert_str_eq(bars_now(rig), "17:2:7");
    }
    take(rig, "tempo 60");
    ck_assert_int_eq(position(rig), 65 * 48000 + 350);
    take(rig, "signature 3 4");
    ck_assert_str_eq(bars_now(rig), "17:2:7");
    ck_assert_int_eq(position(rig), 49 * 48000 + 350);
    graph_rig_free(rig);
}
END_TEST

START_TEST(standing_at_a_second_or_a_frame_it_stays_there_however_the_tempo_changes)
{
    static const char *const places[] = {"locate 2.5", "locate 120000h"};
    for (unsigned i = 0; i < ROWS(places); i++) {
        struct graph_rig *rig = graph_rig_new(RATE_HZ);
        take(rig, "locate 5:1:0");
        take(rig, places[i]);
        take(rig, "tempo 33.3; signature 5 8");
        ck_assert_int_eq(position(rig), 120000);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(rolling_it_keeps_its_bar_through_any_number_of_changes)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    uint32_t seed = 8;
    double beats = 0, bpm = 120;
    take(rig, "locate 1.0; play");
    beats = 2.0 + 1 / 24000.0;
    for (unsigned i = 0; i < 2000; i++) {
        bpm = 40 + dice_below(&seed, 300);
        graph_rig_commit(rig, "tempo %g", bpm);
        unsigned n = 1 + dice_below(&seed, 700);
        graph_rig_run(rig, n);
        beats += n * bpm / 60 / RATE_HZ;
        struct transport_now now = look(rig);
        double heard = (double)tempo_tick_of_frame(now.map, now.position) / 960;
        /* A tick, and half a frame for each change, which go both ways. */
        MUST(fabs(heard - beats) < 1 / 960.0 + 0.002, "change %u: beat %g, not %g", i, heard, beats);
    }
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_change_far_ahead_moves_nothing_here)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    take(rig, "play; tempo 97.3; tempo 60 500:1:0");
    for (unsigned i = 0; i < 200; i++) {
        graph_rig_run(rig, 77);
        int64_t before = position(rig);
        graph_rig_commit(rig, "tempo %u 500:1:0; signature %u 4 600:1:0", 50 + i, 1 + i % 9);
        graph_rig_run(rig, 100);
        ck_assert_int_eq(position(rig), before + 100);
    }
    graph_rig_free(rig);
}
END_TEST

/* Its bar lasts a thousandth of the one that it becomes: three million years. */
START_TEST(the_last_second_becomes_no_place_before_the_first)
{
    struct graph_rig *rig = graph_rig_new(192000);
    take(rig, "tempo 999 1:1:0; signature 1 32 1:1:0; locate 1e8; play");
    int64_t before = position(rig);
    take(rig, "signature 32 1 1:1:0; tempo 10 1:1:0");
    int64_t after = position(rig);
    ck_assert_int_gt(after, 100 * before);
    take(rig, "stop");
    take(rig, "tempo 999 1:1:0");
    ck_assert_int_eq(position(rig), after);
    take(rig, "play");
    take(rig, "signature 1 1 1:1:0");
    ck_assert_int_gt(position(rig), before);
    graph_rig_free(rig);
}
END_TEST

START_TEST(another_rate_keeps_the_time_and_the_bar)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    struct error error = {0};
    take(rig, "locate 2.5");
    ck_assert_int_eq(ctl_set_rate(rig->ctl, 44100, &error), 0);
    ck_assert_int_eq(position(rig), 110250);
    ck_assert_int_eq(ctl_set_rate(rig->ctl, 192000, &error), 0);
    ck_assert_int_eq(position(rig), 480000);
    take(rig, "tempo 77.7; locate 11:3:100");
    ck_assert_int_eq(ctl_set_rate(rig->ctl, 44100, &error), 0);
    ck_assert_str_eq(bars_now(rig), "11:3:100");
    take(rig, "locate 5.0; play");
    graph_rig_run(rig, 44099);
    graph_rig_commit(rig, "fade 5; connect in out"); /* fades run out, the piece does not run on meanwhile */
    graph_rig_commit(rig, "fade 5; disconnect in out");
    ck_assert_int_eq(ctl_set_rate(rig->ctl, 48000, &error), 0);
    ck_assert_int_eq(position(rig), 6 * 48000);
    ck_assert(look(rig).is_rolling);
    graph_rig_free(rig);
}
END_TEST

/* ---- control and audio at once -------------------------------------------------------------------------------------- */

#define LOCATES RIG_ROUNDS(3000, 400)

static atomic_bool ends;

static void *drive(void *engine)
{
    uint32_t seed = 77;
    while (!atomic_load(&ends))
        engine_idle_rt(engine, 1 + dice_below(&seed, 300));
    return NULL;
}

/* Rolling from place k * 2^30 on, position - k * 2^30 and the frame grow together from the frame of the answer on. */
START_TEST(what_control_reads_is_always_of_one_moment)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    pthread_t thread;
    take(rig, "play");
    atomic_store(&ends, false);
    ck_assert_int_eq(pthread_create(&thread, NULL, drive, rig->ctl->engine), 0);
    uint64_t last_frame = 0;
    for (int64_t k = 1; k <= LOCATES; k++) {
        struct answer *answer = graph_rig_commit(rig, "locate %lldh", (long long)k << 30);
        while (!answer->n_calls) {
            struct transport_now now = look(rig);
            MUST(now.is_rolling && now.frame >= last_frame, "time runs back");
            last_frame = now.frame;
            ctl_poll(rig->ctl);
        }
        for (unsigned i = 0; i < 20; i++) {
            struct transport_now now = look(rig);
            MUST((uint64_t)(now.position - (k << 30)) == now.frame - answer->frame, "%lld at frame %llu, from %llu on",
                 (long long)now.position, (unsigned long long)now.frame, (unsigned long long)answer->frame);
        }
        /* A map is freed under the reader's eyes. */
        graph_rig_commit(rig, "tempo %u 9:1:0", 50 + (unsigned)(k % 100));
        struct transport_now now = look(rig);
        MUST(now.map->rate_hz == RATE_HZ && tempo_tick_of_frame(now.map, now.position) >= 0, "a map that is gone");
    }
    atomic_store(&ends, true);
    pthread_join(thread, NULL);
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        it_stands_at_the_beginning_until_it_is_told_to_play,
        rolling_it_moves_with_every_frame_whatever_the_period,
        without_a_sound_card_the_piece_goes_on_as_time_does,
        orders_take_effect_in_order_and_make_no_revision,
        what_it_was_told_counts_at_once_for_who_asks_control,
        what_is_rolled_back_leaves_no_trace,
        places_that_are_not_there_are_refused,
        there_is_an_end_to_marks,
        a_tempo_without_a_place_is_the_one_that_holds_here,
        standing_at_a_bar_it_stays_there_however_the_tempo_changes,
        standing_at_a_second_or_a_frame_it_stays_there_however_the_tempo_changes,
        rolling_it_keeps_its_bar_through_any_number_of_changes,
        a_change_far_ahead_moves_nothing_here,
        the_last_second_becomes_no_place_before_the_first,
        another_rate_keeps_the_time_and_the_bar,
        what_control_reads_is_always_of_one_moment,
    };
    return suite_run("transport", 60, tests, ROWS(tests));
}
