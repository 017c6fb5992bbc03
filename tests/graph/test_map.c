/* The table of names. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graph/map.h"
#include "tests/graph_check.h"
#include "tests/suite.h"

#define N_KEYS   400
#define N_OPS    RIG_ROUNDS(300000, 40000)
#define N_ROUNDS RIG_ROUNDS(20000, 4000)

static void *find(const struct map *map, const char *key)
{
    return map_find(map, key, strlen(key));
}

START_TEST(an_empty_map_finds_nothing)
{
    struct map map = {0};
    ck_assert_ptr_null(find(&map, "a"));
    ck_assert_ptr_null(find(&map, ""));
    map_remove(&map, "a");
    map_deinit(&map);
}
END_TEST

START_TEST(a_key_is_read_up_to_its_length_and_matched_whole)
{
    struct map map = {0};
    int lead, leader;
    ck_assert_int_eq(map_reserve(&map), 0);
    map_put(&map, "lead", &lead);
    ck_assert_int_eq(map_reserve(&map), 0);
    map_put(&map, "leader", &leader);
    ck_assert_ptr_eq(map_find(&map, "lead:out", 4), &lead);
    ck_assert_ptr_eq(map_find(&map, "leader/gain", 6), &leader);
    ck_assert_ptr_null(map_find(&map, "leader", 5));
    ck_assert_ptr_null(map_find(&map, "leader", 3));
    ck_assert_ptr_null(find(&map, "leaders"));
    ck_assert_ptr_null(find(&map, ""));
    map_deinit(&map);
}
END_TEST

/* Keys of a few letters, so that many share a slot. */
static char keys[N_KEYS][16];
static int values[N_KEYS];

static void keys_make(void)
{
    for (int i = 0; i < N_KEYS; i++)
        snprintf(keys[i], sizeof keys[i], "k%d", i);
}

static void check_against_list(const struct map *map, const bool *there)
{
    for (int i = 0; i < N_KEYS; i++)
        MUST(find(map, keys[i]) == (there[i] ? &values[i] : NULL), "%s is %s", keys[i], there[i] ? "lost" : "still there");
}

START_TEST(it_holds_what_a_plain_list_holds)
{
    struct map map = {0};
    bool there[N_KEYS] = {false};
    uint32_t seed = 17;
    keys_make();
    for (unsigned op = 0; op < N_OPS; op++) {
        unsigned i = dice_below(&seed, op % 20000 < 10000 ? N_KEYS : 12); /* many, then few that come and go */
        MUST(find(&map, keys[i]) == (there[i] ? &values[i] : NULL), "%s is lost or too much", keys[i]);
        if (there[i]) {
            map_remove(&map, keys[i]);
        } else {
            MUST(map_reserve(&map) == 0, "no memory");
            map_put(&map, keys[i], &values[i]);
        }
        there[i] = !there[i];
        if (op % 1000 == 0)
            check_against_list(&map, there);
    }
    check_against_list(&map, there);
    ck_assert_uint_le(map.n_slots, 8 * N_KEYS);
    map_deinit(&map);
}
END_TEST

START_TEST(comings_and_goings_do_not_make_it_grow)
{
    struct map map = {0};
    keys_make();
    for (unsigned op = 0; op < N_OPS; op++) {
        MUST(map_reserve(&map) == 0, "no memory");
        map_put(&map, keys[op % N_KEYS], &values[op % N_KEYS]);
        map_remove(&map, keys[op % N_KEYS]);
    }
    ck_assert_uint_le(map.n_slots, 16);
    map_deinit(&map);
}
END_TEST

/* As a transaction does that is rolled back: removes some, adds others, then takes everything back in reverse. */
static void there_and_back(struct map *map, unsigned n_old, unsigned n_new)
{
    for (unsigned i = 0; i < n_old; i++)
        map_remove(map, keys[i]);
    for (unsigned i = 0; i < n_new; i++) {
        MUST(map_reserve(map) == 0, "no memory");
        map_put(map, keys[n_old + i], &values[n_old + i]);
    }
    for (unsigned i = n_new; i-- > 0;)
        map_remove(map, keys[n_old + i]);
    for (unsigned i = n_old; i-- > 0;)
        map_put(map, keys[i], &values[i]);
}

START_TEST(what_was_removed_can_always_be_put_back)
{
    uint32_t seed = 3;
    for (unsigned round = 0; round < N_ROUNDS; round++) {
        struct map map = {0};
        for (unsigned i = 0; i < 16; i++)
            snprintf(keys[i], sizeof keys[i], "%x", dice(&seed) % 0xfffff * 16 + i);
        unsigned n_old = 1 + dice_below(&seed, 8);
        for (unsigned i = 0; i < n_old; i++) {
            MUST(map_reserve(&map) == 0, "no memory");
            map_put(&map, keys[i], &values[i]);
        }
        there_and_back(&map, n_old, dice_below(&seed, 8));
        there_and_back(&map, n_old, 8);
        for (unsigned i = 0; i < 16; i++)
            MUST(find(&map, keys[i]) == (i < n_old ? &values[i] : NULL), "%s is lost or too much", keys[i]);
        map_deinit(&map);
    }
}
END_TEST

START_TEST(a_table_full_of_removed_keys_still_says_no)
{
    struct map map = {0};
    keys_make();
    ck_assert_int_eq(map_reserve(&map), 0);
    for (unsigned i = 0; i < map.n_slots; i++) /* more than map_reserve would grant: what putting back can lead to */
        map_put(&map, keys[i], &values[i]);
    for (unsigned i = 1; i < map.n_slots; i++)
        map_remove(&map, keys[i]);
    ck_assert_ptr_eq(find(&map, keys[0]), &values[0]);
    ck_assert_ptr_null(find(&map, "none"));
    ck_assert_int_eq(map_reserve(&map), 0);
    map_put(&map, keys[1], &values[1]);
    ck_assert_ptr_eq(find(&map, keys[1]), &values[1]);
    ck_assert_ptr_null(find(&map, "none"));
    map_deinit(&map);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_empty_map_finds_nothing,
        a_key_is_read_up_to_its_length_and_matched_whole,
        it_holds_what_a_plain_list_holds,
        comings_and_goings_do_not_make_it_grow,
        what_was_removed_can_always_be_put_back,
        a_table_full_of_removed_keys_still_says_no,
    };
    return suite_run("map", 60, tests, ROWS(tests));
}
