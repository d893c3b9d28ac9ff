/* queue.h -- the queue's verbs, one for each command in lua/ that our programs need.
 *
 * Asking never fails on the spot: every verb calls back exactly once, later, from the
 * event loop, with an answer or an error. Times are milliseconds since 1970, taken from
 * this process's clock.
 *
 * A refusal by a script becomes a struct err by one table: a job that is gone is
 * ERR_MISSING, a lock that is lost or a job in another state ERR_INVALID, children that
 * hold a job up ERR_BUSY.
 */
#ifndef QUEUE_QUEUE_H
#define QUEUE_QUEUE_H

#include "queue/job.h"
#include "queue/keys.h"
#include "queue/redis.h"

struct queue; /* one BullMQ queue over one Redis link */

/* A worker's rate limit: no more than `max` jobs begin in duration_ms, all workers taken
 * together. A limit that the queue itself has goes before it. */
struct limiter {
    int64_t max; /* 0: none */
    int64_t duration_ms;
};

struct queue_config {
    const char *prefix;               /* "bull" */
    const char *name;                 /* "jobs" */
    const char *worker_name;          /* written to `pb`, or NULL */
    int lock_ms;                      /* how long a lock lasts without being extended */
    struct keep on_complete, on_fail; /* for jobs that do not say; keep_init's: keep all */
    struct limiter limiter;
    int64_t metrics_size; /* minutes of metrics kept (maxMetricsSize); 0: none */
    /* For a worker: jobs that complete in one round of this loop go in one call. NULL: each
     * alone. */
    struct event_base *base;
};

/* The link is borrowed and must outlive the queue; texts are copied. */
struct queue *queue_new(struct redis *redis, const struct queue_config *config,
                        struct err *err);
void queue_free(struct queue *queue); /* NULL is fine; no call may be in flight */

/* Hears nothing but whether it worked. */
typedef void queue_done(void *arg, const struct err *err);

/* Hears the job's id, valid during the call: the new one, or for a known custom id that. */
typedef void queue_added(void *arg, const char *id, const struct err *err);

/* Add a job: delayed, prioritized or standard as its options say. `data` is JSON. */
void queue_add(struct queue *queue, const char *name, struct bytes data,
               const struct opts *opts, queue_added *added, void *arg);

/* What a fetch found: a job, or how long there is none. */
struct fetched {
    struct job *job;    /* the hearer's from now on, free it with job_free; or NULL */
    int64_t limited_ms; /* the rate limit holds for so long; 0: it does not */
    int64_t next_ms;    /* when the first delayed job is due; 0: none is */
};

/* Hears what was found, all of it 0 when nothing was asked for; or NULL and an error. */
typedef void queue_fetched(void *arg, const struct fetched *fetched, const struct err *err);

/* Take the next job and lock it with `token` (moveToActive). */
void queue_fetch(struct queue *queue, const char *token, queue_fetched *fetched, void *arg);

/* Find the job that is locked with `token`: a call that was to fetch it and had no answer
 * may have done so all the same (reclaim, of our own). It looks at the 1000 jobs that were
 * started last. */
void queue_reclaim(struct queue *queue, const char *token, queue_fetched *fetched,
                   void *arg);

/* Store a job's end and release its lock (moveToFinished). `value` is JSON; `reason` is
 * plain text, and extends the stacktrace. With `fetch_next` the next job comes with the
 * answer, under the same token. After ERR_BUSY the job is still ours: it has children that
 * have not ended, or that failed, and cannot complete. Jobs that complete in one round of
 * the event loop, and want a next one, go together in one call at its end (finishJobs, of
 * our own); each hears what becomes of it alone. */
void queue_complete(struct queue *queue, const struct job *job, const char *value,
                    bool fetch_next, queue_fetched *fetched, void *arg);
void queue_fail(struct queue *queue, const struct job *job, const char *reason,
                bool fetch_next, queue_fetched *fetched, void *arg);

/* A failed attempt with attempts left: back to waiting at once, or after delay_ms
 * (retryJob, moveToDelayed). */
void queue_retry(struct queue *queue, const struct job *job, const char *reason,
                 int64_t delay_ms, bool fetch_next, queue_fetched *fetched, void *arg);

/* Give an active job back, to be taken next, at no cost of an attempt
 * (moveJobFromActiveToWait). */
void queue_release(struct queue *queue, const struct job *job, queue_done *done, void *arg);

/* What became of a job's scheduler. */
struct continued {
    enum {
        SCHEDULER_CONTINUED, /* its next job is there, or it was removed */
        SCHEDULER_ENDED,     /* its limit or its end is reached: there is no next job */
        SCHEDULER_LEGACY     /* a repeatable job of BullMQ 5, which that alone continues */
    } how;
    const char *next; /* the next job, valid during the call; NULL: not made by this call */
};
typedef void queue_continued(void *arg, const struct continued *continued,
                             const struct err *err);

/* Create the next job of the scheduler whose job this is (updateJobScheduler); for who has
 * fetched the job, before running it; the job is borrowed. Asking again does no harm.
 * ERR_INVALID: its options cannot be understood, so the scheduler ends here. */
void queue_continue(struct queue *queue, const struct job *job, queue_continued *continued,
                    void *arg);

/* Add a line to a job's log, of which its keepLogs newest stay (addLog). `done` may be
 * NULL, here and for queue_progress, for who has nothing to do with the answer. */
void queue_log(struct queue *queue, const struct job *job, const char *line,
               queue_done *done, void *arg);

/* Say how far a running job is; JSON (updateProgress). */
void queue_progress(struct queue *queue, const struct job *job, const char *progress,
                    queue_done *done, void *arg);

/* Hears the ids whose locks could not be extended, valid during the call. */
typedef void queue_extended(void *arg, const char *const *lost, size_t count,
                            const struct err *err);

/* Extend the locks of `count` jobs, in one call (extendLocks). */
void queue_extend_locks(struct queue *queue, const struct job *const *jobs, size_t count,
                        queue_extended *extended, void *arg);

/* Hears how many jobs were put back. */
typedef void queue_recovered(void *arg, size_t count, const struct err *err);

/* The stalled check: put back the jobs of workers that died (moveStalledJobsToWait). */
void queue_recover(struct queue *queue, int64_t interval_ms, int max_stalled,
                   queue_recovered *recovered, void *arg);

/* Hears a job, now the hearer's; NULL and ERR_MISSING when there is none. */
typedef void queue_read_done(void *arg, struct job *job, const struct err *err);

/* Read a job's state, data and outcome, and when they came about, in constant time however
 * long the queue is. The rest of it, its options above all, is not asked for. */
void queue_read(struct queue *queue, const char *id, queue_read_done *read, void *arg);

/* Hears a marker: when there may be something to take (0: now), -1 when none came. */
typedef void queue_woken(void *arg, double at_ms, const struct err *err);

/* Wait up to block_ms for a marker on a link of its own, since it blocks that link. */
void queue_wait(struct queue *queue, struct redis *blocking, int block_ms,
                queue_woken *woken, void *arg);

#endif
