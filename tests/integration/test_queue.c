/* The queue's verbs against a real redis-server: what is asked arrives, what is answered is
 * understood. The scripts' own rules have their tests in tests/interop. */
#include "tests/support/unit.h"

#include <signal.h>

#include "lib/clock.h"
#include "tests/integration/queue_fixture.h"

static void an_added_job_is_fetched_with_all_it_was_added_with(void **state)
{
    struct opts opts;
    struct job *job;

    opts_init(&opts);
    opts.attempts = 3;
    opts.backoff = BACKOFF_EXPONENTIAL;
    opts.backoff_ms = 1000;
    opts.on_complete.given = true;
    opts.on_complete.age_s = 3600;
    add(&opts);
    assert_string_equal(heard.id, "1");
    job = fetch();
    assert_string_equal(job->id, "1");
    assert_string_equal(job->name, "execute");
    assert_string_equal(job->data.at, "{\"language\":\"python\",\"code\":\"1\"}");
    assert_int_equal(job->opts.attempts, 3);
    assert_int_equal(job->opts.backoff, BACKOFF_EXPONENTIAL);
    assert_int_equal(job->opts.on_complete.age_s, 3600);
    assert_int_equal(job->attempts_started, 1);
    assert_string_equal(job->token, "token-1");
    assert_int_equal(redis_server_count(&fixture.server, "EXISTS bull:q:1:lock"), 1);
    job_free(job);
}

static void an_empty_queue_gives_no_job(void **state)
{
    assert_null(fetch());
    assert_true(heard.nothing);
}

static void priorities_go_in_their_order_and_none_before_all(void **state)
{
    const int64_t priorities[] = {10, 0, 1, 2, 1};
    const char *const order[] = {"2", "3", "5", "4", "1"};
    struct opts opts;

    opts_init(&opts);
    for (size_t i = 0; i < 5; i++) {
        opts.priority = priorities[i];
        add(&opts);
    }
    for (size_t i = 0; i < 5; i++) {
        struct job *job = fetch();

        assert_string_equal(job->id, order[i]);
        job_free(job);
    }
}

static void a_delayed_job_is_not_fetched_before_it_is_due(void **state)
{
    int64_t before = clock_ms();
    struct opts opts;

    opts_init(&opts);
    opts.delay_ms = 60000;
    add(&opts);
    assert_null(fetch());
    assert_in_range(heard.next_ms, before + 60000, clock_ms() + 60000);
}

static void a_completed_job_brings_the_next(void **state)
{
    struct job *first = add_and_fetch(1);
    struct opts opts;

    opts_init(&opts);
    add(&opts);
    forget();
    queue_complete(fixture.queue, first, "{\"a\":1}", true, hear_fetched, NULL);
    good();
    assert_non_null(heard.job);
    assert_string_equal(heard.job->id, "2");
    assert_string_equal(heard.job->token, "token-1");
    forget();
    queue_read(fixture.queue, "1", hear_read, NULL);
    good();
    assert_int_equal(heard.job->state, JOB_COMPLETED);
    assert_string_equal(heard.job->returnvalue.at, "{\"a\":1}");
    job_free(first);
}

static void a_failed_job_keeps_its_reason_and_its_stacktrace(void **state)
{
    struct job *job = add_and_fetch(1);
    redisReply *stacktrace;

    queue_fail(fixture.queue, job, "no \"engine\"", false, hear_fetched, NULL);
    good();
    assert_true(heard.nothing);
    forget();
    queue_read(fixture.queue, "1", hear_read, NULL);
    good();
    assert_int_equal(heard.job->state, JOB_FAILED);
    assert_string_equal(heard.job->failed_reason, "no \"engine\"");
    stacktrace = redis_server_ask(&fixture.server, "HGET bull:q:1 stacktrace");
    assert_string_equal(stacktrace->str, "[\"no \\\"engine\\\"\"]");
    freeReplyObject(stacktrace);
    job_free(job);
}

