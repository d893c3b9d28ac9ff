/* A sandbox that goes its road: what the engine is asked, and what is made of the answers.
 */
#include "tests/support/sandbox_fixture.h"

#include <signal.h>

static void a_job_walks_the_good_road(void **state)
{
    walk_the_good_road();
}

static void a_job_walks_the_good_road_byte_by_byte(void **state)
{
    fake_engine.drips = true;
    walk_the_good_road();
}

static void a_second_job_asks_nothing_it_knows(void **state)
{
    start_program();
    exits("E 0");
    until(&heard.ended);
    fake_engine_forget();
    start_program();
    exits("E 0");
    until(&heard.ended);
    assert_int_equal(fake_engine.asked[CALL_VERSION], 0);
    assert_int_equal(fake_engine.asked[CALL_INFO], 0);
    assert_int_equal(fake_engine.asked[CALL_CREATE], 1);
}

static void the_create_call_says_whose_container_it_is(void **state)
{
    static const struct {
        const char *name, *value;
    } labels[] = {{"bullpen", "1"},
                  {"bullpen.queue", "bull:jobs"},
                  {"bullpen.job", "42"},
                  {"bullpen.worker", "w1"}};
    struct err err;
    json_t *body;

    start_container();
    body = json_read(fake_engine.created, strlen(fake_engine.created), NULL, 0, &err);
    assert_string_equal(json_string_value(json_object_get(body, "Image")), "python:test");
    assert_true(json_is_true(json_object_get(body, "NetworkDisabled")));
    assert_true(json_is_true(json_object_get(body, "StdinOnce")));
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        assert_string_equal(json_string_value(json_object_get(
                                json_object_get(body, "Labels"), labels[i].name)),
                            labels[i].value);
    assert_null(json_object_get(json_object_get(body, "HostConfig"), "Runtime"));
    json_decref(body);
    sandbox_stop(sandbox);
    until(&heard.ended);
}

static void crun_is_used_where_the_engine_has_it(void **state)
{
    fake_engine.answers[CALL_INFO] = GOOD "{\"Runtimes\":{\"crun\":{}},"
                                          "\"MemoryLimit\":true,\"PidsLimit\":true}";
    start_container();
    assert_non_null(strstr(fake_engine.created, "\"Runtime\":\"crun\""));
    sandbox_stop(sandbox);
    until(&heard.ended);
}

static void an_engine_that_cannot_limit_memory_makes_no_sandbox(void **state)
{
    fake_engine.answers[CALL_INFO] = GOOD "{\"PidsLimit\":true}";
    open_sandbox();
    expect_failure(ERR_BACKEND, "no memory limit");
    assert_int_equal(heard.end.fault, FAULT_ENGINE);
    assert_int_equal(fake_engine.asked[CALL_CREATE], 0);
}

static void every_call_carries_the_engines_own_version(void **state)
{
    static const struct {
        const char *api, *api_min, *prefix;
    } rows[] = {{"1.41", "1.12", "/v1.41/containers/" FAKE_ID "/start"},
                {"1.43", "1.12", "/v1.43/containers/" FAKE_ID "/start"},
                {"1.52", "1.44", "/v1.52/containers/" FAKE_ID "/start"}};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (i)
            begin_anew();
        fake_engine.api = rows[i].api;
        fake_engine.api_min = rows[i].api_min;
        start_container();
        assert_string_equal(fake_engine.target, rows[i].prefix);
        sandbox_stop(sandbox);
        until(&heard.ended);
    }
}

/* Restarted between two jobs, so that nobody has seen it go. */
static void an_engine_of_another_version_in_its_place_is_asked_anew(void **state)
{
    start_program();
    exits("E 0");
    until(&heard.ended);
    fake_engine.api = "1.52";
    fake_engine.api_min = "1.44";
    open_sandbox();
    expect_failure(ERR_INVALID, "too old"); /* which is retried */
    fake_engine_forget();
    start_program();
    exits("E 0");
    until(&heard.ended);
    assert_false(heard.failed);
}

static void a_program_that_closed_one_of_its_streams_has_ended(void **state)
{
    start_program();
    prints(STREAM_OUT, "held back\n");
    prints_mark(STREAM_ERR, "E 3");
    loop_for(base, 20);
    assert_false(heard.ended);
    clock_skip_ms(100);
    until(&heard.ended);
    assert_false(heard.failed);
    assert_int_equal(heard.end.exit_code, 3);
    assert_string_equal(heard.out, "held back\n");
}

