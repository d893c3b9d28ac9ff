/* The operator's verbs against a real redis-server: what is asked arrives, what is answered
 * is understood, portions are asked for until all is done. The scripts' own rules have
 * their tests in tests/interop. */
#include "tests/support/unit.h"

#include <signal.h>

#include "lib/clock.h"
#include "lib/count.h"
#include "queue/admin.h"
#include "queue/survey.h"
#include "tests/support/loop.h"
#include "tests/support/redis_server.h"

static struct redis_server server;
static struct event_base *base;
static struct redis *redis;
static struct queue *queue;

/* What the hearers heard. */
static struct heard {
    bool called, failed;
    struct err err;
    enum queue_state state;
    int64_t count;
    char text[512]; /* what was listed, one after the other */
    struct queue_status status;
    struct queue_metrics completed, failures;
    struct queue_details details; /* without what it points to */
} heard;

static void hear(const struct err *err)
{
    heard.called = true;
    heard.failed = err;
    if (err)
        heard.err = *err;
}

static void hear_done(void *arg, const struct err *err)
{
    hear(err);
}

static void hear_counted(void *arg, int64_t count, const struct err *err)
{
    hear(err);
    heard.count = count;
}

static void hear_found(void *arg, enum queue_state state, const struct err *err)
{
    hear(err);
    heard.state = state;
}

static void note(const char *text)
{
    size_t len = strlen(heard.text);

    snprintf(heard.text + len, sizeof heard.text - len, "%s%s", len ? " " : "", text);
}

static void hear_listed(void *arg, const struct job *const *jobs, size_t count,
                        const struct err *err)
{
    hear(err);
    heard.count = (int64_t)count;
    for (size_t i = 0; i < count; i++)
        note(jobs[i]->id);
}

static void hear_surveyed(void *arg, const struct queue_status *status,
                          const struct err *err)
{
    hear(err);
    if (!err)
        heard.status = *status;
}

static void hear_prioritized(void *arg, const struct queue_priority *priorities,
                             size_t count, const struct err *err)
{
    char text[64];

    hear(err);
    for (size_t i = 0; i < count; i++) {
        snprintf(text, sizeof text, "%lld:%lld", (long long)priorities[i].priority,
                 (long long)priorities[i].count);
        note(text);
    }
}

static void hear_workers(void *arg, const struct queue_worker *workers, size_t count,
                         const struct err *err)
{
    hear(err);
    for (size_t i = 0; i < count; i++)
        note(workers[i].name);
}

static void hear_schedulers(void *arg, const struct queue_scheduler *schedulers,
                            size_t count, const struct err *err)
{
    char text[128];

    hear(err);
    heard.count = (int64_t)count;
    for (size_t i = 0; i < count; i++) {
        snprintf(text, sizeof text, "%s/%s/%s/%s/%lld/%lld/%lld", schedulers[i].id,
                 schedulers[i].name, schedulers[i].pattern, schedulers[i].zone,
                 (long long)schedulers[i].every_ms, (long long)schedulers[i].next_ms,
                 (long long)schedulers[i].runs);
        note(text);
    }
}

static void hear_metrics(void *arg, const struct queue_metrics *completed,
                         const struct queue_metrics *failed, const struct err *err)
{
    hear(err);
    heard.completed = *completed;
    heard.failures = *failed;
}

static void hear_details(void *arg, const struct queue_details *details,
                         const struct err *err)
{
    hear(err);
    if (err)
        return;
    heard.details = *details;
    note(details->job->name);
    for (size_t i = 0; i < details->logs.count; i++)
        note(details->logs.at[i].at);
    for (size_t i = 0; i < details->pending.count; i++)
        note(details->pending.at[i].at);
}

/* Wait for the one callback that every verb promises. */
static void answer(void)
{
    assert_true(loop_until(base, &heard.called, 5000));
}

static void good(void)
{
    answer();
    if (heard.failed)
        fail_msg("%s", heard.err.text);
}

static void bad(enum err_kind kind, const char *text)
{
    answer();
    assert_true(heard.failed);
    assert_string_equal(heard.err.text, text);
    assert_int_equal(heard.err.kind, kind);
}

static void forget(void)
{
    memset(&heard, 0, sizeof heard);
}

