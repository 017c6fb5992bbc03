/* Containers sound alike at every period. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "tests/spectrum.h"
#include "tests/suite.h"
#include "tests/voice_rig.h"

#define RATE_HZ 48000

/* What a storm of notes sounds like at this period. */
static float *storm_hear(const char *source, unsigned period, size_t n)
{
    struct graph_rig *rig = graph_rig_new(RATE_HZ);
    float *heard = malloc(n * sizeof *heard);
    graph_rig_commit(
        rig,
        "add pad voices voices=3; add pad/o %s; add pad/env adsr release=0.05; add pad/vca math op=2; set pad/in bend 0; "
        "connect pad/in:gate pad/env; connect pad/o pad/vca:a; connect pad/env pad/vca:b; "
        "connect pad/vca pad/out; connect pad/out out gain=-12",
        source);
    if (strstr(source, "freq"))
        graph_rig_commit(rig, "connect pad/in:pitch pad/o:freq depth=1");
    graph_rig_settle(rig);
    rig->period = period;
    graph_rig_commit(rig, "at 20000; add st storm; connect st pad");
    graph_rig_run(rig, n);
    memcpy(heard, voice_heard(rig), n * sizeof *heard);
    graph_rig_free(rig);
    return heard;
}

/* A voice begins with the block that its note is in: what goes round in it has done so all the while. */
START_TEST(what_goes_round_in_a_voice_does_not_hang_on_the_period)
{
    static const char *const sources[] = {"osc wave=2 freq=440", "noise", "lfo rate=100", "lfo rate=100 shape=6"};
    const size_t n = 40000;
    for (unsigned i = 0; i < ROWS(sources); i++) {
        float *heard = storm_hear(sources[i], 256, n), *other = storm_hear(sources[i], 100, n);
        ck_assert(voice_highest(heard, 0, n) > 0.1);
        ck_assert_msg(snr_db(heard, other, n) > 100, "%s: %.1f dB", sources[i], snr_db(heard, other, n));
        free(heard);
        free(other);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {what_goes_round_in_a_voice_does_not_hang_on_the_period};
    return suite_run("voice period", 30, tests, ROWS(tests));
}
