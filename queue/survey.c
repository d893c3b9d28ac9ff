/* survey.c -- see survey.h. */
#include "queue/survey.h"

#include <string.h>

#include "queue/ask.h"
#include "queue/clients.h"

#define PRIORITY_STEPS 4294967296.0 /* a score is a priority * this, plus an order */

/* Priorities as they are found. */
struct priorities {
    struct queue_priority list[PRIORITIES_MAX];
    size_t count;
};

/* Schedulers as they are asked for, one after the other. */
struct schedulers {
    struct queue_scheduler list[SCHEDULERS_MAX];
    size_t count, heard;
};

/* Metrics of both kinds. */
struct measures {
    struct queue_metrics completed, failed;
};

static void heard_counts(void *arg, const redisReply *reply, const struct err *err);
static void heard_limited(void *arg, const redisReply *reply, const struct err *err);
static void heard_meta(void *arg, const redisReply *reply, const struct err *err);
static void heard_schedulers(void *arg, const redisReply *reply, const struct err *err);
static void surveyed_part(struct ask *ask, const struct err *err);
static void next_priority(struct ask *ask);
static void heard_priority(void *arg, const redisReply *reply, const struct err *err);
static void count_priorities(struct ask *ask);
static void heard_priorities(void *arg, const redisReply *reply, const struct err *err);
static void heard_scheduler_ids(void *arg, const redisReply *reply, const struct err *err);
static void heard_scheduler(void *arg, const redisReply *reply, const struct err *err);
static void take_setting(struct queue_scheduler *scheduler, const redisReply *field,
                         const redisReply *value, struct arena *arena);
static void ask_metrics(struct ask *ask, const char *key, redis_replied *heard);
static void heard_completed(void *arg, const redisReply *reply, const struct err *err);
static void heard_failed(void *arg, const redisReply *reply, const struct err *err);
static void heard_metrics(struct ask *ask, struct queue_metrics *metrics,
                          const redisReply *reply, const struct err *err);
static void heard_clients(void *arg, const redisReply *reply, const struct err *err);

void queue_survey(struct queue *queue, queue_surveyed *surveyed, void *arg)
{
    struct ask *ask = ask_new(queue, arg);
    const struct keys *k = &queue->keys;

    ask->hear.surveyed = surveyed;
    ask->parts = arena_alloc(ask->arena, sizeof(struct queue_status));
    ask->open = 4;
    redis_callf(queue->redis, 0, heard_meta, ask,
                "HMGET %s paused concurrency max duration", k->meta);
    redis_callf(queue->redis, 0, heard_schedulers, ask, "ZCARD %s", k->repeat);
    script_arg(&ask->args, k->base);
    for (int i = 0; i < STATE_UNKNOWN; i++)
        script_arg(&ask->args, queue_state_key((enum queue_state)i));
    ask_send(ask, "getCounts", heard_counts);
    ask->args.count = 0;
    script_arg(&ask->args, k->limiter);
    script_arg(&ask->args, k->meta);
    script_arg(&ask->args, "0"); /* asked for the queue's own limit */
    ask_send(ask, "getRateLimitTtl", heard_limited);
}

static void heard_counts(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct queue_status *status = ask->parts;

    for (size_t i = 0; !err && i < reply->elements && i < STATE_UNKNOWN; i++)
        status->counts[i] = ask_number(reply->element[i]);
    surveyed_part(ask, err);
}

static void heard_limited(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct queue_status *status = ask->parts;

    if (!err && reply->integer > 0)
        status->limited_ms = reply->integer;
    surveyed_part(ask, err);
}

static void heard_meta(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct queue_status *status = ask->parts;

    if (!err && reply->elements == 4) {
        status->paused = reply->element[0]->type == REDIS_REPLY_STRING;
        status->concurrency = ask_number(reply->element[1]);
        status->max = ask_number(reply->element[2]);
        status->duration_ms = ask_number(reply->element[3]);
    }
    surveyed_part(ask, err);
}

