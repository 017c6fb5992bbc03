/* What nodes share: made once, found by what it was made of, freed with its last reader. */
#include <check.h>
#include <stdlib.h>

#include "graph/stock.h"
#include "tests/graph_rig.h"
#include "tests/suite.h"

static unsigned n_released;

static void released(struct media *media)
{
    (void)media;
    n_released++;
}

static struct media sound(float *samples, unsigned n)
{
    return (struct media){.samples = samples, .n_frames = n, .channels = 1, .references = 1, .release = released};
}

static struct stocked *put(struct stock *stock, struct stock_label label)
{
    struct arena arena = {0};
    void *thing = arena_take(&arena, 1000);
    return stock_put(stock, &label, &arena, thing);
}

START_TEST(one_thing_is_found_by_all_that_would_make_the_same)
{
    struct stock stock = {0};
    float one[] = {1, 2, 3}, alike[] = {1, 2, 3}, other[] = {1, 2, 4};
    struct media media[] = {sound(one, 3), sound(alike, 3), sound(other, 3), sound(one, 2)};
    struct stocked *stocked = put(&stock, (struct stock_label){"table", 5, &media[0]});
    ck_assert_ptr_eq(stock_find(&stock, &(struct stock_label){"table", 5, &media[0]}), stocked);
    ck_assert_ptr_eq(stock_find(&stock, &(struct stock_label){"table", 5, &media[1]}), stocked);
    ck_assert_ptr_null(stock_find(&stock, &(struct stock_label){"table", 5, &media[2]}));
    ck_assert_ptr_null(stock_find(&stock, &(struct stock_label){"table", 5, &media[3]}));
    ck_assert_ptr_null(stock_find(&stock, &(struct stock_label){"table", 5, NULL}));
    ck_assert_ptr_null(stock_find(&stock, &(struct stock_label){"table", 6, &media[0]}));
    ck_assert_ptr_null(stock_find(&stock, &(struct stock_label){"another", 5, &media[0]}));
    for (unsigned i = 0; i < 3; i++)
        stocked_release(stocked);
    ck_assert_ptr_null(stock_find(&stock, &(struct stock_label){"table", 5, &media[0]}));
}
END_TEST

START_TEST(the_last_reader_frees_it_and_its_sound)
{
    struct stock stock = {0};
    float x[] = {1, 2, 3};
    struct media media = sound(x, 3);
    struct stocked *stocked[] = {put(&stock, (struct stock_label){"table", 1, &media}),
                                 put(&stock, (struct stock_label){"table", 2, &media}),
                                 put(&stock, (struct stock_label){"table", 3, NULL})};
    media_unref(&media);
    ck_assert_uint_ge(stock.n_bytes, 3000);
    stocked_release(stocked[1]);
    ck_assert_uint_lt(stock.n_bytes, 3000);
    ck_assert_uint_eq(n_released, 0);
    stocked_release(stocked[0]);
    ck_assert_uint_eq(n_released, 1);
    stocked_release(stocked[2]);
    stocked_release(NULL);
    ck_assert_uint_eq(stock.n_bytes, 0);
    ck_assert_ptr_null(stock.first);
}
END_TEST

START_TEST(without_a_stock_each_has_its_own)
{
    struct stock_label label = {"table", 1, NULL};
    struct arena arena = {0};
    ck_assert_ptr_null(stock_find(NULL, &label));
    struct stocked *a = put(NULL, label), *b = put(NULL, label);
    ck_assert_ptr_ne(a->thing, b->thing);
    stocked_release(a);
    stocked_release(b);
    arena_take(&arena, 10);
    ck_assert_ptr_null(stock_put(NULL, &label, &arena, NULL));
    ck_assert_ptr_null(arena.chunks);
}
END_TEST

START_TEST(nodes_of_one_table_take_its_memory_once_until_the_last_has_gone)
{
    struct graph_rig *rig = graph_rig_new(48000);
    const struct stock *stock = &rig->ctl->stock;
    graph_rig_commit(rig, "add a wavetable table=2; connect a out");
    graph_rig_run(rig, 480);
    size_t n_bytes = stock->n_bytes, n_model = rig->ctl->model.n_bytes;
    ck_assert_uint_gt(n_bytes, 1 << 20);
    graph_rig_commit(rig, "add b wavetable table=2; connect b out");
    graph_rig_run(rig, 480);
    ck_assert_uint_eq(stock->n_bytes, n_bytes);
    ck_assert_uint_lt(rig->ctl->model.n_bytes - n_model, 1 << 16);
    graph_rig_commit(rig, "add c wavetable table=3");
    ck_assert_uint_gt(stock->n_bytes, n_bytes);
    graph_rig_commit(rig, "remove c; remove a");
    graph_rig_settle(rig);
    ck_assert_uint_eq(stock->n_bytes, n_bytes);
    graph_rig_commit(rig, "remove b");
    graph_rig_settle(rig);
    ck_assert_uint_eq(stock->n_bytes, 0);
    graph_rig_free(rig);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {one_thing_is_found_by_all_that_would_make_the_same,
                                  the_last_reader_frees_it_and_its_sound, without_a_stock_each_has_its_own,
                                  nodes_of_one_table_take_its_memory_once_until_the_last_has_gone};
    return suite_run("stock", 10, tests, ROWS(tests));
}
