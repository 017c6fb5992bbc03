#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tests/graph_rig.h"
#include "tests/recorder_rig.h"
#include "tests/suite.h"

#define RATE  48000
#define BLOCK 256

/* ---- takes ---------------------------------------------------------------------------------------------------------- */

START_TEST(a_take_holds_every_frame_from_switch_to_switch)
{
    uint32_t seed = 1;
    uint64_t from[8], n[8];
    for (unsigned k = 0; k < 8; k++) {
        recorder_pass(dice_below(&seed, 3000));
        from[k] = recorder_rig.now;
        recorder_rig.on = true;
        recorder_pass(1 + dice_below(&seed, 100000));
        recorder_rig.on = false;
        n[k] = recorder_rig.now - from[k];
    }
    recorder_pass(BLOCK);
    ck_assert_uint_eq(recorder_rig.folder.n, 8);
    for (unsigned k = 0; k < 8; k++)
        ck_assert_uint_eq(recorder_check_take(k, from[k], n[k]), 0);
    ck_assert_uint_eq(atomic_load(&recorder_rig.recording->in_file), n[7]);
}
END_TEST

START_TEST(takes_are_numbered_and_names_in_use_are_passed_over)
{
    recorder_rig.folder.n_existing = 2;
    for (unsigned k = 0; k < 3; k++) {
        recorder_rig.on = true;
        recorder_pass(500);
        recorder_rig.on = false;
        recorder_pass(500);
        recorder_rig.folder.n_existing = k == 0 ? 1 : 0;
    }
    ck_assert_str_eq(recorder_rig.folder.path[0], "take-3.wav");
    ck_assert_str_eq(recorder_rig.folder.path[1], "take-5.wav");
    ck_assert_str_eq(recorder_rig.folder.path[2], "take-6.wav");
}
END_TEST

START_TEST(where_the_clock_has_jumped_a_new_take_begins)
{
    recorder_rig.on = true;
    recorder_pass(5000);
    recorder_rig.now += 100000;
    recorder_pass(5000);
    recorder_rig.on = false;
    recorder_pass(BLOCK);
    ck_assert_uint_eq(recorder_check_take(0, 1000, 5000), 0);
    ck_assert_uint_eq(recorder_check_take(1, 106000, 5000), 0);
}
END_TEST

START_TEST(released_in_mid_take_it_writes_what_is_there_and_closes)
{
    recorder_rig.on = true;
    recorder_play(100000);
    atomic_store(&recorder_rig.recorder->released, true);
    enum recorder_state state;
    while ((state = recorder_turn(recorder_rig.recorder)) == RECORDER_HAS_MORE)
        ;
    ck_assert_int_eq(state, RECORDER_THROUGH);
    ck_assert_uint_eq(recorder_rig.folder.disk[0].n_closed, 1);
    ck_assert_uint_eq(recorder_check_take(0, 1000, 100000), 0);
}
END_TEST

START_TEST(released_while_frames_are_missing_it_still_has_its_whole_length)
{
    recorder_rig.on = true;
    recorder_play(10 * RATE);
    atomic_store(&recorder_rig.recorder->released, true);
    recorder_write_all();
    ck_assert_uint_eq(recorder_check_take(0, 1000, 10 * RATE), 4 * RATE);
}
END_TEST

START_TEST(frames_that_the_driver_has_skipped_are_silent_and_not_the_disks_fault)
{
    recorder_rig.on = true;
    recorder_pass(30000);
    recorder_rig.now += 300;
    recorder_pass(30000);
    recorder_rig.on = false;
    recorder_pass(1);
    ck_assert_uint_eq(recorder_rig.recording->lost, 300);
    ck_assert_uint_eq(recorder_check_take(0, 1000, 60300), 300);
    ck_assert_ptr_nonnull(strstr(recorder_log(), "300 frames are silent that no sound came for: xruns"));
    ck_assert_ptr_null(strstr(recorder_log(), "too slow"));
}
END_TEST

/* ---- a disk that fails ---------------------------------------------------------------------------------------------- */

static bool has_failed(void)
{
    return recording_has_failed_rt(recorder_rig.recording);
}

