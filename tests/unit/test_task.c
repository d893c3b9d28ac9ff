/* The data of a job, held to its language's limits. */
#include "tests/support/unit.h"

#include "lang-registry/task.h"
#include "tests/support/arena_fixture.h"
#include "tests/support/folder.h"

/* Three languages: one as it comes, one that allows less, one that is compiled. */
static const char plain[] = "id: plain\nname: Plain\naliases: [p]\n"
                            "versions: [{version: \"1\", image: x}]\n"
                            "source: {file: main.p}\nrun: {argv: [p, main.p]}\n";
static const char strict[] = "id: strict\nname: Strict\n"
                             "versions: [{version: \"1\", image: x}]\n"
                             "source: {file: main.s}\nrun: {argv: [s, main.s]}\n"
                             "limits:\n"
                             "  timeoutMs: {default: 500, max: 1000}\n"
                             "  pids: {max: 10}\n";

static const char compiled[] =
    "id: compiled\nname: Compiled\n"
    "versions:\n  - {version: \"1\", image: c1}\n"
    "  - {version: \"2\", image: c2, default: true}\n"
    "source: {file: Main.c, rule: java-public-class}\n"
    "compile:\n  argv: [cc, \"{source}\"]\n  artifacts: [prog]\n"
    "  limits: {timeoutMs: {max: 20000}}\n"
    "run: {argv: [./prog]}\n"
    "limits: {memoryMb: {min: 64}, timeoutMs: {min: 100}, outputBytes: {default: 8}}\n";

static struct registry *registry;
static struct field_errors errors;
static struct task task;

static int load(void **state)
{
    char folder[FOLDER_BYTES];
    struct err err;

    if (folder_make(folder))
        return -1;
    folder_write(folder, "plain.yaml", plain);
    folder_write(folder, "strict.yaml", strict);
    folder_write(folder, "compiled.yaml", compiled);
    registry = registry_load(folder, IMAGES_PINNED, &err);
    return folder_remove(folder) || !registry ? -1 : 0;
}

static int unload(void **state)
{
    registry_free(registry);
    return 0;
}

/* The data is gone before the task is looked at: it must hold copies. */
static int read_data(const json_t *data)
{
    errors.count = 0;
    return task_read(data, registry, &task, arena, &errors);
}

static int read_task(const char *text)
{
    struct err err;
    json_t *data = json_read(text, strlen(text), NULL, 0, &err);
    int result;

    assert_non_null(data);
    result = read_data(data);
    json_decref(data);
    return result;
}

static void expect_refused(const char *text, const char *pointer, const char *detail)
{
    assert_int_equal(read_task(text), -1);
    assert_int_equal(errors.count, 1);
    assert_string_equal(errors.list[0].pointer, pointer);
    assert_string_equal(errors.list[0].detail, detail);
}

static void language_and_code_are_enough(void **state)
{
    assert_int_equal(read_task("{\"language\": \"plain\", \"code\": \"x\"}"), 0);
    assert_string_equal(task.lang->id, "plain");
    assert_memory_equal(task.code.at, "x", 2);
    assert_int_equal(task.code.len, 1);
    assert_int_equal(task.input.len, 0);
    assert_non_null(task.input.at);
    assert_int_equal(task.args.count, 0);
    assert_memory_equal(&task.limits, &limits_normal, sizeof limits_normal);
}

static void everything_may_be_said(void **state)
{
    assert_int_equal(
        read_task(
            "{\"language\": \"p\", \"code\": \"a\\nb\", \"stdin\": \"in\\t\","
            "\"args\": [\"-x\", \"\"], "
            "\"files\": [{\"name\": \"a\", \"content\": \"b\"}], \"timeoutMs\": 15000, "
            "\"priority\": 5, "
            "\"metadata\": {},"
            "\"limits\": {\"memoryMb\": 512, \"pids\": 256, \"outputBytes\": 65536, "
            "\"cpuMs\": 15000}}"),
        0);
    assert_string_equal(task.lang->id, "plain");
    assert_memory_equal(task.input.at, "in\t", 4);
    assert_int_equal(task.args.count, 2);
    assert_string_equal(task.args.at[0].at, "-x");
    assert_int_equal(task.files.count, 1);
    assert_string_equal(task.files.at[0].name, "a");
    assert_int_equal(task.priority, 5);
    assert_memory_equal(&task.limits, &limits_most, sizeof limits_most);
}

