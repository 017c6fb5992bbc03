#include "tests/net_rig.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "osc/packet.h"
#include "osc/writer.h"

#define PATIENCE 20000 /* polls of 1 ms before a test gives up */

void net_rig_init(struct net_rig *rig)
{
    *rig = (struct net_rig){.options = NET_OPTIONS_DEFAULT};
    strcpy(rig->folder, "/tmp/dawd-test-net-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(rig->folder));
    snprintf(rig->path, sizeof rig->path, "%s/d.sock", rig->folder);
    rig->options.port = NET_PORT_ANY;
    rig->options.socket_path = rig->path;
}

void net_rig_open(struct net_rig *rig)
{
    struct error error = {0};
    ck_assert_msg(net_open(&rig->net, &rig->options, &error) == 0, "%s", error.text);
}

struct net_rig *net_rig_start(void)
{
    static struct net_rig rig;
    net_rig_init(&rig);
    net_rig_open(&rig);
    return &rig;
}

void net_rig_close(struct net_rig *rig)
{
    net_close(rig->net);
    bytes_deinit(&rig->last);
    bytes_deinit(&rig->reply);
    ck_assert_int_eq(rmdir(rig->folder), 0);
}

static bool admits_all(void *user, const struct peer *peer, size_t n)
{
    (void)user, (void)peer, (void)n;
    return true;
}

static void on_packet(void *user, const struct peer *peer, const uint8_t *bytes, size_t n)
{
    struct net_rig *rig = user;
    rig->n_packets++;
    rig->last_peer = *peer;
    bytes_clear(&rig->last, SIZE_MAX);
    bytes_add(&rig->last, bytes, n);
    if (rig->echoes)
        rig->send_code = net_send(rig->net, peer, bytes, n);
    if (rig->reply.n)
        rig->send_code = net_send(rig->net, peer, rig->reply.data, rig->reply.n);
}

static void on_refused(void *user, const struct peer *peer, const struct error *error)
{
    struct net_rig *rig = user;
    rig->n_refused++;
    rig->last_peer = *peer;
    rig->error = *error;
}

static void on_closed(void *user, const struct peer *peer)
{
    struct net_rig *rig = user;
    rig->n_closed++;
    rig->last_closed = *peer;
}

bool net_rig_poll(struct net_rig *rig)
{
    return net_poll(rig->net, &(struct net_handler){rig, admits_all, on_packet, on_refused, on_closed});
}

void net_rig_until(struct net_rig *rig, const unsigned *count, unsigned wanted)
{
    struct pollfd watched = {.fd = net_fd(rig->net), .events = POLLIN};
    for (unsigned i = 0; *count < wanted; i++) {
        ck_assert_msg(i < PATIENCE, "%u of %u came", *count, wanted);
        bool more = net_rig_poll(rig);
        if (*count < wanted && !more)
            poll(&watched, 1, 1);
    }
}

struct link net_rig_connect(const struct net_rig *rig)
{
    struct link link;
    struct error error;
    ck_assert_msg(link_open_unix(&link, rig->path, &error) == 0, "%s", error.text);
    return link;
}

struct link net_rig_connect_udp(const struct net_rig *rig)
{
    struct link link;
    struct error error;
    ck_assert_msg(link_open_udp(&link, net_port(rig->net), &error) == 0, "%s", error.text);
    return link;
}

void net_rig_say(struct link *link, int32_t number)
{
    struct bytes packet = {0};
    struct writer writer;
    struct error error;
    writer_init(&writer);
    writer_int(&writer, number);
    ck_assert_int_eq(writer_end(&writer, "/n", &packet), 0);
    ck_assert_int_eq(link_send(link, packet.data, packet.n, 1000, &error), 0);
    bytes_deinit(&packet);
}

int32_t net_rig_hear(struct net_rig *rig, struct link *link)
{
    struct error error = {0};
    struct arg arg;
    int code = ERROR_LATE;
    for (unsigned i = 0; code == ERROR_LATE && i < PATIENCE; i++) {
        net_rig_poll(rig);
        code = link_receive(link, 1, &error);
    }
    ck_assert_msg(code == 0, "%s", error.text);
    struct message message = message_read(link->packet);
    ck_assert(message_next(&message, &arg));
    return arg.i;
}

struct bytes net_rig_blob(size_t n, uint8_t fill)
{
    struct bytes packet = {0};
    struct writer writer;
    void *data = malloc(n);
    memset(data, fill, n);
    writer_init(&writer);
    writer_blob(&writer, data, (uint32_t)n);
    ck_assert_int_eq(writer_end(&writer, "/blob", &packet), 0);
    free(data);
    return packet;
}

unsigned net_rig_descriptors(void)
{
    unsigned n = 0;
    for (int fd = 0; fd < 1024; fd++)
        n += fcntl(fd, F_GETFD) >= 0;
    return n;
}
