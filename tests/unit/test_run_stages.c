/* Jobs that are compiled before they run. */
#include "tests/support/stages_fixture.h"

#include "worker/compile.h"
#include "worker/spec.h"

#define SMALL \
    "{\"language\":\"c\",\"code\":\"int main;\",\"args\":[\"x\"],\"stdin\":\"in\"}"

static void a_program_is_compiled_in_one_sandbox_and_runs_in_another(void **state)
{
    start(SMALL);
    assert_int_equal(fake_sandbox.spec.limits.memory_mb, 300);
    assert_int_equal(fake_sandbox.spec.limits.timeout_ms, 9000);
    assert_int_equal(fake_sandbox.spec.tmpfs.size_mb, 77);
    assert_string_equal(fake_sandbox.spec.env.at[0].at, "STAGE=compile");
    assert_false(fake_sandbox.spec.cold);
    begin_stage();
    assert_string_equal(fake_sandbox.argv, "cc -o prog main.c");
    assert_string_equal(fake_sandbox.artifacts, "prog");
    assert_string_equal(fake_sandbox.input, "");
    fake_prints(STREAM_OUT, "a tar");
    fake_prints(STREAM_ERR, "/tmp/main.c:1: warning\n");
    fake_exits(0);
    assert_false(done);
    assert_int_equal(fake_sandbox.spec.limits.memory_mb, 128);
    assert_true(fake_sandbox.spec.tmpfs.exec);
    assert_string_equal(fake_sandbox.spec.env.at[0].at, "STAGE=run");
    assert_false(fake_sandbox.spec.cold);
    begin_stage();
    assert_string_equal(fake_sandbox.argv, "./prog -v x");
    assert_string_equal(fake_sandbox.artifacts, "");
    assert_string_equal(fake_sandbox.input, "in");
    assert_int_equal(fake_sandbox.packed, 5);
    fake_prints(STREAM_OUT, "hello\n");
    fake_exits(0);
    assert_true(done);
    assert_string_equal(text_of("verdict"), "ok");
    assert_string_equal(text_of("stdout"), "hello\n");
    assert_string_equal(text_of("stderr"), "");
    assert_string_equal(text_of("compileOutput"), "main.c:1: warning\n");
    assert_true(json_is_integer(json_object_get(result, "compileMs")));
}

static void expect_spec(const struct sandbox_spec *expected)
{
    const struct sandbox_spec *got = &fake_sandbox.spec;

    assert_string_equal(got->image, expected->image);
    assert_ptr_equal(got->env.at, expected->env.at);
    assert_int_equal(got->tmpfs.size_mb, expected->tmpfs.size_mb);
    assert_int_equal(got->tmpfs.exec, expected->tmpfs.exec);
    assert_memory_equal(&got->limits, &expected->limits, sizeof got->limits);
}

/* What is kept ready for jobs is of their kind. */
static void a_job_without_limits_gets_what_its_language_says(void **state)
{
    const struct lang *c = registry_find(registry, "c");
    struct sandbox_spec compile = spec_compile(c, c->version, &c->compile.limits);
    struct sandbox_spec program = spec_run(c, c->version, &c->limits);

    start_program(SMALL);
    expect_spec(&compile);
    fake_prints(STREAM_OUT, "a tar");
    fake_exits(0);
    expect_spec(&program);
    begin_stage();
    fake_exits(0);
}

static void what_is_to_be_cold_is(void **state)
{
    config.cold = true;
    start_program(SMALL);
    assert_true(fake_sandbox.spec.cold);
    fake_prints(STREAM_OUT, "a tar");
    fake_exits(0);
    assert_true(fake_sandbox.spec.cold);
    begin_stage();
    fake_exits(0);
}

static void setting_up_ends_when_the_program_begins(void **state)
{
    start(SMALL);
    begin_stage();
    clock_skip_ms(500000);
    fake_exits(0);
    clock_skip_ms(400000);
    run_stage("", 0);
    assert_int_equal(number_of("compileMs") / 100000, 5);
    assert_int_equal(number_of("setupMs") / 100000, 9);
}

