/* A reader that goes round for days: the frame of every event against rational numbers. */
#include <check.h>
#include <stdlib.h>

#include "graph/smf_reader.h"
#include "tests/smf_rig.h"
#include "tests/suite.h"

#define RATE_HZ 44100
#define ROUNDS  300000

/* One note; a round lasts 3 ticks of 99991 / 7 us: 1889.8299 frames. */
static struct smf *one_note(void)
{
    struct bytes file = {0};
    smf_header(&file, 0, 1, 7);
    size_t track = smf_track_open(&file);
    smf_put_tempo(&file, 0, 99991);
    smf_put(&file, 1, "\x90\x3c\x40", 3);
    smf_track_close(&file, track, 2);
    return smf_of(&file);
}

/* The frame nearest to a time in ticks of 99991 / 7 us at a speed, a half of it going up. */
static int64_t frame_of(uint64_t ticks, double speed)
{
    unsigned __int128 numerator = (unsigned __int128)ticks * 99991 * RATE_HZ * 8;
    uint64_t denominator = 7000000ull * (uint64_t)(speed * 8);
    return (int64_t)((2 * numerator + denominator) / (2 * denominator));
}

START_TEST(after_hundreds_of_thousands_of_rounds_every_event_is_in_its_frame)
{
    static const double speeds[] = {1, 0.25, 3.625};
    struct smf *smf = one_note();
    unsigned n_wrong = 0;
    for (unsigned s = 0; s < 3; s++) {
        struct smf_reader reader = smf_reader_at(smf, &smf->sequences[0], RATE_HZ, false);
        __int128 step = smf_reader_step(&reader, speeds[s], 0);
        int64_t frame = 0;
        for (uint64_t round = 0; round < ROUNDS; round++) {
            for (unsigned part = 0; part < 2; part++) {
                unsigned until = smf_reader_until(&reader, step, 1u << 30);
                frame += until;
                smf_reader_pass(&reader, step, until);
                n_wrong += frame != frame_of(3 * round + (part ? 3 : 1), speeds[s]);
                n_wrong += (smf_reader_take(&reader) == NULL) != (part == 1);
            }
            n_wrong += !smf_reader_again(&reader, step);
        }
    }
    ck_assert_uint_eq(n_wrong, 0);
    free(smf);
}
END_TEST

START_TEST(going_by_quarters_and_back_stays_in_its_place)
{
    struct bytes song = smf_song();
    struct smf *smf = smf_of(&song);
    struct smf_reader reader = smf_reader_at(smf, &smf->sequences[0], RATE_HZ, false);
    __int128 step = smf_reader_step(&reader, 1, 0);
    for (unsigned i = 0; i < 400; i++) {
        double before = smf_reader_time_s(&reader);
        smf_reader_turn(&reader, true);
        ck_assert_double_eq_tol(smf_reader_time_s(&reader), before, 1e-9);
        smf_reader_turn(&reader, false);
        ck_assert_double_eq_tol(smf_reader_time_s(&reader), before, 1e-9);
        smf_reader_pass(&reader, step, 173);
    }
    free(smf);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {after_hundreds_of_thousands_of_rounds_every_event_is_in_its_frame,
                                  going_by_quarters_and_back_stays_in_its_place};
    return suite_run("readers of MIDI files", 20, tests, sizeof tests / sizeof *tests);
}
