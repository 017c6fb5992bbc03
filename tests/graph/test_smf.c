/* What of a standard MIDI file is taken, how times come about, and what is refused with which byte. */
#include <check.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "tests/smf_rig.h"
#include "tests/suite.h"

#define PUT(file, ticks, text) smf_put(file, ticks, text, sizeof(text) - 1)

/* Format 0, 480 to the quarter, with what `put` writes into its track. */
static struct bytes file_of(void (*put)(struct bytes *file))
{
    struct bytes file = {0};
    smf_header(&file, 0, 1, 480);
    size_t track = smf_track_open(&file);
    put(&file);
    smf_track_close(&file, track, 0);
    return file;
}

static void check_event(const struct smf *smf, uint32_t i, uint32_t tick, unsigned status, unsigned first, unsigned second)
{
    const struct smf_event *event = &smf->events[smf->order[i].serial];
    ck_assert_uint_eq(event->tick, tick);
    ck_assert_uint_eq(event->status, status);
    ck_assert_uint_eq(event->data[0], first);
    ck_assert_uint_eq(event->data[1], second);
}

/* ---- what is taken -------------------------------------------------------------------------------------------------- */

static void put_running(struct bytes *file)
{
    PUT(file, 0, "\x93\x3c\x40");
    PUT(file, 10, "\x3e\x41");
    PUT(file, 0, "\xff\x06\x04mark");
    PUT(file, 5, "\x40\x42");
    PUT(file, 0, "\xf0\x03\x7e\x7f\xf7");
    PUT(file, 5, "\x40\x00");
    PUT(file, 0, "\xc3\x05");
    PUT(file, 300, "\x06");
}

START_TEST(a_status_runs_on_over_meta_events_and_system_exclusive)
{
    struct bytes file = file_of(put_running);
    struct smf *smf = smf_of(&file);
    ck_assert_uint_eq(smf->n_events, 6);
    check_event(smf, 0, 0, 0x93, 0x3c, 0x40);
    check_event(smf, 1, 10, 0x93, 0x3e, 0x41);
    check_event(smf, 2, 15, 0x93, 0x40, 0x42);
    check_event(smf, 3, 20, 0x93, 0x40, 0x00);
    check_event(smf, 4, 20, 0xc3, 5, 0);
    check_event(smf, 5, 320, 0xc3, 6, 0);
    ck_assert_uint_eq(smf->sequences[0].end_tick, 320);
    free(smf);
}
END_TEST

START_TEST(tracks_of_format_1_sound_together_in_the_order_of_time_and_of_the_file)
{
    struct bytes file = {0};
    smf_header(&file, 1, 3, 96);
    for (unsigned t = 0; t < 3; t++) {
        size_t track = smf_track_open(&file);
        char note[3] = {(char)(0x90 | t), 60, 100};
        smf_put(&file, 48, note, 3);
        smf_put(&file, 48 - 10 * t, note, 3);
        smf_track_close(&file, track, 7 * t);
        bytes_add(&file, "XFIH\0\0\0\3any", t == 1 ? 11 : 0); /* of another kind: passed over */
    }
    struct smf *smf = smf_of(&file);
    static const struct {
        uint32_t tick;
        uint8_t status;
    } expected[] = {{48, 0x90}, {48, 0x91}, {48, 0x92}, {76, 0x92}, {86, 0x91}, {96, 0x90}};
    ck_assert_uint_eq(smf->n_sequences, 1);
    for (unsigned i = 0; i < 6; i++)
        check_event(smf, i, expected[i].tick, expected[i].status, 60, 100);
    ck_assert_uint_eq(smf->sequences[0].end_tick, 96);
    ck_assert_uint_eq(smf->tracks[2].end_tick, 90);
    free(smf);
}
END_TEST

START_TEST(tracks_of_format_2_are_pieces_of_their_own)
{
    struct bytes file = {0};
    smf_header(&file, 2, 3, 480);
    for (uint32_t t = 0; t < 3; t++) {
        size_t track = smf_track_open(&file);
        smf_put_tempo(&file, 0, 250000 * (t + 1));
        PUT(&file, 480, "\x90\x3c\x40");
        smf_track_close(&file, track, 480);
    }
    struct smf *smf = smf_of(&file);
    ck_assert_uint_eq(smf->n_sequences, 3);
    for (uint32_t s = 0; s < 3; s++) {
        ck_assert_uint_eq(smf->sequences[s].n_events, 1);
        ck_assert_int_eq(smf_frame_of_tick(smf, &smf->sequences[s], 480, 48000), 12000 * (s + 1));
    }
    free(smf);
}
END_TEST

