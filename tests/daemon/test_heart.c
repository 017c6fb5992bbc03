/* What the watchdog of a service manager hears. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/notify.h"
#include "tests/suite.h"

/* A manager with a socket. */
struct rig {
    char folder[64], path[80];
    int fd;
    struct notify notify;
    int64_t now_ms;
    char heard[256];
};

static struct rig rig;

static void open_for(const char *watchdog_us, const char *watched_pid)
{
    struct error error = {0};
    notify_close(&rig.notify);
    ck_assert_int_eq(notify_open(&rig.notify, &(struct notify_place){rig.path, watchdog_us, watched_pid}, &error), 0);
}

static void setup(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    rig = (struct rig){.folder = "/tmp/dawd-heart-XXXXXX", .notify = {.fd = -1}};
    ck_assert_ptr_nonnull(mkdtemp(rig.folder));
    snprintf(rig.path, sizeof rig.path, "%s/manager", rig.folder);
    snprintf(at.sun_path, sizeof at.sun_path, "%s", rig.path);
    rig.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(rig.fd, (struct sockaddr *)&at, sizeof at), 0);
    open_for("10000000", NULL);
}

static void teardown(void)
{
    notify_close(&rig.notify);
    close(rig.fd);
    unlink(rig.path);
    rmdir(rig.folder);
}

/* The next datagram, "" when there is none. */
static const char *heard(void)
{
    ssize_t n = recv(rig.fd, rig.heard, sizeof rig.heard - 1, 0);
    rig.heard[n > 0 ? n : 0] = '\0';
    return rig.heard;
}

/* One beat's time later. Returns what was heard. */
static const char *beat(const struct engine_rt *engine, bool jack_drives)
{
    rig.now_ms += 1000;
    notify_beat(&rig.notify, engine, jack_drives, rig.now_ms);
    return heard();
}

START_TEST(the_heart_beats_while_the_engine_gets_on)
{
    static struct engine_rt engine;
    for (unsigned second = 0; second < 3; second++)
        ck_assert_str_eq(beat(&engine, true), "WATCHDOG=1"); /* a server that does not call: nothing hangs */
    atomic_store(&engine.owner, 1);
    for (unsigned second = 0; second < 3; second++) {
        atomic_store(&engine.stats.clock, 1000 * second + 1000);
        ck_assert_str_eq(beat(&engine, true), "WATCHDOG=1"); /* in a cycle each time, but in another one */
    }
}
END_TEST

START_TEST(the_heart_stops_at_the_second_look_at_a_cycle_that_does_not_end)
{
    static struct engine_rt engine;
    atomic_store(&engine.owner, 1);
    ck_assert_str_eq(beat(&engine, true), "WATCHDOG=1");
    ck_assert_str_eq(beat(&engine, true), "");
    atomic_store(&engine.owner, 0); /* it ended after all */
    ck_assert_str_eq(beat(&engine, true), "WATCHDOG=1");
}
END_TEST

START_TEST(without_a_server_time_itself_must_go_on)
{
    static struct engine_rt engine;
    for (unsigned second = 0; second < 3; second++) {
        atomic_fetch_add(&engine.stats.clock, 48000);
        ck_assert_str_eq(beat(&engine, false), "WATCHDOG=1");
    }
    ck_assert_str_eq(beat(&engine, false), "");
    atomic_fetch_add(&engine.stats.clock, 240);
    ck_assert_str_eq(beat(&engine, false), "WATCHDOG=1");
}
END_TEST

/* How many beats a manager hears within ten seconds that it has asked for with this. */
static unsigned beats_of(const char *watchdog_us, const char *watched_pid)
{
    static struct engine_rt engine;
    unsigned n = 0;
    open_for(watchdog_us, watched_pid);
    for (int64_t now_ms = 1; now_ms <= 10000; now_ms++) {
        notify_beat(&rig.notify, &engine, true, now_ms);
        n += strcmp(heard(), "WATCHDOG=1") == 0;
    }
    return n;
}

START_TEST(the_heart_beats_three_times_in_what_the_manager_waits_and_once_a_second_at_least)
{
    char self[16], other[16];
    snprintf(self, sizeof self, "%d", getpid());
    snprintf(other, sizeof other, "%d", getpid() + 1);
    ck_assert_uint_eq(beats_of("10000000", NULL), 10);
    ck_assert_uint_eq(beats_of("3000000", self), 10);
    ck_assert_uint_eq(beats_of("600000", NULL), 50);
    ck_assert_uint_eq(beats_of(NULL, NULL), 0);
    ck_assert_uint_eq(beats_of("3000000", other), 0);
    ck_assert_uint_eq(beats_of("much", NULL), 0);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("watchdog");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_heart_beats_while_the_engine_gets_on);
    tcase_add_test(tcase, the_heart_stops_at_the_second_look_at_a_cycle_that_does_not_end);
    tcase_add_test(tcase, without_a_server_time_itself_must_go_on);
    tcase_add_test(tcase, the_heart_beats_three_times_in_what_the_manager_waits_and_once_a_second_at_least);
    return suite_run_case("heart", tcase);
}
