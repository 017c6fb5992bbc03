/* Datagrams, and how a net starts and what it leaves behind. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "osc/socket_path.h"
#include "tests/net_rig.h"
#include "tests/suite.h"

static void expect_no_net(const struct net_options *options, int code, const char *words)
{
    struct net *net = NULL;
    struct error error = {0};
    ck_assert_int_eq(net_open(&net, options, &error), code);
    ck_assert_ptr_null(net);
    ck_assert_msg(strstr(error.text, words), "\"%s\" does not say \"%s\"", error.text, words);
}

/* ---- datagrams ----------------------------------------------------------------------------------------------------- */

START_TEST(a_datagram_arrives_and_its_answer_goes_back_to_the_sender)
{
    struct net_rig *rig = net_rig_start();
    struct link one = net_rig_connect_udp(rig), two = net_rig_connect_udp(rig);
    char text[PEER_TEXT_BYTES];
    rig->echoes = true;
    net_rig_say(&one, 1);
    ck_assert_int_eq(net_rig_hear(rig, &one), 1);
    struct peer first = rig->last_peer;
    net_rig_say(&two, 2);
    ck_assert_int_eq(net_rig_hear(rig, &two), 2);
    ck_assert(!peer_equal(&first, &rig->last_peer));
    net_rig_say(&one, 3);
    ck_assert_int_eq(net_rig_hear(rig, &one), 3);
    ck_assert(peer_equal(&first, &rig->last_peer));
    peer_format(&first, text, sizeof text);
    ck_assert_msg(strncmp(text, "127.0.0.1:", 10) == 0, "%s", text);
    struct net_counters count = net_count(rig->net);
    ck_assert_uint_eq(count.datagrams, 3);
    ck_assert_uint_eq(count.sent, 3);
    ck_assert_uint_eq(count.bytes, 3 * 12);
    link_close(&one);
    link_close(&two);
    net_rig_close(rig);
}
END_TEST

START_TEST(a_datagram_that_is_no_packet_is_refused_and_counted)
{
    struct net_rig *rig = net_rig_start();
    struct link link = net_rig_connect_udp(rig);
    ck_assert_int_eq(send(link.fd, "", 0, 0), 0);
    ck_assert_int_eq(send(link.fd, "/a\0\0,b\0\0", 8, 0), 8);
    net_rig_say(&link, 1);
    net_rig_until(rig, &rig->n_packets, 1);
    ck_assert_uint_eq(rig->n_refused, 2);
    ck_assert_int_eq(rig->error.code, ERROR_BAD_VALUE);
    ck_assert_uint_eq(net_count(rig->net).refused, 2);
    link_close(&link);
    net_rig_close(rig);
}
END_TEST

START_TEST(an_answer_that_no_datagram_holds_is_too_big)
{
    struct net_rig *rig = net_rig_start();
    struct link link = net_rig_connect_udp(rig);
    rig->reply = net_rig_blob(65536, 0);
    net_rig_say(&link, 1);
    net_rig_until(rig, &rig->n_packets, 1);
    ck_assert_int_eq(rig->send_code, ERROR_TOO_BIG);
    bytes_deinit(&rig->reply);
    rig->reply = net_rig_blob(65000, 0);
    net_rig_say(&link, 2);
    net_rig_until(rig, &rig->n_packets, 2);
    ck_assert_int_eq(rig->send_code, 0);
    ck_assert_uint_eq(net_count(rig->net).send_failures, 1);
    link_close(&link);
    net_rig_close(rig);
}
END_TEST

START_TEST(received_and_dropped_datagrams_add_up_to_those_sent)
{
    enum { BURST = 20000, ROUNDS = 3 };
    struct net_rig *rig = net_rig_start();
    struct link link = net_rig_connect_udp(rig);
    int small = 65536;
    net_rig_close(rig);
    link_close(&link);
    net_rig_init(rig);
    rig->options.receive_buffer_bytes = small;
    net_rig_open(rig);
    link = net_rig_connect_udp(rig);
    for (int round = 1; round <= ROUNDS; round++) {
        for (int i = 0; i < BURST; i++)
            net_rig_say(&link, i);
        struct pollfd watched = {.fd = net_fd(rig->net), .events = POLLIN};
        while (poll(&watched, 1, 0) > 0 || net_count(rig->net).holds_back)
            net_rig_poll(rig);
        struct net_counters count = net_count(rig->net);
        ck_assert_uint_gt(count.kernel_drops, 0);
        ck_assert_uint_eq(count.datagrams + count.kernel_drops, (uint64_t)round * BURST);
    }
    link_close(&link);
    net_rig_close(rig);
}
END_TEST

