/* What JACK withholds is named, with its cure, and the manual has both. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/jack_causes.h"
#include "daemon/jack_refusal.h"
#include "daemon/jack_rights.h"
#include "daemon/jack_shm.h"
#include "tests/suite.h"

#define MIB (1ull << 20)

static char text[JACK_CAUSE_BYTES];

/* The manual without its line breaks. */
static char *manual(void)
{
    static char page[1 << 17];
    FILE *file = fopen("docs/operation.md", "r");
    ck_assert_ptr_nonnull(file);
    page[fread(page, 1, sizeof page - 1, file)] = '\0';
    fclose(file);
    for (char *at = page; (at = strchr(at, '\n'));)
        *at = ' ';
    return page;
}

/* The longest piece of a sentence that has no value in it. */
static void longest_piece(const char *sentence, char *piece)
{
    *piece = '\0';
    while (*sentence) {
        size_t n = strcspn(sentence, "%");
        if (n > strlen(piece))
            sprintf(piece, "%.*s", (int)n, sentence);
        sentence += n;
        sentence += *sentence ? strcspn(sentence, "usx") + 1 : 0;
    }
}

START_TEST(the_manual_has_every_sentence_and_its_cure)
{
    const char *page = manual();
    for (unsigned i = JACK_CAUSE_NONE + 1; i < JACK_CAUSES; i++) {
        char piece[JACK_CAUSE_BYTES];
        ck_assert_msg(jack_causes[i].what && jack_causes[i].cure, "cause %u", i);
        longest_piece(jack_causes[i].what, piece);
        ck_assert_msg(strstr(page, piece), "docs/operation.md lacks \"%s\"", piece);
        ck_assert_msg(strstr(page, jack_causes[i].cure), "docs/operation.md lacks \"%s\"", jack_causes[i].cure);
    }
}
END_TEST

/* The last word of the cure tells that nothing was cut off. */
static void check_whole(enum jack_cause cause)
{
    const char *cure = jack_causes[cause].cure;
    ck_assert_msg(strlen(text) >= strlen(cure) && strcmp(text + strlen(text) - strlen(cure), cure) == 0, "cut: %s", text);
}

START_TEST(the_longest_values_leave_room_for_the_cure)
{
    char name[81];
    memset(name, 'n', 80);
    name[80] = '\0';
    for (unsigned i = JACK_CAUSE_NO_SERVER; i <= JACK_CAUSE_NO_ROOM; i++) {
        jack_cause_write(text, i, name, 999999u, 999999u, 999999u);
        check_whole(i);
    }
    jack_cause_write(text, JACK_CAUSE_NAME_TAKEN, name, name);
    check_whole(JACK_CAUSE_NAME_TAKEN);
    jack_cause_write(text, JACK_CAUSE_PORT_LIMIT, name, 2048u, 4095u, 4095u);
    check_whole(JACK_CAUSE_PORT_LIMIT);
    jack_cause_write(text, JACK_CAUSE_MEMLOCK, ~0u);
    check_whole(JACK_CAUSE_MEMLOCK);
    jack_cause_write(text, JACK_CAUSE_RT_FILTER, 99u);
    check_whole(JACK_CAUSE_RT_FILTER);
}
END_TEST

/* ---- real-time priority --------------------------------------------------------------------------------------------- */

START_TEST(a_refused_priority_is_the_fault_of_what_refused_it)
{
    const struct {
        struct jack_rights_facts facts;
        int code;
        const char *names;
    } rows[] = {
        {{0, false, false, false}, EPERM, "RLIMIT_RTPRIO is 0"},
        {{5, false, true, true}, EPERM, "RLIMIT_RTPRIO is 5 and would have to be at least 10"},
        {{0, true, false, false}, EPERM, "CONFIG_RT_GROUP_SCHED"}, /* the limit does not count for who may all */
        {{95, false, false, false}, EPERM, "CONFIG_RT_GROUP_SCHED"},
        {{95, false, true, false}, EPERM, "filter of system calls"},
        {{95, false, true, true}, EPERM, "CONFIG_RT_GROUP_SCHED"},
        {{95, false, false, false}, EINVAL, "Invalid argument"},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        jack_rights_explain(&rows[i].facts, 10, rows[i].code, text);
        ck_assert_msg(strstr(text, rows[i].names), "row %u: %s", i, text);
    }
}
END_TEST

/* ---- /dev/shm ------------------------------------------------------------------------------------------------------- */

