/* The process callback by itself: the test calls in JACK's place. */
#include <check.h>

#include "daemon/jack_shared.h"
#include "tests/driver_rig.h"

static unsigned n_rests;

static void rest(void)
{
    n_rests++;
}

/* Calls come at once after each other, or with a pause in which a thread of JACK would wait. */
static void call_often(struct jack_seat *seat, unsigned n, int pause_ms)
{
    n_rests = 0;
    for (unsigned i = 0; i < n; i++) {
        jack_rt_process(256, seat);
        if (pause_ms)
            jack_rig_sleep_ms(pause_ms);
    }
}

START_TEST(who_never_waits_rests_well_before_the_kernel_ends_it)
{
    static struct jack_shared shared = {.calls = &driver_rig_calls, .rest = rest, .rate_hz = 48000};
    static struct jack_seat seat = {.shared = &shared};
    atomic_store(&shared.engine, &driver_rig.engine);
    atomic_store(&driver_rig.engine.cycle_ms, 6); /* of the 5.3 that there are */
    call_often(&seat, 50, 1);
    ck_assert_uint_eq(n_rests, 0);
    call_often(&seat, 50, 0); /* 300 ms */
    ck_assert_uint_ge(n_rests, 3);
}
END_TEST

START_TEST(any_number_of_frames_may_come_unannounced)
{
    static struct jack_shared shared;
    static struct jack_seat seat = {.shared = &shared};
    shared.calls = &driver_rig_calls;
    shared.rate_hz = 48000;
    shared.rest = rest;
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
    Suite *suite = suite_create("jack_rt");
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int n_failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return n_failed != 0;
}
