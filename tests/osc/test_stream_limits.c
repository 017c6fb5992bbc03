/* What a connection may hold up: a place, memory, descriptors, and for how long. */
#include <string.h>
#include <unistd.h>

#include <check.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "tests/net_rig.h"
#include "tests/suite.h"

/* However steadily its bytes come. One that ends its frames may go on for ever. */
START_TEST(a_frame_that_takes_too_long_ends_its_connection)
{
    static struct net_rig rig;
    net_rig_init(&rig);
    rig.options.frame_ms = 300;
    net_rig_open(&rig);
    struct link loris = net_rig_connect(&rig), slow = net_rig_connect(&rig);
    for (int i = 0; rig.n_closed == 0; i++) {
        send(loris.fd, i ? "x" : "\xc0", 1, MSG_NOSIGNAL);
        ck_assert_int_eq(send(slow.fd, i % 4 == 3 ? "\xc0" : "x", 1, MSG_NOSIGNAL), 1);
        net_rig_poll(&rig);
        usleep(10000);
    }
    net_rig_poll(&rig);
    ck_assert_uint_eq(net_count(rig.net).dropped, 1);
    ck_assert_uint_eq(net_count(rig.net).connections, 1);
    link_close(&loris);
    link_close(&slow);
    net_rig_close(&rig);
}
END_TEST

START_TEST(frames_without_an_end_take_no_more_memory_than_four_of_the_longest)
{
    static struct net_rig rig;
    static char bytes[32768];
    struct link loris[8];
    unsigned n_sent = 0;
    net_rig_init(&rig);
    rig.options.stream_max_bytes = 65536;
    net_rig_open(&rig);
    memset(bytes, 'x', sizeof bytes);
    for (unsigned i = 0; i < 8; i++) {
        loris[i] = net_rig_connect(&rig);
        net_rig_poll(&rig);
        for (size_t at = 0; at < sizeof bytes + i * 1000; at += 1000)
            n_sent += send(loris[i].fd, bytes, 1000, MSG_NOSIGNAL) == 1000;
    }
    net_rig_until(&rig, &rig.n_closed, 1); /* the longest */
    for (unsigned i = 0; i < 30; i++) {
        net_rig_poll(&rig);
        usleep(10000);
    }
    ck_assert_uint_gt(n_sent * 1000, 4 * 65536);
    ck_assert_uint_eq(net_count(rig.net).connections, 7);
    for (unsigned i = 0; i < 8; i++)
        link_close(&loris[i]);
    net_rig_close(&rig);
}
END_TEST

START_TEST(connections_leave_half_of_the_descriptors_to_others)
{
    struct rlimit before;
    static struct net_rig rig;
    ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &(struct rlimit){.rlim_cur = 40, .rlim_max = before.rlim_max}), 0);
    net_rig_init(&rig);
    net_rig_open(&rig);
    ck_assert_uint_eq(net_count(rig.net).connections_max, 20);
    net_rig_close(&rig);
    setrlimit(RLIMIT_NOFILE, &before);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("stream limits");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_frame_that_takes_too_long_ends_its_connection);
    tcase_add_test(tests, frames_without_an_end_take_no_more_memory_than_four_of_the_longest);
    tcase_add_test(tests, connections_leave_half_of_the_descriptors_to_others);
    return suite_run_case("stream limits", tests);
}
