#include <check.h>
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include "daemon/null_driver.h"
#include "tests/suite.h"

#define SECOND_NS 1000000000ll

/* Stands in for the engine: counts frames and looks at the clock. */
struct engine_rt {
    _Atomic uint64_t n_frames, n_calls;
    _Atomic int64_t last_ns; /* monotonic, in the last call */
};

static struct engine_rt engine;

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * SECOND_NS + now.tv_nsec;
}

static void sleep_ms(int ms)
{
    const struct timespec time = {.tv_nsec = ms * 1000000};
    nanosleep(&time, NULL);
}

static bool idle(struct engine_rt *self, unsigned n_frames)
{
    ck_assert_uint_gt(n_frames, 0);
    atomic_fetch_add(&self->n_frames, n_frames);
    atomic_fetch_add(&self->n_calls, 1);
    atomic_store(&self->last_ns, now_ns());
    return true;
}

static bool cycle(struct engine_rt *self, const struct cycle *cycle)
{
    (void)self, (void)cycle;
    ck_abort_msg("the null driver runs no node");
    return false;
}

static const struct driver_calls calls = {.idle = idle, .cycle = cycle};

static void set_up(void)
{
    memset(&engine, 0, sizeof engine);
}

static void await_calls(unsigned n)
{
    while (atomic_load(&engine.n_calls) < n)
        sleep_ms(1);
}

/* What the clock says and what was counted may differ by what passes between two looks at the clock, and by no more. */
static void expect_exact_time(unsigned rate_hz, unsigned n_calls)
{
    set_up();
    int64_t before_ns = now_ns();
    struct null_driver *driver = null_driver_start(&engine, rate_hz, &calls);
    int64_t after_ns = now_ns();
    ck_assert_ptr_nonnull(driver);
    await_calls(n_calls);
    null_driver_stop(driver);
    double n_frames = (double)atomic_load(&engine.n_frames);
    double most = (double)(atomic_load(&engine.last_ns) - before_ns) * rate_hz / SECOND_NS;
    double least = (double)(atomic_load(&engine.last_ns) - after_ns) * rate_hz / SECOND_NS - 0.05 * rate_hz;
    ck_assert_msg(n_frames <= most && n_frames >= least, "%g frames, not %g to %g", n_frames, least, most);
}

START_TEST(time_passes_as_the_clock_says_at_any_rate)
{
    expect_exact_time(48000, 100);
    expect_exact_time(44100, 60);
    expect_exact_time(8000, 20);
    expect_exact_time(384000, 20);
}
END_TEST

START_TEST(after_stop_nothing_is_called)
{
    struct null_driver *driver = null_driver_start(&engine, 48000, &calls);
    await_calls(3);
    null_driver_stop(driver);
    uint64_t n_calls = atomic_load(&engine.n_calls);
    sleep_ms(30);
    ck_assert_uint_eq(atomic_load(&engine.n_calls), n_calls);
    null_driver_stop(NULL);
}
END_TEST

START_TEST(it_can_come_and_go_often)
{
    for (int i = 0; i < 20; i++)
        null_driver_stop(null_driver_start(&engine, 48000, &calls));
}
END_TEST

START_TEST(a_device_without_a_card_fulfils_every_wish_at_once)
{
    struct null_device state = {0};
    struct device_service device = null_device_service(&state);
    const struct device_port port = {.index = 0, .name = "out_1"};
    for (uint64_t i = 1; i < 4; i++) {
        ck_assert_uint_eq(device.want(device.self, &port, 1), i);
        ck_assert_uint_eq(device.fulfilled(device.self), i);
    }
}
END_TEST

int main(void)
{
    TCase *time = tcase_create("null_driver");
    tcase_set_timeout(time, 30);
    tcase_add_checked_fixture(time, set_up, NULL);
    tcase_add_test(time, time_passes_as_the_clock_says_at_any_rate);
    tcase_add_test(time, after_stop_nothing_is_called);
    tcase_add_test(time, it_can_come_and_go_often);
    tcase_add_test(time, a_device_without_a_card_fulfils_every_wish_at_once);
    return suite_run_case("null_driver", time);
}
