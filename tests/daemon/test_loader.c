#include <check.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/loader.h"
#include "tests/suite.h"

#define JOBS 200

/* A job that notes the order in which things happen to it. */
struct note {
    struct job job;
    struct loader *loader;
    int number;
    int result;   /* of run */
    int n_done;   /* calls of done */
    int position; /* of its done among all */
    bool slow;    /* runs until it is cancelled */
    atomic_bool started;
    struct note *pushes; /* pushed by done */
};

static struct note notes[JOBS];
static int n_done;

static void run(struct job *job)
{
    struct note *note = (struct note *)job;
    const struct timespec ms = {.tv_nsec = 1000000};
    atomic_store(&note->started, true);
    while (note->slow && !atomic_load(&job->cancelled))
        nanosleep(&ms, NULL);
    note->result = note->number * 2;
}

static void done(struct job *job)
{
    struct note *note = (struct note *)job;
    note->n_done++;
    note->position = n_done++;
    if (note->pushes)
        loader_push(note->loader, &note->pushes->job);
}

static void set_up(void)
{
    n_done = 0;
    for (int i = 0; i < JOBS; i++)
        notes[i] = (struct note){.job = {.run = run, .done = done}, .number = i};
}

/* Polls as the control loop does, until n jobs are done. */
static void poll_until(struct loader *loader, int n)
{
    struct pollfd wake = {.fd = loader_fd(loader), .events = POLLIN};
    while (n_done < n) {
        ck_assert_int_eq(poll(&wake, 1, 10000), 1);
        loader_poll(loader);
    }
}

START_TEST(jobs_run_and_come_back_once_and_in_order)
{
    struct loader *loader = loader_new();
    for (int i = 0; i < JOBS; i++)
        loader_push(loader, &notes[i].job);
    poll_until(loader, JOBS);
    for (int i = 0; i < JOBS; i++) {
        ck_assert_int_eq(notes[i].n_done, 1);
        ck_assert_int_eq(notes[i].position, i);
        ck_assert_int_eq(notes[i].result, 2 * i);
        ck_assert(notes[i].job.ran);
    }
    ck_assert_uint_eq(loader_poll(loader), 0);
    loader_free(loader);
    ck_assert_int_eq(n_done, JOBS);
}
END_TEST

START_TEST(nothing_is_readable_while_nothing_is_finished)
{
    struct loader *loader = loader_new();
    struct pollfd wake = {.fd = loader_fd(loader), .events = POLLIN};
    ck_assert_int_eq(poll(&wake, 1, 0), 0);
    loader_push(loader, &notes[0].job);
    poll_until(loader, 1);
    ck_assert_int_eq(poll(&wake, 1, 0), 0);
    loader_free(loader);
}
END_TEST

START_TEST(a_job_cancelled_in_the_queue_is_not_run)
{
    struct loader *loader = loader_new();
    notes[0].slow = true;
    loader_push(loader, &notes[0].job);
    loader_push(loader, &notes[1].job);
    loader_push(loader, &notes[2].job);
    job_cancel(&notes[1].job);
    job_cancel(&notes[0].job);
    poll_until(loader, 3);
    ck_assert(!notes[1].job.ran);
    ck_assert_int_eq(notes[1].n_done, 1);
    ck_assert(notes[2].job.ran);
    loader_free(loader);
}
END_TEST

START_TEST(the_end_cancels_what_runs_and_what_waits_and_tells_all)
{
    struct loader *loader = loader_new();
    const struct timespec ms = {.tv_nsec = 1000000};
    notes[0].slow = true;
    for (int i = 0; i < 10; i++)
        loader_push(loader, &notes[i].job);
    while (!atomic_load(&notes[0].started))
        nanosleep(&ms, NULL);
    loader_free(loader);
    ck_assert_int_eq(n_done, 10);
    ck_assert(notes[0].job.ran && atomic_load(&notes[0].job.cancelled));
    for (int i = 1; i < 10; i++)
        ck_assert(!notes[i].job.ran && notes[i].n_done == 1);
}
END_TEST

START_TEST(done_may_push_the_next_job)
{
    struct loader *loader = loader_new();
    for (int i = 0; i + 1 < JOBS; i++) {
        notes[i].loader = loader;
        notes[i].pushes = &notes[i + 1];
    }
    loader_push(loader, &notes[0].job);
    poll_until(loader, JOBS);
    for (int i = 0; i < JOBS; i++)
        ck_assert_int_eq(notes[i].position, i);
    loader_free(loader);
}
END_TEST

static atomic_bool hangs;

static void hang(struct job *job)
{
    const struct timespec ms = {.tv_nsec = 1000000};
    atomic_store(&((struct note *)job)->started, true);
    while (atomic_load(&hangs)) /* does not look at `cancelled`, as a file system that has gone does not */
        nanosleep(&ms, NULL);
}

START_TEST(a_job_that_does_not_come_back_does_not_keep_the_loader_for_ever)
{
    struct loader *loader = loader_new();
    atomic_store(&hangs, true);
    notes[0].job.run = hang;
    loader_push(loader, &notes[0].job);
    loader_push(loader, &notes[1].job);
    while (!atomic_load(&notes[0].started))
        sched_yield();
    ck_assert(!loader_free_within(loader, 1));
    ck_assert_int_eq(n_done, 0);
    atomic_store(&hangs, false);
    ck_assert(loader_free_within(loader, 20));
    ck_assert_int_eq(n_done, 2);
}
END_TEST

START_TEST(a_loader_can_come_and_go_unused)
{
    for (int i = 0; i < 50; i++)
        loader_free(loader_new());
    loader_free(NULL);
}
END_TEST

int main(void)
{
    TCase *jobs = tcase_create("loader");
    tcase_set_timeout(jobs, 30);
    tcase_add_checked_fixture(jobs, set_up, NULL);
    tcase_add_test(jobs, jobs_run_and_come_back_once_and_in_order);
    tcase_add_test(jobs, nothing_is_readable_while_nothing_is_finished);
    tcase_add_test(jobs, a_job_cancelled_in_the_queue_is_not_run);
    tcase_add_test(jobs, the_end_cancels_what_runs_and_what_waits_and_tells_all);
    tcase_add_test(jobs, done_may_push_the_next_job);
    tcase_add_test(jobs, a_job_that_does_not_come_back_does_not_keep_the_loader_for_ever);
    tcase_add_test(jobs, a_loader_can_come_and_go_unused);
    return suite_run_case("loader", jobs);
}
