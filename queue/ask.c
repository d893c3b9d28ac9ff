/* ask.c -- see ask.h. */
#include "queue/ask.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* BullMQ's numbers for what its scripts refuse. What a number means to one script alone
 * stands before what it means to all. */
static const struct refusal {
    const char *script; /* NULL: any */
    int code;
    enum err_kind kind;
    const char *text;
} refusals[] = {
    {"removeJob", 0, ERR_INVALID,
     "a worker has locked it, or a child that would go with it; wait until it has run"},
    {"promote", -3, ERR_INVALID, "it is not delayed"},
    {"reprocessJob", -3, ERR_INVALID, "it is neither completed nor failed any more"},
    {"obliterate", -1, ERR_INVALID, "it is not paused, or no longer"},
    {"obliterate", -2, ERR_INVALID, "it has active jobs; wait until they have run"},
    {NULL, -1, ERR_MISSING, "the job is gone"},
    {NULL, -2, ERR_INVALID, "the job's lock has expired"},
    {NULL, -3, ERR_INVALID, "the job is not in the state it should be in"},
    {NULL, -4, ERR_BUSY, "the job has children that have not ended"},
    {NULL, -5, ERR_MISSING, "the job's parent is gone"},
    {NULL, -6, ERR_INVALID, "another worker has locked the job"},
    {NULL, -7, ERR_INVALID, "the job already has another parent"},
    {NULL, -8, ERR_INVALID, "the job is the next run of a scheduler; remove the scheduler"},
    {NULL, -9, ERR_BUSY, "the job has children that failed"},
    {NULL, -10, ERR_INVALID, "the scheduler's next job is there already"},
    {NULL, -11, ERR_INVALID, "jobs are there already at the scheduler's next 32 times"},
};

static const struct refusal *find_refusal(const char *script, long long code);

struct ask *ask_new(struct queue *queue, void *arg)
{
    struct arena *arena = arena_new();
    struct ask *ask = arena_alloc(arena, sizeof *ask);

    ask->arena = arena;
    ask->queue = queue;
    ask->arg = arg;
    ask->script = "";
    ask->args.arena = arena;
    return ask;
}

void ask_keys(struct ask *ask, const char *const *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        script_arg(&ask->args, keys[i]);
}

void ask_pack(struct ask *ask, const struct pack *pack)
{
    script_arg_bytes(&ask->args, pack->at ? pack->at : "", pack->len);
}

void ask_pack_fetch(struct pack *pack, const struct queue *queue, const char *token,
                    uint32_t more)
{
    const struct limiter *limiter = &queue->limiter;

    pack_map(pack, 2U + (queue->worker_name != NULL) + (limiter->max > 0) + more);
    pack_text(pack, "token");
    pack_text(pack, token);
    pack_text(pack, "lockDuration");
    pack_int(pack, queue->lock_ms);
    if (queue->worker_name) {
        pack_text(pack, "name");
        pack_text(pack, queue->worker_name);
    }
    if (limiter->max > 0) {
        pack_text(pack, "limiter");
        pack_map(pack, 2);
        pack_text(pack, "max");
        pack_int(pack, limiter->max);
        pack_text(pack, "duration");
        pack_int(pack, limiter->duration_ms);
    }
}

void ask_pack_failure(struct pack *pack, const struct job *job, const char *reason)
{
    char *stacktrace = job_stacktrace(job, reason);

    pack_array(pack, 4);
    pack_text(pack, "failedReason");
    pack_text(pack, reason);
    pack_text(pack, "stacktrace");
    pack_text(pack, stacktrace);
    free(stacktrace);
}

void ask_send(struct ask *ask, const char *script, redis_replied *replied)
{
    ask->script = script;
    script_call(ask->queue->redis, script, &ask->args, replied, ask);
    for (size_t i = 0; i < COUNT(ask->packs); i++)
        pack_free(&ask->packs[i]);
}

void ask_done(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct err refused;

    if (!err && ask_refused(ask, reply, &refused))
        err = &refused;
    if (ask->hear.done)
        ask->hear.done(ask->arg, err);
    ask_free(ask);
}

void ask_fetched(void *arg, const redisReply *reply, const struct err *err)
{
    struct ask *ask = arg;
    struct fetched found = {0};
    struct err refused;

    if (!err && ask_refused(ask, reply, &refused))
        err = &refused;
    if (!err && reply->type == REDIS_REPLY_ARRAY && reply->elements == 4) {
        if (reply->element[0]->type == REDIS_REPLY_ARRAY && reply->element[1]->str)
            found.job = job_read(reply->element[1]->str, reply->element[0]);
        found.limited_ms = ask_number(reply->element[2]);
        found.next_ms = ask_number(reply->element[3]);
    }
    if (found.job) {
        found.job->state = JOB_ACTIVE;
        found.job->token = arena_text(found.job->arena, ask->token);
    }
    ask->hear.fetched(ask->arg, err ? NULL : &found, err);
    ask_free(ask);
}

void ask_free(struct ask *ask)
{
    arena_free(ask->arena);
}

int ask_refused(const struct ask *ask, const redisReply *reply, struct err *err)
{
    const struct refusal *refusal;

    if (reply->type != REDIS_REPLY_INTEGER)
        return 0;
    refusal = find_refusal(ask->script, reply->integer);
    if (refusal)
        err_set(err, refusal->kind, "%s", refusal->text);
    else if (reply->integer < 0)
        err_set(err, ERR_BUG, "%s answered %lld", ask->script, reply->integer);
    else
        return 0;
    return ask->tried ? err_wrap(err, "cannot %s", ask->tried) : -1;
}

static const struct refusal *find_refusal(const char *script, long long code)
{
    for (size_t i = 0; i < COUNT(refusals); i++)
        if (refusals[i].code == code &&
            (!refusals[i].script || strcmp(refusals[i].script, script) == 0))
            return &refusals[i];
    return NULL;
}

bool ask_was_last(struct ask *ask, const struct err *err)
{
    if (err && !ask->failed) {
        ask->failed = true;
        ask->err = *err;
    }
    return --ask->open == 0;
}

int64_t ask_number(const redisReply *reply)
{
    int64_t number = 0;

    if (reply->type == REDIS_REPLY_INTEGER)
        return reply->integer;
    if (reply->type == REDIS_REPLY_STRING)
        number_read(reply->str, 0, INT64_C(1) << 53, &number);
    return number;
}

int64_t ask_score(const redisReply *reply, double steps)
{
    const double most = (double)(INT64_C(1) << 53);
    double score = reply->type == REDIS_REPLY_STRING ? strtod(reply->str, NULL) / steps : 0;

    return score > 0 ? (int64_t)fmin(score, most) : 0;
}
