/* operator_fixture.h -- a queue of a real redis-server, and what an operator's verb
 * answered. */
#ifndef TESTS_SUPPORT_OPERATOR_FIXTURE_H
#define TESTS_SUPPORT_OPERATOR_FIXTURE_H

#include "tests/support/unit.h"

#include <signal.h>

#include "lib/clock.h"
#include "lib/count.h"
#include "queue/admin.h"
#include "queue/survey.h"
#include "tests/support/loop.h"
#include "tests/support/redis_server.h"

static struct redis_server server;
static struct event_base *base;
static struct redis *redis;
static struct queue *queue;

/* What the hearers heard. */
static struct heard {
    bool called, failed;
    struct err err;
    enum queue_state state;
    int64_t count;
    char text[512]; /* what was listed, one after the other */
    struct queue_status status;
    struct queue_metrics completed, failures;
    struct queue_details details; /* without what it points to */
} heard;

static inline void hear(const struct err *err)
{
    heard.called = true;
    heard.failed = err;
    if (err)
        heard.err = *err;
}

static inline void hear_done(void *arg, const struct err *err)
{
    hear(err);
}

static inline void hear_counted(void *arg, int64_t count, const struct err *err)
{
    hear(err);
    heard.count = count;
}

static inline void hear_found(void *arg, enum queue_state state, const struct err *err)
{
    hear(err);
    heard.state = state;
}

static inline void note(const char *text)
{
    size_t len = strlen(heard.text);

    snprintf(heard.text + len, sizeof heard.text - len, "%s%s", len ? " " : "", text);
}

static inline void hear_listed(void *arg, const struct job *const *jobs, size_t count,
                               const struct err *err)
{
    hear(err);
    heard.count = (int64_t)count;
    for (size_t i = 0; i < count; i++)
        note(jobs[i]->id);
}

static inline void hear_surveyed(void *arg, const struct queue_status *status,
                                 const struct err *err)
{
    hear(err);
    if (!err)
        heard.status = *status;
}

static inline void hear_prioritized(void *arg, const struct queue_priority *priorities,
                                    size_t count, const struct err *err)
{
    char text[64];

    hear(err);
    for (size_t i = 0; i < count; i++) {
        snprintf(text, sizeof text, "%lld:%lld", (long long)priorities[i].priority,
                 (long long)priorities[i].count);
        note(text);
    }
}

static inline void hear_workers(void *arg, const struct queue_worker *workers, size_t count,
                                const struct err *err)
{
    hear(err);
    for (size_t i = 0; i < count; i++)
        note(workers[i].name);
}

static inline void hear_schedulers(void *arg, const struct queue_scheduler *schedulers,
                                   size_t count, const struct err *err)
{
    char text[128];

    hear(err);
    heard.count = (int64_t)count;
    for (size_t i = 0; i < count; i++) {
        snprintf(text, sizeof text, "%s/%s/%s/%s/%lld/%lld/%lld", schedulers[i].id,
                 schedulers[i].name, schedulers[i].pattern, schedulers[i].zone,
                 (long long)schedulers[i].every_ms, (long long)schedulers[i].next_ms,
                 (long long)schedulers[i].runs);
        note(text);
    }
}

static inline void hear_metrics(void *arg, const struct queue_metrics *completed,
                                const struct queue_metrics *failed, const struct err *err)
{
    hear(err);
    heard.completed = *completed;
    heard.failures = *failed;
}

static inline void hear_details(void *arg, const struct queue_details *details,
                                const struct err *err)
{
    hear(err);
    if (err)
        return;
    heard.details = *details;
    note(details->job->name);
    for (size_t i = 0; i < details->logs.count; i++)
        note(details->logs.at[i].at);
    for (size_t i = 0; i < details->pending.count; i++)
        note(details->pending.at[i].at);
}

/* Wait for the one callback that every verb promises. */
static inline void answer(void)
{
    assert_true(loop_until(base, &heard.called, 5000));
}

static inline void good(void)
{
    answer();
    if (heard.failed)
        fail_msg("%s", heard.err.text);
}

static inline void bad(enum err_kind kind, const char *text)
{
    answer();
    assert_true(heard.failed);
    assert_string_equal(heard.err.text, text);
    assert_int_equal(heard.err.kind, kind);
}

static inline void forget(void)
{
    memset(&heard, 0, sizeof heard);
}

#define tell(...)  freeReplyObject(redis_server_ask(&server, __VA_ARGS__))
#define count(...) redis_server_count(&server, __VA_ARGS__)

/* Put a job where its state says, the way BullMQ has it. */
static inline void put(const char *id, enum queue_state state, int64_t timestamp)
{
    const char *key = queue_state_key(state);

    tell("HSET bull:q:%s name n%s data {} opts {} timestamp %lld", id, id,
         (long long)timestamp);
    if (state == STATE_WAITING || state == STATE_ACTIVE)
        tell("LPUSH bull:q:%s %s", key, id);
    else if (state == STATE_DELAYED)
        tell("ZADD bull:q:delayed %lld %s", (long long)timestamp * 4096, id);
    else
        tell("ZADD bull:q:%s %lld %s", key, (long long)timestamp, id);
    if (state == STATE_COMPLETED || state == STATE_FAILED)
        tell("HSET bull:q:%s finishedOn %lld %s x", id, (long long)timestamp,
             state == STATE_FAILED ? "failedReason" : "returnvalue");
}

/* The same for many, with one command a portion. */
static inline void put_many(enum queue_state state, int many)
{
    tell(
        "EVAL %s 0 %s %d",
        "for i = 1, tonumber(ARGV[2]) do local id = 'm' .. i "
        "redis.call('HSET', 'bull:q:' .. id, 'name', 'n', 'timestamp', 1, 'finishedOn', 1) "
        "redis.call('ZADD', 'bull:q:' .. ARGV[1], i, id) end",
        queue_state_key(state), many);
}

static inline void hear_linked(void *arg, const struct err *err)
{
    *(bool *)arg = !err;
}

static inline int set_up_all(void **state)
{
    const struct queue_config config = {.prefix = "bull", .name = "q"};
    struct redis_config link = {.deadline_ms = 5000};
    bool ready = false;
    struct err err;

    redis_server_start(&server, NULL, NULL);
    base = event_base_new();
    link.url = server.url;
    redis = redis_new(base, &link, hear_linked, &ready, &err);
    queue = queue_new(redis, &config, &err);
    return queue && loop_until(base, &ready, 5000) ? 0 : -1;
}

static inline int tear_down_all(void **state)
{
    redis_free(redis);
    queue_free(queue);
    event_base_free(base);
    redis_server_free(&server);
    return 0;
}

static inline int set_up(void **state)
{
    tell("FLUSHALL");
    forget();
    return 0;
}

#endif
