/* Text files through the loader thread: read whole, bounded, and saved even if the daemon ends. */
#include <check.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/host_text.h"
#include "tests/suite.h"

static char folder[64], path[128];
static struct files files;
static struct daemon_host host;
static struct error error;

/* What came back. */
static struct {
    unsigned n_read, n_saved;
    struct loaded_text text;
    struct error saved;
} came;

static void on_read(void *user, const struct loaded_text *text)
{
    (void)user;
    came.n_read++;
    came.text = *text;
}

static void on_saved(void *user, const struct error *cause)
{
    (void)user;
    came.n_saved++;
    came.saved = *cause;
}

static void set_up(void)
{
    const char *root = folder;
    strcpy(folder, "/tmp/dawd-text-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/song", folder);
    ck_assert_int_eq(files_init(&files, &root, 1, &error), 0);
    memset(&came, 0, sizeof came);
    host = (struct daemon_host){.loader = loader_new(), .files = &files};
    ck_assert_ptr_nonnull(host.loader);
}

static void tear_down(void)
{
    loader_free(host.loader);
    files_deinit(&files);
    free(came.text.text);
    unlink(path);
    rmdir(folder);
}

static void await(const unsigned *n)
{
    struct pollfd finished = {loader_fd(host.loader), POLLIN, 0};
    while (!*n) {
        ck_assert_int_eq(poll(&finished, 1, 10000), 1);
        loader_poll(host.loader);
    }
}

static void end_loader(void)
{
    loader_free(host.loader);
    host.loader = NULL;
}

static void read_song(void)
{
    ck_assert_int_eq(host_read_text(&host, "song", on_read, NULL, &error), 0);
}

START_TEST(a_text_is_saved_and_read_whole)
{
    static const size_t sizes[] = {0, 1, 4095, 4096, (1 << 20) - 1, 1 << 20, (3 << 20) + 7};
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        size_t n = sizes[i];
        char *text = malloc(n + 1);
        ck_assert_ptr_nonnull(text);
        for (size_t k = 0; k < n; k++)
            text[k] = (char)('a' + k % 23);
        came.n_read = came.n_saved = 0;
        ck_assert_int_eq(host_save_text(&host, "song", &(struct saved_text){text, n, 1}, on_saved, NULL, &error), 0);
        await(&came.n_saved);
        ck_assert_msg(!came.saved.code, "%s", came.saved.text);
        read_song();
        await(&came.n_read);
        ck_assert_msg(came.text.text != NULL, "%s", came.text.error.text);
        ck_assert_uint_eq(came.text.n, n);
        ck_assert_int_eq(memcmp(came.text.text, text, n), 0);
        ck_assert_int_eq(came.text.text[n], 0);
        free(came.text.text);
        came.text.text = NULL;
        free(text);
    }
}
END_TEST

START_TEST(a_text_beyond_the_limit_is_refused)
{
    int fd = open(path, O_WRONLY | O_CREAT, 0644);
    ck_assert_int_eq(ftruncate(fd, (off_t)HOST_TEXT_MAX_BYTES + 1), 0);
    close(fd);
    read_song();
    await(&came.n_read);
    ck_assert_ptr_null(came.text.text);
    ck_assert_int_eq(came.text.error.code, ERROR_TOO_BIG);
    ck_assert_ptr_nonnull(strstr(came.text.error.text, "longer than 64 MiB"));
}
END_TEST

START_TEST(what_cannot_be_read_or_saved_is_told)
{
    read_song();
    await(&came.n_read);
    ck_assert_int_eq(came.text.error.code, ERROR_NO_FILE);
    ck_assert_int_eq(host_save_text(&host, "../song", &(struct saved_text){"x", 1, 0}, on_saved, NULL, &error), 0);
    await(&came.n_saved);
    ck_assert_int_eq(came.saved.code, ERROR_DENIED);
}
END_TEST

/* Keeps the loader busy until it is to end. */
static void wait_run(struct job *job)
{
    while (!atomic_load(&job->cancelled))
        poll(NULL, 0, 1);
}

static void wait_done(struct job *job)
{
    (void)job;
}

START_TEST(at_the_end_a_save_is_carried_out_and_a_read_is_cancelled)
{
    static struct job busy = {.run = wait_run, .done = wait_done};
    loader_push(host.loader, &busy);
    read_song();
    ck_assert_int_eq(host_save_text(&host, "song", &(struct saved_text){"the end", 7, 0}, on_saved, NULL, &error), 0);
    end_loader();
    ck_assert_uint_eq(came.n_read, 1);
    ck_assert_int_eq(came.text.error.code, ERROR_CANCELLED);
    ck_assert_uint_eq(came.n_saved, 1);
    ck_assert_int_eq(came.saved.code, 0);
    ck_assert_int_eq(access(path, R_OK), 0);
}
END_TEST

START_TEST(behind_the_end_nothing_is_begun)
{
    host.is_closing = true;
    ck_assert_int_eq(host_read_text(&host, "song", on_read, NULL, &error), ERROR_CANCELLED);
    ck_assert_int_eq(host_save_text(&host, "song", &(struct saved_text){"x", 1, 0}, on_saved, NULL, &error),
                     ERROR_CANCELLED);
    ck_assert_uint_eq(came.n_read + came.n_saved, 0);
}
END_TEST

int main(void)
{
    TCase *texts = tcase_create("texts");
    tcase_add_checked_fixture(texts, set_up, tear_down);
    tcase_add_test(texts, a_text_is_saved_and_read_whole);
    tcase_add_test(texts, a_text_beyond_the_limit_is_refused);
    tcase_add_test(texts, what_cannot_be_read_or_saved_is_told);
    tcase_add_test(texts, at_the_end_a_save_is_carried_out_and_a_read_is_cancelled);
    tcase_add_test(texts, behind_the_end_nothing_is_begun);
    return suite_run_case("texts of the host", texts);
}
