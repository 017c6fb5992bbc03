/* Connections: frames in, answers out, and clients that misbehave. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "osc/packet.h"
#include "osc/slip.h"
#include "tests/net_rig.h"
#include "tests/suite.h"

static void set_blocking(int fd, bool blocking)
{
    fcntl(fd, F_SETFL, blocking ? 0 : O_NONBLOCK);
}

START_TEST(a_connection_is_answered_and_its_end_is_told_once)
{
    struct net_rig *rig = net_rig_start();
    char text[PEER_TEXT_BYTES];
    rig->echoes = true;
    for (uint64_t id = 1; id <= 3; id++) {
        struct link link = net_rig_connect(rig);
        net_rig_say(&link, (int32_t)id);
        ck_assert_int_eq(net_rig_hear(rig, &link), (int32_t)id);
        ck_assert_uint_eq(rig->last_peer.stream, id);
        link_close(&link);
        net_rig_until(rig, &rig->n_closed, (unsigned)id);
        ck_assert(peer_equal(&rig->last_closed, &rig->last_peer));
    }
    peer_format(&rig->last_closed, text, sizeof text);
    ck_assert_str_eq(text, "connection 3");
    ck_assert_int_eq(net_send(rig->net, &rig->last_closed, "/a\0\0,\0\0\0", 8), ERROR_IO);
    ck_assert_int_eq(net_send(rig->net, &(struct peer){0}, "/a\0\0,\0\0\0", 8), ERROR_IO);
    ck_assert_uint_eq(net_count(rig->net).accepted, 3);
    ck_assert_uint_eq(net_count(rig->net).connections, 0);
    net_rig_close(rig);
}
END_TEST

START_TEST(a_frame_of_16_MB_goes_both_ways_and_a_longer_one_is_refused)
{
    struct net_rig *rig = net_rig_start();
    struct link link = net_rig_connect(rig);
    struct bytes full = net_rig_blob((16 << 20) - 16, 0xc0), longer = net_rig_blob(16 << 20, 0xdb), stream = {0};
    size_t at = 0;
    rig->echoes = true;
    ck_assert_uint_eq(full.n, 16 << 20);
    slip_write(&stream, longer.data, longer.n);
    slip_write(&stream, full.data, full.n);
    set_blocking(link.fd, false);
    while (at < stream.n || rig->n_packets < 1) {
        ssize_t n = at < stream.n ? send(link.fd, stream.data + at, stream.n - at, MSG_NOSIGNAL) : 0;
        ck_assert(n >= 0 || errno == EAGAIN);
        at += n > 0 ? (size_t)n : 0;
        net_rig_poll(rig);
    }
    set_blocking(link.fd, true);
    ck_assert_uint_eq(rig->n_refused, 1);
    ck_assert_int_eq(rig->error.code, ERROR_TOO_BIG);
    ck_assert_int_eq(rig->send_code, 0);
    struct error error;
    int code = ERROR_LATE;
    while (code == ERROR_LATE) {
        net_rig_poll(rig);
        code = link_receive(&link, 1, &error);
    }
    ck_assert_msg(code == 0, "%s", error.text);
    ck_assert_uint_eq(link.n_packet, full.n);
    ck_assert_mem_eq(link.packet, full.data, full.n);
    ck_assert_int_eq(net_send(rig->net, &rig->last_peer, longer.data, longer.n), ERROR_TOO_BIG);
    bytes_deinit(&full);
    bytes_deinit(&longer);
    bytes_deinit(&stream);
    link_close(&link);
    net_rig_close(rig);
}
END_TEST

START_TEST(nonsense_on_a_connection_is_refused_and_the_connection_goes_on)
{
    static const char nonsense[] = "\xc0hello\xc0\xc0/a\xdb!\xc0";
    struct net_rig *rig = net_rig_start();
    struct link link = net_rig_connect(rig);
    rig->echoes = true;
    ck_assert_int_eq(send(link.fd, nonsense, sizeof nonsense - 1, 0), sizeof nonsense - 1);
    net_rig_say(&link, 7);
    ck_assert_int_eq(net_rig_hear(rig, &link), 7);
    ck_assert_uint_eq(rig->n_refused, 2);
    ck_assert_uint_eq(net_count(rig->net).refused, 2);
    link_close(&link);
    net_rig_close(rig);
}
END_TEST

START_TEST(what_a_client_sent_before_it_left_is_all_done)
{
    struct net_rig *rig = net_rig_start();
    struct link link = net_rig_connect(rig);
    rig->echoes = true;
    for (int i = 0; i < 200; i++)
        net_rig_say(&link, i);
    link_close(&link);
    net_rig_until(rig, &rig->n_closed, 1);
    ck_assert_uint_eq(rig->n_packets, 200);
    ck_assert_uint_eq(net_count(rig->net).dropped, 0);
    net_rig_close(rig);
}
END_TEST

START_TEST(a_client_that_only_stops_talking_still_hears_its_answers)
{
    struct net_rig *rig = net_rig_start();
    struct link link = net_rig_connect(rig);
    rig->echoes = true;
    net_rig_say(&link, 5);
    ck_assert_int_eq(shutdown(link.fd, SHUT_WR), 0);
    ck_assert_int_eq(net_rig_hear(rig, &link), 5);
    struct pollfd watched = {.fd = net_fd(rig->net), .events = POLLIN};
    for (unsigned i = 0; i < 5; i++)
        net_rig_poll(rig);
    ck_assert_int_eq(poll(&watched, 1, 0), 0); /* its silence does not keep the daemon busy */
    link_close(&link);
    net_rig_until(rig, &rig->n_closed, 1);
    net_rig_close(rig);
}
END_TEST

