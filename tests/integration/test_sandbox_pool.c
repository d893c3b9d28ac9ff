/* Jobs whose sandbox was made ahead. The fake engine has one container at a time. */
#include "tests/support/sandbox_fixture.h"

#include <signal.h>

#include "worker/engine.h"
#include "worker/pool.h"

static int set_up_pool(void **state)
{
    warm_most = 1;
    return set_up(state);
}

static void have_one_ready(void)
{
    engine_keep(engine, &spec, 1);
    until_asked(CALL_START);
    prints(STREAM_OUT, "R\n");
    for (int i = 0; i < DEADLINE_MS && !pool_ready(engine->pool); i++)
        loop_for(base, 1);
    assert_int_equal(pool_ready(engine->pool), 1);
}

/* Take it, and let no other be made in its place. */
static void take_it(void)
{
    open_sandbox();
    engine_drain(engine);
    assert_false(heard.ready);
}

static void a_job_takes_one_that_was_made_ahead(void **state)
{
    have_one_ready();
    take_it();
    until(&heard.ready);
    prints_begin();
    until(&heard.begun);
    prints(STREAM_OUT, "42");
    exits("E 0");
    until(&heard.ended);
    assert_false(heard.failed);
    assert_string_equal(heard.out, "42");
    assert_int_equal(fake_engine.asked[CALL_CREATE], 1);
}

static void open_cold(void)
{
    static const struct sandbox_spec cold = {
        .image = "python:test", .limits = {3000, 128, 50, 4096}, .cold = true};

    sandbox = sandbox_open(engine, &cold, "42", &events, NULL);
}

static void a_cold_one_is_not_one_that_was_made_ahead(void **state)
{
    have_one_ready();
    fake_engine.answers[CALL_CREATE] =
        "HTTP/1.1 404 Not Found\r\n\r\n{\"message\": \"No such image\"}";
    open_cold();
    until(&heard.ended);
    assert_int_equal(heard.end.fault, FAULT_IMAGE);
}

static void nor_is_one_made_ahead_because_of_it(void **state)
{
    open_cold();
    until_asked(CALL_START);
    prints(STREAM_OUT, "R\n");
    until(&heard.ready);
    prints_begin();
    exits("E 0");
    until(&heard.ended);
    until_idle();
    assert_int_equal(fake_engine.asked[CALL_CREATE], 1);
}

static void one_that_was_made_ahead_names_no_job(void **state)
{
    json_error_t error;
    json_t *body, *labels;

    have_one_ready();
    body = json_loads(fake_engine.created, 0, &error);
    labels = json_object_get(body, "Labels");
    assert_string_equal(json_string_value(json_object_get(labels, "bullpen.queue")),
                        "bull:jobs");
    assert_null(json_object_get(labels, "bullpen.job"));
    json_decref(body);
}

/* Its death is noticed when it was given away already, and is told as such: the job may
 * have another one. */
static void one_that_dies_before_it_begins_was_lost(void **state)
{
    have_one_ready();
    take_it();
    until(&heard.ready);
    fake_container_ends();
    until(&heard.ended);
    assert_true(heard.failed);
    assert_int_equal(heard.end.fault, FAULT_LOST);
}

static void one_that_dies_while_it_waits_is_given_to_nobody(void **state)
{
    have_one_ready();
    fake_engine_forget();
    fake_container_ends();
    until_asked(CALL_START);
    assert_int_equal(fake_engine.asked[CALL_CREATE], 1);
}

static void a_stop_right_after_it_was_taken_kills_it(void **state)
{
    have_one_ready();
    take_it();
    sandbox_stop(sandbox);
    until(&heard.ended);
    assert_false(heard.ready);
    assert_int_equal(heard.end.how, END_STOPPED);
}

static void those_that_wait_go_when_the_pool_is_drained(void **state)
{
    have_one_ready();
    fake_engine_forget();
    engine_drain(engine);
    until_idle();
    assert_int_equal(fake_engine.asked[CALL_KILL], 1);
    assert_int_equal(fake_engine.asked[CALL_CREATE], 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_pool, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_job_takes_one_that_was_made_ahead),
        TEST(a_cold_one_is_not_one_that_was_made_ahead),
        TEST(nor_is_one_made_ahead_because_of_it),
        TEST(one_that_was_made_ahead_names_no_job),
        TEST(one_that_dies_before_it_begins_was_lost),
        TEST(one_that_dies_while_it_waits_is_given_to_nobody),
        TEST(a_stop_right_after_it_was_taken_kills_it),
        TEST(those_that_wait_go_when_the_pool_is_drained),
    };

    signal(SIGPIPE, SIG_IGN); /* as the worker does */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
