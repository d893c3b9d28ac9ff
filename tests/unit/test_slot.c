/* What becomes of a job, and of its slot. */
#include "tests/support/unit.h"

#include "tests/unit/slot_fixture.h"

static void a_job_that_ran_is_completed_with_its_value(void **state)
{
    take();
    assert_true(fake_running("1"));
    assert_int_equal(stores(), 0);
    fake_run_returns("1", "{\"exitCode\":0}");
    assert_string_equal(asked(FAKE_COMPLETE)->ids, "1");
    assert_string_equal(asked(FAKE_COMPLETE)->text, "{\"exitCode\":0}");
    assert_true(asked(FAKE_COMPLETE)->fetch_next);
    assert_int_equal(heard.idle, 0);
    fake_done(FAKE_COMPLETE);
    assert_int_equal(heard.idle, 1);
    assert_int_equal(stores(), 1);
}

static void the_next_job_comes_with_the_answer(void **state)
{
    take();
    fake_run_returns("1", "1");
    fake_fetched(FAKE_COMPLETE, &(struct fetched){.job = fake_job("2")});
    assert_int_equal(heard.idle, 0);
    assert_true(fake_running("2"));
    fake_run_returns("2", "2");
    assert_string_equal(asked(FAKE_COMPLETE)->ids, "2");
    assert_string_equal(asked(FAKE_COMPLETE)->text, "2");
    fake_done(FAKE_COMPLETE);
    assert_int_equal(heard.idle, 1);
}

static void what_was_said_about_more_work_is_passed_on(void **state)
{
    take();
    fake_run_returns("1", "1");
    fake_fetched(FAKE_COMPLETE, &(struct fetched){.limited_ms = 50, .next_ms = 1234});
    assert_true(heard.told);
    assert_int_equal(heard.found.limited_ms, 50);
    assert_int_equal(heard.found.next_ms, 1234);
}

static void a_run_that_failed_is_retried_while_attempts_last(void **state)
{
    static const struct {
        int64_t attempts, made;
        enum backoff_type backoff;
        double backoff_ms;
        int64_t delay_ms; /* expected; -1: it fails */
    } rows[] = {
        {3, 0, BACKOFF_NONE, 0, 0},
        {3, 0, BACKOFF_FIXED, 500, 500},
        {3, 1, BACKOFF_FIXED, 500, 500},
        {3, 2, BACKOFF_FIXED, 500, -1},
        {3, 0, BACKOFF_EXPONENTIAL, 1000, 1000},
        {3, 1, BACKOFF_EXPONENTIAL, 1000, 2000},
        {9, 7, BACKOFF_EXPONENTIAL, 1000, 128000},
        {0, 0, BACKOFF_FIXED, 500, -1},
        {1, 0, BACKOFF_FIXED, 500, -1},
        {3, 9, BACKOFF_FIXED, 500, -1},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct opts opts = {.attempts = rows[i].attempts,
                            .backoff = rows[i].backoff,
                            .backoff_ms = rows[i].backoff_ms};
        enum fake_verb verb = rows[i].delay_ms < 0 ? FAKE_FAIL : FAKE_RETRY;

        fail_with(&opts, rows[i].made);
        assert_string_equal(asked(verb)->text, "no engine");
        assert_string_equal(asked(verb)->ids, "1");
        assert_true(asked(verb)->fetch_next);
        if (rows[i].delay_ms >= 0)
            assert_int_equal(asked(verb)->ms, rows[i].delay_ms);
        fake_done(verb);
        assert_int_equal(stores(), i + 1);
    }
}

static void jitter_shortens_a_backoff_within_its_bounds(void **state)
{
    const struct opts opts = {
        .attempts = 3, .backoff = BACKOFF_FIXED, .backoff_ms = 1000, .jitter = 0.5};
    int64_t least = 1000, most = 0;

    for (int i = 0; i < 100; i++) {
        int64_t delay_ms;

        fail_with(&opts, 0);
        delay_ms = asked(FAKE_RETRY)->ms;
        least = delay_ms < least ? delay_ms : least;
        most = delay_ms > most ? delay_ms : most;
        fake_done(FAKE_RETRY);
    }
    assert_true(least >= 500 && most < 1000 && least < most);
}

