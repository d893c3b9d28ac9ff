/* worker.c -- see worker.h.
 *
 *     look: an idle slot, and  not drained -> fetch -> a job: the slot takes it, look again
 *                                                   -> none: drained
 *                              drained     -> wait for the marker -> due: not drained
 *           while the engine is away: ask whether it is back, ever more rarely; an answer,
 *           whatever it is -> one fetch
 *
 * Events of any kind (a slot falls idle, a fetch or a wait ends, a link comes back, a pause
 * is over) only note what they say and call look(), which decides.
 */
#include "worker/worker.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/log.h"
#include "lib/mem.h"
#include "lib/timer.h"
#include "worker/slot.h"
#include "worker/sweep.h"

enum {
    BLOCK_MIN_MS = 2,     /* shorter ones Redis before 7.0.8 takes for "for ever" */
    BLOCK_MAX_MS = 10000, /* with a delayed job known */
    TROUBLE_MS = 1000,    /* after an error, so that nothing spins */
    PROBE_MS = 100,       /* after an engine was found away; then twice that, */
    PROBE_MAX_MS = 5000,  /* and at most this */
    TIDY_POLL_MS = 20,
    TIDY_MAX_MS = 8000,
};

struct worker {
    struct worker_config config;
    struct queue *queue;
    struct redis *blocking;
    const struct run_config *run;
    void (*stopped)(void *arg);
    void *arg;

    struct slot_config slot_config;
    struct slot **slots;
    struct locks *locks;
    struct sweep *sweep;
    char uuid[37];             /* of this worker, for the lock tokens */
    unsigned long long tokens; /* handed out */
    char token[64];            /* of the latest fetch */
    bool unsure;               /* that had no answer: it may have taken a job */
    bool started;
    bool stopping;
    bool fetching, waiting; /* a call is under way */
    bool probing;           /* the engine is asked whether it is back */
    bool trial;             /* it is not, and one job may try its luck */
    int64_t probe_ms;       /* the latest pause for it; 0: it was not away */
    bool troubled;          /* the last fetch failed, and it was said */
    bool deaf;              /* the last wait failed, and it was said */
    bool drained;           /* the last fetch found nothing */
    double next_ms;         /* the first delayed job is due; 0: none known */
    struct event *pause;    /* pending: no looking for work till then */
    struct event *grace;
    struct event *tidy;
    int64_t tidy_until_us;
};

static void look(struct worker *worker);
static bool engine_is_away(const struct worker *worker);
static void probe(struct worker *worker);
static void probed(void *arg, const struct err *err);
static struct slot *idle_slot(const struct worker *worker);
static void fetch(struct worker *worker);
static void fetched(void *arg, const struct fetched *found, const struct err *err);
static void reclaimed(void *arg, const struct fetched *found, const struct err *err);
static void heard_fetch(struct worker *worker, struct job *job, const struct err *err);
static void wait_for_marker(struct worker *worker);
static void woken(void *arg, double at_ms, const struct err *err);
static void idle(void *arg, const struct fetched *found);
static void note(struct worker *worker, const struct fetched *found);
static void pause_for(struct worker *worker, int64_t ms);
static void pause_over(evutil_socket_t fd, short what, void *arg);
static void lost(void *arg, const struct job *job);
static void grace_over(evutil_socket_t fd, short what, void *arg);
static void tidy(evutil_socket_t fd, short what, void *arg);
static void make_uuid(char *text);

struct worker *worker_new(struct event_base *base, const struct worker_config *config,
                          struct queue *queue, struct redis *blocking,
                          const struct run_config *run, void (*stopped)(void *arg),
                          void *arg)
{
    struct worker *worker = xcalloc(1, sizeof *worker);

    worker->config = *config;
    worker->queue = queue;
    worker->blocking = blocking;
    worker->run = run;
    worker->stopped = stopped;
    worker->arg = arg;
    make_uuid(worker->uuid);
    worker->locks = locks_new(base, queue, config->lock_renew_ms / 2, lost, worker);
    worker->sweep = sweep_new(base, queue, run->engine, config->stalled_interval_ms,
                              config->max_stalled_count);
    worker->pause = evtimer_new(base, pause_over, worker);
    worker->grace = evtimer_new(base, grace_over, worker);
    worker->tidy = evtimer_new(base, tidy, worker);
    worker->slot_config = (struct slot_config){
        base, queue, worker->locks, run, config->max_started, config->progress};
    worker->slots = xcalloc((size_t)config->concurrency, sizeof(void *));
    for (int i = 0; i < config->concurrency; i++)
        worker->slots[i] = slot_new(&worker->slot_config, idle, worker);
    return worker;
}

