/* finish.c -- see queue.h and finish.h: the ends of jobs.
 *
 * A failure goes out at once, and so does a completion after which nothing more is wanted.
 * Other completions wait for the end of this round of the event loop, for nothing longer:
 * what one readable socket or one turn of the clock has ended is known by then. One alone
 * goes as it would have gone.
 */
#include "queue/finish.h"

#include <assert.h>
#include <string.h>

#include "lib/clock.h"
#include "lib/timer.h"
#include "queue/ask.h"

/* Of one call: Redis serves nobody else meanwhile. */
enum { TOGETHER_MAX = 32, TOGETHER_BYTES = 1 << 20 };

static struct ask *ask_end(struct queue *queue, const struct job *job,
                           const struct keep *keep, const struct keep *otherwise);
static void finish(struct ask *ask);
static void collect(struct ends *ends, struct ask *ask);
static bool fits(const struct ends *ends, const struct ask *ask);
static bool same_keep(const struct keep *a, const struct keep *b);
static void send_ends(evutil_socket_t fd, short what, void *arg);
static void finish_together(struct queue *queue, const struct ask *first);
static void heard_together(void *arg, const redisReply *reply, const struct err *err);
static void hear_one(struct ask *ask, const redisReply *reply);
static void pack_options(struct pack *pack, const struct ask *ask);

void ends_init(struct ends *ends, struct event_base *base, struct queue *queue)
{
    TAILQ_INIT(&ends->asks);
    ends->send = base ? evtimer_new(base, send_ends, queue) : NULL;
}

void ends_free(struct ends *ends)
{
    assert(TAILQ_EMPTY(&ends->asks));
    if (ends->send)
        event_free(ends->send);
}

void queue_complete(struct queue *queue, const struct job *job, const char *value,
                    bool fetch_next, queue_fetched *fetched, void *arg)
{
    struct ask *ask = ask_end(queue, job, &job->opts.on_complete, &queue->on_complete);

    ask->arg = arg;
    ask->hear.fetched = fetched;
    ask->ending.value = arena_text(ask->arena, value);
    ask->ending.fetch_next = fetch_next;
    if (queue->ends.send && fetch_next)
        collect(&queue->ends, ask);
    else
        finish(ask);
}

void queue_fail(struct queue *queue, const struct job *job, const char *reason,
                bool fetch_next, queue_fetched *fetched, void *arg)
{
    struct ask *ask = ask_end(queue, job, &job->opts.on_fail, &queue->on_fail);

    ask->arg = arg;
    ask->hear.fetched = fetched;
    ask->ending.reason = reason;
    ask->ending.fetch_next = fetch_next;
    ask_pack_failure(&ask->packs[1], job, reason);
    finish(ask);
}

static struct ask *ask_end(struct queue *queue, const struct job *job,
                           const struct keep *keep, const struct keep *otherwise)
{
    struct ask *ask = ask_new(queue, NULL);

    ask->id = arena_text(ask->arena, job->id);
    ask->token = arena_text(ask->arena, job->token);
    ask->ending.keep = keep->given ? *keep : *otherwise;
    ask->ending.attempts = job->opts.attempts;
    return ask;
}

static void finish(struct ask *ask)
{
    const struct keys *k = &ask->queue->keys;
    const char *reason = ask->ending.reason;
    const char *const keys[] = {
        k->wait,
        k->active,
        k->prioritized,
        k->events,
        k->stalled,
        k->limiter,
        k->delayed,
        k->paused,
        k->meta,
        k->pc,
        reason ? k->failed : k->completed,
        keys_job(k, ask->id, ask->arena),
        reason ? k->metrics_failed : k->metrics_completed,
        k->marker,
    };

    ask_keys(ask, keys, COUNT(keys));
    script_arg(&ask->args, ask->id);
    script_arg_int(&ask->args, clock_ms());
    script_arg(&ask->args, reason ? "failedReason" : "returnvalue");
    script_arg(&ask->args, reason ? reason : ask->ending.value);
    script_arg(&ask->args, reason ? "failed" : "completed");
    script_arg(&ask->args, ask->ending.fetch_next ? "1" : "0");
    script_arg(&ask->args, k->base);
    pack_options(&ask->packs[0], ask);
    ask_pack(ask, &ask->packs[0]);
    ask_pack(ask, &ask->packs[1]);
    ask_send(ask, "moveToFinished", ask_fetched);
}