START_TEST(who_asks_faster_than_it_listens_is_slowed_down_and_not_dropped)
{
    enum { REQUESTS = 3000 };
    struct net_rig *rig = net_rig_start();
    struct link link = net_rig_connect(rig);
    struct bytes requests = {0};
    struct error error;
    size_t at = 0;
    unsigned heard = 0;
    rig->reply = net_rig_blob(4000, 1); /* 12 MB of answers altogether, 256 KiB may wait */
    for (int i = 0; i < REQUESTS; i++)
        slip_write(&requests, (const uint8_t *)"/n\0\0,\0\0\0", 8);
    set_blocking(link.fd, false);
    for (unsigned idle = 0; idle < 50; idle++) { /* talks as long as it can without listening */
        ssize_t n = send(link.fd, requests.data + at, requests.n - at, MSG_NOSIGNAL);
        at += n > 0 ? (size_t)n : 0;
        net_rig_poll(rig);
    }
    ck_assert_uint_lt(rig->n_packets, REQUESTS);
    while (heard < REQUESTS) {
        ssize_t n = at < requests.n ? send(link.fd, requests.data + at, requests.n - at, MSG_NOSIGNAL) : 0;
        at += n > 0 ? (size_t)n : 0;
        net_rig_poll(rig);
        int code = link_receive(&link, 0, &error);
        ck_assert_msg(code == 0 || code == ERROR_LATE, "%s", error.text);
        heard += code == 0;
    }
    ck_assert_uint_eq(rig->n_packets, REQUESTS);
    ck_assert_uint_eq(net_count(rig->net).dropped, 0);
    bytes_deinit(&requests);
    link_close(&link);
    net_rig_close(rig);
}
END_TEST

/* Makes a connection whose peer value is returned. */
static struct link stalled_client(struct net_rig *rig, struct peer *peer)
{
    struct link link = net_rig_connect(rig);
    net_rig_say(&link, 0);
    net_rig_until(rig, &rig->n_packets, rig->n_packets + 1);
    *peer = rig->last_peer;
    return link;
}

START_TEST(a_client_whose_queue_overflows_is_dropped_and_the_others_notice_nothing)
{
    struct net_rig *rig = net_rig_start();
    struct peer slow, good;
    struct link slow_link = stalled_client(rig, &slow), good_link = stalled_client(rig, &good);
    struct bytes event = net_rig_blob(1000, 1);
    size_t taken = 0;
    while (net_send(rig->net, &slow, event.data, event.n) == 0)
        taken += event.n;
    /* The kernel's own buffer comes on top of the queue. */
    ck_assert_uint_gt(taken, rig->options.queue_max_bytes);
    ck_assert_uint_lt(taken, rig->options.queue_max_bytes + (4u << 20));
    ck_assert_uint_eq(rig->n_closed, 0); /* told by net_poll only, never inside net_send */
    ck_assert_int_eq(net_send(rig->net, &slow, event.data, event.n), ERROR_IO);
    rig->echoes = true;
    net_rig_say(&good_link, 9);
    ck_assert_int_eq(net_rig_hear(rig, &good_link), 9);
    ck_assert_uint_eq(rig->n_closed, 1);
    ck_assert(peer_equal(&rig->last_closed, &slow));
    ck_assert_uint_eq(net_count(rig->net).dropped, 1);
    bytes_deinit(&event);
    link_close(&slow_link);
    link_close(&good_link);
    net_rig_close(rig);
}
END_TEST

