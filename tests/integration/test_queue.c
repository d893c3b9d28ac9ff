/* The queue's verbs against a real redis-server: what is asked arrives, what is answered is
 * understood. The scripts' own rules have their tests in tests/interop. */
#include "tests/support/unit.h"

#include <signal.h>

#include "lib/clock.h"
#include "queue/queue.h"
#include "queue/scripts.h"
#include "tests/support/loop.h"
#include "tests/support/redis_server.h"

/* What the hearers heard. */
static struct heard {
    bool called;
    char id[64];
    struct job *job; /* to be freed */
    int64_t limited_ms, next_ms;
    bool nothing; /* a fetch that was answered without a job */
    size_t count;
    char lost[64];
    double at_ms;
    bool failed;
    struct err err;
} heard;

static struct fixture {
    struct redis_server server;
    struct event_base *base;
    struct redis *redis, *blocking;
    struct queue *queue;
    bool ready;
} fixture;

static void hear(const struct err *err)
{
    heard.called = true;
    heard.failed = err;
    if (err)
        heard.err = *err;
}

static void hear_added(void *arg, const char *id, const struct err *err)
{
    hear(err);
    snprintf(heard.id, sizeof heard.id, "%s", id ? id : "");
}

static void hear_fetched(void *arg, const struct fetched *fetched, const struct err *err)
{
    hear(err);
    if (err)
        return;
    heard.job = fetched->job;
    heard.nothing = !fetched->job;
    heard.limited_ms = fetched->limited_ms;
    heard.next_ms = fetched->next_ms;
}

static void hear_done(void *arg, const struct err *err)
{
    hear(err);
}

static void hear_extended(void *arg, const char *const *lost, size_t count,
                          const struct err *err)
{
    hear(err);
    heard.count = count;
    if (count)
        snprintf(heard.lost, sizeof heard.lost, "%s", lost[0]);
}

static void hear_recovered(void *arg, size_t count, const struct err *err)
{
    hear(err);
    heard.count = count;
}

static void hear_read(void *arg, struct job *job, const struct err *err)
{
    hear(err);
    heard.job = job;
}

static void hear_woken(void *arg, double at_ms, const struct err *err)
{
    hear(err);
    heard.at_ms = at_ms;
}

static void hear_linked(void *arg, const struct err *err)
{
    *(bool *)arg = !err;
}

static void forget(void)
{
    job_free(heard.job);
    memset(&heard, 0, sizeof heard);
}

/* Wait for the one callback that every verb promises. */
static void answer(void)
{
    assert_true(loop_until(fixture.base, &heard.called, 5000));
}

static void good(void)
{
    answer();
    if (heard.failed)
        fail_msg("%s", heard.err.text);
}

static int set_up(void **state)
{
    struct redis_config link = {.deadline_ms = 2000};
    struct queue_config config = {
        .prefix = "bull", .name = "q", .worker_name = "w1", .lock_ms = 30000};
    struct err err;

    memset(&fixture, 0, sizeof fixture);
    keep_init(&config.on_complete);
    keep_init(&config.on_fail);
    redis_server_start(&fixture.server, NULL, NULL);
    fixture.base = event_base_new();
    link.url = fixture.server.url;
    fixture.redis = redis_new(fixture.base, &link, hear_linked, &fixture.ready, &err);
    fixture.blocking = redis_new(fixture.base, &link, NULL, NULL, &err);
    fixture.queue = queue_new(fixture.redis, &config, &err);
    assert_non_null(fixture.queue);
    assert_true(loop_until(fixture.base, &fixture.ready, 5000));
    loop_for(fixture.base, 50);
    return 0;
}

static int tear_down(void **state)
{
    forget();
    redis_free(fixture.blocking);
    redis_free(fixture.redis);
    queue_free(fixture.queue);
    event_base_free(fixture.base);
    redis_server_free(&fixture.server);
    return 0;
}

static void add(const struct opts *opts)
{
    static const char data[] = "{\"language\":\"python\",\"code\":\"1\"}";

    forget();
    queue_add(fixture.queue, "execute", (struct bytes){data, sizeof data - 1}, opts,
              hear_added, NULL);
    good();
}

