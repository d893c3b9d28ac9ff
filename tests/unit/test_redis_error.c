/* Error replies, as Redis 6 and 7 word them. */
#include "tests/support/unit.h"

#include "lib/count.h"
#include "queue/redis_error.h"

static struct err err;

static bool resets(const char *text)
{
    bool reset = redis_error_read(text, "unix:/r/s", &err);

    assert_non_null(strstr(err.text, text));
    assert_non_null(strstr(err.text, "(Redis at unix:/r/s)"));
    return reset;
}

static void what_passes_is_worth_another_try(void **state)
{
    assert_false(resets("OOM command not allowed when used memory > 'maxmemory'."));
    assert_int_equal(err.kind, ERR_BACKEND);
    assert_false(resets("BUSY Redis is busy running a script."));
    assert_int_equal(err.kind, ERR_BACKEND);
}

static void another_server_is_worth_another_link(void **state)
{
    assert_true(resets("LOADING Redis is loading the dataset in memory"));
    assert_int_equal(err.kind, ERR_BACKEND);
    assert_true(resets("READONLY You can't write against a read only replica."));
    assert_int_equal(err.kind, ERR_BACKEND);
}

static void an_error_within_a_script_is_the_same(void **state)
{
    assert_true(resets("ERR Error running script (call to f_1): @user_script:7: -READONLY "
                       "You can't write against a read only replica."));
    assert_int_equal(err.kind, ERR_BACKEND);
    assert_false(resets("ERR Error running script (call to f_1): @user_script:7: -OOM no"));
    assert_int_equal(err.kind, ERR_BACKEND);
}

static void every_other_error_is_a_bug(void **state)
{
    static const char *const texts[] = {"ERR unknown command 'X'",
                                        "NOSCRIPT No matching.",
                                        "",
                                        "OOMPH no such code",
                                        "OOM",
                                        "busy doing"};

    for (size_t i = 0; i < COUNT(texts); i++) {
        assert_false(resets(texts[i]));
        assert_int_equal(err.kind, ERR_BUG);
    }
}

static void a_key_of_somebody_elses_gets_a_hint(void **state)
{
    assert_false(resets("WRONGTYPE Operation against a key holding the wrong kind"));
    assert_int_equal(err.kind, ERR_BUG);
    assert_non_null(strstr(err.text, "redis-cli's TYPE"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_passes_is_worth_another_try),
        cmocka_unit_test(another_server_is_worth_another_link),
        cmocka_unit_test(an_error_within_a_script_is_the_same),
        cmocka_unit_test(every_other_error_is_a_bug),
        cmocka_unit_test(a_key_of_somebody_elses_gets_a_hint),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
