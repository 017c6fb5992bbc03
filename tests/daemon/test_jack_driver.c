#include <check.h>
#include <dirent.h>
#include <linux/capability.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "daemon/jack_driver.h"
#include "daemon/jack_shared.h"
#include "tests/jack_rig.h"

#define WAIT_MS 10000
#define PORT_COUNT 4 /* 0, 1: in_1, in_2; 2, 3: out_1, out_2 */

/* Stands in for the engine: out_1 is in_1 plus a constant; out_2 is written only while `loud`. */
struct engine_rt {
    _Atomic bool busy; /* another driver has it */
    _Atomic bool loud;
    _Atomic float constant;
    _Atomic uint64_t n_cycles;
    _Atomic unsigned n_frames, n_frames_max;
    _Atomic uint64_t budget_ns;
    _Atomic uint64_t ports_present; /* bit per port, of the last cycle */
    _Atomic unsigned n_xruns;
};

static struct engine_rt engine;
static struct jack_rig rig;
static struct log *log_;
static struct jack_driver *driver;
static struct device_service device;

static bool cycle(struct engine_rt *self, const struct cycle *cycle)
{
    if (atomic_load(&self->busy))
        return false;
    const float *in = cycle->ports[0];
    float *out_1 = cycle->ports[2], *out_2 = cycle->ports[3];
    for (unsigned i = 0; i < cycle->n_frames; i++) {
        if (out_1)
            out_1[i] = (in ? in[i] : 0) + atomic_load(&self->constant);
        if (out_2 && atomic_load(&self->loud))
            out_2[i] = 0.5f;
    }
    uint64_t present = 0;
    for (unsigned i = 0; i < 64; i++)
        present |= (uint64_t)(cycle->ports[i] != NULL) << i;
    atomic_store(&self->ports_present, present);
    atomic_store(&self->n_frames, cycle->n_frames);
    if (cycle->n_frames > atomic_load(&self->n_frames_max))
        atomic_store(&self->n_frames_max, cycle->n_frames);
    atomic_store(&self->budget_ns, cycle->budget_ns);
    atomic_fetch_add(&self->n_cycles, 1);
    return true;
}

static bool idle(struct engine_rt *self, unsigned n_frames)
{
    (void)self, (void)n_frames;
    return true;
}

static void xrun(struct engine_rt *self)
{
    atomic_fetch_add(&self->n_xruns, 1);
}

static const struct driver_calls calls = {.cycle = cycle, .idle = idle, .xrun = xrun};

static void open_driver(void)
{
    const struct jack_driver_config config = {
        .name = "dut", .server = rig.server, .connect = true, .log = log_, .calls = &calls};
    driver = jack_driver_new(&config);
    ck_assert_ptr_nonnull(driver);
    device = jack_driver_device(driver);
}

static void set_up(void)
{
    memset(&engine, 0, sizeof engine);
    log_ = log_new(-1, LOG_DEBUG);
    jack_rig_init(&rig);
}

static void tear_down(void)
{
    jack_driver_free(driver);
    driver = NULL;
    jack_rig_stop(&rig, SIGTERM);
    log_free(log_);
}

/* The next event of this kind; others may come before it, but no LOST. */
static struct jack_driver_event await(enum jack_driver_event_kind kind)
{
    struct jack_driver_event event;
    struct pollfd wake = {.fd = jack_driver_fd(driver), .events = POLLIN};
    for (;;) {
        while (jack_driver_next(driver, &event)) {
            if (event.kind == kind)
                return event;
            ck_assert_int_ne(event.kind, JACK_DRIVER_LOST);
        }
        ck_assert_msg(poll(&wake, 1, WAIT_MS) == 1, "no event %d came", (int)kind);
    }
}

static void make_run(void)
{
    await(JACK_DRIVER_OPENED);
    jack_driver_start(driver, &engine);
    await(JACK_DRIVER_RUNNING);
}

