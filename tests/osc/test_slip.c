#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "osc/slip.h"
#include "tests/suite.h"

#define MAX_BYTES 64

static void write_frame(struct bytes *stream, const char *text)
{
    slip_write(stream, (const uint8_t *)text, strlen(text));
}

/* What a stream decodes to: frames as they are, "!big" and "!bad" for what was reported, each ended by a bar. The stream is
 * fed in pieces of `piece` bytes that lie in memory of exactly that size. */
static struct bytes decode(const uint8_t *stream, size_t n, size_t piece, size_t max_bytes)
{
    struct bytes found = {0};
    struct slip slip;
    slip_init(&slip, max_bytes);
    for (size_t from = 0; from < n; from += piece) {
        size_t n_piece = n - from < piece ? n - from : piece, at = 0;
        uint8_t *copy = malloc(n_piece);
        memcpy(copy, stream + from, n_piece);
        for (enum slip_event event; (event = slip_read(&slip, copy, n_piece, &at)) != SLIP_MORE;) {
            if (event == SLIP_FRAME)
                bytes_add(&found, slip.frame.data, slip.frame.n);
            else
                bytes_print(&found, event == SLIP_TOO_BIG ? "!big" : "!bad");
            bytes_add_byte(&found, '|');
        }
        ck_assert_uint_eq(at, n_piece);
        free(copy);
    }
    slip_deinit(&slip);
    return found;
}

static void expect(const void *stream, size_t n, const char *wanted)
{
    for (size_t piece = 1; piece <= n; piece++) {
        struct bytes found = decode(stream, n, piece, MAX_BYTES);
        bytes_add_byte(&found, 0);
        ck_assert_msg(strcmp((const char *)found.data, wanted) == 0, "in pieces of %zu: %s", piece,
                      (const char *)found.data);
        bytes_deinit(&found);
    }
}

#define EXPECT(literal, wanted) expect(literal, sizeof(literal) - 1, wanted)

START_TEST(frames_come_out_in_whatever_pieces_they_come_in)
{
    EXPECT("\xc0"
           "one\xc0\xc0two\xc0three\xc0",
           "one|two|three|");
    EXPECT("no end in sight", "");
}
END_TEST

START_TEST(every_byte_survives_the_escaping)
{
    uint8_t all[512];
    struct bytes stream = {0};
    for (unsigned i = 0; i < 512; i++)
        all[i] = (uint8_t)i;
    slip_write(&stream, all, sizeof all);
    ck_assert_uint_eq(stream.n, 512 + 2 + 4);
    for (size_t piece = 1; piece < 520; piece++) {
        struct bytes found = decode(stream.data, stream.n, piece, 512);
        ck_assert_uint_eq(found.n, 513);
        ck_assert_mem_eq(found.data, all, 512);
        bytes_deinit(&found);
    }
    bytes_deinit(&stream);
}
END_TEST

START_TEST(empty_frames_are_passed_over)
{
    EXPECT("\xc0\xc0\xc0\xc0"
           "a\xc0\xc0\xc0",
           "a|");
}
END_TEST

START_TEST(a_frame_that_is_too_long_is_reported_once_and_the_next_one_read)
{
    struct bytes stream = {0};
    char text[400] = {0};
    memset(text, 'x', MAX_BYTES);
    write_frame(&stream, text);
    memset(text, 'y', MAX_BYTES + 1);
    write_frame(&stream, text);
    memset(text, 'z', sizeof text - 1);
    write_frame(&stream, text);
    write_frame(&stream, "after");
    for (size_t piece = 1; piece <= stream.n; piece++) {
        struct bytes found = decode(stream.data, stream.n, piece, MAX_BYTES);
        ck_assert_uint_eq(found.n, MAX_BYTES + 1 + strlen("!big|!big|after|"));
        ck_assert_mem_eq(found.data + MAX_BYTES, "|!big|!big|after|", 17);
        bytes_deinit(&found);
    }
    bytes_deinit(&stream);
}
END_TEST

START_TEST(a_wrong_escape_is_reported_once_and_the_next_frame_read)
{
    EXPECT("\xc0"
           "ab\xdb"
           "c\xdb"
           "d\xdb\xdc\xc0"
           "after\xc0",
           "!bad|after|");
    EXPECT("\xc0"
           "ab\xdb\xc0"
           "after\xc0",
           "!bad|after|");
}
END_TEST

START_TEST(an_endless_frame_costs_no_memory_beyond_the_limit)
{
    struct slip slip;
    uint8_t piece[4096];
    unsigned reports = 0;
    memset(piece, 'x', sizeof piece);
    slip_init(&slip, 100000);
    for (unsigned i = 0; i < 1000; i++) {
        size_t at = 0;
        while (slip_read(&slip, piece, sizeof piece, &at) != SLIP_MORE)
            reports++;
        ck_assert_uint_le(slip.frame.capacity, 2 * 100000);
    }
    ck_assert_uint_eq(reports, 1);
    ck_assert_uint_eq(slip.frame.capacity, 0);
    slip_deinit(&slip);
}
END_TEST

START_TEST(a_long_frame_does_not_pin_its_memory)
{
    struct slip slip;
    struct bytes stream = {0};
    size_t at = 0;
    uint8_t *packet = calloc(1, 1 << 20);
    slip_init(&slip, 1 << 20);
    slip_write(&stream, packet, 1 << 20);
    write_frame(&stream, "a");
    ck_assert_int_eq(slip_read(&slip, stream.data, stream.n, &at), SLIP_FRAME);
    ck_assert_uint_eq(slip.frame.n, 1 << 20);
    ck_assert_int_eq(slip_read(&slip, stream.data, stream.n, &at), SLIP_FRAME);
    ck_assert_uint_le(slip.frame.capacity, 65536);
    bytes_deinit(&stream);
    slip_deinit(&slip);
    free(packet);
}
END_TEST

START_TEST(noise_never_gives_a_frame_beyond_the_limit)
{
    uint32_t state = 1;
    uint8_t noise[4096];
    for (unsigned round = 0; round < 200; round++) {
        for (unsigned i = 0; i < sizeof noise; i++) {
            static const uint8_t special[4] = {0xc0, 0xdb, 0xdc, 0xdd};
            state = state * 1664525u + 1013904223u;
            noise[i] = state >> 31 ? special[state >> 20 & 3] : (uint8_t)(state >> 16);
        }
        struct slip slip;
        size_t at = 0;
        slip_init(&slip, 8);
        for (enum slip_event event; (event = slip_read(&slip, noise, sizeof noise, &at)) != SLIP_MORE;)
            if (event == SLIP_FRAME)
                ck_assert(slip.frame.n >= 1 && slip.frame.n <= 8);
        slip_deinit(&slip);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("slip");
    tcase_add_test(tests, frames_come_out_in_whatever_pieces_they_come_in);
    tcase_add_test(tests, every_byte_survives_the_escaping);
    tcase_add_test(tests, empty_frames_are_passed_over);
    tcase_add_test(tests, a_frame_that_is_too_long_is_reported_once_and_the_next_one_read);
    tcase_add_test(tests, a_wrong_escape_is_reported_once_and_the_next_frame_read);
    tcase_add_test(tests, an_endless_frame_costs_no_memory_beyond_the_limit);
    tcase_add_test(tests, a_long_frame_does_not_pin_its_memory);
    tcase_add_test(tests, noise_never_gives_a_frame_beyond_the_limit);
    return suite_run_case("slip", tests);
}
