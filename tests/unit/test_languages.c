/* A worker's languages: when they are tested, what is told of them, and how others take
 * their place; with runs, a queue and an engine that do what the test says. */
#include "tests/support/unit.h"

#include "lib/mem.h"
#include "queue/report.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_run.h"
#include "tests/support/folder.h"
#include "tests/support/loop.h"
#include "worker/languages.h"

enum { INTERVAL_MS = 7000 };

static char folder[FOLDER_BYTES], where[FOLDER_BYTES + 16];
static struct event_base *base;
static struct run_config run;
static struct languages_config config;
static struct languages *languages;
static bool stopped;

/* The report, and who waits to hear that it was written, or erased. */
static struct {
    char text[512];
    int writes, erasures;
    queue_done *written, *erased;
    void *arg;
} told;

/* What the engine is to keep: "image MEMORY COUNT", each behind a comma. */
static char kept[512];

const char *const report_states[] = {
    [REPORT_UNKNOWN] = "unknown",
    [REPORT_TESTING] = "testing",
    [REPORT_MISSING_IMAGE] = "missing-image",
    [REPORT_FAILED_SELFTEST] = "failed-selftest",
    [REPORT_READY] = "ready",
    NULL,
};

/* "a ready 1, b testing 1" */
void report_write(struct queue *queue, const char *worker, const json_t *described,
                  int64_t valid_ms, queue_done *done, void *arg)
{
    const char *id;
    json_t *value;
    size_t used = 0;

    assert_null(told.written); /* one at a time */
    assert_string_equal(worker, "w1");
    assert_int_equal(valid_ms, 3 * INTERVAL_MS);
    *told.text = '\0';
    json_object_foreach((json_t *)described, id, value)
    {
        used += (size_t)snprintf(told.text + used, sizeof told.text - used, "%s%s %s %s",
                                 used ? ", " : "", id,
                                 json_string_value(json_object_get(value, "state")),
                                 json_string_value(json_object_get(value, "version")));
    }
    told.writes++;
    told.written = done;
    told.arg = arg;
}

void report_erase(struct queue *queue, const char *worker, queue_done *done, void *arg)
{
    assert_string_equal(worker, "w1");
    told.erasures++;
    told.erased = done;
    told.arg = arg;
}

void engine_keep(struct engine *engine, const struct sandbox_spec *spec, int count)
{
    size_t used = strlen(kept);

    assert_ptr_equal(engine, run.engine);
    snprintf(kept + used, sizeof kept - used, ",%s %d %d", spec->image,
             (int)spec->limits.memory_mb, count);
}

static void answer_with(queue_done **asked, const struct err *err)
{
    queue_done *done = *asked;

    assert_non_null(done);
    *asked = NULL;
    done(told.arg, err);
}

static void answer(void)
{
    answer_with(&told.written, NULL);
}

static void answer_all(void)
{
    while (told.written)
        answer();
}

static void hear_stopped(void *arg)
{
    assert_false(stopped);
    stopped = true;
}

/* What was to come at once comes. */
static void turn(void)
{
    for (int i = 0; i < 3; i++)
        event_base_loop(base, EVLOOP_NONBLOCK);
}

static void let_pass(int ms)
{
    clock_skip_ms(ms);
    loop_for(base, 1);
    turn();
}

/* A language of one self-test, which is the job "selftest:ID:t". */
static void write_language(const char *id, const char *rest)
{
    char *name = xasprintf("languages/%s.yaml", id);
    char *text = xasprintf("id: %s\n"
                           "name: N\n"
                           "versions: [{version: \"1\", image: \"%s:1\", default: true}]\n"
                           "source: {file: main}\n"
                           "run: {argv: [sh, main]}\n"
                           "selftest: [{name: t, code: x, expect: {output: good}}]\n"
                           "%s",
                           id, id, rest);

    folder_write(folder, name, text);
    free(name);
    free(text);
}

static void make(void)
{
    struct err err;

    languages = languages_new(&config, hear_stopped, NULL, &err);
    if (!languages)
        fail_msg("%s", err.text);
}

static int set_up(void **state)
{
    if (folder_make(folder))
        return -1;
    snprintf(where, sizeof where, "%s/languages", folder);
    base = event_base_new();
    fake_run_forget();
    memset(&told, 0, sizeof told);
    *kept = '\0';
    stopped = false;
    run = (struct run_config){
        .base = base, .engine = (struct engine *)&config, .worker = "w1"};
    config = (struct languages_config){
        .run = &run, .where = {where}, .selftest = true, .interval_ms = INTERVAL_MS};
    write_language("a", "");
    write_language("b", "");
    return 0;
}

/* It stops, whatever is under way. */
static int tear_down(void **state)
{
    static const char *const jobs[] = {"selftest:a:t", "selftest:b:t", "selftest:c:t"};

    languages_stop(languages);
    for (size_t i = 0; i < 3; i++)
        if (fake_running(jobs[i]))
            fake_run_dies(jobs[i]);
    turn();
    if (told.written)
        answer();
    if (told.erased)
        answer_with(&told.erased, NULL);
    turn();
    assert_true(stopped);
    languages_free(languages);
    event_base_free(base);
    return folder_remove(folder);
}

static void begin(void)
{
    make();
    languages_linked(languages);
    answer();
    languages_begin(languages);
    turn();
}

static void ends(const char *id, const char *output)
{
    char *job = xasprintf("selftest:%s:t", id);
    char *result =
        xasprintf("{\"verdict\":\"ok\",\"exitCode\":0,\"output\":\"%s\"}", output);

    fake_run_returns(job, result);
    turn();
    free(job);
    free(result);
}

static void passes(const char *id)
{
    ends(id, "good");
}

static void fails(const char *id, const char *why)
{
    char *job = xasprintf("selftest:%s:t", id);

    fake_run_fails(job, ERR_BACKEND, why);
    turn();
    free(job);
}

static bool testing(const char *id)
{
    char *job = xasprintf("selftest:%s:t", id);
    bool running = fake_running(job);

    free(job);
    return running;
}

/* Both languages are ready, and that is told. */
static void begin_ready(void)
{
    begin();
    passes("a");
    answer();
    passes("b");
    answer();
    assert_string_equal(told.text, "a ready 1, b ready 1");
}

static void reload(void)
{
    languages_reload(languages);
    turn();
}

static bool serves(const char *id)
{
    return registry_find(run.registry, id);
}

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

int main(void)
{
    const struct CMUnitTest all[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
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
        TEST(a_stop_during_a_self_test_waits_for_its_end_alone),
        TEST(a_stop_takes_back_the_report),
        TEST(a_stop_waits_for_a_report_that_is_on_its_way),
        TEST(a_stop_without_a_report_takes_none_back),
        TEST(a_stop_during_a_reload_drops_it),
    };

    return cmocka_run_group_tests(all, NULL, NULL);
}
