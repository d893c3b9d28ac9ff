/* The queue with a Redis that has forgotten its scripts, is full, gone or hangs. */
#include "tests/support/unit.h"

#include <signal.h>

#include "lib/clock.h"
#include "queue/scripts.h"
#include "tests/integration/queue_fixture.h"

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
        TEST(a_script_that_redis_forgot_is_loaded_again),
        TEST(digests_are_those_that_redis_makes),
        TEST(a_full_redis_refuses_to_add_and_still_finishes),
        TEST(with_redis_gone_every_call_fails_and_the_link_comes_back),
        TEST(a_redis_that_hangs_costs_the_deadline_and_no_more),
    };

    signal(SIGPIPE, SIG_IGN); /* as the programs do */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
