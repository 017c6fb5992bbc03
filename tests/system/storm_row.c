/* Row O9: clients that come in crowds, do not read, do not end, or die; one that behaves meanwhile is served as ever, and at
 * the end the daemon holds what it held at the start. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/system/neighbours.h"
#include "tests/system/net_rows.h"
#include "tests/system/storm.h"

#define DESCRIPTORS  64
#define CONNECTS     1000
#define READERS      10
#define LORISES      5
#define HALVES       200
#define RESETS       2000
#define DEAD         8
#define STALL_MS     "2000" /* as it is by default */
#define FRAME_MS     1500
#define GONE_S       3   /* the least */
#define SLACK_S      1.0 /* for the daemon's looks, ten in a second, and a busy machine */
#define PING_MOST_MS 20.0
#define STARVED_MOST 0.25 /* of a processor, while nobody can be taken in */
#define SOUND_FRAMES 4800

struct storm {
    const struct net_row *row;
    struct studio *studio;
    unsigned n_turned_away, n_stalled, n_slow, n_endless, n_dead, n_served;
    double stalled_s, starved_cpu;
};

/* A frame of SLIP around "/ping", and the beginning of one that would add a node. */
static const char ping[] = "\300/ping\0\0\0,\0\0\0\300";
static const char half[] = "\300/graph/add\0\0,ss\0gain\0\0\0\0half\0\0\0";
#define PING_BYTES 14
#define HALF_BYTES 33

/* Whether the daemon goes on with what needs a descriptor of its own. */
static bool opens_a_file(struct storm *storm)
{
    struct client *client = &storm->studio->client;
    bool fine = client_ask(client, "/graph/add player p file sound.wav")->done;
    return client_ask(client, "/graph/remove p")->done && fine;
}

static unsigned connections_open(struct storm *storm)
{
    const struct answer *answer = client_ask(&storm->studio->client, "/stats");
    for (int i = 0; i + 1 < answer_count(answer); i += 2)
        if (strcmp(answer_string(answer, i), "connections_open") == 0)
            return (unsigned)answer_number(answer, i + 1);
    return 0;
}

/* ---- the stages: each tells whether the daemon has stood it ----------------------------------------------------------- */

/* When there is no room for one, there is none for the next. */
static void dial_many(const struct storm *storm, int *fds, unsigned n, bool tcp)
{
    for (unsigned i = 0; i < n; i++)
        fds[i] = i && fds[i - 1] < 0 ? -1 : storm_dial(storm->studio, tcp);
}

/* First other hosts, which may have half of the places, then this one, which takes the others. */
static bool crowd(struct storm *storm)
{
    static int fds[CONNECTS];
    struct client home;
    dial_many(storm, fds, CONNECTS / 2, true);
    bool finds_room = client_try_unix(&home, storm->studio->socket) && client_ask(&home, "/ping")->done;
    dial_many(storm, fds + CONNECTS / 2, CONNECTS / 2, false);
    unsigned most = CONNECTS - DESCRIPTORS / 2;
    storm->n_turned_away = storm_await_closed(fds, CONNECTS, most, 2);
    bool opens = opens_a_file(storm);
    client_close(&home);
    storm_close(fds, CONNECTS);
    return finds_room && opens && storm->n_turned_away >= most;
}

/* Not one descriptor is left: whoever comes has to wait, and the daemon must not spin meanwhile. */
static bool starve(struct storm *storm)
{
    pid_t pid = storm->studio->dawd.pid;
    struct rlimit before, none;
    struct client late;
    pause_s(0.2); /* the crowd is gone */
    prlimit(pid, RLIMIT_NOFILE, NULL, &before);
    none = (struct rlimit){.rlim_cur = storm_descriptors(storm->studio), .rlim_max = before.rlim_max};
    if (prlimit(pid, RLIMIT_NOFILE, &none, NULL))
        rig_fail("the limit of descriptors cannot be moved");
    bool connects = client_try_unix(&late, storm->studio->socket);
    client_send(&late, "/req/1/ping\0,\0\0\0", 16);
    double cpu = storm_cpu_s(storm->studio);
    bool waits = !client_await(&late, 1, 1.0)->came;
    storm->starved_cpu = storm_cpu_s(storm->studio) - cpu;
    prlimit(pid, RLIMIT_NOFILE, &before, NULL);
    bool served = client_await(&late, 1, 2.0)->done;
    client_close(&late);
    return connects && waits && served && storm->starved_cpu <= STARVED_MOST;
}

