/* Saving replaces a file whole or not at all, only beneath the roots, and leaves nothing else behind. */
#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/files_save.h"
#include "tests/suite.h"

#define NOBODY 65534

/* A folder of its own for each test:
 *     outside.txt
 *     root/  old.txt ("head old")  sub/  leaf -> old.txt  way -> sub  out -> ..  pipe  other.wav ("RIFF")  empty.txt  closed/ (mode 0500)
 *     second/  only/  old.txt
 */
static char base[PATH_MAX];
static struct files files;
static struct error error;
static const struct saved_text text = {"head new\nand more\n", 18, 4};

static const char *path_of(const char *name)
{
    static char path[4][PATH_MAX + 64];
    static unsigned turn;
    char *at = path[turn++ % 4];
    snprintf(at, sizeof path[0], "%s/%s", base, name);
    return at;
}

static void put(const char *name, const char *content)
{
    FILE *file = fopen(path_of(name), "w");
    ck_assert_ptr_nonnull(file);
    fputs(content, file);
    fclose(file);
}

static void expect_content(const char *name, const char *content)
{
    char got[100] = "";
    FILE *file = fopen(path_of(name), "r");
    ck_assert_msg(file != NULL, "%s is not there", name);
    got[fread(got, 1, sizeof got - 1, file)] = '\0';
    fclose(file);
    ck_assert_str_eq(got, content);
}

static unsigned count_entries(const char *folder)
{
    DIR *entries = opendir(path_of(folder));
    unsigned n = 0;
    ck_assert_ptr_nonnull(entries);
    while (readdir(entries))
        n++;
    closedir(entries);
    return n;
}

static void set_up(void)
{
    char template[] = "/tmp/dawd-save-XXXXXX";
    static const char *const folders[] = {"root", "root/sub", "root/closed", "second", "second/only"};
    ck_assert_ptr_nonnull(mkdtemp(template));
    ck_assert_ptr_nonnull(realpath(template, base));
    for (unsigned i = 0; i < sizeof folders / sizeof folders[0]; i++)
        ck_assert_int_eq(mkdir(path_of(folders[i]), 0755), 0);
    put("outside.txt", "head outside");
    put("root/old.txt", "head old");
    put("root/other.wav", "RIFF");
    put("root/empty.txt", "");
    put("second/old.txt", "head second");
    ck_assert_int_eq(symlink("old.txt", path_of("root/leaf")), 0);
    ck_assert_int_eq(symlink("sub", path_of("root/way")), 0);
    ck_assert_int_eq(symlink("..", path_of("root/out")), 0);
    ck_assert_int_eq(mkfifo(path_of("root/pipe"), 0644), 0);
    chmod(path_of("root/closed"), 0500);
    const char *const roots[] = {path_of("root"), path_of("second")};
    ck_assert_int_eq(files_init(&files, roots, 2, &error), 0);
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
    (void)stat, (void)type, (void)ftw;
    return remove(path);
}

