/* Jobs that complete in one round of the event loop, and how their calls go out; the
 * scripts are the test's. */
#include "tests/support/unit.h"

#include <event2/event.h>

#include "queue/queue.h"
#include "queue/script.h"

enum { CALLS = 4, JOBS = 40, BIG = 700000 };

/* The calls that went out. */
static struct call {
    const char *name;
    char *ids; /* the argument that has them */
    size_t len;
    redis_replied *replied;
    void *arg;
} calls[CALLS];
static int called;

/* What each job's hearer heard. */
static struct heard {
    int times;
    char next[16];
    enum err_kind kind;
    bool failed;
} heard[JOBS];

static struct event_base *base;
static struct queue *queue;

void script_arg(struct script_args *args, const char *text)
{
    script_arg_bytes(args, text, strlen(text));
}

void script_arg_bytes(struct script_args *args, const char *at, size_t len)
{
    args->at[args->count] = at;
    args->len[args->count++] = len;
}

void script_arg_int(struct script_args *args, long long value)
{
    script_arg(args, "0");
}

void script_call(struct redis *redis, const char *name, const struct script_args *args,
                 redis_replied *replied, void *arg)
{
    /* moveToFinished has the id behind its keys, finishJobs all of them at the end */
    int at = strcmp(name, "finishJobs") == 0 ? args->count - 1 : 14;

    assert_in_range(called, 0, CALLS - 1);
    calls[called++] =
        (struct call){name, malloc(args->len[at]), args->len[at], replied, arg};
    memcpy(calls[called - 1].ids, args->at[at], args->len[at]);
}

static void start(struct event_base *loop)
{
    struct queue_config config = {
        .prefix = "bull", .name = "q", .lock_ms = 30000, .base = loop};
    struct err err;

    keep_init(&config.on_complete);
    keep_init(&config.on_fail);
    queue = queue_new(NULL, &config, &err);
    assert_non_null(queue);
}

static int set_up(void **state)
{
    memset(heard, 0, sizeof heard);
    called = 0;
    base = event_base_new();
    start(base);
    return 0;
}

static int tear_down(void **state)
{
    queue_free(queue);
    event_base_free(base);
    for (int i = 0; i < called; i++)
        free(calls[i].ids);
    return 0;
}

static void hear(void *arg, const struct fetched *found, const struct err *err)
{
    struct heard *job = arg;

    job->times++;
    job->failed = err;
    if (err)
        job->kind = err->kind;
    else if (found->job)
        snprintf(job->next, sizeof job->next, "%s %s", found->job->id, found->job->token);
    if (found)
        job_free(found->job);
}

/* Job `i` has completed; what it is called with does not live longer than the call. */
static void complete_with(int i, const char *value, int64_t keep_count)
{
    char id[12], token[12];
    struct job job = {.id = id, .token = token};

    snprintf(id, sizeof id, "id%d", i);
    snprintf(token, sizeof token, "token%d", i);
    opts_init(&job.opts);
    job.opts.on_complete.given = keep_count >= 0;
    job.opts.on_complete.count = keep_count;
    queue_complete(queue, &job, value, true, hear, &heard[i]);
    memset(id, 'x', sizeof id - 1);
    memset(token, 'x', sizeof token - 1);
}

static void complete(int i)
{
    complete_with(i, "1", -1);
}

static void pass_round(void)
{
    event_base_loop(base, EVLOOP_NONBLOCK);
}

/* Whether a call is about that job, and after which byte of it. */
static const char *find(const struct call *call, int i)
{
    char id[12];

    snprintf(id, sizeof id, "id%d", i);
    return memmem(call->ids, call->len, id, strlen(id));
}

static void answer(int i, redisReply *reply, const struct err *err)
{
    calls[i].replied(calls[i].arg, reply, err);
}

/* The answer to a job's end: {{field, value}, id, 0, 0}, the next job. */
struct next {
    redisReply text[3], hash, zero;
    redisReply *fields[2], *parts[4], whole;
};

static redisReply *next_job(struct next *next, char *id)
{
    static char name[] = "name", execute[] = "execute";

    *next = (struct next){
        .text = {{.type = REDIS_REPLY_STRING, .str = name, .len = 4},
                 {.type = REDIS_REPLY_STRING, .str = execute, .len = 7},
                 {.type = REDIS_REPLY_STRING, .str = id, .len = strlen(id)}},
        .hash = {.type = REDIS_REPLY_ARRAY, .elements = 2, .element = next->fields},
        .zero = {.type = REDIS_REPLY_INTEGER},
        .fields = {&next->text[0], &next->text[1]},
        .parts = {&next->hash, &next->text[2], &next->zero, &next->zero},
        .whole = {.type = REDIS_REPLY_ARRAY, .elements = 4, .element = next->parts},
    };
    return &next->whole;
}

static redisReply array(redisReply **elements, size_t count)
{
    return (redisReply){.type = REDIS_REPLY_ARRAY, .elements = count, .element = elements};
}

/* So that nothing is left in flight. */
static void fail_all(void)
{
    struct err err;

    err_set(&err, ERR_BACKEND, "gone");
    for (int i = 0; i < called; i++)
        answer(i, NULL, &err);
}

static void one_alone_goes_its_own_way_at_the_end_of_the_round(void **state)
{
    complete(1);
    assert_int_equal(called, 0);
    pass_round();
    assert_int_equal(called, 1);
    assert_string_equal(calls[0].name, "moveToFinished");
    assert_non_null(find(&calls[0], 1));
    fail_all();
}

static void those_of_one_round_go_in_one_call_and_in_their_order(void **state)
{
    complete(3);
    complete(1);
    complete(2);
    pass_round();
    assert_int_equal(called, 1);
    assert_string_equal(calls[0].name, "finishJobs");
    assert_true(find(&calls[0], 3) < find(&calls[0], 1));
    assert_true(find(&calls[0], 1) < find(&calls[0], 2));
    fail_all();
}

