/* locks.h -- one timer extends the locks of all jobs a worker runs. */
#ifndef WORKER_LOCKS_H
#define WORKER_LOCKS_H

#include <event2/event.h>

#include "queue/queue.h"

struct locks;

/* Hears a job whose lock is no longer ours: somebody else may run it by now. */
typedef void locks_lost(void *arg, const struct job *job);

/* Extends the locks of the jobs it has been given, every `every_ms`. */
struct locks *locks_new(struct event_base *base, struct queue *queue, int every_ms,
                        locks_lost *lost, void *arg);
void locks_free(struct locks *locks);

/* The job is borrowed until it is removed; one that is not there may be removed, too. */
void locks_add(struct locks *locks, const struct job *job);
void locks_remove(struct locks *locks, const struct job *job);

#endif
