/* survey.h -- the queue's verbs for looking at it as a whole: how much is where, what it is
 * set to, who works on it. They change nothing. See list.h for the single jobs.
 */
#ifndef QUEUE_SURVEY_H
#define QUEUE_SURVEY_H

#include "queue/list.h"

struct queue_status {
    int64_t counts[STATE_UNKNOWN]; /* by enum queue_state */
    bool paused;
    int64_t concurrency;      /* most active jobs over all workers; 0: no limit */
    int64_t max, duration_ms; /* most starts in a time, over all workers; 0: no limit */
    int64_t limited_ms;       /* how long that limit holds starts back; 0: it does not */
    int64_t schedulers;
};

/* Hears the status, valid during the call. */
typedef void queue_surveyed(void *arg, const struct queue_status *status,
                            const struct err *err);

void queue_survey(struct queue *queue, queue_surveyed *surveyed, void *arg);

#define PRIORITIES_MAX 32

struct queue_priority {
    int64_t priority, count;
};

/* Hears how many prioritized jobs there are of each priority, the most urgent first; at
 * most PRIORITIES_MAX priorities. Valid during the call. */
typedef void queue_prioritized(void *arg, const struct queue_priority *priorities,
                               size_t count, const struct err *err);

void queue_priorities(struct queue *queue, queue_prioritized *prioritized, void *arg);

#define SCHEDULERS_MAX 100

/* What adds jobs again and again (contract, section 17). Texts that are not set are NULL.
 */
struct queue_scheduler {
    const char *id;
    const char *name;           /* of its jobs */
    const char *pattern, *zone; /* cron's, or: */
    int64_t every_ms;           /* 0: by the pattern */
    int64_t next_ms;            /* when its next job is due */
    int64_t runs;               /* jobs so far */
};

/* Hears the schedulers, the next due first; at most SCHEDULERS_MAX. Valid during the call.
 */
typedef void queue_scheduled(void *arg, const struct queue_scheduler *schedulers,
                             size_t count, const struct err *err);

void queue_schedulers(struct queue *queue, queue_scheduled *scheduled, void *arg);

#define METRICS_MAX 60

/* Jobs that ended in one way (contract, section 18), as counted by workers that are told
 * to count. */
struct queue_metrics {
    int64_t count;               /* since the counting began */
    int64_t prev_ms;             /* until when the points go; 0: nothing was counted yet */
    int64_t prev_count;          /* the count at that time */
    int64_t points[METRICS_MAX]; /* a minute each, the newest first */
    size_t point_count;
};

/* Hears both kinds, valid during the call. */
typedef void queue_measured(void *arg, const struct queue_metrics *completed,
                            const struct queue_metrics *failed, const struct err *err);

void queue_measure(struct queue *queue, queue_measured *measured, void *arg);

/* A worker, by the connection that waits for markers (contract, section 10). */
struct queue_worker {
    const char *name;    /* as it calls itself; "" when it has no name */
    const char *address; /* "127.0.0.1:50312", or "/run/redis.sock:0" */
    int64_t age_s, idle_s;
};

/* Hears the workers that are connected, valid during the call. ERR_BUG when Redis does not
 * let us ask for them (an ACL without CLIENT LIST). */
typedef void queue_attended(void *arg, const struct queue_worker *workers, size_t count,
                            const struct err *err);

void queue_workers(struct queue *queue, queue_attended *attended, void *arg);

#endif
