#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <lo/lo.h>

#include "osc/packet.h"
#include "osc/writer.h"
#include "tests/suite.h"

#define SAME_BITS(a, b) ck_assert_mem_eq(&(a), &(b), sizeof(a))

/* Checks a copy that lies in memory of exactly its size, where a sanitizer sees any byte too far. */
static int check_exact(const void *bytes, size_t n, unsigned elements_max, struct error *error)
{
    uint8_t *copy = malloc(n ? n : 1);
    memcpy(copy, bytes, n);
    *error = (struct error){0};
    int code = packet_check(copy, n, elements_max, error);
    ck_assert_int_eq(code, (int)error->code);
    ck_assert_msg((code != 0) == (error->text[0] != 0), "code %d with text \"%s\"", code, error->text);
    free(copy);
    return code;
}

#define CHECK(literal, error) check_exact(literal, sizeof(literal) - 1, 256, error)

static void expect_refused(const void *bytes, size_t n, int code, const char *words)
{
    struct error error;
    ck_assert_int_eq(check_exact(bytes, n, 256, &error), code);
    ck_assert_msg(strstr(error.text, words), "\"%s\" does not say \"%s\"", error.text, words);
}

#define REFUSED(literal, code, words) expect_refused(literal, sizeof(literal) - 1, code, words)

static struct bytes message_of(struct writer *writer, const char *address)
{
    struct bytes packet = {0};
    ck_assert_int_eq(writer_end(writer, address, &packet), 0);
    return packet;
}

static struct bytes one_of_each(void)
{
    struct writer w;
    writer_init(&w);
    writer_int(&w, -2);
    writer_float(&w, 0.1f);
    writer_string(&w, "abc");
    writer_blob(&w, "\0\1\2\3\4", 5);
    writer_long(&w, INT64_MIN);
    writer_time(&w, 0x83aa7e8012345678u);
    writer_double(&w, 0.1);
    writer_arg(&w, &(struct arg){.tag = 'S', .s = "symbol"});
    writer_arg(&w, &(struct arg){.tag = 'c', .c = 'z'});
    writer_arg(&w, &(struct arg){.tag = 'm', .m = {1, 0x90, 64, 127}});
    writer_bool(&w, true);
    writer_bool(&w, false);
    writer_arg(&w, &(struct arg){.tag = 'N'});
    writer_arg(&w, &(struct arg){.tag = 'I'});
    return message_of(&w, "/one/of/each");
}

static void expect_one_of_each(const uint8_t *bytes)
{
    struct message message = message_read(bytes);
    struct arg a[14];
    float tenth_f = 0.1f;
    double tenth_d = 0.1;
    ck_assert_str_eq(message.address, "/one/of/each");
    ck_assert_str_eq(message.tags, "ifsbhtdScmTFNI");
    ck_assert_uint_eq(message.n_args, 14);
    ck_assert_uint_eq(message_args(&message, a, 14), 14);
    ck_assert_int_eq(a[0].i, -2);
    SAME_BITS(a[1].f, tenth_f);
    ck_assert_str_eq(a[2].s, "abc");
    ck_assert_uint_eq(a[2].n_bytes, 3);
    ck_assert_uint_eq(a[3].n_bytes, 5);
    ck_assert_mem_eq(a[3].b, "\0\1\2\3\4", 5);
    ck_assert_int_eq(a[4].h, INT64_MIN);
    ck_assert_uint_eq(a[5].t, 0x83aa7e8012345678u);
    SAME_BITS(a[6].d, tenth_d);
    ck_assert_str_eq(a[7].s, "symbol");
    ck_assert_int_eq(a[8].c, 'z');
    ck_assert_mem_eq(a[9].m, "\x01\x90\x40\x7f", 4);
    for (unsigned i = 0; i < 14; i++)
        ck_assert_int_eq(a[i].tag, "ifsbhtdScmTFNI"[i]);
}

START_TEST(every_type_is_read_as_it_was_written_at_any_alignment)
{
    struct bytes packet = one_of_each();
    struct error error;
    ck_assert_int_eq(check_exact(packet.data, packet.n, 0, &error), 0);
    for (unsigned offset = 0; offset < 8; offset++) {
        uint8_t *room = malloc(packet.n + offset);
        memcpy(room + offset, packet.data, packet.n);
        ck_assert_int_eq(packet_check(room + offset, packet.n, 0, &error), 0);
        expect_one_of_each(room + offset);
        free(room);
    }
    bytes_deinit(&packet);
}
END_TEST

