#include <check.h>
#include <dirent.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tests/driver_rig.h"
#include "tests/suite.h"

/* ---- with and without a server ------------------------------------------------------------------------------------- */

START_TEST(without_a_server_it_waits_says_so_once_and_wishes_are_fulfilled)
{
    struct jack_driver_event event;
    driver_rig_open();
    driver_rig_want_standard();
    jack_rig_sleep_ms(1200); /* some attempts */
    ck_assert(!jack_driver_next(driver_rig.driver, &event));
    ck_assert_uint_eq(driver_rig_logged("waiting for JACK server"), 1);
    struct jack_driver_status now = driver_rig_status();
    ck_assert_int_eq(now.state, JACK_DRIVER_IS_WAITING);
    ck_assert_ptr_nonnull(strstr(now.cause, "no such server"));
    ck_assert_ptr_nonnull(strstr(now.cause, driver_rig.server.name));
    ck_assert_uint_eq(now.n_ports_wanted, 4);
    ck_assert_uint_eq(now.n_ports_registered, 0);
}
END_TEST

/* Of this process; -1 where a sanitizer makes mlockall an empty call. */
static int locked_kb(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return -1;
#endif
    char line[256];
    int kb = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (fgets(line, sizeof line, file))
        sscanf(line, "VmLck: %d", &kb);
    fclose(file);
    return kb;
}

START_TEST(on_a_server_it_opens_then_runs_when_told_to)
{
    jack_rig_start(&driver_rig.server, 44100, 256, 0);
    driver_rig_open();
    driver_rig_want_standard();
    struct jack_driver_event event = driver_rig_await(JACK_DRIVER_OPENED);
    ck_assert_uint_eq(event.rate_hz, 44100);
    ck_assert_uint_eq(event.period_frames, 256);
    ck_assert_int_eq(driver_rig_status().state, JACK_DRIVER_IS_OPEN);
    jack_rig_sleep_ms(50);
    ck_assert_uint_eq(atomic_load(&driver_rig.engine.n_cycles), 0); /* not before it is told */
    jack_driver_start(driver_rig.driver, &driver_rig.engine);
    driver_rig_await(JACK_DRIVER_RUNNING);
    driver_rig_await_cycles(10);
    ck_assert_uint_eq(atomic_load(&driver_rig.engine.n_frames), 256);
    ck_assert_uint_eq(atomic_load(&driver_rig.engine.budget_ns), 256 * 1000000000ull / 44100);
    ck_assert_uint_eq(atomic_load(&driver_rig.engine.ports_present), 0xf);
    ck_assert_uint_gt(atomic_load(&driver_rig.engine.n_timed), 0);
    struct jack_driver_status now = driver_rig_status();
    ck_assert_int_eq(now.state, JACK_DRIVER_IS_RUNNING);
    ck_assert_str_eq(now.client, "dut");
    ck_assert_str_eq(now.server, driver_rig.server.name);
    ck_assert_uint_eq(now.n_ports_registered, 4);
    ck_assert_uint_gt(now.n_cycles, 0);
    ck_assert_int_eq(now.realtime, now.realtime_cause[0] == '\0');
    ck_assert_int_eq(now.realtime, (atomic_load(&driver_rig.engine.policy) & ~SCHED_RESET_ON_FORK) == SCHED_FIFO);
    ck_assert_int_eq(now.memory_locked, now.memory_cause[0] == '\0');
    if (locked_kb() >= 0)
        ck_assert_int_eq(now.memory_locked, locked_kb() > 0);
}
END_TEST

START_TEST(a_server_that_comes_later_is_found)
{
    driver_rig_open();
    driver_rig_want_standard();
    jack_rig_start(&driver_rig.server, 48000, 128, 0);
    driver_rig_make_run();
    driver_rig_await_cycles(3);
    ck_assert_uint_eq(atomic_load(&driver_rig.engine.n_frames), 128);
}
END_TEST

