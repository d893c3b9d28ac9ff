/* slot.c -- see slot.h.
 *
 *     IDLE -- take --> CONTINUING --> RUNNING -- ran --> STORING --> IDLE, or the next job
 *                         |  ^                             |  ^
 *                         +--+                             +--+
 *                     while Redis is away: again, after a pause
 *
 * CONTINUING is for the jobs of schedulers alone: the next one is made first. What is to be
 * stored is decided once and kept until Redis has taken it or has said that the job is no
 * longer ours. A call that had no answer may have been carried out; what it fetched is then
 * looked for.
 */
#include "worker/slot.h"

#include <event2/util.h>
#include <inttypes.h>
#include <stdlib.h>

#include "lib/clock.h"
#include "lib/json.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timer.h"
#include "worker/outcome.h"

enum { AGAIN_FIRST_MS = 100, AGAIN_LAST_MS = 2000 };

struct slot {
    const struct slot_config *config;
    slot_idle *idle;
    void *arg;
    bool closed;     /* takes no next job */
    bool hurried;    /* the worker has no more time: nothing is tried again */
    struct job *job; /* NULL: idle */
    enum { CONTINUING, RUNNING, STORING } stage;
    struct run *run;        /* NULL: not running */
    enum outcome_kind wish; /* RELEASE, DISCARD: whatever the run says; else COMPLETE */
    const char *why;        /* the wish; static */
    struct outcome outcome;
    bool noted;  /* the job's log has the note */
    bool unsure; /* storing had no answer before: it may have been done, and fetched */
    struct event *again;
    int again_ms;
};

static void stop(struct slot *slot, enum outcome_kind wish, const char *why);
static void continue_scheduler(struct slot *slot);
static void continued(void *arg, const struct continued *continued, const struct err *err);
static void say_stopped(const struct slot *slot, const struct err *err);
static void say_continued(const struct slot *slot, const struct continued *continued);
static void begin(struct slot *slot);
static void tell_progress(const struct slot *slot);
static void progressed(void *arg, const char *progress);
static void ran(void *arg, const char *result, const struct err *err);
static double chance(void);
static void end(struct slot *slot, enum outcome_kind kind, const char *text);
static void store(struct slot *slot);
static void note(struct slot *slot);
static void noted(void *arg, const struct err *err);
static void released(void *arg, const struct err *err);
static void stored(void *arg, const struct fetched *found, const struct err *err);
static void fail_parent(struct slot *slot, const struct err *err);
static void reclaimed(void *arg, const struct fetched *found, const struct err *err);
static bool is_away(const struct err *err);
static void try_again(struct slot *slot, const char *event, const struct err *err);
static void again(evutil_socket_t fd, short what, void *arg);
static void abandon(struct slot *slot);
static void say(const struct slot *slot, const struct err *err);
static void done(struct slot *slot, const struct fetched *found);

static const struct run_events events = {progressed, ran};

struct slot *slot_new(const struct slot_config *config, slot_idle *idle, void *arg)
{
    struct slot *slot = xcalloc(1, sizeof *slot);

    slot->config = config;
    slot->idle = idle;
    slot->arg = arg;
    slot->again = evtimer_new(config->base, again, slot);
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
    slot->wish = OUTCOME_COMPLETE;
    slot->noted = slot->unsure = false;
    slot->again_ms = AGAIN_FIRST_MS;
    locks_add(slot->config->locks, job);
    log_info("active", "job=%s name=%s attempt=%" PRId64, job->id, job->name,
             job->attempts_made + 1);
    if (job->scheduler)
        continue_scheduler(slot);
    else
        begin(slot);
}

void slot_close(struct slot *slot)
{
    slot->closed = true;
}

void slot_release(struct slot *slot)
{
    slot->hurried = true;
    if (evtimer_pending(slot->again, NULL))
        abandon(slot);
    else
        stop(slot, OUTCOME_RELEASE, "the worker stops");
}

void slot_lose(struct slot *slot, const struct job *job)
{
    if (slot->job == job)
        stop(slot, OUTCOME_DISCARD, "the job's lock was lost");
}

/* What is being stored already, Redis will judge itself. A lost lock has the last word. */
static void stop(struct slot *slot, enum outcome_kind wish, const char *why)
{
    if (!slot->job || slot->stage == STORING || slot->wish >= wish)
        return;
    slot->wish = wish;
    slot->why = why;
    if (slot->run)
        run_stop(slot->run, ERR_BUSY, why);
}

/* The job waits until its scheduler's next one is there: otherwise, with us gone, the
 * scheduler would have come to its end. */
static void continue_scheduler(struct slot *slot)
{
    slot->stage = CONTINUING;
    queue_continue(slot->config->queue, slot->job, continued, slot);
}

