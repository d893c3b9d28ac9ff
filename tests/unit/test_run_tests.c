/* Jobs that run once for each of their tests. */
#include "tests/support/stages_fixture.h"

#define TESTS                                                                     \
    "{\"language\":\"c\",\"code\":\"x\",\"stdin\":\"in\",\"tests\":["             \
    "{\"name\":\"one\",\"expected\":\"1\"},{\"stdin\":\"2\",\"expected\":\"2\"}," \
    "{\"args\":[\"three\"],\"timeoutMs\":77,\"expected\":\"3\"}]"

static const char *test_text(size_t index, const char *name)
{
    const json_t *test = json_array_get(json_object_get(result, "tests"), index);
    const char *text = json_string_value(json_object_get(test, name));

    return text ? text : "";
}

static size_t tests_told(void)
{
    return json_array_size(json_object_get(result, "tests"));
}

static int progress_of(const char *name)
{
    return (int)json_integer_value(json_object_get(progress, name));
}

static void tests_compile_once_and_run_in_fresh_sandboxes(void **state)
{
    compile(TESTS "}");
    begin_stage();
    assert_string_equal(fake_sandbox.input, "in");
    assert_int_equal(fake_sandbox.packed, 5);
    fake_prints(STREAM_OUT, "1\n");
    fake_exits(0);
    assert_int_equal(progress_of("done"), 1);
    assert_int_equal(progress_of("passed"), 1);
    assert_int_equal(progress_of("total"), 3);
    assert_string_equal(json_string_value(json_object_get(progress, "stage")), "tests");
    assert_non_null(json_object_get(progress, "test"));
    begin_stage();
    assert_string_equal(fake_sandbox.input, "2");
    fake_prints(STREAM_OUT, "2\n");
    fake_exits(0);
    assert_int_equal(fake_sandbox.spec.limits.timeout_ms, 77);
    begin_stage();
    assert_string_equal(fake_sandbox.argv, "./prog -v three");
    assert_int_equal(fake_sandbox.packed, 5);
    fake_prints(STREAM_OUT, "3\n");
    fake_exits(0);
    assert_true(done);
    assert_int_equal(fake_sandboxes, 4);
    assert_string_equal(text_of("verdict"), "ok");
    assert_int_equal(number_of("exitCode"), 0);
    assert_int_equal(number_of("passed"), 3);
    assert_int_equal(number_of("total"), 3);
    assert_int_equal(tests_told(), 3);
    assert_string_equal(test_text(0, "name"), "one");
    assert_string_equal(test_text(0, "verdict"), "ok");
    assert_string_equal(test_text(0, "output"), "");
    assert_string_equal(text_of("output"), "3");
}

static void setting_up_ends_when_the_first_test_begins(void **state)
{
    start("{\"language\":\"sh\",\"code\":\"x\",\"tests\":[{},{}]}");
    clock_skip_ms(300000);
    run_stage("", 0);
    clock_skip_ms(200000);
    run_stage("", 0);
    assert_int_equal(number_of("setupMs") / 100000, 3);
}

/* It prints, and takes all the time that the tests of a job have. */
static void run_long_stage(const char *text)
{
    begin_stage();
    fake_prints(STREAM_OUT, text);
    clock_skip_ms(300000);
    fake_exits(0);
}

static void tests_that_there_is_no_time_for_are_not_run(void **state)
{
    compile(TESTS "}");
    run_long_stage("1");
    assert_true(done);
    assert_string_equal(text_of("verdict"), "time_limit");
    assert_string_equal(error_text(), "Time Limit Exceeded (1 of 3 tests in 300 s)");
    assert_int_equal(number_of("exitCode"), 124);
    assert_int_equal(tests_told(), 1);
    assert_string_equal(test_text(0, "verdict"), "ok");
}

static void the_last_test_may_take_what_time_it_gets(void **state)
{
    compile(TESTS "}");
    run_stage("1", 0);
    run_stage("2", 0);
    run_long_stage("3");
    assert_string_equal(text_of("verdict"), "ok");
    assert_int_equal(number_of("passed"), 3);
}

static void a_test_that_failed_counts_more_than_those_there_is_no_time_for(void **state)
{
    compile(TESTS "}");
    run_long_stage("one");
    assert_true(done);
    assert_string_equal(text_of("verdict"), "wrong_answer");
    assert_int_equal(tests_told(), 1);
}

