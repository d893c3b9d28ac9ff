/* How a worker looks for work, waits for it, and stops: with a queue and runs that do what
 * the test says. */
#include "tests/support/unit.h"

#include "lib/clock.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_queue.h"
#include "tests/support/fake_run.h"
#include "tests/support/loop.h"
#include "worker/worker.h"

enum {
    LOCK_MS = 20000,
    STALLED_MS = 30000,
    DRAIN_MS = 5000,
    GRACE_MS = 4000,
    LIMITED_MS = 30000
};

static struct event_base *base;
static const struct run_config run_config;
static struct worker *worker;
static bool stopped;

static void hear_stopped(void *arg)
{
    assert_false(stopped);
    stopped = true;
}

static void make_worker(int concurrency)
{
    const struct worker_config config = {
        .concurrency = concurrency,
        .lock_renew_ms = LOCK_MS / 2,
        .limited_max_ms = LIMITED_MS,
        .stalled_interval_ms = STALLED_MS,
        .max_stalled_count = 1,
        .drain_delay_ms = DRAIN_MS,
    };

    worker = worker_new(base, &config, NULL, NULL, &run_config, hear_stopped, NULL);
}

static int set_up(void **state)
{
    fake_queue_forget();
    fake_run_forget();
    stopped = false;
    base = event_base_new();
    make_worker(1);
    return 0;
}

/* What still runs ends well. */
static int tear_down(void **state)
{
    static const char *const ids[] = {"1", "2"};

    for (size_t i = 0; i < 2; i++)
        if (fake_running(ids[i])) {
            fake_run_returns(ids[i], "1");
            fake_done(FAKE_COMPLETE);
        }
    worker_free(worker);
    event_base_free(base);
    return 0;
}

static void with_slots(int concurrency)
{
    worker_free(worker);
    make_worker(concurrency);
}

static bool asked(enum fake_verb verb)
{
    return fake_queue.asks[verb].asked;
}

static int count(enum fake_verb verb)
{
    return fake_queue.count[verb];
}

static void let_pass(int ms)
{
    clock_skip_ms(ms);
    loop_for(base, 1);
}

/* Answer a fetch with a job. */
static void finds(const char *id)
{
    fake_fetched(FAKE_FETCH, &(struct fetched){.job = fake_job(id)});
}

static void link_up(void)
{
    worker_linked(worker);
    assert_true(asked(FAKE_FETCH));
}

/* Linked, and the first fetch has found nothing. */
static void drain(void)
{
    link_up();
    fake_done(FAKE_FETCH);
    assert_true(asked(FAKE_WAIT));
}

static void expect_about(int64_t got, int64_t expected)
{
    if (got > expected || got < expected - 1000)
        fail_msg("%lld is not about %lld", (long long)got, (long long)expected);
}

static void nothing_is_asked_before_the_link_is_there(void **state)
{
    let_pass(1000);
    assert_false(asked(FAKE_FETCH) || asked(FAKE_WAIT) || asked(FAKE_RECOVER));
}

static void a_new_worker_recovers_lost_jobs_and_looks_for_work(void **state)
{
    link_up();
    assert_true(asked(FAKE_RECOVER));
    assert_int_equal(fake_queue.asks[FAKE_RECOVER].ms, STALLED_MS);
    assert_false(asked(FAKE_WAIT));
}

static void lost_jobs_are_looked_for_again_and_again(void **state)
{
    link_up();
    for (int i = 1; i <= 3; i++) {
        assert_int_equal(count(FAKE_RECOVER), i);
        fake_done(FAKE_RECOVER);
        let_pass(STALLED_MS + 1);
    }
}

static void slots_are_filled_by_one_fetch_after_the_other(void **state)
{
    char first[512];

    with_slots(2);
    link_up();
    snprintf(first, sizeof first, "%s", fake_queue.asks[FAKE_FETCH].text);
    finds("1");
    assert_true(fake_running("1"));
    assert_int_equal(count(FAKE_FETCH), 2);
    assert_string_not_equal(fake_queue.asks[FAKE_FETCH].text, first); /* a lock's token */
    finds("2");
    assert_true(fake_running("2"));
    assert_int_equal(count(FAKE_FETCH), 2); /* every slot has a job */
    assert_false(asked(FAKE_WAIT));
}

static void
a_slot_that_falls_idle_is_not_fetched_for_when_it_said_there_is_nothing(void **state)
{
    link_up();
    finds("1");
    fake_run_returns("1", "1");
    fake_done(FAKE_COMPLETE);
    assert_int_equal(count(FAKE_FETCH), 1);
    assert_true(asked(FAKE_WAIT));
}

