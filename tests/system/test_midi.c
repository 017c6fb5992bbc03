/* Rows M1, M2, M3: MIDI through a real JACK server.
 * Lane: quiet */
#include "graph/node.h"
#include "tests/suite.h"
#include "tests/system/midi_rows.h"

static const struct jack_row ordinary = {0};

START_TEST(every_message_passes_at_its_frame_and_a_note_is_heard_at_its_own)
{
    ck_assert(midi_row_m1(&ordinary));
}
END_TEST

START_TEST(the_transport_follows_a_clock_that_jitters_and_steps)
{
    ck_assert(midi_row_m2(&ordinary));
}
END_TEST

START_TEST(whatever_goes_ends_the_notes_that_it_has_on)
{
    ck_assert(midi_row_m3(&ordinary));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {every_message_passes_at_its_frame_and_a_note_is_heard_at_its_own,
                                  the_transport_follows_a_clock_that_jitters_and_steps,
                                  whatever_goes_ends_the_notes_that_it_has_on};
    return suite_run("midi", 60, tests, ROWS(tests));
}