static void put_names(struct bytes *file)
{
    PUT(file, 0, "\xff\x03\x00");
    PUT(file, 0, "\xff\x03\x06Sp\xe5r 1");
    PUT(file, 0, "\xff\x03\x05other");
}

static void put_long_name(struct bytes *file)
{
    smf_put(file, 0, "\xff\x03\x50x", 4);
    for (unsigned i = 0; i < 79; i++)
        bytes_add_byte(file, i % 2 ? 0xa4 : 0xc3);
}

START_TEST(names_become_utf_8_and_end_with_a_whole_character)
{
    struct bytes file = file_of(put_names);
    struct smf *smf = smf_of(&file);
    ck_assert_str_eq(smf->tracks[0].name, "Sp\xc3\xa5r 1");
    free(smf);
    file = file_of(put_long_name);
    smf = smf_of(&file);
    ck_assert_uint_eq(strlen(smf->tracks[0].name), 61);
    ck_assert_int_eq(strncmp(smf->tracks[0].name, "x\xc3\xa4\xc3\xa4", 5), 0);
    free(smf);
}
END_TEST

static void put_meters(struct bytes *file)
{
    PUT(file, 0, "\xff\x58\x04\x03\x02\x18\x08");
    PUT(file, 0, "\xff\x58\x04\x06\x03\x18\x08");
    PUT(file, 960, "\xff\x58\x04\x07\x03\x18\x08");
}

START_TEST(of_marks_at_one_tick_the_last_holds)
{
    struct bytes file = file_of(put_meters);
    struct smf *smf = smf_of(&file);
    ck_assert_uint_eq(smf->sequences[0].n_meters, 2);
    ck_assert_uint_eq(smf->meters[0].numerator, 6);
    ck_assert_uint_eq(smf->meters[0].denominator_log2, 3);
    ck_assert_uint_eq(smf->meters[1].at.tick, 960);
    ck_assert_uint_eq(smf->meters[1].numerator, 7);
    free(smf);
}
END_TEST

/* ---- time ----------------------------------------------------------------------------------------------------------- */

START_TEST(a_hundred_thousand_changes_of_tempo_add_up_to_the_frame)
{
    struct bytes file = {0};
    smf_header(&file, 0, 1, 960);
    size_t track = smf_track_open(&file);
    unsigned __int128 us = 0; /* times 960 */
    uint32_t tempo = 500000, n = 100000;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t ticks = 1 + i * 7 % 50;
        us += (uint64_t)ticks * tempo;
        tempo = 200000 + i * 7919 % 800000;
        smf_put_tempo(&file, ticks, tempo);
    }
    smf_track_close(&file, track, 0);
    struct smf *smf = smf_of(&file);
    const struct smf_sequence *sequence = &smf->sequences[0];
    ck_assert_uint_eq(sequence->n_tempos, n + 1);
    ck_assert_uint_eq(smf_units_of_tick(smf, sequence, sequence->end_tick), (uint64_t)us);
    int64_t frame = (int64_t)((2 * us * 44100 + 960000000) / (2 * 960000000u));
    ck_assert_int_eq(smf_frame_of_tick(smf, sequence, sequence->end_tick, 44100), frame);
    for (uint32_t i = 0; i < sequence->n_tempos; i += 97) {
        const struct smf_tempo *at = &smf->tempos[i];
        ck_assert_ptr_eq(smf_tempo_of_units(smf, sequence, at->units), at);
        ck_assert_ptr_eq(smf_tempo_at(smf, sequence, at->at.tick), at);
    }
    free(smf);
}
END_TEST

START_TEST(ticks_of_smpte_frames_last_what_a_frame_says)
{
    static const struct {
        unsigned frames, ticks;
        uint32_t tick;
        int64_t frame; /* at 48 kHz */
    } cases[] = {{24, 4, 96 * 60, 60 * 48000}, {25, 40, 1000, 48000},        {25, 40, 1, 48},
                 {30, 80, 2400, 48000},        {29, 100, 3000000, 48048000}, {29, 4, 1, 400 /* 400.4 */}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct bytes file = {0};
        smf_header(&file, 0, 1, (256 - cases[i].frames) << 8 | cases[i].ticks);
        size_t track = smf_track_open(&file);
        smf_put_tempo(&file, 0, 123456); /* means nothing here */
        smf_track_close(&file, track, 0);
        struct smf *smf = smf_of(&file);
        ck_assert_uint_eq(smf->ticks_per_quarter, 0);
        ck_assert_int_eq(smf_frame_of_tick(smf, &smf->sequences[0], cases[i].tick, 48000), cases[i].frame);
        free(smf);
    }
}
END_TEST

