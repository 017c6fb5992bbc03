/* The token file. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/token.h"
#include "tests/osc_rig.h"

static char path[64];
static char token[CLIENT_TOKEN_BYTES];
static struct error error;

static void write_token(const char *text, mode_t mode)
{
    strcpy(path, "/tmp/dawd-test-token-XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    ck_assert_int_eq(fchmod(fd, mode), 0);
    close(fd);
}

static int read_token(const char *text, mode_t mode)
{
    write_token(text, mode);
    int code = token_read(path, token, &error);
    unlink(path);
    return code;
}

START_TEST(the_first_line_of_a_file_of_ours_is_the_token)
{
    ck_assert_int_eq(read_token("abcdefghijklmnop\nsecond line\n", 0600), 0);
    ck_assert_str_eq(token, "abcdefghijklmnop");
    ck_assert_int_eq(read_token("abcdefghijklmnopq", 0400), 0);
    ck_assert_str_eq(token, "abcdefghijklmnopq");
}
END_TEST

START_TEST(a_file_that_others_may_use_is_refused)
{
    static const mode_t modes[] = {0644, 0640, 0620, 0601, 0666};
    for (unsigned i = 0; i < sizeof modes / sizeof *modes; i++) {
        ck_assert_int_eq(read_token("abcdefghijklmnop\n", modes[i]), ERROR_DENIED);
        ck_assert_ptr_nonnull(strstr(error.text, "chmod 600"));
    }
}
END_TEST

START_TEST(a_token_that_can_be_guessed_or_is_none_is_refused)
{
    char much[400];
    memset(much, 'x', sizeof much - 1);
    much[sizeof much - 1] = '\0';
    ck_assert_int_eq(read_token("fifteen-letters\n", 0600), ERROR_BAD_VALUE);
    ck_assert_int_eq(read_token("\n", 0600), ERROR_BAD_VALUE);
    ck_assert_int_eq(read_token("with a blank inside it\n", 0600), ERROR_BAD_VALUE);
    ck_assert_int_eq(read_token(much, 0600), ERROR_BAD_VALUE);
    ck_assert_int_eq(token_read("/no/such/file", token, &error), ERROR_NO_FILE);
    ck_assert_int_eq(token_read("/tmp", token, &error), ERROR_IO);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        the_first_line_of_a_file_of_ours_is_the_token,
        a_file_that_others_may_use_is_refused,
        a_token_that_can_be_guessed_or_is_none_is_refused,
    };
    return osc_rig_suite("token", NULL, NULL, tests, sizeof tests / sizeof *tests);
}