void worker_free(struct worker *worker)
{
    if (!worker)
        return;
    for (int i = 0; i < worker->config.concurrency; i++)
        slot_free(worker->slots[i]);
    free(worker->slots);
    locks_free(worker->locks);
    sweep_free(worker->sweep);
    event_free(worker->pause);
    event_free(worker->grace);
    event_free(worker->tidy);
    free(worker);
}

void worker_linked(struct worker *worker)
{
    if (!worker->started)
        sweep_now(worker->sweep);
    worker->started = true;
    worker->drained = false;
    evtimer_del(worker->pause);
    look(worker);
}

static void look(struct worker *worker)
{
    if (worker->stopping || worker->fetching || worker->probing || !worker->started ||
        evtimer_pending(worker->pause, NULL) || !idle_slot(worker))
        return;
    if (engine_is_away(worker) && !worker->trial)
        probe(worker);
    else if (!worker->drained)
        fetch(worker);
    else if (!worker->waiting)
        wait_for_marker(worker);
}

static bool engine_is_away(const struct worker *worker)
{
    return worker->run->engine && engine_away(worker->run->engine);
}

/* A worker that cannot run jobs would fail them faster than others could run them. If there
 * is no other, they fail all the same, by their attempts, and say why. */
static void probe(struct worker *worker)
{
    if (!worker->probe_ms)
        log_warn("fetching-slowly", "note=%s",
                 "a job is tried now and then until the engine is back");
    worker->probing = true;
    engine_check(worker->run->engine, probed, worker);
}

static void probed(void *arg, const struct err *err)
{
    struct worker *worker = arg;

    worker->probing = false;
    worker->probe_ms = worker->probe_ms ? worker->probe_ms * 2 : PROBE_MS;
    if (worker->probe_ms > PROBE_MAX_MS)
        worker->probe_ms = PROBE_MAX_MS;
    worker->trial = engine_is_away(worker);
    if (worker->trial) {
        pause_for(worker, worker->probe_ms);
    } else {
        worker->probe_ms = 0;
        worker->drained = false;
        log_info("fetching", "note=%s", "the engine is back");
    }
    look(worker);
    if (worker->stopping)
        timer_set_us(worker->tidy, 0);
}

static struct slot *idle_slot(const struct worker *worker)
{
    for (int i = 0; i < worker->config.concurrency; i++)
        if (!slot_busy(worker->slots[i]))
            return worker->slots[i];
    return NULL;
}

/* What an unanswered fetch may have taken comes first: nobody else knows of it. */
static void fetch(struct worker *worker)
{
    worker->fetching = true;
    if (worker->unsure) {
        queue_reclaim(worker->queue, worker->token, reclaimed, worker);
        return;
    }
    snprintf(worker->token, sizeof worker->token, "%s:%llu", worker->uuid,
             worker->tokens++);
    queue_fetch(worker->queue, worker->token, fetched, worker);
}

static void fetched(void *arg, const struct fetched *found, const struct err *err)
{
    struct worker *worker = arg;

    worker->unsure = err && (err->kind == ERR_TIMEOUT || err->kind == ERR_BACKEND);
    if (!err && !found->job)
        note(worker, found);
    heard_fetch(worker, err ? NULL : found->job, err);
}

static void reclaimed(void *arg, const struct fetched *found, const struct err *err)
{
    struct worker *worker = arg;

    worker->unsure = err;
    if (!err && found->job)
        log_info("reclaimed", "job=%s", found->job->id);
    heard_fetch(worker, err ? NULL : found->job, err);
}

/* Only one fetch is under way at a time, and no slot takes a job but from it: there is a
 * slot for the job. */
static void heard_fetch(struct worker *worker, struct job *job, const struct err *err)
{
    struct slot *slot = idle_slot(worker);

    worker->fetching = false;
    if (err && !worker->troubled)
        log_warn("fetch", "error=%s", err->text);
    worker->troubled = err;
    if (err)
        pause_for(worker, TROUBLE_MS);
    if (job) {
        worker->trial = false;
        assert(slot);
        worker->drained = false;
        slot_take(slot, job);
        if (worker->stopping)
            slot_release(slot);
    }
    look(worker);
    if (worker->stopping)
        timer_set_us(worker->tidy, 0);
}