static void continued(void *arg, const struct continued *continued, const struct err *err)
{
    struct slot *slot = arg;

    if (err && is_away(err)) {
        try_again(slot, "schedule-again", err);
        return;
    }
    slot->again_ms = AGAIN_FIRST_MS;
    if (err)
        say_stopped(slot, err);
    else
        say_continued(slot, continued);
    begin(slot);
}

/* Where somebody will look who misses the next job: at the last one there was. */
static void say_stopped(const struct slot *slot, const struct err *err)
{
    const struct job *job = slot->job;
    char *line = xasprintf("the scheduler %s stops here, no next job was made: %s",
                           job->scheduler, err->text);

    log_error("scheduler-stopped", "job=%s scheduler=%s error=%s", job->id, job->scheduler,
              err->text);
    queue_log(slot->config->queue, job, line, NULL, NULL);
    free(line);
}

static void say_continued(const struct slot *slot, const struct continued *continued)
{
    const struct job *job = slot->job;

    switch (continued->how) {
    case SCHEDULER_CONTINUED:
        log_info("scheduled", "job=%s scheduler=%s next=%s", job->id, job->scheduler,
                 continued->next ? continued->next : "");
        break;
    case SCHEDULER_ENDED:
        log_info("scheduler-ended", "job=%s scheduler=%s", job->id, job->scheduler);
        break;
    case SCHEDULER_LEGACY:
        log_warn("scheduler-not-continued", "job=%s scheduler=%s note=%s", job->id,
                 job->scheduler, "made by add(..., {repeat}): only BullMQ 5 repeats it");
        break;
    }
}

static void begin(struct slot *slot)
{
    const struct slot_config *config = slot->config;

    slot->stage = RUNNING;
    if (slot->wish != OUTCOME_COMPLETE) {
        end(slot, slot->wish, slot->why);
    } else if (outcome_refuse(slot->job, config->max_started, &slot->outcome)) {
        store(slot);
    } else {
        if (config->progress)
            tell_progress(slot);
        slot->run = run_start(config->run, slot->job, &events, slot);
    }
}

static void tell_progress(const struct slot *slot)
{
    json_t *progress =
        json_pack("{s:s,s:s}", "stage", "running", "worker", slot->config->run->worker);
    char *text = json_write(progress, NULL);

    queue_progress(slot->config->queue, slot->job, text, NULL, NULL);
    json_decref(progress);
    free(text);
}

static void progressed(void *arg, const char *progress)
{
    const struct slot *slot = arg;

    queue_progress(slot->config->queue, slot->job, progress, NULL, NULL);
}

/* Decide what becomes of the job. */
static void ran(void *arg, const char *result, const struct err *err)
{
    struct slot *slot = arg;

    slot->run = NULL;
    if (slot->wish != OUTCOME_COMPLETE) {
        end(slot, slot->wish, slot->why);
    } else if (err) {
        outcome_of_failure(slot->job, err, slot->config->max_started, chance(),
                           &slot->outcome);
        store(slot);
    } else {
        end(slot, OUTCOME_COMPLETE, result);
    }
}

/* Evenly in [0, 1). */
static double chance(void)
{
    uint32_t random;

    evutil_secure_rng_get_bytes(&random, sizeof random);
    return random / (UINT32_MAX + 1.0);
}

static void end(struct slot *slot, enum outcome_kind kind, const char *text)
{
    outcome_set(&slot->outcome, kind, text);
    store(slot);
}

/* The note goes out before the call that ends the job, and is not waited for. */
static void store(struct slot *slot)
{
    struct queue *queue = slot->config->queue;
    const struct outcome *outcome = &slot->outcome;
    const struct job *job = slot->job;
    const struct engine *engine = slot->config->run->engine;
    bool more = !slot->closed && !(engine && engine_away(engine));

    slot->stage = STORING;
    if (!slot->noted)
        note(slot);
    switch (outcome->kind) {
    case OUTCOME_COMPLETE:
        queue_complete(queue, job, outcome->text, more, stored, slot);
        break;
    case OUTCOME_FAIL:
        queue_fail(queue, job, outcome->text, more, stored, slot);
        break;
    case OUTCOME_RETRY:
        queue_retry(queue, job, outcome->text, outcome->delay_ms, more, stored, slot);
        break;
    case OUTCOME_RELEASE:
        queue_release(queue, job, released, slot);
        break;
    case OUTCOME_DISCARD:
        say(slot, NULL);
        done(slot, NULL);
        break;
    }
}

/* Calls are answered in their order: who is heard of here is still in the slot, but for
 * DISCARD, after which no other call would tell us so. */
