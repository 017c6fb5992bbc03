/* What goes beyond a limit is refused in words, and nothing of it is done. */
#include <stdio.h>
#include <string.h>

#include "tests/osc_rig.h"

static struct osc_rig rig;

static void setup(void)
{
    osc_rig_open(&rig);
}

static void teardown(void)
{
    osc_rig_close(&rig);
}

static void limit(enum limit row, uint64_t most)
{
    rig.ctl->limits.most[row] = most;
}

START_TEST(one_node_more_than_may_be_is_refused)
{
    limit(LIMIT_NODES, 4);
    osc_rig_do(&rig, "/graph/add gain a");
    osc_rig_do(&rig, "/graph/add gain b");
    osc_rig_refuse(&rig, "/graph/add gain c", ERROR_TOO_BIG, "4 nodes", "nodes=N", NULL);
    osc_rig_do(&rig, "/graph/remove a");
    osc_rig_do(&rig, "/graph/add gain c");
}
END_TEST

START_TEST(one_connection_more_than_may_be_is_refused_and_an_old_one_can_be_changed)
{
    limit(LIMIT_CONNECTIONS, 1);
    osc_rig_do(&rig, "/graph/add gain a");
    osc_rig_do(&rig, "/graph/connect in a");
    osc_rig_refuse(&rig, "/graph/connect a out", ERROR_TOO_BIG, "1 connections", "connections=N", NULL);
    osc_rig_do(&rig, "/graph/connect in a gain -6");
    osc_rig_do(&rig, "/graph/disconnect in a");
    osc_rig_do(&rig, "/graph/connect a out");
}
END_TEST

START_TEST(one_port_more_than_the_sound_card_may_have_is_refused)
{
    limit(LIMIT_DEVICE_PORTS, 6);
    osc_rig_do(&rig, "/graph/add input more");
    osc_rig_refuse(&rig, "/graph/add output even_more", ERROR_TOO_BIG, "6 ports", "device-ports=N", NULL);
    osc_rig_do(&rig, "/graph/remove more");
    osc_rig_wait(&rig);
    osc_rig_do(&rig, "/graph/add output even_more");
}
END_TEST

/* A delay's line is the largest thing that a small message makes. */
START_TEST(memory_has_an_end_and_comes_back)
{
    char line[64];
    unsigned n = 0;
    limit(LIMIT_MEMORY, 64);
    size_t before = rig.ctl->model.n_bytes;
    for (bool fits = true; fits; n += fits) {
        snprintf(line, sizeof line, "/graph/add delay d%u", n);
        fits = strncmp(osc_rig_ask(&rig, line), "/done", 5) == 0;
    }
    ck_assert_uint_gt(n, 2);
    ck_assert_uint_le(rig.ctl->model.n_bytes, 64u << 20);
    osc_rig_refuse(&rig, line, ERROR_TOO_BIG, "of 64 MiB", "memory=N", NULL);
    while (n--) {
        snprintf(line, sizeof line, "/graph/remove d%u", n);
        osc_rig_do(&rig, line);
    }
    osc_rig_wait(&rig);
    osc_rig_do(&rig, "/graph/add gain last"); /* what has left leaves with the next change */
    osc_rig_do(&rig, "/graph/remove last");
    osc_rig_wait(&rig);
    ck_assert_uint_le(rig.ctl->model.n_bytes, before + 65536);
}
END_TEST

START_TEST(so_many_answers_can_be_measured_at_once)
{
    limit(LIMIT_WAITS, 2);
    osc_rig_send(&rig, "/stats/profile 0.1");
    osc_rig_send(&rig, "/stats/profile 0.1");
    osc_rig_send(&rig, "/stats/profile 0.1");
    osc_rig_expect(&rig, "/fail * busy *2 answers*");
    osc_rig_wait(&rig);
}
END_TEST

START_TEST(so_many_requests_can_wait_for_files)
{
    limit(LIMIT_LOADS, 2);
    osc_rig_send(&rig, "/graph/add player a file a.wav");
    osc_rig_send(&rig, "/graph/add player b file b.wav");
    osc_rig_refuse(&rig, "/graph/add player c file c.wav", ERROR_TOO_BIG, "2 requests", NULL);
}
END_TEST

START_TEST(every_limit_has_words_and_a_default_within_its_range)
{
    struct limits limits = limits_default();
    for (unsigned i = 0; i < N_LIMITS; i++) {
        const struct limit_info *info = &limit_infos[i];
        ck_assert_msg(*info->name && *info->help && info->help[strlen(info->help) - 1] != '.', "%s", info->name);
        ck_assert_msg(info->lowest <= info->initial && info->initial <= info->highest, "%s", info->name);
        ck_assert_uint_eq(limits.most[i], info->initial);
        for (unsigned k = 0; k < i; k++)
            ck_assert_str_ne(info->name, limit_infos[k].name);
    }
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        one_node_more_than_may_be_is_refused,
        one_connection_more_than_may_be_is_refused_and_an_old_one_can_be_changed,
        one_port_more_than_the_sound_card_may_have_is_refused,
        memory_has_an_end_and_comes_back,
        so_many_answers_can_be_measured_at_once,
        so_many_requests_can_wait_for_files,
        every_limit_has_words_and_a_default_within_its_range,
    };
    return osc_rig_suite("limits", setup, teardown, tests, sizeof tests / sizeof *tests);
}