static void a_language_that_does_not_compile_says_nothing_of_it(void **state)
{
    start_program("{\"language\":\"sh\",\"code\":\"x\"}");
    fake_exits(0);
    assert_int_equal(fake_sandboxes, 1);
    assert_null(json_object_get(result, "compileOutput"));
    assert_null(json_object_get(result, "compileMs"));
    assert_null(json_object_get(result, "tests"));
}

static void what_does_not_compile_is_a_result_with_the_compilers_words(void **state)
{
    start_program(SMALL);
    fake_prints(STREAM_ERR, "/tmp/main.c:1:1: error\n");
    fake_exits(2);
    assert_true(done);
    assert_int_equal(fake_sandboxes, 1);
    assert_string_equal(text_of("verdict"), "compile_error");
    assert_string_equal(error_text(), "Compilation Error\nmain.c:1:1: error\n");
    assert_string_equal(text_of("compileOutput"), "main.c:1:1: error\n");
    assert_string_equal(text_of("output"), "");
    assert_int_equal(number_of("exitCode"), 2);
}

static void a_compiler_that_says_nothing_has_an_exit_code(void **state)
{
    start_program(SMALL);
    fake_exits(7);
    assert_string_equal(error_text(), "Compilation Error (exit code 7)");
}

static void a_compiler_that_runs_too_long_is_stopped(void **state)
{
    start_program(
        "{\"language\":\"c\",\"code\":\"x\",\"limits\":{\"compileTimeoutMs\":30}}");
    fake_prints(STREAM_ERR, "so far");
    assert_true(loop_until(base, &fake_sandbox.stopped, 5000));
    fake_dies();
    assert_string_equal(text_of("verdict"), "compile_error");
    assert_string_equal(error_text(),
                        "Compilation Error\nTime Limit Exceeded (compiler ran too long)");
    assert_string_equal(text_of("compileOutput"), "so far");
    assert_int_equal(number_of("exitCode"), 124);
}

static void a_compiler_without_memory_is_told_so(void **state)
{
    start_program(SMALL);
    fake_sandbox.usage.oom_kills = 1;
    fake_prints(STREAM_ERR, "cc: fatal error: Killed signal terminated program cc1");
    fake_exits(1);
    assert_string_equal(text_of("verdict"), "compile_error");
    assert_non_null(strstr(error_text(), "Memory Limit Exceeded"));
    assert_int_equal(number_of("exitCode"), 137);
}

static void a_bomb_in_the_compiler_is_stopped(void **state)
{
    start_program(SMALL);
    fake_sandbox.usage.pids_refused = 10;
    assert_true(loop_until(base, &fake_sandbox.stopped, 5000));
    fake_dies();
    assert_string_equal(text_of("verdict"), "compile_error");
    assert_non_null(strstr(error_text(), "Process Limit Exceeded"));
    assert_int_equal(number_of("exitCode"), 137);
}

static void artefacts_that_are_too_large_are_stopped_and_never_run(void **state)
{
    static char piece[1 << 20];
    size_t sent = 0;

    start_program(SMALL);
    for (; sent < COMPILE_ARTIFACT_BYTES; sent += sizeof piece)
        fake_prints_bytes(STREAM_OUT, piece, sizeof piece);
    assert_false(fake_sandbox.stopped);
    fake_prints_bytes(STREAM_OUT, piece, 1);
    assert_true(fake_sandbox.stopped);
    fake_dies();
    assert_true(done);
    assert_string_equal(text_of("verdict"), "compile_error");
    assert_string_equal(
        error_text(),
        "Compilation Error\nOutput Limit Exceeded (the compiled program is too large)");
    assert_int_equal(number_of("exitCode"), 153);
}

/* The rest of them was on its way when the compiler had ended. */
static void artefacts_that_are_too_large_are_not_made_again(void **state)
{
    static char all[COMPILE_ARTIFACT_BYTES + 1];

    start_program(SMALL);
    fake_prints_bytes(STREAM_OUT, all, sizeof all);
    assert_true(fake_sandbox.stopped);
    fake_exits_cut(0);
    assert_true(done);
    assert_int_equal(fake_sandboxes, 1);
    assert_non_null(strstr(error_text(), "the compiled program is too large"));
}

