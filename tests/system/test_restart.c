/* What a start makes of the state folder: after a stop, with a session on the command line, when what is there cannot be loaded,
 * and when it crashes whoever loads it. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/suite.h"
#include "tests/system/studio.h"

static struct studio *studio;
static char state[100];
static const char *arguments[8] = {"--no-jack", "--state", state, NULL};

static void open_studio(void)
{
    studio = studio_open(&(struct studio_options){.no_server = true, .no_daemon = true, .arguments = arguments});
    snprintf(state, sizeof state, "%s/state", studio->folder);
    for (unsigned i = 3; i < 8; i++)
        arguments[i] = NULL;
}

static struct client *client(void)
{
    return &studio->client;
}

static void start(void)
{
    studio_start_daemon(studio);
}

static void stop(void)
{
    client_do(client(), "/quit");
    ck_assert(process_wait(&studio->dawd, 5));
    ck_assert_int_eq(studio->dawd.status, 0);
    client_close(client());
}

/* As a fault of the program ends it, or as the kernel does. */
static void end_by(int number)
{
    kill(studio->dawd.pid, number);
    ck_assert(process_wait(&studio->dawd, 5));
    ck_assert_int_eq(studio->dawd.status, 128 + number);
    client_close(client());
}

static char *dump(void)
{
    return strdup(answer_string(client_do(client(), "/graph/dump osc"), 0));
}

static void expect(const char *text)
{
    ck_assert_str_eq(answer_string(client_do(client(), "/graph/dump osc"), 0), text);
}

/* Result i of /session/state holds the words. */
static void expect_state(int i, const char *words)
{
    const char *text = answer_string(client_do(client(), "/session/state"), i);
    ck_assert_msg(strstr(text, words) != NULL, "\"%s\" is not in: %s", words, text);
}

static const char *path_in(const char *name)
{
    static char path[200];
    snprintf(path, sizeof path, "%s/%s", studio->folder, name);
    return path;
}

enum { FOLDER, ERROR, SNAPSHOT, JOURNAL, RECOVERED, GROUPS, DROPPED, ASIDE };

/* ---- good ends ------------------------------------------------------------------------------------------------------- */

START_TEST(a_daemon_that_was_stopped_goes_on_where_it_was)
{
    open_studio();
    start();
    client_do(client(), "/graph/add osc a");
    client_do(client(), "/session/save song.dawd");
    client_do(client(), "/graph/add gain b");
    client_do(client(), "/jack/connect out_1 system:playback_7 wait");
    char *text = dump();
    stop();
    start();
    expect(text);
    expect_state(RECOVERED, "goes on from the state folder: session \"song.dawd\", 0 groups");
    expect_state(ASIDE, "");
    const struct answer *answer = client_do(client(), "/session/info");
    ck_assert_str_eq(answer_string(answer, 1), "song.dawd");
    ck_assert_int_eq((int)answer_number(answer, 2), 1);
    client_do(client(), "/graph/remove b");
    client_do(client(), "/session/save");
    stop();
    free(text);
    studio_close(studio);
}
END_TEST

START_TEST(two_daemons_cannot_share_a_folder)
{
    open_studio();
    struct process second = {0};
    start();
    studio_spawn_daemon(studio, &second);
    ck_assert(process_wait(&second, 5));
    ck_assert_int_eq(second.status, 1);
    studio_close(studio);
}
END_TEST

START_TEST(without_a_folder_nothing_is_kept_and_that_is_said)
{
    open_studio();
    const char *plain[] = {"--no-jack", NULL};
    studio->options.arguments = plain;
    start();
    client_fail(client(), "unsupported", "/session/flush");
    ck_assert_str_eq(answer_string(client_do(client(), "/session/state"), FOLDER), "");
    studio->options.arguments = arguments;
    studio_close(studio);
}
END_TEST

/* ---- a session on the command line ----------------------------------------------------------------------------------- */

static void write_session(const char *lines)
{
    char text[400];
    snprintf(text, sizeof text, "# dawd session 1\n# by hand\n%s# end\n", lines);
    studio_write(studio, "song.dawd", text, strlen(text));
}