START_TEST(a_message_of_liblo_is_read_by_us_and_one_of_ours_by_liblo)
{
    struct error error;
    lo_message theirs = lo_message_new();
    ck_assert_int_eq(lo_message_add(theirs, "ifshdTF", 7, 0.25f, "text", (int64_t)1 << 40, 0.125), 0);
    size_t n;
    uint8_t *bytes = lo_message_serialise(theirs, "/theirs", NULL, &n);
    ck_assert_int_eq(packet_check(bytes, n, 0, &error), 0);
    struct message message = message_read(bytes);
    struct arg a[7];
    ck_assert_uint_eq(message_args(&message, a, 7), 7);
    ck_assert_int_eq(a[0].i, 7);
    ck_assert_int_eq(a[3].h, (int64_t)1 << 40);
    free(bytes);
    lo_message_free(theirs);

    struct bytes ours = one_of_each();
    int result = 0;
    lo_message read = lo_message_deserialise(ours.data, ours.n, &result);
    ck_assert_ptr_nonnull(read);
    ck_assert_str_eq(lo_message_get_types(read), "ifsbhtdScmTFNI");
    ck_assert_int_eq(lo_message_get_argv(read)[0]->i, -2);
    ck_assert_str_eq(&lo_message_get_argv(read)[2]->s, "abc");
    lo_message_free(read);
    bytes_deinit(&ours);
}
END_TEST

START_TEST(an_empty_blob_an_empty_string_and_no_argument_are_fine)
{
    struct writer w;
    struct error error;
    struct arg a[2];
    writer_init(&w);
    writer_blob(&w, NULL, 0);
    writer_string(&w, "");
    struct bytes packet = message_of(&w, "/e");
    ck_assert_int_eq(packet_check(packet.data, packet.n, 0, &error), 0);
    struct message message = message_read(packet.data);
    ck_assert_uint_eq(message_args(&message, a, 2), 2);
    ck_assert_uint_eq(a[0].n_bytes, 0);
    ck_assert_str_eq(a[1].s, "");
    bytes_deinit(&packet);
    ck_assert_int_eq(CHECK("/a\0\0,\0\0\0", &error), 0);
    message = message_read((const uint8_t *)"/a\0\0,\0\0\0");
    ck_assert(!message_next(&message, a));
}
END_TEST

START_TEST(no_part_of_a_packet_is_a_packet)
{
    struct bytes packet = one_of_each();
    struct error error;
    for (size_t n = 0; n < packet.n; n++)
        ck_assert_int_ne(check_exact(packet.data, n, 256, &error), 0);
    bytes_add_u32(&packet, 0);
    ck_assert_int_ne(check_exact(packet.data, packet.n, 256, &error), 0);
    bytes_deinit(&packet);
}
END_TEST

START_TEST(the_packets_that_liblo_reads_past_are_refused)
{
    REFUSED("#bundle\0\0\0\0\0\0\0\0\1\0\0\0\0", ERROR_BAD_VALUE, "at least 8");
    REFUSED("/a\0\0,b\0\0", ERROR_BAD_VALUE, "has no size");
}
END_TEST

