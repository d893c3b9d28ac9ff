/* What becomes of a job, and what its log is told. */
#include "tests/support/unit.h"

#include "worker/outcome.h"

static struct outcome outcome;
static char *note;

static int tear_down(void **state)
{
    outcome_clear(&outcome);
    free(note);
    note = NULL;
    return 0;
}

static const struct job plain = {.id = "1", .opts = {.attempts = 3}};

static void expect_note(const struct job *job, const char *expected)
{
    note = outcome_note(&outcome, job, "host/7");
    assert_string_equal(note, expected);
    free(note);
    note = NULL;
}

static void a_failed_run_is_retried_or_not(void **state)
{
    static const struct row {
        struct opts opts;
        int64_t made, started, max_started;
        enum err_kind kind;
        int64_t delay_ms; /* -1: it fails */
        const char *why;
    } rows[] = {
        {{.attempts = 3}, 0, 1, 0, ERR_BACKEND, 0, ""},
        {{.attempts = 3}, 1, 2, 0, ERR_TIMEOUT, 0, ""},
        {{.attempts = 3}, 0, 1, 0, ERR_BUG, 0, ""},
        {{.attempts = 3}, 2, 3, 0, ERR_BACKEND, -1, "no attempt is left"},
        {{.attempts = 3}, 9, 9, 0, ERR_BACKEND, -1, "no attempt is left"},
        {{.attempts = 1}, 0, 1, 0, ERR_BACKEND, -1, "no attempt is left"},
        {{.attempts = 0}, 0, 1, 0, ERR_BACKEND, -1, "no attempt is left"},
        {{.attempts = 3}, 0, 1, 0, ERR_INVALID, -1, "it can never run"},
        /* stalled before: started more often than it ended */
        {{.attempts = 9}, 1, 3, 4, ERR_BACKEND, 0, ""},
        {{.attempts = 9}, 1, 4, 4, ERR_BACKEND, -1, "it may not be started once more"},
        {{.attempts = 9}, 1, 5, 4, ERR_BACKEND, -1, "it may not be started once more"},
        {{.attempts = 3, .backoff = BACKOFF_FIXED, .backoff_ms = 500},
         0,
         1,
         0,
         ERR_BACKEND,
         500,
         ""},
        {{.attempts = 9, .backoff = BACKOFF_EXPONENTIAL, .backoff_ms = 1000},
         7,
         8,
         0,
         ERR_BACKEND,
         128000,
         ""},
        {{.attempts = 3, .backoff = BACKOFF_UNKNOWN, .backoff_name = "lunar"},
         0,
         1,
         0,
         ERR_BACKEND,
         -1,
         "this worker does not know its backoff"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct row *row = &rows[i];
        const struct job job = {.opts = row->opts,
                                .attempts_made = row->made,
                                .attempts_started = row->started};
        const struct err err = {row->kind, "no engine"};

        outcome_of_failure(&job, &err, row->max_started, 0.5, &outcome);
        assert_int_equal(outcome.kind, row->delay_ms < 0 ? OUTCOME_FAIL : OUTCOME_RETRY);
        if (row->delay_ms >= 0)
            assert_int_equal(outcome.delay_ms, row->delay_ms);
        assert_string_equal(outcome.why, row->why);
        assert_memory_equal(outcome.text, "no engine", 9);
        outcome_clear(&outcome);
    }
}

static void jitter_is_the_random_numbers_doing(void **state)
{
    const struct job job = {
        .opts = {
            .attempts = 3, .backoff = BACKOFF_FIXED, .backoff_ms = 1000, .jitter = 0.5}};
    const struct err err = {ERR_BACKEND, "no engine"};

    outcome_of_failure(&job, &err, 0, 0.5, &outcome);
    assert_int_equal(outcome.delay_ms, 750);
}

static void the_reason_says_which_backoff_is_not_known(void **state)
{
    const struct job job = {
        .opts = {.attempts = 3, .backoff = BACKOFF_UNKNOWN, .backoff_name = "lunar"}};
    const struct err err = {ERR_BACKEND, "no engine"};

    outcome_of_failure(&job, &err, 0, 0.5, &outcome);
    assert_string_equal(outcome.text,
                        "no engine (no retry: this worker knows no backoff \"lunar\")");
}

static void what_must_not_run_is_failed(void **state)
{
    static const struct {
        const char *deferred;
        int64_t started, max_started;
        const char *reason; /* NULL: it runs */
    } rows[] = {
        {NULL, 1, 0, NULL},
        {NULL, 99, 0, NULL},
        {NULL, 4, 4, NULL},
        {NULL, 5, 4, "job started more than allowable limit"},
        {"child a failed", 1, 0, "child a failed"},
        {"child a failed", 5, 4, "child a failed"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct job job = {.deferred_fail = rows[i].deferred,
                                .attempts_started = rows[i].started};
        bool refused = outcome_refuse(&job, rows[i].max_started, &outcome);

        assert_int_equal(refused, rows[i].reason != NULL);
        if (!refused)
            continue;
        assert_int_equal(outcome.kind, OUTCOME_FAIL);
        assert_string_equal(outcome.text, rows[i].reason);
        outcome_clear(&outcome);
    }
}

static void the_note_says_who_tried_what_and_what_follows(void **state)
{
    struct job job = plain;

    outcome_set(&outcome, OUTCOME_RETRY, "no engine");
    outcome.delay_ms = 2000;
    expect_note(&job, "attempt 1 of 3 by host/7: no engine; the next attempt begins in "
                      "2000 ms");
    outcome.delay_ms = 0;
    expect_note(&job, "attempt 1 of 3 by host/7: no engine; it goes back to waiting");
    job.attempts_made = 2;
    outcome.kind = OUTCOME_FAIL;
    outcome.why = "no attempt is left";
    expect_note(&job, "attempt 3 of 3 by host/7: no engine; the job has failed: no attempt "
                      "is left");
    outcome.kind = OUTCOME_RELEASE;
    expect_note(&job, "attempt 3 of 3 by host/7: no engine; it goes back to waiting, at no "
                      "cost of an attempt");
    outcome.kind = OUTCOME_DISCARD;
    expect_note(&job, "attempt 3 of 3 by host/7: no engine; what this run did is not "
                      "stored");
    job.opts.attempts = 0;
    job.attempts_made = 0;
    expect_note(&job, "attempt 1 of 1 by host/7: no engine; what this run did is not "
                      "stored");
}

static void a_note_is_one_line(void **state)
{
    outcome_set(&outcome, OUTCOME_RETRY, "first\nsecond\tthird \xc3\xa9");
    expect_note(&plain, "attempt 1 of 3 by host/7: first second third \xc3\xa9; it goes "
                        "back to waiting");
}

static void of_what_went_well_there_is_no_note(void **state)
{
    outcome_set(&outcome, OUTCOME_COMPLETE, "{}");
    assert_null(outcome_note(&outcome, &plain, "host/7"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_failed_run_is_retried_or_not, tear_down),
        cmocka_unit_test_teardown(jitter_is_the_random_numbers_doing, tear_down),
        cmocka_unit_test_teardown(the_reason_says_which_backoff_is_not_known, tear_down),
        cmocka_unit_test_teardown(what_must_not_run_is_failed, tear_down),
        cmocka_unit_test_teardown(the_note_says_who_tried_what_and_what_follows, tear_down),
        cmocka_unit_test_teardown(a_note_is_one_line, tear_down),
        cmocka_unit_test_teardown(of_what_went_well_there_is_no_note, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