static void artefacts_of_the_most_bytes_arrive_whole(void **state)
{
    static char all[COMPILE_ARTIFACT_BYTES];

    start_program(SMALL);
    fake_prints_bytes(STREAM_OUT, all, sizeof all);
    fake_exits(0);
    begin_stage();
    assert_int_equal(fake_sandbox.packed, sizeof all);
    fake_exits(0);
    assert_string_equal(text_of("verdict"), "ok");
}

/* 4 MiB, and room for 4 more, for the source and for the script that starts the program. */
static void what_its_sandbox_has_no_room_for_is_a_memory_limit(void **state)
{
    static char all[4 << 20];

    start_program("{\"language\":\"c\",\"code\":\"x\",\"limits\":{\"memoryMb\":17}}");
    fake_prints_bytes(STREAM_OUT, all, sizeof all);
    fake_exits(0);
    assert_false(done);
    assert_int_equal(sandbox_tmpfs_mb(&fake_sandbox.spec), 9);
    run_stage("it has 9 MiB", 0);
    assert_string_equal(text_of("verdict"), "ok");
    json_decref(result);
    start_program("{\"language\":\"c\",\"code\":\"x\",\"limits\":{\"memoryMb\":16}}");
    fake_prints_bytes(STREAM_OUT, all, sizeof all);
    fake_exits(0);
    assert_true(done);
    assert_string_equal(text_of("verdict"), "memory_limit");
    assert_string_equal(error_text(),
                        "Memory Limit Exceeded (no room for the compiled program)");
    assert_int_equal(number_of("exitCode"), 137);
    assert_int_equal(fake_sandboxes, 3);
}

/* The longest stdin decides, whichever test it is of. */
static void there_must_be_room_for_its_input_as_well(void **state)
{
    static char all[4 << 20], data[(1 << 20) + 200];
    int head = snprintf(data, sizeof data,
                        "{\"language\":\"c\",\"code\":\"x\",\"limits\":{\"memoryMb\":17},"
                        "\"tests\":[{},{\"stdin\":\"");

    memset(data + head, 'x', (1 << 20) - 4096);
    snprintf(data + head + (1 << 20) - 4096, 32, "\"},{\"stdin\":\"1\"}]}");
    start_program(data);
    fake_prints_bytes(STREAM_OUT, all, sizeof all);
    fake_exits(0);
    assert_true(done);
    assert_string_equal(text_of("verdict"), "memory_limit");
    assert_int_equal(fake_sandboxes, 1);
}

static void a_compiler_that_floods_is_stopped(void **state)
{
    static char much[70000];

    start_program(SMALL);
    memset(much, 'x', sizeof much - 1);
    for (int i = 0; i < 20 && !fake_sandbox.stopped; i++)
        fake_prints(STREAM_ERR, much);
    assert_true(fake_sandbox.stopped);
    fake_dies();
    assert_non_null(strstr(error_text(), "compiler printed too much"));
    assert_int_equal(strlen(text_of("compileOutput")), 4096);
}

static void a_lost_compiler_is_replaced_and_its_artefacts_forgotten(void **state)
{
    start_program(SMALL);
    fake_prints(STREAM_OUT, "half of a t");
    fake_breaks(FAULT_LOST, ERR_BACKEND, "its stream ended");
    assert_false(done);
    begin_stage();
    assert_string_equal(fake_sandbox.artifacts, "prog");
    fake_prints(STREAM_OUT, "a tar");
    fake_exits(0);
    run_stage("hello\n", 0);
    assert_int_equal(fake_sandboxes, 3);
    assert_int_equal(fake_sandbox.packed, 5);
    assert_string_equal(text_of("verdict"), "ok");
}

static void artefacts_that_are_cut_are_made_again(void **state)
{
    start_program(SMALL);
    fake_prints(STREAM_OUT, "half of a t");
    fake_exits_cut(0);
    begin_stage();
    assert_string_equal(fake_sandbox.artifacts, "prog");
    fake_prints(STREAM_OUT, "half again");
    fake_exits_cut(0);
    assert_true(done);
    assert_int_equal(failure.kind, ERR_BACKEND);
    assert_string_equal(failure.text, "sandbox_lost: its stdout did not arrive whole");
}