START_TEST(the_session_of_the_command_line_begins_and_then_the_state_goes_on)
{
    open_studio();
    char song[200];
    snprintf(song, sizeof song, "%s", path_in("song.dawd"));
    arguments[3] = song;
    write_session("/graph/add osc a\n");
    start();
    expect("/graph/add osc a\n");
    client_do(client(), "/graph/add gain b");
    client_do(client(), "/session/flush");
    end_by(SIGKILL);
    start();
    expect("/graph/add osc a\n/graph/add gain b\n");
    /* Saved by ourselves: not another file. */
    client_do(client(), "/session/save");
    client_do(client(), "/graph/add gain c");
    client_do(client(), "/session/flush");
    end_by(SIGKILL);
    start();
    expect("/graph/add osc a\n/graph/add gain b\n/graph/add gain c\n");
    /* Changed from outside, but there are edits. */
    write_session("/graph/add osc d\n");
    stop();
    start();
    expect("/graph/add osc a\n/graph/add gain b\n/graph/add gain c\n");
    expect_state(RECOVERED, "has changed, but is not loaded");
    /* And without edits. */
    client_do(client(), "/session/save other.dawd");
    write_session("/graph/add osc e\n");
    stop();
    start();
    expect("/graph/add osc e\n");
    expect_state(ASIDE, "/state/aside/000");
    stop();
    studio_close(studio);
}
END_TEST

START_TEST(another_session_on_the_command_line_is_loaded_and_the_state_kept_aside)
{
    open_studio();
    char song[200], command[300];
    snprintf(song, sizeof song, "%s", path_in("song.dawd"));
    start();
    client_do(client(), "/graph/add gain b");
    stop();
    write_session("/graph/add osc a\n");
    arguments[3] = song;
    start();
    expect("/graph/add osc a\n");
    expect_state(ASIDE, "/state/aside/0001.session");
    snprintf(command, sizeof command, "/session/load %s/state/aside/0001.session", studio->folder);
    client_do(client(), "%s", command);
    expect("/graph/add gain b\n");
    stop();
    studio_close(studio);
}
END_TEST

/* ---- what cannot be loaded ------------------------------------------------------------------------------------------- */

START_TEST(a_sound_that_is_gone_costs_the_groups_that_need_it)
{
    open_studio();
    float silence[480] = {0};
    studio_write_wav(studio, "hit.wav", silence, 480, 1);
    start();
    client_do(client(), "/graph/add osc a");
    client_do(client(), "/session/save song.dawd");
    pause_s(0.4); /* the snapshot */
    client_do(client(), "/graph/add osc b");
    client_do(client(), "/graph/add player p file hit.wav");
    client_do(client(), "/session/flush");
    end_by(SIGKILL);
    ck_assert_int_eq(unlink(path_in("hit.wav")), 0);
    start();
    expect("/graph/add osc a\n/graph/add osc b\n");
    expect_state(RECOVERED, "hit.wav");
    expect_state(ASIDE, "/state/aside/0001.session");
    stop();
    studio_close(studio);
}
END_TEST

START_TEST(a_sound_that_came_and_went_is_not_missed)
{
    open_studio();
    float silence[480] = {0};
    studio_write_wav(studio, "hit.wav", silence, 480, 1);
    start();
    client_do(client(), "/graph/add player p file hit.wav");
    client_do(client(), "/graph/remove p");
    client_do(client(), "/graph/add osc a");
    client_do(client(), "/session/flush");
    end_by(SIGKILL);
    ck_assert_int_eq(unlink(path_in("hit.wav")), 0);
    start();
    expect("/graph/add osc a\n");
    expect_state(ASIDE, "");
    stop();
    studio_close(studio);
}
END_TEST

START_TEST(a_torn_end_and_a_damaged_snapshot_are_told_and_kept_aside)
{
    open_studio();
    char name[200];
    start();
    client_do(client(), "/graph/add osc a");
    client_do(client(), "/session/save song.dawd");
    pause_s(0.4);
    client_do(client(), "/graph/add osc b");
    client_do(client(), "/session/flush");
    end_by(SIGKILL);
    snprintf(name, sizeof name, "%s/journal", state);
    FILE *journal = fopen(name, "a");
    fprintf(journal, "@ 200 0123456789abcdef\n5 /graph/add osc torn\n");
    fclose(journal);
    start();
    expect("/graph/add osc a\n/graph/add osc b\n");
    ck_assert_int_eq((int)answer_number(client_do(client(), "/session/state"), DROPPED), 1);
    expect_state(ASIDE, "/state/aside/0001.session");
    client_do(client(), "/graph/add osc c"); /* goes on behind what was whole */
    client_do(client(), "/session/flush");
    end_by(SIGKILL);
    start();
    expect("/graph/add osc a\n/graph/add osc b\n/graph/add osc c\n");
    stop();
    snprintf(name, sizeof name, "%s/session", state);
    FILE *session = fopen(name, "r+");
    fseek(session, 120, SEEK_SET);
    fputc('~', session);
    fclose(session);
    start();
    expect_state(RECOVERED, "session of the state folder cannot be taken: it is damaged");
    expect("/graph/add osc a\n"); /* the one before */
    stop();
    studio_close(studio);
}
END_TEST