static void those_of_the_next_round_go_in_the_next_call(void **state)
{
    complete(1);
    complete(2);
    pass_round();
    complete(3);
    pass_round();
    assert_int_equal(called, 2);
    assert_null(find(&calls[0], 3));
    assert_non_null(find(&calls[1], 3));
    fail_all();
}

static void each_hears_its_own_answer(void **state)
{
    static char wrong[] = "WRONGTYPE of a key", first[] = "11", last[] = "14";
    redisReply lost = {.type = REDIS_REPLY_INTEGER, .integer = -2};
    redisReply none = {.type = REDIS_REPLY_INTEGER};
    redisReply error = {.type = REDIS_REPLY_ERROR, .str = wrong, .len = sizeof wrong - 1};
    struct next next[2];
    redisReply *each[] = {next_job(&next[0], first), &lost, &error,
                          next_job(&next[1], last), &none};
    redisReply reply = array(each, 5);

    for (int i = 0; i < 5; i++)
        complete(i);
    pass_round();
    answer(0, &reply, NULL);
    for (int i = 0; i < 5; i++)
        assert_int_equal(heard[i].times, 1);
    assert_string_equal(heard[0].next, "11 token0");
    assert_true(heard[1].failed);
    assert_int_equal(heard[1].kind, ERR_INVALID);
    assert_true(heard[2].failed);
    assert_int_equal(heard[2].kind, ERR_BUG);
    assert_string_equal(heard[3].next, "14 token3");
    assert_false(heard[4].failed);
    assert_string_equal(heard[4].next, "");
}

static void a_call_that_failed_has_failed_for_each(void **state)
{
    struct err err;

    complete(1);
    complete(2);
    pass_round();
    err_set(&err, ERR_TIMEOUT, "no answer");
    answer(0, NULL, &err);
    assert_int_equal(heard[1].kind, ERR_TIMEOUT);
    assert_int_equal(heard[2].kind, ERR_TIMEOUT);
    assert_int_equal(heard[1].times + heard[2].times, 2);
}

static void an_answer_for_fewer_is_an_error_for_each(void **state)
{
    redisReply none = {.type = REDIS_REPLY_INTEGER};
    redisReply *each[] = {&none};
    redisReply reply = array(each, 1);

    complete(1);
    complete(2);
    pass_round();
    answer(0, &reply, NULL);
    assert_int_equal(heard[1].kind, ERR_BUG);
    assert_int_equal(heard[2].kind, ERR_BUG);
    assert_int_equal(heard[1].times + heard[2].times, 2);
}

static void jobs_that_are_kept_otherwise_go_apart(void **state)
{
    complete_with(1, "1", 5);
    complete_with(2, "1", 5);
    complete_with(3, "1", 6);
    complete(4);
    assert_int_equal(called, 2);
    pass_round();
    assert_int_equal(called, 3);
    assert_string_equal(calls[0].name, "finishJobs");
    assert_non_null(find(&calls[0], 2));
    assert_string_equal(calls[1].name, "moveToFinished");
    assert_non_null(find(&calls[1], 3));
    assert_non_null(find(&calls[2], 4));
    fail_all();
}

static void no_call_has_too_many_jobs(void **state)
{
    for (int i = 0; i < 33; i++)
        complete(i);
    pass_round();
    assert_int_equal(called, 2);
    assert_non_null(find(&calls[0], 31));
    assert_string_equal(calls[1].name, "moveToFinished");
    assert_non_null(find(&calls[1], 32));
    fail_all();
}

static void no_call_has_too_many_bytes(void **state)
{
    char *value = malloc(BIG + 1);

    memset(value, '1', BIG);
    value[BIG] = '\0';
    complete_with(1, value, -1);
    complete_with(2, value, -1);
    complete(3);
    free(value);
    pass_round();
    assert_int_equal(called, 2);
    assert_non_null(find(&calls[0], 1));
    assert_string_equal(calls[1].name, "finishJobs");
    assert_non_null(find(&calls[1], 2));
    assert_non_null(find(&calls[1], 3));
    fail_all();
}

static void a_failure_and_a_last_job_do_not_wait(void **state)
{
    struct job job = {.id = "id7", .token = "token7"};

    opts_init(&job.opts);
    complete(1);
    queue_fail(queue, &job, "why", true, hear, &heard[7]);
    queue_complete(queue, &job, "1", false, hear, &heard[8]);
    assert_int_equal(called, 2);
    assert_string_equal(calls[0].name, "moveToFinished");
    assert_string_equal(calls[1].name, "moveToFinished");
    pass_round();
    assert_int_equal(called, 3);
    fail_all();
    assert_int_equal(heard[7].times + heard[8].times, 2);
}

static void without_a_loop_each_goes_at_once(void **state)
{
    queue_free(queue);
    start(NULL);
    complete(1);
    complete(2);
    assert_int_equal(called, 2);
    assert_string_equal(calls[1].name, "moveToFinished");
    fail_all();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_alone_goes_its_own_way_at_the_end_of_the_round),
        TEST(those_of_one_round_go_in_one_call_and_in_their_order),
        TEST(those_of_the_next_round_go_in_the_next_call),
        TEST(each_hears_its_own_answer),
        TEST(a_call_that_failed_has_failed_for_each),
        TEST(an_answer_for_fewer_is_an_error_for_each),
        TEST(jobs_that_are_kept_otherwise_go_apart),
        TEST(no_call_has_too_many_jobs),
        TEST(no_call_has_too_many_bytes),
        TEST(a_failure_and_a_last_job_do_not_wait),
        TEST(without_a_loop_each_goes_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
