/* outcome.h -- what becomes of a job: pure functions on what is known when its run ends. */
#ifndef WORKER_OUTCOME_H
#define WORKER_OUTCOME_H

#include "queue/job.h"

enum outcome_kind {
    OUTCOME_COMPLETE, /* it has its return value */
    OUTCOME_FAIL,     /* for good */
    OUTCOME_RETRY,    /* another attempt, after delay_ms */
    OUTCOME_RELEASE,  /* back to waiting, at no cost of an attempt */
    OUTCOME_DISCARD   /* store nothing: it is not ours any more, or cannot be stored */
};

struct outcome {
    enum outcome_kind kind;
    int64_t delay_ms;
    char *text;      /* return value or reason; outcome_clear frees it */
    const char *why; /* OUTCOME_FAIL: why there is no other attempt; static */
};

/* A copy of the text is taken. What was there before is not looked at. */
void outcome_set(struct outcome *outcome, enum outcome_kind kind, const char *text);
void outcome_clear(struct outcome *outcome);

/* Whether to fail the job instead of running it (contract 9.7): its failure was deferred,
 * or it was started more often than `max_started` allows (0: no limit). */
bool outcome_refuse(const struct job *job, int64_t max_started, struct outcome *outcome);

/* The run failed with `err`: another attempt while there are any and it is not the job's
 * own fault (contract 9.5). `random` is in [0, 1), for the jitter. */
void outcome_of_failure(const struct job *job, const struct err *err, int64_t max_started,
                        double random, struct outcome *outcome);

/* The line for the job's log: which attempt, by whom, what went wrong and what happens now.
 * malloc'd; NULL for a job that completed. */
char *outcome_note(const struct outcome *outcome, const struct job *job,
                   const char *worker);

#endif
