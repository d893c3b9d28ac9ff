/* What workers say of their languages: by itself, and through a real redis-server. */
#include "tests/support/operator_fixture.h"

#include "queue/report.h"

#define NOW   INT64_C(1700000000000)
#define READY "{\"python\": {\"state\": \"ready\", \"version\": \"3.13\"}}"

static int python, go; /* workers that are ready */
static enum report_state python_state, go_state;

static void hear_report(void *arg, const struct report *report, const struct err *err)
{
    hear(err);
    python_state = report_of(report, "python", &python);
    go_state = report_of(report, "go", &go);
}

static json_t *json(const char *text)
{
    struct err err;
    json_t *value = json_read(text, strlen(text), NULL, 0, &err);

    assert_non_null(value);
    return value;
}

static void say(const char *worker, const char *languages, int64_t valid_ms)
{
    json_t *value = json(languages);

    forget();
    report_write(queue, worker, value, valid_ms, hear_done, NULL);
    json_decref(value);
    good();
}

static void look(void)
{
    forget();
    report_read(queue, hear_report, NULL);
    good();
}

static bool take(struct report *report, const char *text)
{
    return report_take(report, text, strlen(text), NOW);
}

static void what_workers_say_is_heard(void **state)
{
    look();
    assert_int_equal(python_state, REPORT_UNKNOWN);
    say("a", READY, 60000);
    say("b/1", "{\"python\": {\"state\": \"ready\"}, \"go\": {\"state\": \"testing\"}}",
        60000);
    say("c",
        "{\"python\": {\"state\": \"missing-image\"}, "
        "\"go\": {\"state\": \"failed-selftest\"}}",
        60000);
    look();
    assert_int_equal(python_state, REPORT_READY);
    assert_int_equal(python, 2);
    assert_int_equal(go_state, REPORT_FAILED_SELFTEST);
    assert_int_equal(go, 0);
}

static void a_worker_says_it_anew_and_takes_it_back(void **state)
{
    say("a", READY, 60000);
    say("a", "{\"python\": {\"state\": \"testing\"}}", 60000);
    look();
    assert_int_equal(python_state, REPORT_TESTING);
    forget();
    report_erase(queue, "a", hear_done, NULL);
    good();
    look();
    assert_int_equal(python_state, REPORT_UNKNOWN);
}

static void what_is_not_valid_any_more_is_removed_by_who_sees_it(void **state)
{
    say("a", READY, 60000);
    tell("HSET bull:q:bullpen:languages gone {\"at\":5,\"validMs\":10,\"languages\":{}}");
    tell("HSET bull:q:bullpen:languages odd nonsense");
    look();
    assert_int_equal(python, 1);
    look(); /* what was asked for before has been answered */
    assert_int_equal(count("HLEN bull:q:bullpen:languages"), 1);
    assert_int_equal(count("HEXISTS bull:q:bullpen:languages a"), 1);
}

static void a_key_of_another_kind_is_an_error(void **state)
{
    tell("SET bull:q:bullpen:languages x");
    forget();
    report_read(queue, hear_report, NULL);
    answer();
    assert_true(heard.failed);
    assert_int_equal(python_state, REPORT_UNKNOWN);
}

static void a_report_is_valid_for_the_time_it_says(void **state)
{
    struct report *report = report_new();

    assert_true(take(report, "{\"at\":1699999990000,\"validMs\":10000,\"languages\":{}}"));
    assert_false(take(report, "{\"at\":1699999989999,\"validMs\":10000,\"languages\":{}}"));
    assert_true(take(report, "{\"at\":1700000010000,\"validMs\":10000,\"languages\":{}}"));
    assert_false(take(report, "{\"at\":1700000010001,\"validMs\":10000,\"languages\":{}}"));
    report_free(report);
}

static void what_is_no_report_is_left_out(void **state)
{
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "null",
        "{}",
        "{\"at\":1700000000000,\"languages\":{}}",
        "{\"at\":1700000000000,\"validMs\":0,\"languages\":{}}",
        "{\"at\":1700000000000,\"validMs\":86400001,\"languages\":{}}",
        "{\"at\":1700000000000,\"validMs\":1000,\"languages\":[]}",
        "{\"at\":-9223372036854775807,\"validMs\":1000,\"languages\":{}}",
        "{\"at\":\"1700000000000\",\"validMs\":1000,\"languages\":{}}",
    };
    struct report *report = report_new();

    for (size_t i = 0; i < COUNT(texts); i++)
        assert_false(take(report, texts[i]));
    assert_true(take(report, "{\"at\":1700000000000,\"validMs\":1000,\"languages\":"
                             "{\"a\": 1, \"python\": {\"state\": \"better\"}, "
                             "\"go\": {\"state\": 5}}}"));
    assert_int_equal(report_of(report, "python", &python), REPORT_UNKNOWN);
    assert_int_equal(report_of(report, "go", &python), REPORT_UNKNOWN);
    assert_int_equal(report_of(report, "a", &python), REPORT_UNKNOWN);
    assert_int_equal(report_of(NULL, "a", &python), REPORT_UNKNOWN);
    assert_int_equal(python, 0);
    report_free(report);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup(name, set_up)
        TEST(what_workers_say_is_heard),
        TEST(a_worker_says_it_anew_and_takes_it_back),
        TEST(what_is_not_valid_any_more_is_removed_by_who_sees_it),
        TEST(a_key_of_another_kind_is_an_error),
        TEST(a_report_is_valid_for_the_time_it_says),
        TEST(what_is_no_report_is_left_out),
    };

    signal(SIGPIPE, SIG_IGN); /* as the programs do */
    return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
