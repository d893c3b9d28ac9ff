/* One job in one (pretended) sandbox. */
#include "tests/support/run_fixture.h"

static int set_up(void **state)
{
    return set_up_with("lang-registry/languages");
}

#define SMALL "{\"language\":\"python\",\"code\":\"print(4)\"}"

static void a_program_that_ends_well_has_its_output(void **state)
{
    start_program(SMALL);
    assert_string_equal(fake_sandbox.code, "print(4)");
    fake_prints(STREAM_OUT, "4\n");
    fake_exits(0);
    assert_true(done);
    assert_string_equal(text_of("status"), "completed");
    assert_string_equal(text_of("verdict"), "ok");
    assert_string_equal(text_of("output"), "4");
    assert_string_equal(text_of("stdout"), "4\n");
    assert_string_equal(text_of("language"), "python");
    assert_string_equal(text_of("worker"), "w1");
    assert_int_equal(number_of("exitCode"), 0);
    assert_null(json_object_get(result, "error"));
}

static void a_program_that_fails_is_a_result_and_no_error_of_ours(void **state)
{
    start_program(SMALL);
    fake_prints(STREAM_ERR, "Traceback\nValueError: no\n\n");
    fake_exits(1);
    assert_string_equal(text_of("verdict"), "runtime_error");
    assert_string_equal(text_of("error"), "ValueError: no");
    assert_int_equal(number_of("exitCode"), 1);
}

static void a_program_that_runs_too_long_is_stopped_and_keeps_its_output(void **state)
{
    start_program("{\"language\":\"python\",\"code\":\"x\",\"timeoutMs\":30}");
    fake_prints(STREAM_OUT, "so far");
    assert_true(loop_until(base, &fake_sandbox.stopped, 5000));
    fake_dies();
    assert_string_equal(text_of("verdict"), "time_limit");
    assert_string_equal(text_of("error"), "Time Limit Exceeded (program ran too long)");
    assert_string_equal(text_of("output"), "so far");
    assert_int_equal(number_of("exitCode"), 124);
}

static void an_interpreter_that_is_up_has_the_program(void **state)
{
    start_program(SMALL);
    assert_string_equal(fake_sandbox.spec.preload.file, "main.py");
    assert_true(fake_sandbox.fits);
    assert_string_equal(fake_sandbox.preload, "print(4)");
    fake_exits(0);
}

static void one_that_was_not_started_with_the_jobs_words_leaves(void **state)
{
    start_program("{\"language\":\"python\",\"code\":\"x\",\"args\":[\"a\"]}");
    assert_string_equal(fake_sandbox.spec.preload.file, "main.py");
    assert_false(fake_sandbox.fits);
    assert_string_equal(fake_sandbox.preload, "import os; os._exit(0)");
    fake_exits(0);
}

static void there_is_none_where_few_processes_may_be(void **state)
{
    start_program("{\"language\":\"python\",\"code\":\"x\",\"limits\":{\"pids\":7}}");
    assert_null(fake_sandbox.spec.preload.file);
    assert_string_equal(fake_sandbox.preload, "");
    fake_exits(0);
    json_decref(result);
    start_program("{\"language\":\"python\",\"code\":\"x\",\"limits\":{\"pids\":8}}");
    assert_non_null(fake_sandbox.spec.preload.file);
    fake_exits(0);
}

static void there_is_none_of_another_language(void **state)
{
    start_program("{\"language\":\"ruby\",\"code\":\"x\"}");
    assert_null(fake_sandbox.spec.preload.file);
    assert_string_equal(fake_sandbox.preload, "");
    fake_exits(0);
}

static void a_fork_bomb_is_stopped_while_it_runs(void **state)
{
    start_program(SMALL);
    fake_sandbox.usage.pids_refused = 9;
    let_pass(101);
    assert_false(fake_sandbox.stopped);
    fake_sandbox.usage.pids_refused = 10;
    let_pass(101);
    assert_true(fake_sandbox.stopped);
    fake_dies();
    assert_string_equal(text_of("verdict"), "process_limit");
    assert_int_equal(number_of("exitCode"), 137);
}

static void cpu_time_is_a_limit_too(void **state)
{
    start_program("{\"language\":\"python\",\"code\":\"x\",\"limits\":{\"cpuMs\":200}}");
    fake_sandbox.usage.cpu_us = 200000;
    let_pass(101);
    assert_false(fake_sandbox.stopped);
    fake_sandbox.usage.cpu_us = 200001;
    let_pass(101);
    assert_true(fake_sandbox.stopped);
    fake_dies();
    assert_string_equal(text_of("verdict"), "time_limit");
    assert_int_equal(number_of("exitCode"), 124);
}