START_TEST(what_is_wrong_is_said_with_its_place)
{
    REFUSED("", ERROR_BAD_VALUE, "0 bytes");
    REFUSED("/a\0\0,\0\0", ERROR_BAD_VALUE, "7 bytes");
    REFUSED("/abcdefg", ERROR_BAD_VALUE, "the address at byte 0 is not ended");
    REFUSED("/a\0x,\0\0\0", ERROR_BAD_VALUE, "the address at byte 0 is not ended and padded");
    REFUSED("/a\0\0,ii\0\0\0\0\1", ERROR_BAD_VALUE, "argument 2 (i) needs 4 bytes, but the message ends at byte 12");
    REFUSED("/a\0\0,is\0\0\0\0\1abcd", ERROR_BAD_VALUE, "argument 2, a string at byte 12,");
    REFUSED("/a\0\0,s\0\0a\0b\0", ERROR_BAD_VALUE, "argument 1, a string at byte 8,");
    REFUSED("/a\0\0,b\0\0\0\0\0\5abcd", ERROR_BAD_VALUE, "says 5 bytes, but 4 are left");
    REFUSED("/a\0\0,b\0\0\xff\xff\xff\xff", ERROR_BAD_VALUE, "says 4294967295 bytes");
    REFUSED("/a\0\0,b\0\0\0\0\0\3abcd", ERROR_BAD_VALUE, "argument 1, a blob at byte 8, is not padded");
    REFUSED("/a\0\0,i\0\0\0\0\0\1\0\0\0\0", ERROR_BAD_VALUE, "4 bytes too many");
    REFUSED("/a\0\0,c\0\0\0\0\0\x80", ERROR_BAD_VALUE, "is 128: above 127");
    REFUSED("/a\0\0,x\0\0", ERROR_BAD_TYPE, "type tag 0x78 (unknown)");
    REFUSED("/a\0\0,\xff\0\0", ERROR_BAD_TYPE, "type tag 0xff (unknown)");
    REFUSED("/a\0\0,[]\0", ERROR_BAD_TYPE, "an array");
    REFUSED("/a\0\0\0\0\0\0", ERROR_BAD_TYPE, "no type tag string");
    REFUSED("/abc\0\0\0\0", ERROR_BAD_TYPE, "no type tag string");
    REFUSED("abc\0,\0\0\0", ERROR_BAD_ADDRESS, "\"abc\" does not start with '/'");
    REFUSED("\0\0\0\0,\0\0\0", ERROR_BAD_ADDRESS, "does not start with '/'");
    REFUSED("/a b\0\0\0\0,\0\0\0", ERROR_BAD_ADDRESS, "byte 2 of the address is 0x20");
    REFUSED("/\xc3\xa4\0,\0\0\0", ERROR_BAD_ADDRESS, "byte 1 of the address is 0xc3");
    REFUSED("#bundle\0\0\0\0\1", ERROR_BAD_VALUE, "no time tag");
    REFUSED("#bundle\0\0\0\0\0\0\0\0\1\0\0\0\x0c/a\0\0,\0\0\0", ERROR_BAD_VALUE, "element at byte 16 says 12 bytes");
    REFUSED("#bundle\0\0\0\0\0\0\0\0\1\0\0\0\x09/a\0\0,\0\0\0", ERROR_BAD_VALUE, "multiple of 4");
}
END_TEST

START_TEST(an_address_of_1024_bytes_is_taken_and_one_of_1025_is_not)
{
    struct error error;
    for (unsigned n = 1024; n <= 1025; n++) {
        char address[1100] = {0};
        struct writer w;
        memset(address, 'a', n);
        address[0] = '/';
        writer_init(&w);
        struct bytes packet = message_of(&w, address);
        ck_assert_int_eq(check_exact(packet.data, packet.n, 0, &error), n == 1024 ? 0 : ERROR_TOO_BIG);
        bytes_deinit(&packet);
    }
}
END_TEST

/* A bundle in a bundle, `depth` deep, with a message inside. */
static struct bytes nested(unsigned depth)
{
    struct bytes inner = {0};
    bytes_add(&inner, "/a\0\0,\0\0\0", 8);
    for (; depth; depth--) {
        struct bytes outer = {0};
        bundle_begin(&outer, depth);
        bundle_add(&outer, inner.data, inner.n);
        bytes_deinit(&inner);
        inner = outer;
    }
    return inner;
}

START_TEST(bundles_nest_four_deep_and_no_deeper)
{
    struct error error;
    for (unsigned depth = 0; depth <= 1000; depth = depth < 6 ? depth + 1 : depth * 10) {
        struct bytes packet = nested(depth);
        int code = check_exact(packet.data, packet.n, 5000, &error);
        ck_assert_int_eq(code, depth <= PACKET_DEPTH_MAX ? 0 : ERROR_TOO_BIG);
        bytes_deinit(&packet);
    }
    ck_assert_msg(strstr(error.text, "nest more than 4 deep"), "%s", error.text);
}
END_TEST

START_TEST(elements_are_counted_over_all_nested_bundles)
{
    struct bytes inner = {0}, outer = {0};
    struct error error;
    bundle_begin(&inner, PACKET_TIME_NOW);
    for (unsigned i = 0; i < 3; i++)
        bundle_add(&inner, "/a\0\0,\0\0\0", 8);
    bundle_begin(&outer, PACKET_TIME_NOW);
    bundle_add(&outer, inner.data, inner.n);
    bundle_add(&outer, inner.data, inner.n);
    ck_assert_int_eq(check_exact(outer.data, outer.n, 8, &error), 0);
    ck_assert_int_eq(check_exact(outer.data, outer.n, 7, &error), ERROR_TOO_BIG);
    ck_assert_msg(strstr(error.text, "more than 7 elements"), "%s", error.text);
    bytes_deinit(&inner);
    bytes_deinit(&outer);
}
END_TEST