static struct device_port port(unsigned index, bool is_input, const char *name)
{
    struct device_port wanted = {.index = index, .is_input = is_input};
    snprintf(wanted.name, sizeof wanted.name, "%s", name);
    return wanted;
}

static void want(const struct device_port *ports, unsigned n)
{
    uint64_t number = device.want(device.self, ports, n);
    for (int i = 0; i < WAIT_MS && device.fulfilled(device.self) < number; i++)
        jack_rig_sleep_ms(1);
    ck_assert_uint_ge(device.fulfilled(device.self), number);
}

static void want_standard_ports(void)
{
    const struct device_port ports[] = {port(0, true, "in_1"), port(1, true, "in_2"), port(2, false, "out_1"),
                                        port(3, false, "out_2")};
    want(ports, PORT_COUNT);
}

static void await_cycles(unsigned n)
{
    uint64_t start = atomic_load(&engine.n_cycles);
    for (int i = 0; i < WAIT_MS && atomic_load(&engine.n_cycles) - start < n; i++)
        jack_rig_sleep_ms(1);
    ck_assert_uint_ge(atomic_load(&engine.n_cycles) - start, n);
}

static struct jack_driver_status status(void)
{
    struct jack_driver_status now;
    jack_driver_status(driver, &now);
    return now;
}

struct search {
    const char *text;
    unsigned n;
};

static void look(void *self, const struct log_line *line)
{
    struct search *search = self;
    search->n += strstr(line->text, search->text) != NULL;
}

static unsigned logged(const char *text)
{
    struct search search = {.text = text};
    log_tail(log_, LOG_LINES, look, &search);
    return search.n;
}

/* ---- with and without a server ------------------------------------------------------------------------------------- */

START_TEST(without_a_server_it_waits_says_so_once_and_wishes_are_fulfilled)
{
    struct jack_driver_event event;
    open_driver();
    want_standard_ports();
    jack_rig_sleep_ms(1200); /* some attempts */
    ck_assert(!jack_driver_next(driver, &event));
    ck_assert_uint_eq(logged("waiting for JACK server"), 1);
    struct jack_driver_status now = status();
    ck_assert_int_eq(now.state, JACK_DRIVER_IS_WAITING);
    ck_assert_ptr_nonnull(strstr(now.cause, "no such server"));
    ck_assert_ptr_nonnull(strstr(now.cause, rig.server));
    ck_assert_uint_eq(now.n_ports_wanted, 4);
    ck_assert_uint_eq(now.n_ports_registered, 0);
}
END_TEST

START_TEST(on_a_server_it_opens_then_runs_when_told_to)
{
    jack_rig_start(&rig, 44100, 256, 0);
    open_driver();
    want_standard_ports();
    struct jack_driver_event event = await(JACK_DRIVER_OPENED);
    ck_assert_uint_eq(event.rate_hz, 44100);
    ck_assert_uint_eq(event.period_frames, 256);
    ck_assert_int_eq(status().state, JACK_DRIVER_IS_OPEN);
    jack_rig_sleep_ms(50);
    ck_assert_uint_eq(atomic_load(&engine.n_cycles), 0); /* not before it is told */
    jack_driver_start(driver, &engine);
    await(JACK_DRIVER_RUNNING);
    await_cycles(10);
    ck_assert_uint_eq(atomic_load(&engine.n_frames), 256);
    ck_assert_uint_eq(atomic_load(&engine.budget_ns), 256 * 1000000000ull / 44100);
    ck_assert_uint_eq(atomic_load(&engine.ports_present), 0xf);
    struct jack_driver_status now = status();
    ck_assert_int_eq(now.state, JACK_DRIVER_IS_RUNNING);
    ck_assert_str_eq(now.client, "dut");
    ck_assert_str_eq(now.server, rig.server);
    ck_assert_uint_eq(now.n_ports_registered, 4);
    ck_assert_uint_gt(now.n_cycles, 0);
    ck_assert_int_eq(now.realtime, now.realtime_cause[0] == '\0');
    ck_assert_int_eq(now.memory_locked, now.memory_cause[0] == '\0');
}
END_TEST