static void heard_schedulers(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct queue_status *status = ask->parts;

    if (!err)
        status->schedulers = ask_number(reply);
    surveyed_part(ask, err);
}

/* Without a limit of the queue's own, what the script tells is but some worker's window. */
static void surveyed_part(struct ask *ask, const struct err *err)
{
    struct queue_status *status = ask->parts;

    if (!ask_was_last(ask, err))
        return;
    if (!status->max)
        status->limited_ms = 0;
    ask->hear.surveyed(ask->arg, ask->failed ? NULL : status,
                       ask->failed ? &ask->err : NULL);
    ask_free(ask);
}

void queue_priorities(struct queue *queue, queue_prioritized *prioritized, void *arg)
{
    struct ask *ask = ask_new(queue, arg);

    ask->hear.prioritized = prioritized;
    ask->parts = arena_alloc(ask->arena, sizeof(struct priorities));
    next_priority(ask);
}

/* Jump from the first job of one priority to that of the next: as many steps as there are
 * priorities, however many jobs. */
static void next_priority(struct ask *ask)
{
    const struct priorities *found = ask->parts;
    int64_t from = found->count ? found->list[found->count - 1].priority + 1 : 1;

    redis_callf(ask->queue->redis, 0, heard_priority, ask,
                "ZRANGEBYSCORE %s %s +inf WITHSCORES LIMIT 0 1",
                ask->queue->keys.prioritized,
                arena_printf(ask->arena, "%.0f", (double)from * PRIORITY_STEPS));
}

static void heard_priority(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct priorities *found = ask->parts;

    if (!err && reply->elements == 2) {
        found->list[found->count++].priority = ask_score(reply->element[1], PRIORITY_STEPS);
        if (found->count < PRIORITIES_MAX)
            next_priority(ask);
        else
            count_priorities(ask);
    } else if (!err && found->count) {
        count_priorities(ask);
    } else {
        heard_priorities(ask, NULL, err);
    }
}

static void count_priorities(struct ask *ask)
{
    const struct priorities *found = ask->parts;

    script_arg(&ask->args, ask->queue->keys.wait);
    script_arg(&ask->args, ask->queue->keys.prioritized);
    for (size_t i = 0; i < found->count; i++)
        script_arg_int(&ask->args, found->list[i].priority);
    ask_send(ask, "getCountsPerPriority", heard_priorities);
}

/* `reply` is NULL when there was nothing to count. */
static void heard_priorities(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct priorities *found = ask->parts;

    for (size_t i = 0; !err && reply && i < reply->elements && i < found->count; i++)
        found->list[i].count = ask_number(reply->element[i]);
    ask->hear.prioritized(ask->arg, found->list, err ? 0 : found->count, err);
    ask_free(ask);
}

void queue_schedulers(struct queue *queue, queue_scheduled *scheduled, void *arg)
{
    struct ask *ask = ask_new(queue, arg);

    ask->hear.scheduled = scheduled;
    ask->parts = arena_alloc(ask->arena, sizeof(struct schedulers));
    redis_callf(queue->redis, 0, heard_scheduler_ids, ask, "ZRANGE %s 0 %d WITHSCORES",
                queue->keys.repeat, SCHEDULERS_MAX - 1);
}

/* Ids and times; of each the settings are asked for at once, and come in this order. */
static void heard_scheduler_ids(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct schedulers *found = ask->parts;

    for (size_t i = 0; !err && i + 1 < reply->elements; i += 2) {
        struct queue_scheduler *scheduler = &found->list[found->count++];

        scheduler->id = arena_text(ask->arena, reply->element[i]->str);
        scheduler->next_ms = ask_score(reply->element[i + 1], 1);
        redis_callf(ask->queue->redis, 0, heard_scheduler, ask, "HGETALL %s:%s",
                    ask->queue->keys.repeat, scheduler->id);
    }
    ask->open = (int)found->count;
    if (found->count)
        return;
    ask->hear.scheduled(ask->arg, found->list, 0, err);
    ask_free(ask);
}

