/* The end of the daemon, whatever it is doing: soon, without a click, and with its files closed. */
#include <math.h>
#include <signal.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/loopback.h"
#include "tests/system/sound.h"

#define RATE        48000
#define LEVEL       0.5 /* of a steady signal: its way to silence is the fade itself */
#define HEARD_S     2.5
#define EXIT_MOST_S 2.0
#define FADE_MOST_S 0.100
#define FADE_S      0.010 /* at least */
#define HASTE_S     0.5   /* what a second signal may take: far less than a server that hangs */
#define LONG_S      150   /* of a file that takes many seconds to be decoded and resampled */
#define LONG_HZ     44100
#define QUESTIONS   400
#define EDITS       300

/* What the daemon is about when it is told to end. */
struct scene {
    struct studio *studio;
    struct client deaf; /* by TCP; fd -1: there is none */
};

static const struct stop {
    const char *name;
    void (*begin)(struct scene *scene);
    bool no_server, hangs; /* there is no JACK server; or it stands still */
    bool records;
    bool keeps;          /* what is done, in a state folder */
    const char *session; /* of the command line */
} stops[];

/* What was seen of it. */
struct seen {
    int status;
    double exit_s, fade_s;
    bool is_smooth; /* no step is larger than one of the fade; heard to its end */
    bool are_closed;
};

/* ---- scenes --------------------------------------------------------------------------------------------------------- */

static void begin_nothing(struct scene *scene)
{
    (void)scene;
}

static void begin_takes(struct scene *scene)
{
    struct client *client = &scene->studio->client;
    client_do(client, "/graph/add record r file take.wav");
    client_do(client, "/graph/add record f file take.flac format flac-24");
    client_do(client, "/graph/connect dc r");
    client_do(client, "/graph/connect dc f");
    pause_s(0.05); /* the fades of the connections */
    client_do(client, "/node/r/on T");
    client_do(client, "/node/f/on T");
    pause_s(0.5);
}

static void write_long(struct studio *studio)
{
    size_t n = (size_t)LONG_S * LONG_HZ;
    float *samples = sound_new(n);
    for (size_t i = 0; i < n; i++)
        samples[i] = (float)((double)(i * 7919 % 1000) / 1000 - 0.5);
    studio->options.rate_hz = LONG_HZ; /* of the file: the server runs already */
    studio_write_wav(studio, "long.wav", samples, (unsigned)n, 1);
    studio->options.rate_hz = RATE;
    free(samples);
    static const char session[] = "# dawd session 1\n/graph/add player p file long.wav loop T\n# end\n";
    studio_write(studio, "song.dawd", session, sizeof session - 1);
}

static void begin_loading(struct scene *scene)
{
    write_long(scene->studio);
    struct client *client = &scene->studio->client;
    client_tell(client, "/session/load song.dawd");
    pause_s(0.2);
    ck_assert_int_eq((int)answer_number(client_do(client, "/graph/list"), 0), 3);
    if (process_says(&scene->studio->dawd, "/session/load", 0))
        rig_fail("the session cannot be loaded");
}

/* Edits of which the newest are not on the disk yet. */
static void begin_edits(struct scene *scene)
{
    for (unsigned i = 0; i < EDITS; i++)
        client_do(&scene->studio->client, "/graph/add gain g%u", i);
}

/* Asks for much and reads none of it, until the daemon has no room for more of its answers. */
static void begin_deaf(struct scene *scene)
{
    client_open_tcp(&scene->deaf, scene->studio->port);
    for (unsigned i = 0; i < QUESTIONS; i++)
        client_tell(&scene->deaf, "/describe all");
    pause_s(0.2);
}

static const struct stop stops[] = {
    {"idle", begin_nothing},
    {"recording", begin_takes, .records = true},
    {"without JACK", begin_nothing, .no_server = true},
    {"loading", begin_loading},
    {"starting", begin_nothing, .session = "song.dawd"},
    {"with a deaf client", begin_deaf},
    {"keeping", begin_edits, .keeps = true},
    {"JACK hangs", begin_nothing, .hangs = true},
};

/* ---- what is heard of it -------------------------------------------------------------------------------------------- */

/* From the last frame at the full level to the first that is as good as silent. */
static void judge_sound(const float *x, size_t n, struct seen *seen)
{
    size_t full = n, silent;
    double step = 0;
    while (full > 0 && x[full - 1] < 0.99 * LEVEL)
        full--;
    for (silent = full; silent < n && x[silent] > 0.01 * LEVEL; silent++)
        ;
    for (size_t i = full ? full : 1; i < n; i++)
        step = fmax(step, fabs((double)x[i] - x[i - 1]));
    seen->fade_s = full ? (double)(silent - full) / RATE : 0;
    seen->is_smooth = full && silent < n && sound_end(x, n) < n && step <= 1.5 * LEVEL / (FADE_S * RATE);
}