static void note(struct slot *slot)
{
    bool stays = slot->outcome.kind != OUTCOME_DISCARD;
    char *text = outcome_note(&slot->outcome, slot->job, slot->config->run->worker);

    if (text)
        queue_log(slot->config->queue, slot->job, text, stays ? noted : NULL, slot);
    free(text);
}

static void noted(void *arg, const struct err *err)
{
    struct slot *slot = arg;

    slot->noted = !err;
}

static void released(void *arg, const struct err *err)
{
    stored(arg, NULL, err);
}

/* A result is kept until Redis has it: the lock decides whether it still counts. */
static void stored(void *arg, const struct fetched *found, const struct err *err)
{
    struct slot *slot = arg;
    bool asked_nothing = slot->outcome.kind == OUTCOME_RETRY && !slot->outcome.delay_ms;

    if (err && is_away(err)) {
        slot->unsure = true;
        try_again(slot, "store-again", err);
        return;
    }
    if (err && err->kind == ERR_BUSY && slot->outcome.kind == OUTCOME_COMPLETE) {
        fail_parent(slot, err);
        return;
    }
    say(slot, err);
    if (err && slot->unsure)
        queue_reclaim(slot->config->queue, slot->job->token, reclaimed, slot);
    else /* retryJob does not fetch, so its answer says nothing about more work */
        done(slot, err || asked_nothing ? NULL : found);
}

/* A flow's parent cannot complete before its children. It is still ours, and has failed. */
static void fail_parent(struct slot *slot, const struct err *err)
{
    outcome_clear(&slot->outcome);
    outcome_of_failure(slot->job, err, slot->config->max_started, chance(), &slot->outcome);
    store(slot);
}

/* An earlier try may have stored the job's end and taken the next one. With Redis away
 * again storing comes first once more: that is refused as before, and leads here. */
static void reclaimed(void *arg, const struct fetched *found, const struct err *err)
{
    struct slot *slot = arg;

    if (err && is_away(err)) {
        try_again(slot, "reclaim-again", err);
        return;
    }
    if (err)
        log_warn("reclaim", "job=%s error=%s", slot->job->id, err->text);
    done(slot, found && found->job ? found : NULL);
}

static bool is_away(const struct err *err)
{
    return err->kind == ERR_BACKEND || err->kind == ERR_TIMEOUT;
}

static void try_again(struct slot *slot, const char *event, const struct err *err)
{
    if (slot->hurried) {
        abandon(slot);
        return;
    }
    log_warn(event, "job=%s after_ms=%d error=%s", slot->job->id, slot->again_ms,
             err->text);
    timer_set_ms(slot->again, slot->again_ms);
    slot->again_ms *= 2;
    if (slot->again_ms > AGAIN_LAST_MS)
        slot->again_ms = AGAIN_LAST_MS;
}

static void again(evutil_socket_t fd, short what, void *arg)
{
    struct slot *slot = arg;

    if (slot->stage == CONTINUING)
        continue_scheduler(slot);
    else
        store(slot);
}

/* Redis is away and there is no more time: the stalled check will find the job. */
static void abandon(struct slot *slot)
{
    evtimer_del(slot->again);
    outcome_clear(&slot->outcome);
    end(slot, OUTCOME_DISCARD, "Redis is away, and the worker stops");
}

static void say(const struct slot *slot, const struct err *err)
{
    const struct job *job = slot->job;
    const struct outcome *outcome = &slot->outcome;

    if (err && slot->unsure)
        log_warn("discarded", "job=%s reason=%s note=%s", job->id, err->text,
                 "an earlier try may have stored it");
    else if (err || outcome->kind == OUTCOME_DISCARD)
        log_warn("discarded", "job=%s reason=%s", job->id, err ? err->text : outcome->text);
    else if (outcome->kind == OUTCOME_COMPLETE)
        log_info("completed", "job=%s ms=%" PRId64, job->id,
                 clock_ms() - job->processed_on);
    else if (outcome->kind == OUTCOME_FAIL)
        log_warn("failed", "job=%s reason=%s", job->id, outcome->text);
    else if (outcome->kind == OUTCOME_RETRY)
        log_warn("retried", "job=%s delay_ms=%" PRId64 " reason=%s", job->id,
                 outcome->delay_ms, outcome->text);
    else
        log_info("released", "job=%s", job->id);
}

static void done(struct slot *slot, const struct fetched *found)
{
    struct job *next = found ? found->job : NULL;

    locks_remove(slot->config->locks, slot->job);
    job_free(slot->job);
    slot->job = NULL;
    outcome_clear(&slot->outcome);
    if (!next) {
        slot->idle(slot->arg, found);
        return;
    }
    slot_take(slot, next);
    if (slot->closed)
        slot_release(slot); /* it was asked for before */
}
