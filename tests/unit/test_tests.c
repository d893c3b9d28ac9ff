/* The tests of a job, and how output is to be compared. */
#include "tests/support/unit.h"

#include "lang-registry/tests.h"
#include "lib/count.h"
#include "tests/support/arena_fixture.h"

static const struct bytes usual_args[] = {{"-u", 2}};
static const struct test usual = {.input = {"usual", 5},
                                  .args = {usual_args, 1},
                                  .timeout_ms = 1000,
                                  .compare = COMPARE_TRIM};
static struct field_errors errors;
static struct test *tests;
static size_t count;

static void read_json(const json_t *array)
{
    errors.count = 0;
    tests_read(array, &usual, &limits_least, &limits_most, 8, &tests, &count, arena,
               &errors);
}

/* The JSON is gone before the tests are looked at: they must hold copies. */
static void read_tests(const char *text)
{
    struct err err;
    json_t *array = json_read(text, strlen(text), NULL, 0, &err);

    assert_non_null(array);
    read_json(array);
    json_decref(array);
}

static void expect_refused(const char *text, const char *pointer, const char *detail)
{
    read_tests(text);
    assert_int_equal(errors.count, 1);
    assert_string_equal(errors.list[0].pointer, pointer);
    assert_string_equal(errors.list[0].detail, detail);
}

static void what_a_test_does_not_say_is_as_usual(void **state)
{
    read_tests("[{}]");
    assert_int_equal(errors.count, 0);
    assert_int_equal(count, 1);
    assert_null(tests[0].name);
    assert_string_equal(tests[0].input.at, "usual");
    assert_int_equal(tests[0].args.count, 1);
    assert_string_equal(tests[0].args.at[0].at, "-u");
    assert_int_equal(tests[0].timeout_ms, 1000);
    assert_int_equal(tests[0].compare, COMPARE_TRIM);
    assert_false(tests[0].has_expected);
}

static void everything_may_be_said(void **state)
{
    read_tests("[{}, {\"name\": \"n\", \"stdin\": \"\", \"args\": [], \"expected\": \"\","
               "\"compare\": \"float:1e-6\", \"timeoutMs\": 15000}]");
    assert_int_equal(errors.count, 0);
    assert_int_equal(count, 2);
    assert_string_equal(tests[1].name, "n");
    assert_int_equal(tests[1].input.len, 0);
    assert_int_equal(tests[1].args.count, 0);
    assert_true(tests[1].has_expected);
    assert_int_equal(tests[1].expected.len, 0);
    assert_int_equal(tests[1].compare, COMPARE_FLOAT);
    assert_true(tests[1].epsilon == 1e-6);
    assert_int_equal(tests[1].timeout_ms, 15000);
}

static void comparisons_have_words(void **state)
{
    static const char *const good[] = {"exact",   "trim",        "tokens",  "float:0.5",
                                       "float:1", "float:1.e-9", "float:.5"};
    static const char *const bad[] = {
        "",         "Exact",        "float",     "float:",    "float:0",      "float:1.1",
        "float:-1", "float:0x1p-3", "float:inf", "float:nan", "float:1e-999", "float:1e",
        "float: 1", "float:1 ",     "exactly"};
    struct test test = {.compare = COMPARE_TRIM};

    for (size_t i = 0; i < COUNT(good); i++) {
        errors.count = 0;
        assert_int_equal(tests_read_compare(good[i], "/compare", &test, &errors), 0);
        assert_int_equal(test.compare, i < COMPARE_FLOAT ? i : COMPARE_FLOAT);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        errors.count = 0;
        assert_int_equal(tests_read_compare(bad[i], "/compare", &test, &errors), -1);
        assert_int_equal(errors.count, 1);
        assert_string_equal(errors.list[0].pointer, "/compare");
    }
    test.compare = COMPARE_TOKENS;
    assert_int_equal(tests_read_compare(NULL, "/compare", &test, &errors), 0);
    assert_int_equal(test.compare, COMPARE_TOKENS);
}

static void there_are_one_to_a_hundred(void **state)
{
    json_t *array = json_array();

    expect_refused("[]", "/tests", "must be an array of 1 to 100 tests");
    expect_refused("{}", "/tests", "must be an array of 1 to 100 tests");
    assert_int_equal(count, 0);
    for (int i = 0; i < TESTS_MAX; i++)
        json_array_append_new(array, json_object());
    read_json(array);
    assert_int_equal(errors.count, 0);
    assert_int_equal(count, TESTS_MAX);
    json_array_append_new(array, json_object());
    read_json(array);
    assert_int_equal(errors.count, 1);
    assert_string_equal(errors.list[0].detail, "must have at most 100 members, has 101");
    assert_true(field_errors_over(&errors));
    json_decref(array);
}

static void each_mistake_has_its_pointer(void **state)
{
    read_tests("[1, {\"stdin\": 2}, {\"timeoutMs\": 0}, {\"compare\": \"x\"}, {\"a\": 1}]");
    assert_int_equal(errors.count, 5);
    assert_string_equal(errors.list[0].pointer, "/tests/0");
    assert_string_equal(errors.list[1].pointer, "/tests/1/stdin");
    assert_string_equal(errors.list[2].pointer, "/tests/2/timeoutMs");
    assert_string_equal(errors.list[3].pointer, "/tests/3/compare");
    assert_string_equal(errors.list[4].pointer, "/tests/4/a");
    assert_string_equal(errors.list[4].detail, "unknown field; fields are name, stdin, "
                                               "args, expected, compare, timeoutMs");
}

static void nothing_is_expected_that_no_output_can_be(void **state)
{
    read_tests("[{\"expected\": \"12345678\"}]");
    assert_int_equal(errors.count, 0);
    expect_refused("[{\"expected\": \"123456789\"}]", "/tests/0/expected",
                   "must be at most limits.outputBytes, 8 bytes, has 9");
    assert_true(field_errors_over(&errors));
}

/* 64 tests of 16 KiB each, one byte more, and one that takes the usual input. */
static void all_texts_together_are_limited(void **state)
{
    json_t *array = json_array();
    char *text = calloc(1, TESTS_BYTES / 64 + 1);

    memset(text, 'x', TESTS_BYTES / 64);
    for (int i = 0; i < 64; i++)
        json_array_append_new(array, json_pack("{s:s}", "stdin", text));
    json_array_append_new(array, json_object());
    read_json(array);
    assert_int_equal(errors.count, 0);
    json_array_append_new(array, json_pack("{s:[s]}", "args", "x"));
    read_json(array);
    assert_int_equal(errors.count, 1);
    assert_string_equal(errors.list[0].detail,
                        "must have at most 1048576 bytes together, have 1048577");
    assert_true(field_errors_over(&errors));
    json_decref(array);
    free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest list[] = {
        TEST(what_a_test_does_not_say_is_as_usual),
        TEST(everything_may_be_said),
        TEST(comparisons_have_words),
        TEST(there_are_one_to_a_hundred),
        TEST(each_mistake_has_its_pointer),
        TEST(nothing_is_expected_that_no_output_can_be),
        TEST(all_texts_together_are_limited),
    };

    return cmocka_run_group_tests(list, NULL, NULL);
}
