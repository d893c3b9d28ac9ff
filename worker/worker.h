/* worker.h -- takes jobs from a queue and runs as many at once as it has slots.
 *
 * Looking for work is done once for the whole worker: while there may be some, idle slots
 * fetch one after the other; when a fetch finds none, one wait for the marker stands in for
 * all of them.
 */
#ifndef WORKER_WORKER_H
#define WORKER_WORKER_H

#include <event2/event.h>

#include "queue/queue.h"
#include "worker/locks.h"
#include "worker/run.h"

struct worker_config {
    int concurrency;
    int lock_renew_ms; /* a lock is extended before it is so old; twice in that time */
    int stalled_interval_ms;
    int max_stalled_count;
    int64_t max_started; /* maxStartedAttempts; 0: no limit */
    int drain_delay_ms;  /* longest wait for a marker with no delayed job known */
    int limited_max_ms;  /* longest wait for a rate limit (maximumRateLimitDelay) */
    bool progress;       /* tell a job's progress when its run begins */
};

struct worker;

/* Links, queue and run configuration are borrowed. `blocking` is for the marker alone.
 * Nothing happens until worker_linked(). `stopped` is called once, some time after
 * worker_stop: every slot is idle and nothing is in flight. */
struct worker *worker_new(struct event_base *base, const struct worker_config *config,
                          struct queue *queue, struct redis *blocking,
                          const struct run_config *run, void (*stopped)(void *arg),
                          void *arg);
void worker_free(struct worker *worker);

/* A link is usable again: look for work. */
void worker_linked(struct worker *worker);

/* Take no more jobs; those that run may end within grace_ms, then they are killed and go
 * back to waiting at no cost of an attempt. Called again: at once. */
void worker_stop(struct worker *worker, int grace_ms);

#endif
