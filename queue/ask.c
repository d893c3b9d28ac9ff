/* ask.c -- see ask.h. */
#include "queue/ask.h"

struct ask *ask_new(struct queue *queue, void *arg)
{
    struct arena *arena = arena_new();
    struct ask *ask = arena_alloc(arena, sizeof *ask);

    ask->arena = arena;
    ask->queue = queue;
    ask->arg = arg;
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

void ask_send(struct ask *ask, const char *script, redis_replied *replied)
{
    script_call(ask->queue->redis, script, &ask->args, replied, ask);
    for (size_t i = 0; i < COUNT(ask->packs); i++)
        pack_free(&ask->packs[i]);
}

void ask_free(struct ask *ask)
{
    arena_free(ask->arena);
}

/* Negative integers are refusals: BullMQ's numbers. */
int ask_refused(const redisReply *reply, struct err *err)
{
    static const struct {
        int code;
        enum err_kind kind;
        const char *text;
    } refusals[] = {
        {-1, ERR_MISSING, "the job is gone"},
        {-2, ERR_INVALID, "the job's lock has expired"},
        {-3, ERR_INVALID, "the job is not in the state it should be in"},
        {-4, ERR_INVALID, "the job has children that have not ended"},
        {-5, ERR_MISSING, "the job's parent is gone"},
        {-6, ERR_INVALID, "another worker has locked the job"},
        {-7, ERR_INVALID, "the job already has another parent"},
        {-8, ERR_INVALID, "the job is the next run of a scheduler"},
        {-9, ERR_INVALID, "the job has children that failed"},
    };

    if (reply->type != REDIS_REPLY_INTEGER || reply->integer >= 0)
        return 0;
    for (size_t i = 0; i < COUNT(refusals); i++)
        if (refusals[i].code == reply->integer)
            return err_set(err, refusals[i].kind, "%s", refusals[i].text);
    return err_set(err, ERR_BUG, "a script answered %lld", reply->integer);
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
