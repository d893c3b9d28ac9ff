/* The operator's verbs that look, against a real redis-server: what is asked arrives, what
 * is answered is understood. The scripts' own rules have their tests in tests/interop. */
#include "tests/support/operator_fixture.h"

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
    };

    signal(SIGPIPE, SIG_IGN); /* as the programs do */
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
