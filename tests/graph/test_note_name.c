/* Names of notes. */
#include <check.h>
#include <ctype.h>
#include <stdio.h>

#include "graph/event.h"
#include "graph/node.h"
#include "graph/note_name.h"
#include "tests/suite.h"

static double note_of(const char *name)
{
    double note = -1;
    ck_assert_msg(note_name_parse(name, &note), "%s", name);
    return note;
}

START_TEST(middle_c_is_60_and_a4_is_the_tuning_fork)
{
    ck_assert_double_eq(note_of("C4"), 60);
    ck_assert_double_eq(note_of("A4"), EVENT_NOTE_A4);
    ck_assert_double_eq(note_of("c#4"), 61);
    ck_assert_double_eq(note_of("Bb3"), 58);
    ck_assert_double_eq(note_of("bb3"), 58);
    ck_assert_double_eq(note_of("B#3"), 60);
    ck_assert_double_eq(note_of("Cb4"), 59);
}
END_TEST

START_TEST(every_key_has_its_name_in_either_case)
{
    static const char *const names[] = {"C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B"};
    for (int note = 0; note <= 127; note++) {
        char name[8];
        snprintf(name, sizeof name, "%s%d", names[note % 12], note / 12 - 1);
        ck_assert_double_eq(note_of(name), note);
        name[0] = (char)tolower(name[0]);
        ck_assert_double_eq(note_of(name), note);
    }
}
END_TEST

START_TEST(what_is_no_name_or_no_key_is_refused)
{
    static const char *const wrong[] = {"",
                                        "H9",
                                        "C99",
                                        "C10",
                                        "g#9",
                                        "Cb-1",
                                        "C-2",
                                        "C",
                                        "4",
                                        "C#",
                                        "##4",
                                        "c##4",
                                        "Cx4",
                                        "C 4",
                                        "C4 ",
                                        "C4.0",
                                        "c+4",
                                        " C4",
                                        "\xc3"
                                        "4"};
    double note;
    for (unsigned i = 0; i < ROWS(wrong); i++)
        ck_assert_msg(!note_name_parse(wrong[i], &note), "\"%s\"", wrong[i]);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {middle_c_is_60_and_a4_is_the_tuning_fork, every_key_has_its_name_in_either_case,
                                  what_is_no_name_or_no_key_is_refused};
    return suite_run("names of notes", 10, tests, ROWS(tests));
}
