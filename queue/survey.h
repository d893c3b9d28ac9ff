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
