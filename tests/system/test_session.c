/* Sessions of the real daemon: saved, started with, refused; no name that leads out. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "graph/node.h"
#include "tests/spectrum.h"
#include "tests/system/loopback.h"
#include "tests/system/sound.h"
#include "tests/system/suite.h"

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

/* ---- names ---------------------------------------------------------------------------------------------------------- */

static const char *const hostile[] = {
    "",
    ".",
    "..",
    "/",
    "//",
    "./",
    "../outside.dawd",
    "../../outside.dawd",
    "sub/../../outside.dawd",
    "sub/../../../etc/passwd",
    "./../outside.dawd",
    "sub/./../../outside.dawd",
    "/etc/passwd",
    "/etc/hostname",
    "//etc/passwd",
    "/./etc/passwd",
    "/proc/self/mem",
    "/proc/self/root/etc/passwd",
    "/proc/self/cwd/x",
    "/proc/self/fd/0",
    "/proc/1/environ",
    "/proc/kmsg",
    "/sys/kernel/notes",
    "/dev/null",
    "/dev/zero",
    "/dev/stdin",
    "/dev/tty",
    "/dev/fd/1",
    "/root/.bashrc",
    "~/x",
    "$HOME/x/y",
    "link",
    "link/",
    "way/x.dawd",
    "up/outside.dawd",
    "loop",
    "dangling",
    "pipe",
    "pipe/",
    "sub",
    "sub/",
    "sub/.",
    "sub/..",
    "other.wav/x",
    "other.wav/../x/y",
    "a\nb",
    "a\rb",
    "a\tb",
    "\033[2Jx",
    "\001",
    "\177",
    "x\b\b",
    "nowhere/x.dawd",
    "nowhere/../../outside.dawd",
    "file:///etc/passwd",
    "http://127.0.0.1/x",
    "C:\\x\\y/z",
    "|/bin/sh",
    "`/bin/sh`/x",
    "$(/bin/sh)/x",
    "*/x",
    "sub/%n%n/x",
    "%s/%s/%s",
    NULL, /* 4 kB */
};

static bool ask_with(struct studio *studio, const char *address, const char *name, bool is_player)
{
    char longest[4097];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    lo_message message = lo_message_new();
    if (is_player) {
        lo_message_add_string(message, "player");
        lo_message_add_string(message, "p");
        lo_message_add_string(message, "file");
    }
    lo_message_add_string(message, name ? name : longest);
    const struct answer *answer = client_ask_message(&studio->client, address, message);
    ck_assert_msg(answer->came, "%s %s is not answered", address, name ? name : "of 4 kB");
    for (const char *at = answer->text; *at; at++)
        ck_assert_msg((unsigned char)*at >= ' ', "a control character in %s", answer->text);
    return answer->done;
}

START_TEST(no_name_leads_out_of_the_roots_or_hangs)
{
    const char *arguments[] = {"--no-jack", "--root", NULL, NULL};
    struct studio *studio = studio_open(&(struct studio_options){.no_server = true, .no_daemon = true});
    static const char session[] = "# dawd session 1\n# end\n";
    char root[200];
    unsigned n_asked = 0, n_done = 0;
    snprintf(root, sizeof root, "%s", path_in(studio, "inner"));
    arguments[2] = root;
    studio->options.arguments = arguments + 0;
    ck_assert_int_eq(mkdir(root, 0755), 0);
    ck_assert_int_eq(mkdir(path_in(studio, "inner/sub"), 0755), 0);
    studio_write(studio, "outside.dawd", session, strlen(session));
    studio_write(studio, "inner/other.wav", "RIFF", 4);
    ck_assert_int_eq(symlink("../outside.dawd", path_in(studio, "inner/link")), 0);
    ck_assert_int_eq(symlink("sub", path_in(studio, "inner/way")), 0);
    ck_assert_int_eq(symlink("..", path_in(studio, "inner/up")), 0);
    ck_assert_int_eq(symlink("loop", path_in(studio, "inner/loop")), 0);
    ck_assert_int_eq(symlink("../new.dawd", path_in(studio, "inner/dangling")), 0);
    ck_assert_int_eq(mkfifo(path_in(studio, "inner/pipe"), 0644), 0);
    studio_start_daemon(studio);
    double start = now_s();
    for (unsigned i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        n_done += ask_with(studio, "/session/save", hostile[i], false);
        n_done += ask_with(studio, "/session/load", hostile[i], false);
        n_done += ask_with(studio, "/graph/add", hostile[i], true);
        n_asked += 3;
    }
    char *outside = content(path_in(studio, "outside.dawd"));
    ck_assert_str_eq(outside, session);
    ck_assert_int_ne(access(path_in(studio, "new.dawd"), F_OK), 0);
    ck_assert_int_lt((int)(now_s() - start), 5);
    printf("REL O10 names=%zu asked=%u done=%u hung=0 %s\n", sizeof hostile / sizeof hostile[0], n_asked, n_done,
           n_done ? "FAIL" : "PASS");
    ck_assert_uint_eq(n_done, 0);
    free(outside);
    studio_close(studio);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_daemon_that_is_started_with_a_session_sounds_as_the_one_that_saved_it,
        a_session_that_cannot_be_loaded_ends_the_start,
        a_signal_while_the_session_loads_is_an_end_like_any_other,
        no_name_leads_out_of_the_roots_or_hangs,
    };
    return suite_run("session", 60, tests, ROWS(tests));
}
