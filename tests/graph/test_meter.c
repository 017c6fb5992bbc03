/* Levels, against the physics of what is played. */
#include <math.h>

#include "tests/graph_check.h"
#include "tests/graph_rig.h"
#include "tests/suite.h"

#define RATE_HZ 48000
#define SLOT    2400
#define TAU     6.283185307179586

static struct graph_rig *rig;

static void open_rig(const char *script)
{
    rig = graph_rig_new(RATE_HZ);
    graph_rig_commit(rig, "%s", script);
    graph_rig_settle(rig);
}

static const struct node_rt *object(const char *name)
{
    return graph_rig_node(rig, name)->object;
}

static void watch(const char *name)
{
    meter_watch(graph_rig_node(rig, name)->object, ctl_clock(rig->ctl), RATE_HZ);
}

static bool is_current(const char *name)
{
    return meter_is_current(object(name), ctl_clock(rig->ctl));
}

static double peak_db(const char *name, unsigned channel)
{
    return (double)meter_db(object(name), channel, METER_PEAK);
}

static double rms_db(const char *name, unsigned channel)
{
    return (double)meter_db(object(name), channel, METER_RMS);
}

/* One cycle with this sound at the first input of the sound card, silence at the second. */
static void play(float *sound, unsigned n)
{
    static float rest[3][RIG_PERIOD_MAX];
    float *ports[DEVICE_PORTS_MAX] = {sound, rest[0], rest[1], rest[2]};
    ck_assert(engine_cycle_rt(rig->ctl->engine, &(struct cycle){.n_frames = n, .ports = ports}));
}

static void play_silence(unsigned n_frames)
{
    static float silence[RIG_PERIOD_MAX];
    for (unsigned n; n_frames; n_frames -= n) {
        n = n_frames < 333 ? n_frames : 333;
        play(silence, n);
    }
}

static void play_click(float size)
{
    float sound[1] = {size};
    play(sound, 1);
}

static void play_sine(double hz, double level, unsigned n_frames, unsigned period)
{
    static float sound[RIG_PERIOD_MAX];
    for (unsigned at = 0; at < n_frames; at += period) {
        for (unsigned i = 0; i < period; i++)
            sound[i] = (float)(level * sin(TAU * hz * (at + i) / RATE_HZ));
        play(sound, period);
    }
}

START_TEST(a_sine_has_its_peak_and_its_rms_to_a_hundredth_of_a_db)
{
    static const double hz[] = {40, 440, 997, 5003, 12345};
    for (unsigned k = 0; k < sizeof hz / sizeof *hz; k++)
        for (double db = 0; db >= -90; db -= 30) {
            open_rig("add g gain 2; connect in g");
            watch("in");
            play_sine(hz[k], pow(10, db / 20), 12 * SLOT, k % 2 ? 256 : 333);
            ck_assert(is_current("in"));
            MUST(fabs(peak_db("in", 0) - db) < 0.01, "%g Hz: peak %g dB, not %g", hz[k], peak_db("in", 0), db);
            MUST(fabs(rms_db("in", 0) - (db - 3.0103)) < 0.01, "%g Hz: rms %g dB of %g", hz[k], rms_db("in", 0), db);
            ck_assert(peak_db("in", 1) == -200 && rms_db("in", 1) == -200);
            graph_rig_free(rig);
        }
}
END_TEST

START_TEST(a_click_of_one_frame_is_in_the_peak_for_400_ms_and_then_gone)
{
    open_rig("add g gain 2");
    watch("in");
    play_silence(SLOT / 2);
    play_click(0.5f);
    ck_assert(fabs(peak_db("in", 0) + 6.0206) < 0.001); /* at once */
    for (unsigned frames = 100; frames <= 19200; frames += 100) {
        play_silence(100);
        MUST(fabs(peak_db("in", 0) + 6.0206) < 0.001, "gone after %u frames", frames);
    }
    play_silence(SLOT);
    ck_assert(peak_db("in", 0) == -200);
    graph_rig_free(rig);
}
END_TEST

START_TEST(rms_is_the_mean_over_what_was_measured)
{
    open_rig("add g gain 2");
    float ones[SLOT];
    for (unsigned i = 0; i < SLOT; i++)
        ones[i] = 1;
    watch("in");
    play(ones, SLOT);
    ck_assert(fabs(rms_db("in", 0)) < 1e-4);
    for (unsigned n = 2; n <= METER_SLOTS; n++) {
        play_silence(SLOT);
        MUST(fabs(rms_db("in", 0) + 10 * log10(n)) < 1e-3, "%g dB after %u slots", rms_db("in", 0), n);
    }
    play_silence(SLOT);
    ck_assert(rms_db("in", 0) == -200);
    graph_rig_free(rig);
}
END_TEST

