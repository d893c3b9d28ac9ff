/* script.c -- see script.h. A call keeps its command in RESP form until it is answered:
 * when the script is unknown, the same arguments go out once more behind its text. */
#include "queue/script.h"

#include <assert.h>
#include <event2/buffer.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/count.h"
#include "lib/mem.h"
#include "queue/command.h"
#include "queue/scripts.h"

struct script_call {
    struct redis *redis;
    const struct script_source *source;
    int argc;
    char *command; /* EVALSHA */
    size_t len;
    bool whole; /* the text has been sent, too */
    redis_replied *replied;
    void *arg;
};

static const struct script_source *find(const char *name);
static void called(void *arg, const redisReply *reply, const struct err *err);
static void send_whole(struct script_call *call);

void script_arg(struct script_args *args, const char *text)
{
    script_arg_bytes(args, text, strlen(text));
}

void script_arg_bytes(struct script_args *args, const char *at, size_t len)
{
    assert(args->count < (int)COUNT(args->at));
    args->at[args->count] = at;
    args->len[args->count++] = len;
}

void script_arg_int(struct script_args *args, long long value)
{
    script_arg(args, arena_printf(args->arena, "%lld", value));
}

void script_call(struct redis *redis, const char *name, const struct script_args *args,
                 redis_replied *replied, void *arg)
{
    struct script_call *call = xcalloc(1, sizeof *call);
    const char *argv[3 + COUNT(args->at)];
    size_t lens[3 + COUNT(args->at)];
    char keys[12];

    call->redis = redis;
    call->source = find(name);
    call->argc = 3 + args->count;
    call->replied = replied;
    call->arg = arg;
    argv[0] = "EVALSHA";
    argv[1] = call->source->digest;
    argv[2] = keys;
    lens[0] = strlen(argv[0]);
    lens[1] = strlen(argv[1]);
    lens[2] = (size_t)snprintf(keys, sizeof keys, "%d", call->source->keys);
    memcpy(argv + 3, args->at, sizeof *args->at * (size_t)args->count);
    memcpy(lens + 3, args->len, sizeof *args->len * (size_t)args->count);
    call->command = command_write((size_t)call->argc, argv, lens, &call->len);
    redis_send(redis, call->command, call->len, 0, called, call);
}

static const struct script_source *find(const char *name)
{
    const struct script_source *source = script_sources;

    while (source->name && strcmp(source->name, name) != 0)
        source++;
    assert(source->name);
    return source;
}

static void called(void *arg, const redisReply *reply, const struct err *err)
{
    struct script_call *call = arg;

    if (err && !call->whole && redis_said(err, "NOSCRIPT")) {
        send_whole(call);
        return;
    }
    call->replied(call->arg, reply, err);
    free(call->command);
    free(call);
}

/* EVAL in place of EVALSHA, the text in place of its digest: one command, so that nobody
 * can make Redis forget the script between its loading and its call. Redis keeps it for the
 * next. */
static void send_whole(struct script_call *call)
{
    const char *text = call->source->text, *digest = call->source->digest;
    const char *rest = strstr(call->command, digest) + strlen(digest);
    size_t rest_len = call->len - (size_t)(rest - call->command);
    struct evbuffer *whole = evbuffer_new();

    call->whole = true;
    evbuffer_add_printf(whole, "*%d\r\n$4\r\nEVAL\r\n$%zu\r\n%s", call->argc, strlen(text),
                        text);
    evbuffer_add(whole, rest, rest_len);
    redis_send(call->redis, (const char *)evbuffer_pullup(whole, -1),
               evbuffer_get_length(whole), 0, called, call);
    evbuffer_free(whole);
}
