/* A slot that is given a scheduler's job: the next one is made first. */
#include "tests/support/unit.h"

#include "tests/unit/slot_fixture.h"

/* A job of the scheduler "s". */
static struct job *scheduled(void)
{
    struct job *job = fake_job("1");

    job->scheduler = "s";
    return job;
}

static void a_schedulers_job_runs_when_the_next_one_is_there(void **state)
{
    slot_take(slot, scheduled());
    assert_int_equal(fake_runs(), 0);
    assert_string_equal(asked(FAKE_CONTINUE)->text, "s");
    fake_continued(&(struct continued){.next = "repeat:s:5"});
    assert_true(fake_running("1"));
    fake_run_returns("1", "1");
    fake_done(FAKE_COMPLETE);
}

static void a_scheduler_that_ends_or_is_not_ours_to_continue_runs_its_job(void **state)
{
    const struct continued rows[] = {
        {.how = SCHEDULER_ENDED}, {.how = SCHEDULER_LEGACY}, {.how = SCHEDULER_CONTINUED}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        slot_take(slot, scheduled());
        fake_continued(&rows[i]);
        fake_run_returns("1", "1");
        fake_done(FAKE_COMPLETE);
    }
    assert_int_equal(fake_queue.logs, 0);
}

static void a_scheduler_that_cannot_go_on_is_told_in_the_log_and_its_job_runs(void **state)
{
    slot_take(slot, scheduled());
    fake_refused(FAKE_CONTINUE, ERR_INVALID, "the pattern '* *' is not understood");
    assert_string_equal(fake_queue.log, "1: the scheduler s stops here, no next job was "
                                        "made: the pattern '* *' is not understood");
    assert_null(fake_queue.logged);
    assert_true(fake_running("1"));
    fake_run_returns("1", "1");
    fake_done(FAKE_COMPLETE);
}

static void with_redis_away_a_scheduler_is_continued_later_and_before_the_run(void **state)
{
    slot_take(slot, scheduled());
    for (int i = 1; i <= 5; i++) {
        fake_refused(FAKE_CONTINUE, i % 2 ? ERR_BACKEND : ERR_TIMEOUT, "away");
        assert_int_equal(fake_queue.count[FAKE_CONTINUE], i);
        let_pass(LONG_MS);
        assert_int_equal(fake_runs(), 0);
    }
    fake_continued(&(struct continued){0});
    assert_int_equal(fake_runs(), 1);
    fake_run_returns("1", "1");
    fake_done(FAKE_COMPLETE);
}

static void a_job_released_while_its_scheduler_is_continued_is_not_run(void **state)
{
    slot_take(slot, scheduled());
    slot_close(slot);
    slot_release(slot);
    fake_continued(&(struct continued){0});
    assert_int_equal(fake_runs(), 0);
    assert_string_equal(asked(FAKE_RELEASE)->ids, "1");
    fake_done(FAKE_RELEASE);
}

static void a_lock_lost_while_its_scheduler_is_continued_discards_the_job(void **state)
{
    struct job *job = scheduled();

    slot_take(slot, job);
    slot_lose(slot, job);
    fake_continued(&(struct continued){0});
    assert_int_equal(fake_runs(), 0);
    assert_int_equal(stores(), 0);
    assert_int_equal(heard.idle, 1);
}

static void with_no_more_time_and_redis_away_a_scheduler_is_left_too(void **state)
{
    slot_take(slot, scheduled());
    slot_close(slot);
    fake_refused(FAKE_CONTINUE, ERR_BACKEND, "away");
    slot_release(slot);
    assert_false(slot_busy(slot));
    assert_int_equal(fake_runs() + stores(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_schedulers_job_runs_when_the_next_one_is_there),
        TEST(a_scheduler_that_ends_or_is_not_ours_to_continue_runs_its_job),
        TEST(a_scheduler_that_cannot_go_on_is_told_in_the_log_and_its_job_runs),
        TEST(with_redis_away_a_scheduler_is_continued_later_and_before_the_run),
        TEST(a_job_released_while_its_scheduler_is_continued_is_not_run),
        TEST(a_lock_lost_while_its_scheduler_is_continued_discards_the_job),
        TEST(with_no_more_time_and_redis_away_a_scheduler_is_left_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
