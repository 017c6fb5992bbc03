#include <check.h>
#include <stdio.h>
#include <string.h>

#include "tests/driver_rig.h"
#include "tests/suite.h"

START_TEST(standard_ports_meet_the_sound_card)
{
    struct jack_ear ear;
    jack_rig_start(&driver_rig.server, 48000, 256, 0);
    driver_rig_open();
    driver_rig_want_standard();
    driver_rig_make_run();
    jack_ear_open(&ear, &driver_rig.server);
    ck_assert(jack_ear_connected(&ear, "system:capture_1", "dut:in_1"));
    ck_assert(jack_ear_connected(&ear, "system:capture_2", "dut:in_2"));
    ck_assert(jack_ear_connected(&ear, "dut:out_1", "system:playback_1"));
    ck_assert(jack_ear_connected(&ear, "dut:out_2", "system:playback_2"));
    const struct device_port more[] = {driver_rig_port(2, false, "out_1"), driver_rig_port(7, false, "out_9"),
                                       driver_rig_port(8, false, "drums_1"), driver_rig_port(9, true, "in_2")};
    driver_rig_want(more, 4);
    ck_assert(jack_ear_connected(&ear, "system:capture_2", "dut:in_2"));
    ck_assert(!jack_ear_connected(&ear, "dut:drums_1", "system:playback_1"));
    ck_assert(jack_ear_has_port(&ear, "dut:out_9"));
    jack_ear_close(&ear);
}
END_TEST

START_TEST(ports_follow_the_wish_while_sound_runs)
{
    struct jack_ear ear;
    jack_rig_start(&driver_rig.server, 48000, 64, 0);
    driver_rig_open();
    driver_rig_make_run();
    jack_ear_open(&ear, &driver_rig.server);
    driver_rig_await_cycles(3);
    ck_assert_uint_eq(atomic_load(&driver_rig.engine.ports_present), 0);
    driver_rig_want_standard();
    driver_rig_await_cycles(3);
    ck_assert_uint_eq(atomic_load(&driver_rig.engine.ports_present), 0xf);
    jack_ear_connect(&ear, "dut:out_2", "ear:in");
    const struct device_port renamed[] = {driver_rig_port(3, false, "lead_2"), driver_rig_port(0, true, "in_1")};
    driver_rig_want(renamed, 2);
    driver_rig_await_cycles(3);
    ck_assert_uint_eq(atomic_load(&driver_rig.engine.ports_present), 0x9);
    ck_assert(jack_ear_connected(&ear, "dut:lead_2", "ear:in")); /* a new name keeps what others have connected */
    ck_assert(!jack_ear_has_port(&ear, "dut:out_2") && !jack_ear_has_port(&ear, "dut:in_2"));
    const struct device_port turned[] = {driver_rig_port(3, true, "lead_2")};
    driver_rig_want(turned, 1);
    ck_assert_int_eq(jack_port_flags(jack_port_by_name(ear.client, "dut:lead_2")), JackPortIsInput);
    for (int i = 0; i < 50; i++) {
        driver_rig_want(renamed, 2);
        driver_rig_want(NULL, 0);
    }
    driver_rig_await_cycles(3);
    ck_assert_uint_eq(atomic_load(&driver_rig.engine.ports_present), 0);
    ck_assert_uint_eq(driver_rig_status().n_ports_registered, 0);
    jack_ear_close(&ear);
}
END_TEST

START_TEST(names_that_are_exchanged_take_their_connections_with_them)
{
    struct jack_ear ear;
    jack_rig_start(&driver_rig.server, 48000, 64, 0);
    driver_rig_open();
    driver_rig_make_run();
    jack_ear_open(&ear, &driver_rig.server);
    const struct device_port before[] = {driver_rig_port(0, false, "a_1"), driver_rig_port(1, false, "b_1")};
    const struct device_port after[] = {driver_rig_port(0, false, "b_1"), driver_rig_port(1, false, "a_1"),
                                        driver_rig_port(2, false, "c_1")};
    driver_rig_want(before, 2);
    jack_ear_connect(&ear, "dut:a_1", "ear:in");
    driver_rig_want(after, 3);
    ck_assert(jack_ear_connected(&ear, "dut:b_1", "ear:in"));
    ck_assert(!jack_ear_connected(&ear, "dut:a_1", "ear:in"));
    ck_assert(jack_ear_has_port(&ear, "dut:a_1") && jack_ear_has_port(&ear, "dut:c_1"));
    const struct device_port passed_on[] = {driver_rig_port(0, false, "a_1"), driver_rig_port(3, false, "b_1"),
                                            driver_rig_port(1, false, "d_1")};
    driver_rig_want(passed_on, 3);
    ck_assert(jack_ear_connected(&ear, "dut:a_1", "ear:in"));
    ck_assert(jack_ear_has_port(&ear, "dut:b_1") && jack_ear_has_port(&ear, "dut:d_1"));
    ck_assert_uint_eq(driver_rig_logged("refused to rename"), 0);
    jack_ear_close(&ear);
}
END_TEST

