/* run.h -- one job, stage by stage: compiled if its language wants that, then run, once or
 * for each of its tests, every stage in a sandbox of its own. */
#ifndef WORKER_RUN_H
#define WORKER_RUN_H

#include "queue/job.h"
#include "worker/sandbox.h"

struct run;

struct run_events {
    /* How far it is, JSON, valid during the call: after each test. NULL: nobody cares. */
    void (*progress)(void *arg, const char *progress);
    /* The job's return value, JSON, valid during the call; or an error: ERR_INVALID, this
     * job can never run; any other kind, we failed and the job may be tried again. */
    void (*done)(void *arg, const char *result, const struct err *err);
};

struct run_config {
    struct event_base *base;
    struct engine *engine;     /* NULL: the noop runner, which ends every job at once */
    struct registry *registry; /* held by each run: it may be replaced meanwhile */
    const char *worker;        /* its name, for the result */
    bool cold;                 /* sandboxes that were made ahead are left to others */
};

/* Run the job, borrowed until done. `done` comes once, never before this returns. */
struct run *run_start(const struct run_config *config, const struct job *job,
                      const struct run_events *events, void *arg);

/* Give up, for the first reason given; `done` follows with it. */
void run_stop(struct run *run, enum err_kind kind, const char *why);

#endif
