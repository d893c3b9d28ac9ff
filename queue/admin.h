/* admin.h -- the queue's verbs for an operator: pause, retry, remove, set (contract,
 * sections 13.3 and 14).
 *
 * As in queue.h every verb calls back exactly once, later. A script that works in portions
 * is called until all is done; an error in between leaves what was done so far. An error's
 * text says what was tried, on what, and what was found.
 */
#ifndef QUEUE_ADMIN_H
#define QUEUE_ADMIN_H

#include "queue/list.h"

/* Hears how many jobs it was. */
typedef void queue_counted(void *arg, int64_t count, const struct err *err);

/* Start no more jobs, or start them again. Jobs that run go on. */
void queue_pause(struct queue *queue, queue_done *done, void *arg);
void queue_resume(struct queue *queue, queue_done *done, void *arg);

/* Let a delayed job wait for its turn now. */
void queue_promote(struct queue *queue, const char *id, queue_done *done, void *arg);

/* Run a job once more that is STATE_COMPLETED or STATE_FAILED, as `state` says. */
void queue_reprocess(struct queue *queue, const char *id, enum queue_state state,
                     queue_done *done, void *arg);

/* The same for all delayed jobs; for at most `limit` failed ones (0: all), those first that
 * failed first, and none that fails while this goes on. Unlike the verbs for one job, these
 * do not ask for priorities: the jobs wait behind all others without one. */
void queue_promote_all(struct queue *queue, queue_counted *promoted, void *arg);
void queue_retry_failed(struct queue *queue, int64_t limit, queue_counted *retried,
                        void *arg);

/* Remove a job, and if asked its children; none that a worker has locked. A job that is not
 * there counts as removed: ask queue_find before. */
void queue_remove(struct queue *queue, const char *id, bool children, queue_done *done,
                  void *arg);

/* Remove jobs of a state that are `grace_ms` old, since they ended or else were added; at
 * most `limit` (0: all). Not of STATE_WAITING_CHILDREN; no active ones that are locked. */
void queue_clean(struct queue *queue, enum queue_state state, int64_t grace_ms,
                 int64_t limit, queue_counted *removed, void *arg);

/* Remove all jobs that wait for their turn, and if asked those that are delayed. One call,
 * however many: Redis does nothing else meanwhile. */
void queue_drain(struct queue *queue, bool delayed, queue_done *done, void *arg);

/* Remove a paused queue, all of it. With `force` also if jobs are active. */
void queue_obliterate(struct queue *queue, bool force, queue_done *done, void *arg);

/* Most active jobs over all workers; 0: no limit. */
void queue_set_concurrency(struct queue *queue, int64_t concurrency, queue_done *done,
                           void *arg);
/* At most `max` starts in `duration_ms` over all workers; 0: no limit. */
void queue_set_rate_limit(struct queue *queue, int64_t max, int64_t duration_ms,
                          queue_done *done, void *arg);

#endif
