/* The list that knows which of two comes first, against an array that is searched. */
#include <stdlib.h>

#include "graph/rank.h"
#include "tests/graph_check.h"
#include "tests/suite.h"

#define N_RANKS 300
#define N_MOVES RIG_ROUNDS(200000, 20000)

static unsigned n_renumbered; /* members whose numbers changed without having moved, over all moves of a test */

static void check_list(const struct rank *end, struct rank *const *row, unsigned n)
{
    const struct rank *rank = end->next;
    for (unsigned i = 0; i < n; i++, rank = rank->next) {
        MUST(rank == row[i] && rank->next->prev == rank, "place %u is taken by another one", i);
        MUST(rank->number > (i ? row[i - 1]->number : 0), "the number at place %u is no higher than the one before", i);
    }
    MUST(rank == end, "the list is longer than what is in it");
}

static void row_move(struct rank **row, unsigned from, unsigned to)
{
    struct rank *moved = row[from];
    for (; from < to; from++)
        row[from] = row[from + 1];
    for (; from > to; from--)
        row[from] = row[from - 1];
    row[to] = moved;
}

/* Moves the member at one place to another, in the list and in the row. */
static void move(struct rank *end, struct rank **row, unsigned n, unsigned from, unsigned to)
{
    uint64_t before[N_RANKS];
    struct rank *rank = row[from];
    row_move(row, from, to);
    for (unsigned i = 0; i < n; i++)
        before[i] = row[i]->number;
    rank_move(rank, to + 1 < n ? row[to + 1] : end);
    for (unsigned i = 0; i < n; i++)
        n_renumbered += i != to && before[i] != row[i]->number;
}

static void fill(struct rank *end, struct rank *ranks, struct rank **row)
{
    n_renumbered = 0;
    for (unsigned i = 0; i < N_RANKS; i++) {
        rank_append(end, &ranks[i]);
        row[i] = &ranks[i];
    }
}

START_TEST(numbers_grow_along_the_list_whatever_moves)
{
    struct rank end = {0}, ranks[N_RANKS] = {0}, *row[N_RANKS];
    uint32_t seed = 7;
    fill(&end, ranks, row);
    for (unsigned i = 0; i < N_MOVES; i++) {
        move(&end, row, N_RANKS, dice_below(&seed, N_RANKS), dice_below(&seed, N_RANKS));
        if (i % 64 == 0)
            check_list(&end, row, N_RANKS);
    }
    check_list(&end, row, N_RANKS);
}
END_TEST

/* The worst that can be done to gaps: always into the same one. */
START_TEST(a_crowd_at_one_place_renumbers_few)
{
    struct rank end = {0}, ranks[N_RANKS] = {0}, *row[N_RANKS];
    fill(&end, ranks, row);
    for (unsigned i = 0; i < N_MOVES; i++)
        move(&end, row, N_RANKS, N_RANKS - 1, N_RANKS / 2);
    check_list(&end, row, N_RANKS);
    ck_assert_uint_gt(n_renumbered, 0);
    ck_assert_uint_lt(n_renumbered / N_MOVES, 20); /* of 300 */
}
END_TEST

START_TEST(both_ends_have_room_for_ever)
{
    struct rank end = {0}, ranks[N_RANKS] = {0}, *row[N_RANKS];
    fill(&end, ranks, row);
    for (unsigned i = 0; i < N_MOVES; i++)
        move(&end, row, N_RANKS, i % 2 ? N_RANKS - 1 : 0, i % 2 ? 0 : N_RANKS - 1);
    check_list(&end, row, N_RANKS);
    ck_assert_uint_eq(n_renumbered, 0);
}
END_TEST

START_TEST(a_member_may_stay_where_it_is_and_may_leave)
{
    struct rank end = {0}, a = {0}, b = {0};
    rank_append(&end, &a);
    rank_append(&end, &b);
    rank_move(&a, &b);
    rank_move(&b, &end);
    check_list(&end, (struct rank *[]){&a, &b}, 2);
    rank_remove(&a);
    check_list(&end, (struct rank *[]){&b}, 1);
    rank_remove(&b);
    check_list(&end, NULL, 0);
    rank_append(&end, &a);
    check_list(&end, (struct rank *[]){&a}, 1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        numbers_grow_along_the_list_whatever_moves,
        a_crowd_at_one_place_renumbers_few,
        both_ends_have_room_for_ever,
        a_member_may_stay_where_it_is_and_may_leave,
    };
    return suite_run("rank", 60, tests, ROWS(tests));
}
