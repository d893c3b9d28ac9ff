/* list.h -- the queue's verbs for looking at jobs: where one is, those of a state, all
 * about one. They change nothing.
 *
 * As in queue.h every verb calls back exactly once, later. One that asks with several
 * commands gives no snapshot: the job may move on between two of them.
 */
#ifndef QUEUE_LIST_H
#define QUEUE_LIST_H

#include "lib/fields.h"
#include "queue/queue.h"

/* Where a job is (contract, section 9), in BullMQ's words. */
enum queue_state {
    STATE_WAITING, /* also where a BullMQ 5 pause puts such jobs */
    STATE_PRIORITIZED,
    STATE_DELAYED,
    STATE_WAITING_CHILDREN,
    STATE_ACTIVE,
    STATE_COMPLETED,
    STATE_FAILED,
    STATE_UNKNOWN /* in none of these, though it has a hash */
};

/* "waiting", ..., "failed"; ended by NULL, and so a FIELD_CHOICE's words. */
extern const char *const queue_states[STATE_UNKNOWN + 1];
const char *queue_state_name(enum queue_state state); /* also of STATE_UNKNOWN */
const char *queue_state_key(enum queue_state state);  /* what its key ends with: "wait" */

/* Hears where a job is; ERR_MISSING when there is none. */
typedef void queue_found(void *arg, enum queue_state state, const struct err *err);

void queue_find(struct queue *queue, const char *id, queue_found *found, void *arg);

/* Which jobs of a state: `limit` of them, after the first `offset`. Newest first means:
 * the last added, finished or due; for STATE_PRIORITIZED the last that will be taken. */
struct queue_page {
    enum queue_state state; /* not STATE_UNKNOWN */
    int64_t offset, limit;
    bool oldest_first;
};

/* Hears the jobs, valid during the call. */
typedef void queue_listed(void *arg, const struct job *const *jobs, size_t count,
                          const struct err *err);

void queue_list(struct queue *queue, const struct queue_page *page, queue_listed *listed,
                void *arg);

#define INSPECT_LINES    50 /* most lines of a log, the newest */
#define INSPECT_CHILDREN 20 /* most children that are named, any */

/* All about one job. */
struct queue_details {
    struct job *job;
    enum queue_state state;
    int64_t due_ms;  /* STATE_DELAYED: when it will wait for its turn; else 0 */
    int64_t lock_ms; /* what is left of its lock; 0: it has none */
    struct texts logs;
    int64_t log_count; /* with those that are not in `logs` */
    struct {
        int64_t processed, unprocessed, ignored, failed;
    } children;
    struct texts pending; /* keys of children that have not ended */
};

/* Hears the details, valid during the call; ERR_MISSING when there is no such job. */
typedef void queue_inspected(void *arg, const struct queue_details *details,
                             const struct err *err);

void queue_inspect(struct queue *queue, const char *id, queue_inspected *inspected,
                   void *arg);

#endif
