/* What a service manager hears. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/notify.h"
#include "graph/node.h"
#include "tests/suite.h"

/* A manager with a socket, and a host that is as the test says. */
struct rig {
    char folder[64], path[108];
    int fd;
    struct host_status status;
    struct host_kept kept;
    struct host host;
    struct notify notify;
    struct notify_sight sight;
    char heard[1024];
};

static struct rig rig;

static void rig_status(void *self, struct host_status *status)
{
    *status = ((struct rig *)self)->status;
}

static void rig_kept(void *self, struct host_kept *kept)
{
    *kept = ((struct rig *)self)->kept;
}

static void rig_bind(const char *name)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    size_t n = strlen(name);
    memcpy(at.sun_path, name, n);
    if (*name == '@')
        at.sun_path[0] = '\0';
    rig.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(rig.fd, (struct sockaddr *)&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)), 0);
}

static void setup(void)
{
    rig = (struct rig){.folder = "/tmp/dawd-notify-XXXXXX", .fd = -1, .notify = {.fd = -1}};
    ck_assert_ptr_nonnull(mkdtemp(rig.folder));
    snprintf(rig.path, sizeof rig.path, "%s/manager", rig.folder);
    rig.host = (struct host){.self = &rig, .status = rig_status, .kept = rig_kept};
    rig.sight = (struct notify_sight){.host = &rig.host, .rate_hz = 48000};
    strcpy(rig.status.server, "default");
    strcpy(rig.status.causes[0], "no server runs");
}

static void teardown(void)
{
    notify_close(&rig.notify);
    if (rig.fd >= 0)
        close(rig.fd);
    unlink(rig.path);
    rmdir(rig.folder);
}

static void open_at(const char *address)
{
    struct error error = {0};
    const struct notify_place place = {address, "10000000", NULL};
    ck_assert_msg(notify_open(&rig.notify, &place, &error) == 0, "%s", error.text);
    rig.notify.listens = true;
}

/* The next datagram, "" when there is none. */
static const char *heard(void)
{
    ssize_t n = recv(rig.fd, rig.heard, sizeof rig.heard - 1, 0);
    rig.heard[n > 0 ? n : 0] = '\0';
    return rig.heard;
}

static void look(void)
{
    notify_look(&rig.notify, &rig.sight);
}

static void server_comes(void)
{
    rig.status.has_server = true;
    rig.status.period_frames = 256;
    rig.status.causes[0][0] = '\0';
}

START_TEST(ready_is_told_when_the_server_is_there_and_not_before)
{
    rig_bind(rig.path);
    open_at(rig.path);
    look();
    ck_assert_str_eq(heard(), "STATUS=waiting for JACK: no server runs");
    server_comes();
    look();
    ck_assert_str_eq(heard(), "READY=1\nSTATUS=on JACK server \"default\": 48000 Hz, 256 frames");
}
END_TEST

START_TEST(ready_is_told_once_and_the_status_whenever_it_changes)
{
    rig_bind(rig.path);
    open_at(rig.path);
    server_comes();
    look();
    ck_assert(strstr(heard(), "READY=1"));
    look();
    ck_assert_str_eq(heard(), "");
    rig.status.has_server = false;
    strcpy(rig.status.causes[0], "it went");
    look();
    ck_assert_str_eq(heard(), "STATUS=waiting for JACK: it went");
    server_comes();
    strcpy(rig.status.causes[0], "no real-time priority");
    look();
    ck_assert_str_eq(heard(), "STATUS=on JACK server \"default\": 48000 Hz, 256 frames; no real-time priority");
}
END_TEST

START_TEST(ready_waits_until_requests_are_answered)
{
    rig_bind(rig.path);
    open_at(rig.path);
    rig.notify.listens = false; /* a session is being loaded */
    server_comes();
    look();
    ck_assert_str_eq(heard(), "STATUS=on JACK server \"default\": 48000 Hz, 256 frames");
    rig.notify.listens = true;
    look();
    ck_assert(strncmp(heard(), "READY=1\n", 8) == 0);
}
END_TEST

START_TEST(who_wants_no_jack_is_ready_at_once)
{
    rig_bind(rig.path);
    open_at(rig.path);
    rig.status.server[0] = '\0';
    look();
    ck_assert_str_eq(heard(), "READY=1\nSTATUS=without JACK");
}
END_TEST

START_TEST(the_end_is_told)
{
    rig_bind(rig.path);
    open_at(rig.path);
    notify_stopping(&rig.notify);
    ck_assert_str_eq(heard(), "STOPPING=1\nSTATUS=ending");
}
END_TEST

START_TEST(an_abstract_address_is_reached)
{
    char name[64];
    snprintf(name, sizeof name, "@dawd-notify-test-%d", getpid());
    rig_bind(name);
    open_at(name);
    look();
    ck_assert(strncmp(heard(), "STATUS=", 7) == 0);
}
END_TEST

START_TEST(without_a_manager_nothing_happens)
{
    open_at(NULL);
    look();
    notify_stopping(&rig.notify);
    ck_assert_int_eq(rig.notify.fd, -1);
}
END_TEST

START_TEST(an_address_of_another_form_is_refused_by_name)
{
    static const char *const wrong[] = {"", "@", "manager", "vsock:2:1234"};
    char long_one[200];
    for (unsigned i = 0; i <= ROWS(wrong); i++) {
        struct error error = {0};
        memset(long_one, '/', sizeof long_one - 1);
        long_one[sizeof long_one - 1] = '\0';
        const char *address = i < ROWS(wrong) ? wrong[i] : long_one;
        ck_assert_int_eq(notify_open(&rig.notify, &(struct notify_place){.address = address}, &error), ERROR_BAD_VALUE);
        ck_assert(strstr(error.text, "NOTIFY_SOCKET"));
        look();
    }
}
END_TEST

