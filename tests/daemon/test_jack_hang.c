/* A libjack that does not come back: this program puts its own jack_client_open and jack_client_close before those of the
 * library, which hang when the test says so. A hung closing has done its work before: what is tested is who waits for it. */
#include <check.h>
#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "daemon/jack_shared.h"
#include "tests/driver_rig.h"
#include "tests/suite.h"

#define HANG_MS 500 /* also on a busy machine, a call that works takes less */

static struct {
    _Atomic bool opening, closing; /* hang from now on, until it is taken back */
    _Atomic bool exclusive;        /* as in jack2: who opens waits for who closes */
    _Atomic unsigned n_hanging;
    pthread_mutex_t lock;
    _Atomic(jack_client_t *) client; /* of the driver, while it is open */
    JackProcessCallback process;
    void *argument; /* of the driver's newest client */
} jack = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void hang_while(const _Atomic bool *hangs)
{
    atomic_fetch_add(&jack.n_hanging, 1);
    while (atomic_load(hangs))
        jack_rig_sleep_ms(1);
    atomic_fetch_sub(&jack.n_hanging, 1);
}

/* The test has clients too, which are left alone. */
static bool is_of_driver(const char *name)
{
    return strcmp(name, "dut") == 0;
}

jack_client_t *jack_client_open(const char *name, jack_options_t options, jack_status_t *status, ...)
{
    jack_client_t *(*open)(const char *, jack_options_t, jack_status_t *, ...) = dlsym(RTLD_NEXT, "jack_client_open");
    va_list rest;
    va_start(rest, status);
    const char *server = va_arg(rest, const char *);
    va_end(rest);
    if (!is_of_driver(name))
        return open(name, options, status, server);
    bool is_exclusive = atomic_load(&jack.exclusive);
    if (is_exclusive)
        pthread_mutex_lock(&jack.lock);
    if (atomic_load(&jack.opening))
        hang_while(&jack.opening);
    jack_client_t *client = open(name, options, status, server);
    if (client)
        atomic_store(&jack.client, client);
    if (is_exclusive)
        pthread_mutex_unlock(&jack.lock);
    return client;
}

int jack_client_close(jack_client_t *client)
{
    int (*close)(jack_client_t *) = dlsym(RTLD_NEXT, "jack_client_close");
    jack_client_t *expected = client; /* the next one may have the same address */
    bool is_driver = atomic_compare_exchange_strong(&jack.client, &expected, NULL);
    bool is_exclusive = is_driver && atomic_load(&jack.exclusive);
    if (is_exclusive)
        pthread_mutex_lock(&jack.lock);
    int code = close(client);
    if (is_driver && atomic_load(&jack.closing))
        hang_while(&jack.closing);
    if (is_exclusive)
        pthread_mutex_unlock(&jack.lock);
    return code;
}

int jack_set_process_callback(jack_client_t *client, JackProcessCallback process, void *argument)
{
    int (*set)(jack_client_t *, JackProcessCallback, void *) = dlsym(RTLD_NEXT, "jack_set_process_callback");
    if (client == atomic_load(&jack.client)) {
        jack.process = process;
        jack.argument = argument;
    }
    return set(client, process, argument);
}

/* ---- what happens --------------------------------------------------------------------------------------------------- */

static void set_up(void)
{
    driver_rig_set_up();
    driver_rig.hang_ms = HANG_MS;
    jack_rig_start(&driver_rig.server, 48000, 256, 0);
    driver_rig_open();
    driver_rig_want_standard();
}

static void tear_down(void)
{
    atomic_store(&jack.opening, false);
    atomic_store(&jack.closing, false);
    while (atomic_load(&jack.n_hanging))
        jack_rig_sleep_ms(1);
    driver_rig_tear_down();
}

static void await_leaks(unsigned n)
{
    for (int i = 0; i < DRIVER_RIG_WAIT_MS && driver_rig_status().n_leaks != n; i++)
        jack_rig_sleep_ms(1);
    ck_assert_uint_eq(driver_rig_status().n_leaks, n);
}

/* Loses the server, and cannot close the client: the n-th. */
static void lose_and_hang(unsigned n)
{
    atomic_store(&jack.closing, true);
    driver_rig_lose(SIGKILL);
    await_leaks(n);
}

static void recover(void)
{
    jack_rig_start(&driver_rig.server, 48000, 256, 0);
    driver_rig_make_run();
    driver_rig_await_cycles(3);
}

