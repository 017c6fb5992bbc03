/* The memory of one object. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "graph/arena.h"
#include "tests/graph_rig.h"
#include "tests/suite.h"

#define N_PIECES 2000

static bool is_filled(const char *piece, size_t bytes, int with)
{
    for (size_t k = 0; k < bytes; k++)
        if (piece[k] != with)
            return false;
    return true;
}

START_TEST(memory_is_aligned_and_zero_and_apart)
{
    static char *piece[N_PIECES];
    static size_t bytes[N_PIECES];
    struct arena arena = {0};
    uint32_t seed = 5;
    for (unsigned i = 0; i < N_PIECES; i++) {
        bytes[i] = i % 100 == 99 ? 200000 + dice_below(&seed, 1000) : dice_below(&seed, 300);
        bool is_packed = dice_below(&seed, 2);
        piece[i] = is_packed ? arena_take_packed(&arena, bytes[i], 1) : arena_take(&arena, bytes[i]);
        ck_assert_ptr_nonnull(piece[i]);
        ck_assert_uint_eq((uintptr_t)piece[i] % (is_packed ? ARENA_PACKED_BYTES : ARENA_ALIGN_BYTES), 0);
        ck_assert(is_filled(piece[i], bytes[i], 0));
        memset(piece[i], (int)(i % 127) + 1, bytes[i]);
    }
    for (unsigned i = 0; i < N_PIECES; i++)
        ck_assert(is_filled(piece[i], bytes[i], (int)(i % 127) + 1));
    arena_deinit(&arena);
}
END_TEST

START_TEST(no_bytes_at_all_are_a_valid_pointer)
{
    struct arena arena = {0};
    void *a = arena_take(&arena, 0), *b = arena_take_array(&arena, 0, 100), *c = arena_take_array(&arena, 100, 0);
    ck_assert_ptr_nonnull(a);
    ck_assert_ptr_nonnull(b);
    ck_assert_ptr_nonnull(c);
    ck_assert(a != b && b != c && a != c);
    arena_deinit(&arena);
}
END_TEST

START_TEST(an_absurd_size_is_refused_and_harms_nothing)
{
    struct arena arena = {0};
    ck_assert_ptr_null(arena_take(&arena, SIZE_MAX));
    ck_assert_ptr_null(arena_take(&arena, SIZE_MAX - 63));
    ck_assert_ptr_null(arena_take(&arena, SIZE_MAX / 2 + 1));
    ck_assert_ptr_null(arena_take_array(&arena, SIZE_MAX / 16, 17));
    ck_assert_ptr_null(arena_take_array(&arena, SIZE_MAX, SIZE_MAX));
    ck_assert_ptr_null(arena_take_array(&arena, UINT64_C(1) << 32, UINT64_C(1) << 32));
#if RIG_ROUNDS(1, 0) /* a sanitizer ends the program */
    ck_assert_ptr_null(arena_take(&arena, SIZE_MAX / 2));
    ck_assert_ptr_null(arena_take(&arena, SIZE_MAX / 4));
#endif
    ck_assert_uint_eq(arena.used_bytes, 0);
    char *piece = arena_take_array(&arena, 100, 10);
    ck_assert_ptr_nonnull(piece);
    ck_assert_int_eq(piece[999], 0);
    arena_deinit(&arena);
}
END_TEST

START_TEST(an_arena_that_was_emptied_can_be_used_again)
{
    struct arena arena = {0};
    arena_deinit(&arena);
    for (unsigned round = 0; round < 3; round++) {
        ck_assert_ptr_nonnull(arena_take(&arena, 5000));
        ck_assert_uint_ge(arena.used_bytes, 5000);
        arena_deinit(&arena);
        ck_assert_uint_eq(arena.used_bytes, 0);
        ck_assert_ptr_null(arena.chunks);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        memory_is_aligned_and_zero_and_apart,
        no_bytes_at_all_are_a_valid_pointer,
        an_absurd_size_is_refused_and_harms_nothing,
        an_arena_that_was_emptied_can_be_used_again,
    };
    return suite_run("arena", 60, tests, ROWS(tests));
}