static void wait_for_marker(struct worker *worker)
{
    double block_ms = worker->config.drain_delay_ms;

    if (worker->next_ms > 0) {
        block_ms = worker->next_ms - (double)clock_ms();
        if (block_ms <= 0) {
            fetch(worker);
            return;
        }
        if (block_ms > BLOCK_MAX_MS)
            block_ms = BLOCK_MAX_MS;
    }
    worker->waiting = true;
    queue_wait(worker->queue, worker->blocking,
               block_ms < BLOCK_MIN_MS ? BLOCK_MIN_MS : (int)block_ms, woken, worker);
}

static void woken(void *arg, double at_ms, const struct err *err)
{
    struct worker *worker = arg;

    worker->waiting = false;
    if (worker->stopping)
        return;
    if (err && !worker->deaf)
        log_warn("wait", "error=%s note=%s", err->text, "work is looked for now and then");
    worker->deaf = err;
    if (err)
        pause_for(worker, TROUBLE_MS);
    if (!err && at_ms > (double)clock_ms())
        worker->next_ms = at_ms; /* nothing before then */
    else
        worker->drained = false;
    look(worker);
}

static void idle(void *arg, const struct fetched *found)
{
    struct worker *worker = arg;

    if (found)
        note(worker, found);
    look(worker);
    if (worker->stopping)
        timer_set_us(worker->tidy, 0);
}

/* There was no job; what else was said. */
static void note(struct worker *worker, const struct fetched *found)
{
    int64_t limited_max_ms = worker->config.limited_max_ms;

    worker->drained = true;
    worker->next_ms = (double)found->next_ms;
    if (found->limited_ms > 0) {
        worker->drained = false;
        pause_for(worker,
                  found->limited_ms < limited_max_ms ? found->limited_ms : limited_max_ms);
    }
}

static void pause_for(struct worker *worker, int64_t ms)
{
    timer_set_ms(worker->pause, ms);
}

static void pause_over(evutil_socket_t fd, short what, void *arg)
{
    look(arg);
}

static void lost(void *arg, const struct job *job)
{
    struct worker *worker = arg;

    log_warn("lock-lost", "job=%s", job->id);
    for (int i = 0; i < worker->config.concurrency; i++)
        slot_lose(worker->slots[i], job);
}

void worker_stop(struct worker *worker, int grace_ms)
{
    if (worker->stopping)
        grace_ms = 0;
    worker->stopping = true;
    for (int i = 0; i < worker->config.concurrency; i++)
        slot_close(worker->slots[i]);
    timer_set_ms(worker->grace, grace_ms);
    timer_set_us(worker->tidy, 0);
}

static void grace_over(evutil_socket_t fd, short what, void *arg)
{
    struct worker *worker = arg;

    for (int i = 0; i < worker->config.concurrency; i++)
        slot_release(worker->slots[i]);
}

/* Once all slots are idle, give the last sandboxes a while to be gone. */
static void tidy(evutil_socket_t fd, short what, void *arg)
{
    struct worker *worker = arg;

    if (worker->fetching || worker->probing)
        return;
    for (int i = 0; i < worker->config.concurrency; i++)
        if (slot_busy(worker->slots[i]))
            return;
    if (!worker->tidy_until_us)
        worker->tidy_until_us = clock_mono_us() + TIDY_MAX_MS * 1000LL;
    if (worker->run->engine && engine_busy(worker->run->engine) &&
        clock_mono_us() < worker->tidy_until_us) {
        timer_set_ms(worker->tidy, TIDY_POLL_MS);
        return;
    }
    evtimer_del(worker->grace);
    worker->stopped(worker->arg);
}

/* A version 4 UUID (RFC 9562). */
static void make_uuid(char *text)
{
    unsigned char b[16];

    if (getentropy(b, sizeof b))
        abort(); /* two workers with one token would finish each other's jobs */
    b[6] = (b[6] & 0x0f) | 0x40;
    b[8] = (b[8] & 0x3f) | 0x80;
    snprintf(text, 37,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0],
             b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12],
             b[13], b[14], b[15]);
}