static void nobody_need_care_for_progress(void **state)
{
    static const struct run_events deaf = {.done = hear};
    static const char data[] = "{\"language\":\"sh\",\"code\":\"x\",\"tests\":[{}]}";

    job = (struct job){.id = "1", .data = {data, sizeof data - 1}};
    done = false;
    run = run_start(&config, &job, &deaf, NULL);
    run_stage("", 0);
    assert_true(done);
    assert_int_equal(number_of("passed"), 1);
    assert_null(progress);
}

static void a_wrong_answer_is_the_jobs_verdict_and_the_other_tests_run(void **state)
{
    compile(TESTS "}");
    run_stage("1\n", 0);
    run_stage("two\n", 0);
    assert_int_equal(progress_of("passed"), 1);
    run_stage("3\n", 0);
    assert_string_equal(text_of("verdict"), "wrong_answer");
    assert_string_equal(error_text(), "Wrong Answer (test 2)");
    assert_int_equal(number_of("exitCode"), 1);
    assert_string_equal(text_of("stdout"), "two\n");
    assert_int_equal(number_of("passed"), 2);
    assert_string_equal(test_text(1, "verdict"), "wrong_answer");
    assert_string_equal(test_text(1, "output"), "two\n");
    assert_string_equal(test_text(2, "verdict"), "ok");
}

static void the_first_test_that_fails_is_the_one_to_talk_about(void **state)
{
    compile(TESTS "}");
    run_stage("one", 0);
    begin_stage();
    fake_prints(STREAM_ERR, "Traceback\nValueError: 2\n");
    fake_exits(9);
    run_stage("3", 0);
    assert_string_equal(text_of("verdict"), "wrong_answer");
    assert_string_equal(error_text(), "Wrong Answer (test 1)");
    assert_string_equal(test_text(0, "error"), "Wrong Answer (test 1)");
    assert_string_equal(test_text(1, "verdict"), "runtime_error");
    assert_string_equal(test_text(1, "error"), "ValueError: 2");
    assert_string_equal(test_text(2, "error"), "");
    assert_int_equal(number_of("passed"), 1);
}

static void the_first_failure_may_be_the_last_test(void **state)
{
    compile(TESTS ",\"stopOnFail\":true}");
    run_stage("1", 0);
    run_stage("2", 0);
    run_stage("", 3);
    assert_int_equal(tests_told(), 3);
    assert_string_equal(text_of("verdict"), "runtime_error");
    assert_int_equal(number_of("exitCode"), 3);
}

static void stop_on_fail_runs_no_more_than_it_must(void **state)
{
    compile(TESTS ",\"stopOnFail\":true}");
    run_stage("1", 0);
    run_stage("no", 0);
    assert_true(done);
    assert_int_equal(fake_sandboxes, 3);
    assert_int_equal(tests_told(), 2);
    assert_int_equal(number_of("passed"), 1);
    assert_int_equal(number_of("total"), 3);
    assert_string_equal(text_of("verdict"), "wrong_answer");
}

static void a_test_that_runs_too_long_is_stopped_by_its_own_clock(void **state)
{
    compile(TESTS "}");
    run_stage("1", 0);
    run_stage("2", 0);
    begin_stage();
    assert_true(loop_until(base, &fake_sandbox.stopped, 5000));
    fake_dies();
    assert_string_equal(text_of("verdict"), "time_limit");
    assert_string_equal(test_text(2, "verdict"), "time_limit");
    assert_int_equal(number_of("exitCode"), 124);
    assert_int_equal(number_of("passed"), 2);
}

static void a_sandbox_lost_in_a_test_repeats_that_test_alone(void **state)
{
    compile(TESTS "}");
    run_stage("1", 0);
    begin_stage();
    fake_prints(STREAM_OUT, "from the lost one");
    fake_breaks(FAULT_LOST, ERR_BACKEND, "its stream ended");
    assert_int_equal(progress_of("done"), 1);
    begin_stage();
    assert_string_equal(fake_sandbox.input, "2");
    fake_prints(STREAM_OUT, "2");
    fake_exits(0);
    run_stage("3", 0);
    assert_int_equal(fake_sandboxes, 5);
    assert_string_equal(text_of("verdict"), "ok");
    assert_int_equal(tests_told(), 3);
}

