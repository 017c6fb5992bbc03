/* UDP and TCP on one port, on several addresses, and what a flood may cost. */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <check.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "tests/net_rig.h"
#include "tests/osc_rig.h"

START_TEST(a_flood_takes_no_more_than_its_share_of_the_processor)
{
    static struct net_rig unopened, *rig = &unopened;
    net_rig_init(rig);
    rig->options.udp_percent = 2;
    net_rig_open(rig);
    struct link link = net_rig_connect_udp(rig);
    for (unsigned i = 0; i < 1000000 && !net_count(rig->net).holds_back; i++) {
        net_rig_say(&link, (int32_t)i);
        net_rig_poll(rig);
    }
    ck_assert(net_count(rig->net).holds_back);
    struct pollfd watched = {.fd = net_fd(rig->net), .events = POLLIN};
    net_rig_say(&link, 1);
    ck_assert_int_eq(poll(&watched, 1, 0), 0); /* or its caller could not sleep */
    unsigned before = rig->n_packets;
    net_rig_until(rig, &rig->n_packets, before + 1);
    ck_assert(!net_count(rig->net).holds_back);
    link_close(&link);
    net_rig_close(rig);
}
END_TEST

static struct link connect_tcp(const struct net_rig *rig, const char *host)
{
    struct link link;
    struct error error;
    char where[32];
    snprintf(where, sizeof where, "%s:%d", host, net_port(rig->net));
    ck_assert_msg(link_open_tcp(&link, where, &error) == 0, "%s", error.text);
    return link;
}

START_TEST(tcp_has_the_port_of_udp_and_frames_as_the_unix_socket)
{
    struct net_rig *rig = net_rig_start();
    struct link link = connect_tcp(rig, "127.0.0.1");
    char text[PEER_TEXT_BYTES];
    int nodelay = 0;
    rig->echoes = true;
    net_rig_say(&link, 7);
    ck_assert_int_eq(net_rig_hear(rig, &link), 7);
    peer_format(&rig->last_peer, text, sizeof text);
    ck_assert_msg(strncmp(text, "connection 1 of 127.0.0.1:", 26) == 0, "%s", text);
    ck_assert(!peer_is_remote(&rig->last_peer));
    ck_assert_int_eq(net_role(rig->net, &rig->last_peer), ROLE_EDIT);
    ck_assert_int_eq(getsockopt(link.fd, IPPROTO_TCP, TCP_NODELAY, &nodelay, &(socklen_t){sizeof nodelay}), 0);
    link_close(&link);
    net_rig_until(rig, &rig->n_closed, 1);
    net_rig_close(rig);
}
END_TEST

START_TEST(each_address_has_its_own_role)
{
    static struct net_rig rig;
    net_rig_init(&rig);
    rig.options.places[0] = (struct net_place){"127.0.0.1", ROLE_EDIT};
    rig.options.places[1] = (struct net_place){"127.0.0.2", ROLE_READ};
    rig.options.n_places = 2;
    net_rig_open(&rig);
    rig.echoes = true;
    const char *const hosts[] = {"127.0.0.1", "127.0.0.2"};
    for (unsigned i = 0; i < 2; i++) {
        struct link link = connect_tcp(&rig, hosts[i]);
        net_rig_say(&link, 1);
        ck_assert_int_eq(net_rig_hear(&rig, &link), 1);
        ck_assert_int_eq(net_role(rig.net, &rig.last_peer), rig.options.places[i].role);
        link_close(&link);
    }
    net_rig_close(&rig);
}
END_TEST

START_TEST(port_0_means_neither_udp_nor_tcp)
{
    static struct net_rig rig;
    net_rig_init(&rig);
    rig.options.port = 0;
    unsigned before = net_rig_descriptors();
    net_rig_open(&rig);
    ck_assert_uint_eq(net_rig_descriptors(), before + 3); /* epoll, the unix socket, its lock */
    net_rig_close(&rig);
}
END_TEST

START_TEST(a_tcp_port_that_is_taken_is_another_daemon)
{
    struct net_options options = NET_OPTIONS_DEFAULT;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &(socklen_t){sizeof at}), 0);
    options.port = ntohs(at.sin_port);
    options.socket_path = NULL;
    struct net *net;
    struct error error;
    ck_assert_int_eq(net_open(&net, &options, &error), ERROR_BUSY);
    ck_assert_ptr_nonnull(strstr(error.text, "TCP port"));
    close(fd);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {a_flood_takes_no_more_than_its_share_of_the_processor,
                            tcp_has_the_port_of_udp_and_frames_as_the_unix_socket, each_address_has_its_own_role,
                            port_0_means_neither_udp_nor_tcp, a_tcp_port_that_is_taken_is_another_daemon};
    return osc_rig_suite("tcp", NULL, NULL, tests, sizeof tests / sizeof *tests);
}