START_TEST(a_server_that_comes_later_is_found)
{
    open_driver();
    want_standard_ports();
    jack_rig_start(&rig, 48000, 128, 0);
    make_run();
    await_cycles(3);
    ck_assert_uint_eq(atomic_load(&engine.n_frames), 128);
}
END_TEST

START_TEST(a_taken_name_gets_a_number)
{
    jack_rig_start(&rig, 48000, 256, 0);
    jack_client_t *other = jack_client_open("dut", JackNoStartServer | JackServerName, NULL, rig.server);
    ck_assert_ptr_nonnull(other);
    open_driver();
    make_run();
    ck_assert_str_eq(status().client, "dut-01");
    jack_client_close(other);
}
END_TEST

START_TEST(it_can_be_freed_in_any_state)
{
    open_driver();
    jack_driver_free(driver);
    jack_rig_start(&rig, 48000, 256, 0);
    open_driver();
    await(JACK_DRIVER_OPENED);
    jack_driver_free(driver);
    open_driver();
    await(JACK_DRIVER_OPENED);
    jack_driver_start(driver, &engine);
    jack_driver_free(driver);
    open_driver();
    want_standard_ports();
    make_run();
    await_cycles(1);
    jack_driver_free(driver);
    uint64_t n_cycles = atomic_load(&engine.n_cycles);
    jack_rig_sleep_ms(50);
    ck_assert_uint_eq(atomic_load(&engine.n_cycles), n_cycles);
    driver = NULL;
    jack_driver_free(NULL);
}
END_TEST

/* ---- sound --------------------------------------------------------------------------------------------------------- */

START_TEST(sound_goes_in_and_out_and_unwritten_outputs_are_silent)
{
    struct jack_ear ear;
    jack_rig_start(&rig, 48000, 256, 0);
    open_driver();
    want_standard_ports();
    make_run();
    jack_ear_open(&ear, &rig);
    jack_ear_connect(&ear, "ear:out", "dut:in_1");
    jack_ear_connect(&ear, "dut:out_1", "ear:in");
    atomic_store(&ear.say, 0.25f);
    atomic_store(&engine.constant, 0.125f);
    ck_assert_float_eq_tol(jack_ear_listen(&ear), 0.375f, 1e-6f);
    atomic_store(&engine.busy, true); /* another driver has the engine */
    ck_assert_float_eq_tol(jack_ear_listen(&ear), 0, 1e-9f);
    atomic_store(&engine.busy, false);
    jack_disconnect(ear.client, "dut:out_1", "ear:in");
    jack_ear_connect(&ear, "dut:out_2", "ear:in");
    atomic_store(&engine.loud, true);
    ck_assert_float_eq_tol(jack_ear_listen(&ear), 0.5f, 1e-6f);
    atomic_store(&engine.loud, false);
    ck_assert_float_eq_tol(jack_ear_listen(&ear), 0, 1e-9f); /* not the old sound for ever */
    jack_ear_close(&ear);
}
END_TEST

START_TEST(standard_ports_meet_the_sound_card)
{
    struct jack_ear ear;
    jack_rig_start(&rig, 48000, 256, 0);
    open_driver();
    want_standard_ports();
    make_run();
    jack_ear_open(&ear, &rig);
    ck_assert(jack_ear_connected(&ear, "system:capture_1", "dut:in_1"));
    ck_assert(jack_ear_connected(&ear, "system:capture_2", "dut:in_2"));
    ck_assert(jack_ear_connected(&ear, "dut:out_1", "system:playback_1"));
    ck_assert(jack_ear_connected(&ear, "dut:out_2", "system:playback_2"));
    const struct device_port more[] = {port(2, false, "out_1"), port(7, false, "out_9"), port(8, false, "drums_1"),
                                       port(9, true, "in_2")};
    want(more, 4);
    ck_assert(jack_ear_connected(&ear, "system:capture_2", "dut:in_2"));
    ck_assert(!jack_ear_connected(&ear, "dut:drums_1", "system:playback_1"));
    ck_assert(jack_ear_has_port(&ear, "dut:out_9"));
    jack_ear_close(&ear);
}
END_TEST