static void a_slot_that_falls_idle_without_a_word_is_fetched_for(void **state)
{
    link_up();
    finds("1");
    fake_run_returns("1", "1");
    fake_refused(FAKE_COMPLETE, ERR_MISSING, "there is no such job");
    assert_int_equal(count(FAKE_FETCH), 2);
}

static void without_work_one_wait_stands_for_all_slots(void **state)
{
    with_slots(3);
    drain();
    assert_int_equal(fake_queue.asks[FAKE_WAIT].ms, DRAIN_MS);
    assert_int_equal(count(FAKE_FETCH), 1);
    assert_int_equal(count(FAKE_WAIT), 1);
}

static void a_marker_leads_to_a_fetch(void **state)
{
    drain();
    fake_woken(0);
    assert_int_equal(count(FAKE_FETCH), 2);
    assert_false(asked(FAKE_WAIT));
    finds("1");
    assert_true(fake_running("1"));
}

static void a_wait_that_ends_without_a_marker_leads_to_a_fetch(void **state)
{
    drain();
    fake_woken(-1);
    assert_int_equal(count(FAKE_FETCH), 2);
}

static void a_marker_of_a_delayed_job_is_waited_for(void **state)
{
    drain();
    fake_woken((double)clock_ms() + 3000);
    assert_int_equal(count(FAKE_FETCH), 1);
    assert_true(asked(FAKE_WAIT));
    expect_about(fake_queue.asks[FAKE_WAIT].ms, 3000);
    clock_skip_ms(3001);
    fake_woken(-1);
    assert_int_equal(count(FAKE_FETCH), 2);
}

static void a_marker_of_a_time_that_has_passed_leads_to_a_fetch(void **state)
{
    drain();
    fake_woken((double)clock_ms() - 1);
    assert_int_equal(count(FAKE_FETCH), 2);
}

static void a_fetch_says_when_the_next_delayed_job_is_due(void **state)
{
    link_up();
    fake_fetched(FAKE_FETCH, &(struct fetched){.next_ms = clock_ms() + 2000});
    expect_about(fake_queue.asks[FAKE_WAIT].ms, 2000);
}

static void a_delayed_job_far_away_is_asked_about_again_before_that(void **state)
{
    link_up();
    fake_fetched(FAKE_FETCH, &(struct fetched){.next_ms = clock_ms() + 3600000});
    assert_int_equal(fake_queue.asks[FAKE_WAIT].ms, 10000);
}

/* Zero would wait for ever, and Redis takes less than 1 ms for zero. */
static void a_delayed_job_that_is_nearly_due_is_not_waited_for_without_end(void **state)
{
    link_up();
    fake_fetched(FAKE_FETCH, &(struct fetched){.next_ms = clock_ms() + 1});
    if (asked(FAKE_WAIT))
        assert_int_equal(fake_queue.asks[FAKE_WAIT].ms, 2);
    else
        assert_int_equal(count(FAKE_FETCH), 2);
}

static void a_delayed_job_that_is_due_is_fetched(void **state)
{
    link_up();
    fake_fetched(FAKE_FETCH, &(struct fetched){.next_ms = clock_ms() - 1});
    assert_int_equal(count(FAKE_FETCH), 2);
    assert_false(asked(FAKE_WAIT));
}

static void a_rate_limit_is_sat_out(void **state)
{
    link_up();
    fake_fetched(FAKE_FETCH, &(struct fetched){.limited_ms = 7000});
    let_pass(6000);
    assert_int_equal(count(FAKE_FETCH), 1);
    assert_false(asked(FAKE_WAIT)); /* markers do not count */
    let_pass(1100);
    assert_int_equal(count(FAKE_FETCH), 2);
}

static void a_long_rate_limit_is_asked_about_again_before_its_end(void **state)
{
    link_up();
    fake_done(FAKE_RECOVER); /* the next one falls into this time */
    fake_fetched(FAKE_FETCH, &(struct fetched){.limited_ms = 3600000});
    let_pass(LIMITED_MS - 1000);
    assert_int_equal(count(FAKE_FETCH), 1);
    let_pass(1100);
    assert_int_equal(count(FAKE_FETCH), 2);
}

static void a_fetch_that_fails_is_tried_again_after_a_second(void **state)
{
    link_up();
    for (int i = 1; i <= 3; i++) {
        fake_refused(FAKE_FETCH, ERR_BUG, "a script of ours is wrong");
        let_pass(500);
        assert_int_equal(count(FAKE_FETCH), i);
        let_pass(600);
        assert_int_equal(count(FAKE_FETCH), i + 1);
    }
    assert_int_equal(count(FAKE_RECLAIM), 0); /* it was answered */
}

