#include "tests/system/flaws.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/suite.h"
#include "tests/system/process.h"
#include "tests/system/studio.h"

#define PATIENCE_S 60

static const struct flaw_row *rows;
static unsigned n_rows;

/* The exit status of the program, with a flaw or (null) without. */
static int status_of(const char *path, const char *flaw)
{
    char program[512], wish[64], log[] = "/tmp/dawd-flaw-XXXXXX";
    snprintf(program, sizeof program, "%s", studio_build("mutant", path));
    snprintf(wish, sizeof wish, "DAWD_MUTANT=%s", flaw);
    struct process process;
    int fd = mkstemp(log);
    ck_assert_int_ge(fd, 0);
    close(fd);
    process_start(&process, log, (const char *const[]){program, NULL}, (const char *const[]){flaw ? wish : NULL, NULL});
    ck_assert_msg(process_wait(&process, PATIENCE_S), "%s does not end", path);
    if (!flaw && process.status)
        printf("%s\n", process_output(&process));
    unlink(log);
    return process.status;
}

START_TEST(a_row_fails_when_its_flaw_is_in_the_program)
{
    bool is_clean = false, pass = true;
    for (unsigned i = 0; i < n_rows; i++) {
        const struct flaw_row *row = &rows[i];
        if (i == 0 || strcmp(row->program, rows[i - 1].program) != 0)
            is_clean = status_of(row->program, NULL) == 0;
        bool is_caught = status_of(row->program, row->flaw) == 1;
        printf("REL %s flaw=%s caught=%s clean_run=%s %s\n", row->name, row->flaw, is_caught ? "yes" : "no",
               is_clean ? "clean" : "fails", is_clean && is_caught ? "PASS" : "FAIL");
        fflush(stdout);
        pass &= is_clean && is_caught;
    }
    ck_assert(pass);
}
END_TEST

int flaws_run(const char *name, const struct flaw_row *first, unsigned n)
{
    rows = first;
    n_rows = n;
    TCase *tcase = tcase_create("rows");
    tcase_add_test(tcase, a_row_fails_when_its_flaw_is_in_the_program);
    tcase_set_timeout(tcase, 2 * n * PATIENCE_S);
    return suite_run_case(name, tcase);
}
