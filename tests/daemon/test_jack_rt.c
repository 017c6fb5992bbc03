/* The process callback by itself: the test calls in JACK's place. */
#include <check.h>

#include "daemon/jack_shared.h"
#include "tests/driver_rig.h"
#include "tests/suite.h"

/* A machine whose time is spent by cycles and waits alone. */
static struct {
    uint64_t now_ns, cycle_ns;
    unsigned n_rests;
} machine;

static uint64_t read_clock(void *self)
{
    (void)self;
    return machine.now_ns;
}

static void rest(void)
{
    machine.n_rests++;
}

static bool compute(struct engine_rt *engine, const struct cycle *cycle)
{
    (void)engine;
    (void)cycle;
    machine.now_ns += machine.cycle_ns;
    return true;
}

/* How often it rests in cycles that come at once after each other, or after a wait. */
static unsigned rests_of(struct jack_seat *seat, unsigned n, uint64_t wait_ns)
{
    machine.n_rests = 0;
    for (unsigned i = 0; i < n; i++) {
        machine.now_ns += wait_ns;
        jack_rt_process(256, seat);
    }
    return machine.n_rests;
}

START_TEST(who_never_waits_rests_well_before_the_kernel_ends_it)
{
    static const struct driver_calls calls = {.cycle = compute};
    static struct jack_shared shared = {.calls = &calls, .rest = rest, .clock = {read_clock, NULL}, .rate_hz = 48000};
    static struct jack_seat seat = {.shared = &shared};
    atomic_store(&shared.engine, &driver_rig.engine);
    machine.now_ns = 1000000000;
    machine.cycle_ns = 6000000; /* of the 5.3 ms that there are */
    ck_assert_uint_eq(rests_of(&seat, 50, 1000000), 0);
    ck_assert_uint_eq(rests_of(&seat, 54, 10000), 6); /* 10 us are no wait: every ninth cycle ends beyond 50 ms */
}
END_TEST

START_TEST(any_number_of_frames_may_come_unannounced)
{
    static struct jack_shared shared;
    static struct jack_seat seat = {.shared = &shared};
    shared.calls = &driver_rig_calls;
    shared.rate_hz = 48000;
    shared.rest = rest;
    shared.clock.now_ns = clock_monotonic_rt;
    atomic_store(&shared.engine, &driver_rig.engine);
    for (unsigned n = 0; n <= 8192; n++) {
        ck_assert_int_eq(jack_rt_process(n, &seat), 0);
        ck_assert_uint_eq(atomic_load(&driver_rig.engine.n_cycles), n); /* none for no frames */
        ck_assert_uint_eq(atomic_load(&driver_rig.engine.n_frames), n);
        ck_assert_uint_eq(atomic_load(&driver_rig.engine.budget_ns), n * 1000000000ull / 48000);
    }
    ck_assert_uint_eq(atomic_load(&shared.n_cycles), 8192);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("jack_rt");
    tcase_add_test(tcase, any_number_of_frames_may_come_unannounced);
    tcase_add_test(tcase, who_never_waits_rests_well_before_the_kernel_ends_it);
    return suite_run_case("jack_rt", tcase);
}
