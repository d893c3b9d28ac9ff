/* The operator's verbs that change something, against a real redis-server: portions are
 * asked for until all is done. The scripts' own rules have their tests in tests/interop. */
#include "tests/support/operator_fixture.h"

static void a_paused_queue_is_resumed(void **state)
{
    put("1", STATE_WAITING, 1);
    queue_pause(queue, hear_done, NULL);
    good();
    assert_int_equal(count("HEXISTS bull:q:meta paused"), 1);
    forget();
    queue_resume(queue, hear_done, NULL);
    good();
    assert_int_equal(count("HEXISTS bull:q:meta paused"), 0);
    assert_int_equal(count("LLEN bull:q:wait"), 1);
}

static void resuming_goes_on_until_nothing_is_put_aside_and_tells_it_once(void **state)
{
    put("1", STATE_WAITING, 1);
    tell("EVAL %s 0", "for i = 1, 15000 do redis.call('RPUSH', 'bull:q:paused', i) end");
    tell("HSET bull:q:meta paused 1");
    queue_resume(queue, hear_done, NULL);
    good();
    assert_int_equal(count("LLEN bull:q:wait"), 15001);
    assert_int_equal(count("EXISTS bull:q:paused"), 0);
    assert_int_equal(count("XLEN bull:q:events"), 1);
}

static void a_delayed_job_is_promoted(void **state)
{
    put("1", STATE_DELAYED, 1700000000000);
    queue_promote(queue, "1", hear_done, NULL);
    good();
    assert_int_equal(count("LLEN bull:q:wait"), 1);
    forget();
    queue_promote(queue, "1", hear_done, NULL);
    bad(ERR_INVALID, "cannot promote job 1: it is not delayed");
}

static void a_job_that_ended_is_run_again(void **state)
{
    put("1", STATE_FAILED, 5);
    put("2", STATE_COMPLETED, 5);
    queue_reprocess(queue, "1", STATE_FAILED, hear_done, NULL);
    good();
    assert_int_equal(count("HEXISTS bull:q:1 failedReason"), 0);
    forget();
    queue_reprocess(queue, "2", STATE_COMPLETED, hear_done, NULL);
    good();
    assert_int_equal(count("HEXISTS bull:q:2 returnvalue"), 0);
    assert_int_equal(count("LLEN bull:q:wait"), 2);
    forget();
    queue_reprocess(queue, "2", STATE_COMPLETED, hear_done, NULL);
    bad(ERR_INVALID, "cannot retry job 2: it is neither completed nor failed any more");
    forget();
    queue_reprocess(queue, "3", STATE_FAILED, hear_done, NULL);
    bad(ERR_MISSING, "cannot retry job 3: the job is gone");
}

static void all_failed_jobs_are_retried_however_many(void **state)
{
    put_many(STATE_FAILED, 2500);
    queue_retry_failed(queue, 0, hear_counted, NULL);
    good();
    assert_int_equal(heard.count, 2500);
    assert_int_equal(count("ZCARD bull:q:failed"), 0);
    assert_int_equal(count("LLEN bull:q:wait"), 2500);
}

static void no_more_are_retried_than_asked_for_nor_any_that_fails_meanwhile(void **state)
{
    put("1", STATE_FAILED, 1);
    put("2", STATE_FAILED, 2);
    put("3", STATE_FAILED, 3);
    put("later", STATE_FAILED, clock_ms() + 60000);
    queue_retry_failed(queue, 2, hear_counted, NULL);
    good();
    assert_int_equal(heard.count, 2);
    assert_int_equal(count("HEXISTS bull:q:3 failedReason"), 1);
    forget();
    queue_retry_failed(queue, 100, hear_counted, NULL);
    good();
    assert_int_equal(heard.count, 1);
    assert_int_equal(count("ZCARD bull:q:failed"), 1);
}

static void all_delayed_jobs_are_promoted_however_late(void **state)
{
    put("1", STATE_DELAYED, clock_ms() + 86400000);
    put("2", STATE_DELAYED, 5);
    queue_promote_all(queue, hear_counted, NULL);
    good();
    assert_int_equal(heard.count, 2);
    assert_int_equal(count("LLEN bull:q:wait"), 2);
}

static void a_job_is_removed_with_its_children_if_asked(void **state)
{
    put("1", STATE_WAITING_CHILDREN, 5);
    put("2", STATE_WAITING, 5);
    tell("SADD bull:q:1:dependencies bull:q:2");
    tell("HSET bull:q:2 parentKey bull:q:1");
    queue_remove(queue, "1", true, hear_done, NULL);
    good();
    assert_int_equal(count("EXISTS bull:q:1 bull:q:2"), 0);
}

