/* verdict.h -- what happened -> what the user is told: a pure function. */
#ifndef WORKER_VERDICT_H
#define WORKER_VERDICT_H

#include "worker/output.h"
#include "worker/sandbox.h"

enum verdict {
    VERDICT_OK,
    VERDICT_TIME_LIMIT,
    VERDICT_MEMORY_LIMIT,
    VERDICT_PROCESS_LIMIT,
    VERDICT_OUTPUT_LIMIT,
    VERDICT_RUNTIME_ERROR,
    VERDICT_COMPILE_ERROR,
    VERDICT_WRONG_ANSWER
};

/* All there is to judge by. */
struct evidence {
    const struct sandbox_end *end;
    const struct output *output;
    bool deadline; /* ours has passed */
};

/* Forks the pids limit must have refused for a bomb: a program that is merely at its limit
 * is refused once or twice. */
enum { VERDICT_BOMB = 10 };

struct judgement {
    enum verdict verdict;
    int exit_code;
    char *error; /* malloc'd, UTF-8; NULL when all is well */
};

/* The first that holds: time, memory, process, output, then exit code. */
void verdict_judge(const struct evidence *evidence, struct judgement *judgement);

/* The same of a compiler: ok or compile_error. Its error is the limit it was stopped by;
 * NULL when it has its own to tell. */
void verdict_judge_compiler(const struct evidence *evidence, struct judgement *judgement);

const char *verdict_name(enum verdict verdict); /* "time_limit" */

#endif