START_TEST(what_a_manager_does_not_take_is_told_again)
{
    open_at(rig.path); /* nobody there yet */
    server_comes();
    look();
    rig_bind(rig.path);
    look();
    ck_assert(strncmp(heard(), "READY=1\n", 8) == 0);
    /* Nobody reads: the socket fills up, and the last thing told is still the newest in the end. */
    for (unsigned period = 1; period <= 10000; period++) {
        rig.status.period_frames = period;
        look();
    }
    while (*heard())
        ;
    look();
    ck_assert_str_eq(heard(), "STATUS=on JACK server \"default\": 48000 Hz, 10000 frames");
}
END_TEST

START_TEST(the_status_names_what_is_open_and_what_is_recorded)
{
    rig_bind(rig.path);
    open_at(rig.path);
    server_comes();
    rig.notify.listens = false;
    rig.sight.session = "song.dawd";
    look();
    ck_assert_str_eq(heard(), "STATUS=on JACK server \"default\": 48000 Hz, 256 frames; loading \"song.dawd\"");
    rig.notify.listens = true;
    rig.sight.n_takes = 2;
    look();
    ck_assert_str_eq(heard(), "READY=1\nSTATUS=on JACK server \"default\": 48000 Hz, 256 frames; session \"song.dawd\"; "
                              "recording 2 files");
    rig.sight.session = NULL;
    rig.sight.n_takes = 0;
    look();
    ck_assert_str_eq(heard(), "STATUS=on JACK server \"default\": 48000 Hz, 256 frames");
}
END_TEST

START_TEST(the_status_tells_what_was_taken_over_and_whether_the_next_start_can)
{
    rig_bind(rig.path);
    open_at(rig.path);
    server_comes();
    strcpy(rig.kept.recovered, "goes on from the state folder: 1 groups of the journal");
    look();
    ck_assert_ptr_nonnull(strstr(heard(), " 256 frames; goes on from its state"));
    strcpy(rig.kept.aside, "st/aside/0001.session");
    strcpy(rig.kept.error, "No space left on device");
    look();
    ck_assert_ptr_nonnull(strstr(heard(),
                                 "; goes on from its state, without what lies in st/aside/0001.session; what is done is "
                                 "not kept: No space left on device"));
}
END_TEST

START_TEST(a_client_forges_no_line_for_the_manager)
{
    rig_bind(rig.path);
    open_at(rig.path);
    server_comes();
    rig.sight.session = "a\nMAINPID=1";
    look();
    ck_assert_ptr_nonnull(strstr(heard(), "session \"a?MAINPID=1\""));
}
END_TEST

START_TEST(of_a_long_path_the_end_is_told)
{
    char path[301], end[81];
    memset(path, 'x', 300);
    path[300] = '\0';
    memcpy(path + 290, "/song.dawd", 10);
    snprintf(end, sizeof end, "%s", path + 220);
    rig_bind(rig.path);
    open_at(rig.path);
    rig.sight.session = path;
    strcpy(rig.status.causes[0], "it went");
    look();
    ck_assert_ptr_nonnull(strstr(heard(), end));
    ck_assert_ptr_null(strstr(rig.heard, path + 219));
}
END_TEST

START_TEST(load_and_xruns_are_told_every_ten_seconds)
{
    static struct engine_rt engine;
    rig_bind(rig.path);
    open_at(rig.path);
    server_comes();
    rig.sight.engine = &engine;
    for (rig.sight.now_ms = 5000; rig.sight.now_ms < 40000; rig.sight.now_ms += 1000) {
        bool is_time = (rig.sight.now_ms - 6000) % 10000 == 0;
        char said[64];
        look();
        snprintf(said, sizeof said, ", load 10 %%, %lld xruns", (long long)(rig.sight.now_ms - 5000) / 1000);
        if (rig.sight.now_ms == 5000)
            ck_assert_str_eq(heard(), "READY=1\nSTATUS=on JACK server \"default\": 48000 Hz, 256 frames");
        else if (is_time)
            ck_assert_msg(strstr(heard(), said) != NULL, "%s: %s", said, rig.heard);
        else
            ck_assert_str_eq(heard(), "");
        atomic_fetch_add(&engine.stats.process.sum_ns, 100000000);
        atomic_fetch_add(&engine.stats.xruns, 1);
    }
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("manager");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, ready_is_told_when_the_server_is_there_and_not_before);
    tcase_add_test(tcase, ready_is_told_once_and_the_status_whenever_it_changes);
    tcase_add_test(tcase, ready_waits_until_requests_are_answered);
    tcase_add_test(tcase, who_wants_no_jack_is_ready_at_once);
    tcase_add_test(tcase, the_end_is_told);
    tcase_add_test(tcase, an_abstract_address_is_reached);
    tcase_add_test(tcase, without_a_manager_nothing_happens);
    tcase_add_test(tcase, an_address_of_another_form_is_refused_by_name);
    tcase_add_test(tcase, what_a_manager_does_not_take_is_told_again);
    tcase_add_test(tcase, the_status_names_what_is_open_and_what_is_recorded);
    tcase_add_test(tcase, the_status_tells_what_was_taken_over_and_whether_the_next_start_can);
    tcase_add_test(tcase, a_client_forges_no_line_for_the_manager);
    tcase_add_test(tcase, of_a_long_path_the_end_is_told);
    tcase_add_test(tcase, load_and_xruns_are_told_every_ten_seconds);
    return suite_run_case("notify", tcase);
}
