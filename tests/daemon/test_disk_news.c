/* What the disk thread tells clients of takes. */
#include <errno.h>
#include <string.h>

#include <check.h>

#include "tests/recorder_rig.h"
#include "tests/suite.h"

static struct disk_news news;
static struct disk_note note;

static void setup(void)
{
    recorder_rig_open();
    disk_news_init(&news);
    recorder_rig.store.news = &news;
}

static void teardown(void)
{
    recorder_rig_close();
    disk_news_deinit(&news);
}

static void take(uint64_t n_frames)
{
    recorder_rig.on = true;
    recorder_pass(n_frames);
    recorder_rig.on = false;
    recorder_pass(256);
}

START_TEST(a_take_is_told_when_it_begins_and_when_it_ends)
{
    take(24000);
    ck_assert(disk_news_take(&news, &note) && note.kind == DISK_TAKE_BEGUN);
    ck_assert_str_eq(note.file, "take.wav");
    ck_assert(disk_news_take(&news, &note) && note.kind == DISK_TAKE_ENDED);
    ck_assert_uint_eq(note.n_frames, 24000);
    ck_assert(note.seconds == 0.5 && !*note.text);
    ck_assert(!disk_news_take(&news, &note));
}
END_TEST

START_TEST(a_take_that_cannot_begin_is_told_with_the_reason)
{
    recorder_rig.folder.refusal = ERROR_IO;
    take(1000);
    ck_assert(disk_news_take(&news, &note) && note.kind == DISK_TAKE_FAILED);
    ck_assert(*note.text);
    ck_assert(!disk_news_take(&news, &note));
}
END_TEST

START_TEST(a_take_for_which_there_is_no_room_is_told_with_what_it_holds)
{
    recorder_rig.folder.capacity = 100000;
    take(48000);
    ck_assert(disk_news_take(&news, &note) && note.kind == DISK_TAKE_BEGUN);
    do
        ck_assert(disk_news_take(&news, &note));
    while (note.kind == DISK_IN_NEED);
    ck_assert_int_eq(note.kind, DISK_TAKE_FAILED);
    ck_assert_str_eq(note.text, strerror(ENOSPC));
    ck_assert_uint_gt(note.n_frames, 10000);
    ck_assert_uint_lt(note.n_frames, 12500);
}
END_TEST

START_TEST(where_nobody_looks_the_newest_notes_are_kept)
{
    for (unsigned i = 0; i < 3 * DISK_NOTES_MAX; i++)
        disk_news_put(&news, &(struct disk_note){.n_frames = i});
    for (unsigned i = 2 * DISK_NOTES_MAX; i < 3 * DISK_NOTES_MAX; i++)
        ck_assert(disk_news_take(&news, &note) && note.n_frames == i);
    ck_assert(!disk_news_take(&news, &note));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("disk news");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_take_is_told_when_it_begins_and_when_it_ends);
    tcase_add_test(tests, a_take_that_cannot_begin_is_told_with_the_reason);
    tcase_add_test(tests, a_take_for_which_there_is_no_room_is_told_with_what_it_holds);
    tcase_add_test(tests, where_nobody_looks_the_newest_notes_are_kept);
    return suite_run_case("disk news", tests);
}
