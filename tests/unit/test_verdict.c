/* Evidence in, verdict out: the design's table, and what the abuse probes leave behind.
 * Each row is a test of its own. */
#include "tests/support/unit.h"

#include "lib/mem.h"
#include "worker/verdict.h"

#define TIME    "Time Limit Exceeded (program ran too long)"
#define MEMORY  "Memory Limit Exceeded (program used too much memory)"
#define PROCESS "Process Limit Exceeded (fork bomb detected)"
#define OUTPUT  "Output Limit Exceeded (program printed too much)"

enum { KEPT = 4096, FLOOD = 1024 * 1024 + 1, UNKNOWN = USAGE_NONE };

static struct row {
    const char *name;
    int how, exit_code; /* of the sandbox */
    int64_t oom_kills, pids_refused;
    const char *err;
    size_t printed; /* bytes on stdout */
    bool oom_killed, deadline;
    enum verdict verdict; /* expected */
    int told;             /* the exit code the user is told */
    const char *error;
} rows[] = {
    /* The design's rows. */
    {"exit_0_is_ok", END_EXITED, 0, .verdict = VERDICT_OK},
    {"another_exit_is_a_runtime_error", END_EXITED, 3, .verdict = VERDICT_RUNTIME_ERROR,
     .told = 3, .error = "Runtime Error (exit code 3)"},
    {"the_last_line_of_stderr_says_why", END_EXITED, 1,
     .err = "Traceback:\n  line 1\nValueError: no", .verdict = VERDICT_RUNTIME_ERROR,
     .told = 1, .error = "ValueError: no"},
    {"a_signal_is_named", END_EXITED, 139, .verdict = VERDICT_RUNTIME_ERROR, .told = 139,
     .error = "Runtime Error (SIGSEGV)"},
    {"our_deadline_is_a_time_limit", END_STOPPED, 0, .deadline = true,
     .verdict = VERDICT_TIME_LIMIT, .told = 124, .error = TIME},
    {"an_oom_kill_is_a_memory_limit", END_EXITED, 137, .oom_kills = 1,
     .verdict = VERDICT_MEMORY_LIMIT, .told = 137, .error = MEMORY},
    {"ten_refused_forks_are_a_bomb", END_EXITED, 2, .pids_refused = VERDICT_BOMB,
     .verdict = VERDICT_PROCESS_LIMIT, .told = 2, .error = PROCESS},
    {"a_flood_is_an_output_limit", END_STOPPED, 0, .printed = FLOOD,
     .verdict = VERDICT_OUTPUT_LIMIT, .told = 153, .error = OUTPUT},

    /* Which of several wins: time, memory, process, output, then signal and exit code. */
    {"time_wins_over_all_others", END_STOPPED, 0, .deadline = true, .oom_kills = 1,
     .pids_refused = 99, .printed = FLOOD, .verdict = VERDICT_TIME_LIMIT, .told = 124,
     .error = TIME},
    {"memory_wins_over_processes_and_output", END_STOPPED, 0, .oom_kills = 1,
     .pids_refused = 99, .printed = FLOOD, .verdict = VERDICT_MEMORY_LIMIT, .told = 137,
     .error = MEMORY},
    {"processes_win_over_output", END_STOPPED, 0, .pids_refused = 99, .printed = FLOOD,
     .verdict = VERDICT_PROCESS_LIMIT, .told = 137, .error = PROCESS},
    {"output_wins_over_a_signal", END_EXITED, 139, .printed = FLOOD,
     .verdict = VERDICT_OUTPUT_LIMIT, .told = 153, .error = OUTPUT},

    /* The probes. */
    {"a_child_killed_for_memory_is_a_limit_when_the_program_fails", END_EXITED, 1,
     .oom_kills = 1, .err = "MemoryError", .verdict = VERDICT_MEMORY_LIMIT, .told = 137,
     .error = MEMORY},
    {"a_child_killed_for_memory_is_fine_when_the_program_is", END_EXITED, 0, .oom_kills = 1,
     .verdict = VERDICT_OK},
    {"the_engines_own_word_on_memory_counts", END_EXITED, 137, .oom_kills = UNKNOWN,
     .pids_refused = UNKNOWN, .oom_killed = true, .verdict = VERDICT_MEMORY_LIMIT,
     .told = 137, .error = MEMORY},
    {"an_engine_that_saw_no_oom_leaves_a_kill_a_kill", END_EXITED, 137,
     .oom_kills = UNKNOWN, .pids_refused = UNKNOWN, .verdict = VERDICT_RUNTIME_ERROR,
     .told = 137, .error = "Runtime Error (SIGKILL)"},
    {"a_bomb_whose_parent_ends_well_is_a_bomb", END_EXITED, 0, .pids_refused = 27,
     .verdict = VERDICT_PROCESS_LIMIT, .told = 137, .error = PROCESS},
    {"a_bomb_stopped_while_it_runs_is_a_bomb", END_STOPPED, 0, .pids_refused = 42901,
     .verdict = VERDICT_PROCESS_LIMIT, .told = 137, .error = PROCESS},
    {"one_thread_too_many_that_is_coped_with_is_fine", END_EXITED, 0, .pids_refused = 1,
     .verdict = VERDICT_OK},
    {"nine_refused_forks_that_are_coped_with_are_fine", END_EXITED, 0,
     .pids_refused = VERDICT_BOMB - 1, .verdict = VERDICT_OK},
    {"one_thread_too_many_that_ends_the_program_is_a_limit", END_EXITED, 1,
     .pids_refused = 1, .err = "RuntimeError: can't start new thread",
     .verdict = VERDICT_PROCESS_LIMIT, .told = 1, .error = PROCESS},
    {"a_time_out_with_a_bomb_under_it_is_a_time_out", END_STOPPED, 0, .pids_refused = 91,
     .deadline = true, .verdict = VERDICT_TIME_LIMIT, .told = 124, .error = TIME},
    {"much_output_within_bounds_is_fine", END_EXITED, 0, .printed = FLOOD - 1,
     .verdict = VERDICT_OK},
    {"a_program_that_kills_its_own_group_is_told_so", END_EXITED, 137,
     .verdict = VERDICT_RUNTIME_ERROR, .told = 137, .error = "Runtime Error (SIGKILL)"},
    {"a_zombie_flood_is_reaped_and_fine", END_EXITED, 0, .verdict = VERDICT_OK},
    {"an_abort_is_what_the_shell_says_of_it", END_EXITED, 134, .err = "Aborted\n",
     .verdict = VERDICT_RUNTIME_ERROR, .told = 134, .error = "Aborted"},
    {"an_abort_that_nobody_mentions_is_named", END_EXITED, 134,
     .verdict = VERDICT_RUNTIME_ERROR, .told = 134, .error = "Runtime Error (SIGABRT)"},
    {"a_sigterm_of_its_own_is_named", END_EXITED, 143, .verdict = VERDICT_RUNTIME_ERROR,
     .told = 143, .error = "Runtime Error (SIGTERM)"},
    {"a_file_too_large_is_the_programs_own_business", END_EXITED, 1,
     .err = "OSError: [Errno 27] File too large", .verdict = VERDICT_RUNTIME_ERROR,
     .told = 1, .error = "OSError: [Errno 27] File too large"},

    /* Corners of the error text. */
    {"an_exit_code_that_is_no_signal_stays_a_code", END_EXITED, 255,
     .verdict = VERDICT_RUNTIME_ERROR, .told = 255,
     .error = "Runtime Error (exit code 255)"},
    {"128_is_no_signal", END_EXITED, 128, .verdict = VERDICT_RUNTIME_ERROR, .told = 128,
     .error = "Runtime Error (exit code 128)"},
    {"blank_lines_at_the_end_of_stderr_say_nothing", END_EXITED, 1,
     .err = "why\r\n \t\r\n\n", .verdict = VERDICT_RUNTIME_ERROR, .told = 1,
     .error = "why"},
    {"a_blank_stderr_says_nothing", END_EXITED, 1, .err = " \n\n",
     .verdict = VERDICT_RUNTIME_ERROR, .told = 1, .error = "Runtime Error (exit code 1)"},
    {"a_line_that_is_no_text_is_repaired", END_EXITED, 1, .err = "x\na\xff\n",
     .verdict = VERDICT_RUNTIME_ERROR, .told = 1, .error = "a\xef\xbf\xbd"},
};