static void a_deferred_failure_is_stored_and_not_run(void **state)
{
    struct job *job = fake_job("1");

    job->deferred_fail = "job stalled more than allowable limit";
    job->opts.attempts = 3;
    slot_take(slot, job);
    assert_int_equal(fake_runs(), 0);
    assert_string_equal(asked(FAKE_FAIL)->text, "job stalled more than allowable limit");
    fake_done(FAKE_FAIL);
    assert_int_equal(heard.idle, 1);
}

static void a_job_that_was_started_too_often_is_not_run(void **state)
{
    struct job *job = fake_job("1");

    config.max_started = 3;
    job->attempts_started = 4;
    slot_take(slot, job);
    assert_int_equal(fake_runs(), 0);
    assert_string_equal(asked(FAKE_FAIL)->text, "job started more than allowable limit");
    fake_done(FAKE_FAIL);
}

static void the_jobs_log_is_told_before_its_end_is_stored(void **state)
{
    fail_with(&(struct opts){.attempts = 3}, 1);
    assert_string_equal(fake_queue.log,
                        "1: attempt 2 of 3 by w1: no engine; it goes back to "
                        "waiting");
    fake_logged(NULL);
    fake_done(FAKE_RETRY);
    take();
    fake_run_returns("1", "1");
    fake_done(FAKE_COMPLETE);
    assert_int_equal(fake_queue.logs, 1); /* what went well is no news */
}

static void a_note_is_written_once_however_often_the_end_is_stored(void **state)
{
    const struct err away = {ERR_BACKEND, "away"};

    fail_with(&(struct opts){.attempts = 3}, 0);
    fake_logged(&away);
    fake_refused(FAKE_RETRY, ERR_BACKEND, "away");
    let_pass(LONG_MS);
    assert_int_equal(fake_queue.logs, 2);
    fake_logged(NULL);
    fake_refused(FAKE_RETRY, ERR_TIMEOUT, "no answer");
    let_pass(LONG_MS);
    assert_int_equal(fake_queue.logs, 2);
    fake_done(FAKE_RETRY);
}

static void the_log_of_a_discarded_job_is_not_waited_for(void **state)
{
    struct job *job = fake_job("1");

    slot_take(slot, job);
    slot_lose(slot, job);
    fake_run_dies("1");
    assert_string_equal(fake_queue.log, "1: attempt 1 of 1 by w1: the job's lock was lost; "
                                        "what this run did is not stored");
    assert_null(fake_queue.logged); /* the slot may be gone by then */
}

static void what_a_run_says_of_its_progress_is_told_in_any_case(void **state)
{
    take();
    fake_run_progresses("1", "{\"done\":1}");
    assert_string_equal(fake_queue.progress, "1: {\"done\":1}");
    assert_int_equal(fake_queue.progresses, 1);
    fake_run_returns("1", "1");
    fake_done(FAKE_COMPLETE);
}

static void progress_is_told_when_it_is_asked_for(void **state)
{
    take();
    assert_int_equal(fake_queue.progresses, 0);
    fake_run_returns("1", "1");
    fake_done(FAKE_COMPLETE);
    config.progress = true;
    take();
    assert_string_equal(fake_queue.progress,
                        "1: {\"stage\":\"running\",\"worker\":\"w1\"}");
    fake_run_returns("1", "1");
    fake_done(FAKE_COMPLETE);
}

static void a_parent_that_cannot_complete_fails_and_may_be_retried(void **state)
{
    struct job *job = fake_job("1");

    job->opts.attempts = 2;
    slot_take(slot, job);
    fake_run_returns("1", "1");
    fake_refused(FAKE_COMPLETE, ERR_BUSY, "the job has children that have not ended");
    assert_string_equal(asked(FAKE_RETRY)->text,
                        "the job has children that have not ended");
    fake_done(FAKE_RETRY);
    assert_int_equal(heard.idle, 1);
}

static void what_an_unanswered_end_has_fetched_is_looked_for(void **state)
{
    take();
    fake_run_returns("1", "1");
    fake_refused(FAKE_COMPLETE, ERR_TIMEOUT, "no answer");
    let_pass(LONG_MS);
    fake_refused(FAKE_COMPLETE, ERR_INVALID, "the job's lock has expired");
    assert_string_equal(asked(FAKE_RECLAIM)->text, "token");
    assert_true(slot_busy(slot));
    fake_fetched(FAKE_RECLAIM, &(struct fetched){.job = fake_job("2")});
    assert_true(fake_running("2"));
    fake_run_returns("2", "2");
    fake_done(FAKE_COMPLETE);
    assert_int_equal(heard.idle, 1);
}

