/* The examples do what they say with a real daemon, and the page has no address that the daemon does not know. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/node.h"
#include "tests/json.h"
#include "tests/suite.h"
#include "tests/system/studio.h"

static char output[1 << 16];

static void run(const char *program, const char *first, const char *second)
{
    int status = process_run((const char *const[]){program, first, second, NULL}, output, sizeof output);
    ck_assert_msg(status == 0, "%s: %d: %s", program, status, output);
}

static const char *number(char *text, size_t n, unsigned value)
{
    snprintf(text, n, "%u", value);
    return text;
}

START_TEST(the_shell_script_builds_sets_and_measures)
{
    struct studio *studio = studio_open(&(struct studio_options){0});
    char port[16], listen[16];
    double left;
    run("scripts/examples/chorus.sh", number(port, sizeof port, studio->port),
        number(listen, sizeof listen, studio->port + 1000));
    const char *names[] = {"tone: ", "voice1: ", "voice2: ", "voice3: "};
    for (unsigned i = 0; i < ROWS(names); i++) {
        const char *line = strstr(output, names[i]);
        ck_assert_msg(line && sscanf(line + strlen(names[i]), "%lf", &left) == 1 && left > -60 && left < 6, "%s", output);
    }
    ck_assert_int_eq(client_do(&studio->client, "/graph/list")->done, 1);
    client_fail(&studio->client, "no_such_node", "/node/chorus/tone/cutoff");
    studio_close(studio);
}
END_TEST

START_TEST(the_pad_makes_room_for_the_kick_and_comes_back)
{
    struct studio *studio = studio_open(&(struct studio_options){0});
    char port[16];
    double most, least;
    setenv("DAWCTL", studio_build(NULL, "dawctl"), 1);
    setenv("SECONDS_TO_LISTEN", "2", 1);
    run("scripts/examples/ducking.sh", "--port", number(port, sizeof port, studio->port));
    const char *words = "the pad is ducked by %lf dB at most, and between two kicks by %lf dB";
    ck_assert_msg(sscanf(output, words, &most, &least) == 2 && most > 12 && least < 2, "%s", output);
    ck_assert_int_eq(client_do(&studio->client, "/graph/list")->done, 1);
    client_fail(&studio->client, "no_such_node", "/node/duck/comp/threshold");
    studio_close(studio);
}
END_TEST

START_TEST(the_python_client_asks_and_listens)
{
    struct studio *studio = studio_open(&(struct studio_options){0});
    char port[16];
    client_do(&studio->client, "/graph/add noise tone");
    client_do(&studio->client, "/graph/add gain half gain -6.0");
    client_do(&studio->client, "/graph/connect tone half");
    client_do(&studio->client, "/graph/connect half out");
    run("scripts/examples/meters.py", number(port, sizeof port, studio->port), "40");
    ck_assert_msg(strstr(output, "dawd ") && strstr(output, " Hz\n"), "%s", output);
    ck_assert_msg(strstr(output, "/node/half/gain -6 dB\n1 gains\n"), "%s", output);
    ck_assert_msg(strstr(output, "/node/half/out/peak -"), "%s", output);
    studio_close(studio);
}
END_TEST

/* A value can be read, a command described. */
static void check_address(struct studio *studio, const char *address)
{
    if (strncmp(address, "/node/", 6) == 0)
        client_do(&studio->client, "%s", address);
    else
        client_do(&studio->client, "/describe %s", address);
}

START_TEST(every_address_of_the_page_is_known)
{
    struct studio *studio =
        studio_open(&(struct studio_options){.no_server = true, .arguments = (const char *const[]){"--no-jack", NULL}});
    struct json json = {0};
    char path[64];
    const char *address;
    unsigned n = 0;
    run("cat", "scripts/examples/page.json", NULL);
    ck_assert(json_read(&json, output));
    for (snprintf(path, sizeof path, "content.widgets[0].address"); (address = json_find(&json, path)); n++) {
        check_address(studio, address);
        snprintf(path, sizeof path, "content.widgets[%u].on", n);
        const char *pattern = json_find(&json, path);
        if (pattern && strncmp(pattern, "/node/", 6) == 0)
            client_do(&studio->client, "/sub %s", pattern);
        snprintf(path, sizeof path, "content.widgets[%u].address", n + 1);
    }
    ck_assert_uint_ge(n, 6);
    json_free(&json);
    studio_close(studio);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {the_shell_script_builds_sets_and_measures, the_pad_makes_room_for_the_kick_and_comes_back,
                            the_python_client_asks_and_listens, every_address_of_the_page_is_known};
    return suite_run("examples", 60, tests, ROWS(tests));
}
