#include <check.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/files.h"
#include "tests/suite.h"

/* A folder of its own for each test:
 *     outside.wav   secret/x.wav   link -> root
 *     root/a.wav  root/sub/b.wav  root/leaf -> a.wav  root/way -> sub  root/out -> ../outside.wav  root/up -> ..
 *     root/pipe  root/socket  root/closed.wav (mode 0)
 *     second/a.wav  second/only.wav
 */
static char base[PATH_MAX];
static struct files files;
static struct error error;

static const char *path_of(const char *name)
{
    static char path[2][PATH_MAX + 64];
    static unsigned turn;
    char *text = path[turn++ % 2];
    snprintf(text, sizeof path[0], "%s/%s", base, name);
    return text;
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

static void make_socket(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path_of(name));
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    close(fd);
}

static void set_up(void)
{
    char template[] = "/tmp/dawd-files-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(template));
    ck_assert_ptr_nonnull(realpath(template, base));
    mkdir(path_of("root"), 0755);
    mkdir(path_of("root/sub"), 0755);
    mkdir(path_of("second"), 0755);
    mkdir(path_of("secret"), 0755);
    write_file("outside.wav", "outside");
    write_file("secret/x.wav", "secret");
    write_file("root/a.wav", "a");
    write_file("root/sub/b.wav", "b");
    write_file("second/a.wav", "second a");
    write_file("second/only.wav", "only");
    write_file("root/closed.wav", "closed");
    chmod(path_of("root/closed.wav"), 0);
    ck_assert_int_eq(symlink("root", path_of("link")), 0);
    ck_assert_int_eq(symlink("a.wav", path_of("root/leaf")), 0);
    ck_assert_int_eq(symlink("sub", path_of("root/way")), 0);
    ck_assert_int_eq(symlink("../outside.wav", path_of("root/out")), 0);
    ck_assert_int_eq(symlink("..", path_of("root/up")), 0);
    ck_assert_int_eq(mkfifo(path_of("root/pipe"), 0644), 0);
    make_socket("root/socket");
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
    (void)stat, (void)type, (void)ftw;
    return remove(path);
}