/* A flood may be seen in the last bytes of all, which had been held back. */
static void one_that_is_closing_already_is_not_stopped(void **state)
{
    fake_engine.held[CALL_INSPECT] = true;
    start_program();
    prints(STREAM_OUT, "held back\n");
    prints_mark(STREAM_ERR, "E 3");
    until(&heard.printed);
    loop_for(base, 20);
    weary = true;
    clock_skip_ms(100);
    until(&fake_engine.holding);
    fake_engine_release();
    until(&heard.ended);
    assert_int_equal(heard.end.how, END_EXITED);
    assert_string_equal(heard.out, "held back\n");
    assert_int_equal(fake_engine.asked[CALL_KILL], 0);
}

/* Megabytes may be on their way yet, on a machine that is busy. */
static void what_was_compiled_is_waited_for_longer(void **state)
{
    static const struct bytes artifacts[] = {{"prog", 4}};

    parcel.artifacts = (struct texts){artifacts, 1};
    start_program();
    parcel.artifacts.count = 0;
    prints_mark(STREAM_ERR, "E 0");
    loop_for(base, 20);
    clock_skip_ms(1000);
    loop_for(base, 20);
    assert_false(heard.ended);
    prints(STREAM_OUT, "the rest");
    prints_mark(STREAM_OUT, "E 0");
    until(&heard.ended);
    assert_false(heard.failed);
    assert_false(heard.end.cut);
    assert_string_equal(heard.out, "the rest");
}

static void what_was_compiled_is_cut_when_it_is_stopped_meanwhile(void **state)
{
    start_program();
    prints_mark(STREAM_ERR, "E 0");
    loop_for(base, 20);
    assert_false(heard.ended);
    sandbox_stop(sandbox);
    until_asked(CALL_KILL);
    clock_skip_ms(100);
    until(&heard.ended);
    assert_int_equal(heard.end.how, END_EXITED);
    assert_true(heard.end.cut);
}

static void a_container_that_is_gone_behind_its_first_mark_has_ended(void **state)
{
    start_program();
    prints_mark(STREAM_OUT, "E 3");
    fake_container_ends();
    until(&heard.ended);
    if (heard.failed)
        fail_msg("%s", heard.err.text);
    assert_int_equal(heard.end.exit_code, 3);
}

static void without_cgroups_the_engine_is_asked_about_memory(void **state)
{
    fake_engine.answers[CALL_INSPECT] = GOOD "{\"State\":{\"OOMKilled\":true}}";
    start_program();
    exits("E 137");
    until(&heard.ended);
    assert_false(heard.failed);
    assert_true(heard.end.oom_killed);
    assert_int_equal(heard.end.usage.oom_kills, USAGE_NONE);
}

static void an_engine_that_cannot_say_does_not_spoil_the_result(void **state)
{
    fake_engine.silent[CALL_INSPECT] = true;
    start_program();
    exits("E 0");
    until_asked(CALL_INSPECT);
    clock_skip_ms(LONG_MS);
    until(&heard.ended);
    assert_false(heard.failed);
    assert_int_equal(heard.end.exit_code, 0);
    assert_false(heard.end.oom_killed);
}

static void a_ready_that_comes_before_the_start_is_answered_is_not_lost(void **state)
{
    fake_engine.held[CALL_START] = true;
    start_container();
    prints(STREAM_OUT, "R\n");
    loop_for(base, 20);
    assert_false(heard.ready);
    fake_engine_release();
    until(&heard.ready);
    sandbox_stop(sandbox);
    until(&heard.ended);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_job_walks_the_good_road),
        TEST(a_job_walks_the_good_road_byte_by_byte),
        TEST(a_second_job_asks_nothing_it_knows),
        TEST(the_create_call_says_whose_container_it_is),
        TEST(crun_is_used_where_the_engine_has_it),
        TEST(an_engine_that_cannot_limit_memory_makes_no_sandbox),
        TEST(every_call_carries_the_engines_own_version),
        TEST(an_engine_of_another_version_in_its_place_is_asked_anew),
        TEST(a_program_that_closed_one_of_its_streams_has_ended),
        TEST(one_that_is_closing_already_is_not_stopped),
        TEST(what_was_compiled_is_waited_for_longer),
        TEST(what_was_compiled_is_cut_when_it_is_stopped_meanwhile),
        TEST(a_container_that_is_gone_behind_its_first_mark_has_ended),
        TEST(without_cgroups_the_engine_is_asked_about_memory),
        TEST(an_engine_that_cannot_say_does_not_spoil_the_result),
        TEST(a_ready_that_comes_before_the_start_is_answered_is_not_lost),
    };

    signal(SIGPIPE, SIG_IGN); /* as the worker does */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