/* While what it has left behind is looked at. */
static void a_deadline_that_passes_after_the_end_does_not_count(void **state)
{
    start_program(SMALL);
    let_pass(3001);
    assert_true(fake_sandbox.stopped);
    fake_exits(0);
    assert_string_equal(text_of("verdict"), "ok");
}

static void what_a_job_took_is_told(void **state)
{
    start(SMALL);
    job.timestamp -= 700000;
    clock_skip_ms(500000);
    begin_stage();
    clock_skip_ms(300000);
    fake_exits(0);
    assert_int_equal(number_of("queueMs") / 100000, 7);
    assert_int_equal(number_of("setupMs") / 100000, 5);
    assert_int_equal(number_of("durationMs") / 100000, 3);
}

static void a_flood_is_stopped_and_its_beginning_kept(void **state)
{
    static char much[70000];

    start_program(SMALL);
    memset(much, 'x', sizeof much - 1);
    for (int i = 0; i < 20 && !fake_sandbox.stopped; i++)
        fake_prints(STREAM_OUT, much);
    assert_true(fake_sandbox.stopped);
    fake_dies();
    assert_string_equal(text_of("verdict"), "output_limit");
    assert_int_equal(strlen(text_of("stdout")), 4096);
    assert_true(json_is_true(json_object_get(result, "truncated")));
}

static void a_sandbox_that_breaks_is_our_failure(void **state)
{
    start(SMALL);
    fake_breaks(FAULT_ENGINE, ERR_BACKEND, "no such socket");
    assert_true(done);
    assert_int_equal(failure.kind, ERR_BACKEND);
    assert_string_equal(failure.text, "engine_unavailable: no such socket");
}

static void what_the_engine_refuses_may_be_tried_again(void **state)
{
    start(SMALL);
    fake_breaks(FAULT_INTERNAL, ERR_INVALID, "status 400: bad seccomp profile");
    assert_int_equal(failure.kind, ERR_BACKEND);
    assert_string_equal(failure.text, "internal: status 400: bad seccomp profile");
}

static void a_lost_sandbox_is_replaced_once_and_nothing_of_it_is_told(void **state)
{
    start_program(SMALL);
    fake_prints(STREAM_OUT, "from the lost one\n");
    fake_breaks(FAULT_LOST, ERR_BACKEND, "its stream ended");
    assert_false(done);
    fake_ready();
    assert_true(fake_sandbox.fed);
    fake_begun();
    fake_prints(STREAM_OUT, "from the second\n");
    fake_exits(0);
    assert_true(done);
    assert_string_equal(text_of("stdout"), "from the second\n");
}

static void what_the_lost_one_was_stopped_for_is_forgotten(void **state)
{
    static char much[1024 * 1024];

    start_program(SMALL);
    let_pass(3001);
    assert_true(fake_sandbox.stopped);
    fake_breaks(FAULT_LOST, ERR_BACKEND, "its stream ended");
    begin_stage();
    fake_prints_bytes(STREAM_OUT, much, sizeof much);
    fake_prints_bytes(STREAM_OUT, much, 1);
    assert_true(fake_sandbox.stopped);
    fake_dies();
    assert_string_equal(text_of("verdict"), "output_limit");
}

static void the_second_sandbox_has_a_clock_of_its_own(void **state)
{
    start_program(SMALL);
    let_pass(2900);
    fake_breaks(FAULT_LOST, ERR_BACKEND, "its stream ended");
    let_pass(200);
    assert_false(fake_sandbox.stopped);
    begin_stage();
    let_pass(2900);
    assert_false(fake_sandbox.stopped);
    let_pass(200);
    assert_true(fake_sandbox.stopped);
    fake_dies();
}

static void a_sandbox_that_is_lost_twice_is_our_failure(void **state)
{
    start_program(SMALL);
    fake_breaks(FAULT_LOST, ERR_BACKEND, "its stream ended");
    fake_ready();
    fake_begun();
    fake_breaks(FAULT_LOST, ERR_BACKEND, "its stream ended");
    assert_true(done);
    assert_string_equal(failure.text, "sandbox_lost: its stream ended");
}