START_TEST(a_dev_shm_that_no_server_fits_in_is_told_from_a_server_that_does_not_run)
{
    const struct {
        struct jack_shm shm;
        enum jack_cause admits, explains;
    } rows[] = {
        {{64 * MIB, 64 * MIB, 0, false}, JACK_CAUSE_NONE, JACK_CAUSE_SHM_SMALL},
        {{64 * MIB, 0, 64 * MIB, true}, JACK_CAUSE_SHM_SMALL, JACK_CAUSE_SHM_SMALL},   /* a server has just died of it */
        {{64 * MIB, 10 * MIB, 54 * MIB, true}, JACK_CAUSE_NONE, JACK_CAUSE_SHM_SMALL}, /* one with few ports may run */
        {{128 * MIB, 128 * MIB, 0, false}, JACK_CAUSE_NONE, JACK_CAUSE_NO_SERVER},
        {{128 * MIB, 25 * MIB, 103 * MIB, true}, JACK_CAUSE_NONE, JACK_CAUSE_NO_SERVER}, /* the next takes it over */
        {{128 * MIB, 60 * MIB, 0, false}, JACK_CAUSE_NONE, JACK_CAUSE_SHM_SMALL},        /* others fill it */
        {{128 * MIB, 100 << 10, 103 * MIB, true}, JACK_CAUSE_SHM_FULL, JACK_CAUSE_SHM_SMALL},
        {{128 * MIB, 0, 0, false}, JACK_CAUSE_NONE, JACK_CAUSE_SHM_SMALL},
        {{128 * MIB, 25 * MIB, 103 * MIB, true, true, 1000}, JACK_CAUSE_NONE, JACK_CAUSE_OTHER_USER},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
        ck_assert_msg(jack_shm_admit(&rows[i].shm, "default", text) == rows[i].admits, "row %u", i);
        ck_assert_msg(jack_shm_explain(&rows[i].shm, "default", text) == rows[i].explains, "row %u: %s", i, text);
    }
    jack_shm_explain(&rows[0].shm, "studio", text);
    ck_assert_msg(strstr(text, "\"studio\"") && strstr(text, "needs 104 MiB") && strstr(text, "64 of 64 are free"), "%s",
                  text);
}
END_TEST

static int listen_at(const char *folder, const char *name)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(at.sun_path, sizeof at.sun_path, "%s/%s", folder, name);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    ck_assert_int_eq(listen(fd, 1), 0);
    return fd;
}

START_TEST(a_server_of_another_user_is_seen_as_long_as_it_listens)
{
    char folder[] = "/tmp/dawd-shm-XXXXXX", name[64];
    struct jack_shm shm;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(name, sizeof name, "jack_studio_%u_0", (unsigned)getuid());
    int fds[] = {listen_at(folder, name), listen_at(folder, "jack_studio_b_77_0"), listen_at(folder, "jack_default_77_0"),
                 listen_at(folder, "jack_studio_77_0")};
    ck_assert(jack_shm_look(folder, "studio", &shm));
    ck_assert(shm.has_other);
    ck_assert_uint_eq(shm.other_uid, getuid()); /* whose socket it is */
    close(fds[3]);                              /* its file is still there */
    ck_assert(jack_shm_look(folder, "studio", &shm));
    ck_assert(!shm.has_other); /* ours, those of other names */
    for (unsigned i = 0; i < 3; i++)
        close(fds[i]);
    const char *const names[] = {name, "jack_studio_b_77_0", "jack_default_77_0", "jack_studio_77_0"};
    for (unsigned i = 0; i < 4; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(the_room_is_that_of_the_file_system)
{
    struct jack_shm shm;
    struct statvfs room;
    ck_assert(jack_shm_look("/dev/shm", "default", &shm));
    ck_assert_int_eq(statvfs("/dev/shm", &room), 0);
    ck_assert_uint_eq(shm.size_bytes, (uint64_t)room.f_blocks * room.f_frsize);
    ck_assert_uint_le(shm.free_bytes, shm.size_bytes);
    ck_assert(!jack_shm_look("/nowhere", "default", &shm));
}
END_TEST

/* ---- JACK's answers ------------------------------------------------------------------------------------------------- */

START_TEST(each_refusal_of_jack_has_its_sentence)
{
    const struct {
        int status;
        enum jack_cause cause;
    } rows[] = {
        {JackFailure | JackVersionError, JACK_CAUSE_VERSION},
        {JackFailure | JackServerFailed | JackShmFailure, JACK_CAUSE_SHM_FAILED},
        {JackFailure | JackServerError, JACK_CAUSE_BROKEN},
        {JackFailure, JACK_CAUSE_NO_ROOM},
        {JackFailure | JackNameNotUnique, JACK_CAUSE_NO_ROOM},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert_int_eq(jack_refusal_explain((jack_status_t)rows[i].status, "default", text), rows[i].cause);
    jack_refusal_explain(JackFailure | JackServerFailed, "default", text);
    ck_assert_ptr_nonnull(strstr(text, "no such server runs"));
    jack_refusal_compare_names("dawd", "dawd-01", text);
    ck_assert_ptr_nonnull(strstr(text, "\"dawd\" is taken, this one is \"dawd-01\""));
    jack_refusal_compare_names("dawd", "dawd", text);
    ck_assert_str_eq(text, "");
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("jack_causes");
    tcase_add_test(tcase, the_manual_has_every_sentence_and_its_cure);
    tcase_add_test(tcase, the_longest_values_leave_room_for_the_cure);
    tcase_add_test(tcase, a_refused_priority_is_the_fault_of_what_refused_it);
    tcase_add_test(tcase, a_dev_shm_that_no_server_fits_in_is_told_from_a_server_that_does_not_run);
    tcase_add_test(tcase, a_server_of_another_user_is_seen_as_long_as_it_listens);
    tcase_add_test(tcase, the_room_is_that_of_the_file_system);
    tcase_add_test(tcase, each_refusal_of_jack_has_its_sentence);
    return suite_run_case("jack_causes", tcase);
}
