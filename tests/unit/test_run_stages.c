/* Jobs of more than one stage: compiled first, or run once for each test. */
#include "tests/support/run_fixture.h"

#include "lib/mem.h"
#include "tests/support/folder.h"
#include "worker/compile.h"

#define SMALL \
    "{\"language\":\"c\",\"code\":\"int main;\",\"args\":[\"x\"],\"stdin\":\"in\"}"
#define TESTS                                                                     \
    "{\"language\":\"c\",\"code\":\"x\",\"stdin\":\"in\",\"tests\":["             \
    "{\"name\":\"one\",\"expected\":\"1\"},{\"stdin\":\"2\",\"expected\":\"2\"}," \
    "{\"args\":[\"three\"],\"timeoutMs\":77,\"expected\":\"3\"}]"

static char folder[FOLDER_BYTES];

static int set_up(void **state)
{
    if (folder_make(folder))
        return -1;
    folder_write(folder, "languages/c.yaml",
                 "id: c\n"
                 "name: C\n"
                 "extensions: [c]\n"
                 "versions: [{version: \"14\", image: \"c:14\", default: true}]\n"
                 "source: {file: main.c}\n"
                 "compile:\n"
                 "  argv: [cc, -o, prog, \"{sources}\"]\n"
                 "  limits: {timeoutMs: {default: 9000}, memoryMb: {default: 300}}\n"
                 "  artifacts: [prog]\n"
                 "run: {argv: [./prog, -v], tmpfs: {exec: true}}\n");
    folder_write(folder, "languages/sh.yaml",
                 "id: sh\n"
                 "name: Shell\n"
                 "extensions: [sh]\n"
                 "versions: [{version: \"1\", image: \"sh:1\", default: true}]\n"
                 "source: {file: main.sh}\n"
                 "run: {argv: [sh, main.sh]}\n");
    char *languages = xasprintf("%s/languages", folder);

    set_up_with(languages);
    free(languages);
    return 0;
}

static int tidy_up(void **state)
{
    tear_down(state);
    return folder_remove(folder);
}

/* The compiler does well; the program's sandbox is open then. */
static void compile(const char *data)
{
    start_program(data);
    fake_prints(STREAM_OUT, "a tar");
    fake_exits(0);
    assert_int_equal(fake_sandboxes, 2);
}

/* The program of the next stage prints and ends. */
static void run_stage(const char *text, int exit_code)
{
    begin_stage();
    fake_prints(STREAM_OUT, text);
    fake_exits(exit_code);
}

static const char *error_text(void)
{
    return text_of("error");
}

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

static void a_program_is_compiled_in_one_sandbox_and_runs_in_another(void **state)
{
    start(SMALL);
    assert_int_equal(fake_sandbox.spec.limits.memory_mb, 300);
    assert_int_equal(fake_sandbox.spec.limits.timeout_ms, 9000);
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

static void what_its_sandbox_has_no_room_for_is_a_memory_limit(void **state)
{
    static char all[4 << 20];

    start_program("{\"language\":\"c\",\"code\":\"x\",\"limits\":{\"memoryMb\":15}}");
    fake_prints_bytes(STREAM_OUT, all, sizeof all);
    fake_exits(0);
    assert_false(done);
    assert_int_equal(sandbox_tmpfs_mb(&fake_sandbox.spec), 8);
    run_stage("4 MiB, and room for 4 more", 0);
    assert_string_equal(text_of("verdict"), "ok");
    json_decref(result);
    start_program("{\"language\":\"c\",\"code\":\"x\",\"limits\":{\"memoryMb\":14}}");
    fake_prints_bytes(STREAM_OUT, all, sizeof all);
    fake_exits(0);
    assert_true(done);
    assert_string_equal(text_of("verdict"), "memory_limit");
    assert_string_equal(error_text(),
                        "Memory Limit Exceeded (no room for the compiled program)");
    assert_int_equal(number_of("exitCode"), 137);
    assert_int_equal(fake_sandboxes, 3);
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
    run_stage("2", 9);
    run_stage("3", 0);
    assert_string_equal(text_of("verdict"), "wrong_answer");
    assert_string_equal(error_text(), "Wrong Answer (test 1)");
    assert_string_equal(test_text(1, "verdict"), "runtime_error");
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
    run_stage(text, 0);
    assert_int_equal(strlen(test_text(0, "output")), 256);
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
        TEST(a_program_is_compiled_in_one_sandbox_and_runs_in_another),
        TEST(a_language_that_does_not_compile_says_nothing_of_it),
        TEST(what_does_not_compile_is_a_result_with_the_compilers_words),
        TEST(a_compiler_that_says_nothing_has_an_exit_code),
        TEST(a_compiler_that_runs_too_long_is_stopped),
        TEST(a_compiler_without_memory_is_told_so),
        TEST(a_bomb_in_the_compiler_is_stopped),
        TEST(artefacts_that_are_too_large_are_stopped_and_never_run),
        TEST(artefacts_of_the_most_bytes_arrive_whole),
        TEST(what_its_sandbox_has_no_room_for_is_a_memory_limit),
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
        TEST(tests_compile_once_and_run_in_fresh_sandboxes),
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