static unsigned entries(const char *folder)
{
    unsigned n = 0;
    DIR *dir = opendir(folder);
    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

START_TEST(a_client_that_cannot_be_closed_is_left_behind_and_the_next_one_runs)
{
    driver_rig_make_run();
    JackProcessCallback process = jack.process;
    void *left = jack.argument;
    lose_and_hang(1);
    ck_assert_uint_eq(driver_rig_status().n_hangs, 1);
    ck_assert_uint_eq(driver_rig_logged("it is left behind, number 1 of 3"), 1);
    recover();
    ck_assert_uint_eq(driver_rig_status().n_ports_registered, 4);
    ck_assert_ptr_ne(jack.argument, left);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(process(8192, left), 0); /* it may call whenever it likes */
    ck_assert_uint_eq(atomic_load(&driver_rig.engine.n_frames_max), 256);
}
END_TEST

START_TEST(a_closing_that_comes_back_late_leaves_nothing_behind)
{
    driver_rig_make_run();
    unsigned n_fds = entries("/proc/self/fd"), n_threads = entries("/proc/self/task");
    lose_and_hang(1);
    recover();
    atomic_store(&jack.closing, false);
    await_leaks(0);
    ck_assert_uint_eq(driver_rig_status().n_hangs, 1);
    ck_assert_uint_eq(driver_rig_logged("a client that was left behind is closed"), 1);
    ck_assert_uint_eq(entries("/proc/self/fd"), n_fds);
    ck_assert_uint_eq(entries("/proc/self/task"), n_threads);
    driver_rig_lose(SIGKILL);
    recover();
    ck_assert_uint_eq(driver_rig_status().n_hangs, 1);
    ck_assert(jack_driver_free(driver_rig.driver));
    driver_rig.driver = NULL;
}
END_TEST

START_TEST(the_third_that_cannot_be_closed_is_the_last)
{
    for (unsigned n = 1; n < 3; n++) {
        driver_rig_make_run();
        lose_and_hang(n);
        jack_rig_start(&driver_rig.server, 48000, 256, 0);
    }
    driver_rig_make_run();
    lose_and_hang(3);
    driver_rig_await(JACK_DRIVER_STUCK);
    ck_assert_ptr_nonnull(strstr(driver_rig_status().cause, "the closing of several clients hangs"));
    jack_rig_start(&driver_rig.server, 48000, 256, 0);
    jack_rig_sleep_ms(500);
    ck_assert_int_eq(driver_rig_status().state, JACK_DRIVER_IS_WAITING);
}
END_TEST

START_TEST(who_cannot_open_because_closing_hangs_gives_up)
{
    atomic_store(&jack.exclusive, true);
    driver_rig_make_run();
    lose_and_hang(1);
    driver_rig_await(JACK_DRIVER_STUCK);
    ck_assert_ptr_nonnull(strstr(driver_rig_status().cause, "while the closing of another one hangs"));
    ck_assert(!jack_driver_free(driver_rig.driver));
}
END_TEST

START_TEST(who_can_open_after_all_goes_on)
{
    atomic_store(&jack.exclusive, true);
    driver_rig_make_run();
    lose_and_hang(1);
    jack_rig_start(&driver_rig.server, 48000, 256, 0);
    atomic_store(&jack.closing, false); /* before the opening hangs too */
    driver_rig_make_run();
    driver_rig_await_cycles(3);
    await_leaks(0);
}
END_TEST

START_TEST(an_opening_that_hangs_is_waited_for_and_its_client_taken)
{
    driver_rig_make_run();
    driver_rig_lose(SIGKILL);
    atomic_store(&jack.opening, true);
    while (!strstr(driver_rig_status().cause, "does not let a client in"))
        jack_rig_sleep_ms(1);
    ck_assert_uint_ge(driver_rig_logged("waiting for it"), 1);
    driver_rig_want_standard(); /* fulfilled all the same: nobody waits */
    jack_rig_start(&driver_rig.server, 48000, 256, 0);
    ck_assert_uint_eq(atomic_load(&jack.n_hanging), 1); /* and it is not asked again and again */
    atomic_store(&jack.opening, false);
    driver_rig_make_run();
    driver_rig_await_cycles(3);
    ck_assert_uint_eq(driver_rig_status().n_hangs, 0);
}
END_TEST

START_TEST(the_end_does_not_wait_for_an_opening_that_hangs)
{
    driver_rig_make_run();
    driver_rig_lose(SIGKILL);
    atomic_store(&jack.opening, true);
    while (!atomic_load(&jack.n_hanging))
        jack_rig_sleep_ms(1);
    ck_assert(!jack_driver_free(driver_rig.driver));
}
END_TEST

int main(void)
{
    jack_rig_hide();
    TCase *tcase = tcase_create("jack_hang");
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, a_client_that_cannot_be_closed_is_left_behind_and_the_next_one_runs);
    tcase_add_test(tcase, a_closing_that_comes_back_late_leaves_nothing_behind);
    tcase_add_test(tcase, the_third_that_cannot_be_closed_is_the_last);
    tcase_add_test(tcase, who_cannot_open_because_closing_hangs_gives_up);
    tcase_add_test(tcase, who_can_open_after_all_goes_on);
    tcase_add_test(tcase, an_opening_that_hangs_is_waited_for_and_its_client_taken);
    tcase_add_test(tcase, the_end_does_not_wait_for_an_opening_that_hangs);
    return suite_run_case("jack_hang", tcase);
}