static void the_languages_limits_hold_when_the_job_does_not_say(void **state)
{
    assert_int_equal(read_task("{\"language\": \"strict\", \"code\": \"x\","
                               "\"limits\": {\"memoryMb\": 64}}"),
                     0);
    assert_int_equal(task.limits.timeout_ms, 500);
    assert_int_equal(task.limits.memory_mb, 64);
    assert_int_equal(task.limits.pids, 10);
}

static void more_than_the_language_allows_is_refused(void **state)
{
    expect_refused("{\"language\": \"strict\", \"code\": \"x\", \"timeoutMs\": 1001}",
                   "/timeoutMs", "must be an integer from 1 to 1000, is 1001");
    expect_refused(
        "{\"language\": \"strict\", \"code\": \"x\", \"limits\": {\"pids\": 11}}",
        "/limits/pids", "must be an integer from 2 to 10, is 11");
}

static void more_than_the_system_allows_is_refused(void **state)
{
    expect_refused("{\"language\": \"plain\", \"code\": \"x\", \"timeoutMs\": 15001}",
                   "/timeoutMs", "must be an integer from 1 to 15000, is 15001");
    expect_refused("{\"language\": \"plain\", \"code\": \"x\","
                   "\"limits\": {\"memoryMb\": 1e6}}",
                   "/limits/memoryMb", "must be an integer from 6 to 512, is 1000000");
}

static void a_version_may_be_chosen(void **state)
{
    assert_int_equal(read_task("{\"language\": \"compiled\", \"code\": \"x\"}"), 0);
    assert_string_equal(task.version->image, "c2");
    assert_int_equal(
        read_task("{\"language\": \"compiled\", \"code\": \"x\", \"version\": \"1\"}"), 0);
    assert_string_equal(task.version->image, "c1");
    expect_refused("{\"language\": \"compiled\", \"code\": \"x\", \"version\": \"3\"}",
                   "/version", "there is no '3' of compiled; there are 1, 2");
}

static void the_file_is_named_by_the_languages_rule(void **state)
{
    assert_int_equal(read_task("{\"language\": \"plain\", \"code\": \"public class A\"}"),
                     0);
    assert_string_equal(task.file, "main.p");
    assert_int_equal(
        read_task("{\"language\": \"compiled\", \"code\": \"public class A\"}"), 0);
    assert_string_equal(task.file, "A.c");
    expect_refused("{\"language\": \"compiled\", \"code\": \"public class A\", "
                   "\"files\": [{\"name\": \"A.c\", \"content\": \"\"}]}",
                   "/files/0/name", "stands where 'A.c' is");
}

static void a_compiler_has_a_clock_of_its_own(void **state)
{
    assert_int_equal(read_task("{\"language\": \"compiled\", \"code\": \"x\"}"), 0);
    assert_int_equal(task.compile_limits.timeout_ms, 10000);
    assert_int_equal(task.compile_limits.memory_mb, 512);
    assert_int_equal(read_task("{\"language\": \"compiled\", \"code\": \"x\","
                               "\"limits\": {\"compileTimeoutMs\": 20000}}"),
                     0);
    assert_int_equal(task.compile_limits.timeout_ms, 20000);
    expect_refused("{\"language\": \"compiled\", \"code\": \"x\","
                   "\"limits\": {\"compileTimeoutMs\": 20001}}",
                   "/limits/compileTimeoutMs",
                   "must be an integer from 1 to 20000, is 20001");
    expect_refused("{\"language\": \"plain\", \"code\": \"x\","
                   "\"limits\": {\"compileTimeoutMs\": 100}}",
                   "/limits/compileTimeoutMs", "Plain is not compiled");
}

