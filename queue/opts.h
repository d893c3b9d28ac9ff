/* opts.h -- a job's options, as BullMQ has them. */
#ifndef QUEUE_OPTS_H
#define QUEUE_OPTS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/json.h"
#include "queue/pack.h"

enum backoff_type {
    BACKOFF_NONE, /* no backoff option: retried at once */
    BACKOFF_FIXED,
    BACKOFF_EXPONENTIAL,
    BACKOFF_UNKNOWN /* a strategy that lives in some Node worker's code */
};

/* removeOnComplete, removeOnFail: which finished jobs to keep. -1: without that bound. */
struct keep {
    bool given;    /* said by the job; else the worker's own is used */
    int64_t count; /* 0 removes the job at once */
    int64_t age_s;
    int64_t limit; /* most jobs that ageing removes at a time */
};

struct opts {
    int64_t attempts; /* runs allowed; 0 and 1 both mean one */
    enum backoff_type backoff;
    const char *backoff_name; /* for messages */
    double backoff_ms;
    double jitter; /* 0..1 */
    int64_t delay_ms;
    int64_t priority; /* 0: none; at most 2^21-1 */
    bool lifo;
    struct keep on_complete, on_fail;
    int64_t stack_traces; /* kept; -1: all */
    int64_t keep_logs;    /* lines of the job's log that are kept; -1: all */
    const char *job_id;   /* custom, or NULL */
};

/* Options of a job that says nothing. */
void opts_init(struct opts *opts);

/* Read the `opts` field of a job's hash. Foreign and tolerant: what is not understood
 * counts as not given. Texts are copied to the arena. */
void opts_read(struct opts *opts, const char *text, size_t len, struct arena *arena);

/* Keep everything; what a job that says nothing gets from a worker that says nothing. */
void keep_init(struct keep *keep);

/* As the `keepJobs` of moveToFinished. */
void keep_pack(const struct keep *keep, struct pack *pack);

/* As an add command's third argument, by their stored names. */
void opts_pack(const struct opts *opts, struct pack *pack);

/* How long to wait before the next attempt when `attempts_made` runs, this one included,
 * have failed; `random` is in [0, 1). */
int64_t opts_backoff_ms(const struct opts *opts, int64_t attempts_made, double random);

#endif