START_TEST(a_taken_name_gets_a_number)
{
    jack_rig_start(&driver_rig.server, 48000, 256, 0);
    jack_client_t *other = jack_client_open("dut", JackNoStartServer | JackServerName, NULL, driver_rig.server.name);
    ck_assert_ptr_nonnull(other);
    driver_rig_open();
    driver_rig_make_run();
    ck_assert_str_eq(driver_rig_status().client, "dut-01");
    ck_assert_ptr_nonnull(strstr(driver_rig_status().name_cause, "\"dut\" is taken, this one is \"dut-01\""));
    ck_assert_uint_eq(driver_rig_logged("is taken"), 1);
    jack_client_close(other);
}
END_TEST

START_TEST(a_cycle_that_the_server_does_not_survive_is_run_to_its_end)
{
    jack_rig_start(&driver_rig.server, 48000, 256, 0);
    driver_rig_open();
    driver_rig_make_run();
    atomic_store(&driver_rig.engine.cycle_ms, 400); /* longer than the driver waits before it closes */
    while (!atomic_load(&driver_rig.engine.inside))
        jack_rig_sleep_ms(1);
    driver_rig_lose(SIGKILL);
    ck_assert(!atomic_load(&driver_rig.engine.inside));
}
END_TEST

START_TEST(it_can_be_freed_in_any_state)
{
    driver_rig_open();
    jack_driver_free(driver_rig.driver);
    jack_rig_start(&driver_rig.server, 48000, 256, 0);
    driver_rig_open();
    driver_rig_await(JACK_DRIVER_OPENED);
    jack_driver_free(driver_rig.driver);
    driver_rig_open();
    driver_rig_await(JACK_DRIVER_OPENED);
    jack_driver_start(driver_rig.driver, &driver_rig.engine);
    jack_driver_free(driver_rig.driver);
    driver_rig_open();
    driver_rig_want_standard();
    driver_rig_make_run();
    driver_rig_await_cycles(1);
    jack_driver_free(driver_rig.driver);
    uint64_t n_cycles = atomic_load(&driver_rig.engine.n_cycles);
    jack_rig_sleep_ms(50);
    ck_assert_uint_eq(atomic_load(&driver_rig.engine.n_cycles), n_cycles);
    driver_rig.driver = NULL;
    jack_driver_free(NULL);
}
END_TEST

/* ---- sound --------------------------------------------------------------------------------------------------------- */

START_TEST(sound_goes_in_and_out_and_unwritten_outputs_are_silent)
{
    struct jack_ear ear;
    jack_rig_start(&driver_rig.server, 48000, 256, 0);
    driver_rig_open();
    driver_rig_want_standard();
    driver_rig_make_run();
    jack_ear_open(&ear, &driver_rig.server);
    jack_ear_connect(&ear, "ear:out", "dut:in_1");
    jack_ear_connect(&ear, "dut:out_1", "ear:in");
    atomic_store(&ear.say, 0.25f);
    atomic_store(&driver_rig.engine.constant, 0.125f);
    ck_assert_float_eq_tol(jack_ear_listen(&ear), 0.375f, 1e-6f);
    atomic_store(&driver_rig.engine.busy, true); /* another driver_rig.driver has the engine */
    ck_assert_float_eq_tol(jack_ear_listen(&ear), 0, 1e-9f);
    atomic_store(&driver_rig.engine.busy, false);
    jack_disconnect(ear.client, "dut:out_1", "ear:in");
    jack_ear_connect(&ear, "dut:out_2", "ear:in");
    atomic_store(&driver_rig.engine.loud, true);
    ck_assert_float_eq_tol(jack_ear_listen(&ear), 0.5f, 1e-6f);
    atomic_store(&driver_rig.engine.loud, false);
    ck_assert_float_eq_tol(jack_ear_listen(&ear), 0, 1e-9f); /* not the old sound for ever */
    jack_ear_close(&ear);
}
END_TEST

