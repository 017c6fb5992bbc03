#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <lo/lo.h>

#include "osc/packet.h"
#include "osc/writer.h"
#include "tests/suite.h"

static struct bytes message_of(struct writer *writer, const char *address)
{
    struct bytes packet = {0};
    ck_assert_int_eq(writer_end(writer, address, &packet), 0);
    return packet;
}

START_TEST(a_message_of_any_length_is_laid_out_as_by_liblo)
{
    uint32_t state = 7;
    for (unsigned round = 0; round < 2000; round++) {
        struct writer w;
        lo_message theirs = lo_message_new();
        writer_init(&w);
        for (unsigned i = 0; i < round % 40; i++) {
            char text[12] = {0};
            memset(text, 'x', state % sizeof text);
            lo_message_add_string(theirs, text);
            writer_string(&w, text);
            lo_message_add_float(theirs, (float)state);
            writer_float(&w, (float)state);
            lo_message_add_true(theirs);
            writer_bool(&w, true);
            state = state * 1664525u + 1013904223u;
        }
        size_t n;
        void *bytes = lo_message_serialise(theirs, "/some/address" + round % 2, NULL, &n);
        size_t foretold = writer_bytes(&w, "/some/address" + round % 2);
        struct bytes ours = message_of(&w, "/some/address" + round % 2);
        ck_assert_uint_eq(ours.n, n);
        ck_assert_uint_eq(foretold, n);
        ck_assert_mem_eq(ours.data, bytes, n);
        bytes_deinit(&ours);
        free(bytes);
        lo_message_free(theirs);
    }
}
END_TEST

START_TEST(a_message_may_be_a_little_longer_than_a_power_of_two)
{
    for (uint32_t n = 64; n <= 4 << 20; n *= 2)
        for (uint32_t more = 0; more < 9; more++) {
            struct writer w;
            struct error error;
            void *data = calloc(1, n + more);
            writer_init(&w);
            writer_blob(&w, data, n + more);
            struct bytes packet = message_of(&w, "/a");
            ck_assert_int_eq(packet_check(packet.data, packet.n, 0, &error), 0);
            bytes_deinit(&packet);
            free(data);
        }
}
END_TEST

START_TEST(a_writer_that_lost_an_argument_gives_no_packet)
{
    struct writer w;
    struct bytes packet = {0};
    writer_init(&w);
    writer_int(&w, 1);
    writer_arg(&w, &(struct arg){.tag = 'x'});
    ck_assert_int_eq(writer_end(&w, "/a", &packet), ERROR_INTERNAL);
    ck_assert_uint_eq(packet.n, 0);
    writer_init(&w);
    writer_string(&w, "abcd");
    ck_assert_uint_eq(writer_bytes(&w, "/abc"), 8 + 4 + 8);
    writer_deinit(&w);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("writer");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_message_of_any_length_is_laid_out_as_by_liblo);
    tcase_add_test(tests, a_message_may_be_a_little_longer_than_a_power_of_two);
    tcase_add_test(tests, a_writer_that_lost_an_argument_gives_no_packet);
    return suite_run_case("writer", tests);
}
