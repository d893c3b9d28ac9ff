/* How long a job's tests may take together. */
#include "tests/support/unit.h"

#include "worker/tally.h"

enum { TESTS = 3 };

static struct test tests[TESTS];
static const struct task task = {.tests = tests, .test_count = TESTS};
static struct tally tally;

static int set_up(void **state)
{
    tally_init(&tally);
    return 0;
}

static int tear_down(void **state)
{
    tally_free(&tally);
    return 0;
}

/* A test ran so long and was judged so; gives what the job's verdict is then. */
static enum verdict after(int64_t ms, enum verdict verdict, const char *error)
{
    const struct sandbox_end sandbox = {.how = END_EXITED};
    struct output output = {.limit = 1};
    const struct stage_end end = {
        .evidence = {&sandbox, &output, false}, .output = &output, .duration_ms = ms};
    struct judgement judgement = {.verdict = verdict};

    tally_add(&tally, &task, &end, &judgement);
    tally_judge_rest(&tally, &task, &judgement);
    if (error)
        assert_string_equal(judgement.error, error);
    else
        assert_null(judgement.error);
    free(judgement.error);
    return judgement.verdict;
}

static void tests_that_are_left_when_time_is_up_are_a_time_limit(void **state)
{
    assert_int_equal(after(TALLY_MOST_MS - 1, VERDICT_OK, NULL), VERDICT_OK);
    assert_false(tally_over(&tally, &task));
    assert_int_equal(after(1, VERDICT_OK, "Time Limit Exceeded (2 of 3 tests in 300 s)"),
                     VERDICT_TIME_LIMIT);
    assert_true(tally_over(&tally, &task));
    assert_int_equal(tally.passed, 2); /* the test itself is ok */
}

static void a_test_that_fails_is_its_own_reason(void **state)
{
    assert_int_equal(after(TALLY_MOST_MS, VERDICT_RUNTIME_ERROR, NULL),
                     VERDICT_RUNTIME_ERROR);
    assert_true(tally_over(&tally, &task));
}

static void the_last_test_may_take_the_time_that_is_left(void **state)
{
    after(0, VERDICT_OK, NULL);
    after(0, VERDICT_OK, NULL);
    assert_int_equal(after(TALLY_MOST_MS, VERDICT_OK, NULL), VERDICT_OK);
    assert_true(tally_over(&tally, &task));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest list[] = {
        TEST(tests_that_are_left_when_time_is_up_are_a_time_limit),
        TEST(a_test_that_fails_is_its_own_reason),
        TEST(the_last_test_may_take_the_time_that_is_left),
    };

    return cmocka_run_group_tests(list, NULL, NULL);
}
