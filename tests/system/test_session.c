/* Sessions of the real daemon: saved, started with, refused. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "graph/node.h"
#include "tests/spectrum.h"
#include "tests/suite.h"
#include "tests/system/loopback.h"
#include "tests/system/sound.h"

#define RATE   48000
#define SETTLE 0.1

static const char *path_in(const struct studio *studio, const char *name)
{
    static char path[2][200];
    static unsigned turn;
    char *at = path[turn++ % 2];
    snprintf(at, sizeof path[0], "%s/%s", studio->folder, name);
    return at;
}

static char *content(const char *path)
{
    FILE *file = fopen(path, "r");
    if (!file)
        return NULL;
    char *text = calloc(1, 1 << 20);
    ck_assert_ptr_nonnull(text);
    text[fread(text, 1, (1 << 20) - 1, file)] = '\0';
    fclose(file);
    return text;
}

/* ---- the same sound ------------------------------------------------------------------------------------------------- */

static float *take_of_noise(struct studio *studio, size_t n)
{
    struct loopback loopback;
    float *play[2] = {sound_new(n), sound_new(n)}, *take = sound_new(n);
    for (unsigned c = 0; c < 2; c++)
        noise_fill(play[c], n, 0.5, c);
    loopback_open(&loopback, studio);
    loopback_connect_all(&loopback, studio);
    pause_s(SETTLE);
    loopback_run(&loopback, play, (float *[]){take, NULL}, n);
    loopback_close(&loopback);
    free(play[0]);
    free(play[1]);
    return take;
}

START_TEST(a_daemon_that_is_started_with_a_session_sounds_as_the_one_that_saved_it)
{
    static const char *const lines[] = {"/graph/add filter low cutoff 333.3 q 2.5",
                                        "/graph/add filter high mode highpass cutoff 1234.5",
                                        "/graph/add delay echo time 0.0371 feedback 0.61",
                                        "/graph/add gain half gain -6.02",
                                        "/graph/connect in low",
                                        "/graph/connect in high gain -1.3",
                                        "/graph/connect low echo",
                                        "/graph/connect high half",
                                        "/graph/connect low out gain -3.7",
                                        "/graph/connect echo out gain -2.9",
                                        "/graph/connect half out gain -5.1",
                                        "/graph/connect in out gain -20",
                                        "/graph/disconnect low out",
                                        "/graph/connect low out gain -3.7",
                                        "/node/out/ceiling -0.5"};
    struct studio *studio = studio_open(&(struct studio_options){.lock_step = true});
    size_t n = RATE / 2;
    for (unsigned i = 0; i < sizeof lines / sizeof lines[0]; i++)
        client_do(&studio->client, "%s", lines[i]);
    client_do(&studio->client, "/session/save song.dawd");
    float *first = take_of_noise(studio, n);
    client_do(&studio->client, "/quit");
    ck_assert(process_wait(&studio->dawd, 2));
    char session[200];
    snprintf(session, sizeof session, "%s", path_in(studio, "song.dawd"));
    const char *arguments[] = {session, NULL};
    studio->options.arguments = arguments;
    studio_start_daemon(studio);
    const struct answer *answer = client_do(&studio->client, "/session/info");
    ck_assert_str_eq(answer_string(answer, 0), "song.dawd");
    ck_assert_int_eq((int)answer_number(answer, 4), 6);
    float *second = take_of_noise(studio, n);
    ck_assert_uint_lt(sound_begin(first, n), 100);
    ck_assert_mem_eq(first, second, n * sizeof *first);
    char *saved = content(session);
    client_do(&studio->client, "/session/save");
    char *again = content(session);
    ck_assert_str_eq(saved, again);
    free(first);
    free(second);
    free(saved);
    free(again);
    studio_close(studio);
}
END_TEST

/* ---- a start that fails --------------------------------------------------------------------------------------------- */

static void check_start_fails(struct studio *studio, const char *name, const char *says)
{
    const char *arguments[] = {"--no-jack", path_in(studio, name), NULL};
    struct process process = {0};
    studio->options.arguments = arguments;
    studio_spawn_daemon(studio, &process);
    ck_assert_msg(process_wait(&process, 3), "the daemon has not ended");
    ck_assert_int_eq(process.status, 1);
    ck_assert_msg(strstr(process_output(&process), says) != NULL, "\"%s\" is not in: %s", says, process_output(&process));
    ck_assert_msg(access(studio->socket, F_OK) != 0, "the socket is left behind");
}

START_TEST(a_session_that_cannot_be_loaded_ends_the_start)
{
    static const char wrong[] = "# dawd session 1\n/graph/add gain a\n/graph/connect b a\n# end\n";
    static const char cut[] = "# dawd session 1\n/graph/add gain a\n";
    static const char silent[] = "# dawd session 1\n/graph/add player p file missing.wav\n# end\n";
    struct studio *studio = studio_open(&(struct studio_options){.no_server = true, .no_daemon = true});
    studio_write(studio, "wrong.dawd", wrong, strlen(wrong));
    studio_write(studio, "cut.dawd", cut, strlen(cut));
    studio_write(studio, "silent.dawd", silent, strlen(silent));
    check_start_fails(studio, "wrong.dawd", "line 3, /graph/connect: no node is named \"b\"");
    check_start_fails(studio, "cut.dawd", "it is cut off, or lacks its last line");
    check_start_fails(studio, "silent.dawd", "line 2, /graph/add: there is no file \"missing.wav\"");
    check_start_fails(studio, "missing.dawd", "No such file");
    check_start_fails(studio, ".", "is a folder");
    studio_close(studio);
}
END_TEST

/* A sound file of silence that takes seconds to load, and no room on the disk. */
static void write_long_file(const struct studio *studio, const char *name)
{
    static const unsigned char head[44] =
        "RIFF\x24\0\0\x08WAVEfmt \x10\0\0\0\1\0\2\0\x44\xac\0\0\x10\xb1\2\0\4\0\x10\0data\0\0\0\x08";
    studio_write(studio, name, head, sizeof head);
    ck_assert_int_eq(truncate(path_in(studio, name), sizeof head + (8 << 24)), 0);
}

START_TEST(a_signal_while_the_session_loads_is_an_end_like_any_other)
{
    static const char text[] = "# dawd session 1\n/graph/add player p file long.wav\n# end\n";
    struct studio *studio = studio_open(&(struct studio_options){.no_server = true, .no_daemon = true});
    const char *arguments[] = {"--no-jack", path_in(studio, "long.dawd"), NULL};
    struct process process = {0};
    write_long_file(studio, "long.wav");
    studio_write(studio, "long.dawd", text, strlen(text));
    studio->options.arguments = arguments;
    studio_spawn_daemon(studio, &process);
    ck_assert(process_says(&process, "OSC on ", 3));
    pause_s(0.1);
    kill(process.pid, SIGTERM);
    ck_assert_msg(process_wait(&process, 2), "the daemon has not ended");
    ck_assert_msg(process.status == 0, "status %d: %s", process.status, process_output(&process));
    studio_close(studio);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_daemon_that_is_started_with_a_session_sounds_as_the_one_that_saved_it,
        a_session_that_cannot_be_loaded_ends_the_start,
        a_signal_while_the_session_loads_is_an_end_like_any_other,
    };
    return suite_run("session", 60, tests, ROWS(tests));
}
