/* scripts/midi-band, which plays any MIDI file with the daemon's instruments: what is damaged is refused in a sentence, and what
 * can be played is played. */
#include <stdio.h>
#include <string.h>

#include "graph/node.h"
#include "tests/smf_rig.h"
#include "tests/suite.h"
#include "tests/system/studio.h"

#define SMPTE_25_BY_40 (unsigned)((256 - 25) << 8 | 40)
#define CUT_STEP       11 /* bytes */

static char output[16384];

static struct studio *open_folder(void)
{
    return studio_open(&(struct studio_options){.no_server = true, .no_daemon = true});
}

/* A track of eight notes on one channel. */
static void add_notes(struct bytes *file, unsigned channel)
{
    size_t track = smf_track_open(file);
    for (unsigned i = 0; i < 8; i++) {
        smf_put(file, 0, (char[]){(char)(0x90 | channel), (char)(48 + i), 100}, 3);
        smf_put(file, 40, (char[]){(char)(0x80 | channel), (char)(48 + i), 0}, 3);
    }
    smf_track_close(file, track, 0);
}

static void add_silence(struct bytes *file)
{
    size_t track = smf_track_open(file);
    smf_put(file, 0, "\xc0\x05", 2);
    smf_track_close(file, track, 960);
}

static struct bytes song(unsigned format, unsigned division)
{
    struct bytes file = {0};
    smf_header(&file, format, 1, division);
    add_notes(&file, 0);
    return file;
}

/* The exit status, with a file of the folder or of elsewhere; never a Python that stumbles. */
static int band(const struct studio *studio, const char *name)
{
    char dawd[1024], path[512];
    snprintf(dawd, sizeof dawd, "%s", studio_build(NULL, "dawd"));
    snprintf(path, sizeof path, "%s/%s", studio->folder, name);
    int status = process_run((const char *const[]){"scripts/midi-band", dawd, path, studio->folder, "1", NULL}, output,
                             sizeof output);
    ck_assert_msg(!strstr(output, "Traceback"), "%s: %s", name, output);
    ck_assert_msg(status == 0 || strncmp(output, "midi-band: ", 11) == 0 || strncmp(output, "dawd: ", 6) == 0, "%s: %d: %s",
                  name, status, output);
    return status;
}

static int band_of(const struct studio *studio, const struct bytes *file)
{
    studio_write(studio, "in.mid", file->data, file->n);
    return band(studio, "in.mid");
}

static void refuses(const struct studio *studio, struct bytes *file, const char *why)
{
    int status = band_of(studio, file);
    ck_assert_msg(status == 1 && strstr(output, why), "%d, and not \"%s\": %s", status, why, output);
    bytes_deinit(file);
}

/* What it plays is heard, and so many channels have an instrument. */
static void plays(const struct studio *studio, struct bytes *file, unsigned channels)
{
    unsigned n = 0;
    ck_assert_msg(band_of(studio, file) == 0, "%s", output);
    ck_assert_msg(strstr(output, "master: peak -") && !strstr(output, "master: peak -200"), "%s", output);
    for (const char *at = output; (at = strstr(at, " preset ")); at++)
        n++;
    ck_assert_msg(n == channels, "%s", output);
    bytes_deinit(file);
}

START_TEST(what_is_no_midi_file_is_refused)
{
    static const char text[] = "MThe quick brown fox";
    struct studio *studio = open_folder();
    struct bytes nothing = {0}, prose = {0}, head = {0};
    ck_assert_int_eq(band(studio, "missing.mid"), 1);
    ck_assert_msg(strstr(output, "missing.mid: No such file"), "%s", output);
    ck_assert_int_eq(band(studio, "."), 1);
    ck_assert_msg(strstr(output, "Is a directory"), "%s", output);
    refuses(studio, &nothing, "is no MIDI file");
    bytes_add(&prose, text, sizeof text);
    refuses(studio, &prose, "is no MIDI file");
    bytes_add(&head, "MThd\0\0\0\6", 8);
    refuses(studio, &head, "is no MIDI file");
    studio_close(studio);
}
END_TEST

