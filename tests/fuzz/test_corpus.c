/* Whatever the fuzzer has ever found, and one input of each kind that leads it on: every line of corpus/NAME.txt goes through its
 * target, on a daemon of its own. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/graph_rig.h"
#include "tests/suite.h"

static const struct fuzz_target *const targets[] = {&packet_target, &dispatch_target, &session_target, &text_target,
                                                    &stream_target, &sfz_target,      &midi_target};

static char *read_corpus(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "tests/fuzz/corpus/%s.txt", name);
    FILE *file = fopen(path, "r");
    ck_assert_msg(file, "%s cannot be read: run it from the top of the tree", path);
    struct bytes text = {0};
    for (int c; (c = fgetc(file)) != EOF;)
        bytes_add_byte(&text, (uint8_t)c);
    bytes_add_byte(&text, '\0');
    fclose(file);
    return (char *)text.data;
}

START_TEST(what_was_ever_found_is_survived)
{
    const struct fuzz_target *target = targets[_i];
    char *text = read_corpus(target->name);
    const char *at = text;
    struct bytes input = {0};
    unsigned n = 0;
    for (; fuzz_corpus_read(&at, &input); n++) {
        uint8_t *alone = malloc(input.n + !input.n);
        memcpy(alone, input.data, input.n);
        target->run(alone, input.n);
        if (target->reset)
            target->reset();
        free(alone);
    }
    ck_assert_uint_gt(n, 0);
    bytes_deinit(&input);
    free(text);
}
END_TEST

START_TEST(a_corpus_holds_any_bytes)
{
    struct bytes text = {0}, input = {0};
    uint8_t bytes[256];
    for (unsigned i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    bytes_print(&text, "# a comment\n\n");
    fuzz_corpus_write(bytes, sizeof bytes, &text);
    fuzz_corpus_write(bytes, 0, &text);
    bytes_add_byte(&text, '\0');
    const char *at = (const char *)text.data;
    ck_assert(fuzz_corpus_read(&at, &input));
    ck_assert_uint_eq(input.n, sizeof bytes);
    ck_assert_mem_eq(input.data, bytes, sizeof bytes);
    ck_assert(fuzz_corpus_read(&at, &input) && input.n == 0);
    ck_assert(!fuzz_corpus_read(&at, &input));
    bytes_deinit(&text);
    bytes_deinit(&input);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("corpus");
    tcase_add_loop_test(tcase, what_was_ever_found_is_survived, 0, ROWS(targets));
    tcase_add_test(tcase, a_corpus_holds_any_bytes);
    tcase_set_timeout(tcase, 60);
    return suite_run_case("corpus", tcase);
}
