/* queue.c -- see queue.h: the verbs that are scripts, but for finish.c's. Each is two
 * functions, one that puts the call together and one that hears the reply; ask.h is what
 * stands between the two.
 */
#include "queue/queue.h"

#include "lib/clock.h"
#include "queue/ask.h"

static void heard_added(void *arg, const redisReply *reply, const struct err *err);
static void heard_extended(void *arg, const redisReply *reply, const struct err *err);
static void heard_recovered(void *arg, const redisReply *reply, const struct err *err);

struct queue *queue_new(struct redis *redis, const struct queue_config *config,
                        struct err *err)
{
    struct arena *arena = arena_new();
    struct queue *queue = arena_alloc(arena, sizeof *queue);

    if (keys_init(&queue->keys, config->prefix, config->name, arena, err)) {
        arena_free(arena);
        return NULL;
    }
    queue->arena = arena;
    queue->redis = redis;
    queue->worker_name =
        config->worker_name ? arena_text(arena, config->worker_name) : NULL;
    queue->lock_ms = config->lock_ms;
    queue->on_complete = config->on_complete;
    queue->on_fail = config->on_fail;
    queue->limiter = config->limiter;
    queue->metrics_size = config->metrics_size;
    ends_init(&queue->ends, config->base, queue);
    return queue;
}

void queue_free(struct queue *queue)
{
    if (!queue)
        return;
    ends_free(&queue->ends);
    arena_free(queue->arena);
}

void queue_add(struct queue *queue, const char *name, struct bytes data,
               const struct opts *opts, queue_added *added, void *arg)
{
    const struct keys *k = &queue->keys;
    const char *const standard[] = {k->wait,   k->paused,    k->meta,
                                    k->id,     k->completed, k->delayed,
                                    k->active, k->events,    k->marker};
    const char *const delayed[] = {k->marker,  k->meta,      k->id,
                                   k->delayed, k->completed, k->events};
    const char *const prioritized[] = {k->marker,      k->meta,    k->id,
                                       k->prioritized, k->delayed, k->completed,
                                       k->active,      k->events,  k->pc};
    struct ask *ask = ask_new(queue, arg);
    struct pack *fixed = &ask->packs[0], *options = &ask->packs[1];
    const char *script = "addStandardJob";

    if (opts->delay_ms > 0) {
        script = "addDelayedJob";
        ask_keys(ask, delayed, COUNT(delayed));
    } else if (opts->priority > 0) {
        script = "addPrioritizedJob";
        ask_keys(ask, prioritized, COUNT(prioritized));
    } else {
        ask_keys(ask, standard, COUNT(standard));
    }
    pack_array(fixed, 9); /* see lua/includes/add.lua */
    pack_text(fixed, k->base);
    pack_text(fixed, opts->job_id ? opts->job_id : "");
    pack_text(fixed, name);
    pack_int(fixed, clock_ms());
    for (int i = 0; i < 5; i++)
        pack_nil(fixed); /* no parent, scheduler nor deduplication */
    opts_pack(opts, options);
    ask_pack(ask, fixed);
    script_arg_bytes(&ask->args, data.at, data.len);
    ask_pack(ask, options);
    ask->hear.added = added;
    ask_send(ask, script, heard_added);
}

static void heard_added(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct err refused;

    if (!err && ask_refused(ask, reply, &refused))
        err = &refused;
    ask->hear.added(ask->arg, err ? NULL : reply->str, err);
    ask_free(ask);
}

void queue_fetch(struct queue *queue, const char *token, queue_fetched *fetched, void *arg)
{
    const struct keys *k = &queue->keys;
    const char *const keys[] = {k->wait,    k->active,  k->prioritized, k->events,
                                k->stalled, k->limiter, k->delayed,     k->paused,
                                k->meta,    k->pc,      k->marker};
    struct ask *ask = ask_new(queue, arg);
    struct pack *options = &ask->packs[0];

    ask->hear.fetched = fetched;
    ask->token = arena_text(ask->arena, token);
    ask_keys(ask, keys, COUNT(keys));
    script_arg(&ask->args, k->base);
    script_arg_int(&ask->args, clock_ms());
    ask_pack_fetch(options, queue, token, 0);
    ask_pack(ask, options);
    ask_send(ask, "moveToActive", ask_fetched);
}

void queue_reclaim(struct queue *queue, const char *token, queue_fetched *fetched,
                   void *arg)
{
    struct ask *ask = ask_new(queue, arg);

    ask->hear.fetched = fetched;
    ask->token = arena_text(ask->arena, token);
    ask_keys(ask, &queue->keys.active, 1);
    script_arg(&ask->args, queue->keys.base);
    script_arg(&ask->args, token);
    ask_send(ask, "reclaim", ask_fetched);
}