static void a_retried_job_waits_for_its_delay_and_has_used_an_attempt(void **state)
{
    struct job *job = add_and_fetch(3);

    queue_retry(fixture.queue, job, "engine away", 1000, true, hear_fetched, NULL);
    good();
    assert_int_equal(redis_server_count(&fixture.server, "ZCARD bull:q:delayed"), 1);
    forget();
    queue_read(fixture.queue, "1", hear_read, NULL);
    good();
    assert_int_equal(heard.job->state, JOB_QUEUED);
    assert_int_equal(heard.job->attempts_made, 1);
    job_free(job);
}

static void a_retry_without_a_delay_goes_back_at_once(void **state)
{
    struct job *job = add_and_fetch(3);

    queue_retry(fixture.queue, job, "engine away", 0, true, hear_fetched, NULL);
    good();
    assert_int_equal(redis_server_count(&fixture.server, "LLEN bull:q:wait"), 1);
    job_free(job);
}

static void a_released_job_has_used_no_attempt(void **state)
{
    struct job *job = add_and_fetch(3);

    queue_release(fixture.queue, job, hear_done, NULL);
    good();
    assert_int_equal(redis_server_count(&fixture.server, "LLEN bull:q:wait"), 1);
    assert_int_equal(redis_server_count(&fixture.server, "HEXISTS bull:q:1 atm"), 0);
    job_free(job);
}

static void a_job_that_is_not_ours_any_more_cannot_be_finished(void **state)
{
    struct job *job = add_and_fetch(3);

    freeReplyObject(redis_server_ask(&fixture.server, "SET bull:q:1:lock other"));
    queue_complete(fixture.queue, job, "1", false, hear_fetched, NULL);
    answer();
    assert_true(heard.failed);
    assert_int_equal(heard.err.kind, ERR_INVALID);
    forget();
    freeReplyObject(redis_server_ask(&fixture.server, "DEL bull:q:1 bull:q:1:lock"));
    queue_complete(fixture.queue, job, "1", false, hear_fetched, NULL);
    answer();
    assert_int_equal(heard.err.kind, ERR_MISSING);
    job_free(job);
}

static char *ask_text(const char *command)
{
    static char text[256];
    redisReply *reply = redis_server_ask(&fixture.server, command);

    snprintf(text, sizeof text, "%s", reply->str ? reply->str : "");
    freeReplyObject(reply);
    return text;
}

static void a_jobs_log_keeps_as_many_lines_as_the_job_says(void **state)
{
    struct job *job = add_and_fetch(3);

    for (int i = 1; i <= 4; i++) {
        char line[] = "line 0";

        line[5] += i;
        if (i == 4)
            job->opts.keep_logs = 2;
        forget();
        queue_log(fixture.queue, job, line, hear_done, NULL);
        good();
        assert_int_equal(redis_server_count(&fixture.server, "LLEN bull:q:1:logs"),
                         i < 4 ? i : 2);
    }
    assert_string_equal(ask_text("LINDEX bull:q:1:logs -1"), "line 4");
    queue_log(fixture.queue, job, "nobody waits for this one", NULL, NULL);
    job->id = "7";
    forget();
    queue_log(fixture.queue, job, "of no job", hear_done, NULL);
    answer();
    assert_int_equal(heard.err.kind, ERR_MISSING);
    job_free(job);
}

static void progress_is_stored_and_told(void **state)
{
    struct job *job = add_and_fetch(3);

    queue_progress(fixture.queue, job, "{\"stage\":\"running\"}", hear_done, NULL);
    good();
    assert_string_equal(ask_text("HGET bull:q:1 progress"), "{\"stage\":\"running\"}");
    job_free(job);
}

static void a_job_can_be_found_by_its_token(void **state)
{
    struct job *job = add_and_fetch(3);
    struct opts opts;

    opts_init(&opts);
    add(&opts);
    forget();
    queue_fetch(fixture.queue, "token-2", hear_fetched, NULL);
    good();
    forget();
    queue_reclaim(fixture.queue, "token-1", hear_fetched, NULL);
    good();
    assert_string_equal(heard.job->id, "1");
    assert_string_equal(heard.job->token, "token-1");
    assert_int_equal(heard.job->attempts_started, 1);
    forget();
    queue_reclaim(fixture.queue, "token-3", hear_fetched, NULL);
    good();
    assert_true(heard.nothing);
    job_free(job);
}