START_TEST(a_client_that_leaves_its_answers_unread_is_dropped_after_a_while)
{
    static struct net_rig rig;
    struct peer peer;
    net_rig_init(&rig);
    rig.options.stall_ms = 150;
    net_rig_open(&rig);
    struct link link = stalled_client(&rig, &peer);
    struct bytes answer = net_rig_blob(4 << 20, 1); /* more than the kernel's buffer and the bound together: still taken */
    ck_assert_int_eq(net_send(rig.net, &peer, answer.data, answer.n), 0);
    ck_assert_uint_eq(net_count(rig.net).connections, 1);
    net_rig_until(&rig, &rig.n_closed, 1);
    ck_assert_uint_eq(net_count(rig.net).dropped, 1);
    bytes_deinit(&answer);
    link_close(&link);
    net_rig_close(&rig);
}
END_TEST

START_TEST(an_idle_client_is_never_dropped)
{
    static struct net_rig rig;
    struct peer peer;
    net_rig_init(&rig);
    rig.options.stall_ms = 1;
    net_rig_open(&rig);
    struct link link = stalled_client(&rig, &peer);
    for (unsigned i = 0; i < 30; i++) {
        net_rig_poll(&rig);
        usleep(10000);
    }
    ck_assert_uint_eq(net_count(rig.net).connections, 1);
    link_close(&link);
    net_rig_close(&rig);
}
END_TEST

START_TEST(one_long_answer_may_exceed_the_bound_and_small_ones_still_follow_it)
{
    struct net_rig *rig = net_rig_start();
    struct peer peer;
    struct link link = stalled_client(rig, &peer);
    struct bytes answer = net_rig_blob(8 << 20, 1);
    struct error error;
    ck_assert_int_eq(net_send(rig->net, &peer, answer.data, answer.n), 0);
    for (int i = 0; i < 100; i++)
        ck_assert_int_eq(net_send(rig->net, &peer, "/a\0\0,\0\0\0", 8), 0);
    for (unsigned heard = 0; heard < 101;) {
        net_rig_poll(rig);
        int code = link_receive(&link, 0, &error);
        ck_assert(code == 0 || code == ERROR_LATE);
        ck_assert(code != 0 || link.n_packet == (heard ? 8 : answer.n));
        heard += code == 0;
    }
    ck_assert_int_eq(net_send(rig->net, &peer, answer.data, answer.n), 0);
    ck_assert_int_eq(net_send(rig->net, &peer, answer.data, answer.n), ERROR_IO); /* a second one at the same time is not */
    bytes_deinit(&answer);
    link_close(&link);
    net_rig_close(rig);
}
END_TEST

START_TEST(answering_a_client_that_has_left_raises_no_signal)
{
    struct net_rig *rig = net_rig_start();
    struct peer peer;
    struct link link = stalled_client(rig, &peer);
    link_close(&link);
    ck_assert_int_eq(net_send(rig->net, &peer, "/a\0\0,\0\0\0", 8), ERROR_IO);
    net_rig_until(rig, &rig->n_closed, 1);
    ck_assert_uint_eq(net_count(rig->net).dropped, 0);
    net_rig_close(rig);
}
END_TEST