START_TEST(at_the_limit_of_the_server_the_cause_is_told_and_the_rest_works)
{
    static struct device_port ports[DEVICE_PORTS_MAX];
    jack_rig_start(&driver_rig.server, 48000, 1024, 128);
    driver_rig_open();
    driver_rig_make_run();
    for (unsigned i = 0; i < 300; i++) {
        ports[i] = driver_rig_port(i, i % 2, "");
        snprintf(ports[i].name, sizeof ports[i].name, "p_%u", i);
    }
    driver_rig_want(ports, 300);
    driver_rig_await(JACK_DRIVER_PORTS);
    unsigned n_registered = driver_rig_status().n_ports_registered;
    ck_assert_uint_gt(n_registered, 90);
    ck_assert_uint_lt(n_registered, 128);
    ck_assert_uint_eq(driver_rig_status().n_ports_wanted, 300);
    char cause[200];
    snprintf(cause, sizeof cause, "\"p_%u\" (missing: %u): the server's limit is reached, all its 127 ports exist, %u of",
             n_registered, 300 - n_registered, n_registered);
    ck_assert_msg(strstr(driver_rig_status().ports_cause, cause), "%s", driver_rig_status().ports_cause);
    driver_rig_want(ports, 300);
    ck_assert_uint_eq(driver_rig_logged("limit is reached"), 1); /* the same once more is no news */
    driver_rig_want(ports, 3);
    ck_assert_uint_eq(driver_rig_status().n_ports_registered, 3);
    ck_assert_str_eq(driver_rig_status().ports_cause, "");
    driver_rig_await_cycles(3);
}
END_TEST

START_TEST(who_missed_a_port_gets_it_when_another_client_goes)
{
    static struct device_port ports[100];
    struct jack_ear ear;
    jack_rig_start(&driver_rig.server, 48000, 1024, 128);
    jack_ear_open(&ear, &driver_rig.server);
    driver_rig_open();
    driver_rig_make_run();
    for (unsigned i = 0; i < 50; i++) {
        char name[16];
        snprintf(name, sizeof name, "other_%u", i);
        ck_assert_ptr_nonnull(jack_port_register(ear.client, name, JACK_DEFAULT_AUDIO_TYPE, JackPortIsInput, 0));
    }
    for (unsigned i = 0; i < 100; i++) {
        ports[i] = driver_rig_port(i, true, "");
        snprintf(ports[i].name, sizeof ports[i].name, "p_%u", i);
    }
    driver_rig_want(ports, 100);
    ck_assert_uint_lt(driver_rig_status().n_ports_registered, 80);
    jack_ear_close(&ear);
    for (int i = 0; i < DRIVER_RIG_WAIT_MS && driver_rig_status().n_ports_registered < 100; i++)
        jack_rig_sleep_ms(1);
    ck_assert_uint_eq(driver_rig_status().n_ports_registered, 100);
    ck_assert_str_eq(driver_rig_status().ports_cause, "");
}
END_TEST

START_TEST(a_name_that_jack_refuses_is_told_with_the_cause)
{
    jack_rig_start(&driver_rig.server, 48000, 256, 0);
    driver_rig_open();
    driver_rig_make_run();
    const struct device_port twins[] = {driver_rig_port(0, true, "same_1"), driver_rig_port(1, true, "same_1"),
                                        driver_rig_port(DEVICE_PORTS_MAX, true, "x")};
    driver_rig_want(twins, 3);
    ck_assert_uint_eq(driver_rig_status().n_ports_registered, 1);
    ck_assert_uint_eq(driver_rig_logged("the name is taken"), 1);
    struct device_port longest = driver_rig_port(5, false, "");
    memset(longest.name, 'n', sizeof longest.name - 1);
    driver_rig_want(&longest, 1);
    ck_assert_uint_eq(driver_rig_status().n_ports_registered, 1);
}
END_TEST

int main(void)
{
    jack_rig_hide();
    TCase *server = tcase_create("jack_ports");
    tcase_set_timeout(server, 120);
    tcase_add_checked_fixture(server, driver_rig_set_up, driver_rig_tear_down);
    tcase_add_test(server, standard_ports_meet_the_sound_card);
    tcase_add_test(server, ports_follow_the_wish_while_sound_runs);
    tcase_add_test(server, names_that_are_exchanged_take_their_connections_with_them);
    tcase_add_test(server, at_the_limit_of_the_server_the_cause_is_told_and_the_rest_works);
    tcase_add_test(server, who_missed_a_port_gets_it_when_another_client_goes);
    tcase_add_test(server, a_name_that_jack_refuses_is_told_with_the_cause);
    return suite_run_case("jack_ports", server);
}