START_TEST(every_change_of_the_period_is_told_and_played)
{
    /* not below 64: with xruns in every cycle, jackd 1.9.21 itself can hang in a change of the period */
    static const unsigned periods[] = {1024, 64, 4096, 8192, 333, 128, 256};
    struct jack_ear ear;
    jack_rig_start(&driver_rig.server, 48000, 256, 0);
    driver_rig_open();
    driver_rig_want_standard();
    driver_rig_make_run();
    jack_ear_open(&ear, &driver_rig.server);
    for (size_t i = 0; i < sizeof periods / sizeof *periods; i++) {
        if (jack_set_buffer_size(ear.client, periods[i]) != 0)
            continue; /* this server's ports are too small for it */
        unsigned period = jack_get_buffer_size(ear.client);
        while (driver_rig_await(JACK_DRIVER_PERIOD).period_frames != period)
            ;
        driver_rig_await_cycles(3);
        ck_assert_uint_eq(atomic_load(&driver_rig.engine.n_frames), period);
        ck_assert_uint_eq(driver_rig_status().period_frames, period);
    }
    ck_assert_uint_ge(atomic_load(&driver_rig.engine.n_frames_max), 4096);
    jack_ear_close(&ear);
}
END_TEST

/* ---- loss ---------------------------------------------------------------------------------------------------------- */

static unsigned entries(const char *folder)
{
    unsigned n = 0;
    DIR *dir = opendir(folder);
    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Kills the server, brings another, and returns how long the first cycle took from then. */
static int die_and_recover(int signal, unsigned period)
{
    driver_rig_lose(signal);
    driver_rig_want_standard(); /* fulfilled all the same */
    jack_rig_start(&driver_rig.server, 48000, period, 0);
    int64_t start = now_ms();
    driver_rig_make_run();
    driver_rig_await_cycles(1);
    ck_assert_uint_eq(driver_rig_status().n_ports_registered, 4);
    return (int)(now_ms() - start);
}

START_TEST(a_server_that_dies_is_survived_and_the_next_one_taken)
{
    int longest_ms = 0;
    jack_rig_start(&driver_rig.server, 48000, 256, 0);
    driver_rig_open();
    driver_rig_want_standard();
    driver_rig_make_run();
    unsigned n_fds = entries("/proc/self/fd"), n_threads = entries("/proc/self/task");
    for (int i = 0; i < 6; i++) {
        jack_rig_sleep_ms(37 * i);
        int ms = die_and_recover(i % 2 ? SIGKILL : SIGTERM, i % 3 ? 256 : 1024);
        longest_ms = ms > longest_ms ? ms : longest_ms;
    }
    ck_assert_uint_eq(driver_rig_status().n_losses, 6);
    ck_assert_uint_eq(entries("/proc/self/fd"), n_fds);
    ck_assert_uint_eq(entries("/proc/self/task"), n_threads);
    ck_assert_int_le(longest_ms, 3000); /* tests/system/test_jack_life.c measures it */
}
END_TEST

START_TEST(a_server_that_goes_unseen_is_no_loss)
{
    struct jack_driver_event event;
    jack_rig_start(&driver_rig.server, 48000, 256, 0);
    driver_rig_open();
    while (driver_rig_status().state != JACK_DRIVER_IS_OPEN)
        jack_rig_sleep_ms(1);
    jack_rig_stop(&driver_rig.server, SIGTERM);
    while (driver_rig_status().state != JACK_DRIVER_IS_WAITING)
        jack_rig_sleep_ms(1);
    ck_assert(!jack_driver_next(driver_rig.driver, &event));
}
END_TEST

START_TEST(a_start_that_comes_too_late_starts_nothing)
{
    jack_rig_start(&driver_rig.server, 48000, 256, 0);
    driver_rig_open();
    driver_rig_await(JACK_DRIVER_OPENED);
    jack_rig_stop(&driver_rig.server, SIGKILL);
    while (driver_rig_status().state != JACK_DRIVER_IS_WAITING)
        jack_rig_sleep_ms(1);
    jack_rig_start(&driver_rig.server, 48000, 256, 0);
    while (driver_rig_status().state != JACK_DRIVER_IS_OPEN)
        jack_rig_sleep_ms(1);
    jack_driver_start(driver_rig.driver,
                      &driver_rig.engine); /* meant for the first server: control has not seen its loss yet */
    jack_rig_sleep_ms(100);
    ck_assert_uint_eq(atomic_load(&driver_rig.engine.n_cycles), 0);
    struct jack_driver_event event;
    ck_assert(jack_driver_next(driver_rig.driver, &event));
    ck_assert_int_eq(event.kind, JACK_DRIVER_LOST);
    driver_rig_make_run();
    driver_rig_await_cycles(1);
}
END_TEST

/* ---- rights -------------------------------------------------------------------------------------------------------- */

/* Gives up what root may do beyond its limits, for this thread and those that it will start. */
static void drop_privileges(void)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[2] = {{0}};
    ck_assert_int_eq(syscall(SYS_capset, &header, none), 0);
}

