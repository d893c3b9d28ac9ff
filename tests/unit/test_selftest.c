/* A language's self-tests, with runs that end as the test says. */
#include "tests/support/unit.h"

#include "lib/mem.h"
#include "tests/support/fake_run.h"
#include "tests/support/fake_sandbox.h"
#include "tests/support/folder.h"
#include "worker/selftest.h"

static char folder[FOLDER_BYTES];
static struct event_base *base;
static struct registry *registry;
static struct run_config config;
static struct selftest_run *run;
/* What was told. */
static int passed, failed;
static bool done;
static enum selftest_end how;
static char why[512], last[512];

static void hear_ran(void *arg, const struct selftest *test, int64_t ms, const char *reason)
{
    assert_false(done);
    assert_true(ms >= 0);
    snprintf(last, sizeof last, "%s: %s", test->name, reason ? reason : "");
    if (reason)
        failed++;
    else
        passed++;
}

static void hear_done(void *arg, enum selftest_end end, const char *reason)
{
    assert_false(done);
    done = true;
    how = end;
    snprintf(why, sizeof why, "%s", reason ? reason : "");
    assert_int_equal(reason == NULL, end == SELFTEST_PASSED);
}

static const struct selftest_events events = {hear_ran, hear_done};

/* What was to come at once comes. */
static void turn(void)
{
    event_base_loop(base, EVLOOP_NONBLOCK);
}

static void write_language(const char *selftests)
{
    char *text = xasprintf("id: sh\n"
                           "name: Shell\n"
                           "extensions: [sh]\n"
                           "versions: [{version: \"1\", image: \"sh:1\", default: true}]\n"
                           "source: {file: main.sh}\n"
                           "run: {argv: [sh, main.sh]}\n"
                           "%s",
                           selftests);

    folder_write(folder, "languages/sh.yaml", text);
    free(text);
}

static void start_without_a_turn(const char *rest)
{
    char *languages = xasprintf("%s/languages", folder);
    struct err err;

    write_language(rest);
    registry = registry_load(languages, IMAGES_PINNED, &err);
    if (!registry)
        fail_msg("%s", err.text);
    free(languages);
    config = (struct run_config){.base = base, .registry = registry, .cold = true};
    run = selftest_start(&config, registry_find(registry, "sh"), &events, NULL);
    assert_false(done);
}

static void start(const char *rest)
{
    start_without_a_turn(rest);
    turn();
}

static int set_up(void **state)
{
    base = event_base_new();
    fake_run_forget();
    passed = failed = 0;
    done = false;
    return folder_make(folder);
}

static int tear_down(void **state)
{
    registry_free(registry);
    registry = NULL;
    event_base_free(base);
    return folder_remove(folder);
}

#define TWO                                                        \
    "selftest:\n"                                                  \
    "- {name: hello, code: echo hello, expect: {output: hello}}\n" \
    "- {name: bad, code: exit 3, expect: {verdict: runtime_error, exitCode: 3}}\n"
#define HELLO "selftest:sh:hello"
#define BAD   "selftest:sh:bad"

static void returns(const char *job, const char *result)
{
    fake_run_returns(job, result);
    turn();
}

static void fails(const char *job, enum err_kind kind, const char *reason)
{
    fake_run_fails(job, kind, reason);
    turn();
}

static void a_language_that_does_as_it_has_to_passes(void **state)
{
    start(TWO);
    assert_true(fake_running(HELLO));
    assert_false(fake_running(BAD));
    returns(HELLO, "{\"verdict\":\"ok\",\"exitCode\":0,\"output\":\"hello\"}");
    assert_int_equal(passed, 1);
    assert_true(fake_running(BAD));
    returns(BAD, "{\"verdict\":\"runtime_error\",\"exitCode\":3,\"error\":\"x\"}");
    assert_true(done);
    assert_int_equal(how, SELFTEST_PASSED);
    assert_int_equal(passed, 2);
}

static void one_that_fails_is_told_and_the_others_run(void **state)
{
    start(TWO);
    returns(HELLO, "{\"verdict\":\"ok\",\"exitCode\":0,\"output\":\"hallo\"}");
    assert_string_equal(last, "hello: output is 'hallo', not 'hello'");
    returns(BAD, "{\"verdict\":\"ok\",\"exitCode\":0}");
    assert_true(done);
    assert_int_equal(how, SELFTEST_FAILED);
    assert_int_equal(failed, 2);
    assert_string_equal(why, "hello: output is 'hallo', not 'hello'");
}

static void a_missing_image_is_tried_once(void **state)
{
    start(TWO);
    fails(HELLO, ERR_MISSING, "image_missing: no such image: sh:1");
    assert_true(done);
    assert_int_equal(how, SELFTEST_NO_IMAGE);
    assert_int_equal(fake_runs(), 1);
    assert_string_equal(why, "hello: image_missing: no such image: sh:1");
}

static void an_engine_that_is_away_says_nothing_of_the_language(void **state)
{
    start(TWO);
    returns(HELLO, "{\"verdict\":\"ok\",\"exitCode\":0,\"output\":\"no\"}");
    fails(BAD, ERR_BACKEND, "engine_unavailable: connection refused");
    assert_true(done);
    assert_int_equal(how, SELFTEST_UNKNOWN);
}

static void a_stop_ends_what_runs_and_begins_no_more(void **state)
{
    start(TWO);
    selftest_stop(run);
    selftest_stop(run);
    assert_true(fake_stopped(HELLO));
    assert_false(done);
    fake_run_dies(HELLO);
    turn();
    assert_true(done);
    assert_int_equal(how, SELFTEST_UNKNOWN);
    assert_int_equal(fake_runs(), 1);
    assert_string_equal(why, "the self-test was stopped");
}

