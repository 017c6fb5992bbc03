/* A process callback that does not end, one that stands still for a while, and one that is always too late, on a real server. The
 * mutant build has a filter that does so a second after it began to run. Lane: alone */
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/node.h"
#include "tests/jack_rig.h"
#include "tests/spectrum.h"
#include "tests/suite.h"
#include "tests/system/loopback.h"

#define RATE      48000
#define RESTART_S 1.0 /* RestartSec of the units */
#define KILLED_S  0.5
#define PLAYING_S 3.0
#define LEVEL     0.5012 /* -6 dB */

struct scene {
    struct studio *studio;
    struct jack_ear ear;
    const char *environment[2];
    const char *arguments[5];
    char folder[160];
};

/* The state that is lost, or not: nobody saves it. */
static void build(struct studio *studio)
{
    client_do(&studio->client, "/graph/add osc tone freq 1000.0 level -6.0");
    client_do(&studio->client, "/graph/add filter spinner cutoff 20000.0");
    client_do(&studio->client, "/graph/connect tone spinner");
    client_do(&studio->client, "/graph/connect spinner out");
    client_do(&studio->client, "/jack/connect out_1 ear:in wait");
}

static bool hears(struct scene *scene, bool is_loud, double timeout_s)
{
    for (double end = now_s() + timeout_s; now_s() < end; pause_s(0.005))
        if ((atomic_load(&scene->ear.heard) > LEVEL / 2) == is_loud)
            return true;
    return false;
}

/* A daemon with this flaw that plays to the ear, and keeps its state. */
static void scene_open(struct scene *scene, const char *flaw)
{
    struct jack_rig rig = {0};
    *scene = (struct scene){.studio = studio_open(&(struct studio_options){.no_daemon = true, .variant = "mutant"})};
    snprintf(rig.name, sizeof rig.name, "%s", scene->studio->server);
    jack_ear_open(&scene->ear, &rig);
    snprintf(scene->folder, sizeof scene->folder, "%s/state", scene->studio->folder);
    scene->arguments[0] = "--state";
    scene->arguments[1] = scene->folder;
    scene->arguments[2] = "--limit"; /* the start was a good one: nothing of the state is suspect */
    scene->arguments[3] = "settle=0";
    scene->environment[0] = flaw;
    scene->studio->options.arguments = scene->arguments;
    scene->studio->options.environment = scene->environment;
    studio_start_daemon(scene->studio);
    build(scene->studio);
    ck_assert_msg(hears(scene, true, 5), "nothing plays");
}

static void scene_close(struct scene *scene)
{
    jack_ear_close(&scene->ear);
    studio_close(scene->studio);
}

/* The end of the row's line. */
static bool verdict(const char *mutant, bool passes)
{
    if (!mutant)
        printf(" %s\n", passes ? "PASS" : "FAIL");
    fflush(stdout);
    return passes;
}

/* ---- J5 --------------------------------------------------------------------------------------------------------------- */

/* Seconds from the beginning of the endless callback to the end of the process; more than enough when there is none. */
static double life_of_spin(struct process *dawd)
{
    bool ended = process_wait(dawd, 3);
    const char *begin = strstr(process_output(dawd), "spins since ");
    return ended && begin ? now_s() - strtod(begin + strlen("spins since "), NULL) : INFINITY;
}

static double seconds_to_sound(struct scene *scene)
{
    double ended = now_s();
    atomic_store(&scene->ear.heard, 0);
    pause_s(RESTART_S);
    scene->environment[0] = NULL;
    studio_spawn_daemon(scene->studio, &scene->studio->dawd);
    return hears(scene, true, 10) ? now_s() - ended : INFINITY;
}

static bool row_j5(const char *mutant, const char *flaw)
{
    struct scene scene;
    scene_open(&scene, flaw);
    struct process *dawd = &scene.studio->dawd;
    double life_s = life_of_spin(dawd), sound_s = INFINITY;
    bool is_named = strstr(process_output(dawd), "without a pause, in spinner: ended by SIGXCPU") != NULL;
    int status = dawd->pid ? 0 : dawd->status;
    if (!dawd->pid)
        sound_s = seconds_to_sound(&scene);
    if (!mutant)
        printf("REL J5 killed_after_s=%.2f signal=%d named=%s playing_after_s=%.2f", life_s, status - 128,
               is_named ? "spinner" : "no", sound_s);
    if (dawd->pid)
        kill(dawd->pid, SIGKILL);
    process_wait(dawd, 2);
    scene_close(&scene);
    return verdict(mutant, life_s <= KILLED_S && status == 128 + SIGXCPU && is_named && sound_s <= PLAYING_S);
}

