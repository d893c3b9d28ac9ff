/* run.h -- one job in one sandbox, step by step. */
#ifndef WORKER_RUN_H
#define WORKER_RUN_H

#include "queue/job.h"
#include "worker/sandbox.h"

struct run;

/* Hears the job's return value, JSON, valid during the call; or an error: ERR_INVALID,
 * this job can never run; any other kind, we failed and the job may be tried again. */
typedef void run_done(void *arg, const char *result, const struct err *err);

struct run_config {
    struct event_base *base;
    struct engine *engine; /* NULL: the noop runner, which ends every job at once */
    const struct registry *registry;
    const char *worker; /* its name, for the result */
};

/* Run the job, borrowed until done. `done` comes once, never before this returns. */
struct run *run_start(const struct run_config *config, const struct job *job,
                      run_done *done, void *arg);

/* Give up, for the first reason given; `done` follows with it. */
void run_stop(struct run *run, enum err_kind kind, const char *why);

#endif