START_TEST(every_change_of_the_period_is_told_and_played)
{
    /* not below 64: with xruns in every cycle, jackd 1.9.21 itself can hang in a change of the period */
    static const unsigned periods[] = {1024, 64, 4096, 8192, 333, 128, 256};
    struct jack_ear ear;
    jack_rig_start(&rig, 48000, 256, 0);
    open_driver();
    want_standard_ports();
    make_run();
    jack_ear_open(&ear, &rig);
    for (size_t i = 0; i < sizeof periods / sizeof *periods; i++) {
        if (jack_set_buffer_size(ear.client, periods[i]) != 0)
            continue; /* this server's ports are too small for it */
        unsigned period = jack_get_buffer_size(ear.client);
        while (await(JACK_DRIVER_PERIOD).period_frames != period)
            ;
        await_cycles(3);
        ck_assert_uint_eq(atomic_load(&engine.n_frames), period);
        ck_assert_uint_eq(status().period_frames, period);
    }
    ck_assert_uint_ge(atomic_load(&engine.n_frames_max), 4096);
    jack_ear_close(&ear);
}
END_TEST

START_TEST(any_number_of_frames_may_come_unannounced)
{
    static struct jack_shared shared;
    shared.calls = &calls;
    shared.rate_hz = 48000;
    atomic_store(&shared.engine, &engine);
    for (unsigned n = 0; n <= 8192; n++) {
        ck_assert_int_eq(jack_rt_process(n, &shared), 0);
        ck_assert_uint_eq(atomic_load(&engine.n_cycles), n); /* none for no frames */
        ck_assert_uint_eq(atomic_load(&engine.n_frames), n);
        ck_assert_uint_eq(atomic_load(&engine.budget_ns), n * 1000000000ull / 48000);
    }
    ck_assert_uint_eq(atomic_load(&shared.n_cycles), 8192);
}
END_TEST

/* ---- ports --------------------------------------------------------------------------------------------------------- */

START_TEST(ports_follow_the_wish_while_sound_runs)
{
    struct jack_ear ear;
    jack_rig_start(&rig, 48000, 64, 0);
    open_driver();
    make_run();
    jack_ear_open(&ear, &rig);
    await_cycles(3);
    ck_assert_uint_eq(atomic_load(&engine.ports_present), 0);
    want_standard_ports();
    await_cycles(3);
    ck_assert_uint_eq(atomic_load(&engine.ports_present), 0xf);
    jack_ear_connect(&ear, "dut:out_2", "ear:in");
    const struct device_port renamed[] = {port(3, false, "lead_2"), port(0, true, "in_1")};
    want(renamed, 2);
    await_cycles(3);
    ck_assert_uint_eq(atomic_load(&engine.ports_present), 0x9);
    ck_assert(jack_ear_connected(&ear, "dut:lead_2", "ear:in")); /* a new name keeps what others have connected */
    ck_assert(!jack_ear_has_port(&ear, "dut:out_2") && !jack_ear_has_port(&ear, "dut:in_2"));
    const struct device_port turned[] = {port(3, true, "lead_2")};
    want(turned, 1);
    ck_assert_int_eq(jack_port_flags(jack_port_by_name(ear.client, "dut:lead_2")), JackPortIsInput);
    for (int i = 0; i < 50; i++) {
        want(renamed, 2);
        want(NULL, 0);
    }
    await_cycles(3);
    ck_assert_uint_eq(atomic_load(&engine.ports_present), 0);
    ck_assert_uint_eq(status().n_ports_registered, 0);
    jack_ear_close(&ear);
}
END_TEST