#define tell(...)  freeReplyObject(redis_server_ask(&server, __VA_ARGS__))
#define count(...) redis_server_count(&server, __VA_ARGS__)

/* Put a job where its state says, the way BullMQ has it. */
static void put(const char *id, enum queue_state state, int64_t timestamp)
{
    const char *key = queue_state_key(state);

    tell("HSET bull:q:%s name n%s data {} opts {} timestamp %lld", id, id,
         (long long)timestamp);
    if (state == STATE_WAITING || state == STATE_ACTIVE)
        tell("LPUSH bull:q:%s %s", key, id);
    else if (state == STATE_DELAYED)
        tell("ZADD bull:q:delayed %lld %s", (long long)timestamp * 4096, id);
    else
        tell("ZADD bull:q:%s %lld %s", key, (long long)timestamp, id);
    if (state == STATE_COMPLETED || state == STATE_FAILED)
        tell("HSET bull:q:%s finishedOn %lld %s x", id, (long long)timestamp,
             state == STATE_FAILED ? "failedReason" : "returnvalue");
}

/* The same for many, with one command a portion. */
static void put_many(enum queue_state state, int many)
{
    tell(
        "EVAL %s 0 %s %d",
        "for i = 1, tonumber(ARGV[2]) do local id = 'm' .. i "
        "redis.call('HSET', 'bull:q:' .. id, 'name', 'n', 'timestamp', 1, 'finishedOn', 1) "
        "redis.call('ZADD', 'bull:q:' .. ARGV[1], i, id) end",
        queue_state_key(state), many);
}

static void hear_linked(void *arg, const struct err *err)
{
    *(bool *)arg = !err;
}

static int set_up_all(void **state)
{
    const struct queue_config config = {.prefix = "bull", .name = "q"};
    struct redis_config link = {.deadline_ms = 5000};
    bool ready = false;
    struct err err;

    redis_server_start(&server, NULL, NULL);
    base = event_base_new();
    link.url = server.url;
    redis = redis_new(base, &link, hear_linked, &ready, &err);
    queue = queue_new(redis, &config, &err);
    return queue && loop_until(base, &ready, 5000) ? 0 : -1;
}

static int tear_down_all(void **state)
{
    redis_free(redis);
    queue_free(queue);
    event_base_free(base);
    redis_server_free(&server);
    return 0;
}

static int set_up(void **state)
{
    tell("FLUSHALL");
    forget();
    return 0;
}

static void a_job_is_found_in_every_state(void **state)
{
    for (int i = 0; i < STATE_UNKNOWN; i++) {
        char id[] = {(char)('a' + i), '\0'};

        forget();
        put(id, (enum queue_state)i, 5);
        queue_find(queue, id, hear_found, NULL);
        good();
        assert_int_equal(heard.state, i);
    }
}

static void a_job_in_no_state_is_unknown_and_what_is_no_job_is_missing(void **state)
{
    static const char *const ids[] = {"77", "meta", "wait", "stray:logs", ""};

    tell("HSET bull:q:stray timestamp 1");
    queue_find(queue, "stray", hear_found, NULL);
    good();
    assert_int_equal(heard.state, STATE_UNKNOWN);
    tell("HSET bull:q:meta paused 1");
    tell("RPUSH bull:q:wait 77");
    tell("RPUSH bull:q:stray:logs line");
    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        forget();
        queue_find(queue, ids[i], hear_found, NULL);
        answer();
        assert_int_equal(heard.err.kind, ERR_MISSING);
        forget();
        queue_inspect(queue, ids[i], hear_details, NULL);
        answer();
        assert_int_equal(heard.err.kind, ERR_MISSING);
    }
}

static void a_page_of_a_state_comes_from_either_end(void **state)
{
    struct queue_page page = {STATE_FAILED, 0, 2, false};

    put("a", STATE_FAILED, 1);
    put("b", STATE_FAILED, 2);
    put("c", STATE_FAILED, 3);
    queue_list(queue, &page, hear_listed, NULL);
    good();
    assert_string_equal(heard.text, "c b");
    forget();
    page.offset = 1;
    page.oldest_first = true;
    queue_list(queue, &page, hear_listed, NULL);
    good();
    assert_string_equal(heard.text, "b c");
    forget();
    page.state = STATE_ACTIVE;
    queue_list(queue, &page, hear_listed, NULL);
    good();
    assert_int_equal(heard.count, 0);
}

