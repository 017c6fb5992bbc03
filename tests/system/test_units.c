/* The units of systemd as they are installed: what systemd says of them, and how far they are sealed off. */
#include <stdio.h>
#include <string.h>

#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/installed.h"

#define SYSTEM_MOST 2.0
#define USER_MOST   2.0
#define ROOTED_MOST 2.1 /* the user's unit word for word: 0.4 are counted for a root whom its manager cannot start */

struct verdict {
    double system, user, rooted; /* exposure, from 0 to 10 */
    bool is_clean;               /* nothing to say */
    bool opens_files;            /* nothing forbids openat2(), by which they are opened */
    bool holds;                  /* what a user's manager is asked for it can give */
};

/* What `systemd-analyze` makes of a unit. */
static double exposure(const char *unit)
{
    char command[300];
    double exposure = 10;
    snprintf(command, sizeof command, "systemd-analyze security --offline=true --no-pager %s | tail -n 1", unit);
    const char *said = installed_in_place(command), *at = strstr(said, ".service: ");
    ck_assert_msg(at && sscanf(at, ".service: %lf", &exposure) == 1, "%s: %s", unit, said);
    return exposure;
}

/* The unit of a user, and with it in words what its manager cannot but give: a user who is not root. */
static double exposure_of_a_user(const struct studio *studio)
{
    char command[512];
    snprintf(command, sizeof command, "sed '/^UMask/a User=somebody' %s >%s/user.service",
             installed_path("lib/systemd/user/dawd.service"), studio->folder);
    installed_shell(command);
    snprintf(command, sizeof command, "%s/user.service", studio->folder);
    return exposure(command);
}

/* RestrictSUIDSGID, which DynamicUser brings with it, takes openat2() away: seen under a running systemd, told by no tool. */
static bool opens_files(void)
{
    if (*installed_in_place("grep -lE \"^(RestrictSUIDSGID|DynamicUser)=\" /usr/lib/systemd/*/dawd.service || true"))
        return false;
    return strstr(installed_in_place("systemd-analyze syscall-filter @system-service @file-system"), "openat2");
}

/* Without PrivateUsers it does not start (218/CAPABILITIES), nor with User (216/GROUP); the others are taken and do nothing,
 * so that the figure would be better than the unit. Seen under a running user's manager, told by no tool. */
static bool user_holds(void)
{
    return *installed_in_place(
               "grep -E \"^(User|ProtectProc|ProcSubset|IPAddress[A-Z].*)=\" /usr/lib/systemd/user/dawd.service; "
               "grep -q ^PrivateUsers=yes /usr/lib/systemd/user/dawd.service || echo none") == '\0';
}

static struct verdict judge(const struct studio *studio)
{
    struct verdict verdict = {.system = exposure("dawd.service"), .user = exposure_of_a_user(studio)};
    verdict.rooted = exposure(installed_path("lib/systemd/user/dawd.service"));
    const char *said = installed_in_place("systemd-analyze verify --man=no dawd.service jackd.service; "
                                          "systemd-analyze verify --user --man=no dawd.service");
    verdict.is_clean = *said == '\0';
    if (!verdict.is_clean)
        printf("%s\n", said);
    verdict.opens_files = opens_files();
    verdict.holds = user_holds();
    return verdict;
}

static bool is_fine(const struct verdict *verdict)
{
    return verdict->is_clean && verdict->opens_files && verdict->holds && verdict->system <= SYSTEM_MOST &&
           verdict->user <= USER_MOST && verdict->rooted <= ROOTED_MOST;
}

START_TEST(the_services_are_hardly_exposed_and_systemd_has_nothing_to_say_about_them)
{
    struct studio *studio = installed_open();
    struct verdict verdict = judge(studio);
    printf(
        "REL S1 exposure_system=%.1f exposure_user=%.1f exposure_user_as_root=%.1f verify=%s openat2=%s user_unit=%s %s\n",
        verdict.system, verdict.user, verdict.rooted, verdict.is_clean ? "clean" : "complains",
        verdict.opens_files ? "allowed" : "forbidden", verdict.holds ? "holds" : "pretends",
        is_fine(&verdict) ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(is_fine(&verdict));
    studio_close(studio);
}
END_TEST

/* What sed makes of an installed unit. */
static const struct {
    const char *unit, *change;
} flaws[] = {
    {"system/dawd.service", "/^CapabilityBoundingSet=/d"},
    {"user/dawd.service", "/^SystemCallFilter=/d"},
    {"user/dawd.service", "/^PrivateUsers=/d"},
    {"user/dawd.service", "/^ProtectSystem=/d"},
    {"user/dawd.service", "/^UMask=/a ProtectProc=invisible"},
    {"user/dawd.service", "s/^RestartSec=/RestartSeconds=/"},
    {"system/jackd.service", "s|/usr/bin/jackd|/usr/bin/no-such-jackd|"},
    {"system/dawd.service", "/^UMask=/a RestrictSUIDSGID=yes"},
};

START_TEST(a_unit_that_is_open_or_wrong_is_noticed)
{
    unsigned caught = 0;
    for (unsigned i = 0; i < ROWS(flaws); i++) {
        struct studio *studio = installed_open();
        char command[400], path[64];
        snprintf(path, sizeof path, "lib/systemd/%s", flaws[i].unit);
        snprintf(command, sizeof command, "sed -i '%s' %s", flaws[i].change, installed_path(path));
        installed_shell(command);
        struct verdict verdict = judge(studio);
        caught += !is_fine(&verdict);
        if (is_fine(&verdict))
            printf("not noticed: %s\n", flaws[i].change);
        studio_close(studio);
    }
    printf("REL S1m mutants_caught=%u/%zu %s\n", caught, ROWS(flaws), caught == ROWS(flaws) ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert_uint_eq(caught, ROWS(flaws));
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        the_services_are_hardly_exposed_and_systemd_has_nothing_to_say_about_them,
        a_unit_that_is_open_or_wrong_is_noticed,
    };
    return suite_run("units", 60, tests, ROWS(tests));
}
