#include "tests/driver_rig.h"

#include <check.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct driver_rig driver_rig;

static void note(struct engine_rt *engine, const struct cycle *cycle)
{
    uint64_t present = 0;
    for (unsigned i = 0; i < 64; i++)
        present |= (uint64_t)(cycle->ports[i] != NULL) << i;
    atomic_store(&engine->ports_present, present);
    atomic_store(&engine->n_frames, cycle->n_frames);
    if (cycle->n_frames > atomic_load(&engine->n_frames_max))
        atomic_store(&engine->n_frames_max, cycle->n_frames);
    atomic_store(&engine->budget_ns, cycle->budget_ns);
    atomic_fetch_add(&engine->n_timed, atomic_load(&engine->has_time) && cycle->has_time &&
                                           cycle->time_frames == atomic_load(&engine->next_time));
    atomic_store(&engine->has_time, cycle->has_time);
    atomic_store(&engine->next_time, cycle->time_frames + cycle->n_frames);
    atomic_store(&engine->policy, sched_getscheduler(0));
    atomic_fetch_add(&engine->n_cycles, 1);
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000 + now.tv_nsec;
}

static void keep_busy(unsigned ms)
{
    int64_t end_ns = now_ns() + ms * INT64_C(1000000);
    while (ms && now_ns() < end_ns)
        ;
}

static bool run_cycle(struct engine_rt *engine, const struct cycle *cycle)
{
    if (atomic_load(&engine->busy))
        return false;
    atomic_store(&engine->inside, true);
    const float *in = cycle->ports[0];
    float *out_1 = cycle->ports[2], *out_2 = cycle->ports[3];
    for (unsigned i = 0; i < cycle->n_frames; i++) {
        if (out_1)
            out_1[i] = (in ? in[i] : 0) + atomic_load(&engine->constant);
        if (out_2 && atomic_load(&engine->loud))
            out_2[i] = 0.5f;
    }
    note(engine, cycle);
    keep_busy(atomic_load(&engine->cycle_ms));
    atomic_store(&engine->inside, false);
    return true;
}

static void count_xrun(struct engine_rt *engine)
{
    atomic_fetch_add(&engine->n_xruns, 1);
}

const struct driver_calls driver_rig_calls = {.cycle = run_cycle, .xrun = count_xrun};

void driver_rig_set_up(void)
{
    memset(&driver_rig, 0, sizeof driver_rig);
    driver_rig.log = log_new(-1, LOG_DEBUG);
    jack_rig_init(&driver_rig.server);
}

void driver_rig_tear_down(void)
{
    jack_driver_free(driver_rig.driver);
    driver_rig.driver = NULL;
    jack_rig_stop(&driver_rig.server, SIGTERM);
    log_free(driver_rig.log);
}

void driver_rig_open(void)
{
    const struct jack_driver_config config = {.name = "dut",
                                              .server = driver_rig.server.name,
                                              .connect = true,
                                              .log = driver_rig.log,
                                              .calls = &driver_rig_calls,
                                              .hang_ms = driver_rig.hang_ms};
    driver_rig.driver = jack_driver_new(&config);
    ck_assert_ptr_nonnull(driver_rig.driver);
}

struct jack_driver_event driver_rig_await(enum jack_driver_event_kind kind)
{
    struct jack_driver_event event;
    struct pollfd wake = {.fd = jack_driver_fd(driver_rig.driver), .events = POLLIN};
    for (;;) {
        while (jack_driver_next(driver_rig.driver, &event)) {
            if (event.kind == kind)
                return event;
            ck_assert_int_ne(event.kind, JACK_DRIVER_LOST);
        }
        ck_assert_msg(poll(&wake, 1, DRIVER_RIG_WAIT_MS) == 1, "no event %d came", (int)kind);
    }
}

void driver_rig_make_run(void)
{
    driver_rig_await(JACK_DRIVER_OPENED);
    jack_driver_start(driver_rig.driver, &driver_rig.engine);
    driver_rig_await(JACK_DRIVER_RUNNING);
}

/* JACK has one connection to one server for all clients of a process: the next server must not come before this is over. */
void driver_rig_lose(int signal)
{
    jack_rig_stop(&driver_rig.server, signal);
    driver_rig_await(JACK_DRIVER_LOST);
    while (driver_rig_status().state != JACK_DRIVER_IS_WAITING)
        jack_rig_sleep_ms(1);
}

void driver_rig_await_cycles(unsigned n)
{
    uint64_t start = atomic_load(&driver_rig.engine.n_cycles);
    for (int i = 0; i < DRIVER_RIG_WAIT_MS && atomic_load(&driver_rig.engine.n_cycles) - start < n; i++)
        jack_rig_sleep_ms(1);
    ck_assert_uint_ge(atomic_load(&driver_rig.engine.n_cycles) - start, n);
}

struct device_port driver_rig_port(unsigned index, bool is_input, const char *name)
{
    struct device_port wanted = {.index = index, .is_input = is_input};
    snprintf(wanted.name, sizeof wanted.name, "%s", name);
    return wanted;
}

void driver_rig_want(const struct device_port *ports, unsigned n)
{
    struct device_service device = jack_driver_device(driver_rig.driver);
    uint64_t number = device.want(device.self, ports, n);
    for (int i = 0; i < DRIVER_RIG_WAIT_MS && device.fulfilled(device.self) < number; i++)
        jack_rig_sleep_ms(1);
    ck_assert_uint_ge(device.fulfilled(device.self), number);
}

void driver_rig_want_standard(void)
{
    const struct device_port ports[] = {driver_rig_port(0, true, "in_1"), driver_rig_port(1, true, "in_2"),
                                        driver_rig_port(2, false, "out_1"), driver_rig_port(3, false, "out_2")};
    driver_rig_want(ports, 4);
}

struct jack_driver_status driver_rig_status(void)
{
    struct jack_driver_status now;
    jack_driver_status(driver_rig.driver, &now);
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

unsigned driver_rig_logged(const char *text)
{
    struct search search = {.text = text};
    log_tail(driver_rig.log, LOG_LINES, look, &search);
    return search.n;
}