static void jobs_a_5_pause_put_aside_are_listed_as_waiting(void **state)
{
    const struct queue_page page = {STATE_WAITING, 0, 10, false};

    put("a", STATE_WAITING, 1);
    tell("RENAME bull:q:wait bull:q:paused");
    put("b", STATE_WAITING, 2);
    queue_list(queue, &page, hear_listed, NULL);
    good();
    assert_string_equal(heard.text, "b a");
}

static void all_about_a_job_is_told(void **state)
{
    put("1", STATE_DELAYED, 1700000000123);
    tell("SET bull:q:1:lock t PX 60000");
    tell("RPUSH bull:q:1:logs one two");
    tell("SADD bull:q:1:dependencies bull:q:9");
    tell("HSET bull:q:1:processed bull:q:8 1");
    tell("ZADD bull:q:1:unsuccessful 1 bull:q:7");
    queue_inspect(queue, "1", hear_details, NULL);
    good();
    assert_string_equal(heard.text, "n1 one two bull:q:9");
    assert_int_equal(heard.details.state, STATE_DELAYED);
    assert_int_equal(heard.details.due_ms, 1700000000123);
    assert_in_range(heard.details.lock_ms, 1, 60000);
    assert_int_equal(heard.details.log_count, 2);
    assert_int_equal(heard.details.children.processed, 1);
    assert_int_equal(heard.details.children.unprocessed, 1);
    assert_int_equal(heard.details.children.ignored, 0);
    assert_int_equal(heard.details.children.failed, 1);
}

static void a_score_that_is_no_time_is_told_within_bounds(void **state)
{
    static const struct {
        const char *score;
        int64_t due_ms;
    } cases[] = {{"inf", INT64_C(1) << 53}, {"-inf", 0}, {"-4096", 0}};

    put("1", STATE_DELAYED, 5);
    for (size_t i = 0; i < COUNT(cases); i++) {
        forget();
        tell("ZADD bull:q:delayed %s 1", cases[i].score);
        queue_inspect(queue, "1", hear_details, NULL);
        good();
        assert_int_equal(heard.details.due_ms, cases[i].due_ms);
    }
}

static void of_a_long_log_the_end_is_told_and_how_long_it_is(void **state)
{
    put("1", STATE_ACTIVE, 5);
    tell("EVAL %s 0", "for i = 1, 60 do redis.call('RPUSH', 'bull:q:1:logs', i) end");
    queue_inspect(queue, "1", hear_details, NULL);
    good();
    assert_int_equal(heard.details.log_count, 60);
    assert_int_equal(heard.details.logs.count, INSPECT_LINES);
    assert_memory_equal(heard.text, "n1 11 12 ", 9);
}

static void a_survey_counts_every_state_and_tells_the_settings(void **state)
{
    for (int i = 0; i < STATE_UNKNOWN; i++)
        for (int j = 0; j <= i; j++) {
            char id[16];

            snprintf(id, sizeof id, "%d-%d", i, j);
            put(id, (enum queue_state)i, 5);
        }
    tell("HSET bull:q:meta paused 1 concurrency 4 max 10 duration 1000");
    tell("SET bull:q:limiter 10 PX 500");
    tell("ZADD bull:q:repeat 1 a 2 b");
    queue_survey(queue, hear_surveyed, NULL);
    good();
    for (int i = 0; i < STATE_UNKNOWN; i++)
        assert_int_equal(heard.status.counts[i], i + 1);
    assert_true(heard.status.paused);
    assert_int_equal(heard.status.concurrency, 4);
    assert_int_equal(heard.status.max, 10);
    assert_int_equal(heard.status.duration_ms, 1000);
    assert_in_range(heard.status.limited_ms, 1, 500);
    assert_int_equal(heard.status.schedulers, 2);
}

static void a_queue_that_is_not_there_is_empty_and_unlimited(void **state)
{
    static const struct queue_status empty;

    tell("SET bull:q:limiter 1 PX 60000"); /* the window of some worker's own limit */
    queue_survey(queue, hear_surveyed, NULL);
    good();
    assert_memory_equal(&heard.status, &empty, sizeof empty);
}