/* Each asks for all that there is, again and again, and reads nothing. */
static bool stall(struct storm *storm)
{
    static const char ask[] = "\300/describe\0\0\0,s\0\0all\0\300";
    int fds[READERS];
    double start = now_s(), end = start + atoi(STALL_MS) / 1000.0 + SLACK_S;
    for (unsigned i = 0; i < READERS; i++)
        fds[i] = storm_dial(storm->studio, i % 2);
    while ((storm->n_stalled = storm_count_closed(fds, READERS)) < READERS && now_s() < end) {
        for (unsigned i = 0; i < READERS; i++)
            for (unsigned k = 0; k < 20; k++)
                storm_send(fds[i], ask, sizeof ask - 1);
        pause_s(0.01);
    }
    storm->stalled_s = now_s() - start;
    storm_close(fds, READERS);
    return storm->n_stalled == READERS;
}

/* What is not ended is not done, however the connection ends. */
static bool leave_in_the_middle(struct storm *storm)
{
    for (unsigned i = 0; i < HALVES; i++) {
        int fd = storm_dial(storm->studio, i % 2);
        storm_send(fd, half, HALF_BYTES);
        if (i % 4 < 2)
            close(fd);
        else
            storm_reset(fd);
    }
    pause_s(0.5); /* one that says no more may still listen: for so long it keeps its place */
    const struct answer *answer = client_ask(&storm->studio->client, "/node/half");
    return answer->came && !answer->done;
}

/* One byte at a time: who comes to an end in time is answered, who never does is dropped, and so is who sends much. */
static bool dawdle(struct storm *storm)
{
    static char much[1 << 16];
    int slow[LORISES], endless[LORISES];
    struct pollfd look;
    bool early = false;
    memset(much, 'x', sizeof much);
    for (unsigned i = 0; i < LORISES; i++) {
        slow[i] = storm_dial(storm->studio, i % 2);
        endless[i] = storm_dial(storm->studio, i % 2);
    }
    double end = now_s() + FRAME_MS / 1000.0 + SLACK_S;
    for (unsigned at = 0; now_s() < end && storm->n_endless < LORISES; at++) {
        for (unsigned i = 0; i < LORISES; i++) {
            if (at < PING_BYTES)
                storm_send(slow[i], ping + at, 1);
            storm_send(endless[i], at ? much : "\300", i == 0 && at ? sizeof much : 1);
        }
        storm->n_endless = storm_count_closed(endless, LORISES);
        early |= storm->n_endless && at < PING_BYTES;
        pause_s(0.03);
    }
    for (unsigned i = 0; i < LORISES; i++) {
        look = (struct pollfd){slow[i], POLLIN | POLLRDHUP, 0};
        storm->n_slow += poll(&look, 1, 500) == 1 && look.revents == POLLIN;
    }
    storm_close(slow, LORISES);
    storm_close(endless, LORISES);
    return !early && storm->n_slow == LORISES && storm->n_endless == LORISES;
}

static bool reset(struct storm *storm)
{
    for (unsigned i = 0; i < RESETS; i++) {
        int fd = storm_dial(storm->studio, i % 8 < 7);
        if (i % 2)
            storm_send(fd, ping, i % 3 ? PING_BYTES : 5);
        storm_reset(fd);
    }
    return client_ask(&storm->studio->client, "/ping")->done;
}

static void pull_the_plug(bool out)
{
    char output[256];
    const char *const argv[] = {"ip", "link", "set", "plug", out ? "down" : "up", NULL};
    if (process_run(argv, output, sizeof output))
        rig_fail("the cable: %s", output);
}

