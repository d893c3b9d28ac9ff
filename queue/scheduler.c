/* scheduler.c -- the queue's verb that keeps a job scheduler going.
 *
 *     what is it? -> when is the next job due, with which options? -> updateJobScheduler
 *
 * The script does nothing when the job at hand is not its scheduler's present one, and so
 * does the same however often it is called.
 */
#include "lib/clock.h"
#include "queue/ask.h"
#include "queue/repeat.h"

static void heard_kind(void *arg, const redisReply *reply, const struct err *err);
static bool has(const redisReply *reply, size_t field);
static void update(struct ask *ask, const struct repeat *repeat);
static void heard_updated(void *arg, const redisReply *reply, const struct err *err);
static void tell(struct ask *ask, const struct continued *continued, const struct err *err);

void queue_continue(struct queue *queue, const struct job *job, queue_continued *continued,
                    void *arg)
{
    struct ask *ask = ask_new(queue, arg);

    ask->hear.continued = continued;
    ask->job = job;
    redis_callf(queue->redis, 0, heard_kind, ask, "HMGET %s:%s name ic", queue->keys.repeat,
                job->scheduler);
}

/* The hash of a repeatable job of BullMQ 5 has a name, but no `ic`. */
static void heard_kind(void *arg, const redisReply *reply, const struct err *err)
{
    const struct continued removed = {.how = SCHEDULER_CONTINUED};
    const struct continued legacy = {.how = SCHEDULER_LEGACY};
    const struct continued ended = {.how = SCHEDULER_ENDED};
    struct ask *ask = arg;
    struct repeat repeat;
    struct err failed;

    if (err)
        tell(ask, NULL, err);
    else if (!has(reply, 0))
        tell(ask, &removed, NULL);
    else if (!has(reply, 1))
        tell(ask, &legacy, NULL);
    else if (repeat_next(ask->job, clock_ms(), &repeat, &failed))
        tell(ask, NULL, &failed);
    else if (repeat.ended)
        tell(ask, &ended, NULL);
    else
        update(ask, &repeat);
}

static bool has(const redisReply *reply, size_t field)
{
    return reply->type == REDIS_REPLY_ARRAY && field < reply->elements &&
           reply->element[field]->type == REDIS_REPLY_STRING;
}

static void update(struct ask *ask, const struct repeat *repeat)
{
    const struct keys *k = &ask->queue->keys;
    const char *const keys[] = {
        k->repeat,
        k->delayed,
        k->wait,
        k->paused,
        k->meta,
        k->prioritized,
        k->marker,
        k->id,
        k->events,
        k->pc,
        keys_job(k, ask->job->id, ask->arena),
        k->active,
    };

    ask_keys(ask, keys, COUNT(keys));
    script_arg_int(&ask->args, repeat->due_ms);
    script_arg(&ask->args, ask->job->scheduler);
    script_arg(&ask->args, "{}"); /* the scheduler has its own data */
    ask->packs[0] = repeat->opts;
    ask_pack(ask, &ask->packs[0]);
    script_arg_int(&ask->args, clock_ms());
    script_arg(&ask->args, k->base);
    script_arg(&ask->args, ask->job->id);
    ask_send(ask, "updateJobScheduler", heard_updated);
}

static void heard_updated(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct continued continued = {.how = SCHEDULER_CONTINUED};
    struct err refused;

    if (!err && ask_refused(ask, reply, &refused))
        err = &refused;
    if (!err && reply->type == REDIS_REPLY_STRING)
        continued.next = reply->str;
    tell(ask, &continued, err);
}

static void tell(struct ask *ask, const struct continued *continued, const struct err *err)
{
    ask->hear.continued(ask->arg, err ? NULL : continued, err);
    ask_free(ask);
}