START_TEST(half_frames_of_many_clients_hold_up_nobody)
{
    struct net_rig *rig = net_rig_start();
    struct link loris[40];
    rig->echoes = true;
    for (unsigned i = 0; i < 40; i++) {
        loris[i] = net_rig_connect(rig);
        ck_assert_int_eq(send(loris[i].fd, "\xc0/a\0", 4, 0), 4);
    }
    struct link good = net_rig_connect(rig);
    for (int k = 0; k < 20; k++) {
        ck_assert_int_eq(send(loris[k].fd, "x", 1, 0), 1);
        net_rig_say(&good, k);
        ck_assert_int_eq(net_rig_hear(rig, &good), k);
    }
    for (unsigned i = 0; i < 40; i++)
        link_close(&loris[i]);
    link_close(&good);
    net_rig_until(rig, &rig->n_closed, 41);
    ck_assert_uint_eq(rig->n_refused, 0);
    net_rig_close(rig);
}
END_TEST

START_TEST(a_connection_too_many_is_told_so_and_closed)
{
    static struct net_rig rig;
    struct peer peer;
    struct error error;
    net_rig_init(&rig);
    rig.options.connections_max = 1;
    net_rig_open(&rig);
    struct link first = stalled_client(&rig, &peer), second = net_rig_connect(&rig);
    net_rig_poll(&rig);
    net_rig_say(&second, 1); /* into a connection that is closed already: no signal, and the reason can still be read */
    ck_assert_int_eq(link_receive(&second, 1000, &error), 0);
    ck_assert_str_eq(message_read(second.packet).address, "/fail");
    ck_assert_int_eq(link_receive(&second, 1000, &error), ERROR_IO);
    ck_assert_uint_eq(net_count(rig.net).turned_away, 1);
    ck_assert_uint_eq(net_count(rig.net).connections, 1);
    link_close(&first);
    link_close(&second);
    net_rig_close(&rig);
}
END_TEST

START_TEST(without_descriptors_accepting_pauses_and_goes_on_later)
{
    struct net_rig *rig = net_rig_start();
    struct peer peer;
    struct link good = stalled_client(rig, &peer), waiting = net_rig_connect(rig);
    struct rlimit limit, none;
    getrlimit(RLIMIT_NOFILE, &limit);
    none = limit;
    none.rlim_cur = (rlim_t)good.fd; /* every descriptor below is taken */
    ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &none), 0);
    struct pollfd watched = {.fd = net_fd(rig->net), .events = POLLIN};
    net_rig_poll(rig);
    net_rig_poll(rig);
    int readable = 0;
    for (unsigned i = 0; i < 10; i++)
        readable += poll(&watched, 1, 0);
    rig->echoes = true;
    net_rig_say(&good, 3);
    int32_t heard = net_rig_hear(rig, &good);
    setrlimit(RLIMIT_NOFILE, &limit);
    ck_assert_int_eq(readable, 0);
    ck_assert_int_eq(heard, 3);
    ck_assert_uint_ge(net_count(rig->net).accept_pauses, 1);
    net_rig_say(&waiting, 4);
    ck_assert_int_eq(net_rig_hear(rig, &waiting), 4);
    link_close(&good);
    link_close(&waiting);
    net_rig_close(rig);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("streams");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_connection_is_answered_and_its_end_is_told_once);
    tcase_add_test(tests, a_frame_of_16_MB_goes_both_ways_and_a_longer_one_is_refused);
    tcase_add_test(tests, nonsense_on_a_connection_is_refused_and_the_connection_goes_on);
    tcase_add_test(tests, what_a_client_sent_before_it_left_is_all_done);
    tcase_add_test(tests, a_client_that_only_stops_talking_still_hears_its_answers);
    tcase_add_test(tests, who_asks_faster_than_it_listens_is_slowed_down_and_not_dropped);
    tcase_add_test(tests, a_client_whose_queue_overflows_is_dropped_and_the_others_notice_nothing);
    tcase_add_test(tests, a_client_that_leaves_its_answers_unread_is_dropped_after_a_while);
    tcase_add_test(tests, an_idle_client_is_never_dropped);
    tcase_add_test(tests, one_long_answer_may_exceed_the_bound_and_small_ones_still_follow_it);
    tcase_add_test(tests, answering_a_client_that_has_left_raises_no_signal);
    tcase_add_test(tests, half_frames_of_many_clients_hold_up_nobody);
    tcase_add_test(tests, a_connection_too_many_is_told_so_and_closed);
    tcase_add_test(tests, without_descriptors_accepting_pauses_and_goes_on_later);
    return suite_run_case("streams", tests);
}
