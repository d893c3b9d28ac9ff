/* A job read from its hash, whoever wrote that. */
#include "tests/support/unit.h"

#include "lib/json.h"
#include "queue/job.h"

enum { PAIRS_MAX = 16 };

static struct job *job;

/* What HGETALL answers; the texts are borrowed. */
struct hash {
    redisReply reply, texts[2 * PAIRS_MAX], *elements[2 * PAIRS_MAX];
};

static int tear_down(void **state)
{
    job_free(job);
    job = NULL;
    return 0;
}

static void add_text(struct hash *hash, const char *at, size_t len)
{
    size_t i = hash->reply.elements++;

    assert_true(i < 2 * PAIRS_MAX);
    hash->texts[i] =
        (redisReply){.type = REDIS_REPLY_STRING, .str = (char *)at, .len = len};
    hash->elements[i] = &hash->texts[i];
    hash->reply.element = hash->elements;
}

/* Read a hash of field, value ... NULL. */
static void read_job(const char *field, ...)
{
    struct hash hash = {.reply = {.type = REDIS_REPLY_ARRAY}};
    const char *text;
    va_list args;

    va_start(args, field);
    for (text = field; text; text = va_arg(args, const char *))
        add_text(&hash, text, strlen(text));
    va_end(args);
    job_free(job);
    job = job_read("42", &hash.reply);
}

static void a_job_that_waits_has_what_it_was_added_with(void **state)
{
    read_job("name", "execute", "data", "{\"code\":\"1\"}", "opts", "{\"attempts\":3}",
             "timestamp", "1700000000123", "delay", "0", "priority", "0", NULL);
    assert_string_equal(job->id, "42");
    assert_string_equal(job->name, "execute");
    assert_int_equal(job->data.len, 12);
    assert_memory_equal(job->data.at, "{\"code\":\"1\"}", 12);
    assert_int_equal(job->opts.attempts, 3);
    assert_int_equal(job->timestamp, 1700000000123);
    assert_int_equal(job->state, JOB_QUEUED);
    assert_int_equal(job->attempts_made, 0);
    assert_int_equal(job->finished_on, 0);
    assert_null(job->deferred_fail);
    assert_null(job->failed_reason);
    assert_null(job->returnvalue.at);
    assert_null(job->token);
}

static void a_job_that_completed_has_its_return_value(void **state)
{
    read_job("name", "execute", "timestamp", "1", "processedOn", "2", "finishedOn", "3",
             "returnvalue", "{\"exitCode\":0}", "atm", "2", "ats", "3", NULL);
    assert_int_equal(job->state, JOB_COMPLETED);
    assert_int_equal(job->processed_on, 2);
    assert_int_equal(job->finished_on, 3);
    assert_int_equal(job->attempts_made, 2);
    assert_int_equal(job->attempts_started, 3);
    assert_memory_equal(job->returnvalue.at, "{\"exitCode\":0}", job->returnvalue.len);
}

static void a_job_says_who_took_it_and_what_it_went_through(void **state)
{
    read_job("name", "execute", "timestamp", "1", "delay", "500", "priority", "7", "pb",
             "host-1/4711", "stc", "2", "parentKey", "bull:flows:9", "progress", "50",
             NULL);
    assert_int_equal(job->delay_ms, 500);
    assert_int_equal(job->priority, 7);
    assert_string_equal(job->worker, "host-1/4711");
    assert_int_equal(job->stalled, 2);
    assert_string_equal(job->parent, "bull:flows:9");
    assert_memory_equal(job->progress.at, "50", job->progress.len);
}

static void a_job_that_failed_has_its_reason(void **state)
{
    read_job("timestamp", "1", "finishedOn", "3", "failedReason", "no engine", "stacktrace",
             "[\"no engine\"]", NULL);
    assert_int_equal(job->state, JOB_FAILED);
    assert_string_equal(job->failed_reason, "no engine");
    assert_memory_equal(job->stacktrace.at, "[\"no engine\"]", job->stacktrace.len);
}

static void a_job_between_retries_is_not_failed(void **state)
{
    read_job("timestamp", "1", "failedReason", "no engine", "atm", "1", NULL);
    assert_int_equal(job->state, JOB_QUEUED);
    assert_string_equal(job->failed_reason, "no engine");
}

static void what_others_have_decided_is_read(void **state)
{
    read_job("timestamp", "1", "defa", "job stalled more than allowable limit", "rjk",
             "repeat:1", NULL);
    assert_string_equal(job->deferred_fail, "job stalled more than allowable limit");
    assert_string_equal(job->scheduler, "repeat:1");
}

static void the_attempts_of_very_old_versions_are_read(void **state)
{
    read_job("timestamp", "1", "attemptsMade", "2", NULL);
    assert_int_equal(job->attempts_made, 2);
}

