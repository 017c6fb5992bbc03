/* A JACK server, or a system, that does not give what a running graph needs.
 * Lane: alone */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/jack_rows.h"
#include "tests/system/studio.h"

START_TEST(what_is_withheld_is_named_at_once_with_its_cure)
{
    ck_assert(jack_row_j4(&(struct jack_row){0}));
}
END_TEST

static bool tells(struct studio *studio, const char *text, double timeout_s)
{
    for (double end = now_s() + timeout_s; now_s() < end; pause_s(0.02)) {
        const struct answer *answer = client_do(&studio->client, "/jack/info");
        for (int i = 0; i < answer_count(answer); i++)
            if (strstr(answer_string(answer, i), text))
                return true;
    }
    return false;
}

START_TEST(a_full_dev_shm_is_waited_out)
{
    ck_assert(jack_row_j4_full(&(struct jack_row){0}));
}
END_TEST

START_TEST(a_server_of_few_ports_fits_into_a_small_dev_shm)
{
    jack_rows_own_room("64m");
    struct studio *studio = studio_open(&(struct studio_options){.port_max = 512});
    ck_assert(studio_has_port(studio, "dut:out_2"));
    studio_close(studio);
}
END_TEST

START_TEST(a_server_of_another_user_is_told_from_none)
{
    struct studio *studio = studio_open(&(struct studio_options){.no_server = true});
    char log[128];
    snprintf(log, sizeof log, "%s/jackd.log", studio->folder);
    const char *argv[] = {"setpriv", "--reuid=65534", "--clear-groups", "jackd", "-n", studio->server, "-d", "dummy", NULL};
    ck_assert(tells(studio, "no such server runs", 5));
    process_start(&studio->jackd, log, argv, NULL);
    ck_assert(tells(studio, "it runs as the user with number 65534, out of reach", 5));
    process_stop(&studio->jackd);
    ck_assert(tells(studio, "no such server runs", 5));
    studio_close(studio);
}
END_TEST

/* As a kernel with CONFIG_RT_GROUP_SCHED does for a control group without a share: by a library before libc. */
START_TEST(a_control_group_without_a_share_is_told_from_a_limit)
{
    char preload[1100];
    snprintf(preload, sizeof preload, "LD_PRELOAD=%s", studio_build(NULL, "tests/system/preload_noshare.so"));
    struct studio *studio = studio_open(&(struct studio_options){.environment = (const char *const[]){preload, NULL}});
    ck_assert(tells(studio, "the control group has no real-time share (CONFIG_RT_GROUP_SCHED)", 5));
    ck_assert(process_says(&studio->dawd, "CONFIG_RT_GROUP_SCHED", 0));
    studio_close(studio);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        what_is_withheld_is_named_at_once_with_its_cure,      a_full_dev_shm_is_waited_out,
        a_server_of_few_ports_fits_into_a_small_dev_shm,      a_server_of_another_user_is_told_from_none,
        a_control_group_without_a_share_is_told_from_a_limit,
    };
    return suite_run("misconfigured", 60, tests, ROWS(tests));
}
