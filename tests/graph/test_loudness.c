/* Sound on its way to whoever measures it. */
#include <check.h>
#include <stdlib.h>

#include "graph/loudness_shared.h"
#include "graph/node.h"
#include "tests/suite.h"

#define RATE 48000

static struct loudness loudness;
static float ramp[BLOCK_MAX];
static bool began_anew; /* at the end of the last take */
static const float *const in[] = {ramp, ramp};

static void open_stereo(void)
{
    ck_assert_int_eq(loudness_init(&loudness, 2, RATE), 0);
}

static void close_stereo(void)
{
    loudness_deinit(&loudness);
}

/* Blocks whose frames are numbered, as one sound. */
static uint64_t send(uint64_t from, unsigned n_blocks)
{
    for (unsigned b = 0; b < n_blocks; b++) {
        for (unsigned i = 0; i < BLOCK_MAX; i++)
            ramp[i] = (float)from++;
        loudness_run_rt(&loudness, in, 0, BLOCK_MAX);
    }
    return from;
}

/* Takes what there is up to the next reset, and returns the number of the frame after the last. */
static uint64_t take(uint64_t expected)
{
    began_anew = false;
    for (struct loudness_piece piece; (piece = loudness_next(&loudness, 1000)).n_frames || piece.begins_anew;) {
        began_anew = piece.begins_anew;
        if (began_anew)
            break;
        for (uint64_t i = 0; i < piece.n_frames; i++, expected++) {
            const float *x = piece.first + i;
            if (x[0] != (float)expected || x[loudness.capacity_frames] != (float)expected)
                ck_abort_msg("%g and %g, not %llu", (double)x[0], (double)x[loudness.capacity_frames],
                             (unsigned long long)expected);
        }
        loudness_done(&loudness, piece.n_frames);
    }
    return expected;
}

START_TEST(every_frame_arrives_in_order_round_the_end)
{
    uint64_t sent = 0, taken = 0;
    for (unsigned turn = 0; turn < 60; turn++) {
        sent = send(sent, turn * 2);
        taken = take(taken);
        ck_assert_uint_eq(taken, sent);
    }
    ck_assert_uint_eq(loudness.lost, 0);
}
END_TEST

START_TEST(what_finds_no_room_is_counted_and_what_was_there_stays)
{
    unsigned blocks = (unsigned)(loudness.capacity_frames / BLOCK_MAX);
    send(0, blocks + 3);
    ck_assert_uint_eq(loudness.lost, 3 * BLOCK_MAX);
    ck_assert_uint_eq(take(0), loudness.capacity_frames);
    send(loudness.capacity_frames, 1);
    ck_assert_uint_eq(loudness.lost, 3 * BLOCK_MAX);
}
END_TEST

START_TEST(a_reset_lies_between_the_frames_where_it_was_made)
{
    uint64_t at = send(0, 5);
    loudness_reset_rt(&loudness);
    send(at, 3);
    ck_assert_uint_eq(take(0), at);
    ck_assert(began_anew);
    ck_assert_uint_eq(take(at), at + 3 * BLOCK_MAX);
    ck_assert(!loudness_next(&loudness, 1000).begins_anew);
}
END_TEST

START_TEST(of_several_resets_the_newest_counts)
{
    loudness_reset_rt(&loudness);
    uint64_t at = send(0, 1);
    loudness_reset_rt(&loudness);
    ck_assert_uint_eq(take(0), at);
    ck_assert(began_anew);
    ck_assert(!loudness_next(&loudness, 1000).begins_anew);
}
END_TEST

START_TEST(a_reset_makes_lost_frames_forgotten)
{
    send(0, (unsigned)(loudness.capacity_frames / BLOCK_MAX) + 1);
    loudness_reset_rt(&loudness);
    ck_assert_uint_eq(loudness.lost, 0);
}
END_TEST

START_TEST(figures_of_before_a_reset_are_not_told_but_those_of_windows_are)
{
    static const float before[] = {-20, -21, -1, -22, 5}, after[] = {-30, -31, -2, -32, 0};
    loudness_tell(&loudness, before);
    ck_assert_float_eq(loudness_value_rt(&loudness, LOUDNESS_INTEGRATED), -22);
    loudness_reset_rt(&loudness);
    ck_assert_float_eq(loudness_value_rt(&loudness, LOUDNESS_INTEGRATED), LOUDNESS_SILENCE);
    ck_assert_float_eq(loudness_value_rt(&loudness, LOUDNESS_TRUE_PEAK), LOUDNESS_SILENCE);
    ck_assert_float_eq(loudness_value_rt(&loudness, LOUDNESS_RANGE), 0);
    ck_assert_float_eq(loudness_value_rt(&loudness, LOUDNESS_MOMENTARY), -20);
    loudness_tell(&loudness, before); /* of frames before it */
    ck_assert_float_eq(loudness_value_rt(&loudness, LOUDNESS_INTEGRATED), LOUDNESS_SILENCE);
    ck_assert(loudness_next(&loudness, 1000).begins_anew);
    ck_assert_float_eq(loudness_value_rt(&loudness, LOUDNESS_INTEGRATED), LOUDNESS_SILENCE);
    loudness_tell(&loudness, after);
    ck_assert_float_eq(loudness_value_rt(&loudness, LOUDNESS_INTEGRATED), -32);
}
END_TEST

START_TEST(what_is_no_sound_is_sent_as_silence)
{
    static const float garbage[] = {NAN, INFINITY, -INFINITY, 1e12f, -1e38f};
    for (unsigned i = 0; i < BLOCK_MAX; i++)
        ramp[i] = garbage[i % ROWS(garbage)];
    loudness_run_rt(&loudness, in, 0, BLOCK_MAX);
    struct loudness_piece piece = loudness_next(&loudness, BLOCK_MAX);
    for (unsigned i = 0; i < BLOCK_MAX; i++)
        ck_assert_float_eq(piece.first[i], 0);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {
        every_frame_arrives_in_order_round_the_end,
        what_finds_no_room_is_counted_and_what_was_there_stays,
        a_reset_lies_between_the_frames_where_it_was_made,
        of_several_resets_the_newest_counts,
        a_reset_makes_lost_frames_forgotten,
        figures_of_before_a_reset_are_not_told_but_those_of_windows_are,
        what_is_no_sound_is_sent_as_silence,
    };
    TCase *tcase = tcase_create("ring");
    tcase_add_checked_fixture(tcase, open_stereo, close_stereo);
    for (unsigned i = 0; i < ROWS(tests); i++)
        tcase_add_test(tcase, tests[i]);
    return suite_run_case("loudness", tcase);
}
