/* Every call into the kernel that a save makes, failing once and in several ways: the old file stays whole, no other is left
 * behind, and what is answered is true. Row D11 of the reliability catalogue. */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/files_save.h"
#include "tests/failing_calls.h"
#include "tests/suite.h"

/* ---- one fault after the other ---------------------------------------------------------------------------------------- */

static char folder[] = "/tmp/dawd-faults-XXXXXX", path[sizeof folder + 16];
static struct files files;

static char *text_new(size_t n)
{
    char *text = malloc(n + 1);
    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i < n; i++)
        text[i] = i % 40 == 39 ? '\n' : (char)('a' + i % 26);
    text[n] = '\0';
    return text;
}

static void put(const char *content)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(content, file);
    fclose(file);
}

/* Whether the file holds this; null: is not there. */
static bool holds(const char *content)
{
    char got[4096] = "";
    FILE *file = fopen(path, "r");
    if (!file || !content)
        return !file && !content;
    got[fread(got, 1, sizeof got - 1, file)] = '\0';
    fclose(file);
    return strcmp(got, content) == 0;
}

static unsigned count_files(void)
{
    DIR *entries = opendir(folder);
    unsigned n = 0;
    ck_assert_ptr_nonnull(entries);
    while (readdir(entries))
        n++;
    closedir(entries);
    return n - 2;
}

/* Saves with the fault at call n; false when it came to its end before that. */
static bool try(const char *old, const struct saved_text *text, long n, int cause)
{
    struct error error = {0};
    if (old)
        put(old);
    else
        unlink(path);
    failing_from(n, cause);
    int code = files_save(&files, "song", text, &error);
    bool has_failed = failing_ends(), has_renamed = failing.has_renamed;
    if (code == 0)
        ck_assert_msg(holds(text->text), "call %ld with %s: done, but it is not there", n, strerror(cause));
    else if (has_renamed)
        ck_assert_msg(holds(text->text) && strstr(error.text, "may not survive"), "call %ld with %s: %s", n,
                      strerror(cause), error.text);
    else
        ck_assert_msg(holds(old), "call %ld with %s: the old file is not what it was", n, strerror(cause));
    ck_assert_uint_eq(code, error.code);
    ck_assert_msg(count_files() == (code && !old && !has_renamed ? 0 : 1), "call %ld with %s: %u files are there", n,
                  strerror(cause), count_files());
    return has_failed;
}

START_TEST(whatever_call_fails_the_old_file_stays_or_the_new_one_is_there)
{
    static const int causes[] = {EIO, ENOSPC, EINTR, EDQUOT};
    static const char *const olds[] = {NULL, "", "abcd old"};
    char *content = text_new(1500);
    const struct saved_text text = {content, 1500, 4};
    const char *root = folder;
    struct error error = {0};
    unsigned n_points = 0;
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/song", folder);
    ck_assert_int_eq(files_init(&files, &root, 1, &error), 0);
    for (unsigned o = 0; o < sizeof olds / sizeof olds[0]; o++)
        for (unsigned c = 0; c < sizeof causes / sizeof causes[0]; c++)
            for (long n = 0; try(olds[o], &text, n, causes[c]); n++)
                n_points++;
    printf("REL D11 points=%u torn=0 left_behind=0 PASS\n", n_points);
    ck_assert_uint_ge(n_points, 200);
    files_deinit(&files);
    unlink(path);
    rmdir(folder);
    free(content);
}
END_TEST

int main(void)
{
    TCase *faults = tcase_create("faults");
    tcase_add_test(faults, whatever_call_fails_the_old_file_stays_or_the_new_one_is_there);
    return suite_run_case("saving with faults", faults);
}
