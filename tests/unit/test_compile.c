/* What came of a compile stage. Each row is a test of its own. */
#include "tests/support/unit.h"

#include "worker/compile.h"

#define SAID(text) .err = text, .said = text

static struct row {
    const char *name;
    int how, exit_code; /* of the sandbox */
    int64_t oom_kills, pids_refused;
    const char *err;                        /* on stderr */
    bool deadline, too_large, flood, empty; /* empty: no artefacts at all */
    enum verdict verdict;                   /* expected */
    int told;                               /* the exit code the user is told */
    const char *error, *said;
} rows[] = {
    {"a_compiler_that_ends_well_is_ok", END_EXITED, 0, .said = "", .verdict = VERDICT_OK},
    /* Its tar would be longer; somebody who forges marks sends none. */
    {"one_that_ends_well_and_makes_nothing_too", END_EXITED, 0, .empty = true, .said = "",
     .verdict = VERDICT_OK},
    {"its_warnings_are_kept", END_EXITED, 0, SAID("main.c:1: warning\n"),
     .verdict = VERDICT_OK},
    {"its_errors_are_quoted", END_EXITED, 2, SAID("main.c:1: error\n"),
     .verdict = VERDICT_COMPILE_ERROR, .told = 2,
     .error = "Compilation Error\nmain.c:1: error\n"},
    {"a_silent_one_has_an_exit_code", END_EXITED, 3, .said = "",
     .verdict = VERDICT_COMPILE_ERROR, .told = 3,
     .error = "Compilation Error (exit code 3)"},
    {"one_that_crashed_as_well", END_EXITED, 139, .said = "",
     .verdict = VERDICT_COMPILE_ERROR, .told = 139,
     .error = "Compilation Error (exit code 139)"},
    {"what_is_no_text_is_repaired", END_EXITED, 1, .err = "a\xff", .said = "a\xef\xbf\xbd",
     .verdict = VERDICT_COMPILE_ERROR, .told = 1,
     .error = "Compilation Error\na\xef\xbf\xbd"},

    /* Limits, the first of them: time, memory, processes, artefacts, output. */
    {"one_that_runs_too_long", END_STOPPED, 0, .oom_kills = 1, .pids_refused = 99,
     .too_large = true, .flood = true, SAID("x"), .deadline = true,
     .verdict = VERDICT_COMPILE_ERROR, .told = 124,
     .error = "Compilation Error\nTime Limit Exceeded (compiler ran too long)"},
    {"one_that_needs_more_memory", END_EXITED, 1, .oom_kills = 1, .pids_refused = 99,
     .too_large = true, .flood = true, SAID("x"), .verdict = VERDICT_COMPILE_ERROR,
     .told = 137,
     .error = "Compilation Error\nMemory Limit Exceeded (compiler used too much memory)"},
    {"one_that_starts_too_many", END_EXITED, 1, .pids_refused = 99, .too_large = true,
     .flood = true, SAID("x"), .verdict = VERDICT_COMPILE_ERROR, .told = 1,
     .error = "Compilation Error\nProcess Limit Exceeded (compiler started too many "
              "processes)"},
    {"one_that_makes_too_much", END_STOPPED, 0, .too_large = true, .flood = true, SAID("x"),
     .verdict = VERDICT_COMPILE_ERROR, .told = 153,
     .error =
         "Compilation Error\nOutput Limit Exceeded (the compiled program is too large)"},
    {"one_that_says_too_much", END_STOPPED, 0, .flood = true, .err = "", .said = NULL,
     .verdict = VERDICT_COMPILE_ERROR, .told = 153,
     .error = "Compilation Error\nOutput Limit Exceeded (compiler printed too much)"},
    {"one_that_was_refused_a_thread_and_coped", END_EXITED, 0, .pids_refused = 1, SAID("x"),
     .verdict = VERDICT_OK},

    /* Where source lies in the sandbox is nobody's business. */
    {"the_folder_is_left_out", END_EXITED, 0, .err = "/tmp/a.c:1 (/tmp/b.h), '/tmp/c'\n",
     .said = "a.c:1 (b.h), 'c'\n", .verdict = VERDICT_OK},
    {"at_the_very_end_too", END_EXITED, 0, .err = "in /tmp/", .said = "in ",
     .verdict = VERDICT_OK},
    {"other_folders_stay", END_EXITED, 0,
     SAID("/var/tmp/a x/tmp/b ./tmp/c _/tmp/d -/tmp/e /tmpx/f /tmp"),
     .verdict = VERDICT_OK},
    {"and_what_follows_one_another", END_EXITED, 0, .err = "/tmp//tmp/a", .said = "/tmp/a",
     .verdict = VERDICT_OK},
};

static void judged(void **state)
{
    static char much[1024 * 1024 + 1];
    const struct row *row = *state;
    const struct sandbox_end sandbox = {
        .how = row->how,
        .exit_code = row->exit_code,
        .usage = {.oom_kills = row->oom_kills, .pids_refused = row->pids_refused},
    };
    struct output output;
    const struct stage_end end = {.evidence = {&sandbox, &output, row->deadline},
                                  .output = &output,
                                  .duration_ms = 12};
    struct compiled compiled = {0};
    struct judgement judgement;

    output_init_data(&output, 8, 64);
    if (row->err)
        output_add(&output, STREAM_ERR, row->err, strlen(row->err));
    if (row->flood)
        output_add(&output, STREAM_ERR, much, sizeof much);
    if (!row->empty)
        output_add(&output, STREAM_OUT, "artefact!", row->too_large ? 9 : 8);
    compile_read(&end, &compiled, &judgement);
    assert_string_equal(verdict_name(judgement.verdict), verdict_name(row->verdict));
    assert_int_equal(judgement.exit_code, row->told);
    if (row->error)
        assert_string_equal(judgement.error, row->error);
    else
        assert_null(judgement.error);
    if (row->said && !row->flood) {
        assert_int_equal(compiled.said.len, strlen(row->said));
        assert_memory_equal(compiled.said.at, row->said, compiled.said.len);
    }
    assert_int_equal(compiled.artifacts.len,
                     row->verdict == VERDICT_OK && !row->empty ? 8 : 0);
    assert_int_equal(compiled.duration_ms, 12);
    free(judgement.error);
    compiled_free(&compiled);
}

int main(void)
{
    enum { ROWS = sizeof rows / sizeof *rows };
    struct CMUnitTest tests[ROWS];

    for (size_t i = 0; i < ROWS; i++)
        tests[i] = (struct CMUnitTest){rows[i].name, judged, NULL, NULL, &rows[i]};
    return cmocka_run_group_tests_name("compile", tests, NULL, NULL);
}