static void when_it_has_fetched_none_the_slot_falls_idle(void **state)
{
    static const enum err_kind kinds[] = {ERR_INVALID, ERR_MISSING};

    for (size_t i = 0; i < 2; i++) {
        take();
        fake_run_returns("1", "1");
        fake_refused(FAKE_COMPLETE, ERR_BACKEND, "away");
        let_pass(LONG_MS);
        fake_refused(FAKE_COMPLETE, kinds[i], "gone");
        if (i)
            fake_refused(FAKE_RECLAIM, ERR_BUG, "a script of ours is wrong");
        else
            fake_done(FAKE_RECLAIM);
        assert_int_equal(heard.idle, i + 1);
        assert_false(heard.told);
    }
}

static void it_is_looked_for_until_redis_answers(void **state)
{
    take();
    fake_run_returns("1", "1");
    fake_refused(FAKE_COMPLETE, ERR_TIMEOUT, "no answer");
    for (int i = 1; i <= 3; i++) {
        let_pass(LONG_MS);
        fake_refused(FAKE_COMPLETE, ERR_INVALID, "the job's lock has expired");
        assert_int_equal(fake_queue.count[FAKE_RECLAIM], i);
        if (i < 3)
            fake_refused(FAKE_RECLAIM, ERR_BACKEND, "away");
        assert_int_equal(heard.idle, 0);
    }
    fake_fetched(FAKE_RECLAIM, &(struct fetched){.job = fake_job("2")});
    assert_true(fake_running("2"));
    fake_run_returns("2", "2");
    fake_done(FAKE_COMPLETE);
}

static void with_no_more_time_it_is_not_looked_for_again(void **state)
{
    take();
    slot_close(slot);
    fake_run_returns("1", "1");
    fake_refused(FAKE_COMPLETE, ERR_TIMEOUT, "no answer");
    let_pass(LONG_MS);
    fake_refused(FAKE_COMPLETE, ERR_INVALID, "the job's lock has expired");
    fake_refused(FAKE_RECLAIM, ERR_BACKEND, "away");
    assert_true(slot_busy(slot));
    slot_release(slot);
    assert_false(slot_busy(slot));
    assert_int_equal(heard.idle, 1);
}

static void a_retry_at_once_says_nothing_about_more_work(void **state)
{
    fail_with(&(struct opts){.attempts = 2}, 0);
    fake_done(FAKE_RETRY);
    assert_int_equal(heard.idle, 1);
    assert_false(heard.told);
    fail_with(&(struct opts){.attempts = 2, .backoff = BACKOFF_FIXED, .backoff_ms = 9}, 0);
    fake_done(FAKE_RETRY);
    assert_int_equal(heard.idle, 2);
    assert_true(heard.told);
}

static void a_lost_lock_kills_the_run_and_stores_nothing(void **state)
{
    struct job *job = fake_job("1");

    slot_take(slot, job);
    slot_lose(slot, job);
    assert_true(fake_stopped("1"));
    assert_true(slot_busy(slot));
    fake_run_dies("1");
    assert_int_equal(stores(), 0);
    assert_int_equal(heard.idle, 1);
    assert_false(heard.told);
}

static void a_result_that_comes_behind_the_lost_lock_is_discarded_too(void **state)
{
    struct job *job = fake_job("1");

    slot_take(slot, job);
    slot_lose(slot, job);
    fake_run_returns("1", "1");
    assert_int_equal(stores(), 0);
}

static void another_slots_lost_lock_is_none_of_ours(void **state)
{
    struct job *other = fake_job("1");

    take();
    slot_lose(slot, other);
    job_free(other);
    assert_false(fake_stopped("1"));
    fake_run_returns("1", "1");
    fake_done(FAKE_COMPLETE);
}

static void a_lock_lost_while_storing_is_redis_to_judge(void **state)
{
    struct job *job = fake_job("1");

    slot_take(slot, job);
    fake_run_returns("1", "1");
    slot_lose(slot, job);
    fake_refused(FAKE_COMPLETE, ERR_INVALID, "the lock is lost");
    assert_int_equal(stores(), 1);
    assert_int_equal(heard.idle, 1);
    assert_false(heard.told);
}

