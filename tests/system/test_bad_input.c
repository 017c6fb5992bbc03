/* Whatever a client sends: it is told what is wrong and what would have been right, nothing has changed, and the sound goes
 * on as if it had never been sent. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "graph/node.h"
#include "tests/spectrum.h"
#include "tests/suite.h"
#include "tests/system/loopback.h"
#include "tests/system/sound.h"

#define RATE       48000
#define TONE_HZ    997.0
#define TONE_LEVEL 0.5
#define SMOOTH     2e-5

/* ---- a daemon that plays a tone and is watched ----------------------------------------------------------------------- */

static struct studio *studio;
static struct loopback loopback;
static struct client udp;
static float *recording;
static size_t n_recording;
static char *before;

static char *dump(void)
{
    const struct answer *answer = client_do(&studio->client, "/graph/dump osc");
    char *text = strdup(answer_string(answer, 0));
    ck_assert_msg(text && strstr(text, "tone"), "the dump does not hold the node \"tone\": %s", text);
    return text;
}

/* Builds tone -> out and one -> two, and starts to record. */
static void watch(double seconds)
{
    studio = studio_open(&(struct studio_options){.lock_step = true});
    client_open_udp(&udp, studio->port);
    struct client *client = &studio->client;
    client_do(client, "/graph/add osc tone wave sine freq %.1f level %.4f", TONE_HZ, decibel(TONE_LEVEL));
    client_do(client, "/graph/connect tone out");
    client_do(client, "/graph/add gain one");
    client_do(client, "/graph/add gain two");
    client_do(client, "/graph/connect one two");
    before = dump();
    loopback_open(&loopback, studio);
    loopback_connect_all(&loopback, studio);
    n_recording = (size_t)(seconds * RATE);
    recording = sound_new(n_recording);
    loopback_start(&loopback, NULL, (float *[]){recording, NULL}, n_recording);
}

/* The graph is as it was, and the tone has been heard without a flaw all the while. */
static void check_untouched(void)
{
    char *after = dump();
    ck_assert_str_eq(after, before);
    ck_assert_msg(loopback_taken(&loopback) < n_recording, "the recording was too short for what was sent");
    loopback_wait(&loopback);
    struct flaw flaw = sine_flaws(recording, n_recording, TONE_HZ, RATE, SMOOTH);
    ck_assert_msg(flaw.n == 0, "the tone is broken in %zu frames from %zu to %zu, by up to %g", flaw.n, flaw.first,
                  flaw.last, flaw.worst);
    double level = tone_amplitude(recording, n_recording, TONE_HZ, RATE);
    ck_assert_msg(fabs(level - TONE_LEVEL) < 0.001, "the tone has a level of %g", level);
    free(after);
    free(before);
    free(recording);
    loopback_close(&loopback);
    client_close(&udp);
    studio_close(studio);
}

/* ---- requests -------------------------------------------------------------------------------------------------------- */