/* ---- crashes --------------------------------------------------------------------------------------------------------- */

START_TEST(starts_that_crash_go_on_from_less_and_less_and_nothing_is_lost)
{
    open_studio();
    bool is_fine = true;
    static const char *const left[] = {"/graph/add osc a\n/graph/add osc b\n", "/graph/add osc a\n", ""};
    start();
    client_do(client(), "/graph/add osc a");
    client_do(client(), "/session/save song.dawd");
    pause_s(0.4);
    client_do(client(), "/graph/add osc b");
    client_do(client(), "/graph/add osc c");
    client_do(client(), "/session/flush");
    char *text = dump();
    for (unsigned i = 0; i < 3; i++) {
        end_by(i ? SIGSEGV : SIGABRT);
        start();
        char *now = dump();
        is_fine &= strcmp(now, left[i]) == 0;
        free(now);
    }
    const char *recovered = answer_string(client_do(client(), "/session/state"), RECOVERED);
    is_fine &= strstr(recovered, "no good end: starts with an empty session") != NULL;
    stop();
    /* What was there at first: with a little help, it is there again. */
    char from[200], to[200], command[1000];
    snprintf(from, sizeof from, "%s/aside/0001", state);
    snprintf(to, sizeof to, "%s", state);
    snprintf(command, sizeof command, "cp %s.session %s/session && cp %s.journal %s/journal", from, to, from, to);
    is_fine &= system(command) == 0;
    start();
    char *again = dump();
    bool is_kept = strcmp(again, text) == 0;
    printf("REL stairs taken=%s aside=%s %s\n", is_fine ? "3/3" : "wrong", is_kept ? "whole" : "lost",
           is_fine && is_kept ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(is_fine && is_kept);
    free(text);
    free(again);
    stop();
    studio_close(studio);
}
END_TEST

START_TEST(kills_are_no_crashes_until_nothing_else_happens)
{
    open_studio();
    start();
    client_do(client(), "/graph/add osc a");
    client_do(client(), "/session/flush");
    for (unsigned i = 0; i < 3; i++) {
        end_by(SIGKILL);
        start();
        expect("/graph/add osc a\n");
    }
    end_by(SIGKILL); /* the third that did nothing */
    start();
    expect("");
    expect_state(RECOVERED, "the last of them left out");
    stop();
    studio_close(studio);
}
END_TEST

START_TEST(what_crashes_the_daemon_when_it_is_done_is_left_out)
{
    open_studio();
    const char *environment[] = {"DAWD_MUTANT=crashing", NULL};
    studio->options.variant = "mutant";
    studio->options.environment = environment;
    start();
    client_do(client(), "/graph/add osc a");
    client_do(client(), "/session/flush");
    client_do(client(), "/graph/add osc b label crash");
    ck_assert(process_wait(&studio->dawd, 5));
    ck_assert_int_eq(studio->dawd.status, 128 + SIGABRT);
    client_close(client());
    start();
    expect("/graph/add osc a\n");
    pause_s(0.6);
    client_do(client(), "/graph/add osc c");
    stop();
    studio_close(studio);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {a_daemon_that_was_stopped_goes_on_where_it_was,
                            two_daemons_cannot_share_a_folder,
                            without_a_folder_nothing_is_kept_and_that_is_said,
                            the_session_of_the_command_line_begins_and_then_the_state_goes_on,
                            another_session_on_the_command_line_is_loaded_and_the_state_kept_aside,
                            a_sound_that_is_gone_costs_the_groups_that_need_it,
                            a_sound_that_came_and_went_is_not_missed,
                            a_torn_end_and_a_damaged_snapshot_are_told_and_kept_aside,
                            starts_that_crash_go_on_from_less_and_less_and_nothing_is_lost,
                            kills_are_no_crashes_until_nothing_else_happens,
                            what_crashes_the_daemon_when_it_is_done_is_left_out};
    return suite_run("restart", 60, tests, sizeof tests / sizeof tests[0]);
}