START_TEST(at_the_limit_of_the_server_the_cause_is_told_and_the_rest_works)
{
    static struct device_port ports[DEVICE_PORTS_MAX];
    jack_rig_start(&rig, 48000, 1024, 128);
    open_driver();
    make_run();
    for (unsigned i = 0; i < 300; i++) {
        ports[i] = port(i, i % 2, "");
        snprintf(ports[i].name, sizeof ports[i].name, "p_%u", i);
    }
    want(ports, 300);
    unsigned n_registered = status().n_ports_registered;
    ck_assert_uint_gt(n_registered, 90);
    ck_assert_uint_lt(n_registered, 128);
    ck_assert_uint_eq(status().n_ports_wanted, 300);
    ck_assert_uint_gt(logged("limit is reached"), 0);
    want(ports, 3);
    ck_assert_uint_eq(status().n_ports_registered, 3);
    await_cycles(3);
}
END_TEST

START_TEST(a_name_that_jack_refuses_is_told_with_the_cause)
{
    jack_rig_start(&rig, 48000, 256, 0);
    open_driver();
    make_run();
    const struct device_port twins[] = {port(0, true, "same_1"), port(1, true, "same_1"), port(DEVICE_PORTS_MAX, true, "x")};
    want(twins, 3);
    ck_assert_uint_eq(status().n_ports_registered, 1);
    ck_assert_uint_eq(logged("the name is taken"), 1);
    struct device_port longest = port(5, false, "");
    memset(longest.name, 'n', sizeof longest.name - 1);
    want(&longest, 1);
    ck_assert_uint_eq(status().n_ports_registered, 1);
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
    jack_rig_stop(&rig, signal);
    await(JACK_DRIVER_LOST);
    uint64_t n_cycles = atomic_load(&engine.n_cycles);
    ck_assert_int_eq(status().state, JACK_DRIVER_IS_WAITING);
    want_standard_ports(); /* fulfilled all the same */
    ck_assert_uint_eq(atomic_load(&engine.n_cycles), n_cycles);
    jack_rig_start(&rig, 48000, period, 0);
    int64_t start = now_ms();
    make_run();
    await_cycles(1);
    ck_assert_uint_eq(status().n_ports_registered, 4);
    return (int)(now_ms() - start);
}

START_TEST(a_server_that_dies_is_survived_and_the_next_one_taken)
{
    int longest_ms = 0;
    jack_rig_start(&rig, 48000, 256, 0);
    open_driver();
    want_standard_ports();
    make_run();
    unsigned n_fds = entries("/proc/self/fd"), n_threads = entries("/proc/self/task");
    for (int i = 0; i < 6; i++) {
        jack_rig_sleep_ms(37 * i);
        int ms = die_and_recover(i % 2 ? SIGKILL : SIGTERM, i % 3 ? 256 : 1024);
        longest_ms = ms > longest_ms ? ms : longest_ms;
    }
    ck_assert_uint_eq(status().n_losses, 6);
    ck_assert_uint_eq(entries("/proc/self/fd"), n_fds);
    ck_assert_uint_eq(entries("/proc/self/task"), n_threads);
    printf("REL J1 recovered=6/6 first_cycle_max_ms=%d fd_delta=0 thread_delta=0 PASS\n", longest_ms);
}
END_TEST

START_TEST(a_server_that_goes_unseen_is_no_loss)
{
    struct jack_driver_event event;
    jack_rig_start(&rig, 48000, 256, 0);
    open_driver();
    while (status().state != JACK_DRIVER_IS_OPEN)
        jack_rig_sleep_ms(1);
    jack_rig_stop(&rig, SIGTERM);
    while (status().state != JACK_DRIVER_IS_WAITING)
        jack_rig_sleep_ms(1);
    ck_assert(!jack_driver_next(driver, &event));
}
END_TEST

