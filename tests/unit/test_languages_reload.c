/* Other languages in the place of a worker's: when they are served, and when not. */
#include "tests/support/unit.h"

#include "tests/unit/languages_fixture.h"

static void a_new_language_is_tested_and_then_served(void **state)
{
    begin_ready();
    write_language("c", "");
    reload();
    assert_true(testing("c"));
    assert_false(serves("c"));
    assert_int_equal(fake_runs(), 3);
    assert_non_null(registry_find(fake_config("selftest:c:t")->registry, "c"));
    passes("c");
    assert_true(serves("c") && serves("a"));
    assert_string_equal(told.text, "a ready 1, b ready 1, c ready 1");
    assert_int_equal(fake_runs(), 3); /* the others are as before */
}

static void only_what_has_changed_is_tested(void **state)
{
    begin_ready();
    write_language("b", "pool: 1\n");
    reload();
    assert_true(testing("b"));
    passes("b");
    assert_int_equal(fake_runs(), 3);
    assert_int_equal(registry_find(run.registry, "b")->pool, 1);
}

static void a_language_without_a_file_any_more_is_gone(void **state)
{
    char path[256];

    begin_ready();
    snprintf(path, sizeof path, "%s/b.yaml", where);
    assert_int_equal(remove(path), 0);
    reload();
    assert_false(serves("b"));
    assert_string_equal(told.text, "a ready 1");
    assert_int_equal(fake_runs(), 2);
}

static void whoever_holds_the_old_set_keeps_it(void **state)
{
    struct registry *held;
    const struct lang *b;

    begin_ready();
    held = registry_hold(run.registry);
    b = registry_find(held, "b");
    write_language("b", "pool: 1\n");
    reload();
    passes("b");
    assert_ptr_not_equal(run.registry, held);
    assert_ptr_equal(registry_find(held, "b"), b);
    assert_int_equal(b->pool, 0);
    registry_free(held);
}

static void a_broken_file_changes_nothing(void **state)
{
    const struct registry *before;

    begin_ready();
    before = run.registry;
    write_language("c", "");
    write_language("d", "wrong: 1\n");
    reload();
    assert_ptr_equal(run.registry, before);
    assert_int_equal(fake_runs(), 2);
}

static void a_new_language_that_fails_changes_nothing(void **state)
{
    const struct registry *before;

    begin_ready();
    before = run.registry;
    write_language("c", "");
    reload();
    ends("c", "bad");
    assert_ptr_equal(run.registry, before);
    assert_string_equal(told.text, "a ready 1, b ready 1");
    reload(); /* it is tried anew */
    fails("c", "image_missing: no such image");
    assert_ptr_equal(run.registry, before);
    reload();
    fails("c", "engine_unavailable: refused");
    assert_ptr_equal(run.registry, before);
    reload();
    passes("c");
    assert_true(serves("c"));
}

static void a_change_that_fails_changes_nothing(void **state)
{
    begin_ready();
    write_language("b", "pool: 1\n");
    reload();
    ends("b", "bad");
    assert_int_equal(registry_find(run.registry, "b")->pool, 0);
    assert_string_equal(told.text, "a ready 1, b ready 1");
}

static void what_was_not_ready_is_tested_again_after_a_reload(void **state)
{
    begin();
    fails("a", "image_missing: no such image");
    answer();
    passes("b");
    answer();
    reload();
    assert_true(testing("a"));
    assert_string_equal(told.text, "a missing-image 1, b ready 1");
    answer();
    passes("a");
    assert_string_equal(told.text, "a ready 1, b ready 1");
}

static void what_did_not_work_before_does_not_hold_up_a_reload(void **state)
{
    begin();
    fails("a", "image_missing: no such image");
    answer();
    passes("b");
    answer();
    write_language("a", "pool: 1\n");
    write_language("c", "");
    reload();
    fails("a", "engine_unavailable: refused"); /* which says nothing */
    assert_false(serves("c"));
    reload();
    ends("a", "bad");
    assert_true(testing("c"));
    passes("c");
    assert_true(serves("c"));
    assert_string_equal(told.text, "a failed-selftest 1, b ready 1, c ready 1");
}