static void extending_names_the_locks_that_are_lost(void **state)
{
    struct opts opts;
    struct job *jobs[2];

    opts_init(&opts);
    add(&opts);
    add(&opts);
    jobs[0] = fetch();
    jobs[1] = fetch();
    freeReplyObject(redis_server_ask(&fixture.server, "DEL bull:q:2:lock"));
    forget();
    queue_extend_locks(fixture.queue, (const struct job *const *)jobs, 2, hear_extended,
                       NULL);
    good();
    assert_int_equal(heard.count, 1);
    assert_string_equal(heard.lost, "2");
    job_free(jobs[0]);
    job_free(jobs[1]);
}

static void a_job_without_a_lock_is_recovered_by_the_second_check(void **state)
{
    struct job *job = add_and_fetch(1);

    freeReplyObject(redis_server_ask(&fixture.server, "DEL bull:q:1:lock"));
    queue_recover(fixture.queue, 1, 1, hear_recovered, NULL);
    good();
    assert_int_equal(heard.count, 0);
    loop_for(fixture.base, 20); /* until the guard of 1 ms is gone */
    forget();
    queue_recover(fixture.queue, 1, 1, hear_recovered, NULL);
    good();
    assert_int_equal(heard.count, 1);
    assert_int_equal(redis_server_count(&fixture.server, "LLEN bull:q:wait"), 1);
    job_free(job);
}

static void reading_tells_the_states_apart(void **state)
{
    struct opts opts;
    struct job *job;

    opts_init(&opts);
    add(&opts);
    forget();
    queue_read(fixture.queue, "1", hear_read, NULL);
    good();
    assert_int_equal(heard.job->state, JOB_QUEUED);
    assert_string_equal(heard.job->data.at, "{\"language\":\"python\",\"code\":\"1\"}");
    assert_true(heard.job->timestamp > 0);
    assert_true(heard.job->processed_on == 0);
    job = fetch();
    forget();
    queue_read(fixture.queue, "1", hear_read, NULL);
    good();
    assert_int_equal(heard.job->state, JOB_ACTIVE);
    assert_true(heard.job->processed_on > 0);
    job_free(job);
}

static void what_is_no_job_is_missing(void **state)
{
    static const char *const ids[] = {"77", "meta", "events", "id", "wait", "marker"};
    struct opts opts;

    opts_init(&opts);
    add(&opts);
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        forget();
        queue_read(fixture.queue, ids[i], hear_read, NULL);
        answer();
        assert_true(heard.failed);
        assert_int_equal(heard.err.kind, ERR_MISSING);
    }
}

static void a_marker_wakes_the_one_who_waits(void **state)
{
    struct opts opts;

    opts_init(&opts);
    queue_wait(fixture.queue, fixture.blocking, 100, hear_woken, NULL);
    good();
    assert_true(heard.at_ms < 0);
    forget();
    queue_add(fixture.queue, "execute", (struct bytes){"{}", 2}, &opts, hear_added, NULL);
    good();
    forget();
    queue_wait(fixture.queue, fixture.blocking, 1000, hear_woken, NULL);
    good();
    assert_true(heard.at_ms == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(an_added_job_is_fetched_with_all_it_was_added_with),
        TEST(an_empty_queue_gives_no_job),
        TEST(priorities_go_in_their_order_and_none_before_all),
        TEST(a_delayed_job_is_not_fetched_before_it_is_due),
        TEST(a_completed_job_brings_the_next),
        TEST(a_failed_job_keeps_its_reason_and_its_stacktrace),
        TEST(a_retried_job_waits_for_its_delay_and_has_used_an_attempt),
        TEST(a_retry_without_a_delay_goes_back_at_once),
        TEST(a_released_job_has_used_no_attempt),
        TEST(a_job_that_is_not_ours_any_more_cannot_be_finished),
        TEST(a_jobs_log_keeps_as_many_lines_as_the_job_says),
        TEST(progress_is_stored_and_told),
        TEST(a_job_can_be_found_by_its_token),
        TEST(extending_names_the_locks_that_are_lost),
        TEST(a_job_without_a_lock_is_recovered_by_the_second_check),
        TEST(reading_tells_the_states_apart),
        TEST(what_is_no_job_is_missing),
        TEST(a_marker_wakes_the_one_who_waits),
    };

    signal(SIGPIPE, SIG_IGN); /* as the programs do */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
