/* admin.c -- see admin.h. Two functions a verb, as in queue.c. Where a script works in
 * portions, the first of the two is a *_more that the second calls again.
 */
#include "queue/admin.h"

#include "lib/clock.h"
#include "queue/ask.h"

enum { MOVE_PORTION = 1000, CLEAN_PORTION = 10000, OBLITERATE_PORTION = 1000 };

static void pause_more(struct ask *ask, bool first);
static void heard_pause(void *arg, const redisReply *reply, const struct err *err);
static void move_more(struct ask *ask);
static void heard_movable(void *arg, const redisReply *reply, const struct err *err);
static void heard_move(void *arg, const redisReply *reply, const struct err *err);
static void clean_more(struct ask *ask);
static void heard_clean(void *arg, const redisReply *reply, const struct err *err);
static void obliterate_more(struct ask *ask);
static void heard_obliterate(void *arg, const redisReply *reply, const struct err *err);
static struct ask *ask_about(struct queue *queue, const char *verb, const char *id,
                             queue_done *done, void *arg);
static int64_t portion(const struct ask *ask, int64_t most);

void queue_pause(struct queue *queue, queue_done *done, void *arg)
{
    struct ask *ask = ask_new(queue, arg);

    ask->hear.done = done;
    ask->state = "paused";
    pause_more(ask, true);
}

void queue_resume(struct queue *queue, queue_done *done, void *arg)
{
    struct ask *ask = ask_new(queue, arg);

    ask->hear.done = done;
    ask->state = "resumed";
    pause_more(ask, true);
}

/* Only the first call emits the event. */
static void pause_more(struct ask *ask, bool first)
{
    const struct keys *k = &ask->queue->keys;
    bool pausing = *ask->state == 'p';
    const char *const keys[] = {
        pausing ? k->wait : k->paused,
        pausing ? k->paused : k->wait,
        k->meta,
        k->prioritized,
        k->events,
        k->delayed,
        k->marker,
    };

    ask->args.count = 0;
    ask_keys(ask, keys, COUNT(keys));
    script_arg(&ask->args, ask->state);
    script_arg(&ask->args, first ? "1" : "0");
    ask_send(ask, "pause", heard_pause);
}

static void heard_pause(void *arg, const redisReply *reply, const struct err *err)
{
    if (!err && ask_number(reply) > 0)
        pause_more(arg, false);
    else
        ask_done(arg, reply, err);
}

void queue_promote(struct queue *queue, const char *id, queue_done *done, void *arg)
{
    const struct keys *k = &queue->keys;
    const char *const keys[] = {k->delayed, k->wait, k->paused, k->meta,  k->prioritized,
                                k->active,  k->pc,   k->events, k->marker};
    struct ask *ask = ask_about(queue, "promote job", id, done, arg);

    ask_keys(ask, keys, COUNT(keys));
    script_arg(&ask->args, k->base);
    script_arg(&ask->args, ask->id);
    ask_send(ask, "promote", ask_done);
}

void queue_reprocess(struct queue *queue, const char *id, enum queue_state state,
                     queue_done *done, void *arg)
{
    const struct keys *k = &queue->keys;
    struct ask *ask = ask_about(queue, "retry job", id, done, arg);
    bool completed = state == STATE_COMPLETED;
    const char *const keys[] = {
        keys_job(k, id, ask->arena),
        k->events,
        completed ? k->completed : k->failed,
        k->wait,
        k->meta,
        k->paused,
        k->active,
        k->marker,
    };

    ask_keys(ask, keys, COUNT(keys));
    script_arg(&ask->args, ask->id);
    script_arg(&ask->args, "LPUSH"); /* behind what waits already */
    script_arg(&ask->args, completed ? "returnvalue" : "failedReason");
    script_arg(&ask->args, completed ? "completed" : "failed");
    script_arg(&ask->args, "0"); /* attempts made and started stay */
    script_arg(&ask->args, "0");
    ask_send(ask, "reprocessJob", ask_done);
}

void queue_promote_all(struct queue *queue, queue_counted *promoted, void *arg)
{
    struct ask *ask = ask_new(queue, arg);

    ask->hear.counted = promoted;
    ask->state = "delayed";
    ask->until_ms = INT64_MAX; /* scores of delayed jobs are no times; all are meant */
    ask->left = INT64_MAX;
    move_more(ask);
}

void queue_retry_failed(struct queue *queue, int64_t limit, queue_counted *retried,
                        void *arg)
{
    struct ask *ask = ask_new(queue, arg);

    ask->hear.counted = retried;
    ask->state = "failed";
    ask->until_ms = clock_ms();
    ask->left = limit ? limit : INT64_MAX;
    move_more(ask);
}

/* The script does not say how many it moved, so they are counted just before. */
static void move_more(struct ask *ask)
{
    const struct keys *k = &ask->queue->keys;
    const char *set = *ask->state == 'd' ? k->delayed : k->failed;
    const char *const keys[] = {k->base,   k->events, set,       k->wait,
                                k->paused, k->meta,   k->active, k->marker};

    ask->args.count = 0;
    ask_keys(ask, keys, COUNT(keys));
    script_arg_int(&ask->args, portion(ask, MOVE_PORTION));
    script_arg_int(&ask->args, ask->until_ms);
    script_arg(&ask->args, ask->state);
    redis_callf(ask->queue->redis, 0, heard_movable, ask, "ZCOUNT %s -inf %lld", set,
                (long long)ask->until_ms);
    ask_send(ask, "moveJobsToWait", heard_move);
}

