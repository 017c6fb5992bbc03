/* What a MIDI player plays, and what it lets go of: switches, channels and tracks, and files that are odd. */
#include <check.h>
#include <stdlib.h>

#include "tests/piece_rig.h"
#include "tests/smf_rig.h"
#include "tests/suite.h"

#define RATE 48000

/* Notes that are on at the end, by what all that was played says of it. */
static int n_sounding(const struct rig *rig)
{
    static bool on[EVENT_CHANNELS][128];
    int n = 0;
    for (size_t i = 0; i < rig->n_played; i++) {
        const struct event *event = &rig->played[i];
        bool is_all = event->kind == EVENT_CONTROL && event->number == CONTROL_NOTES_OFF;
        for (unsigned key = 0; key < 128 && is_all; key++) {
            n -= on[event->channel][key];
            on[event->channel][key] = false;
        }
        if (event->kind == EVENT_NOTE_ON || event->kind == EVENT_NOTE_OFF) {
            bool *is_on = &on[event->channel][(unsigned)event->note];
            n += (event->kind == EVENT_NOTE_ON) - *is_on;
            *is_on = event->kind == EVENT_NOTE_ON;
        }
    }
    return n;
}

/* ---- switches ------------------------------------------------------------------------------------------------------- */

START_TEST(stopped_anywhere_it_lets_go_and_starts_again_from_the_beginning)
{
    struct bytes file = smf_song();
    struct media media = smf_media(&file);
    struct rig rig = smf_player(&media, RATE);
    rig_start(&rig);
    for (unsigned at = 100; at < RATE; at += 4801) {
        rig_set(&rig, "play", 1);
        size_t first = rig.n_played;
        uint64_t begun = rig.frame;
        smf_player_run(&rig, at);
        ck_assert_uint_eq(rig.played[first].offset, begun);
        ck_assert_int_eq(rig.played[first].kind, EVENT_PROGRAM);
        rig_set(&rig, "play", 0);
        smf_player_run(&rig, 300);
        ck_assert_int_eq(n_sounding(&rig), 0);
        ck_assert_int_eq(rig.played[rig.n_played - 1].number, CONTROL_RESET);
        ck_assert_float_eq(rig_reading(&rig, "playing"), 0);
    }
    size_t n = rig.n_played;
    smf_player_run(&rig, RATE);
    ck_assert_uint_eq(rig.n_played, n);
    smf_player_close(&rig, &media);
}
END_TEST

START_TEST(programs_are_left_out_where_none_are_wanted)
{
    struct bytes file = smf_song();
    struct media media = smf_media(&file);
    size_t n[2], notes[2];
    for (unsigned sends = 0; sends < 2; sends++) {
        struct rig rig = smf_player(&media, RATE);
        rig_set(&rig, "programs", (float)sends);
        rig_start(&rig);
        smf_player_run(&rig, RATE);
        n[sends] = played_count(&rig, EVENT_PROGRAM);
        notes[sends] = played_count(&rig, EVENT_NOTE_ON);
        rig_free(&rig);
    }
    free(media.midi);
    ck_assert_uint_eq(n[0], 0);
    ck_assert_uint_gt(n[1], 0);
    ck_assert_uint_eq(notes[0], notes[1]);
}
END_TEST

static struct bytes held_file(void)
{
    struct bytes file = {0};
    smf_header(&file, 0, 1, 480);
    size_t track = smf_track_open(&file);
    smf_put(&file, 0, "\xb3\x40\x7f", 3);
    smf_put(&file, 0, "\x93\x30\x40", 3);
    smf_put(&file, 10, "\x93\x30\x50", 3); /* again, without an off */
    smf_put(&file, 0, "\x99\x24\x40", 3);
    smf_track_close(&file, track, 470);
    return file;
}