static void a_test_that_cannot_be_run_fails_the_job_whole(void **state)
{
    compile(TESTS "}");
    run_stage("1", 0);
    fake_breaks(FAULT_ENGINE, ERR_BACKEND, "no such socket");
    assert_true(done);
    assert_null(result);
    assert_string_equal(failure.text, "engine_unavailable: no such socket");
}

static void a_run_that_is_given_up_between_tests_ends_there(void **state)
{
    compile(TESTS "}");
    run_stage("1", 0);
    run_stop(run, ERR_BUSY, "the lock was lost");
    assert_true(fake_sandbox.stopped);
    fake_dies();
    assert_true(done);
    assert_int_equal(fake_sandboxes, 3);
    assert_string_equal(failure.text, "the lock was lost");
}

static void output_beyond_its_limit_is_no_right_answer(void **state)
{
    compile("{\"language\":\"c\",\"code\":\"x\",\"limits\":{\"outputBytes\":4},"
            "\"tests\":[{\"expected\":\"1234\"}]}");
    run_stage("1234\n", 0);
    assert_string_equal(text_of("verdict"), "wrong_answer");
    assert_string_equal(error_text(), "Wrong Answer (test 1: more than 4 bytes of output)");
}

static void a_test_that_expects_nothing_has_to_end_well(void **state)
{
    start("{\"language\":\"sh\",\"code\":\"x\",\"tests\":[{},{\"stdin\":\"2\"}]}");
    run_stage("whatever", 0);
    run_stage("", 1);
    assert_string_equal(test_text(0, "verdict"), "ok");
    assert_string_equal(test_text(1, "verdict"), "runtime_error");
    assert_null(json_object_get(result, "compileMs"));
}

static void tests_are_not_begun_when_nothing_compiles(void **state)
{
    start_program(TESTS "}");
    fake_exits(1);
    assert_string_equal(text_of("verdict"), "compile_error");
    assert_int_equal(tests_told(), 0);
    assert_int_equal(number_of("total"), 3);
    assert_null(progress);
}

static void what_a_test_printed_is_told_in_part(void **state)
{
    char text[1001] = "";

    memset(text, 'x', sizeof text - 1);
    compile("{\"language\":\"c\",\"code\":\"x\",\"tests\":[{\"expected\":\"1\"}]}");
    begin_stage();
    fake_prints(STREAM_ERR, text);
    fake_prints(STREAM_OUT, text);
    fake_exits(1);
    assert_int_equal(strlen(test_text(0, "output")), 256);
    assert_int_equal(strlen(test_text(0, "error")), 256);
    assert_int_equal(strlen(text_of("stdout")), 1000);
}

static void a_hundred_tests_are_run(void **state)
{
    char data[4096] = "{\"language\":\"sh\",\"code\":\"x\",\"tests\":[{}";

    for (int i = 1; i < 100; i++)
        strcat(data, ",{}");
    strcat(data, "]}");
    start(data);
    for (int i = 0; i < 100; i++)
        run_stage("", 0);
    assert_true(done);
    assert_int_equal(fake_sandboxes, 100);
    assert_int_equal(number_of("passed"), 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tidy_up)
        TEST(tests_compile_once_and_run_in_fresh_sandboxes),
        TEST(setting_up_ends_when_the_first_test_begins),
        TEST(tests_that_there_is_no_time_for_are_not_run),
        TEST(the_last_test_may_take_what_time_it_gets),
        TEST(a_test_that_failed_counts_more_than_those_there_is_no_time_for),
        TEST(nobody_need_care_for_progress),
        TEST(a_wrong_answer_is_the_jobs_verdict_and_the_other_tests_run),
        TEST(the_first_test_that_fails_is_the_one_to_talk_about),
        TEST(the_first_failure_may_be_the_last_test),
        TEST(stop_on_fail_runs_no_more_than_it_must),
        TEST(a_test_that_runs_too_long_is_stopped_by_its_own_clock),
        TEST(a_sandbox_lost_in_a_test_repeats_that_test_alone),
        TEST(a_test_that_cannot_be_run_fails_the_job_whole),
        TEST(a_run_that_is_given_up_between_tests_ends_there),
        TEST(output_beyond_its_limit_is_no_right_answer),
        TEST(a_test_that_expects_nothing_has_to_end_well),
        TEST(tests_are_not_begun_when_nothing_compiles),
        TEST(what_a_test_printed_is_told_in_part),
        TEST(a_hundred_tests_are_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