static void heard_movable(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    int64_t movable = err ? 0 : ask_number(reply), most = portion(ask, MOVE_PORTION);

    ask->taken += movable < most ? movable : most;
    ask->left -= most;
}

static void heard_move(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;

    if (!err && ask_number(reply) && ask->left > 0) {
        move_more(ask);
        return;
    }
    ask->hear.counted(ask->arg, ask->taken, err);
    ask_free(ask);
}

void queue_remove(struct queue *queue, const char *id, bool children, queue_done *done,
                  void *arg)
{
    struct ask *ask = ask_about(queue, "remove job", id, done, arg);

    script_arg(&ask->args, keys_job(&queue->keys, id, ask->arena));
    script_arg(&ask->args, queue->keys.repeat);
    script_arg(&ask->args, ask->id);
    script_arg(&ask->args, children ? "1" : "0");
    script_arg(&ask->args, queue->keys.base);
    ask_send(ask, "removeJob", ask_done);
}

void queue_clean(struct queue *queue, enum queue_state state, int64_t grace_ms,
                 int64_t limit, queue_counted *removed, void *arg)
{
    struct ask *ask = ask_new(queue, arg);

    ask->hear.counted = removed;
    ask->state = queue_state_key(state);
    ask->until_ms = clock_ms() - grace_ms;
    ask->left = limit ? limit : INT64_MAX;
    clean_more(ask);
}

static void clean_more(struct ask *ask)
{
    const struct keys *k = &ask->queue->keys;

    ask->args.count = 0;
    script_arg(&ask->args, arena_printf(ask->arena, "%s%s", k->base, ask->state));
    script_arg(&ask->args, k->events);
    script_arg(&ask->args, k->repeat);
    script_arg(&ask->args, k->base);
    script_arg_int(&ask->args, ask->until_ms);
    script_arg_int(&ask->args, portion(ask, CLEAN_PORTION));
    script_arg(&ask->args, ask->state);
    ask_send(ask, "cleanJobsInSet", heard_clean);
}

/* A portion that was not filled was the last: what is left stays. */
static void heard_clean(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    int64_t most = portion(ask, CLEAN_PORTION);
    int64_t gone = err ? 0 : (int64_t)reply->elements;

    ask->taken += gone;
    ask->left -= gone;
    if (!err && gone == most && ask->left > 0) {
        clean_more(ask);
        return;
    }
    ask->hear.counted(ask->arg, ask->taken, err);
    ask_free(ask);
}

void queue_drain(struct queue *queue, bool delayed, queue_done *done, void *arg)
{
    const struct keys *k = &queue->keys;
    const char *const keys[] = {k->wait, k->paused, k->delayed, k->prioritized, k->repeat};
    struct ask *ask = ask_new(queue, arg);

    ask->hear.done = done;
    ask_keys(ask, keys, COUNT(keys));
    script_arg(&ask->args, k->base);
    script_arg(&ask->args, delayed ? "1" : "0");
    ask_send(ask, "drain", ask_done);
}

void queue_obliterate(struct queue *queue, bool force, queue_done *done, void *arg)
{
    struct ask *ask = ask_new(queue, arg);

    ask->hear.done = done;
    ask->tried = "obliterate the queue";
    ask->state = force ? "force" : "";
    obliterate_more(ask);
}

static void obliterate_more(struct ask *ask)
{
    ask->args.count = 0;
    script_arg(&ask->args, ask->queue->keys.meta);
    script_arg(&ask->args, ask->queue->keys.base);
    script_arg_int(&ask->args, OBLITERATE_PORTION);
    script_arg(&ask->args, ask->state);
    ask_send(ask, "obliterate", heard_obliterate);
}

static void heard_obliterate(void *arg, const redisReply *reply, const struct err *err)
{
    if (!err && ask_number(reply) > 0)
        obliterate_more(arg);
    else
        ask_done(arg, reply, err);
}

void queue_set_concurrency(struct queue *queue, int64_t concurrency, queue_done *done,
                           void *arg)
{
    struct ask *ask = ask_new(queue, arg);

    ask->hear.done = done;
    if (concurrency)
        redis_callf(queue->redis, 0, ask_done, ask, "HSET %s concurrency %lld",
                    queue->keys.meta, (long long)concurrency);
    else
        redis_callf(queue->redis, 0, ask_done, ask, "HDEL %s concurrency",
                    queue->keys.meta);
}

void queue_set_rate_limit(struct queue *queue, int64_t max, int64_t duration_ms,
                          queue_done *done, void *arg)
{
    struct ask *ask = ask_new(queue, arg);

    ask->hear.done = done;
    if (max)
        redis_callf(queue->redis, 0, ask_done, ask, "HSET %s max %lld duration %lld",
                    queue->keys.meta, (long long)max, (long long)duration_ms);
    else
        redis_callf(queue->redis, 0, ask_done, ask, "HDEL %s max duration",
                    queue->keys.meta);
}

/* An ask about one job, which says so when it is refused. */
static struct ask *ask_about(struct queue *queue, const char *verb, const char *id,
                             queue_done *done, void *arg)
{
    struct ask *ask = ask_new(queue, arg);

    ask->hear.done = done;
    ask->id = arena_text(ask->arena, id);
    ask->tried = arena_printf(ask->arena, "%s %.100s", verb, id);
    return ask;
}

/* How many jobs the next call is to take at most. */
static int64_t portion(const struct ask *ask, int64_t most)
{
    return ask->left < most ? ask->left : most;
}