static void a_reload_goes_before_the_tests_at_the_start(void **state)
{
    begin();
    write_language("c", "");
    reload();
    assert_true(fake_stopped("selftest:a:t"));
    fake_run_dies("selftest:a:t");
    turn();
    assert_true(testing("c"));
    passes("c");
    assert_string_equal(told.text, "a testing 1, b testing 1, c ready 1");
    answer();
    assert_true(testing("a"));
    passes("a");
    answer();
    passes("b");
    assert_string_equal(told.text, "a ready 1, b ready 1, c ready 1");
}

static void a_reload_during_another_begins_after_it(void **state)
{
    begin_ready();
    write_language("c", "");
    reload();
    write_language("b", "pool: 1\n");
    reload();
    reload();
    assert_true(testing("c") && !fake_stopped("selftest:c:t"));
    passes("c");
    assert_true(serves("c"));
    assert_int_equal(registry_find(run.registry, "b")->pool, 0);
    assert_true(testing("b"));
    passes("b");
    assert_int_equal(registry_find(run.registry, "b")->pool, 1);
    assert_int_equal(fake_runs(), 4);
}

static void a_reload_before_the_engine_is_known_is_done_when_it_is(void **state)
{
    make();
    write_language("c", "");
    reload();
    assert_int_equal(fake_runs(), 0);
    languages_begin(languages);
    turn();
    passes("c");
    assert_true(serves("c"));
    assert_true(testing("a"));
}

static void without_self_tests_a_good_folder_is_served_at_once(void **state)
{
    config.selftest = false;
    make();
    languages_begin(languages);
    write_language("c", "");
    reload();
    assert_true(serves("c"));
    write_language("d", "wrong: 1\n");
    reload();
    assert_true(serves("c") && !serves("d"));
    assert_int_equal(fake_runs(), 0);
}

static void without_an_engine_too(void **state)
{
    run.engine = NULL;
    write_language("a", "pool: 2\n");
    make();
    languages_begin(languages);
    write_language("c", "");
    reload();
    assert_true(serves("c"));
    assert_string_equal(kept, "");
}

static void sandboxes_are_kept_as_the_files_say(void **state)
{
    write_language("a", "pool: 2\nlimits: {memoryMb: {default: 99}}\n");
    begin();
    assert_string_equal(kept, ",a:1 99 2");
    *kept = '\0';
    passes("a");
    answer();
    passes("b");
    answer();
    write_language("a", "");
    write_language("c", "pool: 3\n"
                        "compile: {argv: [cc], artifacts: [x],\n"
                        "          limits: {memoryMb: {default: 300}}}\n");
    reload();
    passes("a");
    assert_string_equal(kept, ""); /* the old set serves still */
    passes("c");
    assert_string_equal(kept, ",a:1 99 0,c:1 128 3,c:1 300 3");
}

static void a_stop_during_a_reload_drops_it(void **state)
{
    begin_ready();
    write_language("c", "");
    reload();
    languages_stop(languages);
    fake_run_dies("selftest:c:t");
    answer_with(&told.erased, NULL);
    turn();
    assert_true(stopped);
    assert_false(serves("c"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_language_is_tested_and_then_served),
        TEST(only_what_has_changed_is_tested),
        TEST(a_language_without_a_file_any_more_is_gone),
        TEST(whoever_holds_the_old_set_keeps_it),
        TEST(a_broken_file_changes_nothing),
        TEST(a_new_language_that_fails_changes_nothing),
        TEST(a_change_that_fails_changes_nothing),
        TEST(what_was_not_ready_is_tested_again_after_a_reload),
        TEST(what_did_not_work_before_does_not_hold_up_a_reload),
        TEST(a_reload_goes_before_the_tests_at_the_start),
        TEST(a_reload_during_another_begins_after_it),
        TEST(a_reload_before_the_engine_is_known_is_done_when_it_is),
        TEST(without_self_tests_a_good_folder_is_served_at_once),
        TEST(without_an_engine_too),
        TEST(sandboxes_are_kept_as_the_files_say),
        TEST(a_stop_during_a_reload_drops_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