START_TEST(a_bundle_gives_its_time_and_its_elements_in_order)
{
    struct bytes packet = {0};
    struct error error;
    bundle_begin(&packet, 0x0123456789abcdefu);
    bundle_add(&packet, "/a\0\0,i\0\0\0\0\0\1", 12);
    bundle_add(&packet, "#bundle\0\0\0\0\0\0\0\0\2", 16);
    bundle_add(&packet, "/b\0\0,\0\0\0", 8);
    ck_assert_int_eq(check_exact(packet.data, packet.n, 256, &error), 0);
    ck_assert(packet_is_bundle(packet.data, packet.n));
    struct bundle bundle = bundle_read(packet.data, packet.n);
    const uint8_t *element;
    size_t n;
    ck_assert_uint_eq(bundle.time, 0x0123456789abcdefu);
    ck_assert(bundle_next(&bundle, &element, &n));
    ck_assert_uint_eq(n, 12);
    ck_assert_str_eq(message_read(element).address, "/a");
    ck_assert(bundle_next(&bundle, &element, &n));
    ck_assert(packet_is_bundle(element, n));
    ck_assert_uint_eq(bundle_read(element, n).time, 2);
    ck_assert(bundle_next(&bundle, &element, &n));
    ck_assert_str_eq(message_read(element).address, "/b");
    ck_assert(!bundle_next(&bundle, &element, &n));
    bytes_deinit(&packet);
}
END_TEST

static uint32_t random_next(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void walk(const uint8_t *bytes, size_t n)
{
    const uint8_t *element;
    size_t n_element;
    struct arg arg;
    if (packet_is_bundle(bytes, n)) {
        struct bundle bundle = bundle_read(bytes, n);
        while (bundle_next(&bundle, &element, &n_element))
            walk(element, n_element);
        ck_assert_ptr_eq(bundle.at, bytes + n);
        return;
    }
    struct message message = message_read(bytes);
    unsigned n_args = 0;
    while (message_next(&message, &arg))
        n_args++;
    ck_assert_uint_eq(n_args, message.n_args);
    ck_assert_ptr_eq(message.at, bytes + n);
}

START_TEST(a_damaged_packet_is_refused_or_walked_to_its_very_end)
{
    struct bytes message = one_of_each(), packet = {0};
    uint32_t state = 1;
    struct error error;
    unsigned taken = 0;
    bundle_begin(&packet, PACKET_TIME_NOW);
    bundle_add(&packet, message.data, message.n);
    bundle_add(&packet, "#bundle\0\0\0\0\0\0\0\0\1\0\0\0\x08/a\0\0,\0\0\0", 28);
    for (unsigned i = 0; i < 100000; i++) {
        uint8_t *copy = malloc(packet.n);
        memcpy(copy, packet.data, packet.n);
        for (unsigned k = 0; k <= random_next(&state) % 3; k++)
            copy[random_next(&state) % packet.n] = (uint8_t)(random_next(&state) % 4 ? random_next(&state) : 0);
        size_t n = random_next(&state) % 4 ? packet.n : random_next(&state) % packet.n;
        if (packet_check(copy, n, 256, &error) == 0) {
            walk(copy, n);
            taken++;
        }
        free(copy);
    }
    ck_assert_uint_gt(taken, 1000);
    bytes_deinit(&message);
    bytes_deinit(&packet);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("packet");
    tcase_add_test(tests, every_type_is_read_as_it_was_written_at_any_alignment);
    tcase_add_test(tests, a_message_of_liblo_is_read_by_us_and_one_of_ours_by_liblo);
    tcase_add_test(tests, an_empty_blob_an_empty_string_and_no_argument_are_fine);
    tcase_add_test(tests, no_part_of_a_packet_is_a_packet);
    tcase_add_test(tests, the_packets_that_liblo_reads_past_are_refused);
    tcase_add_test(tests, what_is_wrong_is_said_with_its_place);
    tcase_add_test(tests, an_address_of_1024_bytes_is_taken_and_one_of_1025_is_not);
    tcase_add_test(tests, bundles_nest_four_deep_and_no_deeper);
    tcase_add_test(tests, elements_are_counted_over_all_nested_bundles);
    tcase_add_test(tests, a_bundle_gives_its_time_and_its_elements_in_order);
    tcase_add_test(tests, a_damaged_packet_is_refused_or_walked_to_its_very_end);
    return suite_run_case("packet", tests);
}
