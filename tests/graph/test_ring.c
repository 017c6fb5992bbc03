/* The ring between control and the audio thread. */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "graph/error.h"
#include "graph/ring_shared.h"
#include "tests/graph_rig.h"
#include "tests/suite.h"

#define N_MESSAGES UINT64_C(5000000)

/* Larger than a word, so that a torn one would show. */
struct message {
    uint64_t number, square, inverse;
};

static struct message message_of(uint64_t number)
{
    return (struct message){number, number * number, ~number};
}

static void check_message(const struct message *message, uint64_t number)
{
    ck_assert_uint_eq(message->number, number);
    ck_assert_uint_eq(message->square, number * number);
    ck_assert_uint_eq(message->inverse, ~number);
}

static struct ring ring_of(uint32_t capacity)
{
    struct ring ring;
    ck_assert_int_eq(ring_init(&ring, sizeof(struct message), capacity), 0);
    return ring;
}

START_TEST(an_empty_ring_has_nothing)
{
    struct ring ring = ring_of(8);
    struct message message = message_of(7);
    ck_assert(!ring_pop(&ring, &message));
    check_message(&message, 7);
    ck_assert_uint_eq(ring_fill(&ring), 0);
    ck_assert(ring_push(&ring, &message));
    ck_assert(ring_pop(&ring, &message));
    ck_assert(!ring_pop(&ring, &message));
    ring_deinit(&ring);
}
END_TEST

START_TEST(a_full_ring_refuses_the_whole_message)
{
    struct ring ring = ring_of(8);
    struct message message;
    for (uint64_t i = 0; i < 8; i++)
        ck_assert(ring_push(&ring, &(struct message){i, i * i, ~i}));
    ck_assert_uint_eq(ring_fill(&ring), 8);
    for (unsigned i = 0; i < 3; i++)
        ck_assert(!ring_push(&ring, &(struct message){99, 99, 99}));
    ck_assert_uint_eq(ring_fill(&ring), 8);
    for (uint64_t i = 0; i < 8; i++) {
        ck_assert(ring_pop(&ring, &message));
        check_message(&message, i);
    }
    ck_assert(!ring_pop(&ring, &message));
    ring_deinit(&ring);
}
END_TEST

START_TEST(one_message_taken_makes_room_for_one)
{
    struct ring ring = ring_of(4);
    struct message message;
    for (uint64_t i = 0; i < 4; i++)
        ck_assert(ring_push(&ring, &(struct message){i, i * i, ~i}));
    for (uint64_t i = 4; i < 100; i++) {
        message = message_of(i);
        ck_assert(!ring_push(&ring, &message));
        ck_assert(ring_pop(&ring, &message));
        check_message(&message, i - 4);
        message = message_of(i);
        ck_assert(ring_push(&ring, &message));
    }
    ring_deinit(&ring);
}
END_TEST

START_TEST(the_indices_count_on_across_their_wrap)
{
    struct ring ring = ring_of(8);
    struct message message;
    uint32_t start = UINT32_MAX - 13; /* wraps in the middle of the ring and of a filling */
    atomic_store(&ring.head, start);
    atomic_store(&ring.tail, start);
    ring.tail_seen = ring.head_seen = start;
    for (uint64_t round = 0; round < 20; round++) {
        for (uint64_t i = 0; i < 8; i++) {
            message = message_of(round * 8 + i);
            ck_assert(ring_push(&ring, &message));
            ck_assert_uint_eq(ring_fill(&ring), i + 1);
        }
        ck_assert(!ring_push(&ring, &message));
        for (uint64_t i = 0; i < 8; i++) {
            ck_assert(ring_pop(&ring, &message));
            check_message(&message, round * 8 + i);
        }
        ck_assert(!ring_pop(&ring, &message));
    }
    ring_deinit(&ring);
}
END_TEST

START_TEST(a_ring_of_one_carries_one)
{
    struct ring ring = ring_of(1);
    struct message message;
    for (uint64_t i = 0; i < 10; i++) {
        message = message_of(i);
        ck_assert(ring_push(&ring, &message));
        ck_assert(!ring_push(&ring, &message));
        ck_assert(ring_pop(&ring, &message));
        check_message(&message, i);
    }
    ring_deinit(&ring);
}
END_TEST

static void *write_all(void *argument)
{
    struct ring *ring = argument;
    for (uint64_t i = 0; i < N_MESSAGES; i++) {
        struct message message = message_of(i);
        while (!ring_push(ring, &message))
            sched_yield();
    }
    return NULL;
}

START_TEST(two_threads_pass_millions_of_messages_in_order)
{
    struct ring ring = ring_of(1024);
    pthread_t writer;
    ck_assert_int_eq(pthread_create(&writer, NULL, write_all, &ring), 0);
    for (uint64_t i = 0; i < N_MESSAGES; i++) {
        struct message message;
        while (!ring_pop(&ring, &message))
            sched_yield();
        if (message.number != i || message.square != i * i || message.inverse != ~i)
            ck_abort_msg("message %llu arrived as %llu", (unsigned long long)i, (unsigned long long)message.number);
        if (i % 1000 == 0)
            ck_assert_uint_le(ring_fill(&ring), 1024);
    }
    pthread_join(writer, NULL);
    ck_assert_uint_eq(ring_fill(&ring), 0);
    ring_deinit(&ring);
}
END_TEST

#ifdef __SANITIZE_THREAD__
/* The ring as it would be if somebody thought that relaxed orders suffice. */
static void *write_relaxed(void *argument)
{
    struct ring *ring = argument;
    for (uint32_t i = 0; i < 1000; i++) {
        while (i - atomic_load_explicit(&ring->tail, memory_order_relaxed) > ring->mask)
            sched_yield();
        struct message message = message_of(i);
        memcpy(ring->elements + (size_t)(i & ring->mask) * sizeof message, &message, ring->element_bytes);
        atomic_store_explicit(&ring->head, i + 1, memory_order_relaxed);
    }
    return NULL;
}

static void run_relaxed(void)
{
    struct ring ring = ring_of(64);
    pthread_t writer;
    pthread_create(&writer, NULL, write_relaxed, &ring);
    for (uint32_t i = 0; i < 1000; i++) {
        struct message message;
        while (atomic_load_explicit(&ring.head, memory_order_relaxed) == i)
            sched_yield();
        memcpy(&message, ring.elements + (size_t)(i & ring.mask) * sizeof message, ring.element_bytes);
        atomic_store_explicit(&ring.tail, i + 1, memory_order_relaxed);
    }
    pthread_join(writer, NULL);
}

START_TEST(the_thread_sanitizer_would_notice_relaxed_orders)
{
    int status;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stderr))
            _exit(0);
        run_relaxed();
        exit(0); /* the sanitizer makes another status of it */
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_msg(!WIFEXITED(status) || WEXITSTATUS(status) != 0, "a race went unnoticed");
}
END_TEST
#endif

int main(void)
{
    const TTest *const tests[] = {
        an_empty_ring_has_nothing,
        a_full_ring_refuses_the_whole_message,
        one_message_taken_makes_room_for_one,
        the_indices_count_on_across_their_wrap,
        a_ring_of_one_carries_one,
        two_threads_pass_millions_of_messages_in_order,
#ifdef __SANITIZE_THREAD__
        the_thread_sanitizer_would_notice_relaxed_orders,
#endif
    };
    return suite_run("ring", 120, tests, ROWS(tests));
}