static void a_compiler_that_fails_need_not_be_heard_to_the_end(void **state)
{
    start_program(SMALL);
    fake_exits_cut(1);
    assert_string_equal(text_of("verdict"), "compile_error");
}

static void text_that_is_cut_is_good_enough(void **state)
{
    start_program("{\"language\":\"sh\",\"code\":\"x\"}");
    fake_exits_cut(0);
    assert_string_equal(text_of("verdict"), "ok");
}

static void each_stage_may_lose_a_sandbox(void **state)
{
    start_program(SMALL);
    fake_breaks(FAULT_LOST, ERR_BACKEND, "its stream ended");
    run_stage("a tar", 0);
    begin_stage();
    fake_breaks(FAULT_LOST, ERR_BACKEND, "its stream ended");
    run_stage("hello\n", 0);
    assert_int_equal(fake_sandboxes, 4);
    assert_string_equal(text_of("output"), "hello");
}

static void a_missing_image_of_the_compiler_is_our_failure(void **state)
{
    start(SMALL);
    fake_breaks(FAULT_IMAGE, ERR_MISSING, "no such image");
    assert_true(done);
    assert_string_equal(failure.text, "image_missing: no such image");
}

static void a_run_that_is_given_up_while_it_compiles_ends_there(void **state)
{
    start_program(SMALL);
    run_stop(run, ERR_BUSY, "the worker stops");
    assert_true(fake_sandbox.stopped);
    fake_dies();
    assert_true(done);
    assert_int_equal(fake_sandboxes, 1);
    assert_string_equal(failure.text, "the worker stops");
}

/* The stop may cross the compiler's end. */
static void what_compiled_after_all_is_not_run_when_it_was_given_up(void **state)
{
    start_program(SMALL);
    fake_prints(STREAM_OUT, "a tar");
    run_stop(run, ERR_BUSY, "the worker stops");
    fake_exits(0);
    assert_true(done);
    assert_int_equal(fake_sandboxes, 1);
    assert_string_equal(failure.text, "the worker stops");
}

static void the_registry_may_be_replaced_while_a_job_runs(void **state)
{
    start_program(SMALL);
    registry_free(registry);
    registry = config.registry = NULL;
    fake_prints(STREAM_OUT, "a tar");
    fake_exits(0);
    run_stage("hello\n", 0);
    assert_string_equal(text_of("language"), "c");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tidy_up)
        TEST(a_program_is_compiled_in_one_sandbox_and_runs_in_another),
        TEST(a_job_without_limits_gets_what_its_language_says),
        TEST(what_is_to_be_cold_is),
        TEST(setting_up_ends_when_the_program_begins),
        TEST(a_language_that_does_not_compile_says_nothing_of_it),
        TEST(what_does_not_compile_is_a_result_with_the_compilers_words),
        TEST(a_compiler_that_says_nothing_has_an_exit_code),
        TEST(a_compiler_that_runs_too_long_is_stopped),
        TEST(a_compiler_without_memory_is_told_so),
        TEST(a_bomb_in_the_compiler_is_stopped),
        TEST(artefacts_that_are_too_large_are_stopped_and_never_run),
        TEST(artefacts_that_are_too_large_are_not_made_again),
        TEST(artefacts_of_the_most_bytes_arrive_whole),
        TEST(what_its_sandbox_has_no_room_for_is_a_memory_limit),
        TEST(there_must_be_room_for_its_input_as_well),
        TEST(a_compiler_that_floods_is_stopped),
        TEST(a_lost_compiler_is_replaced_and_its_artefacts_forgotten),
        TEST(artefacts_that_are_cut_are_made_again),
        TEST(a_compiler_that_fails_need_not_be_heard_to_the_end),
        TEST(text_that_is_cut_is_good_enough),
        TEST(each_stage_may_lose_a_sandbox),
        TEST(a_missing_image_of_the_compiler_is_our_failure),
        TEST(a_run_that_is_given_up_while_it_compiles_ends_there),
        TEST(what_compiled_after_all_is_not_run_when_it_was_given_up),
        TEST(the_registry_may_be_replaced_while_a_job_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