static void less_than_a_language_starts_with_is_refused(void **state)
{
    assert_int_equal(read_task("{\"language\": \"compiled\", \"code\": \"x\","
                               "\"timeoutMs\": 100, \"limits\": {\"memoryMb\": 64}}"),
                     0);
    expect_refused("{\"language\": \"compiled\", \"code\": \"x\","
                   "\"limits\": {\"memoryMb\": 63}}",
                   "/limits/memoryMb",
                   "must be at least 64: Compiled does not start with less");
    expect_refused("{\"language\": \"compiled\", \"code\": \"x\", \"timeoutMs\": 99}",
                   "/timeoutMs", "must be at least 100: Compiled does not start with less");
}

static void tests_take_what_they_do_not_say_from_the_job(void **state)
{
    assert_int_equal(
        read_task("{\"language\": \"plain\", \"code\": \"x\", \"stdin\": \"in\", "
                  "\"args\": [\"a\"], \"timeoutMs\": 700, \"compare\": \"tokens\", "
                  "\"stopOnFail\": true, \"tests\": [{\"expected\": \"1\"}, "
                  "{\"stdin\": \"2\", \"compare\": \"exact\", \"timeoutMs\": 5}]}"),
        0);
    assert_true(task.stop_on_fail);
    assert_int_equal(task.test_count, 2);
    assert_string_equal(task.tests[0].input.at, "in");
    assert_string_equal(task.tests[0].args.at[0].at, "a");
    assert_int_equal(task.tests[0].timeout_ms, 700);
    assert_int_equal(task.tests[0].compare, COMPARE_TOKENS);
    assert_true(task.tests[0].has_expected);
    assert_string_equal(task.tests[1].input.at, "2");
    assert_int_equal(task.tests[1].compare, COMPARE_EXACT);
    assert_int_equal(task.tests[1].timeout_ms, 5);
    assert_false(task.tests[1].has_expected);
}

static void output_is_compared_without_blanks_at_its_ends_unless_said(void **state)
{
    assert_int_equal(
        read_task("{\"language\": \"plain\", \"code\": \"x\", \"tests\": [{}]}"), 0);
    assert_int_equal(task.tests[0].compare, COMPARE_TRIM);
    assert_false(task.stop_on_fail);
}

static void what_is_wrong_with_a_test_is_told(void **state)
{
    expect_refused("{\"language\": \"compiled\", \"code\": \"x\", "
                   "\"tests\": [{\"expected\": \"123456789\"}]}",
                   "/tests/0/expected",
                   "must be at most limits.outputBytes, 8 bytes, has 9");
    assert_int_equal(read_task("{\"language\": \"compiled\", \"code\": \"x\", "
                               "\"limits\": {\"outputBytes\": 9}, "
                               "\"tests\": [{\"expected\": \"123456789\"}]}"),
                     0);
    expect_refused("{\"language\": \"strict\", \"code\": \"x\", "
                   "\"tests\": [{\"timeoutMs\": 1001}]}",
                   "/tests/0/timeoutMs", "must be an integer from 1 to 1000, is 1001");
    expect_refused("{\"language\": \"compiled\", \"code\": \"x\", "
                   "\"tests\": [{\"timeoutMs\": 99}]}",
                   "/tests/0/timeoutMs", "must be an integer from 100 to 15000, is 99");
    expect_refused(
        "{\"language\": \"plain\", \"code\": \"x\", \"compare\": \"float\"}", "/compare",
        "must be exact, trim, tokens or float:EPSILON with an EPSILON over 0 and "
        "up to 1, is 'float'");
}