START_TEST(denied_rights_are_told_with_their_cause) /* the last one: what it gives up does not come back */
{
    const struct rlimit no_rtprio = {0, 0}, little_memory = {1 << 20, 1 << 20};
    struct jack_ear ear;
    jack_rig_start(&driver_rig.server, 48000, 1024, 0);
    ck_assert_int_eq(setrlimit(RLIMIT_RTPRIO, &no_rtprio), 0);
    ck_assert_int_eq(setrlimit(RLIMIT_MEMLOCK, &little_memory), 0);
    drop_privileges();
    munlockall(); /* of an earlier test in the same process: nothing could be mapped under the limit otherwise */
    driver_rig_open();
    driver_rig_want_standard();
    driver_rig_make_run();
    driver_rig_await_cycles(3);
    struct jack_driver_status now = driver_rig_status();
    ck_assert(!now.realtime && !now.memory_locked);
    ck_assert_msg(strstr(now.realtime_cause, "RLIMIT_RTPRIO is 0"), "%s", now.realtime_cause);
    ck_assert_msg(strstr(now.memory_cause, "RLIMIT_MEMLOCK is 1024 KiB"), "%s", now.memory_cause);
    ck_assert_uint_eq(driver_rig_logged("rt=no memlock=no"), 1);
    jack_ear_open(&ear, &driver_rig.server);
    jack_ear_connect(&ear, "dut:out_1", "ear:in");
    atomic_store(&driver_rig.engine.constant, 0.5f);
    ck_assert_float_eq_tol(jack_ear_listen(&ear), 0.5f, 1e-6f);
    jack_ear_close(&ear);
}
END_TEST

int main(void)
{
    jack_rig_hide();
    TCase *server = tcase_create("jack_driver");
    tcase_set_timeout(server, 120);
    tcase_add_checked_fixture(server, driver_rig_set_up, driver_rig_tear_down);
    tcase_add_test(server, without_a_server_it_waits_says_so_once_and_wishes_are_fulfilled);
    tcase_add_test(server, on_a_server_it_opens_then_runs_when_told_to);
    tcase_add_test(server, a_server_that_comes_later_is_found);
    tcase_add_test(server, a_taken_name_gets_a_number);
    tcase_add_test(server, it_can_be_freed_in_any_state);
    tcase_add_test(server, a_cycle_that_the_server_does_not_survive_is_run_to_its_end);
    tcase_add_test(server, sound_goes_in_and_out_and_unwritten_outputs_are_silent);
    tcase_add_test(server, every_change_of_the_period_is_told_and_played);
    tcase_add_test(server, a_server_that_dies_is_survived_and_the_next_one_taken);
    tcase_add_test(server, a_server_that_goes_unseen_is_no_loss);
    tcase_add_test(server, a_start_that_comes_too_late_starts_nothing);
    tcase_add_test(server, denied_rights_are_told_with_their_cause);
    return suite_run_case("jack_driver", server);
}