/* ---- what is refused, and what is told ------------------------------------------------------------------------------ */

#define HEADS(length) "MThd\0\0\0\6\0\0\0\1\1\340MTrk\0\0\0" length /* of the track */
#define HEAD          HEADS("\x09")

struct broken {
    const char *bytes;
    size_t n;
    const char *says;
};
#define BROKEN(text, why)                                                                                                  \
    {                                                                                                                      \
        text, sizeof(text) - 1, why                                                                                        \
    }

static const struct broken broken_files[] = {
    BROKEN("", "byte 0: no standard MIDI file"),
    BROKEN("RIFF\0\0\0\6\0\0\0\1\1\340", "byte 0: no standard MIDI file"),
    BROKEN("MThd\0\0\0\5\0\0\0\1\1\340", "byte 4: a header of 5 bytes"),
    BROKEN("MThd\0\0\1\0\0\0\0\1\1\340", "byte 4: a header of 256 bytes"),
    BROKEN("MThd\0\0\0\6\0\3\0\1\1\340", "byte 8: format 3; there are 0, 1 and 2"),
    BROKEN("MThd\0\0\0\6\0\0\0\1\0\0", "byte 12: 0 ticks to the quarter"),
    BROKEN("MThd\0\0\0\6\0\0\0\1\xe8\0", "byte 12: 0 ticks in each of 24 frames"),
    BROKEN("MThd\0\0\0\6\0\0\0\1\xe9\4", "byte 12: 4 ticks in each of 23 frames"),
    BROKEN("MThd\0\0\0\6\0\0\0\0\1\340", "byte 14: the file ends without a track"),
    BROKEN("MThd\0\0\0\6\0\0\0\1\1\340", "byte 14: the file ends without a track"),
    BROKEN("MThd\0\0\0\6\0\0\0\1\1\340\0\0\0\0\0\0\0\0\0", "byte 14: 0x00000000, where a chunk such as MTrk must begin"),
    BROKEN(HEAD "\0\x40\x40\0\0\0\xff\x2f\0", "byte 23: 0x40, where a status (0x80 or more) must come first"),
    BROKEN(HEAD "\0\x90\x40\x80\0\0\xff\x2f\0", "byte 25: 0x80 in a message 0x90"),
    BROKEN(HEAD "\0\xc0\xff\0\0\0\xff\x2f\0", "byte 24: 0xff in a message 0xc0"),
    BROKEN(HEAD "\0\xf8\0\xff\x2f\0\xff\x2f\0", "byte 23: 0xf8, which has no place in a file"),
    BROKEN(HEAD "\xff\xff\xff\xff\0\0\xff\x2f\0", "byte 22: a number of more than 4 bytes"),
    BROKEN(HEAD "\0\xff\x01\x20\0\0\xff\x2f\0", "byte 26: a meta event needs 32 bytes, but its track ends at byte 31"),
    BROKEN(HEAD "\0\xf0\x20\0\0\0\xff\x2f\0",
           "byte 25: a system exclusive event needs 32 bytes, but its track ends at byte 31"),
    BROKEN(HEAD "\0\x90\x40\x40\0\x90\x40\x40\0", "byte 31: an event needs 1 bytes, but its track ends at byte 31"),
};

START_TEST(what_is_broken_is_refused_with_the_byte)
{
    const struct broken *file = &broken_files[_i];
    char warning[SMF_WARNING_BYTES];
    struct error error = {0};
    ck_assert_ptr_null(smf_parse((const uint8_t *)file->bytes, file->n, warning, &error));
    ck_assert_int_eq(error.code, ERROR_BAD_FILE);
    ck_assert_msg(strncmp(error.text, file->says, strlen(file->says)) == 0, "%s", error.text);
}
END_TEST

