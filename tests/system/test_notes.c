/* Row O13: who is killed while it plays leaves no note behind, and a million events at random leave none either.
 * Lane: busy */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "graph/event.h"
#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/studio.h"

#define KILLED    100
#define AT_ONCE   10 /* of them */
#define EVENTS    1000000
#define BUNDLE    2000 /* events: fewer than one transaction may hold */
#define N_BUNDLES 8
#define GONE_S    1.0

/* ---- who is killed --------------------------------------------------------------------------------------------------- */

/* Plays and waits to be killed. */
static void play_on(const struct studio *studio, int ready)
{
    struct client client;
    client_open_unix(&client, studio->socket);
    for (unsigned i = 0; i < 8; i++)
        client_do(&client, "/note/on arp %u 100.0 channel %u", (unsigned)getpid() * 8 % 120 + i, 1 + i % 16);
    client_do(&client, "/note/cc arp 64 127.0");
    if (write(ready, "x", 1) != 1)
        _exit(1);
    for (;;)
        pause();
}

static double listed(struct studio *studio, unsigned i)
{
    return answer_number(client_do(&studio->client, "/note/list arp"), i);
}

static double active(struct studio *studio)
{
    return listed(studio, 1);
}

/* Seconds until nothing is on; more than GONE_S where it stays. */
static double silence_s(struct studio *studio)
{
    double from = now_s();
    while (active(studio) > 0 && now_s() - from <= GONE_S)
        pause_s(0.002);
    return now_s() - from;
}

/* Several clients that play, all killed at one moment: how long their notes stay. */
static double kill_round(struct studio *studio, double *held)
{
    pid_t players[AT_ONCE];
    int ready[2];
    char token;
    ck_assert_int_eq(pipe(ready), 0);
    for (unsigned i = 0; i < AT_ONCE; i++) {
        players[i] = fork();
        if (players[i] == 0)
            play_on(studio, ready[1]);
        ck_assert_int_gt(players[i], 0);
    }
    for (unsigned i = 0; i < AT_ONCE; i++)
        ck_assert_int_eq((int)read(ready[0], &token, 1), 1);
    *held += active(studio);
    for (unsigned i = 0; i < AT_ONCE; i++)
        ck_assert_int_eq(kill(players[i], SIGKILL), 0);
    for (unsigned i = 0; i < AT_ONCE; i++)
        waitpid(players[i], NULL, 0);
    close(ready[0]);
    close(ready[1]);
    return silence_s(studio);
}

/* ---- a million -------------------------------------------------------------------------------------------------------- */

static uint32_t chance(uint32_t *seed, uint32_t n)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed / 7 % n;
}

static void event_add(lo_bundle bundle, uint32_t *seed)
{
    static const char *const addresses[] = {"/note/on", "/note/on", "/note/off", "/note/cc", "/note/pressure"};
    uint32_t what = chance(seed, 5);
    lo_message message = lo_message_new();
    lo_message_add_string(message, "arp");
    if (what == 3) {
        lo_message_add_int32(message, (int32_t)chance(seed, 128));
        lo_message_add_float(message, (float)chance(seed, 128));
    } else {
        lo_message_add_float(message, (float)chance(seed, 128));
        if (what < 2)
            lo_message_add_float(message, (float)(1 + chance(seed, 127)));
    }
    if (what < 3) {
        lo_message_add_string(message, "channel");
        lo_message_add_int32(message, 1 + (int32_t)chance(seed, 16));
    }
    lo_bundle_add_message(bundle, addresses[what], message);
}

/* What finds the node busy is sent again, until it is played. */
static bool play_bundle(struct client *player, const void *bytes, size_t n, double *waited)
{
    for (;; (*waited)++) {
        client_send(player, bytes, n);
        const struct answer *answer = client_await(player, 0, 5);
        ck_assert(answer->came);
        if (answer->done || strcmp(answer->symbol, "busy") != 0)
            return answer->done;
        pause_s(0.005);
    }
}

/* The same few bundles again and again, for making them takes longer than playing them. Each is sent once the one before is
 * answered. */
static unsigned play_million(struct studio *studio, double *most, double *waited)
{
    void *bundles[N_BUNDLES];
    size_t bytes[N_BUNDLES];
    uint32_t seed = 3;
    unsigned n_played = 0;
    struct client player;
    client_open_unix(&player, studio->socket);
    for (unsigned b = 0; b < N_BUNDLES; b++) {
        lo_bundle bundle = lo_bundle_new(LO_TT_IMMEDIATE);
        for (unsigned i = 0; i < BUNDLE; i++)
            event_add(bundle, &seed);
        bundles[b] = lo_bundle_serialise(bundle, NULL, &bytes[b]);
        lo_bundle_free_recursive(bundle);
    }
    for (unsigned b = 0; b < EVENTS / BUNDLE; b++) {
        n_played += play_bundle(&player, bundles[b % N_BUNDLES], bytes[b % N_BUNDLES], waited) ? BUNDLE : 0;
        if (b % 50 == 0)
            *most = fmax(*most, active(studio));
    }
    for (unsigned b = 0; b < N_BUNDLES; b++)
        free(bundles[b]);
    client_close(&player);
    return n_played;
}

START_TEST(nobody_leaves_a_note_behind)
{
    struct studio *studio = studio_open(&(struct studio_options){.period = 64});
    double worst_s = 0, held = 0, most = 0, waited = 0;
    client_do(&studio->client, "/graph/add arpeggiator arp");
    for (unsigned i = 0; i < KILLED / AT_ONCE; i++)
        worst_s = fmax(worst_s, kill_round(studio, &held));
    unsigned n_events = play_million(studio, &most, &waited);
    double million_s = silence_s(studio), lost = listed(studio, 2);
    /* And of one that stays, by all_off. */
    client_do(&studio->client, "/note/on arp 60 100");
    most = fmax(most, active(studio));
    client_do(&studio->client, "/note/all_off");
    double off_s = silence_s(studio);
    bool pass = held >= KILLED && worst_s <= GONE_S && n_events == EVENTS && million_s <= GONE_S && off_s <= GONE_S &&
                most > 0 && most <= EVENTS_HELD_MOST && lost == 0;
    printf("REL O13 killed=%d notes_held=%.0f worst_s=%.3f events=%u after_events_s=%.3f after_all_off_s=%.3f "
           "active_most=%.0f active_voices=%.0f lost=%.0f busy=%.0f %s\n",
           KILLED, held, worst_s, n_events, million_s, off_s, most, active(studio), lost, waited, pass ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(pass);
    studio_close(studio);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {nobody_leaves_a_note_behind};
    return suite_run("notes", 120, tests, ROWS(tests));
}
