/* verdict.c -- see verdict.h. The first row that holds wins, causes before what
 * follows from them: a program that was killed for its memory has an exit code, too. */
#include "worker/verdict.h"

#include <stdlib.h>
#include <string.h>

#include "lib/mem.h"

enum { OWN = -1 };

struct row;

static void judge_by(const struct row *row, const struct evidence *evidence,
                     struct judgement *judgement);
static bool deadline_passed(const struct evidence *evidence);
static bool out_of_memory(const struct evidence *evidence);
static bool fork_bomb(const struct evidence *evidence);
static bool flooded(const struct evidence *evidence);
static bool overflowed(const struct evidence *evidence);
static bool failed(const struct evidence *evidence);
static bool always(const struct evidence *evidence);
static bool exited_well(const struct evidence *evidence);
static char *runtime_error(const struct evidence *evidence);
static char *last_line(struct bytes text);

static const struct row {
    bool (*holds)(const struct evidence *evidence);
    enum verdict verdict;
    int exit_code; /* OWN: the program's own, unless that is 0: then 137 */
    const char *error;
    char *(*tell)(const struct evidence *evidence); /* in place of `error` */
} rows[] = {
    {deadline_passed, VERDICT_TIME_LIMIT, 124, "Time Limit Exceeded (program ran too long)",
     NULL},
    {out_of_memory, VERDICT_MEMORY_LIMIT, 137,
     "Memory Limit Exceeded (program used too much memory)", NULL},
    {fork_bomb, VERDICT_PROCESS_LIMIT, OWN, "Process Limit Exceeded (fork bomb detected)",
     NULL},
    {flooded, VERDICT_OUTPUT_LIMIT, 153, "Output Limit Exceeded (program printed too much)",
     NULL},
    {failed, VERDICT_RUNTIME_ERROR, OWN, NULL, runtime_error},
    {always, VERDICT_OK, 0, NULL, NULL},
};

static const struct row compiler_rows[] = {
    {deadline_passed, VERDICT_COMPILE_ERROR, 124,
     "Time Limit Exceeded (compiler ran too long)", NULL},
    {out_of_memory, VERDICT_COMPILE_ERROR, 137,
     "Memory Limit Exceeded (compiler used too much memory)", NULL},
    {fork_bomb, VERDICT_COMPILE_ERROR, OWN,
     "Process Limit Exceeded (compiler started too many processes)", NULL},
    {overflowed, VERDICT_COMPILE_ERROR, 153,
     "Output Limit Exceeded (the compiled program is too large)", NULL},
    {flooded, VERDICT_COMPILE_ERROR, 153,
     "Output Limit Exceeded (compiler printed too much)", NULL},
    {failed, VERDICT_COMPILE_ERROR, OWN, NULL, NULL},
    {always, VERDICT_OK, 0, NULL, NULL},
};

void verdict_judge(const struct evidence *evidence, struct judgement *judgement)
{
    judge_by(rows, evidence, judgement);
}

void verdict_judge_compiler(const struct evidence *evidence, struct judgement *judgement)
{
    judge_by(compiler_rows, evidence, judgement);
}

static void judge_by(const struct row *row, const struct evidence *evidence,
                     struct judgement *judgement)
{
    int own = evidence->end->how == END_STOPPED ? 0 : evidence->end->exit_code;

    while (!row->holds(evidence))
        row++;
    judgement->verdict = row->verdict;
    judgement->exit_code = row->exit_code != OWN ? row->exit_code : own ? own : 137;
    judgement->error = row->tell    ? row->tell(evidence)
                       : row->error ? xstrdup(row->error)
                                    : NULL;
}

static bool deadline_passed(const struct evidence *evidence)
{
    return evidence->deadline;
}

/* A child that ran out of memory is the business of a program that copes with it. */
static bool out_of_memory(const struct evidence *evidence)
{
    bool killed = evidence->end->oom_killed || evidence->end->usage.oom_kills > 0;

    return killed && !exited_well(evidence);
}

static bool fork_bomb(const struct evidence *evidence)
{
    int64_t refused = evidence->end->usage.pids_refused;

    return refused >= VERDICT_BOMB || (refused > 0 && !exited_well(evidence));
}

static bool flooded(const struct evidence *evidence)
{
    return output_flood(evidence->output);
}

/* What was compiled, not what was printed about it. */
static bool overflowed(const struct evidence *evidence)
{
    return evidence->output->data_over;
}

static bool failed(const struct evidence *evidence)
{
    return !exited_well(evidence);
}

static bool always(const struct evidence *evidence)
{
    return true;
}

static bool exited_well(const struct evidence *evidence)
{
    return evidence->end->how == END_EXITED && evidence->end->exit_code == 0;
}

static char *runtime_error(const struct evidence *evidence)
{
    int code = evidence->end->exit_code;
    const char *signal = code > 128 ? sigabbrev_np(code - 128) : NULL;
    char *line = last_line(output_of(evidence->output, STREAM_ERR));

    if (line)
        return line;
    return signal ? xasprintf("Runtime Error (SIG%s)", signal)
                  : xasprintf("Runtime Error (exit code %d)", code);
}

/* The last line that is not blank; NULL if there is none. */
static char *last_line(struct bytes text)
{
    size_t end = text.len, begin, len;

    while (end && strchr(" \t\r\n", text.at[end - 1]))
        end--;
    for (begin = end; begin && text.at[begin - 1] != '\n';)
        begin--;
    return end > begin ? utf8_repair(text.at + begin, end - begin, &len) : NULL;
}

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {
        [VERDICT_OK] = "ok",
        [VERDICT_TIME_LIMIT] = "time_limit",
        [VERDICT_MEMORY_LIMIT] = "memory_limit",
        [VERDICT_PROCESS_LIMIT] = "process_limit",
        [VERDICT_OUTPUT_LIMIT] = "output_limit",
        [VERDICT_RUNTIME_ERROR] = "runtime_error",
        [VERDICT_COMPILE_ERROR] = "compile_error",
        [VERDICT_WRONG_ANSWER] = "wrong_answer",
    };

    return names[verdict];
}