START_TEST(what_the_file_leaves_on_ends_with_it_and_with_each_round)
{
    struct bytes file = held_file();
    struct media media = smf_media(&file);
    for (unsigned loop = 0; loop < 2; loop++) {
        struct rig rig = smf_player(&media, RATE);
        rig_set(&rig, "loop", (float)loop);
        rig_start(&rig);
        smf_player_run(&rig, 24001); /* a round is 24000 */
        ck_assert_int_eq(n_sounding(&rig), loop ? 1 : 0);
        ck_assert_uint_eq(played_count(&rig, EVENT_NOTE_ON), loop ? 4 : 3);
        ck_assert_uint_eq(played_count(&rig, EVENT_NOTE_OFF), 1);
        rig_free(&rig);
    }
    free(media.midi);
}
END_TEST

START_TEST(an_off_goes_to_the_key_that_its_on_went_to)
{
    struct bytes file = held_file();
    file.n -= 5; /* the end, and the ticks before it */
    smf_put(&file, 470, "\x83\x30\x40", 3);
    smf_put(&file, 10, "\x89\x24\x40", 3);
    smf_put(&file, 0, "\xff\x2f\0", 3);
    file.data[21] = (uint8_t)(file.n - 22);
    struct media media = smf_media(&file);
    struct rig rig = smf_player(&media, RATE);
    rig_set(&rig, "transpose", 7);
    rig_start(&rig);
    smf_player_run(&rig, 1000);
    rig_set(&rig, "transpose", -12);
    smf_player_run(&rig, 2 * RATE);
    static const struct {
        uint8_t kind;
        float note;
    } expected[] = {{EVENT_NOTE_ON, 55}, {EVENT_NOTE_OFF, 55}, {EVENT_NOTE_ON, 55},
                    {EVENT_NOTE_ON, 36}, {EVENT_NOTE_OFF, 55}, {EVENT_NOTE_OFF, 36}};
    unsigned n = 0;
    for (size_t i = 0; i < rig.n_played; i++)
        if (rig.played[i].kind <= EVENT_NOTE_ON) {
            ck_assert_uint_lt(n, 6);
            ck_assert_int_eq(rig.played[i].kind, expected[n].kind);
            ck_assert_float_eq(rig.played[i].note, expected[n++].note);
        }
    ck_assert_uint_eq(n, 6);
    smf_player_close(&rig, &media);
}
END_TEST

START_TEST(velocities_are_scaled_and_held_below_127)
{
    static const struct {
        float scale, value;
        unsigned n;
    } cases[] = {{0.5f, 32, 3}, {2, 127, 3}, {0, 0, 0}};
    struct bytes file = held_file();
    struct media media = smf_media(&file);
    for (unsigned i = 0; i < 3; i++) {
        struct rig rig = smf_player(&media, RATE);
        rig_set(&rig, "velocity", cases[i].scale);
        rig_start(&rig);
        smf_player_run(&rig, RATE);
        ck_assert_uint_eq(played_count(&rig, EVENT_NOTE_ON), cases[i].n);
        for (size_t k = 0; k < rig.n_played; k++)
            if (rig.played[k].kind == EVENT_NOTE_ON && rig.played[k].channel == 9)
                ck_assert_float_eq_tol(rig.played[k].value, cases[i].value, 1.1f);
        rig_free(&rig);
    }
    free(media.midi);
}
END_TEST

/* ---- which ---------------------------------------------------------------------------------------------------------- */

/* A note on each of three channels. */
static struct media tracks_media(unsigned format, unsigned first_channel)
{
    struct bytes file = {0};
    smf_header(&file, format, 3, 480);
    for (unsigned t = 0; t < 3; t++) {
        size_t track = smf_track_open(&file);
        char on[3] = {(char)(0x90 | (t + first_channel - 1)), (char)(60 + t), 64};
        smf_put(&file, 480 * t, on, 3);
        smf_track_close(&file, track, 960);
    }
    return smf_media(&file);
}

static unsigned keys_of(const struct media *media, const char *param, float value)
{
    struct rig rig = smf_player(media, RATE);
    unsigned keys = 0;
    rig_set(&rig, param, value);
    rig_start(&rig);
    smf_player_run(&rig, 3 * RATE);
    for (size_t i = 0; i < rig.n_played; i++)
        if (rig.played[i].kind == EVENT_NOTE_ON)
            keys |= 1u << ((unsigned)rig.played[i].note - 60);
    rig_free(&rig);
    return keys;
}