START_TEST(a_callback_that_does_not_end_is_ended_and_the_last_state_plays_again)
{
    ck_assert(row_j5(NULL, "DAWD_MUTANT=spin@node"));
}
END_TEST

/* ---- what is late, but ends --------------------------------------------------------------------------------------------- */

static double stat_of(struct studio *studio, const char *name)
{
    const struct answer *answer = client_do(&studio->client, "/stats");
    for (int i = 0; i + 1 < answer_count(answer); i += 2)
        if (strcmp(answer_string(answer, i), name) == 0)
            return answer_number(answer, i + 1);
    return NAN;
}

static bool row_j6(const char *mutant, const char *flaw)
{
    struct scene scene;
    struct loopback loopback;
    scene_open(&scene, flaw);
    struct studio *studio = scene.studio;
    loopback_open(&loopback, studio);
    double ours = stat_of(studio, "xruns"), theirs = atomic_load(&loopback.xruns);
    pause_s(2.5);
    ours = stat_of(studio, "xruns") - ours;
    theirs = atomic_load(&loopback.xruns) - theirs;
    bool is_back = hears(&scene, true, 1);
    double losses = stat_of(studio, "server_losses"), gaps_s = stat_of(studio, "lost_frames") / RATE;
    loopback_close(&loopback);
    scene_close(&scene);
    if (!mutant)
        printf("REL J6 stall_s=0.5 resumed=%s xruns=%.0f of_jack=%.0f losses=%.0f lost_s=%.2f", is_back ? "yes" : "no",
               ours, theirs, losses, gaps_s);
    return verdict(mutant, is_back && theirs >= 1 && fabs(ours - theirs) <= 1 && losses == 0);
}

START_TEST(after_a_stall_the_sound_goes_on_and_the_xruns_are_those_that_jack_counts)
{
    ck_assert(row_j6(NULL, "DAWD_MUTANT=stall@node"));
}
END_TEST

/* More work than there is time for: late, and alive. */
static bool row_overload(const char *mutant, const char *flaw)
{
    struct scene scene;
    scene_open(&scene, flaw);
    bool is_dead = process_wait(&scene.studio->dawd, 4);
    double overruns = is_dead ? 0 : stat_of(scene.studio, "overruns");
    scene_close(&scene);
    if (!mutant)
        printf("REL J5o overload_percent=112 seconds=3 overruns=%.0f alive=%s", overruns, is_dead ? "no" : "yes");
    return verdict(mutant, !is_dead && overruns > 100);
}

START_TEST(a_graph_that_is_too_much_for_the_machine_is_late_and_goes_on)
{
    ck_assert(row_overload(NULL, "DAWD_MUTANT=toil@node"));
}
END_TEST

/* ---- teeth --------------------------------------------------------------------------------------------------------------- */

static const struct {
    const char *id, *flaw;
    bool (*row)(const char *mutant, const char *flaw);
} teeth[] = {
    {"J5m", "DAWD_MUTANT=spin@node,untimed", row_j5},
    {"J6m", "DAWD_MUTANT=stall@node,uncounted", row_j6},
    {"J5om", "DAWD_MUTANT=toil@node,tireless", row_overload},
};

START_TEST(each_row_fails_on_the_flaw_that_it_is_there_for)
{
    for (unsigned i = 0; i < ROWS(teeth); i++) {
        bool caught = !teeth[i].row(teeth[i].id, teeth[i].flaw);
        printf("REL %s mutants_caught=%d/1 %s\n", teeth[i].id, caught, caught ? "PASS" : "FAIL");
        fflush(stdout);
        ck_assert_msg(caught, "not noticed: %s", teeth[i].flaw);
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        a_callback_that_does_not_end_is_ended_and_the_last_state_plays_again,
        after_a_stall_the_sound_goes_on_and_the_xruns_are_those_that_jack_counts,
        a_graph_that_is_too_much_for_the_machine_is_late_and_goes_on,
        each_row_fails_on_the_flaw_that_it_is_there_for,
    };
    return suite_run("jack spin", 60, tests, ROWS(tests));
}