START_TEST(a_flood_of_datagrams_leaves_room_for_the_others)
{
    struct net_rig *rig = net_rig_start();
    struct link flood = net_rig_connect_udp(rig), stream = net_rig_connect(rig);
    net_rig_say(&stream, 1);
    net_rig_until(rig, &rig->n_packets, 1);
    for (int i = 0; i < 3000; i++)
        net_rig_say(&flood, i);
    net_rig_say(&stream, 2);
    net_rig_poll(rig);
    struct net_counters count = net_count(rig->net);
    ck_assert_uint_eq(count.frames, 2);
    ck_assert_uint_le(count.datagrams, 1000);
    ck_assert_uint_gt(count.datagrams, 0);
    link_close(&flood);
    link_close(&stream);
    net_rig_close(rig);
}
END_TEST

/* ---- starting ------------------------------------------------------------------------------------------------------ */

START_TEST(a_second_daemon_on_the_port_or_the_path_is_refused)
{
    struct net_rig *rig = net_rig_start();
    struct net_options options = NET_OPTIONS_DEFAULT;
    unsigned before = net_rig_descriptors();
    options.port = net_port(rig->net);
    expect_no_net(&options, ERROR_BUSY, "does another dawd run?");
    options.port = 0;
    options.socket_path = rig->path;
    expect_no_net(&options, ERROR_BUSY, "another dawd lives at");
    ck_assert_uint_eq(net_rig_descriptors(), before);
    struct link link = net_rig_connect(rig); /* the first one was not harmed */
    rig->echoes = true;
    net_rig_say(&link, 1);
    ck_assert_int_eq(net_rig_hear(rig, &link), 1);
    link_close(&link);
    net_rig_close(rig);
}
END_TEST

START_TEST(the_socket_of_a_killed_daemon_is_taken_over)
{
    static struct net_rig rig;
    net_rig_init(&rig);
    int ready[2];
    ck_assert_int_eq(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        struct error error;
        char ok = net_open(&rig.net, &rig.options, &error) == 0;
        if (write(ready[1], &ok, 1) == 1)
            pause();
        _exit(1);
    }
    char ok = 0;
    ck_assert_int_eq(read(ready[0], &ok, 1), 1);
    ck_assert_int_eq(ok, 1);
    struct net_options options = rig.options;
    expect_no_net(&options, ERROR_BUSY, "another dawd lives at");
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    ck_assert_int_eq(access(rig.path, F_OK), 0);
    net_rig_open(&rig);
    struct link link = net_rig_connect(&rig);
    rig.echoes = true;
    net_rig_say(&link, 1);
    ck_assert_int_eq(net_rig_hear(&rig, &link), 1);
    link_close(&link);
    net_rig_close(&rig);
    close(ready[0]);
    close(ready[1]);
}
END_TEST