START_TEST(a_full_disk_ends_the_take_at_the_last_frame_and_the_next_one_tries_anew)
{
    recorder_rig.folder.capacity = 100000;
    recorder_rig.on = true;
    recorder_pass(30000);
    ck_assert(has_failed());
    ck_assert(!recording_is_on_rt(recorder_rig.recording));
    uint64_t n = atomic_load(&recorder_rig.recording->in_file);
    ck_assert_uint_gt(n, 12000);
    ck_assert_uint_eq(recorder_check_take(0, 1000, n), 0);
    ck_assert_uint_eq(recorder_rig.recording->lost, 0);
    char expected[100];
    snprintf(expected, sizeof expected, "error: recording \"take.wav\" came to an end: %s; it holds %llu frames",
             strerror(ENOSPC), (unsigned long long)n);
    ck_assert_msg(strstr(recorder_log(), expected) != NULL, "%s", recorder_log());
    recorder_rig.folder.capacity = 0;
    recorder_rig.on = false;
    recorder_pass(100);
    recorder_rig.on = true;
    uint64_t from = recorder_rig.now;
    recorder_pass(30000);
    ck_assert(!has_failed());
    recorder_rig.on = false;
    recorder_pass(100);
    ck_assert_uint_eq(recorder_check_take(1, from, 30000), 0);
}
END_TEST

START_TEST(a_file_that_cannot_be_made_fails_the_take_and_says_why)
{
    recorder_rig.folder.refusal = ERROR_DENIED;
    recorder_rig.on = true;
    recorder_pass(3000);
    ck_assert(has_failed());
    ck_assert_ptr_nonnull(strstr(recorder_log(), "error: \"take.wav\" cannot be recorded: refused \"take.wav\""));
}
END_TEST

START_TEST(flac_on_a_full_disk_ends_at_a_whole_block)
{
    recorder_free(recorder_rig.recorder);
    recorder_remake(SOUND_FLAC_24);
    recorder_rig.folder.capacity = 600; /* what is clipped packs tightly */
    recorder_rig.on = true;
    recorder_pass(300000);
    ck_assert(has_failed());
    int64_t readable = fake_disk_readable(&recorder_rig.folder.disk[0]);
    ck_assert_int_gt(readable, 0);
    ck_assert_int_eq(readable, fake_disk_claimed(&recorder_rig.folder.disk[0]));
    ck_assert_int_eq(readable, (int64_t)atomic_load(&recorder_rig.recording->in_file));
}
END_TEST

START_TEST(it_warns_once_when_less_than_a_minute_is_left)
{
    recorder_rig.folder.capacity = (uint64_t)RATE * 8 * 61;
    recorder_rig.on = true;
    recorder_pass(960);
    ck_assert_uint_eq(recorder_bytes_per_s(recorder_rig.recorder), RATE * 8);
    recorder_watch(recorder_rig.recorder, 5000, RATE * 8);
    ck_assert_ptr_null(strstr(recorder_log(), "room"));
    recorder_pass(2 * RATE);
    recorder_watch(recorder_rig.recorder, 5900, RATE * 8); /* it looks once a second */
    ck_assert_ptr_null(strstr(recorder_log(), "room"));
    for (int64_t ms = 6000; ms < 20000; ms += 100)
        recorder_watch(recorder_rig.recorder, ms, RATE * 8);
    const char *first = strstr(recorder_log(), "warning: \"take.wav\": the disk has room for 59 more seconds");
    ck_assert_msg(first != NULL, "%s", recorder_log());
    ck_assert_ptr_null(strstr(first + 1, "warning: "));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("recorder");
    tcase_add_checked_fixture(tests, recorder_rig_open, recorder_rig_close);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_take_holds_every_frame_from_switch_to_switch);
    tcase_add_test(tests, takes_are_numbered_and_names_in_use_are_passed_over);
    tcase_add_test(tests, where_the_clock_has_jumped_a_new_take_begins);
    tcase_add_test(tests, released_in_mid_take_it_writes_what_is_there_and_closes);
    tcase_add_test(tests, released_while_frames_are_missing_it_still_has_its_whole_length);
    tcase_add_test(tests, frames_that_the_driver_has_skipped_are_silent_and_not_the_disks_fault);
    tcase_add_test(tests, a_full_disk_ends_the_take_at_the_last_frame_and_the_next_one_tries_anew);
    tcase_add_test(tests, a_file_that_cannot_be_made_fails_the_take_and_says_why);
    tcase_add_test(tests, flac_on_a_full_disk_ends_at_a_whole_block);
    tcase_add_test(tests, it_warns_once_when_less_than_a_minute_is_left);
    return suite_run_case("recorder", tests);
}
