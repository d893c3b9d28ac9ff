/* list.c -- see list.h. */
#include "queue/list.h"

#include <string.h>

#include "queue/ask.h"

#define DELAYED_STEPS 4096 /* a delayed job's score is its time * this, plus an order */

const char *const queue_states[] = {
    "waiting", "prioritized", "delayed", "waiting-children",
    "active",  "completed",   "failed",  NULL,
};

static void ask_state(struct ask *ask, const char *id, redis_replied *heard);
static void heard_exists(void *arg, const redisReply *reply, const struct err *err);
static void heard_state(void *arg, const redisReply *reply, const struct err *err);
static void heard_jobs(void *arg, const redisReply *reply, const struct err *err);
static void heard_hash(void *arg, const redisReply *reply, const struct err *err);
static void heard_place(void *arg, const redisReply *reply, const struct err *err);
static void heard_due(void *arg, const redisReply *reply, const struct err *err);
static void heard_lock(void *arg, const redisReply *reply, const struct err *err);
static void heard_logs(void *arg, const redisReply *reply, const struct err *err);
static void heard_log_count(void *arg, const redisReply *reply, const struct err *err);
static void heard_children(void *arg, const redisReply *reply, const struct err *err);
static void heard_pending(void *arg, const redisReply *reply, const struct err *err);
static void inspected_part(struct ask *ask, const struct err *err);
static enum queue_state state_of(const redisReply *reply);
static bool is_missing(const redisReply *timestamp, const struct err *err);
static struct texts texts_of(const redisReply *reply, struct arena *arena);

const char *queue_state_name(enum queue_state state)
{
    return state == STATE_UNKNOWN ? "unknown" : queue_states[state];
}

const char *queue_state_key(enum queue_state state)
{
    return state == STATE_WAITING ? "wait" : queue_state_name(state);
}

void queue_find(struct queue *queue, const char *id, queue_found *found, void *arg)
{
    struct ask *ask = ask_new(queue, arg);

    ask->hear.found = found;
    ask->id = arena_text(ask->arena, id);
    redis_callf(queue->redis, 0, heard_exists, ask, "HEXISTS %s timestamp",
                keys_job(&queue->keys, id, ask->arena));
}

static void heard_exists(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct err missing;

    if (is_missing(reply, err)) {
        err_set(&missing, ERR_MISSING, "there is no job %.100s", ask->id);
        err = &missing;
    }
    if (!err) {
        ask_state(ask, ask->id, heard_state);
        return;
    }
    ask->hear.found(ask->arg, STATE_UNKNOWN, err);
    ask_free(ask);
}

static void ask_state(struct ask *ask, const char *id, redis_replied *heard)
{
    const struct keys *k = &ask->queue->keys;
    const char *const keys[] = {k->completed,        k->failed,     k->delayed,
                                k->active,           k->wait,       k->paused,
                                k->waiting_children, k->prioritized};

    ask_keys(ask, keys, COUNT(keys));
    script_arg(&ask->args, id);
    ask_send(ask, "getStateV2", heard);
}

static void heard_state(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;

    ask->hear.found(ask->arg, err ? STATE_UNKNOWN : state_of(reply), err);
    ask_free(ask);
}

void queue_list(struct queue *queue, const struct queue_page *page, queue_listed *listed,
                void *arg)
{
    struct ask *ask = ask_new(queue, arg);

    ask->hear.listed = listed;
    script_arg(&ask->args, queue->keys.base);
    script_arg_int(&ask->args, page->offset);
    script_arg_int(&ask->args, page->offset + page->limit - 1);
    script_arg(&ask->args, page->oldest_first ? "1" : "0");
    script_arg(&ask->args, "5"); /* rounds to find others for jobs that are gone */
    script_arg(&ask->args, queue_state_key(page->state));
    ask_send(ask, "getJobs", heard_jobs);
}

/* One list of [id, hash], since one state was asked for. */
static void heard_jobs(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    const redisReply *found = !err && reply->elements == 1 ? reply->element[0] : NULL;
    size_t most = found ? found->elements : 0, count = 0;
    struct job **jobs = arena_alloc(ask->arena, (most + 1) * sizeof(struct job *));

    for (size_t i = 0; i < most; i++) {
        const redisReply *pair = found->element[i];

        jobs[count] = job_read(pair->element[0]->str, pair->element[1]);
        count += jobs[count] != NULL;
    }
    ask->hear.listed(ask->arg, (const struct job *const *)jobs, count, err);
    while (count > 0)
        job_free(jobs[--count]);
    ask_free(ask);
}