START_TEST(a_start_that_comes_too_late_starts_nothing)
{
    jack_rig_start(&rig, 48000, 256, 0);
    open_driver();
    await(JACK_DRIVER_OPENED);
    jack_rig_stop(&rig, SIGKILL);
    while (status().state != JACK_DRIVER_IS_WAITING)
        jack_rig_sleep_ms(1);
    jack_rig_start(&rig, 48000, 256, 0);
    while (status().state != JACK_DRIVER_IS_OPEN)
        jack_rig_sleep_ms(1);
    jack_driver_start(driver, &engine); /* meant for the first server: control has not seen its loss yet */
    jack_rig_sleep_ms(100);
    ck_assert_uint_eq(atomic_load(&engine.n_cycles), 0);
    struct jack_driver_event event;
    ck_assert(jack_driver_next(driver, &event));
    ck_assert_int_eq(event.kind, JACK_DRIVER_LOST);
    make_run();
    await_cycles(1);
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
    jack_rig_start(&rig, 48000, 1024, 0);
    ck_assert_int_eq(setrlimit(RLIMIT_RTPRIO, &no_rtprio), 0);
    ck_assert_int_eq(setrlimit(RLIMIT_MEMLOCK, &little_memory), 0);
    drop_privileges();
    open_driver();
    want_standard_ports();
    make_run();
    await_cycles(3);
    struct jack_driver_status now = status();
    ck_assert(!now.realtime && !now.memory_locked);
    ck_assert_msg(strstr(now.realtime_cause, "RLIMIT_RTPRIO is 0"), "%s", now.realtime_cause);
    ck_assert_msg(strstr(now.memory_cause, "RLIMIT_MEMLOCK is 1024 KiB"), "%s", now.memory_cause);
    ck_assert_uint_eq(logged("rt=no memlock=no"), 1);
    jack_ear_open(&ear, &rig);
    jack_ear_connect(&ear, "dut:out_1", "ear:in");
    atomic_store(&engine.constant, 0.5f);
    ck_assert_float_eq_tol(jack_ear_listen(&ear), 0.5f, 1e-6f);
    jack_ear_close(&ear);
}
END_TEST

int main(void)
{
    jack_rig_hide();
    TCase *server = tcase_create("jack_driver");
    tcase_set_timeout(server, 120);
    tcase_add_checked_fixture(server, set_up, tear_down);
    tcase_add_test(server, without_a_server_it_waits_says_so_once_and_wishes_are_fulfilled);
    tcase_add_test(server, on_a_server_it_opens_then_runs_when_told_to);
    tcase_add_test(server, a_server_that_comes_later_is_found);
    tcase_add_test(server, a_taken_name_gets_a_number);
    tcase_add_test(server, it_can_be_freed_in_any_state);
    tcase_add_test(server, sound_goes_in_and_out_and_unwritten_outputs_are_silent);
    tcase_add_test(server, standard_ports_meet_the_sound_card);
    tcase_add_test(server, every_change_of_the_period_is_told_and_played);
    tcase_add_test(server, any_number_of_frames_may_come_unannounced);
    tcase_add_test(server, ports_follow_the_wish_while_sound_runs);
    tcase_add_test(server, at_the_limit_of_the_server_the_cause_is_told_and_the_rest_works);
    tcase_add_test(server, a_name_that_jack_refuses_is_told_with_the_cause);
    tcase_add_test(server, a_server_that_dies_is_survived_and_the_next_one_taken);
    tcase_add_test(server, a_server_that_goes_unseen_is_no_loss);
    tcase_add_test(server, a_start_that_comes_too_late_starts_nothing);
    tcase_add_test(server, denied_rights_are_told_with_their_cause);
    Suite *suite = suite_create("jack_driver");
    suite_add_tcase(suite, server);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
