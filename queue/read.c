/* read.c -- the queue's verbs that need no script: reading a job, waiting for a marker. */
#include <stdlib.h>
#include <string.h>

#include "queue/ask.h"
#include "queue/command.h"

/* What queue_read is asked for. Options, say, are long, and would be parsed for nobody. */
static const char *const read_fields[] = {"data",         "returnvalue", "failedReason",
                                          "timestamp",    "processedOn", "finishedOn",
                                          "attemptsMade", "atm"};

static void send_command(struct ask *ask, const char *const *argv, size_t argc,
                         redis_replied *replied);
static void heard_lock(void *arg, const redisReply *reply, const struct err *err);
static void heard_fields(void *arg, const redisReply *reply, const struct err *err);
static void heard_marker(void *arg, const redisReply *reply, const struct err *err);

/* No script: a lock is there while, and only while, a worker has the job; the rest is in
 * the hash. The lock is asked first, so that a job which ends between the two commands
 * shows as ended and not as waiting. */
void queue_read(struct queue *queue, const char *id, queue_read_done *read, void *arg)
{
    struct ask *ask = ask_new(queue, arg);
    const char *const exists[] = {"EXISTS", keys_lock(&queue->keys, id, ask->arena)};
    const char *hmget[2 + COUNT(read_fields)] = {"HMGET",
                                                 keys_job(&queue->keys, id, ask->arena)};

    memcpy(hmget + 2, read_fields, sizeof read_fields);
    ask->hear.read = read;
    ask->id = arena_text(ask->arena, id);
    send_command(ask, exists, COUNT(exists), heard_lock);
    send_command(ask, hmget, COUNT(hmget), heard_fields);
}

static void send_command(struct ask *ask, const char *const *argv, size_t argc,
                         redis_replied *replied)
{
    size_t len;
    char *command = command_write(argc, argv, NULL, &len);

    redis_send(ask->queue->redis, command, len, 0, replied, ask);
    free(command);
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