/* Whether the file holds what the log says it holds, all of it readable, up to the end of the take. */
static bool is_closed(const struct studio *studio, const char *name)
{
    char path[256], said[128];
    long long frames = -1;
    SF_INFO info = {0};
    snprintf(path, sizeof path, "%s/%s", studio->folder, name);
    snprintf(said, sizeof said, "recorded \"%s\": ", name);
    const char *at = strstr(process_output(&studio->dawd), said);
    if (!at || sscanf(at + strlen(said), "%lld", &frames) != 1)
        return false;
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    if (!file)
        return false;
    float *samples = sound_new((size_t)(info.frames + 1) * (size_t)info.channels);
    sf_count_t n = sf_readf_float(file, samples, info.frames + 1);
    sf_close(file);
    bool is_whole = n == frames && info.frames == frames && frames > RATE / 4;
    bool is_level = is_whole && fabs(samples[info.channels * (frames - 1)] - LEVEL) < 1e-3;
    free(samples);
    return is_whole && is_level;
}

/* Whether the state folder holds the last edit, in a session that ends as one does, and knows of no crash. */
static bool is_kept(const struct studio *studio)
{
    static char text[1 << 20];
    char path[160], line[64];
    snprintf(path, sizeof path, "%s/state/session", studio->folder);
    FILE *file = fopen(path, "r");
    if (!file)
        return false;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    snprintf(line, sizeof line, "/graph/add gain g%u", EDITS - 1);
    snprintf(path, sizeof path, "%s/state/starts", studio->folder);
    return strstr(text, line) && strstr(text, "\n# end\n") && access(path, F_OK) != 0;
}

/* ---- a run ---------------------------------------------------------------------------------------------------------- */

static void start(struct scene *scene, const struct stop *stop, const char *const *environment)
{
    static const char *arguments[3];
    static char path[128];
    scene->deaf.fd = -1;
    scene->studio = studio_open(&(struct studio_options){.no_server = stop->no_server,
                                                         .no_daemon = true,
                                                         .lock_step = !stop->no_server,
                                                         .environment = environment,
                                                         .variant = environment ? "mutant" : NULL});
    if (stop->session) {
        write_long(scene->studio);
        snprintf(path, sizeof path, "%s/%s", scene->studio->folder, stop->session);
        arguments[0] = path;
        arguments[1] = NULL;
        scene->studio->options.arguments = arguments;
        studio_spawn_daemon(scene->studio, &scene->studio->dawd);
        pause_s(0.5);
        return;
    }
    if (stop->keeps) {
        snprintf(path, sizeof path, "%s/state", scene->studio->folder);
        arguments[0] = "--state";
        arguments[1] = path;
        scene->studio->options.arguments = arguments;
    }
    studio_start_daemon(scene->studio);
    client_do(&scene->studio->client, "/graph/add constant dc value %g", LEVEL);
    client_do(&scene->studio->client, "/graph/connect dc out");
    pause_s(0.05);
}

static void end(struct scene *scene, const struct stop *stop, struct seen *seen)
{
    struct studio *studio = scene->studio;
    if (stop->hangs)
        kill(studio->jackd.pid, SIGSTOP);
    double from = now_s();
    kill(studio->dawd.pid, SIGTERM);
    bool ended = process_wait(&studio->dawd, 10);
    seen->exit_s = now_s() - from;
    seen->status = ended ? studio->dawd.status : -1;
    if (stop->hangs)
        kill(studio->jackd.pid, SIGCONT);
}

static void listen_and_end(struct scene *scene, const struct stop *stop, struct seen *seen)
{
    struct loopback loopback;
    size_t n = (size_t)(HEARD_S * RATE);
    float *x = sound_new(n);
    loopback_open(&loopback, scene->studio);
    loopback_connect_all(&loopback, scene->studio);
    loopback_start(&loopback, NULL, (float *[]){x, NULL}, n);
    stop->begin(scene);
    pause_s(0.2);
    end(scene, stop, seen);
    loopback_wait(&loopback);
    judge_sound(x, n, seen);
    loopback_close(&loopback);
    free(x);
}

static struct seen run(const struct stop *stop, const char *mutant)
{
    struct scene scene = {0};
    struct seen seen = {.is_smooth = true, .are_closed = true, .fade_s = INFINITY};
    start(&scene, stop, mutant ? (const char *const[]){mutant, NULL} : NULL);
    if (stop->no_server || stop->hangs || stop->session) {
        stop->begin(&scene);
        end(&scene, stop, &seen);
    } else {
        listen_and_end(&scene, stop, &seen);
    }
    if (stop->records)
        seen.are_closed = is_closed(scene.studio, "take.wav") && is_closed(scene.studio, "take.flac");
    if (stop->keeps)
        seen.are_closed = is_kept(scene.studio);
    if (scene.deaf.fd >= 0)
        client_close(&scene.deaf);
    studio_close(scene.studio);
    return seen;
}