static const struct broken odd_files[] = {
    BROKEN(HEADS("\x0b") "\0\xff\x51\x03\0\0\0\0\xff\x2f\0", "byte 26: this tempo means nothing"),
    BROKEN(HEADS("\x0a") "\0\xff\x58\x02\4\x09\0\xff\x2f\0", "byte 26: this signature means nothing"),
    BROKEN(HEAD "\0\x90\x40\x40\0\x91\x40\x40", "the file ends within track 1"),
    BROKEN(HEAD "\0\x90\x40\x40\0\xc1\x40\0\x40", "byte 31: track 1 has no end"),
    BROKEN("MThd\0\0\0\6\0\1\0\2\1\340MTrk\0\0\0\4\0\xff\x2f\0", "the file ends after 1 of 2 tracks"),
};

START_TEST(what_is_odd_is_told)
{
    const struct broken *file = &odd_files[_i];
    char warning[SMF_WARNING_BYTES];
    struct error error = {0};
    struct smf *smf = smf_parse((const uint8_t *)file->bytes, file->n, warning, &error);
    ck_assert_msg(smf != NULL, "%s", error.text);
    ck_assert_str_eq(warning, file->says);
    free(smf);
}
END_TEST

/* What lies behind them is padding. */
#define EVENT_BYTES (offsetof(struct smf_event, data) + sizeof(uint8_t[2]))

START_TEST(a_file_without_its_tail_gives_what_is_there)
{
    struct bytes file = file_of(put_running);
    struct smf *whole;
    char warning[SMF_WARNING_BYTES];
    struct error error = {0};
    uint32_t before = 0;
    ck_assert_ptr_nonnull(whole = smf_parse(file.data, file.n, warning, &error));
    for (size_t n = 0; n < file.n; n++) {
        uint8_t *alone = malloc(n + 1); /* so that a sanitizer sees what is read beyond */
        memcpy(alone, file.data, n);
        struct smf *smf = smf_parse(alone, n, warning, &error);
        ck_assert((smf == NULL) == (n < 22));
        for (uint32_t i = 0; smf && i < smf->n_events; i++)
            ck_assert_mem_eq(&smf->events[i], &whole->events[i], EVENT_BYTES);
        if (smf) {
            ck_assert_str_eq(warning, "the file ends within track 1");
            ck_assert_uint_ge(smf->n_events, before);
            before = smf->n_events;
        }
        free(smf);
        free(alone);
    }
    ck_assert_uint_eq(before, whole->n_events);
    free(whole);
    bytes_deinit(&file);
}
END_TEST

START_TEST(events_and_ticks_have_a_bound)
{
    struct bytes file = {0};
    char warning[SMF_WARNING_BYTES];
    struct error error = {0};
    smf_header(&file, 0, 1, 480);
    size_t track = smf_track_open(&file);
    PUT(&file, 0, "\xc0\x01");
    for (uint32_t i = 0; i < SMF_EVENTS_MAX; i++)
        bytes_add(&file, "\0\1", 2);
    smf_track_close(&file, track, 0);
    ck_assert_ptr_null(smf_parse(file.data, file.n, warning, &error));
    ck_assert_int_eq(error.code, ERROR_TOO_BIG);
    bytes_deinit(&file);
    smf_header(&file, 0, 1, 480);
    track = smf_track_open(&file);
    for (unsigned i = 0; i < 17; i++)
        PUT(&file, 0x0fffffff, "\xc0\x01");
    smf_track_close(&file, track, 0);
    ck_assert_ptr_null(smf_parse(file.data, file.n, warning, &error));
    ck_assert_str_eq(error.text, "byte 122: more than 4294967295 ticks");
    bytes_deinit(&file);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("MIDI files");
    tcase_add_test(tests, a_status_runs_on_over_meta_events_and_system_exclusive);
    tcase_add_test(tests, tracks_of_format_1_sound_together_in_the_order_of_time_and_of_the_file);
    tcase_add_test(tests, tracks_of_format_2_are_pieces_of_their_own);
    tcase_add_test(tests, names_become_utf_8_and_end_with_a_whole_character);
    tcase_add_test(tests, of_marks_at_one_tick_the_last_holds);
    tcase_add_test(tests, a_hundred_thousand_changes_of_tempo_add_up_to_the_frame);
    tcase_add_test(tests, ticks_of_smpte_frames_last_what_a_frame_says);
    tcase_add_loop_test(tests, what_is_broken_is_refused_with_the_byte, 0, sizeof broken_files / sizeof *broken_files);
    tcase_add_loop_test(tests, what_is_odd_is_told, 0, sizeof odd_files / sizeof *odd_files);
    tcase_add_test(tests, a_file_without_its_tail_gives_what_is_there);
    tcase_add_test(tests, events_and_ticks_have_a_bound);
    return suite_run_case("MIDI files", tests);
}