static void judged(void **state)
{
    const struct row *row = *state;
    const struct sandbox_end end = {
        .how = row->how,
        .exit_code = row->exit_code,
        .oom_killed = row->oom_killed,
        .usage = {.oom_kills = row->oom_kills, .pids_refused = row->pids_refused},
    };
    struct output output;
    const struct evidence evidence = {&end, &output, row->deadline};
    struct judgement judgement;
    char *much = xcalloc(1, row->printed + 1);

    output_init(&output, KEPT);
    output_add(&output, STREAM_OUT, much, row->printed);
    if (row->err)
        output_add(&output, STREAM_ERR, row->err, strlen(row->err));
    verdict_judge(&evidence, &judgement);
    assert_string_equal(verdict_name(judgement.verdict), verdict_name(row->verdict));
    assert_int_equal(judgement.exit_code, row->told);
    if (row->error)
        assert_string_equal(judgement.error, row->error);
    else
        assert_null(judgement.error);
    free(judgement.error);
    output_done(&output);
    free(much);
}

static void verdicts_have_the_names_of_the_interface(void **state)
{
    static const struct {
        enum verdict verdict;
        const char *name;
    } names[] = {
        {VERDICT_OK, "ok"},
        {VERDICT_TIME_LIMIT, "time_limit"},
        {VERDICT_MEMORY_LIMIT, "memory_limit"},
        {VERDICT_PROCESS_LIMIT, "process_limit"},
        {VERDICT_OUTPUT_LIMIT, "output_limit"},
        {VERDICT_RUNTIME_ERROR, "runtime_error"},
        {VERDICT_COMPILE_ERROR, "compile_error"},
        {VERDICT_WRONG_ANSWER, "wrong_answer"},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_string_equal(verdict_name(names[i].verdict), names[i].name);
}

int main(void)
{
    enum { ROWS = sizeof rows / sizeof *rows };
    struct CMUnitTest tests[ROWS + 1] = {
        cmocka_unit_test(verdicts_have_the_names_of_the_interface)};

    for (size_t i = 0; i < ROWS; i++)
        tests[i + 1] = (struct CMUnitTest){rows[i].name, judged, NULL, NULL, &rows[i]};
    return cmocka_run_group_tests_name("verdict", tests, NULL, NULL);
}
