/* The disk thread and real files in a folder of its own. */
#include <check.h>
#include <fcntl.h>
#include <ftw.h>
#include <semaphore.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/disk.h"
#include "tests/graph_rig.h"
#include "tests/suite.h"

#define RATE    48000
#define BLOCK   64
#define PATIENT 10000 /* ms */

static char root[64];
static struct files files;
static struct log *logged;
static struct disk *disk;
static struct disk_service service;
static struct error error;

static void set_up(void)
{
    snprintf(root, sizeof root, "/tmp/dawd-disk-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(root));
    ck_assert_int_eq(files_init(&files, (const char *const[]){root}, 1, &error), 0);
    logged = log_new(-1, LOG_DEBUG);
    struct disk_config config = disk_config_files(&files, logged);
    disk = disk_new(&config);
    ck_assert_ptr_nonnull(disk);
    service = disk_service(disk);
    error = (struct error){0};
}

static int remove_one(const char *path, const struct stat *stat, int type, struct FTW *ftw)
{
    (void)stat, (void)type, (void)ftw;
    return remove(path);
}

static void tear_down(void)
{
    disk_free(disk);
    log_free(logged);
    files_deinit(&files);
    nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static const char *in_root(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", root, name);
    return path;
}

static void touch(const char *name)
{
    close(open(in_root(name), O_WRONLY | O_CREAT, 0600));
}

static int try_record(const char *path, bool again, struct recording **recording)
{
    struct recording_spec spec = {path, SOUND_RF64_FLOAT, 1, RATE, again};
    error = (struct error){0};
    return service.record(service.self, &spec, recording, &error);
}

static struct recording *must_record(const char *path)
{
    struct recording *recording = NULL;
    ck_assert_msg(try_record(path, false, &recording) == 0, "%s", error.text);
    return recording;
}

static void play(struct recording *recording, bool on, uint64_t from, unsigned n)
{
    float block[BLOCK];
    for (unsigned done = 0; done < n; done += BLOCK) {
        for (unsigned i = 0; i < BLOCK; i++)
            block[i] = (float)(from + done + i + 1);
        recording_run_rt(recording, on, (const float *const[]){block}, 0, BLOCK, from + done);
    }
}

static void wait_ms(unsigned ms)
{
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000L}, NULL);
}

static void check_file(const char *name, uint64_t from, sf_count_t n)
{
    SF_INFO info = {0};
    SNDFILE *file = sf_open(in_root(name), SFM_READ, &info);
    ck_assert_msg(file != NULL, "%s: %s", name, sf_strerror(NULL));
    ck_assert_int_eq(info.frames, n);
    float *samples = malloc((size_t)n * sizeof *samples);
    ck_assert_int_eq(sf_readf_float(file, samples, n), n);
    for (sf_count_t i = 0; i < n; i++)
        if (samples[i] != (float)(from + (uint64_t)i + 1))
            ck_abort_msg("%s: frame %lld is %g", name, (long long)i, (double)samples[i]);
    free(samples);
    sf_close(file);
}

START_TEST(what_the_audio_thread_sends_is_written_without_being_asked_for)
{
    struct recording *recording = must_record("a");
    play(recording, true, 0, 64000);
    for (unsigned ms = 0; atomic_load(&recording->in_file) < 64000 && ms < PATIENT; ms++)
        wait_ms(1);
    check_file("a.wav", 0, 64000); /* open as it still is */
    play(recording, false, 64000, 64);
    service.release(service.self, recording);
}
END_TEST

START_TEST(at_the_end_everything_is_written_and_closed)
{
    struct recording *a = must_record("a.wav"), *b = must_record("b.wav");
    play(a, true, 0, 256000);
    play(b, true, 500, 128000);
    service.release(service.self, a);
    disk_free(disk); /* also of those that nobody has released */
    disk = NULL;
    check_file("a.wav", 0, 256000);
    check_file("b.wav", 500, 128000);
}
END_TEST