void queue_retry(struct queue *queue, const struct job *job, const char *reason,
                 int64_t delay_ms, bool fetch_next, queue_fetched *fetched, void *arg)
{
    const struct keys *k = &queue->keys;
    struct ask *ask = ask_new(queue, arg);
    struct pack *options = &ask->packs[0], *fields = &ask->packs[1];
    const char *hash = keys_job(k, job->id, ask->arena);
    const char *const at_once[] = {k->active, k->wait,   k->paused,  hash,
                                   k->meta,   k->events, k->delayed, k->prioritized,
                                   k->pc,     k->marker, k->stalled};
    const char *const later[] = {k->marker, k->active,  k->prioritized, k->delayed,
                                 hash,      k->events,  k->meta,        k->stalled,
                                 k->wait,   k->limiter, k->paused,      k->pc};

    ask->hear.fetched = fetched;
    ask->token = arena_text(ask->arena, job->token);
    ask_pack_failure(fields, job, reason);
    ask_keys(ask, delay_ms > 0 ? later : at_once,
             delay_ms > 0 ? COUNT(later) : COUNT(at_once));
    script_arg(&ask->args, k->base);
    script_arg_int(&ask->args, clock_ms());
    if (delay_ms <= 0) {
        script_arg(&ask->args, job->opts.lifo ? "RPUSH" : "LPUSH");
        script_arg(&ask->args, job->id);
        script_arg(&ask->args, job->token);
        ask_pack(ask, fields);
        ask_send(ask, "retryJob", ask_fetched);
        return;
    }
    script_arg(&ask->args, job->id);
    script_arg(&ask->args, job->token);
    script_arg_int(&ask->args, delay_ms);
    script_arg(&ask->args, "0"); /* the attempt counts */
    ask_pack(ask, fields);
    script_arg(&ask->args, fetch_next ? "1" : "0");
    ask_pack_fetch(options, queue, job->token, 0);
    ask_pack(ask, options);
    ask_send(ask, "moveToDelayed", ask_fetched);
}

void queue_release(struct queue *queue, const struct job *job, queue_done *done, void *arg)
{
    const struct keys *k = &queue->keys;
    struct ask *ask = ask_new(queue, arg);
    const char *hash = keys_job(k, job->id, ask->arena);
    const char *const keys[] = {k->active,  k->wait,        k->stalled, k->paused, k->meta,
                                k->limiter, k->prioritized, k->marker,  k->events};

    ask->hear.done = done;
    ask_keys(ask, keys, COUNT(keys));
    script_arg(&ask->args, job->id);
    script_arg(&ask->args, job->token);
    script_arg(&ask->args, hash);
    ask_send(ask, "moveJobFromActiveToWait", ask_done);
}

void queue_log(struct queue *queue, const struct job *job, const char *line,
               queue_done *done, void *arg)
{
    struct ask *ask = ask_new(queue, arg);

    ask->hear.done = done;
    script_arg(&ask->args, keys_job(&queue->keys, job->id, ask->arena));
    script_arg(&ask->args, keys_part(&queue->keys, job->id, "logs", ask->arena));
    script_arg(&ask->args, job->id);
    script_arg(&ask->args, line);
    if (job->opts.keep_logs >= 0)
        script_arg_int(&ask->args, job->opts.keep_logs);
    else
        script_arg(&ask->args, "");
    ask_send(ask, "addLog", ask_done);
}

void queue_progress(struct queue *queue, const struct job *job, const char *progress,
                    queue_done *done, void *arg)
{
    struct ask *ask = ask_new(queue, arg);

    ask->hear.done = done;
    script_arg(&ask->args, keys_job(&queue->keys, job->id, ask->arena));
    script_arg(&ask->args, queue->keys.events);
    script_arg(&ask->args, queue->keys.meta);
    script_arg(&ask->args, job->id);
    script_arg(&ask->args, progress);
    ask_send(ask, "updateProgress", ask_done);
}

void queue_extend_locks(struct queue *queue, const struct job *const *jobs, size_t count,
                        queue_extended *extended, void *arg)
{
    struct ask *ask = ask_new(queue, arg);
    struct pack *tokens = &ask->packs[0], *ids = &ask->packs[1];

    ask->hear.extended = extended;
    pack_array(tokens, (uint32_t)count);
    pack_array(ids, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        pack_text(tokens, jobs[i]->token);
        pack_text(ids, jobs[i]->id);
    }
    ask_keys(ask, &queue->keys.stalled, 1);
    script_arg(&ask->args, queue->keys.base);
    ask_pack(ask, tokens);
    ask_pack(ask, ids);
    script_arg_int(&ask->args, queue->lock_ms);
    ask_send(ask, "extendLocks", heard_extended);
}

static void heard_extended(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    size_t count = err || reply->type != REDIS_REPLY_ARRAY ? 0 : reply->elements;
    const char **lost = arena_alloc(ask->arena, (count + 1) * sizeof *lost);

    for (size_t i = 0; i < count; i++)
        lost[i] = reply->element[i]->str ? reply->element[i]->str : "";
    ask->hear.extended(ask->arg, lost, count, err);
    ask_free(ask);
}

void queue_recover(struct queue *queue, int64_t interval_ms, int max_stalled,
                   queue_recovered *recovered, void *arg)
{
    const struct keys *k = &queue->keys;
    const char *const keys[] = {k->stalled, k->wait,   k->active, k->stalled_check, k->meta,
                                k->paused,  k->marker, k->events, k->repeat};
    struct ask *ask = ask_new(queue, arg);

    ask->hear.recovered = recovered;
    ask_keys(ask, keys, COUNT(keys));
    script_arg_int(&ask->args, max_stalled);
    script_arg(&ask->args, k->base);
    script_arg_int(&ask->args, clock_ms());
    script_arg_int(&ask->args, interval_ms);
    ask_send(ask, "moveStalledJobsToWait", heard_recovered);
}

static void heard_recovered(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;

    ask->hear.recovered(ask->arg,
                        err || reply->type != REDIS_REPLY_ARRAY ? 0 : reply->elements, err);
    ask_free(ask);
}