START_TEST(nothing_is_told_before_50_ms_are_measured)
{
    open_rig("add g gain 2");
    play_click(1);
    ck_assert(!is_current("in")); /* nobody watched */
    watch("in");
    play_silence(SLOT - 1);
    ck_assert(meter_is_running(object("in"), ctl_clock(rig->ctl)) && !is_current("in"));
    play_silence(1);
    ck_assert(is_current("in"));
    ck_assert(peak_db("in", 0) == -200); /* the click was before */
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_watch_ends_and_a_new_one_knows_nothing_of_the_old)
{
    open_rig("add g gain 2");
    watch("in");
    play_silence(SLOT);
    play_click(1);
    play_silence(5 * RATE_HZ - SLOT - 1);
    ck_assert(!is_current("in"));
    uint64_t measured_to = atomic_load(&object("in")->meter->measured_to);
    play_click(1);
    play_silence(1000);
    ck_assert_uint_eq(atomic_load(&object("in")->meter->measured_to), measured_to); /* it costs nothing any more */
    watch("in");
    play_silence(SLOT);
    ck_assert(is_current("in"));
    ck_assert(peak_db("in", 0) == -200 && rms_db("in", 0) == -200);
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_node_that_does_not_run_is_not_being_measured)
{
    open_rig("add g gain 2");
    watch("in");
    play_silence(2 * SLOT);
    ck_assert(is_current("in"));
    engine_idle_rt(rig->ctl->engine, 256);
    ck_assert(!meter_is_running(object("in"), ctl_clock(rig->ctl)) && !is_current("in"));
    graph_rig_free(rig);
}
END_TEST

START_TEST(a_node_without_outputs_is_measured_where_it_takes)
{
    open_rig("fade 0; add s source 1 value=0.25; connect s out gain=-6.0206; connect s out:in.2");
    watch("out");
    graph_rig_run(rig, 2 * SLOT);
    ck_assert(fabs(peak_db("out", 0) - 20 * log10(0.125)) < 0.001);
    ck_assert(fabs(peak_db("out", 1) - 20 * log10(0.125 + 0.25)) < 0.001);
    graph_rig_free(rig);
}
END_TEST

/* What is larger, or no number, is not let in. */
START_TEST(the_largest_sound_is_told_as_loud_and_never_as_silence)
{
    static const float sizes[] = {9e29f, -9e29f, 1e11f};
    for (unsigned i = 0; i < ROWS(sizes); i++) {
        open_rig("add g gain 2");
        watch("in");
        play_click(sizes[i]);
        play_silence(SLOT);
        ck_assert(fabs(peak_db("in", 0) - 200) < 1e-3);
        ck_assert(rms_db("in", 0) > 160 && rms_db("in", 0) < 200);
        graph_rig_free(rig);
    }
}
END_TEST

START_TEST(any_period_gives_the_same_levels)
{
    static const unsigned periods[] = {1, 64, 1000, 8192};
    for (unsigned k = 0; k < sizeof periods / sizeof *periods; k++) {
        open_rig("add g gain 2");
        rig->period = periods[k];
        watch("in");
        graph_rig_run(rig, 8192 * 4);
        double peak = 0, power = 0;
        uint64_t now = ctl_clock(rig->ctl), begin = now - 8192 * 4, n_slots = (now - begin) / SLOT;
        uint64_t from = begin + (n_slots - METER_SLOTS) * SLOT;
        for (uint64_t frame = from; frame < now; frame++) {
            double x = (double)graph_rig_noise(0, frame);
            peak = fmax(peak, fabs(x));
            power += frame < begin + n_slots * SLOT ? x * x : 0;
        }
        double rms = 10 * log10(power / (METER_SLOTS * SLOT));
        MUST(fabs(peak_db("in", 0) - 20 * log10(peak)) < 1e-4, "period %u: peak %g", periods[k], peak_db("in", 0));
        MUST(fabs(rms_db("in", 0) - rms) < 1e-4, "period %u: rms %g, not %g", periods[k], rms_db("in", 0), rms);
        graph_rig_free(rig);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_sine_has_its_peak_and_its_rms_to_a_hundredth_of_a_db,
        a_click_of_one_frame_is_in_the_peak_for_400_ms_and_then_gone,
        rms_is_the_mean_over_what_was_measured,
        nothing_is_told_before_50_ms_are_measured,
        a_watch_ends_and_a_new_one_knows_nothing_of_the_old,
        a_node_that_does_not_run_is_not_being_measured,
        a_node_without_outputs_is_measured_where_it_takes,
        the_largest_sound_is_told_as_loud_and_never_as_silence,
        any_period_gives_the_same_levels,
    };
    return suite_run("meter", 60, tests, sizeof tests / sizeof *tests);
}
