/* replies.c -- the functions with which a hiredis reader makes its objects. The outermost
 * part of a reply brings the arena, and each part knows it, so that those inside find it:
 * there is nothing to remember between two calls, nor beside the reply.
 */
#include "queue/replies.h"

#include <string.h>

#include "lib/arena.h"

/* A list costs memory before any of its elements has come, and to ask for too much aborts.
 * Untouched memory is mere addresses; a reply with as many parts would take gigabytes. */
enum { ELEMENTS_MAX = 1 << 24 };

#if HIREDIS_MAJOR >= 1
typedef size_t element_count;
#else
typedef int element_count; /* of this hiredis, which knows RESP2 only */
#endif

struct part {
    redisReply reply; /* first: who reads a reply knows no more than this */
    struct arena *arena;
};

static void *text_made(const redisReadTask *task, char *text, size_t len);
static void *list_made(const redisReadTask *task, element_count count);
static void *integer_made(const redisReadTask *task, long long integer);
static void *nil_made(const redisReadTask *task);
#if HIREDIS_MAJOR >= 1
static void *double_made(const redisReadTask *task, double number, char *text, size_t len);
static void *bool_made(const redisReadTask *task, int truth);
#endif
static struct part *part_new(const redisReadTask *task, int type);
static void freed(void *reply);

redisReader *replies_reader(void)
{
    static redisReplyObjectFunctions functions = {
        .createString = text_made,
        .createArray = list_made,
        .createInteger = integer_made,
        .createNil = nil_made,
#if HIREDIS_MAJOR >= 1
        .createDouble = double_made,
        .createBool = bool_made,
#endif
        .freeObject = freed,
    };

    return redisReaderCreateWithFunctions(&functions);
}

/* Also errors, statuses and numbers that are too big for one. */
static void *text_made(const redisReadTask *task, char *text, size_t len)
{
    struct part *part = part_new(task, task->type);

#if HIREDIS_MAJOR >= 1
    if (task->type == REDIS_REPLY_VERB) { /* "txt:", and the reader has seen that it is */
        memcpy(part->reply.vtype, text, 3);
        text += 4;
        len -= 4;
    }
#endif
    part->reply.str = arena_copy(part->arena, text, len);
    part->reply.len = len;
    return part;
}

/* Those inside come afterwards, and enter themselves. */
static void *list_made(const redisReadTask *task, element_count count)
{
    size_t elements = (size_t)count;
    struct part *part;

    if (elements > ELEMENTS_MAX)
        return NULL; /* the reader gives up, with "Out of memory" */
    part = part_new(task, task->type);
    part->reply.elements = elements;
    if (elements)
        part->reply.element = arena_cut(part->arena, elements * sizeof(redisReply *));
    return part;
}

static void *integer_made(const redisReadTask *task, long long integer)
{
    struct part *part = part_new(task, REDIS_REPLY_INTEGER);

    part->reply.integer = integer;
    return part;
}

/* A text or a list that is not there: the task's type is theirs. */
static void *nil_made(const redisReadTask *task)
{
    return part_new(task, REDIS_REPLY_NIL);
}

#if HIREDIS_MAJOR >= 1
static void *double_made(const redisReadTask *task, double number, char *text, size_t len)
{
    struct part *part = text_made(task, text, len);

    part->reply.dval = number;
    return part;
}

static void *bool_made(const redisReadTask *task, int truth)
{
    struct part *part = part_new(task, REDIS_REPLY_BOOL);

    part->reply.integer = truth != 0;
    return part;
}
#endif

static struct part *part_new(const redisReadTask *task, int type)
{
    const struct part *list = task->parent ? task->parent->obj : NULL;
    struct arena *arena = list ? list->arena : arena_new();
    struct part *part = arena_cut(arena, sizeof *part);

    *part = (struct part){.reply.type = type, .arena = arena};
    if (list)
        list->reply.element[task->idx] = &part->reply;
    return part;
}

/* The reader has only the outermost part to give back. */
static void freed(void *reply)
{
    reply_free(reply);
}

void reply_free(redisReply *reply)
{
    if (reply)
        arena_free(((struct part *)reply)->arena);
}