static void tear_down(void)
{
    files_deinit(&files);
    nftw(base, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void expect_saved(const char *path, const char *where)
{
    error = (struct error){0};
    ck_assert_msg(files_save(&files, path, &text, &error) == 0, "%s: %s", path, error.text);
    expect_content(where, text.text);
}

/* Nothing has changed, not even the number of files. */
static void expect_refusal(const char *path, enum error_code code)
{
    unsigned n = count_entries("root") + count_entries("root/sub") + count_entries("second") + count_entries(".");
    error = (struct error){0};
    int got = files_save(&files, path, &text, &error);
    ck_assert_msg(got == (int)code, "%s: %s, not %s: %s", path, error_symbol((enum error_code)got), error_symbol(code),
                  error.text);
    for (const char *p = error.text; *p; p++)
        ck_assert_msg((unsigned char)*p >= 32, "a control character in the error text");
    ck_assert_uint_eq(n, count_entries("root") + count_entries("root/sub") + count_entries("second") + count_entries("."));
    expect_content("root/old.txt", "head old");
    expect_content("second/old.txt", "head second");
    expect_content("outside.txt", "head outside");
    expect_content("root/other.wav", "RIFF");
}

START_TEST(a_new_file_appears_whole)
{
    unsigned n = count_entries("root");
    expect_saved("new.txt", "root/new.txt");
    expect_saved("sub/new.txt", "root/sub/new.txt");
    expect_saved("./sub//../twice.txt", "root/twice.txt");
    expect_saved(path_of("root/absolute.txt"), "root/absolute.txt");
    ck_assert_uint_eq(count_entries("root"), n + 3);
}
END_TEST

START_TEST(an_old_file_is_replaced_and_keeps_its_mode)
{
    struct stat stat_new;
    unsigned n = count_entries("root");
    chmod(path_of("root/old.txt"), 0640);
    expect_saved("old.txt", "root/old.txt");
    expect_saved("empty.txt", "root/empty.txt");
    ck_assert_int_eq(stat(path_of("root/old.txt"), &stat_new), 0);
    ck_assert_uint_eq(stat_new.st_mode & 0777, 0640);
    ck_assert_uint_eq(count_entries("root"), n);
}
END_TEST

START_TEST(who_has_the_old_file_open_keeps_it_whole)
{
    char got[100] = "";
    int fd = open(path_of("root/old.txt"), O_RDONLY);
    expect_saved("old.txt", "root/old.txt");
    ck_assert_int_eq(read(fd, got, sizeof got), 8);
    ck_assert_str_eq(got, "head old");
    close(fd);
}
END_TEST

START_TEST(of_several_roots_the_one_that_has_the_file_is_taken_and_else_the_one_that_has_the_folder)
{
    expect_refusal("nowhere/new.txt", ERROR_NO_FILE);
    ck_assert_ptr_nonnull(strstr(error.text, "no folder \"nowhere/\""));
    expect_saved("only/new.txt", "second/only/new.txt");
    expect_saved("old.txt", "root/old.txt");
    put("second/mine.txt", "head mine");
    expect_saved("mine.txt", "second/mine.txt");
    expect_saved("fresh.txt", "root/fresh.txt");
}
END_TEST

START_TEST(a_root_that_refuses_is_forgotten_when_a_later_one_has_the_folder)
{
    ck_assert_int_eq(mkdir(path_of("second/way"), 0755), 0); /* a link in the first root */
    expect_saved("way/new.txt", "second/way/new.txt");
    ck_assert_int_eq(error.code, 0);
}
END_TEST

START_TEST(what_is_something_else_is_not_replaced)
{
    expect_refusal("other.wav", ERROR_DENIED);
    ck_assert_ptr_nonnull(strstr(error.text, "something else"));
    put("root/short.txt", "he");
    expect_refusal("short.txt", ERROR_DENIED);
}
END_TEST

START_TEST(no_name_leads_out_or_to_what_is_no_file)
{
    char longest[5000], part[300];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    memset(part, 'x', sizeof part - 1);
    part[sizeof part - 1] = '\0';
    static const struct {
        const char *path;
        enum error_code code;
    } hostile[] = {
        {"", ERROR_BAD_VALUE},         {".", ERROR_BAD_VALUE},
        {"..", ERROR_BAD_VALUE},       {"sub/", ERROR_BAD_VALUE},
        {"sub/..", ERROR_BAD_VALUE},   {"../outside.txt", ERROR_DENIED},
        {"../new.txt", ERROR_DENIED},  {"sub/../../x", ERROR_DENIED},
        {"/etc/passwd", ERROR_DENIED}, {"/proc/self/mem", ERROR_DENIED},
        {"/dev/null", ERROR_DENIED},   {"leaf", ERROR_DENIED},
        {"way/new.txt", ERROR_DENIED}, {"out/outside.txt", ERROR_DENIED},
        {"out/new.txt", ERROR_DENIED}, {"pipe", ERROR_BAD_FILE},
        {"sub", ERROR_BAD_FILE},       {"pipe/x", ERROR_NO_FILE},
        {"old.txt/x", ERROR_NO_FILE},  {"a\nb", ERROR_BAD_VALUE},
        {"\033[2J", ERROR_BAD_VALUE},  {"x\177", ERROR_BAD_VALUE},
    };
    for (unsigned i = 0; i < sizeof hostile / sizeof hostile[0]; i++)
        expect_refusal(hostile[i].path, hostile[i].code);
    expect_refusal(longest, ERROR_BAD_VALUE);
    expect_refusal(part, ERROR_BAD_VALUE);
}
END_TEST

START_TEST(a_root_by_its_own_name_is_no_file_in_itself)
{
    char root[PATH_MAX];
    snprintf(root, sizeof root, "%s", path_of("root"));
    expect_refusal(root, ERROR_BAD_VALUE);
}
END_TEST

START_TEST(a_name_that_means_something_to_printf_is_a_name)
{
    expect_saved("%n%s%d.txt", "root/%n%s%d.txt");
    expect_saved("sp ace \xc3\xbc.txt", "root/sp ace \xc3\xbc.txt");
}
END_TEST

START_TEST(the_trusted_file_is_saved_wherever_it_lies_and_where_its_link_leads)
{
    char alias[PATH_MAX], outside[PATH_MAX];
    snprintf(alias, sizeof alias, "%s", path_of("alias"));
    snprintf(outside, sizeof outside, "%s", path_of("outside.txt"));
    ck_assert_int_eq(symlink("outside.txt", alias), 0);
    ck_assert_int_eq(files_trust(&files, alias, &error), 0);
    expect_saved(alias, "outside.txt");
    ck_assert_int_eq(readlink(alias, (char[32]){0}, 32), 11);
    int fd = files_open(&files, alias, &error);
    ck_assert_msg(fd >= 0, "%s", error.text);
    close(fd);
    put("outside.txt", "head outside");
    expect_refusal(outside, ERROR_DENIED);
    struct files other = {0};
    ck_assert_int_eq(files_trust(&other, path_of("missing"), &error), ERROR_NO_FILE);
    files_deinit(&other);
}
END_TEST

START_TEST(a_folder_that_cannot_be_written_to_keeps_what_it_has)
{
    bool is_root = geteuid() == 0; /* for whom modes are no obstacle */
    if (is_root) {
        chmod(base, 0755);
        ck_assert_int_eq(seteuid(NOBODY), 0);
    }
    expect_refusal("closed/new.txt", ERROR_DENIED);
    if (is_root)
        expect_refusal("old.txt", ERROR_DENIED); /* root's, in root's folder */
    ck_assert_int_eq(is_root ? seteuid(0) : 0, 0);
}
END_TEST

/* A file may grow to so many bytes only: the disk is full in the middle of the text. */
START_TEST(a_full_disk_leaves_the_old_file_and_nothing_else)
{
    signal(SIGXFSZ, SIG_IGN);
    for (rlim_t room = 0; room < text.n; room += 3) {
        ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){room, RLIM_INFINITY}), 0);
        expect_refusal("old.txt", ERROR_IO);
        expect_refusal("new.txt", ERROR_IO);
    }
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &(struct rlimit){RLIM_INFINITY, RLIM_INFINITY}), 0);
    expect_saved("old.txt", "root/old.txt");
}
END_TEST

int main(void)
{
    TCase *names = tcase_create("save");
    tcase_add_checked_fixture(names, set_up, tear_down);
    tcase_add_test(names, a_new_file_appears_whole);
    tcase_add_test(names, an_old_file_is_replaced_and_keeps_its_mode);
    tcase_add_test(names, who_has_the_old_file_open_keeps_it_whole);
    tcase_add_test(names, of_several_roots_the_one_that_has_the_file_is_taken_and_else_the_one_that_has_the_folder);
    tcase_add_test(names, a_root_that_refuses_is_forgotten_when_a_later_one_has_the_folder);
    tcase_add_test(names, what_is_something_else_is_not_replaced);
    tcase_add_test(names, no_name_leads_out_or_to_what_is_no_file);
    tcase_add_test(names, a_root_by_its_own_name_is_no_file_in_itself);
    tcase_add_test(names, a_name_that_means_something_to_printf_is_a_name);
    tcase_add_test(names, the_trusted_file_is_saved_wherever_it_lies_and_where_its_link_leads);
    tcase_add_test(names, a_folder_that_cannot_be_written_to_keeps_what_it_has);
    tcase_add_test(names, a_full_disk_leaves_the_old_file_and_nothing_else);
    return suite_run_case("save", names);
}
