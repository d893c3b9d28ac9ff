/* locks.c -- see locks.h. */
#include "worker/locks.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timer.h"

struct held {
    TAILQ_ENTRY(held) next;
    const struct job *job;
};

struct locks {
    struct queue *queue;
    struct event *timer;
    TAILQ_HEAD(held_jobs, held) held;
    size_t count;
    bool asking; /* one call at a time */
    locks_lost *lost;
    void *arg;
};

static void extend(evutil_socket_t fd, short what, void *arg);
static void extended(void *arg, const char *const *ids, size_t count,
                     const struct err *err);
static struct held *find_job(struct locks *locks, const struct job *job);
static struct held *find_id(struct locks *locks, const char *id);

struct locks *locks_new(struct event_base *base, struct queue *queue, int every_ms,
                        locks_lost *lost, void *arg)
{
    struct locks *locks = xcalloc(1, sizeof *locks);

    locks->queue = queue;
    locks->lost = lost;
    locks->arg = arg;
    TAILQ_INIT(&locks->held);
    locks->timer = event_new(base, -1, EV_PERSIST, extend, locks);
    timer_set_ms(locks->timer, every_ms);
    return locks;
}

void locks_free(struct locks *locks)
{
    struct held *held;

    if (!locks)
        return;
    while ((held = TAILQ_FIRST(&locks->held))) {
        TAILQ_REMOVE(&locks->held, held, next);
        free(held);
    }
    event_free(locks->timer);
    free(locks);
}

void locks_add(struct locks *locks, const struct job *job)
{
    struct held *held = xcalloc(1, sizeof *held);

    held->job = job;
    TAILQ_INSERT_TAIL(&locks->held, held, next);
    locks->count++;
}

void locks_remove(struct locks *locks, const struct job *job)
{
    struct held *held = find_job(locks, job);

    if (!held)
        return;
    TAILQ_REMOVE(&locks->held, held, next);
    locks->count--;
    free(held);
}

static void extend(evutil_socket_t fd, short what, void *arg)
{
    struct locks *locks = arg;
    const struct job **jobs;
    struct held *held;
    size_t count = 0;

    if (!locks->count || locks->asking)
        return;
    jobs = xcalloc(locks->count, sizeof(void *));
    TAILQ_FOREACH (held, &locks->held, next)
        jobs[count++] = held->job;
    locks->asking = true;
    queue_extend_locks(locks->queue, jobs, count, extended, locks);
    free(jobs);
}

/* With Redis away nothing is known: the lock may still be ours, the next round tells. */
static void extended(void *arg, const char *const *ids, size_t count, const struct err *err)
{
    struct locks *locks = arg;

    locks->asking = false;
    if (err)
        log_warn("locks-not-extended", "jobs=%zu error=%s", locks->count, err->text);
    for (size_t i = 0; i < count; i++) {
        struct held *held = find_id(locks, ids[i]);

        if (held)
            locks->lost(locks->arg, held->job);
    }
}

/* By identity: a job whose lock was lost may have come back to another slot of ours. */
static struct held *find_job(struct locks *locks, const struct job *job)
{
    struct held *held;

    TAILQ_FOREACH (held, &locks->held, next)
        if (held->job == job)
            return held;
    return NULL;
}

/* A job that ended while the call was under way is not there any more. */
static struct held *find_id(struct locks *locks, const char *id)
{
    struct held *held;

    TAILQ_FOREACH (held, &locks->held, next)
        if (!strcmp(held->job->id, id))
            return held;
    return NULL;
}