/* Their machine is gone, without a word. Half of them are told of changes, the others are idle. */
static bool die(struct storm *storm)
{
    struct client clients[DEAD];
    unsigned before = connections_open(storm), left = 0;
    for (unsigned i = 0; i < DEAD; i++) {
        neighbours_connect(&clients[i], storm->studio, SOCK_STREAM);
        storm->n_served += client_ask(&clients[i], i % 2 ? "/ping" : "/sub /node/g/gain lease 3600")->done;
    }
    bool all = connections_open(storm) == before + DEAD;
    pull_the_plug(true);
    double end = now_s() + GONE_S + 2 * SLACK_S + 1;
    for (int i = 0; now_s() < end && (left = connections_open(storm)) > before; i++) {
        client_tell(&storm->studio->client, "/node/g/gain %d.0", i % 2);
        pause_s(0.05);
    }
    storm->n_dead = before + DEAD - left;
    pull_the_plug(false);
    for (unsigned i = 0; i < DEAD; i++)
        client_close(&clients[i]);
    return all && storm->n_dead == DEAD && storm->n_served == DEAD;
}

/* ---- the row --------------------------------------------------------------------------------------------------------- */

static void open_daemon(struct storm *storm)
{
    static char frame[32], gone[32];
    static float silence[SOUND_FRAMES];
    struct rlimit before, few;
    snprintf(frame, sizeof frame, "frame-time=%d", FRAME_MS);
    snprintf(gone, sizeof gone, "gone=%d", GONE_S);
    neighbours_open();
    storm->studio = studio_open(&(struct studio_options){
        .variant = storm->row->mutant ? "mutant" : NULL,
        .environment = net_row_environment(storm->row),
        .no_server = true,
        .no_daemon = true,
        .arguments = (const char *const[]){"--no-jack", "--bind", NEIGHBOURS_DAEMON "=read", "--limit", frame, "--limit",
                                           gone, "--limit", "stall=" STALL_MS, NULL},
    });
    studio_write_wav(storm->studio, "sound.wav", silence, SOUND_FRAMES, 1);
    getrlimit(RLIMIT_NOFILE, &before);
    few = (struct rlimit){.rlim_cur = DESCRIPTORS, .rlim_max = before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &few);
    studio_start_daemon(storm->studio);
    few.rlim_cur = CONNECTS + 100;
    if (setrlimit(RLIMIT_NOFILE, &few))
        rig_fail("the test itself needs %d descriptors", CONNECTS + 100);
    neighbours_move(storm->studio);
    client_ask(&storm->studio->client, "/graph/add gain g");
}

bool net_row_o9(const struct net_row *row)
{
    static bool (*const stages[])(struct storm *) = {crowd, starve, stall, leave_in_the_middle, dawdle, reset, die};
    static struct storm_pinger pinger;
    struct storm storm = {.row = row};
    open_daemon(&storm);
    opens_a_file(&storm); /* what is made once and kept, is made */
    unsigned before = storm_descriptors(storm.studio), n_stages = sizeof stages / sizeof *stages, stood = 0;
    storm_pinger_start(&pinger, storm.studio);
    /* One with a flaw need not go through all. */
    for (unsigned i = 0; i < n_stages && (stood == i || !row->mutant); i++)
        stood += stages[i](&storm);
    storm_pinger_stop(&pinger);
    for (double end = now_s() + 2; connections_open(&storm) > 1 && now_s() < end;)
        pause_s(0.05);
    int delta = (int)storm_descriptors(storm.studio) - (int)before;
    bool alive = client_ask(&storm.studio->client, "/ping")->done;
    bool pass = alive && stood == n_stages && delta == 0 && pinger.n_lost == 0 && pinger.p99_ms <= PING_MOST_MS;
    net_row_print(row,
                  "REL O9 connects=%d turned_away=%u pings=%u ping_p99_ms=%.2f ping_max_ms=%.1f stalled_dropped=%u/%d "
                  "stalled_s=%.1f slow_answered=%u/%d endless_dropped=%u/%d half_frames=%d resets=%d dead_dropped=%u/%d "
                  "starved_cpu=%.2f stood=%u/%u fd_delta=%d %s\n",
                  CONNECTS, storm.n_turned_away, pinger.n, pinger.p99_ms, pinger.max_ms, storm.n_stalled, READERS,
                  storm.stalled_s, storm.n_slow, LORISES, storm.n_endless, LORISES, HALVES, RESETS, storm.n_dead, DEAD,
                  storm.starved_cpu, stood, n_stages, delta, pass ? "PASS" : "FAIL");
    studio_close(storm.studio);
    return pass;
}