static void a_run_that_was_given_up_gets_no_second_sandbox(void **state)
{
    start_program(SMALL);
    run_stop(run, ERR_BUSY, "the lock was lost");
    fake_breaks(FAULT_LOST, ERR_BACKEND, "its stream ended");
    assert_true(done);
    assert_string_equal(failure.text, "the lock was lost");
}

static void a_run_that_is_given_up_has_no_verdict(void **state)
{
    start_program(SMALL);
    run_stop(run, ERR_BUSY, "the lock was lost");
    run_stop(run, ERR_BUSY, "the second reason does not count");
    assert_true(fake_sandbox.stopped);
    assert_false(done);
    fake_dies();
    assert_int_equal(failure.kind, ERR_BUSY);
    assert_string_equal(failure.text, "the lock was lost");
}

static void a_run_given_up_before_it_began_is_not_fed(void **state)
{
    start(SMALL);
    run_stop(run, ERR_BUSY, "the worker stops");
    fake_ready();
    assert_false(fake_sandbox.fed);
    fake_dies();
    assert_int_equal(failure.kind, ERR_BUSY);
}

static void data_that_can_never_run_is_refused_with_all_its_mistakes(void **state)
{
    static const struct {
        const char *data, *part;
    } rows[] = {
        {"nope", "data"},
        {"[]", "the job's data: must be an object"},
        {"{\"language\":\"cobol\",\"code\":\"x\"}", "/language"},
        {"{\"language\":\"python\"}", "/code is required"},
        {"{\"language\":\"python\",\"code\":5,\"timeoutMs\":0}", "; /timeoutMs"},
        {"{\"language\":\"python\",\"code\":\"x\",\"limits\":{\"pids\":100000}}",
         "/limits/pids"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        start(rows[i].data);
        assert_true(loop_until(base, &done, 1000));
        assert_int_equal(failure.kind, ERR_INVALID);
        if (!strstr(failure.text, rows[i].part))
            fail_msg("'%s' does not have '%s'", failure.text, rows[i].part);
    }
}

static void bytes_that_are_no_text_come_as_base64_too(void **state)
{
    start_program(SMALL);
    fake_prints(STREAM_OUT, "a\xff");
    fake_exits(0);
    assert_string_equal(text_of("stdout"), "a\xef\xbf\xbd");
    assert_string_equal(text_of("stdoutBase64"), "Yf8=");
    assert_null(json_object_get(result, "stderrBase64"));
}

static void the_noop_runner_completes_at_once(void **state)
{
    config.engine = NULL;
    start("whatever");
    assert_true(loop_until(base, &done, 1000));
    assert_string_equal(text_of("status"), "completed");
}

static void the_noop_runner_can_be_given_up(void **state)
{
    config.engine = NULL;
    start("whatever");
    run_stop(run, ERR_BUSY, "the worker stops");
    assert_true(loop_until(base, &done, 1000));
    assert_null(result);
    assert_string_equal(failure.text, "the worker stops");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_program_that_ends_well_has_its_output),
        TEST(a_program_that_fails_is_a_result_and_no_error_of_ours),
        TEST(a_program_that_runs_too_long_is_stopped_and_keeps_its_output),
        TEST(an_interpreter_that_is_up_has_the_program),
        TEST(one_that_was_not_started_with_the_jobs_words_leaves),
        TEST(there_is_none_where_few_processes_may_be),
        TEST(there_is_none_of_another_language),
        TEST(a_fork_bomb_is_stopped_while_it_runs),
        TEST(cpu_time_is_a_limit_too),
        TEST(a_deadline_that_passes_after_the_end_does_not_count),
        TEST(what_a_job_took_is_told),
        TEST(a_flood_is_stopped_and_its_beginning_kept),
        TEST(a_sandbox_that_breaks_is_our_failure),
        TEST(what_the_engine_refuses_may_be_tried_again),
        TEST(a_lost_sandbox_is_replaced_once_and_nothing_of_it_is_told),
        TEST(what_the_lost_one_was_stopped_for_is_forgotten),
        TEST(the_second_sandbox_has_a_clock_of_its_own),
        TEST(a_sandbox_that_is_lost_twice_is_our_failure),
        TEST(a_run_that_was_given_up_gets_no_second_sandbox),
        TEST(a_run_that_is_given_up_has_no_verdict),
        TEST(a_run_given_up_before_it_began_is_not_fed),
        TEST(data_that_can_never_run_is_refused_with_all_its_mistakes),
        TEST(bytes_that_are_no_text_come_as_base64_too),
        TEST(the_noop_runner_completes_at_once),
        TEST(the_noop_runner_can_be_given_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