START_TEST(a_channel_or_a_track_can_be_played_alone)
{
    struct media together = tracks_media(1, 5), apart = tracks_media(2, 5);
    ck_assert_uint_eq(keys_of(&together, "track", 0), 7);
    ck_assert_uint_eq(keys_of(&together, "track", 2), 2);
    ck_assert_uint_eq(keys_of(&together, "track", 9), 0);
    ck_assert_uint_eq(keys_of(&together, "channel", 7), 4);
    ck_assert_uint_eq(keys_of(&together, "channel", 1), 0);
    ck_assert_uint_eq(keys_of(&apart, "track", 0), 1);
    ck_assert_uint_eq(keys_of(&apart, "track", 3), 4);
    ck_assert_uint_eq(keys_of(&apart, "track", 4), 0);
    free(together.midi);
    free(apart.midi);
}
END_TEST

START_TEST(drums_are_left_out_where_they_are_not_wanted_and_played_alone_where_they_are)
{
    struct media band = tracks_media(1, 9);
    ck_assert_uint_eq(keys_of(&band, "drums", 1), 7);
    ck_assert_uint_eq(keys_of(&band, "drums", 0), 5);
    ck_assert_uint_eq(keys_of(&band, "channel", 10), 2);
    free(band.midi);
}
END_TEST

/* ---- what is odd ---------------------------------------------------------------------------------------------------- */

START_TEST(a_flood_comes_late_but_whole)
{
    struct bytes file = {0};
    smf_header(&file, 0, 1, 480);
    size_t track = smf_track_open(&file);
    unsigned n = 5000;
    for (unsigned i = 0; i < n; i++) {
        char control[3] = {(char)0xb0, (char)(i % 64), (char)(i / 64)};
        smf_put(&file, 0, control, 3);
    }
    smf_track_close(&file, track, 480);
    struct media media = smf_media(&file);
    struct rig rig = smf_player(&media, RATE);
    rig.block = 256;
    rig_start(&rig);
    smf_player_run(&rig, RATE / 4);
    ck_assert_uint_eq(rig.n_played, n);
    for (unsigned i = 0; i < n; i++)
        ck_assert_uint_eq(rig.played[i].number + 64 * (unsigned)rig.played[i].value, i);
    smf_player_close(&rig, &media);
}
END_TEST

START_TEST(a_piece_without_length_is_played_once)
{
    struct bytes file = {0};
    smf_header(&file, 0, 1, 480);
    size_t track = smf_track_open(&file);
    smf_put(&file, 0, "\xc0\x05", 2);
    smf_track_close(&file, track, 0);
    struct media media = smf_media(&file);
    struct rig rig = smf_player(&media, RATE);
    rig_set(&rig, "loop", 1);
    rig_start(&rig);
    smf_player_run(&rig, 1000);
    ck_assert_uint_eq(played_count(&rig, EVENT_PROGRAM), 1);
    ck_assert_float_eq(rig_reading(&rig, "playing"), 0);
    smf_player_close(&rig, &media);
}
END_TEST

START_TEST(without_a_file_nothing_is_played)
{
    struct rig rig = smf_player(NULL, RATE);
    rig_start(&rig);
    smf_player_run(&rig, RATE);
    ck_assert_uint_eq(rig.n_played, 0);
    ck_assert_float_eq(rig_reading(&rig, "playing"), 0);
    rig_free(&rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {stopped_anywhere_it_lets_go_and_starts_again_from_the_beginning,
                                  programs_are_left_out_where_none_are_wanted,
                                  what_the_file_leaves_on_ends_with_it_and_with_each_round,
                                  an_off_goes_to_the_key_that_its_on_went_to,
                                  velocities_are_scaled_and_held_below_127,
                                  a_channel_or_a_track_can_be_played_alone,
                                  drums_are_left_out_where_they_are_not_wanted_and_played_alone_where_they_are,
                                  a_flood_comes_late_but_whole,
                                  a_piece_without_length_is_played_once,
                                  without_a_file_nothing_is_played};
    return suite_run("midi_player: notes", 20, tests, sizeof tests / sizeof *tests);
}
