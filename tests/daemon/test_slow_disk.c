/* What becomes of sound that the disk is too slow for. Under the whole daemon: tests/system/test_disk_stall.c. */
#include <check.h>
#include <errno.h>
#include <string.h>

#include "tests/graph_rig.h"
#include "tests/recorder_rig.h"
#include "tests/suite.h"

#define RATE  48000
#define BLOCK 256

static uint64_t stall_frames;

static void stall(void *user)
{
    uint64_t n = stall_frames;
    (void)user;
    stall_frames = 0;
    recorder_play(n);
}

static void record_with_stall(unsigned stall_s)
{
    recorder_rig.on = true;
    recorder_pass(RATE);
    recorder_rig.folder.disk[0].stall = stall;
    stall_frames = (uint64_t)stall_s * RATE;
    recorder_pass(2 * RATE);
    recorder_rig.on = false;
    recorder_pass(BLOCK);
}

START_TEST(a_disk_that_stands_still_for_three_seconds_costs_nothing)
{
    record_with_stall(3);
    ck_assert_uint_eq(recorder_rig.recording->lost, 0);
    ck_assert_uint_eq(recorder_check_take(0, 1000, 6 * RATE), 0);
}
END_TEST

START_TEST(after_thirty_seconds_what_is_lost_is_silent_counted_and_no_frame_is_out_of_time)
{
    record_with_stall(30);
    uint64_t lost = recorder_rig.recording->lost;
    uint64_t missing = recorder_check_take(0, 1000, 33 * RATE);
    ck_assert_uint_eq(missing, lost);
    /* Six seconds fit; the piece that was being written is among them. */
    ck_assert_uint_ge(lost, 24 * RATE);
    ck_assert_uint_le(lost, 24 * RATE + 2 * MEDIA_WRITE_CHUNK_FRAMES);
    ck_assert_ptr_nonnull(strstr(recorder_log(), "the disk was too slow for"));
}
END_TEST

/* Whatever the order of switches and stalls: each frame that was to be recorded is in a file or counted as lost. */
START_TEST(under_any_switching_and_stalling_the_sums_close)
{
    uint32_t seed = 7;
    uint64_t wanted = 0, lost = 0, in_files = 0;
    recorder_rig.folder.kept = (uint64_t)16 << 20;
    for (unsigned round = 0; round < 300; round++) {
        uint32_t take = recorder_rig.recording->take;
        recorder_rig.on = dice_below(&seed, 3) > 0 || round < 30;
        uint64_t n = 1 + dice_below(&seed, round % 10 ? 2000 : 200000);
        uint64_t lost_before = recorder_rig.recording->lost;
        recorder_play(n);
        wanted += recorder_rig.on ? n : 0;
        lost += recorder_rig.recording->take != take ? recorder_rig.recording->lost
                                                     : recorder_rig.recording->lost - lost_before;
        if (dice_below(&seed, 20) == 0 && recorder_rig.folder.n < FOLDER_FILES / 2)
            recorder_write_all();
    }
    recorder_rig.on = false;
    recorder_play(1);
    recorder_write_all();
    ck_assert_uint_gt(lost, 0);
    for (unsigned k = 0; k < recorder_rig.folder.n; k++)
        in_files += (uint64_t)fake_disk_claimed(&recorder_rig.folder.disk[k]);
    /* Silence stands in for lost frames, but for takes that were lost altogether. */
    ck_assert_uint_le(in_files, wanted);
    ck_assert_uint_ge(in_files + lost, wanted);
}
END_TEST

START_TEST(more_switching_than_can_be_told_loses_whole_takes_but_breaks_none)
{
    for (unsigned k = 0; k < 200; k++) {
        recorder_rig.on = true;
        recorder_play(100);
        recorder_rig.on = false;
        recorder_play(100);
    }
    recorder_write_all();
    /* A take needs two of the marks, and two are kept free. */
    ck_assert_uint_eq(recorder_rig.folder.n, RECORDING_MARKS / 2 - 1);
    for (unsigned k = 0; k < recorder_rig.folder.n; k++)
        ck_assert_uint_eq(recorder_check_take(k, 1000 + 200 * k, 100), 0);
    recorder_rig.on = true;
    recorder_pass(1000);
    recorder_rig.on = false;
    recorder_pass(1);
    ck_assert_uint_eq(recorder_check_take(recorder_rig.folder.n - 1, 41000, 1000), 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("slow disk");
    tcase_add_checked_fixture(tests, recorder_rig_open, recorder_rig_close);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_disk_that_stands_still_for_three_seconds_costs_nothing);
    tcase_add_test(tests, after_thirty_seconds_what_is_lost_is_silent_counted_and_no_frame_is_out_of_time);
    tcase_add_test(tests, under_any_switching_and_stalling_the_sums_close);
    tcase_add_test(tests, more_switching_than_can_be_told_loses_whole_takes_but_breaks_none);
    return suite_run_case("slow disk", tests);
}