START_TEST(a_listener_without_a_lock_is_not_taken_over_either)
{
    static struct net_rig rig;
    net_rig_init(&rig);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(address.sun_path, rig.path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    ck_assert_int_eq(listen(fd, 5), 0);
    expect_no_net(&rig.options, ERROR_BUSY, "another dawd lives at");
    ck_assert_int_eq(access(rig.path, F_OK), 0);
    close(fd);
    net_rig_open(&rig);
    net_rig_close(&rig);
}
END_TEST

START_TEST(a_file_that_is_no_socket_is_left_alone)
{
    static struct net_rig rig;
    net_rig_init(&rig);
    close(open(rig.path, O_CREAT | O_WRONLY, 0600));
    expect_no_net(&rig.options, ERROR_CONFLICT, "is no socket");
    ck_assert_int_eq(unlink(rig.path), 0);
    ck_assert_int_eq(rmdir(rig.folder), 0);
}
END_TEST

START_TEST(options_that_cannot_be_are_named)
{
    struct net_options options = NET_OPTIONS_DEFAULT;
    char path[200] = {0};
    memset(path, 'x', sizeof path - 1);
    options.port = 70000;
    expect_no_net(&options, ERROR_BAD_VALUE, "UDP port 70000");
    options.port = NET_PORT_ANY;
    options.places[0].address = "localhost";
    expect_no_net(&options, ERROR_BAD_VALUE, "\"localhost\" is no numeric");
    options.places[0].address = "192.0.2.1"; /* reserved for documentation: no machine has it */
    expect_no_net(&options, ERROR_IO, "192.0.2.1");
    options.port = 0;
    options.socket_path = path;
    expect_no_net(&options, ERROR_BAD_VALUE, "has 199 bytes: 1 to 107");
    options.socket_path = "/no/such/folder/d.sock";
    expect_no_net(&options, ERROR_IO, "No such file or directory");
}
END_TEST

START_TEST(the_socket_file_is_ours_alone_and_goes_with_the_net)
{
    struct net_rig *rig = net_rig_start();
    struct stat there;
    ck_assert_int_eq(stat(rig->path, &there), 0);
    ck_assert_int_eq(there.st_mode & 0777, 0600);
    net_rig_close(rig); /* which expects an empty folder */
}
END_TEST

START_TEST(a_thousand_connections_that_come_and_go_leave_no_descriptor_behind)
{
    struct net_rig *rig = net_rig_start();
    unsigned before = net_rig_descriptors();
    for (unsigned i = 0; i < 1000; i++) {
        struct link link = net_rig_connect(rig);
        if (i % 3 == 0)
            net_rig_say(&link, 1);
        if (i % 4 == 0)
            net_rig_poll(rig);
        link_close(&link);
        if (i % 50 == 0)
            net_rig_poll(rig);
    }
    while (net_count(rig->net).accepted + net_count(rig->net).turned_away < 1000 || net_count(rig->net).connections)
        net_rig_poll(rig);
    ck_assert_uint_eq(net_rig_descriptors(), before);
    ck_assert_uint_eq(rig->n_closed, net_count(rig->net).accepted);
    net_rig_close(rig);
}
END_TEST

START_TEST(without_sockets_there_is_nothing_to_do)
{
    static struct net_rig rig;
    net_rig_init(&rig);
    rig.options.port = 0;
    rig.options.socket_path = NULL;
    net_rig_open(&rig);
    ck_assert(!net_rig_poll(&rig));
    ck_assert_int_eq(net_port(rig.net), 0);
    ck_assert_uint_eq(net_count(rig.net).kernel_drops, 0);
    net_rig_close(&rig);
}
END_TEST

START_TEST(a_daemon_may_be_bound_to_ipv6)
{
    struct net *net = NULL;
    struct net_options options = NET_OPTIONS_DEFAULT;
    struct error error = {0};
    options.places[0].address = "::1";
    options.port = NET_PORT_ANY;
    if (net_open(&net, &options, &error) != 0) /* a machine without IPv6 */
        ck_assert_int_eq(error.code, ERROR_IO);
    else
        ck_assert_int_gt(net_port(net), 0);
    net_close(net);
}
END_TEST

START_TEST(the_default_path_follows_from_the_environment_and_the_name)
{
    char path[256], wanted[256];
    struct error error = {0};
    setenv("XDG_RUNTIME_DIR", "/somewhere", 1);
    ck_assert_int_eq(socket_path_default("live", path, sizeof path, &error), 0);
    ck_assert_str_eq(path, "/somewhere/live.sock");
    setenv("XDG_RUNTIME_DIR", "relative", 1);
    ck_assert_int_eq(socket_path_default("live", path, sizeof path, &error), ERROR_BAD_VALUE);
    unsetenv("XDG_RUNTIME_DIR");
    snprintf(wanted, sizeof wanted, "/run/user/%u", (unsigned)getuid());
    if (access(wanted, F_OK) != 0)
        snprintf(wanted, sizeof wanted, "/tmp/dawd-%u", (unsigned)getuid());
    ck_assert_msg(socket_path_default("live", path, sizeof path, &error) == 0, "%s", error.text);
    ck_assert_int_eq(strncmp(path, wanted, strlen(wanted)), 0);
    ck_assert_str_eq(path + strlen(wanted), "/live.sock");
    ck_assert_int_eq(socket_path_default("a/b", path, sizeof path, &error), ERROR_BAD_VALUE);
    ck_assert_int_eq(socket_path_default("", path, sizeof path, &error), ERROR_BAD_VALUE);
    ck_assert_int_eq(socket_path_default("..", path, sizeof path, &error), ERROR_BAD_VALUE);
    ck_assert_int_eq(socket_path_default("live", path, 8, &error), ERROR_BAD_VALUE);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("net");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_datagram_arrives_and_its_answer_goes_back_to_the_sender);
    tcase_add_test(tests, a_datagram_that_is_no_packet_is_refused_and_counted);
    tcase_add_test(tests, an_answer_that_no_datagram_holds_is_too_big);
    tcase_add_test(tests, received_and_dropped_datagrams_add_up_to_those_sent);
    tcase_add_test(tests, a_flood_of_datagrams_leaves_room_for_the_others);
    tcase_add_test(tests, a_second_daemon_on_the_port_or_the_path_is_refused);
    tcase_add_test(tests, the_socket_of_a_killed_daemon_is_taken_over);
    tcase_add_test(tests, a_listener_without_a_lock_is_not_taken_over_either);
    tcase_add_test(tests, a_file_that_is_no_socket_is_left_alone);
    tcase_add_test(tests, options_that_cannot_be_are_named);
    tcase_add_test(tests, the_socket_file_is_ours_alone_and_goes_with_the_net);
    tcase_add_test(tests, a_thousand_connections_that_come_and_go_leave_no_descriptor_behind);
    tcase_add_test(tests, without_sockets_there_is_nothing_to_do);
    tcase_add_test(tests, a_daemon_may_be_bound_to_ipv6);
    tcase_add_test(tests, the_default_path_follows_from_the_environment_and_the_name);
    return suite_run_case("net", tests);
}