START_TEST(a_file_without_notes_is_refused)
{
    struct studio *studio = open_folder();
    struct bytes silent = {0}, trackless = {0};
    smf_header(&silent, 0, 1, 96);
    add_silence(&silent);
    refuses(studio, &silent, "has no notes");
    smf_header(&trackless, 1, 1, 96);
    refuses(studio, &trackless, "has no notes");
    studio_close(studio);
}
END_TEST

START_TEST(what_the_daemon_refuses_is_told_in_its_words)
{
    struct studio *studio = open_folder();
    struct bytes timeless = song(0, 0), strange = song(7, 96), broken = song(0, 96);
    refuses(studio, &timeless, "0 ticks to the quarter");
    refuses(studio, &strange, "format 7; there are 0, 1 and 2");
    broken.data[24] = 0xff;
    refuses(studio, &broken, "in a message 0x90");
    studio_close(studio);
}
END_TEST

START_TEST(a_file_that_is_cut_off_anywhere_is_played_as_far_as_it_goes_or_refused)
{
    struct studio *studio = open_folder();
    struct bytes whole = song(0, 96);
    unsigned n_played = 0, n_refused = 0;
    for (size_t n = 1; n < whole.n; n += CUT_STEP) {
        struct bytes cut = {0};
        bytes_add(&cut, whole.data, n);
        int status = band_of(studio, &cut);
        n_played += status == 0;
        n_refused += status == 1;
        ck_assert_msg(status == (n < 26), "%zu bytes: %d: %s", n, status, output); /* the first note ends at byte 26 */
        bytes_deinit(&cut);
    }
    ck_assert_uint_gt(n_played, 5);
    ck_assert_uint_gt(n_refused, 2);
    plays(studio, &whole, 1);
    studio_close(studio);
}
END_TEST

START_TEST(files_of_every_format_and_division_are_played)
{
    struct studio *studio = open_folder();
    struct bytes many = {0}, pieces = {0}, late = {0}, timed = song(1, SMPTE_25_BY_40);
    smf_header(&many, 1, 3, 96);
    add_silence(&many);
    add_notes(&many, 2);
    add_notes(&many, 4);
    plays(studio, &many, 2);
    plays(studio, &timed, 1);
    smf_header(&pieces, 2, 2, 96); /* of which a midi_player plays the first */
    add_notes(&pieces, 0);
    add_notes(&pieces, 3);
    plays(studio, &pieces, 1);
    smf_header(&late, 2, 2, 96);
    add_silence(&late);
    add_notes(&late, 3);
    refuses(studio, &late, "has no notes");
    studio_close(studio);
}
END_TEST

START_TEST(a_drum_kit_that_is_none_is_refused)
{
    struct studio *studio = open_folder();
    struct bytes file = song(0, 96);
    char dawd[1024], path[128];
    snprintf(dawd, sizeof dawd, "%s", studio_build(NULL, "dawd"));
    snprintf(path, sizeof path, "%s/in.mid", studio->folder);
    studio_write(studio, "in.mid", file.data, file.n);
    const char *arguments[] = {"scripts/midi-band", dawd, path, studio->folder, "1", studio->folder, NULL};
    ck_assert_int_eq(process_run(arguments, output, sizeof output), 1);
    ck_assert_msg(strstr(output, "drumkit.xml: No such file") && !strstr(output, "Traceback"), "%s", output);
    studio_write(studio, "drumkit.xml", "<drumkit>", 9);
    ck_assert_int_eq(process_run(arguments, output, sizeof output), 1);
    ck_assert_msg(strstr(output, "drumkit.xml: no element found") && !strstr(output, "Traceback"), "%s", output);
    bytes_deinit(&file);
    studio_close(studio);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {what_is_no_midi_file_is_refused,
                                  a_file_without_notes_is_refused,
                                  what_the_daemon_refuses_is_told_in_its_words,
                                  a_file_that_is_cut_off_anywhere_is_played_as_far_as_it_goes_or_refused,
                                  files_of_every_format_and_division_are_played,
                                  a_drum_kit_that_is_none_is_refused};
    return suite_run("midi-band", 60, tests, ROWS(tests));
}