START_TEST(many_recordings_come_and_go_while_others_run)
{
    struct recording *steady = must_record("steady");
    char name[32];
    uint64_t at = 0;
    unsigned n = RIG_ROUNDS(100, 30);
    for (unsigned k = 0; k < n; k++) {
        snprintf(name, sizeof name, "r%u", k);
        struct recording *recording = must_record(name);
        play(recording, true, 1000, 640);
        play(steady, true, at, 640);
        at += 640;
        service.release(service.self, recording);
        if (k % 10 == 0)
            wait_ms(5);
    }
    service.release(service.self, steady);
    disk_free(disk);
    disk = NULL;
    check_file("steady.wav", 0, (sf_count_t)at);
    for (unsigned k = 0; k < n; k++) {
        snprintf(name, sizeof name, "r%u.wav", k);
        check_file(name, 1000, 640);
    }
}
END_TEST

START_TEST(nothing_is_written_before_a_take_begins)
{
    struct recording *recording = must_record("a");
    play(recording, false, 0, 6400);
    wait_ms(50);
    ck_assert_int_eq(access(in_root("a.wav"), F_OK), -1);
    service.release(service.self, recording);
}
END_TEST

static void expect_refusal(const char *path, enum error_code code, const char *part)
{
    struct recording *recording = NULL;
    int got = try_record(path, false, &recording);
    ck_assert_msg(got == (int)code && strstr(error.text, part), "\"%s\": %s: %s", path, error_symbol((enum error_code)got),
                  error.text);
    ck_assert_ptr_null(recording);
}

START_TEST(refusals_name_what_is_wrong)
{
    touch("there.wav");
    mkdir(in_root("folder.wav"), 0700);
    mkdir(in_root("folder"), 0700);
    ck_assert_int_eq(symlink("/tmp", in_root("link")), 0);
    expect_refusal("there.wav", ERROR_CONFLICT, "\"there.wav\" exists");
    expect_refusal("there", ERROR_CONFLICT, "\"there.wav\" exists");
    expect_refusal("folder.wav", ERROR_CONFLICT, "exists");
    expect_refusal("nowhere/a.wav", ERROR_NO_FILE, "no folder \"nowhere/\"");
    expect_refusal("there.wav/a.wav", ERROR_NO_FILE, "no folder \"there.wav/\"");
    expect_refusal("../a.wav", ERROR_DENIED, "leads out of the root");
    expect_refusal("/etc/a.wav", ERROR_DENIED, "outside the roots");
    expect_refusal("link/a.wav", ERROR_DENIED, "links are not followed");
    expect_refusal("a.flac", ERROR_BAD_VALUE, "a file of the format rf64-float ends in .wav, not .flac");
    expect_refusal("a.MP3", ERROR_BAD_VALUE, "not .MP3");
    expect_refusal("folder/", ERROR_BAD_VALUE, "names no file");
    expect_refusal("", ERROR_BAD_VALUE, "names no file");
    expect_refusal("a\nb", ERROR_BAD_VALUE, "control character");
}
END_TEST

START_TEST(there_is_a_limit_to_the_memory_of_all_recordings_together)
{
    struct disk_config config = disk_config_files(&files, logged);
    config.bytes_max = (size_t)10 << 20;
    disk_free(disk);
    disk = disk_new(&config);
    service = disk_service(disk);
    struct recording *recordings[10];
    struct recording_spec spec = {"a", SOUND_RF64_FLOAT, 2, RATE, false}; /* 2.2 MiB each */
    unsigned n = 0;
    int code = 0;
    while (n < 10 && !(code = service.record(service.self, &spec, &recordings[n], &error)))
        n++;
    ck_assert_uint_eq(n, 4);
    ck_assert_int_eq(code, ERROR_TOO_BIG);
    ck_assert_ptr_nonnull(strstr(error.text, "10 MiB"));
    service.release(service.self, recordings[0]);
    for (unsigned ms = 0; code && ms < PATIENT; ms += 5) {
        wait_ms(5);
        code = service.record(service.self, &spec, &recordings[0], &error);
    }
    ck_assert_int_eq(code, 0);
    spec.again = true; /* at a change of rate there are two of each for a moment */
    ck_assert_int_eq(service.record(service.self, &spec, &recordings[1], &error), 0);
}
END_TEST