/* All at once: who looks at a job wants to see one moment, as nearly as can be. */
void queue_inspect(struct queue *queue, const char *id, queue_inspected *inspected,
                   void *arg)
{
    struct ask *ask = ask_new(queue, arg);
    const struct keys *k = &queue->keys;
    const char *logs = keys_part(k, id, "logs", ask->arena);
    const char *dependencies = keys_part(k, id, "dependencies", ask->arena);
    const char *const children[] = {
        keys_part(k, id, "processed", ask->arena),
        dependencies,
        keys_part(k, id, "failed", ask->arena),
        keys_part(k, id, "unsuccessful", ask->arena),
    };

    ask->hear.inspected = inspected;
    ask->id = arena_text(ask->arena, id);
    ask->parts = arena_alloc(ask->arena, sizeof(struct queue_details));
    ask->open = 8;
    ask_state(ask, id, heard_place);
    redis_callf(queue->redis, 0, heard_hash, ask, "HGETALL %s",
                keys_job(k, id, ask->arena));
    redis_callf(queue->redis, 0, heard_due, ask, "ZSCORE %s %s", k->delayed, id);
    redis_callf(queue->redis, 0, heard_lock, ask, "PTTL %s", keys_lock(k, id, ask->arena));
    redis_callf(queue->redis, 0, heard_logs, ask, "LRANGE %s %d -1", logs, -INSPECT_LINES);
    redis_callf(queue->redis, 0, heard_log_count, ask, "LLEN %s", logs);
    redis_callf(queue->redis, 0, heard_pending, ask, "SRANDMEMBER %s %d", dependencies,
                INSPECT_CHILDREN);
    ask->args.count = 0;
    ask_keys(ask, children, COUNT(children));
    script_arg(&ask->args, "processed");
    script_arg(&ask->args, "unprocessed");
    script_arg(&ask->args, "ignored");
    script_arg(&ask->args, "failed");
    ask_send(ask, "getDependencyCounts", heard_children);
}

static void heard_place(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct queue_details *details = ask->parts;

    details->state = err ? STATE_UNKNOWN : state_of(reply);
    inspected_part(ask, err);
}

static void heard_hash(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct queue_details *details = ask->parts;
    struct job *job = NULL;
    struct err missing;

    if (!err)
        job = job_read(ask->id, reply);
    if ((!err && (!job || !job->timestamp)) || is_missing(NULL, err)) {
        err_set(&missing, ERR_MISSING, "there is no job %.100s", ask->id);
        err = &missing;
    }
    details->job = job;
    inspected_part(ask, err);
}

static void heard_due(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct queue_details *details = ask->parts;

    if (!err)
        details->due_ms = ask_score(reply, DELAYED_STEPS);
    inspected_part(ask, err);
}

static void heard_lock(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct queue_details *details = ask->parts;

    if (!err && reply->integer > 0)
        details->lock_ms = reply->integer;
    inspected_part(ask, err);
}

static void heard_logs(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct queue_details *details = ask->parts;

    if (!err)
        details->logs = texts_of(reply, ask->arena);
    inspected_part(ask, err);
}

static void heard_log_count(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct queue_details *details = ask->parts;

    if (!err)
        details->log_count = ask_number(reply);
    inspected_part(ask, err);
}

static void heard_pending(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct queue_details *details = ask->parts;

    if (!err)
        details->pending = texts_of(reply, ask->arena);
    inspected_part(ask, err);
}

static void heard_children(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct queue_details *details = ask->parts;

    if (!err && reply->elements == 4) {
        details->children.processed = ask_number(reply->element[0]);
        details->children.unprocessed = ask_number(reply->element[1]);
        details->children.ignored = ask_number(reply->element[2]);
        details->children.failed = ask_number(reply->element[3]);
    }
    inspected_part(ask, err);
}

static void inspected_part(struct ask *ask, const struct err *err)
{
    struct queue_details *details = ask->parts;

    if (!ask_was_last(ask, err))
        return;
    if (ask->failed)
        ask->hear.inspected(ask->arg, NULL, &ask->err);
    else
        ask->hear.inspected(ask->arg, details, NULL);
    job_free(details->job);
    ask_free(ask);
}

static enum queue_state state_of(const redisReply *reply)
{
    for (int i = 0; queue_states[i]; i++)
        if (reply->str && strcmp(reply->str, queue_states[i]) == 0)
            return (enum queue_state)i;
    return STATE_UNKNOWN;
}

/* Whether a job's key has no job: nothing, another hash of the queue (every add writes a
 * timestamp), or a list or a stream. */
static bool is_missing(const redisReply *timestamp, const struct err *err)
{
    return err ? redis_said(err, "WRONGTYPE") : timestamp && timestamp->integer == 0;
}

static struct texts texts_of(const redisReply *reply, struct arena *arena)
{
    struct bytes *texts = arena_alloc(arena, (reply->elements + 1) * sizeof *texts);

    for (size_t i = 0; i < reply->elements; i++) {
        texts[i].len = reply->element[i]->len;
        texts[i].at = arena_copy(arena, reply->element[i]->str, texts[i].len);
    }
    return (struct texts){texts, reply->elements};
}
