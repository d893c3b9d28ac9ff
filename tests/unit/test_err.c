/* Errors that are set, wrapped and cut. */
#include "tests/support/unit.h"

#include "lib/err.h"

static void setting_keeps_kind_and_text_and_returns_minus_one(void **state)
{
    struct err err;

    assert_int_equal(err_set(&err, ERR_BUSY, "%d jobs wait", 7), -1);
    assert_int_equal(err.kind, ERR_BUSY);
    assert_string_equal(err.text, "7 jobs wait");
}

static void wrapping_puts_words_before_the_text_and_keeps_the_kind(void **state)
{
    struct err err;

    err_set(&err, ERR_TIMEOUT, "no answer");
    assert_int_equal(err_wrap(&err, "job %s", "42"), -1);
    assert_int_equal(err_wrap(&err, "finish"), -1);
    assert_int_equal(err.kind, ERR_TIMEOUT);
    assert_string_equal(err.text, "finish: job 42: no answer");
}

static void the_old_text_may_be_part_of_the_new_one(void **state)
{
    struct err err;

    err_set(&err, ERR_INVALID, "first");
    err_set(&err, err.kind, "%s and %s", err.text, err.text);
    assert_string_equal(err.text, "first and first");
    err_wrap(&err, "[%s]", err.text);
    assert_string_equal(err.text, "[first and first]: first and first");
}

static void a_text_that_is_too_long_is_cut(void **state)
{
    char text[2 * sizeof((struct err *)0)->text];
    struct err err;

    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    err_set(&err, ERR_BUG, "%s", text);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    err_wrap(&err, "before");
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_memory_equal(err.text, "before: xxx", 11);
    err_wrap(&err, "%s", text); /* no room is left for what was there */
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(setting_keeps_kind_and_text_and_returns_minus_one),
        cmocka_unit_test(wrapping_puts_words_before_the_text_and_keeps_the_kind),
        cmocka_unit_test(the_old_text_may_be_part_of_the_new_one),
        cmocka_unit_test(a_text_that_is_too_long_is_cut),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
