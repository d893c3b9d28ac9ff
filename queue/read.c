/* read.c -- the queue's verbs that need no script: reading a job, waiting for a marker. */
#include <stdlib.h>
#include <string.h>

#include "queue/ask.h"

/* What queue_read is asked for. Options, say, are long, and would be parsed for nobody. */
static const char *const read_fields[] = {"data",         "returnvalue", "failedReason",
                                          "timestamp",    "processedOn", "finishedOn",
                                          "attemptsMade", "atm"};

static void ask_fields(struct ask *ask);
static void heard_lock(void *arg, const redisReply *reply, const struct err *err);
static void heard_fields(void *arg, const redisReply *reply, const struct err *err);
static void heard_marker(void *arg, const redisReply *reply, const struct err *err);

/* No script: a lock is there while, and only while, a worker has the job; the rest is in
 * the hash. The lock is asked first, so that a job which ends between the two commands
 * shows as ended and not as waiting. */
void queue_read(struct queue *queue, const char *id, queue_read_done *read, void *arg)
{
    struct ask *ask = ask_new(queue, arg);

    ask->hear.read = read;
    ask->id = arena_text(ask->arena, id);
    redis_callf(queue->redis, 0, heard_lock, ask, "EXISTS %s",
                keys_lock(&queue->keys, id, ask->arena));
    ask_fields(ask);
}

static void ask_fields(struct ask *ask)
{
    const char *argv[2 + COUNT(read_fields)] = {
        "HMGET", keys_job(&ask->queue->keys, ask->id, ask->arena)};
    char *command;
    int len;

    memcpy(argv + 2, read_fields, sizeof read_fields);
    len = redisFormatCommandArgv(&command, COUNT(argv), argv, NULL);
    if (len < 0)
        abort(); /* out of memory */
    redis_send(ask->queue->redis, command, (size_t)len, 0, heard_fields, ask);
    redisFreeCommand(command);
}

static void heard_lock(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;

    ask->locked = !err && ask_number(reply) == 1;
}

static void heard_fields(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct job *job = NULL;
    struct err missing;

    if (!err && reply->type == REDIS_REPLY_ARRAY)
        job = job_read_some(ask->id, read_fields, reply);
    /* No hash, or some other key of the queue: every add writes a timestamp. */
    if (job && !job->timestamp) {
        job_free(job);
        job = NULL;
    }
    /* WRONGTYPE: likewise, a list or a stream. */
    if (!job && (!err || redis_said(err, "WRONGTYPE"))) {
        err_set(&missing, ERR_MISSING, "there is no job %.100s", ask->id);
        err = &missing;
    }
    if (job && ask->locked && job->state == JOB_QUEUED)
        job->state = JOB_ACTIVE;
    ask->hear.read(ask->arg, job, err);
    ask_free(ask);
}

void queue_wait(struct queue *queue, struct redis *blocking, int block_ms,
                queue_woken *woken, void *arg)
{
    struct ask *ask = ask_new(queue, arg);
    const char *seconds = arena_printf(ask->arena, "%.3f", block_ms / 1000.0);

    ask->hear.woken = woken;
    redis_callf(blocking, block_ms, heard_marker, ask, "BZPOPMIN %s %s", queue->keys.marker,
                seconds);
}

/* [key, member, score], or nil when the time was over. */
static void heard_marker(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    double at_ms = -1;

    if (!err && reply->type == REDIS_REPLY_ARRAY && reply->elements == 3)
        at_ms = strtod(reply->element[2]->str, NULL);
    ask->hear.woken(ask->arg, at_ms, err);
    ask_free(ask);
}