static void what_an_unanswered_fetch_has_taken_is_looked_for(void **state)
{
    char token[512];

    link_up();
    snprintf(token, sizeof token, "%s", fake_queue.asks[FAKE_FETCH].text);
    fake_refused(FAKE_FETCH, ERR_TIMEOUT, "no answer");
    for (int i = 1; i <= 3; i++) {
        let_pass(500);
        assert_int_equal(count(FAKE_RECLAIM), i - 1);
        let_pass(600);
        assert_int_equal(count(FAKE_RECLAIM), i);
        assert_string_equal(fake_queue.asks[FAKE_RECLAIM].text, token);
        if (i < 3)
            fake_refused(FAKE_RECLAIM, ERR_BACKEND, "away");
    }
    fake_fetched(FAKE_RECLAIM, &(struct fetched){.job = fake_job("1")});
    assert_true(fake_running("1"));
    assert_int_equal(count(FAKE_FETCH), 1);
}

static void when_it_has_taken_none_the_next_is_fetched(void **state)
{
    char token[512];

    link_up();
    snprintf(token, sizeof token, "%s", fake_queue.asks[FAKE_FETCH].text);
    fake_refused(FAKE_FETCH, ERR_TIMEOUT, "no answer");
    let_pass(1100);
    fake_done(FAKE_RECLAIM);
    assert_int_equal(count(FAKE_FETCH), 2);
    assert_string_not_equal(fake_queue.asks[FAKE_FETCH].text, token);
}

static void a_link_that_is_back_is_not_waited_for(void **state)
{
    link_up();
    fake_refused(FAKE_FETCH, ERR_BACKEND, "away");
    worker_linked(worker);
    assert_int_equal(count(FAKE_RECLAIM), 1);
    fake_done(FAKE_RECLAIM);
    assert_int_equal(count(FAKE_FETCH), 2);
    assert_int_equal(count(FAKE_RECOVER), 1);
}

static void a_wait_that_fails_does_not_spin(void **state)
{
    drain();
    fake_refused(FAKE_WAIT, ERR_BACKEND, "away");
    assert_int_equal(count(FAKE_FETCH), 1);
    assert_int_equal(count(FAKE_WAIT), 1);
    let_pass(1100);
    assert_int_equal(count(FAKE_FETCH), 2);
}

static void a_lost_lock_kills_its_run_alone(void **state)
{
    const char *const ids[] = {"2"};

    with_slots(2);
    link_up();
    finds("1");
    finds("2");
    let_pass(LOCK_MS / 4 + 1);
    assert_string_equal(fake_queue.asks[FAKE_EXTEND].ids, "1 2");
    fake_extended(ids, 1);
    assert_false(fake_stopped("1"));
    assert_true(fake_stopped("2"));
    fake_run_dies("2");
    assert_int_equal(count(FAKE_FAIL) + count(FAKE_RETRY) + count(FAKE_RELEASE), 0);
}

static void an_idle_worker_stops_at_once(void **state)
{
    drain();
    worker_stop(worker, GRACE_MS);
    assert_false(stopped); /* but not from inside the call */
    assert_true(loop_until(base, &stopped, 1000));
    fake_woken(0);
    assert_int_equal(count(FAKE_FETCH), 1);
}

static void a_worker_that_was_never_linked_stops(void **state)
{
    worker_stop(worker, GRACE_MS);
    assert_true(loop_until(base, &stopped, 1000));
}

static void running_jobs_end_within_the_grace_and_no_other_is_taken(void **state)
{
    link_up();
    finds("1");
    worker_stop(worker, GRACE_MS);
    let_pass(GRACE_MS / 2);
    assert_false(stopped || fake_stopped("1"));
    fake_run_returns("1", "1");
    assert_false(fake_queue.asks[FAKE_COMPLETE].fetch_next);
    let_pass(1);
    assert_false(stopped); /* it is not stored yet */
    fake_done(FAKE_COMPLETE);
    assert_true(loop_until(base, &stopped, 1000));
    assert_int_equal(count(FAKE_FETCH), 1);
    assert_false(asked(FAKE_WAIT));
}

static void at_the_end_of_the_grace_jobs_go_back(void **state)
{
    link_up();
    finds("1");
    worker_stop(worker, GRACE_MS);
    let_pass(GRACE_MS + 1);
    assert_true(fake_stopped("1"));
    fake_run_dies("1");
    assert_string_equal(fake_queue.asks[FAKE_RELEASE].ids, "1");
    assert_false(stopped);
    fake_done(FAKE_RELEASE);
    assert_true(loop_until(base, &stopped, 1000));
}

