/* Rows of the reliability catalogue have teeth: the program that prints one fails when its flaw is put into the mutant build,
 * and passes without.
 * Lane: busy */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/system/process.h"
#include "tests/system/studio.h"
#include "tests/system/suite.h"

#define PATIENCE_S 60

static const struct row {
    const char *name, *program, *flaw;
} rows[] = {
    {"R11m", "tests/graph/test_clicks", "DAWD_MUTANT=cut"},
    {"O12m", "tests/graph/test_loops", "DAWD_MUTANT=blind"},
    {"editsm", "tests/graph/test_random_edits", "DAWD_MUTANT=cut"},
    {"editsm", "tests/graph/test_random_edits", "DAWD_MUTANT=forget"},
    {"editsm", "tests/graph/test_random_edits", "DAWD_MUTANT=tardy"},
    {"subm", "tests/osc/test_sub", "DAWD_MUTANT=unmarked"},
    {"subm", "tests/osc/test_sub", "DAWD_MUTANT=certain"},
};

/* The exit status of the program, with or without its flaw. */
static int status_of(const struct row *row, bool has_flaw)
{
    char program[512], log[] = "/tmp/dawd-flaw-XXXXXX";
    snprintf(program, sizeof program, "%s", studio_build("mutant", row->program));
    struct process process;
    int fd = mkstemp(log);
    ck_assert_int_ge(fd, 0);
    close(fd);
    process_start(&process, log, (const char *const[]){program, NULL},
                  (const char *const[]){has_flaw ? row->flaw : NULL, NULL});
    ck_assert_msg(process_wait(&process, PATIENCE_S), "%s does not end", row->program);
    if (!has_flaw && process.status)
        printf("%s\n", process_output(&process));
    unlink(log);
    return process.status;
}

START_TEST(a_row_fails_when_its_flaw_is_in_the_program)
{
    const struct row *row = &rows[_i];
    bool is_clean = status_of(row, false) == 0, is_caught = status_of(row, true) == 1;
    printf("REL %s flaw=%s caught=%s clean_run=%s %s\n", row->name, row->flaw, is_caught ? "yes" : "no",
           is_clean ? "clean" : "fails", is_clean && is_caught ? "PASS" : "FAIL");
    fflush(stdout);
    ck_assert(is_clean && is_caught);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("flaws");
    TCase *tcase = tcase_create("rows");
    tcase_add_loop_test(tcase, a_row_fails_when_its_flaw_is_in_the_program, 0, sizeof rows / sizeof rows[0]);
    tcase_set_timeout(tcase, 3 * PATIENCE_S);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
