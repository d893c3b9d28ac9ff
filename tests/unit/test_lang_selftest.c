/* The self-tests in a language's file: small jobs, held to what it allows. */
#include "tests/support/unit.h"

#include "lang-registry/selftest.h"
#include "lang-registry/task.h"
#include "tests/support/arena_fixture.h"

#define LANGUAGE                                                     \
    "id: x\nname: X\nversions: [{version: \"1\", image: \"x:1\"}]\n" \
    "source: {file: main.x}\nrun: {argv: [x, main.x]}\n"             \
    "limits: {memoryMb: {min: 64, max: 256}}\nselftest:\n"

static struct field_errors errors;

static const struct lang *read_cases(const char *cases)
{
    char *text = arena_printf(arena, "%s%s", LANGUAGE, cases);

    errors.count = 0;
    return registry_read_lang("x.yaml", text, strlen(text), IMAGES_PINNED, arena, &errors);
}

static void expect_refused(const char *cases, const char *words)
{
    assert_null(read_cases(cases));
    assert_int_equal(errors.count, 1);
    assert_string_equal(errors.list[0].detail, words);
}

static void a_case_is_a_job_and_what_comes_of_it(void **state)
{
    const struct lang *lang = read_cases(
        "  - name: all of it\n    code: |\n      two\n      lines\n    stdin: in\n"
        "    args: [a]\n    files: [{name: b.x, content: c}]\n    timeoutMs: 500\n"
        "    limits: {memoryMb: 100}\n    version: \"1\"\n"
        "    expect: {verdict: runtime_error, exitCode: 3, output: \"o\\n\", error: e,\n"
        "             compileOutput: c}\n");
    const struct selftest *selftest;
    struct task task;
    json_t *job;
    struct err err;

    assert_int_equal(errors.count, 0);
    assert_int_equal(lang->selftest_count, 1);
    selftest = &lang->selftests[0];
    assert_string_equal(selftest->name, "all of it");
    assert_string_equal(selftest->verdict, "runtime_error");
    assert_int_equal(selftest->exit_code, 3);
    assert_string_equal(selftest->output, "o\n");
    assert_string_equal(selftest->error, "e");
    assert_string_equal(selftest->compile_output, "c");
    job = json_read(selftest->job.at, selftest->job.len, NULL, 0, &err);
    assert_non_null(job);
    assert_string_equal(json_string_value(json_object_get(job, "language")), "x");
    assert_null(json_object_get(job, "name"));
    assert_null(json_object_get(job, "expect"));
    json_object_del(job, "language");
    assert_int_equal(task_read_of(lang, job, &task, arena, &errors), 0);
    assert_string_equal(task.code.at, "two\nlines\n");
    assert_int_equal(task.files.count, 1);
    assert_int_equal(task.limits.timeout_ms, 500);
    json_decref(job);
}

static void what_is_not_expected_may_be_anything_but_the_verdict(void **state)
{
    const struct lang *lang = read_cases("  - {name: n, code: c, expect: {}}\n");

    assert_non_null(lang);
    assert_string_equal(lang->selftests[0].verdict, "ok");
    assert_int_equal(lang->selftests[0].exit_code, -1);
    assert_null(lang->selftests[0].output);
    assert_null(lang->selftests[0].error);
    assert_null(lang->selftests[0].compile_output);
}

static void a_language_may_have_none(void **state)
{
    assert_int_equal(read_cases("  []\n")->selftest_count, 0);
}

static void a_case_needs_a_name_and_an_expectation_and_code(void **state)
{
    assert_null(read_cases("  - {}\n"));
    assert_int_equal(errors.count, 3);
    assert_string_equal(errors.list[0].detail, "x.yaml:8:5: /selftest/0/code: is required");
    assert_string_equal(errors.list[1].detail,
                        "x.yaml:8:5: /selftest/0/expect: is required");
    assert_string_equal(errors.list[2].detail, "x.yaml:8:5: /selftest/0/name: is required");
}

static void a_job_that_would_be_refused_is_a_mistake(void **state)
{
    expect_refused("  - {name: n, code: c, expect: {}, limits: {memoryMb: 32}}\n",
                   "x.yaml:8:55: /selftest/0/limits/memoryMb: must be at least 64: X does "
                   "not start with less");
    expect_refused("  - {name: n, code: c, expect: {}, files: [{name: /a, content: b}]}\n",
                   "x.yaml:8:51: /selftest/0/files/0/name: must be relative, begins with "
                   "'/'");
    expect_refused("  - {name: n, code: c, expect: {}, colour: red}\n",
                   "x.yaml:8:36: /selftest/0/colour: unknown field; fields are version, "
                   "code, stdin, args, files, timeoutMs, limits, tests, compare, "
                   "stopOnFail, priority, metadata");
}

static void the_language_is_the_files_own(void **state)
{
    expect_refused("  - {name: n, code: c, expect: {}, language: x}\n",
                   "x.yaml:8:36: /selftest/0/language: unknown field; fields are name, "
                   "expect");
}

static void what_is_expected_is_checked(void **state)
{
    expect_refused("  - {name: n, code: c, expect: {verdict: Not OK}}\n",
                   "x.yaml:8:42: /selftest/0/expect/verdict: must be made of a-z _, is "
                   "'Not OK'");
    expect_refused("  - {name: n, code: c, expect: {exitCode: 256}}\n",
                   "x.yaml:8:43: /selftest/0/expect/exitCode: must be an integer from 0 to "
                   "255, is 256");
    expect_refused("  - {name: n, code: c, expect: ok}\n",
                   "x.yaml:8:32: /selftest/0/expect: must be an object, is 'ok'");
    expect_refused("  - 1\n", "x.yaml:8:5: /selftest/0: must be an object: a job, its name "
                              "and expect");
    expect_refused("  {}\n", "x.yaml:8:3: /selftest: must be an array of at most 32 cases");
}

static void there_are_not_too_many(void **state)
{
    char cases[2048] = "";

    for (int i = 0; i <= SELFTESTS_MAX; i++)
        strcat(cases, "  - {name: n, code: c, expect: {}}\n");
    expect_refused(cases, "x.yaml:8:3: /selftest: must be an array of at most 32 cases");
    cases[strlen(cases) - strlen("  - {name: n, code: c, expect: {}}\n")] = '\0';
    assert_int_equal(read_cases(cases)->selftest_count, SELFTESTS_MAX);
}

static void mistakes_elsewhere_do_not_hide_those_of_a_case(void **state)
{
    static const char text[] = "id: x\nversions: 1\nsource: {}\n"
                               "selftest: [{name: n, code: 1, expect: {}, version: \"9\"}]";

    errors.count = 0;
    assert_null(
        registry_read_lang("x.yaml", text, strlen(text), IMAGES_PINNED, arena, &errors));
    assert_int_equal(errors.count, 5);
    assert_string_equal(errors.list[4].detail, "x.yaml:4:28: /selftest/0/code: must be a "
                                               "text of 1 to 131072 bytes, is 1");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_case_is_a_job_and_what_comes_of_it),
        TEST(what_is_not_expected_may_be_anything_but_the_verdict),
        TEST(a_language_may_have_none),
        TEST(a_case_needs_a_name_and_an_expectation_and_code),
        TEST(a_job_that_would_be_refused_is_a_mistake),
        TEST(the_language_is_the_files_own),
        TEST(what_is_expected_is_checked),
        TEST(there_are_not_too_many),
        TEST(mistakes_elsewhere_do_not_hide_those_of_a_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