static void a_job_that_is_gone_is_discarded(void **state)
{
    take();
    fake_run_returns("1", "1");
    fake_refused(FAKE_COMPLETE, ERR_MISSING, "there is no such job");
    let_pass(LONG_MS);
    assert_int_equal(stores(), 1);
    assert_int_equal(heard.idle, 1);
}

static void a_released_job_goes_back_at_no_cost(void **state)
{
    take();
    slot_close(slot);
    slot_release(slot);
    assert_true(fake_stopped("1"));
    assert_int_equal(stores(), 0); /* not while it still runs */
    fake_run_dies("1");
    assert_string_equal(asked(FAKE_RELEASE)->ids, "1");
    fake_done(FAKE_RELEASE);
    assert_int_equal(stores(), 1);
    assert_int_equal(heard.idle, 1);
}

static void a_released_job_whose_lock_is_lost_does_not_go_back(void **state)
{
    struct job *job = fake_job("1");

    slot_take(slot, job);
    slot_release(slot);
    slot_lose(slot, job);
    fake_run_dies("1");
    assert_int_equal(stores(), 0);
}

static void a_job_whose_lock_is_lost_is_not_released(void **state)
{
    struct job *job = fake_job("1");

    slot_take(slot, job);
    slot_lose(slot, job);
    slot_release(slot);
    fake_run_dies("1");
    assert_int_equal(stores(), 0);
}

static void with_redis_away_the_result_is_kept_and_stored_later(void **state)
{
    take();
    fake_run_returns("1", "{\"exitCode\":0}");
    for (int i = 1; i <= 8; i++) {
        fake_refused(FAKE_COMPLETE, i % 2 ? ERR_BACKEND : ERR_TIMEOUT, "away");
        assert_int_equal(fake_queue.count[FAKE_COMPLETE], i);
        assert_true(slot_busy(slot));
        let_pass(LONG_MS);
        assert_string_equal(asked(FAKE_COMPLETE)->text, "{\"exitCode\":0}");
    }
    assert_int_equal(fake_runs(), 1);
    fake_done(FAKE_COMPLETE);
    assert_int_equal(heard.idle, 1);
}

static void storing_again_waits_longer_each_time(void **state)
{
    take();
    fake_run_returns("1", "1");
    fake_refused(FAKE_COMPLETE, ERR_BACKEND, "away");
    let_pass(60);
    assert_int_equal(stores(), 1);
    let_pass(60);
    assert_int_equal(stores(), 2);
    fake_refused(FAKE_COMPLETE, ERR_BACKEND, "away");
    let_pass(120);
    assert_int_equal(stores(), 2);
    let_pass(120);
    assert_int_equal(stores(), 3);
    for (int i = 0; i < 5; i++) {
        fake_refused(FAKE_COMPLETE, ERR_BACKEND, "away");
        let_pass(2050); /* and never longer than 2 s */
        assert_int_equal(stores(), 4 + i);
    }
    fake_done(FAKE_COMPLETE);
}

static void a_retry_is_decided_once_however_often_it_is_stored(void **state)
{
    fail_with(&(struct opts){.attempts = 2, .backoff = BACKOFF_FIXED, .backoff_ms = 70}, 0);
    fake_refused(FAKE_RETRY, ERR_BACKEND, "away");
    let_pass(LONG_MS);
    assert_int_equal(asked(FAKE_RETRY)->ms, 70);
    assert_string_equal(asked(FAKE_RETRY)->text, "no engine");
    fake_done(FAKE_RETRY);
}

static void with_no_more_time_and_redis_away_the_job_is_left(void **state)
{
    take();
    slot_close(slot);
    fake_run_returns("1", "1");
    fake_refused(FAKE_COMPLETE, ERR_BACKEND, "away");
    slot_release(slot);
    assert_false(slot_busy(slot));
    let_pass(LONG_MS);
    assert_int_equal(stores(), 1);
    assert_int_equal(heard.idle, 1);
}

static void with_no_more_time_what_cannot_be_stored_is_left(void **state)
{
    take();
    slot_close(slot);
    fake_run_returns("1", "1");
    slot_release(slot);
    assert_true(slot_busy(slot)); /* the call is under way */
    fake_refused(FAKE_COMPLETE, ERR_BACKEND, "away");
    assert_false(slot_busy(slot));
    assert_int_equal(stores(), 1);
}