static void collect(struct ends *ends, struct ask *ask)
{
    if (!fits(ends, ask))
        send_ends(-1, 0, ask->queue);
    TAILQ_INSERT_TAIL(&ends->asks, ask, next);
    ends->count++;
    ends->bytes += strlen(ask->ending.value);
    timer_now(ends->send);
}

static bool fits(const struct ends *ends, const struct ask *ask)
{
    const struct ask *first = TAILQ_FIRST(&ends->asks);

    return !first || (same_keep(&first->ending.keep, &ask->ending.keep) &&
                      ends->count < TOGETHER_MAX &&
                      ends->bytes + strlen(ask->ending.value) <= TOGETHER_BYTES);
}

static bool same_keep(const struct keep *a, const struct keep *b)
{
    return a->count == b->count && a->age_s == b->age_s && a->limit == b->limit;
}

static void send_ends(evutil_socket_t fd, short what, void *arg)
{
    struct queue *queue = arg;
    struct ends *ends = &queue->ends;
    struct ask *first = TAILQ_FIRST(&ends->asks);

    if (!first)
        return;
    if (ends->count == 1) {
        TAILQ_REMOVE(&ends->asks, first, next);
        finish(first);
    } else {
        finish_together(queue, first);
    }
    ends->count = 0;
    ends->bytes = 0;
}

/* All that there are, of which this is the first. */
static void finish_together(struct queue *queue, const struct ask *first)
{
    const struct keys *k = &queue->keys;
    const char *const keys[] = {
        k->wait,    k->active,  k->prioritized, k->events,
        k->stalled, k->limiter, k->delayed,     k->paused,
        k->meta,    k->pc,      k->completed,   k->metrics_completed,
        k->marker,
    };
    struct ask *ask = ask_new(queue, NULL);
    struct pack *options = &ask->packs[0], *ends = &ask->packs[1];
    const struct ask *end;

    pack_options(options, first);
    pack_array(ends, 3 * queue->ends.count);
    TAILQ_FOREACH (end, &queue->ends.asks, next) {
        pack_text(ends, end->id);
        pack_text(ends, end->token);
        pack_text(ends, end->ending.value);
    }
    ask_keys(ask, keys, COUNT(keys));
    script_arg(&ask->args, k->base);
    script_arg_int(&ask->args, clock_ms());
    ask_pack(ask, options);
    ask_pack(ask, ends);
    ask->count = queue->ends.count;
    TAILQ_INIT(&ask->together);
    TAILQ_CONCAT(&ask->together, &queue->ends.asks, next);
    ask_send(ask, "finishJobs", heard_together);
}

/* Each job has its answer in an array, or the call had none. */
static void heard_together(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg, *end;
    struct err odd;
    size_t i = 0;

    if (!err && (reply->type != REDIS_REPLY_ARRAY || reply->elements != ask->count)) {
        err_set(&odd, ERR_BUG, "finishJobs did not answer for each job");
        err = &odd;
    }
    while ((end = TAILQ_FIRST(&ask->together))) {
        TAILQ_REMOVE(&ask->together, end, next);
        end->script = ask->script;
        if (err)
            ask_fetched(end, reply, err);
        else
            hear_one(end, reply->element[i++]);
    }
    ask_free(ask);
}

static void hear_one(struct ask *ask, const redisReply *reply)
{
    struct err err;

    if (reply->type != REDIS_REPLY_ERROR) {
        ask_fetched(ask, reply, NULL);
        return;
    }
    err_set(&err, ERR_BUG, "%s (job %s)", reply->str, ask->id);
    ask_fetched(ask, reply, &err);
}

/* What both scripts want to know; to finishJobs one token means nothing. */
static void pack_options(struct pack *pack, const struct ask *ask)
{
    const struct queue *queue = ask->queue;

    ask_pack_fetch(pack, queue, ask->token, 3);
    pack_text(pack, "keepJobs");
    keep_pack(&ask->ending.keep, pack);
    pack_text(pack, "attempts");
    pack_int(pack, ask->ending.attempts);
    pack_text(pack, "maxMetricsSize");
    pack_int(pack, queue->metrics_size);
}