START_TEST(a_dot_in_a_name_is_no_extension)
{
    struct recording *recording = must_record("take.2 (loud)");
    play(recording, true, 0, 640);
    service.release(service.self, recording);
    disk_free(disk);
    disk = NULL;
    check_file("take.2 (loud).wav", 0, 640);
}
END_TEST

START_TEST(what_was_there_before_numbers_its_takes_on)
{
    touch("a.wav");
    touch("a-2.wav");
    struct recording *recording = NULL;
    ck_assert_int_eq(try_record("a.wav", true, &recording), 0);
    ck_assert_int_eq(error.code, 0);
    play(recording, true, 0, 640);
    service.release(service.self, recording);
    disk_free(disk);
    disk = NULL;
    check_file("a-3.wav", 0, 640);
    struct stat stat_of;
    ck_assert(stat(in_root("a.wav"), &stat_of) == 0 && stat_of.st_size == 0);
}
END_TEST

/* ---- a disk that hangs ---------------------------------------------------------------------------------------------- */

static sem_t stuck;

static int64_t hang(void *self, const void *bytes, size_t n, uint64_t at)
{
    (void)self, (void)bytes, (void)at;
    sem_wait(&stuck);
    sem_post(&stuck);
    return (int64_t)n;
}

static int cut_nothing(void *self, uint64_t length)
{
    (void)self, (void)length;
    return 0;
}

static int64_t no_idea(void *self)
{
    (void)self;
    return -1;
}

static void close_nothing(void *self)
{
    (void)self;
}

static int create_stuck(void *self, const char *path, struct media_io *io, struct error *unused)
{
    (void)path, (void)unused;
    *io = (struct media_io){self, hang, cut_nothing, no_idea, close_nothing};
    return 0;
}

static int check_nothing(void *self, const char *path, struct error *unused)
{
    (void)self, (void)path, (void)unused;
    return 0;
}

START_TEST(a_disk_that_hangs_is_given_up_and_one_that_comes_back_is_waited_for)
{
    ck_assert_int_eq(sem_init(&stuck, 0, 0), 0);
    struct disk_config config = {{NULL, create_stuck}, check_nothing, NULL, 1, 1 << 30};
    struct disk *hanging = disk_new(&config);
    struct disk_service to = disk_service(hanging);
    struct recording *recording = NULL;
    struct recording_spec spec = {"a", SOUND_RF64_FLOAT, 1, RATE, false};
    ck_assert_int_eq(to.record(to.self, &spec, &recording, &error), 0);
    play(recording, true, 0, 640);
    ck_assert(!disk_free(hanging));
    sem_post(&stuck);
    ck_assert(disk_free(hanging));
    sem_destroy(&stuck);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("disk");
    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, what_the_audio_thread_sends_is_written_without_being_asked_for);
    tcase_add_test(tests, at_the_end_everything_is_written_and_closed);
    tcase_add_test(tests, many_recordings_come_and_go_while_others_run);
    tcase_add_test(tests, nothing_is_written_before_a_take_begins);
    tcase_add_test(tests, refusals_name_what_is_wrong);
    tcase_add_test(tests, there_is_a_limit_to_the_memory_of_all_recordings_together);
    tcase_add_test(tests, a_dot_in_a_name_is_no_extension);
    tcase_add_test(tests, what_was_there_before_numbers_its_takes_on);
    tcase_add_test(tests, a_disk_that_hangs_is_given_up_and_one_that_comes_back_is_waited_for);
    return suite_run_case("disk", tests);
}
