/* A state folder that cannot be written to: it is said, nothing else is disturbed, and all is there when it can be again. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "tests/suite.h"
#include "tests/system/studio.h"

#define NODES     120
#define MOST_FULL 4000 /* bytes of a file: less than the nodes take, more than the log */

static struct studio *studio;

static void limit(rlim_t most)
{
    struct rlimit limit = {most, RLIM_INFINITY};
    ck_assert_int_eq(prlimit(studio->dawd.pid, RLIMIT_FSIZE, &limit, NULL), 0);
}

static const char *error(void)
{
    return answer_string(client_do(&studio->client, "/session/state"), 1);
}

static unsigned count_said(const char *what)
{
    unsigned n = 0;
    for (const char *at = process_output(&studio->dawd); (at = strstr(at, what)); at++)
        n++;
    return n;
}

START_TEST(what_cannot_be_kept_is_said_once_and_kept_as_soon_as_it_can_be)
{
    char state[100];
    const char *arguments[] = {"--no-jack", "--state", state, NULL};
    studio = studio_open(&(struct studio_options){.no_server = true, .no_daemon = true, .arguments = arguments});
    snprintf(state, sizeof state, "%s/state", studio->folder);
    studio_start_daemon(studio);
    client_do(&studio->client, "/graph/add osc first");
    client_do(&studio->client, "/session/flush");
    limit(MOST_FULL);
    for (unsigned i = 0; i < NODES; i++)
        client_do(&studio->client, "/graph/add gain n%u label \"one of many that take some room in a file\"", i);
    client_fail(&studio->client, "io", "/session/flush");
    ck_assert_str_ne(error(), "");
    pause_s(2.5); /* two more tries */
    ck_assert_str_ne(error(), "");
    client_do(&studio->client, "/node/first/freq 333.0");
    char *text = strdup(answer_string(client_do(&studio->client, "/graph/dump osc"), 0));
    limit(RLIM_INFINITY);
    client_do(&studio->client, "/session/flush");
    ck_assert_str_eq(error(), "");
    ck_assert_uint_eq(count_said("what is done is not kept"), 1);
    ck_assert_uint_eq(count_said("what is done is kept again"), 1);
    ck_assert_int_eq(kill(studio->dawd.pid, SIGKILL), 0);
    ck_assert(process_wait(&studio->dawd, 5));
    client_close(&studio->client);
    studio_start_daemon(studio);
    ck_assert_str_eq(answer_string(client_do(&studio->client, "/graph/dump osc"), 0), text);
    free(text);
    studio_close(studio);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {what_cannot_be_kept_is_said_once_and_kept_as_soon_as_it_can_be};
    return suite_run("full state folder", 60, tests, sizeof tests / sizeof tests[0]);
}
