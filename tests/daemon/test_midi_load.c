/* MIDI files as the loader reads them: a descriptor in, a media object or a sentence with the file's name out. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/midi_load.h"
#include "tests/smf_rig.h"
#include "tests/suite.h"

static struct bytes note_file(unsigned n)
{
    struct bytes file = {0};
    smf_header(&file, 0, 1, 480);
    size_t track = smf_track_open(&file);
    for (unsigned i = 0; i < n; i++)
        smf_put(&file, 1, "\x90\x3c\x40", 3);
    smf_track_close(&file, track, 0);
    return file;
}

/* Loads the bytes as a file. */
static struct media *load(struct media_load *load, const struct bytes *file, struct error *error)
{
    int fd = memfd_create("song.mid", 0);
    ck_assert_int_eq(write(fd, file->data, file->n), (ssize_t)file->n);
    load->fd = fd;
    load->name = "song.mid";
    struct media *media = midi_load(load, error);
    close(fd);
    return media;
}

START_TEST(a_file_of_any_length_is_read_from_its_start)
{
    static const unsigned lengths[] = {0, 1, 16384, 60000};
    for (unsigned i = 0; i < 4; i++) {
        struct media_load work = {0};
        struct error error = {0};
        struct bytes file = note_file(lengths[i]);
        struct media *media = load(&work, &file, &error);
        ck_assert_msg(media != NULL, "%s", error.text);
        ck_assert_int_eq(media->kind, MEDIA_MIDI);
        ck_assert_uint_eq(media->midi->n_events, lengths[i]);
        ck_assert_uint_eq(media->references, 1);
        ck_assert_uint_eq(media_bytes(media), media->midi->bytes);
        ck_assert_str_eq(work.warning, "");
        media_unref(media);
        bytes_deinit(&file);
    }
}
END_TEST

START_TEST(what_is_wrong_or_odd_names_the_file)
{
    struct media_load work = {0};
    struct error error = {0};
    struct bytes file = note_file(3);
    file.n -= 4;
    struct media *media = load(&work, &file, &error);
    ck_assert_ptr_nonnull(media);
    ck_assert_str_eq(work.warning, "\"song.mid\": the file ends within track 1");
    media_unref(media);
    file.data[9] = 7;
    ck_assert_ptr_null(load(&work, &file, &error));
    ck_assert_int_eq(error.code, ERROR_BAD_FILE);
    ck_assert_str_eq(error.text, "\"song.mid\": byte 8: format 7; there are 0, 1 and 2");
    bytes_deinit(&file);
}
END_TEST

START_TEST(the_limit_for_one_file_holds)
{
    struct media_load work = {.limit_bytes = 10000};
    struct error error = {0};
    struct bytes file = note_file(1000);
    ck_assert_ptr_null(load(&work, &file, &error));
    ck_assert_int_eq(error.code, ERROR_TOO_BIG);
    bytes_deinit(&file);
    struct media_load none = {.fd = memfd_create("zeros", 0), .name = "zeros"};
    ck_assert_int_eq(ftruncate(none.fd, (off_t)1 << 40), 0);
    error = (struct error){0};
    ck_assert_ptr_null(midi_load(&none, &error));
    ck_assert_int_eq(error.code, ERROR_TOO_BIG);
    close(none.fd);
}
END_TEST

START_TEST(a_load_can_be_cancelled)
{
    atomic_bool cancelled = true;
    struct media_load work = {.cancelled = &cancelled};
    struct error error = {0};
    struct bytes file = note_file(1);
    ck_assert_ptr_null(load(&work, &file, &error));
    ck_assert_int_eq(error.code, ERROR_CANCELLED);
    bytes_deinit(&file);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_file_of_any_length_is_read_from_its_start, what_is_wrong_or_odd_names_the_file,
                                  the_limit_for_one_file_holds, a_load_can_be_cancelled};
    return suite_run("loading MIDI files", 20, tests, sizeof tests / sizeof *tests);
}