static void tear_down(void)
{
    files_deinit(&files);
    ck_assert_int_eq(chdir("/"), 0);
    nftw(base, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void open_roots(const char *first, const char *second)
{
    const char *const folders[] = {first, second};
    ck_assert_int_eq(files_init(&files, folders, second ? 2 : 1, &error), 0);
}

static void expect_text(const char *path, const char *text)
{
    char got[64] = "";
    int fd = files_open(&files, path, &error);
    ck_assert_msg(fd >= 0, "%s: %s", path, error.text);
    ck_assert_int_ge(read(fd, got, sizeof got - 1), 0);
    ck_assert_str_eq(got, text);
    close(fd);
}

static void expect_refusal(const char *path, enum error_code code)
{
    error = (struct error){0};
    int fd = files_open(&files, path, &error);
    ck_assert_msg(fd == -1, "%s was opened", path);
    ck_assert_msg(error.code == code, "%s: %s, not %s: %s", path, error_symbol(error.code), error_symbol(code), error.text);
    for (const char *p = error.text; *p; p++)
        ck_assert_msg((unsigned char)*p >= 32, "a control character in the error text");
}

START_TEST(a_plain_name_opens_beneath_the_root)
{
    open_roots(path_of("root"), NULL);
    expect_text("a.wav", "a");
    expect_text("sub/b.wav", "b");
    expect_text("./sub//../sub/b.wav", "b");
}
END_TEST

START_TEST(an_absolute_name_opens_in_either_spelling_of_its_root)
{
    open_roots(path_of("link"), NULL);
    expect_text(path_of("link/a.wav"), "a");
    expect_text(path_of("root/a.wav"), "a");
    expect_text(path_of("root//sub/b.wav"), "b");
    expect_refusal(path_of("outside.wav"), ERROR_DENIED);
    expect_refusal(path_of("rootlike/a.wav"), ERROR_DENIED);
    expect_refusal(path_of("root"), ERROR_BAD_FILE);
    expect_refusal(path_of("root/"), ERROR_BAD_FILE);
}
END_TEST

START_TEST(the_start_folder_is_a_root_like_any_other)
{
    ck_assert_int_eq(chdir(path_of("root")), 0);
    open_roots(".", "../second/");
    ck_assert_int_eq(chdir("/"), 0);
    expect_text("a.wav", "a");
    expect_text("only.wav", "only");
    expect_text(path_of("root/a.wav"), "a");
    expect_text(path_of("second/a.wav"), "second a");
}
END_TEST

START_TEST(roots_are_tried_in_order)
{
    open_roots(path_of("second"), path_of("root"));
    expect_text("a.wav", "second a");
    expect_text("sub/b.wav", "b");
    expect_refusal("nowhere.wav", ERROR_NO_FILE);
    ck_assert_ptr_nonnull(strstr(error.text, "nowhere.wav"));
    ck_assert_ptr_nonnull(strstr(error.text, path_of("root")));
    ck_assert_ptr_nonnull(strstr(error.text, path_of("second")));
}
END_TEST

START_TEST(a_root_that_refuses_is_forgotten_when_a_later_one_has_the_file)
{
    write_file("second/leaf", "second leaf"); /* a link in the first root */
    open_roots(path_of("root"), path_of("second"));
    error = (struct error){0};
    expect_text("leaf", "second leaf");
    ck_assert_int_eq(error.code, 0);
}
END_TEST

START_TEST(a_name_cannot_climb_out)
{
    open_roots(path_of("root"), NULL);
    expect_refusal("../outside.wav", ERROR_DENIED);
    expect_refusal("sub/../../outside.wav", ERROR_DENIED);
    expect_refusal("..", ERROR_DENIED);
    expect_refusal("/etc/passwd", ERROR_DENIED);
    expect_refusal("/proc/self/mem", ERROR_DENIED);
    expect_refusal("//etc/passwd", ERROR_DENIED);
    char path[PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/root/../secret/x.wav", base);
    expect_refusal(path, ERROR_DENIED);
}
END_TEST

START_TEST(links_are_not_followed)
{
    open_roots(path_of("root"), NULL);
    expect_refusal("leaf", ERROR_DENIED);
    expect_refusal("way/b.wav", ERROR_DENIED);
    expect_refusal("out", ERROR_DENIED);
    expect_refusal("up/outside.wav", ERROR_DENIED);
}
END_TEST

START_TEST(only_regular_files_open_and_nothing_is_waited_for)
{
    open_roots(path_of("root"), "/dev");
    expect_refusal("pipe", ERROR_BAD_FILE);
    expect_refusal("socket", ERROR_BAD_FILE);
    expect_refusal("sub", ERROR_BAD_FILE);
    expect_refusal("/dev/zero", ERROR_BAD_FILE);
}
END_TEST

START_TEST(proc_leads_nowhere_even_as_a_root)
{
    open_roots("/proc", NULL);
    expect_refusal("self/root/etc/passwd", ERROR_DENIED);
    expect_refusal("self/fd/0", ERROR_DENIED);
}
END_TEST

START_TEST(strange_names_are_refused_with_a_clean_text)
{
    char longest[5000];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    open_roots(path_of("root"), NULL);
    expect_refusal("", ERROR_BAD_VALUE);
    expect_refusal("a\n.wav", ERROR_BAD_VALUE);
    expect_refusal("\033[2J", ERROR_BAD_VALUE);
    expect_refusal("a.wav\177", ERROR_BAD_VALUE);
    expect_refusal("%n%s%n", ERROR_NO_FILE);
    expect_refusal("a.wav/b", ERROR_NO_FILE);
    expect_refusal(longest, ERROR_BAD_VALUE);
}
END_TEST

START_TEST(permission_is_the_file_systems)
{
    open_roots(path_of("root"), NULL);
    if (geteuid() == 0) /* for root, modes are no obstacle */
        expect_text("closed.wav", "closed");
    else
        expect_refusal("closed.wav", ERROR_DENIED);
}
END_TEST

START_TEST(a_root_that_is_no_folder_is_named)
{
    const char *missing = "/nonexistent/folder";
    ck_assert_int_eq(files_init(&files, &missing, 1, &error), ERROR_NO_FILE);
    ck_assert_ptr_nonnull(strstr(error.text, missing));
    const char *file = path_of("root/a.wav");
    ck_assert_int_eq(files_init(&files, &file, 1, &error), ERROR_BAD_FILE);
    ck_assert_int_eq(files_init(&files, &file, 0, &error), ERROR_TOO_BIG);
}
END_TEST

START_TEST(the_whole_disk_can_be_a_root)
{
    open_roots("/", NULL);
    expect_text(path_of("root/a.wav"), "a");
    expect_text(path_of("root/a.wav") + 1, "a");
}
END_TEST

int main(void)
{
    TCase *names = tcase_create("files");
    tcase_add_checked_fixture(names, set_up, tear_down);
    tcase_add_test(names, a_plain_name_opens_beneath_the_root);
    tcase_add_test(names, an_absolute_name_opens_in_either_spelling_of_its_root);
    tcase_add_test(names, the_start_folder_is_a_root_like_any_other);
    tcase_add_test(names, roots_are_tried_in_order);
    tcase_add_test(names, a_root_that_refuses_is_forgotten_when_a_later_one_has_the_file);
    tcase_add_test(names, a_name_cannot_climb_out);
    tcase_add_test(names, links_are_not_followed);
    tcase_add_test(names, only_regular_files_open_and_nothing_is_waited_for);
    tcase_add_test(names, proc_leads_nowhere_even_as_a_root);
    tcase_add_test(names, strange_names_are_refused_with_a_clean_text);
    tcase_add_test(names, permission_is_the_file_systems);
    tcase_add_test(names, a_root_that_is_no_folder_is_named);
    tcase_add_test(names, the_whole_disk_can_be_a_root);
    return suite_run_case("files", names);
}
