/* slot.c -- see slot.h.
 *
 *     IDLE -- take --> RUNNING -- ran --> STORING -- stored --> IDLE, or RUNNING the next
 *                                          ^   |
 *                                          +---+  Redis is away: again, after a while
 *
 * What is to be stored is decided once, in ran(), and kept until Redis has taken it or has
 * said that the job is no longer ours.
 */
#include "worker/slot.h"

#include <event2/util.h>
#include <inttypes.h>
#include <stdlib.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timer.h"

enum { STORE_AGAIN_FIRST_MS = 100, STORE_AGAIN_LAST_MS = 2000 };

/* What becomes of the job. */
enum ending { COMPLETE, FAIL, RETRY, RELEASE, DISCARD };

struct slot {
    const struct slot_config *config;
    slot_idle *idle;
    void *arg;
    struct job *job;  /* NULL: idle */
    struct run *run;  /* NULL: not running */
    bool closed;      /* takes no next job */
    bool hurried;     /* the worker has no more time: nothing is tried again */
    enum ending wish; /* RELEASE, DISCARD: said while it ran; else COMPLETE */
    enum ending ending;
    char *text;       /* return value or reason */
    int64_t delay_ms; /* RETRY */
    struct event *again;
    int again_ms;
};

static void ran(void *arg, const char *result, const struct err *err);
static void fail_or_retry(struct slot *slot, const struct err *err);
static double chance(void);
static void end(struct slot *slot, enum ending ending, const char *text);
static void store(evutil_socket_t fd, short what, void *arg);
static void released(void *arg, const struct err *err);
static void stored(void *arg, const struct fetched *found, const struct err *err);
static void abandon(struct slot *slot);
static void say(const struct slot *slot, const struct err *err);
static void done(struct slot *slot, const struct fetched *found);

struct slot *slot_new(const struct slot_config *config, slot_idle *idle, void *arg)
{
    struct slot *slot = xcalloc(1, sizeof *slot);

    slot->config = config;
    slot->idle = idle;
    slot->arg = arg;
    slot->again = evtimer_new(config->base, store, slot);
    return slot;
}

void slot_free(struct slot *slot)
{
    event_free(slot->again);
    free(slot);
}

bool slot_busy(const struct slot *slot)
{
    return slot->job;
}

void slot_take(struct slot *slot, struct job *job)
{
    slot->job = job;
    slot->wish = COMPLETE;
    slot->again_ms = STORE_AGAIN_FIRST_MS;
    locks_add(slot->config->locks, job);
    log_info("active", "job=%s name=%s attempt=%" PRId64, job->id, job->name,
             job->attempts_made + 1);
    if (job->scheduler)
        log_warn("scheduler-not-continued", "job=%s scheduler=%s", job->id, job->scheduler);
    if (job->deferred_fail)
        end(slot, FAIL, job->deferred_fail);
    else
        slot->run = run_start(slot->config->run, job, ran, slot);
}

void slot_close(struct slot *slot)
{
    slot->closed = true;
}

void slot_release(struct slot *slot)
{
    slot->hurried = true;
    if (slot->run) {
        if (slot->wish == COMPLETE)
            slot->wish = RELEASE;
        run_stop(slot->run, ERR_BUSY, "the worker stops");
    } else if (evtimer_pending(slot->again, NULL)) {
        evtimer_del(slot->again);
        abandon(slot);
    }
}

void slot_lose(struct slot *slot, const struct job *job)
{
    if (slot->job != job || !slot->run)
        return; /* what is being stored already, Redis will judge itself */
    slot->wish = DISCARD;
    run_stop(slot->run, ERR_BUSY, "the job's lock was lost");
}

/* Decide what becomes of the job. */
static void ran(void *arg, const char *result, const struct err *err)
{
    struct slot *slot = arg;

    slot->run = NULL;
    if (slot->wish != COMPLETE)
        end(slot, slot->wish, err ? err->text : "");
    else if (err)
        fail_or_retry(slot, err);
    else
        end(slot, COMPLETE, result);
}