static void a_second_stop_ends_the_grace(void **state)
{
    link_up();
    finds("1");
    worker_stop(worker, GRACE_MS);
    worker_stop(worker, GRACE_MS);
    let_pass(1);
    fake_run_dies("1");
    fake_done(FAKE_RELEASE);
    assert_true(loop_until(base, &stopped, 1000));
}

static void a_job_that_comes_behind_the_stop_goes_back(void **state)
{
    link_up();
    worker_stop(worker, GRACE_MS);
    let_pass(1);
    assert_false(stopped); /* a fetch is under way, and may take a job */
    finds("1");
    fake_run_dies("1");
    fake_done(FAKE_RELEASE);
    assert_true(loop_until(base, &stopped, 1000));
    assert_int_equal(count(FAKE_FETCH), 1);
}

static void a_fetch_that_fails_behind_the_stop_does_not_hold_it_up(void **state)
{
    link_up();
    worker_stop(worker, GRACE_MS);
    fake_refused(FAKE_FETCH, ERR_BACKEND, "away");
    assert_true(loop_until(base, &stopped, 1000));
    let_pass(1100);
    assert_int_equal(count(FAKE_FETCH), 1);
}

static void a_job_that_comes_with_an_answer_behind_the_stop_goes_back(void **state)
{
    link_up();
    finds("1");
    fake_run_returns("1", "1");
    worker_stop(worker, 0);
    let_pass(1);
    fake_fetched(FAKE_COMPLETE, &(struct fetched){.job = fake_job("2")});
    fake_run_dies("2");
    assert_string_equal(fake_queue.asks[FAKE_RELEASE].ids, "2");
    fake_done(FAKE_RELEASE);
    assert_true(loop_until(base, &stopped, 1000));
}

static void with_redis_away_a_stop_has_an_end(void **state)
{
    link_up();
    finds("1");
    worker_stop(worker, GRACE_MS);
    let_pass(GRACE_MS + 1);
    fake_run_dies("1");
    fake_refused(FAKE_RELEASE, ERR_BACKEND, "away");
    assert_true(loop_until(base, &stopped, 1000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(nothing_is_asked_before_the_link_is_there),
        TEST(a_new_worker_recovers_lost_jobs_and_looks_for_work),
        TEST(lost_jobs_are_looked_for_again_and_again),
        TEST(slots_are_filled_by_one_fetch_after_the_other),
        TEST(a_slot_that_falls_idle_is_not_fetched_for_when_it_said_there_is_nothing),
        TEST(a_slot_that_falls_idle_without_a_word_is_fetched_for),
        TEST(without_work_one_wait_stands_for_all_slots),
        TEST(a_marker_leads_to_a_fetch),
        TEST(a_wait_that_ends_without_a_marker_leads_to_a_fetch),
        TEST(a_marker_of_a_delayed_job_is_waited_for),
        TEST(a_marker_of_a_time_that_has_passed_leads_to_a_fetch),
        TEST(a_fetch_says_when_the_next_delayed_job_is_due),
        TEST(a_delayed_job_far_away_is_asked_about_again_before_that),
        TEST(a_delayed_job_that_is_nearly_due_is_not_waited_for_without_end),
        TEST(a_delayed_job_that_is_due_is_fetched),
        TEST(a_rate_limit_is_sat_out),
        TEST(a_long_rate_limit_is_asked_about_again_before_its_end),
        TEST(a_fetch_that_fails_is_tried_again_after_a_second),
        TEST(what_an_unanswered_fetch_has_taken_is_looked_for),
        TEST(when_it_has_taken_none_the_next_is_fetched),
        TEST(a_link_that_is_back_is_not_waited_for),
        TEST(a_wait_that_fails_does_not_spin),
        TEST(a_lost_lock_kills_its_run_alone),
        TEST(an_idle_worker_stops_at_once),
        TEST(a_worker_that_was_never_linked_stops),
        TEST(running_jobs_end_within_the_grace_and_no_other_is_taken),
        TEST(at_the_end_of_the_grace_jobs_go_back),
        TEST(a_second_stop_ends_the_grace),
        TEST(a_job_that_comes_behind_the_stop_goes_back),
        TEST(a_fetch_that_fails_behind_the_stop_does_not_hold_it_up),
        TEST(a_job_that_comes_with_an_answer_behind_the_stop_goes_back),
        TEST(with_redis_away_a_stop_has_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
