/* A worker's languages: when they are tested, and what is told of them. */
#include "tests/support/unit.h"

#include "tests/unit/languages_fixture.h"

static void nothing_is_run_before_the_engine_is_known(void **state)
{
    make();
    assert_true(serves("a"));
    languages_linked(languages);
    assert_string_equal(told.text, "a testing 1, b testing 1");
    let_pass(1000);
    assert_int_equal(fake_runs(), 0);
    languages_begin(languages);
    turn();
    assert_true(testing("a"));
}

static void one_language_is_tested_after_the_other_and_told(void **state)
{
    begin();
    assert_true(testing("a") && !testing("b"));
    passes("a");
    assert_string_equal(told.text, "a ready 1, b testing 1");
    answer();
    assert_true(testing("b"));
    passes("b");
    assert_string_equal(told.text, "a ready 1, b ready 1");
    answer();
    let_pass(3600 * 1000);
    assert_int_equal(fake_runs(), 2);
}

static void tests_leave_sandboxes_made_ahead_to_jobs(void **state)
{
    begin();
    assert_true(fake_config("selftest:a:t")->cold);
    assert_false(run.cold);
}

static void without_self_tests_nothing_is_run_nor_told(void **state)
{
    config.selftest = false;
    make();
    languages_linked(languages);
    languages_begin(languages);
    let_pass(INTERVAL_MS);
    assert_int_equal(fake_runs(), 0);
    assert_int_equal(told.writes, 0);
}

static void a_missing_image_is_told_and_looked_for_again(void **state)
{
    begin();
    fails("a", "image_missing: no such image");
    assert_string_equal(told.text, "a missing-image 1, b testing 1");
    answer();
    passes("b");
    answer();
    let_pass(20000);
    assert_false(testing("a"));
    let_pass(10000);
    assert_true(testing("a"));
    answer_all(); /* of the beats */
    passes("a");
    assert_string_equal(told.text, "a ready 1, b ready 1");
}

static void one_that_fails_is_told_keeps_its_jobs_and_is_tried_again(void **state)
{
    begin();
    ends("a", "bad");
    assert_string_equal(told.text, "a failed-selftest 1, b testing 1");
    answer();
    assert_true(serves("a"));
    passes("b");
    answer();
    let_pass(200000);
    assert_false(testing("a"));
    let_pass(100000);
    assert_true(testing("a"));
}

static void with_the_engine_away_tests_pause_longer_and_longer(void **state)
{
    const int pauses_ms[] = {1000, 2000, 4000, 8000, 16000, 30000, 30000};

    begin();
    for (int i = 0; i < 7; i++) {
        const char *id = i % 2 ? "b" : "a"; /* by turns */

        fails(id, "engine_unavailable: refused");
        assert_int_equal(fake_runs(), i + 1);
        let_pass(pauses_ms[i] / 2);
        assert_int_equal(fake_runs(), i + 1);
        let_pass(pauses_ms[i] / 2 + 1);
        assert_int_equal(fake_runs(), i + 2);
    }
    answer_all();
    assert_string_equal(told.text, "a unknown 1, b unknown 1");
    passes("b");
    assert_true(testing("a")); /* at once */
}

static void nothing_is_told_before_the_link_is_there(void **state)
{
    make();
    languages_begin(languages);
    turn();
    passes("a");
    let_pass(INTERVAL_MS);
    assert_int_equal(told.writes, 0);
    languages_linked(languages);
    assert_string_equal(told.text, "a ready 1, b testing 1");
}

static void the_report_is_repeated(void **state)
{
    int writes;

    begin_ready();
    writes = told.writes;
    let_pass(INTERVAL_MS + 1);
    assert_int_equal(told.writes, writes + 1);
    answer();
    let_pass(INTERVAL_MS + 1);
    assert_int_equal(told.writes, writes + 2);
}

static void what_changes_while_a_report_is_on_its_way_is_told_after_it(void **state)
{
    begin();
    passes("a");
    passes("b");
    assert_string_equal(told.text, "a ready 1, b testing 1");
    answer();
    assert_string_equal(told.text, "a ready 1, b ready 1");
}

static void a_report_that_was_refused_is_not_repeated_at_once(void **state)
{
    const struct err away = {ERR_BACKEND, "away"};
    int writes;

    begin();
    passes("a");
    passes("b");
    writes = told.writes;
    answer_with(&told.written, &away);
    turn();
    assert_int_equal(told.writes, writes);
    languages_linked(languages);
    assert_int_equal(told.writes, writes + 1);
}

static void a_stop_during_a_self_test_waits_for_its_end_alone(void **state)
{
    begin();
    languages_stop(languages);
    assert_true(fake_stopped("selftest:a:t"));
    assert_int_equal(told.erasures, 1);
    answer_with(&told.erased, NULL);
    turn();
    assert_false(stopped);
    fake_run_dies("selftest:a:t");
    turn();
    assert_true(stopped);
    assert_int_equal(fake_runs(), 1);
}

static void a_stop_takes_back_the_report(void **state)
{
    const struct err away = {ERR_BACKEND, "away"};

    begin_ready();
    languages_stop(languages);
    languages_stop(languages);
    assert_int_equal(told.erasures, 1);
    turn();
    assert_false(stopped);
    answer_with(&told.erased, &away); /* then it runs out of time */
    turn();
    assert_true(stopped);
    let_pass(INTERVAL_MS);
    reload();
    languages_linked(languages);
    assert_int_equal(fake_runs(), 2);
}

static void a_stop_waits_for_a_report_that_is_on_its_way(void **state)
{
    begin();
    passes("a");
    languages_stop(languages);
    fake_run_dies("selftest:b:t");
    answer_with(&told.erased, NULL);
    turn();
    assert_false(stopped);
    answer();
    turn();
    assert_true(stopped);
}

static void a_stop_without_a_report_takes_none_back(void **state)
{
    make();
    languages_stop(languages);
    assert_false(stopped); /* but not from inside the call */
    turn();
    assert_true(stopped);
    assert_int_equal(told.erasures, 0);
    languages_begin(languages);
    turn();
    assert_int_equal(fake_runs(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_run_before_the_engine_is_known),
        TEST(one_language_is_tested_after_the_other_and_told),
        TEST(tests_leave_sandboxes_made_ahead_to_jobs),
        TEST(without_self_tests_nothing_is_run_nor_told),
        TEST(a_missing_image_is_told_and_looked_for_again),
        TEST(one_that_fails_is_told_keeps_its_jobs_and_is_tried_again),
        TEST(with_the_engine_away_tests_pause_longer_and_longer),
        TEST(nothing_is_told_before_the_link_is_there),
        TEST(the_report_is_repeated),
        TEST(what_changes_while_a_report_is_on_its_way_is_told_after_it),
        TEST(a_report_that_was_refused_is_not_repeated_at_once),
        TEST(a_stop_during_a_self_test_waits_for_its_end_alone),
        TEST(a_stop_takes_back_the_report),
        TEST(a_stop_waits_for_a_report_that_is_on_its_way),
        TEST(a_stop_without_a_report_takes_none_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
