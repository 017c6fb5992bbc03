/* JACK knows how late the graph makes the sound, and what it knows of our neighbours comes on top. */
#include <check.h>
#include <signal.h>

#include "tests/driver_rig.h"
#include "tests/suite.h"

static struct device_port port_with(unsigned index, bool is_input, const char *name, uint32_t least, uint32_t most)
{
    struct device_port port = driver_rig_port(index, is_input, name);
    port.latency = (struct latency){least, most};
    return port;
}

/* JACK asks in its own time: looks again until it is so, for three seconds at most. */
static void expect_range(const struct jack_ear *ear, const char *name, jack_latency_callback_mode_t mode, unsigned min,
                         unsigned max)
{
    jack_latency_range_t range = {0, 0};
    for (int i = 0; i < 300; i++) {
        jack_port_get_latency_range(jack_port_by_name(ear->client, name), mode, &range);
        if (range.min == min && range.max == max)
            return;
        jack_rig_sleep_ms(10);
    }
    ck_abort_msg("%s: %u to %u in place of %u to %u", name, range.min, range.max, min, max);
}

START_TEST(the_ways_through_the_graph_are_told_to_jack)
{
    struct jack_ear ear;
    jack_rig_start(&driver_rig.server, 48000, 256, 0);
    driver_rig_open();
    /* Before the client runs: its activation makes JACK ask. */
    const struct device_port early[] = {port_with(0, true, "line_1", 30, 300), port_with(1, false, "mix_1", 30, 300)};
    struct device_service device = jack_driver_device(driver_rig.driver);
    device.want(device.self, early, 2);
    driver_rig_make_run();
    jack_ear_open(&ear, &driver_rig.server);
    expect_range(&ear, "dut:mix_1", JackCaptureLatency, 30, 300);
    expect_range(&ear, "dut:line_1", JackPlaybackLatency, 30, 300);
    /* While it runs. */
    const struct device_port later[] = {port_with(0, true, "line_1", 1000, 1000), port_with(1, false, "mix_1", 64, 1000)};
    driver_rig_want(later, 2);
    expect_range(&ear, "dut:mix_1", JackCaptureLatency, 64, 1000);
    expect_range(&ear, "dut:line_1", JackPlaybackLatency, 1000, 1000);
    jack_ear_close(&ear);
}
END_TEST

START_TEST(the_latency_of_the_sound_card_comes_on_top)
{
    struct jack_ear ear;
    jack_rig_start(&driver_rig.server, 48000, 256, 0);
    driver_rig_open();
    driver_rig_make_run();
    jack_ear_open(&ear, &driver_rig.server);
    const struct device_port ports[] = {port_with(0, true, "in_1", 100, 200), port_with(1, false, "out_1", 100, 200)};
    driver_rig_want(ports, 2); /* connected to the card by their names */
    jack_latency_range_t capture, playback;
    jack_port_get_latency_range(jack_port_by_name(ear.client, "system:capture_1"), JackCaptureLatency, &capture);
    jack_port_get_latency_range(jack_port_by_name(ear.client, "system:playback_1"), JackPlaybackLatency, &playback);
    ck_assert_uint_gt(capture.max, 0);
    expect_range(&ear, "dut:out_1", JackCaptureLatency, capture.min + 100, capture.max + 200);
    expect_range(&ear, "dut:in_1", JackPlaybackLatency, playback.min + 100, playback.max + 200);
    jack_ear_close(&ear);
}
END_TEST

int main(void)
{
    jack_rig_hide();
    TCase *tcase = tcase_create("latency");
    tcase_add_checked_fixture(tcase, driver_rig_set_up, driver_rig_tear_down);
    tcase_set_timeout(tcase, 30);
    tcase_add_test(tcase, the_ways_through_the_graph_are_told_to_jack);
    tcase_add_test(tcase, the_latency_of_the_sound_card_comes_on_top);
    return suite_run_case("jack latency", tcase);
}