static const struct wrong {
    const char *line;
    const char *symbol; /* of the answer */
    const char *names;  /* what its text must hold: the argument, the value, or what would have been right */
} wrongs[] = {
    {"/nonsense", "bad_address", "/nonsense"},
    {"/graph/explode tone", "bad_address", "/graph/explode"},
    {"/graph", "bad_address", "/graph"},
    {"/node/nobody/freq 3.0", "no_such_node", "nobody"},
    {"/graph/remove nobody", "no_such_node", "nobody"},
    {"/graph/connect nobody out", "no_such_node", "nobody"},
    {"/graph/connect tone nobody", "no_such_node", "nobody"},
    {"/graph/disconnect tone nobody", "no_such_node", "nobody"},
    {"/graph/get nobody", "no_such_node", "nobody"},
    {"/node/tone/colour 3.0", "no_such_param", "freq"},
    {"/graph/add osc x colour 3.0", "no_such_param", "freq"},
    {"/graph/connect tone:side out", "no_such_port", "out"},
    {"/graph/connect tone out:middle", "no_such_port", "in"},
    {"/graph/connect tone:out.7 out", "no_such_port", "7"},
    {"/graph/add theremin x", "no_such_type", "theremin"},
    {"/describe theremin", "no_such_type", "theremin"},
    {"/graph/add gain tone", "name_taken", "tone"},
    {"/graph/add gain out", "name_taken", "out"},
    {"/graph/add gain 9lives", "bad_value", "9lives"},
    {"/graph/add gain \"a b\"", "bad_value", "a b"},
    {"/graph/add gain \"\"", "bad_value", "name"},
    {"/graph/add gain a/b/c/d/e", "bad_value", "4"},
    {"/node/tone/wave banjo", "bad_value", "sine"},
    {"/graph/add", "bad_type", "type"},
    {"/graph/add gain", "bad_type", "name"},
    {"/graph/add 5 x", "bad_type", "type"},
    {"/graph/connect tone", "bad_type", "to"},
    {"/graph/connect tone out gain", "bad_type", "gain"},
    {"/graph/connect tone out gain loud", "bad_type", "gain"},
    {"/graph/remove one two", "bad_type", "name"},
    {"/graph/connect tone one:gain", "bad_type", "depth"},
    {"/node/tone/freq high", "bad_type", "freq"},
    {"/node/tone/freq 1.0 2.0 3.0", "bad_type", "freq"},
    {"/node/tone/freq -5.0", "range", "-5"},
    {"/node/tone/freq 1e9", "range", "20000"},
    {"/graph/add osc x freq 1e9", "range", "20000"},
    {"/graph/connect tone out gain 999.0", "range", "999"},
    {"/graph/add gain x channels 99", "range", "99"},
    {"/graph/connect two one", "cycle", "one"},
    {"/graph/connect one one", "cycle", "one"},
    {"/graph/disconnect two in", "no_such_port", "in"},
    {"/graph/disconnect tone two", "conflict", "tone"},
    {"/graph/remove out", "denied", "out"},
    {"/node/zz*/freq 3.0", "no_match", "zz*"},
    {"/graph/add player x file missing.wav", "no_file", "missing.wav"},
};

static void check_wrong(struct client *client, const struct wrong *wrong)
{
    const struct answer *answer = client_fail(client, wrong->symbol, "%s", wrong->line);
    ck_assert_msg(strstr(answer->text, wrong->names), "%s: the text does not name %s: %s", wrong->line, wrong->names,
                  answer->text);
    ck_assert_msg(strncmp(wrong->line, answer->address, strlen(answer->address)) == 0, "%s was answered as %s", wrong->line,
                  answer->address);
}

START_TEST(a_wrong_request_is_refused_with_its_reason_and_changes_nothing)
{
    watch(4);
    for (unsigned i = 0; i < ROWS(wrongs); i++) {
        check_wrong(&studio->client, &wrongs[i]);
        check_wrong(&udp, &wrongs[i]);
    }
    check_untouched();
}
END_TEST

START_TEST(a_loop_is_refused_with_the_way_it_would_take)
{
    watch(2);
    client_do(&studio->client, "/graph/add gain three");
    client_do(&studio->client, "/graph/connect two three");
    const struct answer *answer = client_fail(&studio->client, "cycle", "/graph/connect three one");
    const char *one = strstr(answer->text, "one"), *two = strstr(answer->text, "two"),
               *three = strstr(answer->text, "three");
    ck_assert_msg(one && two && three, "the path is not in: %s", answer->text);
    client_do(&studio->client, "/graph/remove three");
    check_untouched();
}
END_TEST

static const struct answer *set_frequency(struct client *client, float hz)
{
    lo_message message = lo_message_new();
    lo_message_add_float(message, hz);
    return client_ask_message(client, "/node/tone/freq", message);
}

START_TEST(what_is_no_number_is_no_value)
{
    const float numbers[] = {NAN, INFINITY, -INFINITY};
    watch(2);
    for (unsigned i = 0; i < ROWS(numbers); i++) {
        const struct answer *answer = set_frequency(i % 2 ? &udp : &studio->client, numbers[i]);
        ck_assert_msg(answer->came && !answer->done, "%g was taken as a frequency", (double)numbers[i]);
        ck_assert_msg(strcmp(answer->symbol, "bad_value") == 0 || strcmp(answer->symbol, "range") == 0, "%s",
                      answer->symbol);
        ck_assert_ptr_nonnull(strstr(answer->text, "freq"));
    }
    check_untouched();
}
END_TEST

