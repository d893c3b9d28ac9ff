/* slot.h -- one job at a time: run it, store its end, go on with the next that comes with
 * the answer. */
#ifndef WORKER_SLOT_H
#define WORKER_SLOT_H

#include "queue/queue.h"
#include "worker/locks.h"
#include "worker/run.h"

struct slot;

/* Hears that a slot is idle, and what it was told about more work when it stored its job's
 * end (never a job: that it has taken itself); NULL when nothing is known. */
typedef void slot_idle(void *arg, const struct fetched *found);

struct slot_config {
    struct event_base *base;
    struct queue *queue;
    struct locks *locks;
    const struct run_config *run;
    int64_t
        max_started; /* maxStartedAttempts: a job is not begun more often; 0: no limit */
    bool progress;   /* tell a job's progress when its run begins */
};

struct slot *slot_new(const struct slot_config *config, slot_idle *idle, void *arg);
void slot_free(struct slot *slot); /* when it is not busy */

bool slot_busy(const struct slot *slot);

/* Begin with a job, now the slot's. */
void slot_take(struct slot *slot, struct job *job);

/* Take no next job when this one ends. */
void slot_close(struct slot *slot);

/* Give the present job back to the queue at no cost of an attempt. */
void slot_release(struct slot *slot);

/* If this slot has the job: its lock is lost, so somebody else may run it by now. Kill it
 * and store nothing. */
void slot_lose(struct slot *slot, const struct job *job);

#endif