static void a_locked_job_and_the_next_of_a_scheduler_are_not_removed(void **state)
{
    put("1", STATE_ACTIVE, 5);
    tell("SET bull:q:1:lock t");
    queue_remove(queue, "1", false, hear_done, NULL);
    bad(ERR_INVALID,
        "cannot remove job 1: a worker has locked it, or a child that would go with it; "
        "wait until it has run");
    forget();
    put("repeat:s:7", STATE_DELAYED, 7);
    tell("ZADD bull:q:repeat 7 s");
    tell("HSET bull:q:repeat:s:7 rjk s");
    queue_remove(queue, "repeat:s:7", false, hear_done, NULL);
    bad(ERR_INVALID,
        "cannot remove job repeat:s:7: the job is the next run of a scheduler; "
        "remove the scheduler");
}

static void old_jobs_are_cleaned_and_young_ones_stay(void **state)
{
    put("1", STATE_FAILED, clock_ms() - 61000);
    put("2", STATE_FAILED, clock_ms() - 59000);
    queue_clean(queue, STATE_FAILED, 60000, 0, hear_counted, NULL);
    good();
    assert_int_equal(heard.count, 1);
    assert_int_equal(count("EXISTS bull:q:1"), 0);
    assert_int_equal(count("EXISTS bull:q:2"), 1);
}

static void cleaning_goes_on_to_the_limit(void **state)
{
    put_many(STATE_COMPLETED, 10500);
    queue_clean(queue, STATE_COMPLETED, 0, 10200, hear_counted, NULL);
    good();
    assert_int_equal(heard.count, 10200);
    assert_int_equal(count("ZCARD bull:q:completed"), 300);
    forget();
    queue_clean(queue, STATE_COMPLETED, 0, 0, hear_counted, NULL);
    good();
    assert_int_equal(heard.count, 300);
}

static void draining_leaves_delayed_jobs_unless_asked(void **state)
{
    put("1", STATE_WAITING, 5);
    put("2", STATE_PRIORITIZED, 5);
    put("3", STATE_DELAYED, 5);
    put("4", STATE_FAILED, 5);
    queue_drain(queue, false, hear_done, NULL);
    good();
    assert_int_equal(count("EXISTS bull:q:1 bull:q:2 bull:q:3 bull:q:4"), 2);
    forget();
    queue_drain(queue, true, hear_done, NULL);
    good();
    assert_int_equal(count("EXISTS bull:q:3 bull:q:4"), 1);
}

static void a_queue_is_obliterated_when_it_is_paused_and_nothing_runs(void **state)
{
    put_many(STATE_FAILED, 2500);
    put("1", STATE_ACTIVE, 5);
    queue_obliterate(queue, false, hear_done, NULL);
    bad(ERR_INVALID, "cannot obliterate the queue: it is not paused, or no longer");
    forget();
    tell("HSET bull:q:meta paused 1");
    queue_obliterate(queue, false, hear_done, NULL);
    bad(ERR_INVALID,
        "cannot obliterate the queue: it has active jobs; wait until they have run");
    assert_int_equal(count("EXISTS bull:q:1"), 1);
    forget();
    queue_obliterate(queue, true, hear_done, NULL);
    good();
    assert_int_equal(count("KEYS bull:q:*"), 0);
}

static void settings_are_set_and_taken_away(void **state)
{
    queue_set_concurrency(queue, 7, hear_done, NULL);
    good();
    forget();
    queue_set_rate_limit(queue, 100, 60000, hear_done, NULL);
    good();
    forget();
    queue_survey(queue, hear_surveyed, NULL);
    good();
    assert_int_equal(heard.status.concurrency, 7);
    assert_int_equal(heard.status.max, 100);
    assert_int_equal(heard.status.duration_ms, 60000);
    forget();
    queue_set_concurrency(queue, 0, hear_done, NULL);
    good();
    forget();
    queue_set_rate_limit(queue, 0, 0, hear_done, NULL);
    good();
    assert_int_equal(count("EXISTS bull:q:meta"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, set_up)
        TEST(a_paused_queue_is_resumed),
        TEST(resuming_goes_on_until_nothing_is_put_aside_and_tells_it_once),
        TEST(a_delayed_job_is_promoted),
        TEST(a_job_that_ended_is_run_again),
        TEST(all_failed_jobs_are_retried_however_many),
        TEST(no_more_are_retried_than_asked_for_nor_any_that_fails_meanwhile),
        TEST(all_delayed_jobs_are_promoted_however_late),
        TEST(a_job_is_removed_with_its_children_if_asked),
        TEST(a_locked_job_and_the_next_of_a_scheduler_are_not_removed),
        TEST(old_jobs_are_cleaned_and_young_ones_stay),
        TEST(cleaning_goes_on_to_the_limit),
        TEST(draining_leaves_delayed_jobs_unless_asked),
        TEST(a_queue_is_obliterated_when_it_is_paused_and_nothing_runs),
        TEST(settings_are_set_and_taken_away),
    };

    signal(SIGPIPE, SIG_IGN); /* as the programs do */
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
