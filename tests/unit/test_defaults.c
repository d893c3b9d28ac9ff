/* The system's limits, from a file: what it says, what it leaves, and what it may not. */
#include "tests/support/unit.h"

#include "lang-registry/defaults.h"
#include "tests/support/arena_fixture.h"

static struct field_errors errors;

static struct defaults read_defaults(const char *text)
{
    struct defaults defaults = defaults_builtin();
    struct err err;
    json_t *root = json_read(text, strlen(text), NULL, 0, &err);

    assert_non_null(root);
    errors.count = 0;
    defaults_read(root, &defaults, arena, &errors);
    json_decref(root);
    return defaults;
}

static void expect_refused(const char *text, const char *pointer, const char *detail)
{
    read_defaults(text);
    assert_int_equal(errors.count, 1);
    assert_string_equal(errors.list[0].pointer, pointer);
    assert_string_equal(errors.list[0].detail, detail);
}

static void what_is_not_said_is_built_in(void **state)
{
    const struct defaults defaults = read_defaults("{}"),
                          compile = read_defaults("{\"compile\": {}}");

    assert_int_equal(errors.count, 0);
    assert_memory_equal(&defaults.run.usual, &limits_normal, sizeof limits_normal);
    assert_memory_equal(&defaults.run.maximum, &limits_most, sizeof limits_most);
    assert_memory_equal(&defaults.compile.usual, &limits_compile, sizeof limits_compile);
    assert_memory_equal(&defaults, &compile, sizeof defaults);
}

static void runs_and_compilers_have_limits_of_their_own(void **state)
{
    const struct defaults defaults =
        read_defaults("{\"limits\": {\"timeoutMs\": {\"default\": 1000, \"max\": 2000}},"
                      " \"compile\": {\"limits\": {\"memoryMb\": {\"max\": 256}}}}");

    assert_int_equal(errors.count, 0);
    assert_int_equal(defaults.run.usual.timeout_ms, 1000);
    assert_int_equal(defaults.run.maximum.timeout_ms, 2000);
    assert_int_equal(defaults.run.usual.memory_mb, limits_normal.memory_mb);
    assert_int_equal(defaults.compile.maximum.memory_mb, 256);
    assert_int_equal(defaults.compile.usual.memory_mb, 256); /* not over the maximum */
    assert_int_equal(defaults.compile.usual.timeout_ms, limits_compile.timeout_ms);
}

static void no_file_allows_more_than_the_program(void **state)
{
    expect_refused("{\"limits\": {\"timeoutMs\": {\"max\": 15001}}}",
                   "/limits/timeoutMs/max", "must be an integer from 1 to 15000, is 15001");
    expect_refused("{\"compile\": {\"limits\": {\"memoryMb\": {\"default\": 4096}}}}",
                   "/compile/limits/memoryMb/default",
                   "must be an integer from 6 to 1024, is 4096");
}

static void floors_are_a_languages_matter(void **state)
{
    expect_refused("{\"limits\": {\"memoryMb\": {\"min\": 32}}}", "/limits/memoryMb/min",
                   "unknown field; fields are default, max");
}

static void a_default_stays_below_its_maximum(void **state)
{
    expect_refused("{\"limits\": {\"pids\": {\"default\": 30, \"max\": 20}}}",
                   "/limits/pids/default", "must be at most the max, 20, is 30");
}

static void other_words_are_refused(void **state)
{
    expect_refused("{\"run\": {}}", "/run", "unknown field; fields are limits, compile");
    expect_refused("[]", "", "must be an object, is an array");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_not_said_is_built_in),
        TEST(runs_and_compilers_have_limits_of_their_own),
        TEST(no_file_allows_more_than_the_program),
        TEST(floors_are_a_languages_matter),
        TEST(a_default_stays_below_its_maximum),
        TEST(other_words_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