/* ---- bundles --------------------------------------------------------------------------------------------------------- */

START_TEST(a_bundle_whose_last_message_is_wrong_is_undone_whole)
{
    static const char *const bundles[][5] = {
        {"/graph/add gain x", "/graph/connect tone x", "/graph/disconnect tone out", "/graph/connect x nobody", NULL},
        {"/graph/remove tone", "/graph/remove one", "/graph/add gain tone", "/graph/remove one", NULL},
        {"/node/tone/freq 50.0", "/node/one/gain -3.0", "/node/tone/level 0.0", "/node/tone/freq 1e9", NULL},
        {"/graph/connect tone out gain -20.0", "/graph/add osc y", "/graph/connect y out", "/graph/connect two one", NULL},
    };
    static const char *const symbols[] = {"no_such_node", "no_such_node", "range", "cycle"};
    watch(3);
    for (unsigned i = 0; i < 2 * ROWS(bundles); i++) {
        const char *const *lines = bundles[i / 2];
        const struct answer *answer = client_bundle(i % 2 ? &udp : &studio->client, lines);
        ck_assert_msg(answer->came && !answer->done, "bundle %u was not refused", i / 2);
        ck_assert_str_eq(answer->symbol, symbols[i / 2]);
        char address[64];
        snprintf(address, sizeof address, "%.*s", (int)strcspn(lines[3], " "), lines[3]);
        ck_assert_msg(strstr(answer->text, "message 4") && strstr(answer->text, address),
                      "neither its place nor its address in: %s", answer->text);
    }
    check_untouched();
}
END_TEST

/* ---- files ----------------------------------------------------------------------------------------------------------- */

static void write_bad_files(void)
{
    static const char claims[] =
        "RIFF\377\377\377\177WAVEfmt \020\0\0\0\003\0\377\377\200\273\0\0\0\340\056\0\374\377\040\0data"
        "\377\377\377\177abcdabcd";
    char path[128];
    studio_write(studio, "empty.wav", "", 0);
    studio_write(studio, "text.wav", "this is no sound", 16);
    studio_write(studio, "claims.wav", claims, sizeof claims - 1);
    studio_write(studio, "half.wav", claims, 20);
    studio_write_wav(studio, "nothing.wav", (float[]){0}, 0, 1);
    snprintf(path, sizeof path, "%s/folder.wav", studio->folder);
    mkdir(path, 0700);
    snprintf(path, sizeof path, "%s/pipe.wav", studio->folder);
    mkfifo(path, 0600);
}

START_TEST(a_file_that_is_missing_broken_or_absurd_is_refused)
{
    static const struct wrong files[] = {
        {"missing.wav", "no_file", "missing.wav"}, {"empty.wav", "bad_file", "empty.wav"},
        {"text.wav", "bad_file", "text.wav"},      {"claims.wav", "bad_file", "claims.wav"},
        {"half.wav", "bad_file", "half.wav"},      {"folder.wav", "bad_file", "folder.wav"},
        {"pipe.wav", "bad_file", "pipe.wav"},      {"../../etc/passwd", "denied", "passwd"},
        {"/etc/passwd", "denied", "/etc/passwd"},  {"nothing.wav", "bad_file", "nothing.wav"},
    };
    watch(4);
    write_bad_files();
    for (unsigned i = 0; i < ROWS(files); i++) {
        const struct answer *answer =
            client_fail(&studio->client, files[i].symbol, "/graph/add player x file %s", files[i].line);
        ck_assert_msg(strstr(answer->text, files[i].names), "the text does not name %s: %s", files[i].names, answer->text);
    }
    check_untouched();
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_wrong_request_is_refused_with_its_reason_and_changes_nothing,
        a_loop_is_refused_with_the_way_it_would_take,
        what_is_no_number_is_no_value,
        a_bundle_whose_last_message_is_wrong_is_undone_whole,
        a_file_that_is_missing_broken_or_absurd_is_refused,
    };
    return suite_run("bad input", 60, tests, ROWS(tests));
}