static void priorities_are_counted_most_urgent_first(void **state)
{
    tell("ZADD bull:q:prioritized %lld a %lld b %lld c %lld d", 3LL << 32, (3LL << 32) + 7,
         1LL << 32, 2097151LL << 32);
    queue_priorities(queue, hear_prioritized, NULL);
    good();
    assert_string_equal(heard.text, "1:1 3:2 2097151:1");
}

static void of_very_many_priorities_the_most_urgent_are_counted(void **state)
{
    tell("EVAL %s 0", "for i = 1, 40 do "
                      "redis.call('ZADD', 'bull:q:prioritized', i * 4294967296, i) end");
    queue_priorities(queue, hear_prioritized, NULL);
    good();
    assert_memory_equal(heard.text, "1:1 2:1 ", 8);
    assert_string_equal(strrchr(heard.text, ' '), " 32:1");
}

static void without_priorities_there_is_nothing_to_count(void **state)
{
    queue_priorities(queue, hear_prioritized, NULL);
    good();
    assert_string_equal(heard.text, "");
}

static void workers_are_the_connections_that_have_their_name(void **state)
{
    redisContext *ours = redisConnectUnix(server.socket);
    redisContext *other = redisConnectUnix(server.socket);

    /* "cQ==" is "q" */
    freeReplyObject(redisCommand(ours, "CLIENT SETNAME bull:cQ==:w:host/1"));
    freeReplyObject(redisCommand(other, "CLIENT SETNAME bull:cQ==:qe"));
    queue_workers(queue, hear_workers, NULL);
    good();
    assert_string_equal(heard.text, "host/1");
    redisFree(ours);
    redisFree(other);
}

static void schedulers_come_with_their_settings_the_next_due_first(void **state)
{
    tell("ZADD bull:q:repeat 5 late 3 soon");
    tell("HSET bull:q:repeat:late name n pattern %s tz Europe/Berlin ic 4", "0 3 * * *");
    tell("HSET bull:q:repeat:soon name m every 60000 ic 1");
    queue_schedulers(queue, hear_schedulers, NULL);
    good();
    assert_string_equal(heard.text, "soon/m/(null)/(null)/60000/3/1 "
                                    "late/n/0 3 * * */Europe/Berlin/0/5/4");
    forget();
    tell("FLUSHALL");
    queue_schedulers(queue, hear_schedulers, NULL);
    good();
    assert_int_equal(heard.count, 0);
}

static void metrics_have_their_count_and_a_point_a_minute(void **state)
{
    tell("HSET bull:q:metrics:completed count 7 prevTS 1700000000000 prevCount 5");
    tell("RPUSH bull:q:metrics:completed:data 3 0 2");
    queue_measure(queue, hear_metrics, NULL);
    good();
    assert_int_equal(heard.completed.count, 7);
    assert_int_equal(heard.completed.prev_ms, 1700000000000);
    assert_int_equal(heard.completed.prev_count, 5);
    assert_int_equal(heard.completed.point_count, 3);
    assert_int_equal(heard.completed.points[0], 3);
    assert_int_equal(heard.completed.points[2], 2);
    assert_int_equal(heard.failures.prev_ms, 0);
    assert_int_equal(heard.failures.point_count, 0);
}

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
        TEST(a_job_is_found_in_every_state),
        TEST(a_job_in_no_state_is_unknown_and_what_is_no_job_is_missing),
        TEST(a_page_of_a_state_comes_from_either_end),
        TEST(jobs_a_5_pause_put_aside_are_listed_as_waiting),
        TEST(all_about_a_job_is_told),
        TEST(a_score_that_is_no_time_is_told_within_bounds),
        TEST(of_a_long_log_the_end_is_told_and_how_long_it_is),
        TEST(a_survey_counts_every_state_and_tells_the_settings),
        TEST(a_queue_that_is_not_there_is_empty_and_unlimited),
        TEST(priorities_are_counted_most_urgent_first),
        TEST(of_very_many_priorities_the_most_urgent_are_counted),
        TEST(without_priorities_there_is_nothing_to_count),
        TEST(workers_are_the_connections_that_have_their_name),
        TEST(schedulers_come_with_their_settings_the_next_due_first),
        TEST(metrics_have_their_count_and_a_point_a_minute),
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
