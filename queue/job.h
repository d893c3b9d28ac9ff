/* job.h -- a job as it stands in its Redis hash.
 *
 * A job and all its texts live in one arena; job_free frees it whole. What others wrote is
 * read tolerantly: a field that is missing or garbage has its default.
 */
#ifndef QUEUE_JOB_H
#define QUEUE_JOB_H

#include <hiredis/hiredis.h>

#include "lib/arena.h"
#include "lib/bytes.h"
#include "queue/opts.h"

enum job_state {
    JOB_QUEUED, /* waiting, prioritized, delayed, between retries, waiting for children */
    JOB_ACTIVE, /* locked by a worker */
    JOB_COMPLETED, /* has its return value */
    JOB_FAILED     /* has its reason */
};

struct job {
    struct arena *arena;
    const char *id;
    const char *name;
    struct bytes data; /* JSON, not checked */
    struct opts opts;
    struct bytes opts_text;    /* the same as it stands, JSON, not checked */
    int64_t timestamp;         /* created, ms */
    int64_t processed_on;      /* latest start; 0: never */
    int64_t finished_on;       /* 0: not yet */
    int64_t attempts_made;     /* finished runs */
    int64_t attempts_started;  /* with the present one */
    int64_t stalled;           /* how often it was recovered from a dead worker */
    int64_t delay_ms;          /* of its latest scheduling; opts has the first */
    int64_t priority;          /* as it is now; opts has the first */
    const char *deferred_fail; /* `defa`: fail it with this text, do not run it; or NULL */
    const char *scheduler;     /* `rjk`, or NULL */
    const char *worker;        /* `pb`: the last that took it, by its name; or NULL */
    const char *parent;        /* key of the job that waits for this one, or NULL */
    const char *failed_reason; /* of the latest failed attempt, or NULL */
    struct bytes stacktrace;   /* JSON array of texts, not checked; at NULL when absent */
    struct bytes returnvalue;  /* JSON, not checked; at NULL when absent */
    struct bytes progress;     /* likewise */
    const char *token;         /* of the lock we hold, or NULL */
    enum job_state state;      /* JOB_ACTIVE for a job just fetched */
};

/* Read a hash as field, value, field, value ... NULL when it is empty: no such job. */
struct job *job_read(const char *id, const redisReply *hash);
/* Read what HMGET answers for these names; what was not asked for has its default. Never
 * NULL: a job that is not there has no timestamp. */
struct job *job_read_some(const char *id, const char *const *names,
                          const redisReply *values);
void job_free(struct job *job); /* NULL is fine */

/* `stacktrace` with one text more, cut to the newest the options allow; malloc'd JSON. */
char *job_stacktrace(const struct job *job, const char *text);

#endif
