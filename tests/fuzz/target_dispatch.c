/* Any bytes at all, as a packet from anybody: through the check, the door (who may), and the commands, on an engine that takes
 * in what they change. Each request is answered as the language promises, a refused one has changed nothing, a stranger is told
 * no more than he has sent, and what the graph then is can be written as text that is read again.
 *
 *     how | packet                                  one packet, to the end
 *     255 | how | length, 2 bytes | packet | …      several, each after the one before it
 *
 * how: bits 0-2 who sends, 3-4 what its address lets it do, 5-6 what becomes of the files that it wants, 7 the engine stands.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "osc/dispatch.h"
#include "osc/pattern.h"
#include "osc/target.h"
#include "osc/text.h"
#include "osc/value.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/made_up.h"
#include "tests/osc_rig.h"
#include "tests/wild.h"

#define NODES_MOST    40 /* more only take longer */
#define CYCLE         16 /* frames */
#define PACKET_MOST   4096
#define PAST_MOST     (1u << 20)
#define SECOND_NS     1000000000u
#define SEVERAL       255
#define THOROUGH_EACH 32 /* inputs, of which one has its whole graph compared */

enum { STRANGER = 6, ACQUAINTANCE };
enum { FILES_COME, FILES_LATE, FILES_FAIL, FILES_REFUSED };

/* The daemon as the inputs have left it. */
static struct osc_rig rig;
static struct made_up made_up;
static bool is_open;
static unsigned n_answers, n_failures; /* since the packet */
static size_t answered_bytes;
static char *saved; /* the newest text that was saved */

/* ---- what has been given -------------------------------------------------------------------------------------------- */

static uint8_t *past; /* a file that is mapped: it outlives an abort. Null: nobody asks for it */
static size_t n_past;