static void a_stop_that_crosses_a_good_end_is_a_stop(void **state)
{
    start(TWO);
    selftest_stop(run);
    returns(HELLO, "{\"verdict\":\"ok\",\"exitCode\":0,\"output\":\"hello\"}");
    assert_true(done);
    assert_int_equal(how, SELFTEST_UNKNOWN);
    assert_int_equal(fake_runs(), 1);
}

#define VERSION "limits: {memoryMb: {default: 99}}\nversion_argv: [sh, --version]\n"

/* A language without tests is asked for its version, and the sandbox is ready. */
static void ask_version(const char *rest)
{
    start(rest);
    assert_non_null(fake_sandbox.events);
    assert_false(done);
    fake_ready();
}

static void a_language_without_tests_says_its_version(void **state)
{
    ask_version(VERSION);
    assert_string_equal(fake_sandbox.argv, "sh --version");
    assert_string_equal(fake_sandbox.spec.image, "sh:1");
    assert_int_equal(fake_sandbox.spec.limits.memory_mb, 99);
    assert_true(fake_sandbox.spec.cold);
    fake_begun();
    fake_exits(0);
    turn();
    assert_true(done);
    assert_int_equal(how, SELFTEST_PASSED);
    assert_int_equal(fake_runs() + passed + failed, 0);
}

static void one_that_cannot_fails(void **state)
{
    ask_version(VERSION);
    fake_begun();
    fake_exits(127);
    turn();
    assert_int_equal(how, SELFTEST_FAILED);
    assert_string_equal(why, "version: Runtime Error (exit code 127)");
}

static void one_without_a_version_needs_its_image(void **state)
{
    ask_version("");
    assert_string_equal(fake_sandbox.argv, "true");
    fake_breaks(FAULT_IMAGE, ERR_MISSING, "no such image: sh:1");
    turn();
    assert_int_equal(how, SELFTEST_NO_IMAGE);
    assert_string_equal(why, "version: image_missing: no such image: sh:1");
}

static void a_stop_ends_that_too(void **state)
{
    ask_version(VERSION);
    selftest_stop(run);
    assert_true(fake_sandbox.stopped);
    fake_dies();
    turn();
    assert_true(done);
    assert_int_equal(how, SELFTEST_UNKNOWN);
    assert_string_equal(why, "the self-test was stopped");
}

static void or_does_not_let_it_begin(void **state)
{
    start_without_a_turn("");
    selftest_stop(run);
    turn();
    assert_true(done);
    assert_int_equal(how, SELFTEST_UNKNOWN);
    assert_null(fake_sandbox.events);
}

static void the_registry_may_be_replaced_meanwhile(void **state)
{
    start(TWO);
    registry_free(registry);
    registry = config.registry = NULL;
    returns(HELLO, "{\"verdict\":\"ok\",\"exitCode\":0,\"output\":\"hello\"}");
    returns(BAD, "{\"verdict\":\"runtime_error\",\"exitCode\":3}");
    assert_int_equal(how, SELFTEST_PASSED);
}

static void differences_are_told(void **state)
{
    static const struct selftest all = {.verdict = "ok",
                                        .exit_code = 2,
                                        .output = "a",
                                        .error = "mid",
                                        .compile_output = "warn"};
    static const struct {
        const char *result, *differs;
    } rows[] = {
        {"{\"verdict\":\"ok\",\"exitCode\":2,\"output\":\"a\",\"error\":\"amidst\","
         "\"compileOutput\":\"warning\"}",
         NULL},
        {"{\"verdict\":\"time_limit\",\"error\":\"too long\"}",
         "verdict is 'time_limit', not 'ok': too long"},
        {"{\"verdict\":\"ok\",\"exitCode\":1}", "exitCode is 1, not 2"},
        {"{\"verdict\":\"ok\",\"exitCode\":2}", "there is no output"},
        {"{\"verdict\":\"ok\",\"exitCode\":2,\"output\":\"A\"}", "output is 'A', not 'a'"},
        {"{\"verdict\":\"ok\",\"exitCode\":2,\"output\":\"a\",\"error\":\"mad\"}",
         "error is 'mad', without 'mid'"},
        {"{\"verdict\":\"ok\",\"exitCode\":2,\"output\":\"a\",\"error\":\"mid\"}",
         "there is no compileOutput"},
        {"null", "there is no verdict"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char *differs = selftest_differs(&all, rows[i].result);

        if (rows[i].differs)
            assert_string_equal(differs ? differs : "no difference", rows[i].differs);
        else
            assert_null(differs);
        free(differs);
    }
}

static void what_is_not_expected_does_not_matter(void **state)
{
    static const struct selftest any = {.verdict = "ok", .exit_code = -1};

    assert_null(
        selftest_differs(&any, "{\"verdict\":\"ok\",\"exitCode\":9,\"output\":\"x\"}"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_language_that_does_as_it_has_to_passes),
        TEST(one_that_fails_is_told_and_the_others_run),
        TEST(a_missing_image_is_tried_once),
        TEST(an_engine_that_is_away_says_nothing_of_the_language),
        TEST(a_stop_ends_what_runs_and_begins_no_more),
        TEST(a_stop_that_crosses_a_good_end_is_a_stop),
        TEST(a_language_without_tests_says_its_version),
        TEST(one_that_cannot_fails),
        TEST(one_without_a_version_needs_its_image),
        TEST(a_stop_ends_that_too),
        TEST(or_does_not_let_it_begin),
        TEST(the_registry_may_be_replaced_meanwhile),
        cmocka_unit_test(differences_are_told),
        cmocka_unit_test(what_is_not_expected_does_not_matter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