static void what_was_not_asked_for_has_its_default(void **state)
{
    static const char *const names[] = {"data", "opts", "atm", "finishedOn", "returnvalue"};
    struct hash hash = {.reply = {.type = REDIS_REPLY_ARRAY}};

    add_text(&hash, "{}", 2);
    add_text(&hash, "", 0);
    hash.texts[1].type = REDIS_REPLY_NIL;
    add_text(&hash, "2", 1);
    add_text(&hash, "3", 1);
    add_text(&hash, "\"\"", 2);
    job = job_read_some("42", names, &hash.reply);
    assert_string_equal(job->id, "42");
    assert_memory_equal(job->data.at, "{}", job->data.len);
    assert_int_equal(job->attempts_made, 2);
    assert_int_equal(job->state, JOB_COMPLETED);
    assert_int_equal(job->timestamp, 0);
    assert_int_equal(job->opts.stack_traces, -1);
    assert_string_equal(job->name, "");
}

static void an_empty_hash_is_no_job(void **state)
{
    read_job(NULL);
    assert_null(job);
}

static void an_empty_deferred_failure_is_none(void **state)
{
    read_job("timestamp", "1", "defa", "", NULL);
    assert_null(job->deferred_fail);
}

static void garbage_leaves_the_defaults(void **state)
{
    read_job("timestamp", "soon", "atm", "-1", "ats", "1e3", "finishedOn",
             "99999999999999999999", "opts", "nope", "unknown", "field", "Name", "x", NULL);
    assert_int_equal(job->timestamp, 0);
    assert_int_equal(job->attempts_made, 0);
    assert_int_equal(job->attempts_started, 0);
    assert_int_equal(job->finished_on, 0);
    assert_int_equal(job->opts.attempts, 0);
    assert_int_equal(job->opts.stack_traces, -1);
    assert_string_equal(job->name, "");
    assert_int_equal(job->data.len, 0);
    assert_non_null(job->data.at);
}

static void data_may_hold_any_bytes(void **state)
{
    struct hash hash = {.reply = {.type = REDIS_REPLY_ARRAY}};

    add_text(&hash, "data", 4);
    add_text(&hash, "a\0\xff", 3);
    add_text(&hash, "data\0", 5); /* another field */
    add_text(&hash, "x", 1);
    job = job_read("1", &hash.reply);
    assert_int_equal(job->data.len, 3);
    assert_memory_equal(job->data.at, "a\0\xff", 3);
}

static void a_reply_of_other_types_is_survived(void **state)
{
    struct hash hash = {.reply = {.type = REDIS_REPLY_ARRAY}};

    add_text(&hash, "name", 4);
    add_text(&hash, "x", 1);
    hash.texts[1].type = REDIS_REPLY_NIL;
    add_text(&hash, "lonely", 6); /* a field without a value */
    job = job_read("1", &hash.reply);
    assert_string_equal(job->name, "");
}

/* The stacktrace of the present job with `text` added. */
static void expect_trace(const char *text, const char *expected)
{
    char *written = job_stacktrace(job, text);

    assert_string_equal(written, expected);
    free(written);
}

static void a_stacktrace_grows_by_each_failure(void **state)
{
    read_job("timestamp", "1", NULL);
    expect_trace("first", "[\"first\"]");
    read_job("timestamp", "1", "stacktrace", "[\"first\"]", NULL);
    expect_trace("second \"one\"", "[\"first\",\"second \\\"one\\\"\"]");
}

static void a_stacktrace_keeps_the_newest_the_options_allow(void **state)
{
    read_job("timestamp", "1", "opts", "{\"stackTraceLimit\":2}", "stacktrace",
             "[\"a\",\"b\",\"c\"]", NULL);
    expect_trace("d", "[\"c\",\"d\"]");
    read_job("timestamp", "1", "opts", "{\"stackTraceLimit\":0}", NULL);
    expect_trace("a", "[]");
}

static void a_broken_stacktrace_is_begun_anew(void **state)
{
    static const char *const broken[] = {"", "[", "{}", "null", "\"a\""};

    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        read_job("timestamp", "1", "stacktrace", broken[i], NULL);
        expect_trace("a\xff", "[\"a\xef\xbf\xbd\"]");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_teardown(name, tear_down)
        TEST(a_job_that_waits_has_what_it_was_added_with),
        TEST(a_job_that_completed_has_its_return_value),
        TEST(a_job_says_who_took_it_and_what_it_went_through),
        TEST(a_job_that_failed_has_its_reason),
        TEST(a_job_between_retries_is_not_failed),
        TEST(what_others_have_decided_is_read),
        TEST(the_attempts_of_very_old_versions_are_read),
        TEST(what_was_not_asked_for_has_its_default),
        TEST(an_empty_hash_is_no_job),
        TEST(an_empty_deferred_failure_is_none),
        TEST(garbage_leaves_the_defaults),
        TEST(data_may_hold_any_bytes),
        TEST(a_reply_of_other_types_is_survived),
        TEST(a_stacktrace_grows_by_each_failure),
        TEST(a_stacktrace_keeps_the_newest_the_options_allow),
        TEST(a_broken_stacktrace_is_begun_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
