/* result.h -- a run's outcome as the job's return value: JSON, for people and programs. */
#ifndef WORKER_RESULT_H
#define WORKER_RESULT_H

#include "worker/compile.h"
#include "worker/tally.h"

struct result {
    struct judgement judgement;
    const struct output *output;
    const struct task *task;
    const char *worker;
    int64_t duration_ms; /* the program's own time */
    int64_t setup_ms;    /* from taking the job to the program's start */
    int64_t queue_ms;    /* from adding to taking */
    struct usage usage;
    const struct compiled *compiled; /* by a language that does that */
    const struct tally *tally;       /* where the task has tests */
};

/* Malloc'd JSON text. */
char *result_write(const struct result *result);

#endif
