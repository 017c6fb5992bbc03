/* An echo in note values, through the whole engine: where it lands, and that following is no more than being set in time. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/graph_check.h"
#include "tests/suite.h"
#include "tests/timed_rig.h"

#define RATE_HZ TIMED_RIG_RATE_HZ

static const unsigned periods[] = {256, 1, 7, 64, 333, 1024, 8192, 0};

/* Bursts of sound into an echo, whose time follows the tempo, or is set to numbers at the same frames. */
static struct graph_rig *echo_rig(unsigned period, bool follows, bool stays_awake)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    rig->ctl->engine->stays_awake = stays_awake;
    graph_rig_commit(rig, "add s source 1 value=0; add echo delay 1 mix=1 feedback=0.3 time=%s; add p probe 1",
                     follows ? "1/32d" : "0.09375");
    graph_rig_commit(rig, "connect s echo; connect echo p");
    graph_rig_settle(rig);
    rig->period = period;
    graph_rig_run(rig, 100000 - timed_rig_now(rig));
    if (follows)
        graph_rig_commit(rig, "tempo 95 1:1:50; tempo 160 1:2:0");
    graph_rig_commit(rig, "at 102400; play");
    graph_rig_commit(rig, "at 103000; set s value 1 0");
    graph_rig_commit(rig, "at 103100; set s value 0 0");
    return rig;
}

static float *echo_run(unsigned period, bool follows, bool stays_awake, size_t n)
{
    struct graph_rig *rig = echo_rig(period, follows, stays_awake);
    struct tempo_map *map = rig->ctl->engine->transport.map;
    float *take = malloc(n * sizeof *take);
    static const double bpm[] = {95, 160};
    static const int ticks[] = {50, 960};
    struct tempo_list list = {0};
    for (unsigned i = 0; i < 2; i++) {
        ck_assert_int_eq(tempo_list_reserve(&list), 0);
        tempo_list_put(&list, (struct tempo_mark){.at = {1, 1 + ticks[i] / 960, ticks[i] % 960},
                                                  .micro_bpm = (uint32_t)(bpm[i] * TEMPO_MICRO)});
    }
    map = tempo_map_new(&list, RATE_HZ);
    for (unsigned i = 0; !follows && i < 2; i++) {
        double s = 180 * 62500.0 / (bpm[i] * TEMPO_MICRO);
        graph_rig_commit(rig, "at %lld; set echo time %.17g", 102400 + (long long)tempo_frame_of_tick(map, ticks[i]), s);
    }
    for (size_t done = 0; done < n; done += 8192) {
        const struct probe *probe = timed_rig_hear(rig, 8192);
        memcpy(take + done, probe->take[0], (n - done < 8192 ? n - done : 8192) * sizeof *take);
    }
    free(map);
    tempo_list_deinit(&list);
    graph_rig_free(rig);
    return take;
}

#define N_ECHO 49152

static void check_same(const char *what, unsigned period, float *a, float *b)
{
    for (size_t i = 0; i < N_ECHO; i++)
        MUST(memcmp(&a[i], &b[i], sizeof *a) == 0, "%s, period %u, frame %zu: %.9g, not %.9g", what, period, i,
             (double)b[i], (double)a[i]);
    free(b);
}

/* The bits of one that is told numbers; at every period; and whether it sleeps before it hears something or not. */
START_TEST(an_echo_that_follows_is_one_that_is_set_at_the_same_frames)
{
    float *told = echo_run(256, false, false, N_ECHO);
    double sum = 0;
    for (size_t i = 0; i < N_ECHO; i++)
        sum += (double)(told[i] * told[i]);
    ck_assert_double_gt(sum, 10);
    for (unsigned k = 0; k < ROWS(periods); k++)
        check_same("following", periods[k], told, echo_run(periods[k], true, false, N_ECHO));
    check_same("awake", 256, told, echo_run(256, true, true, N_ECHO));
    free(told);
}
END_TEST

/* 120 bpm, then 90: an eighth with a dot is 18000 frames, then 24000. What goes in when the time has arrived comes so much later. */
START_TEST(an_echo_lands_on_the_note_of_the_tempo_that_holds)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "add s source 1 value=0; add echo delay 1 mix=1 feedback=0 time=1/8d; add p probe 1");
    graph_rig_commit(rig, "connect s echo; connect echo p");
    graph_rig_settle(rig);
    for (unsigned second = 0; second < 2; second++) {
        if (second)
            graph_rig_commit(rig, "tempo 90");
        graph_rig_run(rig, 60000);
        graph_rig_commit(rig, "at %lu; set s value 1 0", timed_rig_now(rig) + 3000);
        graph_rig_run(rig, 3000 + (second ? 24000 : 18000) - 100);
        const struct probe *probe = timed_rig_hear(rig, 300);
        timed_rig_check(probe, 0, 0, 90, 0);
        timed_rig_check(probe, 0, 110, 300, 1);
        MUST(probe->take[0][99] < 0.6f && probe->take[0][100] > 0.4f, "frame 100 is not where it begins");
        graph_rig_commit(rig, "set s value 0 0");
    }
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_echo_that_follows_is_one_that_is_set_at_the_same_frames,
        an_echo_lands_on_the_note_of_the_tempo_that_holds,
    };
    return suite_run("follow: echo", 60, tests, ROWS(tests));
}