static void heard_scheduler(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct schedulers *found = ask->parts;
    struct queue_scheduler *scheduler = &found->list[found->heard++];

    for (size_t i = 0; !err && i + 1 < reply->elements; i += 2)
        take_setting(scheduler, reply->element[i], reply->element[i + 1], ask->arena);
    if (!ask_was_last(ask, err))
        return;
    ask->hear.scheduled(ask->arg, found->list, ask->failed ? 0 : found->count,
                        ask->failed ? &ask->err : NULL);
    ask_free(ask);
}

static void take_setting(struct queue_scheduler *scheduler, const redisReply *field,
                         const redisReply *value, struct arena *arena)
{
    const struct {
        const char *field;
        const char **text;
        int64_t *number;
    } settings[] = {
        {"name", .text = &scheduler->name}, {"pattern", .text = &scheduler->pattern},
        {"tz", .text = &scheduler->zone},   {"every", .number = &scheduler->every_ms},
        {"ic", .number = &scheduler->runs},
    };

    for (size_t i = 0; i < COUNT(settings); i++)
        if (strcmp(field->str, settings[i].field) != 0)
            continue;
        else if (settings[i].text)
            *settings[i].text = arena_text(arena, value->str);
        else
            *settings[i].number = ask_number(value);
}

void queue_measure(struct queue *queue, queue_measured *measured, void *arg)
{
    struct ask *ask = ask_new(queue, arg);

    ask->hear.measured = measured;
    ask->parts = arena_alloc(ask->arena, sizeof(struct measures));
    ask->open = 2;
    ask_metrics(ask, queue->keys.metrics_completed, heard_completed);
    ask_metrics(ask, queue->keys.metrics_failed, heard_failed);
}

static void ask_metrics(struct ask *ask, const char *key, redis_replied *heard)
{
    ask->args.count = 0;
    script_arg(&ask->args, key);
    script_arg(&ask->args, arena_printf(ask->arena, "%s:data", key));
    script_arg(&ask->args, "0");
    script_arg_int(&ask->args, METRICS_MAX - 1);
    ask_send(ask, "getMetrics", heard);
}

static void heard_completed(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct measures *measures = ask->parts;

    heard_metrics(ask, &measures->completed, reply, err);
}

static void heard_failed(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct measures *measures = ask->parts;

    heard_metrics(ask, &measures->failed, reply, err);
}

/* [[count, prevTS, prevCount], points, how many points] */
static void heard_metrics(struct ask *ask, struct queue_metrics *metrics,
                          const redisReply *reply, const struct err *err)
{
    const struct measures *measures = ask->parts;

    if (!err && reply->elements == 3 && reply->element[0]->elements == 3) {
        const redisReply *points = reply->element[1];

        metrics->count = ask_number(reply->element[0]->element[0]);
        metrics->prev_ms = ask_number(reply->element[0]->element[1]);
        metrics->prev_count = ask_number(reply->element[0]->element[2]);
        for (size_t i = 0; i < points->elements && i < METRICS_MAX; i++)
            metrics->points[metrics->point_count++] = ask_number(points->element[i]);
    }
    if (!ask_was_last(ask, err))
        return;
    ask->hear.measured(ask->arg, &measures->completed, &measures->failed,
                       ask->failed ? &ask->err : NULL);
    ask_free(ask);
}

void queue_workers(struct queue *queue, queue_attended *attended, void *arg)
{
    struct ask *ask = ask_new(queue, arg);

    ask->hear.attended = attended;
    redis_callf(queue->redis, 0, heard_clients, ask, "CLIENT LIST TYPE normal");
}

static void heard_clients(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct queue_worker *workers = NULL;
    size_t count = 0;

    if (!err && reply->str)
        count = clients_read(reply->str, ask->queue->keys.client, &workers, ask->arena);
    ask->hear.attended(ask->arg, workers, count, err);
    ask_free(ask);
}