static bool is_fine(const struct seen *seen)
{
    return seen->status == 0 && seen->exit_s <= EXIT_MOST_S && seen->fade_s >= FADE_S && seen->is_smooth &&
           seen->are_closed;
}

START_TEST(whatever_it_does_it_ends_soon_and_softly_and_closes_its_files)
{
    unsigned n_fine = 0;
    double exit_s = 0, fade_s = INFINITY;
    bool are_closed = true;
    for (unsigned i = 0; i < ROWS(stops); i++) {
        struct seen seen = run(&stops[i], NULL);
        n_fine += is_fine(&seen);
        exit_s = fmax(exit_s, seen.exit_s);
        fade_s = fmin(fade_s, seen.fade_s);
        are_closed &= seen.are_closed;
        printf("%s: exit %d after %.0f ms, fade %.1f ms, %s, files %s\n", stops[i].name, seen.status, 1e3 * seen.exit_s,
               1e3 * seen.fade_s, seen.is_smooth ? "smooth" : "a click", seen.are_closed ? "closed" : "open");
    }
    bool pass = n_fine == ROWS(stops);
    printf("REL S2 cases=%u/%zu exit_max_ms=%.0f fade_ms=%.1f files=%s %s\n", n_fine, ROWS(stops), 1e3 * exit_s,
           1e3 * fade_s, are_closed ? "closed" : "open", pass ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(pass);
}
END_TEST

/* How long it takes to end when a second signal comes, with a server that would keep it for more than a second. Its take is
 * readable all the same. */
static double hasten(const char *mutant)
{
    struct scene scene = {0};
    struct studio *studio;
    start(&scene, &stops[0], mutant ? (const char *const[]){mutant, NULL} : NULL);
    studio = scene.studio;
    begin_takes(&scene);
    kill(studio->jackd.pid, SIGSTOP);
    kill(studio->dawd.pid, SIGTERM);
    if (!process_says(&studio->dawd, "dawd ends", 2))
        rig_fail("it does not begin to end");
    pause_s(0.05);
    double from = now_s();
    kill(studio->dawd.pid, SIGTERM);
    if (!process_wait(&studio->dawd, 5))
        rig_fail("it does not end");
    double took_s = now_s() - from;
    kill(studio->jackd.pid, SIGCONT);
    char path[256];
    SF_INFO info = {0};
    snprintf(path, sizeof path, "%s/take.wav", studio->folder);
    SNDFILE *file = sf_open(path, SFM_READ, &info);
    ck_assert_msg(file && info.frames > RATE / 4, "take.wav: %lld frames", (long long)info.frames);
    sf_close(file);
    studio_close(studio);
    return took_s;
}

START_TEST(a_second_signal_is_not_made_to_wait)
{
    ck_assert_msg(hasten(NULL) < HASTE_S, "it waited");
}
END_TEST

/* What the watchdog of a service manager sends to a daemon that hangs, and what a fault would be: also where a mark of it is left
 * in the state folder. */
START_TEST(an_abort_is_not_caught)
{
    static const int signals[] = {SIGABRT, SIGSEGV};
    static const struct stop keeping = {"", begin_nothing, .no_server = true, .keeps = true};
    for (unsigned i = 0; i < ROWS(signals); i++) {
        struct scene scene = {0};
        start(&scene, &keeping, NULL);
        kill(scene.studio->dawd.pid, signals[i]);
        ck_assert_msg(process_wait(&scene.studio->dawd, 2), "it lives on after signal %d", signals[i]);
        ck_assert_int_eq(scene.studio->dawd.status, 128 + signals[i]);
        studio_close(scene.studio);
    }
}
END_TEST

START_TEST(an_end_that_clicks_or_leaves_files_open_or_is_not_hastened_is_noticed)
{
    struct seen abrupt = run(&stops[0], "DAWD_MUTANT=abrupt"), adrift = run(&stops[1], "DAWD_MUTANT=adrift");
    unsigned caught = !is_fine(&abrupt) + !is_fine(&adrift) + (hasten("DAWD_MUTANT=stubborn") >= HASTE_S);
    printf("REL S2m mutants_caught=%u/3 %s\n", caught, caught == 3 ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert_uint_eq(caught, 3);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        whatever_it_does_it_ends_soon_and_softly_and_closes_its_files,
        a_second_signal_is_not_made_to_wait,
        an_abort_is_not_caught,
        an_end_that_clicks_or_leaves_files_open_or_is_not_hastened_is_noticed,
    };
    return suite_run("stop", 120, tests, ROWS(tests));
}