static struct job *fetch(void)
{
    struct job *job;

    forget();
    queue_fetch(fixture.queue, "token-1", hear_fetched, NULL);
    good();
    job = heard.job;
    heard.job = NULL;
    return job;
}

static struct job *add_and_fetch(int attempts)
{
    struct opts opts;
    struct job *job;

    opts_init(&opts);
    opts.attempts = attempts;
    opts.backoff = BACKOFF_FIXED;
    opts.backoff_ms = 1000;
    add(&opts);
    job = fetch();
    assert_non_null(job);
    forget();
    return job;
}

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

static void a_script_that_redis_forgot_is_loaded_again(void **state)
{
    struct opts opts;

    opts_init(&opts);
    add(&opts);
    freeReplyObject(redis_server_ask(&fixture.server, "SCRIPT FLUSH"));
    add(&opts);
    assert_string_equal(heard.id, "2");
}

/* Were they not, each call would go out twice, and still give the right answer. */
static void digests_are_those_that_redis_makes(void **state)
{
    const struct script_source *source = script_sources;

    for (; source->name; source++) {
        redisReply *reply =
            redis_server_ask(&fixture.server, "SCRIPT LOAD %s", source->text);

        assert_string_equal(reply->str, source->digest);
        freeReplyObject(reply);
    }
    assert_true(source > script_sources);
}

static void a_full_redis_refuses_to_add_and_still_finishes(void **state)
{
    struct job *job = add_and_fetch(1);
    struct opts opts;

    opts_init(&opts);
    freeReplyObject(redis_server_ask(&fixture.server, "CONFIG SET maxmemory 1"));
    queue_add(fixture.queue, "execute", (struct bytes){"{}", 2}, &opts, hear_added, NULL);
    answer();
    assert_true(heard.failed);
    assert_int_equal(heard.err.kind, ERR_BACKEND);
    forget();
    queue_complete(fixture.queue, job, "1", false, hear_fetched, NULL);
    good();
    freeReplyObject(redis_server_ask(&fixture.server, "CONFIG SET maxmemory 0"));
    assert_int_equal(redis_server_count(&fixture.server, "ZCARD bull:q:completed"), 1);
    job_free(job);
}

static void with_redis_gone_every_call_fails_and_the_link_comes_back(void **state)
{
    struct opts opts;

    opts_init(&opts);
    redis_server_stop(&fixture.server);
    queue_add(fixture.queue, "execute", (struct bytes){"{}", 2}, &opts, hear_added, NULL);
    assert_false(heard.called); /* never before asking has returned */
    answer();
    assert_true(heard.failed);
    assert_int_equal(heard.err.kind, ERR_BACKEND);
    redis_server_again(&fixture.server);
    fixture.ready = false;
    assert_true(loop_until(fixture.base, &fixture.ready, 10000));
    add(&opts);
    assert_string_equal(heard.id, "1");
}

static void a_redis_that_hangs_costs_the_deadline_and_no_more(void **state)
{
    int64_t began = clock_mono_us();
    struct opts opts;

    opts_init(&opts);
    freeReplyObject(redis_server_ask(&fixture.server, "CLIENT PAUSE 6000 ALL"));
    queue_add(fixture.queue, "execute", (struct bytes){"{}", 2}, &opts, hear_added, NULL);
    answer();
    assert_int_equal(heard.err.kind, ERR_TIMEOUT);
    assert_in_range(clock_mono_us() - began, 1900000, 4900000);
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
        TEST(a_script_that_redis_forgot_is_loaded_again),
        TEST(digests_are_those_that_redis_makes),
        TEST(a_full_redis_refuses_to_add_and_still_finishes),
        TEST(with_redis_gone_every_call_fails_and_the_link_comes_back),
        TEST(a_redis_that_hangs_costs_the_deadline_and_no_more),
    };

    signal(SIGPIPE, SIG_IGN); /* as the programs do */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