static void with_no_more_time_a_release_is_tried_once(void **state)
{
    take();
    slot_close(slot);
    slot_release(slot);
    fake_run_dies("1");
    fake_refused(FAKE_RELEASE, ERR_TIMEOUT, "away");
    assert_false(slot_busy(slot));
    assert_int_equal(stores(), 1);
}

static void a_closed_slot_asks_for_no_more(void **state)
{
    take();
    slot_close(slot);
    fake_run_returns("1", "1");
    assert_false(asked(FAKE_COMPLETE)->fetch_next);
    fake_done(FAKE_COMPLETE);
    assert_int_equal(heard.idle, 1);
}

/* It had been asked for before. */
static void a_job_that_comes_to_a_closed_slot_goes_back(void **state)
{
    take();
    fake_run_returns("1", "1");
    assert_true(asked(FAKE_COMPLETE)->fetch_next);
    slot_close(slot);
    fake_fetched(FAKE_COMPLETE, &(struct fetched){.job = fake_job("2")});
    if (fake_running("2"))
        fake_run_dies("2");
    assert_string_equal(asked(FAKE_RELEASE)->ids, "2");
    fake_done(FAKE_RELEASE);
    assert_int_equal(heard.idle, 1);
}

static void releasing_an_idle_slot_is_nothing(void **state)
{
    slot_release(slot);
    assert_int_equal(heard.idle, 0);
    assert_int_equal(stores(), 0);
}

static void a_lock_is_held_until_the_end_is_stored(void **state)
{
    struct locks *locks = locks_new(base, NULL, 1000, hear_lost, NULL);

    locks_free(config.locks);
    config.locks = locks;
    take();
    fake_run_returns("1", "1");
    let_pass(1100);
    assert_string_equal(asked(FAKE_EXTEND)->ids, "1");
    fake_done(FAKE_COMPLETE);
    fake_extended(NULL, 0);
    let_pass(1100);
    assert_int_equal(fake_queue.count[FAKE_EXTEND], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_job_that_ran_is_completed_with_its_value),
        TEST(the_next_job_comes_with_the_answer),
        TEST(what_was_said_about_more_work_is_passed_on),
        TEST(a_run_that_failed_is_retried_while_attempts_last),
        TEST(jitter_shortens_a_backoff_within_its_bounds),
        TEST(a_deferred_failure_is_stored_and_not_run),
        TEST(a_job_that_was_started_too_often_is_not_run),
        TEST(the_jobs_log_is_told_before_its_end_is_stored),
        TEST(a_note_is_written_once_however_often_the_end_is_stored),
        TEST(the_log_of_a_discarded_job_is_not_waited_for),
        TEST(progress_is_told_when_it_is_asked_for),
        TEST(what_a_run_says_of_its_progress_is_told_in_any_case),
        TEST(a_parent_that_cannot_complete_fails_and_may_be_retried),
        TEST(what_an_unanswered_end_has_fetched_is_looked_for),
        TEST(when_it_has_fetched_none_the_slot_falls_idle),
        TEST(it_is_looked_for_until_redis_answers),
        TEST(with_no_more_time_it_is_not_looked_for_again),
        TEST(a_retry_at_once_says_nothing_about_more_work),
        TEST(a_lost_lock_kills_the_run_and_stores_nothing),
        TEST(a_result_that_comes_behind_the_lost_lock_is_discarded_too),
        TEST(another_slots_lost_lock_is_none_of_ours),
        TEST(a_lock_lost_while_storing_is_redis_to_judge),
        TEST(a_job_that_is_gone_is_discarded),
        TEST(a_released_job_goes_back_at_no_cost),
        TEST(a_released_job_whose_lock_is_lost_does_not_go_back),
        TEST(a_job_whose_lock_is_lost_is_not_released),
        TEST(with_redis_away_the_result_is_kept_and_stored_later),
        TEST(storing_again_waits_longer_each_time),
        TEST(a_retry_is_decided_once_however_often_it_is_stored),
        TEST(with_no_more_time_and_redis_away_the_job_is_left),
        TEST(with_no_more_time_what_cannot_be_stored_is_left),
        TEST(with_no_more_time_a_release_is_tried_once),
        TEST(a_closed_slot_asks_for_no_more),
        TEST(a_job_that_comes_to_a_closed_slot_goes_back),
        TEST(releasing_an_idle_slot_is_nothing),
        TEST(a_lock_is_held_until_the_end_is_stored),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