static void zero_never_means_unlimited(void **state)
{
    expect_refused("{\"language\": \"plain\", \"code\": \"x\", \"timeoutMs\": 0}",
                   "/timeoutMs", "must be an integer from 1 to 15000, is 0");
    expect_refused("{\"language\": \"plain\", \"code\": \"x\","
                   "\"limits\": {\"outputBytes\": 0}}",
                   "/limits/outputBytes", "must be an integer from 1 to 65536, is 0");
}

static void a_language_that_is_not_there_is_told_with_those_that_are(void **state)
{
    expect_refused("{\"language\": \"brain\", \"code\": \"x\"}", "/language",
                   "there is no 'brain'; there are compiled, plain, strict");
    expect_refused("{\"language\": \"PLAIN\", \"code\": \"x\"}", "/language",
                   "there is no 'PLAIN'; there are compiled, plain, strict");
    expect_refused("{\"language\": 5, \"code\": \"x\"}", "/language",
                   "must be a text of 1 to 32 bytes, is 5");
    expect_refused("{\"language\": \"plain\\u0000\", \"code\": \"x\"}", "/language",
                   "must not hold U+0000");
}

static void all_mistakes_are_told_even_without_a_language(void **state)
{
    assert_int_equal(
        read_task("{\"language\": \"no\", \"timeoutMs\": -1, \"shell\": \"\"}"), -1);
    assert_int_equal(errors.count, 4);
    assert_string_equal(errors.list[0].detail, "is required"); /* code */
    assert_string_equal(errors.list[1].pointer, "/timeoutMs");
    assert_string_equal(
        errors.list[2].detail,
        "unknown field; fields are language, version, code, stdin, args, files, timeoutMs, "
        "limits, tests, compare, stopOnFail, priority, metadata");
    assert_string_equal(errors.list[3].pointer, "/language");
}

static void data_of_any_other_shape_is_refused(void **state)
{
    expect_refused("[]", "", "must be an object, is an array");
    expect_refused("null", "", "must be an object, is null");
    assert_int_equal(read_data(NULL), -1);
    assert_string_equal(errors.list[0].detail, "must be an object, is missing");
}

static void code_has_a_length_to_keep_to(void **state)
{
    json_t *data = json_pack("{s:s}", "language", "plain");
    char *code = malloc(TASK_CODE_BYTES + 1);

    memset(code, 'x', TASK_CODE_BYTES + 1);
    json_object_set_new(data, "code", json_stringn(code, TASK_CODE_BYTES));
    assert_int_equal(read_data(data), 0);
    assert_int_equal(task.code.len, TASK_CODE_BYTES);
    json_object_set_new(data, "code", json_stringn(code, TASK_CODE_BYTES + 1));
    assert_int_equal(read_data(data), -1);
    assert_string_equal(errors.list[0].detail,
                        "must be a text of 1 to 131072 bytes, has 131073");
    json_object_set_new(data, "code", json_string(""));
    assert_int_equal(read_data(data), -1);
    free(code);
    json_decref(data);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(language_and_code_are_enough),
        TEST(everything_may_be_said),
        TEST(the_languages_limits_hold_when_the_job_does_not_say),
        TEST(more_than_the_language_allows_is_refused),
        TEST(more_than_the_system_allows_is_refused),
        TEST(a_version_may_be_chosen),
        TEST(the_file_is_named_by_the_languages_rule),
        TEST(a_compiler_has_a_clock_of_its_own),
        TEST(less_than_a_language_starts_with_is_refused),
        TEST(tests_take_what_they_do_not_say_from_the_job),
        TEST(output_is_compared_without_blanks_at_its_ends_unless_said),
        TEST(what_is_wrong_with_a_test_is_told),
        TEST(zero_never_means_unlimited),
        TEST(a_language_that_is_not_there_is_told_with_those_that_are),
        TEST(all_mistakes_are_told_even_without_a_language),
        TEST(data_of_any_other_shape_is_refused),
        TEST(code_has_a_length_to_keep_to),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