static void past_open(void)
{
    const char *path = getenv("DAWD_FUZZ_PAST");
    if (past || !path)
        return;
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    fuzz_expect(fd >= 0 && ftruncate(fd, PAST_MOST) == 0, "the past cannot be written");
    past = mmap(NULL, PAST_MOST, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    fuzz_expect(past != MAP_FAILED, "the past cannot be mapped");
    close(fd);
}

static void past_begin(void)
{
    past_open();
    if (!past)
        return;
    memset(past, 0, n_past);
    past[0] = SEVERAL;
    n_past = 1;
}

static void past_add(uint8_t how, const uint8_t *packet, size_t n)
{
    if (!past || n_past + 3 + n > PAST_MOST)
        return;
    memcpy(past + n_past, (uint8_t[]){how, (uint8_t)(n >> 8), (uint8_t)n}, 3);
    memcpy(past + n_past + 3, packet, n);
    n_past += 3 + n;
}

/* ---- the daemon ----------------------------------------------------------------------------------------------------- */

/* Answers are packets; to strangers they are no longer than what came. */
static int take_answer(void *self, const struct peer *peer, const void *bytes, size_t n)
{
    struct error error;
    (void)self;
    if (n > (peer->kind == PEER_DATAGRAM ? rig.datagram_max : rig.stream_max))
        return ERROR_TOO_BIG;
    fuzz_expect(packet_check(bytes, n, UINT32_MAX, &error) == 0, "an answer is no packet");
    if (!clients_may_send(&rig.server->clients, peer, n))
        return 0;
    n_answers++;
    n_failures += !packet_is_bundle(bytes, n) && strcmp(message_read(bytes).address, "/fail") == 0;
    answered_bytes += n;
    return 0;
}

static struct peer peer_of(uint8_t how)
{
    struct peer peer = osc_rig_datagram((uint16_t)(9000 + how % 4));
    if (how % 8 == 4 || how % 8 == 5)
        return osc_rig_stream(how % 8);
    if (how % 8 >= STRANGER)
        peer.address.v4.sin_addr.s_addr = htonl(0xc0000200 + how % 8); /* 192.0.2.x: nobody's */
    return peer;
}

static void open_daemon(void)
{
    static const char start[] = "[\n/graph/add gain g\n/graph/add osc o\n/graph/add mixer a\n/graph/add filter b\n"
                                "/graph/connect o g\n/graph/connect g out\n/graph/connect o a\n]";
    if (is_open)
        return;
    struct error error;
    struct peer acquaintance = peer_of(ACQUAINTANCE);
    osc_rig_open(&rig);
    made_up_init(&made_up);
    clients_greet(&rig.server->clients, &acquaintance, &error);
    osc_rig_do(&rig, start);
    rig.ctl->device = &made_up.device;
    rig.ctl->disk = &made_up.disk;
    rig.server->sender = (struct sender){&rig, take_answer};
    is_open = true;
    past_begin();
}

/* Every line of the dump is a message. */
static void check_dump(void)
{
    const char *at = osc_rig_dump(&rig);
    while (*at) {
        size_t n = strcspn(at, "\n");
        struct bytes message = {0};
        struct error error;
        enum text_line kind;
        fuzz_expect(text_parse(at, n, &kind, &message, &error) == 0 && kind == TEXT_MESSAGE, "the dump cannot be read");
        fuzz_expect(packet_check(message.data, message.n, 0, &error) == 0, "the dump is no packet");
        bytes_deinit(&message);
        at += n + 1;
    }
}

/* A text file that is wanted holds what was saved last; every other load is there. */
static void bring_files(bool fails)
{
    while (rig.n_texts) {
        char *path = strdup(rig.texts[0].path);
        if (rig.texts[0].on_saved && !fails) {
            free(saved);
            saved = osc_rig_saved(&rig, path);
        } else if (rig.texts[0].on_saved) {
            osc_rig_save_fails(&rig, path, ERROR_IO);
        } else if (fails || !saved) {
            osc_rig_read_fails(&rig, path, ERROR_NO_FILE);
        } else {
            osc_rig_read(&rig, path, saved, strlen(saved));
        }
        free(path);
    }
    while (rig.n_loads) {
        char *path = strdup(rig.loads[0].path);
        if (fails || path[0] % 4 == 3)
            osc_rig_load_fails(&rig, path, ERROR_NO_FILE);
        else
            osc_rig_load(&rig, path);
        free(path);
    }
}

/* The engine takes in what is there; it needs no more than a few cycles for it, or time. */
static void run_engine(void)
{
    made_up_look(&made_up);
    for (unsigned i = 0; i < 4 && (i == 0 || rig.ctl->batch || rig.ctl->under_way); i++) {
        ctl_poll(rig.ctl);
        engine_cycle_rt(rig.ctl->engine, &(struct cycle){.n_frames = CYCLE});
        ctl_poll(rig.ctl);
    }
    server_tick(rig.server);
}

static void reset(void)
{
    if (!is_open)
        return;
    do {
        bring_files(false);
        made_up_look(&made_up);
        osc_rig_run(&rig);
    } while (rig.n_loads || rig.n_texts);
    fuzz_expect(!rig.server->parked, "requests still wait though nothing is being loaded");
    check_dump();
    osc_rig_close(&rig);
    free(saved);
    saved = NULL;
    is_open = false;
}

/* ---- one packet ----------------------------------------------------------------------------------------------------- */

/* Nothing is on its way that could be answered by chance just now. */
static bool is_quiet(void)
{
    const struct server *server = rig.server;
    return !server->parked && !server->n_waiting && !server->schedule.n && !server->subs.n &&
           !server->controllers.learning.head && !rig.ctl->batch && !rig.ctl->under_way && !rig.n_texts && !rig.n_loads;
}

/* How many answers a message gets whose sender may send it. */
static void check_count(const uint8_t *packet, const struct peer *peer)
{
    struct request request = {.packet = packet};
    dispatch_identify(&request);
    struct message message = message_read(packet);
    bool is_sync = strcmp(request.address, "/sync") == 0 && request.has_id;
    const struct command *command = command_find(request.address);
    bool is_played = (target_is_address(request.address) && message.n_args) || (command && command->performs);
    bool is_silent = is_played && !request.has_id && peer->kind == PEER_DATAGRAM;
    if (!pattern_is(request.address)) /* levels come when they are measured */
        fuzz_expect(n_answers == 1 || (n_answers == 2 && is_sync) || (n_answers == 0 && is_silent),
                    "a message is not answered once");
}

/* As server.c does it for what comes from a socket. */
static void hand_over(const struct peer *peer, uint8_t how, const uint8_t *packet, size_t n)
{
    static const enum role roles[] = {ROLE_EDIT, ROLE_EDIT, ROLE_PLAY, ROLE_READ};
    struct server *server = rig.server;
    struct error error = {0};
    server->clients.now_ns += SECOND_NS / 16;
    if (!clients_admit(server, peer, n))
        return;
    if (packet_check(packet, n, WILD_ELEMENTS_MAX, &error) == 0) {
        if (clients_allow(server, peer, roles[how / 8 % 4], packet, n))
            request_arrive(server, peer, packet, n);
    } else {
        clients_allow(server, peer, ROLE_NONE, NULL, 0);
        request_fail(&(struct request){.server = server, .peer = *peer, .address = ""}, &error);
    }
    if (peer_is_remote(peer))
        fuzz_expect(answered_bytes <= n || clients_is_stranger(&server->clients, peer) == false,
                    "a stranger is told more than he has sent");
    clients_end(&server->clients);
}

static void run_one(uint8_t how, const uint8_t *packet, size_t n)
{
    struct peer peer = peer_of(how);
    struct error error;
    unsigned files = how / 32 % 4;
    uint64_t revision = rig.ctl->revision;
    bool is_message = packet_check(packet, n, WILD_ELEMENTS_MAX, &error) == 0 && !packet_is_bundle(packet, n);
    bool is_judged = is_message && is_quiet() && files != FILES_LATE && how < 16;
    char *before = is_judged && packet[n / 2] % THOROUGH_EACH == 0 ? strdup(osc_rig_dump(&rig)) : NULL;
    past_add(how, packet, n);
    n_answers = n_failures = 0;
    answered_bytes = 0;
    rig.refuse = files == FILES_REFUSED ? ERROR_IO : ERROR_NONE;
    hand_over(&peer, how, packet, n);
    if (files != FILES_LATE)
        bring_files(files == FILES_FAIL);
    if (how < 128)
        run_engine();
    if (is_judged && is_quiet() && !peer_is_remote(&peer)) {
        check_count(packet, &peer);
        if (n_failures)
            fuzz_expect(rig.ctl->revision == revision && (!before || strcmp(osc_rig_dump(&rig), before) == 0),
                        "a refused request has changed the graph");
    }
    free(before);
}

static void run_several(const uint8_t *at, size_t n)
{
    while (n >= 3) {
        size_t length = (size_t)(at[1] << 8 | at[2]);
        length = length < n - 3 ? length : n - 3;
        uint8_t *packet = malloc(length + !length); /* alone in memory, so that a step beyond its end is seen */
        memcpy(packet, at + 3, length);
        if (length)
            run_one(at[0], packet, length);
        free(packet);
        at += 3 + length;
        n -= 3 + length;
    }
}

static void run(const uint8_t *bytes, size_t n)
{
    if (n < 2)
        return;
    open_daemon();
    if (bytes[0] == SEVERAL)
        run_several(bytes + 1, n - 1);
    else if (n <= PACKET_MOST)
        run_one(bytes[0], bytes + 1, n - 1);
    controllers_forget(&rig.server->controllers); /* what waits for a controller would keep all others from being judged */
    if (rig.ctl->model.n_nodes > NODES_MOST)
        reset();
}

const struct fuzz_target dispatch_target = {"dispatch", FUZZ_PACKET, 1, run, reset};