/* A job that can never run fails at once; when it is we who failed, it has its attempts. */
static void fail_or_retry(struct slot *slot, const struct err *err)
{
    const struct job *job = slot->job;
    int64_t made = job->attempts_made + 1;
    char *reason;

    if (err->kind == ERR_INVALID || made >= job->opts.attempts) {
        end(slot, FAIL, err->text);
    } else if (job->opts.backoff == BACKOFF_UNKNOWN) {
        reason = xasprintf("%s (no retry: this worker knows no backoff \"%.60s\")",
                           err->text, job->opts.backoff_name);
        end(slot, FAIL, reason);
        free(reason);
    } else {
        slot->delay_ms = opts_backoff_ms(&job->opts, made, chance());
        end(slot, RETRY, err->text);
    }
}

/* Evenly in [0, 1). */
static double chance(void)
{
    uint32_t random;

    evutil_secure_rng_get_bytes(&random, sizeof random);
    return random / (UINT32_MAX + 1.0);
}

static void end(struct slot *slot, enum ending ending, const char *text)
{
    slot->ending = ending;
    slot->text = xstrdup(text);
    store(-1, 0, slot);
}

static void store(evutil_socket_t fd, short what, void *arg)
{
    struct slot *slot = arg;
    struct queue *queue = slot->config->queue;
    bool more = !slot->closed;

    switch (slot->ending) {
    case COMPLETE:
        queue_complete(queue, slot->job, slot->text, more, stored, slot);
        break;
    case FAIL:
        queue_fail(queue, slot->job, slot->text, more, stored, slot);
        break;
    case RETRY:
        queue_retry(queue, slot->job, slot->text, slot->delay_ms, more, stored, slot);
        break;
    case RELEASE:
        queue_release(queue, slot->job, released, slot);
        break;
    case DISCARD:
        say(slot, NULL);
        done(slot, NULL);
        break;
    }
}

static void released(void *arg, const struct err *err)
{
    stored(arg, NULL, err);
}

/* A result is kept until Redis has it: the lock decides whether it still counts. */
static void stored(void *arg, const struct fetched *found, const struct err *err)
{
    struct slot *slot = arg;

    if (err && (err->kind == ERR_BACKEND || err->kind == ERR_TIMEOUT)) {
        if (slot->hurried) {
            abandon(slot);
            return;
        }
        log_warn("store-again", "job=%s after_ms=%d error=%s", slot->job->id,
                 slot->again_ms, err->text);
        timer_set_ms(slot->again, slot->again_ms);
        if (slot->again_ms < STORE_AGAIN_LAST_MS)
            slot->again_ms *= 2;
        return;
    }
    say(slot, err);
    /* retryJob does not fetch, so its answer says nothing about more work. */
    done(slot, err || (slot->ending == RETRY && !slot->delay_ms) ? NULL : found);
}

/* Redis is away and there is no more time: the stalled check will find the job. */
static void abandon(struct slot *slot)
{
    free(slot->text);
    end(slot, DISCARD, "Redis is away, and the worker stops");
}

static void say(const struct slot *slot, const struct err *err)
{
    const struct job *job = slot->job;

    if (err || slot->ending == DISCARD)
        log_warn("discarded", "job=%s reason=%s", job->id, err ? err->text : slot->text);
    else if (slot->ending == COMPLETE)
        log_info("completed", "job=%s ms=%" PRId64, job->id,
                 clock_ms() - job->processed_on);
    else if (slot->ending == FAIL)
        log_warn("failed", "job=%s reason=%s", job->id, slot->text);
    else if (slot->ending == RETRY)
        log_warn("retried", "job=%s delay_ms=%" PRId64 " reason=%s", job->id,
                 slot->delay_ms, slot->text);
    else
        log_info("released", "job=%s", job->id);
}

static void done(struct slot *slot, const struct fetched *found)
{
    struct job *next = found ? found->job : NULL;

    locks_remove(slot->config->locks, slot->job);
    job_free(slot->job);
    slot->job = NULL;
    free(slot->text);
    slot->text = NULL;
    if (!next) {
        slot->idle(slot->arg, found);
        return;
    }
    slot_take(slot, next);
    if (slot->closed)
        slot_release(slot); /* it was asked for before */
}
